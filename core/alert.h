/* alert.h - the life of an incident, as pure decisions: a question in, events or a refusal out.
 *
 * Nothing here changes the fleet.  The engine asks, has the journal write the events, and only then
 * folds them (fleet_fold): what is shown as saved is saved.  Within one batch the engine asks at
 * most once about each alert, so every decision is made on durable state (see engine/decide.h). */
#ifndef CORE_ALERT_H
#define CORE_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/fleet.h"
#include "core/when.h"

#define ALERT_ACK_DEFAULT_MS (8LL * 3600 * 1000) /* without a roster (alerts.md section 6) */
#define ALERT_ACK_LEAST_MS   (15LL * 60 * 1000)  /* where the shift ends sooner */
#define ALERT_ACK_MAX_MS     (24LL * 3600 * 1000)
#define ALERT_COMMENT_MIN    3           /* characters */
#define ALERT_COMMENT_MAX    2000        /* bytes */
#define ALERT_EVENTS_MAX     6           /* of one alert_reconcile */
#define ALERT_BLIND_PRIORITY PRIORITY_P2 /* of the one that tells that most checks cannot look */

/* What the rule state of a check and its open alert, compared, call for: check.changed,
 * check.flap_started and _ended, alert.opened, alert.changed, alert.marked, alert.resolved.
 * Level-triggered: asking again after the events are folded yields none, asking again after a
 * failed write yields them again.  `settled` false holds openings and marks back (the first retry
 * round after a start: nobody has looked yet).  `next_id` is the id an opened alert gets (the
 * caller counts it up within a batch). Returns how many events; the caller releases them. */
size_t alert_reconcile(const struct fleet *f, const struct check *c, struct moment now,
                       bool settled, uint64_t next_id, struct event out[ALERT_EVENTS_MAX]);
/* True if the check's problem is a fault of our own (alerts.md section 2) about which an alert, of
 * whatever check, is firing already: without the right to send ICMP fifty checks say one and the
 * same sentence, and that is one alert.  The others open theirs when that one has gone and they
 * still say so: the engine asks again with each of their results. */
bool alert_is_told(const struct fleet *f, const struct check *c);
/* The same of an alert that is about to open and not in the fleet yet. */
bool alert_tells(const struct event *opened, const struct check *c);
/* The same of the alert that another stands behind: where that opens in the same batch
 * (check.opening) the event says so at once, and nobody has to say it again when it is folded. */
void alert_stand_behind(const struct fleet *f, struct event *e);

/* What time does to a firing alert; false if nothing is due.  What fell due while the engine was
 * away waits for the first result, at most 30 s.
 * alert.ack_expired: the end of an acknowledgement has come, on the clock of who anchored it
 * (alert_anchor); the next level is told. */
bool alert_expire(const struct fleet *f, const struct alert *a, struct moment now,
                  struct event *out);
/* alert.escalated: nobody has taken it in time.  Steps that are overdue together are one. */
bool alert_escalate(const struct fleet *f, const struct alert *a, struct moment now,
                    struct event *out);
/* Milliseconds until one of the two is due (at least 0); INT64_MAX: nothing is to come. */
int64_t alert_due_ms(const struct fleet *f, const struct alert *a, struct moment now);
/* alert.resolved for a firing alert whose check is no longer in the site file; false if it is. */
bool alert_orphan(const struct fleet *f, const struct alert *a, struct moment now,
                  struct event *out);
/* Ties the alert's times to the clocks of now: after its event was folded, and once after a start,
 * when the time since it counted last is taken from the wall clock. */
void alert_anchor(const struct fleet *f, struct alert *a, struct moment now);
/* Since it opened: by the wall clock once, then on the monotonic one, whatever becomes of stamps.
 */
int64_t alert_age_ms(const struct alert *a, struct moment now);

enum request_kind {
    REQUEST_ACK,
    REQUEST_UNACK,
    REQUEST_EXTEND,
    REQUEST_TAKE,
    REQUEST_ESCALATE,
    REQUEST_NOTE,
    REQUEST_KIND_COUNT
};
struct request_row {
    const char *name; /* "ack", "unack", "note": verb on the socket and command line */
    enum event_kind event;
    bool needs_text;
};
extern const struct request_row request_rows[REQUEST_KIND_COUNT];

struct request { /* borrowed strings, already cleaned */
    enum request_kind kind;
    uint64_t alert;
    int64_t version; /* the version that the operator saw; 0: any (command line) */
    uint64_t seen;   /* the newest event that the operator saw; 0: any (for many at once) */
    int role_level;  /* support level of the operator: 1-3 */
    int level;       /* to escalate to; 0: the next */
    const char *text;
    int64_t until_ms;     /* 0: default */
    int64_t shift_end_ms; /* that default where the site has a roster; 0: none */
    const char *key;      /* idempotency key; NULL: none */
    const struct actor *actor;
};
/* Returns true and one event, or false and *refusal: a packed sentence (caller frees) that says who
 * and when ("already acknowledged by {0} at {1}"; times as RFC 3339, so that consoles can show them
 * in local time: every argument of that form is a time).
 * A request that is already in force (same idempotency key) is a success with nothing to write:
 * true, and out->kind is EVENT_KIND_COUNT (out->alert and out->version say what stands).
 * An acknowledgement that does not cover the operator's level (core/clock.h) is no obstacle: the
 * new one takes its place.  Notes are not refused for an old version, nor on a resolved alert: they
 * take nothing back. */
bool alert_decide(const struct fleet *f, const struct request *q, struct moment now,
                  struct event *out, char **refusal);

/* Order of the alert list: what nobody has taken, then what is held back, then what somebody has;
 * then priority, then oldest. qsort-compatible on
 * struct alert *const *. */
int alert_compare(const void *a, const void *b);

#endif
