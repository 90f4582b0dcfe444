/* What the plain files of tests/rules do not show: the timer's side of a rule. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/rule.h"

static const struct rule_config config = {
    .interval_ms = 30000, .retry_ms = 10000, .timeout_ms = 5000, .attempts = 3, .ok_confirm = 2};

/* rule_age says something `after_ms` after the last result, again as long after that, and nothing a
 * moment earlier or ever after. */
static void check_age(struct rule_state s, int64_t result_ms, int64_t after_ms)
{
    for (int step = 1; step <= 2; step++) {
        int64_t at = result_ms + step * after_ms;
        struct rule_state early = s;
        assert_int_equal(rule_age(&config, &early, at - 1), 0);
        assert_int_not_equal(rule_age(&config, &s, at), 0);
    }
    assert_int_equal(rule_age(&config, &s, result_ms + 1000 * after_ms), 0);
}

static void test_age(void **state)
{
    (void)state;
    struct rule_state s;
    rule_init(&s, 1000);
    check_age(s, 1000, 65000);
    rule_accept(&config, &s, STATE_OK, 2000, 2100);
    check_age(s, 2100, 65000);
    rule_accept(&config, &s, STATE_CRITICAL, 32000, 32100);
    check_age(s, 32100, 2 * 10000 + 5000);
    for (int i = 1; i < 3; i++)
        rule_accept(&config, &s, STATE_CRITICAL, 32000 + i * 10000, 32100 + i * 10000);
    assert_true(s.is_hard);
    check_age(s, 52100, 65000);
}

static void test_counting_begins_when_first_looked_at(void **state)
{
    (void)state;
    struct rule_state s;
    rule_init(&s, 0);
    assert_int_equal(rule_age(&config, &s, 5000000), 0);
    check_age(s, 5000000, 65000);
    assert_false(rule_has_result(&s));
    rule_restore(&s, STATE_CRITICAL);
    assert_true(s.is_stale && s.is_hard && s.hard_state == STATE_CRITICAL);
    assert_int_equal(rule_age(&config, &s, 9000000), 0);
    assert_int_equal(rule_age(&config, &s, 9064999), 0);
    assert_int_not_equal(rule_age(&config, &s, 9065000), 0);
}

static void test_soft(void **state)
{
    (void)state;
    struct rule_state s;
    rule_init(&s, 1000);
    assert_false(rule_is_soft(&s));
    assert_int_equal(rule_delay_ms(&config, &s), 30000);
    rule_accept(&config, &s, STATE_WARNING, 1000, 1000);
    assert_true(rule_is_soft(&s));
    assert_int_equal(rule_delay_ms(&config, &s), 10000);
    rule_accept(&config, &s, STATE_PENDING, 2000, 2000); /* not a result: taken as UNKNOWN */
    assert_int_equal(s.state, STATE_UNKNOWN);
    assert_int_equal(rule_accept(&config, &s, STATE_OK, 1999, 3000), RULE_DROPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_counting_begins_when_first_looked_at),
        cmocka_unit_test(test_soft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
