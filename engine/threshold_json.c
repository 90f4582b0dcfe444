#include "engine/threshold_json.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"

static bool told(const struct option_reader *r, const struct place *at, const char *what)
{
    r->error(r->error_arg, at, what);
    return false;
}

static bool told_found(const struct option_reader *r, const struct place *at,
                       const struct jval *found, const char *expected)
{
    struct buf what = BUF_INIT(ERR_MAX);
    buf_adds(&what, "found ");
    option_describe(&what, found);
    buf_addf(&what, ", expected %s", expected);
    told(r, at, buf_text(&what));
    buf_release(&what);
    return false;
}

static bool read_limit(const struct option_reader *r, double *limit, bool *has,
                       const struct jval *v, const struct place *at)
{
    if (jval_type(v) != JVAL_INT && jval_type(v) != JVAL_REAL)
        return told_found(r, at, v, "a number");
    *limit = jval_num(v, 0);
    *has = true;
    return true;
}

static bool read_span(const struct option_reader *r, int64_t *ms, const struct jval *v,
                      const struct place *at)
{
    static const char expected[] = "a duration of 1s to 7d, such as \"15m\"";
    char *text = option_text(r, v, at, expected);
    if (text == NULL)
        return false;
    bool is_ok = when_parse_duration(text, ms, NULL) && *ms >= WHEN_SECOND_MS &&
                 *ms <= THRESHOLD_OVER_MAX_MS;
    free(text);
    return is_ok || told_found(r, at, v, expected);
}

static bool read_stat(const struct option_reader *r, enum threshold_stat *stat,
                      const struct jval *v, const struct place *at)
{
    struct buf expected = BUF_INIT(ERR_MAX);
    int found = -1;
    buf_adds(&expected, "one of");
    for (int i = 0; threshold_stats[i] != NULL; i++) {
        buf_addf(&expected, "%s \"%s\"", i > 0 ? "," : "", threshold_stats[i]);
        if (jval_str(v) != NULL && strcmp(jval_str(v), threshold_stats[i]) == 0)
            found = i;
    }
    if (found >= 0)
        *stat = (enum threshold_stat)found;
    else
        told_found(r, at, v, buf_text(&expected));
    buf_release(&expected);
    return found >= 0;
}

static bool read_hours(const struct option_reader *r, struct recur **hours, const struct jval *v,
                       const struct place *at)
{
    struct buf words = BUF_INIT(ERR_MAX);
    char *refusal = NULL, *text = option_text(r, v, at, "windows such as \"daily 07:00-19:00\"");

    if (text == NULL)
        return false;
    free(*hours);
    *hours = mem_alloc(sizeof **hours);
    bool is_ok = recur_parse(text, *hours, &refusal);
    free(text);
    if (is_ok)
        return true;
    say_text(&words, refusal, NULL);
    told(r, at, buf_text(&words));
    buf_release(&words);
    free(refusal);
    return false;
}

static bool read_field(const struct option_reader *r, struct threshold *t, const char *key,
                       const struct jval *v, const struct place *at)
{
    if (strcmp(key, "warning") == 0)
        return read_limit(r, &t->warning, &t->has_warning, v, at);
    if (strcmp(key, "critical") == 0)
        return read_limit(r, &t->critical, &t->has_critical, v, at);
    if (strcmp(key, "over") == 0)
        return read_span(r, &t->over_ms, v, at);
    if (strcmp(key, "for") == 0)
        return read_span(r, &t->for_ms, v, at);
    if (strcmp(key, "stat") == 0)
        return read_stat(r, &t->stat, v, at);
    if (strcmp(key, "hours") == 0)
        return read_hours(r, &t->hours, v, at);
    if (strcmp(key, "below") != 0)
        return told(r, at,
                    "unknown key; allowed here: warning, critical, below, over, stat, for, hours");
    t->is_below = jval_bool(v, false);
    return jval_type(v) == JVAL_BOOL || told_found(r, at, v, "true or false");
}

static bool check_limits(const struct option_reader *r, const struct threshold *t,
                         const struct place *at)
{
    if (!t->has_warning && !t->has_critical)
        return told(r, at, "found neither \"warning\" nor \"critical\", expected at least one");
    if (!t->has_warning || !t->has_critical ||
        (t->is_below ? t->critical <= t->warning : t->critical >= t->warning))
        return true;
    return told(r, at,
                t->is_below ? "\"critical\" is above \"warning\"; with \"below\" it must not be"
                            : "\"critical\" is below \"warning\"; write \"below\": true if small "
                              "values are the bad ones");
}

static bool check_window(const struct option_reader *r, const struct threshold *t,
                         const char *metric, bool has_stat, const struct place *at)
{
    bool is_share = t->stat == STAT_SHARE, is_ok_metric = strcmp(metric, "ok") == 0;
    if (has_stat && t->over_ms == 0 && t->stat != STAT_LAST)
        return told(r, at, "found \"stat\" without \"over\": over which time?");
    if (t->over_ms > 0 && !has_stat)
        return told(r, at, "found \"over\" without \"stat\": which figure of that time?");
    if (is_share && !is_ok_metric)
        return told(r, at, "\"share\" is that of results which are OK: its metric is named \"ok\"");
    return true;
}

bool threshold_json_read(const struct option_reader *r, const char *metric, struct threshold *t,
                         const struct jval *v, const struct place *at)
{
    if (jval_type(v) != JVAL_OBJECT)
        return told_found(r, at, v, "an object such as {\"warning\": 500, \"critical\": 2000}");
    bool is_ok = true;
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        is_ok = read_field(r, t, jval_key(it), jval_value(it), &item) && is_ok;
    }
    return is_ok && check_limits(r, t, at) &&
           check_window(r, t, metric, jval_get(v, "stat") != NULL, at);
}
