/* test_announce.c - what is told to the person at the console, when, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem.h"
#include "tui/announce.h"

static struct alert *put(struct fleet *f, uint64_t id, enum priority p)
{
    struct alert *a = fleet_add_alert(f, id);
    mem_set(&a->check, "srv/http");
    a->phase = ALERT_FIRING;
    a->priority = p;
    a->page = 1;
    a->next = (struct clock_next){.runs = true};
    a->next_mono_ms = 1;
    fleet_touch_alert(f, a);
    return a;
}

/* Looks; 1: it rings, 0: it does not. */
static int rings(struct announce *a, struct fleet *f, int64_t now_ms)
{
    announce_look(a, f, now_ms);
    return announce_bell(a, now_ms);
}

static size_t notice(struct announce *a, struct fleet *f, int64_t now_ms, uint64_t *worst)
{
    struct announcement out;
    bool is_due = announce_notice(a, f, now_ms, &out);
    assert_int_equal(is_due, out.n > 0);
    if (worst)
        *worst = out.worst ? out.worst->id : 0;
    return out.n;
}

static void what_is_open_at_the_start_is_one_bell_and_no_notice(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    for (uint64_t id = 1; id <= 9; id++)
        put(f, id, PRIORITY_P1);
    assert_int_equal(rings(&a, f, 100), 1);
    for (int64_t t = 100; t < 20000; t += 500)
        assert_int_equal(rings(&a, f, t) + (int)notice(&a, f, t, NULL), 0);
    announce_release(&a);
    fleet_free(f);
}

static void nothing_to_tell_is_no_bell(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    struct alert *k = put(f, 1, PRIORITY_P1);
    k->ack.by = mem_strdup("lan");
    put(f, 2, PRIORITY_P3);
    put(f, 3, PRIORITY_P4);
    put(f, 4, PRIORITY_P1)->marks = MARK_SILENCE;
    put(f, 5, PRIORITY_P2)->marks = MARK_FLAP | MARK_ASSESSMENT;
    put(f, 6, PRIORITY_P2)->phase = ALERT_RESOLVED;
    assert_int_equal(rings(&a, f, 0), 0);
    put(f, 7, PRIORITY_P2)->marks = MARK_PARENT;
    assert_int_equal(rings(&a, f, 5000), 0);
    put(f, 8, PRIORITY_P2)->marks = MARK_ASSESSMENT; /* a label alone: it is told */
    assert_int_equal(rings(&a, f, 10000), 1);
    assert_int_equal(notice(&a, f, 10000, NULL), 1);
    announce_release(&a);
    fleet_free(f);
}

static void once_each_and_again_when_the_page_rises(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    assert_int_equal(rings(&a, f, 0), 0);
    struct alert *k = put(f, 1, PRIORITY_P2);
    assert_int_equal(rings(&a, f, 1000), 1);
    fleet_touch_alert(f, k); /* the same, sent again: after a reconnection, or a note */
    assert_int_equal(rings(&a, f, 10000), 0);
    k->page = 2;
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 20000), 1);
    mem_set(&k->ack.by, "lan");
    k->page = 3; /* worse, but she has it */
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 30000), 0);
    mem_set(&k->ack.by, NULL);
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 40000), 1);
    k->phase = ALERT_RESOLVED;
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 50000), 0);
    assert_int_equal(a.n, 0); /* nothing is kept of it */
    announce_release(&a);
    fleet_free(f);
}

static void what_was_held_is_told_when_it_is_released(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    struct alert *k = put(f, 1, PRIORITY_P1);
    k->marks = MARK_MAINTENANCE;
    assert_int_equal(rings(&a, f, 0), 0);
    k->marks = 0;
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 9000), 1);
    k->marks = MARK_SILENCE;
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 19000), 0);
    k->marks = 0; /* it has been told; nothing is new */
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 29000), 0);
    announce_release(&a);
    fleet_free(f);
}

static void it_repeats_as_the_policy_does(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    struct alert *k = put(f, 1, PRIORITY_P1);
    k->next.repeat_ms = 300000;
    assert_int_equal(rings(&a, f, 1000), 1);
    assert_int_equal(rings(&a, f, 300999), 0);
    assert_int_equal(rings(&a, f, 301000), 1); /* without news of the fleet */
    assert_int_equal(notice(&a, f, 301000, NULL), 1);
    assert_int_equal(rings(&a, f, 301001), 0);
    mem_set(&k->ack.by, "lan");
    k->next.runs = false;
    fleet_touch_alert(f, k);
    assert_int_equal(rings(&a, f, 900000), 0);
    announce_release(&a);
    fleet_free(f);
}

/* LD2: at most one notice each 5 s, then one with the count; at most one bell a second. */
static void a_storm_is_a_few_notices(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    size_t bells = 0, notices = 0, told = 0;
    announce_look(&a, f, 0);
    for (int64_t t = 0; t < 20000; t += 10) {
        if (t < 10000)
            put(f, (uint64_t)t + 1, t == 7000 ? PRIORITY_P1 : PRIORITY_P2);
        bells += (size_t)rings(&a, f, t);
        uint64_t worst;
        size_t n = notice(&a, f, t, &worst);
        notices += n > 0;
        told += n;
        if (t == 0)
            assert_int_equal(n, 1);
        if (t == 10000)
            assert_int_equal(worst, 7001);
    }
    assert_int_equal(told, 1000);
    assert_int_equal(notices, 3); /* at 0, 5 and 10 s */
    assert_int_equal(bells, 11);
    announce_release(&a);
    fleet_free(f);
}

static void what_ended_while_it_waited_is_left_out(void **state)
{
    (void)state;
    struct announce a = {0};
    struct fleet *f = fleet_new();
    uint64_t worst;
    announce_look(&a, f, 0);
    put(f, 1, PRIORITY_P2);
    rings(&a, f, 1000);
    assert_int_equal(notice(&a, f, 1000, &worst), 1);
    struct alert *gone = put(f, 2, PRIORITY_P1), *taken = put(f, 3, PRIORITY_P1);
    put(f, 4, PRIORITY_P2);
    rings(&a, f, 2000);
    gone->phase = ALERT_RESOLVED;
    mem_set(&taken->ack.by, "lan");
    fleet_touch_alert(f, gone);
    fleet_touch_alert(f, taken);
    rings(&a, f, 6000);
    assert_int_equal(notice(&a, f, 6000, &worst), 1);
    assert_int_equal(worst, 4);
    announce_release(&a);
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_at_the_start_is_one_bell_and_no_notice),
        cmocka_unit_test(nothing_to_tell_is_no_bell),
        cmocka_unit_test(once_each_and_again_when_the_page_rises),
        cmocka_unit_test(what_was_held_is_told_when_it_is_released),
        cmocka_unit_test(it_repeats_as_the_policy_does),
        cmocka_unit_test(a_storm_is_a_few_notices),
        cmocka_unit_test(what_ended_while_it_waited_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
