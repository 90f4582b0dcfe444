/* hub.c - who comes and goes; see hub.h, and hub_client.h for the map of the hub's files. */
#include "engine/hub_client.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/event_json.h"
#include "engine/wire.h"

#define ACCEPT_AT_ONCE    16
#define CLOSING_BEATS_MAX 5 /* who does not read its last line is dropped after so many */

static const char *login_of(struct hub *h, int64_t uid)
{
    for (size_t i = 0; i < h->n_logins; i++)
        if (h->logins[i].uid == uid)
            return h->logins[i].name;
    char space[4096], number[32];
    struct passwd pw, *found = NULL;
    snprintf(number, sizeof number, "%lld", (long long)uid);
    const char *name = number;
    if (getpwuid_r((uid_t)uid, &pw, space, sizeof space, &found) == 0 && found != NULL)
        name = pw.pw_name;
    MEM_ROOM(h->logins, h->n_logins, h->cap_logins);
    h->logins[h->n_logins++] = (struct login){uid, text_cleaned(name, strlen(name), 63, 0)};
    return h->logins[h->n_logins - 1].name;
}

static enum duty_role role_of(const struct hub *h, const struct client *c)
{
    return accounts_role(h->roles, c->actor.uid, c->actor.login, h->is_member, h->member_arg);
}

static void client_send_hello(struct client *c)
{
    struct hub *h = c->hub;
    struct jval *hello = jval_object();
    jval_set_str(hello, "engine", TRUCBAN_VERSION);
    jval_set_int(hello, "pid", getpid());
    jval_set_time(hello, "started_at", h->started_at_ms);
    jval_set_time(hello, "at", loop_wall_ms(h->loop));
    jval_set_str(hello, "site", h->fleet->site_id);
    jval_set_str(hello, "language", h->fleet->language);
    jval_set_str(hello, "timezone", h->fleet->timezone);
    jval_set_str(hello, "store", h->store);
    jval_set_str(hello, "login", c->actor.login);
    jval_set_int(hello, "uid", c->actor.uid);
    jval_set_str(hello, "role", duty_rows[c->role].name);
    jval_set_bool(hello, "can_act", duty_may(c->role, DUTY_ACK));
    jval_set_int(hello, "line_max", HUB_LINE_MAX);
    struct jval *j = jval_object();
    jval_set_int(j, "trucban", WIRE_PROTOCOL);
    jval_set(j, "hello", hello);
    struct buf b = BUF_INIT(0);
    line_add(&b, j);
    jval_free(j);
    client_send_buf(c, &b);
}

static void client_send_notice(struct client *c, const char *packed)
{
    struct jval *j = jval_object();
    event_json_set_say(j, "text", "say", packed);
    struct buf b = BUF_INIT(0);
    line_add_as(&b, "notice", j);
    client_send_buf(c, &b);
}

void hub_renew(struct hub *h, const struct grants *roles, const char *packed_notice)
{
    h->roles = roles;
    for (struct client *c = h->clients; c != NULL; c = c->next) {
        c->role = role_of(h, c);
        if (c->is_dead || c->watch == WATCH_NONE)
            continue;
        client_send_hello(c); /* language, time zone, role: what the site file may have changed */
        client_send_notice(c, packed_notice);
        client_rewatch(c);
        client_interest(c);
    }
    hub_kick(h);
}

void hub_config_error(struct hub *h, const char *packed)
{
    free(h->config_error);
    h->config_error = packed != NULL ? mem_strdup(packed) : NULL;
}

static void hub_flush(void *arg)
{
    struct hub *h = arg;
    h->is_flush_set = false;
    watch_flush(h);
}

void hub_kick(struct hub *h)
{
    if (h->is_flush_set)
        return;
    h->is_flush_set = true;
    loop_timer_set(h->flush, HUB_FLUSH_MS, 0);
}

void hub_beat(struct hub *h, const struct hub_beat *beat)
{
    struct jval *j = jval_object();
    jval_set_int(j, "n", (int64_t)++h->beat);
    jval_set_time(j, "at", loop_wall_ms(h->loop));
    jval_set_int(j, "results_10s", beat->results_10s);
    jval_set_bool(j, "journal_ok", beat->journal_error == NULL);
    jval_set_str(j, "journal_fault", beat->journal_fault);
    event_json_set_say(j, "journal_error", "journal_say", beat->journal_error);
    event_json_set_say(j, "history_error", "history_say", beat->history_error);
    event_json_set_say(j, "config_error", "config_say", h->config_error);
    jval_set_int(j, "seq", (int64_t)h->fleet->seq);
    struct buf b = BUF_INIT(0);
    line_add_as(&b, "beat", j);
    struct hub_block *block = hub_block_new(buf_text(&b), b.len);
    buf_release(&b);
    for (struct client *c = h->clients; c != NULL; c = c->next) {
        if (c->is_closing && ++c->closing_beats > CLOSING_BEATS_MAX && c->n_requests == 0)
            client_mark_dead(c);
        if (c->is_dead || c->watch == WATCH_NONE || c->out.bytes > HUB_QUEUE_MAX)
            continue;
        hub_queue_add(&c->out, block);
        client_write(c);
    }
    hub_block_drop(block);
    hub_kick(h); /* nothing that changed stays unsaid, even if nobody kicked */
    loop_fd_set(h->listener, LOOP_READ); /* it pauses where descriptors run out */
}

static void on_client(void *arg, int fd, int events, int error)
{
    struct client *c = arg;
    (void)fd;
    if (error != 0) {
        client_mark_dead(c);
        return;
    }
    if ((events & LOOP_READ) != 0 && !client_is_paused(c))
        client_read(c);
    if ((events & LOOP_WRITE) != 0) {
        client_write(c);
        client_pump(c);
    }
    client_interest(c);
}

static void client_free(struct client *c)
{
    struct hub *h = c->hub;
    client_set_watch(c, WATCH_NONE);
    client_orphan_requests(c);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        h->clients = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    h->n_clients--;
    loop_fd_free(c->handle);
    close(c->fd);
    free(c->actor.login);
    free(c->actor.from);
    buf_release(&c->in);
    hub_queue_release(&c->out);
    free(c);
}

/* From the loop alone: reads on where a client had to wait, takes away the dead. */
static void hub_tend(void *arg)
{
    struct hub *h = arg;
    struct client *next;
    for (struct client *c = h->clients; c != NULL; c = next) {
        next = c->next;
        if (!c->is_dead && c->in.len > 0) {
            client_lines(c);
            client_interest(c);
        }
        if (c->is_dead)
            client_free(c);
    }
}

static void client_new(struct hub *h, int fd)
{
    int64_t uid = -1, pid = 0;
    if (!hub_socket_peer(fd, &uid, &pid)) {
        close(fd);
        return;
    }
    struct client *c = mem_alloc(sizeof *c);
    c->hub = h;
    c->fd = fd;
    c->in = (struct buf)BUF_INIT(0); /* bounded by client_lines and is_paused */
    c->actor = (struct actor){mem_strdup(login_of(h, uid)), uid, mem_strdup("")};
    c->role = role_of(h, c);
    c->handle = loop_fd_new(h->loop, fd, on_client, c);
    c->next = h->clients;
    if (c->next != NULL)
        c->next->prev = c;
    h->clients = c;
    h->n_clients++;
    client_send_hello(c);
    if (h->n_clients > HUB_CLIENTS_MAX)
        client_refuse_protocol(c, SAY(N_("too many clients ({0}); close one"), "64"));
    client_interest(c);
}

static void on_listener(void *arg, int fd, int events, int error)
{
    struct hub *h = arg;
    (void)events;
    (void)error;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (got >= 0) {
            client_new(h, got);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            loop_fd_set(h->listener, 0); /* until the next beat; else the loop would spin */
        if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

struct hub *hub_new(struct loop *l, struct fleet *f, const struct hub_options *o,
                    const struct hub_calls *calls, void *arg, struct err *e)
{
    struct hub_socket s;
    if (!hub_socket_open(&s, o->socket_path, o->mode, e))
        return NULL;
    struct hub *h = mem_alloc(sizeof *h);
    h->loop = l;
    h->fleet = f;
    h->calls = *calls;
    h->arg = arg;
    h->socket = s;
    h->roles = o->roles;
    h->is_member = o->is_member;
    h->member_arg = o->member_arg;
    h->store = mem_strdup(o->store != NULL ? o->store : "");
    h->started_at_ms = o->started_at_ms;
    h->flush = loop_timer_new(l, hub_flush, h);
    h->tend = loop_timer_new(l, hub_tend, h);
    h->listener = loop_fd_new(l, s.fd, on_listener, h);
    login_of(h, (int64_t)geteuid()); /* the one that comes, asked for while nothing waits */
    loop_fd_set(h->listener, LOOP_READ);
    return h;
}

void hub_free(struct hub *h)
{
    if (h == NULL)
        return;
    h->calls.watchers = NULL;
    while (h->clients != NULL)
        client_free(h->clients);
    loop_fd_free(h->listener);
    hub_socket_close(&h->socket);
    loop_timer_free(h->flush);
    loop_timer_free(h->tend);
    for (size_t i = 0; i < h->n_logins; i++)
        free(h->logins[i].name);
    free(h->logins);
    free(h->store);
    free(h->config_error);
    free(h);
}

size_t hub_client_count(const struct hub *h)
{
    return h->n_clients;
}
