/* decide.h - where facts and wishes become events: one batch at a time, durable before it shows.
 *
 *   check whose state moved ─┐                        ┌─ fold into the fleet, answer who asked
 *   operator's request ──────┼─> batch ─> journal ────┤
 *   acknowledgement due ─────┘   (one transaction)    └─ failed: fold nothing, say NOT SAVED
 *
 * core/alert.h decides, on the durable fleet, each alert at most once a batch; requests about an
 * alert that the batch touches wait for the next, in order.  So of fifty at once exactly one wins.
 * What the engine itself decides is level-triggered: after a failed write it is asked again, every
 * second; an operator is told at once and decides again. */
#ifndef ENGINE_DECIDE_H
#define ENGINE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/alert.h"
#include "core/event.h"
#include "core/fleet.h"

#define DECIDE_SETTLE_MAX_MS 30000  /* after a start: no new alerts for 2 x retry, at most this */
#define DECIDE_BATCH_MAX     256    /* events of one transaction */
#define DECIDE_WAITING_MAX   1000   /* requests not decided yet; more are refused */
#define DECIDE_MANY_MAX      100000 /* alerts of requests about many that may wait at once */
#define DECIDE_REFUSALS_A_S  5      /* refusals journalled in a second; the others are counted */

struct loop;
struct journal;
struct decide;

typedef void decide_folded_fn(void *arg); /* the fleet has changed */

/* Loop, fleet and journal must outlive it, except that journal_free comes before decide_free. */
struct decide *decide_new(struct loop *l, struct fleet *f, struct journal *j,
                          decide_folded_fn *folded, void *arg);
void decide_free(struct decide *d); /* requests still open are answered: not saved */

void decide_check(struct decide *d, struct check *c); /* its state may call for events */
void decide_all(struct decide *d);                    /* every check, and alerts without one */
void decide_second(struct decide *d);                 /* once a second: what settles by time */

/* Another site file is in force (fleet_renew): every check is asked again; requests wait on.  Not
 * while a batch is being written. */
void decide_renew(struct decide *d);
bool decide_is_writing(const struct decide *d);

/* The answer to a request.  say is packed and borrowed. */
struct decision {
    bool is_ok;
    const char *code; /* REQUEST_CODE_… where not ok */
    const char *say;
    uint64_t alert;
    int64_t version; /* the alert has now */
    uint64_t seq;    /* of the event that says so; 0: none (refused, or in force before) */
};
typedef void decide_answer_fn(void *arg, const struct decision *d);
/* Copies the request.  Exactly one answer, never from inside. */
void decide_request(struct decide *d, const struct request *q, decide_answer_fn *fn, void *arg);

/* The same request about many alerts, each decided by itself; q->alert is not looked at.  One
 * answer tells of all.  False, and no answer: none, or too many wait already. */
struct decisions {
    size_t n_ok, n_refused;
    uint64_t seq;          /* of the newest event that carries one out */
    struct decision *said; /* the first refusals in words */
    size_t n_said;
};
typedef void decide_many_fn(void *arg, const struct decisions *all);
bool decide_request_many(struct decide *d, const struct request *q, const uint64_t *alerts,
                         size_t n, decide_many_fn *fn, void *arg);

/* Events that are one transaction and nobody else's (a run of a failover): taken; at_ms, and actor
 * where there is none, are filled in.  When they are durable and folded, or refused (error, packed,
 * borrowed): exactly one call of fn, never from inside.  Nothing is tried again by itself. */
typedef void decide_written_fn(void *arg, const char *error);
void decide_events(struct decide *d, struct event *events, size_t n, decide_written_fn *fn,
                   void *arg);

/* Other facts for the journal (engine.started …): taken; at_ms and actor are filled in. */
void decide_record(struct decide *d, struct event *e);
/* A request refused before it came here (role): journalled, within the limits of a flood. */
void decide_refused(struct decide *d, const char *what, uint64_t alert, const struct actor *actor,
                    const char *say, const char *key);

/* The same about something that is no alert ("fog/fog-web"). */
void decide_refused_about(struct decide *d, const char *what, const char *subject,
                          const struct actor *actor, const char *say);

/* For journal_calls.found. */
void decide_found(struct decide *d, const struct event *events, size_t n);
/* True if nothing waits and nothing is being written. */
bool decide_is_idle(const struct decide *d);

#endif
