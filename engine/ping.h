/* ping.h - echo requests to one host, without waiting.
 *
 * By an ICMP socket of the kind that any account may be given (net.ipv4.ping_group_range), else by
 * a raw one (CAP_NET_RAW).  One socket a run, connected to the host, so that nobody else's replies
 * come in and a router's "unreachable" does; only the first address of a name is asked. */
#ifndef ENGINE_PING_H
#define ENGINE_PING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/loop.h"
#include "engine/resolve.h"

#define PING_COUNT_MAX 20

struct ping_want {    /* host is borrowed until done or cancel */
    const char *host; /* "": told as our own fault, the target has no address */
    int count;
    int64_t gap_ms;     /* from one request to the next */
    int64_t wait_ms;    /* for the reply to the last one: what comes later is lost */
    int64_t timeout_ms; /* for all of it, the name included */
};
struct ping_reply {
    char *say; /* packed, where no reply came at all; the callee may take it */
    bool is_self;
    int sent, received;
    double name_ms, min_ms, mean_ms, max_ms; /* the last three where received > 0 */
};
typedef void ping_fn(void *arg, struct ping_reply *r);

struct ping;
/* Exactly one fn, never from inside ping_start, unless cancelled. */
struct ping *ping_start(struct loop *l, struct resolver *r, const struct ping_want *w, ping_fn *fn,
                        void *arg);
void ping_cancel(struct ping *p);

#endif
