/* run_json.h - steps of a run, findings, and what an event says of a run, as JSON both ways. */
#ifndef ENGINE_RUN_JSON_H
#define ENGINE_RUN_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/event.h"
#include "core/failover.h"
#include "engine/jval.h"

/* An array; is_live: also how far each has come, else only what was planned. */
struct jval *run_steps_json(const struct run_step *steps, size_t n, bool is_live);
/* A fresh array of at most RUN_STEPS_MAX; NULL if there are none. */
struct run_step *run_steps_from_json(const struct jval *list, size_t *n);

struct jval *findings_json(const struct findings *f);
void findings_from_json(const struct jval *list, struct findings *out); /* out: empty */

/* The members of a body that an event of a run has, by the EF_RUN… bits in fields. */
void event_run_set_json(struct jval *body, int fields, const struct event_run *r);
bool event_run_from_json(const struct jval *body, int fields, struct event_run **out,
                         struct err *e);

#endif
