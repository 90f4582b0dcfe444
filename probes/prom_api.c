#include "probes/prom_api.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

void prom_url(struct buf *out, const char *base, const char *path)
{
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    buf_add(out, base, len);
    buf_adds(out, path);
}

void prom_escape(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (isalnum((unsigned char)*p) || strchr("-_.~", *p) != NULL)
            buf_addc(out, *p);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

/* --- templates --- */

bool prom_template_check(const char *template, struct err *e)
{
    bool has_label = false;
    for (const char *p = template; *p != '\0'; p++) {
        size_t len = strcspn(p, "{}");
        p += len;
        if (*p == '\0')
            break;
        len = *p == '{' ? strcspn(p + 1, "{}") : 0;
        if (len == 0 || p[len + 1] != '}')
            return err_set(e, "found \"%.64s\", expected names of labels in braces: {instance}",
                           template);
        has_label = true;
        p += len + 1;
    }
    return has_label ||
           err_set(e, "found \"%.64s\", expected the name of a label in braces: {instance}",
                   template);
}

static const char *label_value(const struct jval *labels, const char *name, size_t len)
{
    char key[TEXT_MAX_NAME + 1];
    snprintf(key, sizeof key, "%.*s", (int)(len < TEXT_MAX_NAME ? len : TEXT_MAX_NAME), name);
    return jval_get_str(labels, key);
}

bool prom_template(struct buf *out, const char *template, const struct jval *labels,
                   const char **absent, size_t *absent_len)
{
    for (const char *p = template; *p != '\0';) {
        size_t len = strcspn(p, "{");
        buf_add(out, p, len);
        p += len;
        if (*p == '\0')
            break;
        len = strcspn(++p, "}");
        const char *value = label_value(labels, p, len);
        if (value == NULL || value[0] == '\0') {
            *absent = p;
            *absent_len = len;
            return false;
        }
        buf_adds(out, value);
        p += len + 1;
    }
    return true;
}

/* --- replies --- */

/* {"status":"error","errorType":"bad_data","error":"…"}, {"code":400,"message":"…"}, or a string.
 */
static char *error_words(const struct http_reply *reply)
{
    struct jval *doc = jval_parse(reply->body, reply->len, NULL);
    const char *words = jval_str(doc);
    if (words == NULL)
        words = jval_get_str(doc, "error");
    if (words == NULL)
        words = jval_get_str(doc, "message");
    char *clean = words != NULL ? text_cleaned(words, strlen(words), 200, 0) : NULL;
    jval_free(doc);
    return clean;
}

/* What was asked is at fault where the status is 4xx: then nothing is known of what it is about. */
static void say_status(const struct http_reply *reply, struct result *r)
{
    char status[16];
    char *words = error_words(reply);
    bool is_refused = reply->status == 400 || reply->status == 422;
    snprintf(status, sizeof status, "%d", reply->status);
    result_say(r, is_refused ? STATE_UNKNOWN : STATE_CRITICAL,
               words != NULL ? SAY(N_("HTTP {0}: {1}"), status, words)
                             : SAY(N_("HTTP {0}, expected {1}"), status, "200"));
    free(words);
}

struct jval *prom_document(struct http_reply *reply, struct result *r)
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
        say_status(reply, r);
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
