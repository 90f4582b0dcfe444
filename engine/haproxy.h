/* haproxy.h - the door to HAProxy's runtime socket: one command, one answer, by Unix path or TCP.
 *
 * An answer ends with the connection.  For a command that changes something the empty answer is
 * success and every text is an error; `show stat` answers a table, told apart by its head.
 * Names come from a site file and must never become a second command: what does not match
 * ^[A-Za-z0-9_.:-]{1,64}$ is refused where the command is made, and haproxy_start looks once more
 * at every byte before it opens anything. */
#ifndef ENGINE_HAPROXY_H
#define ENGINE_HAPROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "engine/loop.h"
#include "engine/resolve.h"

#define HAPROXY_NAME_MAX    64
#define HAPROXY_COMMAND_MAX 256
#define HAPROXY_REPLY_MAX   (512 * 1024) /* 50 servers are 16 KiB */
#define HAPROXY_SERVERS_MAX 4096

/* --- commands --- */

bool haproxy_is_name(const char *s);
enum haproxy_set { HAPROXY_READY, HAPROXY_DRAIN, HAPROXY_MAINT };
/* Each writes a command into out; false and e: a name is refused. */
bool haproxy_show_stat(char out[HAPROXY_COMMAND_MAX], const char *backend, struct err *e);
bool haproxy_show_state(char out[HAPROXY_COMMAND_MAX], const char *backend, struct err *e);
bool haproxy_set_state(char out[HAPROXY_COMMAND_MAX], const char *backend, const char *server,
                       enum haproxy_set state, struct err *e);
bool haproxy_set_weight(char out[HAPROXY_COMMAND_MAX], const char *backend, const char *server,
                        int weight, struct err *e); /* 0 to 256 */

/* --- the conversation --- */

/* Where one is, and which of its backends is meant: what a check and a failover driver share. */
struct haproxy_peer {
    char *socket, *host, *backend;
    int64_t port, connect_ms;
};

struct haproxy_want {   /* borrowed until done or cancel, but the command, which is copied */
    const char *socket; /* path; else host and port */
    const char *host;
    uint16_t port;
    const char *command; /* as made above, without its line end */
    int64_t connect_ms, timeout_ms;
};
struct haproxy_reply {
    bool is_ok;   /* a whole answer arrived, whatever it says */
    bool is_sent; /* the command left us, maybe: "no answer" does not mean that it was not done */
    bool is_self;
    char *say; /* packed, where not ok; the callee may take it */
    const char *text;
    size_t len;
    double total_ms;
};
typedef void haproxy_fn(void *arg, struct haproxy_reply *r);
struct haproxy_call;
/* Exactly one fn, never from inside start, unless cancelled. */
struct haproxy_call *haproxy_start(struct loop *l, struct resolver *r, const struct haproxy_want *w,
                                   haproxy_fn *fn, void *arg);
void haproxy_cancel(struct haproxy_call *c);

/* The answer to a command that changes something: true if it was done.  Else *say is HAProxy's own
 * refusal as a packed sentence, which the caller frees. */
bool haproxy_is_done(const char *text, size_t len, char **say);

/* --- show stat --- */

enum haproxy_state {
    HAPROXY_UP,
    HAPROXY_NO_CHECK, /* takes traffic, nobody looks after it */
    HAPROXY_DRAINING,
    HAPROXY_MAINTAINED,
    HAPROXY_NOLB, /* a check asked for no new traffic */
    HAPROXY_DOWN,
    HAPROXY_STRANGE /* a word that we do not know */
};
struct haproxy_server {
    char backend[HAPROXY_NAME_MAX + 1], name[HAPROXY_NAME_MAX + 1];
    enum haproxy_state state;
    char status[32];                     /* HAProxy's words: "UP 1/2", "MAINT (via x/y)" */
    char check[24];                      /* "L7OK", without the mark of one under way; "" if none */
    int64_t weight, sessions, changed_s; /* -1: not told */
};
struct haproxy_stat {
    struct haproxy_server *v; /* servers only, in HAProxy's order */
    size_t n;
    bool is_cut; /* more than HAPROXY_SERVERS_MAX */
};
/* By the head's names, whatever their order.  False: no such table; *say tells what came instead
 * (a refusal, another protocol), which the caller frees. */
bool haproxy_read_stat(struct haproxy_stat *s, const char *text, size_t len, char **say);
void haproxy_stat_release(struct haproxy_stat *s);
const struct haproxy_server *haproxy_find(const struct haproxy_stat *s, const char *backend,
                                          const char *server);

#endif
