/* probe_alertmanager.c - what Alertmanager has, beside our own alerts: counted, the worst by name.
 * It pages for its alerts itself; those that we sent it are left out. */
#include <stddef.h>
#include <stdlib.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/http.h"
#include "engine/http_access.h"
#include "engine/probe.h"
#include "probes/am_alerts.h"
#include "probes/kinds.h"
#include "probes/prom_api.h"

struct config {
    char *url, *severity, *row;
    struct option_strings filter, critical, info;
    struct option_pairs headers;
    struct http_access access;
    int64_t max_body, connect_ms;
    bool is_own_told;
    struct http_plan *plan; /* derived */
};

struct look {
    const struct probe_env *env;
    const struct config *config;
    const struct probe_fed *fed;
    size_t n_fed;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

static void on_reply(void *arg, struct http_reply *reply)
{
    struct look *look = arg;
    const struct config *c = look->config;
    const struct fleet *f = look->env->fleet;
    struct result r = {.latency_ms = -1};
    const struct am_reading how = {.severity = c->severity,
                                   .critical = &c->critical,
                                   .info = &c->info,
                                   .row = c->row,
                                   .own_site = f != NULL && !c->is_own_told ? f->site_id : NULL};
    struct jval *doc = prom_document(reply, &r);
    if (doc != NULL)
        am_alerts_read(&how, doc, look->fed, look->n_fed, &r);
    jval_free(doc);
    look->done(look->arg, &r);
    result_release(&r);
    free(look);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct look *look = mem_alloc(sizeof *look);
    *look = (struct look){
        .env = env, .config = c, .fed = job->fed, .n_fed = job->n_fed, .done = done, .arg = arg};
    look->call = http_start(env->http, c->plan, job->timeout_ms, on_reply, look);
    return look;
}

static void cancel(void *arg)
{
    struct look *look = arg;
    http_cancel(look->call);
    free(look);
}

/* A list that the site does not give; the option table has no default for lists. */
static void fall_back(struct option_strings *list, const char *const words[], size_t n)
{
    if (list->n > 0)
        return;
    list->v = mem_alloc(n * sizeof *list->v);
    for (; list->n < n; list->n++)
        list->v[list->n] = mem_strdup(words[list->n]);
}

static bool configure(void *config, struct err *e)
{
    static const char *const critical[] = {"critical", "page"}, *const info[] = {"info", "none"};
    struct config *c = config;
    struct buf url = BUF_INIT(0);
    fall_back(&c->critical, critical, 2);
    fall_back(&c->info, info, 2);
    if (!prom_template_check(c->row, e)) {
        err_prefix(e, "row");
        return false;
    }
    prom_url(&url, c->url, "/api/v2/alerts");
    for (size_t i = 0; i < c->filter.n; i++) {
        buf_adds(&url, i == 0 ? "?filter=" : "&filter=");
        prom_escape(&url, c->filter.v[i]);
    }
    const struct http_want want = {.url = buf_text(&url),
                                   .headers = &c->headers,
                                   .access = &c->access,
                                   .max_body = c->max_body,
                                   .connect_ms = c->connect_ms};
    c->plan = http_plan_new(&want, e);
    buf_release(&url);
    return c->plan != NULL;
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

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("where Alertmanager is, without /api, such as http://127.0.0.1:9093")},
    {.name = "filter",
     .type = OPTION_STRINGS,
     .offset = AT(filter),
     .help = N_("matchers that all hold, such as team=\"db\"; without them all its alerts")},
    {.name = "severity",
     .type = OPTION_STRING,
     .offset = AT(severity),
     .fallback = "\"severity\"",
     .help = N_("the label that says how bad an alert is")},
    {.name = "critical",
     .type = OPTION_STRINGS,
     .offset = AT(critical),
     .help = N_("its values that are CRITICAL: critical and page unless said otherwise")},
    {.name = "info",
     .type = OPTION_STRINGS,
     .offset = AT(info),
     .help = N_("its values that are only counted: info and none unless said otherwise; any other "
                "is a WARNING")},
    {.name = "row",
     .type = OPTION_STRING,
     .offset = AT(row),
     .fallback = "\"{instance}\"",
     .help = N_("what an alert is about: words, and names of its labels in braces")},
    {.name = "own",
     .type = OPTION_BOOL,
     .offset = AT(is_own_told),
     .help = N_("count the alerts as well that trucban itself sent there")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("request headers, name and value")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 32 << 20,
     .fallback = "\"8MiB\"",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_alertmanager = {
    .name = "alertmanager",
    .summary = N_("counts the alerts that Alertmanager has, the worst by name"),
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
