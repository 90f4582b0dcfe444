/* rows_alerts.c - see rows_alerts.h. */
#include "tui/rows_alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "widgets/table.h"

const char *const alert_list_bar[] = {"ack",  "detail", "filter",       "help",    "note", "unack",
                                      "mark", "sort",   "next-unacked", "command", "quit", NULL};

void alert_list_release(struct alert_list *l)
{
    rows_release(&l->rows);
    filter_release(&l->filter);
}

static const struct alert *alert_at(const struct row *r)
{
    return r->item;
}

/* Open before resolved; resolved ones newest first; 0: the order decides. */
static int compare_phase(const struct alert *a, const struct alert *b)
{
    if (a->phase != b->phase)
        return a->phase == ALERT_FIRING ? -1 : 1;
    if (a->phase == ALERT_FIRING)
        return 0;
    if (a->resolved_at_ms != b->resolved_at_ms)
        return a->resolved_at_ms > b->resolved_at_ms ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

static int compare_urgent(const void *x, const void *y)
{
    const struct alert *a = alert_at(x), *b = alert_at(y);
    int order = compare_phase(a, b);

    return order || a->phase == ALERT_RESOLVED ? order : alert_compare(&a, &b);
}

static int compare_newest(const void *x, const void *y)
{
    const struct alert *a = alert_at(x), *b = alert_at(y);
    int order = compare_phase(a, b);

    return order ? order : a->id > b->id ? -1 : a->id < b->id;
}

static int compare_check(const void *x, const void *y)
{
    const struct alert *a = alert_at(x), *b = alert_at(y);
    int order = compare_phase(a, b);

    order = order ? order : strcmp(a->check, b->check);
    return order ? order : a->id < b->id ? -1 : a->id > b->id;
}

static int (*const compare[ALERT_ORDER_COUNT])(const void *, const void *) = {
    [ORDER_URGENT] = compare_urgent,
    [ORDER_NEWEST] = compare_newest,
    [ORDER_CHECK] = compare_check,
};

static bool alert_matches(const struct console *c, const struct alert_list *l,
                          const struct alert *a)
{
    const struct check *k = fleet_check(console_fleet(c), a->check);
    const struct target *t = k ? k->target : NULL;
    struct buf sentence = BUF_INIT(TEXT_MAX_LISTED);
    char id[CELL_TEXT_MAX];
    bool is_match;

    snprintf(id, sizeof id, "#%" PRIu64, a->id);
    console_say(c, &sentence, cells_alert_sentence(c, a));
    const char *fields[] = {id,
                            a->check,
                            priority_name(a->priority),
                            state_rows[a->state].name,
                            cells_word(a->state),
                            buf_text(&sentence),
                            a->ack.by ? a->ack.by : _("nobody"),
                            t ? cells_name(c, t) : NULL,
                            t ? cells_role(t) : NULL,
                            t ? cells_group(c, t) : NULL};
    is_match = filter_passes(&l->filter, fields, sizeof fields / sizeof *fields);
    buf_release(&sentence);
    return is_match;
}

static bool is_open(const struct alert *a)
{
    return a && a->phase == ALERT_FIRING;
}

/* Nothing is done about a resolved alert any more: a mark on it would only be counted. */
static void unmark_resolved(const struct fleet *f, struct alert_list *l)
{
    for (size_t i = l->rows.n_marks; i > 0; i--)
        if (!is_open(fleet_alert(f, l->rows.marks[i - 1])))
            rows_mark(&l->rows, l->rows.marks[i - 1]);
}

/* A pick that the operator did not make stays with its alert while that is open, no longer. */
static void leave_resolved(const struct fleet *f, struct alert_list *l)
{
    const struct alert *a = fleet_alert(f, l->rows.picked);

    if (!a || a->phase == ALERT_RESOLVED) {
        l->rows.picked = 0;
        l->rows.at = 0;
    }
}

void alert_list_update(struct console *c, struct alert_list *l, int lines)
{
    const struct fleet *f = console_fleet(c);

    rows_begin(&l->rows);
    unmark_resolved(f, l);
    if (!l->is_chosen)
        leave_resolved(f, l);
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        bool is_listed = (l->has_resolved || a->phase == ALERT_FIRING) && alert_matches(c, l, a);

        if (rows_wants(&l->rows, a->id, is_listed))
            rows_add(&l->rows, a->id, a);
    }
    if (l->rows.n)
        qsort(l->rows.v, l->rows.n, sizeof *l->rows.v, compare[l->order]);
    rows_settle(&l->rows);
    l->lines = lines > 2 ? lines - 1 : 1;
    l->list.cursor = l->rows.at;
    list_clamp(&l->list, l->rows.n, l->lines);
}

enum {
    COL_MARK,
    COL_PRIORITY,
    COL_SYMBOL,
    COL_WORD,
    COL_ID,
    COL_CHECK,
    COL_SAY,
    COL_AGE,
    COL_OWNER,
    COL_LEVEL,
    COL_COUNT
};

struct cells_arg {
    const struct console *c;
    const struct alert_list *l;
    bool has_marks;
};

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

static void alert_cell(void *varg, size_t row, size_t column, struct table_cell *out)
{
    const struct cells_arg *arg = varg;
    const struct alert *a = alert_at(&arg->l->rows.v[row]);

    switch (column + (arg->has_marks ? 0 : 1)) {
    case COL_MARK:
        out->text = rows_is_marked(&arg->l->rows, a->id) ? "*" : "";
        break;
    case COL_PRIORITY:
        out->text = priority_name(a->priority);
        out->role = role_of_priority(a->priority);
        break;
    case COL_SYMBOL:
    case COL_WORD:
        put_state(arg, a, column + (arg->has_marks ? 0 : 1), out);
        break;
    case COL_ID:
        snprintf(out->room, sizeof out->room, "#%" PRIu64, a->id);
        out->role = ROLE_FAINT;
        break;
    case COL_CHECK:
        out->text = a->check;
        break;
    case COL_SAY: {
        struct buf words = BUF_INIT(sizeof out->room - 1);
        console_say(arg->c, &words, cells_alert_sentence(arg->c, a));
        snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
        buf_release(&words);
        break;
    }
    case COL_AGE:
        console_age(arg->c, a->phase == ALERT_RESOLVED ? a->resolved_at_ms : a->opened_at_ms,
                    out->room);
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
    const struct alert *a = alert_at(&arg->l->rows.v[row]);

    return (a->phase == ALERT_RESOLVED ? CELL_DIM : 0) |
           (rows_is_marked(&arg->l->rows, a->id) ? CELL_MARKED : 0);
}

static void draw_empty(const struct console *c, const struct alert_list *l, struct surface *s,
                       struct area a)
{
    const char *words = l->filter.n || l->filter.preview.folded ? _("Nothing matches the filter.")
                        : cells_is_waiting(console_fleet(c))    ? _("Waiting for the first check.")
                                                                : _("No open alerts.");

    surface_put(s, a, 0, 0, a.cols, words, ROLE_FAINT, 0);
}

/* Columns that the longest check and owner of the list need, within bounds. */
static void find_widths(const struct cells_arg *arg, int cols, int *check, int *owner)
{
    struct table_cell cell;

    *check = text_cols(_("Check"));
    *owner = text_cols(_("Owner"));
    for (size_t i = 0; i < arg->l->rows.n; i++) {
        const struct alert *a = alert_at(&arg->l->rows.v[i]);
        int check_cols = text_cols(a->check), owner_cols;

        cell.text = cell.room;
        cell.room[0] = '\0';
        put_owner(a, &cell);
        owner_cols = text_cols(cell.text);
        *check = check_cols > *check ? check_cols : *check;
        *owner = owner_cols > *owner ? owner_cols : *owner;
    }
    *check = *check > (cols < 60 ? 17 : 30) ? (cols < 60 ? 17 : 30) : *check;
    *owner = *owner > 22 ? 22 : *owner;
}

void alert_list_draw(const struct console *c, const struct alert_list *l, struct surface *s,
                     struct area a)
{
    struct cells_arg arg = {c, l, l->rows.n_marks > 0};
    int check, owner;

    find_widths(&arg, a.cols, &check, &owner);
    const struct column columns[COL_COUNT] = {
        [COL_MARK] = {"", 1, 1, 95, ALIGN_LEFT},
        [COL_PRIORITY] = {_("P"), 2, 2, 92, ALIGN_LEFT},
        [COL_SYMBOL] = {"", 1, 1, 99, ALIGN_LEFT},
        [COL_WORD] = {_("State"), 8, 8, 58, ALIGN_LEFT},
        [COL_ID] = {_("No."), 5, 7, 55, ALIGN_LEFT},
        [COL_CHECK] = {_("Check"), check, check, 90, ALIGN_LEFT},
        [COL_SAY] = {_("What"),
                     a.cols < 60    ? 9
                     : a.cols < 100 ? 22
                                    : 26,
                     0, 80, ALIGN_LEFT},
        [COL_AGE] = {_("Age"), 5, 5, 75, ALIGN_RIGHT},
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

/* The next (step 1) or previous (-1) open alert that nobody has taken, around the end. */
static void pick_unacked(struct alert_list *l, int step)
{
    size_t n = l->rows.n;

    for (size_t i = 1; i <= n; i++) {
        size_t at = (l->rows.at + (step > 0 ? i : n - i)) % n;
        const struct alert *a = alert_at(&l->rows.v[at]);

        if (a->phase == ALERT_FIRING && !a->ack.by) {
            rows_pick(&l->rows, at);
            return;
        }
    }
}

/* The operator has taken `id`, and with it what is marked: the cursor stays at its place, on the
 * next alert that nobody has taken, and does not go to the end of the list with what is done.
 * Where `id` stood is asked of the order itself: the news of it may or may not be here yet. */
static void pick_after(const struct fleet *f, struct alert_list *l, const char *id)
{
    const struct alert *taken = fleet_alert(f, l->rows.picked);
    struct alert before;
    struct row was = {0, &before};
    size_t found = l->rows.n;

    if (!taken || taken->id != strtoull(id, NULL, 10))
        return; /* the operator has gone elsewhere meanwhile, or never was there */
    before = *taken;
    before.ack.by = NULL;
    for (size_t i = l->rows.n; i > 0; i--) {
        const struct alert *a = alert_at(&l->rows.v[i - 1]);

        if (a->phase != ALERT_FIRING || a->ack.by || a->id == taken->id ||
            rows_is_marked(&l->rows, a->id))
            continue;
        if (found < l->rows.n && compare[l->order](&l->rows.v[i - 1], &was) < 0)
            break;
        found = i - 1;
    }
    if (found < l->rows.n)
        rows_pick(&l->rows, found);
}

static bool alert_list_set_order(struct alert_list *l, const char *arg)
{
    static const char *const names[ALERT_ORDER_COUNT] = {"urgent", "newest", "check"};

    for (int i = 0; arg && i < ALERT_ORDER_COUNT; i++)
        if (strcmp(arg, names[i]) == 0) {
            l->order = (enum alert_order)i;
            return true;
        }
    l->order = (enum alert_order)((l->order + 1) % ALERT_ORDER_COUNT);
    return true;
}

static void alert_list_click(struct alert_list *l, const char *arg)
{
    int line, col;

    if (!cells_click(arg, &line, &col))
        return;
    line -= l->first_line;
    if (line >= 0 && line < l->lines && l->list.top + (size_t)line < l->rows.n)
        rows_pick(&l->rows, l->list.top + (size_t)line);
}

/* Rows that were borrowed from the fleet may be gone by now: fill them anew before looking. */
bool alert_list_command(struct console *c, struct alert_list *l, const char *name, const char *arg)
{
    uint64_t picked;

    alert_list_update(c, l, l->lines + 1);
    picked = l->rows.picked;
    if (list_command(&l->list, name, l->rows.n, l->lines))
        rows_pick(&l->rows, l->list.cursor);
    else if (strcmp(name, "click") == 0)
        alert_list_click(l, arg);
    else if (strcmp(name, "next-unacked") == 0)
        pick_unacked(l, 1);
    else if (strcmp(name, "prev-unacked") == 0)
        pick_unacked(l, -1);
    else if (strcmp(name, "taken") == 0 && arg)
        pick_after(console_fleet(c), l, arg);
    else if (strcmp(name, "mark") == 0 && l->rows.n) {
        if (is_open(l->rows.v[l->rows.at].item))
            rows_mark(&l->rows, l->rows.picked);
        rows_pick(&l->rows, l->rows.at + 1);
    } else if (strcmp(name, "mark-all") == 0) {
        rows_mark_all(&l->rows);
        unmark_resolved(console_fleet(c), l);
    } else if (strcmp(name, "clear") == 0)
        rows_mark_clear(&l->rows);
    else if (strcmp(name, "sort") == 0)
        return alert_list_set_order(l, arg);
    else if (strcmp(name, "filter") == 0) {
        filter_push(&l->filter, arg ? arg : "");
        l->rows.is_narrowed = true;
    } else if (strcmp(name, "filter-preview") == 0)
        filter_preview(&l->filter, arg);
    else
        return false;
    l->is_chosen = l->is_chosen || l->rows.picked != picked;
    return true;
}

struct selection alert_list_selected(const struct console *c, const struct alert_list *l)
{
    const struct fleet *f = console_fleet(c);
    const struct alert *a = fleet_alert(f, l->rows.picked);
    const struct check *k = a ? fleet_check(f, a->check) : NULL;

    if (!a || l->rows.n == 0)
        return (struct selection){0};
    return (struct selection){
        .target = k ? k->target->id : NULL, .check = a->check, .alert = a->id};
}

size_t alert_list_marked(const struct console *c, const struct alert_list *l, uint64_t *ids,
                         size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < l->rows.n_marks && n < max; i++) {
        const struct alert *a = fleet_alert(console_fleet(c), l->rows.marks[i]);

        if (a && a->phase == ALERT_FIRING)
            ids[n++] = a->id;
    }
    return n;
}

const char *alert_list_title(const struct console *c, char out[160])
{
    const struct fleet *f = console_fleet(c);
    int64_t oldest = 0;
    size_t n_unacked = 0, n_open;
    char n[24], age[40];

    n_open = fleet_count_open(f, &n_unacked);
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (a->phase == ALERT_FIRING && !a->ack.by && (!oldest || a->opened_at_ms < oldest))
            oldest = a->opened_at_ms;
    }
    snprintf(n, sizeof n, "%zu", n_unacked ? n_unacked : n_open);
    if (n_unacked)
        return cells_say(
            c, SAY(N_("Alerts: {0} taken by nobody, oldest {1}"), n, console_age(c, oldest, age)),
            out, 160);
    if (n_open)
        return cells_say(c, SAY(N_("Alerts: {0} open, all taken"), n), out, 160);
    snprintf(out, 160, "%s", _("Alerts: none open"));
    return out;
}

const char *alert_list_note(const struct alert_list *l, char out[160])
{
    static const char *const orders[ALERT_ORDER_COUNT] = {
        [ORDER_URGENT] = NULL,
        [ORDER_NEWEST] = N_("newest first"),
        [ORDER_CHECK] = N_("by check"),
    };
    struct buf note = BUF_INIT(159), terms = BUF_INIT(80);

    filter_text(&l->filter, &terms);
    if (terms.len > 0)
        buf_addf(&note, "/%s", buf_text(&terms));
    if (orders[l->order])
        buf_addf(&note, "%s%s", note.len ? " · " : "", _(orders[l->order]));
    if (l->rows.n_marks > 0)
        buf_addf(&note, "%s*%zu", note.len ? " · " : "", l->rows.n_marks);
    snprintf(out, 160, "%s", buf_text(&note));
    buf_release(&note);
    buf_release(&terms);
    return out;
}
