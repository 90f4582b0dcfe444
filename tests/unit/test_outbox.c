/* Who is told what when, on virtual time: each rule of core/due.h and core/outbox.h. */
#include "tests/unit/outbox_lab.h"

#include "core/alert.h"

static void test_grouped(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct check *a = check_of(&w, "a", PRIORITY_P1), *b = check_of(&w, "b", PRIORITY_P1);
    struct check *other = check_of(&w, "c", PRIORITY_P3);
    const char *parent = "sw";
    a->target->parents = b->target->parents = (char **)&parent;
    a->target->n_parents = b->target->n_parents = 1;
    open_alert(&w, a, STATE_CRITICAL, 2);
    run(&w, 4000);
    open_alert(&w, b, STATE_CRITICAL, 2);
    open_alert(&w, other, STATE_CRITICAL, 1);
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 2@10, problem 1@64");
    a->target->parents = b->target->parents = NULL;
    a->target->n_parents = b->target->n_parents = 0;
    world_free(&w);
}

static void test_a_minute_between(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct check *a = check_of(&w, "a", PRIORITY_P2);
    struct check *more = fleet_add_check(w.fleet, a->target, "more");
    mem_set(&more->probe, "http");
    more->priority = PRIORITY_P2;
    struct check *worst = fleet_add_check(w.fleet, a->target, "worst");
    mem_set(&worst->probe, "http");
    worst->priority = PRIORITY_P1;
    open_alert(&w, a, STATE_CRITICAL, 1);
    run(&w, 12000);
    open_alert(&w, more, STATE_CRITICAL, 1); /* waits for the minute after second 10 */
    run(&w, 8000);
    assert_sent(&w, "problem 1@10");
    run(&w, MINUTE);
    assert_sent(&w, "problem 1@10, problem 1@70");
    open_alert(&w, worst, STATE_CRITICAL, 2); /* a P1 does not */
    run(&w, 11000);
    assert_sent(&w, "problem 1@10, problem 1@70, problem 1@90");
    world_free(&w);
}

static void test_recovery_to_the_told(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t told = open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_CRITICAL, 1);
    run(&w, 11000);
    uint64_t untold = open_alert(&w, check_of(&w, "b", PRIORITY_P2), STATE_CRITICAL, 1);
    about(&w, EVENT_ALERT_ACKNOWLEDGED, told, (struct event){.level = 1, .text = (char *)"mine"});
    about(&w, EVENT_ALERT_MARKED, told, (struct event){.marks = MARK_SILENCE});
    run(&w, 2000);
    about(&w, EVENT_ALERT_RESOLVED, told, (struct event){.text = (char *)"well"});
    about(&w, EVENT_ALERT_RESOLVED, untold, (struct event){.text = (char *)"well"});
    run(&w, 5 * MINUTE);
    assert_sent(&w, "problem 1@10, recovery 1@23");
    world_free(&w);
}

static void test_no_recovery_where_none_is_wanted(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.wants_recoveries = false;
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_CRITICAL, 1);
    run(&w, 11000);
    about(&w, EVENT_ALERT_RESOLVED, id, (struct event){.text = (char *)"well"});
    run(&w, 5 * MINUTE);
    assert_sent(&w, "problem 1@10");
    world_free(&w);
}

static void test_repeats(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 10 * MINUTE);
    assert_sent(&w, "problem 1@10, repeat 1@320"); /* 5 minutes and the group's 10 s */
    assert_string_not_equal(w.sent[0].key, w.sent[1].key);
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = MARK_MAINTENANCE});
    run(&w, 20 * MINUTE);
    assert_int_equal(w.n_sent, 2);
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = 0});
    run(&w, 11000);
    assert_int_equal(w.n_sent, 3);
    about(&w, EVENT_ALERT_ACKNOWLEDGED, id, (struct event){.level = 1, .text = (char *)"mine"});
    run(&w, 60 * MINUTE);
    assert_int_equal(w.n_sent, 3);
    world_free(&w);
}

static void test_tiers(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.levels = RECEIVER_LEVEL(2);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    uint64_t low = open_alert(&w, check_of(&w, "b", PRIORITY_P2), STATE_CRITICAL, 1);
    about(&w, EVENT_ALERT_ACKNOWLEDGED, id, (struct event){.level = 1, .text = (char *)"mine"});
    run(&w, 11000);
    assert_sent(&w, "problem 1@10"); /* level 1's does not answer for level 2; P2 is at level 1 */
    about(&w, EVENT_ALERT_ESCALATED, low, (struct event){.level = 2, .text = (char *)"10 min"});
    run(&w, 11000);
    assert_sent(&w, "problem 1@10, problem 1@21");
    about(&w, EVENT_ALERT_ESCALATED, low, (struct event){.level = 3, .text = (char *)"60 min"});
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 1@10, problem 1@21, escalated 1@81");
    world_free(&w);
}

static void test_worse_and_again(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_WARNING, 1); /* P3 */
    run(&w, 2 * MINUTE);
    about(&w, EVENT_ALERT_CHANGED, id,
          (struct event){.state = STATE_CRITICAL, .priority = PRIORITY_P2, .text = (char *)"x"});
    run(&w, MINUTE);
    about(&w, EVENT_ALERT_ACKNOWLEDGED, id, (struct event){.level = 1, .text = (char *)"mine"});
    about(&w, EVENT_ALERT_CHANGED, id, /* better is no news */
          (struct event){.state = STATE_WARNING, .priority = PRIORITY_P3, .text = (char *)"x"});
    run(&w, MINUTE);
    about(&w, EVENT_ALERT_UNACKNOWLEDGED, id, (struct event){.text = (char *)""});
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 1@60, worse 1@130, again 1@300");
    world_free(&w);
}

static void test_flapping(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_CRITICAL, 1);
    run(&w, MINUTE);
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = MARK_FLAP});
    run(&w, MINUTE);
    about(&w, EVENT_ALERT_CHANGED, id,
          (struct event){.state = STATE_WARNING, .priority = PRIORITY_P3, .text = (char *)"x"});
    about(&w, EVENT_ALERT_CHANGED, id,
          (struct event){.state = STATE_CRITICAL, .priority = PRIORITY_P2, .text = (char *)"x"});
    run(&w, 40 * MINUTE); /* muted, repeats too */
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = 0});
    run(&w, MINUTE);
    assert_sent(&w, "problem 1@10, flap-start 1@70, flap-end 1@2530");
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = MARK_FLAP});
    run(&w, 2 * MINUTE);
    about(&w, EVENT_ALERT_ACKNOWLEDGED, id, (struct event){.level = 1, .text = (char *)"mine"});
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = 0}); /* acknowledged: no problem */
    run(&w, 2 * MINUTE);
    assert_int_equal(w.n_sent, 4);
    about(&w, EVENT_ALERT_RESOLVED, id, (struct event){.text = (char *)"well"});
    run(&w, 2 * MINUTE);
    assert_int_equal(w.n_sent, 5);
    assert_int_equal(w.sent[4].what, NOTICE_RECOVERY);
    world_free(&w);
}

static void test_flapping_within_maintenance(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_CRITICAL, 1);
    run(&w, MINUTE);
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = MARK_MAINTENANCE | MARK_FLAP});
    run(&w, 2 * MINUTE);
    about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = 0});
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 1@10");
    world_free(&w);
}

static void test_held_back(void **state)
{
    (void)state;
    static const unsigned int marks[] = {MARK_MAINTENANCE, MARK_SILENCE, MARK_PARENT, MARK_SETTLE,
                                         MARK_BLIND};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct world w;
        world_init(&w);
        uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
        about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = marks[i]});
        run(&w, 20 * MINUTE);
        assert_sent(&w, "");
        about(&w, EVENT_ALERT_MARKED, id, (struct event){.marks = MARK_ASSESSMENT});
        run(&w, MINUTE);
        assert_sent(&w, "problem 1@1210");
        world_free(&w);
    }
}

static void test_lists_only(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.priorities |= RECEIVER_PRIORITY(PRIORITY_P4);
    struct check *test = check_of(&w, "t", PRIORITY_P1);
    test->target->is_test = true;
    open_alert(&w, test, STATE_CRITICAL, 1);
    uint64_t low = open_alert(&w, check_of(&w, "a", PRIORITY_P4), STATE_CRITICAL, 1);
    struct check *blind = check_of(&w, "b", PRIORITY_P1);
    blind->is_own_fault = true;
    uint64_t own = open_alert(&w, blind, STATE_UNKNOWN, 1);
    about(&w, EVENT_ALERT_CHANGED, own,
          (struct event){.state = STATE_UNKNOWN, .priority = PRIORITY_P4});
    run(&w, 10 * MINUTE);
    assert_sent(&w, "");
    about(&w, EVENT_ALERT_NOTED, own, (struct event){.text = (char *)"looked"});
    about(&w, EVENT_ALERT_CHANGED, own,
          (struct event){.state = STATE_UNKNOWN, .priority = ALERT_BLIND_PRIORITY});
    run(&w, MINUTE);
    assert_sent(&w, "problem 1@610");
    about(&w, EVENT_ALERT_ACKNOWLEDGED, own, (struct event){.level = 2, .text = (char *)"mine"});
    w.n_sent = 0;
    w.r.levels |= RECEIVER_LEVEL(2);
    about(&w, EVENT_ALERT_ESCALATED, low, (struct event){.level = 2, .text = (char *)"by hand"});
    run(&w, MINUTE);
    assert_int_equal(w.n_sent, 1); /* handed on, level 2 is told even of a P4 */
    world_free(&w);
}

static void test_whom_it_fits(void **state)
{
    (void)state;
    struct world w;
    char *refusal = NULL;
    world_init(&w);
    w.r.match = matcher_parse("web-*", &refusal);
    assert_non_null(w.r.match);
    w.r.priorities = RECEIVER_PRIORITY(PRIORITY_P1);
    open_alert(&w, check_of(&w, "db-1", PRIORITY_P1), STATE_CRITICAL, 2);
    open_alert(&w, check_of(&w, "web-1", PRIORITY_P2), STATE_CRITICAL, 1);
    open_alert(&w, check_of(&w, "web-2", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 1@10");
    matcher_free(w.r.match);
    world_free(&w);
}

static void test_down_for_ten_minutes(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.is_down = true;
    uint64_t gone = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "b%d", i);
        open_alert(&w, check_of(&w, id, PRIORITY_P1), STATE_CRITICAL, 2);
        run(&w, 25000);
    }
    about(&w, EVENT_ALERT_RESOLVED, gone, (struct event){.text = (char *)"well"});
    run(&w, 100000);
    assert_in_range(w.n_tries, 7, 8); /* 5, 10, 20 … 300 s apart */
    assert_sent(&w, "");
    for (size_t i = 0; i < w.fleet->n_alerts; i++)
        assert_int_equal(
            alert_told(w.fleet->alerts[i], 0) == NULL ? 0 : alert_told(w.fleet->alerts[i], 0)->page,
            0);
    w.is_down = false;
    run(&w, 6 * MINUTE);
    size_t told = 0;
    for (size_t i = 0; i < w.n_sent; i++)
        told += w.sent[i].what == NOTICE_PROBLEM ? w.sent[i].n : 0;
    assert_int_equal(told, 20); /* each once; of the one that is over nobody was told, nor is now */
    for (size_t i = 0; i < w.n_sent; i++)
        assert_int_not_equal(w.sent[i].what, NOTICE_RECOVERY);
    world_free(&w);
}

static void test_a_permanent_failure_waits(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.is_down = true;
    w.failure.is_transient = false;
    open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 12 * MINUTE);
    assert_int_equal(w.n_tries, 3);
    world_free(&w);
}

static void test_lost_on_its_way(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.takes_ms = 1000000;
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 11000);
    assert_sent(&w, "problem 1@10");
    assert_true(alert_told(fleet_alert(w.fleet, id), 0)->is_sending);
    char key[NOTICE_KEY_LEN + 1];
    memcpy(key, w.sent[0].key, sizeof key);
    outbox_free(w.box); /* another process */
    w.box = NULL;
    w.answer_ms = 0;
    w.takes_ms = 0;
    notice_release(&w.under_way);
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 1@10, problem 1@21!");
    assert_string_equal(w.sent[1].key, key);
    outbox_free(w.box); /* and again: what is known to have arrived is not sent anew */
    w.box = NULL;
    run(&w, 2 * MINUTE);
    assert_int_equal(w.n_sent, 2);
    world_free(&w);
}

static void test_may_have_arrived(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.is_down = true;
    w.failure.may_have_arrived = true;
    open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 11000);
    w.is_down = false;
    run(&w, MINUTE);
    assert_sent(&w, "problem 1@15!");
    world_free(&w);
}

static void test_repeat_after_restart(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    uint64_t id = open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, MINUTE);
    outbox_free(w.box);
    w.box = NULL;
    alert_told(fleet_alert(w.fleet, id), 0)->mono_ms = 0;
    w.now.mono_ms = 5000; /* another machine's clock */
    w.now.wall_ms += 2 * MINUTE;
    run(&w, 10 * MINUTE);
    assert_int_equal(w.n_sent, 3);
    assert_int_equal(w.sent[1].what, NOTICE_REPEAT);
    /* 5 min after second 10, of which 50 s and 2 min are over; and the group's 10 s */
    assert_int_equal(w.sent[1].at_ms + START_MS - 5000, 130000 + 10000);
    world_free(&w);
}

static void test_watchdog(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.levels = 0;
    w.r.every_ms = MINUTE;
    open_alert(&w, check_of(&w, "a", PRIORITY_P1), STATE_CRITICAL, 2);
    run(&w, 3 * MINUTE + 500);
    assert_sent(&w, "watchdog 0@0, watchdog 0@60, watchdog 0@120, watchdog 0@180");
    w.is_down = true;
    run(&w, 3 * MINUTE);
    assert_int_equal(w.n_tries, 7); /* no back-off: whoever listens counts minutes */
    world_free(&w);
}

static void test_collector(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.is_collector = true;
    w.r.group_ms = 0;
    for (int i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof id, "t%d", i);
        open_alert(&w, check_of(&w, id, PRIORITY_P2), STATE_CRITICAL, 1);
    }
    run(&w, 2 * MINUTE);
    assert_sent(&w, "problem 50@0");
    world_free(&w);
}

static void test_site_changed(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    w.r.priorities = RECEIVER_PRIORITY(PRIORITY_P1);
    open_alert(&w, check_of(&w, "a", PRIORITY_P2), STATE_CRITICAL, 1);
    run(&w, MINUTE);
    assert_sent(&w, "");
    struct receiver wider = w.r;
    wider.priorities |= RECEIVER_PRIORITY(PRIORITY_P2);
    w.r = wider;
    outbox_renew(w.box, &w.r);
    run(&w, MINUTE);
    assert_sent(&w, "problem 1@70");
    world_free(&w);
}

static void test_cap(void **state)
{
    (void)state;
    struct cap c = {0};
    cap_set(&c, 3, 1, 1000);
    assert_int_equal(cap_free_ms(&c, false, 10), 10);
    cap_use(&c, 10);
    cap_use(&c, 20);
    assert_int_equal(cap_free_ms(&c, false, 30), 1010);
    assert_int_equal(cap_free_ms(&c, true, 30), 30);
    cap_use(&c, 30);
    assert_int_equal(cap_free_ms(&c, true, 40), 1010);
    assert_int_equal(cap_free_ms(&c, false, 40), 1020);
    cap_give_back(&c);
    assert_int_equal(cap_free_ms(&c, true, 40), 40);
    assert_int_equal(cap_free_ms(&c, false, 2000), 2000);
}

static void test_words(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    struct notice n = {.what = NOTICE_PROBLEM, .to = &w.r, .is_possible_repeat = true};
    for (int i = 0; i < 25; i++) {
        char id[16];
        snprintf(id, sizeof id, "s%d", i);
        ids_add(&n.alerts, open_alert(&w, check_of(&w, id, i == 7 ? PRIORITY_P1 : PRIORITY_P3),
                                      STATE_CRITICAL, 1));
    }
    notice_words(&n, w.fleet);
    notice_words(&n, w.fleet);
    struct buf b = BUF_INIT(0);
    say_text(&b, n.title, NULL);
    assert_string_equal(buf_text(&b), "P1 problem: s7/http and 24 more");
    buf_clear(&b);
    say_text(&b, n.lines[0].head, NULL);
    assert_string_equal(buf_text(&b), "CRITICAL s7/http (P1, level 1)");
    assert_string_equal(n.lines[0].say, "connection refused");
    buf_clear(&b);
    say_text(&b, n.tail, NULL);
    assert_string_equal(buf_text(&b), "5 more: 0 P1, 0 P2, 5 P3, 0 lower, 0 recovered");
    assert_int_equal(n.n_lines, NOTICE_LINES_MAX);
    assert_int_equal(n.n_others, 5);
    assert_non_null(strstr(n.remark, "possible repeat"));
    buf_release(&b);
    notice_release(&n);
    for (int k = 0; k < NOTICE_WHAT_COUNT; k++) {
        enum notice_what what;
        assert_true(notice_what_parse(notice_rows[k].name, &what));
        assert_int_equal(what, k);
    }
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grouped),
        cmocka_unit_test(test_a_minute_between),
        cmocka_unit_test(test_recovery_to_the_told),
        cmocka_unit_test(test_no_recovery_where_none_is_wanted),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_worse_and_again),
        cmocka_unit_test(test_flapping),
        cmocka_unit_test(test_flapping_within_maintenance),
        cmocka_unit_test(test_held_back),
        cmocka_unit_test(test_lists_only),
        cmocka_unit_test(test_whom_it_fits),
        cmocka_unit_test(test_down_for_ten_minutes),
        cmocka_unit_test(test_a_permanent_failure_waits),
        cmocka_unit_test(test_lost_on_its_way),
        cmocka_unit_test(test_may_have_arrived),
        cmocka_unit_test(test_repeat_after_restart),
        cmocka_unit_test(test_watchdog),
        cmocka_unit_test(test_collector),
        cmocka_unit_test(test_site_changed),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
