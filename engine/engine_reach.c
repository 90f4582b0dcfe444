/* engine_reach.c - what stands behind what: kept up to date as host checks change; alerts.md 5.
 *
 *   a check turns SOFT ──> what it stands behind is asked now, if nobody has looked for 15 s
 *   a host check moves ──> who stands behind it: unreachable or not, asked half as often or spread,
 *                          and decided on anew (marks, releases) */
#include "core/reach.h"
#include "engine/engine_private.h"

struct walk {
    struct engine *e;
    int depth;
};
#define DEPTH_MAX 64 /* as the site loader allows */

static void update_behind(void *arg, struct check *c)
{
    struct walk *w = arg;
    struct engine *e = w->e;
    bool is_down = reach_of(e->fleet, c, NULL) == REACH_DOWN;
    decide_check(e->decide, c);
    if (is_down == c->is_unreachable)
        return;
    c->is_unreachable = c->live.is_slow = is_down;
    fleet_touch_check(e->fleet, c);
    if (!is_down) {
        c->reached_ms = loop_mono_ms(e->loop);
        scheduler_spread(e->scheduler, c);
    }
    struct walk deeper = {e, w->depth + 1};
    if (deeper.depth < DEPTH_MAX)
        reach_behind(e->fleet, c, update_behind, &deeper);
}

void engine_reach_moved(struct engine *e, const struct check *c)
{
    struct walk w = {.e = e};
    reach_behind(e->fleet, c, update_behind, &w);
}

static void ask_if_old(void *arg, const struct check *host)
{
    struct engine *e = arg;
    struct err why;
    if (loop_mono_ms(e->loop) - host->live.result_ms > REACH_FRESH_MS)
        scheduler_run_now(e->scheduler, host, &why); /* one that cannot be asked is as it is */
}

void engine_reach_doubt(struct engine *e, const struct check *c)
{
    reach_above(e->fleet, c, ask_if_old, e);
}

void engine_reach_all(struct engine *e)
{
    for (size_t i = 0; i < e->fleet->n_checks; i++) {
        struct check *c = e->fleet->checks[i];
        c->is_unreachable = c->live.is_slow = reach_of(e->fleet, c, NULL) == REACH_DOWN;
    }
}
