#include "engine/haproxy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/dial.h"
#include "engine/net.h"

/* --- commands --- */

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':' || c == '-';
}

bool haproxy_is_name(const char *s)
{
    size_t len = 0;
    for (; s[len] != '\0'; len++)
        if (len == HAPROXY_NAME_MAX || !is_name_char(s[len]) || (unsigned char)s[len] > 0x7e)
            return false;
    return len > 0;
}

/* Words of names, single spaces and slashes; in particular no ';', quote, '<' or line end. */
static bool is_command(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || len >= HAPROXY_COMMAND_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] > 0x7e || (!is_name_char(s[i]) && s[i] != ' ' && s[i] != '/'))
            return false;
    return true;
}

static bool check_name(const char *what, const char *name, struct err *e)
{
    if (haproxy_is_name(name))
        return true;
    char *clean = text_cleaned(name, strlen(name), TEXT_MAX_NAME, 0);
    err_set(e, "refused name \"%s\" of a %s: letters, digits, _ . : - only, at most %d", clean,
            what, HAPROXY_NAME_MAX);
    free(clean);
    return false;
}

bool haproxy_show_stat(char out[HAPROXY_COMMAND_MAX], const char *backend, struct err *e)
{
    if (!check_name("backend", backend, e))
        return false;
    snprintf(out, HAPROXY_COMMAND_MAX, "show stat %s 4 -1", backend); /* 4: its servers */
    return true;
}

bool haproxy_show_state(char out[HAPROXY_COMMAND_MAX], const char *backend, struct err *e)
{
    if (!check_name("backend", backend, e))
        return false;
    snprintf(out, HAPROXY_COMMAND_MAX, "show servers state %s", backend);
    return true;
}

bool haproxy_set_state(char out[HAPROXY_COMMAND_MAX], const char *backend, const char *server,
                       enum haproxy_set state, struct err *e)
{
    static const char *const words[] = {"ready", "drain", "maint"};
    if (!check_name("backend", backend, e) || !check_name("server", server, e))
        return false;
    snprintf(out, HAPROXY_COMMAND_MAX, "set server %s/%s state %s", backend, server, words[state]);
    return true;
}

bool haproxy_set_weight(char out[HAPROXY_COMMAND_MAX], const char *backend, const char *server,
                        int weight, struct err *e)
{
    if (!check_name("backend", backend, e) || !check_name("server", server, e))
        return false;
    if (weight < 0 || weight > 256)
        return err_set(e, "weight %d, expected 0 to 256", weight);
    snprintf(out, HAPROXY_COMMAND_MAX, "set server %s/%s weight %d", backend, server, weight);
    return true;
}

/* --- the conversation --- */

struct haproxy_call {
    struct loop *loop;
    struct haproxy_want want;
    char command[HAPROXY_COMMAND_MAX + 1]; /* with its line end */
    haproxy_fn *fn;
    void *arg;
    struct dial *dial;
    int fd;
    struct loop_fd *watch;
    struct loop_timer *limit;
    char *failure; /* of a start that failed: told from the timer */
    bool is_self, is_connected;
    size_t sent;
    struct buf got;
    double begun_ms;
};

void haproxy_cancel(struct haproxy_call *c)
{
    if (c == NULL)
        return;
    dial_cancel(c->dial);
    loop_fd_free(c->watch);
    if (c->fd >= 0)
        close(c->fd);
    loop_timer_free(c->limit);
    buf_release(&c->got);
    free(c->failure);
    free(c);
}

/* The end: tells, then frees.  say NULL: all went well. */
static void finish(struct haproxy_call *c, char *say, bool is_self)
{
    struct haproxy_reply r = {
        .is_ok = say == NULL,
        .is_sent = c->sent > 0,
        .is_self = is_self,
        .say = say,
        .text = buf_text(&c->got),
        .len = c->got.len,
        .total_ms = loop_precise_ms() - c->begun_ms,
    };
    c->fn(c->arg, &r);
    free(r.say);
    haproxy_cancel(c);
}

static void fail_later(struct haproxy_call *c, char *say, bool is_self)
{
    c->failure = say;
    c->is_self = is_self;
    loop_timer_set(c->limit, 0, 0);
}

static void on_limit(void *arg)
{
    struct haproxy_call *c = arg;
    char span[24];
    char *say = c->failure;

    c->failure = NULL;
    if (say != NULL)
        finish(c, say, c->is_self);
    else if (!c->is_connected)
        finish(c, SAY(N_("no connection within {0}"), net_span(c->want.timeout_ms, span)), false);
    else if (c->got.len == 0)
        finish(c, SAY(N_("no answer within {0}"), net_span(c->want.timeout_ms, span)), false);
    else
        finish(c, SAY(N_("reply not complete within {0}"), net_span(c->want.timeout_ms, span)),
               false);
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct haproxy_call *c = arg;
    char chunk[16384], size[24];
    size_t len = strlen(c->command);
    bool is_self = false;

    (void)error;
    if (c->sent < len && (events & LOOP_WRITE)) {
        ssize_t n = send(fd, c->command + c->sent, len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            char *say = net_say_errno(errno, &is_self);
            finish(c, say, is_self);
            return;
        }
        c->sent += n > 0 ? (size_t)n : 0;
        loop_fd_set(c->watch, c->sent < len ? LOOP_WRITE | LOOP_READ : LOOP_READ);
    }
    if (!(events & LOOP_READ))
        return;
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        buf_add(&c->got, chunk, (size_t)n);
        if (c->got.is_cut)
            finish(c, SAY(N_("reply over {0}"), net_size(HAPROXY_REPLY_MAX, size)), false);
    } else if (n < 0) {
        char *say = net_say_errno(errno, &is_self);
        finish(c, say, is_self);
    } else if (c->got.len == 0) {
        finish(c, mem_strdup(N_("connection closed without a reply")), false);
    } else {
        finish(c, NULL, false);
    }
}

static void converse(struct haproxy_call *c, int fd)
{
    int64_t left = c->want.timeout_ms - (int64_t)(loop_precise_ms() - c->begun_ms);
    c->fd = fd;
    c->is_connected = true;
    c->watch = loop_fd_new(c->loop, fd, on_ready, c);
    if (c->watch == NULL) {
        bool is_self = true;
        char *say = net_say_errno(errno, &is_self);
        fail_later(c, say, is_self);
        return;
    }
    loop_fd_set(c->watch, LOOP_WRITE | LOOP_READ);
    loop_timer_set(c->limit, left > 1 ? left : 1, 0);
}

static void on_dialled(void *arg, struct dial_end *end)
{
    struct haproxy_call *c = arg;
    char *say = end->say;

    c->dial = NULL; /* freed by who calls us */
    if (end->fd >= 0) {
        converse(c, end->fd);
        return;
    }
    end->say = NULL;
    finish(c, say, end->is_self);
}

static char *say_socket(int error, const char *path, bool *is_self)
{
    switch (error) {
    case ENOENT:
        return SAY(N_("there is no socket {0}"), path);
    case EACCES:
    case EPERM:
        *is_self = true;
        return SAY(N_("the socket {0} is closed to this account"), path);
    case EAGAIN: /* its queue of connections is full */
        return SAY(N_("the socket {0} takes no more connections"), path);
    default:
        return net_say_errno(error, is_self);
    }
}

/* A Unix socket answers connect at once, one way or the other. */
static void open_socket(struct haproxy_call *c)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const char *path = c->want.socket;
    bool is_self = false;
    int fd;

    if (strlen(path) >= sizeof a.sun_path) {
        fail_later(c, SAY(N_("the path {0} is too long for a socket"), path), true);
        return;
    }
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
        converse(c, fd);
        return;
    }
    char *say = say_socket(errno, path, &is_self);
    if (fd >= 0)
        close(fd);
    fail_later(c, say, is_self);
}

struct haproxy_call *haproxy_start(struct loop *l, struct resolver *r, const struct haproxy_want *w,
                                   haproxy_fn *fn, void *arg)
{
    struct haproxy_call *c = mem_alloc(sizeof *c);

    c->loop = l;
    c->want = *w;
    c->fn = fn;
    c->arg = arg;
    c->fd = -1;
    c->got.max = HAPROXY_REPLY_MAX;
    c->begun_ms = loop_precise_ms();
    c->limit = loop_timer_new(l, on_limit, c);
    if (!is_command(w->command)) {
        fail_later(c, mem_strdup(N_("refused command: nothing was sent")), true);
        return c;
    }
    snprintf(c->command, sizeof c->command, "%s\n", w->command);
    c->want.command = c->command;
    if (w->socket != NULL) {
        open_socket(c);
        return c;
    }
    struct dial_want to = {w->host, w->port, w->connect_ms, w->timeout_ms};
    c->dial = dial_start(l, r, &to, on_dialled, c);
    return c;
}
