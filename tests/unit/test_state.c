/* The tables of states and priorities. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/state.h"

static void test_names(void **state)
{
    (void)state;
    for (int s = 0; s < STATE_COUNT; s++) {
        enum state back;
        assert_true(state_parse(state_rows[s].name, &back));
        assert_int_equal(back, s);
        assert_true(strlen(state_rows[s].word) <= 8);
        assert_in_range(state_rows[s].exit_code, 0, 3);
    }
    enum state s;
    assert_true(state_parse("critical", &s) && s == STATE_CRITICAL);
    assert_true(state_parse("3", &s) && s == STATE_UNKNOWN);
    assert_false(state_parse("4", &s));
    assert_false(state_parse("", &s));
    assert_false(state_parse("OKAY", &s));
}

static void test_order(void **state)
{
    (void)state;
    static const enum state from_best[] = {STATE_OK,      STATE_PENDING, STATE_STALE,
                                           STATE_UNKNOWN, STATE_WARNING, STATE_CRITICAL};
    for (size_t i = 0; i + 1 < STATE_COUNT; i++) {
        assert_int_equal(state_worse(from_best[i], from_best[i + 1]), from_best[i + 1]);
        assert_int_equal(state_worse(from_best[i + 1], from_best[i]), from_best[i + 1]);
    }
}

static void test_priorities(void **state)
{
    (void)state;
    enum priority p;
    assert_true(priority_parse("p2", &p) && p == PRIORITY_P2);
    assert_true(priority_parse("-", &p) && p == PRIORITY_NONE);
    assert_false(priority_parse("P5", &p));
    assert_string_equal(priority_name(PRIORITY_P1), "P1");
    assert_string_equal(priority_name(PRIORITY_NONE), "-");
    assert_int_equal(priority_of(PRIORITY_P2, STATE_CRITICAL, false), PRIORITY_P2);
    assert_int_equal(priority_of(PRIORITY_P2, STATE_WARNING, false), PRIORITY_P3);
    assert_int_equal(priority_of(PRIORITY_P1, STATE_UNKNOWN, false), PRIORITY_P2);
    assert_int_equal(priority_of(PRIORITY_P4, STATE_WARNING, false), PRIORITY_P4);
    assert_int_equal(priority_of(PRIORITY_P1, STATE_CRITICAL, true), PRIORITY_P4);
    assert_int_equal(priority_of(PRIORITY_NONE, STATE_CRITICAL, true), PRIORITY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_priorities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
