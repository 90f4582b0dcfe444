/* http_private.h - one request as http.c runs it and http_easy.c sets it, for these two alone. */
#ifndef ENGINE_HTTP_PRIVATE_H
#define ENGINE_HTTP_PRIVATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "engine/http.h"
#include "engine/http_plan.h"

#define HTTP_SLOW_BYTES 100 /* a body of less than so many a second … */
#define HTTP_SLOW_S     3   /* … for so many seconds in a row is too slow */

struct http_call { /* pooled; a call is one run while plan is set */
    struct http *http;
    CURL *easy;
    const struct http_plan *plan, *first; /* first differs once a redirect was followed */
    struct http_plan *hop;                /* ours: the plan of that redirect */
    int redirects;
    double before_ms; /* what the requests before this one took */
    http_fn *fn;
    void *arg;
    struct resolve_wait *wait;
    struct loop_timer *limit; /* of the wait for a name, or what defers a failed start */
    struct loop_timer *pace;  /* each second of a body; kept with the handle */
    struct curl_slist *resolve, *headers;
    double begun_ms, name_ms;
    int64_t timeout_ms;
    struct buf body;
    size_t header_bytes, body_seen;      /* body_seen: at the last turn of pace */
    int slow_seconds;                    /* in a row, of a body that has begun */
    long set_timeout_ms, set_connect_ms; /* as the handle has them now */
    int sock_errno;
    bool is_in_multi, is_plain, is_big, is_headers_big, is_forbidden, is_local;
    char error[CURL_ERROR_SIZE];
    struct http_call *next; /* in the pool */
};

/* Where the reply sends us, if this call follows redirects; the caller frees. */
char *http_easy_redirect(const struct http_call *c);
void http_easy_set_fixed(struct http_call *c);   /* what never changes, once a handle */
void http_easy_set_special(struct http_call *c); /* what this plan has beyond it */
void http_easy_undo_special(struct http_call *c);
/* Times, status or the sentence of what went wrong, once libcurl is done with it. */
void http_easy_read(const struct http_call *c, CURLcode code, struct http_reply *r);

#endif
