/* sim_haproxy.h - load balancers with HAProxy's runtime socket (version 2.6's words): each server
 * of a site labelled `"role": "lb"` balances over all servers that have a label `backend`; those
 * tagged `standby` are its backup servers.
 *
 * One command a connection, as over the real socket: `show stat [BACKEND TYPE SERVER]`, `show
 * servers state [BACKEND]`, `set server BACKEND/SERVER state ready|drain|maint`, `enable`,
 * `disable`, `show info`.  Several may stand in a line, with ";" between.  What is set holds for
 * that balancer alone. */
#ifndef ENGINE_SIM_HAPROXY_H
#define ENGINE_SIM_HAPROXY_H

#include "core/buf.h"
#include "core/fleet.h"
#include "engine/sim_scenario.h"

struct sim_haproxy;
struct sim_haproxy *sim_haproxy_new(const struct fleet *f);
void sim_haproxy_free(struct sim_haproxy *h);
/* Its own checks of the servers: down after 1 s of failing, up after 1 s of answering. */
void sim_haproxy_tick(struct sim_haproxy *h, const struct sim_scenario *s, int64_t at_ms);
bool sim_haproxy_is_balancer(const struct sim_haproxy *h, const struct target *t);
/* One line of commands to that balancer, without its line end; appends the answer, which ends with
 * an empty line. */
void sim_haproxy_command(struct sim_haproxy *h, const struct target *balancer, const char *line,
                         int64_t at_ms, struct buf *out);

#endif
