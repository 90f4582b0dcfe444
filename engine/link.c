/* link.c - see link.h.  Lines are told apart by their first member; docs/protocol.md has them all.
 */
#include "engine/link.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/far_clock.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/event_json.h"
#include "engine/jval.h"
#include "engine/paths.h"
#include "engine/peer.h"
#include "engine/request.h"
#include "engine/period_json.h"
#include "engine/wire.h"

#define RETRY_FIRST_MS 200
#define RETRY_MAX_MS   5000
#define HELLO_WAIT_MS  5000
#define LINE_MAX_BYTES (16u << 20) /* of what we accept from an engine */
#define READ_BYTES     65536
#define READS_A_STEP   4 /* so that keys are served between: some 3 ms of folding */

struct link {
    char *path;
    struct fleet *mirror;
    struct fleet *shadow; /* a snapshot that is not whole yet; NULL: none */
    struct link_calls calls;
    void *arg;
    int fd, peer; /* peer: its process (peer.h) */
    bool has_hello, has_picture;
    enum link_phase phase;
    struct far_clock clock; /* the engine's */
    char error[ERR_MAX];
    struct link_hello hello;
    struct link_beat beat;
    struct buf in, out;
    size_t scanned;                /* bytes of `in` known to hold no line end */
    int64_t now_ms;                /* monotonic, of the present step */
    int64_t retry_at_ms, retry_ms; /* next attempt; the pause after it */
    int64_t hello_by_ms;
    uint64_t next_id;
    uint64_t *pending; /* asked, not answered */
    size_t n_pending, cap_pending;
    uint64_t *failed; /* to be answered "lost" by the next step */
    size_t n_failed, cap_failed;
};

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void tell_changed(struct link *l)
{
    if (l->calls.changed != NULL)
        l->calls.changed(l->arg);
}

static void set_phase(struct link *l, enum link_phase phase)
{
    l->phase = phase;
    tell_changed(l);
}

struct link *link_new(const char *socket_path, struct fleet *mirror, const struct link_calls *calls,
                      void *arg)
{
    struct link *l = mem_alloc(sizeof *l);
    l->path = mem_strdup(socket_path);
    l->mirror = mirror;
    if (calls != NULL)
        l->calls = *calls;
    l->arg = arg;
    l->fd = l->peer = -1;
    l->in = (struct buf)BUF_INIT(0); /* LINE_MAX_BYTES is watched where it is read */
    l->out = (struct buf)BUF_INIT(0);
    l->retry_ms = RETRY_FIRST_MS;
    l->retry_at_ms = INT64_MIN;
    l->next_id = 1;
    return l;
}

void link_free(struct link *l)
{
    if (l == NULL)
        return;
    if (l->fd >= 0)
        close(l->fd);
    if (l->peer >= 0)
        close(l->peer);
    fleet_free(l->shadow);
    buf_release(&l->in);
    buf_release(&l->out);
    free(l->pending);
    free(l->failed);
    free(l->path);
    free(l);
}

/* --- losing and finding ----------------------------------------------------------------------- */

static void lose(struct link *l, const char *why)
{
    snprintf(l->error, sizeof l->error, "%s", why);
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->has_hello = false;
    fleet_free(l->shadow);
    l->shadow = NULL;
    buf_clear(&l->in);
    buf_clear(&l->out);
    l->scanned = 0;
    for (size_t i = 0; i < l->n_pending; i++) {
        MEM_ROOM(l->failed, l->n_failed, l->cap_failed);
        l->failed[l->n_failed++] = l->pending[i];
    }
    l->n_pending = 0;
    l->retry_at_ms = l->now_ms + l->retry_ms;
    l->retry_ms = l->retry_ms * 2 < RETRY_MAX_MS ? l->retry_ms * 2 : RETRY_MAX_MS;
    set_phase(l, LINK_IS_LOST);
}

static void lose_connect(struct link *l, int why)
{
    char text[ERR_MAX];
    if (why == ENOENT)
        snprintf(text, sizeof text, "no engine is running (no socket \"%.400s\")", l->path);
    else if (why == ECONNREFUSED)
        snprintf(text, sizeof text, "the engine is gone (nobody answers on socket \"%.400s\")",
                 l->path);
    else if (why == EACCES || why == EPERM)
        snprintf(text, sizeof text, "not permitted to use the engine's socket \"%.400s\"", l->path);
    else
        snprintf(text, sizeof text, "cannot connect to the engine's socket \"%.400s\": %s", l->path,
                 strerror(why));
    lose(l, text);
}

static void add_request(struct link *l, uint64_t id, const char *verb, struct jval *args)
{
    struct jval *j = jval_object();
    jval_set_int(j, "id", (int64_t)id);
    jval_set_str(j, "request", verb);
    if (args != NULL)
        jval_set(j, "args", args);
    jval_dump(&l->out, j, 0);
    buf_addc(&l->out, '\n');
    jval_free(j);
}

/* Where this person comes from, as far as we can say; the engine writes it down as a claim. */
static const char *claimed_from(char out[128])
{
    const char *ssh = getenv("SSH_CONNECTION");
    const char *tty = ttyname(STDIN_FILENO);
    if (tty != NULL && strncmp(tty, "/dev/", 5) == 0)
        tty += 5;
    size_t len = ssh != NULL ? strcspn(ssh, " ") : 0;
    snprintf(out, 128, "%.*s%s%s", (int)(len < 64 ? len : 64), ssh != NULL ? ssh : "",
             len > 0 && tty != NULL ? " " : "", tty != NULL ? tty : "");
    return out;
}

static void add_hello(struct link *l)
{
    char from[128];
    claimed_from(from);
    struct jval *hello = jval_object();
    char *clean = text_cleaned(from, strlen(from), TEXT_MAX_NAME, 0);
    jval_set_str(hello, "from", clean);
    free(clean);
    jval_set_str(hello, "client", TRUCBAN_VERSION);
    struct jval *j = jval_object();
    jval_set_int(j, "trucban", WIRE_PROTOCOL);
    jval_set(j, "hello", hello);
    jval_dump(&l->out, j, 0);
    buf_addc(&l->out, '\n');
    jval_free(j);
    if (!l->calls.is_quiet)
        add_request(l, 0, "watch", NULL);
}

static void try_connect(struct link *l)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct err e;
    if (!paths_check_socket(l->path, &e)) {
        lose(l, e.text);
        return;
    }
    memcpy(a.sun_path, l->path, strlen(l->path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof a) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        lose_connect(l, why);
        return;
    }
    l->fd = fd;
    l->hello_by_ms = l->now_ms + HELLO_WAIT_MS;
    add_hello(l);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void copy_text(char *to, size_t size, const struct jval *o, const char *key)
{
    const char *s = jval_get_str(o, key);
    snprintf(to, size, "%s", s != NULL ? s : "");
}

static void copy_say(char *to, size_t size, const struct jval *o, const char *text, const char *say)
{
    char *packed = event_json_get_say(o, text, say);
    snprintf(to, size, "%s", packed != NULL ? packed : "");
    free(packed);
}

static void hear_clock(struct link *l, int64_t at_ms)
{
    if (at_ms > 0)
        far_clock_hear(&l->clock, at_ms, l->now_ms);
}

static bool take_hello(struct link *l, const struct jval *j, struct err *e)
{
    int64_t protocol = jval_get_int(j, "trucban", 0);
    if (protocol != WIRE_PROTOCOL)
        return err_set(e,
                       "the engine at \"%.300s\" speaks protocol %lld, this program %d: use the "
                       "trucban of the engine's version",
                       l->path, (long long)protocol, WIRE_PROTOCOL);
    const struct jval *o = jval_get(j, "hello");
    struct link_hello *h = &l->hello;
    copy_text(h->engine_version, sizeof h->engine_version, o, "engine");
    copy_text(h->login, sizeof h->login, o, "login");
    copy_text(h->role, sizeof h->role, o, "role");
    h->duty = DUTY_VIEWER;
    duty_parse(h->role, &h->duty);
    copy_text(h->store, sizeof h->store, o, "store");
    copy_text(h->site, sizeof h->site, o, "site");
    copy_text(h->language, sizeof h->language, o, "language");
    copy_text(h->timezone, sizeof h->timezone, o, "timezone");
    h->engine_pid = jval_get_int(o, "pid", 0);
    h->uid = jval_get_int(o, "uid", -1);
    h->engine_started_at_ms = event_json_get_time(o, "started_at");
    h->can_act = jval_get_bool(o, "can_act", false);
    far_clock_forget(&l->clock);
    hear_clock(l, event_json_get_time(o, "at"));
    if (l->peer >= 0)
        close(l->peer);
    l->peer = peer_open(l->fd, h->engine_pid);
    l->has_hello = true;
    l->beat.seq = 0; /* another engine counts from 1 again; its hello is its first sign of life */
    l->beat.changed_mono_ms = l->now_ms;
    l->beat.is_journal_ok = true; /* until a beat says otherwise */
    l->beat.is_disk_silent = false;
    l->beat.journal_error[0] = l->beat.history_error[0] = '\0';
    l->retry_ms = RETRY_FIRST_MS;
    l->error[0] = '\0';
    set_phase(l, LINK_IS_LIVE);
    return true;
}

static void take_beat(struct link *l, const struct jval *o)
{
    struct link_beat *b = &l->beat;
    uint64_t seq = (uint64_t)jval_get_int(o, "n", 0);
    if (seq != b->seq)
        b->changed_mono_ms = l->now_ms;
    b->seq = seq;
    b->at_ms = event_json_get_time(o, "at");
    hear_clock(l, b->at_ms);
    b->results_10s = jval_get_int(o, "results_10s", 0);
    b->is_journal_ok = jval_get_bool(o, "journal_ok", true);
    const char *fault = jval_get_str(o, "journal_fault");
    b->is_disk_silent = fault != NULL && strcmp(fault, "silent") == 0;
    copy_say(b->journal_error, sizeof b->journal_error, o, "journal_error", "journal_say");
    copy_say(b->history_error, sizeof b->history_error, o, "history_error", "history_say");
    copy_say(b->config_error, sizeof b->config_error, o, "config_error", "config_say");
}

static void take_notice(struct link *l, const struct jval *o)
{
    char *packed = event_json_get_say(o, "text", "say");
    if (packed != NULL && l->calls.told != NULL)
        l->calls.told(l->arg, packed);
    free(packed);
}

/* The whole picture takes the place of the old one; the version goes on from there. */
static void take_snapshot_end(struct link *l, const struct jval *o)
{
    if (l->shadow == NULL)
        return;
    struct fleet old = *l->mirror;
    *l->mirror = *l->shadow;
    *l->shadow = old;
    if (l->mirror->version <= old.version)
        l->mirror->version = old.version + 1;
    l->mirror->generation = old.generation + 1;
    l->mirror->seq = (uint64_t)jval_get_int(o, "seq", (int64_t)l->mirror->seq);
    fleet_free(l->shadow);
    l->shadow = NULL;
    l->has_picture = true;
    tell_changed(l);
}

static size_t read_events(const struct jval *list, struct event **out)
{
    size_t n = jval_len(list), kept = 0;
    struct event *events = mem_alloc((n + 1) * sizeof *events);
    for (size_t i = 0; i < n; i++) {
        if (event_from_json(jval_at(list, i), &events[kept], NULL))
            kept++;
        else /* a kind of a newer engine: others may still be shown */
            event_release(&events[kept]);
    }
    *out = events;
    return kept;
}

static bool forget(uint64_t *ids, size_t *n, uint64_t id)
{
    for (size_t i = 0; i < *n; i++)
        if (ids[i] == id) {
            memmove(ids + i, ids + i + 1, (*n - i - 1) * sizeof *ids);
            (*n)--;
            return true;
        }
    return false;
}

static void take_answer(struct link *l, const struct jval *j, const char *line)
{
    uint64_t id = (uint64_t)jval_get_int(j, "answer", 0);
    if (id == 0 || !forget(l->pending, &l->n_pending, id) || l->calls.answered == NULL)
        return;
    char *packed = event_json_get_say(j, "text", "say");
    struct event *events = NULL;
    struct link_answer a = {.id = id,
                            .is_ok = jval_get_bool(j, "ok", false),
                            .say = packed != NULL ? packed : "",
                            .code = "",
                            .line = line};
    if (!a.is_ok)
        a.code = jval_get_str(j, "code") != NULL ? jval_get_str(j, "code") : REQUEST_CODE_REFUSED;
    a.n_events = read_events(jval_get(j, "events"), &events);
    a.events = events;
    struct plan plan = {0};
    if (jval_get(j, "plan") != NULL && wire_read_plan(jval_get(j, "plan"), &plan, NULL))
        a.plan = &plan;
    wire_read_refusals(j, &a);
    a.run = jval_get_str(j, "run") != NULL ? jval_get_str(j, "run") : "";
    l->calls.answered(l->arg, &a);
    for (size_t i = 0; i < a.n_events; i++)
        event_release(&events[i]);
    for (size_t i = 0; i < a.n_refused; i++)
        free(a.refused[i].say);
    free(events);
    plan_release(&plan);
    free(packed);
}

/* An object goes into the picture that is being made, else into the one that stands. */
static bool take_object(struct link *l, const struct jval *j, struct err *e)
{
    struct fleet *f = l->shadow != NULL ? l->shadow : l->mirror;
    const struct jval *o;
    if ((o = jval_get(j, "check")) != NULL)
        return wire_read_check(f, o, l->now_ms, e);
    if ((o = jval_get(j, "target")) != NULL)
        return wire_read_target(f, o, e);
    if ((o = jval_get(j, "alert")) != NULL)
        return wire_read_alert(f, o, l->now_ms, e);
    if ((o = jval_get(j, "period")) != NULL)
        return period_json_read(f, o, e);
    if ((o = jval_get(j, "fog")) != NULL)
        return wire_read_fog(f, o, e);
    if ((o = jval_get(j, "run")) != NULL)
        return wire_read_run(f, o, e);
    if ((o = jval_get(j, "delta_end")) != NULL)
        f->seq = (uint64_t)jval_get_int(o, "seq", (int64_t)f->seq);
    else if ((o = jval_get(j, "snapshot_end")) != NULL)
        take_snapshot_end(l, o);
    else if ((o = jval_get(j, "snapshot")) != NULL) {
        fleet_free(l->shadow);
        l->shadow = fleet_new();
        return wire_read_snapshot(l->shadow, o, e);
    }
    return true; /* members we do not know are for others */
}

static bool take_line(struct link *l, const char *line, size_t len, struct err *e)
{
    struct jval *j = jval_parse(line, len, e);
    if (j == NULL)
        return err_prefix(e, "the engine sent no JSON");
    bool is_ok = true;
    const struct jval *o;
    if (jval_get(j, "trucban") != NULL) {
        is_ok = take_hello(l, j, e);
    } else if ((o = jval_get(j, "error")) != NULL) {
        const char *text = jval_get_str(o, "text");
        is_ok = err_set(e, "the engine ended the connection: %s", text != NULL ? text : "?");
    } else if (!l->has_hello) {
        is_ok = err_set(e, "no engine of ours answers at \"%.300s\" (no hello)", l->path);
    } else if ((o = jval_get(j, "beat")) != NULL) {
        take_beat(l, o);
    } else if ((o = jval_get(j, "notice")) != NULL) {
        take_notice(l, o);
    } else if (jval_get(j, "answer") != NULL) {
        take_answer(l, j, line);
    } else if (l->mirror != NULL) {
        is_ok = take_object(l, j, e);
    }
    jval_free(j);
    return is_ok;
}

/* Folds every whole line; the line's end becomes a NUL, so that answers can be handed on as text.
 */
static bool take_lines(struct link *l, struct err *e)
{
    size_t at = 0;
    bool is_ok = true;
    while (is_ok && l->scanned < l->in.len) {
        char *end = memchr(l->in.bytes + l->scanned, '\n', l->in.len - l->scanned);
        if (end == NULL) {
            l->scanned = l->in.len;
            break;
        }
        size_t len = (size_t)(end - (l->in.bytes + at));
        *end = '\0';
        is_ok = len == 0 || take_line(l, l->in.bytes + at, len, e);
        at += len + 1;
        l->scanned = at;
    }
    if (at > 0) {
        buf_drop(&l->in, at);
        l->scanned -= at;
    }
    if (is_ok && l->in.len > LINE_MAX_BYTES)
        return err_set(e, "the engine sent a line longer than %u bytes", LINE_MAX_BYTES);
    return is_ok;
}

/* --- steps ------------------------------------------------------------------------------------ */

static bool step_write(struct link *l, struct err *e)
{
    while (l->out.len > 0) {
        ssize_t n = send(l->fd, l->out.bytes, l->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EPIPE)) /* EPIPE: its last words come first */
            return true;
        if (n < 0)
            return err_set(e, "connection to the engine lost: %s", strerror(errno));
        buf_drop(&l->out, (size_t)n);
    }
    return true;
}

static bool step_read(struct link *l, struct err *e)
{
    char bytes[READ_BYTES];
    for (int i = 0; i < READS_A_STEP; i++) {
        ssize_t n = recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0)
            return err_set(e, "connection to the engine lost: %s", strerror(errno));
        if (n == 0)
            return err_set(e, "the engine has ended, or the line to it was cut");
        buf_add(&l->in, bytes, (size_t)n);
        if (!take_lines(l, e))
            return false;
    }
    return true;
}

static void answer_failed(struct link *l)
{
    while (l->n_failed > 0) {
        uint64_t id = l->failed[0];
        forget(l->failed, &l->n_failed, id);
        struct link_answer a = {
            .id = id,
            .is_ok = false,
            .say = N_("Not done: no connection to the engine."),
            .code = REQUEST_CODE_LOST,
            .line = "{\"ok\":false,\"code\":\"" REQUEST_CODE_LOST "\"}",
        };
        if (l->calls.answered != NULL)
            l->calls.answered(l->arg, &a);
    }
}

void link_step(struct link *l, short revents, int64_t now_mono_ms)
{
    struct err e = {""};
    (void)revents; /* reading and writing never wait: what is there is taken */
    l->now_ms = now_mono_ms;
    answer_failed(l);
    if (l->fd < 0 && now_mono_ms >= l->retry_at_ms)
        try_connect(l);
    if (l->fd < 0)
        return;
    bool is_ok = step_write(l, &e) && step_read(l, &e) && step_write(l, &e);
    if (is_ok && !l->has_hello && now_mono_ms >= l->hello_by_ms)
        is_ok = err_set(&e, "the engine at \"%.300s\" does not answer", l->path);
    if (!is_ok)
        lose(l, e.text);
    if (l->mirror != NULL)
        fleet_clean(l->mirror);
}

bool link_feed(struct link *l, const char *bytes, size_t len, int64_t now_mono_ms, struct err *e)
{
    l->now_ms = now_mono_ms;
    buf_add(&l->in, bytes, len);
    bool is_ok = take_lines(l, e);
    if (l->mirror != NULL)
        fleet_clean(l->mirror);
    return is_ok;
}

int link_fd(const struct link *l)
{
    return l->fd;
}

short link_poll_events(const struct link *l)
{
    return (short)(POLLIN | (l->out.len > 0 ? POLLOUT : 0));
}

int64_t link_wait_ms(const struct link *l, int64_t now_mono_ms)
{
    if (l->n_failed > 0)
        return 0;
    if (l->fd >= 0 && l->has_hello)
        return -1;
    int64_t at = l->fd >= 0 ? l->hello_by_ms : l->retry_at_ms;
    return at > now_mono_ms ? at - now_mono_ms : 0;
}

enum link_phase link_phase(const struct link *l)
{
    return l->phase;
}

int64_t link_wall_ms(const struct link *l, int64_t now_mono_ms, int64_t own_ms)
{
    return far_clock_now(&l->clock, now_mono_ms, own_ms);
}

const char *link_error(const struct link *l)
{
    return l->error;
}

bool link_engine_has_ended(const struct link *l)
{
    return l->phase == LINK_IS_LOST && peer_has_ended(l->peer);
}

const struct link_hello *link_hello(const struct link *l)
{
    return &l->hello;
}

const struct link_beat *link_beat(const struct link *l)
{
    return &l->beat;
}

bool link_has_picture(const struct link *l)
{
    return l->has_picture;
}

uint64_t link_request_pairs(struct link *l, const char *verb, const char *const *pairs, size_t n)
{
    uint64_t id = l->next_id++;
    if (l->phase != LINK_IS_LIVE) {
        MEM_ROOM(l->failed, l->n_failed, l->cap_failed);
        l->failed[l->n_failed++] = id;
        return id;
    }
    struct jval *args = jval_object();
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (pairs[i + 1] == NULL)
            continue;
        /* JSON carries no bytes that are not UTF-8: what is wrong is shown, as the engine would */
        char *clean = text_cleaned(pairs[i + 1], strlen(pairs[i + 1]), TEXT_MAX_STORED, TEXT_LINES);
        jval_set_str(args, pairs[i], clean);
        free(clean);
    }
    add_request(l, id, verb, args);
    MEM_ROOM(l->pending, l->n_pending, l->cap_pending);
    l->pending[l->n_pending++] = id;
    struct err e;
    step_write(l, &e); /* what fails here fails again in the next step */
    return id;
}

uint64_t link_request(struct link *l, const char *verb, ...)
{
    const char *pairs[2 * REQUEST_ARGS_MAX];
    size_t n = 0;
    va_list ap;
    va_start(ap, verb);
    for (const char *s; n < 2 * REQUEST_ARGS_MAX && (s = va_arg(ap, const char *)) != NULL;)
        pairs[n++] = s;
    va_end(ap);
    return link_request_pairs(l, verb, pairs, n);
}

/* --- for commands: waiting -------------------------------------------------------------------- */

static bool is_waiting_for(const struct link *l, uint64_t id)
{
    for (size_t i = 0; i < l->n_pending; i++)
        if (l->pending[i] == id)
            return true;
    for (size_t i = 0; i < l->n_failed; i++)
        if (l->failed[i] == id)
            return true;
    return false;
}

/* One wait and one step; false when the time is over. */
static bool wait_once(struct link *l, int64_t until_ms)
{
    int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
    if (now_ms >= until_ms)
        return false;
    int64_t wait_ms = link_wait_ms(l, now_ms);
    if (wait_ms < 0 || wait_ms > until_ms - now_ms)
        wait_ms = until_ms - now_ms;
    struct pollfd p = {.fd = l->fd, .events = link_poll_events(l)};
    poll(&p, 1, (int)wait_ms);
    link_step(l, p.revents, clock_ms(CLOCK_MONOTONIC));
    return true;
}

bool link_wait_picture(struct link *l, int64_t timeout_ms, struct err *e)
{
    int64_t until_ms = clock_ms(CLOCK_MONOTONIC) + timeout_ms;
    while (l->calls.is_quiet ? !l->has_hello : !l->has_picture) {
        if (l->phase == LINK_IS_LOST)
            return err_set(e, "%s", l->error);
        if (!wait_once(l, until_ms))
            return err_set(e, "the engine at \"%.300s\" does not answer", l->path);
    }
    return true;
}

bool link_wait_answer(struct link *l, uint64_t id, int64_t timeout_ms, struct err *e)
{
    int64_t until_ms = clock_ms(CLOCK_MONOTONIC) + timeout_ms;
    while (is_waiting_for(l, id))
        if (!wait_once(l, until_ms))
            return err_set(e, "the engine has not answered in %lld s; ask again what stands",
                           (long long)(timeout_ms / 1000));
    return true;
}
