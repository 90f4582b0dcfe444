#include "probes/sms_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/gsm.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/jval.h"
#include "probes/jsontest.h"

#define REPLY_MAX   (16 * 1024)
#define KANNEL_MASK "19" /* delivered, not delivered, refused by the operator */
#define KEY_EXAMPLE "ABCDEFGHJKLM"
#define N_WORDS     7

/* How Kannel's reply begins where it has taken the message. */
static const char *const kannel_accepted[] = {"0:", "3:"};

void sms_masked(const char *number, char out[16])
{
    size_t len = strlen(number);
    snprintf(out, 16, "…%s", len > 3 ? number + len - 3 : number);
}

char *sms_fill(const char *template, const struct sms_word *words)
{
    struct buf out = BUF_INIT(0);
    while (*template != '\0') {
        size_t len = strcspn(template, "{");
        buf_add(&out, template, len);
        template += len;
        size_t name = *template == '{' ? strcspn(template + 1, "{}") : 0;
        const struct sms_word *w = words;
        while (w->name != NULL &&
               (strlen(w->name) != name || strncmp(template + 1, w->name, name) != 0))
            w++;
        bool is_word = *template == '{' && template[1 + name] == '}' && w->name != NULL;
        if (is_word && w->value != NULL)
            buf_adds(&out, w->value);
        else if (!is_word && *template != '\0')
            buf_addc(&out, '{');
        template += is_word ? name + 2 : *template != '\0';
    }
    return buf_take(&out);
}

static char *text_with(const struct sms_way *w, const char *key)
{
    return sms_fill(w->text, (const struct sms_word[]){{"key", key}, {NULL, NULL}});
}

static void words_of(const struct sms_way *w, const char *key, const char *text,
                     struct sms_word words[N_WORDS])
{
    const struct sms_word all[N_WORDS] = {{"key", key},      {"text", text},
                                          {"to", w->to},     {"from", w->from},
                                          {"user", w->user}, {"password", w->password},
                                          {NULL, NULL}};
    memcpy(words, all, sizeof all);
}

/* --- the request -------------------------------------------------------------------------- */

static void add_parameter(struct buf *url, const char *name, const char *value)
{
    char *escaped = http_url_escaped(value);
    buf_addf(url, "%c%s=%s", strchr(buf_text(url), '?') != NULL ? '&' : '?', name, escaped);
    free(escaped);
}

static struct http_plan *kannel_plan(const struct sms_way *w, const char *key, const char *text,
                                     struct err *e)
{
    struct buf url = BUF_INIT(0);
    struct sms_word words[N_WORDS];
    size_t places;
    char foreign[5];
    words_of(w, key, text, words);
    buf_adds(&url, w->url);
    add_parameter(&url, "username", w->user != NULL ? w->user : "");
    if (w->from != NULL)
        add_parameter(&url, "from", w->from);
    add_parameter(&url, "to", w->to);
    add_parameter(&url, "charset", "UTF-8");
    add_parameter(&url, "coding", gsm_places(text, &places, foreign) ? "0" : "2");
    if (w->dlr_url != NULL) {
        char *filled = sms_fill(w->dlr_url, words);
        add_parameter(&url, "dlr-mask", KANNEL_MASK);
        add_parameter(&url, "dlr-url", filled);
        free(filled);
    }
    for (size_t i = 0; i < w->fields.n; i++) {
        char *filled = sms_fill(w->fields.values[i], words);
        add_parameter(&url, w->fields.keys[i], filled);
        free(filled);
    }
    add_parameter(&url, "text", text);
    const struct http_want want = {.url = buf_text(&url),
                                   .access = &w->access,
                                   .max_body = REPLY_MAX,
                                   .connect_ms = w->connect_ms,
                                   .secret_name = w->password != NULL ? "password" : NULL,
                                   .secret = w->password};
    struct http_plan *p = http_plan_new(&want, e);
    buf_release(&url);
    return p;
}

static struct http_plan *json_plan(const struct sms_way *w, const char *key, const char *text,
                                   struct err *e)
{
    static char *names[] = {(char *)"Content-Type"}, *values[] = {(char *)"application/json"};
    static const struct option_pairs headers = {names, values, 1};
    struct sms_word words[N_WORDS];
    struct jval *doc = jval_object();
    struct buf body = BUF_INIT(0);
    words_of(w, key, text, words);
    for (size_t i = 0; i < w->fields.n; i++) {
        char *filled = sms_fill(w->fields.values[i], words);
        jval_set_str(doc, w->fields.keys[i], filled);
        explicit_bzero(filled, strlen(filled));
        free(filled);
    }
    jval_dump(&body, doc, 0);
    jval_free(doc);
    const struct http_want want = {.url = w->url,
                                   .body = buf_text(&body),
                                   .headers = &headers,
                                   .access = &w->access,
                                   .max_body = REPLY_MAX,
                                   .connect_ms = w->connect_ms};
    struct http_plan *p = http_plan_new(&want, e);
    if (body.bytes != NULL)
        explicit_bzero(body.bytes, body.len);
    buf_release(&body);
    return p;
}

struct http_plan *sms_way_plan(const struct sms_way *w, const char *key, struct err *e)
{
    char *text = text_with(w, key);
    struct http_plan *p =
        w->format == SMS_JSON ? json_plan(w, key, text, e) : kannel_plan(w, key, text, e);
    free(text);
    return p;
}

/* --- options ------------------------------------------------------------------------------ */

static bool is_number(const char *s)
{
    size_t len = strlen(s);
    s += *s == '+';
    return len >= 3 && len <= 20 && *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

static bool check_text(const struct sms_way *w, struct err *e)
{
    size_t places;
    char foreign[5];
    if (strstr(w->text, "{key}") == NULL)
        return err_set(e, "\"text\" has no {key}, by which the message would be known again");
    char *text = text_with(w, KEY_EXAMPLE);
    bool is_gsm = gsm_places(text, &places, foreign);
    free(text);
    if (is_gsm && places > GSM_PLACES)
        return err_set(e, "\"text\" takes %zu places with its key, expected at most %d", places,
                       GSM_PLACES);
    if (!is_gsm && places > GSM_PLACES_UCS)
        return err_set(e,
                       "\"text\" takes %zu places with its key, expected at most %d: \"%s\" is not "
                       "in the alphabet of telephones",
                       places, GSM_PLACES_UCS, foreign);
    return true;
}

static bool has_field(const struct sms_way *w, const char *word)
{
    for (size_t i = 0; i < w->fields.n; i++)
        if (strstr(w->fields.values[i], word) != NULL)
            return true;
    return false;
}

bool sms_way_check(const struct sms_way *w, struct err *e)
{
    char to[16];
    sms_masked(w->to, to);
    if (!is_number(w->to))
        return err_set(e, "\"to\": \"%s\" is no telephone number, expected 3 to 20 digits", to);
    for (size_t i = 0; i < w->accepted.n; i++)
        if (w->accepted.v[i][0] == '\0')
            return err_set(e, "\"accepted\": an empty text is how every reply begins");
    for (size_t i = 0; i < w->again.n; i++)
        if (w->again.v[i][0] == '\0')
            return err_set(e, "\"again\": an empty text is how every reply begins");
    if (w->format == SMS_JSON && (!has_field(w, "{text}") || !has_field(w, "{to}")))
        return err_set(e, "\"fields\" has to hold {text} and {to} where \"format\" is json");
    if (w->format == SMS_JSON && w->accepted.n == 0 && w->accepted_json.n == 0)
        return err_set(e, "\"accepted_json\" is missing: what a reply says that takes the message");
    if (w->format == SMS_JSON && w->dlr_url != NULL)
        return err_set(e, "\"dlr_url\" is Kannel's; with json it is one of the \"fields\"");
    return check_text(w, e) && jsontest_check(&w->accepted_json, e) &&
           jsontest_check(&w->again_json, e);
}

/* --- the reply ---------------------------------------------------------------------------- */

static bool begins(const struct option_strings *heads, const char *words)
{
    for (size_t i = 0; i < heads->n; i++)
        if (strncmp(words, heads->v[i], strlen(heads->v[i])) == 0)
            return true;
    return false;
}

static bool holds(const struct option_tests *t, const struct jval *doc)
{
    char *say = NULL;
    bool is_met = t->n > 0 && doc != NULL && jsontest_run(t, doc, &say);
    free(say);
    return is_met;
}

static bool is_accepted(const struct sms_way *w, const char *words, const struct jval *doc)
{
    struct option_strings heads = w->accepted;
    if (heads.n == 0 && w->accepted_json.n == 0)
        heads = (struct option_strings){(char **)(void *)kannel_accepted, 2};
    return (heads.n == 0 || begins(&heads, words)) &&
           (w->accepted_json.n == 0 || holds(&w->accepted_json, doc));
}

static char *say_refused(const struct sms_way *w, int status, const char *words)
{
    char whom[16], code[16];
    sms_masked(w->to, whom);
    snprintf(code, sizeof code, "HTTP %d", status);
    return SAY(N_("the gateway refuses {0}: {1}"), whom, *words != '\0' ? words : code);
}

/* A whole reply: its words decide, and where they do not, its status. */
static enum proof_answer judge_words(const struct sms_way *w, int status, const char *words,
                                     const struct jval *doc)
{
    bool is_good = status >= 200 && status<300, wants_json = w->accepted_json.n> 0;
    if (is_good && is_accepted(w, words, doc))
        return PROOF_TAKEN;
    if (status == 429 || status == 503 || begins(&w->again, words) || holds(&w->again_json, doc))
        return PROOF_NOT_TAKEN;
    if (status >= 500 || (is_good && wants_json && doc == NULL))
        return PROOF_MAY_BE; /* something on the way says so: the gateway may have it */
    return PROOF_IS_REFUSED;
}

enum proof_answer sms_way_judge(const struct sms_way *w, struct http_reply *reply, struct result *r,
                                char **say)
{
    const char *const secrets[] = {w->password != NULL ? w->password : "",
                                   w->access.token != NULL ? w->access.token : "", w->to, NULL};
    struct err e;
    *say = NULL;
    if (!reply->is_ok) {
        *say = reply->say;
        reply->say = NULL;
        return reply->is_connected || reply->is_kept ? PROOF_MAY_BE
               : reply->is_self                      ? PROOF_SELF
                                                     : PROOF_NOT_TAKEN;
    }
    bool wants_json = w->accepted_json.n > 0 || w->again_json.n > 0 || w->metrics.n > 0;
    struct jval *doc = wants_json ? jval_parse(reply->body, reply->len, &e) : NULL;
    char *words = http_quote(reply->body, reply->len, secrets);
    enum proof_answer a = judge_words(w, reply->status, words, doc);
    if (doc != NULL)
        jsontest_metrics(&w->metrics, doc, r);
    if (a != PROOF_TAKEN)
        *say = say_refused(w, reply->status, words);
    free(words);
    jval_free(doc);
    return a;
}
