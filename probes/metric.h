/* metric.h - what a check of kind `metric` wants of a page of series, and what is made of them.
 *
 *   series, by -> groups, folded -> a second (rate) -> / per -> as -> only -> pick -> one value
 *
 * The kind `metrics` reads a page once and shows each series to one `metric_look` a check. */
#ifndef PROBES_METRIC_H
#define PROBES_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "core/result.h"
#include "probes/gather.h"
#include "probes/selector.h"

enum metric_as {
    METRIC_VALUE,
    METRIC_PERCENT,
    METRIC_REST,         /* 1 - x */
    METRIC_REST_PERCENT, /* in per cent */
    METRIC_AGE,          /* seconds since x, which is a time */
    METRIC_ABS,
    METRIC_AS_COUNT
};
extern const char *const metric_as_names[METRIC_AS_COUNT + 1];

enum metric_only { ONLY_ALL, ONLY_EQ, ONLY_NE, ONLY_LT, ONLY_LE, ONLY_GT, ONLY_GE };

/* What everybody wants of node_exporter, a row each. */
struct metric_preset {
    const char *name;
    const char *series, *per; /* per: NULL: none */
    const char *by;           /* one label; NULL: none */
    bool is_rate;
    enum gather_fold group, per_group;
    enum metric_as as;
    double scale; /* 0: 1 */
    const char *only;
    enum gather_fold pick;
    const char *metric, *unit;
};
extern const struct metric_preset metric_presets[]; /* ended by one whose name is NULL */
extern const char *const metric_preset_names[]; /* "series" (there is none), then theirs; NULL */

struct metric_memory; /* what counters were at the look before */
struct metric_config {
    char *from;
    int of; /* 0: none, else 1 + index of the preset */
    char *series, *per, *where;
    struct option_strings by;
    bool is_rate;
    int group, per_group, as, pick, absent;
    double scale;
    char *only;
    char *metric, *unit;
    int64_t max_age_ms;
    /* derived */
    struct selector take, divide; /* divide.text NULL: none */
    enum metric_only only_op;
    double only_value;
    const char *metric_name, *unit_name;
    struct metric_memory *memory; /* the look's to write; NULL: no rate */
};
bool metric_configure(void *config, struct err *e);
void metric_release(void *config);

struct metric_look {
    const struct metric_config *config;
    struct gather series, per;
};
void metric_look_begin(struct metric_look *look, const struct metric_config *c, int64_t wall_ms);
void metric_look_end(struct metric_look *look, int64_t wall_ms, double mono_ms, struct result *r);

#endif
