/* rows_alerts.c - see rows_alerts.h. */
#include "tui/rows_alerts_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"

const char *const alert_list_bar[] = {"ack",     "detail", "filter", "help", "note",
                                      "unack",   "mark",   "sort",   "fold", "next-unacked",
                                      "command", "quit",   NULL};

void alert_list_release(struct alert_list *l)
{
    rows_release(&l->rows);
    filter_release(&l->filter);
    free(l->folds);
    free(l->before);
    free(l->opened);
}

static const struct alert *alert_at(const struct row *r)
{
    return r->item;
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

    unmark_resolved(f, l);
    if (!l->is_chosen)
        leave_resolved(f, l);
    if (l->has_resolved != l->had_resolved)
        l->turn++;
    l->had_resolved = l->has_resolved;
    alert_list_fill(c, l);
    rows_settle(&l->rows);
    l->lines = lines > 2 ? lines - 1 : 1;
    l->list.cursor = l->rows.at;
    list_clamp(&l->list, l->rows.n, l->lines);
}

/* --- folds ----------------------------------------------------------------------------------- */

/* Right shows what stands behind the picked alert. */
static bool unfold(const struct console *c, struct alert_list *l)
{
    const struct fold *fold = alert_list_fold(c, l, l->rows.picked);

    if (!fold || fold->behind == 0 || fold->is_open)
        return false;
    alert_list_open(l, l->rows.picked, true);
    return true;
}

/* Left folds the cause, and goes to it from what stands behind it. */
static bool fold_up(const struct console *c, struct alert_list *l)
{
    uint64_t root = alert_list_root(c, l, l->rows.picked);

    if (root == l->rows.picked && !alert_list_is_opened(l, root))
        return false;
    alert_list_open(l, root, false);
    l->rows.picked = root;
    return true;
}

/* The next (step 1) or previous (-1) open alert that nobody has taken, around the end. */
static void pick_unacked(struct alert_list *l, int step)
{
    size_t n = l->rows.n;

    for (size_t i = 1; i <= n; i++) {
        size_t at = (l->rows.at + (step > 0 ? i : n - i)) % n;
        const struct alert *a = alert_at(&l->rows.v[at]);

        if (a->phase == ALERT_FIRING && !a->ack.by && !(a->marks & MARKS_HOLD)) {
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
    size_t found = l->rows.n;

    if (!taken || taken->id != strtoull(id, NULL, 10))
        return; /* the operator has gone elsewhere meanwhile, or never was there */
    before = *taken;
    before.ack.by = NULL;
    for (size_t i = l->rows.n; i > 0; i--) {
        const struct alert *a = alert_at(&l->rows.v[i - 1]);

        if (a->phase != ALERT_FIRING || a->ack.by || a->id == taken->id ||
            (a->marks & MARKS_HOLD) || rows_is_marked(&l->rows, a->id))
            continue;
        if (found < l->rows.n && alert_list_compare(l, a, &before) < 0)
            break;
        found = i - 1;
    }
    if (found < l->rows.n)
        rows_pick(&l->rows, found);
}

static bool alert_list_set_order(struct alert_list *l, const char *arg)
{
    static const char *const names[ALERT_ORDER_COUNT] = {"urgent", "newest", "check", "oldest",
                                                         "owner"};

    l->turn++;
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
    else if (strcmp(name, "right") == 0)
        return unfold(c, l);
    else if (strcmp(name, "left") == 0)
        return fold_up(c, l);
    else if (strcmp(name, "fold") == 0)
        return unfold(c, l) || fold_up(c, l);
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
        l->turn++;
    } else if (strcmp(name, "filter-preview") == 0) {
        filter_preview(&l->filter, arg);
        l->turn++;
    } else
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
    return n > 0 ? n : alert_list_alike(c, l, l->rows.picked, ids, max);
}

static bool is_held(const struct alert *a)
{
    return (a->marks & MARKS_HOLD) != 0;
}

const char *alert_list_title(const struct console *c, char out[160])
{
    const struct fleet *f = console_fleet(c);
    int64_t oldest_ms = 0;
    size_t n_unacked = 0, n_open, n_held = 0, len;
    char n[24], held[24], age[40], tail[64];

    n_open = fleet_count_open(f, &n_unacked);
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (a->phase != ALERT_FIRING || a->ack.by)
            continue;
        n_held += is_held(a);
        if (!is_held(a) && cells_alert_age(c, a) > oldest_ms)
            oldest_ms = cells_alert_age(c, a);
    }
    snprintf(n, sizeof n, "%zu", n_unacked ? n_unacked : n_open);
    snprintf(held, sizeof held, "%zu", n_held);
    if (n_unacked)
        cells_say(c,
                  SAY(N_("Alerts: {0} taken by nobody, oldest {1}"), n, when_age(oldest_ms, age)),
                  out, 160);
    else if (n_open)
        cells_say(
            c, n_held ? SAY(N_("Alerts: {0} open"), n) : SAY(N_("Alerts: {0} open, all taken"), n),
            out, 160);
    else
        snprintf(out, 160, "%s", _("Alerts: none open"));
    len = strlen(out);
    if (n_held)
        snprintf(out + len, 160 - len, ", %s",
                 cells_say(c, SAY(N_("{0} held back"), held), tail, sizeof tail));
    return out;
}

const char *alert_list_note(const struct alert_list *l, char out[160])
{
    static const char *const orders[ALERT_ORDER_COUNT] = {
        [ORDER_URGENT] = NULL,          [ORDER_NEWEST] = N_("newest first"),
        [ORDER_CHECK] = N_("by check"), [ORDER_OLDEST] = N_("oldest acknowledgement first"),
        [ORDER_OWNER] = N_("by owner"),
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
