#include "core/alert.h"

#include <stdio.h>
#include <string.h>

#include "core/alert_event.h"
#include "core/clock.h"
#include "core/marks.h"
#include "core/mem.h"
#include "core/policy.h"
#include "core/reach.h"
#include "core/say.h"
#include "core/when.h"

#define ENGINE_LOGIN "trucban"
#define ENGINE_UID   (-1)

#define UNSEEN_MAX_MS 30000

/* --- events ------------------------------------------------------------------------------ */

static struct event event_by_engine(enum event_kind kind, struct moment now)
{
    return (struct event){
        .kind = kind,
        .at_ms = now.wall_ms,
        .actor = {.login = mem_strdup(ENGINE_LOGIN), .uid = ENGINE_UID, .from = mem_strdup("")},
    };
}

static void set_alert(struct event *e, uint64_t id, int64_t version, const char *check)
{
    char subject[32];
    snprintf(subject, sizeof subject, "alert/%llu", (unsigned long long)id);
    mem_set(&e->subject, subject);
    mem_set(&e->check, check);
    e->alert = id;
    e->version = version;
}

struct event alert_event(enum event_kind kind, const struct fleet *f, const struct alert *a,
                         struct moment now)
{
    struct event e = event_by_engine(kind, now);
    set_alert(&e, a->id, a->version + 1, a->check);
    e.state = a->state;
    e.level = a->level;
    e.marks = a->marks;
    e.cause = a->cause;
    e.clock_ms = clock_counted(f, a, now.mono_ms);
    return e;
}

static bool is_more_urgent(enum priority a, enum priority b)
{
    return a != PRIORITY_NONE && (b == PRIORITY_NONE || a < b);
}

/* Only what counts for the whole has its full priority.  That one check could not look is a line in
 * the list; that most could not is told, by one of them.  What was a problem before, and told, is
 * not less so because now we cannot look.  a: NULL where it is about to open. */
static enum priority priority_now(const struct fleet *f, const struct check *c,
                                  const struct alert *a)
{
    bool is_own_fault = c->live.hard_state == STATE_UNKNOWN && c->is_own_fault;
    if (is_own_fault && a != NULL && a->id == f->blind_alert)
        return ALERT_BLIND_PRIORITY;
    return priority_of(c->priority, c->live.hard_state,
                       !target_counts(c->target) ||
                           (is_own_fault && (a == NULL || a->priority == PRIORITY_P4)));
}

static struct event check_changed(const struct check *c, struct moment now)
{
    struct event e = event_by_engine(EVENT_CHECK_CHANGED, now);
    e.subject = mem_strdup(c->id);
    e.state = c->live.hard_state;
    e.old_state = c->saved_state;
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    e.since_ms = c->since_ms;
    return e;
}

static struct event check_flapping(const struct check *c, bool is_flapping, struct moment now)
{
    char percent[16];
    struct event e =
        event_by_engine(is_flapping ? EVENT_CHECK_FLAP_STARTED : EVENT_CHECK_FLAP_ENDED, now);
    snprintf(percent, sizeof percent, "%.1f %%", flap_percent(&c->flap));
    e.subject = mem_strdup(c->id);
    e.state = c->live.hard_state;
    e.text = mem_strdup(percent);
    return e;
}

static struct event alert_opened(const struct fleet *f, const struct check *c, struct moment now,
                                 uint64_t id)
{
    struct event e = event_by_engine(EVENT_ALERT_OPENED, now);
    set_alert(&e, id, 1, c->id);
    e.state = c->live.hard_state;
    e.priority = priority_now(f, c, NULL);
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    e.since_ms = c->fault_ms != 0 ? c->fault_ms : c->since_ms;
    e.episode = c->live.episode;
    e.marks = marks_wanted(f, c, 0, now.mono_ms, now, &e.cause);
    struct alert as = {.check = c->id, .priority = e.priority};
    e.level = policy_start_level(policy_of(f, &as));
    return e;
}

static struct event alert_changed(const struct fleet *f, const struct alert *a,
                                  const struct check *c, struct moment now)
{
    struct event e = alert_event(EVENT_ALERT_CHANGED, f, a, now);
    e.state = c->live.hard_state;
    e.old_state = a->state;
    e.priority = priority_now(f, c, a);
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    if (a->priority == PRIORITY_P4 && is_more_urgent(e.priority, PRIORITY_P4))
        e.clock_ms = 0; /* what was listed only is told from now on */
    return e;
}

static struct event alert_resolved(const struct fleet *f, const struct alert *a, const char *text,
                                   struct moment now)
{
    struct event e = alert_event(EVENT_ALERT_RESOLVED, f, a, now);
    e.text = mem_strdup(text);
    return e;
}

/* What holds it back is nothing that an operator decides on: it keeps its version, so that nobody's
 * request about it is too old for that. */
static bool alert_marked(const struct fleet *f, const struct alert *a, const struct check *c,
                         struct moment now, struct event *out)
{
    uint64_t cause;
    unsigned int marks = marks_wanted(f, c, a->id, a->opened_mono_ms, now, &cause);
    if (marks == a->marks && cause == a->cause)
        return false;
    *out = alert_event(EVENT_ALERT_MARKED, f, a, now);
    out->version = a->version;
    out->marks = marks;
    out->cause = cause;
    return true;
}

/* --- what the engine decides by itself --------------------------------------------------- */

/* Before its first result since a start a check may not know whose fault it was. */
static bool may_be_own_fault(const struct check *c)
{
    return c->live.hard_state == STATE_UNKNOWN && c->summary != NULL &&
           (c->is_own_fault || !rule_has_result(&c->live));
}

bool alert_is_told(const struct fleet *f, const struct check *c)
{
    if (c->is_own_fault && ((f->is_blind && f->blind_alert != 0) || c->live.oks > 0))
        return true;
    for (size_t i = 0; may_be_own_fault(c) && i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (a->phase == ALERT_FIRING && a->summary != NULL && strcmp(a->summary, c->summary) == 0)
            return true;
    }
    return false;
}

bool alert_tells(const struct event *opened, const struct check *c)
{
    return opened->kind == EVENT_ALERT_OPENED && may_be_own_fault(c) &&
           strcmp(opened->text, c->summary) == 0;
}

void alert_stand_behind(const struct fleet *f, struct event *e)
{
    bool has_marks = e->kind == EVENT_ALERT_OPENED || e->kind == EVENT_ALERT_MARKED;
    const struct check *above = NULL;
    if (!has_marks || (e->marks & MARK_PARENT) == 0 || e->cause != 0)
        return;
    const struct check *c = fleet_check(f, e->check);
    if (c != NULL && reach_of(f, c, &above) == REACH_DOWN && above != NULL)
        e->cause = above->opening;
}

/* The same state, another weight: whose fault it is has turned out, it tells now for others, or its
 * target has been promoted, or put back. */
static bool weighs_otherwise(const struct fleet *f, const struct check *c, const struct alert *a)
{
    enum priority now = priority_now(f, c, a);
    if (!rule_has_result(&c->live))
        return false;
    return c->live.hard_state == STATE_UNKNOWN ? is_more_urgent(now, a->priority)
                                               : now != a->priority;
}

static bool wants_flapping(const struct check *c)
{
    return !c->target->is_disabled && flap_wants(&c->flap, c->live.is_flapping);
}

/* Events about an alert that is open; *is_over: it is to be resolved, another may follow. */
static size_t reconcile_open(const struct fleet *f, const struct check *c, const struct alert *a,
                             struct moment now, bool settled, struct event *out, bool *is_over)
{
    size_t n = 0;
    enum state hard = c->live.hard_state;
    bool is_problem = rule_is_problem(hard) && !c->target->is_disabled;
    bool is_flapping = wants_flapping(c);
    if (is_flapping && !c->live.is_flapping && a->ack.by != NULL)
        out[n++] = alert_event(EVENT_ALERT_ACK_EXPIRED, f, a, now); /* of a steady problem */
    *is_over = !is_flapping && (!is_problem || a->episode != c->live.episode);
    if (*is_over)
        out[n++] = alert_resolved(f, a, c->summary != NULL ? c->summary : "", now);
    else if (is_problem && (a->state != hard || weighs_otherwise(f, c, a)))
        out[n++] = alert_changed(f, a, c, now);
    if (!*is_over && settled && alert_marked(f, a, c, now, &out[n]))
        n++;
    return n;
}

/* Versions count on within what one reconcile says of an alert. */
static void number_versions(struct event *out, size_t n, const struct alert *a)
{
    int64_t version = a != NULL ? a->version : 0;
    for (size_t i = 0; i < n; i++)
        if (a != NULL && out[i].alert == a->id)
            out[i].version = out[i].kind == EVENT_ALERT_MARKED ? version : ++version;
}

size_t alert_reconcile(const struct fleet *f, const struct check *c, struct moment now,
                       bool settled, uint64_t next_id, struct event out[ALERT_EVENTS_MAX])
{
    size_t n = 0;
    const struct alert *a = fleet_open_alert_of(f, c);
    enum state hard = c->live.hard_state;
    bool is_problem = rule_is_problem(hard) && !c->target->is_disabled, is_over = a == NULL;
    bool is_flapping = wants_flapping(c);
    if (hard != c->saved_state && hard != STATE_PENDING)
        out[n++] = check_changed(c, now);
    if (a != NULL)
        n += reconcile_open(f, c, a, now, settled, &out[n], &is_over);
    number_versions(out, n, a);
    if (is_flapping != c->live.is_flapping)
        out[n++] = check_flapping(c, is_flapping, now);
    if (is_over && is_problem && settled && !alert_is_told(f, c))
        out[n++] = alert_opened(f, c, now, next_id);
    return n;
}

/* --- what time does ---------------------------------------------------------------------- */

static int64_t ack_left_ms(const struct alert *a, struct moment now)
{
    return a->ack.until_mono_ms != 0 ? a->ack.until_mono_ms - now.mono_ms
                                     : a->ack.until_ms - now.wall_ms;
}

/* After a start what is overdue waits until somebody has looked once more, but not for long: nobody
 * is called for a problem that ended while the engine was away. */
static int64_t unseen_left_ms(const struct fleet *f, const struct alert *a, struct moment now)
{
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    int64_t left_ms = a->opened_mono_ms + UNSEEN_MAX_MS - now.mono_ms;
    return c == NULL || rule_has_result(&c->live) || left_ms < 0 ? 0 : left_ms;
}

/* The next level of its policy, or the one that it has. */
static int next_level(const struct fleet *f, const struct alert *a)
{
    const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
    for (int i = a->level; i < POLICY_LEVELS; i++)
        if (p->to_ms[i] != POLICY_NEVER)
            return i + 1;
    return a->level;
}

bool alert_expire(const struct fleet *f, const struct alert *a, struct moment now,
                  struct event *out)
{
    if (a->phase != ALERT_FIRING || a->ack.by == NULL || ack_left_ms(a, now) > 0 ||
        unseen_left_ms(f, a, now) > 0)
        return false;
    const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
    *out = alert_event(EVENT_ALERT_ACK_EXPIRED, f, a, now);
    out->level = next_level(f, a);
    if (out->level > a->level && out->clock_ms < p->to_ms[out->level - 1])
        out->clock_ms = p->to_ms[out->level - 1]; /* it goes on from there */
    return true;
}

bool alert_escalate(const struct fleet *f, const struct alert *a, struct moment now,
                    struct event *out)
{
    struct clock_next next = clock_next(f, a, now.mono_ms);
    if (a->phase != ALERT_FIRING || !next.runs || next.level == 0 || next.level_ms > 0 ||
        unseen_left_ms(f, a, now) > 0)
        return false;
    const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
    char waited[WHEN_TEXT_MAX];
    int64_t clock_ms = clock_counted(f, a, now.mono_ms);
    *out = alert_event(EVENT_ALERT_ESCALATED, f, a, now);
    out->version = a->version; /* nobody's request is too old for it */
    out->level = next.level;
    for (int i = next.level; i < POLICY_LEVELS; i++)
        if (p->to_ms[i] != POLICY_NEVER && p->to_ms[i] <= clock_ms && !clock_is_taken(f, a, i + 1))
            out->level = i + 1;
    when_duration(clock_ms - clock_ms % WHEN_SECOND_MS, waited);
    out->text = out->level > next.level
                    ? SAY(N_("not taken for {0}; the steps before were missed"), waited)
                    : SAY(N_("not taken for {0}"), waited);
    return true;
}

int64_t alert_due_ms(const struct fleet *f, const struct alert *a, struct moment now)
{
    if (a->phase != ALERT_FIRING)
        return INT64_MAX;
    int64_t due_ms = a->ack.by != NULL ? ack_left_ms(a, now) : INT64_MAX;
    struct clock_next next = clock_next(f, a, now.mono_ms);
    if (next.runs && next.level != 0 && next.level_ms < due_ms)
        due_ms = next.level_ms;
    return due_ms <= 0 ? unseen_left_ms(f, a, now) : due_ms;
}

bool alert_orphan(const struct fleet *f, const struct alert *a, struct moment now,
                  struct event *out)
{
    if (a->phase != ALERT_FIRING || (a->check != NULL && fleet_check(f, a->check) != NULL))
        return false;
    *out = alert_resolved(f, a, N_("the check is no longer in the site file"), now);
    return true;
}

void alert_anchor(const struct fleet *f, struct alert *a, struct moment now)
{
    if (a->phase != ALERT_FIRING)
        return;
    a->policy = policy_of(f, a);
    if (a->began_mono_ms == 0)
        a->began_mono_ms = now.mono_ms - (now.wall_ms - a->opened_at_ms);
    if (a->opened_mono_ms == 0)
        a->opened_mono_ms = now.mono_ms;
    if (a->ack.by != NULL && a->ack.until_mono_ms == 0)
        a->ack.until_mono_ms = now.mono_ms + (a->ack.until_ms - now.wall_ms);
    if (a->counted_mono_ms != 0)
        return;
    int64_t gone_ms = clock_runs(f, a) ? now.wall_ms - a->counted_at_ms : 0;
    clock_anchor(a, a->counted_ms + (gone_ms > 0 ? gone_ms : 0), now.mono_ms);
}

int64_t alert_age_ms(const struct alert *a, struct moment now)
{
    int64_t ms =
        a->began_mono_ms != 0 ? now.mono_ms - a->began_mono_ms : now.wall_ms - a->opened_at_ms;
    return ms > 0 ? ms : 0;
}

/* --- order ------------------------------------------------------------------------------- */

static int rank_priority(const struct alert *a)
{
    return a->priority == PRIORITY_NONE ? PRIORITY_P4 + 1 : (int)a->priority;
}

/* Somebody is wanted; nobody is wanted now; somebody has it. */
static int rank_wanting(const struct alert *a)
{
    return a->ack.by != NULL ? 2 : (a->marks & MARKS_HOLD) != 0;
}

int alert_compare(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    if (x->phase != y->phase)
        return x->phase == ALERT_FIRING ? -1 : 1;
    if (rank_wanting(x) != rank_wanting(y))
        return rank_wanting(x) - rank_wanting(y);
    if (rank_priority(x) != rank_priority(y))
        return rank_priority(x) - rank_priority(y);
    if (x->opened_at_ms != y->opened_at_ms)
        return x->opened_at_ms < y->opened_at_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}
