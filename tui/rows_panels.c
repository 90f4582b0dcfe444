/* rows_panels.c - see rows_panels.h. */
#include "tui/rows_panels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_targets.h"
#include "widgets/table.h"

#define PANEL_ROWS_MAX 64

struct tally { /* of one group */
    size_t n, ok, maintained, by_state[STATE_COUNT];
};

static bool is_component(const struct target *t)
{
    return t->kind == TARGET_COMPONENT && !t->is_disabled;
}

size_t board_count_components(const struct fleet *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += is_component(f->targets[i]);
    return n;
}

static bool servers_only(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_SERVER)
            return true;
    return false;
}

static bool is_of_group(const struct target *t, const struct group *g, bool only_servers)
{
    return !t->is_disabled && (!only_servers || t->kind == TARGET_SERVER) && t->link != LINK_NONE &&
           t->group && strcmp(t->group, g->id) == 0;
}

static struct tally tally_group(const struct console *c, const struct group *g)
{
    const struct fleet *f = console_fleet(c);
    struct tally sum = {0};
    bool only_servers = servers_only(f);

    for (size_t i = 0; i < f->n_targets; i++) {
        struct sign sign;

        if (!is_of_group(f->targets[i], g, only_servers))
            continue;
        sign = target_sign(f->targets[i], console_is_old(c));
        sum.n++;
        sum.ok += sign.state == STATE_OK && sign.kind != SIGN_MAINTENANCE;
        sum.maintained += sign.kind == SIGN_MAINTENANCE;
        sum.by_state[sign.state] += sign.kind != SIGN_MAINTENANCE;
    }
    return sum;
}

static size_t list_groups(const struct fleet *f, const struct group *out[PANEL_ROWS_MAX])
{
    size_t n = 0;
    bool only_servers = servers_only(f);

    for (size_t g = 0; g < f->n_groups && n < PANEL_ROWS_MAX; g++)
        for (size_t i = 0; i < f->n_targets; i++)
            if (is_of_group(f->targets[i], &f->groups[g], only_servers)) {
                out[n++] = &f->groups[g];
                break;
            }
    return n;
}

size_t board_count_groups(const struct fleet *f)
{
    const struct group *groups[PANEL_ROWS_MAX];

    return list_groups(f, groups);
}

/* "X1 !1 +48 M2", worst first; returns the columns used. */
static int put_counts(struct surface *s, struct area a, int line, int col, int cols,
                      const size_t by_state[STATE_COUNT], size_t maintained)
{
    static const enum state order[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN,
                                       STATE_STALE,    STATE_PENDING, STATE_OK};
    char text[32];
    int used = 0;

    for (size_t i = 0; i < sizeof order / sizeof *order && used < cols; i++) {

        if (by_state[order[i]] == 0)
            continue;
        snprintf(text, sizeof text, "%c%zu", state_rows[order[i]].symbol, by_state[order[i]]);
        used += surface_put(s, a, line, col + used, cols - used, text, role_of_state(order[i]), 0);
        used++;
    }
    snprintf(text, sizeof text, "M%zu", maintained);
    if (maintained > 0 && used < cols)
        used += surface_put(s, a, line, col + used, cols - used, text, ROLE_TAG, 0) + 1;
    return used;
}

static void headline_groups(const struct console *c, struct surface *s, struct area a, int line)
{
    const struct group *groups[PANEL_ROWS_MAX];
    size_t n = list_groups(console_fleet(c), groups);
    char ready[CELL_TEXT_MAX];
    int col = 0;

    for (size_t i = 0; i < n && col < a.cols; i++) {
        struct tally sum = tally_group(c, groups[i]);
        char count[48];

        col += surface_put(s, a, line, col, a.cols - col,
                           console_words(c, &groups[i]->name, groups[i]->id), ROLE_NORMAL, 0);
        snprintf(count, sizeof count, " %zu/%zu", sum.ok, sum.n);
        col += surface_put(s, a, line, col, a.cols - col, count,
                           sum.ok == sum.n ? ROLE_STATE_OK : ROLE_STATE_CRITICAL, 0);
        col += 2;
    }
    if (col + text_cols(desk_ready(c, true, ready)) <= a.cols)
        surface_put(s, a, line, col, a.cols - col, ready, ROLE_HEADING, 0);
}

void board_draw_headlines(const struct console *c, struct surface *s, struct area a)
{
    const struct fleet *f = console_fleet(c);
    int line = 0, col = 0, each;
    size_t n = board_count_components(f);

    each = n ? a.cols / (int)n : a.cols;
    for (size_t i = 0; i < f->n_targets && n > 0; i++) {
        const struct target *t = f->targets[i];
        struct target_mark mark = target_mark(c, t);
        char text[160];

        if (!is_component(t) || col >= a.cols)
            continue;
        snprintf(text, sizeof text, "%c %.150s", mark.symbol, cells_name(c, t));
        surface_put(s, a, line, col, each - 1, text, mark.role, 0);
        col += each;
    }
    line += n > 0;
    if (board_count_groups(f) > 0)
        headline_groups(c, s, a, line);
    else if (n == 0) {
        size_t by_state[STATE_COUNT] = {0};
        for (size_t i = 0; i < f->n_targets; i++)
            if (target_counts(f->targets[i]))
                by_state[console_target_state(c, f->targets[i])]++;
        put_counts(s, a, line, 0, a.cols, by_state, 0);
    }
}

struct components {
    const struct console *c;
    const struct target *v[PANEL_ROWS_MAX];
    size_t n;
    struct cell_trend trend;
};

static void component_cell(void *arg, size_t row, size_t column, struct table_cell *out)
{
    struct components *list = arg;
    const struct target *t = list->v[row];
    const struct check *k = cells_speed_check(t);
    struct target_mark mark = target_mark(list->c, t);

    switch (column) {
    case 0:
        out->room[0] = mark.symbol;
        out->room[1] = '\0';
        out->role = mark.role;
        break;
    case 1:
        out->text = cells_name(list->c, t);
        break;
    case 2:
        out->text = mark.word;
        out->role = mark.role;
        break;
    case 3: /* how fast while it is well, since when once it is not */
        if (t->state != STATE_OK && t->since_ms)
            console_age(list->c, t->since_ms, out->room);
        else if (k)
            cells_latency(list->c, k, out->room);
        break;
    default:
        if (k)
            out->trend = cells_trend(list->c, &k->trend, &list->trend);
    }
}

static struct area below(struct area inside, size_t rows)
{
    int used = (int)rows < inside.lines ? (int)rows : inside.lines;

    inside.line += used;
    inside.lines -= used;
    return inside;
}

struct area board_draw_components(const struct console *c, struct surface *s,
                                  const struct board_lay *lay)
{
    const struct fleet *f = console_fleet(c);
    struct area inside =
        cells_frame(s, lay->components, lay->frame, _("Can citizens use the service?"), NULL);
    const int others = 1 + 8 + 7 + 3; /* symbol, word, figure, gaps */
    struct components list = {.c = c};
    int name = 8;

    for (size_t i = 0; i < f->n_targets && list.n < PANEL_ROWS_MAX; i++)
        if (is_component(f->targets[i])) {
            int cols = text_cols(cells_name(c, f->targets[i]));
            name = cols > name ? cols : name;
            list.v[list.n++] = f->targets[i];
        }
    name = name > inside.cols - others ? inside.cols - others : name;
    const struct column columns[] = {
        {"", 1, 1, 99, ALIGN_LEFT},  {"", name, name, 90, ALIGN_LEFT}, {"", 8, 8, 95, ALIGN_LEFT},
        {"", 7, 7, 80, ALIGN_RIGHT}, {"", 8, 40, 60, ALIGN_LEFT},
    };
    struct table t = {.columns = columns,
                      .n_columns = sizeof columns / sizeof *columns,
                      .n_rows = list.n,
                      .cell = component_cell,
                      .arg = &list,
                      .has_no_header = true,
                      .has_no_cursor = true};

    table_draw(s, inside, &t);
    return below(inside, list.n);
}

static void draw_group(const struct console *c, struct surface *s, struct area a, int line,
                       const struct group *g, int name_cols)
{
    const struct fleet *f = console_fleet(c);
    struct tally sum = tally_group(c, g);
    bool only_servers = servers_only(f);
    int col = name_cols + 1, room;
    char count[48];

    snprintf(count, sizeof count, "%zu/%zu", sum.ok, sum.n);
    room = a.cols - col - (int)strlen(count) - 1;
    surface_put(s, a, line, 0, name_cols, console_words(c, &g->name, g->id), ROLE_NORMAL, 0);
    surface_put_right(s, a, line, 0, a.cols, count, sum.ok == sum.n ? ROLE_STATE_OK : ROLE_NORMAL,
                      0);
    if ((int)sum.n > room) {
        put_counts(s, a, line, col, room, sum.by_state, sum.maintained);
        return;
    }
    for (size_t i = 0; i < f->n_targets; i++) {
        struct target_mark mark;

        if (!is_of_group(f->targets[i], g, only_servers))
            continue;
        mark = target_mark(c, f->targets[i]);
        surface_putc(s, a, line, col++, (unsigned char)mark.symbol, mark.role,
                     target_flags(c, f->targets[i]));
    }
}

struct area board_draw_groups(const struct console *c, struct surface *s,
                              const struct board_lay *lay)
{
    const struct group *groups[PANEL_ROWS_MAX];
    size_t n = list_groups(console_fleet(c), groups);
    char ready[CELL_TEXT_MAX];
    struct area inside = cells_frame(s, lay->groups, lay->frame, n == 2 ? _("Halves") : _("Groups"),
                                     desk_ready(c, false, ready));
    int name_cols = 1;

    for (size_t i = 0; i < n; i++) {
        int cols = text_cols(console_words(c, &groups[i]->name, groups[i]->id));
        name_cols = cols > name_cols ? cols : name_cols;
    }
    name_cols = name_cols > inside.cols / 3 ? inside.cols / 3 : name_cols;
    for (size_t i = 0; i < n && (int)i < inside.lines; i++)
        draw_group(c, s, inside, (int)i, groups[i], name_cols);
    return below(inside, n);
}

static int compare_resolved(const void *x, const void *y)
{
    const struct alert *a = *(const struct alert *const *)x, *b = *(const struct alert *const *)y;

    if (a->resolved_at_ms != b->resolved_at_ms)
        return a->resolved_at_ms > b->resolved_at_ms ? -1 : 1;
    return a->id > b->id ? -1 : 1;
}

void board_draw_recovered(const struct console *c, struct surface *s, const struct board_lay *lay)
{
    const struct fleet *f = console_fleet(c);
    struct area inside = cells_frame(s, lay->recovered, lay->frame, _("Recovered lately"), NULL);
    const struct alert *list[FLEET_RESOLVED_KEPT];
    size_t n = 0;
    int check_cols = 0;

    for (size_t i = 0; i < f->n_alerts && n < FLEET_RESOLVED_KEPT; i++)
        if (f->alerts[i]->phase == ALERT_RESOLVED)
            list[n++] = f->alerts[i];
    if (n == 0) {
        surface_put(s, inside, 0, 0, inside.cols, _("Nothing yet."), ROLE_FAINT, 0);
        return;
    }
    qsort(list, n, sizeof *list, compare_resolved);
    n = (int)n > inside.lines ? (size_t)inside.lines : n;
    for (size_t i = 0; i < n; i++) {
        int cols = text_cols(list[i]->check);
        check_cols = cols > check_cols ? cols : check_cols;
    }
    check_cols = check_cols > inside.cols / 2 ? inside.cols / 2 : check_cols;
    for (size_t i = 0; i < n; i++) {
        struct buf words = BUF_INIT(TEXT_MAX_LISTED);
        char age[40];
        int line = (int)i, col = 8 + check_cols + 1;

        surface_put_right(s, inside, line, 0, 5, console_age(c, list[i]->resolved_at_ms, age),
                          ROLE_FAINT, 0);
        surface_putc(s, inside, line, 6, '+', ROLE_STATE_OK, 0);
        surface_put(s, inside, line, 8, check_cols, list[i]->check, ROLE_NORMAL, 0);
        console_say(c, &words, list[i]->summary ? list[i]->summary : "");
        surface_put(s, inside, line, col, inside.cols - col, buf_text(&words), ROLE_FAINT, 0);
        buf_release(&words);
    }
}
