#include "core/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

const char *const threshold_stats[STAT_COUNT + 1] = {
    [STAT_MEAN] = "mean", [STAT_P95] = "p95",     [STAT_MAX] = "max",   [STAT_MIN] = "min",
    [STAT_RATE] = "rate", [STAT_SHARE] = "share", [STAT_LAST] = "last",
};

#define UNIT_MAX 16 /* bytes; a unit is "ms", "%", "MiB/s" */

void facts_release(struct fact *facts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(facts[i].key);
        free(facts[i].value);
    }
    free(facts);
}

void result_release(struct result *r)
{
    free(r->summary);
    facts_release(r->facts, r->n_facts);
    for (size_t i = 0; i < r->n_rows; i++) {
        free(r->rows[i].id);
        result_release(&r->rows[i].result);
    }
    free(r->rows);
    for (size_t i = 0; i < r->n_metrics; i++) {
        free(r->metrics[i].name);
        free(r->metrics[i].unit);
    }
    free(r->metrics);
    *r = (struct result){0};
}

void result_metric(struct result *r, const char *name, double value, const char *unit)
{
    if (!isfinite(value) || r->n_metrics == RESULT_METRICS_MAX)
        return;
    r->metrics = mem_grow(r->metrics, r->n_metrics + 1, sizeof *r->metrics);
    r->metrics[r->n_metrics++] = (struct metric){
        .name = text_cleaned(name, strlen(name), TEXT_MAX_NAME, 0),
        .unit = text_cleaned(unit, strlen(unit), UNIT_MAX, 0),
        .value = value,
    };
}

void result_fact(struct result *r, const char *key, const char *value)
{
    if (value == NULL)
        return;
    struct fact fresh = {.key = text_cleaned(key, strlen(key), TEXT_MAX_NAME, 0),
                         .value = text_cleaned(value, strlen(value), TEXT_MAX_NAME, 0)};
    for (size_t i = 0; i < r->n_facts; i++)
        if (strcmp(r->facts[i].key, fresh.key) == 0) {
            free(fresh.key);
            free(r->facts[i].value);
            r->facts[i].value = fresh.value;
            return;
        }
    if (r->n_facts == RESULT_FACTS_MAX) {
        free(fresh.key);
        free(fresh.value);
        return;
    }
    r->facts = mem_grow(r->facts, r->n_facts + 1, sizeof *r->facts);
    r->facts[r->n_facts++] = fresh;
}

const char *fact_value(const struct fact *facts, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(facts[i].key, key) == 0)
            return facts[i].value;
    return NULL;
}

const char *result_fact_value(const struct result *r, const char *key)
{
    return fact_value(r->facts, r->n_facts, key);
}

struct result *result_row_add(struct result *r, const char *id)
{
    if (r->n_rows == RESULT_ROWS_MAX)
        return NULL;
    if ((r->n_rows & (r->n_rows - 1)) == 0) /* a power of two: full */
        r->rows = mem_grow(r->rows, r->n_rows ? r->n_rows * 2 : 1, sizeof *r->rows);
    r->rows[r->n_rows] = (struct result_row){.id = text_cleaned(id, strlen(id), TEXT_MAX_NAME, 0),
                                             .result = {.latency_ms = -1}};
    return &r->rows[r->n_rows++].result;
}

void result_rows_drop(struct result *r)
{
    struct result rows = {.rows = r->rows, .n_rows = r->n_rows};
    r->rows = NULL;
    r->n_rows = 0;
    result_release(&rows);
}

const struct result *result_row_find(const struct result *r, const char *id)
{
    for (size_t i = 0; i < r->n_rows; i++)
        if (strcmp(r->rows[i].id, id) == 0)
            return &r->rows[i].result;
    return NULL;
}

void result_take_summary(struct result *r, char *packed)
{
    free(r->summary);
    r->summary = packed;
}

void result_say(struct result *r, enum state state, char *packed)
{
    r->state = state;
    result_take_summary(r, packed);
}

bool result_value(const struct result *r, const char *metric, double *value, const char **unit)
{
    if (strcmp(metric, "latency_ms") == 0 && r->latency_ms >= 0) {
        *value = r->latency_ms;
        *unit = "ms";
        return true;
    }
    for (size_t i = 0; i < r->n_metrics; i++) {
        if (strcmp(metric, r->metrics[i].name) == 0) {
            *value = r->metrics[i].value;
            *unit = r->metrics[i].unit;
            return true;
        }
    }
    return false;
}

const char *result_number(double v, const char *unit, char out[RESULT_NUMBER_MAX])
{
    const char *gap = unit[0] != '\0' ? " " : "";
    double size = fabs(v);
    if (size >= 1e15 || (size > 0 && size < 1e-3))
        snprintf(out, RESULT_NUMBER_MAX, "%.4g%s%s", v, gap, unit);
    else if (size >= 1000 || v == floor(v))
        snprintf(out, RESULT_NUMBER_MAX, "%.0f%s%s", v, gap, unit);
    else
        snprintf(out, RESULT_NUMBER_MAX, "%.4g%s%s", v, gap, unit);
    return out;
}

static bool is_beyond(const struct threshold *t, double value, double limit)
{
    return t->is_below ? value <= limit : value >= limit;
}

/* "latency_ms 812 ms, warning from 500", "latency_ms p95 over 15m 812 ms, warning from 500" */
static const char *template_of(bool is_critical, bool is_below, bool is_window)
{
    if (is_window && is_critical)
        return is_below ? N_("{0} {3} over {4} {1}, critical at {2} or less")
                        : N_("{0} {3} over {4} {1}, critical from {2}");
    if (is_window)
        return is_below ? N_("{0} {3} over {4} {1}, warning at {2} or less")
                        : N_("{0} {3} over {4} {1}, warning from {2}");
    if (is_critical)
        return is_below ? N_("{0} {1}, critical at {2} or less") : N_("{0} {1}, critical from {2}");
    return is_below ? N_("{0} {1}, warning at {2} or less") : N_("{0} {1}, warning from {2}");
}

void threshold_say(struct result *r, const struct threshold *t, enum state s, double value,
                   const char *unit)
{
    char seen[RESULT_NUMBER_MAX], limit[RESULT_NUMBER_MAX], over[WHEN_TEXT_MAX];
    bool is_window = t->over_ms > 0;
    const char *words = template_of(s == STATE_CRITICAL, t->is_below, is_window);
    const char *which = result_fact_value(r, RESULT_WHICH);
    char metric[3 * TEXT_MAX_NAME];
    snprintf(metric, sizeof metric, "%s%s%s%s", t->metric, which != NULL ? " (" : "",
             which != NULL ? which : "", which != NULL ? ")" : "");
    result_number(value, unit, seen);
    result_number(s == STATE_CRITICAL ? t->critical : t->warning, "", limit);
    result_say(r, s,
               is_window ? SAY(words, metric, seen, limit, threshold_stats[t->stat],
                               when_duration(t->over_ms, over))
                         : SAY(words, metric, seen, limit));
}

void thresholds_free(struct threshold *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(t[i].metric);
        free(t[i].hours);
    }
    free(t);
}

bool threshold_holds(const struct threshold *t, int64_t at_ms)
{
    return t->hours == NULL || recur_is_on(t->hours, at_ms);
}

enum state threshold_state(const struct threshold *t, double value)
{
    if (t->has_critical && is_beyond(t, value, t->critical))
        return STATE_CRITICAL;
    return t->has_warning && is_beyond(t, value, t->warning) ? STATE_WARNING : STATE_OK;
}

static void judge_one(struct result *r, const struct threshold *t)
{
    double value;
    const char *unit;
    if (!threshold_holds(t, r->at_ms))
        return;
    if (!result_value(r, t->metric, &value, &unit)) {
        if (r->state == STATE_OK)
            result_say(r, STATE_UNKNOWN, SAY(N_("no value for {0}"), t->metric));
        return;
    }
    enum state s = threshold_state(t, value);
    if (state_worse(r->state, s) != r->state)
        threshold_say(r, t, s, value, unit);
}

static bool same_limit(bool has_a, double a, bool has_b, double b)
{
    return has_a == has_b && (!has_a || !(a < b || a > b));
}

static bool same_hours(const struct recur *a, const struct recur *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || recur_equal(a, b));
}

bool threshold_equal(const struct threshold *a, const struct threshold *b)
{
    return strcmp(a->metric, b->metric) == 0 && a->is_below == b->is_below && a->stat == b->stat &&
           a->over_ms == b->over_ms && a->for_ms == b->for_ms && same_hours(a->hours, b->hours) &&
           same_limit(a->has_warning, a->warning, b->has_warning, b->warning) &&
           same_limit(a->has_critical, a->critical, b->has_critical, b->critical);
}

void result_judge(struct result *r, const struct threshold *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        judge_one(r, &t[i]);
}
