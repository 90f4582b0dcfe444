/* scheduler.h - whose turn is it: slots on a grid, caps, deadlines, one result per run.
 *
 * Owns the runs, not the checks.  Each check runs at its stable slot (core/schedule.h), sooner
 * while its state is soft; at most 4 runs a host and 128 in all, the others wait in order.  A run
 * that gives no result by its timeout is cancelled and gets one.  Missed slots are skipped; after
 * the process was stopped or frozen, runs are spread over min(interval, 60 s) and what was in
 * flight is asked again, so that our own absence is nobody's fault. The callback gets each result,
 * judged by thresholds and stamped; it is expected to fold it into check->live at once, since the
 * next turn follows from that.  Checks that are fed (engine/feed.h) have no turn: they get theirs
 * with their source's, stamped with its start. */
#ifndef ENGINE_SCHEDULER_H
#define ENGINE_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/fleet.h"
#include "core/result.h"
#include "engine/probe.h"
#include "engine/spec.h"

#define SCHEDULER_PER_HOST 4
#define SCHEDULER_IN_ALL   128
#define SCHEDULER_STALL_MS 3000 /* a wake-up this late means that we were stopped */

typedef void scheduler_result_fn(void *arg, struct check *c, const struct result *r);
typedef void scheduler_ended_fn(void *arg);

struct scheduler;
/* `specs` is the site's list; disabled targets are left out.  All borrowed. */
struct scheduler *scheduler_new(const struct probe_env *env, struct check_spec *specs,
                                scheduler_result_fn *fn, void *arg);
void scheduler_free(struct scheduler *s); /* cancels what runs */
void scheduler_start(struct scheduler *s);
/* Instead: nothing has a turn but what scheduler_run_now asks for, once (`trucban probe`). */
void scheduler_start_once(struct scheduler *s);
void scheduler_stop(struct scheduler *s); /* no further results */
/* Instead: goes on where `old` is, after site_diff has compared their specs and fleet_renew the
 * picture.  Checks that ask as before keep their slots, and what runs for them runs to its end in
 * `old`: its result counts for the new check, which has no second run meanwhile.  Other runs are
 * cancelled.  True if some still run: `ended` follows when none does (from inside a result; free
 * `old` a little later).  False: `old` may be freed now.  Until then the caps count for each alone.
 */
bool scheduler_follow(struct scheduler *s, struct scheduler *old, scheduler_ended_fn *ended,
                      void *arg);

/* Runs the check now (key `r`), for one that is fed its source; its slots stay. Refused for passive
 * checks. True if it runs already. */
bool scheduler_run_now(struct scheduler *s, const struct check *c, struct err *e);
/* Its next turn comes at a moment of its own within min(interval, 60 s): what it stood behind is up
 * again, and not all that stood there are asked at once. */
void scheduler_spread(struct scheduler *s, const struct check *c);
/* A result brought from outside (`trucban submit`): text and perfdata are raw and are cleaned here.
 * perfdata may be NULL.  Refused for checks that are not passive. */
bool scheduler_submit(struct scheduler *s, struct check *c, enum state state, const char *text,
                      const char *perfdata, struct err *e);

struct scheduler_figures {
    size_t checks, in_flight, waiting, max_in_flight;
    uint64_t started, finished, timed_out, skipped, resumes;
    int64_t late_max_ms; /* worst delay from due to start since the last call */
};
void scheduler_figures(struct scheduler *s, struct scheduler_figures *out);

#endif
