/* rows_databases_table.c - the list of databases drawn; see rows_databases.h. */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_codes.h"
#include "tui/rows_databases_private.h"
#include "tui/rows_targets.h"

enum {
    COL_SYMBOL,
    COL_WORD,
    COL_ID,
    COL_NAME,
    COL_LINK,
    COL_MODE,
    COL_OWNER,
    COL_BLOCKER,
    COL_PUBLISHED,
    COL_REPLAY,
    COL_SAY,
    COL_FIGURE
};

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
    const struct check *worst = r->status == DATABASE_LOST ? cells_worst_check(c, r->t) : NULL;

    if (worst) /* also where the site file calls it not connected: it once was */
        return target_check_mark(c, worst);
    return r->pair ? target_check_mark(c, r->pair) : target_mark(c, r->t);
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

/* Which of field list and connection guide are published, where anybody says so. */
static const char *published_words(const struct target *t)
{
    const char *fields = codes_find(t, "fields_published");
    const char *guide = codes_find(t, "guide_published");
    bool has_fields = fields && strcmp(fields, "yes") == 0;
    bool has_guide = guide && strcmp(guide, "yes") == 0;

    if (!fields && !guide)
        return "";
    if (has_fields && has_guide)
        return _("fields, guide");
    return has_fields ? _("fields") : has_guide ? _("guide") : _("not yet");
}

static void put_words(const struct database_table *dt, const struct database_row *r, int id,
                      struct table_cell *out)
{
    const char *blocker = codes_find(r->t, "blocker");

    if (id == COL_LINK)
        out->text = r->pair ? pair_fact(r->pair, "link") : database_status_words(r->status);
    else if (id == COL_MODE)
        out->text = codes_word(CODE_MODE, codes_find(r->t, "mode"));
    else if (id == COL_OWNER)
        out->text = database_owner_words(dt->c, database_owner(r->t), false);
    else if (id == COL_BLOCKER && r->status > DATABASE_WAITING)
        out->text = codes_word(CODE_BLOCKER, blocker);
    else if (id == COL_PUBLISHED)
        out->text = published_words(r->t);
    else if (id == COL_REPLAY)
        out->text = pair_fact(r->pair, "replay");
    else if (id == COL_SAY)
        put_say(dt, r, out);
}

/* Of that very check: its target may have others, of other figures. */
static void put_pair_figure(const struct database_table *dt, const struct check *k, size_t kind,
                            struct table_cell *out)
{
    const struct figures *f = &dt->l->lags;
    const struct figure *v = figures_of(f, k->target, kind);
    char text[CELL_TEXT_MAX];

    if (v && k->target->checks[v->check] == k) { /* and calm */
        figures_cell(dt->c, f, k->target, kind, out);
        return;
    }
    for (size_t n = 0; n < sizeof f->kinds->names / sizeof *f->kinds->names; n++)
        for (size_t m = 0; f->kinds[kind].names[n] && m < k->n_metrics; m++)
            if (strcmp(k->metrics[m].name, f->kinds[kind].names[n]) == 0) {
                cells_metric(console_lang(dt->c), &k->metrics[m], f->kinds[kind].digits, text);
                snprintf(out->room, sizeof out->room, "%s", text);
                return;
            }
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
    else if (id >= COL_FIGURE && r->pair)
        put_pair_figure(dt, r->pair, (size_t)(id - COL_FIGURE), out);
    else if (id >= COL_FIGURE)
        figures_cell(dt->c, &dt->l->figures, r->t, (size_t)(id - COL_FIGURE), out);
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

    return r->status == DATABASE_LOST ? 0 : target_flags(((struct database_table *)arg)->c, r->t);
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
    add_longest(dt, COL_PUBLISHED, _("Published"), 18, 47);
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
