/* probe_http.c - one HTTP request; its status, text, JSON and figures are judged. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http.h"
#include "engine/jval.h"
#include "engine/loop.h"
#include "engine/probe.h"
#include "engine/http_access.h"
#include "probes/jsontest.h"
#include "probes/kinds.h"
#include "probes/regex.h"

struct config {
    char *url, *method, *body, *expect_body, *expect_regex, *age_hours;
    struct http_access access;
    struct option_pairs headers, metrics, ages;
    struct option_ints expect_status;
    struct option_tests expect_json;
    int64_t max_body, connect_ms, redirects;
    struct option_strings redirect_hosts;
    bool is_redirect_http, is_reuse;
    struct http_plan *plan; /* derived */
    struct regex *regex;
    struct recur *hours;
};

struct run {
    const struct probe_env *env;
    const struct config *config;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

static bool is_expected_status(const struct config *c, int status)
{
    if (c->expect_status.n == 0)
        return status >= 200 && status < 300;
    for (size_t i = 0; i < c->expect_status.n; i++)
        if (c->expect_status.v[i] == status)
            return true;
    return false;
}

static char *say_status(const struct config *c, int status)
{
    char got[16], want[64] = "2xx";
    size_t len = 0;

    snprintf(got, sizeof got, "%d", status);
    for (size_t i = 0; i < c->expect_status.n && len < sizeof want - 8; i++)
        len += (size_t)snprintf(want + len, sizeof want - len, "%s%d", i > 0 ? "/" : "",
                                (int)c->expect_status.v[i]);
    return SAY(N_("HTTP {0}, expected {1}"), got, want);
}

static char *say_cleaned(const char *msgid, const char *text)
{
    char *clean = text_cleaned(text, strlen(text), TEXT_MAX_NAME, 0);
    char *say = SAY(msgid, clean);
    free(clean);
    return say;
}

static bool holds(const struct http_reply *r, const char *text)
{
    return memmem(r->body, r->len, text, strlen(text)) != NULL;
}

/* nginx takes any client through the handshake and refuses by an HTML page; NULL: none of these. */
static const char *say_nginx(const struct http_reply *r)
{
    if (r->status != 400)
        return NULL;
    if (r->is_tls && holds(r, "No required SSL certificate was sent"))
        return N_("HTTP 400: the server wants a client certificate");
    if (r->is_tls && holds(r, "The SSL certificate error"))
        return N_("HTTP 400: the server refuses our client certificate");
    if (!r->is_tls && holds(r, "plain HTTP request was sent to HTTPS port"))
        return N_("HTTP 400: this port speaks https");
    return NULL;
}

/* True if the body's text is as expected; else the result says what is not. */
static bool judge_text(const struct config *c, const struct http_reply *reply, struct result *r)
{
    const char *want = c->expect_body;

    if (want != NULL && memmem(reply->body, reply->len, want, strlen(want)) == NULL) {
        result_say(r, STATE_CRITICAL, say_cleaned(N_("body does not contain {0}"), want));
        return false;
    }
    if (c->regex == NULL)
        return true;
    switch (regex_search(c->regex, reply->body, reply->len)) {
    case REGEX_FOUND:
        return true;
    case REGEX_ABSENT:
        result_say(r, STATE_CRITICAL, say_cleaned(N_("body does not match {0}"), c->expect_regex));
        return false;
    case REGEX_TOO_COSTLY:
        break;
    }
    r->is_self = true;
    result_say(r, STATE_UNKNOWN,
               say_cleaned(N_("the expression {0} is too costly on this body"), c->expect_regex));
    return false;
}

static bool judge_json(const struct config *c, const struct http_reply *reply, int64_t now_ms,
                       struct result *r)
{
    struct err e;
    char *say = NULL;

    if (c->expect_json.n == 0 && c->metrics.n == 0 && c->ages.n == 0)
        return true;
    struct jval *doc = jval_parse(reply->body, reply->len, &e);
    if (doc == NULL) {
        result_say(r, STATE_CRITICAL, say_cleaned(N_("malformed JSON in the reply: {0}"), e.text));
        return false;
    }
    jsontest_metrics(&c->metrics, doc, r);
    bool is_met = jsontest_run(&c->expect_json, doc, &say) &&
                  jsontest_ages(&c->ages, c->hours, now_ms, doc, r, &say);
    if (!is_met)
        result_say(r, STATE_CRITICAL, say);
    jval_free(doc);
    return is_met;
}

static void add_times(const struct http_reply *reply, struct result *r)
{
    if (reply->name_ms > 0)
        result_metric(r, "name_ms", reply->name_ms, "ms");
    result_metric(r, "connect_ms", reply->connect_ms, "ms");
    if (reply->is_tls)
        result_metric(r, "tls_ms", reply->tls_ms, "ms");
    result_metric(r, "first_byte_ms", reply->first_byte_ms, "ms");
    result_metric(r, "size", (double)reply->len, "B");
}

static void judge(const struct config *c, struct http_reply *reply, int64_t now_ms,
                  struct result *r)
{
    char status[16], len[24];

    r->latency_ms = reply->total_ms;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    add_times(reply, r);
    if (!is_expected_status(c, reply->status)) {
        const char *known = say_nginx(reply);
        result_say(r, STATE_CRITICAL,
                   known != NULL ? mem_strdup(known) : say_status(c, reply->status));
        return;
    }
    if (!judge_text(c, reply, r) || !judge_json(c, reply, now_ms, r))
        return;
    snprintf(status, sizeof status, "%d", reply->status);
    snprintf(len, sizeof len, "%zu", reply->len);
    result_say(r, STATE_OK, SAY(N_("HTTP {0}, {1} bytes"), status, len));
}

static void on_reply(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run->config, reply, loop_wall_ms(run->env->loop), &r);
    if (run->config->access.is_insecure)
        result_fact(&r, "tls", "!TLS"); /* for as long as it is so */
    if (run->config->is_reuse && reply->is_ok)
        result_fact(&r, "connection", reply->is_kept ? "kept" : "fresh");
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    run->env = env;
    run->config = config;
    run->done = done;
    run->arg = arg;
    run->call = http_start(env->http, run->config->plan, job->timeout_ms, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    http_cancel(run->call);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    struct http_want want = {
        .url = c->url,
        .method = c->method,
        .headers = &c->headers,
        .body = c->body,
        .access = &c->access,
        .max_body = c->max_body,
        .connect_ms = c->connect_ms,
        .max_redirects = c->redirects,
        .redirect_hosts = &c->redirect_hosts,
        .is_redirect_http = c->is_redirect_http,
        .is_reuse = c->is_reuse,
    };

    for (size_t i = 0; i < c->expect_status.n; i++)
        if (c->expect_status.v[i] < 100 || c->expect_status.v[i] > 599)
            return err_set(e, "expect.status: %lld is not an HTTP status, expected 100 to 599",
                           (long long)c->expect_status.v[i]);
    if (!jsontest_check(&c->expect_json, e))
        return err_prefix(e, "expect.json");
    if (c->expect_regex != NULL && (c->regex = regex_new(c->expect_regex, e)) == NULL)
        return err_prefix(e, "expect.regex");
    if (!jsontest_hours(c->age_hours, &c->hours, e))
        return err_prefix(e, "age_hours");
    c->plan = http_plan_new(&want, e);
    return c->plan != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    http_plan_free(c->plan);
    regex_free(c->regex);
    free(c->hours);
    c->plan = NULL;
    c->regex = NULL;
    c->hours = NULL;
}

static const char *host(const void *config)
{
    return http_plan_host(((const struct config *)config)->plan);
}

#define AT(field) offsetof(struct config, field)
static const struct option expect_rows[] = {
    {.name = "status",
     .type = OPTION_INTS,
     .offset = AT(expect_status),
     .help = N_("status codes that are right; without it any of 200 to 299")},
    {.name = "body",
     .type = OPTION_STRING,
     .offset = AT(expect_body),
     .help = N_("text that the body must contain")},
    {.name = "regex",
     .type = OPTION_STRING,
     .offset = AT(expect_regex),
     .flags = OPTION_RAW,
     .help = N_("regular expression (PCRE2) that the body must match")},
    {.name = "json",
     .type = OPTION_TESTS,
     .offset = AT(expect_json),
     .help = N_("JSON pointers and what must stand there: a value, or {\">=\": 3}")},
    {.name = NULL}};

static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("http or https URL that is asked")},
    {.name = "method",
     .type = OPTION_STRING,
     .offset = AT(method),
     .help = N_("request method; GET, or POST where there is a body")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("request headers, name and value")},
    {.name = "body", .type = OPTION_STRING, .offset = AT(body), .help = N_("request body")},
    {.name = "expect",
     .type = OPTION_GROUP,
     .rows = expect_rows,
     .help = N_("what the reply must be like")},
    {.name = "metrics",
     .type = OPTION_POINTERS,
     .offset = AT(metrics),
     .help = N_("figures taken from the JSON reply: name and JSON pointer")},
    {.name = "ages",
     .type = OPTION_POINTERS,
     .offset = AT(ages),
     .help = N_("ages in seconds of times in the JSON reply: name and JSON pointer")},
    {.name = "age_hours",
     .type = OPTION_STRING,
     .offset = AT(age_hours),
     .help = N_("of those ages only what lies within these hours counts: daily 07:00-19:00")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "redirects",
     .type = OPTION_INT,
     .offset = AT(redirects),
     .max = 10,
     .help = N_("redirects that are followed at most, to https on the same host; 0: none")},
    {.name = "redirect_hosts",
     .type = OPTION_STRINGS,
     .offset = AT(redirect_hosts),
     .help = N_("other hosts that a redirect may lead to; they are not told who we are")},
    {.name = "redirect_http",
     .type = OPTION_BOOL,
     .offset = AT(is_redirect_http),
     .help = N_("a redirect may lead to http, too")},
    {.name = "reuse",
     .type = OPTION_BOOL,
     .offset = AT(is_reuse),
     .help = N_("keep the connection, for an hour at most: the certificate is looked at hourly")},
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 8 << 20,
     .fallback = "65536",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_http = {
    .name = "http",
    .summary = N_("asks a URL; judges status, text, JSON values and times"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
};
