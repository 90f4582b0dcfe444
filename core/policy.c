#include "core/policy.h"

#include <stdlib.h>

#include "core/fleet.h"
#include "core/matcher.h"
#include "core/when.h"

#define MINUTES(n) ((n)*WHEN_MINUTE_MS)

/* Rows by priority.  P4, test and our own faults are a list only: nobody is
 * told, and level 2 looks at it the next day. */
static const struct policy built_in[] = {
    [PRIORITY_NONE] = {.id = (char *)"P4",
                       .priority = PRIORITY_NONE,
                       .to_ms = {POLICY_NEVER, POLICY_NEVER, POLICY_NEVER},
                       .ack_within_ms = POLICY_NEVER,
                       .repeat_ms = POLICY_NEVER},
    [PRIORITY_P1] = {.id = (char *)"P1",
                     .priority = PRIORITY_P1,
                     .to_ms = {0, 0, MINUTES(15)},
                     .ack_within_ms = MINUTES(5),
                     .repeat_ms = MINUTES(5),
                     .group_ms = 10 * WHEN_SECOND_MS,
                     .is_tiered = true},
    [PRIORITY_P2] = {.id = (char *)"P2",
                     .priority = PRIORITY_P2,
                     .to_ms = {0, MINUTES(10), MINUTES(60)},
                     .ack_within_ms = MINUTES(15),
                     .repeat_ms = MINUTES(15),
                     .group_ms = 10 * WHEN_SECOND_MS},
    [PRIORITY_P3] = {.id = (char *)"P3",
                     .priority = PRIORITY_P3,
                     .to_ms = {0, MINUTES(30), POLICY_NEVER},
                     .ack_within_ms = MINUTES(60),
                     .repeat_ms = MINUTES(240),
                     .group_ms = MINUTES(1)},
    [PRIORITY_P4] = {.id = (char *)"P4",
                     .priority = PRIORITY_P4,
                     .to_ms = {POLICY_NEVER, WHEN_DAY_MS, POLICY_NEVER},
                     .ack_within_ms = POLICY_NEVER,
                     .repeat_ms = POLICY_NEVER},
};

void policy_release(struct policy *p)
{
    free(p->id);
    matcher_free(p->match);
    *p = (struct policy){0};
}

const struct policy *policy_built_in(enum priority p)
{
    return &built_in[p];
}

static bool policy_fits(const struct policy *p, const struct alert *a, const struct check *c)
{
    if (p->priority != PRIORITY_NONE && p->priority != a->priority)
        return false;
    return p->match == NULL || (c != NULL && matcher_has(p->match, c));
}

const struct policy *policy_of(const struct fleet *f, const struct alert *a)
{
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    for (size_t i = 0; i < f->n_policies; i++)
        if (policy_fits(&f->policies[i], a, c))
            return &f->policies[i];
    return &built_in[a->priority];
}

int policy_start_level(const struct policy *p)
{
    int level = 1;
    for (int i = 1; i < POLICY_LEVELS; i++)
        if (p->to_ms[i] == 0)
            level = i + 1;
    return level;
}
