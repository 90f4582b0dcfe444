/* http_words.h - the part of HTTP that needs no libcurl: what may stand in a request, and how a
 * request that got no whole reply is told to operators. */
#ifndef ENGINE_HTTP_WORDS_H
#define ENGINE_HTTP_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

enum http_fault_kind {
    HTTP_FAULT_OTHER,         /* text; counts as our own */
    HTTP_FAULT_CONNECT,       /* error: errno of the connect */
    HTTP_FAULT_FORBIDDEN,     /* text: host whose name led to an address that is not allowed */
    HTTP_FAULT_NO_CONNECTION, /* limit_ms */
    HTTP_FAULT_NO_HANDSHAKE,  /* limit_ms */
    HTTP_FAULT_NO_ANSWER,     /* limit_ms */
    HTTP_FAULT_NOT_COMPLETE,  /* limit_ms */
    HTTP_FAULT_TOO_SLOW,      /* limit_ms, bytes a second */
    HTTP_FAULT_BIG,           /* bytes */
    HTTP_FAULT_HEADERS_BIG,   /* bytes */
    HTTP_FAULT_CLOSED,
    HTTP_FAULT_RESET,
    HTTP_FAULT_SHORT,
    HTTP_FAULT_MALFORMED,
    HTTP_FAULT_CERTIFICATE, /* text: the TLS library's words, raw */
    HTTP_FAULT_TLS,         /* likewise */
    HTTP_FAULT_CERT_WANTED, /* of us, and there was none */
    HTTP_FAULT_CLIENT_CERT, /* text: path; ours cannot be used */
    HTTP_FAULT_CA_FILE      /* text: path */
};
struct http_fault { /* all borrowed */
    enum http_fault_kind kind;
    int error;
    int64_t limit_ms, bytes;
    const char *text;
};
/* The packed sentence, which the caller frees; *is_self as in struct result, left if not. */
char *http_fault_say(const struct http_fault *f, bool *is_self);

bool http_is_token(const char *s); /* a method or the name of a header */
/* "NAME: VALUE" as libcurl takes it, which the caller frees; NULL where a name is no token or a
 * value holds controls (and so could be a second header). */
char *http_header_line(const char *name, const char *value, struct err *e);

#endif
