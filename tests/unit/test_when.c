/* Times and durations, both ways. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "core/when.h"

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        const char *shortest;
    } good[] = {
        {"500ms", 500, "500ms"},
        {"90s", 90000, "1m30s"},
        {"5m", 300000, "5m"},
        {"2h", 7200000, "2h"},
        {"1d", 86400000, "1d"},
        {"1h30m", 5400000, "1h30m"},
        {"0s", 0, "0s"},
        {"1h5s", 3605000, "1h5s"},
        {"1s500ms", 1500, "1s500ms"},
        {"36500d", 36500 * WHEN_DAY_MS, "36500d"},
    };
    char out[WHEN_TEXT_MAX];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ms = -1;
        assert_true(when_parse_duration(good[i].text, &ms, NULL));
        assert_int_equal(ms, good[i].ms);
        assert_string_equal(when_duration(ms, out), good[i].shortest);
    }
    static const char *const bad[] = {"",     "5",         "5 m", "m",
                                      "-5m",  "1.5h",      "5x",  "30m1h",
                                      "5m5m", "99999999d", "5m ", "99999999999999999999s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = 7;
        struct err e = {""};
        assert_false(when_parse_duration(bad[i], &ms, &e));
        assert_int_equal(ms, 7);
        assert_true(e.text[0] != '\0');
    }
    assert_string_equal(when_duration(-1500, out), "-1s500ms");
    assert_true(when_duration(INT64_MIN, out)[0] == '-');
}

static void test_ages(void **state)
{
    (void)state;
    static const struct {
        int64_t s;
        const char *text;
    } rows[] = {
        {-5, "0s"},          {0, "0s"},
        {8, "8s"},           {9, "9s"},
        {14, "10s"},         {59, "55s"},
        {60, "1m"},          {3599, "59m"},
        {3600, "1h00"},      {7500, "2h05"},
        {86399, "23h59"},    {86400, "1d"},
        {86400 * 30, "30d"}, {4000000000, "9999d"},
    };
    char out[WHEN_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(when_age(rows[i].s * 1000 + 999, out), rows[i].text);
}

static void test_rfc3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        const char *back;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
        {"2026-03-05T14:02:11.042Z", 1772719331042, "2026-03-05T14:02:11.042Z"},
        {"2026-03-05T21:02:11.042999+07:00", 1772719331042, "2026-03-05T14:02:11.042Z"},
        {"2026-03-05 14:02:11z", 1772719331000, "2026-03-05T14:02:11.000Z"},
        {"2024-02-29T23:59:59Z", 1709251199000, "2024-02-29T23:59:59.000Z"},
        {"2038-01-19T03:14:08Z", 2147483648000, "2038-01-19T03:14:08.000Z"},
        {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
    };
    char out[WHEN_TEXT_MAX];
    int64_t ms;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(when_parse_rfc3339(rows[i].text, &ms));
        assert_int_equal(ms, rows[i].ms);
        assert_string_equal(when_rfc3339(ms, out), rows[i].back);
    }
    static const char *const bad[] = {
        "2026-03-05T14:02:11",       "2026-02-29T00:00:00Z",  "2026-13-01T00:00:00Z",
        "2026-03-05T24:00:00Z",      "2026-03-05T14:02Z",     "2026-03-05T14:02:11.Z",
        "2026-03-05T14:02:11+0700",  "2026-03-05T14:02:11Zx", "",
        "2026-03-05T14:02:11+07:60", "26-03-05T14:02:11Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(when_parse_rfc3339(bad[i], &ms));
    (void)when_rfc3339(INT64_MAX, out);
    (void)when_rfc3339(INT64_MIN, out);
}

static void test_days(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026-02-29",  "2026-3-05", "2026-03-05T",
                                      "05/03/2026", "2026-03-05 ", "2026-00-01"};
    int64_t day = 7;
    assert_true(when_parse_day("2026-03-05", &day));
    assert_int_equal(day, 20517);
    assert_true(when_parse_day("1969-12-31", &day));
    assert_int_equal(day, -1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(when_parse_day(bad[i], &day));
}

static void test_local_times(void **state)
{
    (void)state;
    char out[WHEN_TEXT_MAX];
    int64_t at = 1772719331042, ms; /* 2026-03-05T14:02:11Z = 21:02:11 in Hanoi */
    struct err e;
    setenv("TZ", "<+07>-7", 1);
    tzset();
    assert_string_equal(when_hm(at, out), "21:02");
    assert_string_equal(when_hms(at, out), "21:02:11");
    assert_string_equal(when_date_hm(at, out), "05/03 21:02");
    assert_string_equal(when_day(at, out), "2026-03-05");
    assert_string_equal(when_day(at + 3 * WHEN_HOUR_MS, out), "2026-03-06");
    assert_string_equal(when_offset(at, out), "+07");
    assert_true(when_parse_time("14:30", at, &ms, &e));
    assert_string_equal(when_rfc3339(ms, out), "2026-03-05T07:30:00.000Z");
    assert_true(when_parse_time("yesterday 22:00", at, &ms, &e));
    assert_string_equal(when_rfc3339(ms, out), "2026-03-04T15:00:00.000Z");
    assert_true(when_parse_time("-2h", at, &ms, &e));
    assert_int_equal(ms, at - 7200000);
    assert_true(when_parse_time("2026-01-01T00:00:00Z", at, &ms, &e));
    static const char *const bad[] = {"25:00", "14:60", "yesterday", "-2", "soon", "", "14:30x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(when_parse_time(bad[i], at, &ms, &e));
    setenv("TZ", "<+0530>-5:30", 1);
    tzset();
    assert_string_equal(when_offset(at, out), "+05:30");
    setenv("TZ", "<-0330>3:30", 1);
    tzset();
    assert_string_equal(when_offset(at, out), "-03:30");
}

static void test_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *pattern, *text;
    } rows[] = {
        {"Asia/Ho_Chi_Minh", "yyyyMMddHHmmss", "20260306002233"},
        {"UTC", "yyyyMMddHHmmss", "20260305172233"},
        {"Asia/Ho_Chi_Minh", "yyyy-MM-ddTHH:mm:ss.SSSZZ", "2026-03-06T00:22:33.044+07:00"},
        {"<-0330>3:30", "HH:mmZZ", "13:52-03:30"},
        {"UTC", "", ""},
        {"UTC", "dd/MM/yy", NULL},
        {"UTC", "yyyyMMddHHmmssSSSyyyyMMddHHmmssSSSyyyyMM", NULL},
    };
    char out[WHEN_TEXT_MAX];
    int64_t at;
    assert_true(when_parse_rfc3339("2026-03-05T17:22:33.044Z", &at));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("TZ", rows[i].zone, 1);
        tzset();
        bool is_ok = when_pattern(rows[i].pattern, at, out);
        assert_int_equal(is_ok, rows[i].text != NULL);
        if (is_ok)
            assert_string_equal(out, rows[i].text);
    }
}

/* Times ahead where the clock is moved: exact instants, never a day off. */
static void test_ahead(void **state)
{
    (void)state;
    static const struct {
        const char *now, *text, *at;
    } rows[] = {
        {"2026-03-05T14:02:11Z", "now", "2026-03-05T14:02:11.000Z"},
        {"2026-03-05T14:02:11Z", "+2h", "2026-03-05T16:02:11.000Z"},
        {"2026-03-05T14:02:11Z", "16:00", "2026-03-05T15:00:00.000Z"},
        {"2026-03-05T14:02:11Z", "15:00", "2026-03-06T14:00:00.000Z"}, /* it is 15:02 */
        {"2026-03-05T14:02:11Z", "15:02:30", "2026-03-05T14:02:30.000Z"},
        {"2026-03-05T14:02:11Z", "tomorrow 02:00", "2026-03-06T01:00:00.000Z"},
        {"2026-03-05T14:02:11Z", "2026-11-28 02:00", "2026-11-28T01:00:00.000Z"},
        /* forward: 01:59:50 is followed by 03:00, there is no 02:30 */
        {"2026-03-29T00:59:50Z", "03:01", "2026-03-29T01:01:00.000Z"},
        {"2026-03-29T00:59:50Z", "02:30", "2026-03-29T01:00:00.000Z"},
        {"2026-03-29T00:59:50Z", "+1h", "2026-03-29T01:59:50.000Z"},
        {"2026-03-28T02:30:00Z", "tomorrow 03:00", "2026-03-29T01:00:00.000Z"},
        {"2026-03-28T22:59:00Z", "22:00", "2026-03-29T20:00:00.000Z"}, /* the next, 21 h on */
        /* back: 02:30 comes twice */
        {"2026-10-24T22:00:00Z", "02:30", "2026-10-25T00:30:00.000Z"},
        {"2026-10-25T00:45:00Z", "02:30", "2026-10-25T01:30:00.000Z"},
        {"2026-10-25T00:45:00Z", "2026-10-25 02:30", "2026-10-25T01:30:00.000Z"},
        {"2026-10-25T01:45:00Z", "02:30", "2026-10-26T01:30:00.000Z"},
        {"2026-10-24T20:30:00Z", "22:00", "2026-10-25T21:00:00.000Z"},
        {"2028-02-28T22:00:00Z", "tomorrow 10:00", "2028-02-29T09:00:00.000Z"},
        {"2028-02-29T22:00:00Z", "tomorrow 10:00", "2028-03-01T09:00:00.000Z"},
        {"2026-12-31T22:59:00Z", "00:30", "2026-12-31T23:30:00.000Z"},
        {"2038-01-19T03:14:00Z", "04:15", "2038-01-19T03:15:00.000Z"},
        {"2038-01-18T22:00:00Z", "tomorrow 04:30", "2038-01-19T03:30:00.000Z"},
    };
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[WHEN_TEXT_MAX];
        int64_t now, at;
        struct err e = {""};
        assert_true(when_parse_rfc3339(rows[i].now, &now));
        if (!when_parse_ahead(rows[i].text, now, &at, &e))
            fail_msg("%s: %s", rows[i].text, e.text);
        assert_string_equal(when_rfc3339(at, out), rows[i].at);
    }
    static const char *const bad[] = {"25:00", "2026-02-29 10:00", "2026-11-28", "tomorrow", "+2",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t at;
        assert_false(when_parse_ahead(bad[i], 0, &at, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),   cmocka_unit_test(test_ages),
        cmocka_unit_test(test_rfc3339),     cmocka_unit_test(test_days),
        cmocka_unit_test(test_local_times), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
