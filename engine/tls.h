/* tls.h - the door to OpenSSL: a TLS session over a socket that somebody else connected.
 *
 * Nothing here waits: each step says whether it wants to read or to write, and the caller (talk.c)
 * comes back when the socket is ready.  TLS 1.2 is the least that is spoken, and sessions are never
 * resumed (a resumed one hides an expired certificate).
 *
 * A handshake goes through whatever the certificate is, so that its days can be told also when it
 * is not good: whoever sends anything afterwards asks tls_peer first (talk.c does, unless it is
 * told that the certificate itself is what is looked at).
 *
 * Authorities are read once for each file and shared by all sessions (the system's bundle takes
 * some tens of milliseconds to parse); a file that has changed on disk is read again. */
#ifndef ENGINE_TLS_H
#define ENGINE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "engine/tls_words.h"

struct tls;
struct tls *tls_new(void);    /* reads nothing yet */
void tls_free(struct tls *t); /* all sessions freed */
/* Files parsed so far, for tests. */
size_t tls_loads(const struct tls *t);

struct tls_want {        /* borrowed until the session is freed */
    const char *host;    /* name or address that the certificate must be for */
    const char *ca_file; /* NULL: the system's bundle */
};
enum tls_turn {
    TLS_DONE,
    TLS_READ,   /* again when there is something to read */
    TLS_WRITE,  /* again when there is room to write */
    TLS_CLOSED, /* the other end hung up */
    TLS_FAILED  /* tls_say tells */
};

struct tls_session;
/* NULL: the CA file cannot be read. */
struct tls_session *tls_session_new(struct tls *t, int fd, const struct tls_want *w, struct err *e);
void tls_session_free(struct tls_session *s); /* NULL is allowed; the socket stays */

enum tls_turn tls_handshake(struct tls_session *s);
enum tls_turn tls_read(struct tls_session *s, void *bytes, size_t max, size_t *got);
enum tls_turn tls_write(struct tls_session *s, const void *bytes, size_t len, size_t *sent);
void tls_bye(struct tls_session *s); /* says that we end, if there is room for it */

/* What was seen of the other end so far, also when the handshake failed later. */
const struct tls_peer *tls_peer(const struct tls_session *s);
/* After TLS_FAILED: it was refused for want of a certificate of ours, which TLS 1.3 says only after
 * the handshake. */
bool tls_is_refused(const struct tls_session *s);
/* After TLS_FAILED or TLS_CLOSED: the packed sentence, which the caller frees. */
char *tls_say(const struct tls_session *s, bool *is_self);

#endif
