/* The kind aggregate: shares of a picture that the test paints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/loop.h"
#include "engine/scheduler.h"
#include "engine/site.h"
#include "tests/unit/scratch.h"

struct field {
    struct scratch dir;
    struct loop *loop;
    struct site *site;
    struct scheduler *scheduler;
    int64_t clock_ms;
};

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    scratch_make(&f->dir);
    f->loop = loop_new(NULL);
    f->clock_ms = 1000;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct field *f = *state;
    scheduler_free(f->scheduler);
    site_free(f->site);
    loop_free(f->loop);
    scratch_remove(&f->dir);
    free(f);
    return 0;
}

static struct site *load(struct field *f, const char *sum, struct site_errors *errors)
{
    static const char target[] =
        "{\"id\":\"%s-[1-4]\",\"labels\":{\"role\":\"web\",\"half\":\"%s\"},\"checks\":["
        "{\"id\":\"http\",\"probe\":\"passive\"},{\"id\":\"disk\",\"probe\":\"passive\"}]},";
    char path[300];
    FILE *file = fopen(scratch_path(&f->dir, "site.json", path), "w");
    fprintf(file, "{\"site\":{\"id\":\"x\"},\"targets\":[");
    fprintf(file, target, "a", "a");
    fprintf(file, target, "b", "b");
    fprintf(file,
            "{\"id\":\"lone\",\"kind\":\"other\",\"labels\":{\"role\":\"mq\"},\"checks\":["
            "{\"id\":\"http\",\"probe\":\"passive\"}]},"
            "{\"id\":\"t\",\"env\":\"test\",\"labels\":{\"role\":\"web\"},\"checks\":["
            "{\"id\":\"http\",\"probe\":\"passive\"}]},"
            "{\"id\":\"sum\",\"kind\":\"cluster\",\"labels\":{\"role\":\"web\"},\"checks\":["
            "{\"id\":\"all\",\"probe\":\"aggregate\",%s}]}]}",
            sum);
    fclose(file);
    return site_load(path, NULL, errors);
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    fleet_apply_result(f->site->fleet, c, r, loop_mono_ms(f->loop));
    loop_stop(f->loop);
}

static void open_site(struct field *f, const char *sum)
{
    struct site_errors errors = {0};
    struct probe_env env = {.loop = f->loop};
    f->site = load(f, sum, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(f->site);
    env.fleet = f->site->fleet;
    f->scheduler = scheduler_new(&env, f->site->specs, on_result, f);
    scheduler_start_once(f->scheduler);
}

/* Each check that the glob matches has seen this. */
static void paint(struct field *f, const char *glob, enum state s)
{
    for (size_t i = 0; i < f->site->fleet->n_checks; i++) {
        struct check *c = f->site->fleet->checks[i];
        struct result r = {.state = s, .latency_ms = -1, .started_mono_ms = ++f->clock_ms};
        if (text_glob(glob, c->id))
            fleet_apply_result(f->site->fleet, c, &r, f->clock_ms);
    }
}

static void expect(struct field *f, enum state state, const char *words)
{
    const struct check *c = fleet_check(f->site->fleet, "sum/all");
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    struct err e;
    if (!scheduler_run_now(f->scheduler, c, &e))
        fail_msg("%s", e.text);
    loop_run(f->loop);
    say_text(&text, c->summary, NULL);
    if (c->live.state != state || strcmp(buf_text(&text), words) != 0)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[c->live.state].name,
                 buf_text(&text), state_rows[state].name, words);
    buf_release(&text);
}

static double metric(const struct field *f, const char *name)
{
    const struct check *c = fleet_check(f->site->fleet, "sum/all");
    for (size_t i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return c->metrics[i].value;
    return -1;
}

#define WEB "\"of\":{\"kind\":\"server\",\"labels\":{\"role\":\"web\"}}"

static void the_worst_group_decides(void **state)
{
    struct field *f = *state;
    open_site(f, WEB ",\"by\":\"half\"");
    expect(f, STATE_UNKNOWN, "waiting for the first results of 8 targets");
    assert_true(fleet_check(f->site->fleet, "sum/all")->is_self);
    paint(f, "*", STATE_OK);
    expect(f, STATE_OK, "healthy: a 4/4, b 4/4");
    paint(f, "b-3/disk", STATE_WARNING);
    expect(f, STATE_WARNING, "healthy: a 4/4, b 3/4; not healthy: ! b-3");
    assert_true(metric(f, "healthy") == 7 && metric(f, "total") == 8);
    assert_true(metric(f, "healthy_pct.b") == 75 && metric(f, "healthy_pct.a") == 100);
    paint(f, "b-1/http", STATE_CRITICAL);
    expect(f, STATE_WARNING, "healthy: a 4/4, b 2/4; not healthy: X b-1, ! b-3");
    paint(f, "b-2/http", STATE_UNKNOWN);
    expect(f, STATE_CRITICAL, "healthy: a 4/4, b 1/4; not healthy: X b-1, ? b-2, ! b-3");
    assert_true(metric(f, "old") == 1);
}

/* Each check that the glob matches could not be looked at, by our own fault. */
static void paint_self(struct field *f, const char *glob)
{
    for (size_t i = 0; i < f->site->fleet->n_checks; i++) {
        struct check *c = f->site->fleet->checks[i];
        struct result r = {.state = STATE_UNKNOWN, .is_self = true, .latency_ms = -1};
        r.started_mono_ms = ++f->clock_ms;
        if (text_glob(glob, c->id))
            fleet_apply_result(f->site->fleet, c, &r, f->clock_ms);
    }
}

/* An engine that was asleep, or could not look, makes no role fail. */
static void our_own_fault_makes_nothing_worse(void **state)
{
    struct field *f = *state;
    open_site(f, WEB ",\"by\":\"half\",\"warning_below\":70");
    paint(f, "*", STATE_OK);
    paint_self(f, "b-*/http");
    expect(f, STATE_UNKNOWN, "healthy: a 4/4, b 0/4; not healthy: ? b-1, ? b-2, ? b-3, ? b-4");
    assert_true(fleet_check(f->site->fleet, "sum/all")->is_self);
    paint(f, "b-1/disk", STATE_CRITICAL);
    paint(f, "b-2/disk", STATE_CRITICAL);
    expect(f, STATE_WARNING, "healthy: a 4/4, b 0/4; not healthy: X b-1, X b-2, ? b-3, ? b-4");
    assert_false(fleet_check(f->site->fleet, "sum/all")->is_self);
    paint(f, "b-3/disk", STATE_CRITICAL);
    expect(f, STATE_CRITICAL, "healthy: a 4/4, b 0/4; not healthy: X b-1, X b-2, X b-3, ? b-4");
}

/* A role that one half has lost is not lost. */
static void the_best_group_decides(void **state)
{
    struct field *f = *state;
    open_site(f, WEB ",\"by\":\"half\",\"verdict\":\"best\",\"warning_below\":50,"
                     "\"critical_below\":1");
    paint(f, "*", STATE_OK);
    paint(f, "a-*", STATE_CRITICAL);
    expect(f, STATE_OK, "healthy: a 0/4, b 4/4; not healthy: X a-1, X a-2, X a-3, X a-4");
    paint(f, "b-1/http", STATE_CRITICAL);
    paint(f, "b-2/http", STATE_CRITICAL);
    paint(f, "b-3/http", STATE_CRITICAL);
    expect(f, STATE_WARNING,
           "healthy: a 0/4, b 1/4; not healthy: X a-1, X a-2, X a-3, X a-4, X b-1, X b-2, +1");
    paint(f, "b-4/disk", STATE_CRITICAL);
    expect(f, STATE_CRITICAL,
           "healthy: a 0/4, b 0/4; not healthy: X a-1, X a-2, X a-3, X a-4, X b-1, X b-2, +2");
}

/* Only the checks that are named; those without a result are left out; a number may be asked for.
 */
static void numbers_and_names(void **state)
{
    struct field *f = *state;
    open_site(f, "\"of\":{\"labels\":{\"role\":\"*\"},\"check\":\"http\"},\"warning_below\":0,"
                 "\"critical_below\":0,\"at_least\":3");
    paint(f, "a-*", STATE_OK);
    paint(f, "a-*/disk", STATE_CRITICAL);
    expect(f, STATE_OK, "healthy: 4/4");
    paint(f, "lone/http", STATE_OK);
    expect(f, STATE_OK, "healthy: 5/5");
    paint(f, "a-*/http", STATE_CRITICAL);
    expect(f, STATE_CRITICAL, "healthy: 1/5; not healthy: X a-1, X a-2, X a-3, X a-4");
}

static void refused(struct field *f, const char *sum, const char *words)
{
    struct site_errors errors = {0};
    assert_null(load(f, sum, &errors));
    assert_int_equal(errors.n, 1);
    if (strstr(errors.v[0].what, words) == NULL)
        fail_msg("found \"%s\", expected \"%s\"", errors.v[0].what, words);
    site_errors_release(&errors);
}

static void what_judges_nothing_is_refused(void **state)
{
    struct field *f = *state;
    refused(f, "\"of\":{\"labels\":{\"role\":\"wbe\"}}",
            "check \"all\" of \"sum\": \"of\" matches no target that counts and has such a check");
    refused(f, "\"of\":{\"labels\":{\"role\":\"web\"},\"kind\":\"cluster\"}", "matches no target");
    refused(f, "\"of\":{\"labels\":{\"role\":\"*\"}},\"by\":\"half\"",
            "1 of the 9 targets that \"of\" matches have no label \"half\"");
    refused(f, WEB ",\"at_least\":9", "at_least is 9, but \"of\" matches 8 targets");
    refused(f, WEB ",\"warning_below\":20", "critical_below 50 is above warning_below 20");
    refused(f, WEB ",\"verdict\":\"best\"", "\"by\" names no label");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_worst_group_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(our_own_fault_makes_nothing_worse, setup, teardown),
        cmocka_unit_test_setup_teardown(the_best_group_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_and_names, setup, teardown),
        cmocka_unit_test_setup_teardown(what_judges_nothing_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
