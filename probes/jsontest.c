#include "probes/jsontest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/stamp.h"
#include "core/text.h"
#include "core/when.h"
#include "probes/regex.h"

#define SHOWN_MAX 64 /* bytes of a value in a sentence */

static const char *const op_words[] = {
    [TEST_EQ] = "",   [TEST_NE] = "!= ", [TEST_LT] = "< ",      [TEST_LE] = "<= ",
    [TEST_GT] = "> ", [TEST_GE] = ">= ", [TEST_MATCHES] = "~ ", [TEST_EXISTS] = "",
};

bool jsontest_check(const struct option_tests *t, struct err *e)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct option_test *o = &t->v[i];
        bool is_order = o->op >= TEST_LT && o->op <= TEST_GE;
        if (is_order && o->type != TEST_NUMBER)
            return err_set(e, "\"%s\": \"%.2s\" compares numbers only", o->pointer,
                           op_words[o->op]);
        if (o->op != TEST_MATCHES)
            continue;
        struct regex *x = o->type == TEST_STRING ? regex_new(o->text, e) : NULL;
        if (x == NULL)
            return o->type == TEST_STRING ? err_prefix(e, "\"%s\"", o->pointer)
                                          : err_set(e, "\"%s\": a pattern is a string", o->pointer);
        regex_free(x);
    }
    return true;
}

static void number_text(double d, char out[40])
{
    if (d == floor(d) && fabs(d) < 1e15)
        snprintf(out, 40, "%.0f", d);
    else
        snprintf(out, 40, "%g", d);
}

/* A value in a few words; cleaned, since it comes from the peer. */
static char *value_text(const struct jval *v)
{
    char number[40];
    switch (jval_type(v)) {
    case JVAL_STRING:
        return text_cleaned(jval_str(v), strlen(jval_str(v)), SHOWN_MAX, 0);
    case JVAL_INT:
    case JVAL_REAL:
        number_text(jval_num(v, 0), number);
        return text_cleaned(number, strlen(number), SHOWN_MAX, 0);
    case JVAL_BOOL:
        return text_cleaned(jval_bool(v, false) ? "true" : "false", jval_bool(v, false) ? 4 : 5,
                            SHOWN_MAX, 0);
    case JVAL_ARRAY:
    case JVAL_OBJECT:
        return text_cleaned(jval_type_name(jval_type(v)), strlen(jval_type_name(jval_type(v))),
                            SHOWN_MAX, 0);
    case JVAL_NULL:
        break;
    }
    return text_cleaned("null", 4, SHOWN_MAX, 0);
}

static char *expected_text(const struct option_test *t)
{
    struct buf b = BUF_INIT(SHOWN_MAX * 2);
    char number[40];

    buf_adds(&b, op_words[t->op]);
    switch (t->type) {
    case TEST_STRING:
        buf_adds(&b, t->text);
        break;
    case TEST_NUMBER:
        number_text(t->number, number);
        buf_adds(&b, number);
        break;
    case TEST_BOOL:
        buf_adds(&b, t->flag ? "true" : "false");
        break;
    case TEST_NULL:
        buf_adds(&b, "null");
        break;
    }
    return buf_take(&b);
}

static bool is_equal(const struct option_test *t, const struct jval *v)
{
    switch (t->type) {
    case TEST_STRING:
        return jval_str(v) != NULL && strcmp(jval_str(v), t->text) == 0;
    case TEST_NUMBER:
        return (jval_type(v) == JVAL_INT || jval_type(v) == JVAL_REAL) &&
               jval_num(v, NAN) == t->number;
    case TEST_BOOL:
        return jval_type(v) == JVAL_BOOL && jval_bool(v, false) == t->flag;
    case TEST_NULL:
        return jval_type(v) == JVAL_NULL;
    }
    return false;
}

static bool is_match(const char *pattern, const char *text)
{
    struct regex *x = text != NULL ? regex_new(pattern, NULL) : NULL;
    bool found = x != NULL && regex_search(x, text, strlen(text)) == REGEX_FOUND;
    regex_free(x);
    return found;
}

static bool holds(const struct option_test *t, const struct jval *v)
{
    double d = jval_num(v, NAN); /* NAN compares false with all */
    switch (t->op) {
    case TEST_EQ:
        return is_equal(t, v);
    case TEST_NE:
        return !is_equal(t, v);
    case TEST_LT:
        return d < t->number;
    case TEST_LE:
        return d <= t->number;
    case TEST_GT:
        return d > t->number;
    case TEST_GE:
        return d >= t->number;
    case TEST_MATCHES:
        return is_match(t->text, jval_str(v));
    case TEST_EXISTS:
        break;
    }
    return true;
}

static char *say_unmet(const struct option_test *t, const struct jval *v)
{
    char *found = value_text(v), *expected = expected_text(t);
    char *say = SAY(N_("{0} is {1}, expected {2}"), t->pointer, found, expected);
    free(found);
    free(expected);
    return say;
}

bool jsontest_run(const struct option_tests *t, const struct jval *doc, char **say)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct option_test *o = &t->v[i];
        const struct jval *v = jval_pointer(doc, o->pointer);
        if (o->op == TEST_EXISTS) {
            bool is_wanted = o->type != TEST_BOOL || o->flag;
            if ((v != NULL) == is_wanted)
                continue;
            *say = is_wanted ? SAY(N_("{0} is missing in the reply"), o->pointer)
                             : SAY(N_("{0} is there, expected not"), o->pointer);
            return false;
        }
        if (v == NULL) {
            *say = SAY(N_("{0} is missing in the reply"), o->pointer);
            return false;
        }
        if (!holds(o, v)) {
            *say = say_unmet(o, v);
            return false;
        }
    }
    return true;
}

void jsontest_metrics(const struct option_pairs *p, const struct jval *doc, struct result *r)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct jval *v = jval_pointer(doc, p->values[i]);
        if (jval_type(v) == JVAL_BOOL)
            result_metric(r, p->keys[i], jval_bool(v, false) ? 1 : 0, "");
        else if (jval_type(v) == JVAL_INT || jval_type(v) == JVAL_REAL)
            result_metric(r, p->keys[i], jval_num(v, 0), "");
    }
}

bool jsontest_hours(const char *text, struct recur **hours, struct err *e)
{
    char *refusal = NULL;
    *hours = text != NULL ? mem_alloc(sizeof **hours) : NULL;
    if (text == NULL || recur_parse(text, *hours, &refusal))
        return true;
    struct buf words = BUF_INIT(ERR_MAX);
    say_text(&words, refusal, NULL);
    err_set(e, "%s", buf_text(&words));
    buf_release(&words);
    free(refusal);
    return false;
}

static bool read_time(const struct jval *v, int64_t *at_ms)
{
    if (jval_str(v) != NULL)
        return stamp_parse(jval_str(v), at_ms);
    return (jval_type(v) == JVAL_INT || jval_type(v) == JVAL_REAL) &&
           stamp_number(jval_num(v, NAN), at_ms);
}

bool jsontest_ages(const struct option_pairs *p, const struct recur *hours, int64_t now_ms,
                   const struct jval *doc, struct result *r, char **say)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct jval *v = jval_pointer(doc, p->values[i]);
        int64_t at_ms;
        char ahead[WHEN_TEXT_MAX];
        if (jval_type(v) == JVAL_NULL)
            continue;
        if (!read_time(v, &at_ms)) {
            char *found = value_text(v);
            *say = SAY(N_("{0} is {1}, expected a time"), p->values[i], found);
            free(found);
            return false;
        }
        if (at_ms > now_ms + STAMP_SKEW_MS) {
            int64_t by_ms = at_ms - now_ms;
            *say = SAY(N_("{0} is {1} in the future: is a clock wrong?"), p->values[i],
                       when_duration(by_ms - by_ms % WHEN_MINUTE_MS, ahead));
            return false;
        }
        int64_t age_ms = at_ms >= now_ms ? 0
                         : hours != NULL ? recur_spent(hours, at_ms, now_ms)
                                         : now_ms - at_ms;
        result_metric(r, p->keys[i], (double)age_ms / WHEN_SECOND_MS, "s");
    }
    return true;
}
