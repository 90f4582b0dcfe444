/* fakepg.h - a PostgreSQL server on the test's own loop that answers every statement with the table
 * that the test gives it, or misbehaves; protocol 3, no TLS, any password.
 *
 * The table: one column a line, "name value" (no value: null); after a line "--" comes another row
 * of the same columns. */
#ifndef TESTS_FAKEPG_H
#define TESTS_FAKEPG_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/loop.h"

enum fakepg_mode {
    FAKEPG_WELL,
    FAKEPG_REFUSES, /* FATAL at the login, with an escape sequence in its words */
    FAKEPG_MUTE,    /* logs in, answers the settings, never a statement */
    FAKEPG_LEAVES,  /* answers one statement, then closes the connection */
    FAKEPG_DIES,    /* closes in the middle of a table */
    FAKEPG_LIES,    /* a table of negative sizes */
    FAKEPG_FLOODS,  /* rows without end */
    FAKEPG_COPIES
};
struct fakepg;
struct fakepg_peer {
    struct fakepg *server;
    int fd;
    bool is_started;
    struct loop_fd *watch;
    struct buf got, out;
    struct fakepg_peer *next;
};
struct fakepg {
    struct loop *loop;
    enum fakepg_mode mode;
    const char *table, *version; /* NULL: 15.10 */
    char asked[8192];            /* the statement that came last */
    int fd, port, logins, statements;
    struct loop_fd *watch;
    struct fakepg_peer *peers;
};

static inline void fakepg_int(struct buf *b, uint64_t v, size_t bytes)
{
    while (bytes-- > 0)
        buf_addc(b, (char)(v >> 8 * bytes));
}

static inline void fakepg_say(struct fakepg_peer *p, char kind, const struct buf *body)
{
    buf_addc(&p->out, kind);
    fakepg_int(&p->out, (uint32_t)body->len + 4, 4);
    buf_add(&p->out, body->bytes != NULL ? body->bytes : "", body->len);
}

static inline void fakepg_words(struct fakepg_peer *p, char kind, const char *words, size_t len)
{
    struct buf b = BUF_INIT(0);
    buf_add(&b, words, len);
    fakepg_say(p, kind, &b);
    buf_release(&b);
}

static inline void fakepg_ready(struct fakepg_peer *p)
{
    fakepg_words(p, 'Z', "I", 1);
}

/* One row of the lines up to "--" or the end, its description too where columns is given; returns
 * where the next one begins. */
static inline const char *fakepg_line(const char *line, struct buf *columns, struct buf *values,
                                      uint32_t *n)
{
    for (*n = 0; *line != '\0'; ++*n) {
        size_t len = strcspn(line, "\n"), name = strcspn(line, " \n");
        const char *next = line + len + (line[len] == '\n');
        if (len == 2 && line[0] == '-' && line[1] == '-')
            return next;
        buf_add(columns, line, name);
        buf_addc(columns, '\0');
        fakepg_int(columns, 0, 6);
        fakepg_int(columns, 25, 4);
        fakepg_int(columns, 0xffff, 2);
        fakepg_int(columns, 0xffffffff, 4);
        fakepg_int(columns, 0, 2);
        fakepg_int(values, name == len ? 0xffffffff : (uint32_t)(len - name - 1), 4);
        if (name < len)
            buf_add(values, line + name + 1, len - name - 1);
        line = next;
    }
    return line;
}

static inline void fakepg_row(struct fakepg_peer *p, bool is_lie)
{
    const char *line = p->server->table;
    bool is_first = true;
    while (is_first || *line != '\0') {
        struct buf t = BUF_INIT(0), d = BUF_INIT(0), columns = BUF_INIT(0), values = BUF_INIT(0);
        uint32_t n;
        line = fakepg_line(line, &columns, &values, &n);
        fakepg_int(&t, is_lie ? 0xfff0 : n, 2);
        buf_add(&t, buf_text(&columns), columns.len);
        fakepg_int(&d, n, 2);
        buf_add(&d, buf_text(&values), values.len);
        if (is_first)
            fakepg_say(p, 'T', &t);
        for (int i = 0; i < (p->server->mode == FAKEPG_FLOODS ? 5000 : 1); i++)
            fakepg_say(p, 'D', &d);
        is_first = false;
        buf_release(&t);
        buf_release(&d);
        buf_release(&columns);
        buf_release(&values);
    }
}

static inline void fakepg_statement(struct fakepg_peer *p)
{
    struct fakepg *s = p->server;
    s->statements++;
    if (s->mode == FAKEPG_MUTE)
        return;
    fakepg_words(p, '1', "", 0);
    fakepg_words(p, '2', "", 0);
    if (s->mode == FAKEPG_COPIES)
        fakepg_words(p, 'H', "\0\0\0", 3);
    else
        fakepg_row(p, s->mode == FAKEPG_LIES);
    if (s->mode == FAKEPG_DIES || s->mode == FAKEPG_COPIES)
        return;
    fakepg_words(p, 'C', "SELECT 1", 9);
    fakepg_ready(p);
}

static inline void fakepg_start(struct fakepg_peer *p)
{
    static const char refusal[] = "SFATAL\0C28P01\0Mno such \x1b[31mrole\0";
    struct buf version = BUF_INIT(0);
    p->is_started = true;
    p->server->logins++;
    if (p->server->mode == FAKEPG_REFUSES) {
        fakepg_words(p, 'E', refusal, sizeof refusal);
        return;
    }
    fakepg_words(p, 'R', "\0\0\0\0", 4);
    buf_addf(&version, "server_version%c%s%c", 0,
             p->server->version != NULL ? p->server->version : "15.10 (fake)", 0);
    fakepg_say(p, 'S', &version);
    buf_release(&version);
    fakepg_ready(p);
}

/* One message, if it is there whole; returns its length. */
static inline size_t fakepg_take(struct fakepg_peer *p)
{
    const unsigned char *b = (const unsigned char *)buf_text(&p->got);
    size_t head = p->is_started ? 1 : 0, len;
    if (p->got.len < head + 4)
        return 0;
    len = head + ((size_t)b[head] << 24 | (size_t)b[head + 1] << 16 | (size_t)b[head + 2] << 8 |
                  b[head + 3]);
    if (p->got.len < len)
        return 0;
    if (!p->is_started && len == 8)
        buf_addc(&p->out, 'N'); /* no TLS here */
    else if (!p->is_started)
        fakepg_start(p);
    else if (b[0] == 'Q') {
        fakepg_words(p, 'C', "SET", 4);
        fakepg_ready(p);
    } else if (b[0] == 'P' && len > 6) /* a name, empty, and the statement */
        snprintf(p->server->asked, sizeof p->server->asked, "%s", (const char *)b + 6);
    else if (b[0] == 'S')
        fakepg_statement(p);
    return len;
}

static inline void fakepg_drop(struct fakepg_peer *p)
{
    struct fakepg_peer **at = &p->server->peers;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    loop_fd_free(p->watch);
    close(p->fd);
    buf_release(&p->got);
    buf_release(&p->out);
    free(p);
}

static inline void fakepg_on_bytes(void *arg, int fd, int events, int error)
{
    struct fakepg_peer *p = arg;
    struct fakepg *s = p->server;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    (void)events;
    (void)error;
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        fakepg_drop(p);
        return;
    }
    int before = s->statements;
    buf_add(&p->got, bytes, (size_t)n);
    for (size_t len; (len = fakepg_take(p)) > 0;)
        buf_drop(&p->got, len);
    if (p->out.len > 0 && send(fd, p->out.bytes, p->out.len, MSG_NOSIGNAL) < 0)
        n = 0;
    buf_clear(&p->out);
    bool is_end = s->statements > before && (s->mode == FAKEPG_LEAVES || s->mode == FAKEPG_DIES);
    if (is_end || (s->mode == FAKEPG_REFUSES && p->is_started) || n == 0)
        fakepg_drop(p);
}

static inline void fakepg_on_peer(void *arg, int fd, int events, int error)
{
    struct fakepg *s = arg;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    (void)events;
    (void)error;
    if (peer < 0)
        return;
    struct fakepg_peer *p = mem_alloc(sizeof *p);
    *p = (struct fakepg_peer){.server = s, .fd = peer, .next = s->peers};
    s->peers = p;
    p->watch = loop_fd_new(s->loop, peer, fakepg_on_bytes, p);
    loop_fd_set(p->watch, LOOP_READ);
}

static inline void fakepg_open(struct fakepg *s, struct loop *l)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    *s = (struct fakepg){.loop = l};
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(s->fd, 16) != 0)
        abort();
    getsockname(s->fd, (struct sockaddr *)&a, &len);
    s->port = ntohs(a.sin_port);
    s->watch = loop_fd_new(l, s->fd, fakepg_on_peer, s);
    loop_fd_set(s->watch, LOOP_READ);
}

static inline void fakepg_close(struct fakepg *s)
{
    while (s->peers != NULL)
        fakepg_drop(s->peers);
    loop_fd_free(s->watch);
    close(s->fd);
}

#endif
