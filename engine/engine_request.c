/* engine_request.c - what clients ask, handed to who knows: decide, journal, scheduler. */
#include "engine/engine_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ids.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/shift.h"
#include "engine/event_json.h"

#define PAGE_DEFAULT 200

static void refuse_words(struct hub_request *q, const char *code, const char *words)
{
    hub_refuse(q, code, mem_strdup(words));
}

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

static struct jval *refusals_json(const struct decisions *all)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < all->n_said; i++) {
        struct jval *j = jval_object();
        jval_set_int(j, "alert", (int64_t)all->said[i].alert);
        event_json_set_say(j, "text", "say", all->said[i].say);
        jval_append(list, j);
    }
    return list;
}

/* Many at once are well where at least one is; which were refused, and why, stands beside it. */
static void answer_decisions(void *arg, const struct decisions *all)
{
    struct hub_request *q = arg;
    struct jval *extra = jval_object();
    char n_ok[24], n_refused[24];
    snprintf(n_ok, sizeof n_ok, "%zu", all->n_ok);
    snprintf(n_refused, sizeof n_refused, "%zu", all->n_refused);
    jval_set_int(extra, "done", (int64_t)all->n_ok);
    jval_set_int(extra, "refused", (int64_t)all->n_refused);
    jval_set_int(extra, "seq", (int64_t)all->seq);
    jval_set(extra, "refusals", refusals_json(all));
    if (all->n_ok == 0)
        jval_set_str(extra, "code", all->said[0].code);
    char *say = all->n_refused == 0 ? SAY(N_("{0} alerts: done"), n_ok)
                                    : SAY(N_("{0} alerts: done; {1} refused, the first: {2}"), n_ok,
                                          n_refused, all->said[0].say);
    hub_answer(q, all->n_ok > 0, say, extra);
}

static bool has_arg(const struct hub_request *q, const char *name)
{
    for (size_t i = 0; request_verbs[q->verb].args[i].name; i++)
        if (strcmp(request_verbs[q->verb].args[i].name, name) == 0)
            return true;
    return false;
}

static int64_t int_arg(const struct hub_request *q, const char *name)
{
    return has_arg(q, name) ? request_int(q->verb, &q->args, name, 0) : 0;
}

static int64_t until_arg(struct engine *e, const struct hub_request *q)
{
    int64_t for_ms = int_arg(q, "for");
    if (for_ms > 2 * ALERT_ACK_MAX_MS)
        for_ms = 2 * ALERT_ACK_MAX_MS; /* refused all the same, and the sum stays a time */
    return for_ms ? loop_wall_ms(e->loop) + for_ms : 0;
}

/* The alerts that are meant: those that are named, and with "behind" what stands behind them. */
static struct ids alerts_meant(const struct engine *e, const struct hub_request *q)
{
    struct ids meant = {0};
    const char *many = has_arg(q, "alerts") ? request_str(q->verb, &q->args, "alerts") : NULL;
    ids_add(&meant, (uint64_t)int_arg(q, "alert"));
    if (many)
        ids_read(many, &meant, NULL); /* it was looked at when the request was parsed */
    if (int_arg(q, "behind") == 0)
        return meant;
    size_t n = meant.n;
    uint64_t *named = mem_alloc((n + 1) * sizeof *named);
    memcpy(named, meant.v, n * sizeof *named);
    struct ids causes = {.v = named, .n = n};
    for (size_t i = 0; i < e->fleet->n_alerts; i++) {
        const struct alert *a = e->fleet->alerts[i];
        if (a->phase == ALERT_FIRING && !a->ack.by && a->cause && ids_has(&causes, a->cause))
            ids_add(&meant, a->id);
    }
    free(named);
    return meant;
}

static void request_decision(struct engine *e, struct hub_request *q, enum request_kind kind)
{
    struct ids meant = alerts_meant(e, q);
    bool is_one =
        meant.n == 1 && (!has_arg(q, "alerts") || !request_str(q->verb, &q->args, "alerts"));
    struct request r = {
        .kind = kind,
        .alert = meant.n ? meant.v[0] : 0,
        .version = int_arg(q, "version"),
        .seen = (uint64_t)int_arg(q, "seen"),
        .role_level = duty_rows[q->role].level,
        .level = (int)int_arg(q, "level"),
        .text = request_str(q->verb, &q->args, "text"),
        .until_ms = until_arg(e, q),
        .shift_end_ms = shift_end_ms(e->fleet, loop_wall_ms(e->loop)),
        .key = request_str(q->verb, &q->args, "key"),
        .actor = &q->actor,
    };
    if (meant.n == 0)
        hub_refuse(q, REQUEST_CODE_USAGE,
                   SAY(N_("which alert? \"alert\" or \"alerts\" is missing")));
    else if (is_one)
        decide_request(e->decide, &r, answer_decision, q);
    else if (!decide_request_many(e->decide, &r, meant.v, meant.n, answer_decisions, q))
        refuse_words(q, REQUEST_CODE_NOT_SAVED, N_("too many requests wait at once; try again"));
    ids_release(&meant);
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

static void answer_receipt(void *arg, bool is_ok, const char *say)
{
    if (is_ok)
        hub_answer(arg, true, mem_strdup(say), NULL);
    else
        hub_refuse(arg, REQUEST_CODE_REFUSED, mem_strdup(say));
}

/* A receipt: OK says that the message arrived, CRITICAL that it never will. */
static void request_receipt(struct engine *e, struct hub_request *q, const struct check *c)
{
    enum state s = (enum state)request_int(q->verb, &q->args, "state", STATE_UNKNOWN);
    if (s != STATE_OK && s != STATE_CRITICAL)
        hub_refuse(q, REQUEST_CODE_USAGE,
                   SAY(N_("a receipt is OK (it arrived) or CRITICAL (it never will), not {0}"),
                       state_rows[s].name));
    else
        proofs_submit(e->proofs, c->id, request_str(q->verb, &q->args, "key"), s == STATE_OK,
                      request_str(q->verb, &q->args, "text"), answer_receipt, q);
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
    const struct check_spec *spec = c->spec;
    if (spec->type->deadline != NULL) {
        request_receipt(e, q, c);
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
    case VERB_EXTEND:
        request_decision(e, q, REQUEST_EXTEND);
        break;
    case VERB_TAKE:
        request_decision(e, q, REQUEST_TAKE);
        break;
    case VERB_ESCALATE:
        request_decision(e, q, REQUEST_ESCALATE);
        break;
    case VERB_NOTE:
        request_decision(e, q, REQUEST_NOTE);
        break;
    case VERB_NOTIFY_TEST:
        engine_notify_test(e, q);
        break;
    case VERB_PROMOTE:
        engine_promote(e, q);
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
    case VERB_SILENCE:
    case VERB_MAINTENANCE:
    case VERB_PERIOD_END:
    case VERB_PERIOD_APPROVE:
    case VERB_MATCH:
        periods_request(e->periods, q);
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
    uint64_t alert = (uint64_t)int_arg(q, "alert");
    const char *key = has_arg(q, "key") ? request_str(q->verb, &q->args, "key") : NULL;
    decide_refused(e->decide, request_verbs[q->verb].name, alert, &q->actor, packed, key);
}
