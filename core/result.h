/* result.h - one observation: what a probe saw.  A failing target is a result, not an error. */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/recur.h"
#include "core/state.h"

#define RESULT_METRICS_MAX 64
#define RESULT_FACTS_MAX   16
#define RESULT_ROWS_MAX    16384

struct metric {
    char *name;   /* cleaned, at most TEXT_MAX_NAME */
    char *unit;   /* "ms", "B", "%", "c" … or "" */
    double value; /* always finite; a metric that could not be read is left out */
};

struct fact { /* something seen that is no number: "role" is "primary", "mode" is "hourly" */
    char *key, *value; /* cleaned, at most TEXT_MAX_NAME each */
};

const char *fact_value(const struct fact *facts, size_t n, const char *key); /* NULL if absent */
void facts_release(struct fact *facts, size_t n);

struct result_row;
struct result {
    enum state state;  /* OK … UNKNOWN */
    bool is_self;      /* our fault, not the target's (alerts.md section 2) */
    double latency_ms; /* < 0: none */
    char *summary;     /* packed sentence (say.h), cleaned, at most TEXT_MAX_STORED */
    struct metric *metrics;
    size_t n_metrics;
    struct fact *facts;
    size_t n_facts;
    struct result_row *rows; /* what one look saw of many things; fed to checks of kind "row" */
    size_t n_rows;
    int64_t started_mono_ms; /* filled by the scheduler */
    int64_t at_ms;           /* wall time at the end; filled by the scheduler */
};

/* One line of a reply that covers many: 118 databases in one query.  Its id is what a check of kind
 * "row" asks for; its result has no rows of its own. */
struct result_row {
    char *id; /* cleaned, at most TEXT_MAX_NAME */
    struct result result;
};

void result_release(struct result *r); /* frees what it owns, zeroes it */
/* Cleans name and unit; drops NaN, infinity and what is beyond RESULT_METRICS_MAX. */
void result_metric(struct result *r, const char *name, double value, const char *unit);
/* Cleans key and value; a second one of the same key takes the place of the first; beyond
 * RESULT_FACTS_MAX, and where value is NULL, nothing is added. */
void result_fact(struct result *r, const char *key, const char *value);
const char *result_fact_value(const struct result *r, const char *key); /* NULL if absent */
/* Adds a row and returns its result to be filled (latency -1), valid until the next one is added;
 * NULL beyond RESULT_ROWS_MAX.  A second row of the same id is the caller's to refuse. */
struct result *result_row_add(struct result *r, const char *id);
const struct result *result_row_find(const struct result *r, const char *id); /* NULL if absent */
void result_rows_drop(struct result *r); /* as if none had been added */
/* Takes the packed sentence (freeing the old one). */
void result_take_summary(struct result *r, char *packed);
/* state and sentence in one: result_say(&r, STATE_CRITICAL, SAY(N_("…"), …)); */
void result_say(struct result *r, enum state state, char *packed);

/* A threshold on one metric: a value at or beyond `warning` / `critical` is that state; `is_below`
 * turns the direction (free space).  Site form: {"latency_ms":{"warning":500,"critical":2000}} or
 * {"free_pct":{"warning":20,"critical":10,"below":true}}. */
enum threshold_stat {
    STAT_MEAN,
    STAT_P95,
    STAT_MAX,
    STAT_MIN,
    STAT_RATE,  /* of a counter, a second */
    STAT_SHARE, /* of results that are OK, in per cent; the metric is "ok" */
    STAT_LAST,
    STAT_COUNT
};
extern const char *const threshold_stats[STAT_COUNT + 1]; /* "mean", "p95" …; NULL-ended */
struct threshold {
    char *metric;
    double warning, critical;
    bool has_warning, has_critical, is_below;
    enum threshold_stat stat;
    int64_t over_ms;     /* 0: each result by itself; else see core/window.h */
    int64_t for_ms;      /* it must have lasted so long */
    struct recur *hours; /* it holds only then, by the site's clock; NULL: always */
};
void thresholds_free(struct threshold *t, size_t n); /* with all they own */
bool threshold_holds(const struct threshold *t, int64_t at_ms);
#define RESULT_WHICH      "which" /* a fact: what the metric is about, "/var"; sentences name it */
#define RESULT_NUMBER_MAX 48
/* As a person would write it, unit and all: no digits beyond what is seen at a glance. */
const char *result_number(double v, const char *unit, char out[RESULT_NUMBER_MAX]);
/* Its value in r; false where it has none. */
bool result_value(const struct result *r, const char *metric, double *value, const char **unit);
enum state threshold_state(const struct threshold *t, double value);
/* State and sentence: which value made it so, and where t has a window, that it is of that time. */
void threshold_say(struct result *r, const struct threshold *t, enum state s, double value,
                   const char *unit);
bool threshold_equal(const struct threshold *a, const struct threshold *b);
/* Each result by itself, whatever `over_ms` and `for_ms` say (core/window.h minds those).
 * Raises r to the worst that the thresholds say and, if one raised it, replaces the sentence by it
 * ("latency_ms 812 ms, warning from 500").  "latency_ms" means the result's own latency.  A
 * threshold whose metric is missing makes an OK result UNKNOWN.  Its `hours` are those of r->at_ms.
 */
void result_judge(struct result *r, const struct threshold *t, size_t n);

#endif
