#include "core/due.h"

#include <string.h>

#include "core/clock.h"
#include "core/matcher.h"
#include "core/policy.h"

int due_index(const struct fleet *f, const char *receiver)
{
    for (size_t i = 0; i < f->n_receivers; i++)
        if (strcmp(f->receivers[i], receiver) == 0)
            return (int)i;
    return -1;
}

const struct told *due_told(const struct alert *a, int index)
{
    for (size_t i = 0; index >= 0 && i < a->n_told; i++)
        if (a->told[i].receiver == index)
            return &a->told[i];
    return NULL;
}

/* Level k is told when the alert is there; where its policy never does so, only by hand. */
static bool level_is_told(const struct policy *p, const struct alert *a, int k)
{
    return k <= a->level && (p->to_ms[k - 1] != POLICY_NEVER || k > policy_start_level(p));
}

/* One of the receiver's levels has been reached, and nobody answers for it. */
static bool level_waits(const struct fleet *f, const struct policy *p, const struct alert *a,
                        const struct receiver *r)
{
    for (int k = 1; k <= POLICY_LEVELS; k++)
        if ((r->levels & RECEIVER_LEVEL(k)) != 0 && level_is_told(p, a, k) &&
            !clock_is_taken(f, a, k))
            return true;
    return false;
}

/* One check could not look: a line in the list. */
static bool is_own_fault(const struct alert *a, const struct check *c)
{
    return c->is_own_fault && a->state == STATE_UNKNOWN && a->priority == PRIORITY_P4;
}

static bool fits(const struct fleet *f, const struct alert *a, const struct receiver *r)
{
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    if ((r->priorities & RECEIVER_PRIORITY(a->priority)) == 0)
        return false;
    bool is_listed_only = c != NULL && (c->target->is_test || is_own_fault(a, c));
    if (is_listed_only && a->id != f->blind_alert)
        return false;
    return r->match == NULL || (c != NULL && matcher_has(r->match, c));
}

bool due_may_tell(const struct fleet *f, const struct receiver *r, const struct check *c)
{
    const struct alert a = {.check = c->id,
                            .state = STATE_CRITICAL,
                            .priority =
                                priority_of(c->priority, STATE_CRITICAL, c->target->is_test)};
    const struct policy *p = policy_of(f, &a);
    for (int k = 1; k <= POLICY_LEVELS; k++)
        if ((r->levels & RECEIVER_LEVEL(k)) != 0 && p->to_ms[k - 1] != POLICY_NEVER)
            return fits(f, &a, r);
    return false;
}

/* When the last notice was sent, on the present clock, also if that was before a restart. */
static int64_t told_mono(const struct told *t, struct moment now)
{
    return t->mono_ms != 0 ? t->mono_ms : now.mono_ms - (now.wall_ms - t->at_ms);
}

static enum notice_what what_is_new(const struct alert *a, const struct told *t)
{
    if (state_worse((enum state)t->state, a->state) != (enum state)t->state)
        return NOTICE_WORSE;
    return a->level > t->level ? NOTICE_ESCALATED : NOTICE_AGAIN;
}

static void due_firing(struct due *d, const struct policy *p, const struct alert *a,
                       const struct told *t, struct moment now)
{
    if ((a->marks & MARK_FLAP) != 0) {
        d->what = t->page > 0 && t->knows_flap ? NOTICE_WHAT_COUNT : NOTICE_FLAP_START;
    } else if (t->page <= 0) {
        d->what = NOTICE_PROBLEM;
    } else if (t->knows_flap) {
        d->what = NOTICE_FLAP_END;
    } else if (t->page < a->page) {
        d->what = what_is_new(a, t);
    } else if (p->repeat_ms > 0) { /* not POLICY_NEVER */
        d->again_ms = told_mono(t, now) + p->repeat_ms;
        if (d->again_ms <= now.mono_ms)
            d->what = NOTICE_REPEAT;
    }
}

/* As it stands; where a notice was lost on its way, as it stood before. */
static struct told known(const struct told *t, bool is_lost)
{
    struct told k = t != NULL ? *t : (struct told){0};
    if (is_lost) {
        k.page = t->page_before;
        k.state = t->state_before;
        k.level = t->level_before;
        k.knows_flap = t->knew_flap;
    }
    return k;
}

struct due due_of(const struct fleet *f, const struct alert *a, const struct receiver *r, int index,
                  bool is_busy, struct moment now)
{
    struct due d = {.what = NOTICE_WHAT_COUNT, .again_ms = INT64_MAX};
    const struct told *t = due_told(a, index);
    bool is_lost = t != NULL && t->is_sending && !is_busy;
    struct told k = known(t, is_lost);
    if (a->phase == ALERT_RESOLVED) {
        if ((k.page > 0 || is_lost) && r->wants_recoveries &&
            now.wall_ms - a->resolved_at_ms < DUE_RECOVERY_MAX_MS)
            d.what = NOTICE_RECOVERY;
    } else if ((a->marks & MARKS_HOLD & ~(unsigned int)MARK_FLAP) == 0 && fits(f, a, r)) {
        const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
        if (level_waits(f, p, a, r))
            due_firing(&d, p, a, &k, now);
    }
    d.is_possible_repeat = is_lost && d.what != NOTICE_WHAT_COUNT;
    return d;
}
