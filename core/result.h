/* result.h - one observation: what a probe saw.  A failing target is a result, not an error. */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

#define RESULT_METRICS_MAX 64

struct metric {
    char *name;   /* cleaned, at most TEXT_MAX_NAME */
    char *unit;   /* "ms", "B", "%", "c" … or "" */
    double value; /* always finite; a metric that could not be read is left out */
};

struct result {
    enum state state;  /* OK … UNKNOWN */
    bool is_self;      /* our fault, not the target's (alerts.md section 2) */
    double latency_ms; /* < 0: none */
    char *summary;     /* packed sentence (say.h), cleaned, at most TEXT_MAX_STORED */
    struct metric *metrics;
    size_t n_metrics;
    int64_t started_mono_ms; /* filled by the scheduler */
    int64_t at_ms;           /* wall time at the end; filled by the scheduler */
};

void result_release(struct result *r); /* frees what it owns, zeroes it */
/* Cleans name and unit; drops NaN, infinity and what is beyond RESULT_METRICS_MAX. */
void result_metric(struct result *r, const char *name, double value, const char *unit);
/* Takes the packed sentence (freeing the old one). */
void result_take_summary(struct result *r, char *packed);
/* state and sentence in one: result_say(&r, STATE_CRITICAL, SAY(N_("…"), …)); */
void result_say(struct result *r, enum state state, char *packed);

/* A threshold on one metric: a value at or beyond `warning` / `critical` is that state; `is_below`
 * turns the direction (free space).  Site form: {"latency_ms":{"warning":500,"critical":2000}} or
 * {"free_pct":{"warning":20,"critical":10,"below":true}}. */
struct threshold {
    char *metric;
    double warning, critical;
    bool has_warning, has_critical, is_below;
};
/* Raises r to the worst that the thresholds say and, if one raised it, replaces the sentence by it
 * ("latency_ms 812 ms, warning from 500").  "latency_ms" means the result's own latency.  A
 * threshold whose metric is missing makes an OK result UNKNOWN. */
void result_judge(struct result *r, const struct threshold *t, size_t n);

#endif
