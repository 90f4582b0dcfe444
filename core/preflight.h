/* preflight.h - may this group be switched to that, now?  Every refusal R01-R31 that applies is
 * looked at, and all are told: what is well, what has to be ticked, what blocks, each with its fact
 * and with what to do.  Pure: what was seen comes in, sentences go out. */
#ifndef CORE_PREFLIGHT_H
#define CORE_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/duty.h"
#include "core/fleet.h"
#include "core/seen.h"

#define PREFLIGHT_STALE_MS 15000 /* what was seen longer ago is no ground for anything */

struct preflight {
    const struct fleet *fleet;
    const struct fog *fog;
    const struct seen *seen; /* NULL: nothing yet */
    const char *to;          /* NULL: nothing chosen yet (readiness) */
    int64_t now_ms, now_mono_ms;
    const enum duty_role *role; /* of who asks; NULL: nobody does (readiness) */
    const char *journal_error;  /* packed; NULL: decisions can be saved */
    bool is_private;            /* the engine was started by a console */
};

/* All of it, in the order of the codes; out: empty. */
void preflight(const struct preflight *p, struct findings *out);
/* Of one candidate alone: R05 (database), R10 (balancer). */
void preflight_candidate(const struct preflight *p, const char *to, struct findings *out);
/* True if the servers of that half can carry the traffic: R10 as it is asked again before a drain.
 * left: how many serve; needed: how many must. */
bool preflight_can_lose(const struct fog *g, const struct seen *s, const char *to, size_t *left,
                        size_t *needed);

/* "R20 lan started run …": what is told to whoever comes second. */
char *run_say_active(const struct run *r);

#define FOG_JUDGED_MS 5000 /* a verdict that stays the same is told again after this */
/* What the group's row shows: fail and warn findings of any switchover at all; is_ready: there is a
 * candidate, other than what serves now, that nothing blocks. */
void fog_judge(struct fleet *f, struct fog *g, const struct preflight *p);

#endif
