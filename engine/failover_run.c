/* failover_run.c - a run, step by step; see failover.h.
 *
 *   next ─ look: still right? ─> INTENDED ─> SENT ─> act once ─> reply ─> look until clear ─┐
 *    ^                                                                                      │
 *    └────────────────────────── step finished, DONE ───────────────────────────────────────┤
 *                                                                    all else: ended <──────┘
 * Each arrow in capitals is a commit.  What cannot be written is not done; what was done is written
 * as soon as it can be.  After a restart only the looking is taken up again. */
#include "engine/failover_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/failpoint.h"

#define WAIT_MS      30000 /* for a condition of the next step: servers that come UP */
#define BEFORE_LOOKS 3     /* that find a server where it was: then it was not moved */
#define AGAIN_MS     1000
#define SHORT_MS     3000 /* of tests, by a failpoint */

struct job {
    struct watched *g;
    char run[RUN_ID_LEN + 1];
    size_t step; /* the present one */
    int64_t timeline, epoch;
    void *act;
    struct glance *glance;
    struct loop_timer *timer;
    void (*then)(struct job *j);      /* what the timer calls */
    int64_t sent_mono_ms, by_mono_ms; /* when it was sent; when waiting or looking ends */
    enum reply_kind reply;
    char *reply_text;
    size_t n_before;        /* looks that found it as it was */
    struct verdict outcome; /* being written: of the step, of the run, or both */
    char *step_say;
    bool has_step, has_end;
    bool is_unsent, is_aborting, is_recovering;
};

static void step_next(struct job *j);
static void look(struct job *j);
static void write_outcome(struct job *j);

static const struct run *run_of(const struct job *j)
{
    return fleet_run(j->g->f->w.fleet, j->run);
}

static const struct run_step *step_of(const struct job *j)
{
    return &run_of(j)->steps[j->step];
}

static bool is_database(const struct job *j)
{
    return strcmp(j->g->fog->driver, "patroni") == 0;
}

static int64_t now_ms(const struct job *j)
{
    return loop_mono_ms(j->g->f->loop);
}

static int64_t verify_ms(void)
{
    return FP_ERR("failover.short_verify") ? SHORT_MS : VERIFY_MS;
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_timer(void *arg)
{
    struct job *j = arg;
    j->then(j);
}

static void later(struct job *j, void (*then)(struct job *j), int64_t in_ms)
{
    j->then = then;
    loop_timer_set(j->timer, in_ms, 0);
}

static struct job *job_new(struct watched *g, const char *run)
{
    struct job *j = mem_alloc(sizeof *j);
    const struct run *r = fleet_run(g->f->w.fleet, run);
    j->g = g;
    j->epoch = r->epoch;
    j->reply = REPLY_UNKNOWN;
    snprintf(j->run, sizeof j->run, "%s", run);
    j->timer = loop_timer_new(g->f->loop, on_timer, j);
    g->job = j;
    return j;
}

void job_free(struct job *j)
{
    if (j == NULL)
        return;
    j->g->job = NULL;
    loop_timer_free(j->timer);
    free(j->reply_text);
    free(j->step_say);
    free(j->outcome.say);
    free(j);
}

/* What has been handed to the journal still comes back to us: then it is freed by failover_free. */
void job_cancel(struct job *j)
{
    if (j == NULL)
        return;
    loop_timer_stop(j->timer);
    glance_cancel(j->glance);
    j->glance = NULL;
    if (j->act != NULL)
        j->g->driver->act_cancel(j->act);
    j->act = NULL;
}

static bool is_over(const struct job *j)
{
    return j->g->f->is_stopping;
}

static struct event event_of(const struct job *j, enum event_kind kind, char *text)
{
    struct event e = run_event(kind, run_of(j), text);
    e.run->epoch = j->epoch;
    e.run->step = (int)j->step + 1;
    return e;
}

/* --- outcomes --------------------------------------------------------------------------------- */

static void on_outcome(void *arg, const char *error)
{
    struct job *j = arg;
    if (is_over(j))
        return;
    if (error != NULL) { /* it is so, whether it can be written now or not */
        later(j, write_outcome, AGAIN_MS);
        return;
    }
    FP("failover.after_outcome");
    struct watched *g = j->g;
    if (j->has_end) {
        job_free(j);
        group_judge(g);
        return;
    }
    free(j->step_say);
    j->step_say = NULL;
    j->has_step = false;
    step_next(j);
}

static void write_outcome(struct job *j)
{
    struct event e[2];
    size_t n = 0;
    if (j->has_step) {
        e[n] = event_of(j, EVENT_FAILOVER_STEP_FINISHED, mem_strdup(j->step_say));
        e[n].run->verdict = j->outcome.step;
        e[n++].run->reply = mem_strdup(j->reply_text);
    }
    if (j->has_end) {
        e[n] = event_of(j, EVENT_FAILOVER_ENDED, mem_strdup(j->outcome.say));
        e[n++].run->state = j->outcome.state;
    }
    FP("failover.before_outcome");
    decide_events(j->g->f->w.decide, e, n, on_outcome, j);
}

static void finish_step(struct job *j, enum step_state state, char *say)
{
    j->has_step = true;
    j->outcome.step = state;
    free(j->step_say);
    j->step_say = say;
    write_outcome(j);
}

/* The run's end; v->say is taken.  with_step: the present step ends with it. */
static void finish_run(struct job *j, const struct verdict *v, bool with_step)
{
    free(j->outcome.say);
    j->outcome = *v;
    j->has_end = true;
    j->has_step = with_step;
    if (with_step && j->step_say == NULL)
        j->step_say = mem_strdup(v->say);
    write_outcome(j);
}

/* A run on servers ends as its steps stand. */
static void finish_by_steps(struct job *j)
{
    struct verdict v;
    haproxy_verdict(run_of(j), &v);
    finish_run(j, &v, false);
}

static void finish_unsent(struct job *j, char *why)
{
    bool is_alone = is_database(j);
    struct verdict v = {RUN_FAILED_SAFE, STEP_FAILED, why};
    if (is_alone) {
        finish_run(j, &v, true);
    } else {
        finish_step(j, STEP_FAILED, why);
    }
}

/* --- looking until it is clear -----------------------------------------------------------------
 */

static void verify_database(struct job *j, const struct seen *s)
{
    const struct run *r = run_of(j);
    struct verdict v;
    struct verdict_want w = {
        .fog = j->g->fog,
        .seen = s,
        .from = r->from,
        .to = r->to,
        .timeline = j->timeline,
        .reply = j->reply,
        .reply_text = j->reply_text,
        .for_ms = now_ms(j) - j->sent_mono_ms,
        .limit_ms = j->by_mono_ms - j->sent_mono_ms,
    };
    if (patroni_verdict(&w, &v))
        finish_run(j, &v, true);
    else
        later(j, look, LOOK_AGAIN_MS);
}

static char *say_reply(const struct job *j)
{
    return SAY(N_("refused: {0}"), j->reply_text != NULL ? j->reply_text : "");
}

static void verify_server(struct job *j, const struct seen *s)
{
    enum look_kind k = s->error == NULL ? haproxy_look(j->g->fog, s, step_of(j)) : LOOK_UNCLEAR;
    if (k == LOOK_DONE) {
        finish_step(j, STEP_DONE, mem_strdup(N_("seen to be so")));
        return;
    }
    j->n_before = k == LOOK_BEFORE ? j->n_before + 1 : 0;
    if (j->reply == REPLY_REFUSED)
        finish_step(j, STEP_FAILED, say_reply(j));
    else if (j->n_before >= BEFORE_LOOKS)
        finish_step(j, STEP_FAILED, mem_strdup(N_("seen to be as it was before")));
    else if (now_ms(j) >= j->by_mono_ms)
        finish_step(j, STEP_UNKNOWN, mem_strdup(N_("what became of it could not be seen")));
    else
        later(j, look, LOOK_AGAIN_MS);
}

static void on_look(void *arg, const struct seen *s)
{
    struct job *j = arg;
    j->glance = NULL;
    FP("failover.look");
    if (is_database(j))
        verify_database(j, s);
    else
        verify_server(j, s);
}

static void look(struct job *j)
{
    j->glance = glance_start(j->g, on_look, j);
}

static void verify(struct job *j)
{
    j->by_mono_ms = now_ms(j) + verify_ms();
    j->n_before = 0;
    look(j);
}

/* --- one step ----------------------------------------------------------------------------------
 */

static void on_verifying(void *arg, const char *error)
{
    struct job *j = arg;
    (void)error; /* only the picture is poorer for it */
    if (!is_over(j))
        verify(j);
}

static void on_reply(void *arg, const struct driver_reply *r)
{
    struct job *j = arg;
    j->act = NULL;
    FP("failover.after_reply");
    free(j->reply_text);
    j->reply_text = mem_strdup(r->text);
    j->is_unsent = r->is_unsent;
    if (is_database(j)) {
        const struct fog_member *to = fog_member(j->g->fog, run_of(j)->to);
        j->reply = r->has_reply ? patroni_reply(r->status, r->text, to != NULL ? to->name : "")
                                : REPLY_UNKNOWN;
    } else {
        j->reply = haproxy_reply(r->has_reply, r->text);
    }
    if (r->is_unsent) {
        finish_unsent(j, SAY(N_("Nothing changed: the request could not be sent: {0}"),
                             r->text != NULL ? r->text : ""));
        return;
    }
    if (!is_database(j)) {
        verify(j);
        return;
    }
    struct event e = event_of(j, EVENT_FAILOVER_VERIFYING, NULL);
    e.run->state = RUN_VERIFYING;
    decide_events(j->g->f->w.decide, &e, 1, on_verifying, j);
}

static void on_sent(void *arg, const char *error)
{
    struct job *j = arg;
    if (is_over(j))
        return;
    if (error != NULL) {
        finish_unsent(j, mem_strdup(N_("Nothing was sent: the journal could not be written.")));
        return;
    }
    FP("failover.after_sent");
    struct driver_job job = group_job(j->g, j->g->driver->limit_ms(j->g->seen));
    j->sent_mono_ms = now_ms(j);
    j->reply = REPLY_UNKNOWN;
    j->act = j->g->driver->act(&job, step_of(j), on_reply, j);
    FP("failover.after_act");
}

static void on_intended(void *arg, const char *error)
{
    struct job *j = arg;
    if (is_over(j))
        return;
    if (error != NULL) {
        finish_unsent(j, mem_strdup(N_("Nothing was sent: the journal could not be written.")));
        return;
    }
    FP("failover.after_intent");
    struct event e = event_of(j, EVENT_FAILOVER_STEP_SENT, NULL);
    decide_events(j->g->f->w.decide, &e, 1, on_sent, j);
}

static void intend(struct job *j)
{
    struct event e = event_of(j, EVENT_FAILOVER_STEP_INTENDED, NULL);
    e.run->request = mem_strdup(step_of(j)->request);
    free(j->reply_text);
    j->reply_text = NULL;
    FP("failover.before_intent");
    decide_events(j->g->f->w.decide, &e, 1, on_intended, j);
}

/* --- from step to step -------------------------------------------------------------------------
 */

static void look_before(struct job *j);

static void wait_or(struct job *j, void (*give_up)(struct job *j))
{
    if (now_ms(j) < j->by_mono_ms)
        later(j, look_before, LOOK_AGAIN_MS);
    else
        give_up(j);
}

static void give_up_unseen(struct job *j)
{
    finish_step(j, STEP_FAILED,
                mem_strdup(N_("not sent: the state of the servers could not be seen")));
}

static void give_up_short(struct job *j)
{
    size_t left = 0, needed = 0;
    char a[24], b[24];
    preflight_can_lose(j->g->fog, j->g->seen, run_of(j)->to, &left, &needed);
    snprintf(a, sizeof a, "%zu", left);
    snprintf(b, sizeof b, "%zu", needed);
    finish_step(j, STEP_FAILED,
                SAY(N_("R10 not taken out: only {0} servers of {1} serve, {2} are needed"), a,
                    run_of(j)->to, b));
}

/* A server is taken out only while enough others serve, seen a moment ago. */
static void before_step(void *arg, const struct seen *s)
{
    struct job *j = arg;
    size_t left, needed;
    j->glance = NULL;
    enum look_kind k = s->error == NULL ? haproxy_look(j->g->fog, s, step_of(j)) : LOOK_UNCLEAR;
    if (j->is_aborting)
        finish_by_steps(j);
    else if (k == LOOK_UNCLEAR)
        wait_or(j, give_up_unseen);
    else if (k == LOOK_DONE)
        finish_step(j, STEP_DONE, mem_strdup(N_("it was so already: nothing was sent")));
    else if (!step_wants_in(step_of(j)) &&
             !preflight_can_lose(j->g->fog, s, run_of(j)->to, &left, &needed))
        wait_or(j, give_up_short);
    else
        intend(j);
}

static void look_before(struct job *j)
{
    j->glance = glance_start(j->g, before_step, j);
}

/* All is in its place; does it serve? */
static void after_steps(void *arg, const struct seen *s)
{
    struct job *j = arg;
    size_t left = 0, needed = 0;
    char a[24], b[24];
    j->glance = NULL;
    if (s->error == NULL && preflight_can_lose(j->g->fog, s, run_of(j)->to, &left, &needed)) {
        finish_by_steps(j);
    } else if (now_ms(j) < j->by_mono_ms) {
        later(j, step_next, LOOK_AGAIN_MS);
    } else {
        snprintf(a, sizeof a, "%zu", left);
        snprintf(b, sizeof b, "%zu", needed);
        struct verdict v = {RUN_FAILED_PARTIAL, STEP_DONE,
                            SAY(N_("All steps are done, but only {0} servers of {1} serve ({2} "
                                   "wanted)."),
                                a, run_of(j)->to, b)};
        finish_run(j, &v, false);
    }
}

static bool has_failed(const struct run *r)
{
    for (size_t i = 0; i < r->n_steps; i++)
        if (r->steps[i].state == STEP_FAILED || r->steps[i].state == STEP_UNKNOWN)
            return true;
    return false;
}

static bool is_all_done(const struct run *r)
{
    for (size_t i = 0; i < r->n_steps; i++)
        if (r->steps[i].state != STEP_DONE)
            return false;
    return true;
}

static void step_next(struct job *j)
{
    const struct run *r = run_of(j);
    size_t at = 0;
    while (at < r->n_steps && r->steps[at].state != STEP_PENDING)
        at++;
    if (at != j->step || j->by_mono_ms == 0)
        j->by_mono_ms = now_ms(j) + (at < r->n_steps ? WAIT_MS : verify_ms());
    j->step = at;
    if (!is_database(j) && is_all_done(r))
        j->glance = glance_start(j->g, after_steps, j);
    else if (has_failed(r) || j->is_aborting || j->is_recovering || at == r->n_steps)
        finish_by_steps(j);
    else if (is_database(j))
        intend(j); /* it was looked at a moment ago, when the plan was confirmed */
    else
        look_before(j);
}

void job_begin(struct watched *g, const char *run, int64_t timeline)
{
    if (g->f->is_stopping)
        return;
    struct job *j = job_new(g, run);
    j->timeline = timeline;
    step_next(j);
}

char *job_abort(struct job *j)
{
    if (is_database(j))
        return mem_strdup(N_("the request has been sent and cannot be taken back; what comes of it "
                             "is being looked at"));
    j->is_aborting = true;
    return NULL;
}

/* --- after a restart ----------------------------------------------------------------------------
 */

static void recover_step(struct job *j)
{
    const struct run_step *s = step_of(j);
    if (s->state == STEP_SENT) {
        j->sent_mono_ms = now_ms(j) - (loop_wall_ms(j->g->f->loop) - s->sent_at_ms);
        verify(j); /* it may have happened: look, never send */
    } else {
        finish_unsent(j, mem_strdup(N_("Nothing was sent: the engine ended before.")));
    }
}

/* Where the run stood when the engine ended, the journal says. */
static void recover(struct job *j)
{
    const struct run *r = run_of(j);
    size_t at = 0;
    while (at < r->n_steps && r->steps[at].state != STEP_INTENDED &&
           r->steps[at].state != STEP_SENT)
        at++;
    j->step = at;
    if (at < r->n_steps) {
        recover_step(j);
    } else if (is_database(j)) {
        struct verdict v = {RUN_FAILED_SAFE, STEP_FAILED,
                            mem_strdup(N_("Nothing was sent: the engine ended before."))};
        finish_run(j, &v, false);
    } else {
        step_next(j);
    }
}

static void resume(struct job *j);

static void on_resumed(void *arg, const char *error)
{
    struct job *j = arg;
    if (is_over(j))
        return;
    if (error != NULL)
        later(j, resume, AGAIN_MS);
    else
        recover(j);
}

static void resume(struct job *j)
{
    struct event e = event_of(j, EVENT_FAILOVER_RESUMED, NULL);
    decide_events(j->g->f->w.decide, &e, 1, on_resumed, j);
}

/* The engine that began it is gone: it held the store's lock, which we hold now. */
void job_recover(struct watched *g, const char *run)
{
    struct job *j = job_new(g, run);
    j->is_recovering = true;
    j->epoch++;
    resume(j);
}
