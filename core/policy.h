/* policy.h - who is told of an alert when, and by when somebody must have taken it.
 *
 * A site's "escalation" is a list of these; the first whose matcher fits the alert's check and
 * whose priority is the alert's counts, then the built-in ones, one a priority (alerts.md section
 * 7). Every time counts on the alert's own clock (core/clock.h), from the moment it was opened. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

#define POLICY_LEVELS 3
#define POLICY_NEVER  (-1)

struct fleet;
struct alert;
struct matcher;

struct policy {
    char *id;                     /* for the screen and the journal; "P1" … where built in */
    struct matcher *match;        /* NULL: every check */
    enum priority priority;       /* of the alert; PRIORITY_NONE: any */
    int64_t to_ms[POLICY_LEVELS]; /* level i + 1 is told then; POLICY_NEVER */
    int64_t ack_within_ms;        /* POLICY_NEVER: no limit */
    int64_t repeat_ms;            /* to who has been told, while nobody has it; POLICY_NEVER */
    int64_t group_ms;             /* the first notice waits so long for others to join it */
    bool is_tiered; /* an acknowledgement by level 1 does not stop the others' clock */
};

void policy_release(struct policy *p); /* what it owns */
/* What holds where a site says nothing; of PRIORITY_NONE: no level, nobody is told. */
const struct policy *policy_built_in(enum priority p);
/* Never NULL. */
const struct policy *policy_of(const struct fleet *f, const struct alert *a);
/* The level that a new alert starts at: the highest whose time is 0, else 1. */
int policy_start_level(const struct policy *p);

#endif
