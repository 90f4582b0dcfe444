/* rows_alerts_draw.c - the picture of the list of alerts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/when.h"
#include "tui/rows_alerts_private.h"
#include "tui/rows_cells.h"
#include "tui/rows_marks.h"
#include "widgets/table.h"

#define WIDE_COLS 100 /* from here on what comes next is said in words */

enum {
    COL_MARK,
    COL_PRIORITY,
    COL_SYMBOL,
    COL_WORD,
    COL_ID,
    COL_CHECK,
    COL_SAY,
    COL_AGE,
    COL_TAKE,
    COL_NEXT,
    COL_OWNER,
    COL_LEVEL,
    COL_COUNT
};

struct cells_arg {
    const struct console *c;
    const struct alert_list *l;
    bool has_marks, is_wide;
};

static const struct alert *alert_at(const struct cells_arg *arg, size_t row)
{
    return arg->l->rows.v[row].item;
}

static void put_owner(const struct alert *a, struct table_cell *out)
{
    char until[WHEN_TEXT_MAX];

    if (a->phase == ALERT_RESOLVED) {
        snprintf(out->room, sizeof out->room, "%s", a->ack.by ? a->ack.by : "");
    } else if (!a->ack.by) {
        out->text = _("nobody");
        out->role = role_of_priority(a->priority);
    } else {
        snprintf(out->room, sizeof out->room, "%.60s %s", a->ack.by,
                 when_hm(a->ack.until_ms, until));
    }
}

static void put_state(const struct cells_arg *arg, const struct alert *a, size_t column,
                      struct table_cell *out)
{
    const struct check *k = fleet_check(console_fleet(arg->c), a->check);
    enum state s = a->phase == ALERT_RESOLVED ? STATE_OK : a->state;

    if (a->phase == ALERT_FIRING &&
        (console_is_old(arg->c) || (k && console_shown(arg->c, k) == STATE_STALE)))
        s = STATE_STALE;
    out->role =
        a->phase == ALERT_RESOLVED && console_is_old(arg->c) ? ROLE_FAINT : role_of_state(s);
    if (column == COL_SYMBOL)
        cells_symbol(s, out->room);
    else
        out->text = a->phase == ALERT_RESOLVED ? _("resolved") : cells_word(s);
}

/* A cause says whether it is open; what stands behind it stands further in. */
static void put_check(const struct cells_arg *arg, const struct alert *a, struct table_cell *out)
{
    const struct fold *fold = alert_list_fold(arg->c, arg->l, a->id);

    if (fold && fold->is_alike && !fold->is_open)
        snprintf(out->room, sizeof out->room, "> *%s",
                 strchr(a->check, '/') ? strchr(a->check, '/') : "");
    else if (fold && fold->behind > 0)
        snprintf(out->room, sizeof out->room, "%s %s", fold->is_open ? "v" : ">", a->check);
    else if (alert_list_root(arg->c, arg->l, a->id) != a->id)
        snprintf(out->room, sizeof out->room, "  %s", a->check);
    else
        out->text = a->check;
}

/* "(+37 behind it) silenced · HTTP 502": how many and why not, then what. */
static void put_sentence(const struct cells_arg *arg, const struct alert *a, struct table_cell *out)
{
    const struct fold *fold = alert_list_fold(arg->c, arg->l, a->id);
    struct buf words = BUF_INIT(sizeof out->room - 1);
    char part[MARKS_TEXT_MAX], n[24];

    if (fold && fold->behind > 0) {
        snprintf(n, sizeof n, "%zu", fold->behind + fold->is_alike);
        buf_addf(
            &words, "%s ",
            cells_say(arg->c,
                      fold->is_alike ? SAY(N_("({0} alike)"), n) : SAY(N_("(+{0} behind it)"), n),
                      part, sizeof part));
    }
    if (a->phase == ALERT_FIRING && *marks_words(arg->c, a, part))
        buf_addf(&words, "%s · ", part);
    console_say(arg->c, &words, cells_alert_sentence(arg->c, a));
    snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
    buf_release(&words);
}

static void put_next(const struct cells_arg *arg, const struct alert *a, size_t column,
                     struct table_cell *out)
{
    if (column == COL_TAKE)
        marks_take(arg->c, a, out->room);
    else
        marks_next(arg->c, a, !arg->is_wide, out->room);
    out->role = marks_is_pressing(arg->c, a) ? role_of_priority(a->priority)
                : a->marks & MARKS_PAUSE     ? ROLE_FAINT
                                             : ROLE_NORMAL;
}

static void alert_cell(void *varg, size_t row, size_t column, struct table_cell *out)
{
    const struct cells_arg *arg = varg;
    const struct alert *a = alert_at(arg, row);

    column += arg->has_marks ? 0 : 1;
    switch (column) {
    case COL_MARK:
        out->text = rows_is_marked(&arg->l->rows, a->id) ? "*" : "";
        break;
    case COL_PRIORITY:
        out->text = priority_name(a->priority);
        out->role = role_of_priority(a->priority);
        break;
    case COL_SYMBOL:
    case COL_WORD:
        put_state(arg, a, column, out);
        break;
    case COL_ID:
        snprintf(out->room, sizeof out->room, "#%" PRIu64, a->id);
        out->role = ROLE_FAINT;
        break;
    case COL_CHECK:
        put_check(arg, a, out);
        break;
    case COL_SAY:
        put_sentence(arg, a, out);
        break;
    case COL_AGE:
        if (a->phase == ALERT_RESOLVED)
            console_age(arg->c, a->resolved_at_ms, out->room);
        else
            when_age(cells_alert_age(arg->c, a), out->room);
        break;
    case COL_TAKE:
    case COL_NEXT:
        put_next(arg, a, column, out);
        break;
    case COL_OWNER:
        put_owner(a, out);
        break;
    default:
        cells_level(arg->c, a->level, out->room);
    }
}

static int alert_row_flags(void *varg, size_t row)
{
    const struct cells_arg *arg = varg;
    const struct alert *a = alert_at(arg, row);
    bool is_held = a->phase == ALERT_RESOLVED || (a->marks & MARKS_HOLD) != 0;

    return (is_held ? CELL_DIM : 0) | (rows_is_marked(&arg->l->rows, a->id) ? CELL_MARKED : 0);
}

static void draw_empty(const struct console *c, const struct alert_list *l, struct surface *s,
                       struct area a)
{
    const char *words = l->filter.n || l->filter.preview.folded ? _("Nothing matches the filter.")
                        : cells_is_waiting(console_fleet(c))    ? _("Waiting for the first check.")
                                                                : _("No open alerts.");

    surface_put(s, a, 0, 0, a.cols, words, ROLE_FAINT, 0);
}

static int at_most(int n, int most)
{
    return n < most ? n : most;
}

void alert_list_draw(const struct console *c, const struct alert_list *l, struct surface *s,
                     struct area a)
{
    struct cells_arg arg = {c, l, l->rows.n_marks > 0, a.cols >= WIDE_COLS};
    int check = at_most(l->check_cols, a.cols < 60 ? 17 : 30), owner = at_most(l->owner_cols, 22);
    int say = a.cols < 60 ? 9 : a.cols < WIDE_COLS ? 17 : 26;
    int next = l->has_nexts ? (arg.is_wide ? 18 : 8) : 0;
    int take = l->has_takes ? 13 : 0;
    const struct column columns[COL_COUNT] = {
        [COL_MARK] = {"", 1, 1, 95, ALIGN_LEFT},
        [COL_PRIORITY] = {_("P"), 2, 2, 92, ALIGN_LEFT},
        [COL_SYMBOL] = {"", 1, 1, 99, ALIGN_LEFT},
        [COL_WORD] = {_("State"), 8, 8, 58, ALIGN_LEFT},
        [COL_ID] = {_("No."), 5, 7, 55, ALIGN_LEFT},
        [COL_CHECK] = {_("Check"), check, check, 90, ALIGN_LEFT},
        [COL_SAY] = {_("What"), say, 0, 80, ALIGN_LEFT},
        [COL_AGE] = {_("Age"), 5, 5, 75, ALIGN_RIGHT},
        [COL_TAKE] = {_("Take within"), take, take, 20, ALIGN_LEFT},
        [COL_NEXT] = {_("Next"), next, next, 60, ALIGN_LEFT},
        [COL_OWNER] = {text_cols(_("Owner, until")) <= owner ? _("Owner, until") : _("Owner"),
                       owner, owner, 70, ALIGN_LEFT},
        [COL_LEVEL] = {_("Lv"), 2, 2, 30, ALIGN_LEFT},
    };
    struct table t = {.columns = columns + (arg.has_marks ? 0 : 1),
                      .n_columns = COL_COUNT - (arg.has_marks ? 0 : 1),
                      .n_rows = l->rows.n,
                      .list = l->list,
                      .cell = alert_cell,
                      .row_flags = alert_row_flags,
                      .arg = &arg,
                      .has_no_header = a.lines < 3};

    if (l->rows.n == 0)
        draw_empty(c, l, s, a);
    else
        table_draw(s, a, &t);
}
