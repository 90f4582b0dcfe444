/* screen_servers.c - the servers, and what has no screen of its own: as a grid (groups side by
 * side, a row for each role) with the table below it, or as the table alone (`v`).  Both share one
 * pick and one filter. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_matrix.h"
#include "tui/rows_targets.h"

#define TABLE_LINES_MIN 5 /* with its header; less is one line about the picked target */

struct screen_servers {
    struct target_list list;
    struct matrix matrix;
    bool is_table;      /* the operator wants it alone */
    bool has_grid;      /* it is there: wanted, and it says something */
    struct area inside; /* of the last update */
    int grid_lines;     /* that the grid has on the screen */
    int top;            /* first line of the grid shown */
};

static void *servers_open(struct console *c, const char *arg)
{
    struct screen_servers *self = mem_alloc(sizeof *self);

    self->list.is_servers_only = true;
    if (arg && *arg)
        target_list_command(c, &self->list, "filter", arg);
    return self;
}

static void servers_close(void *vself)
{
    struct screen_servers *self = vself;

    target_list_release(&self->list);
    matrix_release(&self->matrix);
    free(self);
}

static size_t picked_item(const struct screen_servers *self)
{
    for (size_t i = 0; i < self->matrix.n_items; i++)
        if (target_key(self->matrix.items[i]) == self->list.rows.picked)
            return i;
    return SIZE_MAX;
}

/* Scrolls the grid so that the picked target is in sight. */
static void place_grid(struct screen_servers *self)
{
    int names = self->matrix.grid.blocks > 1 ? 1 : 0, lines = self->grid_lines - names, line, col;
    size_t item = picked_item(self);

    if (item == SIZE_MAX || lines < 1)
        return;
    grid_place(&self->matrix.grid, self->inside.cols, item, &line, &col);
    if (line < self->top)
        self->top = line;
    else if (line >= self->top + lines)
        self->top = line - lines + 1;
}

static void servers_update(struct console *c, void *vself, struct area a)
{
    struct screen_servers *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    int wanted, rest;

    self->inside = inside;
    if (!self->is_table)
        matrix_update(c, &self->matrix, &self->list.filter, inside.cols);
    self->has_grid = !self->is_table && self->matrix.is_useful;
    if (!self->has_grid) {
        self->grid_lines = 0;
        self->list.first_line = inside.line - a.line + 1;
        target_list_update(c, &self->list, inside.lines);
        return;
    }
    wanted = matrix_lines(&self->matrix, inside.cols);
    rest = inside.lines - wanted - 1;
    if (rest < TABLE_LINES_MIN)
        rest = inside.lines > 2 ? 1 : 0;
    self->grid_lines = inside.lines - rest - (rest > 1 ? 1 : 0);
    self->list.first_line = inside.line - a.line + self->grid_lines + 2;
    target_list_update(c, &self->list, rest);
    place_grid(self);
}

/* One line about the picked target, where there is no room for the table. */
static void draw_picked(const struct console *c, const struct screen_servers *self,
                        struct surface *s, struct area a)
{
    const struct target *t = rows_item(&self->list.rows);
    struct buf words = BUF_INIT(512);
    const struct check *k;
    struct target_mark mark;
    char line[CELL_TEXT_MAX + 160];
    int used;

    if (!t)
        return;
    mark = target_mark(c, t);
    snprintf(line, sizeof line, "%c %s", mark.symbol, mark.word);
    used = surface_put(s, a, 0, 0, a.cols, line, mark.role, 0) + 1;
    used += surface_put(s, a, 0, used, a.cols - used, t->id, ROLE_NORMAL, CELL_BOLD) + 1;
    k = cells_worst_check(c, t);
    if (k && k->summary)
        console_say(c, &words, k->summary);
    surface_put(s, a, 0, used, a.cols - used, buf_text(&words), ROLE_NORMAL, 0);
    buf_release(&words);
}

static void servers_draw(const struct console *c, const void *vself, struct surface *s,
                         struct area a)
{
    const struct screen_servers *self = vself;
    struct area inside, grid, rest;
    char note[160];

    inside =
        cells_frame(s, a, cells_frame_for(a), _("Servers"), target_list_note(&self->list, note));
    if (!self->has_grid) {
        target_list_draw(c, &self->list, s, inside, true);
        return;
    }
    grid = rest = inside;
    grid.lines = self->grid_lines;
    matrix_draw(c, &self->matrix, s, grid, picked_item(self), self->top);
    rest.line += self->grid_lines + (inside.lines - self->grid_lines > 1 ? 1 : 0);
    rest.lines = inside.line + inside.lines - rest.line;
    if (rest.lines >= 2)
        target_list_draw(c, &self->list, s, rest, true);
    else if (rest.lines == 1)
        draw_picked(c, self, s, rest);
}

static bool servers_grid_command(struct console *c, struct screen_servers *self, const char *name)
{
    bool is_motion = false;
    size_t item, to;

    matrix_update(c, &self->matrix, &self->list.filter, self->inside.cols);
    item = picked_item(self);
    if (self->matrix.n_items == 0)
        return false;
    to = grid_move(&self->matrix.grid, self->inside.cols, item == SIZE_MAX ? 0 : item, name,
                   &is_motion);
    if (is_motion)
        self->list.rows.picked = target_key(self->matrix.items[item == SIZE_MAX ? 0 : to]);
    return is_motion;
}

/* A click on a cell of the grid picks its target. */
static bool servers_grid_click(struct console *c, struct screen_servers *self, const char *arg)
{
    int line = 0, col = 0, first = self->list.first_line - self->grid_lines - 2;
    size_t item;

    if (!cells_click(arg, &line, &col))
        return false;
    matrix_update(c, &self->matrix, &self->list.filter, self->inside.cols);
    line -= first + (self->matrix.grid.blocks > 1 ? 1 : 0);
    if (line < 0 || line >= self->grid_lines)
        return false;
    item = grid_item_at(&self->matrix.grid, self->inside.cols, line + self->top,
                        col - (first > 0 ? 1 : 0));
    if (item != SIZE_MAX)
        self->list.rows.picked = target_key(self->matrix.items[item]);
    return item != SIZE_MAX;
}

static bool servers_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_servers *self = vself;

    if (strcmp(name, "view") == 0) {
        self->is_table = !self->is_table;
        return true;
    }
    if (self->has_grid && strcmp(name, "click") == 0 && servers_grid_click(c, self, arg))
        return true;
    if (self->has_grid && servers_grid_command(c, self, name))
        return true;
    return target_list_command(c, &self->list, name, arg);
}

static struct selection servers_selected(const struct console *c, const void *vself)
{
    const struct screen_servers *self = vself;
    const struct target *t = target_by_key(console_fleet(c), self->list.rows.picked);

    return t && self->list.rows.n ? target_selection(c, t) : (struct selection){0};
}

static const char *const bar[] = {"detail", "ack",   "filter",  "help", "view", "sort",
                                  "note",   "unack", "command", "quit", NULL};

const struct screen_ops screen_servers = {
    .bar = bar,
    .name = "servers",
    .title = N_("Servers"),
    .digit = 2,
    .open = servers_open,
    .close = servers_close,
    .draw = servers_draw,
    .update = servers_update,
    .command = servers_command,
    .selected = servers_selected,
};
