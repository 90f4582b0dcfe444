/* flow_check.c - what `site check` refuses of a flow: names that nothing gives, values where none
 * can stand, effects that nobody undoes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "probes/flow.h"
#include "probes/jsontest.h"

/* --- names and places ----------------------------------------------------------------------- */

static bool is_named(const char *name, size_t len, const char *wanted)
{
    return strncmp(name, wanted, len) == 0 && wanted[len] == '\0';
}

static bool has_secret(const struct flow_config *c, const char *name, size_t len)
{
    const struct flow_secret *s = c->secrets.v;
    for (size_t i = 0; i < c->secrets.n; i++)
        if (is_named(name, len, s[i].name))
            return true;
    return false;
}

/* Does a step before the one at `at` take it? */
static bool is_taken(const struct flow_config *c, size_t at, const char *name, size_t len)
{
    const char *dot = memchr(name, '.', len);
    size_t step_len = dot != NULL ? (size_t)(dot - name) : 0;
    const char *key = dot != NULL ? dot + 1 : name;
    size_t key_len = dot != NULL ? len - step_len - 1 : len;
    for (size_t i = 0; i < at; i++) {
        const struct flow_step *s = flow_step(c, i);
        for (size_t k = 0; k < s->take.n; k++)
            if ((dot == NULL || is_named(name, step_len, s->id)) &&
                is_named(key, key_len, s->take.keys[k]))
                return true;
    }
    return false;
}

static bool check_name(const struct flow_config *c, size_t at, const struct flow_piece *p,
                       bool is_shown, struct err *e)
{
    int len = p->len < TEXT_MAX_NAME ? (int)p->len : TEXT_MAX_NAME;
    bool is_secret = p->len > 7 && strncmp(p->text, "secret.", 7) == 0;
    if (is_secret && (is_shown || p->place == FLOW_AT_URL))
        return err_set(e, "found ${%.*s}: a secret stands in bodies and headers only", len,
                       p->text);
    if (is_secret && !has_secret(c, p->text + 7, p->len - 7))
        return err_set(e, "found ${%.*s}, but \"secrets\" has no such name", len, p->text);
    if (is_secret || is_named(p->text, p->len, "run.key") || flow_now_is_pattern(p->text, p->len))
        return true;
    if (p->len > 4 && strncmp(p->text, "now:", 4) == 0)
        return err_set(e,
                       "found ${%.*s}, expected a pattern of yyyy MM dd HH mm ss SSS ZZ T and "
                       "signs",
                       len, p->text);
    return is_taken(c, at, p->text, p->len) ||
           err_set(e,
                   "found ${%.*s}, but no step before takes it; there are also ${run.key}, ${now}, "
                   "${now:PATTERN}, ${secret.NAME}",
                   len, p->text);
}

static bool check_template(const struct flow_config *c, size_t at, const char *what,
                           const char *template, enum flow_form form, struct err *e)
{
    struct flow_scan scan = flow_scan(template, form);
    struct flow_piece p;
    bool is_shown = form == FLOW_WORDS;
    while (flow_scan_next(&scan, &p)) {
        if (!p.is_name)
            continue;
        if (!check_name(c, at, &p, is_shown, e))
            return err_prefix(e, "%s", what);
        if (!is_shown && p.place == FLOW_AT_NOWHERE)
            return err_set(
                e, "%s: found ${%.*s} where no value can stand%s", what, (int)p.len, p.text,
                form == FLOW_OTHER ? ": the content type is none of JSON, XML and form" : "");
    }
    return true;
}

/* Values decide what is asked, never whom. */
static bool check_url(const struct flow_config *c, size_t at, const char *url, struct err *e)
{
    const char *host = strstr(url, "://"), *name = strstr(url, "${");
    const char *end = host != NULL ? host + 3 + strcspn(host + 3, "/?#") : url;
    if (name != NULL && name < end)
        return err_set(e, "url: found ${…} in the scheme or the host, expected it behind them");
    return check_template(c, at, "url", url, FLOW_URL, e);
}

static bool check_headers(const struct flow_config *c, size_t at, const struct flow_step *s,
                          struct err *e)
{
    for (size_t i = 0; i < s->headers.n; i++) {
        if (strcasecmp(s->headers.keys[i], "Content-Type") == 0)
            return err_set(e, "headers: found Content-Type, expected it in \"content_type\"");
        if (!check_template(c, at, "headers", s->headers.values[i], FLOW_HEADER, e))
            return false;
    }
    return true;
}

/* --- one step ------------------------------------------------------------------------------- */

/* A name that ${STEP.NAME} can be made of. */
static bool is_plain_name(const char *s)
{
    return text_is_name(s) && strpbrk(s, ".:") == NULL && strlen(s) <= 40;
}

static bool check_ids(const struct flow_config *c, size_t at, const struct flow_step *s,
                      struct err *e)
{
    static const char *const ours[] = {"var", "label", "address", "run", "secret", "now"};
    if (!is_plain_name(s->id))
        return err_set(e, "id: found \"%.128s\", expected letters, digits, \"_-\", at most 40",
                       s->id);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strcmp(s->id, ours[i]) == 0)
            return err_set(e, "id: \"%s\" stands for something else in ${…}", s->id);
    for (size_t i = 0; i < at; i++)
        if (strcmp(flow_step(c, i)->id, s->id) == 0)
            return err_set(e, "id: found \"%s\" a second time, expected each name once", s->id);
    return true;
}

static bool check_take(const struct flow_step *s, struct err *e)
{
    for (size_t i = 0; i < s->take.n; i++) {
        const char *from = s->take.values[i];
        bool is_header = strncmp(from, "header:", 7) == 0 && from[7] != '\0';
        if (!is_plain_name(s->take.keys[i]))
            return err_set(e,
                           "take: found \"%.128s\", expected a name of letters, digits, \"_-\", at "
                           "most 40",
                           s->take.keys[i]);
        if (from[0] != '/' && !is_header)
            return err_set(e,
                           "take: found \"%.128s\", expected a path such as \"/token\" or "
                           "\"header:NAME\"",
                           from);
        if (s->reply == FLOW_REPLY_TEXT && !is_header)
            return err_set(e, "take: a reply of text has no paths, only \"header:NAME\"");
    }
    return true;
}

/* What replies are compared with. */
static bool check_tests(const struct flow_config *c, size_t at, const char *what,
                        const struct option_tests *t, struct err *e)
{
    if (!jsontest_check(t, e))
        return err_prefix(e, "%s", what);
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].text != NULL && t->v[i].op != TEST_MATCHES &&
            !check_template(c, at, what, t->v[i].text, FLOW_WORDS, e))
            return false;
    return true;
}

static bool check_reply(const struct flow_config *c, size_t at, const struct flow_step *s,
                        struct err *e)
{
    for (size_t i = 0; i < s->expect_status.n; i++)
        if (s->expect_status.v[i] < 100 || s->expect_status.v[i] > 599)
            return err_set(e, "expect.status: %lld is not an HTTP status, expected 100 to 599",
                           (long long)s->expect_status.v[i]);
    if (s->expect_json.n > 0 && s->reply != FLOW_REPLY_JSON)
        return err_set(e, "expect.json: the reply is not JSON");
    if (s->success.n > 0 && s->reply == FLOW_REPLY_TEXT)
        return err_set(e, "success: a reply of text has no fields, expected \"reply\" json or xml");
    if (s->message != NULL && s->message[0] != '/')
        return err_set(e, "message: found \"%.128s\", expected a path such as \"/message\"",
                       s->message);
    if (s->expect_body != NULL &&
        !check_template(c, at, "expect.body", s->expect_body, FLOW_WORDS, e))
        return false;
    return check_tests(c, at, "expect.json", &s->expect_json, e) &&
           check_tests(c, at, "success", &s->success, e) && check_take(s, e);
}

static bool check_cleans(const struct flow_config *c, size_t at, struct flow_step *s, struct err *e)
{
    s->cleans_at = FLOW_STEPS_MAX;
    for (size_t i = 0; s->cleans != NULL && i < at; i++)
        if (strcmp(flow_step(c, i)->id, s->cleans) == 0)
            s->cleans_at = i;
    if (s->cleans != NULL && s->cleans_at == FLOW_STEPS_MAX)
        return err_set(e, "cleans: found \"%.128s\", but no step before has such an id", s->cleans);
    if (s->leaves != NULL && s->cleans == NULL)
        return err_set(e, "leaves: only a step that \"cleans\" another leaves something");
    return true;
}

static bool told_words(char *packed, struct err *e)
{
    struct buf words = BUF_INIT(ERR_MAX);
    say_text(&words, packed, NULL);
    err_set(e, "%s", buf_text(&words));
    buf_release(&words);
    free(packed);
    return false;
}

static bool check_body(const struct flow_step *s, const struct flow_values *v, struct err *e)
{
    enum flow_form form = flow_body_form(s);
    struct flow_step as = {.reply = form == FLOW_JSON  ? FLOW_REPLY_JSON
                                    : form == FLOW_XML ? FLOW_REPLY_XML
                                                       : FLOW_REPLY_TEXT};
    struct flow_document d = {0};
    struct buf body = BUF_INIT(FLOW_REQUEST_MAX);
    char *why = NULL;
    bool is_ok = s->body == NULL || flow_values_fill(v, s->body, form, &body, NULL, &why);
    if (!is_ok)
        told_words(why, e);
    else if (s->body != NULL)
        is_ok = flow_document_parse(&d, &as, buf_text(&body), body.len, e);
    flow_document_release(&d);
    buf_release(&body);
    return is_ok || err_prefix(e, "body");
}

/* The request as it would be, with "1" for every value that is taken. */
static bool check_request(struct flow_config *c, const struct flow_step *s, struct err *e)
{
    struct flow_values v;
    struct http_plan *plan = NULL;
    char *why = NULL;
    bool is_missing = false;
    flow_values_init(&v, c, "check", 0);
    for (size_t i = 0; i < c->steps.n && flow_step(c, i) != s; i++)
        for (size_t k = 0; k < flow_step(c, i)->take.n && v.n < FLOW_TAKEN_MAX; k++)
            flow_values_take(&v, flow_step(c, i), flow_step(c, i)->take.keys[k], "1", 1, &why);
    bool is_ok = check_body(s, &v, e);
    if (is_ok)
        plan = flow_plan(c, s, &v, &is_missing, &why);
    flow_values_release(&v);
    if (is_ok && plan == NULL)
        return told_words(why, e);
    if (c->host == NULL && plan != NULL)
        c->host = mem_strdup(http_plan_host(plan));
    http_plan_free(plan);
    return is_ok;
}

static bool check_step(struct flow_config *c, size_t at, struct flow_step *s, struct err *e)
{
    return check_ids(c, at, s, e) && check_url(c, at, s->url, e) && check_headers(c, at, s, e) &&
           (s->body == NULL || check_template(c, at, "body", s->body, flow_body_form(s), e)) &&
           check_reply(c, at, s, e) && check_cleans(c, at, s, e) &&
           (s->leaves == NULL || check_template(c, at, "leaves", s->leaves, FLOW_WORDS, e)) &&
           check_request(c, s, e);
}

/* --- all of them ---------------------------------------------------------------------------- */

static bool check_effect(const struct flow_config *c, struct err *e)
{
    size_t n_cleaning = 0;
    for (size_t i = 0; i < c->steps.n; i++)
        n_cleaning += flow_step(c, i)->cleans != NULL;
    if (c->effect == FLOW_EFFECT_CLEANED && n_cleaning == 0)
        return err_set(e, "effect: found \"cleaned\", but no step \"cleans\" another");
    if (c->effect == FLOW_EFFECT_NONE && n_cleaning > 0)
        return err_set(e, "effect: found \"none\", but a step \"cleans\" another");
    return true;
}

static bool check_secrets(const struct flow_config *c, struct err *e)
{
    const struct flow_secret *s = c->secrets.v;
    for (size_t i = 0; i < c->secrets.n; i++) {
        if (!is_plain_name(s[i].name))
            return err_set(e, "secrets: found \"%.128s\", expected a name", s[i].name);
        for (size_t k = 0; k < i; k++)
            if (strcmp(s[k].name, s[i].name) == 0)
                return err_set(e, "secrets: found \"%s\" a second time", s[i].name);
    }
    return true;
}

bool flow_check(struct flow_config *c, struct err *e)
{
    size_t n_taken = 0;
    if (!check_secrets(c, e))
        return false;
    for (size_t i = 0; i < c->steps.n; i++) {
        struct flow_step *s = (struct flow_step *)c->steps.v + i;
        if (!check_step(c, i, s, e))
            return err_prefix(e, "steps/%zu", i);
        n_taken += s->take.n;
    }
    if (n_taken > FLOW_TAKEN_MAX)
        return err_set(e, "steps: %zu values are taken, expected at most %d", n_taken,
                       FLOW_TAKEN_MAX);
    return check_effect(c, e);
}
