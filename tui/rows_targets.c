/* rows_targets.c - see rows_targets.h. */
#include "tui/rows_targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"

const char *const target_metric_names[TARGET_METRICS][5] = {
    {"load", "load1", "load_1m", NULL, NULL},
    {"mem", "memory", "mem_pct", "memory_pct", NULL},
    {"disk", "disk_pct", "disk_used_pct", NULL, NULL},
};

uint64_t target_key(const struct target *t)
{
    return map_hash(t->id);
}

struct target *target_by_key(const struct fleet *f, uint64_t key)
{
    for (size_t i = 0; i < f->n_targets; i++)
        if (target_key(f->targets[i]) == key)
            return f->targets[i];
    return NULL;
}

bool target_matches(const struct console *c, const struct filter *filter, const struct target *t)
{
    if (filter_is_empty(filter)) /* nearly always: the words are not made for nothing */
        return true;

    const struct check *worst = cells_worst_check(c, t);
    struct target_mark mark = target_mark(c, t);
    char why[TARGET_WHY_MAX];
    const char *fields[] = {t->id,
                            t->name.vi,
                            t->name.en,
                            t->address,
                            t->org,
                            cells_role(t),
                            cells_group(c, t),
                            mark.word,
                            target_label(t, "role"),
                            state_rows[console_target_state(c, t)].name,
                            t->is_test ? _("TEST") : NULL,
                            worst ? target_why(c, worst, why) : NULL};

    return filter_passes(filter, fields, sizeof fields / sizeof *fields);
}

/* The target, its worst check, and the alert that is open on it: first that check's, else any. */
struct selection target_selection(const struct console *c, const struct target *t)
{
    const struct check *worst = cells_worst_check(c, t);
    struct selection sel = {.target = t->id};

    for (size_t i = 0; i < t->n_checks && (!worst || !worst->alert); i++)
        if (t->checks[i]->alert)
            worst = t->checks[i];
    if (worst) {
        sel.check = worst->id;
        sel.alert = worst->alert;
    }
    return sel;
}

void target_list_release(struct target_list *l)
{
    rows_release(&l->rows);
    filter_release(&l->filter);
    free(l->figures);
}

static const struct target *target_at(const struct row *r)
{
    return r->item;
}

/* What does not count for the whole (test, not connected, off) comes after what does; what is in
 * maintenance or flapping stands between what is wrong and what is well; a cause before what is
 * behind it. */
static int worst_key(const struct target *t)
{
    struct sign sign = target_sign(t, false);
    int badness = state_rows[sign.state].badness;
    int key = sign.kind == SIGN_MAINTENANCE ? -1
              : sign.kind == SIGN_FLAPPING  ? -2
              : badness == 0                ? 0
                                            : -2 * badness - 2 + (sign.is_aside ? 1 : 0);

    return target_counts(t) ? key : 100 + key;
}

static int compare_id(const void *x, const void *y)
{
    return strcmp(target_at(x)->id, target_at(y)->id);
}

static int compare_worst(const void *x, const void *y)
{
    int a = worst_key(target_at(x)), b = worst_key(target_at(y));

    return a != b ? a - b : compare_id(x, y);
}

static int compare_role(const void *x, const void *y)
{
    int order = strcmp(cells_role_id(target_at(x)), cells_role_id(target_at(y)));

    return order ? order : compare_id(x, y);
}

static int compare_group(const void *x, const void *y)
{
    const char *a = target_at(x)->group, *b = target_at(y)->group;
    int order = strcmp(a ? a : "", b ? b : "");

    return order ? order : compare_role(x, y);
}

/* By the last whole bucket: the newest one moves with each result, and so would the rows. */
static float slowness(const struct target *t)
{
    const struct check *k = cells_speed_check(t);

    return k && k->trend.bucket && !k->trend.is_value ? k->trend.latency_ms[TREND_LEN - 2] : -1;
}

static int compare_latency(const void *x, const void *y)
{
    float a = slowness(target_at(x)), b = slowness(target_at(y));

    return a > b ? -1 : a < b ? 1 : compare_id(x, y);
}

static int compare_changed(const void *x, const void *y)
{
    int64_t a = target_at(x)->since_ms, b = target_at(y)->since_ms;

    return a > b ? -1 : a < b ? 1 : compare_id(x, y);
}

static void find_columns(struct target_list *l, const struct fleet *f)
{
    if (l->columns_of == f && l->columns_version == f->version)
        return;
    l->columns_of = f;
    l->columns_version = f->version;
    memset(l->has_metric, 0, sizeof l->has_metric);
    l->has_version = l->has_tags = l->has_trouble = false;
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];

        for (int m = 0; m < TARGET_METRICS; m++)
            l->has_metric[m] = l->has_metric[m] || cells_find_metric(t, target_metric_names[m]);
        l->has_version = l->has_version || target_label(t, "version");
        l->has_tags = l->has_tags || target_sign(t, false).tag;
        l->has_trouble = l->has_trouble || !target_is_calm(t);
    }
}

static void take_figures(struct target_figures *out, const struct target *t)
{
    for (int m = 0; m < TARGET_METRICS; m++) {
        const struct metric *metric = cells_find_metric(t, target_metric_names[m]);

        out->has[m] = metric != NULL;
        out->value[m] = metric ? metric->value : 0;
        snprintf(out->unit[m], sizeof out->unit[m], "%.11s",
                 metric && metric->unit ? metric->unit : "");
    }
}

/* Rows in sight keep what they show until the 30 s are over; rows that come into sight read anew.
 */
static void hold_figures(const struct console *c, struct target_list *l)
{
    int64_t bucket = console_now_wall(c) / TREND_BUCKET_MS;
    size_t first = l->list.top, n = first < l->rows.n ? l->rows.n - first : 0;
    struct target_figures *figures;

    n = n < (size_t)l->lines ? n : (size_t)l->lines;
    figures = mem_alloc((n ? n : 1) * sizeof *figures);
    for (size_t i = 0; i < n; i++) {
        const struct target *t = target_at(&l->rows.v[first + i]);
        size_t old = 0;

        while (old < l->n_figures && l->figures[old].key != l->rows.v[first + i].key)
            old++;
        if (old < l->n_figures && l->figures[old].bucket == bucket) {
            figures[i] = l->figures[old];
            continue;
        }
        figures[i].key = l->rows.v[first + i].key;
        figures[i].bucket = bucket;
        take_figures(&figures[i], t);
    }
    free(l->figures);
    l->figures = figures;
    l->n_figures = n;
}

static bool has_servers(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_SERVER)
            return true;
    return false;
}

/* Endpoints, channels, databases have screens of their own. */
static bool is_listed(const struct target_list *l, bool has_any_server, const struct target *t)
{
    return !l->is_servers_only || !has_any_server || t->kind == TARGET_SERVER ||
           t->kind == TARGET_COMPONENT || t->kind == TARGET_CLUSTER || t->kind == TARGET_OTHER;
}

void target_list_update(struct console *c, struct target_list *l, int lines)
{
    static int (*const compare[TARGET_ORDER_COUNT])(const void *, const void *) = {
        [TARGETS_WORST] = compare_worst,     [TARGETS_ID] = compare_id,
        [TARGETS_ROLE] = compare_role,       [TARGETS_GROUP] = compare_group,
        [TARGETS_LATENCY] = compare_latency, [TARGETS_CHANGED] = compare_changed,
    };
    const struct fleet *f = console_fleet(c);
    bool has_any_server = has_servers(f);

    rows_begin(&l->rows);
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];

        if (is_listed(l, has_any_server, t) &&
            rows_wants(&l->rows, target_key(t), target_matches(c, &l->filter, t)))
            rows_add(&l->rows, target_key(t), t);
    }
    if (l->rows.n)
        qsort(l->rows.v, l->rows.n, sizeof *l->rows.v, compare[l->order]);
    rows_settle(&l->rows);
    find_columns(l, f);
    l->lines = lines > 2 ? lines - 1 : 1;
    l->list.cursor = l->rows.at;
    list_clamp(&l->list, l->rows.n, l->lines);
    hold_figures(c, l);
}

static bool target_list_sort(struct target_list *l, const char *arg)
{
    static const char *const names[TARGET_ORDER_COUNT] = {"worst", "id",      "role",
                                                          "group", "latency", "changed"};

    for (int i = 0; arg && i < TARGET_ORDER_COUNT; i++)
        if (strcmp(arg, names[i]) == 0) {
            l->order = (enum target_order)i;
            return true;
        }
    l->order = (enum target_order)((l->order + 1) % TARGET_ORDER_COUNT);
    return true;
}

static void target_list_click(struct target_list *l, const char *arg)
{
    int line, col;

    if (!cells_click(arg, &line, &col))
        return;
    line -= l->first_line;
    if (line >= 0 && line < l->lines && l->list.top + (size_t)line < l->rows.n)
        rows_pick(&l->rows, l->list.top + (size_t)line);
}

/* Rows that were borrowed from the fleet may be gone by now: fill them anew before looking. */
bool target_list_command(struct console *c, struct target_list *l, const char *name,
                         const char *arg)
{
    target_list_update(c, l, l->lines + 1);
    if (list_command(&l->list, name, l->rows.n, l->lines))
        rows_pick(&l->rows, l->list.cursor);
    else if (strcmp(name, "click") == 0)
        target_list_click(l, arg);
    else if (strcmp(name, "sort") == 0)
        return target_list_sort(l, arg);
    else if (strcmp(name, "filter") == 0) {
        filter_push(&l->filter, arg ? arg : "");
        l->rows.is_narrowed = true;
    } else if (strcmp(name, "filter-preview") == 0)
        filter_preview(&l->filter, arg);
    else
        return false;
    return true;
}

const char *target_list_note(const struct target_list *l, char out[160])
{
    static const char *const orders[TARGET_ORDER_COUNT] = {
        [TARGETS_WORST] = N_("worst first"),     [TARGETS_ID] = N_("by name"),
        [TARGETS_ROLE] = N_("by role"),          [TARGETS_GROUP] = N_("by group"),
        [TARGETS_LATENCY] = N_("slowest first"), [TARGETS_CHANGED] = N_("changed last first"),
    };
    struct buf terms = BUF_INIT(80);

    filter_text(&l->filter, &terms);
    snprintf(out, 160, "%s%s%s%s", terms.len ? "/" : "", buf_text(&terms), terms.len ? " · " : "",
             _(orders[l->order]));
    buf_release(&terms);
    return out;
}
