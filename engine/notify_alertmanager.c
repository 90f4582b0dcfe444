/* notify_alertmanager.c - alerts to Prometheus' Alertmanager, API v2: firing, then resolved.
 *
 * What an alert is for Alertmanager are its labels; so only what does not change while it lives
 * stands there.  What does change (state, level, words) are annotations.  Several URLs are a
 * cluster: one that takes it is enough. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/when.h"
#include "engine/http_access.h"
#include "engine/notify_http.h"
#include "engine/notify_words.h"

#define BATCH    200 /* alerts of one request */
#define URLS_MAX 8
#define API      "/api/v2/alerts"
#define TEST_MS  60000
#define BEATS    3 /* that may be missed before the always-firing one ends */

struct config {
    struct option_strings urls;
    struct option_pairs labels;
    struct http_access access;
    int64_t connect_ms, hold_ms;
    char *host;
    struct option_pairs headers;
};

struct sending {
    struct notify_series *series;
    const struct config *config;
    char **bodies; /* one a batch */
    size_t n_bodies;
    bool is_refused[URLS_MAX];
    notice_answer_fn *fn;
    void *arg;
};

/* --- the document ----------------------------------------------------------------------------- */

static void set_said(const struct receiver_job *job, struct jval *o, const char *key,
                     const char *packed)
{
    struct buf words = BUF_INIT(0);
    notify_say(job, &words, packed);
    jval_set_str(o, key, buf_text(&words));
    buf_release(&words);
}

static struct jval *own_labels(const struct receiver_job *job, const char *name)
{
    const struct config *c = job->config;
    struct jval *o = jval_object();
    for (size_t i = 0; i < c->labels.n; i++)
        jval_set_str(o, c->labels.keys[i], c->labels.values[i]);
    jval_set_str(o, "alertname", name);
    jval_set_str(o, "site", job->fleet->site_id);
    return o;
}

static struct jval *post_of(struct jval *labels, struct jval *annotations, int64_t from_ms,
                            int64_t to_ms)
{
    struct jval *o = jval_object();
    jval_set(o, "labels", labels);
    jval_set(o, "annotations", annotations);
    jval_set_time(o, "startsAt", from_ms);
    jval_set_time(o, "endsAt", to_ms);
    return o;
}

static struct jval *alert_post(const struct receiver_job *job, const struct alert *a)
{
    const struct config *config = job->config;
    const struct check *c = fleet_check(job->fleet, a->check);
    const char *slash = strrchr(a->check, '/');
    struct jval *labels = own_labels(job, slash != NULL ? slash + 1 : a->check);
    struct jval *notes = jval_object();
    char level[8], id[24];
    struct buf target = BUF_INIT(0);
    buf_add(&target, a->check, slash != NULL ? (size_t)(slash - a->check) : strlen(a->check));
    jval_set_str(labels, "target", buf_text(&target));
    jval_set_str(labels, "check", a->check);
    if (c != NULL)
        jval_set_str(labels, "priority", priority_name(c->priority));
    snprintf(level, sizeof level, "L%d", a->level);
    snprintf(id, sizeof id, "%llu", (unsigned long long)a->id);
    set_said(job, notes, "summary", a->summary);
    jval_set_str(notes, "state", state_rows[a->state].name);
    jval_set_str(notes, "level", level);
    jval_set_str(notes, "alert", id);
    if (c != NULL && c->target->runbook != NULL)
        jval_set_str(notes, "runbook", c->target->runbook);
    buf_release(&target);
    int64_t end_ms = a->phase == ALERT_RESOLVED && a->resolved_at_ms > 0
                         ? a->resolved_at_ms
                         : job->notice->at_ms + config->hold_ms;
    return post_of(labels, notes, a->opened_at_ms, end_ms);
}

/* The always-firing one and the test end by themselves. */
static struct jval *bare_post(const struct receiver_job *job)
{
    const struct notice *n = job->notice;
    bool is_beat = n->what == NOTICE_WATCHDOG;
    struct jval *notes = jval_object();
    set_said(job, notes, "summary", n->title);
    return post_of(own_labels(job, is_beat ? "TrucbanWatchdog" : "TrucbanTest"), notes, n->at_ms,
                   n->at_ms + (is_beat ? BEATS * n->to->every_ms : TEST_MS));
}

static void add_body(struct sending *run, struct jval *list)
{
    struct buf b = BUF_INIT(0);
    jval_dump(&b, list, 0);
    jval_free(list);
    run->bodies = mem_grow(run->bodies, run->n_bodies + 1, sizeof *run->bodies);
    run->bodies[run->n_bodies++] = buf_take(&b);
}

static void make_bodies(struct sending *run, const struct receiver_job *job)
{
    const struct ids *ids = &job->notice->alerts;
    struct jval *list = jval_array();
    if (!notice_rows[job->notice->what].has_alerts)
        jval_append(list, bare_post(job));
    for (size_t i = 0; i < ids->n; i++) {
        const struct alert *a = fleet_alert(job->fleet, ids->v[i]);
        if (a == NULL)
            continue;
        jval_append(list, alert_post(job, a));
        if (jval_len(list) == BATCH) {
            add_body(run, list);
            list = jval_array();
        }
    }
    if (jval_len(list) > 0 || run->n_bodies == 0)
        add_body(run, list);
    else
        jval_free(list);
}

/* --- requests: all batches to one URL, then to the next ------------------------------------- */

static struct http_plan *make_plan(const struct config *c, size_t url, const char *body,
                                   struct err *e)
{
    struct buf whole = BUF_INIT(0);
    buf_adds(&whole, c->urls.v[url]);
    while (whole.len > 0 && whole.bytes[whole.len - 1] == '/')
        whole.bytes[--whole.len] = '\0';
    buf_adds(&whole, API);
    const struct http_want w = {.url = buf_text(&whole),
                                .method = "POST",
                                .headers = &c->headers,
                                .body = body,
                                .access = &c->access,
                                .max_body = NOTIFY_REPLY_MAX,
                                .connect_ms = c->connect_ms};
    struct http_plan *p = http_plan_new(&w, e);
    buf_release(&whole);
    return p;
}

static struct http_plan *plan(void *arg, size_t i, struct err *e)
{
    struct sending *run = arg;
    size_t url = i / run->n_bodies;
    if (run->is_refused[url])
        return NULL;
    return make_plan(run->config, url, run->bodies[i % run->n_bodies], e);
}

static struct notify_verdict judge(void *arg, size_t i, struct http_reply *r)
{
    struct sending *run = arg;
    const struct http_access *a = &run->config->access;
    const char *const secrets[] = {a->password != NULL ? a->password : "",
                                   a->token != NULL ? a->token : "", NULL};
    struct notify_verdict v = notify_http_judge(r, secrets);
    run->is_refused[i / run->n_bodies] |= v.say != NULL;
    return v;
}

static void sending_free(struct sending *run)
{
    for (size_t i = 0; i < run->n_bodies; i++)
        free(run->bodies[i]);
    free(run->bodies);
    free(run);
}

static void end(void *arg, struct notify_verdict *v)
{
    struct sending *run = arg;
    for (size_t i = 0; i < run->config->urls.n; i++)
        if (!run->is_refused[i] && v->say != NULL) {
            free(v->say);
            v->say = NULL;
        }
    notify_answer(run->fn, run->arg, v->say, v->is_transient, v->may_have_arrived);
    sending_free(run);
}

static void *send_notice(const struct receiver_job *job, notice_answer_fn *fn, void *arg)
{
    struct sending *run = mem_alloc(sizeof *run);
    run->config = job->config;
    run->fn = fn;
    run->arg = arg;
    make_bodies(run, job);
    const struct notify_steps steps = {run->config->urls.n * run->n_bodies, plan, judge, end};
    run->series = notify_series_start(job, &steps, run);
    return run;
}

static void cancel(void *arg)
{
    struct sending *run = arg;
    notify_series_cancel(run->series);
    sending_free(run);
}

/* --- the kind --------------------------------------------------------------------------------- */

static bool is_label(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return *s != '\0' && (*s < '0' || *s > '9') && strspn(s, letters) == strlen(s);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (c->urls.n == 0 || c->urls.n > URLS_MAX)
        return err_set(e, "\"urls\" has %zu addresses, expected 1 to %d", c->urls.n, URLS_MAX);
    for (size_t i = 0; i < c->labels.n; i++)
        if (!is_label(c->labels.keys[i]))
            return err_set(e, "\"labels\": \"%.64s\" is no name of a label: letters, digits, \"_\"",
                           c->labels.keys[i]);
    c->headers = (struct option_pairs){mem_alloc(sizeof(char *)), mem_alloc(sizeof(char *)), 1};
    c->headers.keys[0] = mem_strdup("Content-Type");
    c->headers.values[0] = mem_strdup("application/json");
    for (size_t i = 0; i < c->urls.n; i++) {
        struct http_plan *p = make_plan(c, i, "[]", e);
        if (p == NULL)
            return false;
        mem_set(&c->host, http_plan_host(p));
        http_plan_free(p);
    }
    return true;
}

static void release(void *config)
{
    struct config *c = config;
    for (size_t i = 0; i < c->headers.n; i++) {
        free(c->headers.keys[i]);
        free(c->headers.values[i]);
    }
    free(c->headers.keys);
    free(c->headers.values);
    free(c->host);
}

static void whereto(const void *config, struct buf *out)
{
    const struct config *c = config;
    buf_addf(out, "%s%s", c->host, c->urls.n > 1 ? ", …" : "");
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "urls",
     .type = OPTION_STRINGS,
     .offset = AT(urls),
     .flags = OPTION_REQUIRED,
     .help = N_("where Alertmanager is, without /api; several are a cluster")},
    {.name = "labels",
     .type = OPTION_PAIRS,
     .offset = AT(labels),
     .help = N_("further labels of every alert")},
    {.name = "hold",
     .type = OPTION_DURATION,
     .offset = AT(hold_ms),
     .min = 60000,
     .max = 31.0 * 86400000,
     .fallback = "\"7d\"",
     .help = N_("an alert that nothing more is heard of ends there after so long")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = NULL}};

const struct receiver_type notify_alertmanager = {
    .name = "alertmanager",
    .summary = N_("forwards alerts to Alertmanager (API v2)"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .send = send_notice,
    .cancel = cancel,
    .whereto = whereto,
    .is_collector = true,
};
