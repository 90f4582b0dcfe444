#include "engine/decide.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/reach.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/decide_private.h"
#include "engine/journal.h"
#include "engine/request.h"

#define RETRY_MS      1000
#define SETTLE_STEP   500
#define EXPIRY_MAX_MS 60000 /* the wall clock may be moved: look again at least this often */
#define RECORDS_MAX   1000

/* --- what waits --------------------------------------------------------------------------- */

void decide_check(struct decide *d, struct check *c)
{
    if (map_put(&d->dirty_by_id, c->id, c))
        return;
    MEM_ROOM(d->dirty, d->n_dirty, d->cap_dirty);
    d->dirty[d->n_dirty++] = c;
    decide_soon(d);
}

void decide_all(struct decide *d)
{
    d->looks_for_orphans = true;
    for (size_t i = 0; i < d->fleet->n_checks; i++)
        decide_check(d, d->fleet->checks[i]);
    decide_soon(d);
}

static void stamp(struct decide *d, struct event *e)
{
    e->at_ms = loop_wall_ms(d->loop);
    if (!e->actor.login) {
        e->actor.login = mem_strdup("trucban");
        e->actor.from = mem_strdup("");
        e->actor.uid = -1; /* nobody's account: the engine itself */
    }
}

void decide_record(struct decide *d, struct event *e)
{
    if (d->n_records >= RECORDS_MAX) {
        event_release(e);
        return;
    }
    stamp(d, e);
    MEM_ROOM(d->records, d->n_records, d->cap_records);
    d->records[d->n_records++] = *e;
    decide_soon(d);
}

void decide_events(struct decide *d, struct event *events, size_t n, decide_written_fn *fn,
                   void *arg)
{
    struct wish *w = mem_alloc(sizeof *w);
    *w = (struct wish){.n = n, .fn = fn, .arg = arg};
    w->events = mem_alloc(n * sizeof *w->events);
    memcpy(w->events, events, n * sizeof *w->events);
    for (size_t i = 0; i < n; i++)
        stamp(d, &w->events[i]);
    *d->last_wish = w;
    d->last_wish = &w->next;
    decide_soon(d);
}

/* A flood of refusals must not fill the disk: some a second are written, the next one written says
 * how many were not. */
static void refused(struct decide *d, const char *what, const char *about, uint64_t alert,
                    const struct actor *actor, const char *say, const char *key)
{
    int64_t now_ms = loop_mono_ms(d->loop);
    if (now_ms - d->refusals_from_ms >= 1000) {
        d->refusals_from_ms = now_ms;
        d->refusals = 0;
    }
    if (++d->refusals > DECIDE_REFUSALS_A_S) {
        d->refusals_lost++;
        return;
    }
    struct buf words = BUF_INIT(TEXT_MAX_NAME), subject = BUF_INIT(TEXT_MAX_NAME);
    buf_adds(&words, what);
    if (d->refusals_lost)
        buf_addf(&words, " (+%d)", d->refusals_lost);
    d->refusals_lost = 0;
    if (about)
        buf_adds(&subject, about);
    else if (alert)
        buf_addf(&subject, "alert/%" PRIu64, alert);
    else
        buf_adds(&subject, d->fleet->site_id ? d->fleet->site_id : "");
    struct event e = {.kind = EVENT_REQUEST_REFUSED, .alert = alert};
    e.subject = buf_take(&subject);
    e.what = buf_take(&words);
    e.text = mem_strdup(say);
    e.key = mem_strdup(key);
    e.actor.login = mem_strdup(actor->login);
    e.actor.from = mem_strdup(actor->from);
    e.actor.uid = actor->uid;
    decide_record(d, &e);
}

void decide_refused(struct decide *d, const char *what, uint64_t alert, const struct actor *actor,
                    const char *say, const char *key)
{
    refused(d, what, NULL, alert, actor, say, key);
}

void decide_refused_about(struct decide *d, const char *what, const char *subject,
                          const struct actor *actor, const char *say)
{
    refused(d, what, subject, 0, actor, say, NULL);
}

/* --- making a batch ----------------------------------------------------------------------- */

struct moment decide_now_is(const struct decide *d)
{
    return (struct moment){loop_wall_ms(d->loop), loop_mono_ms(d->loop)};
}

/* An alert is decided on once a batch: the flag says that this one touches it. */
static void set_in_batch(struct fleet *f, uint64_t id, bool is_in_batch)
{
    struct alert *a = id != 0 ? fleet_alert(f, id) : NULL;
    if (a != NULL)
        a->is_in_batch = is_in_batch;
}

static void set_opening(struct fleet *f, const char *check, uint64_t id)
{
    struct check *c = fleet_check(f, check);
    if (c != NULL)
        c->opening = id;
}

void batch_add(struct batch *b, struct decide *d, const struct event *e, struct ask *a)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 8;
        b->events = mem_grow(b->events, b->cap, sizeof *b->events);
        b->asks = mem_grow(b->asks, b->cap, sizeof(struct ask *));
    }
    b->events[b->n] = *e;
    b->asks[b->n++] = a;
    set_in_batch(d->fleet, e->alert, true);
    if (e->kind == EVENT_ALERT_OPENED) {
        b->next_alert = e->alert + 1;
        set_opening(d->fleet, e->check, e->alert);
    }
}

bool batch_has_room(const struct batch *b)
{
    return b->n + ALERT_EVENTS_MAX <= DECIDE_BATCH_MAX;
}

static void batch_free(struct batch *b)
{
    free(b->asks);
    free(b->checks);
    free(b);
}

static void take_records(struct decide *d, struct batch *b)
{
    size_t n = 0;
    while (n < d->n_records && batch_has_room(b))
        batch_add(b, d, &d->records[n++], NULL);
    d->n_records -= n;
    if (n)
        memmove(d->records, d->records + n, d->n_records * sizeof *d->records);
}

/* After a start a problem is not believed before its check could be asked twice more. */
static bool check_has_settled(const struct decide *d, const struct check *c)
{
    int64_t settle_ms = 2 * c->rule.retry_ms;
    if (settle_ms > DECIDE_SETTLE_MAX_MS)
        settle_ms = DECIDE_SETTLE_MAX_MS;
    return loop_mono_ms(d->loop) - d->started_mono_ms >= settle_ms;
}

/* alert_is_told for what is not folded yet: the alert opens in this very batch. */
static bool batch_tells(const struct batch *b, const struct check *c)
{
    for (size_t i = 0; i < b->n; i++)
        if (alert_tells(&b->events[i], c))
            return true;
    return false;
}

static void take_check(struct decide *d, struct batch *b, struct check *c)
{
    struct event out[ALERT_EVENTS_MAX];
    bool has_settled = check_has_settled(d, c), may_open = has_settled && !batch_tells(b, c);
    size_t n = alert_reconcile(d->fleet, c, decide_now_is(d), may_open, b->next_alert, out);
    for (size_t i = 0; i < n; i++)
        batch_add(b, d, &out[i], NULL);
    if (n) {
        MEM_ROOM(b->checks, b->n_checks, b->cap_checks);
        b->checks[b->n_checks++] = c;
    }
    if (!has_settled && rule_is_problem(c->live.hard_state)) {
        MEM_ROOM(d->held, d->n_held, d->cap_held);
        d->held[d->n_held++] = c;
        loop_timer_set(d->settle, SETTLE_STEP, 0);
    }
}

static void take_checks(struct decide *d, struct batch *b)
{
    size_t n = 0;
    while (n < d->n_dirty && batch_has_room(b)) {
        map_remove(&d->dirty_by_id, d->dirty[n]->id);
        take_check(d, b, d->dirty[n++]);
    }
    d->n_dirty -= n;
    if (n)
        memmove(d->dirty, d->dirty + n, d->n_dirty * sizeof(struct check *));
    for (size_t i = 0; i < b->n; i++)
        alert_stand_behind(d->fleet, &b->events[i]);
}

/* What time and the site file do to alerts: acknowledgements that end, steps that are due, checks
 * that have gone. */
static void take_alerts(struct decide *d, struct batch *b)
{
    struct moment now = decide_now_is(d);
    for (size_t i = 0; i < d->fleet->n_alerts && batch_has_room(b); i++) {
        struct alert *a = d->fleet->alerts[i];
        struct event e;
        if (a->phase != ALERT_FIRING || a->is_in_batch)
            continue;
        if ((d->looks_for_orphans && alert_orphan(d->fleet, a, now, &e)) ||
            alert_expire(d->fleet, a, now, &e) || alert_escalate(d->fleet, a, now, &e))
            batch_add(b, d, &e, NULL);
    }
    d->looks_for_orphans = d->looks_for_orphans && !batch_has_room(b);
}

/* --- writing it --------------------------------------------------------------------------- */

static void decide_step(struct decide *d);

/* Settling ends by time: who waits for it is asked again each second (decide_second). */
static void expiry_arm(struct decide *d)
{
    struct moment now = decide_now_is(d);
    int64_t in_ms = INT64_MAX;
    for (size_t i = 0; i < d->fleet->n_alerts && in_ms > 0; i++) {
        int64_t due_ms = alert_due_ms(d->fleet, d->fleet->alerts[i], now);
        in_ms = due_ms < in_ms ? due_ms : in_ms;
    }
    if (in_ms == INT64_MAX)
        loop_timer_stop(d->expiry);
    else
        loop_timer_set(d->expiry,
                       in_ms < 10              ? 10
                       : in_ms > EXPIRY_MAX_MS ? EXPIRY_MAX_MS
                                               : in_ms,
                       0);
}

static void fold_all(struct decide *d, const struct event *events, size_t n)
{
    struct moment now = decide_now_is(d);
    for (size_t i = 0; i < n; i++) {
        fleet_fold(d->fleet, &events[i]);
        struct alert *a = events[i].alert != 0 ? fleet_alert(d->fleet, events[i].alert) : NULL;
        if (a != NULL)
            alert_anchor(d->fleet, a, now);
    }
}

static void tell_dirty(void *arg, struct check *c)
{
    decide_check(arg, c);
}

/* What stands behind a check learns which alert tells of it. */
static void tell_behind(struct decide *d, const struct event *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_news =
            events[i].kind == EVENT_ALERT_OPENED || events[i].kind == EVENT_ALERT_RESOLVED;
        const struct check *c = is_news ? fleet_check(d->fleet, events[i].check) : NULL;
        if (c != NULL && reach_host_check(c->target) == c)
            reach_behind(d->fleet, c, tell_dirty, d);
    }
}

/* The batch is over, either way. */
static void release_alerts(struct decide *d, const struct event *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        set_in_batch(d->fleet, events[i].alert, false);
        if (events[i].kind == EVENT_ALERT_OPENED)
            set_opening(d->fleet, events[i].check, 0);
    }
}

static char *not_saved(const char *error)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    say_text(&words, error, NULL);
    char *say = SAY(N_("NOT SAVED: {0}"), buf_text(&words));
    buf_release(&words);
    return say;
}

/* Nobody would say it again. */
static bool is_fact(const struct event *e)
{
    return e->kind <= EVENT_CONFIG_REFUSED || e->kind == EVENT_NOTICE_TESTED;
}

static void batch_failed(struct decide *d, struct batch *b, const struct event *events,
                         const char *error)
{
    char *say = not_saved(error);
    for (size_t i = 0; i < b->n; i++) {
        if (b->asks[i]) {
            ask_refuse(b->asks[i], REQUEST_CODE_NOT_SAVED, say);
        } else if (is_fact(&events[i]) && d->n_records < RECORDS_MAX) {
            struct event again;
            event_copy(&again, &events[i]);
            MEM_ROOM(d->records, d->n_records, d->cap_records);
            d->records[d->n_records++] = again;
        }
    }
    asks_refuse_all(d, REQUEST_CODE_NOT_SAVED,
                    say); /* also those that wait behind it: told at once */
    free(say);
    for (size_t i = 0; i < b->n_checks; i++)
        if (!map_put(&d->dirty_by_id, b->checks[i]->id, b->checks[i])) {
            MEM_ROOM(d->dirty, d->n_dirty, d->cap_dirty);
            d->dirty[d->n_dirty++] = b->checks[i];
        }
    loop_timer_set(d->retry, RETRY_MS, 0);
}

static void wish_end(struct wish *w, const char *error)
{
    w->fn(w->arg, error);
    free(w);
}

static void decide_written(void *arg, const struct event *events, size_t n, const char *error)
{
    struct decide *d = arg;
    struct batch *b = d->in_flight;
    d->in_flight = NULL;
    release_alerts(d, events, n);
    if (error && b->wish) {
        wish_end(b->wish, error);
        decide_soon(d);
    } else if (error) {
        batch_failed(d, b, events, error);
    } else {
        fold_all(d, events, n);
        for (size_t i = 0; !b->wish && i < n; i++)
            if (b->asks[i])
                ask_grant(b->asks[i], &events[i]);
        tell_behind(d, events, n);
        expiry_arm(d);
        if (b->wish)
            wish_end(b->wish, NULL);
        d->folded(d->arg);
    }
    batch_free(b);
    if (!error && !d->is_ending)
        decide_soon(d); /* after a failure the timer does, or the next request */
}

/* Its events are written by themselves, so that nobody else's fail with them. */
static void write_wish(struct decide *d)
{
    struct wish *w = d->wishes;
    d->wishes = w->next;
    if (!d->wishes)
        d->last_wish = &d->wishes;
    d->in_flight = mem_alloc(sizeof *d->in_flight);
    d->in_flight->wish = w;
    d->in_flight->n = w->n;
    journal_append(d->journal, w->events, w->n, decide_written, d);
}

static void decide_step(struct decide *d)
{
    if (d->in_flight)
        return;
    asks_refuse_flood(d);
    if (d->wishes) {
        write_wish(d);
        return;
    }
    struct batch *b = mem_alloc(sizeof *b);
    b->next_alert = d->fleet->next_alert;
    take_records(d, b);
    take_checks(d, b);
    take_alerts(d, b);
    asks_take(d, b);
    if (!b->n) {
        batch_free(b);
        expiry_arm(d); /* the timer may have come a moment before its time */
        if (d->n_records)
            decide_soon(d); /* refusals just made */
        return;
    }
    d->in_flight = b;
    journal_append(d->journal, b->events, b->n, decide_written, d);
}

static void decide_now(void *arg)
{
    struct decide *d = arg;
    d->is_soon = false;
    decide_step(d);
}

void decide_soon(struct decide *d)
{
    if (d->is_soon || d->in_flight || d->is_ending)
        return;
    d->is_soon = true;
    loop_timer_set(d->soon, 0, 0);
}

static void decide_again(void *arg)
{
    decide_soon(arg);
}

static void decide_unhold(void *arg)
{
    struct decide *d = arg;
    struct check **held = d->held;
    size_t n = d->n_held;
    d->held = NULL;
    d->n_held = d->cap_held = 0;
    for (size_t i = 0; i < n; i++)
        decide_check(d, held[i]);
    free(held);
}

void decide_found(struct decide *d, const struct event *events, size_t n)
{
    fold_all(d, events, n);
    decide_all(d);
    expiry_arm(d);
    d->folded(d->arg);
}

void decide_second(struct decide *d)
{
    struct moment now = decide_now_is(d);
    for (size_t i = 0; i < d->fleet->n_alerts; i++) {
        const struct alert *a = d->fleet->alerts[i];
        if (alert_due_ms(d->fleet, a, now) == 0) /* it waited for a first look, which has come */
            decide_soon(d);
        bool waits = a->phase == ALERT_FIRING && (a->marks & MARK_SETTLE) != 0;
        struct check *c = waits ? fleet_check(d->fleet, a->check) : NULL;
        if (c != NULL)
            decide_check(d, c);
    }
}

bool decide_is_writing(const struct decide *d)
{
    return d->in_flight != NULL;
}

/* Those who had been noted are gone; asking all again finds everything that they called for. */
void decide_renew(struct decide *d)
{
    map_release(&d->dirty_by_id);
    d->n_dirty = d->n_held = 0;
    for (size_t i = 0; i < d->fleet->n_alerts; i++)
        alert_anchor(d->fleet, d->fleet->alerts[i], decide_now_is(d));
    decide_all(d);
}

bool decide_is_idle(const struct decide *d)
{
    return !d->in_flight && !d->n_dirty && !d->n_records && !d->first && !d->wishes;
}

struct decide *decide_new(struct loop *l, struct fleet *f, struct journal *j,
                          decide_folded_fn *folded, void *arg)
{
    struct decide *d = mem_alloc(sizeof *d);
    d->loop = l;
    d->fleet = f;
    d->journal = j;
    d->folded = folded;
    d->arg = arg;
    d->last = &d->first;
    d->last_wish = &d->wishes;
    d->soon = loop_timer_new(l, decide_now, d);
    d->retry = loop_timer_new(l, decide_again, d);
    d->settle = loop_timer_new(l, decide_unhold, d);
    d->expiry = loop_timer_new(l, decide_again, d);
    d->started_mono_ms = loop_mono_ms(l);
    for (size_t i = 0; i < f->n_alerts; i++)
        alert_anchor(f, f->alerts[i], decide_now_is(d));
    expiry_arm(d);
    return d;
}

void decide_free(struct decide *d)
{
    if (!d)
        return;
    d->is_ending = true;
    static const char say[] = N_("NOT SAVED: the engine is ending");
    asks_refuse_all(d, REQUEST_CODE_NOT_SAVED, say);
    while (d->wishes) {
        struct wish *w = d->wishes;
        d->wishes = w->next;
        for (size_t i = 0; i < w->n; i++)
            event_release(&w->events[i]);
        free(w->events);
        wish_end(w, say);
    }
    loop_timer_free(d->soon);
    loop_timer_free(d->retry);
    loop_timer_free(d->settle);
    loop_timer_free(d->expiry);
    for (size_t i = 0; i < d->n_records; i++)
        event_release(&d->records[i]);
    free(d->records);
    free(d->dirty);
    free(d->held);
    map_release(&d->dirty_by_id);
    free(d);
}
