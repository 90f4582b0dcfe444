/* flow_run.c - the steps of a flow, in order.
 *
 *   step -> request (its values filled in) -> reply -> verdict -> values taken -> next step
 *                                                └ fails: only what is marked `always` or cleans up
 *                                                  after a step that may have left something
 *
 * The whole has one deadline, the check's timeout.  Where something has to be cleaned up, the other
 * steps get three quarters of it, so that there is time left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/loop.h"
#include "probes/flow.h"

#define LEAST_MS 20 /* less time than this is none */
#define LEFT_MAX 200

struct run {
    const struct flow_config *config;
    struct loop *loop;
    struct http *http;
    struct flow_values values;
    struct flow_outcome outcome;
    struct result result;
    struct http_plan *plan; /* of the request under way */
    struct http_call *call;
    size_t at;
    bool has_effect[FLOW_STEPS_MAX]; /* or may have */
    double begun_ms;
    int64_t timeout_ms;
    probe_done_fn *done;
    void *arg;
};

/* --- requests ------------------------------------------------------------------------------- */

static bool fill_headers(const struct flow_step *s, const struct flow_values *v,
                         struct option_pairs *to, bool *is_missing, char **why)
{
    static const char type[] = "Content-Type";
    const char *guess =
        flow_body_form(s) == FLOW_XML ? "text/xml; charset=utf-8" : "application/json";
    size_t room = s->headers.n + 1;
    to->keys = mem_alloc(room * sizeof *to->keys);
    to->values = mem_alloc(room * sizeof *to->values);
    for (size_t i = 0; i < s->headers.n; i++) {
        struct buf value = BUF_INIT(2 * FLOW_VALUE_MAX);
        bool is_ok =
            flow_values_fill(v, s->headers.values[i], FLOW_HEADER, &value, is_missing, why);
        to->keys[to->n] = mem_strdup(s->headers.keys[i]);
        to->values[to->n++] = buf_take(&value);
        if (!is_ok)
            return false;
    }
    if (s->body != NULL) {
        to->keys[to->n] = mem_strdup(type);
        to->values[to->n++] = mem_strdup(s->content_type != NULL ? s->content_type : guess);
    }
    return true;
}

static void wipe_headers(struct option_pairs *p)
{
    for (size_t i = 0; i < p->n; i++) {
        explicit_bzero(p->values[i], strlen(p->values[i]));
        free(p->keys[i]);
        free(p->values[i]);
    }
    free(p->keys);
    free(p->values);
}

static void wipe(struct buf *b)
{
    if (b->bytes != NULL)
        explicit_bzero(b->bytes, b->len);
    buf_release(b);
}

struct http_plan *flow_plan(const struct flow_config *c, const struct flow_step *s,
                            const struct flow_values *v, bool *is_missing, char **why)
{
    struct buf url = BUF_INIT(4 * FLOW_VALUE_MAX), body = BUF_INIT(FLOW_REQUEST_MAX);
    struct option_pairs headers = {0};
    struct http_plan *plan = NULL;
    struct err e;
    *why = NULL;
    if (flow_values_fill(v, s->url, FLOW_URL, &url, is_missing, why) &&
        (s->body == NULL ||
         flow_values_fill(v, s->body, flow_body_form(s), &body, is_missing, why)) &&
        fill_headers(s, v, &headers, is_missing, why)) {
        struct http_want want = {.url = buf_text(&url),
                                 .method = s->method,
                                 .headers = &headers,
                                 .body = s->body != NULL ? buf_text(&body) : NULL,
                                 .access = &c->access,
                                 .max_body = c->max_body,
                                 .connect_ms = c->connect_ms,
                                 .is_reuse = c->is_reuse};
        plan = http_plan_new(&want, &e);
        if (plan == NULL) {
            char *clean = flow_values_clean(v, e.text, LEFT_MAX);
            *why = SAY(N_("the request cannot be made: {0}"), clean);
            free(clean);
        }
    }
    wipe(&url);
    wipe(&body);
    wipe_headers(&headers);
    return plan;
}

/* --- time ----------------------------------------------------------------------------------- */

static bool has_clean_up(const struct flow_config *c)
{
    for (size_t i = 0; i < c->steps.n; i++)
        if (flow_is_always(flow_step(c, i)))
            return true;
    return false;
}

static int64_t time_left(const struct run *run, const struct flow_step *s)
{
    bool is_cut = has_clean_up(run->config) && !flow_is_always(s);
    int64_t whole = is_cut ? run->timeout_ms * 3 / 4 : run->timeout_ms;
    int64_t left = whole - (int64_t)(loop_precise_ms() - run->begun_ms);
    return s->timeout_ms > 0 && s->timeout_ms < left ? s->timeout_ms : left;
}

/* --- steps ---------------------------------------------------------------------------------- */

static bool has_failed(const struct run *run)
{
    return run->outcome.failed.step != NULL;
}

/* What a step that may have had its effect leaves where nobody cleans up after it. */
static void leave(struct run *run, const struct flow_step *cleaner)
{
    struct buf words = BUF_INIT(0);
    if (run->outcome.left != NULL)
        return;
    if (cleaner->leaves != NULL)
        flow_values_show(&run->values, cleaner->leaves, &words);
    else
        buf_adds(&words, run->values.key);
    run->outcome.left = text_cleaned(buf_text(&words), words.len, LEFT_MAX, 0);
    buf_release(&words);
}

static void fail_step(struct run *run, const struct flow_step *s, struct flow_verdict *verdict)
{
    bool is_clean_up = flow_is_always(s);
    struct flow_failure *f = is_clean_up ? &run->outcome.unclean : &run->outcome.failed;
    if (s->cleans != NULL)
        leave(run, s);
    if (f->step == NULL)
        *f = (struct flow_failure){s, *verdict};
    else
        flow_verdict_release(verdict);
}

static void note_time(struct run *run, const struct flow_step *s, double ms)
{
    char name[TEXT_MAX_NAME + 4];
    snprintf(name, sizeof name, "%s_ms", s->id);
    result_metric(&run->result, name, ms, "ms");
    if (run->outcome.slowest == NULL || ms > run->outcome.slowest_ms) {
        run->outcome.slowest = s;
        run->outcome.slowest_ms = ms;
    }
}

static void go_on(void *arg);

/* A reply says so, and a connection that broke off may mean it. */
static bool has_arrived(const struct http_reply *r)
{
    bool is_connected = r->is_connected && (!r->is_tls || r->tls_ms > 0);
    return r->is_ok || r->is_kept || is_connected;
}

/* The peer itself says that it did nothing: there is nothing to be cleaned up. */
static bool is_declined(const struct flow_verdict *v)
{
    return v->cause == FLOW_REFUSED || v->cause == FLOW_DENIED;
}

static void on_reply(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    const struct flow_step *s = flow_step(run->config, run->at);
    struct flow_verdict verdict;
    bool may_have_arrived = has_arrived(reply);
    run->call = NULL;
    if (reply->total_ms >= 0)
        note_time(run, s, reply->total_ms);
    flow_reply_judge(s, reply, &run->values, &verdict);
    run->has_effect[run->at] = may_have_arrived && !is_declined(&verdict);
    if (verdict.cause != FLOW_OK)
        fail_step(run, s, &verdict);
    else
        run->outcome.n_done++;
    run->at++;
    loop_soon(run->loop, go_on, run); /* the plan is in use until we return */
}

/* Whether it is this step's turn: all in order, after a failure only what is to run always; a
 * clean-up only where there may be something. */
static bool is_due(const struct run *run, const struct flow_step *s)
{
    if (s->cleans != NULL)
        return run->has_effect[s->cleans_at];
    return !has_failed(run) || s->is_always;
}

/* The step is under way, or failed or left out. */
static void begin_step(struct run *run, const struct flow_step *s)
{
    struct flow_verdict verdict = {.cause = FLOW_UNUSABLE};
    bool is_missing = false;
    int64_t left_ms = time_left(run, s);
    char span[WHEN_TEXT_MAX];
    if (left_ms < LEAST_MS) {
        verdict.cause = FLOW_DEAD;
        verdict.say = SAY(N_("no time is left of {0}"), when_duration(run->timeout_ms, span));
        fail_step(run, s, &verdict);
        return;
    }
    run->plan = flow_plan(run->config, s, &run->values, &is_missing, &verdict.say);
    if (run->plan != NULL) {
        run->call = http_start(run->http, run->plan, left_ms, on_reply, run);
    } else if (is_missing && s->cleans == NULL && has_failed(run)) {
        free(verdict.say); /* a log-out without a log-in */
    } else {
        fail_step(run, s, &verdict);
    }
}

static void finish(struct run *run);

static void go_on(void *arg)
{
    struct run *run = arg;
    http_plan_free(run->plan);
    run->plan = NULL;
    while (run->at < run->config->steps.n) {
        const struct flow_step *s = flow_step(run->config, run->at);
        if (is_due(run, s))
            begin_step(run, s);
        if (run->call != NULL)
            return;
        run->at++;
    }
    finish(run);
}

static void run_free(struct run *run)
{
    loop_forget(run->loop, run);
    http_cancel(run->call);
    http_plan_free(run->plan);
    flow_verdict_release(&run->outcome.failed.verdict);
    flow_verdict_release(&run->outcome.unclean.verdict);
    free(run->outcome.left);
    flow_values_release(&run->values);
    result_release(&run->result);
    free(run);
}

static void finish(struct run *run)
{
    run->result.latency_ms = loop_precise_ms() - run->begun_ms;
    flow_say(&run->values, &run->outcome, &run->result);
    if (run->config->access.is_insecure)
        result_fact(&run->result, "tls", "!TLS");
    run->done(run->arg, &run->result);
    run_free(run);
}

void *flow_start(const struct probe_env *env, const void *config, const struct probe_job *job,
                 probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    run->config = config;
    run->loop = env->loop;
    run->http = env->http;
    run->timeout_ms = job->timeout_ms;
    run->begun_ms = loop_precise_ms();
    run->result.latency_ms = -1;
    run->done = done;
    run->arg = arg;
    flow_values_init(&run->values, run->config, job->check, loop_wall_ms(env->loop));
    loop_soon(env->loop, go_on, run);
    return run;
}

void flow_cancel(void *run)
{
    run_free(run);
}
