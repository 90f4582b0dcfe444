/* due.h - what one receiver has to be told of one alert just now.
 *
 *   not told, reached by its level ───────── problem      resolved, told of the problem ─ recovery
 *   told, worse since ────────────────────── worse        flapping ───────── flap-start, once
 *   told, handed to another level since ──── escalated    steady again ───── flap-end
 *   told, the acknowledgement has ended ──── again        repeat_ms later ── repeat
 *
 * Nothing while a mark holds notices back (of those flap alone lets flap-start through), while
 * somebody has it who covers every level that the receiver stands for, and of what is a list only:
 * policies that never tell, targets under test, faults of our own.  Recoveries pass all of that.
 * Pure and level-triggered: what has been told stands in the alert (struct told). */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/notice.h"
#include "core/when.h"

#define DUE_RECOVERY_MAX_MS WHEN_HOUR_MS /* a recovery that could not be told by then is not */

struct due {
    enum notice_what what; /* NOTICE_WHAT_COUNT: nothing */
    bool is_possible_repeat;
    int64_t again_ms; /* monotonic: when time alone makes it due; INT64_MAX: never */
};
/* index: of the receiver in the fleet; < 0: it has been told of nothing yet.  is_busy: a notice to
 * it is under way, so that what is being sent is not lost. */
struct due due_of(const struct fleet *f, const struct alert *a, const struct receiver *r, int index,
                  bool is_busy, struct moment now);
/* Would it be told of that check, were it CRITICAL long enough? */
bool due_may_tell(const struct fleet *f, const struct receiver *r, const struct check *c);
const struct told *due_told(const struct alert *a, int index); /* NULL: nothing */
int due_index(const struct fleet *f, const char *receiver);    /* < 0: not there */

#endif
