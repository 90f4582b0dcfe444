/* The receivers of a site: who is told of alerts, by which kind of way (engine/receiver.h), and a
 * row of each among the channels, so that one that fails is seen like any other. */
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/mem.h"
#include "core/text.h"
#include "engine/nearest.h"
#include "engine/receiver.h"
#include "engine/receiver_row.h"
#include "engine/site_load.h"

#define RECEIVERS_MAX 100
#define CAP_MAX       1000
#define DAY_MS        (24.0 * 3600 * 1000)

struct receiver_options {
    char *id, *kind, *match;
    struct words name;
    struct option_ints levels;
    struct option_strings priorities;
    int64_t cap, cap_ms, group_ms, every_ms, timeout_ms;
    bool is_collector, wants_recoveries;
};
#define AT(field) offsetof(struct receiver_options, field)
const struct option site_receiver_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     .offset = AT(id),
     .flags = OPTION_REQUIRED,
     .help = "the receiver's name, as the journal has it"},
    {.name = "kind",
     .type = OPTION_STRING,
     .offset = AT(kind),
     .flags = OPTION_REQUIRED,
     .help = "how it is reached: alertmanager, command, mail, sms, webhook"},
    {.name = "name", .type = OPTION_WORDS, .offset = AT(name), .help = "the name on the screen"},
    {.name = "levels",
     .type = OPTION_INTS,
     .offset = AT(levels),
     .min = 1,
     .max = 3,
     .fallback = "[1, 2, 3]",
     .help = "it is told what these support levels are told; an empty list: of no alert"},
    {.name = "priorities",
     .type = OPTION_STRINGS,
     .offset = AT(priorities),
     .fallback = "[\"P1\", \"P2\", \"P3\", \"P4\"]",
     .help = "of alerts of these priorities"},
    {.name = "match",
     .type = OPTION_STRING,
     .offset = AT(match),
     .flags = OPTION_RAW,
     .help = "which checks, as `trucban silence` takes it; left out, all"},
    {.name = "cap",
     .type = OPTION_INT,
     .offset = AT(cap),
     .max = CAP_MAX,
     .help = "notices at most within cap_window, then one that counts the others; 0: no limit; "
             "left out: 10 of kind sms, else no limit"},
    {.name = "cap_window",
     .type = OPTION_DURATION,
     .offset = AT(cap_ms),
     .min = 1000,
     .max = DAY_MS,
     .fallback = "\"10m\"",
     .help = "the time that the cap is for"},
    {.name = "group",
     .type = OPTION_DURATION,
     .offset = AT(group_ms),
     .min = 0,
     .max = 3600000,
     .help = "how long a first notice waits for others to join it; left out: as escalation says"},
    {.name = "collect",
     .type = OPTION_BOOL,
     .offset = AT(is_collector),
     .help = "one notice takes all that is due; left out: kinds alertmanager and webhook do"},
    {.name = "recoveries",
     .type = OPTION_BOOL,
     .offset = AT(wants_recoveries),
     .fallback = "true",
     .help = "told of the end of what it was told of"},
    {.name = "watchdog",
     .type = OPTION_DURATION,
     .offset = AT(every_ms),
     .min = 1000,
     .max = DAY_MS,
     .help = "a notice so often that all is well: who misses it knows that the engine is gone"},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .offset = AT(timeout_ms),
     .min = 100,
     .max = 25000,
     .fallback = "\"10s\"",
     .help = "limit for handing one notice over"},
    {0}};

/* --- one ---------------------------------------------------------------------------------------
 */

struct making {
    struct site_loader *l;
    const struct option_layer *layer;
    const struct receiver_options *row;
    const struct receiver_type *type;
};

static bool is_given(const struct making *m, const char *key)
{
    return jval_get(m->layer->object, key) != NULL;
}

static void tell_unknown_kind(struct site_loader *l, const struct option_layer *layer,
                              const char *kind)
{
    struct place at = PLACE_KEY(layer->at, "kind");
    struct nearest close = NEAREST_INIT(kind);
    struct buf known = BUF_INIT(256);
    for (size_t i = 0; receiver_types[i] != NULL; i++) {
        nearest_try(&close, receiver_types[i]->name);
        buf_addf(&known, "%s%s", i > 0 ? ", " : "", receiver_types[i]->name);
    }
    if (close.best != NULL)
        site_errorf(l, &at, "unknown kind of receiver \"%.64s\"; did you mean \"%s\"?", kind,
                    close.best);
    else
        site_errorf(l, &at, "unknown kind of receiver \"%.64s\"; there are: %s", kind,
                    buf_text(&known));
    buf_release(&known);
}

static unsigned int read_levels(const struct making *m)
{
    unsigned int levels = 0;
    for (size_t i = 0; i < m->row->levels.n; i++)
        if (m->row->levels.v[i] >= 1 && m->row->levels.v[i] <= 3)
            levels |= RECEIVER_LEVEL(m->row->levels.v[i]);
    return levels;
}

static unsigned int read_priorities(const struct making *m)
{
    struct place list = PLACE_KEY(m->layer->at, "priorities");
    unsigned int all = 0;
    for (size_t i = 0; i < m->row->priorities.n; i++) {
        struct place at = PLACE_INDEX(&list, i);
        enum priority p = PRIORITY_P1;
        while (p <= PRIORITY_P4 && strcmp(priority_name(p), m->row->priorities.v[i]) != 0)
            p++;
        if (p > PRIORITY_P4)
            site_errorf(m->l, &at, "found \"%.64s\", expected P1, P2, P3 or P4",
                        m->row->priorities.v[i]);
        else
            all |= RECEIVER_PRIORITY(p);
    }
    return all;
}

static struct receiver_spec *read_spec(const struct making *m)
{
    struct site_names names = {.loader = m->l};
    struct option_reader r = site_reader(m->l, &names, false);
    struct receiver_spec *s = receiver_spec_new(m->type);
    struct err e;
    r.absent = site_note_absent;
    m->l->absent = NULL;
    if (option_fill(&r, m->type->options, s->config, m->layer, 1) && m->type->configure != NULL &&
        !m->type->configure(s->config, &e))
        site_error_at(m->l, m->layer->at, e.text);
    if (m->l->absent != NULL)
        s->absent = SAY(N_("a secret is missing: {0}"), m->l->absent);
    free(m->l->absent);
    m->l->absent = NULL;
    s->timeout_ms = m->row->timeout_ms;
    s->match = mem_strdup(m->row->match);
    mem_set(&s->name.vi, m->row->name.vi);
    mem_set(&s->name.en, m->row->name.en);
    return s;
}

static bool is_new_id(struct site_loader *l, const struct option_layer *layer, const char *id)
{
    struct place at = PLACE_KEY(layer->at, "id");
    struct site *s = l->site;
    if (!text_is_name(id) || strlen(id) > RECEIVER_ID_MAX) {
        site_errorf(l, &at,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most %d", id,
                    RECEIVER_ID_MAX);
        return false;
    }
    for (size_t i = 0; i < s->n_receivers; i++)
        if (strcmp(s->receivers[i].id, id) == 0) {
            site_errorf(l, &at, "found \"%s\" a second time, expected each receiver once", id);
            return false;
        }
    if (s->n_receivers == RECEIVERS_MAX)
        site_errorf(l, &at, "found more than %d receivers", RECEIVERS_MAX);
    return s->n_receivers < RECEIVERS_MAX;
}

static void take_receiver(const struct making *m)
{
    const struct receiver_options *row = m->row;
    struct site *s = m->l->site;
    struct receiver r = {
        .id = mem_strdup(row->id),
        .kind = mem_strdup(row->kind),
        .levels = read_levels(m),
        .priorities = read_priorities(m),
        .match = site_read_match(m->l, m->layer, row->match),
        .cap = is_given(m, "cap") ? (int)row->cap : m->type->cap,
        .cap_ms = row->cap_ms,
        .group_ms = is_given(m, "group") ? row->group_ms : -1,
        .is_collector = is_given(m, "collect") ? row->is_collector : m->type->is_collector,
        .wants_recoveries = row->wants_recoveries,
        .every_ms = row->every_ms,
        .config = read_spec(m),
    };
    if (r.cap == 0)
        r.cap_ms = 0;
    s->receivers = mem_grow(s->receivers, s->n_receivers + 1, sizeof *s->receivers);
    s->receivers[s->n_receivers++] = r;
}

static void read_one(struct site_loader *l, const struct option_layer *layer)
{
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    struct receiver_options row = {0};
    if (jval_type(layer->object) != JVAL_OBJECT) {
        site_errorf(l, layer->at, "found %s, expected an object",
                    jval_type_name(jval_type(layer->object)));
        return;
    }
    option_fill(&r, site_receiver_options, &row, layer, 1);
    const struct receiver_type *type = row.kind != NULL ? receiver_type_find(row.kind) : NULL;
    if (type != NULL) {
        const struct option *const tables[] = {site_receiver_options, type->options};
        const struct making m = {l, layer, &row, type};
        option_check_keys(&r, layer, tables, 2);
        if (row.id != NULL && is_new_id(l, layer, row.id))
            take_receiver(&m);
    } else if (row.kind != NULL) {
        tell_unknown_kind(l, layer, row.kind);
    }
    option_release(site_receiver_options, &row);
}

void site_read_receivers(struct site_loader *l)
{
    struct site *s = l->site;
    for (size_t d = 0; d < l->n_docs; d++) {
        const struct jval *list = jval_get(l->docs[d]->root, "receivers");
        struct place at = PLACE_KEY(&l->docs[d]->at, "receivers");
        for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
            struct place item = PLACE_INDEX(&at, i);
            struct option_layer layer = {jval_at(list, i), &item};
            read_one(l, &layer);
        }
    }
    for (size_t i = 0; i < s->n_receivers; i++) {
        struct buf where = BUF_INIT(256);
        char id[TEXT_MAX_NAME + 1];
        receiver_row_id(&s->receivers[i], id);
        buf_addf(&where, "%s: /receivers", s->path);
        if (fleet_target(s->fleet, id) != NULL) {
            struct buf what = BUF_INIT(512);
            buf_addf(&what, "the row of \"%s\" among the channels is \"%s\", which is a target",
                     s->receivers[i].id, id);
            site_error(l->errors, buf_text(&where), buf_text(&what));
            buf_release(&what);
            buf_release(&where);
            continue;
        }
        struct check_spec *spec = receiver_row_add(s->fleet, &s->receivers[i]);
        *l->last_spec = spec;
        l->last_spec = &spec->next;
        l->target_at = mem_grow(l->target_at, s->fleet->n_targets, sizeof *l->target_at);
        l->target_at[s->fleet->n_targets - 1] = buf_take(&where);
    }
    receiver_rows_connect(s->fleet, s->receivers, s->n_receivers);
}
