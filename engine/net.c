/* net.c - TCP by hand on the loop: dial, then send, then look for a text. */
#include "engine/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/dial.h"

struct net_call {
    struct loop *loop;
    struct net_want want;
    net_fn *fn;
    void *arg;
    struct dial *dial; /* until connected */
    int fd;
    size_t sent;
    struct loop_fd *watch;
    struct loop_timer *limit;
    struct buf got;
    double begun_ms, name_ms, connect_ms;
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

void net_cancel(struct net_call *c)
{
    if (c == NULL)
        return;
    dial_cancel(c->dial);
    loop_fd_free(c->watch);
    if (c->fd >= 0)
        close(c->fd);
    loop_timer_free(c->limit);
    buf_release(&c->got);
    free(c);
}

/* The end: tells, then frees.  say NULL: all went well. */
static void finish(struct net_call *c, char *say, bool is_self)
{
    double now = loop_precise_ms();
    struct net_reply r = {.is_ok = say == NULL, .is_self = is_self, .say = say};

    r.bytes = buf_text(&c->got);
    r.len = c->got.len;
    r.name_ms = c->name_ms;
    r.connect_ms = c->connect_ms;
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

static bool has_expected(const struct net_call *c)
{
    return c->got.len > 0 &&
           memmem(c->got.bytes, c->got.len, c->want.expect, strlen(c->want.expect)) != NULL;
}

static void on_limit(void *arg)
{
    struct net_call *c = arg;
    char span[24];

    if (c->got.len == 0)
        finish(c, SAY(N_("no answer within {0}"), net_span(c->want.timeout_ms, span)), false);
    else
        finish_expect(c, N_("{0} did not come within {1}"), net_span(c->want.timeout_ms, span));
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

static void on_ready(void *arg, int fd, int events, int error)
{
    struct net_call *c = arg;

    (void)fd;
    if (error != 0)
        finish_errno(c, error);
    else if ((events & LOOP_READ) && !take_bytes(c))
        return;
    else if (events & LOOP_WRITE)
        push_bytes(c);
}

static void on_dialled(void *arg, struct dial_end *end)
{
    struct net_call *c = arg;

    c->dial = NULL;
    c->fd = end->fd;
    c->name_ms = end->name_ms;
    c->connect_ms = end->connect_ms;
    if (end->fd < 0) {
        char *say = end->say;
        end->say = NULL;
        finish(c, say, end->is_self);
        return;
    }
    c->watch = loop_fd_new(c->loop, c->fd, on_ready, c);
    if (c->watch == NULL) {
        finish_errno(c, errno);
        return;
    }
    int64_t left = c->want.timeout_ms - (int64_t)(loop_precise_ms() - c->begun_ms);
    c->limit = loop_timer_new(c->loop, on_limit, c);
    loop_timer_set(c->limit, left > 1 ? left : 1, 0);
    push_bytes(c);
}

struct net_call *net_start(struct loop *l, struct resolver *r, const struct net_want *w, net_fn *fn,
                           void *arg)
{
    struct net_call *c = mem_alloc(sizeof *c);
    struct dial_want dial = {w->host, w->port, w->connect_ms, w->timeout_ms};

    c->loop = l;
    c->want = *w;
    c->fn = fn;
    c->arg = arg;
    c->fd = -1;
    c->got.max = NET_REPLY_MAX;
    c->begun_ms = loop_precise_ms();
    c->dial = dial_start(l, r, &dial, on_dialled, c);
    return c;
}
