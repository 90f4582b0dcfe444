/* flap.h - is a check flapping?  The formula of Nagios's code (base/flapping.c), not of its pages.
 *
 * The last 21 recorded states are 20 transitions, oldest first c_0 … c_19 (1: a change).
 *     w_i = 0.75 + i * 0.50 / 19       P = 100 * sum(w_i * c_i) / 20       (sum of w_i = 20)
 *     starts at P >= 30.0, stops at P <= 20.0, between the two nothing changes.
 * Recorded are HARD states and every OK (soft recoveries count, soft failures do not); nothing
 * while the check is STALE, UNREACHABLE or in maintenance.  Pure, no allocation. */
#ifndef CORE_FLAP_H
#define CORE_FLAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

#define FLAP_TRANSITIONS 20
#define FLAP_START       30 /* per cent */
#define FLAP_STOP        20

struct flap {         /* zero: nothing recorded yet */
    uint32_t changes; /* bit 0: the newest transition; bit 19: the oldest */
    uint8_t n;        /* states recorded, at most FLAP_TRANSITIONS + 1 */
    uint8_t last;     /* enum state recorded last, where n > 0 */
};

void flap_note(struct flap *f, enum state s);
double flap_percent(const struct flap *f);
/* Whether it should be called flapping now, where it was called so or not until now.  It does not
 * stop before 21 states are recorded: a ring that a restart emptied is no quiet. */
bool flap_wants(const struct flap *f, bool is_flapping);

#endif
