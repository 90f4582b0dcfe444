/* LD2 on virtual time: ten thousand alerts at once, caps exactly, the first P1 soon. */
#include "tests/unit/outbox_lab.h"

/* 10,000 within a second: every fifth a P1, the first P1 in the middle. */
static void storm(struct world *w)
{
    for (int i = 0; i < 10000; i++) {
        char id[16];
        snprintf(id, sizeof id, "s%05d", i);
        bool is_first = i >= 5000 && i % 5 == 0;
        open_alert(w, check_of(w, id, is_first ? PRIORITY_P1 : PRIORITY_P3), STATE_CRITICAL, 1);
        if (i % 100 == 99)
            run(w, 10);
    }
}

static size_t most_within(const struct world *w, int64_t span_ms, bool with_summaries)
{
    size_t most = 0;
    for (size_t i = 0; i < w->n_sent; i++) {
        size_t n = 0;
        for (size_t k = i; k < w->n_sent && w->sent[k].at_ms < w->sent[i].at_ms + span_ms; k++)
            n += with_summaries || w->sent[k].what != NOTICE_SUMMARY;
        if (n > most)
            most = n;
    }
    return most;
}

static void test_ld2_sms(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.cap = RECEIVER_SMS_CAP;
    w.r.cap_ms = RECEIVER_SMS_CAP_MS;
    w.takes_ms = 200;
    storm(&w);
    run(&w, 9 * MINUTE);
    size_t told = 0, summaries = 0;
    for (size_t i = 0; i < w.n_sent; i++) {
        told += w.sent[i].n;
        summaries += w.sent[i].what == NOTICE_SUMMARY;
    }
    assert_int_equal(w.n_sent, 11);
    assert_int_equal(summaries, 1);
    assert_int_equal(w.sent[10].what, NOTICE_SUMMARY);
    assert_int_equal(w.sent[10].n, 9990);
    assert_int_equal(told, 10000);
    assert_int_equal(w.sent[0].worst, PRIORITY_P1);
    assert_true(w.sent[0].at_ms <= 15000);
    run(&w, 60 * MINUTE);
    assert_in_range(most_within(&w, RECEIVER_SMS_CAP_MS, false), 1, RECEIVER_SMS_CAP);
    assert_in_range(most_within(&w, RECEIVER_SMS_CAP_MS, true), 1, RECEIVER_SMS_CAP + 1);
    world_free(&w);
}

static void test_ld2_desktop(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.cap = 1;
    w.r.cap_ms = 5000;
    storm(&w);
    run(&w, 5 * MINUTE);
    size_t told = 0;
    for (size_t i = 0; i < w.n_sent; i++)
        told += w.sent[i].what == NOTICE_REPEAT ? 0 : w.sent[i].n;
    assert_int_equal(told, 10000);
    assert_int_equal(most_within(&w, 5000, true), 1);
    assert_true(w.sent[0].at_ms <= 15000);
    assert_int_equal(w.sent[0].worst, PRIORITY_P1);
    world_free(&w);
}

/* The others have used what they may: two are kept for a P1 that comes later. */
static void test_ld2_reserve(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.cap = RECEIVER_SMS_CAP;
    w.r.cap_ms = RECEIVER_SMS_CAP_MS;
    for (int i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof id, "s%d", i);
        open_alert(&w, check_of(&w, id, PRIORITY_P3), STATE_CRITICAL, 1);
    }
    run(&w, 3 * MINUTE);
    assert_int_equal(w.n_sent, 9);
    assert_int_equal(w.sent[8].what, NOTICE_SUMMARY);
    assert_int_equal(w.sent[8].n, 92);
    int64_t at_ms = w.now.mono_ms - START_MS;
    open_alert(&w, check_of(&w, "late", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, MINUTE);
    assert_int_equal(w.n_sent, 10);
    assert_true(w.sent[9].at_ms - at_ms <= 15000);
    world_free(&w);
}

static void test_uncapped_is_not_flooded(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    storm(&w);
    run(&w, 4 * MINUTE);
    assert_in_range(w.n_sent, 2, 4 * (OUTBOX_CAP + 1));
    size_t told = 0;
    for (size_t i = 0; i < w.n_sent; i++)
        told += w.sent[i].what == NOTICE_REPEAT ? 0 : w.sent[i].n;
    assert_int_equal(told, 10000);
    world_free(&w);
}

static void test_ten_thousand_recover(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.cap = RECEIVER_SMS_CAP;
    w.r.cap_ms = RECEIVER_SMS_CAP_MS;
    storm(&w);
    run(&w, 9 * MINUTE);
    for (uint64_t id = 1; id <= 10000; id++)
        about(&w, EVENT_ALERT_RESOLVED, id, (struct event){.text = (char *)"well"});
    fleet_clean(w.fleet);
    assert_int_equal(w.fleet->n_alerts, 10000); /* all owe a recovery */
    run(&w, 13 * MINUTE);
    fleet_touch_alert(w.fleet, w.fleet->alerts[0]);
    fleet_clean(w.fleet);
    size_t told = 0;
    for (size_t i = 11; i < w.n_sent; i++)
        told += w.sent[i].n;
    assert_int_equal(told, 10000);
    assert_int_equal(w.fleet->n_alerts, FLEET_RESOLVED_KEPT);
    assert_in_range(most_within(&w, RECEIVER_SMS_CAP_MS, true), 1, RECEIVER_SMS_CAP + 1);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ld2_sms),
        cmocka_unit_test(test_ld2_desktop),
        cmocka_unit_test(test_ld2_reserve),
        cmocka_unit_test(test_uncapped_is_not_flooded),
        cmocka_unit_test(test_ten_thousand_recover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
