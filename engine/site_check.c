/* Checks of a target: its own, its group's and the site's; timing inherited; probe options filled.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

#define DAY_MS (24.0 * 3600 * 1000)

static const char *const priorities[] = {"P1", "P2", "P3", "P4", NULL};

struct check_row {
    char *id, *probe;
    struct option_thresholds thresholds;
    int64_t interval_ms, retry_ms, timeout_ms, freshness_ms, attempts, ok_confirm;
    int priority;
    bool is_host;
};
#define ROW(field) .offset = offsetof(struct check_row, field)

const struct option site_check_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .help = "the check's name; the probe kind's if left out"},
    {.name = "probe",
     .type = OPTION_STRING,
     ROW(probe),
     .flags = OPTION_REQUIRED,
     .help = "the kind of probe, such as http, tcp, exec"},
    {.name = "thresholds",
     .type = OPTION_THRESHOLDS,
     ROW(thresholds),
     .help = "from which value on a metric is a WARNING or CRITICAL"},
    {.name = "host_check",
     .type = OPTION_BOOL,
     ROW(is_host),
     .help = "the target itself answers by it: while it is CRITICAL, its other checks and what has "
             "the target as parent stand behind it; without it the target's icmp check"},
    {0}};
const struct option site_timing_options[] = {
    {.name = "interval",
     .type = OPTION_DURATION,
     ROW(interval_ms),
     .min = 100,
     .max = 30 * DAY_MS,
     .fallback = "\"30s\"",
     .help = "from one run to the next"},
    {.name = "retry",
     .type = OPTION_DURATION,
     ROW(retry_ms),
     .min = 100,
     .max = DAY_MS,
     .help = "the same while a problem is not confirmed; 10s, or the interval if that is shorter"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     ROW(timeout_ms),
     .min = 10,
     .max = 600000,
     .fallback = "\"5s\"",
     .help = "after which a run counts as failed"},
    {.name = "freshness",
     .type = OPTION_DURATION,
     ROW(freshness_ms),
     .min = 100,
     .max = 30 * DAY_MS,
     .help = "after which a result is too old; twice the interval and the timeout if left out"},
    {.name = "attempts",
     .type = OPTION_INT,
     ROW(attempts),
     .min = 1,
     .max = 100,
     .fallback = "3",
     .help = "bad results in a row that confirm a problem"},
    {.name = "ok_confirm",
     .type = OPTION_INT,
     ROW(ok_confirm),
     .min = 1,
     .max = 100,
     .fallback = "2",
     .help = "good results in a row that end a confirmed problem"},
    {.name = "priority",
     .type = OPTION_CHOICE,
     ROW(priority),
     .choices = priorities,
     .fallback = "\"P3\"",
     .help = "what CRITICAL means; WARNING and UNKNOWN count one lower"},
    {0}};
enum { RETRY_DEFAULT_MS = 10000 };

static void take_timing(struct check *c, const struct check_row *row)
{
    int64_t retry = row->interval_ms < RETRY_DEFAULT_MS ? row->interval_ms : RETRY_DEFAULT_MS;
    c->rule = (struct rule_config){.interval_ms = row->interval_ms,
                                   .retry_ms = row->retry_ms != 0 ? row->retry_ms : retry,
                                   .timeout_ms = row->timeout_ms,
                                   .freshness_ms = row->freshness_ms,
                                   .attempts = (int)row->attempts,
                                   .ok_confirm = (int)row->ok_confirm};
    c->priority = (enum priority)(PRIORITY_P1 + row->priority);
}

void site_check_timing(struct site_loader *l, const struct option_layer *layer)
{
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    struct check_row row = {0};
    option_fill(&r, site_timing_options, &row, layer, 1);
    option_release(site_timing_options, &row);
}

static void tell_unknown_kind(struct site_loader *l, const struct place *at, const char *kind)
{
    struct nearest close = NEAREST_INIT(kind);
    struct buf known = BUF_INIT(256);
    for (size_t i = 0; probe_types[i] != NULL; i++) {
        nearest_try(&close, probe_types[i]->name);
        buf_addf(&known, "%s%s", i > 0 ? ", " : "", probe_types[i]->name);
    }
    if (close.best != NULL)
        site_errorf(l, at, "unknown kind of probe \"%.64s\"; did you mean \"%s\"?", kind,
                    close.best);
    else
        site_errorf(l, at, "unknown kind of probe \"%.64s\"; there are: %s", kind,
                    buf_text(&known));
    buf_release(&known);
}

/* The kind's own options; the spec is the site's from here on. */
static void add_spec(struct site_loader *l, struct check *c, const struct probe_type *type,
                     const struct option_layer *layer, const struct site_names *names)
{
    struct option_reader r = site_reader(l, names, false);
    struct check_spec *s = mem_alloc(sizeof *s);
    struct err e;
    r.absent = site_note_absent;
    s->check = c;
    s->type = type;
    s->config = mem_alloc(type->config_size);
    if (option_fill(&r, type->options, s->config, layer, 1) && type->configure != NULL &&
        !type->configure(s->config, &e))
        site_error_at(l, layer->at, e.text);
    s->absent = l->absent;
    l->absent = NULL;
    c->spec = s;
    *l->last_spec = s;
    l->last_spec = &s->next;
}

static bool has_threshold(const struct option_thresholds *t, const char *metric)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->v[i].metric, metric) == 0)
            return true;
    return false;
}

/* What the kind itself finds bad, where the check says nothing of that metric. */
static void add_kinds_thresholds(struct option_thresholds *t, const struct probe_type *type)
{
    for (const struct threshold *k = type->thresholds; k != NULL && k->metric != NULL; k++) {
        if (has_threshold(t, k->metric))
            continue;
        t->v = mem_grow(t->v, t->n + 1, sizeof *t->v);
        t->v[t->n] = *k;
        t->v[t->n++].metric = mem_strdup(k->metric);
    }
}

/* A window of one result is none. */
static void check_windows(struct site_loader *l, const struct check *c, const struct check_spec *s,
                          const struct place *check)
{
    struct place thresholds = PLACE_KEY(check, "thresholds");
    char over[WHEN_TEXT_MAX], interval[WHEN_TEXT_MAX];
    for (size_t i = 0; i < s->thresholds.n; i++) {
        const struct threshold *t = &s->thresholds.v[i];
        struct place metric = PLACE_KEY(&thresholds, t->metric), at = PLACE_KEY(&metric, "over");
        if (t->over_ms > 0 && t->over_ms < 2 * c->rule.interval_ms)
            site_errorf(
                l, &at, "found %s, expected at least twice the check's interval, which is %s",
                when_duration(t->over_ms, over), when_duration(c->rule.interval_ms, interval));
    }
}

/* How long a run may take, and how many a day may cost, is the kind's to say. */
static void take_proof(struct site_loader *l, struct check *c, struct check_spec *s,
                       const struct place *check)
{
    char most[WHEN_TEXT_MAX], interval[WHEN_TEXT_MAX];
    int64_t interval_ms = c->rule.interval_ms, daily;
    if (s->type->deadline == NULL || s->config == NULL)
        return;
    s->proof_ms = s->type->deadline(s->config);
    daily = s->type->daily != NULL ? s->type->daily(s->config) : 0;
    c->rule.retry_ms = interval_ms;
    when_duration(s->proof_ms, most);
    when_duration(interval_ms, interval);
    if (s->proof_ms > interval_ms)
        site_errorf(l, check,
                    "a message may take %s, but the next is sent after %s: expected an interval "
                    "that is no shorter",
                    most, interval);
    else if (daily > 0 && (daily + 1) * interval_ms < PROOF_DAY_MS)
        site_errorf(l, check,
                    "one message every %s makes %lld a day, but \"daily\" allows %lld: expected a "
                    "longer interval or more of them",
                    interval, (long long)(PROOF_DAY_MS / interval_ms), (long long)daily);
}

static void tell_second(struct site_loader *l, const struct target *t, const struct place *at,
                        const char *name)
{
    site_errorf(l, at, "found a second check \"%.128s\" of \"%s\", expected each name once", name,
                t->id);
}

static void take_host(struct site_loader *l, struct check *c, const struct check_row *row,
                      const struct place *check)
{
    struct place at = PLACE_KEY(check, "host_check");
    for (size_t i = 0; row->is_host && i < c->target->n_checks; i++)
        if (c->target->checks[i]->is_host)
            site_errorf(l, &at, "\"%s\" is the host check of \"%.128s\" already, expected one",
                        c->target->checks[i]->name, c->target->id);
    c->is_host = row->is_host;
}

static void make_check(struct site_loader *l, struct target *t, struct check_row *row,
                       const struct probe_type *type, const struct option_layer *layer,
                       const struct site_names *names)
{
    struct place id = PLACE_KEY(layer->at, "id");
    const char *name = row->id != NULL ? row->id : type->name;
    if (!text_is_name(name) || strlen(t->id) + 1 + strlen(name) > TEXT_MAX_NAME) {
        site_errorf(l, &id,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\"; together "
                    "with the target's at most %d",
                    name, TEXT_MAX_NAME);
        return;
    }
    size_t n_before = t->n_checks;
    struct check *c = fleet_add_check(l->site->fleet, t, name);
    if (t->n_checks == n_before) {
        tell_second(l, t, layer->at, name);
        return;
    }
    mem_set(&c->probe, type->name);
    take_timing(c, row);
    take_host(l, c, row, layer->at);
    add_spec(l, c, type, layer, names);
    struct check_spec *s = c->spec;
    take_proof(l, c, s, layer->at);
    s->thresholds = row->thresholds;
    row->thresholds = (struct option_thresholds){0};
    add_kinds_thresholds(&s->thresholds, type);
    check_windows(l, c, s, layer->at);
    s->windows = windows_new(s->thresholds.v, s->thresholds.n);
}

/* overlays, the check itself, then what the target inherits: who decides the timing */
static void fill_timing(const struct option_reader *r, struct check_row *row,
                        const struct site_layers *layers, const struct option_layer *self)
{
    struct option_layer all[OPTION_LAYERS_MAX + 1];
    size_t n = layers->n_overlays;
    memcpy(all, layers->v, n * sizeof *all);
    all[n] = *self;
    memcpy(all + n + 1, layers->v + n, (layers->n - n) * sizeof *all);
    option_fill(r, site_timing_options, row, all, layers->n + 1);
}

static void read_check(struct site_loader *l, struct target *t, const struct option_layer *self,
                       const struct site_layers *layers, const struct site_names *names)
{
    struct option_reader r = site_reader(l, names, true);
    struct check_row row = {0};
    struct place probe = PLACE_KEY(self->at, "probe");
    option_fill(&r, site_check_options, &row, self, 1);
    const struct probe_type *type = row.probe != NULL ? probe_find(row.probe) : NULL;
    if (type != NULL) {
        const struct option *const tables[] = {site_check_options, site_timing_options,
                                               type->options};
        option_check_keys(&r, self, tables, 3);
        fill_timing(&r, &row, layers, self);
        make_check(l, t, &row, type, self, names);
    } else if (row.probe != NULL) {
        tell_unknown_kind(l, &probe, row.probe);
    }
    option_release(site_check_options, &row);
    option_release(site_timing_options, &row);
}

/* The name as it stands, or the kind's; NULL if neither is a string (told elsewhere). */
static const char *name_in_file(const struct jval *check)
{
    const char *id = jval_get_str(check, "id");
    return id != NULL ? id : jval_get_str(check, "probe");
}

/* Does a layer nearer to the target have a check of that name? */
static bool is_replaced(const struct site_layers *layers, size_t layer, const char *name)
{
    for (size_t i = layers->n_overlays; name != NULL && i < layer; i++) {
        const struct jval *list = jval_get(layers->v[i].object, "checks");
        for (size_t k = 0; jval_type(list) == JVAL_ARRAY && k < jval_len(list); k++) {
            const char *other = name_in_file(jval_at(list, k));
            if (other != NULL && strcmp(other, name) == 0)
                return true;
        }
    }
    return false;
}

/* Does an overlay leave it out? */
static bool is_left_out(const struct site_layers *layers, const char *name)
{
    for (size_t i = 0; name != NULL && i < layers->n_overlays; i++) {
        const struct jval *without = jval_get(layers->v[i].object, "without");
        if (jval_str(without) != NULL && strcmp(jval_str(without), name) == 0)
            return true;
        for (size_t k = 0; jval_type(without) == JVAL_ARRAY && k < jval_len(without); k++) {
            const char *one = jval_str(jval_at(without, k));
            if (one != NULL && strcmp(one, name) == 0)
                return true;
        }
    }
    return false;
}

static void read_list(struct site_loader *l, struct target *t, const struct site_layers *layers,
                      size_t layer, const struct site_names *names)
{
    const struct jval *list = jval_get(layers->v[layer].object, "checks");
    struct place at = PLACE_KEY(layers->v[layer].at, "checks");
    if (list != NULL && jval_type(list) != JVAL_ARRAY)
        site_errorf(l, &at, "found %s, expected an array of checks",
                    jval_type_name(jval_type(list)));
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        struct option_layer self = {jval_at(list, i), &item};
        if (jval_type(self.object) != JVAL_OBJECT)
            site_errorf(l, &item, "found %s, expected an object",
                        jval_type_name(jval_type(self.object)));
        else if (!is_replaced(layers, layer, name_in_file(self.object)) &&
                 !is_left_out(layers, name_in_file(self.object)))
            read_check(l, t, &self, layers, names);
    }
}

/* What all targets have comes first, what only this one has last. */
void site_read_checks(struct site_loader *l, struct target *t, const struct site_layers *layers,
                      const struct site_names *names)
{
    for (size_t i = layers->n; i-- > layers->n_overlays;)
        read_list(l, t, layers, i, names);
}
