/* notify_http.h - what the kinds of receivers that speak HTTP share: requests one after the other
 * within one limit, how a reply is judged. */
#ifndef ENGINE_NOTIFY_HTTP_H
#define ENGINE_NOTIFY_HTTP_H

#include <stdbool.h>

#include "core/notice.h"
#include "engine/http.h"
#include "engine/receiver.h"

#define NOTIFY_REPLY_MAX (16 * 1024)

struct notify_verdict {
    char *say; /* packed, the owner frees; NULL: taken */
    bool is_transient, may_have_arrived;
};
/* One notice as `n` requests.  All calls are with `arg`, which is the kind's own run. */
struct notify_steps {
    size_t n;
    /* NULL and no error: this one is not needed any more. */
    struct http_plan *(*plan)(void *arg, size_t i, struct err *e);
    struct notify_verdict (*judge)(void *arg, size_t i, struct http_reply *r);
    /* The last thing that is called; v is the first failure, if there was one. */
    void (*end)(void *arg, struct notify_verdict *v);
};
struct notify_series;
struct notify_series *notify_series_start(const struct receiver_job *job,
                                          const struct notify_steps *steps, void *arg);
void notify_series_cancel(struct notify_series *s); /* NULL is fine */

/* A status of 2xx is well.  What the peer says is quoted, but none of our secrets (NULL-ended, each
 * may be "") that it may have put into it. */
struct notify_verdict notify_http_judge(struct http_reply *r, const char *const secrets[]);
/* The peer's words: cleaned, one line, no secrets.  The caller frees. */
char *notify_http_quote(const char *body, size_t len, const char *const secrets[]);

#endif
