/* periods_ask.c - what clients ask about silences, maintenance and assessments. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/decide.h"
#include "engine/loop.h"
#include "engine/periods_private.h"

#define MATCH_FIRST 10 /* ids of checks that a preview names */

/* --- reading ---------------------------------------------------------------------------------- */

static bool has_arg(const struct hub_request *q, const char *name)
{
    for (const struct request_arg *a = request_verbs[q->verb].args; a->name != NULL; a++)
        if (strcmp(a->name, name) == 0)
            return true;
    return false;
}

static int64_t int_arg(const struct hub_request *q, const char *name)
{
    return has_arg(q, name) ? request_int(q->verb, &q->args, name, 0) : 0;
}

static const char *text_arg(const struct hub_request *q, const char *name)
{
    const char *text = has_arg(q, name) ? request_str(q->verb, &q->args, name) : NULL;
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static enum period_act act_of(enum request_verb verb)
{
    return verb == VERB_PERIOD_END       ? PERIOD_END
           : verb == VERB_PERIOD_APPROVE ? PERIOD_APPROVE
                                         : PERIOD_CREATE;
}

/* False: "as" is neither. */
static bool kind_of(const struct hub_request *q, enum period_kind *kind)
{
    const char *as = text_arg(q, "as");
    *kind = q->verb == VERB_SILENCE ? PERIOD_SILENCE : PERIOD_MAINTENANCE;
    if (as == NULL || strcmp(as, period_kind_names[PERIOD_MAINTENANCE]) == 0)
        return true;
    *kind = PERIOD_ASSESSMENT;
    return strcmp(as, period_kind_names[PERIOD_ASSESSMENT]) == 0;
}

static struct period_request read_ask(const struct period_ask *a)
{
    const struct hub_request *q = a->q;
    struct period_request r = {
        .act = a->act,
        .match = text_arg(q, "match"),
        .alert = (uint64_t)int_arg(q, "alert"),
        .from_ms = int_arg(q, "from"),
        .until_ms = int_arg(q, "until"),
        .for_ms = int_arg(q, "for"),
        .every = text_arg(q, "every"),
        .text = text_arg(q, "text"),
        .key = text_arg(q, "key"),
        .period = (uint64_t)int_arg(q, "period"),
        .role = q->role,
        .actor = &q->actor,
    };
    if (r.for_ms > 2 * PERIOD_RECUR_MAX_MS)
        r.for_ms = 2 * PERIOD_RECUR_MAX_MS; /* refused all the same, and the sum stays a time */
    (void)kind_of(q, &r.kind);
    return r;
}

/* --- deciding --------------------------------------------------------------------------------- */

static void ask_answer(struct periods *p, struct period_ask *a, uint64_t id)
{
    const struct period *q = fleet_period(p->w.fleet, id);
    struct jval *extra = jval_object();
    jval_set_int(extra, "period", (int64_t)id);
    jval_set_str(extra, "state", period_state_names[q != NULL ? q->state : PERIOD_ENDED]);
    char *say =
        q != NULL ? period_say(p->w.fleet, a->act, q, loop_wall_ms(p->w.loop)) : mem_strdup("");
    hub_answer(a->q, true, say, extra);
    free(a);
}

/* Refusals are events: who was refused what, and why. */
static void ask_refuse(struct periods *p, struct period_ask *a, const struct period_request *r,
                       char *packed)
{
    const char *verb = request_verbs[a->q->verb].name;
    char subject[40];
    snprintf(subject, sizeof subject, "period/%" PRIu64, r->period);
    if (r->act == PERIOD_CREATE)
        decide_refused(p->w.decide, verb, r->alert, &a->q->actor, packed, r->key);
    else
        decide_refused_about(p->w.decide, verb, subject, &a->q->actor, packed);
    hub_refuse(a->q, REQUEST_CODE_REFUSED, packed);
    free(a);
}

static void ask_not_saved(struct period_ask *a, const char *error)
{
    struct buf words = BUF_INIT(1000);
    say_text(&words, error, NULL);
    hub_refuse(a->q, REQUEST_CODE_NOT_SAVED, SAY(N_("NOT SAVED: {0}"), buf_text(&words)));
    buf_release(&words);
    free(a);
}

static void ask_written(void *arg, const char *error)
{
    struct periods *p = arg;
    struct period_ask *a = p->writing;
    p->writing = NULL;
    p->is_writing = false;
    if (error != NULL)
        ask_not_saved(a, error);
    else
        ask_answer(p, a, a->period);
    periods_next_ask(p);
}

static struct period_ask *ask_pop(struct periods *p)
{
    struct period_ask *a = p->first;
    p->first = a->next;
    if (p->first == NULL)
        p->last = &p->first;
    return a;
}

void periods_next_ask(struct periods *p)
{
    while (p->first != NULL && !p->is_writing && !p->is_stopping) {
        struct period_ask *a = ask_pop(p);
        struct period_request r = read_ask(a);
        struct event e;
        char *refusal = NULL;
        if (!period_decide(p->w.fleet, &r, loop_wall_ms(p->w.loop), &e, &refusal)) {
            ask_refuse(p, a, &r, refusal);
        } else if (e.kind == EVENT_KIND_COUNT) {
            ask_answer(p, a, e.period); /* asked again: its first answer was lost */
        } else {
            a->period = e.period;
            p->writing = a;
            p->is_writing = true;
            decide_events(p->w.decide, &e, 1, ask_written, p);
        }
    }
}

/* --- previews --------------------------------------------------------------------------------- */

static struct jval *first_checks(const struct fleet *f, const struct matcher *m)
{
    struct jval *list = jval_array();
    for (size_t i = 0, n = 0; i < f->n_checks && n < MATCH_FIRST; i++)
        if (matcher_has(m, f->checks[i])) {
            jval_append(list, jval_new_str(f->checks[i]->id));
            n++;
        }
    return list;
}

static void answer_match(struct periods *p, struct hub_request *q)
{
    char *refusal = NULL, checks[24], all[24], share[24], alerts[24];
    struct matcher *m = matcher_parse(request_str(q->verb, &q->args, "match"), &refusal);
    if (m == NULL) {
        hub_refuse(q, REQUEST_CODE_USAGE, refusal);
        return;
    }
    struct matcher_count n = matcher_count(m, p->w.fleet);
    size_t percent = n.all > 0 ? (n.checks * 100 + n.all - 1) / n.all : 0; /* never 0 for some */
    struct jval *extra = jval_object();
    jval_set_int(extra, "checks", (int64_t)n.checks);
    jval_set_int(extra, "all", (int64_t)n.all);
    jval_set_int(extra, "share", (int64_t)percent);
    jval_set_int(extra, "alerts", (int64_t)n.alerts);
    jval_set_bool(extra, "too_wide", matcher_is_too_wide(&n));
    jval_set(extra, "first", first_checks(p->w.fleet, m));
    matcher_free(m);
    snprintf(checks, sizeof checks, "%zu", n.checks);
    snprintf(all, sizeof all, "%zu", n.all);
    snprintf(share, sizeof share, "%zu", percent);
    snprintf(alerts, sizeof alerts, "%zu", n.alerts);
    hub_answer(q, true,
               SAY(N_("{0} of {1} checks ({2} %), {3} open alerts"), checks, all, share, alerts),
               extra);
}

/* --- all -------------------------------------------------------------------------------------- */

void periods_request(struct periods *p, struct hub_request *q)
{
    enum period_kind kind;
    if (q->verb == VERB_MATCH) {
        answer_match(p, q);
    } else if (!kind_of(q, &kind)) {
        hub_refuse(
            q, REQUEST_CODE_USAGE,
            SAY(N_("\"as\" is \"{0}\", expected maintenance or assessment"), text_arg(q, "as")));
    } else {
        struct period_ask *a = mem_alloc(sizeof *a);
        *a = (struct period_ask){.q = q, .act = act_of(q->verb)};
        *p->last = a;
        p->last = &a->next;
        periods_next_ask(p);
    }
}

void periods_stop(struct periods *p)
{
    if (p == NULL)
        return;
    p->is_stopping = true;
    while (p->first != NULL)
        ask_not_saved(ask_pop(p), N_("the engine is ending"));
}

void periods_free(struct periods *p)
{
    if (p == NULL)
        return;
    periods_stop(p);
    free(p);
}
