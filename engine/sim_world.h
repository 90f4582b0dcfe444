/* sim_world.h - all that the simulated fleet is, without sockets: who answers what.
 *
 * Each target speaks one language on its one port, or two that the first line tells apart: a mail
 * server (a check of kind smtp asks it) greets; a load balancer takes HAProxy's commands as well as
 * HTTP; a database server answers for Patroni as well as for itself. */
#ifndef ENGINE_SIM_WORLD_H
#define ENGINE_SIM_WORLD_H

#include <stdint.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "engine/sim_flow.h"
#include "engine/sim_haproxy.h"
#include "engine/sim_patroni.h"
#include "engine/sim_scenario.h"
#include "engine/sim_smtp.h"

struct sim_world {
    const struct fleet *fleet;
    const struct sim_scenario *scenario;
    uint16_t port;
    struct sim_patroni *patroni;
    struct sim_haproxy *haproxy;
    struct sim_flow *flow;
    struct sim_mailbox mailbox;
};
void sim_world_init(struct sim_world *w, const struct fleet *f, const struct sim_scenario *s);
void sim_world_release(struct sim_world *w);
void sim_world_tick(struct sim_world *w, int64_t at_ms); /* calls come in order of time */

struct sim_moment {
    int64_t at_ms, wall_ms;   /* since the start; by the clock on the wall */
    struct sim_condition now; /* of the target */
};
struct sim_turn {
    struct buf *out;       /* the answer is appended */
    int64_t delay_ms;      /* how long the thing asked for takes */
    bool is_kept;          /* the connection stays open afterwards */
    size_t used;           /* bytes taken of what came in */
    struct sim_smtp *mail; /* of this connection */
};
enum sim_took { SIM_TOOK_NOTHING, SIM_TOOK_ALL, SIM_TOOK_BAD };

/* True if the target speaks first. */
bool sim_world_greet(const struct sim_world *w, const struct target *t, const struct sim_moment *at,
                     struct sim_turn *turn);
/* Takes the first whole request in the bytes. */
enum sim_took sim_world_take(struct sim_world *w, const struct target *t, const char *bytes,
                             size_t len, const struct sim_moment *at, struct sim_turn *turn);

#endif
