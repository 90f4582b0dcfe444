/* failover.h - the failover runner: groups looked at, plans, and runs that go on whoever watches.
 *
 *   `plan`: look, preflight ─> plan with its code          (memory only, the asker's own)
 *   `run`:  code right, look again, same facts ─> journal: confirmed + started (one run a group,
 *           held by the store) ─> each step: INTENDED, SENT on disk, then once to the peer, then
 *           what was seen ─> looking until it is clear ─> ended, in words
 *   start:  runs that were active are looked at again; nothing is sent a second time
 *
 * Decisions are core/'s (preflight, planning, verdict), words to peers the drivers'.  All on the
 * loop's thread. */
#ifndef ENGINE_FAILOVER_H
#define ENGINE_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/decide.h"
#include "engine/hub.h"
#include "engine/journal.h"
#include "engine/probe.h"

struct failover;
struct failover_want { /* all outlive it */
    const struct probe_env *env;
    struct fleet *fleet;
    struct decide *decide;
    struct journal *journal;
    bool is_private;            /* the engine was started by a console */
    void (*changed)(void *arg); /* the picture has: hub_kick */
    void *arg;
};
struct failover *failover_new(const struct failover_want *w);
void failover_start(struct failover *f); /* the journal has been folded */
/* No look, no timer, no further byte to a peer; open requests are answered.  Before probe_env_close
 * and before the hub goes. */
void failover_stop(struct failover *f);
void failover_free(struct failover *f); /* after decide_free; NULL is fine */

void failover_request(struct failover *f, struct hub_request *q); /* the verbs plan … runs */
/* A run is active, or about to be: a private engine stays, another site file waits. */
bool failover_is_busy(const struct failover *f);
/* The fleet has other groups and checks now, and no run is active: plans are void, who waits for
 * one is told. */
void failover_renew(struct failover *f);

#endif
