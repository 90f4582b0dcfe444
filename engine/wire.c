/* wire.c - see wire.h: writing, then documents; wire_read.c reads.
 *
 * A target or check has three layers: what changes all the time; what the site file says
 * (WIRE_STATIC); what only a fresh mirror needs (WIRE_TREND).  An alert always travels whole. */
#include "engine/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/promotion.h"
#include "core/alert.h"
#include "core/clock.h"
#include "core/mem.h"
#include "engine/about_json.h"
#include "engine/event_json.h"
#include "engine/period_json.h"
#include "engine/shift_json.h"

/* Microseconds are enough: a shorter number, and the same one on every machine. */
static struct jval *ms_json(double ms)
{
    return ms < 0 ? jval_new_null() : jval_new_num(round(ms * 1000) / 1000);
}

static struct jval *strings_json(char *const *v, size_t n)
{
    struct jval *j = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(j, jval_new_str(v[i]));
    return j;
}

static const char *priority_text(enum priority p)
{
    return p == PRIORITY_NONE ? NULL : priority_name(p);
}

static void set_target_static(struct jval *j, const struct target *t)
{
    jval_set(j, "name", words_json(&t->name));
    jval_set_str(j, "kind", target_kind_names[t->kind]);
    jval_set_str(j, "group", t->group);
    jval_set_str(j, "address", t->address);
    jval_set_str(j, "runbook", t->runbook);
    jval_set_str(j, "org", t->org);
    jval_set_str(j, "link", link_names[t->link]);
    jval_set_bool(j, "enabled", !t->is_disabled);
    struct jval *labels = jval_object();
    for (size_t i = 0; i < t->n_labels; i++)
        jval_set_str(labels, t->labels[i].key, t->labels[i].value);
    jval_set(j, "labels", labels);
    jval_set(j, "parents", strings_json(t->parents, t->n_parents));
    jval_set(j, "tags", strings_json(t->tags, t->n_tags));
}

static struct jval *promoted_json(const struct promotion *p)
{
    struct jval *j = jval_object();
    jval_set_str(j, "by", p->by);
    jval_set_time(j, "at", p->at_ms);
    jval_set_str(j, "text", p->text);
    return j;
}

struct jval *wire_target(const struct target *t, int flags)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", t->id);
    if (flags & WIRE_STATIC)
        set_target_static(j, t);
    jval_set_str(j, "env", env_names[t->is_test]);
    if (t->promoted != NULL)
        jval_set(j, "promoted", promoted_json(t->promoted));
    jval_set_str(j, "state", state_rows[t->state].name);
    jval_set_time(j, "since", t->since_ms);
    return j;
}

static void set_check_static(struct jval *j, const struct check *c)
{
    jval_set_str(j, "probe", c->probe);
    jval_set_str(j, "priority", priority_text(c->priority));
    jval_set_int(j, "interval_ms", c->rule.interval_ms);
    jval_set_int(j, "retry_ms", c->rule.retry_ms);
    jval_set_int(j, "timeout_ms", c->rule.timeout_ms);
    jval_set_int(j, "freshness_ms", c->rule.freshness_ms);
    jval_set_int(j, "attempts", c->rule.attempts);
    jval_set_int(j, "ok_confirm", c->rule.ok_confirm);
    jval_set_bool(j, "host", c->is_host);
}

static struct jval *periods_json(unsigned int periods)
{
    struct jval *list = jval_array();
    for (unsigned int i = 0; i < PERIOD_KIND_COUNT; i++)
        if (periods & 1u << i)
            jval_append(list, jval_new_str(period_kind_names[i]));
    return list;
}

/* Buckets up to the newest, without the empty ones at the head: a young engine sends little. */
static struct jval *trend_json(const struct trend *t)
{
    size_t first = 0;
    while (first < TREND_LEN && t->worst[first] == STATE_PENDING)
        first++;
    if (first == TREND_LEN)
        return jval_new_null();
    char symbols[TREND_LEN + 1] = "";
    struct jval *latency = jval_array();
    for (size_t i = first; i < TREND_LEN; i++) {
        symbols[i - first] = state_rows[t->worst[i]].symbol;
        double ms = (double)t->latency_ms[i];
        jval_append(latency, ms < 0 ? jval_new_null() : jval_new_num(round(ms * 100) / 100));
    }
    struct jval *j = jval_object();
    jval_set_int(j, "bucket", t->bucket);
    jval_set_int(j, "n", t->n);
    if (t->is_value)
        jval_set_bool(j, "value", true);
    jval_set_str(j, "worst", symbols);
    jval_set(j, "latency_ms", latency);
    return j;
}

struct jval *wire_metrics(const struct check *c)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < c->n_metrics; i++) {
        struct jval *m = jval_object();
        jval_set_str(m, "name", c->metrics[i].name);
        jval_set_num(m, "value", c->metrics[i].value);
        jval_set_str(m, "unit", c->metrics[i].unit);
        jval_append(list, m);
    }
    return list;
}

struct jval *wire_facts(const struct check *c)
{
    struct jval *j = jval_object();
    for (size_t i = 0; i < c->n_facts; i++)
        jval_set_str(j, c->facts[i].key, c->facts[i].value);
    return j;
}

struct jval *wire_check(const struct check *c, int flags, int64_t now_mono_ms)
{
    struct jval *j = jval_object();
    jval_set_str(j, "check", c->id);
    jval_set_str(j, "target", c->target->id);
    if (flags & WIRE_STATIC)
        set_check_static(j, c);
    jval_set_str(j, "state", state_rows[check_shown(c)].name);
    jval_set_str(j, "last_state", state_rows[c->live.state].name);
    jval_set_str(j, "hard_state", state_rows[c->live.hard_state].name);
    jval_set_bool(j, "hard", c->live.is_hard);
    jval_set_int(j, "attempt", c->live.attempt);
    jval_set_bool(j, "no_result", c->live.is_no_result);
    jval_set_bool(j, "self", c->is_self);
    jval_set_bool(j, "flapping", c->live.is_flapping);
    jval_set_bool(j, "unreachable", c->is_unreachable);
    jval_set(j, "periods", periods_json(c->periods));
    jval_set_time(j, "since", c->since_ms);
    jval_set_time(j, "at", c->at_ms);
    jval_set(j, "latency_ms", ms_json(c->latency_ms));
    event_json_set_say(j, "summary", "say", c->summary);
    jval_set(j, "metrics", wire_metrics(c));
    if (c->n_facts > 0 || flags & WIRE_STATIC)
        jval_set(j, "facts", wire_facts(c));
    jval_set(j, "alert", c->alert == 0 ? jval_new_null() : jval_new_int((int64_t)c->alert));
    if (flags & WIRE_TREND)
        jval_set(j, "trend", trend_json(&c->trend));
    if (flags & WIRE_AGE)
        jval_set(j, "age_ms",
                 c->at_ms == 0 ? jval_new_null() : jval_new_int(now_mono_ms - c->seen_ms));
    return j;
}

static struct jval *ack_json(const struct ack *a)
{
    if (a->by == NULL)
        return jval_new_null();
    struct jval *j = jval_object();
    jval_set_str(j, "by", a->by);
    jval_set_int(j, "level", a->level);
    jval_set_time(j, "at", a->at_ms);
    jval_set_time(j, "until", a->until_ms);
    jval_set_str(j, "comment", a->comment);
    jval_set_str(j, "state", state_rows[a->at_state].name);
    return j;
}

/* {"runs":true,"level":2,"level_in_ms":540000,"later":3,"later_in_ms":3540000,"ack_in_ms":null,
 * "repeat_ms":300000} */
static struct jval *next_json(const struct clock_next *n)
{
    struct jval *j = jval_object();
    jval_set_bool(j, "runs", n->runs);
    jval_set(j, "level", n->level != 0 ? jval_new_int(n->level) : jval_new_null());
    jval_set(j, "level_in_ms", n->level != 0 ? jval_new_int(n->level_ms) : jval_new_null());
    jval_set(j, "later", n->later != 0 ? jval_new_int(n->later) : jval_new_null());
    jval_set(j, "later_in_ms", n->later != 0 ? jval_new_int(n->later_ms) : jval_new_null());
    jval_set(j, "ack_in_ms", n->has_ack ? jval_new_int(n->ack_ms) : jval_new_null());
    jval_set(j, "repeat_ms", n->repeat_ms != 0 ? jval_new_int(n->repeat_ms) : jval_new_null());
    return j;
}

static struct jval *told_json(const struct fleet *f, const struct alert *a)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < a->n_told; i++) {
        const struct told *t = &a->told[i];
        struct jval *j = jval_object();
        jval_set_str(j, "receiver", f->receivers[t->receiver]);
        jval_set_time(j, "at", t->at_ms);
        jval_set_int(j, "count", t->count);
        jval_set_bool(j, "sending", t->is_sending);
        jval_append(list, j);
    }
    return list;
}

struct jval *wire_alert(const struct fleet *f, const struct alert *a, int64_t now_mono_ms)
{
    struct jval *j = jval_object();
    jval_set_int(j, "id", (int64_t)a->id);
    jval_set_str(j, "check", a->check);
    char *target = mem_strndup(a->check, strcspn(a->check, "/"));
    jval_set_str(j, "target", target);
    free(target);
    jval_set_int(j, "version", a->version);
    jval_set_str(j, "phase", alert_phase_names[a->phase]);
    jval_set_str(j, "state", state_rows[a->state].name);
    jval_set_str(j, "priority", priority_text(a->priority));
    jval_set_int(j, "level", a->level);
    jval_set_int(j, "page", a->page);
    jval_set_time(j, "opened_at", a->opened_at_ms);
    if (a->phase == ALERT_FIRING && a->began_mono_ms != 0)
        jval_set_int(j, "age_ms", alert_age_ms(a, (struct moment){0, now_mono_ms}));
    jval_set_time(j, "since", a->since_ms);
    jval_set_time(j, "resolved_at", a->resolved_at_ms);
    event_json_set_say(j, "summary", "say", a->summary);
    jval_set(j, "ack", ack_json(&a->ack));
    jval_set(j, "marks", event_json_marks(a->marks));
    jval_set(j, "cause", a->cause != 0 ? jval_new_int((int64_t)a->cause) : jval_new_null());
    struct clock_next next = clock_next(f, a, now_mono_ms);
    jval_set(j, "next", next_json(&next));
    jval_set(j, "told", told_json(f, a));
    jval_set_int(j, "seq", (int64_t)a->seq);
    struct jval *notes = jval_array();
    for (size_t i = 0; i < a->n_notes; i++) {
        struct jval *n = jval_object();
        jval_set_str(n, "by", a->notes[i].by);
        jval_set_time(n, "at", a->notes[i].at_ms);
        jval_set_str(n, "text", a->notes[i].text);
        jval_append(notes, n);
    }
    jval_set(j, "notes", notes);
    return j;
}

static struct jval *site_json(const struct fleet *f)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", f->site_id);
    jval_set(j, "name", words_json(&f->site_name));
    jval_set_str(j, "language", f->language);
    jval_set_str(j, "timezone", f->timezone);
    jval_set_bool(j, "sample", f->is_sample);
    return j;
}

struct jval *wire_snapshot(const struct fleet *f)
{
    struct jval *j = jval_object();
    jval_set_int(j, "version", (int64_t)f->version);
    jval_set_int(j, "seq", (int64_t)f->seq);
    jval_set(j, "site", site_json(f));
    struct jval *groups = jval_array();
    for (size_t i = 0; i < f->n_groups; i++) {
        struct jval *g = jval_object();
        jval_set_str(g, "id", f->groups[i].id);
        jval_set(g, "name", words_json(&f->groups[i].name));
        jval_append(groups, g);
    }
    jval_set(j, "groups", groups);
    about_json_set(j, &f->about);
    jval_set(j, "shifts", shifts_json(f));
    jval_set_int(j, "targets", (int64_t)f->n_targets);
    jval_set_int(j, "checks", (int64_t)f->n_checks);
    jval_set_int(j, "alerts", (int64_t)f->n_alerts);
    return j;
}

/* --- documents -------------------------------------------------------------------------------- */

static struct jval *counts_json(const struct fleet *f)
{
    size_t by_state[STATE_COUNT] = {0}, unacknowledged = 0;
    fleet_count_states(f, by_state);
    struct jval *states = jval_object();
    for (int s = 0; s < STATE_COUNT; s++)
        jval_set_int(states, state_rows[s].name, (int64_t)by_state[s]);
    struct jval *j = jval_object();
    jval_set_int(j, "targets", (int64_t)f->n_targets);
    jval_set_int(j, "checks", (int64_t)f->n_checks);
    jval_set(j, "states", states);
    jval_set_int(j, "open_alerts", (int64_t)fleet_count_open(f, &unacknowledged));
    jval_set_int(j, "unacknowledged", (int64_t)unacknowledged);
    return j;
}

struct jval *wire_status(const struct fleet *f, const struct wire_engine *engine)
{
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/status/1");
    jval_set_str(j, "site", f->site_id);
    jval_set_bool(j, "sample", f->is_sample);
    struct jval *who = jval_object();
    jval_set_int(who, "pid", engine->pid);
    jval_set_str(who, "version", engine->version);
    jval_set_time(who, "started_at", engine->started_at_ms);
    jval_set_time(who, "heartbeat_at", engine->heartbeat_at_ms);
    jval_set_str(who, "store", engine->store);
    jval_set(j, "engine", who);
    jval_set(j, "counts", counts_json(f));
    jval_set_str(j, "worst", state_rows[fleet_worst(f)].name);
    struct jval *targets = jval_array();
    for (size_t i = 0; i < f->n_targets; i++) {
        struct target *t = f->targets[i];
        struct jval *one = wire_target(t, WIRE_STATIC);
        struct jval *checks = jval_array();
        for (size_t k = 0; k < t->n_checks; k++)
            jval_append(checks, wire_check(t->checks[k], WIRE_STATIC, 0));
        jval_set(one, "checks", checks);
        jval_append(targets, one);
    }
    jval_set(j, "targets", targets);
    return j;
}

struct jval *wire_alerts(const struct fleet *f, int64_t now_mono_ms)
{
    struct alert **sorted = mem_alloc((f->n_alerts + 1) * sizeof(struct alert *));
    if (f->n_alerts > 0)
        memcpy(sorted, f->alerts, f->n_alerts * sizeof(struct alert *));
    qsort(sorted, f->n_alerts, sizeof(struct alert *), alert_compare);
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_alerts; i++)
        if (sorted[i]->phase == ALERT_FIRING)
            jval_append(list, wire_alert(f, sorted[i], now_mono_ms));
    free(sorted);
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/alerts/1");
    jval_set_str(j, "site", f->site_id);
    jval_set(j, "alerts", list);
    return j;
}

struct jval *wire_periods(const struct fleet *f)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_periods; i++)
        jval_append(list, period_json(f->periods[i]));
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/periods/1");
    jval_set_str(j, "site", f->site_id);
    jval_set(j, "periods", list);
    return j;
}
