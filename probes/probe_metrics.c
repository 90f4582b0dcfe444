/* probe_metrics.c - a page of Prometheus' text exposition (node_exporter's, any exporter's), read
 * once for many checks of kind `metric`: a row each. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/http.h"
#include "engine/http_access.h"
#include "engine/loop.h"
#include "engine/probe.h"
#include "probes/exposition.h"
#include "probes/kinds.h"
#include "probes/metric.h"

struct config {
    char *url;
    struct option_pairs headers;
    struct http_access access;
    int64_t max_body, connect_ms;
    bool is_reuse;
    struct http_plan *plan; /* derived */
};

struct run {
    const struct probe_env *env;
    const struct probe_fed *fed;
    size_t n_fed;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

/* --- the page --- */

/* Selectors of all looks, by name: most series are nobody's. */
struct want {
    const char *name;
    size_t len;
    struct gather *gather;
};
struct wants {
    struct want *v;
    size_t n;
};

static int order(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int first = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return first != 0 ? first : (a_len > b_len) - (a_len < b_len);
}

static int by_name(const void *a, const void *b)
{
    const struct want *x = a, *y = b;
    return order(x->name, x->len, y->name, y->len);
}

static void want_add(struct wants *w, struct gather *g)
{
    w->v[w->n++] = (struct want){g->selector->name, g->selector->name_len, g};
}

static void on_series(void *arg, const struct exposition_sample *s)
{
    const struct wants *w = arg;
    size_t low = 0, high = w->n;
    while (low < high) { /* the first that is not before it */
        size_t mid = (low + high) / 2;
        if (order(w->v[mid].name, w->v[mid].len, s->name, s->name_len) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < w->n && order(w->v[low].name, w->v[low].len, s->name, s->name_len) == 0; low++)
        gather_take(w->v[low].gather, s);
}

static void read_page(const struct run *run, const struct http_reply *reply,
                      struct metric_look *looks, struct exposition_tally *tally)
{
    struct wants wants = {.v = mem_alloc((2 * run->n_fed + 1) * sizeof *wants.v)};
    int64_t wall_ms = loop_wall_ms(run->env->loop);
    for (size_t i = 0; i < run->n_fed; i++) {
        const struct metric_config *c = run->fed[i].config;
        metric_look_begin(&looks[i], c, wall_ms);
        want_add(&wants, &looks[i].series);
        if (c->divide.text != NULL)
            want_add(&wants, &looks[i].per);
    }
    qsort(wants.v, wants.n, sizeof *wants.v, by_name);
    exposition_read(reply->body, reply->len, on_series, &wants, tally);
    free(wants.v);
}

/* --- what it comes to --- */

static void say_page(struct result *r, const struct exposition_tally *t)
{
    char number[24], line[24];
    snprintf(line, sizeof line, "%zu", t->odd > 0 ? t->odd_line : t->twice_line);
    result_metric(r, "series", (double)t->samples, "");
    result_metric(r, "odd", (double)t->odd, "");
    result_metric(r, "twice", (double)t->twice, "");
    if (t->samples == 0 && t->odd > 0) {
        result_say(r, STATE_CRITICAL, SAY(t->odd_words, line));
    } else if (t->samples == 0) {
        result_say(r, STATE_CRITICAL, SAY(N_("the page has no series")));
    } else if (t->odd > 0) {
        result_say(r, STATE_WARNING, SAY(t->odd_words, line));
    } else if (t->twice > 0) {
        result_say(r, STATE_WARNING,
                   SAY(N_("line {0} of the page: that series stands there already"), line));
    } else {
        snprintf(number, sizeof number, "%zu", t->samples);
        result_say(r, STATE_OK, SAY(N_("{0} series"), number));
    }
}

static void add_rows(const struct run *run, struct metric_look *looks, struct result *r)
{
    int64_t wall_ms = loop_wall_ms(run->env->loop);
    double mono_ms = loop_precise_ms();
    for (size_t i = 0; i < run->n_fed; i++) {
        struct result *row = r != NULL ? result_row_add(r, run->fed[i].row) : NULL;
        struct result none = {0};
        metric_look_end(&looks[i], wall_ms, mono_ms, row != NULL ? row : &none);
        result_release(&none);
    }
}

static void judge_page(const struct run *run, const struct http_reply *reply, struct result *r)
{
    struct exposition_tally tally;
    struct metric_look *looks = mem_alloc((run->n_fed + 1) * sizeof *looks);
    read_page(run, reply, looks, &tally);
    say_page(r, &tally);
    add_rows(run, looks, tally.samples > 0 ? r : NULL);
    free(looks);
}

static void judge(const struct run *run, struct http_reply *reply, struct result *r)
{
    r->latency_ms = reply->total_ms;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
    } else if (reply->status != 200) {
        char got[16];
        snprintf(got, sizeof got, "%d", reply->status);
        result_say(r, STATE_CRITICAL, SAY(N_("HTTP {0}, expected {1}"), got, "200"));
    } else {
        judge_page(run, reply, r);
    }
}

/* --- a look --- */

static void on_reply(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run, reply, &r);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    *run = (struct run){.env = env, .fed = job->fed, .n_fed = job->n_fed, .done = done, .arg = arg};
    run->call = http_start(env->http, c->plan, job->timeout_ms, on_reply, run);
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
    const struct http_want want = {.url = c->url,
                                   .headers = &c->headers,
                                   .access = &c->access,
                                   .max_body = c->max_body,
                                   .connect_ms = c->connect_ms,
                                   .is_reuse = c->is_reuse};
    c->plan = http_plan_new(&want, e);
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
     .help = N_("http or https URL of the page, such as http://${address}:9100/metrics")},
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
     .max = 16 << 20,
     .fallback = "\"4MiB\"",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_metrics = {
    .name = "metrics",
    .summary = N_("reads a page of Prometheus' text exposition once, for checks of kind metric"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .fed_kind = "metric",
};
