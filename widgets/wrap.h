/* wrap.h - text broken at blanks into lines of so many columns; a longer word is cut on characters.
 *
 *     struct wrap w = wrap_start(text, cols);
 *     while (wrap_next(&w)) … w.line, w.len bytes, w.cols columns … */
#ifndef WIDGETS_WRAP_H
#define WIDGETS_WRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/surface.h"

struct wrap {
    const char *rest;
    int width;
    const char *line; /* borrowed, not ended by NUL */
    size_t len;
    int cols;
};
struct wrap wrap_start(const char *text, int cols);
bool wrap_next(struct wrap *w);
int wrap_count(const char *text, int cols);
/* Draws up to max_lines lines of the wrapped text; returns the lines used. */
int wrap_draw(struct surface *s, struct area a, int line, int col, int cols, int max_lines,
              const char *text, enum role role, int flags);

#endif
