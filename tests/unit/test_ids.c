/* Numbers of alerts as ranges: both ways, in any order, and what is no list of them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/ids.h"

static void check_written(const struct ids *l, const char *want)
{
    struct buf b = BUF_INIT(0);
    ids_write(l, &b);
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

static void check_read(const char *text, const char *want)
{
    struct ids l = {0};
    struct err e;
    if (!ids_read(text, &l, &e))
        fail_msg("\"%s\": %s", text, e.text);
    check_written(&l, want);
    ids_release(&l);
}

static void check_refused(const char *text, const char *why)
{
    struct ids l = {0};
    struct err e = {{0}};
    if (ids_read(text, &l, &e))
        fail_msg("\"%s\" is taken", text);
    if (strstr(e.text, why) == NULL)
        fail_msg("\"%s\": refused by \"%s\", expected \"%s\"", text, e.text, why);
    ids_release(&l);
}

static void test_in_any_order_and_once(void **state)
{
    (void)state;
    static const uint64_t given[] = {7, 5, 6, 5, 1, 0, 9, 7, UINT64_C(18446744073709551615)};
    struct ids l = {0};
    check_written(&l, "");
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        ids_add(&l, given[i]);
    check_written(&l, "1,5-7,9,18446744073709551615");
    assert_true(ids_has(&l, 6));
    assert_false(ids_has(&l, 8));
    assert_false(ids_has(&l, 0));
    assert_int_equal(l.n, 6);
    ids_release(&l);
    assert_false(ids_has(&l, 6));
}

static void test_read(void **state)
{
    (void)state;
    check_read("", "");
    check_read("1077", "1077");
    check_read("1077,1080-1200", "1077,1080-1200");
    check_read("3,2,1", "1-3");
    check_read("5-5", "5");
    check_read("1-4,3-6,5", "1-6");
    check_read("007", "7");
    check_read("1-65536", "1-65536");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"x",   "1,x", "-3",  "3-",  "0",
                                      "0-2", "5-4", "1;2", "1 2", "9999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(bad[i], "expected numbers such as 1077,1080-1200");
    check_refused("1-65537", "more than 65536 numbers");
    check_refused("1-65536,70000", "more than 65536 numbers");
    check_refused("1-999999999999999999", "more than 65536 numbers");
}

static void test_ten_thousand_are_short(void **state)
{
    (void)state;
    struct ids l = {0};
    for (uint64_t id = 1; id <= 10000; id++)
        ids_add(&l, id);
    check_written(&l, "1-10000");
    ids_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_any_order_and_once),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ten_thousand_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
