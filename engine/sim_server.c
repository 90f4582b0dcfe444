/* One process, one loop: each simulated server is a listening socket that is opened and closed as
 * the scenario says; each connection is a buffer in, a buffer out and one timer (the delay of its
 * answer, else its end). */
#include "engine/sim_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/sim_body.h"
#include "engine/sim_world.h"

enum { TICK_MS = 100, CONN_LIFE_MS = 60000, BACKLOG = 128 };

struct sim_server {
    struct sim *sim;
    const struct target *target;
    struct sockaddr_storage address;
    socklen_t address_len;
    int fd; /* -1: refusing */
    struct loop_fd *watch;
};

struct sim_conn {
    struct sim_server *server;
    int fd;
    struct loop_fd *watch;
    struct loop_timer *timer;
    struct buf in, out;
    struct sim_smtp mail;
    bool is_kept;                /* open for another request after this answer */
    bool is_waiting;             /* the answer is in `out` and goes when the timer fires */
    struct sim_conn *next, **at; /* in the list of the sim */
};

struct sim {
    struct loop *loop;
    struct sim_world world;
    struct sim_server *servers;
    size_t n;
    int64_t start_ms;
    struct loop_timer *tick;
    struct sim_conn *conns;
    size_t n_conns;
};

static int64_t since_start(const struct sim *s)
{
    return loop_mono_ms(s->loop) - s->start_ms;
}

static struct sim_condition condition_now(const struct sim_server *v)
{
    return sim_condition_at(v->sim->world.scenario, v->target->id, since_start(v->sim));
}

/* --- connections ---------------------------------------------------------------------------- */

static void conn_free(struct sim_conn *c)
{
    *c->at = c->next;
    if (c->next != NULL)
        c->next->at = c->at;
    c->server->sim->n_conns--;
    loop_timer_free(c->timer);
    loop_fd_free(c->watch);
    close(c->fd);
    buf_release(&c->in);
    buf_release(&c->out);
    free(c);
}

static void conn_take_request(struct sim_conn *c);

/* The connection may be gone when it returns. */
static void conn_write(struct sim_conn *c)
{
    while (c->out.len > 0) {
        ssize_t n = send(c->fd, c->out.bytes, c->out.len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            loop_fd_set(c->watch, LOOP_WRITE);
            return;
        }
        if (n <= 0) {
            conn_free(c);
            return;
        }
        buf_drop(&c->out, (size_t)n);
    }
    if (!c->is_kept) {
        conn_free(c);
        return;
    }
    loop_fd_set(c->watch, LOOP_READ);
    if (c->in.len > 0) /* sent along with the one before */
        conn_take_request(c);
}

static void conn_timer(void *arg)
{
    struct sim_conn *c = arg;
    if (!c->is_waiting) {
        conn_free(c);
        return;
    }
    c->is_waiting = false;
    loop_timer_set(c->timer, CONN_LIFE_MS, 0);
    if (condition_now(c->server).is_hanging) { /* the line is held, nothing is said */
        buf_clear(&c->out);
        loop_fd_set(c->watch, LOOP_READ);
        return;
    }
    conn_write(c);
}

/* The answer is in `out`: it goes when its time has come. */
static void conn_plan(struct sim_conn *c, int64_t delay_ms)
{
    const char *target = c->server->target->id;
    c->is_waiting = true;
    loop_fd_set(c->watch, 0);
    loop_timer_set(c->timer,
                   sim_delay_ms(target, since_start(c->server->sim)) + delay_ms +
                       condition_now(c->server).slow_ms,
                   0);
}

static struct sim_moment moment_now(const struct sim_server *v)
{
    return (struct sim_moment){since_start(v->sim), loop_wall_ms(v->sim->loop), condition_now(v)};
}

static void conn_take_request(struct sim_conn *c)
{
    struct sim_moment now = moment_now(c->server);
    struct sim_turn turn = {.out = &c->out, .mail = &c->mail};
    enum sim_took took = sim_world_take(&c->server->sim->world, c->server->target, buf_text(&c->in),
                                        c->in.len, &now, &turn);
    if (took == SIM_TOOK_BAD) {
        conn_free(c);
    } else if (took == SIM_TOOK_ALL) {
        buf_drop(&c->in, turn.used);
        c->is_kept = turn.is_kept;
        conn_plan(c, turn.delay_ms);
    }
}

static void conn_ready(void *arg, int fd, int events, int error)
{
    struct sim_conn *c = arg;
    char chunk[4096];
    if (error != 0) {
        conn_free(c);
        return;
    }
    if ((events & LOOP_WRITE) != 0) {
        conn_write(c);
        return;
    }
    ssize_t n = recv(fd, chunk, sizeof chunk, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        conn_free(c);
        return;
    }
    buf_add(&c->in, chunk, (size_t)n);
    conn_take_request(c);
}

static void server_accept(void *arg, int fd, int events, int error)
{
    struct sim_server *v = arg;
    struct sim *s = v->sim;
    (void)events;
    if (error != 0)
        return;
    int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (conn < 0)
        return;
    if (s->n_conns >= SIM_CONNS_MAX) {
        close(conn);
        return;
    }
    struct sim_conn *c = mem_alloc(sizeof *c);
    *c = (struct sim_conn){.server = v, .fd = conn, .next = s->conns, .at = &s->conns};
    c->in = (struct buf)BUF_INIT(SIM_REQUEST_MAX);
    c->out = (struct buf)BUF_INIT(0);
    if (s->conns != NULL)
        s->conns->at = &c->next;
    s->conns = c;
    s->n_conns++;
    c->watch = loop_fd_new(s->loop, conn, conn_ready, c);
    c->timer = loop_timer_new(s->loop, conn_timer, c);
    struct sim_moment now = moment_now(v);
    struct sim_turn greeting = {.out = &c->out};
    if (sim_world_greet(&s->world, v->target, &now, &greeting)) {
        c->is_kept = greeting.is_kept;
        conn_plan(c, 0);
        return;
    }
    loop_fd_set(c->watch, LOOP_READ);
    loop_timer_set(c->timer, CONN_LIFE_MS, 0);
}

/* --- servers -------------------------------------------------------------------------------- */

static void server_close(struct sim_server *v)
{
    if (v->fd < 0)
        return;
    loop_fd_free(v->watch);
    close(v->fd);
    v->fd = -1;
    v->watch = NULL;
}

static bool server_open(struct sim_server *v, struct err *e)
{
    int on = 1;
    char name[INET6_ADDRSTRLEN] = "";
    int fd = socket(v->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&v->address, v->address_len) != 0 ||
        listen(fd, BACKLOG) != 0) {
        int why = errno;
        const void *ip = v->address.ss_family == AF_INET
                             ? (const void *)&((struct sockaddr_in *)&v->address)->sin_addr
                             : (const void *)&((struct sockaddr_in6 *)&v->address)->sin6_addr;
        inet_ntop(v->address.ss_family, ip, name, sizeof name);
        if (fd >= 0)
            close(fd);
        err_set(e, "cannot listen as \"%s\" on %s port %u: %s", v->target->id, name,
                v->sim->world.port, strerror(why));
        errno = why;
        return false;
    }
    v->fd = fd;
    v->watch = loop_fd_new(v->sim->loop, fd, server_accept, v);
    loop_fd_set(v->watch, LOOP_READ);
    return true;
}

/* Listeners follow the scenario; one that cannot be opened again is tried at the next tick. */
static void tick(void *arg)
{
    struct sim *s = arg;
    sim_world_tick(&s->world, since_start(s));
    for (size_t i = 0; i < s->n; i++) {
        struct sim_server *v = &s->servers[i];
        if (condition_now(v).is_refusing)
            server_close(v);
        else if (v->fd < 0)
            server_open(v, NULL);
    }
}

static void set_port(struct sim_server *v, uint16_t port)
{
    if (v->address.ss_family == AF_INET)
        ((struct sockaddr_in *)&v->address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)&v->address)->sin6_port = htons(port);
}

static bool set_address(struct sim_server *v, const char *address, struct err *e)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&v->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&v->address;
    bool is_loopback = false;
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v->address_len = sizeof *v4;
        is_loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v->address_len = sizeof *v6;
        is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
    return is_loopback || err_set(e,
                                  "target \"%s\" has the address \"%s\"; the simulator serves "
                                  "loopback addresses (127.x.y.z) only",
                                  v->target->id, address);
}

static bool add_servers(struct sim *s, const struct fleet *f, struct err *e)
{
    struct map seen = {0};
    bool is_ok = true;
    s->servers = mem_alloc(f->n_targets * sizeof *s->servers);
    for (size_t i = 0; is_ok && i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        if (t->is_disabled || t->address == NULL)
            continue;
        struct sim_server *v = &s->servers[s->n++];
        *v = (struct sim_server){.sim = s, .target = t, .fd = -1};
        is_ok = set_address(v, t->address, e);
        const char *other = map_put(&seen, t->address, t->id);
        if (is_ok && other != NULL)
            is_ok = err_set(e, "targets \"%s\" and \"%s\" have the same address \"%s\"", other,
                            t->id, t->address);
    }
    map_release(&seen);
    if (is_ok && s->n == 0)
        is_ok = err_set(e, "the site has no target with an address to simulate");
    return is_ok;
}

static bool open_all(struct sim *s, uint16_t port, struct err *e)
{
    s->world.port = port;
    for (size_t i = 0; i < s->n; i++) {
        set_port(&s->servers[i], port);
        if (server_open(&s->servers[i], e))
            continue;
        int why = errno;
        while (i-- > 0)
            server_close(&s->servers[i]);
        errno = why;
        return false;
    }
    return true;
}

static bool open_somewhere(struct sim *s, struct err *e)
{
    for (int i = 0; i < SIM_PORT_TRIES; i++) {
        if (open_all(s, (uint16_t)(SIM_PORT_FIRST + i), e))
            return true;
        if (errno != EADDRINUSE)
            return false;
    }
    return false;
}

struct sim *sim_new(struct loop *loop, const struct fleet *fleet,
                    const struct sim_scenario *scenario, uint16_t port, struct err *e)
{
    struct sim *s = mem_alloc(sizeof *s);
    s->loop = loop;
    sim_world_init(&s->world, fleet, scenario);
    s->start_ms = loop_mono_ms(loop);
    if (!add_servers(s, fleet, e) || !(port != 0 ? open_all(s, port, e) : open_somewhere(s, e))) {
        sim_free(s);
        return NULL;
    }
    s->tick = loop_timer_new(loop, tick, s);
    loop_timer_set(s->tick, TICK_MS, TICK_MS);
    return s;
}

void sim_free(struct sim *s)
{
    if (s == NULL)
        return;
    while (s->conns != NULL)
        conn_free(s->conns);
    for (size_t i = 0; i < s->n; i++)
        server_close(&s->servers[i]);
    if (s->tick != NULL)
        loop_timer_free(s->tick);
    sim_world_release(&s->world);
    free(s->servers);
    free(s);
}

uint16_t sim_port(const struct sim *s)
{
    return s->world.port;
}

size_t sim_servers(const struct sim *s)
{
    return s->n;
}
