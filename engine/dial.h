/* dial.h - a TCP connection by name: the name's addresses in turn, each with its limit.
 *
 * What every conversation begins with (net.c, talk.c); nothing is sent. */
#ifndef ENGINE_DIAL_H
#define ENGINE_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/loop.h"
#include "engine/resolve.h"

struct dial_want {    /* host is borrowed until done or cancel */
    const char *host; /* "": told as our own fault, the target has no address */
    uint16_t port;
    int64_t connect_ms, timeout_ms; /* of one address; of all, the name included */
};
struct dial_end {
    int fd;    /* connected and non-blocking, the callee's; -1: `say` tells why not */
    char *say; /* packed; the callee may take it (and set it to NULL) */
    bool is_self;
    double name_ms, connect_ms; /* 0 where there was no such phase */
};
typedef void dial_fn(void *arg, struct dial_end *end);

struct dial;
/* Exactly one fn, never from inside dial_start, unless cancelled. */
struct dial *dial_start(struct loop *l, struct resolver *r, const struct dial_want *w, dial_fn *fn,
                        void *arg);
void dial_cancel(struct dial *d); /* NULL is allowed */

#endif
