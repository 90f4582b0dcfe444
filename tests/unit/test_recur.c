/* Windows that come again, and shifts: over midnight, over the moves of the clock, over years
 * (TI3). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/day.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/recur.h"
#include "core/when.h"

#define HANOI     "<+07>-7"
#define BERLIN    "CET-1CEST,M3.5.0,M10.5.0/3"           /* 2026: forward 29/03, back 25/10 */
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" /* by half an hour */
#define SANTIAGO  "<-04>4<-03>,M9.1.6/24,M4.1.6/24"      /* at midnight: 00:00 is 01:00 */

static void zone(const char *tz)
{
    setenv("TZ", tz, 1);
    tzset();
}

static int64_t at(const char *rfc3339)
{
    int64_t ms = 0;
    if (!when_parse_rfc3339(rfc3339, &ms))
        fail_msg("\"%s\" is no time", rfc3339);
    return ms;
}

static struct recur windows(const char *text)
{
    struct recur r;
    char *refusal = NULL;
    if (!recur_parse(text, &r, &refusal))
        fail_msg("\"%s\": %s", text, refusal);
    return r;
}

/* --- reading ------------------------------------------------------------------------------ */

static void test_read(void **state)
{
    (void)state;
    struct recur r = windows("Sun 02:00-04:00");
    assert_int_equal(r.n, 1);
    assert_int_equal(r.v[0].days, 1 << 6);
    assert_int_equal(r.v[0].start, 120);
    assert_int_equal(r.v[0].end, 240);
    r = windows(" mon-fri 19:00 - 06:00 ;daily 22:00-24:00; Sat-Mon,Wed 01:00-01:01");
    assert_int_equal(r.n, 3);
    assert_int_equal(r.v[0].days, 0x1f);
    assert_int_equal(r.v[1].days, 0x7f);
    assert_int_equal(r.v[1].end, 1440);
    assert_int_equal(r.v[2].days, 1 << 5 | 1 << 6 | 1 << 0 | 1 << 2);
    r = windows("T2-T6 08:00-17:00; CN 02:00-04:00");
    assert_int_equal(r.v[0].days, 0x1f);
    assert_int_equal(r.v[1].days, 1 << 6);
}

static void test_refuse(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "02:00-04:00",
        "Sun",
        "Sun 2:00-4:00",
        "Sun 02:00",
        "Sun 02:00-25:00",
        "Sun 02:00-04:60",
        "Sun 24:00-04:00",
        "Sun 02:00-02:00",
        "Sonntag 02:00-04:00",
        "Sun02:00-04:00",
        "Sun- 02:00-04:00",
        "Sun 02:00-04:00;",
        "Sun 02:00-04:00 x",
        "daily 0x:00-04:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct recur r;
        char *refusal = NULL;
        if (recur_parse(bad[i], &r, &refusal))
            fail_msg("taken: \"%s\"", bad[i]);
        assert_non_null(refusal);
        free(refusal);
    }
}

static void test_too_many(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(0);
    struct recur r;
    char *refusal = NULL;
    for (int i = 0; i <= RECUR_WINDOWS_MAX; i++)
        buf_addf(&text, "%sMon 0%d:00-0%d:30", i > 0 ? ";" : "", i, i);
    assert_false(recur_parse(buf_text(&text), &r, &refusal));
    assert_non_null(strstr(refusal, "at most {0} windows"));
    free(refusal);
    buf_release(&text);
}

/* --- when ----------------------------------------------------------------------------------- */

struct change {
    const char *from, *next; /* next NULL: never */
    bool is_on;              /* at from */
};

static void check_changes(const char *text, const struct change *v, size_t n)
{
    struct recur r = windows(text);
    char got[WHEN_TEXT_MAX];
    for (size_t i = 0; i < n; i++) {
        if (recur_is_on(&r, at(v[i].from)) != v[i].is_on)
            fail_msg("%s is%s on at %s", text, v[i].is_on ? " not" : "", v[i].from);
        int64_t next_ms = recur_next(&r, at(v[i].from));
        if (next_ms != (v[i].next != NULL ? at(v[i].next) : INT64_MAX))
            fail_msg("%s after %s: %s instead of %s", text, v[i].from,
                     next_ms == INT64_MAX ? "never" : when_rfc3339(next_ms, got), v[i].next);
    }
}
#define CHECK(text, ...)                                                                           \
    do {                                                                                           \
        static const struct change v[] = {__VA_ARGS__};                                            \
        check_changes(text, v, sizeof v / sizeof *v);                                              \
    } while (0)

static void test_week(void **state)
{
    (void)state;
    zone(HANOI);
    /* 01/03/2026 is a Sunday */
    CHECK("Sun 02:00-04:00", {"2026-02-28T12:00:00+07:00", "2026-03-01T02:00:00+07:00", false},
          {"2026-03-01T01:59:59+07:00", "2026-03-01T02:00:00+07:00", false},
          {"2026-03-01T02:00:00+07:00", "2026-03-01T04:00:00+07:00", true},
          {"2026-03-01T03:59:59+07:00", "2026-03-01T04:00:00+07:00", true},
          {"2026-03-01T04:00:00+07:00", "2026-03-08T02:00:00+07:00", false});
    /* over midnight, the night of Friday on Saturday morning, none from Saturday on */
    CHECK("Mon-Fri 19:00-06:00", {"2026-03-06T18:00:00+07:00", "2026-03-06T19:00:00+07:00", false},
          {"2026-03-06T23:00:00+07:00", "2026-03-07T06:00:00+07:00", true},
          {"2026-03-07T05:59:00+07:00", "2026-03-07T06:00:00+07:00", true},
          {"2026-03-07T06:00:00+07:00", "2026-03-09T19:00:00+07:00", false},
          {"2026-03-09T05:00:00+07:00", "2026-03-09T19:00:00+07:00", false});
    /* windows that touch or overlap are one */
    CHECK("daily 22:00-24:00; daily 00:00-01:00; Tue 00:30-02:00",
          {"2026-03-02T22:00:00+07:00", "2026-03-03T02:00:00+07:00", true},
          {"2026-03-03T22:00:00+07:00", "2026-03-04T01:00:00+07:00", true});
    CHECK("daily 00:00-24:00", {"2026-03-02T22:00:00+07:00", NULL, true});
}

static void test_years(void **state)
{
    (void)state;
    zone(HANOI);
    CHECK("daily 23:00-01:00", /* year's end, leap day, the day without one */
          {"2026-12-31T23:30:00+07:00", "2027-01-01T01:00:00+07:00", true},
          {"2028-02-28T23:30:00+07:00", "2028-02-29T01:00:00+07:00", true},
          {"2028-02-29T12:00:00+07:00", "2028-02-29T23:00:00+07:00", false},
          {"2028-02-29T23:00:00+07:00", "2028-03-01T01:00:00+07:00", true},
          {"2027-02-28T23:00:00+07:00", "2027-03-01T01:00:00+07:00", true});
    CHECK("Tue 09:00-11:00", /* 19/01/2038 is a Tuesday: 2^31 s are over at 10:14:08 here */
          {"2038-01-19T09:00:00+07:00", "2038-01-19T11:00:00+07:00", true},
          {"2038-01-19T10:14:09+07:00", "2038-01-19T11:00:00+07:00", true},
          {"2038-01-19T11:00:00+07:00", "2038-01-26T09:00:00+07:00", false},
          {"2100-03-02T09:00:00+07:00", "2100-03-02T11:00:00+07:00", true});
}

static void test_forward(void **state)
{
    (void)state;
    zone(BERLIN); /* 29/03/2026 02:00 -> 03:00 */
    CHECK("Sun 01:00-04:00", {"2026-03-29T01:00:00+01:00", "2026-03-29T04:00:00+02:00", true},
          {"2026-03-29T04:00:00+02:00", "2026-04-05T01:00:00+02:00", false});
    CHECK("Sun 02:30-04:00", /* begins in the hour that is not there */
          {"2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00", false},
          {"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00", true});
    CHECK("Sun 01:00-02:30", {"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", true});
    CHECK("Sun 02:00-03:00", /* jumped over */
          {"2026-03-28T12:00:00+01:00", "2026-04-05T02:00:00+02:00", false});
    zone(LORD_HOWE);
    CHECK("Sun 01:00-03:00", {"2026-10-04T01:00:00+10:30", "2026-10-04T03:00:00+11:00", true});
    zone(SANTIAGO); /* Sunday 06/09/2026 has no 00:00 */
    CHECK("Sat 22:00-24:00", {"2026-09-05T22:00:00-04:00", "2026-09-06T01:00:00-03:00", true});
    CHECK("Sun 00:00-03:00", {"2026-09-05T23:59:59-04:00", "2026-09-06T01:00:00-03:00", false},
          {"2026-09-06T01:00:00-03:00", "2026-09-06T03:00:00-03:00", true});
}

static void test_back(void **state)
{
    (void)state;
    zone(BERLIN); /* 25/10/2026 03:00 -> 02:00 */
    CHECK("Sun 01:00-04:00", {"2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00", true});
    CHECK("Sun 02:15-02:45", /* read twice: from the first to the last */
          {"2026-10-25T02:00:00+02:00", "2026-10-25T02:15:00+02:00", false},
          {"2026-10-25T02:15:00+02:00", "2026-10-25T02:45:00+01:00", true},
          {"2026-10-25T02:05:00+01:00", "2026-10-25T02:45:00+01:00", true},
          {"2026-10-25T02:45:00+01:00", "2026-11-01T02:15:00+01:00", false});
}

static void test_days(void **state)
{
    (void)state;
    int minute;
    zone(HANOI);
    assert_int_equal(day_of(0, &minute), 0);
    assert_int_equal(minute, 7 * 60);
    assert_int_equal(day_of(-8 * WHEN_HOUR_MS, &minute), -1);
    assert_int_equal(minute, 23 * 60);
    assert_int_equal(day_weekday(0), 3); /* Thursday */
    assert_int_equal(day_weekday(-4), 6);
    assert_int_equal(day_instant(0, 0, DAY_FIRST), -7 * WHEN_HOUR_MS);
}

/* --- shifts --------------------------------------------------------------------------------- */

static void add_shift(struct fleet *f, const char *id, int start, int end)
{
    f->shifts = mem_grow(f->shifts, f->n_shifts + 1, sizeof *f->shifts);
    f->shifts[f->n_shifts++] =
        (struct shift){.id = mem_strdup(id), .start = start * 60, .end = end * 60};
}

static void test_shifts(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    int64_t end_ms = 0;
    zone(HANOI);
    assert_int_equal(shift_end_ms(f, at("2026-03-05T08:00:00+07:00")), 0);
    add_shift(f, "s1", 6, 14);
    add_shift(f, "s2", 14, 22);
    add_shift(f, "s3", 22, 6);
    static const struct {
        const char *now, *id, *end;
    } v[] = {
        {"2026-03-05T06:00:00+07:00", "s1", "2026-03-05T14:00:00+07:00"},
        {"2026-03-05T13:59:59+07:00", "s1", "2026-03-05T14:00:00+07:00"},
        {"2026-03-05T14:00:00+07:00", "s2", "2026-03-05T22:00:00+07:00"},
        {"2026-12-31T22:00:00+07:00", "s3", "2027-01-01T06:00:00+07:00"},
        {"2028-02-29T00:00:00+07:00", "s3", "2028-02-29T06:00:00+07:00"},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        const struct shift *s = shift_now(f, at(v[i].now), &end_ms);
        assert_non_null(s);
        assert_string_equal(s->id, v[i].id);
        assert_int_equal(end_ms, at(v[i].end));
        assert_int_equal(shift_end_ms(f, at(v[i].now)), at(v[i].end));
    }
    fleet_free(f);
}

/* A desk that closes at night, and a quarter of an hour in which two shifts are there. */
static void test_gap_overlap(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    zone(HANOI);
    add_shift(f, "a", 6, 14);
    add_shift(f, "b", 13, 20);
    assert_int_equal(shift_end_ms(f, at("2026-03-05T21:00:00+07:00")), 0);
    assert_null(shift_now(f, at("2026-03-05T05:59:00+07:00"), NULL));
    assert_string_equal(shift_now(f, at("2026-03-05T12:59:00+07:00"), NULL)->id, "a");
    assert_string_equal(shift_now(f, at("2026-03-05T13:30:00+07:00"), NULL)->id, "b");
    fleet_free(f);
    f = fleet_new();
    zone(BERLIN); /* the night in which the clock is put back is an hour longer */
    add_shift(f, "n", 22, 6);
    assert_int_equal(shift_end_ms(f, at("2026-10-24T22:00:00+02:00")),
                     at("2026-10-24T22:00:00+02:00") + 9 * WHEN_HOUR_MS);
    fleet_free(f);
}

static int64_t spent_minutes(const char *text, const char *from, const char *to)
{
    struct recur r = windows(text);
    return recur_spent(&r, at(from), at(to)) / WHEN_MINUTE_MS;
}

/* How long a silence has lasted within the hours in which there should be none. */
static void test_spent(void **state)
{
    (void)state;
    static const char day[] = "daily 07:00-19:00";

    zone(HANOI);
    assert_int_equal(spent_minutes(day, "2026-03-05T08:00:00+07:00", "2026-03-05T10:30:00+07:00"),
                     150);
    assert_int_equal(spent_minutes(day, "2026-03-05T18:50:00+07:00", "2026-03-06T06:59:00+07:00"),
                     10);
    assert_int_equal(spent_minutes(day, "2026-03-05T18:50:00+07:00", "2026-03-06T07:30:00+07:00"),
                     40);
    assert_int_equal(spent_minutes(day, "2026-03-05T20:00:00+07:00", "2026-03-08T06:00:00+07:00"),
                     2 * 720);
    assert_int_equal(spent_minutes("Mon-Fri 08:00-12:00; daily 10:00-11:00",
                                   "2026-03-06T00:00:00+07:00", "2026-03-09T00:00:00+07:00"),
                     240 + 60 + 60); /* what overlaps counts once */
    assert_int_equal(
        spent_minutes("daily 00:00-24:00", "2026-03-05T10:00:00Z", "2026-03-05T10:05:00Z"), 5);
    assert_int_equal(spent_minutes(day, "2026-03-05T10:00:00Z", "2026-03-05T09:00:00Z"), 0);
    assert_int_equal(spent_minutes(day, "2016-03-05T12:00:00Z", "2026-03-05T12:00:00Z"), 31 * 720);
    zone(BERLIN); /* the clock is put forward: an hour less between 01:00 and 05:00 */
    assert_int_equal(spent_minutes("daily 01:00-05:00", "2026-03-28T20:00:00+01:00",
                                   "2026-03-29T12:00:00+02:00"),
                     180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_read),
        cmocka_unit_test(test_refuse),   cmocka_unit_test(test_week),
        cmocka_unit_test(test_years),    cmocka_unit_test(test_forward),
        cmocka_unit_test(test_back),     cmocka_unit_test(test_days),
        cmocka_unit_test(test_shifts),   cmocka_unit_test(test_gap_overlap),
        cmocka_unit_test(test_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
