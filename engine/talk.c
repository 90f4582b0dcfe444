/* talk.c - dial, then bytes both ways, through a TLS session once there is one. */
#include "engine/talk.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/dial.h"
#include "engine/net.h"

const char *const starttls_names[] = {"required", "optional", "none", "implicit", NULL};

struct talk {
    struct loop *loop;
    struct talk_want want;
    talk_fn *fn;
    void *arg;
    struct dial *dial; /* until connected */
    int fd;
    struct loop_fd *watch;
    struct loop_timer *limit;     /* of all */
    struct loop_timer *handshake; /* of that alone */
    struct tls_session *session;
    struct talk_tls how;
    bool is_shaking, is_over;     /* over: FAILED was told */
    bool wants_read, wants_write; /* what TLS asks for, whatever we want ourselves */
    size_t got;                   /* bytes read in all */
    struct buf in, out, line;
    double begun_ms, secure_ms;
    struct talk_times times;
    char *failure; /* of a handshake that cannot start: told from the loop */
    bool is_self;
};

static void watch_for(struct talk *t)
{
    bool reads = !t->is_over && (!t->is_shaking || t->wants_read);
    bool writes = !t->is_over && (t->wants_write || (!t->is_shaking && t->out.len > 0));
    loop_fd_set(t->watch, (reads ? LOOP_READ : 0) | (writes ? LOOP_WRITE : 0));
}

void talk_free(struct talk *t)
{
    if (t == NULL)
        return;
    dial_cancel(t->dial);
    if (t->session != NULL && !t->is_over && !t->is_shaking)
        tls_bye(t->session);
    tls_session_free(t->session);
    loop_fd_free(t->watch);
    if (t->fd >= 0)
        close(t->fd);
    loop_timer_free(t->limit);
    loop_timer_free(t->handshake);
    loop_forget(t->loop, t);
    buf_release(&t->in);
    buf_release(&t->out);
    buf_release(&t->line);
    free(t->failure);
    free(t);
}

/* Each of these tells the owner, who may free us: nothing of ours is touched afterwards. */
static void tell(struct talk *t, enum talk_what what)
{
    struct talk_news n = {.what = what};
    t->fn(t->arg, &n);
}

static void fail(struct talk *t, enum talk_why why, char *say, bool is_self)
{
    struct talk_news n = {.what = TALK_FAILED, .why = why, .say = say, .is_self = is_self};

    t->is_over = true;
    loop_timer_stop(t->limit);
    loop_timer_stop(t->handshake);
    if (t->watch != NULL)
        watch_for(t);
    t->fn(t->arg, &n);
    free(n.say);
}

static void fail_errno(struct talk *t, int error)
{
    bool is_self = false, is_refused = t->session != NULL && tls_is_refused(t->session);
    char *say = is_refused ? tls_say(t->session, &is_self) : net_say_errno(error, &is_self);
    fail(t, TALK_BROKEN, say, is_self);
}

static void on_limit(void *arg)
{
    struct talk *t = arg;
    char span[24];

    if (t->is_shaking)
        fail(t, TALK_NO_TLS,
             SAY(N_("TLS handshake not done within {0}"), net_span(t->want.timeout_ms, span)),
             false);
    else
        fail(t, TALK_TIMEOUT, SAY(N_("no answer within {0}"), net_span(t->want.timeout_ms, span)),
             false);
}

/* --- TLS --- */

static void on_handshake_limit(void *arg)
{
    struct talk *t = arg;
    char span[24];
    fail(t, TALK_NO_TLS,
         SAY(N_("TLS handshake not done within {0}"), net_span(t->how.limit_ms, span)), false);
}

static void handshake_done(struct talk *t)
{
    const struct tls_peer *peer = tls_peer(t->session);

    t->is_shaking = false;
    t->times.tls_ms = loop_precise_ms() - t->secure_ms;
    loop_timer_stop(t->handshake);
    watch_for(t);
    if (peer->fault == TLS_FAULT_NONE || t->how.is_judged_later)
        tell(t, TALK_SECURED);
    else
        fail(t, TALK_NO_TLS, tls_peer_say(peer, t->how.want.host, loop_wall_ms(t->loop)), false);
}

static void shake(struct talk *t)
{
    enum tls_turn turn = tls_handshake(t->session);
    bool is_self = false;

    t->wants_read = turn == TLS_READ;
    t->wants_write = turn == TLS_WRITE;
    if (turn == TLS_DONE) {
        handshake_done(t);
    } else if (turn == TLS_READ || turn == TLS_WRITE) {
        watch_for(t);
    } else {
        char *say = tls_say(t->session, &is_self);
        fail(t, TALK_NO_TLS, say, is_self);
    }
}

static void begin_handshake(void *arg)
{
    struct talk *t = arg;

    if (t->is_over)
        return;
    if (t->failure != NULL) {
        char *say = t->failure;
        t->failure = NULL;
        fail(t, TALK_NO_TLS, say, t->is_self);
    } else {
        shake(t);
    }
}

void talk_secure(struct talk *t, struct tls *tls, const struct talk_tls *how)
{
    struct err e;

    t->how = *how;
    t->is_shaking = true;
    t->secure_ms = loop_precise_ms();
    if (t->in.len > 0) {
        t->failure = mem_strdup(N_("unencrypted text before the TLS handshake"));
    } else {
        t->session = tls_session_new(tls, t->fd, &how->want, &e);
        t->is_self = t->session == NULL;
        if (t->session == NULL)
            t->failure = SAY(N_("cannot read the CA file {0}"), e.text);
    }
    loop_timer_set(t->handshake, how->limit_ms, 0);
    loop_soon(t->loop, begin_handshake, t);
}

const struct tls_peer *talk_peer(const struct talk *t)
{
    return t->session != NULL ? tls_peer(t->session) : NULL;
}

/* --- bytes --- */

/* One read: bytes, or why there are none now (0 with errno as read leaves it; is_end: none ever).
 */
static size_t pull(struct talk *t, char *bytes, size_t max, bool *is_end)
{
    size_t got = 0;

    *is_end = false;
    errno = 0;
    if (t->session == NULL) {
        ssize_t n = recv(t->fd, bytes, max, 0);
        *is_end = n == 0;
        return n > 0 ? (size_t)n : 0;
    }
    enum tls_turn turn = tls_read(t->session, bytes, max, &got);
    t->wants_write = turn == TLS_WRITE;
    *is_end = turn == TLS_CLOSED;
    errno = turn == TLS_FAILED ? ECONNRESET : EAGAIN;
    return got;
}

static void on_end(void *arg)
{
    struct talk *t = arg;
    if (!t->is_over)
        fail(t, TALK_CLOSED, mem_strdup(N_("connection closed without a reply")), false);
}

static void take_bytes(struct talk *t)
{
    char chunk[4096], size[24];
    bool is_end;
    size_t before = t->in.len, most = t->want.max_bytes, got;

    for (;;) { /* one byte too many is enough to know */
        got = pull(t, chunk, most - t->got + 1 < sizeof chunk ? most - t->got + 1 : sizeof chunk,
                   &is_end);
        if (got == 0)
            break;
        t->got += got;
        buf_add(&t->in, chunk, got);
        if (t->got > most) {
            fail(t, TALK_TOO_MUCH, SAY(N_("reply over {0}"), net_size((int64_t)most, size)), false);
            return;
        }
    }
    int error = errno;
    if (is_end)
        loop_soon(t->loop, on_end, t); /* what came before it is told first */
    if (t->in.len > before)
        tell(t, TALK_BYTES);
    else if (is_end)
        return;
    else if (error != EAGAIN && error != EINTR)
        fail_errno(t, error);
    else
        watch_for(t);
}

/* False: the conversation has failed, and the owner knows. */
static bool push_bytes(struct talk *t)
{
    while (t->out.len > 0) {
        size_t sent = 0;
        bool is_broken;
        if (t->session != NULL) {
            enum tls_turn turn = tls_write(t->session, t->out.bytes, t->out.len, &sent);
            is_broken = turn == TLS_CLOSED || turn == TLS_FAILED;
            errno = ECONNRESET;
        } else {
            ssize_t n = send(t->fd, t->out.bytes, t->out.len, MSG_NOSIGNAL);
            is_broken = n < 0 && errno != EAGAIN && errno != EINTR;
            sent = n > 0 ? (size_t)n : 0;
        }
        if (is_broken) {
            fail_errno(t, errno);
            return false;
        }
        if (sent == 0)
            break;
        if (sent == t->out.len)
            explicit_bzero(t->out.bytes, sent); /* it may have been a password */
        buf_drop(&t->out, sent);
    }
    watch_for(t);
    return true;
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct talk *t = arg;

    (void)fd;
    if (error != 0)
        fail_errno(t, error);
    else if (t->is_shaking)
        shake(t);
    else if ((events & LOOP_WRITE) && !push_bytes(t))
        return;
    else if (events & LOOP_READ)
        take_bytes(t);
}

void talk_send(struct talk *t, const char *bytes, size_t len)
{
    buf_add(&t->out, bytes, len);
    if (!t->is_over)
        watch_for(t);
}

const char *talk_line(struct talk *t, size_t *len)
{
    const char *end = t->in.len > 0 ? memchr(t->in.bytes, '\n', t->in.len) : NULL;

    if (end == NULL)
        return NULL;
    size_t n = (size_t)(end - t->in.bytes);
    buf_clear(&t->line);
    buf_add(&t->line, t->in.bytes, n > 0 && t->in.bytes[n - 1] == '\r' ? n - 1 : n);
    buf_drop(&t->in, n + 1);
    *len = t->line.len;
    return buf_text(&t->line);
}

const char *talk_bytes(struct talk *t, size_t len)
{
    if (t->in.len < len)
        return NULL;
    buf_clear(&t->line);
    buf_add(&t->line, t->in.bytes, len);
    buf_drop(&t->in, len);
    return buf_text(&t->line);
}

bool talk_is_local(const struct talk *t)
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;

    if (t->fd < 0 || getpeername(t->fd, (struct sockaddr *)&a, &len) != 0)
        return false;
    if (a.ss_family == AF_INET)
        return ntohl(((struct sockaddr_in *)&a)->sin_addr.s_addr) >> 24 == 127;
    return a.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&a)->sin6_addr);
}

/* --- life --- */

static void on_dialled(void *arg, struct dial_end *end)
{
    struct talk *t = arg;

    t->dial = NULL;
    t->fd = end->fd;
    t->times.name_ms = end->name_ms;
    t->times.connect_ms = end->connect_ms;
    if (end->fd < 0) {
        char *say = end->say;
        end->say = NULL;
        fail(t, TALK_NO_CONNECTION, say, end->is_self);
        return;
    }
    t->watch = loop_fd_new(t->loop, t->fd, on_ready, t);
    int64_t left = t->want.timeout_ms - (int64_t)(loop_precise_ms() - t->begun_ms);
    loop_timer_set(t->limit, left > 1 ? left : 1, 0);
    watch_for(t);
    tell(t, TALK_CONNECTED);
}

struct talk *talk_start(struct loop *l, struct resolver *r, const struct talk_want *w, talk_fn *fn,
                        void *arg)
{
    struct talk *t = mem_alloc(sizeof *t);
    struct dial_want dial = {w->host, w->port, w->connect_ms, w->timeout_ms};

    t->loop = l;
    t->want = *w;
    t->fn = fn;
    t->arg = arg;
    t->fd = -1;
    t->in.max = w->max_bytes + 4096;
    t->begun_ms = loop_precise_ms();
    t->limit = loop_timer_new(l, on_limit, t);
    t->handshake = loop_timer_new(l, on_handshake_limit, t);
    t->dial = dial_start(l, r, &dial, on_dialled, t);
    return t;
}

void talk_times(const struct talk *t, struct talk_times *out)
{
    *out = t->times;
    out->total_ms = loop_precise_ms() - t->begun_ms;
}
