/* seen.h - what a failover driver saw of its group just now: the facts that plans and verdicts rest
 * on.  One entry for each member of the group, in its order. */
#ifndef CORE_SEEN_H
#define CORE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/failover.h"

enum seen_role {
    SEEN_ROLE_UNKNOWN,
    SEEN_PRIMARY,
    SEEN_REPLICA,
    SEEN_ROLE_NONE
}; /* none: demoted */

enum seen_server { /* behind a balancer */
                   SEEN_SERVER_UNKNOWN,
                   SEEN_READY, /* gets traffic where its health check lets it */
                   SEEN_DRAIN, /* finishes what it has */
                   SEEN_MAINT
};

struct seen_member {
    bool has_answered; /* a database node: its own words were read; a server: the balancer has it */
    char *why_not;     /* packed; NULL: not said */

    /* a node of a database cluster */
    enum seen_role role;              /* in its own words */
    bool is_listed, is_listed_leader; /* by the cluster's list */
    bool is_running, is_nofailover, is_replay_paused, is_sync, is_blind;
    char *state;       /* its word for it; NULL: none */
    int64_t timeline;  /* 0: not known */
    int64_t lag_bytes; /* -1: not known */
    int64_t dcs_age_s; /* since it saw the DCS; -1: not known */
    char *url;         /* where it takes orders; NULL: not known */

    /* a server behind a balancer */
    enum seen_server admin;
    bool is_up; /* its health check passes */
    int64_t sessions;
};

struct seen {
    char *error; /* packed: nothing could be seen, and why; NULL: the rest holds */
    int64_t at_ms, at_mono_ms;
    struct seen_member *members;
    size_t n;

    bool has_list, is_paused, is_sync_mode, has_stranger; /* stranger: leads, but is no member */
    char *stranger;                                       /* its name */
    char *scheduled;                                      /* a switchover at the peer; NULL: none */
    int64_t ttl_s, loop_wait_s;
    char *backend; /* of a balancer */
};

struct seen *seen_new(size_t n);
void seen_free(struct seen *s);

/* The one member that leads by its own words; NULL: none, or several. */
const struct seen_member *seen_leader(const struct seen *s);
size_t seen_primaries(const struct seen *s);
const struct seen_member *seen_listed_leader(const struct seen *s); /* NULL: none */
size_t seen_answers(const struct seen *s);
/* Index of one of s->members. */
size_t seen_index(const struct seen *s, const struct seen_member *m);
/* Gets traffic now. */
bool seen_serves(const struct seen_member *m);
/* What serves: a target id (database), a half or "all" (balancer); NULL: not one thing. */
const char *seen_active(const struct seen *s, const struct fog *g);
/* Of the members of that half; side NULL or "all": of all members. */
size_t seen_count_side(const struct seen *s, const struct fog *g, const char *side,
                       bool (*is_one)(const struct seen_member *));
bool fog_side_has(const struct fog_member *m, const char *side); /* "all" has every member */

#endif
