/* timeline.h - the engine's loop without an engine, for test_timelines.c: polls on a clock of their
 * own, results into the fleet, events decided and folded at once, and what then stands as text. */
#ifndef TESTS_UNIT_TIMELINE_H
#define TESTS_UNIT_TIMELINE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/duty.h"
#include "core/ids.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "core/outbox.h"
#include "core/period_decide.h"
#include "core/policy.h"
#include "core/reach.h"
#include "core/say.h"
#include "core/when.h"

#define WALL_MS       1772692800000LL /* time 0 of the files: 2026-03-05T06:40:00Z */
#define MONO_MS       1000000LL
#define SETTLE_MAX_MS 30000
#define ROUNDS_MAX    20 /* of deciding, until nothing is left to decide */

struct play {
    struct fleet *f;
    char *site; /* the lines of the head, for a restart */
    struct poll *polls;
    size_t n_polls;
    int64_t now_ms, moved_ms; /* since the beginning; what the wall clock was moved by */
    int64_t started_ms;       /* of the process; < 0: long ago */
    struct event *log;
    size_t n_log, cap_log;
    struct desk *desks;
    size_t n_desks;
    struct buf out;
    const char *path;
    int line;
};
struct desk { /* a receiver, whose every notice arrives at once, or fails at once */
    struct receiver *receiver;
    struct outbox *box;
    bool is_failing;
};
struct poll { /* what a target answers, and when it is asked next */
    char *check;
    enum state answer;
    bool is_asked, is_self;
    int64_t due_ms;
};

#define WRONG(p, ...)                                                                              \
    (print_error("%s:%d: ", (p)->path, (p)->line), print_error(__VA_ARGS__), fail())

static struct moment now_is(const struct play *p)
{
    return (struct moment){WALL_MS + p->now_ms + p->moved_ms, MONO_MS + p->now_ms};
}

static int64_t duration(const struct play *p, const char *s)
{
    int64_t ms = 0;
    struct err e;
    if (strcmp(s, "never") == 0)
        return POLICY_NEVER;
    bool is_ok = when_parse_duration(s, &ms, &e);
    if (!is_ok)
        WRONG(p, "%s\n", e.text);
    return ms;
}

/* --- what is told ------------------------------------------------------------------------- */

static void tell_marks(struct buf *out, const struct alert *a)
{
    const char *between = " marks=";
    for (int i = 0; i < MARK_COUNT; i++)
        if (a->marks & 1u << i) {
            buf_addf(out, "%s%s", between, mark_names[i]);
            between = ",";
        }
    if (a->cause != 0)
        buf_addf(out, " behind #%d", (int)a->cause);
}

static void tell_clock(struct play *p, const struct alert *a)
{
    char text[WHEN_TEXT_MAX];
    struct moment now = now_is(p);
    struct clock_next next = clock_next(p->f, a, now.mono_ms);
    int64_t counted_ms = clock_counted(p->f, a, now.mono_ms);
    buf_addf(&p->out, ", clock %s", when_duration(counted_ms, text));
    if (!next.runs)
        buf_adds(&p->out, " stands");
    else if (next.level != 0)
        buf_addf(&p->out, ", L%d in %s", next.level, when_duration(next.level_ms, text));
}

static void tell_alert(struct play *p, const struct alert *a)
{
    buf_addf(&p->out, " %s %s L%d page %d", state_rows[a->state].name, priority_name(a->priority),
             a->level, a->page);
    if (a->ack.by != NULL)
        buf_addf(&p->out, " by %s/l%d", a->ack.by, a->ack.level);
    tell_marks(&p->out, a);
    if (a->phase == ALERT_FIRING)
        tell_clock(p, a);
}

static void tell_time(struct play *p, const char *what)
{
    char text[WHEN_TEXT_MAX];
    buf_addf(&p->out, "%-9s %s", when_duration(p->now_ms, text), what);
}

static void tell_event(struct play *p, const struct event *e)
{
    const struct alert *a = e->alert != 0 ? fleet_alert(p->f, e->alert) : NULL;
    tell_time(p, event_rows[e->kind].name);
    if (e->period != 0 || e->period_def != NULL)
        buf_addf(&p->out, " %d by %s", (int)(e->period != 0 ? e->period : e->period_def->id),
                 e->actor.login);
    else if (a == NULL)
        buf_addf(&p->out, " %s %s", e->subject, state_rows[e->state].name);
    if (e->kind == EVENT_CHECK_FLAP_STARTED || e->kind == EVENT_CHECK_FLAP_ENDED)
        buf_addf(&p->out, " %s", e->text);
    if (a != NULL) {
        buf_addf(&p->out, " #%d %s", (int)a->id, a->check);
        tell_alert(p, a);
    }
    buf_addc(&p->out, '\n');
}

static void tell_all(struct play *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->f->n_alerts; i++) {
        const struct alert *a = p->f->alerts[i];
        if (a->phase != ALERT_FIRING)
            continue;
        n++;
        tell_time(p, "");
        buf_addf(&p->out, "#%d %s", (int)a->id, a->check);
        tell_alert(p, a);
        buf_addc(&p->out, '\n');
    }
    tell_time(p, "");
    buf_addf(&p->out, "%zu firing", n);
    for (size_t i = 0; i < p->f->n_checks; i++) {
        const struct check *c = p->f->checks[i];
        buf_addf(&p->out, ", %s %s%s%s", c->id, state_rows[check_shown(c)].name,
                 check_is_soft(c) ? " soft" : "", c->is_unreachable ? " unreachable" : "");
    }
    buf_addc(&p->out, '\n');
}

/* --- deciding ----------------------------------------------------------------------------- */

/* Durable: takes the event over. */
static void commit(struct play *p, struct event *e)
{
    e->seq = p->n_log + 1;
    fleet_fold(p->f, e);
    struct alert *a = e->alert != 0 ? fleet_alert(p->f, e->alert) : NULL;
    if (a != NULL)
        alert_anchor(p->f, a, now_is(p));
    tell_event(p, e);
    MEM_ROOM(p->log, p->n_log, p->cap_log);
    p->log[p->n_log++] = *e;
}

static bool has_settled(const struct play *p, const struct check *c)
{
    int64_t settle_ms = 2 * c->rule.retry_ms;
    if (settle_ms > SETTLE_MAX_MS)
        settle_ms = SETTLE_MAX_MS;
    return p->now_ms - p->started_ms >= settle_ms;
}

struct batch {
    struct event *v;
    size_t n, cap;
    uint64_t next_alert;
};

static void batch_add(struct play *p, struct batch *b, const struct event *e)
{
    MEM_ROOM(b->v, b->n, b->cap);
    b->v[b->n++] = *e;
    if (e->kind == EVENT_ALERT_OPENED) {
        b->next_alert = e->alert + 1;
        fleet_check(p->f, e->check)->opening = e->alert;
    }
}

static bool batch_touches(const struct batch *b, uint64_t alert)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->v[i].alert == alert)
            return true;
    return false;
}

static void take_check(struct play *p, struct batch *b, const struct check *c)
{
    struct event out[ALERT_EVENTS_MAX];
    bool may_open = has_settled(p, c);
    for (size_t i = 0; i < b->n; i++)
        may_open = may_open && !alert_tells(&b->v[i], c);
    size_t n = alert_reconcile(p->f, c, now_is(p), may_open, b->next_alert, out);
    for (size_t i = 0; i < n; i++)
        batch_add(p, b, &out[i]);
}

static void take_alert(struct play *p, struct batch *b, const struct alert *a)
{
    struct event e;
    if (a->phase != ALERT_FIRING || batch_touches(b, a->id))
        return;
    if (alert_orphan(p->f, a, now_is(p), &e) || alert_expire(p->f, a, now_is(p), &e) ||
        alert_escalate(p->f, a, now_is(p), &e))
        batch_add(p, b, &e);
}

/* One batch as the engine makes it; false: there was nothing to decide. */
static bool decide_batch(struct play *p)
{
    struct batch b = {.next_alert = p->f->next_alert};
    for (size_t i = 0; i < p->f->n_checks; i++)
        take_check(p, &b, p->f->checks[i]);
    for (size_t i = 0; i < p->f->n_alerts; i++)
        take_alert(p, &b, p->f->alerts[i]);
    struct event over;
    for (size_t i = 0; i < p->f->n_periods; i++)
        if (period_expire(p->f, p->f->periods[i], now_is(p).wall_ms, &over))
            batch_add(p, &b, &over);
    for (size_t i = 0; i < b.n; i++)
        alert_stand_behind(p->f, &b.v[i]);
    for (size_t i = 0; i < b.n; i++)
        commit(p, &b.v[i]);
    for (size_t i = 0; i < p->f->n_checks; i++)
        p->f->checks[i]->opening = 0;
    free(b.v);
    return b.n > 0;
}

static void look_at_periods(struct play *p)
{
    for (size_t i = 0; i < p->f->n_periods; i++) {
        struct period *q = p->f->periods[i];
        q->is_on = period_is_on_at(p->f, q, now_is(p).wall_ms);
    }
    for (size_t i = 0; i < p->f->n_checks; i++) {
        struct check *c = p->f->checks[i];
        unsigned int was = c->periods, maintenance = 1u << PERIOD_MAINTENANCE;
        c->periods = 0;
        for (size_t k = 0; k < p->f->n_periods; k++) {
            const struct period *q = p->f->periods[k];
            if (q->is_on && q->matcher != NULL && matcher_has(q->matcher, c))
                c->periods |= 1u << q->kind;
        }
        if ((was & maintenance) != 0 && (c->periods & maintenance) == 0 && c->alert != 0)
            c->reached_ms = now_is(p).mono_ms;
    }
}

static void look_at_reach(struct play *p)
{
    for (size_t i = 0; i < p->f->n_checks; i++) {
        struct check *c = p->f->checks[i];
        bool is_down = reach_of(p->f, c, NULL) == REACH_DOWN;
        if (c->is_unreachable && !is_down)
            c->reached_ms = now_is(p).mono_ms;
        c->is_unreachable = c->live.is_slow = is_down;
    }
}

static void decide(struct play *p)
{
    int rounds = 0;
    do {
        look_at_periods(p);
        look_at_reach(p);
        fleet_look_inward(p->f);
        if (++rounds > ROUNDS_MAX)
            WRONG(p, "asked %d times, and still something is to be decided:\n%s", rounds,
                  buf_text(&p->out));
    } while (decide_batch(p));
}

/* --- who is told ---------------------------------------------------------------------------- */

static void journal_notice(struct play *p, enum event_kind kind, const struct notice *n)
{
    struct buf subject = BUF_INIT(0), alerts = BUF_INIT(0);
    buf_addf(&subject, "receiver/%s", n->to->id);
    ids_write(&n->alerts, &alerts);
    struct event e = {.kind = kind, .at_ms = now_is(p).wall_ms, .seq = p->n_log + 1};
    e.subject = buf_take(&subject);
    e.alerts = buf_take(&alerts);
    e.what = mem_strdup(notice_rows[n->what].name);
    fleet_fold(p->f, &e);
    MEM_ROOM(p->log, p->n_log, p->cap_log);
    p->log[p->n_log++] = e;
}

static void tell_notice(struct play *p, const struct desk *d, const struct notice *n)
{
    tell_time(p, "");
    buf_addf(&p->out, "-> %s: %s #", n->to->id, notice_rows[n->what].name);
    ids_write(&n->alerts, &p->out);
    buf_adds(&p->out, d->is_failing ? " (fails)\n" : "\n");
}

static void take_result(struct play *p, struct check *c, enum state s, bool is_self,
                        int64_t started_ms);

/* The receiver's own row learns how it went, where the file has one: notify-NAME/delivery. */
static void tell_row(struct play *p, const struct desk *d)
{
    char id[128];
    snprintf(id, sizeof id, "notify-%s/delivery", d->receiver->id);
    struct check *c = fleet_check(p->f, id);
    if (c != NULL)
        take_result(p, c, d->is_failing ? STATE_CRITICAL : STATE_OK, false, p->now_ms);
}

/* It arrives, or not: the outbox and the alerts learn so. */
static void deliver(struct play *p, struct desk *d, struct notice *n)
{
    const struct notice_answer answer = {.is_ok = !d->is_failing, .is_transient = true};
    tell_notice(p, d, n);
    journal_notice(p, EVENT_NOTICE_SENDING, n);
    journal_notice(p, d->is_failing ? EVENT_NOTICE_FAILED : EVENT_NOTICE_SENT, n);
    uint8_t receiver = fleet_receiver(p->f, n->to->id);
    for (size_t i = 0; answer.is_ok && i < n->alerts.n; i++) {
        struct alert *a = fleet_alert(p->f, n->alerts.v[i]);
        struct told *t = a != NULL ? alert_told(a, receiver) : NULL;
        if (t != NULL)
            t->mono_ms = now_is(p).mono_ms;
    }
    outbox_done(d->box, p->f, now_is(p), n, &answer);
    notice_release(n);
    tell_row(p, d);
}

static void tell_desks(struct play *p)
{
    for (size_t i = 0; i < p->n_desks; i++) {
        struct desk *d = &p->desks[i];
        struct notice n = {0};
        outbox_look(d->box, p->f, now_is(p));
        while (outbox_take(d->box, p->f, now_is(p), &n)) {
            deliver(p, d, &n);
            n = (struct notice){0};
            outbox_look(d->box, p->f, now_is(p));
        }
    }
}

static void desks_free(struct play *p)
{
    for (size_t i = 0; i < p->n_desks; i++) {
        outbox_free(p->desks[i].box);
        free(p->desks[i].receiver->id);
        free(p->desks[i].receiver);
    }
    free(p->desks);
    p->desks = NULL;
    p->n_desks = 0;
}

/* --- results and time --------------------------------------------------------------------- */

static struct poll *poll_of(struct play *p, const char *check)
{
    for (size_t i = 0; i < p->n_polls; i++)
        if (strcmp(p->polls[i].check, check) == 0)
            return &p->polls[i];
    p->polls = mem_grow(p->polls, p->n_polls + 1, sizeof *p->polls);
    p->polls[p->n_polls] = (struct poll){.check = mem_strdup(check), .due_ms = p->now_ms};
    return &p->polls[p->n_polls++];
}

/* In doubt what it stands behind is asked at once, if nobody has looked for a while. */
static void ask_if_old(void *arg, const struct check *host)
{
    struct play *p = arg;
    struct poll *q = poll_of(p, host->id);
    if (now_is(p).mono_ms - host->live.result_ms > REACH_FRESH_MS && q->due_ms > p->now_ms)
        q->due_ms = p->now_ms;
}

static void take_result(struct play *p, struct check *c, enum state s, bool is_self,
                        int64_t started_ms)
{
    struct result r = {.latency_ms = -1,
                       .is_self = is_self,
                       .at_ms = now_is(p).wall_ms,
                       .started_mono_ms = MONO_MS + started_ms};
    result_say(&r, s, SAY("seen {0}", state_rows[s].name));
    int flags = fleet_apply_result(p->f, c, &r, now_is(p).mono_ms);
    result_release(&r);
    if (flags & RULE_DROPPED) {
        tell_time(p, "dropped");
        buf_addf(&p->out, " %s %s\n", c->id, state_rows[s].name);
    }
    if ((flags & RULE_SOFT) && rule_is_soft(&c->live))
        reach_above(p->f, c, ask_if_old, p);
    decide(p);
}

static bool poll_once(struct play *p)
{
    for (size_t i = 0; i < p->n_polls; i++) {
        struct poll *q = &p->polls[i];
        struct check *c = fleet_check(p->f, q->check);
        if (c == NULL || !q->is_asked || q->due_ms > p->now_ms)
            continue;
        take_result(p, c, q->answer, q->is_self, p->now_ms);
        p->polls[i].due_ms = p->now_ms + rule_delay_ms(&c->rule, &c->live);
        return true;
    }
    return false;
}

static void second(struct play *p)
{
    while (poll_once(p))
        ;
    for (size_t i = 0; i < p->f->n_checks; i++)
        fleet_age_check(p->f, p->f->checks[i], now_is(p).wall_ms, now_is(p).mono_ms);
    decide(p);
    tell_desks(p);
}

static void pass_until(struct play *p, int64_t at_ms)
{
    if (at_ms < p->now_ms)
        WRONG(p, "time runs forward only\n");
    while (p->now_ms < at_ms) {
        int64_t step_ms = WHEN_SECOND_MS - p->now_ms % WHEN_SECOND_MS;
        p->now_ms = p->now_ms + step_ms < at_ms ? p->now_ms + step_ms : at_ms;
        second(p);
    }
}

#endif
