#include "engine/patroni_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"

#define REPLY_MAX (256 * 1024)

struct node { /* one of the URLs */
    char *url;
    char *address;                /* HOST:PORT as in it */
    char name[TEXT_MAX_NAME + 1]; /* configured or learnt; "" not yet */
    struct http_plan *self, *list, *config;
};

struct patroni_plan {
    struct node *nodes;
    size_t n;
    const struct http_access *access; /* borrowed from who configured it */
    int64_t connect_ms;
};

struct ask { /* one request under way */
    struct patroni_look *look;
    struct patroni_member *member; /* NULL: the list or the configuration */
    struct http_call *call;
};

struct patroni_look {
    struct loop *loop;
    struct http *http;
    struct patroni_plan *plan;
    patroni_fn *fn;
    void *arg;
    int64_t timeout_ms;
    double begun_ms;
    struct patroni_view view;
    struct ask nodes[PATRONI_MEMBERS_MAX], list, config;
    size_t open; /* requests under way */
    bool has_asked_list;
};

/* --- what stays --- */

static struct http_plan *plan_of(const struct patroni_want *w, const char *base, const char *path,
                                 struct err *e)
{
    struct buf url = BUF_INIT(0);
    buf_adds(&url, base);
    buf_adds(&url, path);
    struct http_want want = {.url = buf_text(&url),
                             .access = w->access,
                             .max_body = REPLY_MAX,
                             .connect_ms = w->connect_ms};
    struct http_plan *p = http_plan_new(&want, e);
    buf_release(&url);
    return p;
}

static bool fill_node(struct node *n, const struct patroni_want *w, const char *url, struct err *e)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    n->url = mem_strndup(url, len);
    n->self = plan_of(w, n->url, "/patroni", e);
    if (n->self == NULL)
        return false;
    n->list = plan_of(w, n->url, "/cluster", e);
    n->config = plan_of(w, n->url, "/config", e);
    const char *at = strstr(n->url, "://") + 3; /* http_plan_new saw to it */
    n->address = mem_strndup(at, strcspn(at, "/?#"));
    return n->list != NULL && n->config != NULL;
}

struct patroni_plan *patroni_plan_new(const struct patroni_want *w, struct err *e)
{
    struct patroni_plan *p = mem_alloc(sizeof *p);
    p->access = w->access;
    p->connect_ms = w->connect_ms;
    bool has_names = w->names != NULL && w->names->n > 0;
    bool ok = true;

    if (w->urls->n == 0 || w->urls->n > PATRONI_MEMBERS_MAX)
        ok = err_set(e, "\"urls\" has %zu entries, expected 1 to %d", w->urls->n,
                     PATRONI_MEMBERS_MAX);
    else if (has_names && w->names->n != w->urls->n)
        ok = err_set(e, "\"names\" has %zu entries and \"urls\" %zu, expected one for each",
                     w->names->n, w->urls->n);
    p->nodes = mem_alloc((ok ? w->urls->n : 1) * sizeof *p->nodes);
    for (size_t i = 0; ok && i < w->urls->n; i++) {
        struct node *n = &p->nodes[p->n++];
        ok = fill_node(n, w, w->urls->v[i], e);
        if (ok && has_names)
            snprintf(n->name, sizeof n->name, "%s", w->names->v[i]);
    }
    if (ok)
        return p;
    patroni_plan_free(p);
    return NULL;
}

void patroni_plan_free(struct patroni_plan *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++) {
        free(p->nodes[i].url);
        free(p->nodes[i].address);
        http_plan_free(p->nodes[i].self);
        http_plan_free(p->nodes[i].list);
        http_plan_free(p->nodes[i].config);
    }
    free(p->nodes);
    free(p);
}

const char *patroni_plan_host(const struct patroni_plan *p)
{
    return http_plan_host(p->nodes[0].self);
}

const char *patroni_plan_url(const struct patroni_plan *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->nodes[i].name, name) == 0 || strcmp(p->nodes[i].address, name) == 0)
            return p->nodes[i].url;
    return NULL;
}

struct http_plan *patroni_plan_post(const struct patroni_plan *p, const char *url, const char *body,
                                    struct err *e)
{
    char *name = mem_strdup("Content-Type"), *value = mem_strdup("application/json");
    struct option_pairs headers = {&name, &value, 1};
    struct http_want want = {.url = url,
                             .method = "POST",
                             .headers = &headers,
                             .body = body,
                             .access = p->access,
                             .max_body = REPLY_MAX,
                             .connect_ms = p->connect_ms};
    struct http_plan *plan = http_plan_new(&want, e);
    free(name);
    free(value);
    return plan;
}

/* --- one look --- */

void patroni_look_cancel(struct patroni_look *look)
{
    if (look == NULL)
        return;
    for (size_t i = 0; i < look->plan->n; i++)
        http_cancel(look->nodes[i].call);
    http_cancel(look->list.call);
    http_cancel(look->config.call);
    patroni_view_release(&look->view);
    free(look);
}

/* Names that were learnt before stand until the list or the node itself says otherwise. */
static void remember_names(struct patroni_look *look)
{
    for (size_t i = 0; i < look->plan->n; i++) {
        const struct patroni_member *m = &look->view.members[i];
        struct node *n = &look->plan->nodes[i];
        if (strcmp(m->name, m->address) != 0)
            snprintf(n->name, sizeof n->name, "%s", m->name);
    }
}

static void end_ask(struct ask *ask)
{
    struct patroni_look *look = ask->look;
    ask->call = NULL; /* freed by who calls us */
    if (--look->open > 0)
        return;
    remember_names(look);
    look->view.at_s = loop_wall_ms(look->loop) / 1000;
    look->fn(look->arg, &look->view);
    patroni_look_cancel(look);
}

/* Takes the reply's sentence, or makes one of a status or a body that is none of Patroni's. */
static char *refusal_of(struct http_reply *r, const struct err *e)
{
    char status[16];
    char *say = r->say;
    if (!r->is_ok) {
        r->say = NULL;
        return say;
    }
    snprintf(status, sizeof status, "%d", r->status);
    if (r->status >= 400)
        return SAY(N_("HTTP {0}, not an answer of Patroni"), status);
    char *clean = text_cleaned(e->text, strlen(e->text), TEXT_MAX_NAME, 0);
    say = SAY(N_("malformed JSON in the reply: {0}"), clean);
    free(clean);
    return say;
}

static void on_list(void *arg, struct http_reply *r)
{
    struct ask *ask = arg;
    struct patroni_view *v = &ask->look->view;
    struct err e = {""};

    if (!r->is_ok || r->status != 200 || !patroni_read_list(v, r->body, r->len, &e))
        v->list_say = refusal_of(r, &e);
    end_ask(ask);
}

static void on_config(void *arg, struct http_reply *r)
{
    struct ask *ask = arg;
    if (r->is_ok && r->status == 200)
        patroni_read_config(&ask->look->view, r->body, r->len, NULL);
    end_ask(ask);
}

static void ask(struct ask *a, struct patroni_look *look, const struct http_plan *plan, http_fn *fn)
{
    int64_t left = look->timeout_ms - (int64_t)(loop_precise_ms() - look->begun_ms);
    a->look = look;
    look->open++;
    a->call = http_start(look->http, plan, left > 1 ? left : 1, fn, a);
}

static void on_node(void *arg, struct http_reply *r)
{
    struct ask *a = arg;
    struct patroni_look *look = a->look;
    struct err e = {""};

    if (r->is_ok && patroni_read_node(a->member, r->body, r->len, &e)) {
        if (!look->has_asked_list) {
            const struct node *n = &look->plan->nodes[a->member - look->view.members];
            look->has_asked_list = true;
            ask(&look->list, look, n->list, on_list);
            ask(&look->config, look, n->config, on_config);
        }
    } else {
        a->member->is_self = r->is_self;
        a->member->say = refusal_of(r, &e);
    }
    end_ask(a);
}

struct patroni_look *patroni_look_start(struct loop *l, struct http *h, struct patroni_plan *p,
                                        int64_t timeout_ms, patroni_fn *fn, void *arg)
{
    struct patroni_look *look = mem_alloc(sizeof *look);
    const char *addresses[PATRONI_MEMBERS_MAX];

    look->loop = l;
    look->http = h;
    look->plan = p;
    look->fn = fn;
    look->arg = arg;
    look->timeout_ms = timeout_ms;
    look->begun_ms = loop_precise_ms();
    for (size_t i = 0; i < p->n; i++)
        addresses[i] = p->nodes[i].address;
    patroni_view_init(&look->view, addresses, p->n);
    for (size_t i = 0; i < p->n; i++) {
        struct patroni_member *m = &look->view.members[i];
        if (p->nodes[i].name[0] != '\0')
            snprintf(m->name, sizeof m->name, "%s", p->nodes[i].name);
        look->nodes[i].member = m;
        ask(&look->nodes[i], look, p->nodes[i].self, on_node);
    }
    return look;
}
