/* Another site file while all goes on: the picture (fleet_renew), the comparison (site_diff), the
 * turns (scheduler_follow). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/loop.h"
#include "engine/scheduler.h"
#include "engine/site_diff.h"
#include "tests/unit/scratch.h"

/* --- the picture ---------------------------------------------------------------------------------
 */

static struct check *add_check(struct fleet *f, const char *target, const char *name)
{
    struct check *c = fleet_add_check(f, fleet_add_target(f, target), name);
    c->rule = (struct rule_config){
        .interval_ms = 1000, .retry_ms = 100, .timeout_ms = 300, .attempts = 1, .ok_confirm = 1};
    return c;
}

static void see(struct fleet *f, const char *check, enum state s, int64_t at_ms)
{
    struct result r = {.state = s, .latency_ms = 5, .at_ms = at_ms, .started_mono_ms = at_ms};
    r.summary = mem_strdup(check);
    result_metric(&r, "load", 3, "");
    result_fact(&r, "role", "primary");
    fleet_apply_result(f, fleet_check(f, check), &r, at_ms);
    result_release(&r);
}

static void open_alert(struct fleet *f, uint64_t id, const char *check)
{
    struct event e = {.kind = EVENT_ALERT_OPENED,
                      .seq = id,
                      .alert = id,
                      .version = 1,
                      .state = STATE_CRITICAL,
                      .check = mem_strdup(check),
                      .text = mem_strdup("it broke")};
    fleet_fold(f, &e);
    event_release(&e);
}

static void what_was_seen_stays(void **state)
{
    (void)state;
    struct fleet *f = fleet_new(), *fresh = fleet_new(), *place = f;
    struct event out;
    add_check(f, "a", "http");
    add_check(f, "b", "http");
    see(f, "a/http", STATE_CRITICAL, 60000);
    see(f, "b/http", STATE_CRITICAL, 60000);
    open_alert(f, 41, "a/http");
    open_alert(f, 42, "b/http");
    uint64_t version = f->version;
    fleet_clean(f);
    add_check(fresh, "new", "tcp");
    add_check(fresh, "a", "http")->priority = PRIORITY_P1;
    fleet_renew(f, fresh);

    assert_ptr_equal(f, place);
    assert_int_equal(f->n_targets, 2);
    assert_null(fleet_target(f, "b"));
    struct check *a = fleet_check(f, "a/http");
    assert_ptr_equal(a->target, fleet_target(f, "a"));
    assert_int_equal(a->priority, PRIORITY_P1); /* as the new file says */
    assert_int_equal(a->live.hard_state, STATE_CRITICAL);
    assert_int_equal(a->alert, 41);
    assert_int_equal(a->at_ms, 60000);
    assert_string_equal(a->summary, "a/http");
    assert_string_equal(a->metrics[0].name, "load");
    assert_string_equal(a->facts[0].value, "primary");
    assert_int_equal(a->trend.worst[TREND_LEN - 1], STATE_CRITICAL);
    assert_int_equal(a->target->state, STATE_CRITICAL);
    assert_int_equal(a->target->since_ms, 60000);
    assert_int_equal(fleet_check(f, "new/tcp")->live.state, STATE_PENDING);
    assert_int_equal(fleet_target(f, "new")->state, STATE_PENDING);
    assert_int_equal(f->n_alerts, 2);
    assert_int_equal(f->next_alert, 43);
    assert_int_equal(f->seq, 42);
    assert_true(f->version > version);

    assert_false(alert_orphan(f, fleet_alert(f, 41), (struct moment){1, 1}, &out));
    assert_true(
        alert_orphan(f, fleet_alert(f, 42), (struct moment){1, 1}, &out)); /* its check has left */
    event_release(&out);
    fleet_free(fresh);
    see(f, "a/http", STATE_OK, 61000); /* the old picture is gone; ours lives on */
    assert_int_equal(f->targets[1]->state, STATE_OK);
    fleet_free(f);
}

/* --- the comparison ------------------------------------------------------------------------------
 */

static struct site *load(const struct scratch *s, const char *targets)
{
    char path[300];
    struct site_errors errors = {0};
    FILE *file = fopen(scratch_path(s, "site.json", path), "w");
    assert_non_null(file);
    fprintf(file,
            "{\"$schema\": \"trucban/site/1\", \"site\": {\"id\": \"s\", \"name\": \"S\"}, "
            "\"targets\": [%s]}",
            targets);
    fclose(file);
    struct site *site = site_load(path, NULL, &errors);
    site_errors_print(&errors, stderr);
    site_errors_release(&errors);
    assert_non_null(site);
    return site;
}

#define TARGET(id, address, check)                                                                 \
    "{\"id\":\"" id "\",\"kind\":\"server\",\"address\":\"" address "\",\"checks\":[" check "]}"
#define HTTP(more) "{\"id\":\"http\",\"probe\":\"http\",\"url\":\"http://${address}/\"" more "}"

#define LIMITS(w) HTTP(",\"thresholds\":{\"latency_ms\":{\"warning\":" w ",\"critical\":9}}")
#define SAME      TARGET("same", "127.0.0.1", LIMITS("5"))
#define LIMIT(w)  TARGET("limit", "127.0.0.1", LIMITS(w))
#define MOVED(n)  TARGET("moved", "127.0.0." n, HTTP(""))
#define BODY(n, more)                                                                              \
    TARGET("body", "127.0.0.1", HTTP(",\"expect\":{\"json\":{\"/a\":" n "}}") more)
#define GONE TARGET("gone", "127.0.0.1", HTTP(""))
#define NEW  TARGET("new", "127.0.0.1", HTTP(""))
#define WINDOW(id, w)                                                                              \
    TARGET(id, "127.0.0.1",                                                                        \
           HTTP(",\"thresholds\":{\"latency_ms\":{\"warning\":" w                                  \
                ",\"over\":\"15m\",\"stat\":\"p95\"}}"))
#define MORE ",{\"id\":\"tcp\",\"probe\":\"tcp\",\"port\":80}"

static bool is_same(const struct site *s, const char *check)
{
    return ((struct check_spec *)fleet_check(s->fleet, check)->spec)->is_same;
}

static void tells_what_changed(void **state)
{
    (void)state;
    struct scratch s;
    struct site_changes c;
    scratch_make(&s);
    struct site *was = load(&s, SAME "," LIMIT("5") "," MOVED("1") "," BODY("1", "") "," GONE);
    struct site *now = load(&s, NEW "," SAME "," LIMIT("6") "," MOVED("2") "," BODY("2", MORE));
    site_diff(was, now, &c);
    assert_int_equal(c.targets, 5);
    assert_int_equal(c.targets_new, 1);
    assert_int_equal(c.targets_gone, 1);
    assert_int_equal(c.targets_changed, 2); /* moved; body has one check more */
    assert_int_equal(c.checks, 6);
    assert_int_equal(c.checks_new, 2);
    assert_int_equal(c.checks_gone, 1);
    assert_int_equal(c.checks_changed, 3);
    assert_true(is_same(now, "same/http"));
    assert_false(is_same(now, "limit/http"));
    assert_false(is_same(now, "moved/http"));
    assert_false(is_same(now, "body/http"));
    assert_false(is_same(now, "new/http"));
    site_free(was);
    site_free(now);
    scratch_remove(&s);
}

/* What a window has seen goes on where the check is the same, and begins anew where it is not. */
static void windows_go_on(void **state)
{
    (void)state;
    struct scratch s;
    struct site_changes c;
    scratch_make(&s);
    struct site *was = load(&s, WINDOW("same", "5") "," WINDOW("other", "5"));
    struct check_spec *same = fleet_check(was->fleet, "same/http")->spec;
    struct check_spec *other = fleet_check(was->fleet, "other/http")->spec;
    struct windows *kept = same->windows, *left = other->windows;
    assert_non_null(kept);
    struct site *now = load(&s, WINDOW("same", "5") "," WINDOW("other", "6"));
    site_diff(was, now, &c);
    same = fleet_check(now->fleet, "same/http")->spec;
    other = fleet_check(now->fleet, "other/http")->spec;
    assert_ptr_equal(same->windows, kept);
    assert_ptr_not_equal(other->windows, left);
    assert_non_null(other->windows);
    site_free(was);
    site_free(now);
    scratch_remove(&s);
}

/* --- the turns
 * ------------------------------------------------------------------------------------- */

struct field {
    struct loop *loop;
    struct probe_env env;
    struct fleet *fleet;
    struct check_spec *specs;
    struct scheduler *scheduler, *old;
    bool has_ended;
    int started, finished[3]; /* by name: a, b, c */
};

struct slow_config { /* answers after as long */
    struct field *field;
    int64_t after_ms;
};
struct slow_run {
    const struct slow_config *config;
    struct loop_timer *timer;
    probe_done_fn *done;
    void *arg;
};

static void slow_done(void *arg)
{
    struct slow_run *run = arg;
    struct result r = {.state = STATE_OK, .latency_ms = 1, .summary = mem_strdup("slow")};
    loop_timer_free(run->timer);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *slow_start(const struct probe_env *env, const void *config,
                        const struct probe_job *job, probe_done_fn *done, void *arg)
{
    const struct slow_config *c = config;
    struct slow_run *run = mem_alloc(sizeof *run);
    (void)job;
    *run = (struct slow_run){.config = c, .done = done, .arg = arg};
    run->timer = loop_timer_new(env->loop, slow_done, run);
    loop_timer_set(run->timer, c->after_ms, 0);
    c->field->started++;
    return run;
}

static void slow_cancel(void *arg)
{
    struct slow_run *run = arg;
    loop_timer_free(run->timer);
    free(run);
}

static const struct option no_rows[] = {{0}};
static const struct probe_type slow = {.name = "slow",
                                       .options = no_rows,
                                       .config_size = sizeof(struct slow_config),
                                       .start = slow_start,
                                       .cancel = slow_cancel};

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    assert_ptr_equal(c, fleet_check(f->fleet, c->id)); /* one of the picture that stands */
    f->finished[c->target->id[0] - 'a']++;
    fleet_apply_result(f->fleet, c, r, loop_mono_ms(f->loop));
    fleet_clean(f->fleet);
}

static struct check_spec *add_spec(struct field *f, struct fleet *fleet, struct check_spec **list,
                                   const char *target, bool same)
{
    struct check_spec *s = mem_alloc(sizeof *s);
    struct slow_config *c = mem_alloc(sizeof *c);
    s->check = add_check(fleet, target, "x");
    s->check->rule.interval_ms = 60000;
    s->check->rule.timeout_ms = 5000;
    s->check->spec = s;
    *c = (struct slow_config){.field = f, .after_ms = 200};
    s->type = &slow;
    s->config = c;
    s->is_same = same;
    s->next = *list;
    *list = s;
    return s;
}

static void specs_free(struct check_spec *list)
{
    while (list) {
        struct check_spec *next = list->next;
        free(list->config);
        free(list);
        list = next;
    }
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

static void on_ended(void *arg)
{
    ((struct field *)arg)->has_ended = true;
}

/* a asks as before, b in another way, c has gone: one result for a, none for the others, and no
 * second run for a while its first is under way. */
static void what_runs_is_neither_lost_nor_doubled(void **state)
{
    (void)state;
    struct field f = {.loop = loop_new(NULL), .fleet = fleet_new()};
    struct fleet *fresh = fleet_new();
    struct check_spec *now = NULL;
    struct err why;
    f.env.loop = f.loop;
    f.env.fleet = f.fleet;
    for (const char *id = "abc"; *id; id++)
        add_spec(&f, f.fleet, &f.specs, (char[]){*id, 0}, false);
    f.scheduler = scheduler_new(&f.env, f.specs, on_result, &f);
    scheduler_start(f.scheduler);
    for (size_t i = 0; i < 3; i++)
        assert_true(scheduler_run_now(f.scheduler, f.fleet->checks[i], &why));
    run_for(&f, 80);
    assert_int_equal(f.started, 3);

    add_spec(&f, fresh, &now, "a", true);
    add_spec(&f, fresh, &now, "b", false);
    fleet_renew(f.fleet, fresh);
    f.old = f.scheduler;
    f.scheduler = scheduler_new(&f.env, now, on_result, &f);
    assert_true(scheduler_follow(f.scheduler, f.old, on_ended, &f));
    assert_true(scheduler_run_now(f.scheduler, fleet_check(f.fleet, "a/x"), &why)); /* runs */
    run_for(&f, 300);
    assert_true(f.has_ended);
    assert_int_equal(f.finished[0], 1);
    assert_int_equal(f.finished[1], 0);
    assert_int_equal(f.finished[2], 0);
    assert_int_equal(f.started, 3);
    assert_int_equal(fleet_check(f.fleet, "a/x")->live.state, STATE_OK);
    scheduler_free(f.old);
    fleet_free(fresh);
    specs_free(f.specs);

    for (size_t i = 0; i < 2; i++) /* both have their turns with the new one */
        assert_true(scheduler_run_now(f.scheduler, f.fleet->checks[i], &why));
    run_for(&f, 400);
    assert_int_equal(f.finished[0], 2);
    assert_int_equal(f.finished[1], 1);
    scheduler_free(f.scheduler);
    specs_free(now);
    fleet_free(f.fleet);
    loop_free(f.loop);
}

/* A file that says the same moves no slot, even where it is read again and again. */
static void slots_stay(void **state)
{
    (void)state;
    struct field f = {.loop = loop_new(NULL), .fleet = fleet_new()};
    f.env.loop = f.loop;
    f.env.fleet = f.fleet;
    struct check_spec *s = add_spec(&f, f.fleet, &f.specs, "a", false);
    s->check->rule.interval_ms = 500;
    ((struct slow_config *)s->config)->after_ms = 10;
    f.scheduler = scheduler_new(&f.env, f.specs, on_result, &f);
    scheduler_start(f.scheduler);
    for (int i = 0; i < 20; i++) { /* 2 s: four turns, whatever happens between */
        run_for(&f, 100);
        struct fleet *fresh = fleet_new();
        struct check_spec *now = NULL;
        s = add_spec(&f, fresh, &now, "a", true);
        s->check->rule.interval_ms = 500;
        ((struct slow_config *)s->config)->after_ms = 10;
        fleet_renew(f.fleet, fresh);
        struct scheduler *old = f.scheduler;
        f.scheduler = scheduler_new(&f.env, now, on_result, &f);
        f.has_ended = false;
        if (scheduler_follow(f.scheduler, old, on_ended, &f))
            while (!f.has_ended)
                run_for(&f, 5);
        scheduler_free(old);
        fleet_free(fresh);
        specs_free(f.specs);
        f.specs = now;
    }
    assert_in_range(f.finished[0], 3, 6);
    assert_int_equal(f.finished[0], f.started);
    scheduler_free(f.scheduler);
    specs_free(f.specs);
    fleet_free(f.fleet);
    loop_free(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_stays),
        cmocka_unit_test(tells_what_changed),
        cmocka_unit_test(windows_go_on),
        cmocka_unit_test(what_runs_is_neither_lost_nor_doubled),
        cmocka_unit_test(slots_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
