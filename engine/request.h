/* request.h - what a client may ask of the engine: one row a verb, one row an argument.
 *
 * Hub, client and docs/protocol.md go by these rows.  On the socket a request is
 *   {"id":5,"request":"ack","args":{"alert":1077,"text":"seen, calling the data centre"}}
 * and each value is a string or a whole number; here it is text either way.  request_parse cleans
 * every text (core/text.h) and checks it against its row: behind it nothing needs to. */
#ifndef ENGINE_REQUEST_H
#define ENGINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/duty.h"
#include "engine/jval.h"

#define REQUEST_ARGS_MAX 8

enum request_verb {
    VERB_WATCH,  /* answered by the hub: a snapshot, then deltas */
    VERB_STATUS, /* answered by the hub: the document of `status --json` */
    VERB_ALERTS, /* answered by the hub: the document of `alerts --json` */
    VERB_ACK,
    VERB_UNACK,
    VERB_EXTEND,
    VERB_TAKE,
    VERB_ESCALATE,
    VERB_NOTE,
    VERB_SILENCE,     /* answer carries "period", its number */
    VERB_MAINTENANCE, /* the same; also an assessment */
    VERB_PERIOD_END,
    VERB_PERIOD_APPROVE,
    VERB_MATCH,       /* what a matcher means now, before anything is done */
    VERB_NOTIFY_TEST, /* one receiver is sent a notice that says it is a test */
    VERB_PROMOTE,     /* a target from test to production, or back; answer carries "env" */
    VERB_SUBMIT,
    VERB_PROBE, /* run a check, or all of a target, now */
    VERB_PLAN,  /* answer carries "plan" */
    VERB_RUN,   /* answer carries "run", its id */
    VERB_ABORT,
    VERB_RESOLVE,
    VERB_CLOSE,
    VERB_RUNS,    /* answer carries "runs" */
    VERB_JOURNAL, /* answer carries "events", oldest first */
    VERB_VERIFY,  /* the hash chain; a broken one is answered with code "broken" */
    VERB_COUNT
};

enum request_arg_type {
    ARG_IDS,      /* "1077,1080-1200": core/ids.h */
    ARG_ID,       /* whole number >= 0 */
    ARG_NAME,     /* id of a target or a check: at most TEXT_MAX_NAME bytes */
    ARG_TEXT,     /* free text, cleaned, at most TEXT_MAX_STORED bytes; may keep line ends */
    ARG_STATE,    /* OK WARNING CRITICAL UNKNOWN, or 0-3 */
    ARG_DURATION, /* "2h", or milliseconds */
    ARG_TIME      /* RFC 3339, or milliseconds since the epoch */
};
struct request_arg {
    const char *name;
    enum request_arg_type type;
    bool is_required;
};
struct request_verb_row {
    const char *name;
    enum duty_right right;                         /* that the operator's role must have */
    struct request_arg args[REQUEST_ARGS_MAX + 1]; /* name NULL ends */
};
extern const struct request_verb_row request_verbs[VERB_COUNT];
bool request_verb_parse(const char *name, enum request_verb *out);

/* "code" of an answer that is not ok; what commands make their exit status of. */
#define REQUEST_CODE_REFUSED     "refused"     /* 77: not permitted, or the alert has moved on */
#define REQUEST_CODE_USAGE       "usage"       /* 64: unknown verb or argument, wrong form */
#define REQUEST_CODE_NOT_SAVED   "not-saved"   /* 75: the journal could not be written; try again */
#define REQUEST_CODE_BROKEN      "broken"      /* 65: the journal's chain does not hold */
#define REQUEST_CODE_UNDELIVERED "undelivered" /* 74: a test did not arrive */
#define REQUEST_CODE_LOST        "lost" /* 69: made by the client: the link went before the answer */
int request_exit_code(const char *code); /* 77 if unknown or NULL */

/* The arguments of one request, in the order of the verb's row; NULL: not given. */
struct request_args {
    char *values[REQUEST_ARGS_MAX];
};
/* Fills `out` from an object (NULL counts as empty); false and *refusal, a packed sentence that the
 * caller frees.  Release also after failure. */
bool request_parse(enum request_verb verb, const struct jval *args, struct request_args *out,
                   char **refusal);
void request_args_release(struct request_args *a);
/* By name; NULL or fallback where not given.  Asking for a name that the row lacks aborts. */
const char *request_str(enum request_verb verb, const struct request_args *a, const char *name);
int64_t request_int(enum request_verb verb, const struct request_args *a, const char *name,
                    int64_t fallback); /* ids; durations and times in ms; states as enum state */

#endif
