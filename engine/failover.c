/* failover.c - see failover.h: groups, looked at now and then and judged. */
#include "engine/failover_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/spec.h"

/* --- looking ---------------------------------------------------------------------------------- */

struct driver_job group_job(const struct watched *g, int64_t timeout_ms)
{
    return (struct driver_job){g->f->w.env, g->fog, g->peer, g->address, timeout_ms};
}

void group_preflight(const struct watched *g, const char *to, const enum duty_role *role,
                     struct preflight *out)
{
    *out = (struct preflight){
        .fleet = g->f->w.fleet,
        .fog = g->fog,
        .seen = g->seen,
        .to = to,
        .now_ms = loop_wall_ms(g->f->loop),
        .now_mono_ms = loop_mono_ms(g->f->loop),
        .role = role,
        .journal_error = journal_error(g->f->w.journal),
        .is_private = g->f->w.is_private,
    };
}

void group_judge(struct watched *g)
{
    struct preflight p;
    group_preflight(g, NULL, NULL, &p);
    fog_judge(g->f->w.fleet, g->fog, &p);
    g->f->w.changed(g->f->w.arg);
}

static void on_seen(void *arg, struct seen *taken)
{
    struct glance *gl = arg;
    struct watched *g = gl->group;
    glance_fn *fn = gl->fn;
    void *fn_arg = gl->arg;
    free(gl);
    seen_free(g->seen);
    g->seen = taken;
    group_judge(g);
    fn(fn_arg, taken);
}

struct glance *glance_start(struct watched *g, glance_fn *fn, void *arg)
{
    struct glance *gl = mem_alloc(sizeof *gl);
    struct driver_job job = group_job(g, LOOK_LIMIT_MS);
    *gl = (struct glance){.group = g, .fn = fn, .arg = arg};
    gl->look = g->driver->look(&job, on_seen, gl);
    return gl;
}

void glance_cancel(struct glance *gl)
{
    if (gl == NULL)
        return;
    gl->group->driver->look_cancel(gl->look);
    free(gl);
}

static void rested(void *arg, const struct seen *s)
{
    struct watched *g = arg;
    (void)s;
    g->resting = NULL;
}

/* While a run looks by itself, or a look still hangs, there is no need for another. */
static void look_now_and_then(void *arg)
{
    struct watched *g = arg;
    if (g->driver == NULL)
        group_judge(g);
    else if (g->resting == NULL && g->job == NULL)
        g->resting = glance_start(g, rested, g);
}

/* --- groups ----------------------------------------------------------------------------------- */

struct watched *failover_group(struct failover *f, const char *fog)
{
    for (size_t i = 0; i < f->n_groups; i++)
        if (strcmp(f->groups[i].fog->id, fog) == 0)
            return &f->groups[i];
    return NULL;
}

static void group_init(struct failover *f, struct watched *g, struct fog *fog)
{
    struct check *c = fog->check != NULL ? fleet_check(f->w.fleet, fog->check) : NULL;
    struct check_spec *spec = c != NULL ? c->spec : NULL;
    g->f = f;
    g->fog = fog;
    g->timer = loop_timer_new(f->loop, look_now_and_then, g);
    if (fog->driver == NULL || spec == NULL || spec->type->peer == NULL)
        return;
    g->driver = driver_find(fog->driver);
    g->peer = spec->type->peer(spec->config);
    g->address = c->target->address;
}

static void make_groups(struct failover *f)
{
    f->n_groups = f->w.fleet->n_fogs;
    f->groups = mem_alloc((f->n_groups + 1) * sizeof *f->groups);
    for (size_t i = 0; i < f->n_groups; i++)
        group_init(f, &f->groups[i], f->w.fleet->fogs[i]);
}

static void start_looking(struct failover *f)
{
    for (size_t i = 0; i < f->n_groups; i++) { /* spread over the first second */
        int64_t first_ms = 1 + (int64_t)i * 1000 / (int64_t)f->n_groups;
        loop_timer_set(f->groups[i].timer, first_ms, LOOK_EVERY_MS);
    }
}

static void stop_groups(struct failover *f)
{
    for (size_t i = 0; i < f->n_groups; i++) {
        struct watched *g = &f->groups[i];
        loop_timer_stop(g->timer);
        glance_cancel(g->resting);
        g->resting = NULL;
        job_cancel(g->job);
    }
}

static void free_groups(struct failover *f)
{
    for (size_t i = 0; i < f->n_groups; i++) {
        loop_timer_free(f->groups[i].timer);
        seen_free(f->groups[i].seen);
        job_free(f->groups[i].job);
    }
    for (size_t i = 0; i < PLANS_MAX; i++)
        plan_release(&f->plans[i].plan);
    free(f->groups);
}

struct failover *failover_new(const struct failover_want *w)
{
    struct failover *f = mem_alloc(sizeof *f);
    f->w = *w;
    f->loop = w->env->loop;
    make_groups(f);
    return f;
}

void failover_renew(struct failover *f)
{
    asks_stop(f, N_("the site file has just been read again; ask again"));
    stop_groups(f);
    free_groups(f);
    make_groups(f);
    start_looking(f);
}

/* A run whose group has left the site file can be looked at by nobody. */
static void end_orphan(struct failover *f, const struct run *r)
{
    struct event e =
        run_event(EVENT_FAILOVER_ENDED, r,
                  SAY(N_("Not known: its group {0} is no longer in the site file."), r->fog));
    e.run->state = RUN_UNKNOWN;
    decide_record(f->w.decide, &e);
}

static void recover_runs(struct failover *f)
{
    for (size_t i = 0; i < f->w.fleet->n_runs; i++) {
        const struct run *r = f->w.fleet->runs[i];
        if (!run_is_active(r))
            continue;
        struct watched *g = failover_group(f, r->fog);
        if (g != NULL && g->driver != NULL)
            job_recover(g, r->id);
        else
            end_orphan(f, r);
    }
}

void failover_start(struct failover *f)
{
    recover_runs(f);
    start_looking(f);
}

void failover_stop(struct failover *f)
{
    if (f == NULL || f->is_stopping)
        return;
    f->is_stopping = true;
    asks_stop(f, N_("the engine is ending"));
    stop_groups(f);
}

void failover_free(struct failover *f)
{
    if (f == NULL)
        return;
    free_groups(f);
    free(f);
}

bool failover_is_busy(const struct failover *f)
{
    for (size_t i = 0; i < f->n_groups; i++)
        if (f->groups[i].job != NULL)
            return true;
    return asks_are_writing(f);
}
