/* resolve.h - the door to c-ares: names to addresses, on the loop, cached, never blocking.
 *
 * Numeric addresses, /etc/hosts and cached names are answered at once by resolve_known; the rest by
 * resolve_ask, later.  Questions about one name are asked once for all who wait.  Positive answers
 * are kept for their TTL (5 s to 60 s), negative ones 5 s.  Name servers come from
 * /etc/resolv.conf, or from $TRUCBAN_DNS ("127.0.0.1:5353,…"), or from the options. */
#ifndef ENGINE_RESOLVE_H
#define ENGINE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/err.h"
#include "engine/loop.h"

#define RESOLVE_MAX 8 /* addresses kept of one name */

enum resolve_outcome {
    RESOLVE_OK,
    RESOLVE_NOT_FOUND, /* the name servers say that there is no such name, or no address */
    RESOLVE_SILENT     /* no name server answered this question */
};

struct resolve_answer {
    enum resolve_outcome outcome;
    bool is_local; /* numeric or from /etc/hosts: nobody outside chose the address */
    bool is_blind; /* SILENT, and no question at all was answered meanwhile: our own fault */
    int n;
    struct sockaddr_storage address[RESOLVE_MAX]; /* port 0; IPv4 before IPv6 */
};

struct resolver;
struct resolve_wait;
struct resolver_options {
    const char *servers; /* "ADDRESS[:PORT],…"; NULL: as above */
};
struct resolver *resolver_new(struct loop *l, const struct resolver_options *o, struct err *e);
void resolver_free(struct resolver *r); /* nobody may be waiting */

bool resolve_numeric(const char *host, struct resolve_answer *out); /* also "[::1]" */
bool resolve_known(struct resolver *r, const char *host, struct resolve_answer *out);

/* The answer is borrowed.  Called exactly once, never from inside resolve_ask, unless cancelled. */
typedef void resolve_fn(void *arg, const struct resolve_answer *a);
struct resolve_wait *resolve_ask(struct resolver *r, const char *host, resolve_fn *fn, void *arg);
void resolve_cancel(struct resolve_wait *w); /* the question itself goes on, for the cache */

socklen_t resolve_len(const struct sockaddr_storage *a);
void resolve_set_port(struct sockaddr_storage *a, uint16_t port);
/* "127.0.0.1", "::1"; out has room for INET6_ADDRSTRLEN. */
const char *resolve_text(const struct sockaddr_storage *a, char *out, size_t size);
/* Addresses that no name from outside may lead us to: loopback, link-local (cloud metadata),
 * unspecified, multicast; also in IPv4-mapped form. */
bool resolve_is_forbidden(const struct sockaddr *a);

/* What a wait that its owner ends for lack of time amounts to: SILENT, blind or not. */
void resolve_silent(const struct resolve_wait *w, struct resolve_answer *out);

/* The sentence for an answer that is not OK; the caller frees.  *is_self as in struct result. */
char *resolve_say(const struct resolve_answer *a, const char *host, bool *is_self);

#endif
