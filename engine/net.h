/* net.h - a TCP conversation without waiting: connect, send, expect; capped and timed. */
#ifndef ENGINE_NET_H
#define ENGINE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/say.h"
#include "engine/loop.h"
#include "engine/resolve.h"

#define NET_REPLY_MAX  (16 * 1024) /* bytes read while looking for the expected text */
#define NET_CONNECT_MS 3000

struct net_want { /* borrowed until done or cancel */
    const char *host;
    uint16_t port;
    const char *send;   /* NULL: nothing */
    const char *expect; /* NULL: a connection is enough */
    int64_t connect_ms, timeout_ms;
};
struct net_reply {
    bool is_ok, is_self;
    char *say; /* packed, where not ok; the callee may take it */
    const char *bytes;
    size_t len; /* what was read */
    double name_ms, connect_ms, total_ms;
};
typedef void net_fn(void *arg, struct net_reply *r);

struct net_call;
/* Exactly one fn, never from inside net_start, unless cancelled. */
struct net_call *net_start(struct loop *l, struct resolver *r, const struct net_want *w, net_fn *fn,
                           void *arg);
void net_cancel(struct net_call *c);

/* The packed sentence for a failed connect, by errno; *is_self as in struct result.  Shared with
 * http.c, so that a refused port reads the same everywhere. */
char *net_say_errno(int error, bool *is_self);
/* "3 s" or "250 ms"; "64 KiB", "1 MiB" or "1000 B": as the sentences of probes write them. */
const char *net_span(int64_t ms, char out[24]);
const char *net_size(int64_t bytes, char out[24]);

/* clang-format off */
/* The option of a kind that connects by TCP; at: the offset of an int64_t. */
#define NET_CONNECT_ROW(at)                                                                        \
    {.name = "connect_timeout",                                                                    \
     .type = OPTION_DURATION,                                                                      \
     .offset = (at),                                                                               \
     .min = 10,                                                                                    \
     .max = 60000,                                                                                 \
     .fallback = "\"4s\"",                                                                         \
     .help = N_("limit for connecting to one address")}
/* clang-format on */

#endif
