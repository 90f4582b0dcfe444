/* rows_integration_table.c - how endpoints and their flows are drawn. */
#include "tui/rows_integration_table.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_codes.h"
#include "tui/rows_integration.h"

enum {
    COL_SYMBOL,
    COL_WORD,
    COL_NAME,
    COL_LATENCY,
    COL_TREND,
    COL_CODE,
    COL_BLAME,
    COL_SAY,
    COL_FLOW,
    COL_FIGURE = COL_FLOW + FLOWS_MAX
};

#define NARROW_COLS 4 /* of a flow whose cell is only its sign */

struct integration_table {
    const struct console *c;
    const struct integration_list *l;
    struct column columns[PARTS][TABLE_COLUMNS_MAX];
    int ids[PARTS][TABLE_COLUMNS_MAX];
    size_t n[PARTS];
    int flow_cols, name_cols;
    char short_titles[FLOWS_MAX][16];
    struct cell_trend trend;
};

/* "+ 99 %": the success share, else how fast it was. */
static void put_flow(const struct integration_table *it, const struct endpoint_row *r,
                     size_t column, struct table_cell *out)
{
    static const char *const success[] = {"success_pct", "success", "ok_pct", NULL};
    const struct target *t = r->flows[column];
    bool is_picked = it->l->flow == column + 1 && it->l->parts.rows.picked == integration_key(r);
    char figure[CELL_TEXT_MAX] = "";
    struct target_mark mark;
    const struct metric *m;

    if (!t)
        return;
    mark = integration_mark(it->c, t);
    m = cells_find_metric(t, success);
    if (it->flow_cols > NARROW_COLS && t->n_checks > 0 && t->link == LINK_DONE) {
        if (m)
            cells_metric(console_lang(it->c), m, 2, figure);
        else
            cells_latency(it->c, cells_speed_check(t), figure);
    }
    snprintf(out->room, sizeof out->room, "%s%c%s%s", is_picked ? ">" : "", mark.symbol,
             *figure ? " " : "", figure);
    out->role = mark.role;
    out->flags = is_picked ? CELL_BOLD : 0;
}

/* The sentence of the endpoint, or of the flow that is worse off. */
static void put_say(const struct integration_table *it, const struct endpoint_row *r,
                    struct table_cell *out)
{
    const struct target *t = integration_troubled(r);
    const struct check *k = cells_worst_check(it->c, t);
    struct buf words = BUF_INIT(sizeof out->room - 160);

    if (k)
        target_say(it->c, &words, k, NULL);
    if (words.len > 0 && t != r->t)
        snprintf(out->room, sizeof out->room, "%.80s: %s",
                 codes_word(CODE_FLOW, target_label(t, "flow")), buf_text(&words));
    else
        snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
    buf_release(&words);
}

static bool is_troubled(const struct target *t)
{
    return t->state == STATE_WARNING || t->state == STATE_CRITICAL || t->state == STATE_UNKNOWN;
}

/* What is only slow has no fault to be told, but a side that is slow. */
static const char *blame_of(const struct target *t)
{
    const char *blame = codes_find(t, "blame");

    return blame ? blame : codes_find(t, "side");
}

/* Whose fault it is, and what the peer called it: said while something is wrong. */
static void put_trouble(const struct endpoint_row *r, const char *key, struct table_cell *out)
{
    const struct target *t = integration_troubled(r);

    if (is_troubled(t))
        out->text = strcmp(key, "blame") == 0 ? codes_word(CODE_BLAME, blame_of(t))
                                              : codes_word(CODE_LINK, codes_find(t, key));
}

/* Names that begin alike and do not fit are told apart by whose they are. */
static void put_name(const struct integration_table *it, const struct target *t,
                     struct table_cell *out)
{
    const char *name = cells_name(it->c, t);
    const struct org *org = t->org ? about_org(&console_fleet(it->c)->about, t->org) : NULL;

    if (org && org->abbr && text_cols(name) > it->name_cols)
        snprintf(out->room, sizeof out->room, "%.40s %.200s", org->abbr, name);
    else
        out->text = name;
}

static void put_cell(struct integration_table *it, size_t part, const struct endpoint_row *r,
                     size_t column, struct table_cell *out)
{
    struct target_mark mark = integration_mark(it->c, integration_judged(r));
    const struct check *k = cells_speed_check(integration_judged(r));
    int id = it->ids[part][column];

    if (id == COL_SYMBOL || id == COL_WORD) {
        snprintf(out->room, sizeof out->room, "%c", mark.symbol);
        out->text = id == COL_WORD ? mark.word : out->room;
        out->role = mark.role;
    } else if (id == COL_NAME)
        put_name(it, r->t, out);
    else if (id == COL_LATENCY && k)
        cells_latency(it->c, k, out->room);
    else if (id == COL_TREND && k)
        out->trend = cells_trend(it->c, &k->trend, &it->trend);
    else if (id == COL_CODE || id == COL_BLAME)
        put_trouble(r, id == COL_CODE ? "error_code" : "blame", out);
    else if (id == COL_SAY)
        put_say(it, r, out);
    else if (id >= COL_FIGURE)
        figures_cell(it->c, &it->l->figures, r->t, (size_t)(id - COL_FIGURE), out);
    else if (id >= COL_FLOW)
        put_flow(it, r, (size_t)(id - COL_FLOW), out);
}

static void endpoint_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_ENDPOINTS, item, column, out);
}

static void flow_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_FLOWS, item, column, out);
}

static int row_flags(void *arg, const void *item)
{
    const struct endpoint_row *r = item;

    return target_flags(((struct integration_table *)arg)->c, r->t);
}

static void add_column(struct integration_table *it, size_t part, int id, struct column column)
{
    it->columns[part][it->n[part]] = column;
    it->ids[part][it->n[part]++] = id;
}

static int name_cols(const struct integration_table *it, int least, int most)
{
    for (size_t i = 0; i < it->l->parts.rows.n; i++) {
        const struct endpoint_row *r = it->l->parts.rows.v[i].item;
        int has = text_cols(cells_name(it->c, r->t));
        least = has > least ? has : least;
    }
    return least < most ? least : most;
}

static bool has_fact(const struct integration_table *it, const char *key)
{
    bool is_blame = strcmp(key, "blame") == 0;

    for (size_t i = 0; i < it->l->parts.rows.n; i++) {
        const struct endpoint_row *r = it->l->parts.rows.v[i].item;

        const struct target *t = integration_troubled(r);

        if (codes_find(t, key) || (is_blame && is_troubled(t) && blame_of(t)))
            return true;
    }
    return false;
}

/* Where a cell is only its sign, the first letters of the title do. */
static const char *flow_title(struct integration_table *it, size_t i)
{
    const char *title = codes_word(CODE_FLOW, it->l->flows[i]);
    int used;

    if (it->flow_cols > NARROW_COLS)
        return title;
    snprintf(it->short_titles[i], sizeof it->short_titles[i], "%.*s",
             (int)text_fit(title, NARROW_COLS - 1, &used), title);
    return it->short_titles[i];
}

static void lay_flows(struct integration_table *it, int cols)
{
    it->flow_cols = cols < 60 ? NARROW_COLS : cols < 100 ? 8 : 9;
    for (size_t i = 0; i < it->l->n_flows; i++) {
        const char *title = flow_title(it, i);
        int wide = text_cols(title) > it->flow_cols ? text_cols(title) : it->flow_cols;

        wide = wide > 12 ? 12 : wide;
        add_column(it, PART_FLOWS, COL_FLOW + (int)i,
                   (struct column){title, wide, wide, 90, ALIGN_LEFT});
    }
}

static void lay_part(struct integration_table *it, size_t part, int cols)
{
    int name = name_cols(it, cols < 60 ? 8 : 20, cols < 60 ? 18 : cols < 100 ? 26 : 40);

    it->name_cols = name;
    add_column(it, part, COL_SYMBOL, (struct column){"", 1, 1, 99, ALIGN_LEFT});
    add_column(it, part, COL_WORD, (struct column){"", 8, 8, 60, ALIGN_LEFT});
    add_column(it, part, COL_NAME, (struct column){"", name, name, 98, ALIGN_LEFT});
    if (part == PART_FLOWS)
        lay_flows(it, cols);
    else {
        add_column(it, part, COL_LATENCY, (struct column){_("Latency"), 8, 8, 85, ALIGN_RIGHT});
        add_column(it, part, COL_TREND,
                   (struct column){_("Trend"), 8, cols < 150 ? 8 : 20, 40, ALIGN_LEFT});
        it->n[part] += figures_columns(&it->l->figures, it->columns[part] + it->n[part],
                                       it->ids[part] + it->n[part], COL_FIGURE);
    }
    if (has_fact(it, "error_code"))
        add_column(it, part, COL_CODE, (struct column){_("Code"), 5, 8, 62, ALIGN_LEFT});
    if (has_fact(it, "blame"))
        add_column(it, part, COL_BLAME, (struct column){_("Whose"), 9, 9, 78, ALIGN_LEFT});
    add_column(it, part, COL_SAY, (struct column){_("What"), 12, 0, 65, ALIGN_LEFT});
}

void integration_list_draw(const struct console *c, const struct integration_list *l,
                           struct surface *s, struct area a)
{
    struct integration_table it = {.c = c, .l = l};

    if (l->parts.rows.n == 0) {
        surface_put(s, a, 0, 0, a.cols,
                    filter_is_empty(&l->parts.filter) ? _("The site file has no endpoints.")
                                                      : _("Nothing matches the filter."),
                    ROLE_FAINT, 0);
        return;
    }
    lay_part(&it, PART_ENDPOINTS, a.cols);
    lay_part(&it, PART_FLOWS, a.cols);
    const struct part_kind kinds[PARTS] = {
        [PART_ENDPOINTS] = {it.columns[PART_ENDPOINTS], it.n[PART_ENDPOINTS], 3, endpoint_cell,
                            row_flags},
        [PART_FLOWS] = {it.columns[PART_FLOWS], it.n[PART_FLOWS], 3, flow_cell, row_flags},
    };
    parts_draw(s, a, &l->parts, kinds, &it);
}
