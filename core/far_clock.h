/* far_clock.h - another process' wall clock, as seen from here: what it stamps, against our
 * monotonic clock.
 *
 * A stamp travels before we read it, so each says a little less than the truth, and the newest few
 * say it best by the one that was least late.  Small corrections are made slowly (one twentieth of
 * the time that passes), so that ages never jump and time never runs backwards; a difference of
 * FAR_STEP_MS is no correction but a clock that was set, and is taken at once.  Pure. */
#ifndef CORE_FAR_CLOCK_H
#define CORE_FAR_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAR_STEP_MS 1000
#define FAR_STAMPS  8    /* the newest, of which the least late is believed */
#define FAR_SKEW_MS 2000 /* our own wall clock is this far off: people are told */

struct far_clock {
    bool is_set;
    int64_t gap_ms;                   /* its wall clock less our monotonic one, as it should be */
    int64_t from_ms, from_mono_ms;    /* … as it was shown then, and from there on its way */
    int64_t stamp_gap_ms[FAR_STAMPS]; /* a ring */
    size_t n_stamps;                  /* ever since it was forgotten */
    int64_t newest_at_ms;
};

/* A stamp has come.  One that is before the last one: that clock was set back. */
void far_clock_hear(struct far_clock *f, int64_t at_ms, int64_t mono_ms);
/* The line is another one: what comes is not late by what came before. */
void far_clock_forget(struct far_clock *f);
/* Its wall clock now; own_ms where nothing has been heard yet. */
int64_t far_clock_now(const struct far_clock *f, int64_t mono_ms, int64_t own_ms);

#endif
