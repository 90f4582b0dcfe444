/* test_far_clock.c - the engine's wall clock as a console sees it (TI4): within a second of the
 * truth whatever our own clock says, never backwards, never a jump of what is only late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/far_clock.h"

#define THEIRS 1795542726510LL /* theirs when our monotonic clock says 0 */

static int64_t off(const struct far_clock *f, int64_t mono_ms)
{
    return far_clock_now(f, mono_ms, 0) - (THEIRS + mono_ms);
}

static void knows_only_ours_at_first(void **state)
{
    struct far_clock f = {0};
    (void)state;
    assert_int_equal(far_clock_now(&f, 77, 4711), 4711);
    far_clock_forget(&f);
    assert_int_equal(far_clock_now(&f, 77, 4711), 4711);
    far_clock_hear(&f, THEIRS + 100, 100);
    assert_int_equal(far_clock_now(&f, 100, 4711), THEIRS + 100);
    assert_int_equal(far_clock_now(&f, 5100, 4711), THEIRS + 5100);
}

/* Stamps that travel for 0 to 700 ms, by a fixed sequence, for ten minutes. */
static void late_stamps_move_nothing(void **state)
{
    struct far_clock f = {0};
    uint32_t seed = 7;
    int64_t last_ms = 0, worst_ms = 0;
    (void)state;
    for (int64_t ms = 0; ms < 600000; ms += 50) {
        if (ms % 1000 == 0) {
            seed = seed * 1664525u + 1013904223u;
            int64_t late_ms = ms == 0 ? 700 : (seed >> 16) % 700;
            far_clock_hear(&f, THEIRS + ms - late_ms, ms);
        }
        int64_t now_ms = far_clock_now(&f, ms, 0);
        assert_true(now_ms > last_ms || ms == 0);
        assert_true(ms == 0 || now_ms - last_ms <= 53); /* 50, and a twentieth */
        worst_ms = off(&f, ms) < worst_ms ? off(&f, ms) : worst_ms;
        assert_true(off(&f, ms) <= 0);
        last_ms = now_ms;
    }
    assert_true(worst_ms >= -700);
    assert_true(off(&f, 600000) >= -350); /* the least late of eight */
}

static void one_late_stamp_is_nothing(void **state)
{
    struct far_clock f = {0};
    (void)state;
    for (int64_t s = 0; s < 10; s++)
        far_clock_hear(&f, THEIRS + s * 1000, s * 1000);
    far_clock_hear(&f, THEIRS + 10000, 13500); /* a machine that is busy for a while */
    assert_int_equal(off(&f, 13500), 0);
    far_clock_hear(&f, THEIRS + 11000, 13510);
    far_clock_hear(&f, THEIRS + 12000, 13520);
    assert_int_equal(off(&f, 13520), 0);
}

/* A console that was asleep reads a minute of beats at once. */
static void a_queue_of_stamps_ends_with_the_truth(void **state)
{
    struct far_clock f = {0};
    (void)state;
    far_clock_hear(&f, THEIRS, 0);
    for (int64_t s = 1; s <= 60; s++)
        far_clock_hear(&f, THEIRS + s * 1000, 60000);
    assert_int_equal(off(&f, 60000), 0);
}

static void a_clock_that_is_set_is_followed(void **state)
{
    struct far_clock f = {0};
    (void)state;
    static const int64_t moves[] = {3600000, -3600000, 86400000, -86400000, 1500, -2500};
    int64_t by_ms = 0, mono_ms = 0;
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        for (int k = 0; k < 12; k++)
            far_clock_hear(&f, THEIRS + mono_ms + by_ms, mono_ms), mono_ms += 1000;
        assert_int_equal(off(&f, mono_ms), by_ms);
        by_ms += moves[i];
        far_clock_hear(&f, THEIRS + mono_ms + by_ms, mono_ms); /* the first beat that tells it */
        assert_int_equal(off(&f, mono_ms), by_ms);
    }
}

/* Less than a beat back: no stamp is before the last one, so it takes as long as stamps are kept.
 */
static void a_little_back_is_taken_slowly(void **state)
{
    struct far_clock f = {0};
    int64_t mono_ms = 0, last_ms = 0;
    (void)state;
    for (; mono_ms < 10000; mono_ms += 1000)
        far_clock_hear(&f, THEIRS + mono_ms, mono_ms);
    for (; mono_ms < 50000; mono_ms += 1000) {
        far_clock_hear(&f, THEIRS + mono_ms - 600, mono_ms);
        int64_t now_ms = far_clock_now(&f, mono_ms, 0);
        assert_true(now_ms > last_ms);
        assert_true(off(&f, mono_ms) >= -600 && off(&f, mono_ms) <= 0);
        last_ms = now_ms;
    }
    assert_int_equal(off(&f, mono_ms), -600);
}

static void another_engine_is_believed_at_once(void **state)
{
    struct far_clock f = {0};
    (void)state;
    for (int64_t s = 0; s < 10; s++)
        far_clock_hear(&f, THEIRS + s * 1000, s * 1000);
    far_clock_forget(&f);
    assert_int_equal(off(&f, 12000), 0); /* until it speaks: the last that is known */
    far_clock_hear(&f, THEIRS + 12000 - 5000, 12000);
    assert_int_equal(off(&f, 12000), -5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_only_ours_at_first),
        cmocka_unit_test(late_stamps_move_nothing),
        cmocka_unit_test(one_late_stamp_is_nothing),
        cmocka_unit_test(a_queue_of_stamps_ends_with_the_truth),
        cmocka_unit_test(a_clock_that_is_set_is_followed),
        cmocka_unit_test(a_little_back_is_taken_slowly),
        cmocka_unit_test(another_engine_is_believed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
