/* reach.h - does a check stand behind something that is down?  alerts.md section 5.
 *
 *   parents of its target:  "sw-a"          a plain parent: it alone is enough to be cut off
 *                           "rt-1|rt-2"     a redundancy group: only when all of it is down
 *   the host check of its own target, for all other checks of it
 *
 * The host check of a target is the one with "host_check": true, else its first icmp check.  A
 * parent that has neither is judged by its first check, but its own other checks do not stand
 * behind that. Down: HARD CRITICAL, or nothing is heard of it (stale, then UNKNOWN for that
 * reason).  Unsettled: a SOFT problem, or no result yet since the start (unknown is not up).  Pure:
 * only looks at the fleet. */
#ifndef CORE_REACH_H
#define CORE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check;
struct fleet;
struct target;

#define REACH_SETTLE_MAX_MS 60000 /* a notice waits at most so long for a parent to settle */
#define REACH_FRESH_MS      15000 /* a parent's result older than this is asked for anew */

enum reach { REACH_UP, REACH_UNSETTLED, REACH_DOWN };

const struct check *reach_host_check(const struct target *t); /* NULL: it has none */
/* What a target is judged by as a parent; NULL: it has no checks. */
const struct check *reach_parent_check(const struct target *t);
/* cause (may be NULL): the host check that is down, the furthest up; NULL unless REACH_DOWN. */
enum reach reach_of(const struct fleet *f, const struct check *c, const struct check **cause);
/* Calls fn for each check that c stands right behind. */
void reach_above(const struct fleet *f, const struct check *c,
                 void (*fn)(void *arg, const struct check *above), void *arg);
/* Calls fn for each check that stands right behind c: its siblings, where it is the host check; all
 * of its target's children (fleet_link), where it is what these go by. */
void reach_behind(const struct fleet *f, const struct check *c,
                  void (*fn)(void *arg, struct check *behind), void *arg);

#endif
