/* event.h - one line of the journal: what changed, when, by whom.
 *
 * The fleet is the fold of these (fleet_fold).  A kind's row says which body fields it has; the
 * JSON form (engine/event_json.h) is made from it, both ways, so the two cannot drift. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/period.h"
#include "core/run.h"
#include "core/state.h"

enum event_kind {
    EVENT_ENGINE_STARTED,
    EVENT_ENGINE_STOPPED,
    EVENT_ENGINE_CLOCK_MOVED, /* the wall clock: by somebody, or while the machine slept */
    EVENT_CONFIG_LOADED,
    EVENT_CONFIG_REFUSED, /* a reload found mistakes: the old one stays */
    EVENT_CHECK_CHANGED,  /* a HARD state */
    EVENT_CHECK_FLAP_STARTED,
    EVENT_CHECK_FLAP_ENDED,
    EVENT_ALERT_OPENED,
    EVENT_ALERT_CHANGED, /* same incident, other state (level) */
    EVENT_ALERT_RESOLVED,
    EVENT_ALERT_ACKNOWLEDGED,
    EVENT_ALERT_UNACKNOWLEDGED, /* by an operator */
    EVENT_ALERT_ACK_EXPIRED,
    EVENT_ALERT_EXTENDED,  /* the same acknowledgement, another end */
    EVENT_ALERT_TAKEN,     /* the same acknowledgement, another owner */
    EVENT_ALERT_ESCALATED, /* another level: by its clock, or by an operator */
    EVENT_ALERT_MARKED,    /* what holds its notices back is something else now */
    EVENT_ALERT_NOTED,
    EVENT_PERIOD_CREATED, /* a silence, maintenance, assessment */
    EVENT_PERIOD_APPROVED,
    EVENT_PERIOD_ENDED,
    EVENT_NOTICE_SENDING, /* durable before it leaves: at least once, never unknown */
    EVENT_NOTICE_SENT,
    EVENT_NOTICE_FAILED,
    EVENT_NOTICE_TESTED, /* somebody tried the way to a receiver, and how that went */
    EVENT_PROOF_SENDING, /* durable before it leaves; of one key at most once (core/proof.h) */
    EVENT_PROOF_SENT,
    EVENT_PROOF_ARRIVED,
    EVENT_PROOF_ENDED,     /* in any other way */
    EVENT_TARGET_PROMOTED, /* from test to production, or back (core/promotion.h) */
    EVENT_TARGET_SETTLED,  /* the site file says the same by now */
    EVENT_REQUEST_REFUSED,
    EVENT_FAILOVER_CONFIRMED, /* the run begins to exist */
    EVENT_FAILOVER_STARTED,   /* the group is locked: RUNNING */
    EVENT_FAILOVER_RESUMED,   /* after a restart it is looked at again */
    EVENT_FAILOVER_STEP_INTENDED,
    EVENT_FAILOVER_STEP_SENT,
    EVENT_FAILOVER_STEP_FINISHED,
    EVENT_FAILOVER_VERIFYING,
    EVENT_FAILOVER_ENDED,
    EVENT_FAILOVER_RESOLVED, /* a human said what an UNKNOWN one was */
    EVENT_FAILOVER_CLOSED,
    EVENT_KIND_COUNT
};

enum event_field {
    EF_ALERT = 1 << 0,   /* alert: integer id */
    EF_VERSION = 1 << 1, /* version of the alert after this event */
    EF_STATE = 1 << 2,
    EF_OLD_STATE = 1 << 3,
    EF_PRIORITY = 1 << 4,
    EF_TEXT = 1 << 5,        /* summary, comment, note, refusal: a packed sentence, cleaned */
    EF_UNTIL = 1 << 6,       /* until_ms */
    EF_KEY = 1 << 7,         /* idempotency key of the request */
    EF_CHECK = 1 << 8,       /* check id, where the subject is not the check itself */
    EF_SINCE = 1 << 9,       /* since_ms: when the fault was first seen */
    EF_WHAT = 1 << 10,       /* what was asked (refusals), version (engine), hash (configuration) */
    EF_LEVEL = 1 << 11,      /* support level: of the alert now; of who acknowledged */
    EF_MARKS = 1 << 12,      /* enum alert_mark, or-ed; and the cause, where one is `parent` */
    EF_CLOCK = 1 << 13,      /* clock_ms: what the alert's clock had counted at that moment */
    EF_ALERTS = 1 << 14,     /* ids as ranges, "1077,1080-1200" (core/ids.h) */
    EF_PERIOD = 1 << 15,     /* period: its number */
    EF_PERIOD_DEF = 1 << 16, /* all of it (struct period) */
    EF_DELAY = 1 << 17,      /* delay_ms */
    EF_WAS = 1 << 18,        /* what `what` was before */
    /* Of a run (struct event_run): */
    EF_RUN = 1 << 20,         /* run, group */
    EF_RUN_PLAN = 1 << 21,    /* as_kind, from, to, reason, ticket, plan_hash, steps */
    EF_RUN_STATE = 1 << 22,   /* run_state */
    EF_RUN_STEP = 1 << 23,    /* step, from 1 */
    EF_RUN_REQUEST = 1 << 24, /* what exactly is sent */
    EF_RUN_REPLY = 1 << 25,   /* reply, verdict */
    EF_RUN_EPOCH = 1 << 26
};

struct event_row {
    const char *name; /* "alert.acknowledged" */
    int fields;       /* enum event_field, or-ed */
    const char *say;  /* msgid for the timeline: {subject} {actor} {text} {state} {old_state}
                         {check} {until} {what} {alert} {from} {to} {step} {run} {level} {marks}
                         {period} {alerts} by name */
};
extern const struct event_row event_rows[EVENT_KIND_COUNT];
bool event_kind_parse(const char *name, enum event_kind *out);

struct actor {
    char *login; /* "trucban" where the engine itself acted */
    int64_t uid;
    char *from; /* what the client claims to come from (SSH address, tty); "" if nothing */
};

struct event {
    uint64_t seq; /* given by the journal, from 1, without gaps */
    int64_t at_ms;
    enum event_kind kind;
    char *subject; /* check id, "alert/1077", site id */
    struct actor actor;
    uint64_t alert;
    int64_t version;
    enum state state, old_state;
    enum priority priority;
    char *text;
    int64_t until_ms, since_ms;
    char *key, *check, *what, *was;
    int level;
    unsigned int marks;
    uint64_t cause; /* alert that it stands behind; 0: none known */
    int64_t clock_ms, delay_ms;
    char *alerts;
    uint64_t period;
    struct period *period_def; /* NULL unless EF_PERIOD_DEF */
    struct event_run *run;     /* NULL unless about one */
    uint32_t episode;          /* alert.opened: of rule_state then; not journalled, 0: unknown */
    char prev[65], hash[65];   /* hex SHA-256; filled by the journal */
};

void event_release(struct event *e); /* frees what it owns, zeroes it */
void event_copy(struct event *to, const struct event *from);

#endif
