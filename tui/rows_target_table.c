/* rows_target_table.c - the table of targets: its columns and what stands in them. */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_targets.h"
#include "widgets/table.h"

#define CALM_ROWS_MAX 12 /* a board of so few may move */

enum column_id {
    COL_SYMBOL,
    COL_WORD,
    COL_ID,
    COL_TAG,
    COL_ROLE,
    COL_GROUP,
    COL_SAY,
    COL_LATENCY,
    COL_TREND,
    COL_LOAD,
    COL_MEMORY,
    COL_DISK,
    COL_VERSION,
    COL_AGE,
    COL_COUNT
};

struct target_table {
    const struct console *c;
    const struct target_list *l;
    struct column columns[COL_COUNT];
    enum column_id ids[COL_COUNT];
    size_t n;
    bool has_all; /* also trends and ages of what is well: of many on a board they only tick */
    struct cell_trend trend; /* of the cell being drawn */
};

static const struct target *target_of(const struct target_table *tt, size_t row)
{
    return tt->l->rows.v[row].item;
}

static void put_say(const struct target_table *tt, const struct target *t, struct table_cell *out)
{
    const struct check *k = cells_worst_check(tt->c, t);
    struct buf words = BUF_INIT(sizeof out->room - 1);

    if (k)
        target_say(tt->c, &words, k, k->name);
    snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
    buf_release(&words);
}

static void put_metric(const struct target_table *tt, size_t row, int m, struct table_cell *out)
{
    size_t at = row - tt->l->list.top;
    const struct target_figures *f;
    struct metric metric;

    if (at >= tt->l->n_figures || !tt->l->figures[at].has[m])
        return;
    f = &tt->l->figures[at];
    metric = (struct metric){.value = f->value[m], .unit = (char *)f->unit[m]};
    cells_metric(console_lang(tt->c), &metric, 2, out->room);
}

static void put_figure(struct target_table *tt, const struct target *t, enum column_id id,
                       size_t row, struct table_cell *out)
{
    const struct check *k = cells_speed_check(t);

    if (id == COL_LATENCY && k)
        cells_latency(tt->c, k, out->room);
    else if (id == COL_TREND && k && (tt->has_all || t->state != STATE_OK))
        out->trend = cells_trend(tt->c, &k->trend, &tt->trend);
    else if (id >= COL_LOAD && id <= COL_DISK)
        put_metric(tt, row, (int)id - (int)COL_LOAD, out);
    else if (id == COL_VERSION && target_label(t, "version"))
        out->text = target_label(t, "version");
    else if (id == COL_AGE && t->since_ms && (tt->has_all || t->state != STATE_OK))
        console_age(tt->c, t->since_ms, out->room);
}

static void target_cell(void *arg, size_t row, size_t column, struct table_cell *out)
{
    struct target_table *tt = arg;
    const struct target *t = target_of(tt, row);
    struct target_mark mark = target_mark(tt->c, t);

    switch (tt->ids[column]) {
    case COL_SYMBOL:
        out->room[0] = mark.symbol;
        out->room[1] = '\0';
        out->role = mark.role;
        break;
    case COL_WORD:
        out->text = mark.word;
        out->role = mark.role;
        break;
    case COL_ID:
        out->text = t->id;
        break;
    case COL_TAG:
        target_put_tag(tt->c, t, out->room);
        out->role = ROLE_TAG;
        break;
    case COL_ROLE:
        out->text = cells_role(t);
        break;
    case COL_GROUP:
        out->text = cells_group(tt->c, t);
        break;
    case COL_SAY:
        put_say(tt, t, out);
        break;
    default:
        put_figure(tt, t, tt->ids[column], row, out);
    }
}

static int target_row_flags(void *arg, size_t row)
{
    const struct target_table *tt = arg;
    const struct target *t = target_of(tt, row);

    return target_flags(tt->c, t);
}

static int longest(const struct target_table *tt, enum column_id id, int least, int most)
{
    int cols = least;

    for (size_t i = 0; i < tt->l->rows.n; i++) {
        const struct target *t = target_of(tt, i);
        int has = text_cols(id == COL_ID     ? t->id
                            : id == COL_ROLE ? cells_role(t)
                                             : cells_group(tt->c, t));
        cols = has > cols ? has : cols;
    }
    return cols < most ? cols : most;
}

static void add_column(struct target_table *tt, enum column_id id, struct column column)
{
    tt->columns[tt->n] = column;
    tt->ids[tt->n++] = id;
}

static void lay_columns(struct target_table *tt, int cols, bool has_metrics)
{
    static const char *const metric_titles[TARGET_METRICS] = {N_("Load"), N_("Mem"), N_("Disk")};
    int id = longest(tt, COL_ID, text_cols(_("Target")), cols < 60 ? 18 : 28);
    int role = longest(tt, COL_ROLE, text_cols(_("Role")), 20),
        group = longest(tt, COL_GROUP, 0, 16);

    add_column(tt, COL_SYMBOL, (struct column){"", 1, 1, 99, ALIGN_LEFT});
    add_column(tt, COL_WORD, (struct column){_("State"), 8, 8, 60, ALIGN_LEFT});
    add_column(tt, COL_ID, (struct column){_("Target"), id, id, 95, ALIGN_LEFT});
    if (tt->l->has_tags)
        add_column(tt, COL_TAG, (struct column){"", 1, 1, 90, ALIGN_LEFT});
    add_column(tt, COL_ROLE, (struct column){_("Role"), role, role, 50, ALIGN_LEFT});
    if (group > 0)
        add_column(tt, COL_GROUP, (struct column){_("Group"), group, group, 45, ALIGN_LEFT});
    add_column(tt, COL_LATENCY, (struct column){_("Latency"), 8, 8, 75, ALIGN_RIGHT});
    add_column(tt, COL_TREND,
               (struct column){_("Trend"), 10, cols < 150 ? 10 : 20, 40, ALIGN_LEFT});
    for (int m = 0; m < TARGET_METRICS; m++)
        if (has_metrics && tt->l->has_metric[m])
            add_column(tt, (enum column_id)(COL_LOAD + m),
                       (struct column){_(metric_titles[m]), 6, 6, 36 - m, ALIGN_RIGHT});
    if (tt->l->has_version)
        add_column(tt, COL_VERSION, (struct column){_("Version"), 7, 12, 20, ALIGN_LEFT});
    add_column(tt, COL_AGE, (struct column){_("Since"), 5, 5, 80, ALIGN_RIGHT});
    if (tt->l->has_trouble)
        add_column(tt, COL_SAY,
                   (struct column){_("What"),
                                   cols < 60    ? 8
                                   : cols < 100 ? 16
                                                : 26,
                                   0, 70, ALIGN_LEFT});
}

/* Title that carries the sort mark. */
static int sorted_column(const struct target_table *tt)
{
    static const struct {
        enum column_id id;
        int sign;
    } sorted[TARGET_ORDER_COUNT] = {
        [TARGETS_WORST] = {COL_WORD, -1},      [TARGETS_ID] = {COL_ID, 1},
        [TARGETS_ROLE] = {COL_ROLE, 1},        [TARGETS_GROUP] = {COL_GROUP, 1},
        [TARGETS_LATENCY] = {COL_LATENCY, -1}, [TARGETS_CHANGED] = {COL_AGE, 1},
    };

    for (size_t i = 0; i < tt->n; i++)
        if (tt->ids[i] == sorted[tt->l->order].id)
            return (int)(i + 1) * sorted[tt->l->order].sign;
    return 0;
}

void target_list_draw(const struct console *c, const struct target_list *l, struct surface *s,
                      struct area a, bool has_cursor)
{
    struct target_table tt = {.c = c, .l = l, .has_all = has_cursor || l->rows.n <= CALM_ROWS_MAX};
    struct table t = {.columns = tt.columns,
                      .n_rows = l->rows.n,
                      .list = l->list,
                      .cell = target_cell,
                      .row_flags = target_row_flags,
                      .arg = &tt,
                      .has_no_header = a.lines < 3,
                      .has_no_cursor = !has_cursor};

    if (l->rows.n == 0) {
        surface_put(s, a, 0, 0, a.cols,
                    l->filter.n || l->filter.preview.folded ? _("Nothing matches the filter.")
                                                            : _("The site file has no targets."),
                    ROLE_FAINT, 0);
        return;
    }
    lay_columns(&tt, a.cols, has_cursor);
    t.n_columns = tt.n;
    t.sorted = has_cursor ? sorted_column(&tt) : 0;
    table_draw(s, a, &t);
}
