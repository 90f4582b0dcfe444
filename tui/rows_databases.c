/* rows_databases.c - see rows_databases.h; the picture: rows_databases_table.c, totals:
 * rows_totals.c. */
#include "tui/rows_databases_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_codes.h"
#include "tui/rows_targets.h"

enum { FRESHNESS, TRAFFIC, DATABASE_FIGURES };
static const struct figure_kind database_kinds[DATABASE_FIGURES] = {
    [FRESHNESS] = {N_("Freshness"), {"age_s", "freshness_s"}, "last_sync_at", FIGURE_AGE, 0, 6, 85},
    [TRAFFIC] = {N_("Uses/day"), {"traffic_day"}, NULL, FIGURE_METRIC, 7, 8, 49},
};
enum { LAG, LAG_BYTES, LAG_HELD, LAG_FIGURES };
static const struct figure_kind lag_kinds[LAG_FIGURES] = {
    [LAG] = {N_("Lag"), {"lag_s", "lag_ms", "lag"}, NULL, FIGURE_METRIC, 2, 7, 85},
    [LAG_BYTES] = {N_("Bytes"), {"lag_bytes", "lag_b"}, NULL, FIGURE_METRIC, 2, 7, 84},
    [LAG_HELD] = {N_("Held"), {"held_bytes"}, NULL, FIGURE_METRIC, 2, 7, 83},
};

bool database_is_pair(const struct check *k)
{
    static const char *const kinds[] = {"replication", "subscription", "slots", "commits"};
    bool is_row = k->probe && strcmp(k->probe, "row") == 0;

    for (size_t i = 0; k->probe && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(k->probe, kinds[i]) == 0)
            return true;
    return is_row && (fact_value(k->facts, k->n_facts, "subscription") ||
                      fact_value(k->facts, k->n_facts, "wal_status"));
}

size_t databases_count(const struct fleet *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += f->targets[i]->kind == TARGET_DATABASE;
    for (size_t i = 0; i < f->n_checks; i++)
        n += database_is_pair(f->checks[i]);
    return n;
}

/* What its checks say, but those of replication: there "link" is the standby's to its primary.
 * NULL: nothing. */
static const char *seen(const struct target *t, const char *key)
{
    const char *value = NULL;

    for (size_t i = 0; !value && i < t->n_checks; i++)
        if (!database_is_pair(t->checks[i]))
            value = fact_value(t->checks[i]->facts, t->checks[i]->n_facts, key);
    return value;
}

static bool is_unused(const struct target *t)
{
    for (size_t i = 0; i < t->n_checks; i++)
        for (size_t m = 0; m < t->checks[i]->n_metrics; m++)
            if (strcmp(t->checks[i]->metrics[m].name, "traffic_day") == 0)
                return t->checks[i]->metrics[m].value <= 0;
    return false;
}

enum database_status database_status(const struct console *c, const struct target *t)
{
    enum state s = console_target_state(c, t);
    const char *link = seen(t, "link");
    bool is_linked = link && strcmp(link, link_names[LINK_DONE]) == 0;
    bool was_linked = t->link == LINK_DONE || seen(t, "was"); /* by the site file, or once seen */

    if (t->is_disabled)
        return DATABASE_OFF;
    if (was_linked && s == STATE_CRITICAL && !is_linked && (link || seen(t, "row")))
        return DATABASE_LOST;
    if (t->link == LINK_NONE && !is_linked)
        return DATABASE_NONE;
    if (t->link == LINK_TESTING)
        return DATABASE_TESTING;
    if (s == STATE_OK)
        return is_unused(t) ? DATABASE_UNUSED : DATABASE_OK;
    if (s == STATE_PENDING)
        return DATABASE_WAITING;
    if (s == STATE_WARNING && is_linked && is_unused(t))
        return DATABASE_UNUSED;
    return s == STATE_CRITICAL || s == STATE_WARNING ? DATABASE_LATE : DATABASE_UNKNOWN;
}

const char *database_status_words(enum database_status s)
{
    static const char *const words[DATABASE_STATUS_COUNT] = {
        [DATABASE_LOST] = N_("connection lost"),   [DATABASE_LATE] = N_("late"),
        [DATABASE_UNKNOWN] = N_("nothing fresh"),  [DATABASE_UNUSED] = N_("no traffic"),
        [DATABASE_OK] = N_("connected"),           [DATABASE_TESTING] = N_("under test"),
        [DATABASE_NONE] = N_("not connected yet"), [DATABASE_OFF] = N_("switched off"),
        [DATABASE_WAITING] = N_("nothing yet"),
    };

    return s < DATABASE_STATUS_COUNT ? _(words[s]) : "";
}

size_t databases_of(const struct console *c, enum database_status status)
{
    const struct fleet *f = console_fleet(c);
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += f->targets[i]->kind == TARGET_DATABASE && database_status(c, f->targets[i]) == status;
    return n;
}

void database_list_init(struct database_list *l)
{
    *l = (struct database_list){.figures = {.kinds = database_kinds, .n_kinds = DATABASE_FIGURES},
                                .lags = {.kinds = lag_kinds, .n_kinds = LAG_FIGURES}};
}

void database_list_release(struct database_list *l)
{
    parts_release(&l->parts);
    figures_release(&l->figures);
    figures_release(&l->lags);
    free(l->v);
    free(l->shown);
}

/* --- parts ----------------------------------------------------------------------------------- */

const char *database_owner(const struct target *t)
{
    const char *owner = t->org ? t->org : codes_find(t, "owner");

    return owner && strcmp(owner, "?") != 0 ? owner : "";
}

const char *database_owner_words(const struct console *c, const char *id, bool is_long)
{
    const struct org *org = about_org(&console_fleet(c)->about, id);

    if (!org || (org->abbr && !is_long))
        return org ? org->abbr : id;
    return console_words(c, &org->name, org->abbr ? org->abbr : id);
}

const char *database_programme(const struct target *t)
{
    const char *programme = target_label(t, "programme");

    return programme ? programme : t->group ? t->group : "";
}

const char *database_programme_words(const struct console *c, const char *id)
{
    const struct fleet *f = console_fleet(c);

    for (size_t i = 0; i < f->about.n_totals; i++)
        for (size_t k = 0; k < f->about.totals[i].n_labels; k++)
            if (strcmp(f->about.totals[i].labels[k].value, id) == 0)
                return console_words(c, &f->about.totals[i].name, id);
    for (size_t i = 0; i < f->n_groups; i++)
        if (strcmp(f->groups[i].id, id) == 0)
            return console_words(c, &f->groups[i].name, id);
    return id;
}

static const char *group_id(const struct database_list *l, const struct target *t)
{
    return l->is_by_org ? database_owner(t) : database_programme(t);
}

bool database_is_urgent(enum database_status s)
{
    return s == DATABASE_LOST || s == DATABASE_LATE || s == DATABASE_UNKNOWN;
}

static int compare_rows(const void *x, const void *y)
{
    const struct database_row *a = x, *b = y;

    if (a->status != b->status)
        return (int)a->status - (int)b->status;
    return strcmp(a->t->id, b->t->id);
}

static bool wants(const struct console *c, const struct database_list *l,
                  const struct database_row *r)
{
    return target_matches(c, &l->parts.filter, r->t);
}

static uint64_t row_key(const struct database_row *r)
{
    return r->pair ? map_hash(r->pair->id) : target_key(r->t);
}

static void add_part_urgent(struct console *c, struct database_list *l, size_t n)
{
    size_t count = 0;
    char number[24], title[160];

    for (size_t i = 0; i < n; i++)
        count += database_is_urgent(l->v[i].status);
    snprintf(number, sizeof number, "%zu", count);
    cells_say(c, SAY(N_("Dropped out or late: {0}"), number), title, sizeof title);
    parts_heading(&l->parts, PART_DATABASES, title);
    for (size_t i = 0; i < n; i++)
        if (database_is_urgent(l->v[i].status))
            parts_add(&l->parts, row_key(&l->v[i]), &l->v[i], wants(c, l, &l->v[i]));
}

/* It has a part of its own, before those of the groups. */
static bool stands_above(enum database_status s)
{
    return database_is_urgent(s) || s == DATABASE_UNUSED;
}

static void add_part_unused(struct console *c, struct database_list *l, size_t n)
{
    char number[24], title[160];
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += l->v[i].status == DATABASE_UNUSED;
    snprintf(number, sizeof number, "%zu", count);
    cells_say(c, SAY(N_("Connected, no traffic: {0}"), number), title, sizeof title);
    parts_heading(&l->parts, PART_DATABASES, title);
    for (size_t i = 0; i < n; i++)
        if (l->v[i].status == DATABASE_UNUSED)
            parts_add(&l->parts, row_key(&l->v[i]), &l->v[i], wants(c, l, &l->v[i]));
}

/* One group, without what stands above: its name, how many of it are connected. */
static void add_part_group(struct console *c, struct database_list *l, size_t n, const char *id)
{
    const char *words = !*id           ? (l->is_by_org ? _("No owner named") : _("No programme"))
                        : l->is_by_org ? database_owner_words(c, id, true)
                                       : database_programme_words(c, id);
    size_t all = 0, linked = 0;
    char title[300];

    for (size_t i = 0; i < n; i++)
        if (strcmp(group_id(l, l->v[i].t), id) == 0) {
            all++;
            linked += l->v[i].t->link == LINK_DONE && l->v[i].status != DATABASE_LOST &&
                      l->v[i].status != DATABASE_OFF;
        }
    snprintf(title, sizeof title, "%.200s %zu/%zu", words, linked, all);
    parts_heading(&l->parts, PART_DATABASES, title);
    for (size_t i = 0; i < n; i++)
        if (!stands_above(l->v[i].status) && strcmp(group_id(l, l->v[i].t), id) == 0)
            parts_add(&l->parts, row_key(&l->v[i]), &l->v[i], wants(c, l, &l->v[i]));
}

static int compare_ids(const void *x, const void *y)
{
    const char *a = *(const char *const *)x, *b = *(const char *const *)y;

    return !*a ? 1 : !*b ? -1 : strcmp(a, b); /* those without stand last */
}

static void add_groups(struct console *c, struct database_list *l, size_t n)
{
    const char **ids = mem_alloc((n + 1) * sizeof *ids);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        const char *id = group_id(l, l->v[i].t);
        size_t k = 0;
        while (k < count && strcmp(ids[k], id) != 0)
            k++;
        if (k == count)
            ids[count++] = id;
    }
    if (count > 1)
        qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < count; i++)
        add_part_group(c, l, n, ids[i]);
    free(ids);
}

static int compare_pairs(const void *x, const void *y)
{
    const struct database_row *a = x, *b = y;
    int order = state_rows[check_shown(b->pair)].badness - state_rows[check_shown(a->pair)].badness;

    return order ? order : strcmp(a->pair->id, b->pair->id);
}

static void add_part_pairs(struct console *c, struct database_list *l, size_t first)
{
    size_t n = 0;

    parts_heading(&l->parts, PART_PAIRS, _("Replication"));
    for (size_t i = first; i < l->n; i++)
        if (parts_add(&l->parts, row_key(&l->v[i]), &l->v[i], wants(c, l, &l->v[i])))
            l->shown[n++] = l->v[i].t;
    figures_update(c, &l->lags, l->shown, n);
}

static void find_rows(struct console *c, struct database_list *l)
{
    const struct fleet *f = console_fleet(c);
    size_t most = f->n_targets + f->n_checks + 1;

    if (l->cap < most) {
        free(l->v);
        free(l->shown);
        l->cap = most;
        l->v = mem_alloc(most * sizeof *l->v);
        l->shown = mem_alloc(most * sizeof *l->shown);
    }
    l->n = 0;
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_DATABASE)
            l->v[l->n++] =
                (struct database_row){f->targets[i], NULL, database_status(c, f->targets[i])};
    if (l->n > 0)
        qsort(l->v, l->n, sizeof *l->v, compare_rows);
}

void database_list_fill(struct console *c, struct database_list *l)
{
    const struct fleet *f = console_fleet(c);
    size_t databases;

    find_rows(c, l);
    databases = l->n;
    for (size_t i = 0; i < f->n_checks; i++)
        if (database_is_pair(f->checks[i]))
            l->v[l->n++] =
                (struct database_row){f->checks[i]->target, f->checks[i], DATABASE_STATUS_COUNT};
    if (l->n > databases)
        qsort(l->v + databases, l->n - databases, sizeof *l->v, compare_pairs);
    parts_begin(&l->parts);
    add_part_urgent(c, l, databases);
    add_part_unused(c, l, databases);
    if (l->is_by_org) {
        add_groups(c, l, databases);
        add_part_pairs(c, l, databases);
    } else { /* few pairs stand before many databases */
        add_part_pairs(c, l, databases);
        add_groups(c, l, databases);
    }
    for (size_t i = 0; i < databases; i++)
        l->shown[i] = l->v[i].t;
    figures_update(c, &l->figures, l->shown, databases);
}

struct selection database_list_selected(const struct console *c, const struct database_list *l)
{
    const struct fleet *f = console_fleet(c);
    const struct target *t = target_by_key(f, l->parts.rows.picked);

    if (l->parts.rows.n == 0)
        return (struct selection){0};
    if (t)
        return target_selection(c, t);
    for (size_t i = 0; i < f->n_checks; i++)
        if (map_hash(f->checks[i]->id) == l->parts.rows.picked)
            return (struct selection){.target = f->checks[i]->target->id,
                                      .check = f->checks[i]->id,
                                      .alert = f->checks[i]->alert};
    return (struct selection){0};
}
