#include "probes/prom_vector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "probes/prom_api.h"

#define AHEAD_MS  60000 /* a stamp may be that much ahead of our clock */
#define NAMES_MAX 100   /* bytes of the rows that a sentence names */

struct tally {
    const struct prom_vector *vector;
    const struct probe_fed *fed;
    size_t n_fed;
    int64_t wall_ms;
    size_t n, odd, left; /* left: rows that nobody takes */
    double max, min;
    struct buf names;  /* of the rows, as far as there is room */
    struct buf strays; /* of those left */
};

/* A sample is [seconds, "value"]. */
static bool read_sample(const struct jval *pair, int64_t *at_ms, double *value)
{
    const char *text = jval_str(jval_at(pair, 1));
    double at = jval_num(jval_at(pair, 0), NAN);
    char *stop;
    if (text == NULL || text[0] == '\0' || !(fabs(at) < 1e12))
        return false;
    *at_ms = (int64_t)(at * 1000);
    *value = strtod(text, &stop);
    return *stop == '\0';
}

static bool say_odd(struct tally *t, struct result *row, char *packed)
{
    t->odd++;
    result_say(row, STATE_UNKNOWN, packed);
    return false;
}

/* False: the row says why its value is none. */
static bool value_of(struct tally *t, const struct jval *pair, struct result *row, double *value)
{
    int64_t at_ms;
    char age[WHEN_TEXT_MAX];
    if (!read_sample(pair, &at_ms, value))
        return say_odd(t, row, SAY(N_("its value cannot be read, expected a sample")));
    if (!isfinite(*value))
        return say_odd(t, row, SAY(N_("its value is no number (NaN, Inf)")));
    if (at_ms < t->wall_ms - t->vector->max_age_ms)
        return say_odd(t, row, SAY(N_("its value is {0} old"), when_age(t->wall_ms - at_ms, age)));
    if (at_ms > t->wall_ms + AHEAD_MS)
        return say_odd(t, row,
                       SAY(N_("its value is {0} in the future: is a clock wrong?"),
                           when_age(at_ms - t->wall_ms, age)));
    return true;
}

static void name_on(struct buf *names, const char *name)
{
    if (names->len < NAMES_MAX)
        buf_addf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static void take_value(struct tally *t, const struct jval *series, struct result *row)
{
    const struct prom_vector *v = t->vector;
    const struct jval *labels = jval_get(series, "metric");
    char number[RESULT_NUMBER_MAX];
    double value;
    for (size_t i = 0; i < v->facts->n; i++)
        result_fact(row, v->facts->v[i], jval_get_str(labels, v->facts->v[i]));
    if (!value_of(t, jval_get(series, "value"), row, &value))
        return;
    t->max = fmax(t->max, value);
    t->min = fmin(t->min, value);
    result_metric(row, v->metric, value, v->unit);
    result_say(row, STATE_OK,
               SAY(N_("{0}: {1}"), v->metric, result_number(value, v->unit, number)));
}

static bool refuse(struct result *r, enum state s, char *packed)
{
    result_say(r, s, packed);
    return false;
}

/* Where nobody waits for rows none is made: a series is a name, if "row" has one for it, and a
 * number.
 */
static void take_unfed(struct tally *t, const struct jval *series, const char *name)
{
    struct result one = {.latency_ms = -1};
    t->n++;
    if (name != NULL)
        name_on(&t->names, name);
    take_value(t, series, &one);
    result_release(&one);
}

/* False: the reply as a whole is not sound. */
static bool take_fed(struct tally *t, const struct jval *series, const char *id, struct map *seen,
                     struct result *r)
{
    char most[16];
    struct result *row = result_row_add(r, id);
    snprintf(most, sizeof most, "%d", RESULT_ROWS_MAX);
    if (row == NULL)
        return refuse(r, STATE_UNKNOWN, SAY(N_("the reply has more than {0} series"), most));
    const char *name = r->rows[r->n_rows - 1].id;
    if (map_put(seen, name, r) != NULL)
        return refuse(
            r, STATE_UNKNOWN,
            SAY(N_("two series are the row {0}: \"row\" does not tell them apart"), name));
    t->n++;
    if (probe_fed_find(t->fed, t->n_fed, name) == NULL) {
        t->left++;
        name_on(&t->strays, name);
    }
    take_value(t, series, row);
    return true;
}

static bool take_series(struct tally *t, const struct jval *series, struct map *seen,
                        struct result *r)
{
    struct buf id = BUF_INIT(TEXT_MAX_NAME);
    const char *absent = "";
    size_t len = 0;
    bool is_named = prom_template(&id, t->vector->row, jval_get(series, "metric"), &absent, &len);
    bool is_sound = true;
    if (t->n_fed == 0) {
        char *name = text_cleaned(buf_text(&id), id.len, TEXT_MAX_NAME, 0);
        take_unfed(t, series, is_named ? name : NULL);
        free(name);
    } else if (is_named) {
        is_sound = take_fed(t, series, buf_text(&id), seen, r);
    } else {
        char *label = text_cleaned(absent, len, TEXT_MAX_NAME, 0);
        is_sound = refuse(r, STATE_UNKNOWN,
                          SAY(N_("a series has no label {0}: \"row\" asks for it"), label));
        free(label);
    }
    buf_release(&id);
    return is_sound;
}

static void drop_rows(struct result *r)
{
    struct result rows = {.rows = r->rows, .n_rows = r->n_rows};
    r->rows = NULL;
    r->n_rows = 0;
    result_release(&rows);
}

/* One number by itself is the check's own. */
static bool take_scalar(struct tally *t, const struct jval *pair, struct result *r)
{
    char number[RESULT_NUMBER_MAX];
    double value;
    if (!value_of(t, pair, r, &value))
        return false;
    result_metric(r, t->vector->metric, value, t->vector->unit);
    result_say(
        r, STATE_OK,
        SAY(N_("{0}: {1}"), t->vector->metric, result_number(value, t->vector->unit, number)));
    return true;
}

static void fact_of_names(struct result *r, const char *key, const struct buf *names)
{
    char *cut = text_cleaned(buf_text(names), names->len, NAMES_MAX, 0);
    if (names->len > 0)
        result_fact(r, key, cut);
    free(cut);
}

static void say_tally(const struct tally *t, struct result *r)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", t->n);
    result_metric(r, "series", (double)t->n, "");
    result_metric(r, "odd", (double)t->odd, "");
    if (t->n_fed > 0)
        result_metric(r, "left", (double)t->left, "");
    if (t->n > t->odd) {
        result_metric(r, "max", t->max, t->vector->unit);
        result_metric(r, "min", t->min, t->vector->unit);
    }
    if (t->n_fed == 0)
        fact_of_names(r, RESULT_WHICH, &t->names);
    fact_of_names(r, "left", &t->strays);
    result_say(r, t->n > 0 ? STATE_OK : t->vector->absent,
               t->n > 0 ? SAY(N_("{0} series"), number) : SAY(N_("no series")));
}

static void take_vector(struct tally *t, const struct jval *list, struct result *r)
{
    struct map seen = {0};
    bool is_sound = true;
    for (size_t i = 0; is_sound && i < jval_len(list); i++)
        is_sound = take_series(t, jval_at(list, i), &seen, r);
    map_release(&seen);
    if (!is_sound) {
        drop_rows(r);
        return;
    }
    say_tally(t, r);
    if (t->n == 1 && t->n_fed == 0) /* one, and nobody's: the check's own number */
        take_scalar(t, jval_get(jval_at(list, 0), "value"), r);
}

/* What Prometheus adds: the answer may be a part only. */
static void say_warnings(const struct jval *doc, struct result *r)
{
    const struct jval *list = jval_get(doc, "warnings");
    const char *first = jval_str(jval_at(list, 0));
    if (first == NULL || r->state != STATE_OK)
        return;
    char *clean = text_cleaned(first, strlen(first), 200, 0);
    result_say(r, STATE_WARNING, SAY(N_("Prometheus warns: {0}"), clean));
    free(clean);
}

void prom_vector_read(const struct prom_vector *v, const struct jval *doc,
                      const struct probe_fed *fed, size_t n_fed, int64_t wall_ms, struct result *r)
{
    const struct jval *data = jval_get(doc, "data");
    const char *type = jval_get_str(data, "resultType");
    const struct jval *result = jval_get(data, "result");
    struct tally t = {.vector = v,
                      .fed = fed,
                      .n_fed = n_fed,
                      .wall_ms = wall_ms,
                      .max = -INFINITY,
                      .min = INFINITY,
                      .names = BUF_INIT(2 * NAMES_MAX),
                      .strays = BUF_INIT(2 * NAMES_MAX)};
    if (type != NULL && strcmp(type, "vector") == 0 && jval_type(result) == JVAL_ARRAY) {
        take_vector(&t, result, r);
    } else if (type != NULL && strcmp(type, "scalar") == 0) {
        take_scalar(&t, result, r);
    } else {
        char *clean = text_cleaned(type != NULL ? type : "?", strlen(type != NULL ? type : "?"),
                                   TEXT_MAX_NAME, 0);
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("the answer is of type {0}, expected vector or scalar"), clean));
        free(clean);
    }
    say_warnings(doc, r);
    buf_release(&t.names);
    buf_release(&t.strays);
}
