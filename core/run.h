/* run.h - a run: one carrying out of a failover, as the journal has it.
 *
 *   PLANNED, CHECKED: a plan (core/failover.h), in memory only
 *   CONFIRMED -> [APPROVED] -> RUNNING -> VERIFYING -> SUCCEEDED
 *       |            |            |           |------> SUCCEEDED_OTHER  (not the node asked for)
 *       +------------+-> ABANDONED|           |------> FAILED_SAFE      (proved: nothing changed)
 *                                 +-----------+------> FAILED_PARTIAL   (some steps done)
 *                                 +------------------> UNKNOWN -> a human says what it was
 *   UNKNOWN, FAILED_PARTIAL, SUCCEEDED_OTHER block the group until a human closes them (CLOSED).
 *
 * What is done in a step is written down before it is done: INTENDED (what exactly), SENT (from
 * here on it may have happened), and then what came of it.  After a crash the state of a step says
 * how far it can have come, its class what may be done about it. */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_STEPS_MAX 64
#define RUN_ID_LEN    36 /* a UUID as text */

enum run_kind { RUN_SWITCHOVER, RUN_FAILOVER, RUN_KIND_COUNT };
extern const char *const run_kind_names[RUN_KIND_COUNT]; /* "switchover", "failover" */

enum run_state {
    RUN_CONFIRMED,
    RUN_APPROVED,
    RUN_RUNNING,
    RUN_VERIFYING,
    RUN_SUCCEEDED,
    RUN_SUCCEEDED_OTHER,
    RUN_FAILED_SAFE,
    RUN_FAILED_PARTIAL,
    RUN_UNKNOWN,
    RUN_ABANDONED,
    RUN_CLOSED,
    RUN_STATE_COUNT
};
struct run_state_row {
    const char *name;   /* "SUCCEEDED_OTHER" */
    const char *word;   /* msgid, for people */
    bool is_active;     /* not ended: no other run of the group may begin */
    bool needs_closing; /* ended, but the next run has to wait until a human has closed it */
};
extern const struct run_state_row run_state_rows[RUN_STATE_COUNT];
bool run_state_parse(const char *name, enum run_state *out);

enum step_class {
    STEP_CAS,  /* the effect names the state it starts from: a stale one is refused by the peer */
    STEP_SET,  /* repeating it does no harm */
    STEP_ONCE, /* never repeated */
    STEP_CLASS_COUNT
};
extern const char *const step_class_names[STEP_CLASS_COUNT]; /* "CAS", "SET", "ONCE" */

enum step_state {
    STEP_PENDING,
    STEP_INTENDED,
    STEP_SENT,
    STEP_DONE,    /* its effect is there */
    STEP_FAILED,  /* refused: its effect is not there */
    STEP_UNKNOWN, /* sent; what came of it cannot be said */
    STEP_SKIPPED, /* never sent, since the run ended before */
    STEP_STATE_COUNT
};
extern const char *const step_state_names[STEP_STATE_COUNT]; /* "pending" … */
bool step_state_parse(const char *name, enum step_state *out);

struct run_step {
    enum step_class class;
    char *say;     /* packed: what it does */
    char *request; /* exactly what is sent */
    enum step_state state;
    int64_t intent_at_ms, sent_at_ms, seen_at_ms; /* wall; 0: not yet */
    char *reply;                                  /* what the peer said, cleaned; NULL: nothing */
    char *verdict;                                /* packed: what was made of it; NULL: not yet */
};
void run_steps_release(struct run_step *steps, size_t n);                /* also the array */
struct run_step *run_steps_copy(const struct run_step *steps, size_t n); /* NULL if none */

struct run {
    char *id;  /* UUID */
    char *fog; /* id of its group (it may have left the site file since) */
    enum run_kind kind;
    char *from, *to; /* a member or a half, as the plan named it; from may be NULL */
    enum run_state state;
    enum run_state ended_as; /* how it ended, also after it was closed */
    char *by;                /* login of who confirmed */
    char *reason, *ticket;
    char *plan_hash;
    int64_t epoch; /* + 1 with each taking over */
    int64_t confirmed_at_ms, started_at_ms, ended_at_ms, closed_at_ms; /* wall; 0: not yet */
    char *outcome;                 /* packed; NULL while active */
    char *closed_by, *closed_text; /* NULL: not closed */
    struct run_step *steps;
    size_t n_steps;
    uint64_t version; /* of the fleet, when it last changed */
    bool is_dirty;
};
void run_free(struct run *r);
bool run_is_active(const struct run *r);
bool run_needs_closing(const struct run *r);
/* The first step that is not over; n_steps if there is none. */
size_t run_step_at(const struct run *r);

/* What an event about a run carries (core/event.h); which of it, the kind's row says. */
struct event_run {
    char *id, *fog;
    enum run_kind kind;
    char *from, *to, *reason, *ticket, *plan_hash;
    int64_t epoch;
    enum run_state state;    /* the run's, after this event */
    int step;                /* from 1 */
    enum step_state verdict; /* the step's, after this event */
    char *request, *reply;
    struct run_step *steps; /* as planned */
    size_t n_steps;
};
void event_run_free(struct event_run *r);
struct event_run *event_run_copy(const struct event_run *r); /* NULL stays NULL */

#endif
