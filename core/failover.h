/* failover.h - groups that can be switched over, and plans to do it.
 *
 * A group (fog) has members (targets), a driver that knows how to act on them, and a check whose
 * connection and observation the driver uses.  What it can be switched *to* are its candidates: a
 * member where one of them leads (patroni), a half of the site, or "all", where servers take turns
 * behind a balancer (haproxy).  A group may instead be an ordered list of other groups, each of
 * which is switched by a run of its own.  Runs: core/run.h. */
#ifndef CORE_FAILOVER_H
#define CORE_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/about.h"
#include "core/run.h"

#define FOG_MEMBERS_MAX    64
#define FOG_REASONS_MAX    64
#define FOG_NAME_MAX       64 /* bytes of a member's name at its peer */
#define FOG_MIN_UP_DEFAULT 1
#define FOG_TO_ALL         "all" /* candidate: every member ready again */
#define PLAN_VALID_MS      120000
#define PLAN_CODE_MS       60000
#define PLAN_CODE_LEN      4

enum fog_mode { FOG_ACTIVE_STANDBY, FOG_ACTIVE_ACTIVE, FOG_MODE_COUNT };
extern const char *const fog_mode_names[FOG_MODE_COUNT]; /* "active-standby", "active-active" */

enum finding_kind {
    FINDING_OK,
    FINDING_WARN, /* must be ticked by who confirms */
    FINDING_FAIL, /* blocks */
    FINDING_KIND_COUNT
};
extern const char *const finding_kind_names[FINDING_KIND_COUNT]; /* "ok", "warn", "fail" */

/* One thing that was looked at before a switchover: refusals R01-R31. */
struct finding {
    char code[4]; /* "R05" */
    enum finding_kind kind;
    char *say; /* packed: the fact, and what to do */
};
struct findings {
    struct finding *v;
    size_t n;
};
/* Takes the packed sentence; beyond FOG_REASONS_MAX it is dropped. */
void findings_add(struct findings *f, const char *code, enum finding_kind kind, char *say);
void findings_release(struct findings *f);
size_t findings_count(const struct findings *f, enum finding_kind kind);
bool findings_equal(const struct findings *a, const struct findings *b);

struct fog_member {
    char *target; /* id */
    char *name;   /* what the driver's peer calls it */
    char *side;   /* half of the site (the target's group); NULL: none */
};

struct fog {
    char *id;
    struct words name;
    char *driver; /* "haproxy", "patroni"; NULL: none, it is only watched */
    char *check;  /* full id; NULL: none */
    enum fog_mode mode;
    bool is_stateful;
    bool is_production; /* a member is: only an engine run as a service may act */
    struct fog_member *members;
    size_t n_members;
    char **candidates; /* what it may be switched to */
    size_t n_candidates;
    char **parts; /* ids of other groups, in order; then there is nothing else */
    size_t n_parts;
    int64_t min_up;                    /* servers that must be left UP */
    int64_t lag_max_bytes, lag_max_ms; /* of a candidate */
    char *min_role, *approve_role;     /* NULL approve_role: no second person */

    char *active;            /* member or half that serves now; NULL: not known */
    bool is_ready;           /* no finding blocks a switchover to at least one candidate */
    struct findings reasons; /* why not, and what has to be known: fail and warn only */
    int64_t judged_at_ms;    /* wall time; 0: never */
    uint64_t version;
    bool is_dirty;

    void *spec; /* engine only */
};
void fog_free(struct fog *g);
/* NULL if it is none. */
const struct fog_member *fog_member(const struct fog *g, const char *target);
const struct fog_member *fog_member_named(const struct fog *g, const char *name);
bool fog_is_candidate(const struct fog *g, const char *to);
/* May it stand in a command to a peer: 1-64 letters, digits, "_.:-" (R11). */
bool fog_name_is_safe(const char *name);

/* What would be done, and whether it may: read only, valid for PLAN_VALID_MS. */
struct plan {
    char id[RUN_ID_LEN + 1];
    char hash[65]; /* over the facts that it relied on */
    char *fog;
    enum run_kind kind;
    char *from, *to;
    struct run_step *steps;
    size_t n_steps;
    struct findings checks;                           /* all of them, also those that are ok */
    char code[PLAN_CODE_LEN + 1];                     /* "" where something blocks */
    int64_t made_at_ms, expires_at_ms, code_until_ms; /* wall */
    char *notice, *undo; /* packed: what clients notice; how to go back */
    bool needs_approval; /* of a second person */
};
void plan_release(struct plan *p);
bool plan_is_blocked(const struct plan *p);

#endif
