/* The picture: adding, results, trend, dirty lists, folding. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/say.h"

#define NOON 1772719200000LL /* 2026-03-05T14:00:00Z, the beginning of a trend bucket */

static struct check *add_check(struct fleet *f, const char *target, const char *name)
{
    struct check *c = fleet_add_check(f, fleet_add_target(f, target), name);
    c->rule = (struct rule_config){.interval_ms = 30000,
                                   .retry_ms = 10000,
                                   .timeout_ms = 5000,
                                   .attempts = 3,
                                   .ok_confirm = 2};
    c->priority = PRIORITY_P2;
    return c;
}

static int apply_late(struct fleet *f, struct check *c, enum state s, int64_t at_s, int64_t now_s)
{
    struct result r = {
        .latency_ms = 12,
        .started_mono_ms = 1000000 + at_s * 1000,
        .at_ms = NOON + at_s * 1000,
    };
    result_say(&r, s, SAY("seen {0}", state_rows[s].name));
    result_metric(&r, "users", (double)at_s, "");
    int flags = fleet_apply_result(f, c, &r, 1000000 + now_s * 1000);
    result_release(&r);
    return flags;
}

static int apply(struct fleet *f, struct check *c, enum state s, int64_t at_s)
{
    return apply_late(f, c, s, at_s, at_s);
}

static void test_adding(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "http");
    assert_string_equal(c->id, "srv/http");
    assert_string_equal(c->name, "http");
    assert_ptr_equal(fleet_check(f, "srv/http"), c);
    assert_ptr_equal(add_check(f, "srv", "http"), c);
    assert_ptr_equal(fleet_target(f, "srv"), c->target);
    assert_null(fleet_target(f, "other"));
    add_check(f, "srv", "disk");
    assert_int_equal(c->target->n_checks, 2);
    assert_int_equal(f->n_checks, 2);
    fleet_add_group(f, "a", &(struct words){.en = (char *)"Half A"});
    assert_string_equal(words_in(&f->groups[0].name, "vi", "a"), "Half A");
    assert_string_equal(words_in(&(struct words){0}, "vi", "a"), "a");
    uint64_t ids[] = {5, 2, 9, 7};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(fleet_add_alert(f, ids[i])->id, ids[i]);
    for (size_t i = 1; i < f->n_alerts; i++)
        assert_true(f->alerts[i - 1]->id < f->alerts[i]->id);
    assert_int_equal(fleet_alert(f, 7)->id, 7);
    assert_null(fleet_alert(f, 6));
    assert_int_equal(f->next_alert, 10);
    fleet_free(f);
    fleet_free(NULL);
}

static void test_target_shows_the_worst(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *a = add_check(f, "srv", "a"), *b = add_check(f, "srv", "b");
    assert_int_equal(a->target->state, STATE_PENDING);
    apply(f, a, STATE_OK, 0);
    assert_int_equal(a->target->state, STATE_PENDING);
    apply(f, b, STATE_OK, 1);
    assert_int_equal(a->target->state, STATE_OK);
    assert_int_equal(a->target->since_ms, NOON + 1000);
    apply(f, a, STATE_WARNING, 30);
    apply(f, b, STATE_CRITICAL, 31);
    assert_int_equal(a->target->state, STATE_CRITICAL);
    assert_int_equal(a->target->since_ms, NOON + 31000);
    assert_int_equal(a->since_ms, NOON + 30000);
    apply(f, a, STATE_WARNING, 40); /* nothing new */
    assert_int_equal(a->since_ms, NOON + 30000);
    apply(f, b, STATE_OK, 41);
    assert_int_equal(a->target->state, STATE_WARNING);
    assert_int_equal(fleet_worst(f), STATE_WARNING);
    size_t by_state[STATE_COUNT];
    fleet_count_states(f, by_state);
    assert_int_equal(by_state[STATE_WARNING], 1);
    a->target->is_test = true;
    assert_int_equal(fleet_worst(f), STATE_PENDING);
    fleet_free(f);
}

static void test_dropped_results_change_nothing(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    apply(f, c, STATE_OK, 30);
    uint64_t version = f->version;
    assert_int_equal(apply_late(f, c, STATE_CRITICAL, 29, 31), RULE_DROPPED);
    assert_int_equal(f->version, version);
    assert_int_equal(c->at_ms, NOON + 30000);
    assert_string_equal(c->summary, "seen {0}\x1fOK");
    fleet_free(f);
}

static void test_fault_time(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    apply(f, c, STATE_OK, 0);
    assert_int_equal(c->fault_ms, 0);
    apply(f, c, STATE_WARNING, 30);
    apply(f, c, STATE_CRITICAL, 40);
    assert_int_equal(c->fault_ms, NOON + 30000);
    apply(f, c, STATE_CRITICAL, 50);
    apply(f, c, STATE_OK, 80); /* the end is not confirmed */
    assert_int_equal(c->fault_ms, NOON + 30000);
    apply(f, c, STATE_OK, 90);
    assert_int_equal(c->fault_ms, 0);
    apply(f, c, STATE_CRITICAL, 120);
    assert_int_equal(c->fault_ms, NOON + 120000);
    apply(f, c, STATE_OK, 130); /* soft: one OK is enough */
    assert_int_equal(c->fault_ms, 0);
    fleet_free(f);
}

static void test_ageing(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    apply(f, c, STATE_OK, 0);
    assert_int_equal(fleet_age_check(f, c, NOON + 64000, 1064000), 0);
    assert_int_equal(fleet_age_check(f, c, NOON + 65000, 1065000), RULE_STALE);
    assert_int_equal(check_shown(c), STATE_STALE);
    assert_int_equal(c->target->state, STATE_STALE);
    assert_int_equal(c->since_ms, NOON + 65000);
    assert_true(fleet_age_check(f, c, NOON + 130000, 1130000) & RULE_HARD);
    assert_int_equal(check_shown(c), STATE_UNKNOWN);
    assert_string_equal(c->summary, "no result for {0}\x1f"
                                    "2m10s");
    uint64_t version = f->version;
    assert_int_equal(fleet_age_check(f, c, NOON + 200000, 1200000), 0);
    assert_int_equal(f->version, version);
    struct check *off = add_check(f, "off", "a");
    off->target->is_disabled = true;
    for (int64_t s = 0; s < 1000; s += 100)
        assert_int_equal(fleet_age_check(f, off, NOON + s * 1000, 1000000 + s * 1000), 0);
    fleet_free(f);
}

static void test_dirty_lists(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    fleet_clean(f);
    uint64_t version = f->version;
    apply(f, c, STATE_OK, 0);
    apply(f, c, STATE_OK, 30);
    assert_int_equal(f->n_dirty_checks, 1);
    assert_int_equal(f->n_dirty_targets, 1);
    assert_true(c->version > version && c->version <= f->version);
    fleet_clean(f);
    assert_int_equal(f->n_dirty_checks + f->n_dirty_targets, 0);
    apply(f, c, STATE_OK, 60); /* the target shows what it showed */
    assert_int_equal(f->n_dirty_checks, 1);
    assert_int_equal(f->n_dirty_targets, 0);
    fleet_free(f);
}

static void test_trend(void **state)
{
    (void)state;
    struct trend t;
    trend_init(&t);
    const size_t last = TREND_LEN - 1;
    trend_add(&t, NOON, 10, STATE_OK);
    trend_add(&t, NOON + 1000, 20, STATE_CRITICAL);
    trend_add(&t, NOON + 2000, -1, STATE_OK);
    assert_true(fabsf(t.latency_ms[last] - 15) < 1e-3f);
    assert_int_equal(t.worst[last], STATE_CRITICAL);
    trend_add(&t, NOON + 2 * TREND_BUCKET_MS, 5, STATE_OK);
    assert_true(fabsf(t.latency_ms[last - 2] - 15) < 1e-3f);
    assert_true(t.latency_ms[last - 1] < 0);
    assert_int_equal(t.worst[last - 1], STATE_PENDING);
    assert_int_equal(t.worst[last], STATE_OK);
    trend_add(&t, NOON + TREND_BUCKET_MS, 99, STATE_WARNING); /* late: its state counts */
    assert_int_equal(t.worst[last - 1], STATE_WARNING);
    trend_add(&t, NOON + 1000 * TREND_BUCKET_MS, 7, STATE_OK); /* a long gap */
    assert_int_equal(t.worst[last - 1], STATE_PENDING);
    assert_true(fabsf(t.latency_ms[last] - 7) < 1e-3f);
    trend_add(&t, NOON - 1000 * TREND_BUCKET_MS, 8, STATE_OK); /* the clock was set back */
    assert_true(fabsf(t.latency_ms[last] - 8) < 1e-3f);
}

/* A result that says what the last one said costs no memory at all. */
static void test_same_result_allocates_nothing(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    struct result r = {.latency_ms = 3, .at_ms = NOON, .started_mono_ms = 1000000};
    result_say(&r, STATE_OK, SAY("HTTP {0}", "200"));
    result_metric(&r, "users", 1, "");
    fleet_apply_result(f, c, &r, 1000000);
    const char *summary = c->summary;
    const struct metric *metrics = c->metrics;
    const char *name = c->metrics[0].name, *unit = c->metrics[0].unit;
    r.metrics[0].value = 2;
    r.started_mono_ms += 30000;
    fleet_apply_result(f, c, &r, 1030000);
    assert_ptr_equal(c->summary, summary);
    assert_ptr_equal(c->metrics, metrics);
    assert_ptr_equal(c->metrics[0].name, name);
    assert_ptr_equal(c->metrics[0].unit, unit);
    assert_true(c->metrics[0].value > 1.5);
    result_release(&r);
    fleet_free(f);
}

static void test_restart_by_fold(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct check *c = add_check(f, "srv", "a");
    struct event e = {.seq = 1,
                      .kind = EVENT_CHECK_CHANGED,
                      .subject = (char *)"srv/a",
                      .state = STATE_CRITICAL,
                      .old_state = STATE_OK,
                      .text = (char *)"down",
                      .since_ms = NOON};
    fleet_fold(f, &e);
    assert_int_equal(f->seq, 1);
    assert_int_equal(c->saved_state, STATE_CRITICAL);
    assert_int_equal(c->live.hard_state, STATE_CRITICAL);
    assert_int_equal(check_shown(c), STATE_STALE);
    assert_int_equal(c->since_ms, NOON);
    assert_string_equal(c->summary, "down");
    e.seq = 2;
    e.state = STATE_OK;
    fleet_fold(f, &e);
    assert_int_equal(c->live.hard_state, STATE_OK);
    assert_int_equal(c->live.episode, 2);
    apply(f, c, STATE_WARNING, 10);
    e.seq = 3;
    e.state = STATE_CRITICAL; /* of a commit in flight: what lives is newer */
    fleet_fold(f, &e);
    assert_int_equal(c->live.hard_state, STATE_OK);
    assert_int_equal(c->saved_state, STATE_CRITICAL);
    e.subject = (char *)"gone/x";
    fleet_fold(f, &e);
    fleet_free(f);
}

static void test_old_resolved_alerts_go(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    for (uint64_t id = 1; id <= FLEET_RESOLVED_KEPT + 50; id++) {
        struct alert *a = fleet_add_alert(f, id);
        a->phase = id == 3 ? ALERT_FIRING : ALERT_RESOLVED;
        fleet_touch_alert(f, a);
    }
    fleet_clean(f);
    assert_int_equal(f->n_alerts, FLEET_RESOLVED_KEPT + 1);
    assert_non_null(fleet_alert(f, 3));
    assert_null(fleet_alert(f, 50));
    assert_non_null(fleet_alert(f, 51));
    size_t unacknowledged;
    assert_int_equal(fleet_count_open(f, &unacknowledged), 1);
    assert_int_equal(unacknowledged, 1);
    fleet_free(f);
}

static void test_notes_are_limited(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct alert *a = fleet_add_alert(f, 1);
    struct event e = {.kind = EVENT_ALERT_NOTED, .alert = 1, .text = (char *)"seen"};
    e.actor.login = (char *)"lan";
    for (int i = 0; i < ALERT_NOTES_KEPT + 20; i++) {
        e.at_ms = i;
        fleet_fold(f, &e);
    }
    assert_int_equal(a->n_notes, ALERT_NOTES_KEPT);
    assert_int_equal(a->notes[0].at_ms, 20);
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),
        cmocka_unit_test(test_target_shows_the_worst),
        cmocka_unit_test(test_dropped_results_change_nothing),
        cmocka_unit_test(test_fault_time),
        cmocka_unit_test(test_ageing),
        cmocka_unit_test(test_dirty_lists),
        cmocka_unit_test(test_trend),
        cmocka_unit_test(test_same_result_allocates_nothing),
        cmocka_unit_test(test_restart_by_fold),
        cmocka_unit_test(test_old_resolved_alerts_go),
        cmocka_unit_test(test_notes_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
