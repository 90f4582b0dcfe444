/* periods.h - silences, maintenance, assessments at work: asked for, on, over.
 *
 *   request ─> decided on what is durable ─> journal ─> fleet ─> answer        one at a time
 *   each second, and after news: which are on? ─> check.periods ─> decide_check
 *                                which are over? ─> period.ended ─> journal
 *
 * Checks are matched only when the set of those that are on has changed, or the site file.  Where a
 * maintenance ends with the problem still on, a result is asked for, and notices wait for it. */
#ifndef ENGINE_PERIODS_H
#define ENGINE_PERIODS_H

#include <stdbool.h>

#include "core/fleet.h"
#include "engine/hub.h"

struct decide;
struct loop;
struct periods;

struct periods_want {
    struct loop *loop;
    struct fleet *fleet;
    struct decide *decide;
    /* Asks that check now; false: it cannot be asked (passive). */
    bool (*ask)(void *arg, struct check *c);
    void *arg;
};

struct periods *periods_new(const struct periods_want *w);
void periods_stop(struct periods *p); /* nothing more is written; who waits is told */
void periods_free(struct periods *p); /* after decide_free; NULL is fine */

void periods_step(struct periods *p);
void periods_renew(struct periods *p); /* another site file is in force */
/* VERB_SILENCE, VERB_MAINTENANCE, VERB_PERIOD_END, VERB_PERIOD_APPROVE, VERB_MATCH. */
void periods_request(struct periods *p, struct hub_request *q);

#endif
