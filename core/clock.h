/* clock.h - the clock of one alert: it counts while somebody should act and nobody has said so.
 *
 * It stands while the alert is resolved, while a mark other than `flap` holds its notices back, and
 * while it is acknowledged (but see policy.is_tiered).  What it has counted is written with every
 * event that starts or stops it; between two of them it counts on the monotonic clock of whoever
 * looks, so that a moved wall clock escalates nothing.  After a restart the time since the last
 * such event is taken from the wall clock once, so that an outage of the engine counts.  Pure. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fleet.h"

bool clock_runs(const struct fleet *f, const struct alert *a);
int64_t clock_counted(const struct fleet *f, const struct alert *a, int64_t now_mono_ms);
/* Sets the alert's clock as of now: after a restart (wall), after news (mono). */
void clock_anchor(struct alert *a, int64_t counted_ms, int64_t now_mono_ms);

/* What comes next: in an engine by policy and clock, in a mirror by what the engine said. */
struct clock_next clock_next(const struct fleet *f, const struct alert *a, int64_t now_mono_ms);
/* Whether the acknowledgement that stands covers what that level has to do. */
bool clock_is_taken(const struct fleet *f, const struct alert *a, int level);

#endif
