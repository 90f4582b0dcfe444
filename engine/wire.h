/* wire.h - targets, checks, alerts, failover groups and runs as JSON, both ways.
 *
 * The one form for `status --json`, `alerts --json` and the socket: snake_case, times RFC 3339 with
 * milliseconds in UTC, durations and latencies in ms, null for unknown.  Encoders return what the
 * caller frees.  Readers fold an object into a fleet (a client's mirror): they take the members
 * that are there and leave the rest, so a delta is simply an object with fewer members; each
 * touches what it changed.  They trust that texts are clean, as an engine sends them. */
#ifndef ENGINE_WIRE_H
#define ENGINE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/fleet.h"
#include "engine/jval.h"

#define WIRE_PROTOCOL 1 /* the number in hello; another one means another language */

enum wire_flags {
    WIRE_STATIC = 1 << 0, /* also what the site file says */
    WIRE_TREND = 1 << 1,  /* also the trend ring */
    WIRE_AGE = 1 << 2,    /* also age_ms: a reader on another clock counts ages from it */
    WIRE_DELTA = WIRE_AGE,
    WIRE_SNAPSHOT = WIRE_STATIC | WIRE_TREND | WIRE_AGE
};

struct jval *wire_target(const struct target *t, int flags);
struct jval *wire_check(const struct check *c, int flags, int64_t now_mono_ms);
/* Also a mirror's alert: what comes next is told as of now_mono_ms. */
struct jval *wire_alert(const struct fleet *f, const struct alert *a, int64_t now_mono_ms);
struct jval *wire_metrics(const struct check *c);      /* an array */
struct jval *wire_facts(const struct check *c);        /* an object of strings */
struct jval *wire_fog(const struct fog *g, int flags); /* WIRE_STATIC, or only what changes */
struct jval *wire_fog_site(const struct fog *g);       /* only what the site file says */
struct jval *wire_run(const struct run *r);
struct jval *wire_plan(const struct plan *p);
/* Site, groups and counts: what stands before the objects of a snapshot. */
struct jval *wire_snapshot(const struct fleet *f);

bool wire_read_target(struct fleet *f, const struct jval *j, struct err *e);
/* now_mono_ms: the reader's clock, from which the check's seen_ms is made. */
bool wire_read_check(struct fleet *f, const struct jval *j, int64_t now_mono_ms, struct err *e);
bool wire_read_alert(struct fleet *f, const struct jval *j, int64_t now_mono_ms, struct err *e);
bool wire_read_fog(struct fleet *f, const struct jval *j, struct err *e);
bool wire_read_run(struct fleet *f, const struct jval *j, struct err *e);
/* Those of many that an answer refuses (link.h); the caller frees their sentences. */
struct link_answer;
void wire_read_refusals(const struct jval *j, struct link_answer *a);
bool wire_read_plan(const struct jval *j, struct plan *out,
                    struct err *e); /* release in any case */
bool wire_read_snapshot(struct fleet *f, const struct jval *j, struct err *e);

/* What documents say of the engine. */
struct wire_engine {
    const char *version, *store;
    int64_t pid, started_at_ms, heartbeat_at_ms;
};
struct jval *wire_status(const struct fleet *f, const struct wire_engine *engine);
struct jval *wire_alerts(const struct fleet *f, int64_t now_mono_ms); /* order: alert_compare */
struct jval *wire_periods(const struct fleet *f);                     /* of `silences --json` */
struct jval *wire_fogs(const struct fleet *f);                  /* of `failover list --json` */
struct jval *wire_runs(const struct fleet *f, const char *fog); /* NULL: of all groups */

#endif
