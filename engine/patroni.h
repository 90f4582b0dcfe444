/* patroni.h - Patroni's REST interface read: each node's own words and the cluster's list as one
 * picture (failover.md section 5).
 *
 * A view is plain memory: patroni_view_release frees it.  What a node says of itself (GET /patroni)
 * counts before what the list says of it (GET /cluster): the list is read from the DCS and names a
 * dead leader until its TTL ends.  Text is cleaned when it is read. */
#ifndef ENGINE_PATRONI_H
#define ENGINE_PATRONI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/text.h"

#define PATRONI_MEMBERS_MAX 32
#define PATRONI_WORD_MAX    40

enum patroni_role {
    PATRONI_ROLE_UNKNOWN, /* not told, or a word that we do not know */
    PATRONI_PRIMARY,      /* "master" (3.x), "primary" (4.x), "leader" (the list) */
    PATRONI_STANDBY_LEADER,
    PATRONI_REPLICA,
    PATRONI_DEMOTED /* neither yet: stopped, starting, on its way down */
};
extern const char *const patroni_role_words[]; /* "primary", "replica" … by enum patroni_role */

struct patroni_member {
    char name[TEXT_MAX_NAME + 1];    /* "n1"; HOST:PORT while nobody told the name */
    char address[TEXT_MAX_NAME + 1]; /* HOST:PORT of its REST interface, "" if unknown */
    bool is_asked;                   /* one of ours; else only the list knows of it */
    bool has_answered;               /* its own words were read */
    char *say;                       /* packed: why it has not */
    bool is_self;                    /* … and that was our own fault */
    /* in its own words */
    enum patroni_role role;
    char state[PATRONI_WORD_MAX]; /* "running", "streaming", "stopped" …, "" if unknown */
    char scope[PATRONI_WORD_MAX], version[PATRONI_WORD_MAX], system_id[PATRONI_WORD_MAX];
    int64_t timeline;                     /* 0: unknown */
    int64_t location, received, replayed; /* bytes of WAL; -1: unknown */
    int64_t dcs_seen_s;                   /* Unix time; 0: unknown */
    bool is_replay_paused, is_sync, is_restart_pending, is_unlocked, is_paused;
    bool is_nofailover; /* tag, by either */
    /* in the list's */
    bool is_listed;
    enum patroni_role listed_role;
    char listed_state[PATRONI_WORD_MAX];
    int64_t listed_timeline, listed_lag; /* 0, -1: unknown */
};

struct patroni_view {
    struct patroni_member *members; /* ours in the order of the URLs, then what the list adds */
    size_t n;
    bool has_list;   /* GET /cluster was answered */
    bool has_config; /* GET /config */
    char *list_say;  /* packed: why there is no list */
    bool is_paused, is_sync_mode;
    char scheduled[TEXT_MAX_NAME + 1];   /* "TIME NAME"; "" if none */
    int64_t ttl_s, loop_wait_s, max_lag; /* of the configuration; else Patroni's defaults */
    int64_t at_s;                        /* wall time of the picture */
};

/* n members that are asked, under their addresses; nothing known yet. */
void patroni_view_init(struct patroni_view *v, const char *const *addresses, size_t n);
void patroni_view_release(struct patroni_view *v);

/* A reply's body: false and e if it is none of Patroni's.  The list finds members by address or
 * name, and gives them their names. */
bool patroni_read_node(struct patroni_member *m, const char *body, size_t len, struct err *e);
bool patroni_read_list(struct patroni_view *v, const char *body, size_t len, struct err *e);
bool patroni_read_config(struct patroni_view *v, const char *body, size_t len, struct err *e);

/* Leads by its own words, and its database is up. */
bool patroni_is_leader(const struct patroni_member *m);
size_t patroni_leaders(const struct patroni_view *v, const struct patroni_member **first);
const struct patroni_member *patroni_listed_leader(const struct patroni_view *v); /* NULL: none */
const struct patroni_member *patroni_find(const struct patroni_view *v, const char *name);
/* Bytes that m has not replayed of what `leader` has written, else as the list says; -1: unknown.
 */
int64_t patroni_lag(const struct patroni_member *m, const struct patroni_member *leader);
/* Its database works: "running" of an answer, and what the list knows beside it. */
bool patroni_is_up(const struct patroni_member *m);
/* Seconds since m saw the DCS, by our clock; -1: unknown. */
int64_t patroni_dcs_age_s(const struct patroni_view *v, const struct patroni_member *m);
/* m does not see the DCS: no leader key, or not seen for longer than the TTL. */
bool patroni_is_blind(const struct patroni_view *v, const struct patroni_member *m);

#endif
