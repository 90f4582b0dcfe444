/* input_line.h - a one-line editor: UTF-8 in, cursor by characters, never longer than its maximum.
 *
 * `struct input_line l; input_line_init(&l, max_bytes)` … input_line_release.  What is typed is
 * kept as it comes; controls and newlines are never taken (a newline of a paste becomes a blank).
 */
#ifndef WIDGETS_INPUT_LINE_H
#define WIDGETS_INPUT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "widgets/key.h"
#include "widgets/surface.h"

struct input_line {
    struct buf text;
    size_t at; /* byte offset of the cursor, on a character */
};

void input_line_init(struct input_line *l, size_t max_bytes);
void input_line_release(struct input_line *l);
const char *input_line_text(const struct input_line *l);     /* never NULL */
void input_line_set(struct input_line *l, const char *text); /* cursor at the end */
/* Editing keys (letters, arrows, Home End, Backspace, Delete, Ctrl-A E U K W); false: not one. */
bool input_line_key(struct input_line *l, uint32_t key);
void input_line_paste(struct input_line *l, const char *text, size_t len);
/* Draws the text in cols columns and, if has_focus, puts the surface's
 * cursor there; a text wider than that is scrolled so that the cursor is seen. */
void input_line_draw(const struct input_line *l, struct surface *s, struct area a, int line,
                     int col, int cols, bool has_focus);

#endif
