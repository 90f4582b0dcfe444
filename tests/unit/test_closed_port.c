/* PF1: a closed port, seen by the scheduler with the real kinds: SOFT at once, HARD after three. */
#include "core/fleet.h"
#include "engine/scheduler.h"
#include "engine/spec.h"
#include "tests/unit/probe_lab.h"

#define RETRY_MS 300
#define ATTEMPTS 3

struct watch {
    struct lab *lab;
    struct fleet *fleet;
    struct check_spec spec;
    int n;
    int64_t began_ms, first_ms, hard_ms; /* monotonic: first start, first result, HARD */
};

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct watch *w = arg;
    int64_t now = loop_mono_ms(w->lab->loop);
    int change = fleet_apply_result(w->fleet, c, r, now);
    fleet_clean(w->fleet);
    assert_int_equal(r->state, STATE_CRITICAL);
    w->n++;
    if (w->n == 1) {
        w->began_ms = r->started_mono_ms;
        w->first_ms = now;
        assert_int_equal(c->live.state, STATE_CRITICAL);
        assert_int_equal(c->live.hard_state, STATE_PENDING);
        assert_true(rule_is_soft(&c->live));
    }
    if (change & RULE_HARD) {
        w->hard_ms = now;
        loop_stop(w->lab->loop);
    }
    if (w->n > ATTEMPTS)
        loop_stop(w->lab->loop);
}

static void watch(struct lab *lab, const char *kind, const char *json)
{
    struct watch w = {.lab = lab, .fleet = fleet_new()};
    struct err e;
    w.spec.type = probe_find(kind);
    w.spec.config = lab_config(kind, json, &e);
    assert_non_null(w.spec.config);
    struct target *t = fleet_add_target(w.fleet, "shut");
    mem_set(&t->address, "127.0.0.1");
    w.spec.check = fleet_add_check(w.fleet, t, kind);
    w.spec.check->rule = (struct rule_config){.interval_ms = 1000,
                                              .retry_ms = RETRY_MS,
                                              .timeout_ms = 900,
                                              .attempts = ATTEMPTS,
                                              .ok_confirm = 2};
    w.spec.check->spec = &w.spec;
    mem_set(&w.spec.check->probe, kind);
    struct scheduler *s = scheduler_new(&lab->env, &w.spec, on_result, &w);
    scheduler_start(s);
    loop_run(lab->loop);
    scheduler_free(s);
    assert_int_equal(w.n, ATTEMPTS);
    assert_int_equal(w.spec.check->live.hard_state, STATE_CRITICAL);
    assert_true(w.first_ms - w.began_ms <= 50 + 50); /* refused, not waited for */
    assert_true(w.hard_ms - w.first_ms <= 2 * RETRY_MS + 1000);
    assert_true(w.hard_ms - w.first_ms >= 2 * RETRY_MS - 200); /* three looks, not one */
    lab_config_free(kind, w.spec.config);
    fleet_free(w.fleet);
}

static void soft_at_once_hard_after_three(void **state)
{
    struct lab *lab = *state;
    char json[128];
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d/\"}", lab->refuse);
    watch(lab, "http", json);
    snprintf(json, sizeof json, "{\"port\":%d}", lab->refuse);
    watch(lab, "tcp", json);
}

static int setup(void **state)
{
    *state = lab_new(true);
    return 0;
}

static int teardown(void **state)
{
    lab_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_at_once_hard_after_three)};
    return cmocka_run_group_tests_name("closed_port", tests, setup, teardown);
}
