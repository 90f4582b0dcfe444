/* rows_matrix.h - many targets at a glance: a row for each role, the groups (halves) side by side.
 *
 *      Half A                   Half B
 *      Web    +01 +02 X03 +04   Web    +01 +02 +03 +04
 *
 * The model behind the grid of the servers screen and the panel on the board.  Items are borrowed
 * from the fleet between matrix_update and its next change. */
#ifndef TUI_ROWS_MATRIX_H
#define TUI_ROWS_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fleet.h"
#include "core/range.h"
#include "tui/console.h"
#include "tui/rows.h"
#include "widgets/grid.h"

struct matrix {
    struct grid grid;
    struct grid_section *sections;
    size_t n_sections, cap_sections;
    const struct target **items; /* in the grid's order */
    size_t n_items, cap_items;
    struct names labels;         /* of the sections */
    const struct group **blocks; /* of each block; NULL: targets without a group */
    size_t n_blocks, cap_blocks;
    bool has_names; /* cells carry the (tail of the) id, not the symbol alone */
    bool has_tails; /* every id ends in "-NN": that tells neighbours apart */
    bool is_useful; /* two roles or groups at least: else it says less than a list */
};

void matrix_release(struct matrix *m);
/* Fits the matrix into cols: the targets that pass the filter (NULL: all); only the servers, where
 * the site has any. */
void matrix_update(const struct console *c, struct matrix *m, const struct filter *filter,
                   int cols);
int matrix_lines(const struct matrix *m, int cols); /* with the line of group names */
/* picked: index of an item, SIZE_MAX none. */
void matrix_draw(const struct console *c, const struct matrix *m, struct surface *s, struct area a,
                 size_t picked, int top);
#endif
