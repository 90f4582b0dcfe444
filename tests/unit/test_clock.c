/* Policies and the clock of an alert: levels, tiers, what stands, what a mirror shows (alerts.md
 * section 7). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/clock.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "core/policy.h"
#include "core/say.h"

#define NOON    1772719200000LL /* 2026-03-05T14:00:00Z */
#define MONO    1000000LL
#define MINUTES WHEN_MINUTE_MS

struct world {
    struct fleet *f;
    struct alert *a;
    int64_t min; /* since noon */
    uint64_t seq;
};

static struct moment now(const struct world *w)
{
    return (struct moment){NOON + w->min * MINUTES, MONO + w->min * MINUTES};
}

static void commit(struct world *w, struct event *e)
{
    e->seq = ++w->seq;
    fleet_fold(w->f, e);
    alert_anchor(w->f, w->a, now(w));
    event_release(e);
}

/* One check that fails at noon, its alert open. */
static void begin(struct world *w, enum priority priority)
{
    struct event e[ALERT_EVENTS_MAX];
    *w = (struct world){.f = fleet_new()};
    struct check *c = fleet_add_check(w->f, fleet_add_target(w->f, "srv"), "http");
    c->target->link = LINK_DONE;
    c->rule = (struct rule_config){
        .interval_ms = 30000, .retry_ms = 10000, .attempts = 1, .ok_confirm = 1};
    c->priority = priority;
    struct result r = {.latency_ms = -1, .at_ms = NOON, .started_mono_ms = MONO};
    result_say(&r, STATE_CRITICAL, SAY("down"));
    fleet_apply_result(w->f, c, &r, MONO);
    result_release(&r);
    size_t n = alert_reconcile(w->f, c, now(w), true, 1, e);
    assert_int_equal(n, 2);
    fleet_fold(w->f, &e[0]);
    event_release(&e[0]);
    fleet_fold(w->f, &e[1]);
    event_release(&e[1]);
    w->a = fleet_alert(w->f, 1);
    alert_anchor(w->f, w->a, now(w));
}

static void ask(struct world *w, enum request_kind kind, int role_level, int64_t for_min)
{
    static const struct actor lan = {(char *)"lan", 1001, (char *)""};
    struct request q = {.kind = kind, .alert = 1, .role_level = role_level, .text = "a comment"};
    struct event e;
    char *refusal;
    q.actor = &lan;
    q.until_ms = for_min > 0 ? now(w).wall_ms + for_min * MINUTES : 0;
    assert_true(alert_decide(w->f, &q, now(w), &e, &refusal));
    commit(w, &e);
}

static void mark(struct world *w, unsigned int marks)
{
    struct event e = {.kind = EVENT_ALERT_MARKED,
                      .at_ms = now(w).wall_ms,
                      .alert = 1,
                      .version = w->a->version,
                      .marks = marks,
                      .clock_ms = clock_counted(w->f, w->a, now(w).mono_ms)};
    commit(w, &e);
}

/* What comes next: level in so many minutes (level 0: nothing), and whether the clock runs. */
static void check_next(const struct world *w, bool runs, int level, int64_t min)
{
    struct clock_next next = clock_next(w->f, w->a, now(w).mono_ms);
    assert_int_equal(next.runs, runs);
    assert_int_equal(next.level, level);
    if (level != 0)
        assert_int_equal(next.level_ms, min * MINUTES);
}

/* And the step after that. */
static void check_later(const struct world *w, int level, int64_t min)
{
    struct clock_next next = clock_next(w->f, w->a, now(w).mono_ms);
    assert_int_equal(next.later, level);
    assert_int_equal(next.later_ms, min * MINUTES);
}

static int64_t counted_min(const struct world *w)
{
    return clock_counted(w->f, w->a, now(w).mono_ms) / MINUTES;
}

/* Escalates as often as something is due; the level then. */
static int escalate(struct world *w, int *steps)
{
    struct event e;
    for (*steps = 0; alert_escalate(w->f, w->a, now(w), &e); ++*steps)
        commit(w, &e);
    return w->a->level;
}

/* --- policies ----------------------------------------------------------------------------- */

static void test_the_built_in_ones(void **state)
{
    (void)state;
    static const struct {
        enum priority p;
        int start;
        int64_t to_min[3], ack_min;
    } rows[] = {{PRIORITY_P1, 2, {0, 0, 15}, 5},
                {PRIORITY_P2, 1, {0, 10, 60}, 15},
                {PRIORITY_P3, 1, {0, 30, -1}, 60},
                {PRIORITY_P4, 1, {-1, 24 * 60L, -1}, -1},
                {PRIORITY_NONE, 1, {-1, -1, -1}, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct policy *p = policy_built_in(rows[i].p);
        assert_int_equal(policy_start_level(p), rows[i].start);
        for (int k = 0; k < POLICY_LEVELS; k++)
            assert_int_equal(p->to_ms[k],
                             rows[i].to_min[k] < 0 ? POLICY_NEVER : rows[i].to_min[k] * MINUTES);
        assert_int_equal(p->ack_within_ms,
                         rows[i].ack_min < 0 ? POLICY_NEVER : rows[i].ack_min * MINUTES);
        assert_int_equal(p->is_tiered, rows[i].p == PRIORITY_P1);
    }
}

static void add_policy(struct fleet *f, const char *id, const char *match, enum priority p)
{
    char *refusal;
    f->policies = mem_grow(f->policies, f->n_policies + 1, sizeof *f->policies);
    f->policies[f->n_policies++] =
        (struct policy){.id = mem_strdup(id),
                        .match = match != NULL ? matcher_parse(match, &refusal) : NULL,
                        .priority = p};
}

static void test_the_first_that_fits(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    fleet_add_check(f, fleet_add_target(f, "pay"), "flow");
    fleet_add_check(f, fleet_add_target(f, "srv"), "http");
    add_policy(f, "pay-p1", "pay", PRIORITY_P1);
    add_policy(f, "pay", "pay", PRIORITY_NONE);
    add_policy(f, "p3", NULL, PRIORITY_P3);
    struct alert a = {.check = (char *)"pay/flow", .priority = PRIORITY_P1};
    assert_string_equal(policy_of(f, &a)->id, "pay-p1");
    a.priority = PRIORITY_P3;
    assert_string_equal(policy_of(f, &a)->id, "pay");
    a.check = (char *)"srv/http";
    assert_string_equal(policy_of(f, &a)->id, "p3");
    a.priority = PRIORITY_P1;
    assert_string_equal(policy_of(f, &a)->id, "P1");
    a.check = (char *)"gone/http"; /* has left the site file */
    assert_string_equal(policy_of(f, &a)->id, "P1");
    a.priority = PRIORITY_P3;
    assert_string_equal(policy_of(f, &a)->id, "p3");
    fleet_free(f);
}

/* --- the clock ---------------------------------------------------------------------------- */

static void test_steps_of_p2(void **state)
{
    (void)state;
    struct world w;
    int steps;
    begin(&w, PRIORITY_P2);
    check_next(&w, true, 2, 10);
    check_later(&w, 3, 60);
    w.min = 9;
    assert_int_equal(escalate(&w, &steps), 1);
    w.min = 10;
    assert_int_equal(escalate(&w, &steps), 2);
    assert_int_equal(steps, 1);
    check_next(&w, true, 3, 50);
    check_later(&w, 0, 0);
    w.min = 60;
    assert_int_equal(escalate(&w, &steps), 3);
    check_next(&w, true, 0, 0);
    assert_int_equal(alert_due_ms(w.f, w.a, now(&w)), INT64_MAX);
    fleet_free(w.f);
}

static void test_overdue_steps_are_one(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w, PRIORITY_P2);
    int page = w.a->page;
    w.min = 180;
    assert_true(alert_escalate(w.f, w.a, now(&w), &e));
    assert_int_equal(e.level, 3);
    assert_non_null(strstr(e.text, "the steps before were missed"));
    commit(&w, &e);
    assert_int_equal(w.a->page, page + 1);
    assert_false(alert_escalate(w.f, w.a, now(&w), &e));
    fleet_free(w.f);
}

static void test_level_one_answers_for_itself_alone(void **state)
{
    (void)state;
    struct world w;
    begin(&w, PRIORITY_P1);
    w.min = 1;
    ask(&w, REQUEST_ACK, 1, 60);
    assert_true(clock_is_taken(w.f, w.a, 1));
    assert_false(clock_is_taken(w.f, w.a, 2));
    check_next(&w, true, 3, 14);
    ask(&w, REQUEST_ACK, 2, 60); /* covers more: no refusal */
    assert_true(clock_is_taken(w.f, w.a, 3));
    check_next(&w, false, 0, 0);
    w.min = 30;
    assert_int_equal(counted_min(&w), 1);
    fleet_free(w.f);
}

static void test_without_tiers_one_is_enough(void **state)
{
    (void)state;
    struct world w;
    begin(&w, PRIORITY_P2);
    w.min = 5;
    ask(&w, REQUEST_ACK, 1, 60);
    assert_true(clock_is_taken(w.f, w.a, 3));
    check_next(&w, false, 0, 0);
    w.min = 20;
    ask(&w, REQUEST_UNACK, 1, 0);
    assert_int_equal(counted_min(&w), 5); /* what was taken does not count */
    check_next(&w, true, 2, 5);
    fleet_free(w.f);
}

static void test_handed_on_it_covers_nobody_above(void **state)
{
    (void)state;
    struct world w;
    begin(&w, PRIORITY_P2);
    ask(&w, REQUEST_ACK, 1, 120);
    w.min = 5;
    ask(&w, REQUEST_ESCALATE, 1, 0);
    assert_true(w.a->ack.is_narrow);
    assert_int_equal(w.a->level, 2);
    assert_true(clock_is_taken(w.f, w.a, 1));
    assert_false(clock_is_taken(w.f, w.a, 2));
    check_next(&w, true, 3, 60);
    ask(&w, REQUEST_ACK, 2, 120);
    assert_true(clock_is_taken(w.f, w.a, 3));
    assert_false(w.a->ack.is_narrow);
    fleet_free(w.f);
}

static void test_what_pauses_it(void **state)
{
    (void)state;
    static const struct {
        unsigned int mark;
        bool pauses;
    } rows[] = {{MARK_MAINTENANCE, true}, {MARK_SILENCE, true}, {MARK_PARENT, true},
                {MARK_SETTLE, true},      {MARK_BLIND, true},   {MARK_FLAP, false},
                {MARK_ASSESSMENT, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        begin(&w, PRIORITY_P2);
        w.min = 3;
        mark(&w, rows[i].mark);
        assert_int_equal(clock_runs(w.f, w.a), !rows[i].pauses);
        w.min = 8;
        mark(&w, 0);
        w.min = 9;
        assert_int_equal(counted_min(&w), rows[i].pauses ? 4 : 9);
        fleet_free(w.f);
    }
}

/* Worse than what was acknowledged: the clock goes on from where the acknowledgement had it. */
static void test_a_worse_state_goes_on(void **state)
{
    (void)state;
    struct world w;
    begin(&w, PRIORITY_P2);
    w.a->state = STATE_WARNING;
    w.min = 2;
    ask(&w, REQUEST_ACK, 1, 600);
    w.min = 30;
    struct event e[ALERT_EVENTS_MAX];
    size_t n = alert_reconcile(w.f, fleet_check(w.f, "srv/http"), now(&w), true, 2, e);
    assert_int_equal(n, 1);
    assert_int_equal(e[0].kind, EVENT_ALERT_CHANGED);
    commit(&w, &e[0]);
    assert_null(w.a->ack.by);
    assert_int_equal(counted_min(&w), 2);
    fleet_free(w.f);
}

static void test_an_expired_acknowledgement_goes_to_the_next_level(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w, PRIORITY_P2);
    w.min = 1;
    ask(&w, REQUEST_ACK, 1, 30);
    w.min = 30;
    assert_false(alert_expire(w.f, w.a, now(&w), &e));
    assert_int_equal(alert_due_ms(w.f, w.a, now(&w)), MINUTES);
    w.min = 31;
    assert_true(alert_expire(w.f, w.a, now(&w), &e));
    commit(&w, &e);
    assert_int_equal(w.a->level, 2);
    check_next(&w, true, 3, 50); /* goes on from level 2's time */
    fleet_free(w.f);
}

static void test_another_end_is_the_one_that_counts(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w, PRIORITY_P2);
    ask(&w, REQUEST_ACK, 1, 30);
    w.min = 20;
    ask(&w, REQUEST_EXTEND, 1, 60);
    w.min = 79;
    assert_false(alert_expire(w.f, w.a, now(&w), &e));
    w.min = 80;
    assert_true(alert_expire(w.f, w.a, now(&w), &e));
    event_release(&e);
    w.min = 70;
    ask(&w, REQUEST_EXTEND, 1, 1); /* sooner as well */
    w.min = 71;
    assert_true(alert_expire(w.f, w.a, now(&w), &e));
    event_release(&e);
    fleet_free(w.f);
}

/* TI1: both clocks are read; only the monotonic one counts. */
static void test_a_moved_wall_clock(void **state)
{
    (void)state;
    static const int64_t by_ms[] = {WHEN_HOUR_MS, -WHEN_HOUR_MS, WHEN_DAY_MS, -WHEN_DAY_MS};
    for (size_t i = 0; i < sizeof by_ms / sizeof *by_ms; i++) {
        struct world w;
        struct event e;
        begin(&w, PRIORITY_P2);
        w.min = 1;
        struct moment moved = now(&w);
        moved.wall_ms += by_ms[i];
        assert_false(alert_escalate(w.f, w.a, moved, &e));
        assert_int_equal(alert_due_ms(w.f, w.a, moved), 9 * MINUTES);
        ask(&w, REQUEST_ACK, 1, 60);
        assert_false(alert_expire(w.f, w.a, moved, &e));
        assert_int_equal(alert_due_ms(w.f, w.a, moved), 60 * MINUTES);
        fleet_free(w.f);
    }
}

/* A restart takes the time that passed from the wall clock, once; never backwards. */
static void test_after_a_restart(void **state)
{
    (void)state;
    struct world w;
    begin(&w, PRIORITY_P2);
    w.min = 4;
    mark(&w, MARK_FLAP); /* any event that carries the clock */
    w.a->counted_mono_ms = 0;
    alert_anchor(w.f, w.a, (struct moment){NOON + 7 * MINUTES, 50});
    assert_int_equal(clock_counted(w.f, w.a, 50), 7 * MINUTES);
    assert_int_equal(clock_counted(w.f, w.a, 50 + MINUTES), 8 * MINUTES);
    alert_anchor(w.f, w.a, (struct moment){NOON + 60 * MINUTES, 50}); /* once */
    assert_int_equal(clock_counted(w.f, w.a, 50), 7 * MINUTES);
    w.a->counted_ms = 4 * MINUTES;
    w.a->counted_mono_ms = 0;
    alert_anchor(w.f, w.a, (struct moment){NOON, 50}); /* the wall clock was put back */
    assert_int_equal(clock_counted(w.f, w.a, 50), 4 * MINUTES);
    fleet_free(w.f);
}

static void test_resolved_it_stands(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w, PRIORITY_P2);
    w.a->phase = ALERT_RESOLVED;
    w.min = 60;
    check_next(&w, false, 0, 0);
    assert_false(alert_escalate(w.f, w.a, now(&w), &e));
    assert_false(alert_expire(w.f, w.a, now(&w), &e));
    assert_int_equal(alert_due_ms(w.f, w.a, now(&w)), INT64_MAX);
    fleet_free(w.f);
}

/* A console counts down what the engine said, on its own clock; nothing where that stands. */
static void test_a_mirror(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct alert *a = fleet_add_alert(f, 3);
    a->next = (struct clock_next){.runs = true,
                                  .level = 2,
                                  .level_ms = 5 * MINUTES,
                                  .later = 3,
                                  .later_ms = 20 * MINUTES,
                                  .has_ack = true,
                                  .ack_ms = 10 * MINUTES};
    a->next_mono_ms = 70000;
    struct clock_next next = clock_next(f, a, 70000 + 6 * MINUTES);
    assert_int_equal(next.level, 2);
    assert_int_equal(next.level_ms, -MINUTES); /* overdue */
    assert_int_equal(next.ack_ms, 4 * MINUTES);
    assert_int_equal(next.later_ms, 14 * MINUTES);
    a->next.runs = false;
    next = clock_next(f, a, 70000 + 6 * MINUTES);
    assert_int_equal(next.level_ms, 5 * MINUTES);
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_built_in_ones),
        cmocka_unit_test(test_the_first_that_fits),
        cmocka_unit_test(test_steps_of_p2),
        cmocka_unit_test(test_overdue_steps_are_one),
        cmocka_unit_test(test_level_one_answers_for_itself_alone),
        cmocka_unit_test(test_without_tiers_one_is_enough),
        cmocka_unit_test(test_handed_on_it_covers_nobody_above),
        cmocka_unit_test(test_what_pauses_it),
        cmocka_unit_test(test_a_worse_state_goes_on),
        cmocka_unit_test(test_an_expired_acknowledgement_goes_to_the_next_level),
        cmocka_unit_test(test_another_end_is_the_one_that_counts),
        cmocka_unit_test(test_a_moved_wall_clock),
        cmocka_unit_test(test_after_a_restart),
        cmocka_unit_test(test_resolved_it_stands),
        cmocka_unit_test(test_a_mirror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
