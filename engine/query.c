/* query.c - a c-ares channel of its own for each question: to end one is to close its channel. */
#include "engine/query.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/lane.h"
#include "engine/net.h"

#define TRY_MS 1500 /* then it is asked again, twice as long each time, until the limit */
#define TRIES  8

struct query {
    struct loop *loop;
    struct query_want want;
    query_fn *fn;
    void *arg;
    struct lane lane;
    struct loop_timer *limit; /* or, once there is a reply, what tells it */
    struct query_reply reply;
    bool is_over; /* the reply is there, or nobody wants it */
    double begun_ms;
};

void query_cancel(struct query *q)
{
    if (q == NULL)
        return;
    q->is_over = true; /* closing the lane calls back */
    lane_close(&q->lane);
    loop_timer_free(q->limit);
    dns_answer_release(&q->reply.answer);
    free(q->reply.say);
    free(q);
}

/* c-ares says "refused" of a socket that it could not open, too. */
static char *say_refused(bool *is_self)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 ? errno : ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return net_say_errno(error, is_self);
}

static char *say_no_answer(const struct query *q)
{
    char span[24];
    return SAY(N_("no answer within {0}"), net_span(q->want.timeout_ms, span));
}

static void on_limit(void *arg)
{
    struct query *q = arg;

    if (!q->is_over) {
        q->is_over = true;
        q->reply.say = say_no_answer(q);
    }
    q->fn(q->arg, &q->reply);
    query_cancel(q);
}

/* May come from inside c-ares' calls, ours too: told from the timer. */
static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
    struct query *q = arg;
    struct query_reply *r = &q->reply;

    (void)timeouts;
    if (q->is_over)
        return;
    q->is_over = true;
    r->latency_ms = loop_precise_ms() - q->begun_ms;
    if (bytes != NULL && len > 0) {
        if (!dns_message_read(bytes, (size_t)len, q->want.type, &r->answer))
            r->say = mem_strdup(N_("malformed reply"));
    } else if (status == ARES_ECONNREFUSED) {
        r->say = say_refused(&r->is_self);
    } else if (status == ARES_EBADNAME) {
        r->is_self = true;
        r->say = SAY(N_("not a name that can be asked for: {0}"), q->want.name);
    } else if (status == ARES_EBADRESP) {
        r->say = mem_strdup(N_("malformed reply"));
    } else {
        r->say = say_no_answer(q);
    }
    loop_timer_set(q->limit, 0, 0);
}

static bool is_port(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n > 0 && n < 6 && s[n] == '\0' && strtoul(s, NULL, 10) - 1 < 65535;
}

bool query_is_server(const char *s)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr any;
    const char *colon = strchr(s, ':'), *end = s + strlen(s);
    bool is_bracketed = s[0] == '[';

    if (is_bracketed)
        end = strchr(++s, ']');
    else if (colon != NULL && colon == strrchr(s, ':'))
        end = colon;
    if (end == NULL || end - s >= (ptrdiff_t)sizeof address)
        return false;
    snprintf(address, sizeof address, "%.*s", (int)(end - s), s);
    if (inet_pton(is_bracketed ? AF_INET6 : AF_INET, address, &any) != 1 &&
        inet_pton(AF_INET6, address, &any) != 1)
        return false;
    end += is_bracketed;
    return *end == '\0' || (*end == ':' && is_port(end + 1));
}

struct query *query_start(struct loop *l, const struct query_want *w, query_fn *fn, void *arg)
{
    struct query *q = mem_alloc(sizeof *q);
    struct ares_options o = {
        .flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH, .timeout = TRY_MS, .tries = TRIES};
    struct err e;

    q->loop = l;
    q->want = *w;
    q->fn = fn;
    q->arg = arg;
    q->begun_ms = loop_precise_ms();
    q->limit = loop_timer_new(l, on_limit, q);
    loop_timer_set(q->limit, w->timeout_ms, 0);
    if (!lane_open(&q->lane, l, &o, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES, w->server,
                   &e)) {
        q->is_over = q->reply.is_self = true;
        q->reply.say = SAY(N_("request failed: {0}"), e.text);
        loop_timer_set(q->limit, 0, 0);
        return q;
    }
    ares_query(q->lane.channel, w->name, 1, dns_type_numbers[w->type], on_answer, q);
    lane_arm(&q->lane);
    return q;
}
