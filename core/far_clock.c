#include "core/far_clock.h"

#define SLEW 20 /* one millisecond in so many */

/* The gap that is shown: on its way from where it was to where it should be. */
static int64_t gap_at(const struct far_clock *f, int64_t mono_ms)
{
    int64_t left_ms = f->from_ms - f->gap_ms, done_ms = (mono_ms - f->from_mono_ms) / SLEW;
    if (done_ms < 0)
        done_ms = 0;
    if (left_ms > done_ms)
        return f->gap_ms + left_ms - done_ms;
    if (left_ms < -done_ms)
        return f->gap_ms + left_ms + done_ms;
    return f->gap_ms;
}

static int64_t least_late(const struct far_clock *f)
{
    size_t n = f->n_stamps < FAR_STAMPS ? f->n_stamps : FAR_STAMPS;
    int64_t gap_ms = f->stamp_gap_ms[0];
    for (size_t i = 1; i < n; i++)
        gap_ms = f->stamp_gap_ms[i] > gap_ms ? f->stamp_gap_ms[i] : gap_ms;
    return gap_ms;
}

void far_clock_hear(struct far_clock *f, int64_t at_ms, int64_t mono_ms)
{
    int64_t shown_ms = gap_at(f, mono_ms);
    if (f->n_stamps > 0 && at_ms < f->newest_at_ms)
        f->n_stamps = 0;
    f->newest_at_ms = at_ms;
    f->stamp_gap_ms[f->n_stamps++ % FAR_STAMPS] = at_ms - mono_ms;
    int64_t gap_ms = least_late(f), off_ms = gap_ms - shown_ms;
    bool is_step = !f->is_set || off_ms >= FAR_STEP_MS || off_ms <= -FAR_STEP_MS;
    f->is_set = true;
    f->gap_ms = gap_ms;
    f->from_ms = is_step ? gap_ms : shown_ms;
    f->from_mono_ms = mono_ms;
}

void far_clock_forget(struct far_clock *f)
{
    f->n_stamps = 0;
}

int64_t far_clock_now(const struct far_clock *f, int64_t mono_ms, int64_t own_ms)
{
    return f->is_set ? mono_ms + gap_at(f, mono_ms) : own_ms;
}
