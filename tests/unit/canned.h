/* canned.h - a server on the test's own loop that says what the test tells it: TCP or a Unix
 * socket.
 *
 * `answer` is called with all that a connection has sent so far and returns the reply (borrowed
 * until the next call), NULL while more has to come, CANNED_SILENT to never answer, CANNED_RESET to
 * break off.  After a reply the connection is closed, unless `keeps` is set. */
#ifndef TESTS_CANNED_H
#define TESTS_CANNED_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/loop.h"

#define CANNED_SILENT ((const char *)1)
#define CANNED_RESET  ((const char *)2)

typedef const char *canned_fn(void *arg, const char *request);

struct canned;
struct canned_peer {
    struct canned *canned;
    int fd;
    struct loop_fd *watch;
    struct buf got;
    struct canned_peer *next;
};
struct canned {
    struct loop *loop;
    canned_fn *answer;
    void *arg;
    int fd, port;
    struct loop_fd *watch;
    int connections;
    bool keeps;
    const char *greeting; /* sent as soon as somebody is there; NULL: nothing */
    struct buf got;       /* all that any connection sent */
    struct canned_peer *peers;
};

static inline void canned_drop(struct canned_peer *p)
{
    struct canned_peer **at = &p->canned->peers;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    loop_fd_free(p->watch);
    close(p->fd);
    buf_release(&p->got);
    free(p);
}

static inline void canned_on_bytes(void *arg, int fd, int events, int error)
{
    struct canned_peer *p = arg;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    (void)events;
    (void)error;
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        canned_drop(p);
        return;
    }
    buf_add(&p->got, bytes, (size_t)n);
    buf_add(&p->canned->got, bytes, (size_t)n);
    const char *reply = p->canned->answer(p->canned->arg, buf_text(&p->got));
    if (reply == NULL || reply == CANNED_SILENT)
        return;
    if (reply == CANNED_RESET) {
        struct linger l = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    } else {
        for (size_t sent = 0, len = strlen(reply); sent < len && n > 0; sent += (size_t)n)
            n = send(fd, reply + sent, len - sent, MSG_NOSIGNAL);
    }
    if (p->canned->keeps && reply != CANNED_RESET)
        buf_clear(&p->got);
    else
        canned_drop(p);
}

static inline void canned_on_peer(void *arg, int fd, int events, int error)
{
    struct canned *c = arg;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    (void)events;
    (void)error;
    if (peer < 0)
        return;
    struct canned_peer *p = mem_alloc(sizeof *p);
    c->connections++;
    p->canned = c;
    p->fd = peer;
    p->next = c->peers;
    c->peers = p;
    if (c->greeting != NULL)
        (void)!send(peer, c->greeting, strlen(c->greeting), MSG_NOSIGNAL);
    p->watch = loop_fd_new(c->loop, peer, canned_on_bytes, p);
    loop_fd_set(p->watch, LOOP_READ);
}

/* address: "127.0.0.1", or a path of a Unix socket. */
static inline void canned_open(struct canned *c, struct loop *l, const char *address,
                               canned_fn *answer, void *arg)
{
    memset(c, 0, sizeof *c);
    c->loop = l;
    c->answer = answer;
    c->arg = arg;
    if (address[0] == '/') {
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        snprintf(a.sun_path, sizeof a.sun_path, "%s", address);
        c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(c->fd, (struct sockaddr *)&a, sizeof a), 0);
    } else {
        struct sockaddr_in a = {.sin_family = AF_INET};
        socklen_t len = sizeof a;
        assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(c->fd, (struct sockaddr *)&a, sizeof a), 0);
        getsockname(c->fd, (struct sockaddr *)&a, &len);
        c->port = ntohs(a.sin_port);
    }
    assert_int_equal(listen(c->fd, 64), 0);
    c->watch = loop_fd_new(l, c->fd, canned_on_peer, c);
    loop_fd_set(c->watch, LOOP_READ);
}

static inline void canned_close(struct canned *c)
{
    while (c->peers != NULL)
        canned_drop(c->peers);
    loop_fd_free(c->watch);
    close(c->fd);
    buf_release(&c->got);
    memset(c, 0, sizeof *c);
}

/* The path of a whole HTTP request, into out; false while the request has not ended. */
static inline bool canned_http_path(const char *request, char *out, size_t size)
{
    const char *at = strchr(request, ' ');
    if (strstr(request, "\r\n\r\n") == NULL || at == NULL)
        return false;
    snprintf(out, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
    return true;
}

#endif
