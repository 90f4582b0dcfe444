/* grid.c - geometry of labelled rows in blocks. */
#include "widgets/grid.h"

#include <stdint.h>
#include <string.h>

size_t grid_items(const struct grid *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_sections; i++)
        n += g->sections[i].n;
    return n;
}

static int block_cols(const struct grid *g, int cols)
{
    int blocks = g->blocks > 0 ? g->blocks : 1;
    int each = (cols - (blocks - 1) * g->gap_cols) / blocks;
    return each > 0 ? each : 1;
}

static int per_line(const struct grid *g, int cols)
{
    int cell = g->cell_cols > 0 ? g->cell_cols : 1;
    int n = (block_cols(g, cols) - g->label_cols) / cell;
    return n > 0 ? n : 1;
}

static int section_lines(const struct grid *g, int cols, size_t i)
{
    size_t per = (size_t)per_line(g, cols);
    size_t lines = (g->sections[i].n + per - 1) / per;
    return lines > 0 ? (int)lines : 1;
}

/* Lines that a row takes: the tallest of its sections. */
static int row_lines(const struct grid *g, int cols, int row)
{
    int most = 0;
    for (size_t i = 0; i < g->n_sections; i++)
        if (g->sections[i].row == row) {
            int lines = section_lines(g, cols, i);
            most = lines > most ? lines : most;
        }
    return most;
}

static int row_start(const struct grid *g, int cols, int row)
{
    int line = 0;
    for (int r = 0; r < row; r++)
        line += row_lines(g, cols, r);
    return line;
}

int grid_lines(const struct grid *g, int cols)
{
    int last = -1;
    for (size_t i = 0; i < g->n_sections; i++)
        last = g->sections[i].row > last ? g->sections[i].row : last;
    return row_start(g, cols, last + 1);
}

static int block_at(const struct grid *g, int cols, int block)
{
    return block * (block_cols(g, cols) + g->gap_cols);
}

void grid_place(const struct grid *g, int cols, size_t item, int *line, int *col)
{
    int per = per_line(g, cols);
    *line = *col = 0;
    for (size_t i = 0; i < g->n_sections; i++) {
        const struct grid_section *sec = &g->sections[i];
        if (item >= sec->n) {
            item -= sec->n;
            continue;
        }
        *line = row_start(g, cols, sec->row) + (int)item / per;
        *col = block_at(g, cols, sec->block) + g->label_cols + ((int)item % per) * g->cell_cols;
        return;
    }
}

size_t grid_item_at(const struct grid *g, int cols, int line, int col)
{
    size_t n = grid_items(g);
    for (size_t i = 0; i < n; i++) {
        int l, c;
        grid_place(g, cols, i, &l, &c);
        if (l == line && col >= c && col < c + g->cell_cols)
            return i;
    }
    return SIZE_MAX;
}

/* The nearest item on the first line below (or above) that has any. */
static size_t vertical(const struct grid *g, int cols, size_t item, int step)
{
    int from_line, from_col, best_line = -1, best_off = 0;
    size_t n = grid_items(g), best = item;
    grid_place(g, cols, item, &from_line, &from_col);
    for (size_t i = 0; i < n; i++) {
        int line, col;
        grid_place(g, cols, i, &line, &col);
        int down = (line - from_line) * step,
            off = col > from_col ? col - from_col : from_col - col;
        if (down <= 0)
            continue;
        int best_down = (best_line - from_line) * step;
        if (best == item || down < best_down || (down == best_down && off < best_off)) {
            best = i;
            best_line = line;
            best_off = off;
        }
    }
    return best;
}

/* The neighbour on the same line, over the gap between blocks too. */
static size_t horizontal(const struct grid *g, int cols, size_t item, int step)
{
    int from_line, from_col, best_off = 0;
    size_t n = grid_items(g), best = item;
    grid_place(g, cols, item, &from_line, &from_col);
    for (size_t i = 0; i < n; i++) {
        int line, col;
        grid_place(g, cols, i, &line, &col);
        int off = (col - from_col) * step;
        if (line == from_line && off > 0 && (best == item || off < best_off)) {
            best = i;
            best_off = off;
        }
    }
    return best;
}

size_t grid_move(const struct grid *g, int cols, size_t item, const char *name, bool *is_motion)
{
    static const char *const names[] = {"left",   "right",   "up",        "down",     "top",
                                        "bottom", "page-up", "page-down", "wheel-up", "wheel-down"};
    size_t n = grid_items(g), which = 0, count = sizeof names / sizeof *names;
    while (which < count && strcmp(names[which], name) != 0)
        which++;
    if (is_motion)
        *is_motion = which < count;
    if (n == 0 || which == count)
        return item;
    if (item >= n)
        item = n - 1;
    switch (which) {
    case 0:
    case 1:
        return horizontal(g, cols, item, which == 0 ? -1 : 1);
    case 2:
    case 3:
    case 8:
    case 9:
        return vertical(g, cols, item, which % 2 == 0 ? -1 : 1);
    case 4:
    case 6:
        return 0;
    default:
        return n - 1;
    }
}

void grid_draw(struct surface *s, struct area a, const struct grid *g, grid_cell_fn *cell,
               void *arg, size_t cursor, int top)
{
    size_t item = 0;
    for (size_t i = 0; i < g->n_sections; i++) {
        const struct grid_section *sec = &g->sections[i];
        int first = row_start(g, a.cols, sec->row) - top;
        surface_put(s, a, first, block_at(g, a.cols, sec->block), g->label_cols - 1, sec->label,
                    ROLE_HEADING, 0);
        for (size_t k = 0; k < sec->n; k++, item++) {
            int line, col;
            grid_place(g, a.cols, item, &line, &col);
            line -= top;
            if (line < 0 || line >= a.lines)
                continue;
            struct grid_cell c = cell(arg, item);
            int flags = c.flags | (item == cursor ? CELL_SELECTED : 0);
            surface_put(s, a, line, col, g->cell_cols, c.text, c.role, flags);
        }
    }
}
