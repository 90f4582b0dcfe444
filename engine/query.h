/* query.h - one question to one name server (or the system's), without waiting.
 *
 * Unlike resolve.h, which wants an address by whatever way, this looks at the name servers
 * themselves: no cache, no /etc/hosts, the records as they come. */
#ifndef ENGINE_QUERY_H
#define ENGINE_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "engine/dns_message.h"
#include "engine/loop.h"

struct query_want {     /* borrowed until done or cancel */
    const char *server; /* "ADDRESS[:PORT]"; NULL: the system's, in turn */
    const char *name;   /* as it is: no domain is added */
    enum dns_type type;
    int64_t timeout_ms;
};
struct query_reply {
    char *say; /* packed, where no answer came or it is malformed; the callee may take it */
    bool is_self;
    struct dns_answer answer; /* where say is NULL, whatever its rcode */
    double latency_ms;
};
typedef void query_fn(void *arg, struct query_reply *r);

bool query_is_server(const char *s); /* "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53" */

struct query;
/* Exactly one fn, never from inside query_start, unless cancelled. */
struct query *query_start(struct loop *l, const struct query_want *w, query_fn *fn, void *arg);
void query_cancel(struct query *q);

#endif
