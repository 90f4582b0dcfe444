/* http.h - the door to libcurl: one request, one reply, everything capped.
 *
 * A plan is what stays the same from run to run (made once per check); a call is one run.  Handles
 * are pooled and carry the fixed options of security.md section 3: no redirects unless asked, no
 * proxy, no signals, protocols by allow-list, a fresh connection unless asked, caps on headers,
 * body and slowness. What goes wrong on the way is told as a packed sentence, so that every kind of
 * probe that speaks HTTP says it alike. */
#ifndef ENGINE_HTTP_H
#define ENGINE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "engine/loop.h"
#include "engine/resolve.h"

#define HTTP_BODY_DEFAULT (64 * 1024)
#define HTTP_HEADERS_MAX  (32 * 1024)
#define HTTP_CONNECT_MS   3000

struct http;
struct http *http_new(struct loop *l, struct resolver *r, struct err *e);
void http_free(struct http *h); /* all calls ended or cancelled */

/* Who we are to the peer, and whom we take it for.  All may be NULL; borrowed. */
struct http_access {
    char *user, *password; /* Basic */
    char *token;           /* Bearer */
    char *ca_file;         /* NULL: the system's bundle */
    char *client_cert, *client_key;
    bool is_insecure; /* the peer's certificate is not verified */
};
struct http_want {
    const char *url;                    /* http or https */
    const char *method;                 /* NULL: GET, or POST with a body */
    const struct option_pairs *headers; /* may be NULL */
    const char *body;                   /* may be NULL */
    const struct http_access *access;   /* may be NULL */
    int64_t max_body;                   /* bytes */
    int64_t connect_ms;                 /* limit for connecting, TLS included */
    /* Redirects followed at most; 0: a redirect is a reply like any other.  Only to https, and only
     * to the same host or one of these names; what says who we are (and every header of the plan)
     * goes to no other scheme, host or port. */
    int64_t max_redirects;
    const struct option_strings *redirect_hosts; /* may be NULL */
    bool is_redirect_http;                       /* http will do */
    bool is_reuse; /* keeps its connection, an hour at most: then the certificate is looked at */
    const char *secret_name, *secret; /* a parameter for the query that nobody may read; or NULL */
};
struct http_plan;
/* Copies what it keeps.  Refuses other protocols, credentials in the URL, header names and values
 * that hold control characters, a client key that others can read. */
struct http_plan *http_plan_new(const struct http_want *w, struct err *e);
void http_plan_free(struct http_plan *p);
const char *http_plan_host(const struct http_plan *p);
char *http_url_escaped(const char *s); /* for a query; the caller wipes and frees */
/* What a peer says: cleaned, one line, at most 200 bytes, none of our secrets (NULL-ended, each may
 * be "") that it may have put into it.  The caller frees. */
char *http_quote(const char *body, size_t len, const char *const secrets[]);

struct http_reply {
    bool is_ok;   /* a whole reply arrived; else `say` tells why not */
    bool is_self; /* our own fault (descriptors, name servers, CA file …) */
    char *say;    /* packed; the callee may take it (and set it to NULL) */
    int status;
    int64_t date_ms;  /* the peer's clock, by its header Date; whole seconds; 0: none */
    const char *body; /* borrowed, NUL-terminated after len */
    size_t len;
    bool is_tls;
    bool is_kept;      /* the connection was there already */
    bool is_connected; /* else (and where it is not is_kept) not one byte has left us */
    /* Milliseconds that each phase took; total < 0 where nothing was sent. */
    double name_ms, connect_ms, tls_ms, first_byte_ms, total_ms;
    struct http_call *call; /* for http_reply_header */
};
/* The last header of that name, as it came (not cleaned), borrowed until the callee returns; NULL:
 * there is none. */
const char *http_reply_header(const struct http_reply *r, const char *name);
typedef void http_fn(void *arg, struct http_reply *r);

struct http_call;
/* Exactly one fn, never from inside http_start, unless cancelled.  The plan must outlive the call.
 */
struct http_call *http_start(struct http *h, const struct http_plan *p, int64_t timeout_ms,
                             http_fn *fn, void *arg);
void http_cancel(struct http_call *c);

/* Handles made so far and in use, for the engine's own figures and tests. */
void http_figures(const struct http *h, size_t *made, size_t *in_use);

#endif
