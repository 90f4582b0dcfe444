/* Flapping: the vectors of the formula, and which results count (alerts.md section 4). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "core/alert.h"
#include "core/flap.h"
#include "core/fleet.h"
#include "core/say.h"

#define NOON 1772719200000LL /* 2026-03-05T14:00:00Z */
#define MONO 1000000LL

static void note_many(struct flap *f, enum state s, int n)
{
    for (int i = 0; i < n; i++)
        flap_note(f, s);
}

/* A long quiet time, then so many changes one after the other. */
static struct flap changed(int changes)
{
    struct flap f = {0};
    note_many(&f, STATE_OK, FLAP_TRANSITIONS + 1);
    for (int i = 0; i < changes; i++)
        flap_note(&f, i % 2 == 0 ? STATE_CRITICAL : STATE_OK);
    return f;
}

static void check_percent(const struct flap *f, double want)
{
    if (fabs(flap_percent(f) - want) > 0.005)
        fail_msg("%.3f %%, expected %.2f %%", flap_percent(f), want);
}

static void test_vectors(void **state)
{
    (void)state;
    static const struct {
        int changes;
        double percent;
        bool starts;
    } rows[] = {{0, 0, false},     {2, 12.37, false}, {4, 24.21, false},
                {5, 29.93, false}, {6, 35.53, true},  {20, 100, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flap f = changed(rows[i].changes);
        check_percent(&f, rows[i].percent);
        assert_int_equal(flap_wants(&f, false), rows[i].starts);
    }
}

static void test_it_stops_after_sixteen_quiet_checks(void **state)
{
    (void)state;
    struct flap f = changed(6);
    for (int quiet = 1; quiet < 16; quiet++) {
        flap_note(&f, STATE_OK);
        assert_true(flap_wants(&f, true));
    }
    flap_note(&f, STATE_OK);
    check_percent(&f, 15.79);
    assert_false(flap_wants(&f, true));
}

/* The percentages between which a check that changes every so many checks goes up and down. */
static void play_rhythm(int every, double *low, double *high)
{
    struct flap f = {0};
    *low = 100;
    *high = 0;
    for (int i = 0; i < 200; i++) {
        flap_note(&f, i / every % 2 == 0 ? STATE_OK : STATE_WARNING);
        if (i < 100)
            continue;
        *low = fmin(*low, flap_percent(&f));
        *high = fmax(*high, flap_percent(&f));
    }
}

static void test_rhythms(void **state)
{
    (void)state;
    double low, high;
    play_rhythm(3, &low, &high);
    assert_true(low == FLAP_START); /* exactly: the limit itself is flapping */
    assert_true(fabs(high - 35.46) < 0.005);
    play_rhythm(4, &low, &high);
    assert_true(fabs(low - 24.01) < 0.005 && fabs(high - 25.99) < 0.005);
}

static void test_the_limit_itself_starts_it(void **state)
{
    (void)state;
    struct flap f = {.n = FLAP_TRANSITIONS + 1};
    for (unsigned int i = 2; i < FLAP_TRANSITIONS; i += 3)
        f.changes |= 1u << (FLAP_TRANSITIONS - 1 - i);
    assert_true(flap_percent(&f) == 30.0);
    assert_true(flap_wants(&f, false));
}

static void test_between_the_limits_nothing_changes(void **state)
{
    (void)state;
    struct flap f = changed(4); /* 24.21 */
    assert_false(flap_wants(&f, false));
    assert_true(flap_wants(&f, true));
}

static void test_an_emptied_ring_is_no_quiet(void **state)
{
    (void)state;
    struct flap f = {0};
    assert_false(flap_wants(&f, false));
    assert_true(flap_wants(&f, true));
    note_many(&f, STATE_OK, FLAP_TRANSITIONS);
    assert_true(flap_wants(&f, true));
    flap_note(&f, STATE_OK);
    assert_false(flap_wants(&f, true));
}

static void test_the_first_state_is_no_change(void **state)
{
    (void)state;
    struct flap f = {0};
    flap_note(&f, STATE_CRITICAL);
    check_percent(&f, 0);
    flap_note(&f, STATE_WARNING); /* another level is one */
    assert_true(flap_percent(&f) > 6);
}

/* --- what is recorded --------------------------------------------------------------------- */

struct world {
    struct fleet *f;
    struct check *c;
    int64_t s;
    uint64_t seq;
};

static void begin(struct world *w)
{
    *w = (struct world){.f = fleet_new()};
    w->c = fleet_add_check(w->f, fleet_add_target(w->f, "srv"), "http");
    w->c->rule = (struct rule_config){.interval_ms = 30000,
                                      .retry_ms = 10000,
                                      .timeout_ms = 5000,
                                      .attempts = 2,
                                      .ok_confirm = 2};
    w->c->priority = PRIORITY_P2;
}

static struct moment now(const struct world *w)
{
    return (struct moment){NOON + w->s * 1000, MONO + w->s * 1000};
}

static int see(struct world *w, enum state s)
{
    w->s += 10;
    struct result r = {
        .latency_ms = -1, .at_ms = now(w).wall_ms, .started_mono_ms = now(w).mono_ms};
    result_say(&r, s, SAY("seen {0}", state_rows[s].name));
    int flags = fleet_apply_result(w->f, w->c, &r, now(w).mono_ms);
    result_release(&r);
    return flags;
}

static void test_hard_states_and_every_ok_count(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_OK);
    assert_int_equal(w.c->flap.n, 1);
    see(&w, STATE_CRITICAL); /* soft: not recorded */
    assert_int_equal(w.c->flap.n, 1);
    see(&w, STATE_OK); /* a soft recovery is, and is no change */
    assert_int_equal(w.c->flap.n, 2);
    assert_int_equal(w.c->flap.changes, 0);
    see(&w, STATE_CRITICAL);
    see(&w, STATE_CRITICAL); /* hard */
    assert_int_equal(w.c->flap.n, 3);
    assert_int_equal(w.c->flap.changes, 1);
    see(&w, STATE_OK); /* not confirmed yet, and all the same recorded */
    assert_int_equal(w.c->flap.changes, 3);
    see(&w, STATE_OK);
    assert_int_equal(w.c->flap.changes, 6);
    fleet_free(w.f);
}

static void test_what_others_do_does_not_count(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_OK);
    w.c->is_unreachable = true;
    see(&w, STATE_OK);
    w.c->is_unreachable = false;
    w.c->periods = 1u << PERIOD_MAINTENANCE;
    see(&w, STATE_OK);
    assert_int_equal(w.c->flap.n, 1);
    w.c->periods = 1u << PERIOD_SILENCE | 1u << PERIOD_ASSESSMENT; /* these are no excuse */
    see(&w, STATE_OK);
    assert_int_equal(w.c->flap.n, 2);
    w.s += 3600; /* stale, then without any result: nothing was seen */
    fleet_age_check(w.f, w.c, now(&w).wall_ms, now(&w).mono_ms);
    assert_true(w.c->live.is_stale);
    w.s += 3600;
    fleet_age_check(w.f, w.c, now(&w).wall_ms, now(&w).mono_ms);
    assert_true(w.c->live.is_no_result);
    assert_int_equal(w.c->flap.n, 2);
    fleet_free(w.f);
}

/* Folds what the state calls for; true if one of the events is of that kind. */
static bool reconcile(struct world *w, enum event_kind kind)
{
    struct event e[ALERT_EVENTS_MAX];
    bool has = false;
    size_t n = alert_reconcile(w->f, w->c, now(w), true, w->f->next_alert, e);
    for (size_t i = 0; i < n; i++) {
        has = has || e[i].kind == kind;
        e[i].seq = ++w->seq;
        fleet_fold(w->f, &e[i]);
        event_release(&e[i]);
    }
    assert_int_equal(alert_reconcile(w->f, w->c, now(w), true, w->f->next_alert, e), 0);
    return has;
}

static void begin_flapping(struct world *w)
{
    begin(w);
    w->c->rule.attempts = w->c->rule.ok_confirm = 1;
    see(w, STATE_OK);
    reconcile(w, EVENT_CHECK_CHANGED);
    for (int outage = 0; outage < 2; outage++) {
        assert_int_equal(see(w, STATE_CRITICAL) & RULE_FLAP, 0);
        assert_true(reconcile(w, EVENT_ALERT_OPENED));
        assert_int_equal(see(w, STATE_OK) & RULE_FLAP, 0);
        assert_true(reconcile(w, EVENT_ALERT_RESOLVED));
    }
    see(w, STATE_CRITICAL);
    assert_true(reconcile(w, EVENT_ALERT_OPENED));
    assert_int_equal(see(w, STATE_OK) & RULE_FLAP, RULE_FLAP);
    assert_true(reconcile(w, EVENT_CHECK_FLAP_STARTED));
}

/* The third outage: the alert stays open and cannot resolve before the end, which is noticed
 * although the hard state does not move. */
static void test_the_alert_of_a_flapping_check(void **state)
{
    (void)state;
    struct world w;
    begin_flapping(&w);
    const struct alert *a = fleet_open_alert_of(w.f, w.c);
    assert_non_null(a);
    assert_int_equal(a->marks, MARK_FLAP);
    int quiet = 1;
    for (; (see(&w, STATE_OK) & RULE_FLAP) == 0; quiet++) {
        assert_false(reconcile(&w, EVENT_ALERT_RESOLVED));
        assert_true(quiet < 30);
    }
    assert_int_equal(quiet, 16);
    int page = a->page;
    assert_true(reconcile(&w, EVENT_CHECK_FLAP_ENDED));
    assert_int_equal(a->phase, ALERT_RESOLVED);
    assert_int_equal(a->page, page); /* nobody is told of a problem that is over */
    assert_int_equal(w.c->alert, 0);
    fleet_free(w.f);
}

static void test_a_problem_at_the_end_is_told_once(void **state)
{
    (void)state;
    struct world w;
    begin_flapping(&w);
    const struct alert *a = fleet_open_alert_of(w.f, w.c);
    int page = a->page, quiet = 0;
    for (int flags = 0; (flags & RULE_FLAP) == 0; quiet++) {
        flags = see(&w, STATE_CRITICAL);
        reconcile(&w, EVENT_CHECK_CHANGED);
        assert_true(quiet < 30);
    }
    assert_int_equal(a->phase, ALERT_FIRING);
    assert_int_equal(a->marks, 0);
    assert_int_equal(a->page, page + 1);
    assert_int_equal(w.f->next_alert, a->id + 1); /* the same incident all the time */
    see(&w, STATE_OK);
    assert_true(reconcile(&w, EVENT_ALERT_RESOLVED));
    fleet_free(w.f);
}

static void test_switched_off_while_it_flaps(void **state)
{
    (void)state;
    struct world w;
    begin_flapping(&w);
    w.c->target->is_disabled = true;
    assert_true(reconcile(&w, EVENT_ALERT_RESOLVED));
    assert_false(w.c->live.is_flapping);
    fleet_free(w.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_it_stops_after_sixteen_quiet_checks),
        cmocka_unit_test(test_rhythms),
        cmocka_unit_test(test_the_limit_itself_starts_it),
        cmocka_unit_test(test_between_the_limits_nothing_changes),
        cmocka_unit_test(test_an_emptied_ring_is_no_quiet),
        cmocka_unit_test(test_the_first_state_is_no_change),
        cmocka_unit_test(test_hard_states_and_every_ok_count),
        cmocka_unit_test(test_what_others_do_does_not_count),
        cmocka_unit_test(test_the_alert_of_a_flapping_check),
        cmocka_unit_test(test_a_problem_at_the_end_is_told_once),
        cmocka_unit_test(test_switched_off_while_it_flaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
