/* Patroni: every node is asked for itself, a switchover is one POST to the leader. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/verdict.h"
#include "engine/driver.h"
#include "engine/patroni_look.h"

/* --- looking ---------------------------------------------------------------------------------- */

struct look {
    struct driver_job job;
    struct patroni_look *look;
    driver_seen_fn *fn;
    void *arg;
};

static void take_words(struct seen_member *to, const struct patroni_member *m)
{
    to->has_answered = m->has_answered;
    to->why_not = mem_strdup(m->say);
    to->is_listed = m->is_listed;
    to->is_listed_leader = m->is_listed && (m->listed_role == PATRONI_PRIMARY ||
                                            m->listed_role == PATRONI_STANDBY_LEADER);
    to->role = m->role == PATRONI_PRIMARY   ? SEEN_PRIMARY
               : m->role == PATRONI_REPLICA ? SEEN_REPLICA
                                            : SEEN_ROLE_NONE;
    to->is_running = patroni_is_up(m);
    to->is_nofailover = m->is_nofailover;
    to->is_replay_paused = m->is_replay_paused;
    to->is_sync = m->is_sync;
    mem_set(&to->state, m->state);
    to->timeline = m->timeline;
}

static void take_member(const struct look *l, const struct patroni_view *v, struct seen *s,
                        const struct patroni_member *m)
{
    const struct fog_member *f = fog_member_named(l->job.fog, m->name);
    const struct patroni_member *leader;
    if (f == NULL) {
        bool leads = patroni_is_leader(m) || m == patroni_listed_leader(v);
        if (leads && s->stranger == NULL)
            s->stranger = mem_strdup(m->name);
        return;
    }
    struct seen_member *to = &s->members[f - l->job.fog->members];
    take_words(to, m);
    to->is_blind = patroni_is_blind(v, m);
    to->dcs_age_s = patroni_dcs_age_s(v, m);
    if (patroni_leaders(v, &leader) == 1)
        to->lag_bytes = patroni_lag(m, leader);
    mem_set(&to->url, patroni_plan_url(l->job.peer, m->name));
}

static bool any_answer(const struct patroni_view *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->members[i].has_answered)
            return true;
    return false;
}

/* A member that the peer does not have at all would otherwise have no reason. */
static void explain_missing(const struct fog *g, struct seen *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->members[i].has_answered && s->members[i].why_not == NULL)
            s->members[i].why_not =
                SAY(N_("no node of that name is known ({0})"), g->members[i].name);
}

static struct seen *seen_from(const struct look *l, const struct patroni_view *v)
{
    struct seen *s = seen_new(l->job.fog->n_members);
    s->at_ms = loop_wall_ms(l->job.env->loop);
    s->at_mono_ms = loop_mono_ms(l->job.env->loop);
    s->has_list = v->has_list;
    s->is_sync_mode = v->is_sync_mode;
    s->is_paused = v->is_paused;
    s->ttl_s = v->ttl_s;
    s->loop_wait_s = v->loop_wait_s;
    if (v->scheduled[0] != '\0')
        s->scheduled = mem_strdup(v->scheduled);
    for (size_t i = 0; i < v->n; i++)
        take_member(l, v, s, &v->members[i]);
    if (!any_answer(v))
        s->error = mem_strdup(v->n > 0 && v->members[0].say != NULL ? v->members[0].say
                                                                    : N_("no node answers"));
    explain_missing(l->job.fog, s);
    return s;
}

static void on_view(void *arg, struct patroni_view *v)
{
    struct look *l = arg;
    struct seen *s = seen_from(l, v);
    l->fn(l->arg, s);
    free(l);
}

static void *look(const struct driver_job *job, driver_seen_fn *fn, void *arg)
{
    struct look *l = mem_alloc(sizeof *l);
    *l = (struct look){.job = *job, .fn = fn, .arg = arg};
    /* The plan is the check's; a look only adds names to it that the list has told. */
    l->look = patroni_look_start(job->env->loop, job->env->http, (struct patroni_plan *)job->peer,
                                 job->timeout_ms, on_view, l);
    return l;
}

static void look_cancel(void *arg)
{
    struct look *l = arg;
    patroni_look_cancel(l->look);
    free(l);
}

/* --- acting ----------------------------------------------------------------------------------- */

struct act {
    struct loop *loop;
    struct http_plan *plan;
    struct http_call *call;
    driver_reply_fn *fn;
    void *arg;
    char *error; /* it could not even be prepared */
};

static void act_free(struct act *a)
{
    http_plan_free(a->plan);
    free(a->error);
    free(a);
}

static void on_reply(void *arg, struct http_reply *r)
{
    struct act *a = arg;
    struct buf words = BUF_INIT(TEXT_MAX_STORED);
    if (!r->is_ok)
        say_text(&words, r->say, NULL);
    char *clean =
        r->is_ok ? text_cleaned(r->body, r->len, TEXT_MAX_LISTED, 0) : mem_strdup(buf_text(&words));
    struct driver_reply reply = {
        .has_reply = r->is_ok,
        .is_unsent = !r->is_ok && !r->is_connected && !r->is_kept,
        .status = r->is_ok ? r->status : 0,
        .text = clean,
    };
    a->call = NULL; /* freed by who calls us */
    a->fn(a->arg, &reply);
    free(clean);
    buf_release(&words);
    act_free(a);
}

static void on_error(void *arg)
{
    struct act *a = arg;
    a->fn(a->arg, &(struct driver_reply){.is_unsent = true, .text = a->error});
    act_free(a);
}

/* "POST URL BODY", as the plan showed it and the journal has it: exactly this is sent. */
static void *act(const struct driver_job *job, const struct run_step *step, driver_reply_fn *fn,
                 void *arg)
{
    struct act *a = mem_alloc(sizeof *a);
    struct err e = {""};
    const char *url = strchr(step->request, ' ');
    const char *body = url != NULL ? strchr(url + 1, ' ') : NULL;
    *a = (struct act){.loop = job->env->loop, .fn = fn, .arg = arg};
    if (body == NULL) {
        err_set(&e, "the request is not of the form POST URL BODY");
    } else {
        char *to = mem_strndup(url + 1, (size_t)(body - url - 1));
        a->plan = patroni_plan_post(job->peer, to, body + 1, &e);
        free(to);
    }
    if (a->plan != NULL) {
        a->call = http_start(job->env->http, a->plan, job->timeout_ms, on_reply, a);
        return a;
    }
    a->error = mem_strdup(e.text);
    loop_soon(a->loop, on_error, a);
    return a;
}

static void act_cancel(void *arg)
{
    struct act *a = arg;
    if (a->call != NULL)
        http_cancel(a->call);
    loop_forget(a->loop, a);
    act_free(a);
}

static int64_t limit_ms(const struct seen *s)
{
    return patroni_limit_ms(s != NULL ? s->loop_wait_s : 0);
}

const struct driver driver_patroni = {
    .name = "patroni",
    .look = look,
    .look_cancel = look_cancel,
    .act = act,
    .act_cancel = act_cancel,
    .limit_ms = limit_ms,
};
