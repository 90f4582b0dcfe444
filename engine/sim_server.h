/* sim_server.h - the simulated fleet: a listener for each target of a site, on loopback only. */
#ifndef ENGINE_SIM_SERVER_H
#define ENGINE_SIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/fleet.h"
#include "engine/loop.h"
#include "engine/sim_scenario.h"

#define SIM_PORT_FIRST 18080
#define SIM_PORT_TRIES 100
#define SIM_CONNS_MAX  2048

struct sim;
/* Listens on `port` of every target's address (enabled ones that have one), or with port 0 on the
 * first free port from SIM_PORT_FIRST up.  Borrows everything.  NULL and e: an address that is not
 * loopback, two targets with one address, a port in use. */
struct sim *sim_new(struct loop *loop, const struct fleet *fleet,
                    const struct sim_scenario *scenario, uint16_t port, struct err *e);
void sim_free(struct sim *s);
uint16_t sim_port(const struct sim *s);
size_t sim_servers(const struct sim *s);

#endif
