/* sim_body.h - what a simulated server answers: plain HTTP/1.1 with JSON, from its condition.
 *
 * Pure: figures move with the time passed in, each server in a phase of its own, so that trends on
 * the screen look like a fleet and tests can still foresee them. */
#ifndef ENGINE_SIM_BODY_H
#define ENGINE_SIM_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "engine/sim_scenario.h"

#define SIM_REQUEST_MAX 8192 /* bytes of a request's head */

enum sim_request_kind { SIM_REQUEST_PARTIAL, SIM_REQUEST_WHOLE, SIM_REQUEST_BAD };
struct sim_request {
    char path[256];
    bool is_head, is_kept; /* HEAD; the connection stays open afterwards */
    size_t len;            /* bytes of the head */
};
enum sim_request_kind sim_request_parse(const char *bytes, size_t len, struct sim_request *out);

/* Appends the whole answer. */
void sim_answer(struct buf *out, const struct sim_request *q, const char *target,
                const struct sim_condition *c, int64_t since_start_ms);
/* How long the answer takes to come, fault apart: 1 to about 40 ms. */
int64_t sim_delay_ms(const char *target, int64_t since_start_ms);

#endif
