/* engine_request.c - what clients ask, handed to who knows: decide, journal, scheduler. */
#include "engine/engine_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

#define PAGE_DEFAULT 200

/* --- decisions ---------------------------------------------------------------------------- */

static void answer_decision(void *arg, const struct decision *d)
{
    struct hub_request *q = arg;
    struct jval *extra = jval_object();
    jval_set_int(extra, "alert", (int64_t)d->alert);
    if (d->is_ok) {
        jval_set_int(extra, "version", d->version);
        jval_set_int(extra, "seq", (int64_t)d->seq);
    } else {
        jval_set_str(extra, "code", d->code);
    }
    hub_answer(q, d->is_ok, mem_strdup(d->say), extra);
}

static void request_decision(struct engine *e, struct hub_request *q, enum request_kind kind)
{
    int64_t for_ms = q->verb == VERB_ACK ? request_int(q->verb, &q->args, "for", 0) : 0;
    if (for_ms > 2 * ALERT_ACK_MAX_MS)
        for_ms = 2 * ALERT_ACK_MAX_MS; /* refused all the same, and the sum stays a time */
    struct request r = {
        .kind = kind,
        .alert = (uint64_t)request_int(q->verb, &q->args, "alert", 0),
        .version = request_int(q->verb, &q->args, "version", 0),
        .text = request_str(q->verb, &q->args, "text"),
        .until_ms = for_ms ? loop_wall_ms(e->loop) + for_ms : 0,
        .key = request_str(q->verb, &q->args, "key"),
        .actor = &q->actor,
    };
    decide_request(e->decide, &r, answer_decision, q);
}

/* --- journal ------------------------------------------------------------------------------ */

struct page {
    struct hub_request *q;
    size_t limit;
};

static void answer_page(void *arg, const struct event *events, size_t n, const char *error)
{
    struct page *p = arg;
    if (error)
        hub_refuse(p->q, REQUEST_CODE_NOT_SAVED, mem_strdup(error));
    else
        hub_answer_events(p->q, events, n, n == p->limit);
    free(p);
}

static void request_journal(struct engine *e, struct hub_request *q)
{
    struct page *p = mem_alloc(sizeof *p);
    const struct request_args *a = &q->args;
    p->q = q;
    p->limit = (size_t)request_int(q->verb, a, "limit", PAGE_DEFAULT);
    if (p->limit == 0 || p->limit > JOURNAL_PAGE_MAX)
        p->limit = JOURNAL_PAGE_MAX;
    struct store_filter f = {
        .since_ms = request_int(q->verb, a, "since", 0),
        .until_ms = request_int(q->verb, a, "until", 0),
        .subject = request_str(q->verb, a, "subject"),
        .kind = request_str(q->verb, a, "kind"),
        .before_seq = (uint64_t)request_int(q->verb, a, "before", 0),
        .after_seq = (uint64_t)request_int(q->verb, a, "after", 0),
        .limit = p->limit,
    };
    journal_query(e->journal, &f, answer_page, p);
}

static void answer_verdict(void *arg, const struct journal_verdict *v)
{
    struct hub_request *q = arg;
    struct jval *extra = jval_object();
    jval_set_int(extra, "records", (int64_t)v->records);
    jval_set_int(extra, "seq", (int64_t)v->head.seq);
    jval_set_str(extra, "head", v->head.hash);
    if (v->is_whole) {
        char n[24];
        snprintf(n, sizeof n, "%" PRIu64, v->records);
        hub_answer(q, true, SAY(N_("the chain holds: {0} records, head {1}"), n, v->head.hash),
                   extra);
    } else {
        jval_set_str(extra, "code", v->is_damaged ? REQUEST_CODE_BROKEN : REQUEST_CODE_NOT_SAVED);
        hub_answer(q, false, mem_strdup(v->error), extra);
    }
}

static void request_verify(struct engine *e, struct hub_request *q)
{
    uint64_t from = (uint64_t)request_int(q->verb, &q->args, "from", 0);
    char n[24];
    snprintf(n, sizeof n, "%" PRIu64, from);
    if (from > journal_seq(e->journal))
        hub_refuse(q, REQUEST_CODE_USAGE, SAY(N_("the journal has no record {0} yet"), n));
    else
        journal_verify(e->journal, from, answer_verdict, q);
}

/* --- checks ------------------------------------------------------------------------------- */

static void refuse_words(struct hub_request *q, const char *code, const char *words)
{
    hub_refuse(q, code, mem_strdup(words));
}

static void request_submit(struct engine *e, struct hub_request *q)
{
    const char *id = request_str(q->verb, &q->args, "check");
    struct check *c = fleet_check(e->fleet, id);
    struct err why;
    if (!c) {
        hub_refuse(q, REQUEST_CODE_USAGE, SAY(N_("there is no check \"{0}\""), id));
        return;
    }
    const char *key = request_str(q->verb, &q->args, "key");
    const char *newest = map_get(&e->submit_keys, c->id);
    if (key && newest && strcmp(key, newest) == 0) { /* its first answer was lost */
        hub_answer(q, true, SAY(N_("result taken for {0}"), c->id), NULL);
        return;
    }
    enum state s = (enum state)request_int(q->verb, &q->args, "state", STATE_UNKNOWN);
    if (scheduler_submit(e->scheduler, c, s, request_str(q->verb, &q->args, "text"),
                         request_str(q->verb, &q->args, "perfdata"), &why)) {
        if (key)
            free(map_put(&e->submit_keys, c->id, mem_strdup(key)));
        hub_answer(q, true, SAY(N_("result taken for {0}"), c->id), NULL);
    } else {
        refuse_words(q, REQUEST_CODE_REFUSED, why.text);
    }
}

/* One check, or all of a target that can be asked. */
static void request_probe(struct engine *e, struct hub_request *q)
{
    const char *check = request_str(q->verb, &q->args, "check");
    const char *target = request_str(q->verb, &q->args, "target");
    struct check *c = check ? fleet_check(e->fleet, check) : NULL;
    struct target *t = target ? fleet_target(e->fleet, target) : NULL;
    struct err why = {""};
    size_t n = 0;
    if (!c && !t) {
        hub_refuse(q, REQUEST_CODE_USAGE,
                   SAY(N_("there is no check or target \"{0}\""), check    ? check
                                                                  : target ? target
                                                                           : ""));
        return;
    }
    if (c)
        n += scheduler_run_now(e->scheduler, c, &why);
    for (size_t i = 0; t && !c && i < t->n_checks; i++)
        n += scheduler_run_now(e->scheduler, t->checks[i], &why);
    char number[24];
    snprintf(number, sizeof number, "%zu", n);
    if (n)
        hub_answer(q, true, SAY(N_("asking now: {0} checks"), number), NULL);
    else
        refuse_words(q, REQUEST_CODE_REFUSED, *why.text ? why.text : N_("there is nothing to ask"));
}

/* --- all ---------------------------------------------------------------------------------- */

void engine_request(void *arg, struct hub_request *q)
{
    struct engine *e = arg;
    switch (q->verb) {
    case VERB_ACK:
        request_decision(e, q, REQUEST_ACK);
        break;
    case VERB_UNACK:
        request_decision(e, q, REQUEST_UNACK);
        break;
    case VERB_NOTE:
        request_decision(e, q, REQUEST_NOTE);
        break;
    case VERB_SUBMIT:
        request_submit(e, q);
        break;
    case VERB_PROBE:
        request_probe(e, q);
        break;
    case VERB_PLAN:
    case VERB_RUN:
    case VERB_ABORT:
    case VERB_RESOLVE:
    case VERB_CLOSE:
    case VERB_RUNS:
        failover_request(e->failover, q);
        break;
    case VERB_JOURNAL:
        request_journal(e, q);
        break;
    case VERB_VERIFY:
        request_verify(e, q);
        break;
    default:
        refuse_words(q, REQUEST_CODE_USAGE, N_("this request is not known here"));
        break;
    }
}

void engine_refused(void *arg, const struct hub_request *q, const char *packed)
{
    struct engine *e = arg;
    bool has_alert = q->verb == VERB_ACK || q->verb == VERB_UNACK || q->verb == VERB_NOTE;
    uint64_t alert = has_alert ? (uint64_t)request_int(q->verb, &q->args, "alert", 0) : 0;
    const char *key = has_alert ? request_str(q->verb, &q->args, "key") : NULL;
    decide_refused(e->decide, request_verbs[q->verb].name, alert, &q->actor, packed, key);
}
