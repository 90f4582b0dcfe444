/* wire.c - see wire.h; writing first, then documents, then reading.
 *
 * A target or check has three layers: what changes all the time; what the site file says
 * (WIRE_STATIC); what only a fresh mirror needs (WIRE_TREND).  An alert always travels whole. */
#include "engine/wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/text.h"
#include "engine/event_json.h"

/* --- writing ---------------------------------------------------------------------------------- */

/* Microseconds are enough: a shorter number, and the same one on every machine. */
static struct jval *ms_json(double ms)
{
    return ms < 0 ? jval_new_null() : jval_new_num(round(ms * 1000) / 1000);
}

static struct jval *words_json(const struct words *w)
{
    if (w->vi == NULL && w->en == NULL)
        return jval_new_null();
    struct jval *j = jval_object();
    if (w->vi != NULL)
        jval_set_str(j, "vi", w->vi);
    if (w->en != NULL)
        jval_set_str(j, "en", w->en);
    return j;
}

static struct jval *strings_json(char *const *v, size_t n)
{
    struct jval *j = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(j, jval_new_str(v[i]));
    return j;
}

static const char *priority_text(enum priority p)
{
    return p == PRIORITY_NONE ? NULL : priority_name(p);
}

static void set_target_static(struct jval *j, const struct target *t)
{
    jval_set(j, "name", words_json(&t->name));
    jval_set_str(j, "kind", target_kind_names[t->kind]);
    jval_set_str(j, "group", t->group);
    jval_set_str(j, "address", t->address);
    jval_set_str(j, "runbook", t->runbook);
    jval_set_str(j, "org", t->org);
    jval_set_str(j, "env", t->is_test ? "test" : "production");
    jval_set_str(j, "link", link_names[t->link]);
    jval_set_bool(j, "enabled", !t->is_disabled);
    struct jval *labels = jval_object();
    for (size_t i = 0; i < t->n_labels; i++)
        jval_set_str(labels, t->labels[i].key, t->labels[i].value);
    jval_set(j, "labels", labels);
    jval_set(j, "parents", strings_json(t->parents, t->n_parents));
    jval_set(j, "tags", strings_json(t->tags, t->n_tags));
}

struct jval *wire_target(const struct target *t, int flags)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", t->id);
    if (flags & WIRE_STATIC)
        set_target_static(j, t);
    jval_set_str(j, "state", state_rows[t->state].name);
    jval_set_time(j, "since", t->since_ms);
    return j;
}

static void set_check_static(struct jval *j, const struct check *c)
{
    jval_set_str(j, "probe", c->probe);
    jval_set_str(j, "priority", priority_text(c->priority));
    jval_set_int(j, "interval_ms", c->rule.interval_ms);
    jval_set_int(j, "retry_ms", c->rule.retry_ms);
    jval_set_int(j, "timeout_ms", c->rule.timeout_ms);
    jval_set_int(j, "freshness_ms", c->rule.freshness_ms);
    jval_set_int(j, "attempts", c->rule.attempts);
    jval_set_int(j, "ok_confirm", c->rule.ok_confirm);
}

/* Buckets up to the newest, without the empty ones at the head: a young engine sends little. */
static struct jval *trend_json(const struct trend *t)
{
    size_t first = 0;
    while (first < TREND_LEN && t->worst[first] == STATE_PENDING)
        first++;
    if (first == TREND_LEN)
        return jval_new_null();
    char symbols[TREND_LEN + 1] = "";
    struct jval *latency = jval_array();
    for (size_t i = first; i < TREND_LEN; i++) {
        symbols[i - first] = state_rows[t->worst[i]].symbol;
        double ms = (double)t->latency_ms[i];
        jval_append(latency, ms < 0 ? jval_new_null() : jval_new_num(round(ms * 100) / 100));
    }
    struct jval *j = jval_object();
    jval_set_int(j, "bucket", t->bucket);
    jval_set_int(j, "n", t->n);
    jval_set_str(j, "worst", symbols);
    jval_set(j, "latency_ms", latency);
    return j;
}

struct jval *wire_metrics(const struct check *c)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < c->n_metrics; i++) {
        struct jval *m = jval_object();
        jval_set_str(m, "name", c->metrics[i].name);
        jval_set_num(m, "value", c->metrics[i].value);
        jval_set_str(m, "unit", c->metrics[i].unit);
        jval_append(list, m);
    }
    return list;
}

struct jval *wire_check(const struct check *c, int flags, int64_t now_mono_ms)
{
    struct jval *j = jval_object();
    jval_set_str(j, "check", c->id);
    jval_set_str(j, "target", c->target->id);
    if (flags & WIRE_STATIC)
        set_check_static(j, c);
    jval_set_str(j, "state", state_rows[check_shown(c)].name);
    jval_set_str(j, "last_state", state_rows[c->live.state].name);
    jval_set_str(j, "hard_state", state_rows[c->live.hard_state].name);
    jval_set_bool(j, "hard", c->live.is_hard);
    jval_set_int(j, "attempt", c->live.attempt);
    jval_set_bool(j, "no_result", c->live.is_no_result);
    jval_set_bool(j, "self", c->is_self);
    jval_set_time(j, "since", c->since_ms);
    jval_set_time(j, "at", c->at_ms);
    jval_set(j, "latency_ms", ms_json(c->latency_ms));
    event_json_set_say(j, "summary", "say", c->summary);
    jval_set(j, "metrics", wire_metrics(c));
    jval_set(j, "alert", c->alert == 0 ? jval_new_null() : jval_new_int((int64_t)c->alert));
    if (flags & WIRE_TREND)
        jval_set(j, "trend", trend_json(&c->trend));
    if (flags & WIRE_AGE)
        jval_set(j, "age_ms",
                 c->at_ms == 0 ? jval_new_null() : jval_new_int(now_mono_ms - c->seen_ms));
    return j;
}

static struct jval *ack_json(const struct ack *a)
{
    if (a->by == NULL)
        return jval_new_null();
    struct jval *j = jval_object();
    jval_set_str(j, "by", a->by);
    jval_set_time(j, "at", a->at_ms);
    jval_set_time(j, "until", a->until_ms);
    jval_set_str(j, "comment", a->comment);
    jval_set_str(j, "state", state_rows[a->at_state].name);
    return j;
}

struct jval *wire_alert(const struct alert *a)
{
    struct jval *j = jval_object();
    jval_set_int(j, "id", (int64_t)a->id);
    jval_set_str(j, "check", a->check);
    char *target = mem_strndup(a->check, strcspn(a->check, "/"));
    jval_set_str(j, "target", target);
    free(target);
    jval_set_int(j, "version", a->version);
    jval_set_str(j, "phase", alert_phase_names[a->phase]);
    jval_set_str(j, "state", state_rows[a->state].name);
    jval_set_str(j, "priority", priority_text(a->priority));
    jval_set_int(j, "level", a->level);
    jval_set_time(j, "opened_at", a->opened_at_ms);
    jval_set_time(j, "since", a->since_ms);
    jval_set_time(j, "resolved_at", a->resolved_at_ms);
    event_json_set_say(j, "summary", "say", a->summary);
    jval_set(j, "ack", ack_json(&a->ack));
    struct jval *notes = jval_array();
    for (size_t i = 0; i < a->n_notes; i++) {
        struct jval *n = jval_object();
        jval_set_str(n, "by", a->notes[i].by);
        jval_set_time(n, "at", a->notes[i].at_ms);
        jval_set_str(n, "text", a->notes[i].text);
        jval_append(notes, n);
    }
    jval_set(j, "notes", notes);
    return j;
}

static struct jval *site_json(const struct fleet *f)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", f->site_id);
    jval_set(j, "name", words_json(&f->site_name));
    jval_set_str(j, "language", f->language);
    jval_set_str(j, "timezone", f->timezone);
    jval_set_bool(j, "sample", f->is_sample);
    return j;
}

struct jval *wire_snapshot(const struct fleet *f)
{
    struct jval *j = jval_object();
    jval_set_int(j, "version", (int64_t)f->version);
    jval_set_int(j, "seq", (int64_t)f->seq);
    jval_set(j, "site", site_json(f));
    struct jval *groups = jval_array();
    for (size_t i = 0; i < f->n_groups; i++) {
        struct jval *g = jval_object();
        jval_set_str(g, "id", f->groups[i].id);
        jval_set(g, "name", words_json(&f->groups[i].name));
        jval_append(groups, g);
    }
    jval_set(j, "groups", groups);
    jval_set_int(j, "targets", (int64_t)f->n_targets);
    jval_set_int(j, "checks", (int64_t)f->n_checks);
    jval_set_int(j, "alerts", (int64_t)f->n_alerts);
    return j;
}

/* --- documents -------------------------------------------------------------------------------- */

static struct jval *counts_json(const struct fleet *f)
{
    size_t by_state[STATE_COUNT] = {0}, unacknowledged = 0;
    fleet_count_states(f, by_state);
    struct jval *states = jval_object();
    for (int s = 0; s < STATE_COUNT; s++)
        jval_set_int(states, state_rows[s].name, (int64_t)by_state[s]);
    struct jval *j = jval_object();
    jval_set_int(j, "targets", (int64_t)f->n_targets);
    jval_set_int(j, "checks", (int64_t)f->n_checks);
    jval_set(j, "states", states);
    jval_set_int(j, "open_alerts", (int64_t)fleet_count_open(f, &unacknowledged));
    jval_set_int(j, "unacknowledged", (int64_t)unacknowledged);
    return j;
}

struct jval *wire_status(const struct fleet *f, const struct wire_engine *engine)
{
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/status/1");
    jval_set_str(j, "site", f->site_id);
    jval_set_bool(j, "sample", f->is_sample);
    struct jval *who = jval_object();
    jval_set_int(who, "pid", engine->pid);
    jval_set_str(who, "version", engine->version);
    jval_set_time(who, "started_at", engine->started_at_ms);
    jval_set_time(who, "heartbeat_at", engine->heartbeat_at_ms);
    jval_set_str(who, "store", engine->store);
    jval_set(j, "engine", who);
    jval_set(j, "counts", counts_json(f));
    jval_set_str(j, "worst", state_rows[fleet_worst(f)].name);
    struct jval *targets = jval_array();
    for (size_t i = 0; i < f->n_targets; i++) {
        struct target *t = f->targets[i];
        struct jval *one = wire_target(t, WIRE_STATIC);
        struct jval *checks = jval_array();
        for (size_t k = 0; k < t->n_checks; k++)
            jval_append(checks, wire_check(t->checks[k], WIRE_STATIC, 0));
        jval_set(one, "checks", checks);
        jval_append(targets, one);
    }
    jval_set(j, "targets", targets);
    return j;
}

struct jval *wire_alerts(const struct fleet *f)
{
    struct alert **sorted = mem_alloc((f->n_alerts + 1) * sizeof(struct alert *));
    if (f->n_alerts > 0)
        memcpy(sorted, f->alerts, f->n_alerts * sizeof(struct alert *));
    qsort(sorted, f->n_alerts, sizeof(struct alert *), alert_compare);
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_alerts; i++)
        if (sorted[i]->phase == ALERT_FIRING)
            jval_append(list, wire_alert(sorted[i]));
    free(sorted);
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/alerts/1");
    jval_set_str(j, "site", f->site_id);
    jval_set(j, "alerts", list);
    return j;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool has(const struct jval *j, const char *key)
{
    return jval_get(j, key) != NULL;
}

static void read_str(const struct jval *j, const char *key, char **slot)
{
    if (has(j, key))
        mem_set(slot, jval_get_str(j, key));
}

static void read_time(const struct jval *j, const char *key, int64_t *at_ms)
{
    if (has(j, key))
        *at_ms = event_json_get_time(j, key);
}

static void read_int64(const struct jval *j, const char *key, int64_t *out)
{
    *out = jval_get_int(j, key, *out);
}

static void read_int(const struct jval *j, const char *key, int *out)
{
    *out = (int)jval_get_int(j, key, *out);
}

static void read_say(const struct jval *j, const char *text, char **slot)
{
    if (!has(j, text))
        return;
    free(*slot);
    *slot = event_json_get_say(j, text, "say");
}

static void read_words(const struct jval *j, const char *key, struct words *w)
{
    const struct jval *o = jval_get(j, key);
    if (o == NULL)
        return;
    mem_set(&w->vi, jval_get_str(o, "vi"));
    mem_set(&w->en, jval_get_str(o, "en"));
}

/* A name of one of `n` rows; absent leaves *out. */
static bool read_choice(const struct jval *j, const char *key, const char *const *names, int n,
                        int *out, struct err *e)
{
    const char *s = jval_get_str(j, key);
    if (s == NULL)
        return true;
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], s) == 0) {
            *out = i;
            return true;
        }
    return err_set(e, "unknown %s \"%s\" from the engine", key, s);
}

static bool read_state(const struct jval *j, const char *key, enum state *out, struct err *e)
{
    const char *s = jval_get_str(j, key);
    if (s == NULL || state_parse(s, out))
        return true;
    return err_set(e, "unknown %s \"%s\" from the engine", key, s);
}

static bool read_priority(const struct jval *j, enum priority *out, struct err *e)
{
    const char *s = jval_get_str(j, "priority");
    if (s == NULL || priority_parse(s, out))
        return true;
    return err_set(e, "unknown priority \"%s\" from the engine", s);
}

static void read_strings(const struct jval *j, const char *key, char ***v, size_t *n)
{
    const struct jval *list = jval_get(j, key);
    if (list == NULL)
        return;
    for (size_t i = 0; i < *n; i++)
        free((*v)[i]);
    free(*v);
    *n = jval_len(list);
    *v = *n > 0 ? mem_alloc(*n * sizeof **v) : NULL;
    for (size_t i = 0; i < *n; i++) {
        const char *s = jval_str(jval_at(list, i));
        (*v)[i] = mem_strdup(s != NULL ? s : "");
    }
}

static void read_labels(const struct jval *j, struct target *t)
{
    const struct jval *o = jval_get(j, "labels");
    if (o == NULL)
        return;
    for (size_t i = 0; i < t->n_labels; i++) {
        free(t->labels[i].key);
        free(t->labels[i].value);
    }
    free(t->labels);
    size_t n = jval_len(o);
    t->labels = n > 0 ? mem_alloc(n * sizeof *t->labels) : NULL;
    t->n_labels = 0;
    for (void *it = jval_first(o); it != NULL && t->n_labels < n; it = jval_next(o, it)) {
        const char *value = jval_str(jval_value(it));
        struct label *l = &t->labels[t->n_labels++];
        l->key = mem_strdup(jval_key(it));
        l->value = mem_strdup(value != NULL ? value : "");
    }
}

bool wire_read_target(struct fleet *f, const struct jval *j, struct err *e)
{
    const char *id = jval_get_str(j, "id");
    if (id == NULL)
        return err_set(e, "a target without \"id\" from the engine");
    struct target *t = fleet_add_target(f, id);
    read_words(j, "name", &t->name);
    read_str(j, "group", &t->group);
    read_str(j, "address", &t->address);
    read_str(j, "runbook", &t->runbook);
    read_str(j, "org", &t->org);
    const char *env = jval_get_str(j, "env");
    if (env != NULL)
        t->is_test = strcmp(env, "test") == 0;
    t->is_disabled = !jval_get_bool(j, "enabled", !t->is_disabled);
    read_labels(j, t);
    read_strings(j, "parents", &t->parents, &t->n_parents);
    read_strings(j, "tags", &t->tags, &t->n_tags);
    read_time(j, "since", &t->since_ms);
    int kind = (int)t->kind, link = (int)t->link;
    bool is_ok = read_choice(j, "kind", target_kind_names, TARGET_KIND_COUNT, &kind, e) &&
                 read_choice(j, "link", link_names, LINK_COUNT, &link, e) &&
                 read_state(j, "state", &t->state, e);
    t->kind = (enum target_kind)kind;
    t->link = (enum link_state)link;
    fleet_touch_target(f, t);
    return is_ok;
}

static void read_trend(const struct jval *j, struct trend *t)
{
    const struct jval *o = jval_get(j, "trend");
    if (o == NULL)
        return;
    const char *worst = jval_get_str(o, "worst");
    const struct jval *latency = jval_get(o, "latency_ms");
    size_t n = worst != NULL ? strlen(worst) : 0;
    if (n > TREND_LEN || jval_len(latency) != n)
        n = 0;
    for (size_t i = 0; i < TREND_LEN; i++) {
        t->latency_ms[i] = -1;
        t->worst[i] = STATE_PENDING;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = TREND_LEN - n + i;
        t->latency_ms[at] = (float)jval_num(jval_at(latency, i), -1);
        for (uint8_t s = 0; s < STATE_COUNT; s++)
            if (state_rows[s].symbol == worst[i])
                t->worst[at] = s;
    }
    t->bucket = jval_get_int(o, "bucket", 0);
    t->n = (uint32_t)jval_get_int(o, "n", 0);
}

static void read_metrics(const struct jval *j, struct check *c)
{
    const struct jval *list = jval_get(j, "metrics");
    if (list == NULL)
        return;
    for (size_t i = 0; i < c->n_metrics; i++) {
        free(c->metrics[i].name);
        free(c->metrics[i].unit);
    }
    free(c->metrics);
    size_t n = jval_len(list) < RESULT_METRICS_MAX ? jval_len(list) : RESULT_METRICS_MAX;
    c->metrics = n > 0 ? mem_alloc(n * sizeof *c->metrics) : NULL;
    c->n_metrics = n;
    for (size_t i = 0; i < n; i++) {
        const struct jval *m = jval_at(list, i);
        const char *name = jval_get_str(m, "name"), *unit = jval_get_str(m, "unit");
        c->metrics[i].name = mem_strdup(name != NULL ? name : "");
        c->metrics[i].unit = mem_strdup(unit != NULL ? unit : "");
        c->metrics[i].value = jval_get_num(m, "value", 0);
    }
}

static bool read_live(struct check *c, const struct jval *j, struct err *e)
{
    enum state shown = check_shown(c);
    bool is_ok = read_state(j, "state", &shown, e) &&
                 read_state(j, "last_state", &c->live.state, e) &&
                 read_state(j, "hard_state", &c->live.hard_state, e);
    c->live.is_stale = shown == STATE_STALE;
    c->live.is_hard = jval_get_bool(j, "hard", c->live.is_hard);
    c->live.is_no_result = jval_get_bool(j, "no_result", c->live.is_no_result);
    c->is_self = jval_get_bool(j, "self", c->is_self);
    read_int(j, "attempt", &c->live.attempt);
    read_time(j, "since", &c->since_ms);
    if (has(j, "latency_ms"))
        c->latency_ms = jval_get_num(j, "latency_ms", -1);
    if (has(j, "alert"))
        c->alert = (uint64_t)jval_get_int(j, "alert", 0);
    read_say(j, "summary", &c->summary);
    read_metrics(j, c);
    return is_ok;
}

/* A newer result than ours has been told: its age, and, where no trend came along, its dot. */
static void read_at(struct check *c, const struct jval *j, int64_t now_mono_ms)
{
    int64_t before = c->at_ms;
    read_time(j, "at", &c->at_ms);
    if (c->at_ms != 0 && has(j, "age_ms"))
        c->seen_ms = now_mono_ms - jval_get_int(j, "age_ms", 0);
    if (has(j, "trend"))
        read_trend(j, &c->trend);
    else if (c->at_ms != before && c->at_ms != 0)
        trend_add(&c->trend, c->at_ms, c->latency_ms, c->live.state);
}

bool wire_read_check(struct fleet *f, const struct jval *j, int64_t now_mono_ms, struct err *e)
{
    const char *id = jval_get_str(j, "check");
    const char *slash = id != NULL ? strchr(id, '/') : NULL;
    if (slash == NULL)
        return err_set(e, "a check without \"check\" from the engine");
    char *target_id = mem_strndup(id, (size_t)(slash - id));
    struct target *t = fleet_target(f, target_id);
    free(target_id);
    if (t == NULL)
        return err_set(e, "check \"%s\" of an unknown target from the engine", id);
    /* What state the target is in, and since when, the engine says itself: it sees all checks. */
    enum state target_state = t->state;
    int64_t target_since_ms = t->since_ms;
    struct check *c = fleet_add_check(f, t, slash + 1);
    read_str(j, "probe", &c->probe);
    read_int64(j, "interval_ms", &c->rule.interval_ms);
    read_int64(j, "retry_ms", &c->rule.retry_ms);
    read_int64(j, "timeout_ms", &c->rule.timeout_ms);
    read_int64(j, "freshness_ms", &c->rule.freshness_ms);
    read_int(j, "attempts", &c->rule.attempts);
    read_int(j, "ok_confirm", &c->rule.ok_confirm);
    bool is_ok = read_priority(j, &c->priority, e) && read_live(c, j, e);
    read_at(c, j, now_mono_ms);
    fleet_touch_check(f, c);
    t->state = target_state;
    t->since_ms = target_since_ms;
    return is_ok;
}

static bool read_ack(struct ack *a, const struct jval *j, struct err *e)
{
    if (!has(j, "ack"))
        return true;
    const struct jval *o = jval_get(j, "ack");
    mem_set(&a->by, jval_get_str(o, "by"));
    mem_set(&a->comment, jval_get_str(o, "comment"));
    a->at_ms = event_json_get_time(o, "at");
    a->until_ms = event_json_get_time(o, "until");
    return read_state(o, "state", &a->at_state, e);
}

static void read_notes(struct alert *a, const struct jval *j)
{
    const struct jval *list = jval_get(j, "notes");
    if (list == NULL)
        return;
    for (size_t i = 0; i < a->n_notes; i++) {
        free(a->notes[i].by);
        free(a->notes[i].text);
        free(a->notes[i].key);
    }
    free(a->notes);
    a->n_notes = jval_len(list);
    a->notes = a->n_notes > 0 ? mem_alloc(a->n_notes * sizeof *a->notes) : NULL;
    for (size_t i = 0; i < a->n_notes; i++) {
        const struct jval *n = jval_at(list, i);
        a->notes[i].by = mem_strdup(jval_get_str(n, "by"));
        a->notes[i].text = mem_strdup(jval_get_str(n, "text"));
        a->notes[i].at_ms = event_json_get_time(n, "at");
    }
}

bool wire_read_alert(struct fleet *f, const struct jval *j, struct err *e)
{
    int64_t id = jval_get_int(j, "id", 0);
    if (id <= 0)
        return err_set(e, "an alert without \"id\" from the engine");
    struct alert *a = fleet_add_alert(f, (uint64_t)id);
    read_str(j, "check", &a->check);
    if (a->check == NULL)
        a->check = mem_strdup("");
    read_int64(j, "version", &a->version);
    read_int(j, "level", &a->level);
    read_time(j, "opened_at", &a->opened_at_ms);
    read_time(j, "since", &a->since_ms);
    read_time(j, "resolved_at", &a->resolved_at_ms);
    read_say(j, "summary", &a->summary);
    read_notes(a, j);
    int phase = (int)a->phase;
    bool is_ok = read_choice(j, "phase", alert_phase_names, ALERT_PHASE_COUNT, &phase, e) &&
                 read_state(j, "state", &a->state, e) && read_priority(j, &a->priority, e) &&
                 read_ack(&a->ack, j, e);
    a->phase = (enum alert_phase)phase;
    fleet_touch_alert(f, a);
    return is_ok;
}

bool wire_read_snapshot(struct fleet *f, const struct jval *j, struct err *e)
{
    const struct jval *site = jval_get(j, "site");
    if (jval_type(site) != JVAL_OBJECT)
        return err_set(e, "a snapshot without \"site\" from the engine");
    read_str(site, "id", &f->site_id);
    read_words(site, "name", &f->site_name);
    read_str(site, "language", &f->language);
    read_str(site, "timezone", &f->timezone);
    f->is_sample = jval_get_bool(site, "sample", false);
    f->seq = (uint64_t)jval_get_int(j, "seq", 0);
    const struct jval *groups = jval_get(j, "groups");
    for (size_t i = 0; i < jval_len(groups); i++) {
        const struct jval *g = jval_at(groups, i);
        struct words name = {0};
        read_words(g, "name", &name);
        if (jval_get_str(g, "id") != NULL)
            fleet_add_group(f, jval_get_str(g, "id"), &name);
        free(name.vi);
        free(name.en);
    }
    return true;
}
