/* ping.c - name, socket, then a request each time the clock rings, until all are answered or the
 * last one has waited long enough. */
#include "engine/ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/net.h"

struct packet { /* an echo request as it is sent; ICMP and ICMPv6 have the same head */
    uint8_t type, code;
    uint16_t checksum, id, seq;
    uint64_t cookie; /* ours alone: raw sockets show other programs' replies, too */
    uint8_t rest[24];
};

struct ping {
    struct loop *loop;
    struct ping_want want;
    ping_fn *fn;
    void *arg;
    struct resolve_wait *wait;
    int fd, family, error; /* error: the newest that a router or our own network told */
    bool is_raw;
    struct loop_fd *watch;
    struct loop_timer *clock;
    uint64_t cookie;
    double sent_ms[PING_COUNT_MAX]; /* 0: not sent, or answered */
    struct ping_reply reply;
    double begun_ms;
};

void ping_cancel(struct ping *p)
{
    if (p == NULL)
        return;
    loop_fd_free(p->watch);
    if (p->fd >= 0)
        close(p->fd);
    resolve_cancel(p->wait);
    loop_timer_free(p->clock);
    free(p->reply.say);
    free(p);
}

static void finish(struct ping *p, char *say, bool is_self)
{
    struct ping_reply *r = &p->reply;

    r->say = say;
    r->is_self = is_self;
    if (r->received > 0)
        r->mean_ms /= r->received;
    p->fn(p->arg, r);
    ping_cancel(p);
}

/* The end of the time: something came, or nothing did. */
static void conclude(struct ping *p)
{
    char count[16], span[24];
    bool is_self = false;

    if (p->reply.received > 0) {
        finish(p, NULL, false);
        return;
    }
    if (p->error != 0) { /* however a router puts it, nobody can be reached there */
        bool is_known = p->error == ENETUNREACH || p->error == EPERM || p->error == ENOBUFS;
        char *say = net_say_errno(is_known ? p->error : EHOSTUNREACH, &is_self);
        finish(p, say, is_self);
        return;
    }
    snprintf(count, sizeof count, "%d", p->reply.sent);
    finish(p,
           SAY(N_("no reply to {0} echo requests, the last within {1}"), count,
               net_span(p->want.wait_ms, span)),
           false);
}

/* --- packets --- */

static uint16_t checksum(const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    uint32_t sum = 0;

    for (size_t k = 0; k + 1 < len; k += 2)
        sum += (uint32_t)(b[k] << 8 | b[k + 1]);
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static void send_next(struct ping *p)
{
    struct packet q = {.type = p->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
                       .id = htons((uint16_t)p->cookie),
                       .seq = htons((uint16_t)p->reply.sent),
                       .cookie = p->cookie};

    if (p->family == AF_INET)
        q.checksum = checksum(&q, sizeof q); /* of ICMPv6 the kernel's work */
    p->sent_ms[p->reply.sent++] = loop_precise_ms();
    if (send(p->fd, &q, sizeof q, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        p->error = errno;
}

/* False: the run has ended. */
static bool take_packet(struct ping *p, const uint8_t *bytes, size_t len)
{
    struct ping_reply *r = &p->reply;
    struct packet q;
    size_t head = p->is_raw && p->family == AF_INET && len > 0 ? (size_t)(bytes[0] & 15) * 4 : 0;

    if (len < head + sizeof q)
        return true;
    memcpy(&q, bytes + head, sizeof q);
    int seq = ntohs(q.seq);
    uint8_t wanted = p->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
    if (q.type != wanted || q.cookie != p->cookie || seq >= r->sent || p->sent_ms[seq] == 0)
        return true;
    double ms = loop_precise_ms() - p->sent_ms[seq];
    p->sent_ms[seq] = 0;
    if (r->received == 0 || ms < r->min_ms)
        r->min_ms = ms;
    if (ms > r->max_ms)
        r->max_ms = ms;
    r->mean_ms += ms;
    if (++r->received < p->want.count)
        return true;
    conclude(p);
    return false;
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct ping *p = arg;
    uint8_t bytes[512];

    (void)events;
    if (error != 0) {
        bool is_self = false;
        char *say = net_say_errno(error, &is_self);
        finish(p, say, is_self);
        return;
    }
    for (int k = 0; k < 64; k++) { /* a flood does not keep the loop */
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            p->error = errno; /* what a router says of one request: the others may get through */
        else if (n < 0)
            return;
        else if (!take_packet(p, bytes, (size_t)n))
            return;
    }
}

/* --- the run --- */

static void on_clock(void *arg)
{
    struct ping *p = arg;
    bool is_self = p->reply.is_self;

    if (p->wait != NULL) {
        struct resolve_answer a;
        resolve_silent(p->wait, &a);
        char *say = resolve_say(&a, p->want.host, &is_self);
        finish(p, say, is_self);
        return;
    }
    if (p->reply.say != NULL) { /* it could not begin */
        char *say = p->reply.say;
        finish(p, say, is_self);
        return;
    }
    int64_t left = p->want.timeout_ms - (int64_t)(loop_precise_ms() - p->begun_ms);
    if (p->reply.sent == p->want.count || left <= 0) {
        conclude(p);
        return;
    }
    send_next(p);
    int64_t next = p->reply.sent < p->want.count ? p->want.gap_ms : p->want.wait_ms;
    loop_timer_set(p->clock, next < left ? next : left, 0);
}

/* Told from the clock, since nothing may be told from inside ping_start. */
static void fail_later(struct ping *p, char *say, bool is_self)
{
    p->reply.say = say;
    p->reply.is_self = is_self;
    loop_timer_set(p->clock, 0, 0);
}

static void fail_socket(struct ping *p, int error)
{
    bool is_self = true;
    char *say;

    if (error == EPERM || error == EACCES || error == EPROTONOSUPPORT || error == EAFNOSUPPORT)
        say = SAY(N_("cannot send ICMP: {0}"), strerrordesc_np(error));
    else {
        is_self = false;
        say = net_say_errno(error, &is_self);
    }
    fail_later(p, say, is_self);
}

static bool open_socket(struct ping *p)
{
    int protocol = p->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;

    p->fd = socket(p->family, SOCK_DGRAM | flags, protocol);
    p->is_raw = p->fd < 0 && errno != EMFILE && errno != ENFILE;
    if (p->is_raw)
        p->fd = socket(p->family, SOCK_RAW | flags, protocol);
    return p->fd >= 0;
}

static void begin(struct ping *p, const struct resolve_answer *a)
{
    const struct sockaddr *to = (const struct sockaddr *)&a->address[0];

    p->family = to->sa_family;
    if (!a->is_local && resolve_is_forbidden(to)) {
        fail_later(p, SAY(N_("the name {0} leads to an address that is not allowed"), p->want.host),
                   false);
        return;
    }
    if (!open_socket(p) || connect(p->fd, to, resolve_len(&a->address[0])) != 0) {
        fail_socket(p, errno);
        return;
    }
    p->watch = loop_fd_new(p->loop, p->fd, on_ready, p);
    loop_fd_set(p->watch, LOOP_READ);
    loop_timer_set(p->clock, 0, 0);
}

static void on_name(void *arg, const struct resolve_answer *a)
{
    struct ping *p = arg;
    bool is_self = false;

    p->wait = NULL;
    p->reply.name_ms = loop_precise_ms() - p->begun_ms;
    if (a->outcome == RESOLVE_OK) {
        begin(p, a);
        return;
    }
    char *say = resolve_say(a, p->want.host, &is_self);
    finish(p, say, is_self);
}

struct ping *ping_start(struct loop *l, struct resolver *r, const struct ping_want *w, ping_fn *fn,
                        void *arg)
{
    struct ping *p = mem_alloc(sizeof *p);
    struct resolve_answer known;

    p->loop = l;
    p->want = *w;
    if (p->want.count > PING_COUNT_MAX)
        p->want.count = PING_COUNT_MAX;
    p->fn = fn;
    p->arg = arg;
    p->fd = -1;
    p->begun_ms = loop_precise_ms();
    p->clock = loop_timer_new(l, on_clock, p);
    if (getrandom(&p->cookie, sizeof p->cookie, GRND_NONBLOCK) != sizeof p->cookie)
        p->cookie = (uint64_t)(uintptr_t)p ^ (uint64_t)(p->begun_ms * 1e6);
    if (w->host[0] == '\0') {
        bool is_self = false;
        char *say = net_say_errno(EDESTADDRREQ, &is_self);
        fail_later(p, say, is_self);
    } else if (resolve_known(r, w->host, &known) && known.outcome == RESOLVE_OK) {
        begin(p, &known);
    } else {
        p->wait = resolve_ask(r, w->host, on_name, p);
        loop_timer_set(p->clock, w->timeout_ms, 0);
    }
    return p;
}
