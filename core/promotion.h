/* promotion.h - from test to production, and back: a journalled act with a reason.
 *
 * The site file says in which environment a target is; an act in the journal overrides it, until
 * the file says the same (target.settled): from then on the file decides again.  An act goes with
 * its target: one that leaves the site file and comes back is what the file says. Pure: who is
 * asked passes the journal's events to the fold. */
#ifndef CORE_PROMOTION_H
#define CORE_PROMOTION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

struct fleet;
struct target;

struct promotion { /* of one target; NULL: the site file decides */
    bool is_test;  /* the environment that it was put into */
    char *by, *text, *key;
    int64_t at_ms;
};
void promotion_free(struct promotion *p);
extern const char *const env_names[2]; /* "production", "test": by is_test */

struct promotion_request {
    const char *target, *text, *key;
    bool is_back; /* to test */
    const struct actor *actor;
};
/* True: *out is to be journalled, or its kind is EVENT_KIND_COUNT: it is so already by this key.
 * False: *refusal says why not. */
bool promotion_decide(const struct fleet *f, const struct promotion_request *q, struct event *out,
                      char **refusal);
/* What a granted one is answered: packed. */
char *promotion_say(const char *target, bool is_test);

/* target.promoted, target.settled. */
void fleet_fold_promotion(struct fleet *f, const struct event *e);
/* The target gets its environment: what the act says, else the file. */
void promotion_apply(struct target *t);
/* True if the act and the file say the same: target.settled is due. */
bool promotion_is_settled(const struct target *t);

#endif
