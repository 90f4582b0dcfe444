/* lines.h - the shape that theme and key files share: `name = value`, `;` begins a comment.
 *
 * A `;` begins a comment at the start of a line, or where blanks stand on both sides of it. */
#ifndef TUI_LINES_H
#define TUI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define LINES_FILE_MAX (64u * 1024)

typedef bool lines_fn(void *arg, const char *name, const char *value, struct err *e);
/* Calls fn for every line; an error is prefixed "FILE:LINE: ".  Stops at the first. */
bool lines_parse(const char *path, const char *text, lines_fn *fn, void *arg, struct err *e);
/* A whole small text file; NULL with e.  The caller frees. */
char *lines_read(const char *path, struct err *e);

#endif
