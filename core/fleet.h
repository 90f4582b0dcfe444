/* fleet.h - the one picture: targets, their checks, the alerts, failover groups and their runs.
 *
 * The engine folds events and results into it; a console folds the deltas it is sent.  Both hold
 * this same type, and the version number is the whole notification protocol: every change goes
 * through a fleet_* call that bumps `version`, stamps the object, and lists it as dirty until
 * fleet_clean (the hub encodes dirty objects once for all consoles).
 * The fleet owns everything in it.  Targets and checks are never freed while it lives, except that
 * fleet_renew exchanges them all (another site file): pointers stay valid until then.  Hold alerts
 * and runs by id: fleet_clean drops old ones (FLEET_RESOLVED_KEPT, FLEET_RUNS_KEPT). */
#ifndef CORE_FLEET_H
#define CORE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/about.h"
#include "core/event.h"
#include "core/failover.h"
#include "core/flap.h"
#include "core/map.h"
#include "core/period.h"
#include "core/policy.h"
#include "core/proof.h"
#include "core/result.h"
#include "core/rule.h"
#include "core/shift.h"
#include "core/state.h"

enum target_kind {
    TARGET_SERVER,
    TARGET_COMPONENT,
    TARGET_ENDPOINT,
    TARGET_FLOW,
    TARGET_CHANNEL,
    TARGET_DATABASE,
    TARGET_CLUSTER,
    TARGET_HOTLINE,
    TARGET_OTHER,
    TARGET_KIND_COUNT
};
extern const char *const target_kind_names[TARGET_KIND_COUNT];
enum link_state { LINK_DONE, LINK_TESTING, LINK_NONE, LINK_COUNT };
extern const char *const link_names[LINK_COUNT]; /* "done", "testing", "none" */

struct group {
    char *id;
    struct words name;
};

#define TREND_LEN       40
#define TREND_BUCKET_MS 30000
struct trend { /* ring of TREND_BUCKET_MS buckets, newest last; aligned to wall time */
    float latency_ms[TREND_LEN]; /* mean of the bucket, < 0: none; or of check_dot's number */
    uint8_t worst[TREND_LEN];    /* enum state; STATE_PENDING: no result in the bucket */
    int64_t bucket;              /* at_ms / TREND_BUCKET_MS of the newest */
    uint32_t n;                  /* results with a latency in the newest */
    bool is_value; /* of a check that is fed one number: that, since it has no latency */
};

struct target;
struct check {
    char *id;         /* "target/name", at most TEXT_MAX_NAME */
    const char *name; /* borrowed tail of id */
    struct target *target;
    char *probe; /* kind */
    struct rule_config rule;
    enum priority priority;
    bool is_host; /* other checks of its target stand behind it ("host_check") */

    struct rule_state live; /* from here to `spec`: what was seen, which outlives a new site file */
    enum state saved_state; /* engine: hard state as the journal has it (the last check.changed) */
    int64_t fault_ms;       /* wall time of the first bad result of the present problem, 0: none */
    int64_t at_ms;          /* wall time of the newest result, 0: none */
    int64_t seen_ms;     /* monotonic, own clock: when this result was fresh; ages count from it */
    int64_t since_ms;    /* wall time since when the present state holds */
    double latency_ms;   /* < 0: none */
    char *summary;       /* packed sentence; by check_say */
    size_t summary_size; /* bytes that it has room for; 0: just those of the sentence */
    struct metric *metrics;
    size_t n_metrics;
    struct fact *facts;
    size_t n_facts;
    struct trend trend;
    uint64_t alert;       /* id of its open alert, 0: none */
    uint64_t opening;     /* engine: of the one that opens in the batch that is being written */
    bool is_self;         /* the newest result is our own fault */
    bool is_own_fault;    /* so is its problem, also while the end of that is not confirmed */
    struct flap flap;     /* what is recorded; whether it counts as flapping: live.is_flapping */
    unsigned int periods; /* 1 << enum period_kind: of the periods that are on now */
    bool is_unreachable;  /* stands behind something that is down */
    int64_t reached_ms;   /* monotonic: when it stopped to; results before it decide nothing */

    void *spec; /* engine only: how to probe (struct check_spec); not owned */
    uint64_t version;
    bool is_dirty;
};

struct target {
    char *id;
    struct words name;
    enum target_kind kind;
    char *group, *address, *runbook, *org; /* NULL if absent */
    bool is_test, is_test_in_file;         /* the first is what counts (core/promotion.h) */
    bool is_disabled;
    struct promotion *promoted; /* NULL: the site file decides */
    enum link_state link;
    struct label *labels;
    size_t n_labels;
    char **parents, **tags;
    size_t n_parents, n_tags;
    struct target **children; /* fleet_link: whose parent it is, also one of several */
    size_t n_children, cap_children;
    struct check **checks; /* borrowed from the fleet */
    size_t n_checks;

    enum state state; /* the worst shown state of its checks */
    int64_t since_ms; /* wall time */
    uint64_t version;
    bool is_dirty;
};
const char *target_label(const struct target *t, const char *key); /* NULL if absent */
bool target_has_labels(const struct target *t, const struct label *labels, size_t n); /* all */

enum alert_phase { ALERT_FIRING, ALERT_RESOLVED, ALERT_PHASE_COUNT };
extern const char *const alert_phase_names[ALERT_PHASE_COUNT];

/* Why its notices are held back; ASSESSMENT alone is only a label. */
enum alert_mark {
    MARK_MAINTENANCE = 1 << 0,
    MARK_SILENCE = 1 << 1,
    MARK_PARENT = 1 << 2, /* behind something that is down */
    MARK_FLAP = 1 << 3,   /* holds notices back, not the clock */
    MARK_SETTLE = 1 << 4, /* a parent is not settled yet, or no fresh result after a mark ended */
    MARK_BLIND = 1 << 5,  /* most of our own checks cannot look: one alert tells it */
    MARK_ASSESSMENT = 1 << 6
};
#define MARK_COUNT  7
#define MARKS_HOLD  (MARK_ASSESSMENT - 1)        /* notices */
#define MARKS_PAUSE (MARKS_HOLD & ~MARK_FLAP)    /* the clock */
extern const char *const mark_names[MARK_COUNT]; /* "maintenance", "silence" … by bit */

/* What comes next if nothing happens (core/clock.h). */
struct clock_next {
    bool runs;        /* else the times below stand still */
    int level;        /* that will be told; 0: none */
    int64_t level_ms; /* from now; < 0: overdue */
    int later;        /* the level after that, 0: none … */
    int64_t later_ms; /* … and when */
    bool has_ack;     /* somebody must have taken it within ack_ms; < 0: overdue */
    int64_t ack_ms;
    int64_t repeat_ms; /* who was told is told again so often while it runs; 0: never */
};

/* What a receiver has been told of an alert. */
struct told {
    uint8_t receiver;      /* index into fleet.receivers */
    bool is_sending;       /* not known to have arrived */
    uint16_t count;        /* notices about this alert to it */
    int page, page_before; /* alert.page that it knows (0: none); before the notice under way */
    uint8_t state, state_before, level, level_before; /* of the alert, likewise */
    bool knows_flap, knew_flap;                       /* that it is flapping */
    int64_t at_ms;                                    /* wall time of the last one */
    int64_t mono_ms; /* engine: the same on its clock; 0: from before its start */
};

#define TOLD_OVER (-1) /* told.page: it knows of the end, or no longer needs to */

struct ack {
    char *by;  /* NULL: not acknowledged */
    int level; /* support level of who did */
    int64_t at_ms, until_ms;
    int64_t until_mono_ms; /* engine: the end on its own clock; 0: not anchored yet */
    bool is_narrow; /* escalated by hand since: covers its own level and those below, no more */
    char *comment;
    enum state at_state;
    char *key; /* idempotency key of the request; engine only, NULL: none */
};
struct note {
    char *by, *text;
    int64_t at_ms;
    char *key; /* as in struct ack */
};

struct alert {       /* one incident; see core/alert.h for its life */
    uint64_t id;     /* never used again */
    char *check;     /* check id (it may have left the site file since) */
    int64_t version; /* 1 when opened; + 1 with each event about it */
    enum alert_phase phase;
    enum state state;
    enum priority priority;
    int level;          /* support level that has been told: 1-3 */
    unsigned int marks; /* enum alert_mark */
    uint64_t cause;     /* alert that this one stands behind (MARK_PARENT); 0: none */
    int page; /* + 1 with whatever is to be told: opened, worse, escalated, not acknowledged now */
    int64_t counted_ms; /* core/clock.h: at counted_at_ms (wall), counted_mono_ms (own clock) */
    int64_t counted_at_ms, counted_mono_ms;
    struct told *told; /* a receiver each */
    size_t n_told;
    int64_t began_mono_ms;        /* its age counts from here, on the clock of whoever looks */
    int64_t opened_mono_ms;       /* engine: on its own clock; after a restart, of that */
    bool is_in_batch, is_awaited; /* engine/decide.c: while it makes up its mind */
    uint64_t seq;                 /* of the event that made its version */
    const struct policy *policy;  /* engine: policy_of found; NULL: not looked for yet */
    struct clock_next next;       /* a mirror's: as the engine said it, at next_mono_ms */
    int64_t next_mono_ms;         /* own clock; 0: this is no mirror */
    uint32_t episode;             /* of the check's rule_state; engine only */
    int64_t opened_at_ms, since_ms, resolved_at_ms;
    char *summary; /* of the newest event about its state; packed */
    struct ack ack;
    struct note *notes;
    size_t n_notes;                 /* the last ALERT_NOTES_KEPT; the journal has all */
    char *unack_key, *escalate_key; /* of the last such request; engine only */
    uint64_t fleet_version;
    bool is_dirty;
};

#define ALERT_NOTES_KEPT    20
#define FLEET_RESOLVED_KEPT 200 /* resolved alerts kept, beside those that owe a recovery */
#define FLEET_RUNS_KEPT     100 /* runs that are over, likewise */

struct fleet {
    char *site_id, *language, *timezone;
    struct words site_name;
    bool is_sample;
    struct about about;   /* organisations, phases, totals */
    struct shift *shifts; /* the roster, in site-file order */
    size_t n_shifts;
    struct group *groups;
    size_t n_groups;
    struct target **targets; /* in site-file order */
    size_t n_targets, cap_targets;
    struct check **checks;
    size_t n_checks, cap_checks;
    struct alert **alerts; /* by id, ascending; resolved ones beyond the kept are dropped */
    size_t n_alerts, cap_alerts;
    struct fog **fogs; /* in site-file order; never freed while the fleet lives */
    size_t n_fogs, cap_fogs;
    struct run **runs; /* in the order of their confirmation */
    size_t n_runs, cap_runs;
    struct period **periods; /* by id, ascending; ended ones beyond PERIOD_KEPT are dropped */
    size_t n_periods, cap_periods;
    uint64_t next_period; /* from 1 */
    bool has_dirty_periods;
    struct policy *policies; /* the site's, in its order */
    size_t n_policies;
    char **receivers; /* ids that any alert was told of to, at most 255; never fewer */
    size_t n_receivers;
    struct proof_log **proofs; /* engine: synthetic messages of the last day, a check each */
    size_t n_proofs;
    bool is_blind;        /* engine: most checks say that the fault is our own */
    uint64_t blind_alert; /* then: the one alert that tells it; 0: none is open yet */
    struct map target_by_id, check_by_id;
    uint64_t next_alert;     /* the id that the next alert gets; from 1 */
    uint64_t version;        /* + 1 with every change */
    uint64_t alerts_version; /* of the last change of an alert */
    uint64_t
        generation; /* a mirror's: + 1 with every snapshot, which has other objects throughout */
    uint64_t seq;   /* of the last folded event */
    struct check **dirty_checks;
    size_t n_dirty_checks, cap_dirty_checks;
    struct target **dirty_targets;
    size_t n_dirty_targets, cap_dirty_targets;
    struct alert **dirty_alerts;
    size_t n_dirty_alerts, cap_dirty_alerts;
    bool has_dirty_runs; /* fogs and runs are few: looked through, not listed */
};

struct fleet *fleet_new(void);
void fleet_free(struct fleet *f);

struct target *fleet_target(const struct fleet *f, const char *id);
struct check *fleet_check(const struct fleet *f, const char *id);
struct alert *fleet_alert(const struct fleet *f, uint64_t id);
struct alert *fleet_open_alert_of(const struct fleet *f, const struct check *c);
/* Adds an empty object with that id, or returns the one that is there. */
struct target *fleet_add_target(struct fleet *f, const char *id);
struct check *fleet_add_check(struct fleet *f, struct target *t, const char *name);
struct alert *fleet_add_alert(struct fleet *f, uint64_t id);
/* Once all targets are there: who stands behind whom. */
void fleet_link(struct fleet *f);
struct period *fleet_period(const struct fleet *f, uint64_t id);
struct period *fleet_add_period(struct fleet *f, uint64_t id);
/* Index of a receiver's id, which is added where it is new; the last one where there is no room. */
uint8_t fleet_receiver(struct fleet *f, const char *id);
struct told *alert_told(struct alert *a, uint8_t receiver); /* NULL: nothing */
bool alert_owes_recovery(const struct alert *a); /* over, and somebody knows only of its begin */
struct told *alert_add_told(struct alert *a, uint8_t receiver); /* the same, made */
struct fog *fleet_fog(const struct fleet *f, const char *id);
struct run *fleet_run(const struct fleet *f, const char *id);
/* A run by the first characters of its id, at least 4; NULL if none or several begin so. */
struct run *fleet_run_like(const struct fleet *f, const char *head);
struct run *fleet_active_run(const struct fleet *f, const char *fog);   /* NULL: none */
struct run *fleet_newest_run(const struct fleet *f, const char *fog);   /* NULL: none */
struct run *fleet_unclosed_run(const struct fleet *f, const char *fog); /* newest; NULL: none */
struct fog *fleet_add_fog(struct fleet *f, const char *id);
struct run *fleet_add_run(struct fleet *f, const char *id);
void fleet_add_group(struct fleet *f, const char *id, const struct words *name); /* copies */

/* Copies the sentence (NULL: none); without an allocation where it fits, as results do. */
void check_say(struct check *c, const char *packed);
/* What a check's cell shows: STALE where it is stale, else its newest state. */
enum state check_shown(const struct check *c);
bool check_is_soft(const struct check *c);
/* True if a state of this target counts for the whole (production, link done, enabled). */
bool target_counts(const struct target *t);
enum state fleet_worst(const struct fleet *f);
/* Of the targets that count. */
void fleet_count_states(const struct fleet *f, size_t by_state[STATE_COUNT]);
/* What the inventory itself has of a total: targets with its labels; *done: those linked. */
size_t fleet_count_total(const struct fleet *f, const struct total *of, size_t *done);
/* Sets is_blind (more than half of the checks that have a result cannot look, by our own fault; at
 * least three) and blind_alert; true if one of them is new. */
bool fleet_look_inward(struct fleet *f);
size_t fleet_count_open(const struct fleet *f, size_t *unacknowledged);

/* Engine: takes a result into its check (rule_accept, latency, trend, summary); returns the
 * rule_change flags.  `now_mono_ms` is the loop's clock. */
int fleet_apply_result(struct fleet *f, struct check *c, const struct result *r,
                       int64_t now_mono_ms);
/* Engine: stale transitions due at now; returns flags like rule_age. */
int fleet_age_check(struct fleet *f, struct check *c, int64_t now_wall_ms, int64_t now_mono_ms);
void trend_init(struct trend *t);
/* What its trend is made of: the latency, or where that is_value the first metric; < 0: none. */
double check_dot(const struct check *c);
void trend_add(struct trend *t, int64_t at_ms, double latency_ms, enum state s);

/* Folds one durable event.  Unknown subjects are kept (an alert whose check has left).  A check
 * that has had no result yet takes the journal's hard state by rule_restore (restart); one that has
 * only notes what is saved. */
void fleet_fold(struct fleet *f, const struct event *e);

/* Another site file: f gets the targets, checks and words of `fresh`, where a check or target of
 * the same id keeps what was seen of it; alerts, runs, seq and version go on.  `fresh` is left with
 * the old ones, for those who still end something with them; then it is freed.  f itself stays
 * where it is. */
void fleet_renew(struct fleet *f, struct fleet *fresh);

/* Whoever changed an object by hand says so. */
void fleet_touch_check(struct fleet *f, struct check *c); /* also brings its target up to date */
void fleet_touch_target(struct fleet *f, struct target *t);
void fleet_touch_alert(struct fleet *f, struct alert *a);
void fleet_touch_period(struct fleet *f, struct period *p);
void fleet_touch_fog(struct fleet *f, struct fog *g);
void fleet_touch_run(struct fleet *f, struct run *r);
void fleet_clean(struct fleet *f); /* empties the dirty lists, drops old alerts and runs */

#endif
