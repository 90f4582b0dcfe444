/* probe_sms.c - a short message through the real gateway, to the duty's number, and its receipt.
 *
 * engine/proofs.h minds when it is sent, and that no key is sent twice; here stand one request and
 * one look for the receipt.  A gateway that tells us by a call of its own (Kannel's dlr-url) brings
 * the receipt by `trucban submit --key`. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http_access.h"
#include "engine/jval.h"
#include "engine/probe.h"
#include "engine/proofs.h"
#include "probes/jsontest.h"
#include "probes/kinds.h"
#include "probes/sms_form.h"

#define RECEIPT_MAX (64 * 1024)

struct config {
    struct sms_way way;
    char *receipt_url;
    struct option_tests delivered, failed;
    int64_t look_ms, deadline_ms, late_ms, window_ms, cap;
    char *host; /* derived */
};

struct call { /* one request, with what it needs */
    struct http_plan *plan;
    struct http_call *http;
};
struct run {
    const struct config *config;
    struct http *http;
    struct proof_run *proof;
    int64_t timeout_ms;
    struct call send, look;
    struct result figures; /* of the gateway's reply */
    probe_done_fn *done;
    void *arg;
};

static const char *const formats[] = {"kannel", "json", NULL};

static void call_end(struct call *c)
{
    if (c->http != NULL)
        http_cancel(c->http);
    http_plan_free(c->plan);
    *c = (struct call){0};
}

static void run_free(struct run *run)
{
    call_end(&run->send);
    call_end(&run->look);
    result_release(&run->figures);
    free(run);
}

/* --- sending ------------------------------------------------------------------------------ */

static void on_sent(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    char *say;
    run->send.http = NULL;
    enum proof_answer a = sms_way_judge(&run->config->way, reply, &run->figures, &say);
    proof_sent(run->proof, a, say);
}

static void send_message(void *arg, const char *key)
{
    struct run *run = arg;
    struct err e;
    call_end(&run->send);
    run->send.plan = sms_way_plan(&run->config->way, key, &e);
    if (run->send.plan == NULL) /* configure has tried it */
        proof_sent(run->proof, PROOF_SELF, mem_strdup(e.text));
    else
        run->send.http = http_start(run->http, run->send.plan, run->timeout_ms, on_sent, run);
}

/* --- its receipt -------------------------------------------------------------------------- */

/* What stands where the first test looks. */
static char *value_at(const struct option_tests *t, const struct jval *doc)
{
    const char *text = jval_str(jval_pointer(doc, t->v[0].pointer));
    return text != NULL ? text_cleaned(text, strlen(text), 100, 0) : mem_strdup(t->v[0].pointer);
}

static void judge_receipt(struct run *run, const struct http_reply *reply)
{
    const struct config *c = run->config;
    struct err e;
    char *say = NULL;
    struct jval *doc = jval_parse(reply->body, reply->len, &e);
    if (doc == NULL) {
        char *clean = text_cleaned(e.text, strlen(e.text), TEXT_MAX_NAME, 0);
        proof_not_seen(run->proof, SAY(N_("malformed JSON in the reply: {0}"), clean));
        free(clean);
        return;
    }
    if (jsontest_run(&c->delivered, doc, &say)) {
        proof_seen(run->proof, true, -1, NULL);
    } else if (c->failed.n > 0 && (free(say), say = NULL, jsontest_run(&c->failed, doc, &say))) {
        char *word = value_at(&c->failed, doc);
        proof_seen(run->proof, false, -1, SAY(N_("not delivered: {0}"), word));
        free(word);
    } else {
        proof_not_seen(run->proof, NULL);
    }
    free(say);
    jval_free(doc);
}

static void on_looked(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    char status[16];
    run->look.http = NULL;
    snprintf(status, sizeof status, "%d", reply->status);
    if (!reply->is_ok) {
        proof_not_seen(run->proof, reply->say);
        reply->say = NULL;
    } else if (reply->status == 404) { /* none of this key yet */
        proof_not_seen(run->proof, NULL);
    } else if (reply->status < 200 || reply->status > 299) {
        proof_not_seen(run->proof, SAY(N_("HTTP {0}, expected {1}"), status, "2xx"));
    } else {
        judge_receipt(run, reply);
    }
}

static struct http_plan *receipt_plan(const struct config *c, const char *key, struct err *e)
{
    const struct sms_word words[] = {{"key", key}, {NULL, NULL}};
    char *url = sms_fill(c->receipt_url, words);
    const struct http_want want = {.url = url,
                                   .access = &c->way.access,
                                   .max_body = RECEIPT_MAX,
                                   .connect_ms = c->way.connect_ms};
    struct http_plan *p = http_plan_new(&want, e);
    free(url);
    return p;
}

static void look(void *arg, const char *key)
{
    struct run *run = arg;
    struct err e;
    if (run->look.plan == NULL)
        run->look.plan = receipt_plan(run->config, key, &e);
    if (run->look.plan == NULL)
        proof_not_seen(run->proof, mem_strdup(e.text));
    else
        run->look.http = http_start(run->http, run->look.plan, run->timeout_ms, on_looked, run);
}

/* --- a run -------------------------------------------------------------------------------- */

static void on_done(void *arg, struct result *r)
{
    struct run *run = arg;
    probe_done_fn *done = run->done;
    void *done_arg = run->arg;
    for (size_t i = 0; i < run->figures.n_metrics; i++) {
        const struct metric *m = &run->figures.metrics[i];
        result_metric(r, m->name, m->value, m->unit);
    }
    if (run->config->way.access.is_insecure)
        result_fact(r, "tls", "!TLS");
    run_free(run);
    done(done_arg, r);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    static const struct proof_calls calls = {send_message, look, on_done};
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    char to[16];
    sms_masked(c->way.to, to);
    const struct proof_want want = {.check = job->check,
                                    .to = to,
                                    .deadline_ms = c->deadline_ms,
                                    .late_ms = c->late_ms,
                                    .window_ms = c->window_ms,
                                    .look_ms = c->receipt_url != NULL ? c->look_ms : 0,
                                    .cap = c->cap};
    run->config = c;
    run->http = env->http;
    run->timeout_ms = job->timeout_ms;
    run->done = done;
    run->arg = arg;
    run->proof = proof_begin(env, &want, &calls, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    proof_cancel(run->proof);
    run_free(run);
}

/* --- the kind ----------------------------------------------------------------------------- */

static bool check_receipt(const struct config *c, struct err *e)
{
    if (c->receipt_url == NULL)
        return true;
    if (strstr(c->receipt_url, "{key}") == NULL)
        return err_set(e, "\"receipt\": \"url\" has no {key}: whose receipt is it to ask for?");
    if (c->delivered.n == 0)
        return err_set(e, "\"receipt\": \"delivered\" is missing: what the page says then");
    struct http_plan *p = receipt_plan(c, "ABCDEFGHJKLM", e);
    http_plan_free(p);
    return p != NULL && jsontest_check(&c->delivered, e) && jsontest_check(&c->failed, e);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (!sms_way_check(&c->way, e) || !check_receipt(c, e))
        return false;
    if (c->late_ms >= c->deadline_ms)
        return err_set(e, "\"late\" is not before \"deadline\": nothing could be late");
    struct http_plan *p = sms_way_plan(&c->way, "ABCDEFGHJKLM", e);
    if (p == NULL)
        return false;
    c->host = mem_strdup(http_plan_host(p));
    http_plan_free(p);
    return true;
}

static void release(void *config)
{
    struct config *c = config;
    free(c->host);
    c->host = NULL;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->host;
}

static int64_t deadline(const void *config)
{
    return ((const struct config *)config)->deadline_ms;
}

static int64_t daily(const void *config)
{
    return ((const struct config *)config)->cap;
}

#define AT(field) offsetof(struct config, field)
#define HOUR_MS   (3600.0 * 1000)
static const struct option receipt_rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(receipt_url),
     .flags = OPTION_REQUIRED,
     .help = N_("page that has the receipt as JSON; {key} is the message's; 404: none yet")},
    {.name = "delivered",
     .type = OPTION_TESTS,
     .offset = AT(delivered),
     .flags = OPTION_REQUIRED,
     .help = N_("what the page says where the message has arrived")},
    {.name = "failed",
     .type = OPTION_TESTS,
     .offset = AT(failed),
     .help = N_("what it says where the message never will")},
    {.name = "every",
     .type = OPTION_DURATION,
     .offset = AT(look_ms),
     .min = 200,
     .max = 10 * 60 * 1000,
     .fallback = "\"5s\"",
     .help = N_("how often it is asked")},
    {.name = NULL}};
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(way.url),
     .flags = OPTION_REQUIRED,
     .help = N_("the gateway's address, as in http://127.0.0.1:13013/cgi-bin/sendsms")},
    {.name = "format",
     .type = OPTION_CHOICE,
     .offset = AT(way.format),
     .choices = formats,
     .fallback = "\"kannel\"",
     .help = N_("kannel: a query as Kannel's sendsms takes it; json: a POST of \"fields\"")},
    {.name = "user",
     .type = OPTION_STRING,
     .offset = AT(way.user),
     .help = N_("account at the gateway")},
    {.name = "password",
     .type = OPTION_SECRET,
     .offset = AT(way.password),
     .help = N_("its password")},
    {.name = "token",
     .type = OPTION_SECRET,
     .offset = AT(way.access.token),
     .help = N_("bearer token, sent as the header Authorization")},
    {.name = "from",
     .type = OPTION_STRING,
     .offset = AT(way.from),
     .help = N_("the sender that the message shows, such as a brand name")},
    {.name = "to",
     .type = OPTION_STRING,
     .offset = AT(way.to),
     .flags = OPTION_REQUIRED,
     .help = N_("telephone number of the duty, or the gateway's sandbox")},
    {.name = "text",
     .type = OPTION_STRING,
     .offset = AT(way.text),
     .fallback = "\"trucban {key}\"",
     .help = N_("what is sent, one message at most; {key} is another each time")},
    {.name = "fields",
     .type = OPTION_PAIRS,
     .offset = AT(way.fields),
     .help = N_("json: all that is sent; kannel: further parameters; {key} {text} {to} {from} "
                "{user} {password} are filled in")},
    {.name = "accepted",
     .type = OPTION_STRINGS,
     .offset = AT(way.accepted),
     .help = N_("how a reply begins by which the gateway takes the message; kannel: 0: or 3:")},
    {.name = "accepted_json",
     .type = OPTION_TESTS,
     .offset = AT(way.accepted_json),
     .help = N_("what its JSON says then")},
    {.name = "again",
     .type = OPTION_STRINGS,
     .offset = AT(way.again),
     .help = N_("how a reply begins that surely has not taken it and may be asked again")},
    {.name = "again_json",
     .type = OPTION_TESTS,
     .offset = AT(way.again_json),
     .help = N_("what its JSON says then")},
    {.name = "metrics",
     .type = OPTION_POINTERS,
     .offset = AT(way.metrics),
     .help = N_("figures taken from the JSON reply: name and JSON pointer")},
    {.name = "dlr_url",
     .type = OPTION_STRING,
     .offset = AT(way.dlr_url),
     .help =
         N_("kannel: where it brings the receipt, such as http://127.0.0.1:81/?key={key}&d=%d")},
    {.name = "receipt",
     .type = OPTION_GROUP,
     .rows = receipt_rows,
     .help = N_("where the receipt is looked for; without it `trucban submit --key` brings it")},
    {.name = "late",
     .type = OPTION_DURATION,
     .offset = AT(late_ms),
     .min = 0,
     .max = HOUR_MS,
     .fallback = "\"20s\"",
     .help = N_("a message that takes longer is a WARNING; 0s: never")},
    {.name = "deadline",
     .type = OPTION_DURATION,
     .offset = AT(deadline_ms),
     .min = 1000,
     .max = HOUR_MS,
     .fallback = "\"2m\"",
     .help = N_("a message that has not arrived by then is CRITICAL")},
    {.name = "window",
     .type = OPTION_DURATION,
     .offset = AT(window_ms),
     .min = 60000,
     .max = 24 * HOUR_MS,
     .fallback = "\"1d\"",
     .help = N_("messages of this time make the shares and the mean delay")},
    {.name = "daily",
     .type = OPTION_INT,
     .offset = AT(cap),
     .min = 1,
     .max = PROOF_CAP_MAX,
     .fallback = "300",
     .help = N_("messages in 24 hours at most, over restarts")},
    HTTP_TLS_ROWS(AT(way.access)),
    HTTP_CONNECT_ROW(AT(way.connect_ms)),
    {.name = NULL}};

const struct probe_type probe_sms = {
    .name = "sms",
    .summary = N_("sends a short message through the gateway and waits for its receipt"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .deadline = deadline,
    .daily = daily,
};
