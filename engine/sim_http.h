/* sim_http.h - HTTP/1.1 as the simulated servers speak it: a request taken apart, an answer
 * wrapped.  Pure. */
#ifndef ENGINE_SIM_HTTP_H
#define ENGINE_SIM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define SIM_REQUEST_MAX (256 * 1024) /* bytes of a request, head and body */

enum sim_request_kind { SIM_REQUEST_PARTIAL, SIM_REQUEST_WHOLE, SIM_REQUEST_BAD };
struct sim_request {
    char authorization[160];                 /* the header of that name, or "" */
    char method[16], path[256], query[2304]; /* query: what stands behind "?", or "" */
    const char *body;                        /* borrowed from the bytes that were parsed */
    size_t body_len;
    bool is_head, is_kept; /* HEAD; the connection stays open afterwards */
    size_t len;            /* bytes of all of it */
};
enum sim_request_kind sim_request_parse(const char *bytes, size_t len, struct sim_request *out);

/* Appends the whole answer. */
void sim_http_answer(struct buf *out, const struct sim_request *q, int code, const char *type,
                     const char *body);
const char *sim_http_reason(int code);

#endif
