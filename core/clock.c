#include "core/clock.h"

#include "core/policy.h"

static const struct policy *policy(const struct fleet *f, const struct alert *a)
{
    return a->policy != NULL ? a->policy : policy_of(f, a);
}

/* The highest level that somebody has to be told of. */
static int last_level(const struct policy *p)
{
    int level = 1;
    for (int i = 0; i < POLICY_LEVELS; i++)
        if (p->to_ms[i] != POLICY_NEVER)
            level = i + 1;
    return level;
}

/* Where tiers count, level 1 answers for itself alone, any other for all; and whoever has handed it
 * on by hand, for nobody above. */
bool clock_is_taken(const struct fleet *f, const struct alert *a, int level)
{
    const struct policy *p = policy(f, a);
    if (a->ack.by == NULL)
        return false;
    if (level <= a->ack.level)
        return true;
    return !a->ack.is_narrow && (!p->is_tiered || a->ack.level >= 2 || last_level(p) == 1);
}

bool clock_runs(const struct fleet *f, const struct alert *a)
{
    return a->phase == ALERT_FIRING && (a->marks & MARKS_PAUSE) == 0 &&
           !clock_is_taken(f, a, POLICY_LEVELS);
}

int64_t clock_counted(const struct fleet *f, const struct alert *a, int64_t now_mono_ms)
{
    if (a->counted_mono_ms == 0 || !clock_runs(f, a) || now_mono_ms < a->counted_mono_ms)
        return a->counted_ms;
    return a->counted_ms + (now_mono_ms - a->counted_mono_ms);
}

void clock_anchor(struct alert *a, int64_t counted_ms, int64_t now_mono_ms)
{
    a->counted_ms = counted_ms;
    a->counted_mono_ms = now_mono_ms;
}

static struct clock_next next_of_mirror(const struct alert *a, int64_t now_mono_ms)
{
    struct clock_next next = a->next;
    int64_t gone_ms = next.runs ? now_mono_ms - a->next_mono_ms : 0;
    next.level_ms -= gone_ms;
    next.later_ms -= gone_ms;
    next.ack_ms -= gone_ms;
    return next;
}

struct clock_next clock_next(const struct fleet *f, const struct alert *a, int64_t now_mono_ms)
{
    if (a->next_mono_ms != 0)
        return next_of_mirror(a, now_mono_ms);
    const struct policy *p = policy(f, a);
    int64_t counted_ms = clock_counted(f, a, now_mono_ms);
    struct clock_next next = {.runs = clock_runs(f, a)};
    if (a->phase != ALERT_FIRING)
        return next;
    for (int i = a->level; i < POLICY_LEVELS && next.later == 0; i++) {
        if (p->to_ms[i] == POLICY_NEVER || clock_is_taken(f, a, i + 1))
            continue;
        *(next.level == 0 ? &next.level_ms : &next.later_ms) = p->to_ms[i] - counted_ms;
        *(next.level == 0 ? &next.level : &next.later) = i + 1;
    }
    next.repeat_ms = next.runs && p->repeat_ms != POLICY_NEVER ? p->repeat_ms : 0;
    next.has_ack = a->ack.by == NULL && p->ack_within_ms != POLICY_NEVER;
    next.ack_ms = next.has_ack ? p->ack_within_ms - counted_ms : 0;
    return next;
}
