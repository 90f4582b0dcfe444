/* How a result, or its absence, gets into the picture. */
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"

/* --- trend ------------------------------------------------------------------------------- */

void trend_init(struct trend *t)
{
    *t = (struct trend){.is_value = t->is_value};
    for (size_t i = 0; i < TREND_LEN; i++) {
        t->latency_ms[i] = -1;
        t->worst[i] = STATE_PENDING;
    }
}

/* Makes room for `by` newer buckets at the end. */
static void trend_shift(struct trend *t, size_t by)
{
    memmove(t->latency_ms, t->latency_ms + by, (TREND_LEN - by) * sizeof *t->latency_ms);
    memmove(t->worst, t->worst + by, TREND_LEN - by);
    for (size_t i = TREND_LEN - by; i < TREND_LEN; i++) {
        t->latency_ms[i] = -1;
        t->worst[i] = STATE_PENDING;
    }
}

void trend_add(struct trend *t, int64_t at_ms, double latency_ms, enum state s)
{
    int64_t bucket = at_ms / TREND_BUCKET_MS;
    if (bucket <= t->bucket - TREND_LEN || bucket >= t->bucket + TREND_LEN) {
        trend_init(t); /* the first one; after a long gap; or the wall clock was moved */
        t->bucket = bucket;
    } else if (bucket > t->bucket) {
        trend_shift(t, (size_t)(bucket - t->bucket));
        t->bucket = bucket;
        t->n = 0;
    }
    size_t last = TREND_LEN - 1, i = last - (size_t)(t->bucket - bucket);
    enum state worst = (enum state)t->worst[i];
    t->worst[i] = (uint8_t)(worst == STATE_PENDING ? s : state_worse(worst, s));
    if (i != last || latency_ms < 0)
        return; /* the mean of an older bucket is closed */
    t->n++;
    double mean = t->n == 1
                      ? latency_ms
                      : t->latency_ms[last] + (latency_ms - t->latency_ms[last]) / (double)t->n;
    t->latency_ms[last] = (float)mean;
}

double check_dot(const struct check *c)
{
    if (!c->trend.is_value)
        return c->latency_ms;
    return c->n_metrics > 0 && c->metrics[0].value >= 0 ? c->metrics[0].value : -1;
}

/* --- sentences --------------------------------------------------------------------------- */

void check_say(struct check *c, const char *packed)
{
    size_t len = packed != NULL ? strlen(packed) + 1 : 0;
    if (len > c->summary_size || len == 0) {
        size_t size = len + len / 2; /* the next one may be a little longer */
        char *room = len > 0 ? mem_alloc(size) : NULL;
        free(c->summary);
        c->summary = room;
        c->summary_size = len > 0 ? size : 0;
    }
    if (len > 0)
        memcpy(c->summary, packed, len);
}

/* --- results ----------------------------------------------------------------------------- */

static bool has_same_metrics(const struct check *c, const struct result *r)
{
    if (c->n_metrics != r->n_metrics)
        return false;
    for (size_t i = 0; i < r->n_metrics; i++)
        if (strcmp(c->metrics[i].name, r->metrics[i].name) != 0)
            return false;
    return true;
}

/* Results of one check nearly always name the same metrics: then nothing is allocated. */
static void take_metrics(struct check *c, const struct result *r)
{
    if (!has_same_metrics(c, r)) {
        for (size_t i = 0; i < c->n_metrics; i++) {
            free(c->metrics[i].name);
            free(c->metrics[i].unit);
        }
        c->metrics = mem_grow(c->metrics, r->n_metrics, sizeof *c->metrics);
        c->n_metrics = r->n_metrics;
        for (size_t i = 0; i < r->n_metrics; i++)
            c->metrics[i] = (struct metric){.name = mem_strdup(r->metrics[i].name)};
    }
    for (size_t i = 0; i < r->n_metrics; i++) {
        mem_set(&c->metrics[i].unit, r->metrics[i].unit);
        c->metrics[i].value = r->metrics[i].value;
    }
}

static bool has_same_facts(const struct check *c, const struct result *r)
{
    if (c->n_facts != r->n_facts)
        return false;
    for (size_t i = 0; i < r->n_facts; i++)
        if (strcmp(c->facts[i].key, r->facts[i].key) != 0)
            return false;
    return true;
}

static void take_facts(struct check *c, const struct result *r)
{
    if (!has_same_facts(c, r)) {
        facts_release(c->facts, c->n_facts);
        c->facts = r->n_facts > 0 ? mem_alloc(r->n_facts * sizeof *c->facts) : NULL;
        c->n_facts = r->n_facts;
        for (size_t i = 0; i < r->n_facts; i++)
            c->facts[i].key = mem_strdup(r->facts[i].key);
    }
    for (size_t i = 0; i < r->n_facts; i++)
        mem_set(&c->facts[i].value, r->facts[i].value);
}

static void note_fault(struct check *c, int64_t at_ms)
{
    if (c->live.state == STATE_OK && !rule_is_problem(c->live.hard_state))
        c->fault_ms = 0;
    else if (rule_is_problem(c->live.state) && c->fault_ms == 0)
        c->fault_ms = at_ms;
}

/* HARD states and every OK are recorded, but nothing that is known to be somebody else's doing. */
static int note_flapping(struct check *c)
{
    bool is_recorded = c->live.state == STATE_OK || c->live.is_hard;
    if (is_recorded && !c->is_unreachable && (c->periods & 1u << PERIOD_MAINTENANCE) == 0)
        flap_note(&c->flap, c->live.state);
    return flap_wants(&c->flap, c->live.is_flapping) != c->live.is_flapping ? RULE_FLAP : 0;
}

/* Of what is fed one number, that is its trend; at a look without it, it stays so. */
static void note_dots(struct check *c)
{
    bool is_one = c->n_metrics == 1 || (c->n_metrics == 0 && c->trend.is_value);
    c->trend.is_value = c->rule.is_fed && is_one;
}

int fleet_apply_result(struct fleet *f, struct check *c, const struct result *r,
                       int64_t now_mono_ms)
{
    enum state was = check_shown(c);
    int flags = rule_accept(&c->rule, &c->live, r->state, r->started_mono_ms, now_mono_ms);
    if (flags & RULE_DROPPED)
        return flags;
    if (check_shown(c) != was)
        c->since_ms = r->at_ms;
    flags |= note_flapping(c);
    note_fault(c, r->at_ms);
    c->at_ms = r->at_ms;
    c->seen_ms = now_mono_ms;
    c->latency_ms = r->latency_ms;
    c->is_self = r->is_self;
    if (r->state != STATE_OK || !rule_is_problem(c->live.hard_state))
        c->is_own_fault = r->is_self;
    check_say(c, r->summary);
    take_metrics(c, r);
    take_facts(c, r);
    note_dots(c);
    trend_add(&c->trend, r->at_ms, check_dot(c), c->live.state);
    fleet_touch_check(f, c);
    return flags;
}

int fleet_age_check(struct fleet *f, struct check *c, int64_t now_wall_ms, int64_t now_mono_ms)
{
    if (c->target->is_disabled)
        return 0;
    enum state was = check_shown(c);
    bool had_no_result = c->live.is_no_result;
    int flags = rule_age(&c->rule, &c->live, now_mono_ms);
    if (flags == 0 && c->live.is_no_result == had_no_result)
        return 0;
    if (check_shown(c) != was)
        c->since_ms = now_wall_ms;
    if (c->live.is_no_result && !had_no_result) {
        char age[WHEN_TEXT_MAX];
        int64_t silent_ms = now_mono_ms - c->live.result_ms;
        char *text = SAY(N_("no result for {0}"),
                         when_duration(silent_ms - silent_ms % WHEN_SECOND_MS, age));
        check_say(c, text);
        free(text);
        note_fault(c, now_wall_ms);
    }
    fleet_touch_check(f, c);
    return flags;
}
