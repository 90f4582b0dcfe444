#include "core/marks.h"

#include "core/reach.h"

static unsigned int marks_of_periods(const struct fleet *f, const struct check *c, uint64_t alert)
{
    unsigned int marks = 0, periods = c->periods;
    for (size_t i = 0; alert != 0 && i < f->n_periods; i++)
        if (f->periods[i]->alert == alert && f->periods[i]->is_on)
            periods |= 1u << f->periods[i]->kind;
    if (periods & 1u << PERIOD_MAINTENANCE)
        marks |= MARK_MAINTENANCE;
    if (periods & 1u << PERIOD_SILENCE)
        marks |= MARK_SILENCE;
    if (periods & 1u << PERIOD_ASSESSMENT)
        marks |= MARK_ASSESSMENT;
    return marks;
}

/* One that is confirmed: the first OK of two is no reason to tell of the problem before it.  That
 * nothing comes is a result too. */
static bool has_fresh_result(const struct check *c)
{
    return c->reached_ms == 0 || c->live.is_no_result ||
           (c->live.result_ms > c->reached_ms && c->live.is_hard);
}

unsigned int marks_wanted(const struct fleet *f, const struct check *c, uint64_t alert,
                          int64_t opened_mono_ms, struct moment now, uint64_t *cause)
{
    const struct check *behind = NULL;
    enum reach reach = reach_of(f, c, &behind);
    unsigned int marks = marks_of_periods(f, c, alert);
    bool may_wait = now.mono_ms - opened_mono_ms < REACH_SETTLE_MAX_MS;
    if (reach == REACH_DOWN)
        marks |= MARK_PARENT;
    else if (!has_fresh_result(c) || (reach == REACH_UNSETTLED && may_wait))
        marks |= MARK_SETTLE;
    if (f->is_blind && c->is_own_fault && alert != f->blind_alert)
        marks |= MARK_BLIND;
    if (flap_wants(&c->flap, c->live.is_flapping)) /* with check.flap_started, not after it */
        marks |= MARK_FLAP;
    *cause = reach == REACH_DOWN && behind != NULL ? behind->alert : 0;
    return marks;
}
