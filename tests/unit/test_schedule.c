/* Slots without drift, retries with jitter, the queue by due time. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/schedule.h"

static void test_slots(void **state)
{
    (void)state;
    size_t per_slot[300] = {0};
    for (int i = 0; i < 3000; i++) {
        char id[40];
        snprintf(id, sizeof id, "srv-a-web-%04d/http", i);
        int64_t slot = schedule_slot(id, 30000, 100);
        assert_in_range(slot, 0, 29999);
        assert_int_equal(slot % 100, 0);
        assert_int_equal(slot, schedule_slot(id, 30000, 100));
        per_slot[slot / 100]++;
    }
    for (size_t i = 0; i < 300; i++) /* 10 on average: no crowd, no desert */
        assert_true(per_slot[i] < 35);
    assert_int_equal(schedule_slot("x", 50, 100), 0);
    assert_int_equal(schedule_slot("x", 0, 100), 0);
    assert_int_equal(schedule_grid(50), 100);
    assert_int_equal(schedule_grid(1001), 20);
}

static void test_no_drift_nothing_made_up(void **state)
{
    (void)state;
    assert_int_equal(schedule_first(1200, 5000, 0), 1200);
    assert_int_equal(schedule_first(1200, 5000, 1200), 1200);
    assert_int_equal(schedule_first(1200, 5000, 1201), 6200);
    assert_int_equal(schedule_first(1200, 5000, 1000001200), 1000001200);
    int64_t at = 1200;
    for (int i = 0; i < 1000; i++) {
        int64_t late = at + (i * 37) % 4999; /* each run ends somewhere in its interval */
        at = schedule_next(at, 5000, late);
    }
    assert_int_equal(at, 1200 + 1000 * 5000);
    assert_int_equal(schedule_next(1200, 5000, 6200), 11200); /* just missed: skipped */
    assert_int_equal(schedule_next(1200, 5000, 1000000), 1001200);
}

static void test_jitter(void **state)
{
    (void)state;
    int64_t least = INT64_MAX, most = 0;
    for (uint32_t n = 0; n < 1000; n++) {
        int64_t ms = schedule_jitter("a/b", n, 10000);
        assert_in_range(ms, 9000, 11000);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
        assert_int_equal(ms, schedule_jitter("a/b", n, 10000));
    }
    assert_true(least < 9200 && most > 10800);
    assert_int_equal(schedule_jitter("a/b", 1, 5), 5);
}

static void test_spread(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        char id[20];
        snprintf(id, sizeof id, "t%d/c", i);
        assert_in_range(schedule_spread(id, 600000, 100), 0, SCHEDULE_SPREAD_MS - 1);
        assert_in_range(schedule_spread(id, 5000, 100), 0, 4999);
    }
}

#define ENTRIES 500

static void check_heap(const struct schedule_queue *q)
{
    for (size_t i = 0; i < q->n; i++) {
        assert_int_equal(q->v[i]->place, i + 1);
        if (i > 0)
            assert_true(q->v[(i - 1) / 2]->due_ms <= q->v[i]->due_ms);
    }
}

static void test_queue(void **state)
{
    (void)state;
    static struct schedule_entry e[ENTRIES];
    struct schedule_queue q = {0};
    uint32_t x = 88172645u;
    for (int round = 0; round < 20000; round++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        struct schedule_entry *one = &e[x % ENTRIES];
        if (x % 7 == 0)
            schedule_remove(&q, one);
        else
            schedule_put(&q, one, (int64_t)(x >> 8) % 1000);
        if (round % 64 == 0)
            check_heap(&q);
    }
    size_t queued = 0, taken = 0;
    for (size_t i = 0; i < ENTRIES; i++)
        queued += e[i].place != 0;
    assert_int_equal(queued, q.n);
    int64_t last = -1;
    assert_null(schedule_take(&q, -1));
    for (struct schedule_entry *one; (one = schedule_take(&q, 1000)) != NULL; taken++) {
        assert_true(one->due_ms >= last);
        assert_int_equal(one->place, 0);
        last = one->due_ms;
    }
    assert_int_equal(taken, queued);
    assert_null(schedule_peek(&q));
    schedule_put(&q, &e[0], 5);
    schedule_release(&q);
    assert_int_equal(e[0].place, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),  cmocka_unit_test(test_no_drift_nothing_made_up),
        cmocka_unit_test(test_jitter), cmocka_unit_test(test_spread),
        cmocka_unit_test(test_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
