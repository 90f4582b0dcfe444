/* rule.h - when do results make a state: soft, hard, stale.  Pure; alerts.md section 3.
 *
 * Times are monotonic milliseconds, passed in.  Flapping: core/flap.h; parents: core/reach.h. */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

#define RULE_FLAP_OKS 3

struct rule_config {
    int64_t interval_ms, retry_ms, timeout_ms;
    int64_t freshness_ms; /* 0: 2 x effective interval + timeout */
    int attempts;         /* a problem is hard from this many on; >= 1 */
    int ok_confirm;       /* OKs in a row that end a hard problem; default 2 */
    bool is_fed;          /* by another check, whose own alert tells why nothing comes */
};

struct rule_state {
    enum state state;      /* of the newest accepted result; PENDING before */
    enum state hard_state; /* PENDING, OK, WARNING, CRITICAL, UNKNOWN */
    int attempt;           /* of the present soft or hard run of problems; 1 when OK */
    int oks;               /* OKs in a row while hard_state is a problem */
    bool is_hard;          /* state is confirmed */
    bool is_stale;
    bool is_slow;       /* stands behind something that is down: asked half as often */
    bool is_flapping;   /* as the journal has it: no episode ends, OK needs RULE_FLAP_OKS */
    bool is_no_result;  /* hard UNKNOWN because nothing came for twice the freshness */
    uint32_t episode;   /* from 1; + 1 when a hard problem ends: an alert belongs to one */
    int64_t started_ms; /* start of the newest accepted result */
    int64_t result_ms;  /* when it was accepted (monotonic); 0: rule_age begins to count */
    int64_t stale_ms;   /* when it was found stale; 0: not, or rule_age begins to count */
};

enum rule_change {
    RULE_DROPPED = 1 << 0, /* older than the last accepted one */
    RULE_SOFT = 1 << 1,    /* state or attempt changed */
    RULE_HARD = 1 << 2,    /* hard_state changed */
    RULE_STALE = 1 << 3,   /* is_stale changed */
    RULE_FLAP = 1 << 4 /* fleet_apply_result: flapping, or no longer, and the journal has it not */
};

/* PENDING; now_ms 0: freshness counts from the first rule_age. */
void rule_init(struct rule_state *s, int64_t now_ms);
/* As a restart finds it: HARD stays HARD, but STALE until a fresh result; a SOFT run is forgotten
 * and begins again at attempt 1.  Keeps the episode. */
void rule_restore(struct rule_state *s, enum state hard_state);
/* True once a result was accepted since rule_init or rule_restore. */
bool rule_has_result(const struct rule_state *s);
bool rule_is_problem(enum state s); /* WARNING, CRITICAL, UNKNOWN */
int rule_accept(const struct rule_config *c, struct rule_state *s, enum state seen,
                int64_t started_ms, int64_t now_ms); /* returns rule_change flags */
/* STALE after the freshness time; hard UNKNOWN (is_no_result, no longer stale: that is known) after
 * as much again *of being watched*: a process that was stopped for an hour finds everything stale,
 * and makes no problem of it unless results stay away.  One that is fed stays STALE.  Call it every
 * second or so. */
int rule_age(const struct rule_config *c, struct rule_state *s, int64_t now_ms);
/* Until the next run, counted from the slot of this one: retry_ms while a state is being confirmed
 * (a soft problem, or the OKs that end a hard one), else interval_ms. */
int64_t rule_delay_ms(const struct rule_config *c, const struct rule_state *s);
bool rule_is_soft(const struct rule_state *s); /* a problem that is not hard yet */

#endif
