#include "probes/jsonreply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/text.h"

struct jval *jsonreply_read(struct http_reply *reply, struct result *r)
{
    struct err e;

    r->latency_ms = reply->total_ms;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return NULL;
    }
    if (reply->status != 200) {
        char got[16];
        snprintf(got, sizeof got, "%d", reply->status);
        result_say(r, STATE_CRITICAL, SAY(N_("HTTP {0}, expected {1}"), got, "200"));
        return NULL;
    }
    struct jval *doc = jval_parse(reply->body, reply->len, &e);
    if (doc == NULL) {
        char *clean = text_cleaned(e.text, strlen(e.text), TEXT_MAX_NAME, 0);
        result_say(r, STATE_CRITICAL, SAY(N_("malformed JSON in the reply: {0}"), clean));
        free(clean);
    }
    return doc;
}
