/* http.c - libcurl behind engine/http.h: multi interface, driven by the loop's descriptors.
 *
 *   http_start -> address known? -> easy handle of the pool -> multi -> message -> reply -> pool
 *                    └ no: resolve_ask, with the call's own time limit
 *
 * What it costs is wake-ups and set-up, so handles keep all fixed options for life and a call sets
 * only what differs.  libcurl never resolves a name: it gets addresses or numeric hosts. */
#include "engine/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/http_private.h"
#include "engine/http_words.h"

#define IDLE_MAX  32          /* pooled handles kept */
#define KEPT_MAX  512L        /* connections of checks that keep theirs */
#define BODY_KEPT (16 * 1024) /* a larger body's memory goes back at once */

struct http {
    struct loop *loop;
    struct resolver *resolver;
    CURLM *multi;
    struct loop_timer *timer;
    struct http_call *idle;
    size_t n_idle, made, in_use;
    bool is_due;     /* libcurl has something to do by its clock */
    bool is_pumping; /* pump is queued */
};

/* --- what libcurl asks of us --- */

static void on_pace(void *arg);

/* libcurl's own limit on slowness also counts the time in which the server thinks; ours begins with
 * the body.  Until then the total limit is the one that counts. */
static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct http_call *c = arg;
    if (c->body.len + size * n > c->plan->max_body) {
        c->is_big = true;
        return 0;
    }
    if (c->body.len == 0) {
        if (c->pace == NULL)
            c->pace = loop_timer_new(c->http->loop, on_pace, c);
        loop_timer_set(c->pace, 1000, 1000);
    }
    buf_add(&c->body, bytes, size * n);
    return size * n;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct http_call *c = arg;
    (void)bytes;
    c->header_bytes += size * n;
    if (c->header_bytes <= HTTP_HEADERS_MAX)
        return size * n;
    c->is_headers_big = true;
    return 0;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct http_call *c = arg;
    if (purpose != CURLSOCKTYPE_IPCXN || (!c->is_local && resolve_is_forbidden(&a->addr))) {
        c->is_forbidden = true;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(a->family, a->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->protocol);
    if (fd < 0)
        c->sock_errno = errno;
    return fd;
}

static void on_ready(void *arg, int fd, int events, int error);
static void read_messages(struct http *h);
static void pump_soon(struct http *h);

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
    struct http *h = arg;
    struct loop_fd *watch = sock;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        loop_fd_free(watch);
        curl_multi_assign(h->multi, fd, NULL);
        return 0;
    }
    if (watch == NULL) {
        watch = loop_fd_new(h->loop, fd, on_ready, h);
        if (watch == NULL)
            return -1;
        curl_multi_assign(h->multi, fd, watch);
    }
    loop_fd_set(watch,
                (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
    return 0;
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct http *h = arg;
    int running;
    int mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
               (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0) | (error ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(h->multi, fd, mask, &running);
    pump_soon(h);
}

/* Runs once a round, before the loop sleeps: first all replies, then all that starts.  Work of one
 * sort in one go costs a fifth less than taking each connection through everything. */
static void pump(void *arg)
{
    struct http *h = arg;
    int running;

    h->is_pumping = false;
    read_messages(h);
    if (!h->is_due)
        return;
    h->is_due = false;
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    read_messages(h);
}

static void pump_soon(struct http *h)
{
    if (h->is_pumping)
        return;
    h->is_pumping = true;
    loop_soon(h->loop, pump, h);
}

static void on_time(void *arg)
{
    struct http *h = arg;
    h->is_due = true;
    pump_soon(h);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
    struct http *h = arg;
    (void)multi;
    if (ms < 0)
        loop_timer_stop(h->timer);
    else if (ms > 0)
        loop_timer_set(h->timer, ms, 0);
    else
        on_time(h);
    return 0;
}

/* --- handles --- */

#define SET(option, value) curl_easy_setopt(c->easy, option, value)

static void call_set_callbacks(struct http_call *c)
{
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, c);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, c);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, c);
}

static struct http_call *call_take(struct http *h)
{
    struct http_call *c = h->idle;
    if (c != NULL) {
        h->idle = c->next;
        h->n_idle--;
    } else {
        c = mem_alloc(sizeof *c);
        c->http = h;
        c->easy = curl_easy_init();
        h->made++;
        if (c->easy != NULL) {
            http_easy_set_fixed(c);
            call_set_callbacks(c);
        }
    }
    h->in_use++;
    return c;
}

static void call_destroy(struct http_call *c)
{
    if (c->easy != NULL)
        curl_easy_cleanup(c->easy);
    loop_timer_free(c->pace);
    buf_release(&c->body);
    free(c);
}

/* Everything undone that only this request had set. */
static void call_clear(struct http_call *c)
{
    if (c->is_in_multi)
        curl_multi_remove_handle(c->http->multi, c->easy);
    resolve_cancel(c->wait);
    loop_timer_free(c->limit);
    if (c->pace != NULL)
        loop_timer_stop(c->pace);
    if (c->resolve != NULL) {
        SET(CURLOPT_RESOLVE, NULL);
        curl_slist_free_all(c->resolve);
    }
    http_easy_undo_special(c);
    if (c->body.cap > BODY_KEPT)
        buf_release(&c->body);
    buf_clear(&c->body);
    c->wait = NULL;
    c->limit = NULL;
    c->resolve = NULL;
    c->header_bytes = c->body_seen = 0;
    c->slow_seconds = 0;
    c->sock_errno = 0;
    c->is_in_multi = c->is_big = c->is_headers_big = c->is_forbidden = c->is_local = false;
}

/* Back to the pool. */
static void call_release(struct http_call *c)
{
    struct http *h = c->http;

    call_clear(c);
    http_plan_free(c->hop);
    c->hop = NULL;
    c->plan = c->first = NULL;
    h->in_use--;
    if (h->n_idle >= IDLE_MAX || c->easy == NULL) {
        call_destroy(c);
        return;
    }
    c->next = h->idle;
    h->idle = c;
    h->n_idle++;
}

static void call_fail(struct http_call *c, char *say, bool is_self);
static void call_begin(struct http_call *c);

/* On to where the reply sends us; what is not followed ends the call, in words. */
static void call_follow(struct http_call *c, const char *url)
{
    struct http_reply so_far = {0};
    char most[16], *say = NULL;
    struct http_plan *hop = NULL;

    http_easy_read(c, CURLE_OK, &so_far);
    snprintf(most, sizeof most, "%d", c->first->max_redirects);
    if (c->redirects++ == c->first->max_redirects)
        say = SAY(N_("more than {0} redirects"), most);
    else
        hop = http_plan_redirect(c->first, url, &say);
    if (hop == NULL) {
        call_fail(c, say, false);
        return;
    }
    call_clear(c);
    http_plan_free(c->hop);
    c->hop = hop;
    c->plan = hop;
    c->before_ms = so_far.total_ms;
    call_begin(c);
}

static void call_done(struct http_call *c, CURLcode code)
{
    struct http_reply r = {0};
    char *url = NULL;

    curl_multi_remove_handle(c->http->multi, c->easy);
    c->is_in_multi = false;
    if (code == CURLE_OK && (url = http_easy_redirect(c)) != NULL) {
        call_follow(c, url);
        free(url);
        return;
    }
    http_easy_read(c, code, &r);
    r.call = c;
    c->fn(c->arg, &r);
    free(r.say);
    call_release(c);
}

static void on_pace(void *arg)
{
    struct http_call *c = arg;
    size_t got = c->body.len - c->body_seen;

    c->body_seen = c->body.len;
    c->slow_seconds = got < HTTP_SLOW_BYTES ? c->slow_seconds + 1 : 0;
    if (c->slow_seconds >= HTTP_SLOW_S)
        call_done(c, CURLE_OPERATION_TIMEDOUT);
}

static void read_messages(struct http *h)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct http_call *c = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
        call_done(c, code);
    }
}

/* A call that ends before libcurl had it. */
static void call_fail(struct http_call *c, char *say, bool is_self)
{
    struct http_reply r = {.say = say, .is_self = is_self, .body = "", .total_ms = -1};
    r.name_ms = c->name_ms;
    c->fn(c->arg, &r);
    free(r.say);
    call_release(c);
}

static void on_not_started(void *arg)
{
    struct http_fault f = {.kind = HTTP_FAULT_CONNECT, .error = ENOMEM};
    bool is_self = true;
    call_fail(arg, http_fault_say(&f, &is_self), is_self);
}

/* --- a call --- */

static void call_set_addresses(struct http_call *c, const struct resolve_answer *a)
{
    char text[64];
    struct buf line = BUF_INIT(0);

    /* '+': libcurl drops the entry by itself after a minute */
    buf_addf(&line, "+%s:%u:", c->plan->host, (unsigned)c->plan->port);
    for (int i = 0; i < a->n; i++) {
        bool is_v6 = a->address[i].ss_family == AF_INET6;
        buf_addf(&line, "%s%s%s%s", i > 0 ? "," : "", is_v6 ? "[" : "",
                 resolve_text(&a->address[i], text, sizeof text), is_v6 ? "]" : "");
    }
    c->resolve = curl_slist_append(NULL, buf_text(&line));
    buf_release(&line);
    SET(CURLOPT_RESOLVE, c->resolve);
}

static void call_send(struct http_call *c)
{
    const struct http_plan *p = c->plan;
    long timeout = (long)(c->timeout_ms - (int64_t)(c->before_ms + c->name_ms));

    if (timeout < 1)
        timeout = 1;
    if (c->easy != NULL) {
        SET(CURLOPT_URL, p->url);
        if (timeout != c->set_timeout_ms)
            SET(CURLOPT_TIMEOUT_MS, timeout);
        if (p->connect_ms != c->set_connect_ms)
            SET(CURLOPT_CONNECTTIMEOUT_MS, p->connect_ms);
        c->set_timeout_ms = timeout;
        c->set_connect_ms = p->connect_ms;
        c->error[0] = '\0';
        http_easy_set_special(c);
        c->is_in_multi = curl_multi_add_handle(c->http->multi, c->easy) == CURLM_OK;
    }
    if (c->is_in_multi)
        return;
    if (c->limit == NULL)
        c->limit = loop_timer_new(c->http->loop, on_not_started, c);
    loop_timer_set(c->limit, 0, 0);
}

static void on_name(void *arg, const struct resolve_answer *a)
{
    struct http_call *c = arg;
    bool is_self = false;

    c->wait = NULL; /* freed by who calls us */
    loop_timer_free(c->limit);
    c->limit = NULL;
    c->name_ms = loop_precise_ms() - c->begun_ms;
    if (a->outcome != RESOLVE_OK) {
        char *say = resolve_say(a, c->plan->host, &is_self);
        call_fail(c, say, is_self);
        return;
    }
    c->is_local = a->is_local;
    call_set_addresses(c, a);
    call_send(c);
}

static void on_name_late(void *arg)
{
    struct http_call *c = arg;
    struct resolve_answer a;
    bool is_self = false;

    resolve_silent(c->wait, &a);
    c->name_ms = loop_precise_ms() - c->begun_ms;
    char *say = resolve_say(&a, c->plan->host, &is_self);
    call_fail(c, say, is_self);
}

/* An address that the site file or the machine itself names may be any; one that came by a redirect
 * or from a name server may not (resolve_is_forbidden). */
static void call_begin(struct http_call *c)
{
    const struct http_plan *p = c->plan;
    struct http *h = c->http;
    struct resolve_answer a;

    c->name_ms = 0;
    c->body.max = p->max_body;
    if (p->is_numeric) {
        c->is_local = p == c->first || strcasecmp(p->host, c->first->host) == 0;
        call_send(c);
    } else if (resolve_known(h->resolver, p->host, &a) && a.outcome == RESOLVE_OK) {
        c->is_local = a.is_local;
        call_set_addresses(c, &a);
        call_send(c);
    } else {
        c->begun_ms = loop_precise_ms();
        c->wait = resolve_ask(h->resolver, p->host, on_name, c);
        c->limit = loop_timer_new(h->loop, on_name_late, c);
        loop_timer_set(c->limit, c->timeout_ms - (int64_t)c->before_ms, 0);
    }
}

struct http_call *http_start(struct http *h, const struct http_plan *p, int64_t timeout_ms,
                             http_fn *fn, void *arg)
{
    struct http_call *c = call_take(h);

    c->plan = c->first = p;
    c->fn = fn;
    c->arg = arg;
    c->timeout_ms = timeout_ms;
    c->before_ms = 0;
    c->redirects = 0;
    call_begin(c);
    return c;
}

void http_cancel(struct http_call *c)
{
    if (c != NULL)
        call_release(c);
}

struct http *http_new(struct loop *l, struct resolver *r, struct err *e)
{
    struct http *h = mem_alloc(sizeof *h);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        h->multi = curl_multi_init();
    if (h->multi == NULL) {
        err_set(e, "cannot start libcurl: out of memory");
        free(h);
        return NULL;
    }
    h->loop = l;
    h->resolver = r;
    h->timer = loop_timer_new(l, on_time, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, KEPT_MAX);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    return h;
}

void http_free(struct http *h)
{
    if (h == NULL)
        return;
    while (h->idle != NULL) {
        struct http_call *c = h->idle;
        h->idle = c->next;
        call_destroy(c);
    }
    curl_multi_cleanup(h->multi);
    loop_timer_free(h->timer);
    loop_forget(h->loop, h);
    curl_global_cleanup();
    free(h);
}

void http_figures(const struct http *h, size_t *made, size_t *in_use)
{
    *made = h->made;
    *in_use = h->in_use;
}
