/* talk.h - a conversation over TCP, in the clear or under TLS, capped and timed.
 *
 *   talk_start -> CONNECTED -> [talk_secure -> SECURED] -> talk_send … BYTES: talk_line …
 *
 * What happened is told by one function of the owner's, never from inside a call of the owner's;
 * from there the owner may call anything, talk_free too.  After FAILED nothing more is told. */
#ifndef ENGINE_TALK_H
#define ENGINE_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/loop.h"
#include "engine/resolve.h"
#include "engine/tls.h"

/* How a conversation comes under TLS, as the options of a kind say it. */
enum starttls { STARTTLS_REQUIRED, STARTTLS_OPTIONAL, STARTTLS_NONE, STARTTLS_IMPLICIT };
extern const char *const starttls_names[]; /* NULL-ended, as choices are */

struct talk_want {    /* host is borrowed until talk_free */
    const char *host; /* "": told as our own fault, the target has no address */
    uint16_t port;
    int64_t connect_ms; /* limit for one address */
    int64_t timeout_ms; /* limit for all of it */
    size_t max_bytes;   /* read in all, TLS's own not counted */
};

enum talk_what {
    TALK_CONNECTED,
    TALK_SECURED, /* the handshake is done, and the certificate good or not asked for */
    TALK_BYTES,   /* something came: talk_line */
    TALK_FAILED
};
enum talk_why {
    TALK_NO_CONNECTION,
    TALK_NO_TLS,  /* the handshake did not succeed, or the certificate is not good */
    TALK_TIMEOUT, /* timeout_ms has passed since the beginning */
    TALK_CLOSED,
    TALK_BROKEN, /* reset and the like */
    TALK_TOO_MUCH
};
struct talk_news {
    enum talk_what what;
    enum talk_why why; /* FAILED: these three */
    char *say;         /* packed; the callee may take it (and set it to NULL) */
    bool is_self;
};
typedef void talk_fn(void *arg, struct talk_news *n);

struct talk;
struct talk *talk_start(struct loop *l, struct resolver *r, const struct talk_want *w, talk_fn *fn,
                        void *arg);
void talk_free(struct talk *t); /* hangs up; NULL is allowed */

struct talk_tls {
    struct tls_want want; /* borrowed likewise */
    int64_t limit_ms;     /* for the handshake */
    bool is_judged_later; /* a bad certificate does not end it: the owner looks at talk_peer */
};
/* Bytes that came in the clear and have not been taken by talk_line end it: they could be anybody's
 * words, put in before the handshake. */
void talk_secure(struct talk *t, struct tls *tls, const struct talk_tls *how);
const struct tls_peer *talk_peer(const struct talk *t); /* NULL before talk_secure */

void talk_send(struct talk *t, const char *bytes, size_t len);
/* The next whole line without its end, valid until the next call; NULL: not there yet. */
const char *talk_line(struct talk *t, size_t *len);
/* The next len bytes as they came, likewise. */
const char *talk_bytes(struct talk *t, size_t len);
bool talk_is_local(const struct talk *t); /* connected to this machine's own loopback */

struct talk_times { /* ms; 0 where there was no such phase */
    double name_ms, connect_ms, tls_ms, total_ms;
};
void talk_times(const struct talk *t, struct talk_times *out); /* total: up to now */

#endif
