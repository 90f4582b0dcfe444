#include "engine/notify_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/loop.h"

char *notify_http_quote(const char *body, size_t len, const char *const secrets[])
{
    return http_quote(body, len, secrets);
}

static bool is_passing(int status)
{
    return status >= 500 || status == 408 || status == 425 || status == 429;
}

struct notify_verdict notify_http_judge(struct http_reply *r, const char *const secrets[])
{
    struct notify_verdict v = {0};
    char status[16];
    if (!r->is_ok) {
        v.say = r->say;
        r->say = NULL;
        v.is_transient = true;
        v.may_have_arrived = r->is_connected || r->is_kept;
    } else if (r->status < 200 || r->status > 299) {
        char *words = notify_http_quote(r->body, r->len, secrets);
        snprintf(status, sizeof status, "%d", r->status);
        v.say = *words != '\0' ? SAY(N_("refused with HTTP {0}: {1}"), status, words)
                               : SAY(N_("refused with HTTP {0}"), status);
        v.is_transient = is_passing(r->status);
        free(words);
    }
    return v;
}

/* --- one after the other ---------------------------------------------------------------------- */

struct notify_series {
    struct loop *loop;
    struct http *http;
    struct notify_steps steps;
    void *arg;
    size_t at;
    int64_t timeout_ms;
    double begun_ms;
    struct http_plan *plan;
    struct http_call *call;
    struct notify_verdict first; /* failure */
};

static void next(void *arg);

static void note(struct notify_series *s, struct notify_verdict v)
{
    if (v.say != NULL && s->first.say == NULL) {
        s->first = v;
        return;
    }
    if (v.say != NULL) { /* worth another try if any of them is */
        s->first.is_transient |= v.is_transient;
        s->first.may_have_arrived |= v.may_have_arrived;
    }
    free(v.say);
}

static void on_reply(void *arg, struct http_reply *r)
{
    struct notify_series *s = arg;
    s->call = NULL;
    note(s, s->steps.judge(s->arg, s->at, r));
    s->at++;
    loop_soon(s->loop, next, s); /* the reply is borrowed from the call */
}

static void end(struct notify_series *s)
{
    struct notify_verdict v = s->first;
    struct notify_steps steps = s->steps;
    void *arg = s->arg;
    http_plan_free(s->plan);
    free(s);
    steps.end(arg, &v);
}

static void next(void *arg)
{
    struct notify_series *s = arg;
    struct err e = {""};
    http_plan_free(s->plan);
    s->plan = NULL;
    for (; s->at < s->steps.n; s->at++) {
        e.text[0] = '\0';
        s->plan = s->steps.plan(s->arg, s->at, &e);
        if (s->plan != NULL)
            break;
        if (e.text[0] != '\0')
            note(s, (struct notify_verdict){.say = mem_strdup(e.text)});
    }
    int64_t left = s->timeout_ms - (int64_t)(loop_precise_ms() - s->begun_ms);
    if (s->plan == NULL)
        end(s);
    else
        s->call = http_start(s->http, s->plan, left > 1 ? left : 1, on_reply, s);
}

struct notify_series *notify_series_start(const struct receiver_job *job,
                                          const struct notify_steps *steps, void *arg)
{
    struct notify_series *s = mem_alloc(sizeof *s);
    s->loop = job->env->loop;
    s->http = job->env->http;
    s->steps = *steps;
    s->arg = arg;
    s->timeout_ms = job->timeout_ms;
    s->begun_ms = loop_precise_ms();
    loop_soon(s->loop, next, s);
    return s;
}

void notify_series_cancel(struct notify_series *s)
{
    if (s == NULL)
        return;
    if (s->call != NULL)
        http_cancel(s->call);
    loop_forget(s->loop, s);
    http_plan_free(s->plan);
    free(s->first.say);
    free(s);
}
