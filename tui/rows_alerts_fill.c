/* rows_alerts_fill.c - which alerts are listed, in what order, folded under what. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_alerts_private.h"
#include "tui/rows_cells.h"
#include "tui/rows_marks.h"

#define FOLD_DEPTH_MAX 64 /* of causes behind causes (core/reach.h refuses deeper) */

/* --- order ----------------------------------------------------------------------------------- */

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

static int compare_newest(const struct alert *a, const struct alert *b)
{
    return a->id > b->id ? -1 : a->id < b->id;
}

static int compare_check(const struct alert *a, const struct alert *b)
{
    int order = strcmp(a->check, b->check);

    return order ? order : -compare_newest(a, b);
}

static int compare_oldest(const struct alert *a, const struct alert *b)
{
    int64_t x = a->ack.by ? a->ack.at_ms : INT64_MAX, y = b->ack.by ? b->ack.at_ms : INT64_MAX;

    return x != y ? (x < y ? -1 : 1) : alert_compare(&a, &b);
}

/* What nobody has first. */
static int compare_owner(const struct alert *a, const struct alert *b)
{
    int order = strcmp(a->ack.by ? a->ack.by : "", b->ack.by ? b->ack.by : "");

    return order ? order : alert_compare(&a, &b);
}

static int compare_urgent(const struct alert *a, const struct alert *b)
{
    return alert_compare(&a, &b);
}

static int (*const compare[ALERT_ORDER_COUNT])(const struct alert *, const struct alert *) = {
    [ORDER_URGENT] = compare_urgent, [ORDER_NEWEST] = compare_newest, [ORDER_CHECK] = compare_check,
    [ORDER_OLDEST] = compare_oldest, [ORDER_OWNER] = compare_owner,
};

int alert_list_compare(const struct alert_list *l, const struct alert *a, const struct alert *b)
{
    int order = compare_phase(a, b);

    return order || a->phase == ALERT_RESOLVED ? order : compare[l->order](a, b);
}

struct entry {
    const struct alert *alert, *root;
    const struct alert_list *list;
};

/* Causes by the order, each followed by what stands behind it by the same. */
static int entry_compare(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;

    if (a->root != b->root)
        return alert_list_compare(a->list, a->root, b->root);
    if (a->alert == a->root || b->alert == b->root)
        return a->alert == b->alert ? 0 : a->alert == a->root ? -1 : 1;
    return alert_list_compare(a->list, a->alert, b->alert);
}

/* --- folds ----------------------------------------------------------------------------------- */

bool alert_list_is_opened(const struct alert_list *l, uint64_t id)
{
    for (size_t i = 0; i < l->n_opened; i++)
        if (l->opened[i] == id)
            return true;
    return false;
}

void alert_list_open(struct alert_list *l, uint64_t id, bool is_open)
{
    size_t kept = 0;

    l->turn++;
    for (size_t i = 0; i < l->n_opened; i++)
        if (l->opened[i] != id)
            l->opened[kept++] = l->opened[i];
    l->n_opened = kept;
    if (!is_open)
        return;
    MEM_ROOM(l->opened, l->n_opened, l->cap_opened);
    l->opened[l->n_opened++] = id;
}

/* f->n_alerts: not there. */
static size_t place_of(const struct fleet *f, uint64_t id)
{
    size_t low = 0, high = f->n_alerts;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->alerts[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->n_alerts && f->alerts[low]->id == id ? low : f->n_alerts;
}

static const struct fold *fold_at(const struct fleet *f, const struct alert_list *l, uint64_t id)
{
    size_t at = place_of(f, id);

    return at < l->n_folds && at < f->n_alerts ? &l->folds[at] : NULL;
}

const struct fold *alert_list_fold(const struct console *c, const struct alert_list *l, uint64_t id)
{
    return fold_at(console_fleet(c), l, id);
}

uint64_t alert_list_root(const struct console *c, const struct alert_list *l, uint64_t id)
{
    const struct fleet *f = console_fleet(c);
    const struct fold *fold = fold_at(f, l, id);

    return fold && fold->root < f->n_alerts ? f->alerts[fold->root]->id : id;
}

/* The topmost listed alert that it stands behind. */
static size_t root_of(const struct fleet *f, const struct alert_list *l, size_t at)
{
    for (int depth = 0; depth < FOLD_DEPTH_MAX; depth++) {
        const struct alert *a = f->alerts[at];
        size_t next = a->phase == ALERT_FIRING && (a->marks & MARK_PARENT) && a->cause != 0
                          ? place_of(f, a->cause)
                          : f->n_alerts;

        if (next == f->n_alerts || !l->folds[next].is_listed ||
            f->alerts[next]->phase != ALERT_FIRING || next == at)
            return at;
        at = next;
    }
    return at;
}

static bool alert_matches(const struct console *c, const struct alert_list *l,
                          const struct alert *a, const struct check *k)
{
    struct buf sentence = BUF_INIT(TEXT_MAX_LISTED);
    char id[CELL_TEXT_MAX], marks[MARKS_TEXT_MAX];
    const struct target *t = k ? k->target : NULL;
    bool is_match;

    snprintf(id, sizeof id, "#%" PRIu64, a->id);
    console_say(c, &sentence, cells_alert_sentence(c, a));
    const char *fields[] = {id,
                            a->check,
                            priority_name(a->priority),
                            state_rows[a->state].name,
                            cells_word(a->state),
                            buf_text(&sentence),
                            marks_words(c, a, marks),
                            a->ack.by ? a->ack.by : _("nobody"),
                            t ? cells_name(c, t) : NULL,
                            t ? cells_role(t) : NULL,
                            t ? cells_group(c, t) : NULL};
    is_match = filter_passes(&l->filter, fields, sizeof fields / sizeof *fields);
    buf_release(&sentence);
    return is_match;
}

/* Takes over what the fill before found, where nothing that it looked at has changed. */
static struct fold match_of(const struct console *c, const struct alert_list *l,
                            const struct alert *a, const struct fold *was)
{
    struct fold fold = {.id = a->id, .alert_version = a->fleet_version, .is_match = true};

    fold.check = was ? was->check : NULL;
    if (filter_is_empty(&l->filter)) /* nearly always: ten thousand are not looked up for it */
        return fold;
    fold.check = fold.check ? fold.check : fleet_check(console_fleet(c), a->check);
    fold.check_version = fold.check ? fold.check->version : 0;
    fold.is_match =
        was && was->alert_version == fold.alert_version && was->check_version == fold.check_version
            ? was->is_match
            : alert_matches(c, l, a, fold.check);
    return fold;
}

/* Both in the order of ids; `before` is of use only for the same filter and the same objects. */
static void match_all(const struct console *c, struct alert_list *l, bool is_same_filter)
{
    const struct fleet *f = console_fleet(c);
    struct fold *spare = l->before;
    size_t cap = l->cap_before, at = 0;

    l->before = l->folds;
    l->n_before = is_same_filter ? l->n_folds : 0;
    l->cap_before = l->cap_folds;
    l->folds = spare;
    l->cap_folds = cap;
    while (l->cap_folds < f->n_alerts) {
        l->cap_folds = l->cap_folds ? l->cap_folds * 2 : 64;
        l->folds = mem_grow(l->folds, l->cap_folds, sizeof *l->folds);
    }
    l->n_folds = f->n_alerts;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];

        while (at < l->n_before && l->before[at].id < a->id)
            at++;
        l->folds[i] = match_of(
            c, l, a, at < l->n_before && l->before[at].id == a->id ? &l->before[at] : NULL);
    }
}

static void fill_folds(const struct console *c, struct alert_list *l, bool is_same_filter)
{
    const struct fleet *f = console_fleet(c);
    size_t kept = 0;

    match_all(c, l, is_same_filter);
    for (size_t i = 0; i < f->n_alerts; i++) {
        struct fold *fold = &l->folds[i];

        fold->is_listed =
            fold->is_match && (l->has_resolved || f->alerts[i]->phase == ALERT_FIRING);
        fold->root = i;
    }
    for (size_t i = 0; i < l->n_opened; i++) {
        size_t at = place_of(f, l->opened[i]);
        if (at == f->n_alerts || f->alerts[at]->phase != ALERT_FIRING)
            continue; /* that incident is over */
        l->folds[at].is_open = true;
        l->opened[kept++] = l->opened[i];
    }
    l->n_opened = kept;
    for (size_t i = 0; i < f->n_alerts; i++) {
        if (!l->folds[i].is_listed)
            continue;
        l->folds[i].root = root_of(f, l, i);
        if (l->folds[i].root != i)
            l->folds[l->folds[i].root].behind++;
    }
    alert_list_fold_alike(f, l);
}

/* --- rows ------------------------------------------------------------------------------------ */

/* The pick stays in sight while the operator is on it (rows.h); one that nobody has chosen goes to
 * the cause that it is folded under. */
static bool is_shown(struct alert_list *l, const struct alert *a, size_t at)
{
    const struct fold *fold = &l->folds[at];
    bool is_row = fold->is_listed && (fold->root == at || l->folds[fold->root].is_open);
    bool may_keep = !fold->is_listed || l->is_chosen;

    if (is_row || !may_keep || !rows_wants(&l->rows, a->id, false))
        return is_row;
    l->has_kept = true;
    return true;
}

static void find_widths(const struct console *c, struct alert_list *l)
{
    const struct fleet *f = console_fleet(c);

    l->check_cols = text_cols(_("Check"));
    l->owner_cols = text_cols(_("nobody")) > text_cols(_("Owner")) ? text_cols(_("nobody"))
                                                                   : text_cols(_("Owner"));
    l->has_takes = l->has_nexts = false;
    for (size_t i = 0; i < l->rows.n; i++) {
        const struct alert *a = l->rows.v[i].item;
        const struct fold *fold = fold_at(f, l, a->id);
        int check =
            text_cols(a->check) + (fold && (fold->behind || f->alerts[fold->root] != a) ? 2 : 0);
        int owner = a->ack.by ? text_cols(a->ack.by) + 6 : 0;

        l->check_cols = check > l->check_cols ? check : l->check_cols;
        l->owner_cols = owner > l->owner_cols ? owner : l->owner_cols;
        l->has_takes |= a->phase == ALERT_FIRING && a->next.has_ack;
        l->has_nexts |= a->phase == ALERT_FIRING;
    }
}

static struct alert_stamp stamp_of(const struct console *c, const struct alert_list *l)
{
    const struct fleet *f = console_fleet(c);
    struct alert_stamp s = {.n_alerts = f->n_alerts,
                            .alerts_version = f->alerts_version,
                            .generation = f->generation,
                            .turn = l->turn,
                            .lang = console_lang(c)[0]};

    s.first = f->n_alerts ? f->alerts[0]->id : 0;
    s.last = f->n_alerts ? f->alerts[f->n_alerts - 1]->id : 0;
    s.fleet_version = filter_is_empty(&l->filter) ? 0 : f->version;
    s.picked = l->has_kept ? l->rows.picked : 0;
    return s;
}

static bool is_same(const struct alert_stamp *a, const struct alert_stamp *b)
{
    return a->n_alerts == b->n_alerts && a->first == b->first && a->last == b->last &&
           a->alerts_version == b->alerts_version && a->generation == b->generation &&
           a->fleet_version == b->fleet_version && a->picked == b->picked && a->turn == b->turn &&
           a->lang == b->lang;
}

void alert_list_fill(struct console *c, struct alert_list *l)
{
    const struct fleet *f = console_fleet(c);
    struct alert_stamp now = stamp_of(c, l);
    struct entry *v;
    size_t n = 0;

    if (l->turn != 0 && is_same(&now, &l->filled))
        return;
    l->turn += l->turn == 0;
    l->has_kept = false;
    fill_folds(c, l,
               now.turn == l->filled.turn && now.generation == l->filled.generation &&
                   now.lang == l->filled.lang);
    v = mem_alloc((f->n_alerts + 1) * sizeof *v);
    for (size_t i = 0; i < f->n_alerts; i++)
        if (is_shown(l, f->alerts[i], i))
            v[n++] = (struct entry){f->alerts[i], f->alerts[l->folds[i].root], l};
    if (n)
        qsort(v, n, sizeof *v, entry_compare);
    if (!l->is_chosen && l->rows.picked)
        l->rows.picked = alert_list_root(c, l, l->rows.picked);
    rows_begin(&l->rows);
    for (size_t i = 0; i < n; i++)
        rows_add(&l->rows, v[i].alert->id, v[i].alert);
    free(v);
    find_widths(c, l);
    l->filled = stamp_of(c, l);
}
