/* sim_flow.h - a case system as a partner has it: log in, hand in a dossier or a payment, look it
 * up, take it back.
 *
 * Every answer is HTTP 200 with an error_code: "0", or why not.  A target that is degraded takes
 * nothing in (21), one that has lost its link to the archive takes nothing back (40). */
#ifndef ENGINE_SIM_FLOW_H
#define ENGINE_SIM_FLOW_H

#include "engine/sim_body.h"

#define SIM_FLOW_KEPT 8 /* dossiers of one target; the oldest goes */

struct sim_flow;
struct sim_flow *sim_flow_new(const struct fleet *f);
void sim_flow_free(struct sim_flow *s);
/* Appends the whole answer; false if the target is no flow or the path is none of a case system's.
 */
bool sim_flow_answer(struct sim_flow *s, struct buf *out, const struct sim_ask *ask);

#endif
