/* window.h - thresholds that look at more than one result: over a time, or only where it lasts.
 *
 *   results in -> slots (at most WINDOW_SLOTS, whatever the interval) -> figure -> limit -> `for`
 *
 * Pure: times are monotonic and passed in.  A window begins empty, so after a start too, and has no
 * verdict before it holds enough results (window_needs): then nothing is called better than it was
 * known to be, and the sentence says so.  Results that are our own fault are not shown to it, nor
 * does a result without the value count.  A check without windows has none of this. */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "core/result.h"

#define WINDOW_SLOTS   240 /* a window is as exact as its length / this */
#define WINDOW_RESULTS 5   /* wanted before there is a verdict, if so many come within it */

struct windows; /* of all thresholds of one check */

struct window_time {
    int64_t now_ms;
    int64_t interval_ms; /* of the check */
    int64_t gap_ms;      /* without results for longer, a condition has not lasted: freshness */
};

/* NULL if none of the thresholds needs one. */
struct windows *windows_new(const struct threshold *t, size_t n);
void windows_free(struct windows *w); /* NULL is fine */
/* Takes r in, then raises it as result_judge does; t and n as they were at windows_new.  `known`:
 * the confirmed state of the check, which r does not fall below while a window has no verdict. */
void windows_judge(struct windows *w, struct result *r, const struct threshold *t, size_t n,
                   const struct window_time *at, enum state known);
/* Results that a window of that length must hold before it has a verdict: 2 to WINDOW_RESULTS. */
size_t window_needs(int64_t over_ms, int64_t interval_ms);
size_t windows_bytes(const struct windows *w); /* what it holds in memory */

#endif
