/* Times as other people's programs write them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/stamp.h"
#include "core/when.h"

static void check(const char *text, const char *want)
{
    int64_t at_ms = 0;
    char got[WHEN_TEXT_MAX];
    if (!stamp_parse(text, &at_ms))
        fail_msg("\"%s\" is not read", text);
    if (strcmp(when_rfc3339(at_ms, got), want) != 0)
        fail_msg("\"%s\" is %s, expected %s", text, got, want);
}

static void reads(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    tzset();
    check("2026-03-05T14:02:11+07:00", "2026-03-05T07:02:11.000Z");
    check("2026-03-05T14:02:11.042Z", "2026-03-05T14:02:11.042Z");
    check("2026-03-05T14:02:11", "2026-03-05T07:02:11.000Z");
    check("2026-03-05 14:02:11", "2026-03-05T07:02:11.000Z");
    check("2026-03-05 14:02", "2026-03-05T07:02:00.000Z");
    check("2026-03-05 14:02:11.9", "2026-03-05T07:02:11.000Z");
    check("20260305140211", "2026-03-05T07:02:11.000Z");
    check("1772694131", "2026-03-05T07:02:11.000Z");
    check("1772694131042", "2026-03-05T07:02:11.042Z");
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "soon",
                                      "2026-03-05",
                                      "14:02",
                                      "2026-13-05 14:02",
                                      "2026-02-30 14:02",
                                      "2026-03-05 24:02",
                                      "2026-03-05 14:60",
                                      "2026-03-05 14:02:61",
                                      "2026-03-05 14:02x",
                                      "20261305140211",

                                      "202603051402112",
                                      "20260305146011",
                                      "12345",
                                      "0000000000",
                                      "9999999999999",
                                      "2026-03-05_14:02",
                                      "2026-03-05 14:02:"};
    int64_t at_ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (stamp_parse(bad[i], &at_ms))
            fail_msg("\"%s\" is read", bad[i]);
}

static void takes_numbers(void **state)
{
    (void)state;
    int64_t at_ms = 0;
    assert_true(stamp_number(1772694131.5, &at_ms));
    assert_int_equal(at_ms, 1772694131500);
    assert_true(stamp_number(1772694131042.0, &at_ms));
    assert_int_equal(at_ms, 1772694131042);
    static const double bad[] = {0, -1, 5, 946684799, 4102444800.0, 1e11, 1e300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(stamp_number(bad[i], &at_ms));
    assert_false(stamp_number((double)NAN, &at_ms) || stamp_number((double)INFINITY, &at_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses),
                                       cmocka_unit_test(takes_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
