/* scheduler.h with kinds of probe made for the purpose: slots, caps, deadlines, retries, a stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/schedule.h"
#include "engine/loop.h"
#include "engine/scheduler.h"

#define SEEN_MAX 4096

struct seen {
    const struct check *check;
    enum state state;
    int64_t started_ms, at_ms;
    char words[128];
};
struct field { /* one test's world */
    struct loop *loop;
    struct fleet *fleet;
    struct check_spec *specs;
    struct scheduler *scheduler;
    struct probe_env env;
    struct seen seen[SEEN_MAX];
    size_t n;
    int64_t end_after; /* results; 0: by time */
};

/* --- kinds: "quick" answers after config->after_ms with config->state, or never (after < 0) --- */

struct quick_config {
    int64_t after_ms;
    enum state state;
    char host[32];
};
struct quick_run {
    const struct quick_config *config;
    struct loop_timer *timer;
    probe_done_fn *done;
    void *arg;
};

static void quick_done(void *arg)
{
    struct quick_run *run = arg;
    struct result r = {.state = run->config->state, .latency_ms = 1};
    r.summary = mem_strdup("quick");
    loop_timer_free(run->timer);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *quick_start(const struct probe_env *env, const void *config,
                         const struct probe_job *job, probe_done_fn *done, void *arg)
{
    struct quick_run *run = mem_alloc(sizeof *run);
    (void)job;
    *run = (struct quick_run){.config = config, .done = done, .arg = arg};
    run->timer = loop_timer_new(env->loop, quick_done, run);
    if (run->config->after_ms >= 0)
        loop_timer_set(run->timer, run->config->after_ms, 0);
    return run;
}

static void quick_cancel(void *arg)
{
    struct quick_run *run = arg;
    loop_timer_free(run->timer);
    free(run);
}

static const char *quick_host(const void *config)
{
    return ((const struct quick_config *)config)->host;
}

static const struct option no_rows[] = {{0}};
static const struct probe_type quick = {.name = "quick",
                                        .options = no_rows,
                                        .config_size = sizeof(struct quick_config),
                                        .host = quick_host,
                                        .start = quick_start,
                                        .cancel = quick_cancel};
static const struct probe_type passive = {
    .name = "passive", .options = no_rows, .is_passive = true};

/* --- the field --- */

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    struct buf words = BUF_INIT(120);
    say_text(&words, r->summary, NULL);
    if (f->n < SEEN_MAX) {
        f->seen[f->n] = (struct seen){c, r->state, r->started_mono_ms, r->at_ms, ""};
        snprintf(f->seen[f->n].words, sizeof f->seen[f->n].words, "%s", buf_text(&words));
        f->n++;
    }
    buf_release(&words);
    fleet_apply_result(f->fleet, c, r, loop_mono_ms(f->loop));
    fleet_clean(f->fleet);
    if (f->end_after > 0 && (int64_t)f->n >= f->end_after)
        loop_stop(f->loop);
}

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    f->loop = loop_new(NULL);
    f->fleet = fleet_new();
    f->env.loop = f->loop;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct field *f = *state;
    scheduler_free(f->scheduler);
    while (f->specs != NULL) {
        struct check_spec *s = f->specs;
        f->specs = s->next;
        free(s->config);
        free(s);
    }
    fleet_free(f->fleet);
    loop_free(f->loop);
    free(f);
    return 0;
}

static struct check_spec *add(struct field *f, const char *target, const char *name,
                              const struct probe_type *type, int64_t interval_ms, int64_t after_ms,
                              enum state result)
{
    struct check_spec *s = mem_alloc(sizeof *s);
    struct target *t = fleet_add_target(f->fleet, target);
    struct quick_config *c = mem_alloc(sizeof *c);
    s->check = fleet_add_check(f->fleet, t, name);
    s->check->rule = (struct rule_config){.interval_ms = interval_ms,
                                          .retry_ms = 100,
                                          .timeout_ms = 300,
                                          .attempts = 3,
                                          .ok_confirm = 2};
    s->check->spec = s;
    mem_set(&s->check->probe, type->name);
    *c = (struct quick_config){.after_ms = after_ms, .state = result};
    snprintf(c->host, sizeof c->host, "%s", target);
    s->type = type;
    s->config = c;
    s->next = f->specs;
    f->specs = s;
    return s;
}

static void begin(struct field *f)
{
    f->scheduler = scheduler_new(&f->env, f->specs, on_result, f);
    scheduler_start(f->scheduler);
}

static void on_end(void *arg)
{
    loop_stop(arg);
}

static void run_for(struct field *f, int64_t ms)
{
    struct loop_timer *end = loop_timer_new(f->loop, on_end, f->loop);
    loop_timer_set(end, ms, 0);
    loop_run(f->loop);
    loop_timer_free(end);
}

static struct scheduler_figures figures(struct field *f)
{
    struct scheduler_figures out;
    scheduler_figures(f->scheduler, &out);
    return out;
}

/* --- tests --- */

/* Runs stand on the grid, an interval apart, however long each took. */
static void keeps_slots(void **state)
{
    struct field *f = *state;
    int64_t first[4] = {0};
    struct check *checks[4];
    int counts[4] = {0};
    for (int i = 0; i < 4; i++) {
        char id[16];
        snprintf(id, sizeof id, "web-%d", i);
        checks[i] = add(f, id, "c", &quick, 400, 30, STATE_OK)->check;
    }
    begin(f);
    run_for(f, 2600);
    for (size_t i = 0; i < f->n; i++)
        for (int k = 0; k < 4; k++)
            if (f->seen[i].check == checks[k]) {
                if (counts[k]++ == 0)
                    first[k] = f->seen[i].started_ms;
                int64_t off = (f->seen[i].started_ms - first[k]) % 400;
                assert_true(off < 90 || off > 310);
            }
    for (int k = 0; k < 4; k++)
        assert_in_range(counts[k], 5, 7);
    assert_true(f->seen[0].at_ms > 1600000000000);
}

/* At most four of one host, at most 128 in all, and those who wait are served. */
static void keeps_caps(void **state)
{
    struct field *f = *state;
    for (int i = 0; i < 300; i++) {
        char host[16], name[16];
        snprintf(host, sizeof host, "h%d", i / 5);
        snprintf(name, sizeof name, "c%d", i);
        add(f, host, name, &quick, 100, 200, STATE_OK);
    }
    begin(f);
    f->end_after = 300;
    run_for(f, 4000);
    assert_true(f->n >= 300);
    struct scheduler_figures g = figures(f);
    assert_int_equal(g.max_in_flight, SCHEDULER_IN_ALL);
    assert_true(g.waiting > 0);
    scheduler_stop(f->scheduler);
    assert_int_equal(figures(f).in_flight, 0);
}

static void one_host_holds_four(void **state)
{
    struct field *f = *state;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        add(f, "hung", name, &quick, 200, -1, STATE_OK);
    }
    const struct check *other = add(f, "well", "c", &quick, 200, 0, STATE_OK)->check;
    int others = 0;
    begin(f);
    run_for(f, 1500);
    assert_int_equal(figures(f).max_in_flight, SCHEDULER_PER_HOST + 1);
    for (size_t i = 0; i < f->n; i++)
        others += f->seen[i].check == other;
    assert_true(others >= 5); /* unaffected */
}

static void a_deadline_makes_a_result(void **state)
{
    struct field *f = *state;
    add(f, "hung", "c", &quick, 1000, -1, STATE_OK);
    begin(f);
    f->end_after = 1;
    run_for(f, 4000);
    assert_int_equal(f->n, 1);
    assert_int_equal(f->seen[0].state, STATE_CRITICAL);
    assert_string_equal(f->seen[0].words, "no answer within 300 ms");
    assert_int_equal(figures(f).timed_out, 1);
}

/* SOFT: `retry` apart until hard, then back to the interval. */
static void retries_while_soft(void **state)
{
    struct field *f = *state;
    struct check *c = add(f, "down", "c", &quick, 2000, 0, STATE_CRITICAL)->check;
    begin(f);
    f->end_after = 3;
    run_for(f, 6000);
    assert_int_equal(f->n, 3);
    assert_int_equal(c->live.hard_state, STATE_CRITICAL);
    assert_true(f->seen[2].started_ms - f->seen[0].started_ms < 900);
    f->end_after = 0;
    run_for(f, 700);
    assert_int_equal(f->n, 3); /* hard: not again before its next slot */
}

static void runs_now_on_request(void **state)
{
    struct field *f = *state;
    struct check *c = add(f, "t", "c", &quick, 600000, 0, STATE_OK)->check;
    struct err e;
    begin(f);
    assert_true(scheduler_run_now(f->scheduler, c, &e));
    assert_true(scheduler_run_now(f->scheduler, c, &e));
    f->end_after = 1;
    run_for(f, 2000);
    assert_int_equal(f->n, 1);
}

static void judges_thresholds(void **state)
{
    struct field *f = *state;
    struct threshold slow = {.metric = (char[]){"latency_ms"}, .warning = 1, .has_warning = true};
    struct check_spec *s = add(f, "t", "c", &quick, 600000, 0, STATE_OK);
    s->thresholds = (struct option_thresholds){&slow, 1};
    begin(f);
    scheduler_run_now(f->scheduler, s->check, NULL);
    f->end_after = 1;
    run_for(f, 2000);
    assert_int_equal(f->seen[0].state, STATE_WARNING);
}

/* The probe of the test always takes the same time: the window has no verdict for four results,
 * then it has one. */
static void judges_windows(void **state)
{
    struct field *f = *state;
    struct threshold slow = {.metric = (char[]){"latency_ms"},
                             .warning = 1,
                             .has_warning = true,
                             .stat = STAT_MEAN,
                             .over_ms = 60000};
    struct check_spec *s = add(f, "t", "c", &quick, 100, 0, STATE_OK);
    s->thresholds = (struct option_thresholds){&slow, 1};
    s->windows = windows_new(&slow, 1);
    begin(f);
    f->end_after = 6;
    run_for(f, 5000);
    windows_free(s->windows);
    assert_true(f->n >= 5);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(f->seen[i].state, STATE_OK);
    assert_int_equal(f->seen[4].state, STATE_WARNING);
}

static void tells_what_cannot_be_started(void **state)
{
    struct field *f = *state;
    char absent[] = "no such file";
    struct check_spec *s = add(f, "t", "c", &quick, 200, 0, STATE_OK);
    struct check *other = add(f, "t", "d", &quick, 200, 0, STATE_OK)->check;
    s->absent = absent;
    begin(f);
    f->end_after = 4;
    run_for(f, 5000);
    assert_true(f->n >= 4);
    size_t told = 0;
    for (size_t i = 0; i < f->n; i++) {
        told += f->seen[i].check == s->check;
        assert_int_equal(f->seen[i].state, f->seen[i].check == other ? STATE_OK : STATE_UNKNOWN);
    }
    assert_in_range(told, 1, f->n - 1); /* the others run */
    assert_true(s->check->is_self);
    for (size_t i = 0; i < f->n; i++)
        if (f->seen[i].check == s->check)
            assert_string_equal(f->seen[i].words, "a secret is missing: no such file");
}

static void takes_passive_results(void **state)
{
    struct field *f = *state;
    struct check *p = add(f, "t", "p", &passive, 1000, 0, STATE_OK)->check;
    struct check *a = add(f, "t", "a", &quick, 600000, 0, STATE_OK)->check;
    struct err e;
    begin(f);
    assert_false(scheduler_run_now(f->scheduler, p, &e));
    assert_non_null(strstr(e.text, "passive"));
    assert_false(scheduler_submit(f->scheduler, a, STATE_OK, "x", NULL, &e));
    assert_non_null(strstr(e.text, "expected passive"));
    assert_false(scheduler_submit(f->scheduler, p, STATE_STALE, "x", NULL, &e));
    assert_true(
        scheduler_submit(f->scheduler, p, STATE_WARNING, "sync \x1b[31mlate", "lag=7s", &e));
    assert_int_equal(f->n, 1);
    assert_string_equal(f->seen[0].words, "sync \\x1b[31mlate");
    assert_int_equal(p->n_metrics, 1);
    assert_true(p->metrics[0].value == 7);
}

static void leaves_disabled_targets_alone(void **state)
{
    struct field *f = *state;
    struct check *c = add(f, "off", "c", &quick, 100, 0, STATE_OK)->check;
    c->target->is_disabled = true;
    struct err e;
    begin(f);
    run_for(f, 400);
    assert_int_equal(f->n, 0);
    assert_false(scheduler_run_now(f->scheduler, c, &e));
    assert_non_null(strstr(e.text, "disabled"));
}

static void on_freeze(void *arg)
{
    (void)arg;
    usleep((SCHEDULER_STALL_MS + 600) * 1000); /* as SIGSTOP would */
}

/* TI2 in small: what was in flight while we were stopped is nobody's fault, and runs are spread. */
static void a_stop_blames_nobody(void **state)
{
    struct field *f = *state;
    struct loop_timer *freeze = loop_timer_new(f->loop, on_freeze, NULL);
    for (int i = 0; i < 50; i++) {
        char host[16];
        snprintf(host, sizeof host, "h%d", i);
        add(f, host, "c", &quick, 1000, i % 2 ? 100 : 150, STATE_CRITICAL);
        f->specs->check->rule.attempts = 1;
    }
    for (int i = 0; i < 20; i++) {
        char host[16];
        snprintf(host, sizeof host, "s%d", i);
        add(f, host, "c", &quick, 1000, -1, STATE_OK); /* would run into their deadline */
        f->specs->check->rule.timeout_ms = 2000;
    }
    begin(f);
    loop_timer_set(freeze, 950, 0);
    run_for(f, 945);
    size_t before = f->n;
    run_for(f, SCHEDULER_STALL_MS + 700); /* ends inside the round that wakes up */
    assert_int_equal(figures(f).resumes, 1);
    assert_true(f->n - before < 15); /* only what is new, no burst of deadlines */
    for (size_t i = before; i < f->n; i++)
        assert_string_not_equal(f->seen[i].words, "no answer within 2 s");
    run_for(f, 1300);
    assert_true(f->n - before >= 30); /* and all goes on */
    loop_timer_free(freeze);
}

static void runs_once(void **state)
{
    struct field *f = *state;
    struct check *c = add(f, "t", "c", &quick, 100, 0, STATE_CRITICAL)->check;
    add(f, "t", "d", &quick, 100, 0, STATE_OK);
    f->scheduler = scheduler_new(&f->env, f->specs, on_result, f);
    scheduler_start_once(f->scheduler);
    scheduler_run_now(f->scheduler, c, NULL);
    run_for(f, 600);
    assert_int_equal(f->n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(keeps_slots),
        TEST(keeps_caps),
        TEST(one_host_holds_four),
        TEST(a_deadline_makes_a_result),
        TEST(retries_while_soft),
        TEST(runs_now_on_request),
        TEST(judges_thresholds),
        TEST(judges_windows),
        TEST(tells_what_cannot_be_started),
        TEST(takes_passive_results),
        TEST(a_stop_blames_nobody),
        TEST(leaves_disabled_targets_alone),
        TEST(runs_once),
    };
    return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
