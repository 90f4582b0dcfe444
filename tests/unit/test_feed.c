/* One look at many things: site file, scheduler and fleet with a kind whose rows the test decides.
 */
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
#include "probes/kinds.h"
#include "tests/unit/scratch.h"

/* --- the kind "many": gives the rows that its option names, "id" or "id=lag_s" ---------------- */

struct many {
    struct option_strings rows;
};
struct many_run {
    const struct many *config;
    struct loop *loop;
    probe_done_fn *done;
    void *arg;
    size_t n_fed;
};

static void many_done(void *arg)
{
    struct many_run *run = arg;
    struct result r = {.latency_ms = 1};
    bool is_failed = run->config->rows.n == 0;
    result_say(&r, is_failed ? STATE_CRITICAL : STATE_OK, mem_strdup("looked"));
    result_metric(&r, "fed", (double)run->n_fed, "");
    for (size_t i = 0; i < run->config->rows.n; i++) {
        const char *row = run->config->rows.v[i], *equals = strchr(row, '=');
        char *id = mem_strndup(row, equals ? (size_t)(equals - row) : strlen(row));
        struct result *one = result_row_add(&r, id);
        result_say(one, STATE_OK, mem_strdup("a row"));
        result_fact(one, "row", id);
        if (equals != NULL)
            result_metric(one, "lag_s", strtod(equals + 1, NULL), "s");
        free(id);
    }
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *many_start(const struct probe_env *env, const void *config,
                        const struct probe_job *job, probe_done_fn *done, void *arg)
{
    struct many_run *run = mem_alloc(sizeof *run);
    for (size_t i = 1; i < job->n_fed; i++) /* sorted by row */
        assert_true(strcmp(job->fed[i - 1].row, job->fed[i].row) <= 0);
    *run = (struct many_run){config, env->loop, done, arg, job->n_fed};
    loop_soon(env->loop, many_done, run);
    return run;
}

static void many_cancel(void *arg)
{
    struct many_run *run = arg;
    loop_forget(run->loop, run);
    free(run);
}

static const struct option many_options[] = {
    {.name = "rows", .type = OPTION_STRINGS, .offset = offsetof(struct many, rows)}, {0}};
static const struct probe_type many = {.name = "many",
                                       .options = many_options,
                                       .config_size = sizeof(struct many),
                                       .gives_rows = true,
                                       .start = many_start,
                                       .cancel = many_cancel};
static const struct probe_type some = {.name = "some", /* rows that nobody takes are fine */
                                       .options = many_options,
                                       .config_size = sizeof(struct many),
                                       .gives_rows = true,
                                       .may_leave_rows = true,
                                       .start = many_start,
                                       .cancel = many_cancel};
const struct probe_type *const probe_types[] = {&many, &probe_passive, &probe_row, &some, NULL};
const struct probe_type *probe_find(const char *name)
{
    for (size_t i = 0; probe_types[i] != NULL; i++)
        if (strcmp(probe_types[i]->name, name) == 0)
            return probe_types[i];
    return NULL;
}

/* --- a site, looked at once ----------------------------------------------------------------- */

struct field {
    struct scratch dir;
    struct loop *loop;
    struct site *site;
    struct scheduler *scheduler;
    int64_t started_ms; /* of the newest result */
    size_t n;
};

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    scratch_make(&f->dir);
    f->loop = loop_new(NULL);
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

static struct site *load(struct field *f, const char *targets, struct site_errors *errors)
{
    char path[300];
    FILE *file = fopen(scratch_path(&f->dir, "site.json", path), "w");
    fprintf(file,
            "{\"site\":{\"id\":\"x\"},\"defaults\":{\"interval\":\"7s\",\"timeout\":\"3s\"},"
            "\"targets\":[%s]}",
            targets);
    fclose(file);
    return site_load(path, NULL, errors);
}

static void open_site(struct field *f, const char *targets, scheduler_result_fn *fn)
{
    struct site_errors errors = {0};
    struct probe_env env = {.loop = f->loop};
    f->site = load(f, targets, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(f->site);
    f->scheduler = scheduler_new(&env, f->site->specs, fn, f);
    scheduler_start_once(f->scheduler);
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    fleet_apply_result(f->site->fleet, c, r, loop_mono_ms(f->loop));
    f->started_ms = r->started_mono_ms;
    f->n++;
    loop_stop(f->loop); /* the round is gone through */
}

static void look(struct field *f, const char *check)
{
    struct err e;
    if (!scheduler_run_now(f->scheduler, fleet_check(f->site->fleet, check), &e))
        fail_msg("%s", e.text);
    loop_run(f->loop);
}

static void expect(const struct field *f, const char *check, enum state state, const char *words)
{
    const struct check *c = fleet_check(f->site->fleet, check);
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    if (c->summary != NULL)
        say_text(&text, c->summary, NULL);
    if (c->live.state != state || strcmp(buf_text(&text), words) != 0)
        fail_msg("%s: found %s \"%s\", expected %s \"%s\"", check, state_rows[c->live.state].name,
                 buf_text(&text), state_rows[state].name, words);
    buf_release(&text);
}

#define SOURCE_OF(kind, rows)                                                                      \
    "{\"id\":\"src\",\"checks\":[{\"id\":\"all\",\"probe\":\"" kind "\",\"rows\":[" rows "]}]},"
#define SOURCE(rows) SOURCE_OF("many", rows)
#define FED          "\"checks\":[{\"probe\":\"row\",\"from\":\"src/all\"}]}"

/* Each gets its own row, at the source's start, judged by its own thresholds; two may share one. */
static void rows_reach_their_checks(void **state)
{
    struct field *f = *state;
    open_site(
        f,
        SOURCE("\"db-2=90\",\"db-1=1\",\"other\"") "{\"id\":\"db-[1-2]\",\"checks\":[{\"probe\":"
                                                   "\"row\",\"from\":\"src/all\","
                                                   "\"thresholds\":{\"lag_s\":{\"warning\":60}}}]},"
                                                   "{\"id\":\"also\",\"checks\":[{\"probe\":"
                                                   "\"row\",\"from\":\"src/all\",\"row\":"
                                                   "\"other\"},{\"id\":\"again\",\"probe\":\"row\","
                                                   "\"from\":\"src/all\",\"row\":"
                                                   "\"other\"}]}",
        on_result);
    look(f, "src/all");
    assert_int_equal(f->n, 5);
    expect(f, "src/all", STATE_OK, "looked");
    expect(f, "db-1/row", STATE_OK, "a row");
    expect(f, "db-2/row", STATE_WARNING, "lag_s 90 s, warning from 60");
    expect(f, "also/row", STATE_OK, "a row");
    expect(f, "also/again", STATE_OK, "a row");
    const struct check *c = fleet_check(f->site->fleet, "also/again");
    assert_string_equal(fact_value(c->facts, c->n_facts, "row"), "other");
    assert_int_equal(c->live.started_ms, fleet_check(f->site->fleet, "src/all")->live.started_ms);
    assert_true(fleet_check(f->site->fleet, "src/all")->metrics[0].value == 4); /* it knows whom */
    assert_int_equal(f->started_ms, c->live.started_ms);
}

static void a_missing_row_is_said_where_it_counts(void **state)
{
    struct field *f = *state;
    open_site(f,
              SOURCE("\"db-1\"") "{\"id\":\"db-[1-2]\"," FED ","
                                 "{\"id\":\"db-3\",\"link\":\"none\"," FED ","
                                 "{\"id\":\"db-4\",\"enabled\":false," FED,
              on_result);
    look(f, "src/all");
    expect(f, "db-1/row", STATE_OK, "a row");
    expect(f, "db-2/row", STATE_CRITICAL, "no row db-2 in the reply of src/all");
    expect(f, "db-3/row", STATE_OK, "not connected yet: no row db-3 in the reply of src/all");
    expect(f, "db-4/row", STATE_PENDING, "");
}

static void rows_of_nobody_are_named(void **state)
{
    struct field *f = *state;
    open_site(
        f,
        SOURCE("\"b\",\"db-1\",\"off\",\"a\",\"d\",\"c\"") "{\"id\":\"db-1\"," FED ","
                                                           "{\"id\":\"off\",\"enabled\":false," FED,
        on_result);
    look(f, "src/all");
    expect(f, "src/all", STATE_WARNING, "the reply has 4 rows that nobody takes: b, a, d, …");
    expect(f, "db-1/row", STATE_OK, "a row");
}

static void one_row_of_nobody_is_named(void **state)
{
    struct field *f = *state;
    open_site(f, SOURCE("\"db-1\",\"b\"") "{\"id\":\"db-1\"," FED, on_result);
    look(f, "src/all");
    expect(f, "src/all", STATE_WARNING, "the reply has a row that nobody takes: b");
}

static void some_kinds_may_leave_rows(void **state)
{
    struct field *f = *state;
    open_site(f, SOURCE_OF("some", "\"db-1\",\"b\"") "{\"id\":\"db-1\"," FED, on_result);
    look(f, "src/all");
    expect(f, "src/all", STATE_OK, "looked");
    expect(f, "db-1/row", STATE_OK, "a row");
}

/* No alert but the source's own: what it feeds goes stale, and stays so. */
static void a_failed_look_feeds_nobody(void **state)
{
    struct field *f = *state;
    open_site(f, SOURCE("") "{\"id\":\"db-[1-3]\"," FED, on_result);
    look(f, "src/all");
    assert_int_equal(f->n, 1);
    expect(f, "src/all", STATE_CRITICAL, "looked");
    struct check *c = fleet_check(f->site->fleet, "db-2/row");
    struct result r = {.state = STATE_OK, .latency_ms = -1, .started_mono_ms = 1000};
    fleet_apply_result(f->site->fleet, c, &r, 1000);
    assert_int_equal(c->rule.interval_ms, 7000); /* the source's pace, the source's time */
    fleet_age_check(f->site->fleet, c, 1, 1000 + 16999);
    assert_int_equal(check_shown(c), STATE_OK);
    fleet_age_check(f->site->fleet, c, 1, 1000 + 17000);
    assert_int_equal(check_shown(c), STATE_STALE);
    for (int64_t at = 19000; at < 1000000; at += 1000)
        assert_false(fleet_age_check(f->site->fleet, c, 1, at) & RULE_HARD);
    assert_int_equal(check_shown(c), STATE_STALE);
}

static void asking_one_asks_its_source(void **state)
{
    struct field *f = *state;
    struct err e;
    open_site(f,
              SOURCE("\"db-1\"") "{\"id\":\"db-1\"," FED ",{\"id\":\"db-2\",\"enabled\":false," FED,
              on_result);
    look(f, "db-1/row");
    assert_int_equal(f->n, 2);
    expect(f, "src/all", STATE_OK, "looked");
    expect(f, "db-1/row", STATE_OK, "a row");
    assert_false(scheduler_run_now(f->scheduler, fleet_check(f->site->fleet, "db-2/row"), &e));
    assert_string_equal(e.text, "target \"db-2\" is disabled");
    assert_false(scheduler_submit(f->scheduler, fleet_check(f->site->fleet, "db-1/row"), STATE_OK,
                                  "x", NULL, &e));
}

static void a_disabled_source_is_said(void **state)
{
    struct field *f = *state;
    struct err e;
    open_site(f,
              "{\"id\":\"src\",\"enabled\":false,\"checks\":[{\"id\":\"all\",\"probe\":\"many\"}]},"
              "{\"id\":\"db-1\"," FED,
              on_result);
    assert_false(scheduler_run_now(f->scheduler, fleet_check(f->site->fleet, "db-1/row"), &e));
    assert_string_equal(e.text, "the target of the check that \"db-1/row\" is fed by is disabled");
}

static void wrong(struct field *f, const char *targets, const char *words)
{
    struct site_errors errors = {0};
    assert_null(load(f, targets, &errors));
    assert_int_equal(errors.n, 1);
    assert_string_equal(errors.v[0].what, words);
    site_errors_release(&errors);
}

/* A check that is fed gives no rows, so that a circle is refused with the rest. */
static void site_files_name_a_source(void **state)
{
    struct field *f = *state;
    wrong(f,
          SOURCE("") "{\"id\":\"db-[1-9]\",\"checks\":[{\"probe\":\"row\",\"from\":\"src/al\"}]}",
          "check \"row\" is fed by \"src/al\", but there is no such check; did you mean "
          "\"src/all\"?");
    wrong(f, "{\"id\":\"db\",\"checks\":[{\"probe\":\"row\",\"from\":\"x/y\"}]}",
          "check \"row\" is fed by \"x/y\", but there is no such check");
    wrong(f, "{\"id\":\"db\",\"checks\":[{\"probe\":\"row\",\"from\":\"db/row\"}]}",
          "check \"row\" is fed by \"db/row\", which is of kind row and has no rows; expected many "
          "or some");
    wrong(f,
          "{\"id\":\"a\",\"checks\":[{\"probe\":\"passive\"},{\"probe\":\"row\",\"from\":"
          "\"a/passive\"}]}",
          "check \"row\" is fed by \"a/passive\", which is of kind passive and has no rows; "
          "expected many or some");
    wrong(
        f,
        SOURCE(
            "") "{\"id\":\"a\",\"checks\":[{\"probe\":\"row\",\"from\":\"src/all\",\"row\":\"\"}]}",
        "\"row\" is empty or holds controls, expected the row's id");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(rows_reach_their_checks),    TEST(a_missing_row_is_said_where_it_counts),
        TEST(rows_of_nobody_are_named),   TEST(one_row_of_nobody_is_named),
        TEST(some_kinds_may_leave_rows),  TEST(a_failed_look_feeds_nobody),
        TEST(asking_one_asks_its_source), TEST(a_disabled_source_is_said),
        TEST(site_files_name_a_source),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
