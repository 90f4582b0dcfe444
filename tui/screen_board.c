/* screen_board.c - the first screen: can people use the service, which half has what, what is
 * broken and has anyone taken it.
 *
 *     +- Can citizens use the service? -++- Halves -----------------+
 *     | + Portal  OK   112 ms  trend    || A  +++++++++++++  25/25  |
 *     +---------------------------------++--------------------------+
 *     +- Alerts: 2 taken by nobody, oldest 4m12s -------------------+   the list that keys act on
 *     +-------------------------------------------------------------+
 *     +- Servers by role -------------------------------------------+   where there is room
 *     +- Integration -++- Test -++- Channels -++- Databases --------+   or a strip of a line each
 *
 * board_lay decides what stands where (pure, from the area and what the site has); a panel that has
 * nothing to say is not there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_panels.h"
#include "tui/rows_alerts.h"
#include "tui/rows_cells.h"
#include "tui/rows_matrix.h"
#include "tui/rows_targets.h"

#define SIDE_COLS_MIN   72  /* two panels side by side */
#define WIDE_COLS_MIN   150 /* a column of panels at the right */
#define DESK_COLS_MIN   100 /* panels about what lies around the servers, side by side */
#define ALERT_LINES_MIN 7   /* of the frame, before anything below it gets room */

struct screen_board {
    struct alert_list alerts;
    struct target_list worst;
    struct matrix matrix;
    struct desk desk;
    struct board_lay lay;
};

static void *board_open(struct console *c, const char *arg)
{
    struct screen_board *self = mem_alloc(sizeof *self);

    (void)c;
    (void)arg;
    desk_init(&self->desk);
    return self;
}

static void board_close(void *vself)
{
    struct screen_board *self = vself;

    alert_list_release(&self->alerts);
    target_list_release(&self->worst);
    matrix_release(&self->matrix);
    desk_release(&self->desk);
    free(self);
}

static struct area cut_top(struct area *rest, int lines)
{
    struct area top = *rest;

    top.lines = lines < rest->lines ? lines : rest->lines;
    rest->line += top.lines;
    rest->lines -= top.lines;
    return top;
}

static struct area cut_bottom(struct area *rest, int lines)
{
    struct area bottom = *rest;

    bottom.lines = lines < rest->lines ? lines : rest->lines;
    rest->lines -= bottom.lines;
    bottom.line = rest->line + rest->lines;
    return bottom;
}

static struct area cut_left(struct area *rest, int cols)
{
    struct area left = *rest;

    left.cols = cols;
    rest->col += cols;
    rest->cols -= cols;
    return left;
}

/* Components and groups: side by side if both are there and fit, else one below the other. */
static void lay_top(struct board_lay *lay, struct area *rest, int components, int groups)
{
    int most = rest->lines / 3 > 3 ? rest->lines / 3 : 3;
    int lines = (components > groups ? components : groups) + 2;
    struct area top;

    if (components == 0 && groups == 0)
        return;
    if (components > 0 && groups > 0 && rest->cols < SIDE_COLS_MIN) {
        lay->components = cut_top(rest, components + 2 < most ? components + 2 : most);
        lay->groups = cut_top(rest, groups + 2 < most ? groups + 2 : most);
        return;
    }
    top = cut_top(rest, lines < most ? lines : most);
    if (components > 0 && groups > 0)
        lay->components = cut_left(&top, top.cols * (top.cols < 100 ? 47 : 50) / 100);
    if (groups > 0)
        lay->groups = top;
    else
        lay->components = top;
}

/* At the foot, once the alerts have their room: a panel for each thing that the site has, side by
 * side; on a narrow screen a line for each. */
static void lay_desk(struct console *c, struct screen_board *self, struct board_lay *lay,
                     struct area *rest)
{
    int lines = 0, n = 0, strip = desk_strip_lines(c, &self->desk);
    struct area row;

    if (rest->cols < DESK_COLS_MIN) {
        if (strip > 0 && rest->lines - strip - 2 >= ALERT_LINES_MIN)
            lay->strip = cut_bottom(rest, strip + 2);
        return;
    }
    for (int p = 0; p < DESK_PANELS; p++) {
        int wants = desk_lines(c, &self->desk, (enum desk_panel)p);
        lines = wants > lines ? wants : lines;
        n += wants > 0;
    }
    if (n == 0 || rest->lines < ALERT_LINES_MIN + 5)
        return;
    if (lines + 2 > rest->lines - ALERT_LINES_MIN)
        lines = rest->lines - ALERT_LINES_MIN - 2;
    row = cut_bottom(rest, lines + 2);
    for (int p = 0; p < DESK_PANELS; p++)
        if (desk_lines(c, &self->desk, (enum desk_panel)p) > 0)
            lay->desk[p] = cut_left(&row, row.cols / n--);
}

/* Right column of a wide screen: the matrix, and below it what has recovered. */
static void lay_wide(struct screen_board *self, struct board_lay *lay, struct area rest,
                     bool has_matrix)
{
    struct area left = cut_left(&rest, rest.cols * 62 / 100);
    int wanted;

    if (has_matrix) {
        wanted = matrix_lines(&self->matrix, rest.cols) + 2;
        lay->matrix = cut_top(&rest, wanted < rest.lines * 2 / 3 ? wanted : rest.lines * 2 / 3);
    }
    lay->recovered = rest;
    if (left.lines >= 24)
        lay->alerts = cut_top(&left, left.lines * 55 / 100);
    else
        lay->alerts = cut_top(&left, left.lines);
    lay->worst = left;
}

static void lay_narrow(struct screen_board *self, struct board_lay *lay, struct area rest,
                       bool has_matrix, bool has_top)
{
    int wanted = has_matrix ? matrix_lines(&self->matrix, rest.cols) + 2 : 0;

    if (has_matrix && rest.lines - wanted >= ALERT_LINES_MIN)
        lay->alerts = cut_top(&rest, rest.lines - wanted);
    else if ((!has_top && rest.lines >= 12) || rest.lines >= 22)
        lay->alerts = cut_top(&rest, rest.lines * 45 / 100);
    else
        lay->alerts = cut_top(&rest, rest.lines);
    if (has_matrix && rest.lines >= wanted)
        lay->matrix = rest;
    else
        lay->worst = rest;
}

static void board_lay(struct console *c, struct screen_board *self, struct area a)
{
    const struct fleet *f = console_fleet(c);
    struct board_lay lay = {.frame = cells_frame_for(a)};
    int components = (int)board_count_components(f), groups = (int)board_count_groups(f);
    int below_components = components ? desk_hotline_lines(c) : 0;
    int below_groups = groups ? desk_halves_lines(c) : 0;
    bool has_matrix = self->matrix.is_useful;

    if (lay.frame == FRAME_NONE) {
        lay.headlines = cut_top(&a, (components > 0 || groups == 0) + (groups > 0));
        lay.alerts = a;
    } else {
        lay_top(&lay, &a, components ? components + below_components : 0,
                groups ? groups + below_groups : 0);
        if (components + groups > 0) /* else the table of all targets says more */
            lay_desk(c, self, &lay, &a);
        if (a.cols >= WIDE_COLS_MIN)
            lay_wide(self, &lay, a, has_matrix);
        else
            lay_narrow(self, &lay, a, has_matrix, components + groups > 0);
    }
    self->lay = lay;
}

static void board_update(struct console *c, void *vself, struct area a)
{
    struct screen_board *self = vself;
    struct area inside;

    desk_update(c, &self->desk);
    matrix_update(c, &self->matrix, NULL,
                  a.cols >= WIDE_COLS_MIN ? a.cols - a.cols * 62 / 100 - 4
                  : a.cols >= 100         ? a.cols - 4
                                          : a.cols - 2);
    board_lay(c, self, a);
    inside = cells_frame(NULL, self->lay.alerts, self->lay.frame, "", "");
    self->alerts.has_resolved = self->lay.recovered.lines <= 2;
    self->alerts.first_line = inside.line - a.line + 1;
    alert_list_update(c, &self->alerts, inside.lines);
    if (self->lay.worst.lines > 0)
        target_list_update(c, &self->worst, self->lay.worst.lines - 2);
}

static void board_draw(const struct console *c, const void *vself, struct surface *s, struct area a)
{
    const struct screen_board *self = vself;
    const struct board_lay *lay = &self->lay;
    char title[160], note[160];
    struct area inside;

    (void)a;
    if (lay->frame == FRAME_NONE)
        board_draw_headlines(c, s, lay->headlines);
    if (lay->components.lines > 0)
        desk_hotline_draw(c, &self->desk, s, board_draw_components(c, s, lay));
    if (lay->groups.lines > 0)
        desk_halves_draw(c, &self->desk, s, board_draw_groups(c, s, lay));
    if (lay->strip.lines > 2)
        desk_strip_draw(c, &self->desk, s, lay->strip, lay->frame);
    for (int p = 0; p < DESK_PANELS; p++)
        if (lay->desk[p].lines > 2)
            desk_draw(c, &self->desk, (enum desk_panel)p, s, lay->desk[p], lay->frame);
    inside = cells_frame(s, lay->alerts, lay->frame, alert_list_title(c, title),
                         alert_list_note(&self->alerts, note));
    alert_list_draw(c, &self->alerts, s, inside);
    if (lay->matrix.lines > 2) {
        inside = cells_frame(s, lay->matrix, lay->frame, _("Servers by role"), NULL);
        matrix_draw(c, &self->matrix, s, inside, SIZE_MAX, 0);
    }
    if (lay->worst.lines > 3) {
        inside = cells_frame(s, lay->worst, lay->frame, _("Targets, worst first"), NULL);
        target_list_draw(c, &self->worst, s, inside, false);
    }
    if (lay->recovered.lines > 2)
        board_draw_recovered(c, s, lay);
}

static bool board_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_board *self = vself;

    return alert_list_command(c, &self->alerts, name, arg);
}

static struct selection board_selected(const struct console *c, const void *vself)
{
    const struct screen_board *self = vself;

    return alert_list_selected(c, &self->alerts);
}

static size_t board_marked(const struct console *c, const void *vself, uint64_t *ids, size_t max)
{
    const struct screen_board *self = vself;

    return alert_list_marked(c, &self->alerts, ids, max);
}

const struct screen_ops screen_board = {
    .bar = alert_list_bar,
    .name = "board",
    .title = N_("Board"),
    .digit = 1,
    .open = board_open,
    .close = board_close,
    .draw = board_draw,
    .update = board_update,
    .command = board_command,
    .selected = board_selected,
    .marked = board_marked,
};
