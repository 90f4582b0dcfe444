#include "probes/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

#define NAMES_MAX 100 /* bytes of the groups that a sentence names */

const char *const metric_as_names[METRIC_AS_COUNT + 1] = {
    [METRIC_VALUE] = "value", [METRIC_PERCENT] = "percent",
    [METRIC_REST] = "rest",   [METRIC_REST_PERCENT] = "rest_percent",
    [METRIC_AGE] = "age",     [METRIC_ABS] = "abs",
};

/* --- counters, from one look to the next --- */

struct counter {
    uint64_t group;
    double value;
    size_t n; /* series */
};
struct counters {
    struct counter *v;
    size_t n;
};
struct metric_memory {
    double at_ms; /* monotonic; 0: nothing yet */
    struct counters series, per;
};

static void counters_keep(struct counters *c, const struct gather *g, enum gather_fold fold)
{
    c->v = mem_grow(c->v, g->n + 1, sizeof *c->v);
    c->n = g->n;
    for (size_t i = 0; i < g->n; i++)
        c->v[i] = (struct counter){g->v[i].hash, gather_value(&g->v[i], fold), g->v[i].n};
}

static const struct counter *counters_find(const struct counters *c, uint64_t group, size_t hint)
{
    if (hint < c->n && c->v[hint].group == group)
        return &c->v[hint]; /* nearly always: pages keep their order */
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].group == group)
            return &c->v[i];
    return NULL;
}

/* --- groups become points, points one value --- */

struct point {
    uint64_t group;
    const char *name;
    double value;
};
struct points {
    struct point *v;
    size_t n;
    bool is_early; /* counters that were not there before, or began anew */
    bool is_zero;  /* some divisor was */
};

/* A second, where `was` is given: a counter that fell, or whose series are not as many, began anew
 * and says nothing this time. */
static void points_make(struct points *p, const struct gather *g, enum gather_fold fold,
                        const struct counters *was, double span_s)
{
    *p = (struct points){.v = mem_alloc((g->n + 1) * sizeof *p->v)};
    for (size_t i = 0; i < g->n; i++) {
        struct point one = {g->v[i].hash, g->v[i].name, gather_value(&g->v[i], fold)};
        const struct counter *c = was != NULL ? counters_find(was, one.group, i) : NULL;
        bool is_early = was != NULL &&
                        (c == NULL || c->n != g->v[i].n || one.value < c->value || !(span_s > 0));
        p->is_early = p->is_early || is_early;
        if (is_early)
            continue;
        if (c != NULL)
            one.value = (one.value - c->value) / span_s;
        p->v[p->n++] = one;
    }
}

static const struct point *points_find(const struct points *p, uint64_t group, size_t hint)
{
    if (hint < p->n && p->v[hint].group == group)
        return &p->v[hint];
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].group == group)
            return &p->v[i];
    return NULL;
}

/* What has no divisor, or one that is 0, goes. */
static void points_divide(struct points *p, const struct points *by)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct point *d = points_find(by, p->v[i].group, i);
        bool is_zero = d != NULL && !(d->value < 0) && !(d->value > 0);
        p->is_zero = p->is_zero || is_zero;
        if (d == NULL || is_zero)
            continue;
        p->v[n] = p->v[i];
        p->v[n++].value /= d->value;
    }
    p->n = n;
    p->is_early = p->is_early || by->is_early;
}

static double shaped(const struct metric_config *c, double x, int64_t wall_ms)
{
    double out = x;
    switch ((enum metric_as)c->as) {
    case METRIC_PERCENT:
        out = 100 * x;
        break;
    case METRIC_REST:
        out = 1 - x;
        break;
    case METRIC_REST_PERCENT:
        out = 100 * (1 - x);
        break;
    case METRIC_AGE:
        out = (double)wall_ms / 1000 - x;
        break;
    case METRIC_ABS:
        out = fabs(x);
        break;
    case METRIC_VALUE:
    case METRIC_AS_COUNT:
        break;
    }
    return out * c->scale;
}

static bool is_kept(const struct metric_config *c, double x)
{
    switch (c->only_op) {
    case ONLY_EQ:
        return !(x < c->only_value) && !(x > c->only_value);
    case ONLY_NE:
        return x < c->only_value || x > c->only_value;
    case ONLY_LT:
        return x < c->only_value;
    case ONLY_LE:
        return x <= c->only_value;
    case ONLY_GT:
        return x > c->only_value;
    case ONLY_GE:
        return x >= c->only_value;
    case ONLY_ALL:
        break;
    }
    return true;
}

static void points_shape(struct points *p, const struct metric_config *c, int64_t wall_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        p->v[i].value = shaped(c, p->v[i].value, wall_ms);
        if (is_kept(c, p->v[i].value))
            p->v[n++] = p->v[i];
    }
    p->n = n;
}

/* The value, and the point that made it where one did. */
static double picked(const struct points *p, enum gather_fold pick, const struct point **which)
{
    double sum = 0;
    *which = NULL;
    for (size_t i = 0; i < p->n; i++) {
        double v = p->v[i].value;
        sum += v;
        if (*which == NULL || (pick == FOLD_MIN ? v < (*which)->value : v > (*which)->value))
            *which = &p->v[i];
    }
    if (pick == FOLD_MAX || pick == FOLD_MIN)
        return (*which)->value;
    *which = NULL;
    if (pick == FOLD_MEAN)
        return sum / (double)p->n;
    return pick == FOLD_COUNT ? (double)p->n : sum;
}

/* --- in words --- */

static void say_which(const struct metric_config *c, const struct points *p,
                      const struct point *one, struct result *r)
{
    struct buf names = BUF_INIT(2 * NAMES_MAX);
    if (one != NULL)
        buf_adds(&names, one->name);
    for (size_t i = 0; one == NULL && c->only_op != ONLY_ALL && i < p->n && !names.is_cut; i++)
        buf_addf(&names, "%s%s", i > 0 ? ", " : "", p->v[i].name);
    char *cut = text_cleaned(buf_text(&names), names.len, NAMES_MAX, 0);
    if (names.len > 0)
        result_fact(r, RESULT_WHICH, cut);
    free(cut);
    buf_release(&names);
}

static void say_value(const struct metric_config *c, double value, struct result *r)
{
    const char *which = result_fact_value(r, RESULT_WHICH);
    char number[RESULT_NUMBER_MAX], age[WHEN_TEXT_MAX];
    struct buf label = BUF_INIT(0);
    result_metric(r, c->metric_name, value, c->unit_name);
    buf_adds(&label, c->metric_name);
    if (which != NULL)
        buf_addf(&label, " (%s)", which);
    bool is_age = c->as == METRIC_AGE && value >= 0;
    result_say(r, STATE_OK,
               SAY(N_("{0}: {1}"), buf_text(&label),
                   is_age ? when_age((int64_t)(value * 1000), age)
                          : result_number(value, c->unit_name, number)));
    buf_release(&label);
}

static const enum state absent_states[] = {STATE_UNKNOWN, STATE_OK, STATE_WARNING, STATE_CRITICAL};

/* Why there is nothing to judge, by what one selector found; false: it found something. */
static bool say_nothing(const struct metric_config *c, const struct gather *g, struct result *r)
{
    char most[16];
    snprintf(most, sizeof most, "%d", GATHER_GROUPS_MAX);
    if (g->is_costly)
        result_say(r, STATE_UNKNOWN, SAY(N_("a pattern of {0} takes too long"), g->selector->text));
    else if (g->is_full)
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("{0} has more than {1} groups"), g->selector->text, most));
    else if (g->taken > 0)
        return false;
    else if (g->old > 0)
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("the value of {0} is old, by its time stamp"), g->selector->text));
    else if (g->odd > 0)
        result_say(r, STATE_UNKNOWN, SAY(N_("{0} is no number (NaN, Inf)"), g->selector->text));
    else
        result_say(r, absent_states[c->absent], SAY(N_("no series {0}"), g->selector->text));
    return true;
}

static void say_none(const struct metric_config *c, const struct points *p, struct result *r)
{
    if (p->is_early)
        r->state = STATE_PENDING; /* the next look has it */
    else if (p->is_zero)
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("{0} is 0, nothing can be a share of it"), c->divide.text));
    else
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("no series of {0} goes with one of {1}"), c->divide.text, c->take.text));
}

/* --- a look --- */

void metric_look_begin(struct metric_look *look, const struct metric_config *c, int64_t wall_ms)
{
    int64_t oldest_ms = wall_ms - c->max_age_ms;
    *look = (struct metric_look){.config = c};
    look->series = (struct gather){.selector = &c->take, .by = &c->by, .oldest_ms = oldest_ms};
    look->per = (struct gather){.selector = &c->divide, .by = &c->by, .oldest_ms = oldest_ms};
}

static void make_points(const struct metric_look *look, double mono_ms, struct points *p)
{
    const struct metric_config *c = look->config;
    struct metric_memory *m = c->memory;
    double span_s = m != NULL ? (mono_ms - m->at_ms) / 1000 : 0;
    points_make(p, &look->series, (enum gather_fold)c->group, m != NULL ? &m->series : NULL,
                span_s);
    if (c->divide.text != NULL) {
        struct points by;
        points_make(&by, &look->per, (enum gather_fold)c->per_group, m != NULL ? &m->per : NULL,
                    span_s);
        points_divide(p, &by);
        free(by.v);
    }
    if (m != NULL) {
        counters_keep(&m->series, &look->series, (enum gather_fold)c->group);
        counters_keep(&m->per, &look->per, (enum gather_fold)c->per_group);
        m->at_ms = mono_ms;
    }
}

static void judge(const struct metric_look *look, int64_t wall_ms, double mono_ms, struct result *r)
{
    const struct metric_config *c = look->config;
    struct points p;
    const struct point *which;
    make_points(look, mono_ms, &p);
    if (p.n == 0) {
        say_none(c, &p, r);
    } else {
        points_shape(&p, c, wall_ms);
        double value = picked(&p, (enum gather_fold)c->pick, &which);
        say_which(c, &p, which, r);
        say_value(c, value, r);
    }
    free(p.v);
}

void metric_look_end(struct metric_look *look, int64_t wall_ms, double mono_ms, struct result *r)
{
    const struct metric_config *c = look->config;
    r->latency_ms = -1;
    if (!say_nothing(c, &look->series, r) &&
        (c->divide.text == NULL || !say_nothing(c, &look->per, r)))
        judge(look, wall_ms, mono_ms, r);
    gather_release(&look->series);
    gather_release(&look->per);
}

/* --- the options --- */

static void take_preset(struct metric_config *c, const struct metric_preset *p)
{
    mem_set(&c->series, p->series);
    mem_set(&c->per, p->per);
    mem_set(&c->only, p->only);
    c->is_rate = p->is_rate;
    c->group = (int)p->group;
    c->per_group = (int)p->per_group;
    c->as = (int)p->as;
    c->pick = (int)p->pick;
    c->scale *= p->scale > 0 ? p->scale : 1;
    if (p->by != NULL) {
        c->by = (struct option_strings){mem_alloc(sizeof(char *)), 1};
        c->by.v[0] = mem_strdup(p->by);
    }
}

static bool read_only(struct metric_config *c, struct err *e)
{
    static const struct {
        const char *text;
        enum metric_only op;
    } ops[] = {{"==", ONLY_EQ}, {"!=", ONLY_NE}, {"<=", ONLY_LE},
               {">=", ONLY_GE}, {"<", ONLY_LT},  {">", ONLY_GT}};
    char *stop;
    for (size_t i = 0; c->only != NULL && i < sizeof ops / sizeof *ops; i++) {
        const char *number = c->only + strlen(ops[i].text);
        if (strncmp(c->only, ops[i].text, strlen(ops[i].text)) != 0)
            continue;
        c->only_value = strtod(number, &stop);
        if (stop == number || *stop != '\0' || !isfinite(c->only_value))
            break;
        c->only_op = ops[i].op;
        return true;
    }
    return c->only == NULL ||
           err_set(e, "only: found \"%.64s\", expected a comparison such as \">0\"", c->only);
}

/* A preset says all of these itself. */
static bool is_alone(const struct metric_config *c)
{
    return c->series == NULL && c->per == NULL && c->only == NULL && c->by.n == 0 && !c->is_rate &&
           c->group == FOLD_SUM && c->per_group == FOLD_SUM && c->as == METRIC_VALUE &&
           c->pick == FOLD_MAX;
}

static bool read_selectors(struct metric_config *c, struct err *e)
{
    const char *shared = c->by.n > 0 ? c->where : NULL;
    if (!selector_parse(&c->take, c->series, c->where, e)) {
        err_prefix(e, "%s", c->where != NULL ? "series and where" : "series");
        return false;
    }
    if (c->per != NULL && !selector_parse(&c->divide, c->per, shared, e)) {
        err_prefix(e, "per");
        return false;
    }
    return true;
}

static void name_it(struct metric_config *c)
{
    const struct metric_preset *p = c->of > 0 ? &metric_presets[c->of - 1] : NULL;
    bool is_share = c->as == METRIC_PERCENT || c->as == METRIC_REST_PERCENT;
    c->metric_name = p != NULL ? p->metric : c->as == METRIC_AGE ? "age_s" : "value";
    c->unit_name = p != NULL ? p->unit : is_share ? "%" : c->as == METRIC_AGE ? "s" : "";
    if (c->metric != NULL)
        c->metric_name = c->metric;
    if (c->unit != NULL)
        c->unit_name = c->unit;
}

bool metric_configure(void *config, struct err *e)
{
    struct metric_config *c = config;
    if (c->of > 0 && !is_alone(c))
        return err_set(e,
                       "\"of\" is \"%s\", which says what to take; \"where\", \"scale\", "
                       "\"metric\" and \"unit\" can go with it, no more",
                       metric_preset_names[c->of]);
    if (c->of > 0)
        take_preset(c, &metric_presets[c->of - 1]);
    else if (c->series == NULL)
        return err_set(e, "expected \"series\", or \"of\" with the name of a preset");
    if (c->metric != NULL && !text_is_name(c->metric))
        return err_set(e, "metric: found \"%.64s\", expected a name: letters, digits, \"_.:-\"",
                       c->metric);
    if (c->unit != NULL && !text_is_clean(c->unit))
        return err_set(e, "unit: found control signs in it, expected plain text");
    if (!read_selectors(c, e) || !read_only(c, e))
        return false;
    if (c->only_op != ONLY_ALL && c->pick != FOLD_COUNT)
        return err_set(e, "\"only\" goes with \"pick\": \"count\"");
    name_it(c);
    c->memory = c->is_rate ? mem_alloc(sizeof *c->memory) : NULL;
    return true;
}

void metric_release(void *config)
{
    struct metric_config *c = config;
    selector_release(&c->take);
    selector_release(&c->divide);
    if (c->memory != NULL) {
        free(c->memory->series.v);
        free(c->memory->per.v);
    }
    free(c->memory);
    c->memory = NULL;
}
