/* grid.h - many small cells in labelled rows, blocks side by side (the halves of the servers):
 *
 *      block 0                 block 1
 *      web   + + + X +         web   + + + + +
 *      app   + + ! +           app   + + + +
 *
 * Pure geometry: items are numbered through the sections in their order; the caller maps numbers to
 * ids and back.  A section whose items do not fit in one line wraps under itself; rows of the same
 * `row` number in different blocks start on the same line. */
#ifndef WIDGETS_GRID_H
#define WIDGETS_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/surface.h"

struct grid_section {
    const char *label; /* translated; "" for none */
    int block, row;    /* row ascending inside a block */
    size_t n;          /* items */
};
struct grid {
    const struct grid_section *sections;
    size_t n_sections;
    int blocks;     /* side by side */
    int label_cols; /* at the left of each block */
    int cell_cols;  /* of an item, with its gap */
    int gap_cols;   /* between blocks */
};
struct grid_cell {
    const char *text; /* at most cell_cols columns */
    enum role role;
    int flags;
};
typedef struct grid_cell grid_cell_fn(void *arg, size_t item);

size_t grid_items(const struct grid *g);
int grid_lines(const struct grid *g, int cols);
/* Where an item stands in a width of cols. */
void grid_place(const struct grid *g, int cols, size_t item, int *line, int *col);
/* The item there, SIZE_MAX if none (mouse). */
size_t grid_item_at(const struct grid *g, int cols, int line, int col);
/* The item that a motion (left right up down top bottom page-up page-down) leads to; `item` itself
 * if there is none.  *is_motion (may be NULL) tells if the name was one. */
size_t grid_move(const struct grid *g, int cols, size_t item, const char *name, bool *is_motion);
/* Draws from line `top` on; cursor SIZE_MAX: none. */
void grid_draw(struct surface *s, struct area a, const struct grid *g, grid_cell_fn *cell,
               void *arg, size_t cursor, int top);

#endif
