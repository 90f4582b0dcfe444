/* failover_private.h - what engine/failover*.c share: groups (failover.c), what is asked
 * (failover_ask.c), runs (failover_run.c) and their steps (failover_step.c). */
#ifndef ENGINE_FAILOVER_PRIVATE_H
#define ENGINE_FAILOVER_PRIVATE_H

#include "core/planning.h"
#include "core/preflight.h"
#include "core/verdict.h"
#include "engine/driver.h"
#include "engine/failover.h"
#include "engine/loop.h"

#define LOOK_EVERY_MS 10000 /* of a group at rest */
#define LOOK_LIMIT_MS 2500
#define LOOK_AGAIN_MS 1000 /* while something is being verified */
#define PLANS_MAX     64

struct watched;
struct job;
struct ask;

/* One fresh look at a group; what it saw is the group's from then on. */
typedef void glance_fn(void *arg, const struct seen *s); /* borrowed until the next one */
struct glance {
    struct watched *group;
    void *look;
    glance_fn *fn;
    void *arg;
};

struct watched {
    struct failover *f;
    struct fog *fog;
    const struct driver *driver; /* NULL: only watched */
    const void *peer;
    const char *address;    /* of the check's target */
    struct seen *seen;      /* NULL: not yet */
    struct glance *resting; /* the periodic one */
    struct loop_timer *timer;
    struct job *job; /* the run that is active; NULL: none */
};

struct held_plan { /* a plan that somebody may confirm */
    struct plan plan;
    int64_t uid; /* whose */
    int64_t made_mono_ms, timeline;
};

struct failover {
    struct failover_want w;
    struct loop *loop;
    struct watched *groups; /* one for each fog, in its order */
    size_t n_groups;
    struct held_plan plans[PLANS_MAX]; /* a ring */
    size_t n_plans;
    struct ask *asks; /* waiting for a look or for the journal */
    bool is_stopping;
};

/* failover.c */
struct watched *failover_group(struct failover *f, const char *fog); /* NULL: none */
struct glance *glance_start(struct watched *g, glance_fn *fn, void *arg);
void glance_cancel(struct glance *g); /* NULL is fine */
void group_preflight(const struct watched *g, const char *to, const enum duty_role *role,
                     struct preflight *out);
void group_judge(struct watched *g);
struct driver_job group_job(const struct watched *g, int64_t timeout_ms);

/* failover_ask.c */
void asks_stop(struct failover *f, const char *why); /* msgid */
bool asks_are_writing(const struct failover *f);

/* failover_run.c: a run just confirmed and started in the journal, and what was seen before it. */
void job_begin(struct watched *g, const char *run, int64_t timeline);
void job_recover(struct watched *g, const char *run); /* after a restart */
void job_cancel(struct job *j);                       /* the engine ends; NULL is fine */
void job_free(struct job *j);                         /* NULL is fine */
/* NULL: no further step will begin; else a packed sentence why not. */
char *job_abort(struct job *j);
/* An event of a run, not yet stamped; text taken. */
struct event run_event(enum event_kind kind, const struct run *r, char *text);

#endif
