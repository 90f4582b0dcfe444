/* sim_patroni.h - database clusters under Patroni's REST interface (version 3.0.2's words), as the
 * servers of a site labelled `"role": "db"`: those that share a label `fog` are one cluster.
 *
 * A switchover is refused or done by Patroni's own rules (the leader named must lead, 412; the
 * candidate must be a member, 412, and near enough, 503) and takes its time: the POST is answered
 * after 2 s, the leadership moves before that, the old leader comes back as a replica later.  A
 * leader that does not answer loses the leadership when the TTL ends. */
#ifndef ENGINE_SIM_PATRONI_H
#define ENGINE_SIM_PATRONI_H

#include "engine/sim_body.h"

#define SIM_PATRONI_TTL_MS 20000
#define SIM_PATRONI_FAR    (1 << 20) /* bytes behind which nobody is promoted */

struct sim_patroni;
struct sim_patroni *sim_patroni_new(const struct fleet *f);
void sim_patroni_free(struct sim_patroni *p);
/* Lets time pass; calls come in order of time. */
void sim_patroni_tick(struct sim_patroni *p, const struct sim_scenario *s, int64_t at_ms);
/* Appends the answer and adds to *delay_ms; false if the target is no member or the path is none of
 * Patroni's. */
bool sim_patroni_answer(struct sim_patroni *p, struct buf *out, const struct sim_ask *ask,
                        int64_t *delay_ms);
/* Who leads the cluster that the target is in; NULL: nobody, or it is in none. */
const struct target *sim_patroni_leader(const struct sim_patroni *p, const struct target *t);

#endif
