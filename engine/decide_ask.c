/* decide_ask.c - what operators ask waits here in order, and is answered once; see decide.h.
 *
 * A request about many alerts is one ask for each of them, with the same words; each is decided by
 * itself, and one answer tells of all. */
#include "engine/decide_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/request.h"

#define SAID_MAX 50 /* refusals of one request about many that are told in words */

struct wording {
    char *text, *key;
    struct actor actor;
    size_t users;
};

static struct wording *wording_new(const struct request *q)
{
    struct wording *w = mem_alloc(sizeof *w);
    w->text = mem_strdup(q->text);
    w->key = mem_strdup(q->key);
    w->actor = *q->actor;
    w->actor.login = mem_strdup(q->actor->login);
    w->actor.from = mem_strdup(q->actor->from);
    return w;
}

static void wording_drop(struct wording *w)
{
    if (--w->users > 0)
        return;
    free(w->text);
    free(w->key);
    free(w->actor.login);
    free(w->actor.from);
    free(w);
}

/* --- one ---------------------------------------------------------------------------------- */

static struct ask *ask_add(struct decide *d, const struct request *q, struct wording *w,
                           decide_answer_fn *fn, void *arg)
{
    struct ask *a = mem_alloc(sizeof *a);
    a->q = *q;
    a->q.text = w->text;
    a->q.key = w->key;
    a->q.actor = &w->actor;
    a->words = w;
    a->fn = fn;
    a->arg = arg;
    w->users++;
    *d->last = a;
    d->last = &a->next;
    return a;
}

/* Takes *at out of the line. */
static struct ask *ask_take_out(struct decide *d, struct ask **at)
{
    struct ask *a = *at;
    *at = a->next;
    if (!*at)
        d->last = at; /* an answer may bring the next request */
    if (a->is_of_many)
        d->n_of_many--;
    else
        d->n_asks--;
    return a;
}

static void ask_answer(struct ask *a, const struct decision *say)
{
    a->fn(a->arg, say);
    wording_drop(a->words);
    free(a);
}

void ask_refuse(struct ask *a, const char *code, const char *say)
{
    ask_answer(a, &(struct decision){.code = code, .say = say, .alert = a->q.alert});
}

/* e: the event that carries it out; for one already in force only alert, version, level, end. */
void ask_grant(struct ask *a, const struct event *e)
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

void decide_request(struct decide *d, const struct request *q, decide_answer_fn *fn, void *arg)
{
    ask_add(d, q, wording_new(q), fn, arg);
    d->n_asks++;
    decide_soon(d);
}

void asks_refuse_all(struct decide *d, const char *code, const char *say)
{
    while (d->first)
        ask_refuse(ask_take_out(d, &d->first), code, say);
}

void asks_refuse_flood(struct decide *d)
{
    static const char say[] = N_("too many requests wait at once; try again");
    size_t singles = 0;
    for (struct ask **at = &d->first; d->n_asks > DECIDE_WAITING_MAX && *at;) {
        singles += !(*at)->is_of_many;
        if ((*at)->is_of_many || singles <= DECIDE_WAITING_MAX)
            at = &(*at)->next;
        else
            ask_refuse(ask_take_out(d, at), REQUEST_CODE_NOT_SAVED, say);
    }
}

/* --- many --------------------------------------------------------------------------------- */

struct many { /* one request about many alerts, until its last one is answered */
    decide_many_fn *fn;
    void *arg;
    struct decisions so_far;
    size_t open;
};

static void many_end(struct many *m)
{
    m->fn(m->arg, &m->so_far);
    for (size_t i = 0; i < m->so_far.n_said; i++)
        free((char *)m->so_far.said[i].say);
    free(m->so_far.said);
    free(m);
}

static void many_answered(void *arg, const struct decision *one)
{
    struct many *m = arg;
    struct decisions *s = &m->so_far;
    if (one->is_ok)
        s->n_ok++;
    else
        s->n_refused++;
    if (one->seq > s->seq)
        s->seq = one->seq;
    if (!one->is_ok && s->n_said < SAID_MAX) {
        s->said = s->said ? s->said : mem_alloc(SAID_MAX * sizeof *s->said);
        s->said[s->n_said] = *one;
        s->said[s->n_said++].say = mem_strdup(one->say);
    }
    if (--m->open == 0)
        many_end(m);
}

bool decide_request_many(struct decide *d, const struct request *q, const uint64_t *alerts,
                         size_t n, decide_many_fn *fn, void *arg)
{
    if (n == 0 || n > DECIDE_MANY_MAX - d->n_of_many)
        return false;
    struct many *m = mem_alloc(sizeof *m);
    *m = (struct many){.fn = fn, .arg = arg, .open = n};
    struct wording *w = wording_new(q);
    for (size_t i = 0; i < n; i++) {
        struct request one = *q;
        one.alert = alerts[i];
        ask_add(d, &one, w, many_answered, m)->is_of_many = true;
    }
    d->n_of_many += n;
    decide_soon(d);
    return true;
}

/* --- deciding ----------------------------------------------------------------------------- */

static void ask_decide(struct decide *d, struct batch *b, struct ask *a)
{
    struct event e = {0};
    char *refusal = NULL;
    if (!alert_decide(d->fleet, &a->q, decide_now_is(d), &e, &refusal)) {
        decide_refused(d, request_rows[a->q.kind].name, a->q.alert, a->q.actor, refusal, a->q.key);
        ask_refuse(a, REQUEST_CODE_REFUSED, refusal);
        free(refusal);
    } else if (e.kind == EVENT_KIND_COUNT) {
        const struct alert *stands = fleet_alert(d->fleet, e.alert);
        e.until_ms = stands ? stands->ack.until_ms : 0;
        ask_grant(a, &e); /* asked again with the same key */
        event_release(&e);
    } else {
        batch_add(b, d, &e, a);
    }
}

/* A request waits if this batch touches its alert, or if one before it about that alert waits. */
static bool must_wait(const struct decide *d, const struct batch *b, const struct ask *a)
{
    struct alert *about = fleet_alert(d->fleet, a->q.alert);
    bool waits = !batch_has_room(b) || (about && (about->is_in_batch || about->is_awaited));
    if (waits && about)
        about->is_awaited = true;
    return waits;
}

void asks_take(struct decide *d, struct batch *b)
{
    struct ask **at = &d->first;
    while (*at && batch_has_room(b)) {
        if (must_wait(d, b, *at))
            at = &(*at)->next;
        else
            ask_decide(d, b, ask_take_out(d, at));
    }
    for (struct ask *a = d->first; a; a = a->next) {
        struct alert *about = fleet_alert(d->fleet, a->q.alert);
        if (about)
            about->is_awaited = false;
        if (&a->next == at)
            break; /* nobody further on was looked at */
    }
}
