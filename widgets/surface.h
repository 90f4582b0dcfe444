/* surface.h - a grid of cells to draw on; no terminal in sight.
 *
 * Drawing never fails: what falls outside is clipped.  Text given here is clean (core/text.h) and
 * is placed by display columns.  Colours are not chosen here: a cell carries a role (style.h) that
 * the theme resolves when the picture reaches a terminal. */
#ifndef WIDGETS_SURFACE_H
#define WIDGETS_SURFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "widgets/style.h"

struct cell {
    uint32_t ch;      /* base character; 0: right half of the wide one before it */
    uint32_t mark[2]; /* combining marks, 0 if none */
    uint8_t role;     /* enum role */
    uint8_t flags;    /* enum cell_flags */
};
enum cell_flags {
    CELL_SELECTED = 1 << 0, /* background of the selected row */
    CELL_DIM = 1 << 1,      /* old picture, muted row */
    CELL_BOLD = 1 << 2,
    CELL_MARKED = 1 << 3 /* marked for a bulk act */
};

struct area { /* a rectangle of a surface */
    int line, col, lines, cols;
};

struct surface {
    int lines, cols;
    struct cell *cells;          /* lines x cols */
    int cursor_line, cursor_col; /* -1: hidden */
    bool is_ascii;               /* terminal without UTF-8: boxes + - |, no diacritics */
};

struct surface *surface_new(int lines, int cols);
void surface_free(struct surface *s);
void surface_resize(struct surface *s, int lines, int cols); /* clears */
void surface_clear(struct surface *s);
struct area surface_whole(const struct surface *s);
/* Puts text at (line, col) relative to the area, at most max_cols (cut with "…" if longer), and
 * returns the columns used.  flags: cell_flags. */
int surface_put(struct surface *s, struct area a, int line, int col, int max_cols, const char *text,
                enum role role, int flags);
int surface_putc(struct surface *s, struct area a, int line, int col, uint32_t ch, enum role role,
                 int flags);
/* Text at the right edge of [col, col + max_cols). */
int surface_put_right(struct surface *s, struct area a, int line, int col, int max_cols,
                      const char *text, enum role role, int flags);
void surface_fill(struct surface *s, struct area a, uint32_t ch, enum role role, int flags);
/* What stands there in one role gets another. */
void surface_recolour(struct surface *s, struct area a, enum role from, enum role to);
void surface_flag(struct surface *s, struct area a, int flags); /* adds flags to what is there */
/* A frame with a title in its top edge and (may be NULL) a text at its right; returns the inside.
 */
struct area surface_box(struct surface *s, struct area a, const char *title, const char *right,
                        enum role role);
/* The picture as text, a line each, trailing blanks cut: what headless tests compare. */
struct buf;
void surface_text(const struct surface *s, struct buf *out);

#endif
