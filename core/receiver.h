/* receiver.h - who is told of alerts: a mailbox, a telephone, another system.
 *
 * A site's "receivers" is a list of these (struct site; read by engine/site_receivers.c).  Who is
 * told what and when is decided by core/outbox.h, how it gets there is its kind's affair
 * (engine/receiver.h).  Consoles know receivers by their ids alone. */
#ifndef CORE_RECEIVER_H
#define CORE_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

struct matcher;

struct receiver {
    char *id;                /* as the journal has it: the same in every site file */
    char *kind;              /* "mail", "sms", "webhook" …; of engine/receiver.h */
    unsigned int levels;     /* bit RECEIVER_LEVEL(k): told what level k is told; 0: of no alert */
    unsigned int priorities; /* bit RECEIVER_PRIORITY(p) */
    struct matcher *match;   /* NULL: every check */
    int cap;                 /* notices within any cap_ms, and one summary of the others; */
    int64_t cap_ms;          /* 0: no limit.  A cap of 1 takes all at once, without a summary */
    int64_t group_ms;        /* instead of the policy's; < 0: the policy's */
    bool is_collector;       /* one notice takes all that is due, of whatever group (webhook …) */
    bool wants_recoveries;
    int64_t every_ms; /* an always-firing notice so often; 0: none */
    void *config;     /* of its kind */
};

#define RECEIVER_LEVEL(k)    (1u << ((k)-1)) /* k: 1-3 */
#define RECEIVER_PRIORITY(p) (1u << (p))     /* p: enum priority */

/* A cap keeps so much of itself free for P1, where it is large enough to. */
#define RECEIVER_CAP_RESERVE 2
#define RECEIVER_SMS_CAP     10
#define RECEIVER_SMS_CAP_MS  (10LL * 60 * 1000)

#endif
