/* What stands behind what: plain parents, redundancy groups, the host of its own services. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/reach.h"

/*   core ── sw-a ── srv-1 (web, disk)      rt-1 ┐
 *               └── srv-2 (ping, web)      rt-2 ┴─ far (app) ── below (app)
 * and `bare` has no checks. */

static void target(struct fleet *f, const char *id, const char *parent, const char *check,
                   const char *probe)
{
    struct target *t = fleet_add_target(f, id);
    if (parent != NULL && t->n_parents == 0) {
        t->parents = mem_grow(NULL, 1, sizeof *t->parents);
        t->parents[t->n_parents++] = mem_strdup(parent);
    }
    if (check != NULL)
        mem_set(&fleet_add_check(f, t, check)->probe, probe);
}

static int lab_begin(void **state)
{
    struct fleet *f = fleet_new();
    target(f, "srv-1", "sw-a", "web", "http");
    target(f, "srv-1", NULL, "disk", "exec");
    target(f, "srv-2", "sw-a", "web", "http");
    target(f, "srv-2", NULL, "ping", "icmp");
    target(f, "core", NULL, "ping", "icmp");
    target(f, "sw-a", "core", "ping", "icmp");
    target(f, "rt-1", NULL, "ping", "icmp");
    target(f, "rt-2", NULL, "ping", "icmp");
    target(f, "far", "rt-1|rt-2", "app", "tcp");
    target(f, "below", "far", "app", "tcp");
    target(f, "bare", NULL, NULL, NULL);
    target(f, "lone", "bare", "app", "tcp");
    fleet_link(f);
    *state = f;
    for (size_t i = 0; i < f->n_checks; i++)
        rule_accept(&(struct rule_config){.attempts = 1, .ok_confirm = 1}, &f->checks[i]->live,
                    STATE_OK, 1000, 1000);
    return 0;
}

static int lab_end(void **state)
{
    fleet_free(*state);
    return 0;
}

static struct check *named(struct fleet *f, const char *id)
{
    struct check *c = fleet_check(f, id);
    assert_non_null(c);
    return c;
}

/* attempts 3: one bad result is soft, three are hard. */
static void hear(struct fleet *f, const char *id, enum state s, int times)
{
    const struct rule_config rule = {.attempts = 3, .ok_confirm = 2};
    struct rule_state *live = &named(f, id)->live;
    for (int i = 0; i < times; i++)
        rule_accept(&rule, live, s, live->started_ms + 1, live->result_ms + 1);
}

static void assert_reach(struct fleet *f, const char *id, enum reach want, const char *cause)
{
    const struct check *by = (const struct check *)f;
    enum reach got = reach_of(f, named(f, id), &by);
    if (got != want)
        fail_msg("%s: reach %d, not %d", id, (int)got, (int)want);
    assert_string_equal(by != NULL ? by->id : "-", cause);
}

static void a_parent_is_judged_by_its_host_check(void **state)
{
    struct fleet *f = *state;
    assert_string_equal(reach_parent_check(fleet_target(f, "srv-1"))->id, "srv-1/web");
    assert_string_equal(reach_host_check(fleet_target(f, "srv-2"))->id, "srv-2/ping");
    named(f, "srv-2/web")->is_host = true;
    assert_string_equal(reach_host_check(fleet_target(f, "srv-2"))->id, "srv-2/web");
    assert_null(reach_host_check(fleet_target(f, "srv-1")));
    assert_null(reach_parent_check(fleet_target(f, "bare")));
}

static void a_plain_parent_that_is_down_cuts_off(void **state)
{
    struct fleet *f = *state;
    assert_reach(f, "srv-1/web", REACH_UP, "-");
    hear(f, "sw-a/ping", STATE_CRITICAL, 1);
    assert_reach(f, "srv-1/web", REACH_UNSETTLED, "-");
    hear(f, "sw-a/ping", STATE_CRITICAL, 2);
    assert_reach(f, "srv-1/web", REACH_DOWN, "sw-a/ping");
    assert_reach(f, "srv-1/disk", REACH_DOWN, "sw-a/ping");
    assert_reach(f, "sw-a/ping", REACH_UP, "-");
    hear(f, "sw-a/ping", STATE_OK, 1); /* not confirmed yet */
    assert_reach(f, "srv-1/web", REACH_DOWN, "sw-a/ping");
    hear(f, "sw-a/ping", STATE_OK, 1);
    assert_reach(f, "srv-1/web", REACH_UP, "-");
}

static void a_warning_parent_cuts_nothing_off(void **state)
{
    struct fleet *f = *state;
    hear(f, "sw-a/ping", STATE_WARNING, 3);
    assert_reach(f, "srv-1/web", REACH_UP, "-");
    hear(f, "sw-a/ping", STATE_UNKNOWN, 1); /* our own fault, say */
    assert_reach(f, "srv-1/web", REACH_UP, "-");
}

static void a_silent_parent_is_down(void **state)
{
    struct fleet *f = *state;
    named(f, "sw-a/ping")->live.is_stale = true;
    assert_reach(f, "srv-1/web", REACH_DOWN, "sw-a/ping");
    struct rule_state *live = &named(f, "sw-a/ping")->live;
    live->is_stale = false; /* twice the freshness: UNKNOWN, "no result" */
    live->state = live->hard_state = STATE_UNKNOWN;
    live->is_no_result = true;
    assert_reach(f, "srv-1/web", REACH_DOWN, "sw-a/ping");
}

static void the_cause_is_the_furthest_up(void **state)
{
    struct fleet *f = *state;
    hear(f, "srv-2/ping", STATE_CRITICAL, 3);
    assert_reach(f, "srv-2/web", REACH_DOWN, "srv-2/ping");
    hear(f, "sw-a/ping", STATE_CRITICAL, 3);
    assert_reach(f, "srv-2/web", REACH_DOWN, "sw-a/ping");
    hear(f, "core/ping", STATE_CRITICAL, 3);
    assert_reach(f, "srv-2/web", REACH_DOWN, "core/ping");
    assert_reach(f, "srv-1/disk", REACH_DOWN, "core/ping");
    assert_reach(f, "sw-a/ping", REACH_DOWN, "core/ping");
}

static void a_page_that_fails_hides_no_full_disk(void **state)
{
    struct fleet *f = *state;
    hear(f, "srv-1/web", STATE_CRITICAL, 3);
    assert_reach(f, "srv-1/disk", REACH_UP, "-");
    named(f, "srv-1/web")->is_host = true;
    assert_reach(f, "srv-1/disk", REACH_DOWN, "srv-1/web");
    assert_reach(f, "srv-1/web", REACH_UP, "-");
}

static void a_group_is_down_only_as_a_whole(void **state)
{
    struct fleet *f = *state;
    hear(f, "rt-1/ping", STATE_CRITICAL, 3);
    assert_reach(f, "far/app", REACH_UP, "-");
    hear(f, "rt-2/ping", STATE_CRITICAL, 1);
    assert_reach(f, "far/app", REACH_UNSETTLED, "-");
    hear(f, "rt-2/ping", STATE_CRITICAL, 2);
    assert_reach(f, "far/app", REACH_DOWN, "rt-1/ping");
    hear(f, "far/app", STATE_CRITICAL, 3);
    assert_reach(f, "below/app", REACH_DOWN, "rt-1/ping");
    hear(f, "rt-1/ping", STATE_OK, 2);
    assert_reach(f, "far/app", REACH_UP, "-");
    assert_reach(f, "below/app", REACH_DOWN, "far/app");
}

static void before_the_first_result_it_is_not_known(void **state)
{
    struct fleet *f = *state;
    rule_init(&named(f, "sw-a/ping")->live, 0);
    assert_reach(f, "srv-1/web", REACH_UNSETTLED, "-");
    rule_restore(&named(f, "sw-a/ping")->live, STATE_OK); /* as a restart finds it */
    assert_reach(f, "srv-1/web", REACH_UNSETTLED, "-");
    rule_restore(&named(f, "sw-a/ping")->live, STATE_CRITICAL);
    assert_reach(f, "srv-1/web", REACH_DOWN, "sw-a/ping");
}

static void disabled_parents_and_those_without_checks_are_never_down(void **state)
{
    struct fleet *f = *state;
    hear(f, "sw-a/ping", STATE_CRITICAL, 3);
    fleet_target(f, "sw-a")->is_disabled = true;
    assert_reach(f, "srv-1/web", REACH_UP, "-");
    assert_reach(f, "lone/app", REACH_UP, "-");
}

static void list(void *arg, struct check *behind)
{
    buf_addf(arg, "%s ", behind->id);
}

static void assert_behind(struct fleet *f, const char *id, const char *want)
{
    struct buf b = BUF_INIT(0);
    reach_behind(f, named(f, id), list, &b);
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
}

static void what_stands_behind_is_listed_once(void **state)
{
    struct fleet *f = *state;
    assert_behind(f, "sw-a/ping", "srv-1/web srv-1/disk srv-2/web srv-2/ping ");
    assert_behind(f, "core/ping", "sw-a/ping ");
    assert_behind(f, "srv-2/ping", "srv-2/web ");
    assert_behind(f, "srv-2/web", "");
    assert_behind(f, "srv-1/web", ""); /* not marked, and no ping */
}

static void before(void *arg, const struct check *host)
{
    buf_addf(arg, "%s ", host->id);
}

static void what_stands_before_is_listed(void **state)
{
    struct fleet *f = *state;
    struct buf b = BUF_INIT(0);
    reach_above(f, named(f, "srv-2/web"), before, &b);
    reach_above(f, named(f, "far/app"), before, &b);
    reach_above(f, named(f, "core/ping"), before, &b);
    assert_string_equal(buf_text(&b), "srv-2/ping sw-a/ping rt-1/ping rt-2/ping ");
    buf_release(&b);
}

static void count(void *arg, struct check *behind)
{
    (void)behind;
    ++*(size_t *)arg;
}

/* Two parents each, as deep as a site may be: 2^64 paths, and the cause is found along one. */
static void many_paths_lead_to_one_cause(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    char id[24], other[24];
    size_t n = 0;
    for (int i = 0; i < 64; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(id, sizeof id, "t-%d-%d", i, k);
            target(f, id, NULL, "ping", "icmp");
            struct target *t = fleet_target(f, id);
            t->parents = mem_grow(NULL, 2, sizeof *t->parents);
            for (int p = 0; i > 0 && p < 2; p++) {
                snprintf(other, sizeof other, "t-%d-%d", i - 1, p);
                t->parents[t->n_parents++] = mem_strdup(other);
            }
        }
    fleet_link(f);
    for (size_t i = 0; i < f->n_checks; i++)
        rule_restore(&f->checks[i]->live, STATE_CRITICAL);
    reach_behind(f, named(f, "t-0-0/ping"), count, &n);
    assert_int_equal(n, 2);
    assert_reach(f, "t-63-1/ping", REACH_DOWN, "t-0-1/ping");
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_parent_is_judged_by_its_host_check, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(a_plain_parent_that_is_down_cuts_off, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(a_warning_parent_cuts_nothing_off, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(a_silent_parent_is_down, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(the_cause_is_the_furthest_up, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(a_page_that_fails_hides_no_full_disk, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(a_group_is_down_only_as_a_whole, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(before_the_first_result_it_is_not_known, lab_begin,
                                        lab_end),
        cmocka_unit_test_setup_teardown(disabled_parents_and_those_without_checks_are_never_down,
                                        lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(what_stands_behind_is_listed_once, lab_begin, lab_end),
        cmocka_unit_test_setup_teardown(what_stands_before_is_listed, lab_begin, lab_end),
        cmocka_unit_test(many_paths_lead_to_one_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
