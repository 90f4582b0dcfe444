/* planning.h - from what was seen to a plan: its steps, what clients notice, how to go back, and
 * the facts that it rests on. */
#ifndef CORE_PLANNING_H
#define CORE_PLANNING_H

#include "core/buf.h"
#include "core/failover.h"
#include "core/preflight.h"

/* Fills group, kind, from, to, steps, checks, notice, undo (not id, hash, code, times).  Where
 * nothing could be seen there are no steps, and the checks say why. */
void plan_make(struct plan *out, const struct preflight *p);

/* The facts that a plan relied on, as one text whose hash is the plan's: leader, timeline, members,
 * pause, sync set; or each server's place.  Positions and UP counts are judged by R05 and R10
 * instead, since they move. */
void plan_facts(struct buf *out, const struct fog *g, const struct seen *s, const char *to);
/* What differs between what the plan rested on and what is seen now, in one packed sentence (R12).
 */
char *plan_say_changed(const struct plan *p, const struct fog *g, const struct seen *now);

#endif
