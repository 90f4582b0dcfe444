/* sms_form.h - what is sent to an SMS gateway, and what its reply means.  Pure but for the plan. */
#ifndef PROBES_SMS_FORM_H
#define PROBES_SMS_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/result.h"
#include "engine/http.h"
#include "engine/proofs.h"

enum sms_format { SMS_KANNEL, SMS_JSON };
struct sms_way { /* filled by an option table */
    char *url, *user, *password, *from, *to, *text, *dlr_url;
    int format;
    struct option_pairs fields, metrics;
    struct option_strings accepted, again;
    struct option_tests accepted_json, again_json;
    struct http_access access; /* TLS and a bearer token */
    int64_t connect_ms;
};

/* Refuses what cannot be sent: no {key} in the text, more than one message, no telephone number. */
bool sms_way_check(const struct sms_way *w, struct err *e);
/* The request that carries this key; NULL and e. */
struct http_plan *sms_way_plan(const struct sms_way *w, const char *key, struct err *e);
/* *say: why not taken, packed, the caller frees; NULL with PROOF_TAKEN.  Figures of the reply go
 * into r. */
enum proof_answer sms_way_judge(const struct sms_way *w, struct http_reply *reply, struct result *r,
                                char **say);
/* "…678": enough to know whose it is. */
void sms_masked(const char *number, char out[16]);
/* Each {name} of these replaced; others stay.  ended by a pair whose name is NULL.  Frees: caller.
 */
struct sms_word {
    const char *name, *value; /* NULL: as "" */
};
char *sms_fill(const char *template, const struct sms_word *words);

#endif
