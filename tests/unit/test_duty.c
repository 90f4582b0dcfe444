/* Who may do what: the table itself, and what is read out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/duty.h"

/* security.md section 2, row by row: see, ack, escalate, silence, plan, approve, configure. */
static void the_table_is_the_security_model(void **state)
{
    (void)state;
    static const struct {
        const char *name, *rights;
        int level;
    } rows[] = {
        {"viewer", "x.......", 0}, {"l1", "xxx.x...", 1},   {"l2", "xxxxxx..", 2},
        {"l3", "xxxxxx..", 3},     {"lead", "xxxxxx.x", 3}, {"admin", "x.....xx", 0},
    };
    assert_int_equal(sizeof rows / sizeof *rows, DUTY_ROLE_COUNT);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum duty_role role = DUTY_ROLE_COUNT;
        assert_true(duty_parse(rows[i].name, &role));
        assert_int_equal(role, i);
        assert_string_equal(duty_rows[role].name, rows[i].name);
        assert_int_equal(duty_rows[role].level, rows[i].level);
        assert_int_equal(strlen(rows[i].rights), DUTY_RIGHT_COUNT);
        for (int right = 0; right < DUTY_RIGHT_COUNT; right++)
            assert_int_equal(duty_may(role, (enum duty_right)right), rows[i].rights[right] == 'x');
    }
    enum duty_role role = DUTY_L2;
    assert_false(duty_parse("L1", &role));
    assert_false(duty_parse("", &role));
    assert_int_equal(role, DUTY_L2); /* untouched */
}

static void a_refusal_names_the_lowest_role_that_may(void **state)
{
    (void)state;
    assert_int_equal(duty_least(DUTY_SEE), DUTY_VIEWER);
    assert_int_equal(duty_least(DUTY_ACK), DUTY_L1);
    assert_int_equal(duty_least(DUTY_ESCALATE), DUTY_L1);
    assert_int_equal(duty_least(DUTY_SILENCE), DUTY_L2);
    assert_int_equal(duty_least(DUTY_PLAN), DUTY_L1);
    assert_int_equal(duty_least(DUTY_APPROVE), DUTY_L2);
    assert_int_equal(duty_least(DUTY_CONFIGURE), DUTY_ADMIN);
    assert_int_equal(duty_least(DUTY_PROMOTE), DUTY_LEAD);
}

static void the_duty_is_a_ladder_and_admin_stands_beside_it(void **state)
{
    (void)state;
    for (int role = DUTY_VIEWER; role <= DUTY_LEAD; role++)
        for (int min = DUTY_VIEWER; min <= DUTY_LEAD; min++)
            assert_int_equal(duty_reaches((enum duty_role)role, (enum duty_role)min), role >= min);
    for (int role = DUTY_VIEWER; role <= DUTY_LEAD; role++)
        assert_false(duty_reaches((enum duty_role)role, DUTY_ADMIN));
    for (int min = DUTY_L1; min <= DUTY_LEAD; min++)
        assert_false(duty_reaches(DUTY_ADMIN, (enum duty_role)min));
    assert_true(duty_reaches(DUTY_ADMIN, DUTY_ADMIN));
    assert_true(duty_reaches(DUTY_ADMIN, DUTY_VIEWER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_security_model),
        cmocka_unit_test(a_refusal_names_the_lowest_role_that_may),
        cmocka_unit_test(the_duty_is_a_ladder_and_admin_stands_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
