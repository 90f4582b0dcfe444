/* rows_checks.h - what the checks of one target say, a line or two each: a pane below a list. */
#ifndef TUI_ROWS_CHECKS_H
#define TUI_ROWS_CHECKS_H

#include "core/fleet.h"
#include "tui/console.h"
#include "widgets/surface.h"

/* Lines that it needs with everything said. */
int checks_lines(const struct target *t);
/* A heading with the target's name, then its checks, the worst first; t NULL: nothing. */
void checks_draw(const struct console *c, struct surface *s, struct area a, const struct target *t);

#endif
