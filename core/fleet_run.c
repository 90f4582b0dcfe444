/* Failover groups and their runs in the picture: a run is the fold of its events, so that after a
 * restart it is what it was, step by step. */
#include "core/fleet_run.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define RUN_HEAD_MIN 4 /* characters of an id that may stand for it */

/* --- finding and adding ------------------------------------------------------------------- */

struct fog *fleet_fog(const struct fleet *f, const char *id)
{
    for (size_t i = 0; i < f->n_fogs; i++)
        if (strcmp(f->fogs[i]->id, id) == 0)
            return f->fogs[i];
    return NULL;
}

struct run *fleet_run(const struct fleet *f, const char *id)
{
    for (size_t i = 0; i < f->n_runs; i++)
        if (strcmp(f->runs[i]->id, id) == 0)
            return f->runs[i];
    return NULL;
}

struct run *fleet_run_like(const struct fleet *f, const char *head)
{
    struct run *found = NULL;
    size_t len = strlen(head);
    for (size_t i = 0; len >= RUN_HEAD_MIN && i < f->n_runs; i++) {
        if (strncmp(f->runs[i]->id, head, len) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = f->runs[i];
    }
    return found;
}

static struct run *newest_that(const struct fleet *f, const char *fog,
                               bool (*is_one)(const struct run *))
{
    for (size_t i = f->n_runs; i > 0; i--)
        if (strcmp(f->runs[i - 1]->fog, fog) == 0 && is_one(f->runs[i - 1]))
            return f->runs[i - 1];
    return NULL;
}

static bool is_any(const struct run *r)
{
    (void)r;
    return true;
}

struct run *fleet_active_run(const struct fleet *f, const char *fog)
{
    return newest_that(f, fog, run_is_active);
}

struct run *fleet_unclosed_run(const struct fleet *f, const char *fog)
{
    return newest_that(f, fog, run_needs_closing);
}

struct run *fleet_newest_run(const struct fleet *f, const char *fog)
{
    return newest_that(f, fog, is_any);
}

struct fog *fleet_add_fog(struct fleet *f, const char *id)
{
    struct fog *g = fleet_fog(f, id);
    if (g != NULL)
        return g;
    g = mem_alloc(sizeof *g);
    g->id = mem_strdup(id);
    MEM_ROOM(f->fogs, f->n_fogs, f->cap_fogs);
    f->fogs[f->n_fogs++] = g;
    fleet_touch_fog(f, g);
    return g;
}

struct run *fleet_add_run(struct fleet *f, const char *id)
{
    struct run *r = fleet_run(f, id);
    if (r != NULL)
        return r;
    r = mem_alloc(sizeof *r);
    r->id = mem_strdup(id);
    r->fog = mem_strdup("");
    MEM_ROOM(f->runs, f->n_runs, f->cap_runs);
    f->runs[f->n_runs++] = r;
    fleet_touch_run(f, r);
    return r;
}

void fleet_touch_fog(struct fleet *f, struct fog *g)
{
    g->version = ++f->version;
    g->is_dirty = true;
    f->has_dirty_runs = true;
}

void fleet_touch_run(struct fleet *f, struct run *r)
{
    r->version = ++f->version;
    r->is_dirty = true;
    f->has_dirty_runs = true;
}

/* All that block something stay, and the newest FLEET_RUNS_KEPT of the others. */
static void drop_old_runs(struct fleet *f)
{
    size_t over = 0, kept = 0;
    for (size_t i = 0; i < f->n_runs; i++)
        over += !run_is_active(f->runs[i]) && !run_needs_closing(f->runs[i]);
    size_t drop = over > FLEET_RUNS_KEPT ? over - FLEET_RUNS_KEPT : 0;
    for (size_t i = 0; i < f->n_runs; i++) {
        struct run *r = f->runs[i];
        if (drop > 0 && !run_is_active(r) && !run_needs_closing(r)) {
            run_free(r);
            drop--;
        } else {
            f->runs[kept++] = r;
        }
    }
    f->n_runs = kept;
}

void fleet_clean_runs(struct fleet *f)
{
    for (size_t i = 0; i < f->n_fogs; i++)
        f->fogs[i]->is_dirty = false;
    for (size_t i = 0; i < f->n_runs; i++)
        f->runs[i]->is_dirty = false;
    f->has_dirty_runs = false;
    drop_old_runs(f);
}

/* --- the fold ----------------------------------------------------------------------------- */

static void fold_confirmed(struct run *r, const struct event *e)
{
    const struct event_run *w = e->run;
    r->kind = w->kind;
    r->confirmed_at_ms = e->at_ms;
    mem_set(&r->fog, w->fog);
    mem_set(&r->from, w->from);
    mem_set(&r->to, w->to);
    mem_set(&r->by, e->actor.login);
    mem_set(&r->reason, w->reason);
    mem_set(&r->ticket, w->ticket);
    mem_set(&r->plan_hash, w->plan_hash);
    run_steps_release(r->steps, r->n_steps);
    r->steps = run_steps_copy(w->steps, w->n_steps);
    r->n_steps = w->n_steps;
}

static void fold_step(struct run *r, const struct event *e)
{
    const struct event_run *w = e->run;
    if (w->step < 1 || (size_t)w->step > r->n_steps)
        return;
    struct run_step *s = &r->steps[w->step - 1];
    switch (e->kind) {
    case EVENT_FAILOVER_STEP_INTENDED:
        s->state = STEP_INTENDED;
        s->intent_at_ms = e->at_ms;
        mem_set(&s->request, w->request);
        break;
    case EVENT_FAILOVER_STEP_SENT:
        s->state = STEP_SENT;
        s->sent_at_ms = e->at_ms;
        break;
    default:
        s->state = w->verdict;
        s->seen_at_ms = e->at_ms;
        mem_set(&s->reply, w->reply);
        mem_set(&s->verdict, e->text);
        break;
    }
}

static void skip_what_is_left(struct run *r)
{
    for (size_t i = 0; i < r->n_steps; i++)
        if (r->steps[i].state == STEP_PENDING)
            r->steps[i].state = STEP_SKIPPED;
}

static void fold_ended(struct run *r, const struct event *e)
{
    r->ended_as = e->run->state;
    r->ended_at_ms = e->at_ms;
    mem_set(&r->outcome, e->text);
    skip_what_is_left(r);
}

void fleet_fold_run(struct fleet *f, const struct event *e)
{
    if (e->run == NULL || e->run->id == NULL)
        return;
    bool is_new = e->kind == EVENT_FAILOVER_CONFIRMED;
    struct run *r = is_new ? fleet_add_run(f, e->run->id) : fleet_run(f, e->run->id);
    if (r == NULL)
        return; /* over so long ago that the picture has let go of it */
    if (is_new)
        fold_confirmed(r, e);
    else if (event_rows[e->kind].fields & EF_RUN_STEP)
        fold_step(r, e);
    else if (e->kind == EVENT_FAILOVER_STARTED)
        r->started_at_ms = e->at_ms;
    else if (e->kind == EVENT_FAILOVER_ENDED || e->kind == EVENT_FAILOVER_RESOLVED)
        fold_ended(r, e);
    else if (e->kind == EVENT_FAILOVER_CLOSED) {
        r->closed_at_ms = e->at_ms;
        mem_set(&r->closed_by, e->actor.login);
        mem_set(&r->closed_text, e->text);
    }
    if (event_rows[e->kind].fields & EF_RUN_STATE)
        r->state = e->run->state;
    if (event_rows[e->kind].fields & EF_RUN_EPOCH)
        r->epoch = e->run->epoch;
    fleet_touch_run(f, r);
}
