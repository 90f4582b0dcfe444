/* failover_ask.c - what clients ask about failovers: plan, run, abort, resolve, close, runs. */
#include "engine/failover_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/failpoint.h"
#include "engine/hash.h"
#include "engine/wire.h"

#define REASON_MIN 3 /* characters */

struct ask { /* one request that waits for a look or for the journal */
    struct failover *f;
    struct watched *group;
    struct hub_request *q;
    struct glance *glance;
    struct held_plan held; /* run: taken out of the ring */
    char run[RUN_ID_LEN + 1];
    struct ask *prev, *next;
};

/* --- asks ------------------------------------------------------------------------------------- */

static struct ask *ask_new(struct failover *f, struct watched *g, struct hub_request *q)
{
    struct ask *a = mem_alloc(sizeof *a);
    *a = (struct ask){.f = f, .group = g, .q = q, .next = f->asks};
    if (a->next != NULL)
        a->next->prev = a;
    f->asks = a;
    return a;
}

static void ask_free(struct ask *a)
{
    if (a->prev != NULL)
        a->prev->next = a->next;
    else
        a->f->asks = a->next;
    if (a->next != NULL)
        a->next->prev = a->prev;
    glance_cancel(a->glance);
    plan_release(&a->held.plan);
    free(a);
}

/* Refusals are events: who was refused what, and why. */
static void refuse(struct failover *f, struct hub_request *q, const char *fog, char *packed)
{
    struct buf subject = BUF_INIT(256);
    buf_addf(&subject, "fog/%s", fog);
    decide_refused_about(f->w.decide, request_verbs[q->verb].name, buf_text(&subject), &q->actor,
                         packed);
    buf_release(&subject);
    hub_refuse(q, REQUEST_CODE_REFUSED, packed);
}

static void ask_refuse(struct ask *a, char *packed)
{
    if (a->q != NULL)
        refuse(a->f, a->q, a->group->fog->id, packed);
    else
        free(packed);
    ask_free(a);
}

/* What waits for the journal still comes back from it, a little later. */
void asks_stop(struct failover *f, const char *why)
{
    for (struct ask *a = f->asks, *next; a != NULL; a = next) {
        next = a->next;
        if (a->q != NULL)
            hub_refuse(a->q, REQUEST_CODE_NOT_SAVED, mem_strdup(why));
        a->q = NULL;
        if (a->glance != NULL)
            ask_free(a);
    }
}

bool asks_are_writing(const struct failover *f)
{
    for (const struct ask *a = f->asks; a != NULL; a = a->next)
        if (a->glance == NULL)
            return true;
    return false;
}

static struct watched *group_of(struct failover *f, struct hub_request *q)
{
    const char *id = request_str(q->verb, &q->args, "group");
    struct watched *g = failover_group(f, id);
    if (g == NULL)
        hub_refuse(q, REQUEST_CODE_USAGE, SAY(N_("there is no failover group \"{0}\""), id));
    return g;
}

/* --- plans ------------------------------------------------------------------------------------ */

static void random_bytes(unsigned char *to, size_t n)
{
    if (getrandom(to, n, 0) != (ssize_t)n)
        abort(); /* without chance there are no codes */
}

static void make_id(char out[RUN_ID_LEN + 1])
{
    unsigned char b[16];
    random_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, RUN_ID_LEN + 1,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

static void make_code(char out[PLAN_CODE_LEN + 1])
{
    uint32_t n;
    do
        random_bytes((unsigned char *)&n, sizeof n);
    while (n >= UINT32_MAX / 10000 * 10000); /* each code as likely */
    snprintf(out, PLAN_CODE_LEN + 1, "%04u", (unsigned int)(n % 10000));
}

static void hash_facts(const struct watched *g, const char *to, char out[65])
{
    struct buf facts = BUF_INIT(0);
    if (g->seen != NULL && g->seen->error == NULL)
        plan_facts(&facts, g->fog, g->seen, to);
    hash_sha256(buf_text(&facts), facts.len, out);
    buf_release(&facts);
}

static void plan_now(struct watched *g, const char *to, enum duty_role role, struct plan *out)
{
    struct preflight p;
    *out = (struct plan){.made_at_ms = loop_wall_ms(g->f->loop)};
    group_preflight(g, to, &role, &p);
    plan_make(out, &p);
    hash_facts(g, to, out->hash);
    make_id(out->id);
    out->expires_at_ms = out->made_at_ms + PLAN_VALID_MS;
    out->code_until_ms = out->made_at_ms + PLAN_CODE_MS;
    if (!plan_is_blocked(out))
        make_code(out->code);
}

/* The ring keeps the newest; a plan that leaves it is simply unknown. */
static void hold_plan(struct ask *a, const struct plan *taken)
{
    struct failover *f = a->f;
    struct held_plan *slot = &f->plans[f->n_plans++ % PLANS_MAX];
    const struct seen_member *leader = a->group->seen != NULL ? seen_leader(a->group->seen) : NULL;
    plan_release(&slot->plan);
    *slot = (struct held_plan){.plan = *taken,
                               .uid = a->q->actor.uid,
                               .made_mono_ms = loop_mono_ms(f->loop),
                               .timeline = leader != NULL ? leader->timeline : 0};
}

static void answer_plan(struct ask *a)
{
    struct plan plan;
    plan_now(a->group, request_str(a->q->verb, &a->q->args, "to"), a->q->role, &plan);
    bool is_blocked = plan_is_blocked(&plan);
    struct jval *extra = jval_object();
    char n[24];
    snprintf(n, sizeof n, "%zu", findings_count(&plan.checks, FINDING_FAIL));
    char *say = is_blocked ? SAY(N_("{0} is not ready: {1} checks failed."), plan.to, n)
                           : SAY(N_("Type code {0} to confirm the switchover."), plan.code);
    jval_set(extra, "plan", wire_plan(&plan));
    if (is_blocked)
        plan_release(&plan);
    else
        hold_plan(a, &plan);
    hub_answer(a->q, true, say, extra);
    ask_free(a);
}

static void plan_seen(void *arg, const struct seen *s)
{
    struct ask *a = arg;
    (void)s;
    a->glance = NULL;
    answer_plan(a);
}

static void request_plan(struct failover *f, struct hub_request *q)
{
    struct watched *g = group_of(f, q);
    if (g == NULL)
        return;
    struct ask *a = ask_new(f, g, q);
    if (g->driver == NULL)
        answer_plan(a);
    else
        a->glance = glance_start(g, plan_seen, a);
}

/* --- runs ------------------------------------------------------------------------------------- */

static struct held_plan *find_plan(struct failover *f, const char *id)
{
    for (size_t i = 0; i < PLANS_MAX; i++)
        if (strcmp(f->plans[i].plan.id, id) == 0)
            return &f->plans[i];
    return NULL;
}

/* The first warning that has not been ticked; NULL: none. */
static const struct finding *unticked(const struct findings *f, const char *ticks)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].kind == FINDING_WARN && (ticks == NULL || !strstr(ticks, f->v[i].code)))
            return &f->v[i];
    return NULL;
}

static char *say_unticked(const struct finding *f)
{
    return SAY(N_("R21 Not confirmed: the warning {0} has not been ticked."), f->code);
}

/* Why this plan cannot be confirmed by these words; NULL: it can.  *is_used: it is gone then. */
static char *refuse_confirmation(const struct held_plan *h, const struct hub_request *q,
                                 int64_t now_mono_ms, bool *is_used)
{
    const struct finding *missed =
        unticked(&h->plan.checks, request_str(q->verb, &q->args, "ticks"));
    int64_t age_ms = now_mono_ms - h->made_mono_ms;
    *is_used = false;
    if (h->uid != q->actor.uid)
        return mem_strdup(N_("R21 Not confirmed: the plan is somebody else's."));
    if (missed != NULL)
        return say_unticked(missed);
    *is_used = true;
    if (age_ms > PLAN_VALID_MS)
        return mem_strdup(N_("R12 The plan is older than 120 s. Make a new plan."));
    if (age_ms > PLAN_CODE_MS)
        return mem_strdup(N_("R21 Not confirmed: the code was valid for 60 s. Make a new plan."));
    if (strcmp(request_str(q->verb, &q->args, "code"), h->plan.code) != 0)
        return mem_strdup(N_("R21 Wrong confirmation code. No switchover was made."));
    return NULL;
}

struct event run_event(enum event_kind kind, const struct run *r, char *text)
{
    struct event e = {.kind = kind, .text = text};
    struct buf subject = BUF_INIT(256);
    buf_addf(&subject, "fog/%s", r->fog);
    e.subject = buf_take(&subject);
    e.run = mem_alloc(sizeof *e.run);
    e.run->id = mem_strdup(r->id);
    e.run->fog = mem_strdup(r->fog);
    e.run->state = r->state;
    e.run->epoch = r->epoch;
    return e;
}

static void set_actor(struct event *e, const struct actor *by)
{
    e->actor = (struct actor){mem_strdup(by->login), by->uid, mem_strdup(by->from)};
}

static void confirmed(void *arg, const char *error)
{
    struct ask *a = arg;
    struct watched *g = a->group;
    if (error != NULL) {
        const struct run *other = fleet_active_run(a->f->w.fleet, g->fog->id);
        struct buf why = BUF_INIT(1000);
        say_text(&why, error, NULL);
        ask_refuse(a, other != NULL
                          ? run_say_active(other)
                          : SAY(N_("R30 Cannot write the audit record: no action is possible. {0}"),
                                buf_text(&why)));
        buf_release(&why);
        return;
    }
    FP("failover.confirmed");
    job_begin(g, a->run, a->held.timeline);
    if (a->q != NULL) {
        struct jval *extra = jval_object();
        char head[9];
        snprintf(head, sizeof head, "%.8s", a->run);
        jval_set_str(extra, "run", a->run);
        hub_answer(a->q, true, SAY(N_("run {0} of {1} started"), head, g->fog->id), extra);
    }
    ask_free(a);
}

/* The lock: that the run exists and that it runs is one transaction, and the store refuses it where
 * the group has another one. */
static void write_run(struct ask *a)
{
    const struct plan *p = &a->held.plan;
    struct run r = {.id = a->run, .fog = p->fog, .state = RUN_CONFIRMED, .epoch = 1};
    struct event e[2];
    make_id(a->run);
    e[0] = run_event(EVENT_FAILOVER_CONFIRMED, &r, NULL);
    e[0].run->kind = p->kind;
    e[0].run->from = mem_strdup(p->from);
    e[0].run->to = mem_strdup(p->to);
    e[0].run->reason = mem_strdup(request_str(a->q->verb, &a->q->args, "reason"));
    e[0].run->ticket = mem_strdup(request_str(a->q->verb, &a->q->args, "ticket"));
    e[0].run->plan_hash = mem_strdup(p->hash);
    e[0].run->steps = run_steps_copy(p->steps, p->n_steps);
    e[0].run->n_steps = p->n_steps;
    set_actor(&e[0], &a->q->actor);
    r.state = RUN_RUNNING;
    e[1] = run_event(EVENT_FAILOVER_STARTED, &r, NULL);
    decide_events(a->f->w.decide, e, 2, confirmed, a);
}

static char *first_failure(const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].kind == FINDING_FAIL)
            return mem_strdup(f->v[i].say);
    return NULL;
}

/* Everything is asked again with fresh facts: the plan must still be what would be planned now. */
static void run_seen(void *arg, const struct seen *s)
{
    struct ask *a = arg;
    struct watched *g = a->group;
    struct plan now;
    a->glance = NULL;
    plan_now(g, a->held.plan.to, a->q->role, &now);
    char *refusal = first_failure(&now.checks);
    const struct finding *missed =
        unticked(&now.checks, request_str(a->q->verb, &a->q->args, "ticks"));
    if (refusal == NULL && strcmp(now.hash, a->held.plan.hash) != 0)
        refusal = plan_say_changed(&a->held.plan, g->fog, s);
    if (refusal == NULL && missed != NULL)
        refusal = say_unticked(missed);
    plan_release(&now);
    if (refusal != NULL)
        ask_refuse(a, refusal);
    else
        write_run(a);
}

static char *refuse_words(const struct hub_request *q)
{
    const char *reason = request_str(q->verb, &q->args, "reason");
    const char *ticket = request_str(q->verb, &q->args, "ticket");
    if (strlen(reason) < REASON_MIN)
        return mem_strdup(N_("the reason has less than 3 characters"));
    if (ticket[0] == '\0')
        return mem_strdup(N_("the ticket is missing"));
    return NULL;
}

static void request_run(struct failover *f, struct hub_request *q)
{
    struct held_plan *h = find_plan(f, request_str(q->verb, &q->args, "plan"));
    char *refusal = refuse_words(q);
    if (refusal != NULL) {
        hub_refuse(q, REQUEST_CODE_USAGE, refusal);
        return;
    }
    struct watched *g = h != NULL ? failover_group(f, h->plan.fog) : NULL;
    if (g == NULL) {
        hub_refuse(q, REQUEST_CODE_REFUSED,
                   mem_strdup(N_("R12 There is no such plan any more. Make a new plan.")));
        return;
    }
    bool is_used = false;
    refusal = refuse_confirmation(h, q, loop_mono_ms(f->loop), &is_used);
    struct held_plan taken = *h;
    if (is_used)
        *h = (struct held_plan){.uid = -1};
    if (refusal != NULL) {
        refuse(f, q, g->fog->id, refusal);
        if (is_used)
            plan_release(&taken.plan);
        return;
    }
    struct ask *a = ask_new(f, g, q);
    a->held = taken;
    a->glance = glance_start(g, run_seen, a);
}

/* --- what is said about a run ------------------------------------------------------------------
 */

static bool role_reaches(const struct failover *f, const char *fog, enum duty_role role,
                         enum duty_role *min)
{
    const struct fog *g = fleet_fog(f->w.fleet, fog);
    *min = DUTY_L3;
    if (g != NULL && g->min_role != NULL && !duty_parse(g->min_role, min))
        *min = DUTY_L3;
    return duty_may(role, DUTY_PLAN) && duty_reaches(role, *min);
}

/* The run that a request names; NULL: it has been answered. */
static struct run *run_of(struct failover *f, struct hub_request *q)
{
    const char *id = request_str(q->verb, &q->args, "run");
    struct run *r = fleet_run_like(f->w.fleet, id);
    enum duty_role min;
    if (r == NULL) {
        hub_refuse(q, REQUEST_CODE_USAGE, SAY(N_("there is no run \"{0}\", or more than one"), id));
        return NULL;
    }
    if (role_reaches(f, r->fog, q->role, &min))
        return r;
    refuse(
        f, q, r->fog,
        SAY(N_("R22 Needs role {0} (you are {1})."), duty_rows[min].name, duty_rows[q->role].name));
    return NULL;
}

static void request_abort(struct failover *f, struct hub_request *q)
{
    struct run *r = run_of(f, q);
    if (r == NULL)
        return;
    struct watched *g = failover_group(f, r->fog);
    char *refusal = run_is_active(r) && g != NULL && g->job != NULL
                        ? job_abort(g->job)
                        : mem_strdup(N_("this run has ended"));
    if (refusal != NULL)
        refuse(f, q, r->fog, refusal);
    else
        hub_answer(q, true, mem_strdup(N_("no further step will begin")), NULL);
}

static void said(void *arg, const char *error)
{
    struct ask *a = arg;
    if (a->q != NULL && error != NULL)
        hub_refuse(a->q, REQUEST_CODE_NOT_SAVED, mem_strdup(error));
    else if (a->q != NULL)
        hub_answer(a->q, true, mem_strdup(N_("written down")), NULL);
    if (!a->f->is_stopping)
        group_judge(a->group);
    ask_free(a);
}

static void say_of_run(struct failover *f, struct hub_request *q, const struct run *r,
                       enum event_kind kind, enum run_state state, const char *what)
{
    struct watched *g = failover_group(f, r->fog);
    struct event e = run_event(kind, r, mem_strdup(request_str(q->verb, &q->args, "text")));
    e.run->state = state;
    e.what = mem_strdup(what);
    set_actor(&e, &q->actor);
    if (g != NULL) {
        decide_events(f->w.decide, &e, 1, said, ask_new(f, g, q));
        return;
    }
    decide_record(f->w.decide, &e); /* its group has left the site file */
    hub_answer(q, true, mem_strdup(N_("written down")), NULL);
}

static void request_resolve(struct failover *f, struct hub_request *q)
{
    static const struct {
        const char *word;
        enum run_state state;
    } verdicts[] = {
        {"done", RUN_SUCCEEDED}, {"not-done", RUN_FAILED_SAFE}, {"stop", RUN_FAILED_PARTIAL}};
    const char *word = request_str(q->verb, &q->args, "verdict");
    struct run *r = run_of(f, q);
    if (r == NULL)
        return;
    if (r->state != RUN_UNKNOWN) {
        refuse(f, q, r->fog, mem_strdup(N_("only a run that ended UNKNOWN can be resolved")));
        return;
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
        if (strcmp(word, verdicts[i].word) == 0) {
            say_of_run(f, q, r, EVENT_FAILOVER_RESOLVED, verdicts[i].state, word);
            return;
        }
    hub_refuse(q, REQUEST_CODE_USAGE,
               SAY(N_("unknown verdict \"{0}\", expected done, not-done or stop"), word));
}

static void request_close(struct failover *f, struct hub_request *q)
{
    struct run *r = run_of(f, q);
    if (r == NULL)
        return;
    if (!run_needs_closing(r))
        refuse(f, q, r->fog,
               mem_strdup(run_is_active(r) ? N_("this run is still active")
                                           : N_("this run does not wait to be closed")));
    else if (strlen(request_str(q->verb, &q->args, "text")) < REASON_MIN)
        hub_refuse(q, REQUEST_CODE_USAGE, mem_strdup(N_("the text has less than 3 characters")));
    else
        say_of_run(f, q, r, EVENT_FAILOVER_CLOSED, RUN_CLOSED, NULL);
}

static void request_runs(struct failover *f, struct hub_request *q)
{
    struct jval *extra = jval_object();
    jval_set(extra, "runs", wire_runs(f->w.fleet, request_str(q->verb, &q->args, "group")));
    hub_answer(q, true, mem_strdup(""), extra);
}

void failover_request(struct failover *f, struct hub_request *q)
{
    if (f->is_stopping)
        hub_refuse(q, REQUEST_CODE_NOT_SAVED, mem_strdup(N_("the engine is ending")));
    else if (q->verb == VERB_PLAN)
        request_plan(f, q);
    else if (q->verb == VERB_RUN)
        request_run(f, q);
    else if (q->verb == VERB_ABORT)
        request_abort(f, q);
    else if (q->verb == VERB_RESOLVE)
        request_resolve(f, q);
    else if (q->verb == VERB_CLOSE)
        request_close(f, q);
    else
        request_runs(f, q);
}
