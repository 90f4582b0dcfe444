/* flow.h - what the files of the kind "flow" share: the flow as the site file has it, the values
 * that one run carries, and how a reply is judged.
 *
 *   probe_flow    the kind: options, and what they must be like
 *   flow_check    names, places, clean-up: what `site check` refuses
 *   flow_text     a template, piece by piece: where a value would stand
 *   flow_values   the values of one run; filled in, escaped by where they stand; kept out of words
 *   flow_reply    one reply: what it must be like, what is taken from it
 *   flow_run      the steps in order
 *   flow_say      what a run saw, in words and facts */
#ifndef PROBES_FLOW_H
#define PROBES_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/option.h"
#include "core/result.h"
#include "engine/http.h"
#include "engine/jval.h"
#include "engine/probe.h"

#define FLOW_STEPS_MAX   16
#define FLOW_TAKEN_MAX   32   /* values that one run carries */
#define FLOW_VALUE_MAX   8192 /* bytes of one */
#define FLOW_REQUEST_MAX (256u << 10)

enum flow_reply_form { FLOW_REPLY_JSON, FLOW_REPLY_XML, FLOW_REPLY_TEXT };
enum flow_side { FLOW_SIDE_FLOW, FLOW_SIDE_INSIDE, FLOW_SIDE_OUTSIDE }; /* the first: of a step */
enum flow_effect { FLOW_EFFECT_NONE, FLOW_EFFECT_CLEANED };

struct flow_step {
    char *id, *method, *url, *body, *content_type, *message, *cleans, *leaves, *expect_body;
    struct option_pairs headers, take;
    struct option_ints expect_status;
    struct option_tests expect_json, success;
    int reply, side;
    int64_t timeout_ms;
    bool is_always;
    size_t cleans_at; /* derived: which step; FLOW_STEPS_MAX: none */
};
struct flow_secret {
    char *name, *value;
};
struct flow_config {
    struct option_list steps, secrets;
    struct http_access access;
    struct option_strings inside_codes;
    int effect, side;
    int64_t max_body, connect_ms;
    bool is_reuse;
    char *host; /* derived: of the first step */
};
const struct flow_step *flow_step(const struct flow_config *c, size_t i);
bool flow_is_always(const struct flow_step *s); /* runs also when another has failed */
enum flow_side flow_side(const struct flow_config *c, const struct flow_step *s);
const char *flow_method(const struct flow_step *s);

/* --- flow_text: a template, piece by piece --- */

enum flow_form {
    FLOW_URL,
    FLOW_HEADER,
    FLOW_JSON,
    FLOW_XML,
    FLOW_FIELDS,
    FLOW_OTHER,
    FLOW_WORDS /* not sent: for people, or to compare with */
};
enum flow_place { /* where a name stands */
                  FLOW_AT_URL,
                  FLOW_AT_HEADER,
                  FLOW_AT_JSON_STRING,
                  FLOW_AT_JSON, /* outside of a string: a number, true, false or null */
                  FLOW_AT_XML,  /* text, or an attribute's value */
                  FLOW_AT_FIELD,
                  FLOW_AT_NOWHERE /* a value cannot stand there */
};
struct flow_scan {
    const char *at;
    enum flow_form form;
    bool is_string, is_escaped, is_tag; /* so far: in a JSON string; in a tag */
    char quote;                         /* of the attribute that we are in */
    const char *until;                  /* what ends a comment, CDATA or instruction */
};
struct flow_piece {
    const char *text; /* literal, or a name */
    size_t len;
    bool is_name;
    enum flow_place place; /* of a name */
};
struct flow_scan flow_scan(const char *template, enum flow_form form);
bool flow_scan_next(struct flow_scan *s, struct flow_piece *out);
enum flow_form flow_body_form(const struct flow_step *s);

/* --- flow_values --- */

struct flow_taken {
    const struct flow_step *step; /* that took it */
    const char *name;
    char *value;
};
struct flow_values {
    const struct flow_config *config;
    char key[64]; /* ${run.key} */
    int64_t at_ms;
    struct flow_taken taken[FLOW_TAKEN_MAX];
    size_t n;
};
void flow_values_init(struct flow_values *v, const struct flow_config *c, const char *check,
                      int64_t wall_ms);
void flow_values_release(struct flow_values *v); /* wiped */
/* False: why the value cannot be used, packed; else it is kept. */
bool flow_values_take(struct flow_values *v, const struct flow_step *s, const char *name,
                      const char *value, size_t len, char **why);
/* The template with its names filled in; false: a packed sentence.  *is_missing (may be NULL):
 * since a value was not taken. */
bool flow_values_fill(const struct flow_values *v, const char *template, enum flow_form form,
                      struct buf *out, bool *is_missing, char **why);
/* A template that is not sent: for people, or to compare a reply with.  Values stand as they are.
 */
void flow_values_show(const struct flow_values *v, const char *template, struct buf *out);
/* A URL's path for people to read: what was taken and secrets stay names; no query. */
void flow_values_path(const struct flow_values *v, const char *url, struct buf *out);
/* Text of a peer, cleaned, with every secret and every value taken made unreadable; the caller
 * frees. */
char *flow_values_clean(const struct flow_values *v, const char *text, size_t max);
bool flow_now_is_pattern(const char *name, size_t len); /* "now", "now:yyyyMMdd" */

/* --- flow_reply --- */

enum flow_cause {
    FLOW_OK,
    FLOW_SELF,     /* this machine */
    FLOW_UNUSABLE, /* a value that cannot be used in a request or from a reply */
    FLOW_DEAD,     /* no whole reply */
    FLOW_DENIED,   /* 401, 403 */
    FLOW_WRONG,    /* a reply that is not as expected */
    FLOW_REFUSED   /* the peer itself says that it did not do it */
};
struct flow_verdict {
    enum flow_cause cause;
    char *say;  /* packed */
    char *code; /* what the peer calls it, cleaned; NULL: nothing */
};
void flow_verdict_release(struct flow_verdict *v);
/* Judges a reply and takes the step's values from it. */
void flow_reply_judge(const struct flow_step *s, struct http_reply *r, struct flow_values *v,
                      struct flow_verdict *out);
/* The text of one value: JSON scalars and XML elements alike; NULL: it is not there or has parts.
 * *is_cut: longer than can be told. */
struct flow_document {
    struct jval *json;
    struct xml *xml;
};
bool flow_document_parse(struct flow_document *d, const struct flow_step *s, const char *bytes,
                         size_t len, struct err *e);
void flow_document_release(struct flow_document *d);
char *flow_document_text(const struct flow_document *d, const char *path, bool *is_cut);

/* --- flow_check, flow_run --- */

bool flow_check(struct flow_config *c, struct err *e);
void *flow_start(const struct probe_env *env, const void *config, const struct probe_job *job,
                 probe_done_fn *done, void *arg);
void flow_cancel(void *run);
/* The request of one step with these values; NULL: *why, packed. */
struct http_plan *flow_plan(const struct flow_config *c, const struct flow_step *s,
                            const struct flow_values *v, bool *is_missing, char **why);

/* --- flow_say --- */

struct flow_failure {
    const struct flow_step *step; /* NULL: none */
    struct flow_verdict verdict;
};
struct flow_outcome {
    struct flow_failure failed, unclean; /* the flow's own; of its clean-up */
    char *left;                          /* what may be left behind, cleaned; NULL: nothing */
    const struct flow_step *slowest;
    double slowest_ms;
    size_t n_done;
};
/* State, sentence and facts; takes nothing of it. */
void flow_say(const struct flow_values *v, const struct flow_outcome *o, struct result *r);

#endif
