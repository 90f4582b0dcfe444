/* tls_words.h - the part of TLS that needs no library: what was seen of the other end, and how it
 * is told to operators. */
#ifndef ENGINE_TLS_WORDS_H
#define ENGINE_TLS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with a certificate.  The first of these that holds is the one that is told: who
 * is right about the rest has still to replace an expired one. */
enum tls_fault {
    TLS_FAULT_NONE,
    TLS_FAULT_EXPIRED,
    TLS_FAULT_NOT_YET,
    TLS_FAULT_SELF_SIGNED,
    TLS_FAULT_NO_CHAIN, /* its issuer is neither known nor sent */
    TLS_FAULT_NAME,
    TLS_FAULT_AUTHORITY, /* something about one of those above it: text */
    TLS_FAULT_OTHER      /* text */
};

struct tls_peer {
    bool is_seen; /* it presented a certificate */
    enum tls_fault fault;
    char *words; /* all that is wrong, as the library says it, ", " between; NULL: nothing */
    char *subject, *issuer; /* "CN = …, O = …"; controls escaped, otherwise raw */
    char *names;            /* that it is for: "a.example, 192.0.2.1"; raw, cut at 256 bytes */
    int64_t not_before_ms, not_after_ms;
    const char *protocol, *cipher; /* "TLSv1.3"; NULL until the handshake is done */
};

double tls_days_left(const struct tls_peer *p, int64_t now_ms); /* negative: since it expired */
/* The packed sentence for a certificate with a fault, which the caller frees: "self-signed
 * certificate; 812 days left".  host: what it should have been for. */
char *tls_peer_say(const struct tls_peer *p, const char *host, int64_t now_ms);

/* Why a handshake ended without one. */
enum tls_stop {
    TLS_STOP_CLOSED,      /* the other end hung up */
    TLS_STOP_SYSTEM,      /* error: errno */
    TLS_STOP_TOO_OLD,     /* it has nothing newer than TLS 1.1 */
    TLS_STOP_CERT_WANTED, /* it wants one of ours */
    TLS_STOP_NO_TLS,      /* what it answered is another protocol */
    TLS_STOP_PROTOCOL     /* text: the library's words */
};
char *tls_stop_say(enum tls_stop stop, int error, const char *text, bool *is_self);

#endif
