/* The escalation of a site: rows of who is told when, in their order; see core/policy.h. */
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/mem.h"
#include "core/policy.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/site_load.h"

#define NEVER        "never"
#define TIME_MAX_MS  (400 * WHEN_DAY_MS)
#define POLICIES_MAX 1000

static const char *const priorities[] = {"any", "P1", "P2", "P3", "P4", NULL};

struct escalation_row {
    char *id, *match;
    int priority; /* enum priority; 0: any */
    char *level1, *level2, *level3, *acknowledge, *repeat, *group;
    bool is_tiered;
};
#define AT(field) offsetof(struct escalation_row, field)
const struct option site_escalation_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     .offset = AT(id),
     .flags = OPTION_REQUIRED,
     .help = "the name of the row"},
    {.name = "match",
     .type = OPTION_STRING,
     .offset = AT(match),
     .help = "which checks: as for a silence; without it all"},
    {.name = "priority",
     .type = OPTION_CHOICE,
     .offset = AT(priority),
     .choices = priorities,
     .help = "alerts of that priority alone; what this row leaves out is as built in for it"},
    {.name = "level1",
     .type = OPTION_STRING,
     .offset = AT(level1),
     .help =
         "when level 1 is told, from the moment of the alert; never: it only stands in the list"},
    {.name = "level2",
     .type = OPTION_STRING,
     .offset = AT(level2),
     .help = "when level 2 is told if nobody has it, or never"},
    {.name = "level3",
     .type = OPTION_STRING,
     .offset = AT(level3),
     .help = "when level 3 is told if nobody has it, or never"},
    {.name = "acknowledge",
     .type = OPTION_STRING,
     .offset = AT(acknowledge),
     .help = "within what time somebody must have it, or never"},
    {.name = "repeat",
     .type = OPTION_STRING,
     .offset = AT(repeat),
     .help = "how often who was told is told again while nobody has it, or never"},
    {.name = "group",
     .type = OPTION_STRING,
     .offset = AT(group),
     .help = "how long the first notice waits for others to join it"},
    {.name = "tiers",
     .type = OPTION_BOOL,
     .offset = AT(is_tiered),
     .help = "an acknowledgement by level 1 does not stop the clock of the levels above"},
    {0}};

/* "10m" or "never"; left out: as it is. */
static void read_time(struct site_loader *l, const struct option_layer *layer, const char *key,
                      const char *text, int64_t *ms)
{
    struct place at = PLACE_KEY(layer->at, key);
    struct err e;
    if (text == NULL)
        return;
    if (strcmp(text, NEVER) == 0)
        *ms = POLICY_NEVER;
    else if (!when_parse_duration(text, ms, &e) || *ms > TIME_MAX_MS)
        site_errorf(l, &at,
                    "found \"%.64s\", expected a duration such as \"10m\", at most 400d, or "
                    "\"never\"",
                    text);
}

struct matcher *site_read_match(struct site_loader *l, const struct option_layer *layer,
                                const char *text)
{
    struct place at = PLACE_KEY(layer->at, "match");
    char *refusal = NULL;
    if (text == NULL)
        return NULL;
    struct matcher *m = matcher_parse(text, &refusal);
    if (m == NULL) {
        struct buf words = BUF_INIT(TEXT_MAX_STORED);
        say_text(&words, refusal, NULL);
        site_error_at(l, &at, buf_text(&words));
        buf_release(&words);
    }
    free(refusal);
    return m;
}

/* Later levels are told later. */
static void check_order(struct site_loader *l, const struct option_layer *layer,
                        const struct policy *p)
{
    static const char *const keys[POLICY_LEVELS] = {"level1", "level2", "level3"};
    int64_t before_ms = 0;
    for (int i = 0; i < POLICY_LEVELS; i++) {
        struct place at = PLACE_KEY(layer->at, keys[i]);
        if (p->to_ms[i] == POLICY_NEVER)
            continue;
        if (p->to_ms[i] < before_ms)
            site_errorf(l, &at, "level %d would be told before the level below it", i + 1);
        before_ms = p->to_ms[i];
    }
}

static bool is_known(const struct fleet *f, const char *id)
{
    for (size_t i = 0; i < f->n_policies; i++)
        if (strcmp(f->policies[i].id, id) == 0)
            return true;
    return false;
}

static void take_for(struct site_loader *l, const struct escalation_row *row,
                     const struct option_layer *layer, enum priority priority)
{
    struct fleet *f = l->site->fleet;
    struct policy p = *policy_built_in(priority);
    p.id = mem_strdup(row->id);
    p.match = site_read_match(l, layer, row->match);
    read_time(l, layer, "level1", row->level1, &p.to_ms[0]);
    read_time(l, layer, "level2", row->level2, &p.to_ms[1]);
    read_time(l, layer, "level3", row->level3, &p.to_ms[2]);
    read_time(l, layer, "acknowledge", row->acknowledge, &p.ack_within_ms);
    read_time(l, layer, "repeat", row->repeat, &p.repeat_ms);
    read_time(l, layer, "group", row->group, &p.group_ms);
    p.group_ms = p.group_ms < 0 ? 0 : p.group_ms;
    if (jval_get(layer->object, "tiers") != NULL)
        p.is_tiered = row->is_tiered;
    check_order(l, layer, &p);
    f->policies = mem_grow(f->policies, f->n_policies + 1, sizeof *f->policies);
    f->policies[f->n_policies++] = p;
}

/* A row for any priority is four: what it leaves out differs. */
static void take_row(struct site_loader *l, const struct escalation_row *row,
                     const struct option_layer *layer)
{
    struct fleet *f = l->site->fleet;
    struct place id = PLACE_KEY(layer->at, "id");
    if (is_known(f, row->id))
        site_errorf(l, &id, "found \"%.128s\" a second time, expected each row once", row->id);
    if (f->n_policies >= POLICIES_MAX) {
        site_errorf(l, &id, "found more than %d rows", POLICIES_MAX);
        return;
    }
    for (int p = PRIORITY_P1; p <= PRIORITY_P4; p++)
        if (row->priority == 0 || row->priority == p)
            take_for(l, row, layer, (enum priority)p);
}

void site_read_escalation(struct site_loader *l, const struct site_doc *doc)
{
    const struct jval *list = jval_get(doc->root, "escalation");
    const struct option *options = site_escalation_options;
    struct place at = PLACE_KEY(&doc->at, "escalation");
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        struct option_layer layer = {jval_at(list, i), &item};
        struct escalation_row row = {0};
        if (!option_check_keys(&r, &layer, &options, 1) && jval_type(layer.object) != JVAL_OBJECT)
            continue;
        option_fill(&r, options, &row, &layer, 1);
        if (row.id != NULL)
            take_row(l, &row, &layer);
        option_release(options, &row);
    }
}
