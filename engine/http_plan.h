/* http_plan.h - what a plan holds, for http.c and http_plan.c alone. */
#ifndef ENGINE_HTTP_PLAN_H
#define ENGINE_HTTP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "engine/http.h"

struct http_plan {
    char *url; /* wiped when freed: its query may be secret */
    char *host;
    char *method; /* NULL: GET or HEAD */
    char *body, *ca_file, *client_cert, *client_key;
    char *user, *password; /* wiped when freed, as the headers are */
    char **headers;        /* lines */
    size_t n_headers, max_body;
    uint16_t port;
    bool is_head, is_insecure, is_tls, is_numeric;
    bool is_plain; /* nothing but a URL and limits */
    bool is_reuse, is_redirect_http;
    int max_redirects;
    char **redirect_hosts;
    size_t n_redirect_hosts;
    long connect_ms;
};

/* The plan for where a reply to `first` (or to what it led to) sends us; NULL and *say, which the
 * caller frees, if we do not go there. */
struct http_plan *http_plan_redirect(const struct http_plan *first, const char *url, char **say);

struct http_url { /* parts of a URL; port is the scheme's own where none is named */
    char *scheme, *host, *port, *user;
};
bool http_url_split(const char *url, struct http_url *out, struct err *e); /* by libcurl: http.c */
void http_url_release(struct http_url *u);

#endif
