/* Results: metrics, sentences, thresholds. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/result.h"
#include "core/say.h"
#include "core/text.h"

static void check_says(const struct result *r, enum state want, const char *words)
{
    struct buf b = BUF_INIT(0);
    assert_int_equal(r->state, want);
    say_text(&b, r->summary, NULL);
    assert_string_equal(buf_text(&b), words);
    buf_release(&b);
}

static void test_metrics(void **state)
{
    (void)state;
    struct result r = {.latency_ms = -1};
    result_metric(&r, "free\x1b", 1.5, "%");
    result_metric(&r, "nan", NAN, "");
    result_metric(&r, "inf", -INFINITY, "");
    result_metric(&r, "odd", 2, "\xff\u202E, and a unit that is far too long");
    assert_int_equal(r.n_metrics, 2);
    assert_string_equal(r.metrics[0].name, "free\\x1b");
    assert_true(text_is_clean(r.metrics[1].unit));
    assert_true(strlen(r.metrics[1].unit) <= 16);
    for (int i = 0; i < 100; i++)
        result_metric(&r, "more", i, "");
    assert_int_equal(r.n_metrics, RESULT_METRICS_MAX);
    result_release(&r);
    assert_null(r.metrics);
}

static void judge(struct result *r, const char *metric, double warning, double critical, bool below)
{
    char name[32];
    snprintf(name, sizeof name, "%s", metric);
    struct threshold t = {.metric = name,
                          .warning = warning,
                          .critical = critical,
                          .has_warning = true,
                          .has_critical = true,
                          .is_below = below};
    result_judge(r, &t, 1);
}

static void test_thresholds(void **state)
{
    (void)state;
    struct result r = {.latency_ms = 812.25};
    result_metric(&r, "free", 8, "%");
    result_say(&r, STATE_OK, SAY("HTTP 200"));
    judge(&r, "latency_ms", 900, 2000, false);
    check_says(&r, STATE_OK, "HTTP 200");
    judge(&r, "latency_ms", 500, 2000, false);
    check_says(&r, STATE_WARNING, "latency_ms 812.2 ms, warning from 500");
    judge(&r, "latency_ms", 500, 700, false);
    check_says(&r, STATE_CRITICAL, "latency_ms 812.2 ms, critical from 700");
    judge(&r, "free", 20, 5, true);
    check_says(&r, STATE_CRITICAL, "latency_ms 812.2 ms, critical from 700"); /* never better */
    result_say(&r, STATE_OK, SAY("HTTP 200"));
    judge(&r, "free", 8, 5, true);
    check_says(&r, STATE_WARNING, "free 8 %, warning at 8 or less");
    judge(&r, "free", 20, 10, true);
    check_says(&r, STATE_CRITICAL, "free 8 %, critical at 10 or less");
    result_release(&r);
}

static void test_missing_metric(void **state)
{
    (void)state;
    struct result r = {.latency_ms = -1};
    result_say(&r, STATE_CRITICAL, SAY("connection refused"));
    judge(&r, "latency_ms", 500, 2000, false);
    check_says(&r, STATE_CRITICAL, "connection refused");
    result_say(&r, STATE_OK, SAY("OK"));
    judge(&r, "queue", 500, 2000, false);
    check_says(&r, STATE_UNKNOWN, "no value for queue");
    result_release(&r);
}

static void test_numbers(void **state)
{
    (void)state;
    struct result r = {.latency_ms = -1};
    result_metric(&r, "bytes", 123456789, "B");
    result_metric(&r, "tiny", 0.00001, "");
    result_metric(&r, "huge", 1e300, "");
    result_say(&r, STATE_OK, SAY("OK"));
    judge(&r, "bytes", 1e6, 1e9, false);
    check_says(&r, STATE_WARNING, "bytes 123456789 B, warning from 1000000");
    result_say(&r, STATE_OK, SAY("OK"));
    judge(&r, "tiny", 0.00001, 1, false);
    check_says(&r, STATE_WARNING, "tiny 1e-05, warning from 1e-05");
    judge(&r, "huge", 1, 1e299, false);
    check_says(&r, STATE_CRITICAL, "huge 1e+300, critical from 1e+299");
    result_release(&r);
}

static void test_facts(void **state)
{
    (void)state;
    struct result r = {.latency_ms = -1};
    result_fact(&r, "role", "standby\x1b");
    result_fact(&r, "role", "primary");
    result_fact(&r, "owner", NULL);
    assert_int_equal(r.n_facts, 1);
    assert_string_equal(result_fact_value(&r, "role"), "primary");
    assert_null(result_fact_value(&r, "owner"));
    for (int i = 0; i < 2 * RESULT_FACTS_MAX; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        result_fact(&r, key, "v\a");
    }
    assert_int_equal(r.n_facts, RESULT_FACTS_MAX);
    assert_string_equal(result_fact_value(&r, "k0"), "v\\x07");
    result_release(&r);
}

static void test_rows(void **state)
{
    (void)state;
    struct result r = {.latency_ms = -1};
    char id[16];
    for (int i = 0; i < RESULT_ROWS_MAX; i++) {
        snprintf(id, sizeof id, "db-%d", i);
        result_say(result_row_add(&r, id), STATE_OK, SAY("as of {0}", id));
    }
    assert_null(result_row_add(&r, "one-more"));
    assert_null(result_row_find(&r, "one-more"));
    check_says(result_row_find(&r, "db-77"), STATE_OK, "as of db-77");
    assert_true(result_row_find(&r, "db-4095")->latency_ms < 0);
    result_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics),        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_missing_metric), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_facts),          cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
