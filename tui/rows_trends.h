/* rows_trends.h - what a target's checks measured of late, on its page: each number with its last
 * 20 minutes, least and greatest; and what a check has seen that is no number. */
#ifndef TUI_ROWS_TRENDS_H
#define TUI_ROWS_TRENDS_H

#include "core/fleet.h"
#include "tui/console.h"
#include "tui/rows_doc.h"

/* Of those checks that are fed a number each (load, memory, disk …); nothing where there is none.
 */
void trends_fill(const struct console *c, struct doc *d, const struct target *t);
void trends_facts(struct doc *d, const struct check *k);

#endif
