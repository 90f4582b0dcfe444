/* engine_promote.c - from test to production, and back: decided by core/promotion.h, in force once
 * it is durable.  One at a time. */
#include "engine/engine_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/promotion.h"
#include "core/say.h"

struct promoting {
    struct engine *engine;
    struct hub_request *q;
    char *target;
    bool is_back;
};

/* What an open alert of it weighs has changed with it, and which silences are meant for it. */
static void ask_checks(struct engine *e, const struct target *t)
{
    for (size_t i = 0; i < t->n_checks; i++)
        decide_check(e->decide, t->checks[i]);
    periods_renew(e->periods);
    notifier_kick(e->notifier);
}

static void grant(struct hub_request *q, const char *target, bool is_test)
{
    struct jval *extra = jval_object();
    jval_set_str(extra, "target", target);
    jval_set_str(extra, "env", env_names[is_test]);
    hub_answer(q, true, promotion_say(target, is_test), extra);
}

static void written(void *arg, const char *error)
{
    struct promoting *p = arg;
    struct engine *e = p->engine;
    struct target *t = fleet_target(e->fleet, p->target);
    e->promoting = NULL;
    if (error != NULL) {
        struct buf words = BUF_INIT(1000);
        say_text(&words, error, NULL);
        hub_refuse(p->q, REQUEST_CODE_NOT_SAVED, SAY(N_("NOT SAVED: {0}"), buf_text(&words)));
        buf_release(&words);
    } else {
        if (t != NULL)
            ask_checks(e, t);
        grant(p->q, p->target, p->is_back);
        if (!e->is_stopping)
            engine_promote_settle(e);
    }
    free(p->target);
    free(p);
}

static void refuse(struct engine *e, struct hub_request *q, const char *target, char *packed)
{
    decide_refused_about(e->decide, request_verbs[q->verb].name, target, &q->actor, packed);
    hub_refuse(q, REQUEST_CODE_REFUSED, packed);
}

static void begin(struct engine *e, struct hub_request *q, const struct promotion_request *r)
{
    struct event event;
    char *refusal = NULL;
    if (!promotion_decide(e->fleet, r, &event, &refusal)) {
        refuse(e, q, r->target, refusal);
    } else if (event.kind == EVENT_KIND_COUNT) {
        grant(q, r->target, r->is_back);
    } else {
        e->promoting = mem_alloc(sizeof *e->promoting);
        *e->promoting = (struct promoting){e, q, mem_strdup(r->target), r->is_back};
        decide_events(e->decide, &event, 1, written, e->promoting);
    }
}

void engine_promote(struct engine *e, struct hub_request *q)
{
    const char *env = request_str(q->verb, &q->args, "env");
    struct promotion_request r = {
        .target = request_str(q->verb, &q->args, "target"),
        .text = request_str(q->verb, &q->args, "text"),
        .key = request_str(q->verb, &q->args, "key"),
        .is_back = env != NULL && strcmp(env, env_names[true]) == 0,
        .actor = &q->actor,
    };
    if (env != NULL && !r.is_back && strcmp(env, env_names[false]) != 0)
        hub_refuse(q, REQUEST_CODE_USAGE,
                   SAY(N_("\"env\" is \"{0}\", expected production or test"), env));
    else if (e->promoting != NULL)
        hub_refuse(q, REQUEST_CODE_NOT_SAVED,
                   SAY(N_("another promotion is being written; try again")));
    else
        begin(e, q, &r);
}

void engine_promote_settle(struct engine *e)
{
    for (size_t i = 0; i < e->fleet->n_targets; i++) {
        const struct target *t = e->fleet->targets[i];
        if (!promotion_is_settled(t))
            continue;
        struct event settled = {.kind = EVENT_TARGET_SETTLED,
                                .subject = mem_strdup(t->id),
                                .what = mem_strdup(env_names[t->is_test])};
        decide_record(e->decide, &settled);
    }
}
