/* sim_body.h - what the simulated servers and services say over HTTP, from their condition.
 *
 * Pure: figures move with the time passed in, each target in a phase of its own, so that trends on
 * the screen look like a fleet and tests can still foresee them. */
#ifndef ENGINE_SIM_BODY_H
#define ENGINE_SIM_BODY_H

#include <stdint.h>

#include "core/fleet.h"
#include "engine/sim_http.h"
#include "engine/sim_scenario.h"

/* Who is asked, what, when. */
struct sim_ask {
    const struct fleet *fleet;
    const struct sim_scenario *scenario;
    const struct target *target;
    const struct sim_request *request;
    unsigned port;            /* all targets listen there */
    int64_t at_ms;            /* since the start */
    int64_t wall_ms;          /* the same moment by the clock on the wall */
    struct sim_condition now; /* of the target */
};

/* Appends the whole answer. */
void sim_answer(struct buf *out, const struct sim_ask *ask);
/* How long the answer takes to come, fault apart: 1 to about 40 ms. */
int64_t sim_delay_ms(const char *target, int64_t at_ms);
/* A figure that swings between low and high once a period, each target and figure in its own phase.
 */
int sim_swing(const char *target, int which, int low, int high, int64_t period_ms, int64_t at_ms);

/* Per cent in use, as a server says it of itself, in whatever form. */
int sim_load_pct(const struct sim_ask *ask);
int sim_memory_pct(const struct sim_ask *ask);
int sim_disk_pct(const struct sim_ask *ask);
/* sim_node.c: node_exporter's page. */
int sim_node_body(struct buf *b, const struct sim_ask *ask);

/* sim_sync.c: the list of all databases of the site, one row each. */
int sim_sync_body(struct buf *b, const struct sim_ask *ask);
/* sim_kannel.c: the SMS gateway's status.xml. */
int sim_kannel_body(struct buf *b, const struct sim_ask *ask);
/* The same: what it says to a message that is to be sent. */
int sim_sendsms_body(struct buf *b, const struct sim_ask *ask);
/* Whether a message has arrived, by its key; and what is left of the quota. */
int sim_receipt_body(struct buf *b, const struct sim_ask *ask);
int sim_quota_body(struct buf *b, const struct sim_ask *ask);

#endif
