/* driver.h - a way to look at a failover group and to carry out one step: what every driver is.
 *
 * A driver speaks to the same peer as the group's check, with its connection and account.  It looks
 * and acts, once, within a limit; it decides nothing, repeats nothing, and takes no second path:
 * what a lost reply means is core/verdict.h's to say. */
#ifndef ENGINE_DRIVER_H
#define ENGINE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/seen.h"
#include "engine/probe.h"

struct driver_job {
    const struct probe_env *env;
    const struct fog *fog;
    const void *peer;    /* of the check's kind: probe_type.peer */
    const char *address; /* of the check's target, where the peer itself names none; may be NULL */
    int64_t timeout_ms;
};

/* Taken: seen_free. */
typedef void driver_seen_fn(void *arg, struct seen *taken);

struct driver_reply {
    bool has_reply;   /* else nothing is known of what became of it */
    bool is_unsent;   /* proved: not one byte left us */
    int status;       /* of HTTP; 0: none */
    const char *text; /* the peer's words, cleaned, or why there are none; borrowed */
};
typedef void driver_reply_fn(void *arg, const struct driver_reply *r);

struct driver {
    const char *name; /* also the kind of its check */
    /* Both: exactly one call of fn, never from inside start, unless cancelled. */
    void *(*look)(const struct driver_job *job, driver_seen_fn *fn, void *arg);
    void (*look_cancel)(void *look);
    void *(*act)(const struct driver_job *job, const struct run_step *step, driver_reply_fn *fn,
                 void *arg);
    void (*act_cancel)(void *act); /* what was sent is not taken back */
    /* How long one step may take; the last look tells. */
    int64_t (*limit_ms)(const struct seen *s);
};
extern const struct driver driver_haproxy, driver_patroni;
const struct driver *driver_find(const char *name); /* NULL if there is none of that name */

#endif
