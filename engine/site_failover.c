/* Failover groups of a site: their members, who acts on them, what they may be switched to. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

#define LAG_BYTES_DEFAULT "\"1MiB\""
#define LAG_TIME_DEFAULT  "\"60s\""

static const char *const modes[] = {"active-standby", "active-active", NULL};
static const char *const drivers[] = {"haproxy", "patroni", NULL};
static const char *const roles[] = {"l1", "l2", "l3", "lead", NULL};
_Static_assert(sizeof modes / sizeof *modes == FOG_MODE_COUNT + 1, "a mode is missing");

struct fog_row {
    char *id, *check;
    struct words name;
    int mode, driver, min_role, approve_role;
    bool is_stateful;
    struct option_strings members, candidates, parts;
    struct option_pairs names;
    int64_t min_up, lag_max_bytes, lag_max_ms;
};
#define ROW(field) .offset = offsetof(struct fog_row, field)

const struct option site_failover_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the group's name, as in fog-web"},
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "mode",
     .type = OPTION_CHOICE,
     ROW(mode),
     .choices = modes,
     .help = "whether the halves serve in turn or together"},
    {.name = "members",
     .type = OPTION_STRINGS,
     ROW(members),
     .help = "ids of targets, or ranges of them"},
    {.name = "driver",
     .type = OPTION_CHOICE,
     ROW(driver),
     .choices = drivers,
     .help = "who carries a switchover out; left out, the group is only watched"},
    {.name = "check",
     .type = OPTION_STRING,
     ROW(check),
     .help = "full name of the check of the driver's kind whose connection is used"},
    {.name = "names",
     .type = OPTION_PAIRS,
     ROW(names),
     .help = "what the driver's peer calls a member, where that is not the target's id"},
    {.name = "candidates",
     .type = OPTION_STRINGS,
     ROW(candidates),
     .help = "what it may be switched to; left out: every member (patroni), every half and \"all\" "
             "(haproxy)"},
    {.name = "groups",
     .type = OPTION_STRINGS,
     ROW(parts),
     .help =
         "ids of other failover groups, in order; then nothing else but id, name and the roles"},
    {.name = "stateful",
     .type = OPTION_BOOL,
     ROW(is_stateful),
     .help = "it holds data: a switchover without the majority in sight is refused"},
    {.name = "min_up",
     .type = OPTION_INT,
     ROW(min_up),
     .min = 1,
     .max = FOG_MEMBERS_MAX,
     .fallback = "1",
     .help = "servers that must be left UP"},
    {.name = "lag_max",
     .type = OPTION_SIZE,
     ROW(lag_max_bytes),
     .fallback = LAG_BYTES_DEFAULT,
     .help = "how far behind a candidate may be, in bytes"},
    {.name = "lag_max_time",
     .type = OPTION_DURATION,
     ROW(lag_max_ms),
     .min = 0,
     .max = 86400000,
     .fallback = LAG_TIME_DEFAULT,
     .help = "how far behind a candidate may be, in time"},
    {.name = "min_role",
     .type = OPTION_CHOICE,
     ROW(min_role),
     .choices = roles,
     .help = "who may plan and confirm; left out: l1, l2 where it is stateful"},
    {.name = "approve_role",
     .type = OPTION_CHOICE,
     ROW(approve_role),
     .choices = roles,
     .help = "the second person's role, where one is needed"},
    {0}};

/* One group while it is made. */
struct fog_making {
    struct site_loader *l;
    const struct option_layer *layer;
    const struct fog_row *row;
    struct fog *fog;
};

static bool is_given(const struct fog_making *m, const char *key)
{
    return jval_get(m->layer->object, key) != NULL;
}

static void error_at(const struct fog_making *m, const char *key, const char *what)
{
    struct place at = PLACE_KEY(m->layer->at, key);
    site_errorf(m->l, &at, "%s", what);
}

static void tell_unknown_target(struct site_loader *l, const struct place *at, const char *id)
{
    struct nearest close = NEAREST_INIT(id);
    for (size_t i = 0; i < l->site->fleet->n_targets; i++)
        nearest_try(&close, l->site->fleet->targets[i]->id);
    site_errorf(l, at, "found \"%.128s\", but there is no such target%s%s%s", id,
                close.best != NULL ? "; did you mean \"" : "", close.best != NULL ? close.best : "",
                close.best != NULL ? "\"?" : "");
}

/* --- members -------------------------------------------------------------------------------- */

static const char *peer_name(const struct fog_making *m, const char *target)
{
    for (size_t i = 0; i < m->row->names.n; i++)
        if (strcmp(m->row->names.keys[i], target) == 0)
            return m->row->names.values[i];
    return target;
}

/* What reaches the peer's command line must not be able to hold a second command (R11). */
static void check_peer_name(const struct fog_making *m, const struct place *at, const char *name)
{
    if (!fog_name_is_safe(name))
        site_errorf(m->l, at,
                    "found \"%.128s\", expected a name of at most 64 letters, digits, \"_.:-\"",
                    name);
    else if (fog_member_named(m->fog, name) != NULL)
        site_errorf(m->l, at, "found \"%s\" a second time, expected each member once", name);
}

static void add_member(struct fog_making *m, const struct place *at, const char *id)
{
    struct fog *g = m->fog;
    const struct target *t = fleet_target(m->l->site->fleet, id);
    if (t == NULL) {
        tell_unknown_target(m->l, at, id);
        return;
    }
    if (g->n_members == FOG_MEMBERS_MAX) {
        site_errorf(m->l, at, "found more than %d members", FOG_MEMBERS_MAX);
        return;
    }
    const char *name = peer_name(m, id);
    check_peer_name(m, at, name);
    g->members = mem_grow(g->members, g->n_members + 1, sizeof *g->members);
    g->members[g->n_members++] =
        (struct fog_member){mem_strdup(id), mem_strdup(name), mem_strdup(t->group)};
    g->is_production |= !t->is_test;
}

static void read_members(struct fog_making *m)
{
    struct place list = PLACE_KEY(m->layer->at, "members");
    for (size_t i = 0; i < m->row->members.n; i++) {
        struct place at = PLACE_INDEX(&list, i);
        struct names ids = {0};
        struct err e;
        if (!range_expand(m->row->members.v[i], &ids, &e))
            site_errorf(m->l, &at, "%s", e.text);
        for (size_t k = 0; k < ids.n && k <= FOG_MEMBERS_MAX; k++)
            add_member(m, &at, ids.v[k]);
        names_release(&ids);
    }
    struct place names = PLACE_KEY(m->layer->at, "names");
    for (size_t i = 0; i < m->row->names.n; i++) {
        struct place at = PLACE_KEY(&names, m->row->names.keys[i]);
        if (fog_member(m->fog, m->row->names.keys[i]) == NULL)
            site_errorf(m->l, &at, "found \"%.128s\", which is no member of the group",
                        m->row->names.keys[i]);
    }
    if (m->fog->n_members == 0 && m->row->members.n == 0)
        site_errorf(m->l, m->layer->at,
                    "found neither \"members\" nor \"groups\", expected one of them");
}

/* --- candidates ----------------------------------------------------------------------------- */

static void add_candidate(struct fog *g, const char *to)
{
    if (to == NULL || fog_is_candidate(g, to))
        return;
    g->candidates = mem_grow(g->candidates, g->n_candidates + 1, sizeof(char *));
    g->candidates[g->n_candidates++] = mem_strdup(to);
}

static void default_candidates(struct fog *g)
{
    bool is_by_member = strcmp(g->driver, "patroni") == 0;
    for (size_t i = 0; i < g->n_members; i++)
        add_candidate(g, is_by_member ? g->members[i].target : g->members[i].side);
    if (!is_by_member && g->n_candidates > 0)
        add_candidate(g, FOG_TO_ALL);
}

static bool has_side(const struct fog *g, const char *side)
{
    for (size_t i = 0; i < g->n_members; i++)
        if (g->members[i].side != NULL && strcmp(g->members[i].side, side) == 0)
            return true;
    return false;
}

static void read_candidates(struct fog_making *m)
{
    struct fog *g = m->fog;
    bool is_by_member = strcmp(g->driver, "patroni") == 0;
    struct place list = PLACE_KEY(m->layer->at, "candidates");
    for (size_t i = 0; i < m->row->candidates.n; i++) {
        struct place at = PLACE_INDEX(&list, i);
        const char *to = m->row->candidates.v[i];
        bool is_one = is_by_member ? fog_member(g, to) != NULL
                                   : has_side(g, to) || strcmp(to, FOG_TO_ALL) == 0;
        if (!is_one)
            site_errorf(m->l, &at, "found \"%.128s\", expected %s", to,
                        is_by_member ? "a member of the group"
                                     : "a half that has members here, or \"all\"");
        else
            add_candidate(g, to);
    }
    if (is_given(m, "candidates"))
        return;
    default_candidates(g);
    if (g->n_candidates == 0 && g->n_members > 0)
        site_errorf(m->l, m->layer->at,
                    "found no candidate: a driver must have something to switch to%s",
                    is_by_member ? "" : "; members stand in no \"group\" of the site");
}

/* --- driver --------------------------------------------------------------------------------- */

static void read_check(struct fog_making *m)
{
    const struct check *c =
        m->row->check != NULL ? fleet_check(m->l->site->fleet, m->row->check) : NULL;
    struct place at = PLACE_KEY(m->layer->at, "check");
    if (m->row->check == NULL)
        site_errorf(m->l, m->layer->at,
                    "\"check\" is missing: a driver uses the connection of one");
    else if (c == NULL)
        site_errorf(m->l, &at, "found \"%.128s\", but there is no such check", m->row->check);
    else if (strcmp(c->probe, m->fog->driver) != 0)
        site_errorf(m->l, &at, "found a check of kind %s, expected one of kind %s", c->probe,
                    m->fog->driver);
    mem_set(&m->fog->check, m->row->check);
}

static void read_driver(struct fog_making *m)
{
    if (is_given(m, "driver")) {
        m->fog->driver = mem_strdup(drivers[m->row->driver]);
        read_check(m);
        read_candidates(m);
        return;
    }
    static const char *const of_driver[] = {"check", "candidates", "names"};
    for (size_t i = 0; i < sizeof of_driver / sizeof *of_driver; i++)
        if (is_given(m, of_driver[i]))
            error_at(m, of_driver[i], "found without \"driver\", which alone would use it");
}

/* --- lists of groups ------------------------------------------------------------------------ */

static void read_parts(struct fog_making *m)
{
    static const char *const others[] = {"mode",    "members",     "driver",   "check",
                                         "names",   "candidates",  "stateful", "min_up",
                                         "lag_max", "lag_max_time"};
    struct fog *g = m->fog;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_given(m, others[i]))
            error_at(m, others[i], "found beside \"groups\", expected one or the other");
    g->n_parts = m->row->parts.n;
    g->parts = mem_alloc((g->n_parts + 1) * sizeof(char *));
    for (size_t i = 0; i < g->n_parts; i++)
        g->parts[i] = mem_strdup(m->row->parts.v[i]);
    if (g->n_parts == 0)
        error_at(m, "groups", "found an empty list, expected ids of failover groups");
}

/* Known only when all groups are. */
static void check_parts(struct site_loader *l, const struct fog *g, const struct place *at)
{
    struct place list = PLACE_KEY(at, "groups");
    for (size_t i = 0; i < g->n_parts; i++) {
        struct place item = PLACE_INDEX(&list, i);
        const struct fog *part = fleet_fog(l->site->fleet, g->parts[i]);
        if (part == NULL)
            site_errorf(l, &item, "found \"%.128s\", but there is no such failover group",
                        g->parts[i]);
        else if (part->n_parts > 0)
            site_errorf(l, &item, "found \"%s\", which is a list of groups itself", g->parts[i]);
    }
}

/* --- all ------------------------------------------------------------------------------------ */

static void make_fog(struct site_loader *l, const struct fog_row *row,
                     const struct option_layer *layer)
{
    struct place id = PLACE_KEY(layer->at, "id");
    struct fleet *f = l->site->fleet;
    if (!text_is_name(row->id)) {
        site_errorf(l, &id,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most 128",
                    row->id);
        return;
    }
    if (fleet_fog(f, row->id) != NULL) {
        site_errorf(l, &id, "found \"%s\" a second time, expected each group once", row->id);
        return;
    }
    struct fog *g = fleet_add_fog(f, row->id);
    struct fog_making m = {l, layer, row, g};
    mem_set(&g->name.vi, row->name.vi);
    mem_set(&g->name.en, row->name.en);
    g->mode = (enum fog_mode)row->mode;
    g->is_stateful = row->is_stateful;
    g->min_up = row->min_up;
    g->lag_max_bytes = row->lag_max_bytes;
    g->lag_max_ms = row->lag_max_ms;
    g->min_role = mem_strdup(roles[is_given(&m, "min_role") ? row->min_role
                                   : row->is_stateful       ? 1
                                                            : 0]);
    if (is_given(&m, "approve_role"))
        g->approve_role = mem_strdup(roles[row->approve_role]);
    if (is_given(&m, "groups")) {
        read_parts(&m);
    } else {
        read_members(&m);
        read_driver(&m);
    }
}

static void read_doc(struct site_loader *l, const struct site_doc *doc)
{
    static const struct option *const tables[] = {site_failover_options};
    const struct jval *list = jval_get(doc->root, "failover");
    struct place at = PLACE_KEY(&doc->at, "failover");
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        struct option_layer layer = {jval_at(list, i), &item};
        struct fog_row row = {0};
        if (!option_check_keys(&r, &layer, tables, 1) && jval_type(layer.object) != JVAL_OBJECT)
            continue;
        option_fill(&r, site_failover_options, &row, &layer, 1);
        if (row.id != NULL)
            make_fog(l, &row, &layer);
        option_release(site_failover_options, &row);
    }
}

void site_read_failover(struct site_loader *l)
{
    for (size_t d = 0; d < l->n_docs; d++)
        read_doc(l, l->docs[d]);
    for (size_t d = 0; d < l->n_docs; d++) {
        const struct jval *list = jval_get(l->docs[d]->root, "failover");
        struct place at = PLACE_KEY(&l->docs[d]->at, "failover");
        for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
            struct place item = PLACE_INDEX(&at, i);
            const char *id = jval_get_str(jval_at(list, i), "id");
            const struct fog *g = id != NULL ? fleet_fog(l->site->fleet, id) : NULL;
            if (g != NULL)
                check_parts(l, g, &item);
        }
    }
}
