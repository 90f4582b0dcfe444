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
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/http_plan.h"
#include "engine/http_words.h"

#define IDLE_MAX   32          /* pooled handles kept */
#define BODY_KEPT  (16 * 1024) /* a larger body's memory goes back at once */
#define SLOW_BYTES 100         /* a body of less than so many a second … */
#define SLOW_S     3           /* … for so many seconds in a row is too slow */
#define CA_BUNDLE  "/etc/ssl/certs/ca-certificates.crt"
#define USER_AGENT "trucban/" TRUCBAN_VERSION

struct http_call { /* pooled; a call is one run while plan is set */
    struct http *http;
    CURL *easy;
    const struct http_plan *plan;
    http_fn *fn;
    void *arg;
    struct resolve_wait *wait;
    struct loop_timer *limit; /* of the wait for a name, or what defers a failed start */
    struct loop_timer *pace;  /* each second of a body; kept with the handle */
    struct curl_slist *resolve, *headers;
    double begun_ms, name_ms;
    int64_t timeout_ms;
    struct buf body;
    size_t header_bytes, body_seen;      /* body_seen: at the last turn of pace */
    int slow_seconds;                    /* in a row, of a body that has begun */
    long set_timeout_ms, set_connect_ms; /* as the handle has them now */
    int sock_errno;
    bool is_in_multi, is_plain, is_big, is_headers_big, is_forbidden, is_local;
    char error[CURL_ERROR_SIZE];
    struct http_call *next; /* in the pool */
};

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

/* --- URLs --- */

static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
    char *text = NULL, *copy;
    if (curl_url_get(u, part, &text, flags) != CURLUE_OK)
        return NULL;
    copy = mem_strdup(text);
    curl_free(text);
    return copy;
}

bool http_url_split(const char *url, struct http_url *out, struct err *e)
{
    CURLU *u = curl_url();
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, url, 0);

    memset(out, 0, sizeof *out);
    if (rc == CURLUE_OK) {
        out->scheme = url_part(u, CURLUPART_SCHEME, 0);
        out->host = url_part(u, CURLUPART_HOST, CURLU_PUNYCODE);
        out->port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
        out->user = url_part(u, CURLUPART_USER, 0);
    }
    curl_url_cleanup(u);
    if (out->scheme != NULL && out->host != NULL)
        return true;
    http_url_release(out);
    return err_set(e, "\"%s\" is not a URL: %s", url,
                   rc != CURLUE_OK ? curl_url_strerror(rc) : "no host");
}

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

static void call_set_fixed(struct http_call *c)
{
    SET(CURLOPT_PRIVATE, c);
    SET(CURLOPT_ERRORBUFFER, c->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_MAXREDIRS, 3L);
    SET(CURLOPT_UNRESTRICTED_AUTH, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, USER_AGENT);
    SET(CURLOPT_BUFFERSIZE, 16384L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L); /* a resumed session hides an expired certificate */
    SET(CURLOPT_CAPATH, NULL);            /* else the CA cache is off (finding F22) */
    SET(CURLOPT_CAINFO, CA_BUNDLE);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, c);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, c);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, c);
    c->is_plain = true;
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
        if (c->easy != NULL)
            call_set_fixed(c);
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

/* Back to the pool, with everything undone that only this call had set. */
static void call_release(struct http_call *c)
{
    struct http *h = c->http;

    if (c->is_in_multi)
        curl_multi_remove_handle(h->multi, c->easy);
    resolve_cancel(c->wait);
    loop_timer_free(c->limit);
    if (c->pace != NULL)
        loop_timer_stop(c->pace);
    if (c->resolve != NULL) {
        SET(CURLOPT_RESOLVE, NULL);
        curl_slist_free_all(c->resolve);
    }
    if (c->easy != NULL && !c->is_plain) {
        SET(CURLOPT_HTTPHEADER, NULL);
        curl_slist_free_all(c->headers);
        c->headers = NULL;
        SET(CURLOPT_CUSTOMREQUEST, NULL);
        SET(CURLOPT_POSTFIELDS, NULL);
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_CAINFO, CA_BUNDLE);
        SET(CURLOPT_SSL_VERIFYPEER, 1L);
        SET(CURLOPT_SSL_VERIFYHOST, 2L);
        c->is_plain = true;
    }
    if (c->body.cap > BODY_KEPT)
        buf_release(&c->body);
    buf_clear(&c->body);
    c->plan = NULL;
    c->wait = NULL;
    c->limit = NULL;
    c->resolve = NULL;
    c->header_bytes = c->body_seen = 0;
    c->slow_seconds = 0;
    c->sock_errno = 0;
    c->is_in_multi = c->is_big = c->is_headers_big = c->is_forbidden = c->is_local = false;
    h->in_use--;
    if (h->n_idle >= IDLE_MAX || c->easy == NULL) {
        call_destroy(c);
        return;
    }
    c->next = h->idle;
    h->idle = c;
    h->n_idle++;
}

static void call_set_special(struct http_call *c)
{
    const struct http_plan *p = c->plan;

    if (p->n_headers == 0 && p->method == NULL && !p->is_head && p->body == NULL &&
        p->ca_file == NULL && !p->is_insecure)
        return;
    c->is_plain = false;
    for (size_t i = 0; i < p->n_headers; i++)
        c->headers = curl_slist_append(c->headers, p->headers[i]);
    if (c->headers != NULL)
        SET(CURLOPT_HTTPHEADER, c->headers);
    if (p->is_head)
        SET(CURLOPT_NOBODY, 1L);
    if (p->body != NULL) {
        SET(CURLOPT_POSTFIELDS, p->body);
        SET(CURLOPT_POSTFIELDSIZE, (long)strlen(p->body));
    }
    if (p->method != NULL)
        SET(CURLOPT_CUSTOMREQUEST, p->method);
    else if (p->body != NULL)
        SET(CURLOPT_CUSTOMREQUEST, "GET");
    if (p->ca_file != NULL)
        SET(CURLOPT_CAINFO, p->ca_file);
    if (p->is_insecure) {
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

/* --- the reply --- */

static double info_ms(const struct http_call *c, CURLINFO what)
{
    curl_off_t us = 0;
    curl_easy_getinfo(c->easy, what, &us);
    return (double)us / 1e3;
}

static void fill_times(const struct http_call *c, struct http_reply *r)
{
    double lookup = info_ms(c, CURLINFO_NAMELOOKUP_TIME_T);
    double connected = info_ms(c, CURLINFO_CONNECT_TIME_T);
    double secured = c->plan->is_tls ? info_ms(c, CURLINFO_APPCONNECT_TIME_T) : 0;
    double first = info_ms(c, CURLINFO_STARTTRANSFER_TIME_T);
    double ready = secured > connected ? secured : connected;

    r->name_ms = c->name_ms;
    r->connect_ms = connected > lookup ? connected - lookup : 0;
    r->tls_ms = secured > connected ? secured - connected : 0;
    r->first_byte_ms = first > ready ? first - ready : 0;
    r->total_ms = c->name_ms + info_ms(c, CURLINFO_TOTAL_TIME_T);
}

/* Which limit was it that ran out? */
static struct http_fault timeout_of(const struct http_call *c, const struct http_reply *r)
{
    struct http_fault f = {.kind = HTTP_FAULT_NOT_COMPLETE, .limit_ms = c->timeout_ms};

    if (info_ms(c, CURLINFO_CONNECT_TIME_T) <= 0) {
        f.kind = HTTP_FAULT_NO_CONNECTION;
        if (c->set_connect_ms < c->timeout_ms)
            f.limit_ms = c->set_connect_ms;
    } else if (r->is_tls && r->tls_ms <= 0) {
        f.kind = HTTP_FAULT_NO_HANDSHAKE;
        f.limit_ms = (int64_t)(r->total_ms + 50) / 100 * 100;
    } else if (c->slow_seconds >= SLOW_S) {
        f = (struct http_fault){
            .kind = HTTP_FAULT_TOO_SLOW, .limit_ms = SLOW_S * 1000, .bytes = SLOW_BYTES};
    } else if (c->header_bytes == 0) {
        f.kind = HTTP_FAULT_NO_ANSWER;
    }
    return f;
}

static struct http_fault connect_fault_of(const struct http_call *c)
{
    struct http_fault f = {.kind = HTTP_FAULT_CONNECT, .error = c->sock_errno};
    long os_errno = 0;

    if (c->is_forbidden)
        return (struct http_fault){.kind = HTTP_FAULT_FORBIDDEN, .text = c->plan->host};
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (f.error == 0)
        f.error = (int)os_errno;
    return f;
}

static enum http_fault_kind kind_of(CURLcode code, const char *words)
{
    switch (code) {
    case CURLE_GOT_NOTHING:
        return HTTP_FAULT_CLOSED;
    case CURLE_PARTIAL_FILE:
        return HTTP_FAULT_SHORT;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: /* the same codes for a bad chunk */
        return strstr(words, "chunk") != NULL ? HTTP_FAULT_MALFORMED : HTTP_FAULT_RESET;
    case CURLE_PEER_FAILED_VERIFICATION:
        return HTTP_FAULT_CERTIFICATE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
        return HTTP_FAULT_TLS;
    case CURLE_SSL_CACERT_BADFILE:
        return HTTP_FAULT_CA_FILE;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: bytes without a header */
    case CURLE_OUT_OF_MEMORY:        /* what libcurl says of a header over 100 KiB (PF6) */
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR: /* not from us: chunks that cannot be decoded */
        return HTTP_FAULT_MALFORMED;
    default:
        return HTTP_FAULT_OTHER;
    }
}

static struct http_fault fault_of(const struct http_call *c, CURLcode code,
                                  const struct http_reply *r)
{
    struct http_fault f = {.text = c->error[0] != '\0' ? c->error : curl_easy_strerror(code)};

    if (c->is_big) {
        f.kind = HTTP_FAULT_BIG;
        f.bytes = (int64_t)c->plan->max_body;
    } else if (c->is_headers_big) {
        f.kind = HTTP_FAULT_HEADERS_BIG;
        f.bytes = HTTP_HEADERS_MAX;
    } else if (code == CURLE_COULDNT_CONNECT) {
        f = connect_fault_of(c);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        f = timeout_of(c, r);
    } else {
        f.kind = kind_of(code, f.text);
    }
    if (f.kind == HTTP_FAULT_CA_FILE)
        f.text = c->plan->ca_file != NULL ? c->plan->ca_file : CA_BUNDLE;
    else if (f.kind == HTTP_FAULT_OTHER)
        f.text = curl_easy_strerror(code);
    return f;
}

static void call_done(struct http_call *c, CURLcode code)
{
    struct http_reply r = {.is_tls = c->plan->is_tls};
    long status = 0;

    curl_multi_remove_handle(c->http->multi, c->easy);
    c->is_in_multi = false;
    fill_times(c, &r);
    if (code == CURLE_OK) {
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
        r.is_ok = true;
        r.status = (int)status;
    } else {
        struct http_fault f = fault_of(c, code, &r);
        r.say = http_fault_say(&f, &r.is_self);
    }
    r.body = buf_text(&c->body);
    r.len = c->body.len;
    c->fn(c->arg, &r);
    free(r.say);
    call_release(c);
}

static void on_pace(void *arg)
{
    struct http_call *c = arg;
    size_t got = c->body.len - c->body_seen;

    c->body_seen = c->body.len;
    c->slow_seconds = got < SLOW_BYTES ? c->slow_seconds + 1 : 0;
    if (c->slow_seconds >= SLOW_S)
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
    long timeout = (long)(c->timeout_ms - (int64_t)c->name_ms);

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
        call_set_special(c);
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

struct http_call *http_start(struct http *h, const struct http_plan *p, int64_t timeout_ms,
                             http_fn *fn, void *arg)
{
    struct http_call *c = call_take(h);
    struct resolve_answer a;

    c->plan = p;
    c->fn = fn;
    c->arg = arg;
    c->timeout_ms = timeout_ms;
    c->name_ms = 0;
    c->body.max = p->max_body;
    if (p->is_numeric) {
        c->is_local = true;
        call_send(c);
    } else if (resolve_known(h->resolver, p->host, &a) && a.outcome == RESOLVE_OK) {
        c->is_local = a.is_local;
        call_set_addresses(c, &a);
        call_send(c);
    } else {
        c->begun_ms = loop_precise_ms();
        c->wait = resolve_ask(h->resolver, p->host, on_name, c);
        c->limit = loop_timer_new(h->loop, on_name_late, c);
        loop_timer_set(c->limit, timeout_ms, 0);
    }
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
