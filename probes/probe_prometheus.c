/* probe_prometheus.c - an instant query to Prometheus, or whatever speaks its API: what it scrapes
 * already needs no second scraping.  Each series of the answer is a row. */
#include <stddef.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http.h"
#include "engine/http_access.h"
#include "engine/loop.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/prom_api.h"
#include "probes/prom_vector.h"

enum method { METHOD_POST, METHOD_GET };
struct config {
    char *url, *query, *row, *metric, *unit;
    struct option_strings facts;
    struct option_pairs headers;
    struct http_access access;
    int64_t max_body, connect_ms, max_age_ms;
    int method, absent;
    bool is_reuse;
    struct http_plan *plan; /* derived */
};

struct run {
    const struct probe_env *env;
    const struct config *config;
    const struct probe_fed *fed;
    size_t n_fed;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

static const enum state absent_states[] = {STATE_UNKNOWN, STATE_OK, STATE_WARNING, STATE_CRITICAL};

static void on_reply(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    const struct config *c = run->config;
    struct result r = {.latency_ms = -1};
    const struct prom_vector how = {.row = c->row,
                                    .metric = c->metric,
                                    .unit = c->unit,
                                    .facts = &c->facts,
                                    .max_age_ms = c->max_age_ms,
                                    .absent = absent_states[c->absent]};
    struct jval *doc = prom_document(reply, &r);
    if (doc != NULL)
        prom_vector_read(&how, doc, run->fed, run->n_fed, loop_wall_ms(run->env->loop), &r);
    jval_free(doc);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    *run = (struct run){
        .env = env, .config = c, .fed = job->fed, .n_fed = job->n_fed, .done = done, .arg = arg};
    run->call = http_start(env->http, c->plan, job->timeout_ms, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    http_cancel(run->call);
    free(run);
}

/* The query stands in a form, or in the URL for those between that let GET pass only. */
static bool make_plan(struct config *c, struct err *e)
{
    static char *key = (char *)"Content-Type", *value = (char *)"application/x-www-form-urlencoded";
    struct option_pairs headers = {NULL, NULL, 0};
    struct buf url = BUF_INIT(0), query = BUF_INIT(0);
    bool is_post = c->method == METHOD_POST;
    buf_adds(&query, "query=");
    prom_escape(&query, c->query);
    prom_url(&url, c->url, "/api/v1/query");
    if (!is_post)
        buf_addf(&url, "?%s", buf_text(&query));
    headers.keys = mem_alloc((c->headers.n + 1) * sizeof *headers.keys);
    headers.values = mem_alloc((c->headers.n + 1) * sizeof *headers.values);
    for (; headers.n < c->headers.n; headers.n++) {
        headers.keys[headers.n] = c->headers.keys[headers.n];
        headers.values[headers.n] = c->headers.values[headers.n];
    }
    if (is_post) {
        headers.keys[headers.n] = key;
        headers.values[headers.n++] = value;
    }
    const struct http_want want = {.url = buf_text(&url),
                                   .headers = &headers,
                                   .body = is_post ? buf_text(&query) : NULL,
                                   .access = &c->access,
                                   .max_body = c->max_body,
                                   .connect_ms = c->connect_ms,
                                   .is_reuse = c->is_reuse};
    c->plan = http_plan_new(&want, e);
    free(headers.keys);
    free(headers.values);
    buf_release(&url);
    buf_release(&query);
    return c->plan != NULL;
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (!prom_template_check(c->row, e)) {
        err_prefix(e, "row");
        return false;
    }
    if (!text_is_name(c->metric))
        return err_set(e, "metric: found \"%.64s\", expected a name: letters, digits, \"_.:-\"",
                       c->metric);
    if (!text_is_clean(c->unit))
        return err_set(e, "unit: found control signs in it, expected plain text");
    return make_plan(c, e);
}

static void release(void *config)
{
    struct config *c = config;
    http_plan_free(c->plan);
    c->plan = NULL;
}

static const char *host(const void *config)
{
    const struct config *c = config;
    return http_plan_host(c->plan);
}

static const char *const methods[] = {"post", "get", NULL};
static const char *const absents[] = {"unknown", "ok", "warning", "critical", NULL};

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("where Prometheus is, without /api, such as http://127.0.0.1:9090")},
    {.name = "query",
     .type = OPTION_STRING,
     .offset = AT(query),
     .flags = OPTION_REQUIRED,
     .help = N_("what is asked, in PromQL; each series of the answer is a row")},
    {.name = "row",
     .type = OPTION_STRING,
     .offset = AT(row),
     .fallback = "\"{instance}\"",
     .help = N_("id of a series' row: words, and names of its labels in braces")},
    {.name = "metric",
     .type = OPTION_STRING,
     .offset = AT(metric),
     .fallback = "\"value\"",
     .help = N_("the name of the number, for thresholds")},
    {.name = "unit",
     .type = OPTION_STRING,
     .offset = AT(unit),
     .fallback = "\"\"",
     .help = N_("its unit on the screen")},
    {.name = "facts",
     .type = OPTION_STRINGS,
     .offset = AT(facts),
     .help = N_("labels that the row keeps as facts")},
    {.name = "absent",
     .type = OPTION_CHOICE,
     .offset = AT(absent),
     .choices = absents,
     .help = N_("what an answer without any series means")},
    {.name = "max_age",
     .type = OPTION_DURATION,
     .offset = AT(max_age_ms),
     .min = 1000,
     .max = 30 * 86400e3,
     .fallback = "\"5m\"",
     .help = N_("a value whose time stamp is older is UNKNOWN")},
    {.name = "method",
     .type = OPTION_CHOICE,
     .offset = AT(method),
     .choices = methods,
     .help = N_("how it is asked; get where a proxy lets nothing else pass")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("request headers, name and value")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "reuse",
     .type = OPTION_BOOL,
     .offset = AT(is_reuse),
     .help = N_("keep the connection, for an hour at most: the certificate is looked at hourly")},
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 32 << 20,
     .fallback = "\"8MiB\"",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_prometheus = {
    .name = "prometheus",
    .summary = N_("asks Prometheus once; each series of the answer is a row"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .may_leave_rows = true,
};
