#include "core/rule.h"

/*          OK                    attempts reached
 *   ┌─────────────── soft ───────────────────────────┐
 *   v                 ^                               v
 *  hard OK ───────────┘ a problem                 hard problem ──┐ other level: at once
 *   ^                                                 │ ^ ^──────┘
 *   └──────────── confirming ─────────────────────────┘ │
 *     ok_confirm OKs   └────────────────────────────────┘ a problem
 *
 * hard_state is what stands; state is the newest result; is_hard: the two have been reconciled. */

#define NO_RESULT_YET INT64_MIN

void rule_init(struct rule_state *s, int64_t now_ms)
{
    *s = (struct rule_state){
        .state = STATE_PENDING,
        .hard_state = STATE_PENDING,
        .episode = 1,
        .started_ms = NO_RESULT_YET,
        .result_ms = now_ms,
    };
}

void rule_restore(struct rule_state *s, enum state hard_state)
{
    uint32_t episode = s->episode;
    bool is_flapping = s->is_flapping;
    rule_init(s, 0);
    s->is_flapping = is_flapping;
    if (episode > 0)
        s->episode = episode;
    if (hard_state == STATE_PENDING)
        return;
    s->state = s->hard_state = hard_state;
    s->is_hard = s->is_stale = true;
    s->attempt = 1;
}

bool rule_has_result(const struct rule_state *s)
{
    return s->started_ms != NO_RESULT_YET;
}

bool rule_is_problem(enum state s)
{
    return s == STATE_WARNING || s == STATE_CRITICAL || s == STATE_UNKNOWN;
}

bool rule_is_soft(const struct rule_state *s)
{
    return rule_is_problem(s->state) && !s->is_hard;
}

static void accept_ok(const struct rule_config *c, struct rule_state *s)
{
    s->state = STATE_OK;
    int confirm = s->is_flapping && c->ok_confirm < RULE_FLAP_OKS ? RULE_FLAP_OKS : c->ok_confirm;
    if (rule_is_problem(s->hard_state) && s->oks + 1 < confirm) {
        s->oks++;
        s->is_hard = false;
        return;
    }
    if (rule_is_problem(s->hard_state) && !s->is_flapping)
        s->episode++;
    s->hard_state = STATE_OK;
    s->is_hard = true;
    s->attempt = 1;
    s->oks = 0;
}

static void accept_problem(const struct rule_config *c, struct rule_state *s, enum state seen)
{
    bool runs_on = rule_is_problem(s->state);
    s->state = seen;
    s->oks = 0;
    if (!rule_is_problem(s->hard_state)) {
        s->attempt = runs_on ? s->attempt + 1 : 1;
        s->is_hard = s->attempt >= c->attempts;
    } else {
        s->is_hard = true;
    }
    if (s->is_hard)
        s->hard_state = seen;
}

static int changes(const struct rule_state *was, const struct rule_state *is)
{
    int flags = 0;
    if (was->state != is->state || was->attempt != is->attempt || was->oks != is->oks ||
        was->is_hard != is->is_hard)
        flags |= RULE_SOFT;
    if (was->hard_state != is->hard_state)
        flags |= RULE_HARD;
    if (was->is_stale != is->is_stale)
        flags |= RULE_STALE;
    return flags;
}

int rule_accept(const struct rule_config *c, struct rule_state *s, enum state seen,
                int64_t started_ms, int64_t now_ms)
{
    bool from_the_future = s->started_ms > now_ms;
    if (started_ms < s->started_ms && !from_the_future)
        return RULE_DROPPED;
    struct rule_state was = *s;
    s->started_ms = started_ms;
    s->result_ms = now_ms;
    s->stale_ms = 0;
    s->is_stale = s->is_no_result = false;
    if (seen == STATE_OK)
        accept_ok(c, s);
    else
        accept_problem(c, s, rule_is_problem(seen) ? seen : STATE_UNKNOWN);
    return changes(&was, s);
}

int64_t rule_delay_ms(const struct rule_config *c, const struct rule_state *s)
{
    bool is_confirming = s->state != STATE_PENDING && !s->is_hard;
    return (is_confirming ? c->retry_ms : c->interval_ms) * (s->is_slow ? 2 : 1);
}

static int64_t freshness(const struct rule_config *c, const struct rule_state *s)
{
    return c->freshness_ms > 0 ? c->freshness_ms : 2 * rule_delay_ms(c, s) + c->timeout_ms;
}

int rule_age(const struct rule_config *c, struct rule_state *s, int64_t now_ms)
{
    struct rule_state was = *s;
    int64_t fresh_ms = freshness(c, s);
    if (s->result_ms == 0)
        s->result_ms = now_ms;
    if (s->is_stale && s->stale_ms == 0)
        s->stale_ms = now_ms;
    if (!s->is_stale && !s->is_no_result && now_ms - s->result_ms >= fresh_ms) {
        s->is_stale = true;
        s->stale_ms = now_ms;
    }
    if (s->is_stale && !c->is_fed && now_ms - s->stale_ms >= fresh_ms) {
        s->state = s->hard_state = STATE_UNKNOWN;
        s->is_hard = s->is_no_result = true;
        s->is_stale = false;
        s->oks = 0;
    }
    return changes(&was, s);
}
