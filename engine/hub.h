/* hub.h - the engine's Unix socket: who is there, what they are sent, what they ask.
 *
 * Protocol: docs/protocol.md.  Every client is told the engine's hello; who asks to `watch` gets a
 * snapshot of the fleet, then each changed object (encoded once, the bytes shared by all), at most
 * every HUB_FLUSH_MS.  Identity is SO_PEERCRED, the role what the site's "roles" grant to that
 * account (engine/accounts.h), asked for when it connects and when another site file comes into
 * force.  A client whose queue passes HUB_QUEUE_MAX gets no more deltas until it has read what
 * waits, then a fresh snapshot.
 *
 * The hub knows neither journal nor scheduler: what it cannot answer from the fleet goes to
 * hub_calls.request, which must call hub_answer exactly once, at any time, also from inside.
 * All calls are made on the loop's thread.  The hub empties the fleet's dirty lists (fleet_clean);
 * nobody else does. */
#ifndef ENGINE_HUB_H
#define ENGINE_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"
#include "core/event.h"
#include "core/fleet.h"
#include "engine/accounts.h"
#include "engine/jval.h"
#include "engine/request.h"

#define HUB_CLIENTS_MAX 64
#define HUB_LINE_MAX    65536 /* bytes of one line from a client */
#define HUB_QUEUE_MAX   (256 * 1024)
#define HUB_PENDING_MAX 64 /* unanswered requests of a client; beyond, it is not read */
#define HUB_FLUSH_MS    20

struct loop;
struct hub;

struct hub_request { /* the hub's; gone after hub_answer */
    enum request_verb verb;
    struct request_args args; /* cleaned and checked: request_str, request_int */
    struct actor actor;       /* login and uid proved by the kernel, from as claimed */
    enum duty_role role;      /* it has the right that the verb needs */
};

struct hub_calls { /* any may be NULL but request */
    void (*request)(void *arg, struct hub_request *q);
    /* Refused for its role: to be journalled.  The client has its answer already. */
    void (*refused)(void *arg, const struct hub_request *q, const char *packed);
    /* A client came or went; watchers: how many watch now (a private engine ends at 0). */
    void (*watchers)(void *arg, size_t watchers);
};

struct hub_options { /* strings are copied */
    const char *socket_path;
    mode_t mode;                   /* of the socket: 0600, or 0660 as a service */
    const char *store;             /* where decisions are kept, in words; for hello */
    const struct grants *roles;    /* borrowed until hub_renew; NULL: none are granted */
    accounts_member_fn *is_member; /* NULL: the system's */
    void *member_arg;
    int64_t started_at_ms;
};

/* Takes over the socket of an engine that died; refuses one that answers, and what is no socket. */
struct hub *hub_new(struct loop *l, struct fleet *f, const struct hub_options *o,
                    const struct hub_calls *calls, void *arg, struct err *e);
/* Says goodbye to nobody: clients see the end of the line and connect again.  Requests still open
 * stay valid: hub_answer on them just frees. */
void hub_free(struct hub *h);

/* Something in the fleet changed: its dirty objects leave within HUB_FLUSH_MS. */
void hub_kick(struct hub *h);
/* Once a second: the proof of life, and what of this engine does not work. */
struct hub_beat {
    int64_t results_10s;
    const char *journal_error, *journal_fault; /* packed, and its kind; NULL: decisions are saved */
    const char *history_error;                 /* packed; NULL: measurements are kept */
};
void hub_beat(struct hub *h, const struct hub_beat *beat);
/* Another site file is in force (fleet_renew), and its roles: everybody who watches gets hello and
 * a fresh snapshot, then the notice. */
void hub_renew(struct hub *h, const struct grants *roles, const char *packed_notice);
/* The mistake of a site file that was not taken, in every beat until NULL; packed, copied. */
void hub_config_error(struct hub *h, const char *packed);
size_t hub_client_count(const struct hub *h);

/* The answer; frees q.  packed: taken, a sentence for people, never NULL.  extra: taken, an object
 * whose members join the answer (NULL: none).  Where not ok, extra may have "code"
 * (REQUEST_CODE_…); without one it is "refused". */
void hub_answer(struct hub_request *q, bool is_ok, char *packed, struct jval *extra);
/* The same with "events" (borrowed), oldest first, for `journal`.  has_more: the page was full. */
void hub_answer_events(struct hub_request *q, const struct event *events, size_t n, bool has_more);
/* Shorthand for not ok with a code. */
void hub_refuse(struct hub_request *q, const char *code, char *packed);

#endif
