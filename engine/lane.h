/* lane.h - a c-ares channel on the loop, for the files behind resolve.h and query.h alone.
 *
 * c-ares may answer from inside its own calls; after each of them lane_arm. */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include <ares.h>
#include <stdbool.h>

#include "core/err.h"
#include "engine/loop.h"

struct lane_sock;
struct lane {
    struct loop *loop;
    ares_channel channel;
    struct loop_timer *clock; /* c-ares' own timeouts */
    struct lane_sock *socks;
};

/* The callback for sockets is added to the options.  servers: "ADDRESS[:PORT],…"; NULL: those of
 * $TRUCBAN_DNS, else of /etc/resolv.conf.  False with all of it undone. */
bool lane_open(struct lane *n, struct loop *l, struct ares_options *o, int mask,
               const char *servers, struct err *e);
void lane_close(struct lane *n); /* questions still open are told that they are over */
void lane_arm(struct lane *n);

#endif
