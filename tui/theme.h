/* theme.h - which colours the roles have, read from themes/NAME.theme.
 *
 * A theme file has `name = value` lines and `;` comments.  A name is a role of widgets/style.h, or
 * "dim" (old pictures, muted rows), optionally with the number of colours it is meant for:
 *     state.critical        = white on red bold      ; 8 and 16 colours, and where nothing else is
 * said state.critical@256    = 231 on 160 bold state.critical@direct = #ffffff on #c4262e bold
 * Colours: default, black … white, bright-black … bright-white, 0-255, #rrggbb (direct only).
 * Attributes: bold dim italic underline reverse. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

#include "core/err.h"
#include "widgets/style.h"

enum theme_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_DIRECT, DEPTH_COUNT };
enum theme_attr {
    ATTR_BOLD = 1 << 0,
    ATTR_DIM = 1 << 1,
    ATTR_ITALIC = 1 << 2,
    ATTR_UNDERLINE = 1 << 3,
    ATTR_REVERSE = 1 << 4
};
#define COLOUR_DEFAULT (-1)

struct style {
    int fg, bg; /* COLOUR_DEFAULT, a palette number, or 0xRRGGBB at DEPTH_DIRECT */
    int attrs;  /* enum theme_attr */
};
struct theme {
    char name[64];
    enum theme_depth depth;
    struct style roles[ROLE_COUNT], dim;
};

/* The theme that needs no file and no colour. */
void theme_builtin(struct theme *t);
/* Reads a file's text; errors name FILE:LINE.  *t is changed only on success. */
bool theme_parse(struct theme *t, const char *path, const char *text, enum theme_depth depth,
                 struct err *e);
/* Finds NAME.theme in the folder and reads it; a name with '/' is a path itself. */
bool theme_load(struct theme *t, const char *folder, const char *name, enum theme_depth depth,
                struct err *e);
/* How a cell with that role and these cell_flags looks. */
struct style theme_style(const struct theme *t, enum role role, int flags);

#endif
