/* notify_webhook.c - the document "trucban/notice/1" by HTTP POST; any status of 2xx is a yes. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/http_access.h"
#include "engine/notify_http.h"
#include "engine/notify_words.h"

struct config {
    char *url, *secret_name, *secret;
    struct option_pairs headers;
    struct http_access access;
    int64_t connect_ms;
    struct http_plan *plan; /* to have it judged; each notice makes one of its own */
    struct option_pairs all_headers;
};

struct sending {
    struct notify_series *series;
    const struct config *config;
    char *body;
    notice_answer_fn *fn;
    void *arg;
};

static struct http_plan *make_plan(const struct config *c, const char *body, struct err *e)
{
    const struct http_want w = {.url = c->url,
                                .method = "POST",
                                .headers = &c->all_headers,
                                .body = body,
                                .access = &c->access,
                                .max_body = NOTIFY_REPLY_MAX,
                                .connect_ms = c->connect_ms,
                                .secret_name = c->secret_name,
                                .secret = c->secret};
    return http_plan_new(&w, e);
}

static struct http_plan *plan(void *arg, size_t i, struct err *e)
{
    struct sending *run = arg;
    (void)i;
    return make_plan(run->config, run->body, e);
}

static struct notify_verdict judge(void *arg, size_t i, struct http_reply *r)
{
    const struct config *c = ((struct sending *)arg)->config;
    const char *const secrets[] = {c->access.password != NULL ? c->access.password : "",
                                   c->access.token != NULL ? c->access.token : "",
                                   c->secret != NULL ? c->secret : "", NULL};
    (void)i;
    return notify_http_judge(r, secrets);
}

static void sending_free(struct sending *run)
{
    free(run->body);
    free(run);
}

static void end(void *arg, struct notify_verdict *v)
{
    struct sending *run = arg;
    notify_answer(run->fn, run->arg, v->say, v->is_transient, v->may_have_arrived);
    sending_free(run);
}

static void *send_notice(const struct receiver_job *job, notice_answer_fn *fn, void *arg)
{
    static const struct notify_steps steps = {1, plan, judge, end};
    struct sending *run = mem_alloc(sizeof *run);
    struct jval *doc = notify_json(job);
    struct buf body = BUF_INIT(0);
    jval_dump(&body, doc, 0);
    jval_free(doc);
    run->body = buf_take(&body);
    run->config = job->config;
    run->fn = fn;
    run->arg = arg;
    run->series = notify_series_start(job, &steps, run);
    return run;
}

static void cancel(void *arg)
{
    struct sending *run = arg;
    notify_series_cancel(run->series);
    sending_free(run);
}

static void add_header(struct option_pairs *h, const char *key, const char *value)
{
    h->keys = mem_grow(h->keys, h->n + 1, sizeof *h->keys);
    h->values = mem_grow(h->values, h->n + 1, sizeof *h->values);
    h->keys[h->n] = mem_strdup(key);
    h->values[h->n++] = mem_strdup(value);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if ((c->secret_name != NULL) != (c->secret != NULL))
        return err_set(e, "\"secret\" and \"secret_name\" go together");
    for (size_t i = 0; i < c->headers.n; i++)
        add_header(&c->all_headers, c->headers.keys[i], c->headers.values[i]);
    add_header(&c->all_headers, "Content-Type", "application/json");
    c->plan = make_plan(c, "{}", e);
    return c->plan != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    for (size_t i = 0; i < c->all_headers.n; i++) {
        free(c->all_headers.keys[i]);
        free(c->all_headers.values[i]);
    }
    free(c->all_headers.keys);
    free(c->all_headers.values);
    http_plan_free(c->plan);
}

static void whereto(const void *config, struct buf *out)
{
    buf_adds(out, http_plan_host(((const struct config *)config)->plan));
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("where the document is posted to, http or https")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("further headers of the request")},
    {.name = "secret_name",
     .type = OPTION_STRING,
     .offset = AT(secret_name),
     .help = N_("name of a parameter of the URL that nobody may read; goes with secret")},
    {.name = "secret", .type = OPTION_SECRET, .offset = AT(secret), .help = N_("its value")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = NULL}};

const struct receiver_type notify_webhook = {
    .name = "webhook",
    .summary = N_("posts each notice as a JSON document"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .send = send_notice,
    .cancel = cancel,
    .whereto = whereto,
    .is_collector = true,
};
