/* link.h - a client's end of the engine's socket: a mirror of the fleet, requests, answers.
 *
 * All that the console knows of the engine.  Non-blocking, no thread and no loop of its own: the
 * caller polls link_fd for link_poll_events and calls link_step when it is ready or when
 * link_wait_ms has passed.  After a loss it connects again by itself (0.2 s doubling to 5 s), asks
 * for a fresh snapshot and folds it into the same fleet; meanwhile the mirror keeps the last
 * picture. A snapshot is folded aside and takes the mirror's place when it is whole, so that half a
 * picture is never seen: pointers to the mirror's objects do not outlive a link_step (ids do).
 * Protocol: docs/protocol.md. */
#ifndef ENGINE_LINK_H
#define ENGINE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/duty.h"
#include "core/err.h"
#include "core/event.h"
#include "core/fleet.h"

enum link_phase { LINK_IS_CONNECTING, LINK_IS_LIVE, LINK_IS_LOST };

struct link_hello { /* what the engine said of itself and of us; strings "" before the first hello
                     */
    char engine_version[32], login[64], role[16], store[128], site[132], language[8];
    char timezone[64]; /* as TZ has it */
    int64_t engine_pid, uid, engine_started_at_ms;
    enum duty_role duty; /* `role`, where this program knows it; else viewer */
    bool can_act;
};
struct link_beat {
    uint64_t seq;
    int64_t at_ms;           /* engine's wall clock */
    int64_t changed_mono_ms; /* our monotonic clock when seq last changed; 0: never */
    int64_t results_10s;     /* results in the last 10 s */
    bool is_journal_ok;
    bool is_disk_silent;     /* and that is because the disk does not answer */
    char journal_error[256]; /* packed sentence, "" if ok */
    char history_error[256]; /* why measurements are not kept, "" if they are */
    char config_error[512];  /* of a site file that was not taken; "" if none */
};

#define LINK_REFUSALS_MAX 50
struct link_refusal { /* of one of the many that a request was about */
    uint64_t alert;
    char *say; /* packed */
};
struct link_answer {
    uint64_t id; /* of the request */
    bool is_ok;
    const char *code; /* "" if ok, else "refused", "usage", "not-saved", "broken", "lost" */
    const char *say;  /* packed sentence: refusal or confirmation; never NULL */
    const struct event *events; /* for "journal" requests, oldest first */
    size_t n_events;
    const struct plan *plan;                        /* for "plan" requests that are ok, else NULL */
    struct link_refusal refused[LINK_REFUSALS_MAX]; /* those told in words … */
    size_t n_refused, n_refused_all;                /* … of so many */
    const char *run;  /* id of the run that a "run" request began, else "" */
    const char *line; /* the answer as JSON, for commands that print it */
};

struct link;
struct link_calls {
    void (*changed)(void *arg); /* phase, hello, or a snapshot ended */
    void (*answered)(void *arg, const struct link_answer *a); /* exactly once for each request;
                                                                 a lost link answers is_ok false */
    void (*told)(void *arg, const char *packed);              /* a notice to everybody */
    bool is_quiet; /* requests only: no picture is asked for, the mirror may be NULL */
};
/* The mirror is the caller's and must outlive the link.  calls may be NULL-filled.  The calls come
 * from inside link_step; they may make requests, but not free the link. */
struct link *link_new(const char *socket_path, struct fleet *mirror, const struct link_calls *calls,
                      void *arg);
void link_free(struct link *l);

int link_fd(const struct link *l); /* -1 while waiting to reconnect */
short link_poll_events(const struct link *l);
int64_t link_wait_ms(const struct link *l, int64_t now_mono_ms); /* -1: for ever */
void link_step(struct link *l, short revents, int64_t now_mono_ms);

enum link_phase link_phase(const struct link *l);
/* The engine's wall clock now, by its hello and beats (core/far_clock.h): times, ages and deadlines
 * in the picture are its own.  own_ms where it has said nothing yet. */
int64_t link_wall_ms(const struct link *l, int64_t now_mono_ms, int64_t own_ms);
const char *link_error(const struct link *l); /* why it is lost, in words */
/* True if it is lost because that process has ended; false also where it cannot be known. */
bool link_engine_has_ended(const struct link *l);
const struct link_hello *link_hello(const struct link *l);
const struct link_beat *link_beat(const struct link *l);
bool link_has_picture(const struct link *l); /* a whole snapshot has been folded */

/* A request: verb and key/value pairs (values are strings; numbers as decimal text), ended by NULL.
 * link_request(l, "ack", "alert", "1077", "version", "3", "text", "seen", NULL).  Verbs and their
 * arguments: docs/protocol.md.  Returns the id that the answer will carry.  While the link is not
 * live the answer is an immediate (next link_step) refusal. */
uint64_t link_request(struct link *l, const char *verb, ...) __attribute__((sentinel));
/* The same from an array: key, value, key, value …; n counts strings.  A NULL value is left out. */
uint64_t link_request_pairs(struct link *l, const char *verb, const char *const *pairs, size_t n);

/* Folds lines as if an engine had sent them just now (hello first): recorded pictures in tests. */
bool link_feed(struct link *l, const char *bytes, size_t len, int64_t now_mono_ms, struct err *e);

/* For commands: blocks up to timeout_ms until the first picture (for a quiet link: until hello), or
 * until the answer was told.  False, with the reason, on time-out and at once where the link is
 * lost. */
bool link_wait_picture(struct link *l, int64_t timeout_ms, struct err *e);
bool link_wait_answer(struct link *l, uint64_t id, int64_t timeout_ms, struct err *e);

#endif
