/* verdict.h - what a peer's reply means, and what is seen afterwards: how a run ended, truthfully.
 *
 * A reply alone never ends a run well: "successfully switched over" means that the leader's key
 * moved, not that the node promoted.  So: reply, then look, until it is clear or time is up. */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/failover.h"
#include "core/seen.h"

#define VERIFY_MS 60000 /* then what is not clear is UNKNOWN */

enum reply_kind {
    REPLY_TAKEN,   /* it says that it did what was asked: look */
    REPLY_OTHER,   /* it did something else */
    REPLY_REFUSED, /* it did nothing, and says so */
    REPLY_FAILED,  /* it tried and says that it failed: look until the quiet time is over */
    REPLY_UNKNOWN  /* no reply, half a one, or words that say nothing: look */
};
/* status: of HTTP, 0: no reply. */
enum reply_kind patroni_reply(int status, const char *body, const char *candidate);
/* An empty line is yes; any text is a refusal; has_reply false: the connection ended before. */
enum reply_kind haproxy_reply(bool has_reply, const char *text);

enum look_kind {
    LOOK_DONE,   /* as it was asked for */
    LOOK_NEARLY, /* the same, but what should follow does not yet */
    LOOK_OTHER,  /* stable, but another one */
    LOOK_BEFORE, /* exactly as it was before */
    LOOK_SPLIT,  /* two primaries */
    LOOK_UNCLEAR
};
/* timeline: of the leader before; 0: not known.  *who: the target that leads, where one does. */
enum look_kind patroni_look(const struct fog *g, const struct seen *s, const char *from,
                            const char *to, int64_t timeline, const char **who);
/* Is the server where this step wants it? */
enum look_kind haproxy_look(const struct fog *g, const struct seen *s, const struct run_step *step);
/* The member that a step is about: the server of "set server BE/NAME state …"; NULL: none. */
const struct fog_member *step_member(const struct fog *g, const struct run_step *step);
bool step_wants_in(const struct run_step *step); /* "… state ready" */

/* How long a compare-and-set may still take effect after it was sent. */
int64_t patroni_quiet_ms(int64_t loop_wait_s, int64_t ttl_s);
int64_t patroni_limit_ms(int64_t loop_wait_s); /* of the POST itself */

/* How a database run stands, `for_ms` after it was sent.  False: look again.  *say is packed. */
struct verdict {
    enum run_state state;
    enum step_state step;
    char *say;
};
struct verdict_want {
    const struct fog *fog;
    const struct seen *seen; /* NULL or with error: not seen */
    const char *from, *to;
    int64_t timeline;      /* before; 0: not known */
    enum reply_kind reply; /* REPLY_UNKNOWN also where it is not known whether it was sent at all */
    const char *reply_text;
    int64_t for_ms, limit_ms; /* since it was sent; when to give up */
};
bool patroni_verdict(const struct verdict_want *w, struct verdict *out);
/* Of a run of steps on servers, from the states of its steps. */
void haproxy_verdict(const struct run *r, struct verdict *out);

#endif
