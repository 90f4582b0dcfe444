/* hub_client.h - what the hub's own files share: a client, its requests, the hub itself.
 *
 *   hub.c          comes and goes: listener, hello, flush, beat, the dead
 *   hub_client.c   one client: bytes out, lines in
 *   hub_watch.c    its picture: snapshot and deltas
 *   hub_request.c  what it asks and is answered
 *
 * Nothing frees a client or a line under somebody's feet: whoever finds a client dead marks it, and
 * the tend timer, which runs from the loop alone, takes it away. */
#ifndef ENGINE_HUB_CLIENT_H
#define ENGINE_HUB_CLIENT_H

#include "core/buf.h"
#include "engine/hub.h"
#include "engine/hub_queue.h"
#include "engine/hub_socket.h"
#include "engine/loop.h"

enum watch { WATCH_NONE, WATCH_SNAPSHOT, WATCH_LIVE, WATCH_BEHIND };

struct client;
struct request {
    struct hub_request pub; /* first: what callers hold is a pointer to it */
    struct client *client;  /* NULL: gone before the answer */
    int64_t id;
    struct request *prev, *next; /* of the client's unanswered ones */
};

struct client {
    struct hub *hub;
    struct client *prev, *next;
    int fd;
    struct loop_fd *handle;
    struct actor actor;
    enum duty_role role;
    struct buf in;
    struct hub_queue out;
    struct request *requests;
    size_t n_requests;
    enum watch watch;
    size_t next_target, next_check; /* of a running snapshot */
    uint64_t last_alert;            /* id of the last one sent in it */
    uint64_t first_version;         /* of the fleet when it began */
    bool is_closing;                /* no more is read; gone once all is answered and written */
    bool is_dead;
    int closing_beats;
};

struct login {
    int64_t uid;
    char *name;
};

struct hub {
    struct loop *loop;
    struct fleet *fleet;
    struct hub_calls calls;
    void *arg;
    struct hub_socket socket;
    const struct grants *roles;
    accounts_member_fn *is_member;
    void *member_arg;
    struct loop_fd *listener;
    struct loop_timer *flush, *tend;
    bool is_flush_set;
    char *store;
    int64_t started_at_ms;
    struct client *clients;
    size_t n_clients, n_watchers;
    struct login *logins;
    size_t n_logins, cap_logins;
    char *config_error; /* packed; NULL: none */
    uint64_t beat;
    uint64_t sent_version, sent_seq; /* of the newest delta */
};

/* --- hub_client.c --- */
void line_add(struct buf *b, const struct jval *j);
/* {"KEY":j}, taking j. */
void line_add_as(struct buf *b, const char *key, struct jval *j);
/* True where no more may be asked for now: too much unanswered or unread, or the end. */
bool client_is_paused(const struct client *c);
void client_mark_dead(struct client *c);
void client_interest(struct client *c); /* asks the loop for what the client waits for now */
void client_write(struct client *c);
void client_send_buf(struct client *c, struct buf *b); /* takes what is in b */
/* The last words to somebody who does not speak the protocol; takes packed. */
void client_refuse_protocol(struct client *c, char *packed);
void client_read(struct client *c);
void client_lines(struct client *c); /* works through the whole lines that were read */

/* --- hub_watch.c --- */
void client_set_watch(struct client *c, enum watch w);
void client_watch(struct client *c);   /* begins a snapshot */
void client_rewatch(struct client *c); /* another picture: begins again, once what waits is read */
/* Sends the next piece once the last one has been taken; one a turn, so that a fast reader does
 * not hold up the loop. */
void client_pump(struct client *c);
/* The dirty objects, encoded once for all who are live. */
void watch_flush(struct hub *h);

/* --- hub_request.c --- */
void client_request(struct client *c, const struct jval *j);
void client_orphan_requests(struct client *c); /* their answers will only free them */

#endif
