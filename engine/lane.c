#include "engine/lane.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

struct lane_sock {
    struct loop_fd *watch;
    ares_socket_t fd;
    struct lane_sock *next;
};

void lane_arm(struct lane *n)
{
    struct timeval tv, *next = ares_timeout(n->channel, NULL, &tv);
    if (next == NULL)
        loop_timer_stop(n->clock);
    else
        loop_timer_set(n->clock, next->tv_sec * 1000 + next->tv_usec / 1000 + 1, 0);
}

static void on_clock(void *arg)
{
    struct lane *n = arg;
    ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    lane_arm(n);
}

static void on_sock(void *arg, int fd, int events, int error)
{
    struct lane *n = arg;
    (void)error;
    ares_process_fd(n->channel, events & LOOP_READ ? fd : ARES_SOCKET_BAD,
                    events & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
    lane_arm(n);
}

static void on_sock_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct lane *n = arg;
    struct lane_sock **at = &n->socks;

    while (*at != NULL && (*at)->fd != fd)
        at = &(*at)->next;
    struct lane_sock *s = *at;
    if (!readable && !writable) { /* c-ares is about to close it */
        if (s != NULL) {
            *at = s->next;
            loop_fd_free(s->watch);
            free(s);
        }
        return;
    }
    if (s == NULL) {
        struct loop_fd *watch = loop_fd_new(n->loop, fd, on_sock, n);
        if (watch == NULL)
            return; /* the question then ends by its timeout */
        s = mem_alloc(sizeof *s);
        s->fd = fd;
        s->watch = watch;
        s->next = n->socks;
        n->socks = s;
    }
    loop_fd_set(s->watch, (readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0));
}

static bool set_servers(struct lane *n, const char *servers, struct err *e)
{
    if (servers == NULL)
        servers = secure_getenv("TRUCBAN_DNS");
    if (servers == NULL || servers[0] == '\0')
        return true;
    int rc = ares_set_servers_ports_csv(n->channel, servers);
    return rc == ARES_SUCCESS ||
           err_set(e, "cannot use name servers \"%s\": %s", servers, ares_strerror(rc));
}

bool lane_open(struct lane *n, struct loop *l, struct ares_options *o, int mask,
               const char *servers, struct err *e)
{
    memset(n, 0, sizeof *n);
    n->loop = l;
    o->sock_state_cb = on_sock_state;
    o->sock_state_cb_data = n;
    int rc = ares_library_init(ARES_LIB_INIT_ALL);
    if (rc == ARES_SUCCESS)
        rc = ares_init_options(&n->channel, o, mask | ARES_OPT_SOCK_STATE_CB);
    if (rc != ARES_SUCCESS)
        return err_set(e, "cannot start the resolver: %s", ares_strerror(rc));
    n->clock = loop_timer_new(l, on_clock, n);
    if (set_servers(n, servers, e))
        return true;
    lane_close(n);
    return false;
}

void lane_close(struct lane *n)
{
    if (n->channel == NULL)
        return;
    ares_destroy(n->channel);
    loop_timer_free(n->clock);
    ares_library_cleanup();
    memset(n, 0, sizeof *n);
}
