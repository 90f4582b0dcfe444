/* patroni_look.h - one look at a whole Patroni cluster: every node is asked for itself (GET
 * /patroni), the first that answers also for the list (/cluster) and the configuration (/config).
 *
 *   all nodes ── /patroni ──> first answer ── /cluster, /config ──> all told: one view
 *
 * A frozen node hangs until the time limit; the others' words are in the view all the same. */
#ifndef ENGINE_PATRONI_LOOK_H
#define ENGINE_PATRONI_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "engine/http.h"
#include "engine/loop.h"
#include "engine/patroni.h"

struct patroni_want {
    const struct option_strings *urls;  /* REST base of each node: "http://db1:8008" */
    const struct option_strings *names; /* the members' names in that order; may be empty */
    const struct http_access *access;
    int64_t connect_ms;
};
/* What stays the same from look to look.  It remembers the names that the list told, so that they
 * stay when the list is gone.  One look at a time. */
struct patroni_plan;
struct patroni_plan *patroni_plan_new(const struct patroni_want *w, struct err *e);
void patroni_plan_free(struct patroni_plan *p);
const char *patroni_plan_host(const struct patroni_plan *p); /* of the first node */
/* The base URL of the node that was last known as `name`, for a request of one's own; or NULL. */
const char *patroni_plan_url(const struct patroni_plan *p, const char *name);

/* A POST of a JSON body to a URL of this cluster, with its account; the caller frees. */
struct http_plan *patroni_plan_post(const struct patroni_plan *p, const char *url, const char *body,
                                    struct err *e);

/* The view is borrowed until fn returns.  Exactly one fn, never from inside start, unless
 * cancelled. */
typedef void patroni_fn(void *arg, struct patroni_view *v);
struct patroni_look;
struct patroni_look *patroni_look_start(struct loop *l, struct http *h, struct patroni_plan *p,
                                        int64_t timeout_ms, patroni_fn *fn, void *arg);
void patroni_look_cancel(struct patroni_look *look);

#endif
