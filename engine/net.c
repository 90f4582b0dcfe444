/* net.c - TCP by hand on the loop: addresses in turn, then send, then look for a text. */
#include "engine/net.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

struct net_call {
    struct loop *loop;
    struct net_want want;
    net_fn *fn;
    void *arg;
    struct resolve_wait *wait;
    struct resolve_answer addresses;
    int next; /* address to be tried next */
    int fd, error;
    bool is_connected;
    size_t sent;
    struct loop_fd *watch;
    struct loop_timer *limit;
    char *failure; /* of a start that failed: told from the timer */
    bool is_self;
    struct buf got;
    double begun_ms, named_ms, dialled_ms, connected_ms;
};

char *net_say_errno(int error, bool *is_self)
{
    switch (error) {
    case ECONNREFUSED:
        return mem_strdup(N_("connection refused"));
    case ECONNRESET:
    case EPIPE:
        return mem_strdup(N_("connection reset"));
    case ETIMEDOUT:
        return mem_strdup(N_("no connection: timed out"));
    case EHOSTUNREACH:
        return mem_strdup(N_("host unreachable"));
    case ENETUNREACH:
        return mem_strdup(N_("network unreachable"));
    case EMFILE:
    case ENFILE:
        *is_self = true;
        return mem_strdup(N_("trucban itself is out of file descriptors"));
    case EADDRNOTAVAIL:
        *is_self = true;
        return mem_strdup(N_("trucban itself has no local address or port left"));
    case ENOMEM:
    case ENOBUFS:
        *is_self = true;
        return mem_strdup(N_("trucban itself is out of memory"));
    case EDESTADDRREQ:
        *is_self = true;
        return mem_strdup(N_("the target has no address"));
    case EACCES:
    case EPERM:
        *is_self = true;
        return mem_strdup(N_("connecting is not permitted here"));
    default:
        return SAY(N_("cannot connect: {0}"),
                   strerrordesc_np(error) ? strerrordesc_np(error) : "?");
    }
}

const char *net_span(int64_t ms, char out[24])
{
    if (ms % 1000 == 0)
        snprintf(out, 24, "%lld s", (long long)(ms / 1000));
    else
        snprintf(out, 24, "%lld ms", (long long)ms);
    return out;
}

const char *net_size(int64_t bytes, char out[24])
{
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
        snprintf(out, 24, "%lld MiB", (long long)(bytes >> 20));
    else if (bytes >= 1024 && bytes % 1024 == 0)
        snprintf(out, 24, "%lld KiB", (long long)(bytes >> 10));
    else
        snprintf(out, 24, "%lld B", (long long)bytes);
    return out;
}

static void hang_up(struct net_call *c)
{
    loop_fd_free(c->watch);
    c->watch = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

void net_cancel(struct net_call *c)
{
    if (c == NULL)
        return;
    hang_up(c);
    resolve_cancel(c->wait);
    loop_timer_free(c->limit);
    buf_release(&c->got);
    free(c->failure);
    free(c);
}

/* The end: tells, then frees.  say NULL: all went well. */
static void finish(struct net_call *c, char *say, bool is_self)
{
    double now = loop_precise_ms();
    struct net_reply r = {.is_ok = say == NULL, .is_self = is_self, .say = say};

    r.bytes = buf_text(&c->got);
    r.len = c->got.len;
    r.name_ms = c->named_ms > 0 ? c->named_ms - c->begun_ms : 0;
    r.connect_ms = c->is_connected ? c->connected_ms - c->dialled_ms : 0;
    r.total_ms = now - c->begun_ms;
    c->fn(c->arg, &r);
    free(r.say);
    net_cancel(c);
}

static void finish_errno(struct net_call *c, int error)
{
    bool is_self = false;
    char *say = net_say_errno(error, &is_self);
    finish(c, say, is_self);
}

/* What was expected comes from the site file and may end with a line end. */
static void finish_expect(struct net_call *c, const char *msgid, const char *limit)
{
    size_t len = strlen(c->want.expect);
    while (len > 0 && strchr(" \t\r\n", c->want.expect[len - 1]) != NULL)
        len--;
    char *clean = text_cleaned(c->want.expect, len, TEXT_MAX_NAME, 0);
    char *say = SAY(msgid, clean, limit);
    free(clean);
    finish(c, say, false);
}

static void dial(struct net_call *c);

static bool has_expected(const struct net_call *c)
{
    return c->got.len > 0 &&
           memmem(c->got.bytes, c->got.len, c->want.expect, strlen(c->want.expect)) != NULL;
}

static void on_limit(void *arg)
{
    struct net_call *c = arg;
    char span[24];
    bool is_self = false;

    if (c->failure != NULL && c->next < c->addresses.n) {
        free(c->failure);
        c->failure = NULL;
        c->is_self = false;
        hang_up(c);
        dial(c);
    } else if (c->failure != NULL) {
        char *say = c->failure;
        c->failure = NULL;
        finish(c, say, c->is_self);
    } else if (c->wait != NULL) {
        struct resolve_answer a;
        resolve_silent(c->wait, &a);
        char *say = resolve_say(&a, c->want.host, &is_self);
        finish(c, say, is_self);
    } else if (!c->is_connected && c->next < c->addresses.n) {
        hang_up(c);
        dial(c);
    } else if (!c->is_connected) {
        finish(c, SAY(N_("no connection within {0}"), net_span(c->want.connect_ms, span)), false);
    } else if (c->got.len == 0) {
        finish(c, SAY(N_("no answer within {0}"), net_span(c->want.timeout_ms, span)), false);
    } else {
        finish_expect(c, N_("{0} did not come within {1}"), net_span(c->want.timeout_ms, span));
    }
}

/* False: the call has ended. */
static bool take_bytes(struct net_call *c)
{
    char chunk[4096], size[24];
    ssize_t got = read(c->fd, chunk, sizeof chunk);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got < 0) {
        finish_errno(c, errno);
        return false;
    }
    buf_add(&c->got, chunk, (size_t)got);
    if (has_expected(c))
        finish(c, NULL, false);
    else if (got == 0 && c->got.len == 0)
        finish(c, mem_strdup(N_("connection closed without a reply")), false);
    else if (got == 0)
        finish_expect(c, N_("reply does not contain {0}"), "");
    else if (c->got.is_cut || c->got.len >= NET_REPLY_MAX)
        finish_expect(c, N_("{0} not in the first {1}"), net_size(NET_REPLY_MAX, size));
    else
        return true;
    return false;
}

/* False: the call has ended. */
static bool push_bytes(struct net_call *c)
{
    size_t len = c->want.send != NULL ? strlen(c->want.send) : 0;

    if (c->sent < len) {
        ssize_t n = send(c->fd, c->want.send + c->sent, len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            finish_errno(c, errno);
            return false;
        }
        if (n > 0)
            c->sent += (size_t)n;
    }
    if (c->sent == len && c->want.expect == NULL) {
        finish(c, NULL, false);
        return false;
    }
    loop_fd_set(c->watch, (c->sent < len ? LOOP_WRITE : 0) | (c->want.expect ? LOOP_READ : 0));
    return true;
}

static void next_or_fail(struct net_call *c, int error)
{
    hang_up(c);
    if (c->next < c->addresses.n)
        dial(c);
    else
        finish_errno(c, error);
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct net_call *c = arg;

    if (!c->is_connected) {
        int so_error = error;
        socklen_t len = sizeof so_error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &so_error, &len);
        if (so_error != 0) {
            next_or_fail(c, so_error);
            return;
        }
        c->is_connected = true;
        c->connected_ms = loop_precise_ms();
        int64_t left = c->want.timeout_ms - (int64_t)(c->connected_ms - c->begun_ms);
        loop_timer_set(c->limit, left > 1 ? left : 1, 0);
        push_bytes(c);
        return;
    }
    if ((events & LOOP_READ) && !take_bytes(c))
        return;
    if (events & LOOP_WRITE)
        push_bytes(c);
}

/* Tells from the loop, since nothing may be told from inside net_start. */
static void fail_later(struct net_call *c, int error)
{
    free(c->failure);
    c->failure = net_say_errno(error, &c->is_self);
    loop_timer_set(c->limit, 0, 0);
}

static void dial(struct net_call *c)
{
    struct sockaddr_storage *a = &c->addresses.address[c->next++];
    int on = 1;

    resolve_set_port(a, c->want.port);
    c->dialled_ms = loop_precise_ms();
    if (!c->addresses.is_local && resolve_is_forbidden((const struct sockaddr *)a)) {
        c->failure = SAY(N_("the name {0} leads to an address that is not allowed"), c->want.host);
        loop_timer_set(c->limit, 0, 0);
        return;
    }
    c->fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        fail_later(c, errno);
        return;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(c->fd, (const struct sockaddr *)a, resolve_len(a)) != 0 && errno != EINPROGRESS) {
        fail_later(c, errno);
        return;
    }
    c->watch = loop_fd_new(c->loop, c->fd, on_ready, c);
    if (c->watch == NULL) {
        fail_later(c, errno);
        return;
    }
    loop_fd_set(c->watch, LOOP_WRITE);
    int64_t left = c->want.timeout_ms - (int64_t)(c->dialled_ms - c->begun_ms);
    int64_t limit = c->want.connect_ms < left ? c->want.connect_ms : left;
    loop_timer_set(c->limit, limit > 1 ? limit : 1, 0);
}

static void on_name(void *arg, const struct resolve_answer *a)
{
    struct net_call *c = arg;
    bool is_self = false;

    c->wait = NULL;
    c->named_ms = loop_precise_ms();
    if (a->outcome != RESOLVE_OK) {
        char *say = resolve_say(a, c->want.host, &is_self);
        finish(c, say, is_self);
        return;
    }
    c->addresses = *a;
    dial(c);
}

struct net_call *net_start(struct loop *l, struct resolver *r, const struct net_want *w, net_fn *fn,
                           void *arg)
{
    struct net_call *c = mem_alloc(sizeof *c);

    c->loop = l;
    c->want = *w;
    if (c->want.connect_ms > w->timeout_ms)
        c->want.connect_ms = w->timeout_ms;
    c->fn = fn;
    c->arg = arg;
    c->fd = -1;
    c->got.max = NET_REPLY_MAX;
    c->begun_ms = loop_precise_ms();
    c->limit = loop_timer_new(l, on_limit, c);
    if (w->host[0] == '\0') {
        fail_later(c, EDESTADDRREQ);
        return c;
    }
    if (resolve_known(r, w->host, &c->addresses) && c->addresses.outcome == RESOLVE_OK) {
        dial(c);
        return c;
    }
    c->wait = resolve_ask(r, w->host, on_name, c);
    loop_timer_set(c->limit, w->timeout_ms, 0);
    return c;
}
