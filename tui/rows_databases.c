/* rows_databases.c - see rows_databases.h; totals: rows_totals.c. */
#include "tui/rows_databases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_codes.h"
#include "tui/rows_targets.h"

enum { FRESHNESS, DATABASE_FIGURES };
static const struct figure_kind database_kinds[DATABASE_FIGURES] = {
    [FRESHNESS] = {N_("Freshness"), {"age_s", "freshness_s"}, "last_sync_at", FIGURE_AGE, 0, 6, 85},
};
enum { LAG, LAG_BYTES, LAG_FIGURES };
static const struct figure_kind lag_kinds[LAG_FIGURES] = {
    [LAG] = {N_("Lag"), {"lag_s", "lag_ms", "lag"}, NULL, FIGURE_METRIC, 2, 7, 85},
    [LAG_BYTES] = {N_("Bytes"), {"lag_bytes", "lag_b"}, NULL, FIGURE_METRIC, 2, 7, 84},
};

enum { PART_DATABASES, PART_PAIRS, PARTS };
enum {
    COL_SYMBOL,
    COL_WORD,
    COL_ID,
    COL_NAME,
    COL_LINK,
    COL_MODE,
    COL_OWNER,
    COL_BLOCKER,
    COL_REPLAY,
    COL_SAY,
    COL_FIGURE
};

static bool is_pair(const struct check *k)
{
    return k->probe && strcmp(k->probe, "replication") == 0;
}

size_t databases_count(const struct fleet *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += f->targets[i]->kind == TARGET_DATABASE;
    for (size_t i = 0; i < f->n_checks; i++)
        n += is_pair(f->checks[i]);
    return n;
}

/* What is seen of its connection, NULL: nothing. */
static const char *seen_link(const struct target *t)
{
    const char *link = NULL;

    for (size_t i = 0; !link && i < t->n_checks; i++)
        if (!is_pair(t->checks[i])) /* there it is the standby's to its primary */
            link = fact_value(t->checks[i]->facts, t->checks[i]->n_facts, "link");
    return link;
}

enum database_status database_status(const struct console *c, const struct target *t)
{
    enum state s = console_target_state(c, t);
    const char *link = seen_link(t);
    bool is_linked = link && strcmp(link, link_names[LINK_DONE]) == 0;

    if (t->is_disabled)
        return DATABASE_OFF;
    if (t->link == LINK_NONE && !is_linked)
        return DATABASE_NONE;
    if (t->link == LINK_TESTING)
        return DATABASE_TESTING;
    if (s == STATE_OK)
        return DATABASE_OK;
    if (s == STATE_PENDING)
        return DATABASE_WAITING;
    if (s == STATE_CRITICAL && link && !is_linked)
        return DATABASE_LOST;
    return s == STATE_CRITICAL || s == STATE_WARNING ? DATABASE_LATE : DATABASE_UNKNOWN;
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

/* Whose it is: the label or what a reply says, else the organisation of the site file. */
static const char *owner_id(const struct target *t)
{
    const char *owner = t->org ? t->org : codes_find(t, "owner");

    return owner && strcmp(owner, "?") != 0 ? owner : "";
}

static const char *owner_words(const struct console *c, const char *id, bool is_long)
{
    const struct org *org = about_org(&console_fleet(c)->about, id);

    if (!org || (org->abbr && !is_long))
        return org ? org->abbr : id;
    return console_words(c, &org->name, org->abbr ? org->abbr : id);
}

static const char *programme_id(const struct target *t)
{
    const char *programme = target_label(t, "programme");

    return programme ? programme : t->group ? t->group : "";
}

/* The programme's name: the total that counts it, else the group that has it. */
static const char *programme_words(const struct console *c, const char *id)
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
    return l->is_by_org ? owner_id(t) : programme_id(t);
}

static bool is_urgent(enum database_status s)
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
        count += is_urgent(l->v[i].status);
    snprintf(number, sizeof number, "%zu", count);
    cells_say(c, SAY(N_("Dropped out or late: {0}"), number), title, sizeof title);
    parts_heading(&l->parts, PART_DATABASES, title);
    for (size_t i = 0; i < n; i++)
        if (is_urgent(l->v[i].status))
            parts_add(&l->parts, row_key(&l->v[i]), &l->v[i], wants(c, l, &l->v[i]));
}

/* One group, without what stands above: its name, how many of it are connected. */
static void add_part_group(struct console *c, struct database_list *l, size_t n, const char *id)
{
    const char *words = !*id           ? (l->is_by_org ? _("No owner named") : _("No programme"))
                        : l->is_by_org ? owner_words(c, id, true)
                                       : programme_words(c, id);
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
        if (!is_urgent(l->v[i].status) && strcmp(group_id(l, l->v[i].t), id) == 0)
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
        if (is_pair(f->checks[i]))
            l->v[l->n++] =
                (struct database_row){f->checks[i]->target, f->checks[i], DATABASE_STATUS_COUNT};
    if (l->n > databases)
        qsort(l->v + databases, l->n - databases, sizeof *l->v, compare_pairs);
    parts_begin(&l->parts);
    add_part_urgent(c, l, databases);
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

/* --- picture --------------------------------------------------------------------------------- */

struct database_table {
    const struct console *c;
    const struct database_list *l;
    struct column columns[PARTS][TABLE_COLUMNS_MAX];
    int ids[PARTS][TABLE_COLUMNS_MAX];
    size_t n[PARTS];
    size_t titled; /* columns that a heading covers */
};

static struct target_mark row_mark(const struct console *c, const struct database_row *r)
{
    return r->pair ? target_check_mark(c, r->pair) : target_mark(c, r->t);
}

static const char *status_words(enum database_status s)
{
    static const char *const words[DATABASE_STATUS_COUNT] = {
        [DATABASE_LOST] = N_("connection lost"),  [DATABASE_LATE] = N_("late"),
        [DATABASE_UNKNOWN] = N_("nothing fresh"), [DATABASE_OK] = N_("connected"),
        [DATABASE_TESTING] = N_("under test"),    [DATABASE_NONE] = N_("not connected yet"),
        [DATABASE_OFF] = N_("switched off"),      [DATABASE_WAITING] = N_("nothing yet"),
    };

    return s < DATABASE_STATUS_COUNT ? _(words[s]) : "";
}

static const char *pair_fact(const struct check *k, const char *key)
{
    const char *value = fact_value(k->facts, k->n_facts, key);

    return value ? value : "";
}

static void put_say(const struct database_table *dt, const struct database_row *r,
                    struct table_cell *out)
{
    const struct check *k = r->pair ? r->pair : cells_worst_check(dt->c, r->t);
    struct buf words = BUF_INIT(sizeof out->room - 1);

    if (k && (r->pair || r->status <= DATABASE_WAITING))
        target_say(dt->c, &words, k, NULL);
    if (words.len == 0 && r->pair && k->summary)
        console_say(dt->c, &words, k->summary);
    else if (words.len == 0 && k && k->at_ms == 0 && r->t->link == LINK_DONE)
        buf_adds(&words, _("Waiting for the first check."));
    snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
    buf_release(&words);
}

static void put_words(const struct database_table *dt, const struct database_row *r, int id,
                      struct table_cell *out)
{
    const char *blocker = codes_find(r->t, "blocker");

    if (id == COL_LINK)
        out->text = r->pair ? pair_fact(r->pair, "link") : status_words(r->status);
    else if (id == COL_MODE)
        out->text = codes_word(CODE_MODE, codes_find(r->t, "mode"));
    else if (id == COL_OWNER)
        out->text = owner_words(dt->c, owner_id(r->t), false);
    else if (id == COL_BLOCKER && r->status > DATABASE_WAITING)
        out->text = codes_word(CODE_BLOCKER, blocker);
    else if (id == COL_REPLAY)
        out->text = pair_fact(r->pair, "replay");
    else if (id == COL_SAY)
        put_say(dt, r, out);
}

static void put_cell(const struct database_table *dt, size_t part, const struct database_row *r,
                     size_t column, struct table_cell *out)
{
    struct target_mark mark = row_mark(dt->c, r);
    int id = dt->ids[part][column];

    if (id == COL_SYMBOL)
        snprintf(out->room, sizeof out->room, "%c", mark.symbol);
    else if (id == COL_WORD)
        out->text = mark.word;
    else if (id == COL_ID)
        out->text = r->pair ? r->pair->id : r->t->id;
    else if (id == COL_NAME)
        out->text = cells_name(dt->c, r->t);
    else if (id >= COL_FIGURE)
        figures_cell(dt->c, r->pair ? &dt->l->lags : &dt->l->figures, r->t,
                     (size_t)(id - COL_FIGURE), out);
    else
        put_words(dt, r, id, out);
    if (id == COL_SYMBOL || id == COL_WORD)
        out->role = mark.role;
}

static void database_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_DATABASES, item, column, out);
}

static void pair_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_PAIRS, item, column, out);
}

static int database_flags(void *arg, const void *item)
{
    const struct database_row *r = item;

    return target_flags(((struct database_table *)arg)->c, r->t);
}

static void add_column(struct database_table *dt, size_t part, int id, struct column column)
{
    dt->columns[part][dt->n[part]] = column;
    dt->ids[part][dt->n[part]++] = id;
}

/* The longest that any row has, within bounds. */
static int longest(const struct database_table *dt, int id, int least, int most)
{
    for (size_t i = 0; i < dt->l->parts.rows.n; i++) {
        const struct database_row *r = dt->l->parts.rows.v[i].item;
        struct table_cell cell = {.role = ROLE_NORMAL};
        int cols;

        cell.text = cell.room;
        if (id == COL_ID)
            cell.text = r->pair ? r->pair->id : r->t->id;
        else if (id == COL_NAME)
            cell.text = r->pair || strcmp(cells_name(dt->c, r->t), r->t->id) == 0
                            ? "" /* the id again says nothing */
                            : cells_name(dt->c, r->t);
        else if (!r->pair)
            put_words(dt, r, id, &cell);
        cols = text_cols(cell.text);
        least = cols > least ? cols : least;
    }
    return least < most ? least : most;
}

static void add_longest(struct database_table *dt, int id, const char *title, int most, int weight)
{
    int cols = longest(dt, id, 0, most);

    if (cols == 0)
        return;
    cols = text_cols(title) > cols ? text_cols(title) : cols;
    add_column(dt, PART_DATABASES, id, (struct column){title, cols, cols, weight, ALIGN_LEFT});
}

static void lay_databases(struct database_table *dt, int cols)
{
    int id = longest(dt, COL_ID, cols < 60 ? 8 : 22, cols < 60 ? 14 : 28); /* under a heading */

    for (size_t part = 0; part < PARTS; part++) {
        add_column(dt, part, COL_SYMBOL, (struct column){"", 1, 1, 99, ALIGN_LEFT});
        add_column(dt, part, COL_WORD, (struct column){"", 8, 8, 70, ALIGN_LEFT});
        add_column(dt, part, COL_ID, (struct column){"", id, id, 98, ALIGN_LEFT});
    }
    add_longest(dt, COL_NAME, "", 40, 45);
    dt->titled = dt->n[PART_DATABASES];
    add_longest(dt, COL_LINK, _("Connection"), 18, 80);
    dt->n[PART_DATABASES] +=
        figures_columns(&dt->l->figures, dt->columns[PART_DATABASES] + dt->n[PART_DATABASES],
                        dt->ids[PART_DATABASES] + dt->n[PART_DATABASES], COL_FIGURE);
    add_longest(dt, COL_MODE, _("Mode"), 10, 50);
    add_longest(dt, COL_OWNER, _("Owner"), 14, 60);
    add_longest(dt, COL_BLOCKER, _("Blocked by"), 24, 55);
    add_column(dt, PART_DATABASES, COL_SAY, (struct column){_("What"), 14, 0, 65, ALIGN_LEFT});
    dt->n[PART_PAIRS] += figures_columns(&dt->l->lags, dt->columns[PART_PAIRS] + dt->n[PART_PAIRS],
                                         dt->ids[PART_PAIRS] + dt->n[PART_PAIRS], COL_FIGURE);
    add_column(dt, PART_PAIRS, COL_LINK, (struct column){_("Link"), 9, 12, 80, ALIGN_LEFT});
    add_column(dt, PART_PAIRS, COL_REPLAY, (struct column){_("Replay"), 8, 10, 75, ALIGN_LEFT});
    add_column(dt, PART_PAIRS, COL_SAY, (struct column){_("What"), 14, 0, 65, ALIGN_LEFT});
}

void database_list_draw(const struct console *c, const struct database_list *l, struct surface *s,
                        struct area a)
{
    struct database_table dt = {.c = c, .l = l};

    if (l->parts.rows.n == 0) {
        surface_put(s, a, 0, 0, a.cols,
                    filter_is_empty(&l->parts.filter) ? _("The site file has no databases.")
                                                      : _("Nothing matches the filter."),
                    ROLE_FAINT, 0);
        return;
    }
    lay_databases(&dt, a.cols);
    const struct part_kind kinds[PARTS] = {
        [PART_DATABASES] = {dt.columns[PART_DATABASES], dt.n[PART_DATABASES], dt.titled,
                            database_cell, database_flags},
        [PART_PAIRS] = {dt.columns[PART_PAIRS], dt.n[PART_PAIRS], 3, pair_cell, NULL},
    };
    parts_draw(s, a, &l->parts, kinds, &dt);
}
