#include "engine/decide.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/request.h"

#define RETRY_MS      1000
#define SETTLE_STEP   500
#define EXPIRY_MAX_MS 60000 /* the wall clock may be moved: look again at least this often */
#define RECORDS_MAX   1000

struct ask {          /* one request that waits, or is being written */
    struct request q; /* strings owned */
    struct actor actor;
    decide_answer_fn *fn;
    void *arg;
    struct ask *next;
};

struct wish { /* events that are one transaction */
    struct event *events;
    size_t n;
    decide_written_fn *fn;
    void *arg;
    struct wish *next;
};

struct batch {
    struct event *events;
    struct ask **asks; /* of each event; NULL: the engine's own */
    size_t n, cap;
    struct check **checks; /* to be asked again if the write fails */
    size_t n_checks, cap_checks;
    uint64_t next_alert;
    struct wish *wish; /* then the batch is this alone */
};

struct decide {
    struct loop *loop;
    struct fleet *fleet;
    struct journal *journal;
    decide_folded_fn *folded;
    void *arg;
    struct check **dirty; /* each once: dirty_by_id has it */
    size_t n_dirty, cap_dirty;
    struct map dirty_by_id;
    struct check **held; /* problems found before their time to settle was over */
    size_t n_held, cap_held;
    struct wish *wishes, **last_wish;
    struct event *records; /* plain facts that wait */
    size_t n_records, cap_records;
    struct ask *first, **last;
    size_t n_asks;
    struct batch *in_flight;
    struct loop_timer *soon, *retry, *settle, *expiry;
    int64_t started_mono_ms;
    bool is_soon, is_ending;
    int64_t refusals_from_ms; /* of the present second */
    int refusals, refusals_lost;
};

static void decide_soon(struct decide *d);

/* --- requests ----------------------------------------------------------------------------- */

static struct ask *ask_new(const struct request *q, decide_answer_fn *fn, void *arg)
{
    struct ask *a = mem_alloc(sizeof *a);
    a->q = *q;
    a->q.text = mem_strdup(q->text);
    a->q.key = mem_strdup(q->key);
    a->actor = *q->actor;
    a->actor.login = mem_strdup(q->actor->login);
    a->actor.from = mem_strdup(q->actor->from);
    a->q.actor = &a->actor;
    a->fn = fn;
    a->arg = arg;
    return a;
}

static void ask_answer(struct ask *a, const struct decision *say)
{
    a->fn(a->arg, say);
    free((char *)a->q.text);
    free((char *)a->q.key);
    free(a->actor.login);
    free(a->actor.from);
    free(a);
}

static void ask_refuse(struct ask *a, const char *code, const char *say)
{
    ask_answer(a, &(struct decision){.code = code, .say = say, .alert = a->q.alert});
}

/* e: the event that carries it out; for one already in force only alert and version. */
static void ask_grant(struct ask *a, const struct event *e)
{
    static const char *const templates[REQUEST_KIND_COUNT] = {
        [REQUEST_ACK] = N_("alert {0} acknowledged until {1}"),
        [REQUEST_UNACK] = N_("alert {0} is no longer acknowledged"),
        [REQUEST_EXTEND] = N_("alert {0} acknowledged until {1}"),
        [REQUEST_TAKE] = N_("alert {0} is yours until {1}"),
        [REQUEST_ESCALATE] = N_("alert {0} is at level {2} now"),
        [REQUEST_NOTE] = N_("note added to alert {0}"),
    };
    char id[24], until[WHEN_TEXT_MAX], level[12];
    snprintf(id, sizeof id, "%" PRIu64, e->alert);
    snprintf(level, sizeof level, "%d", e->level);
    char *say = SAY(templates[a->q.kind], id, when_rfc3339(e->until_ms, until), level);
    ask_answer(a, &(struct decision){true, NULL, say, e->alert, e->version, e->seq});
    free(say);
}

static struct ask *ask_pop(struct decide *d)
{
    struct ask *a = d->first;
    d->first = a->next;
    if (!d->first)
        d->last = &d->first;
    d->n_asks--;
    return a;
}

static char *not_saved(const char *error)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    say_text(&words, error, NULL);
    char *say = SAY(N_("NOT SAVED: {0}"), buf_text(&words));
    buf_release(&words);
    return say;
}

void decide_request(struct decide *d, const struct request *q, decide_answer_fn *fn, void *arg)
{
    struct ask *a = ask_new(q, fn, arg);
    *d->last = a;
    d->last = &a->next;
    d->n_asks++;
    decide_soon(d);
}

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

static void batch_add(struct batch *b, const struct event *e, struct ask *a)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 8;
        b->events = mem_grow(b->events, b->cap, sizeof *b->events);
        b->asks = mem_grow(b->asks, b->cap, sizeof(struct ask *));
    }
    b->events[b->n] = *e;
    b->asks[b->n++] = a;
    if (e->kind == EVENT_ALERT_OPENED)
        b->next_alert = e->alert + 1;
}

static bool batch_touches(const struct batch *b, uint64_t alert)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->events[i].alert == alert && b->events[i].kind != EVENT_REQUEST_REFUSED)
            return true;
    return false;
}

static bool batch_has_room(const struct batch *b)
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
        batch_add(b, &d->records[n++], NULL);
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
    size_t n = alert_reconcile(d->fleet, c, loop_wall_ms(d->loop), may_open, b->next_alert, out);
    for (size_t i = 0; i < n; i++)
        batch_add(b, &out[i], NULL);
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
}

/* What time and the site file do to alerts: acknowledgements that end, checks that have gone. */
static void take_alerts(struct decide *d, struct batch *b)
{
    int64_t now_ms = loop_wall_ms(d->loop);
    for (size_t i = 0; i < d->fleet->n_alerts && batch_has_room(b); i++) {
        const struct alert *a = d->fleet->alerts[i];
        struct event e;
        if (a->phase != ALERT_FIRING || batch_touches(b, a->id))
            continue;
        if (alert_orphan(d->fleet, a, now_ms, &e) || alert_expire(d->fleet, a, now_ms, &e))
            batch_add(b, &e, NULL);
    }
}

static void decide_ask(struct decide *d, struct batch *b, struct ask *a)
{
    struct event e = {0};
    char *refusal = NULL;
    if (!alert_decide(d->fleet, &a->q, loop_wall_ms(d->loop), &e, &refusal)) {
        decide_refused(d, request_rows[a->q.kind].name, a->q.alert, &a->actor, refusal, a->q.key);
        ask_refuse(a, REQUEST_CODE_REFUSED, refusal);
        free(refusal);
    } else if (e.kind == EVENT_KIND_COUNT) {
        const struct alert *stands = fleet_alert(d->fleet, e.alert);
        e.until_ms = stands ? stands->ack.until_ms : 0;
        ask_grant(a, &e); /* asked again with the same key */
        event_release(&e);
    } else {
        batch_add(b, &e, a);
    }
}

/* A request waits if this batch touches its alert, or if one before it about that alert waits. */
static bool ask_must_wait(const struct decide *d, const struct batch *b, const struct ask *a)
{
    if (!batch_has_room(b) || batch_touches(b, a->q.alert))
        return true;
    for (const struct ask *other = d->first; other && other != a; other = other->next)
        if (other->q.alert == a->q.alert)
            return true;
    return false;
}

static void take_asks(struct decide *d, struct batch *b)
{
    struct ask **at = &d->first;
    while (*at) {
        struct ask *a = *at;
        if (ask_must_wait(d, b, a)) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        if (!*at)
            d->last = at; /* an answer may bring the next request */
        d->n_asks--;
        decide_ask(d, b, a);
    }
}

static void refuse_flood(struct decide *d)
{
    static const char say[] = N_("too many requests wait at once; try again");
    while (d->n_asks > DECIDE_WAITING_MAX) {
        struct ask **at = &d->first;
        for (size_t i = 0; i < DECIDE_WAITING_MAX; i++)
            at = &(*at)->next;
        struct ask *a = *at;
        *at = a->next;
        if (!*at)
            d->last = at;
        d->n_asks--;
        ask_refuse(a, REQUEST_CODE_NOT_SAVED, say);
    }
}

/* --- writing it --------------------------------------------------------------------------- */

static void decide_step(struct decide *d);

static void expiry_arm(struct decide *d)
{
    int64_t now_ms = loop_wall_ms(d->loop), in_ms = INT64_MAX;
    for (size_t i = 0; i < d->fleet->n_alerts; i++) {
        const struct alert *a = d->fleet->alerts[i];
        if (a->phase == ALERT_FIRING && a->ack.by && a->ack.until_ms - now_ms < in_ms)
            in_ms = a->ack.until_ms - now_ms;
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

static void batch_failed(struct decide *d, struct batch *b, const struct event *events,
                         const char *error)
{
    char *say = not_saved(error);
    for (size_t i = 0; i < b->n; i++) {
        if (b->asks[i]) {
            ask_refuse(b->asks[i], REQUEST_CODE_NOT_SAVED, say);
        } else if (events[i].kind <= EVENT_CONFIG_REFUSED && d->n_records < RECORDS_MAX) {
            struct event again; /* a plain fact: nobody would say it again */
            event_copy(&again, &events[i]);
            MEM_ROOM(d->records, d->n_records, d->cap_records);
            d->records[d->n_records++] = again;
        }
    }
    while (d->first) /* also those that wait behind this batch: told at once, not left hanging */
        ask_refuse(ask_pop(d), REQUEST_CODE_NOT_SAVED, say);
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
    if (error && b->wish) {
        wish_end(b->wish, error);
        decide_soon(d);
    } else if (error) {
        batch_failed(d, b, events, error);
    } else {
        for (size_t i = 0; i < n; i++)
            fleet_fold(d->fleet, &events[i]);
        for (size_t i = 0; !b->wish && i < n; i++)
            if (b->asks[i])
                ask_grant(b->asks[i], &events[i]);
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
    refuse_flood(d);
    if (d->wishes) {
        write_wish(d);
        return;
    }
    struct batch *b = mem_alloc(sizeof *b);
    b->next_alert = d->fleet->next_alert;
    take_records(d, b);
    take_checks(d, b);
    take_alerts(d, b);
    take_asks(d, b);
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

static void decide_soon(struct decide *d)
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
    for (size_t i = 0; i < n; i++)
        fleet_fold(d->fleet, &events[i]);
    for (size_t i = 0; i < d->fleet->n_checks; i++)
        decide_check(d, d->fleet->checks[i]);
    expiry_arm(d);
    d->folded(d->arg);
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
    expiry_arm(d);
    return d;
}

void decide_free(struct decide *d)
{
    if (!d)
        return;
    d->is_ending = true;
    static const char say[] = N_("NOT SAVED: the engine is ending");
    while (d->first)
        ask_refuse(ask_pop(d), REQUEST_CODE_NOT_SAVED, say);
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
