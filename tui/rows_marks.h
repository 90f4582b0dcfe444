/* rows_marks.h - why an alert's notices are held back, and what comes next if nobody acts, in
 * words; how much of the whole is muted.  Held back is dimmed and counted, never hidden. */
#ifndef TUI_ROWS_MARKS_H
#define TUI_ROWS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fleet.h"
#include "tui/console.h"
#include "tui/rows_cells.h"

#define MARKS_TEXT_MAX 256

/* "silenced, behind core-sw1, assessment"; "" without marks. */
const char *marks_words(const struct console *c, const struct alert *a, char out[MARKS_TEXT_MAX]);
/* The target of the alert that it stands behind; its number where that has gone; NULL: none. */
const char *marks_cause(const struct console *c, const struct alert *a, char out[MARKS_TEXT_MAX]);

/* The next step: "to L2 in 9 min", "L2 9m" where it has to be short; seconds only in the last
 * minute; "overdue", "paused", "-" (nothing is to come). */
const char *marks_next(const struct console *c, const struct alert *a, bool is_short,
                       char out[CELL_TEXT_MAX]);
/* The step after that, in words: "to L3 in 59 min"; "" where there is none. */
const char *marks_later(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX]);
/* "each 15 min to whoever has been told"; "" where nothing is repeated. */
const char *marks_repeat(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX]);
/* By when somebody must have taken it: "4 min left", "late"; "" where nobody has to. */
const char *marks_take(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX]);
bool marks_is_pressing(const struct console *c, const struct alert *a); /* overdue, or < 1 min */

struct mute_counts { /* of checks */
    size_t silenced, maintained;
    size_t critical, critical_muted;
};
struct mute_counts mutes_of(const struct fleet *f);
/* More than half of what is CRITICAL is muted: the header turns red. */
bool mutes_are_many(const struct mute_counts *m);
/* "silenced 12 · maintenance 3"; "" where nothing is. */
const char *mutes_words(const struct console *c, const struct mute_counts *m,
                        char out[CELL_TEXT_MAX * 2]);

#endif
