/* dial.c - names, then addresses in turn, until one of them answers. */
#include "engine/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/net.h"

struct dial {
    struct loop *loop;
    struct dial_want want;
    dial_fn *fn;
    void *arg;
    struct resolve_wait *wait;
    struct resolve_answer addresses;
    int next; /* address to be tried next */
    int fd;
    struct loop_fd *watch;
    struct loop_timer *limit;
    char *failure; /* of a start that failed: told from the timer */
    bool is_self;
    double begun_ms, named_ms, dialled_ms;
};

static void hang_up(struct dial *d)
{
    loop_fd_free(d->watch);
    d->watch = NULL;
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

void dial_cancel(struct dial *d)
{
    if (d == NULL)
        return;
    hang_up(d);
    resolve_cancel(d->wait);
    loop_timer_free(d->limit);
    free(d->failure);
    free(d);
}

/* The end: tells, then frees.  The descriptor, if there is one, is the callee's. */
static void finish(struct dial *d, int fd, char *say, bool is_self)
{
    struct dial_end end = {.fd = fd, .say = say, .is_self = is_self};
    dial_fn *fn = d->fn;
    void *arg = d->arg;

    end.name_ms = d->named_ms > 0 ? d->named_ms - d->begun_ms : 0;
    end.connect_ms = fd >= 0 ? loop_precise_ms() - d->dialled_ms : 0;
    if (fd >= 0)
        d->fd = -1;
    dial_cancel(d);
    fn(arg, &end);
    free(end.say);
}

static void call(struct dial *d);

static void next_or_fail(struct dial *d, char *say, bool is_self)
{
    hang_up(d);
    if (d->next < d->addresses.n) {
        free(say);
        call(d);
    } else {
        finish(d, -1, say, is_self);
    }
}

static void on_limit(void *arg)
{
    struct dial *d = arg;
    char span[24];
    bool is_self = d->is_self;

    if (d->failure != NULL) {
        char *say = d->failure;
        d->failure = NULL;
        d->is_self = false;
        next_or_fail(d, say, is_self);
    } else if (d->wait != NULL) {
        struct resolve_answer a;
        resolve_silent(d->wait, &a);
        char *say = resolve_say(&a, d->want.host, &is_self);
        finish(d, -1, say, is_self);
    } else {
        next_or_fail(d, SAY(N_("no connection within {0}"), net_span(d->want.connect_ms, span)),
                     false);
    }
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct dial *d = arg;
    int so_error = error;
    socklen_t len = sizeof so_error;

    (void)events;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &so_error, &len);
    if (so_error != 0) {
        bool is_self = false;
        char *say = net_say_errno(so_error, &is_self);
        next_or_fail(d, say, is_self);
        return;
    }
    loop_fd_free(d->watch); /* the callee watches it from here on */
    d->watch = NULL;
    finish(d, fd, NULL, false);
}

/* Tells from the loop, since nothing may be told from inside dial_start. */
static void fail_later(struct dial *d, int error)
{
    free(d->failure);
    d->failure = net_say_errno(error, &d->is_self);
    loop_timer_set(d->limit, 0, 0);
}

/* The next address. */
static void call(struct dial *d)
{
    struct sockaddr_storage *a = &d->addresses.address[d->next++];
    int on = 1;

    resolve_set_port(a, d->want.port);
    d->dialled_ms = loop_precise_ms();
    if (!d->addresses.is_local && resolve_is_forbidden((const struct sockaddr *)a)) {
        d->failure = SAY(N_("the name {0} leads to an address that is not allowed"), d->want.host);
        loop_timer_set(d->limit, 0, 0);
        return;
    }
    d->fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->fd < 0) {
        fail_later(d, errno);
        return;
    }
    setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(d->fd, (const struct sockaddr *)a, resolve_len(a)) != 0 && errno != EINPROGRESS) {
        fail_later(d, errno);
        return;
    }
    d->watch = loop_fd_new(d->loop, d->fd, on_ready, d);
    if (d->watch == NULL) {
        fail_later(d, errno);
        return;
    }
    loop_fd_set(d->watch, LOOP_WRITE);
    int64_t left = d->want.timeout_ms - (int64_t)(d->dialled_ms - d->begun_ms);
    int64_t limit = d->want.connect_ms < left ? d->want.connect_ms : left;
    loop_timer_set(d->limit, limit > 1 ? limit : 1, 0);
}

static void on_name(void *arg, const struct resolve_answer *a)
{
    struct dial *d = arg;
    bool is_self = false;

    d->wait = NULL;
    d->named_ms = loop_precise_ms();
    if (a->outcome != RESOLVE_OK) {
        char *say = resolve_say(a, d->want.host, &is_self);
        finish(d, -1, say, is_self);
        return;
    }
    d->addresses = *a;
    call(d);
}

struct dial *dial_start(struct loop *l, struct resolver *r, const struct dial_want *w, dial_fn *fn,
                        void *arg)
{
    struct dial *d = mem_alloc(sizeof *d);

    d->loop = l;
    d->want = *w;
    if (d->want.connect_ms > w->timeout_ms)
        d->want.connect_ms = w->timeout_ms;
    d->fn = fn;
    d->arg = arg;
    d->fd = -1;
    d->begun_ms = loop_precise_ms();
    d->limit = loop_timer_new(l, on_limit, d);
    if (w->host[0] == '\0') {
        fail_later(d, EDESTADDRREQ);
        return d;
    }
    if (resolve_known(r, w->host, &d->addresses) && d->addresses.outcome == RESOLVE_OK) {
        call(d);
        return d;
    }
    d->wait = resolve_ask(r, w->host, on_name, d);
    loop_timer_set(d->limit, w->timeout_ms, 0);
    return d;
}
