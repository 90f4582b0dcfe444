/* probe.h - a way to look: what every probe kind is, and what it may ask of the engine.
 *
 * A kind is a const table at the foot of its file.  `start` begins one look; after it exactly one
 * done(arg, result) follows, never from inside start, and never after cancel.  The scheduler owns
 * the deadline: when it passes, the scheduler calls cancel and makes the result itself; a probe
 * may (and should, for the better sentence) end a little earlier by its own limit.
 * A failing target is a result.  There is no error path out of a running probe. */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "core/result.h"

struct loop;     /* engine/loop.h */
struct resolver; /* engine/resolve.h */
struct http;     /* engine/http.h */
struct children; /* engine/child.h */
struct tls;      /* engine/tls.h */
struct pgpool;   /* engine/pgconn.h */
struct proofs;   /* engine/proofs.h */
struct fleet;    /* core/fleet.h */
struct check;    /* core/fleet.h */

/* What is borrowed from the engine for the whole life of a probe. */
struct probe_env {
    struct loop *loop;
    struct resolver *resolver;
    struct http *http;
    struct children *children;
    struct tls *tls;
    struct pgpool *pg;
    struct proofs *proofs;     /* NULL: this is no engine, nothing may be sent */
    const struct fleet *fleet; /* what other checks have seen: for kinds that judge those */
};
/* Makes resolver, http, children, tls and pg on the loop; false with all of it undone. */
bool probe_env_open(struct probe_env *env, struct loop *l, struct err *e);
void probe_env_close(struct probe_env *env); /* no probe may be running; the loop stays */

/* A check that gets one row of another's results (probe_type.feed). */
struct probe_fed {
    const char *row;     /* its id in the reply */
    struct check *check; /* a probe looks at it only: link, labels, what it had last */
    const void *config;  /* of its own kind */
};

/* What one run is about. */
struct probe_job {
    const char *check;   /* full id */
    const char *target;  /* id */
    const char *address; /* of the target, may be NULL */
    int64_t timeout_ms;
    const struct probe_fed *fed; /* whom its rows go to, sorted by row; borrowed for long */
    size_t n_fed;
};
/* The first of those that wait for this row, NULL if nobody does; the others follow it. */
const struct probe_fed *probe_fed_find(const struct probe_fed *fed, size_t n, const char *row);

/* The result is the probe's: the callee copies what it keeps. */
typedef void probe_done_fn(void *arg, const struct result *r);

struct probe_type {
    const char *name;
    const char *summary; /* msgid, one line for the manual */
    const struct option *options;
    /* Thresholds that hold where a check says nothing of that metric itself; ended by one whose
     * metric is NULL.  May be NULL. */
    const struct threshold *thresholds;
    size_t config_size;
    /* Looks at the filled config once, after loading: fills what is derived, refuses what the table
     * cannot (two options that exclude each other, an unparsable URL).  May be NULL. */
    bool (*configure)(void *config, struct err *e);
    /* Looks at the site as a whole once all of it is loaded: refuses what names nothing in it.  May
     * be NULL. */
    bool (*fits)(const void *config, const struct fleet *f, struct err *e);
    /* Frees what configure derived; table-owned fields are freed by option_release. May be NULL. */
    void (*release)(void *config);
    /* The host that counts for the cap of 4 in flight (name or address); NULL: the target's. */
    const char *(*host)(const void *config);
    void *(*start)(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg); /* returns the run, never NULL */
    void (*cancel)(void *run);                      /* frees the run; done is not called */
    /* A proof (engine/proofs.h): a run lasts until what it sent has arrived, at most so long; the
     * check's timeout limits each conversation of it.  It is not asked again sooner than its
     * interval, whatever `retry` says: each run costs a message.  NULL: any other kind. */
    int64_t (*deadline)(const void *config);
    int64_t (*daily)(const void *config); /* a proof's: messages in 24 hours at most */
    bool is_passive;                      /* never started: results come by `trucban submit` */
    bool is_internal;                     /* passive, and only the engine itself has its results */
    bool gives_rows;      /* its results have rows, which checks of a fed kind may name */
    bool may_leave_rows;  /* rows that no check takes are nothing to be told */
    const char *fed_kind; /* the one kind that is fed by it, alone; NULL: "row" */
    bool has_own_row;     /* fed, and its row is its alone: named by the check's full id */
    /* Kinds that are fed are never started: *from is the full id of the check that gives them their
     * results, *row the row (NULL: the target's id).  NULL for all other kinds. */
    void (*feed)(const void *config, const char **from, const char **row);
    /* What a failover driver of this kind's name uses to reach the same peer (engine/driver.h).
     * NULL: there is none. */
    const void *(*peer)(const void *config);
};

/* All kinds, sorted by name, NULL-ended; probe_find returns NULL if there is none of that name. */
extern const struct probe_type *const probe_types[];
const struct probe_type *probe_find(const char *name);

#endif
