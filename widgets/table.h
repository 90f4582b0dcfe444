/* table.h - rows and columns: what fits is laid out by weight, cells come from a callback.
 *
 *     static void cell(void *arg, size_t row, size_t column, struct table_cell *out) {
 *         const struct my_rows *rows = arg;
 *         snprintf(out->room, sizeof out->room, "%d", rows->v[row].n);   // or out->text = borrowed
 *     }
 * Draws a header line (unless has_no_header), then one line a row from list.top on. */
#ifndef WIDGETS_TABLE_H
#define WIDGETS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/list.h"
#include "widgets/surface.h"
#include "widgets/trend.h"

#define TABLE_COLUMNS_MAX 24

enum align { ALIGN_LEFT, ALIGN_RIGHT };

struct column {
    const char *title; /* translated by the caller */
    int min, max;      /* columns; max 0: no limit, takes what is left */
    int weight;        /* where there is no room the lowest weight goes first; 0 as any other */
    enum align align;
};

struct table_cell {
    const char *text; /* preset to room; point it at borrowed clean text instead if you like */
    enum role role;   /* preset to ROLE_NORMAL */
    int flags;        /* cell_flags, preset to 0 */
    const struct trend_view *trend; /* not NULL: a trend is drawn instead of text */
    struct trend_view trend_room;   /* may be filled and pointed at */
    char room[600];                 /* preset to "" */
};
typedef void table_cell_fn(void *arg, size_t row, size_t column, struct table_cell *out);

struct table {
    const struct column *columns;
    size_t n_columns;
    size_t n_rows;
    struct list_state list;
    table_cell_fn *cell;
    int (*row_flags)(void *arg, size_t row); /* CELL_MARKED, CELL_DIM …; may be NULL */
    void *arg;
    bool has_no_header, has_no_cursor;
    int sorted; /* column + 1 whose title carries the sort mark; negative: descending; 0: none */
};

void table_draw(struct surface *s, struct area a, const struct table *t);
/* The pieces, for lists whose rows are of more than one kind: titles of the columns from `first`
 * on, and one row, at a line of the area. */
void table_draw_titles(struct surface *s, struct area a, const struct table *t, const int widths[],
                       int line, size_t first);
void table_draw_row(struct surface *s, struct area a, const struct table *t, const int widths[],
                    size_t row, int line);
/* The widths of a row of `cols` columns; 0: dropped.  Between columns stands one blank. */
void table_layout(const struct column *columns, size_t n, int cols, int widths[TABLE_COLUMNS_MAX]);

#endif
