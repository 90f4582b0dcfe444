/* feed.h - one look at many things: whose result each row of it is.
 *
 * Made once from the site's specs: for each check that gives rows, the checks of a fed kind that
 * name it, sorted by row (`struct probe_fed`: the probe is shown them too).  Delivering a result is
 * one pass over its rows.
 *   no rows        the look failed: nobody is fed, the source's own result says why
 *   row missing    CRITICAL where the target's link is done or the check's fact `was` says that it
 *                  has been, else OK: not connected yet;
 *                  its fact `row` is "missing"
 *   row unknown    the source's own result says so, WARNING
 *   row PENDING    nothing can be said of it at this look: as if there had been none */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/result.h"
#include "engine/probe.h"
#include "engine/spec.h"

#define FEED_NAMED 3 /* rows that nobody has configured are named up to here, then counted */

struct feed { /* of one source */
    const struct check *source;
    struct probe_fed *fed;
    size_t n;
    bool may_leave_rows; /* as its kind says */
};
struct feeds {
    struct feed *v;
    size_t n;
};

void feeds_init(struct feeds *f, struct check_spec *specs);
void feeds_release(struct feeds *f);
/* NULL: it feeds nobody. */
const struct feed *feeds_of(const struct feeds *f, const struct check *source);

/* Raises the source's result to WARNING where it has rows that nobody takes.  It is `r`'s own
 * sentence that is replaced; the rows are looked at only. */
void feed_judge(const struct feed *f, struct result *r);
/* Calls fn once for each check that is fed, if r has rows; disabled targets are left out.  What fn
 * gets is its to change, and owned by the caller. */
typedef void feed_fn(void *arg, struct check *c, struct result *r);
void feed_deliver(const struct feed *f, const struct result *r, feed_fn *fn, void *arg);

#endif
