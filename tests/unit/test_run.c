/* Runs of failovers: the fold of their events, their wire form, what a restart finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/checkpoint.h"
#include "engine/wire.h"

#define AT  1772719331042LL
#define RUN "3f2a0c1e-0000-4000-8000-000000000001"

static struct event_run *about(const char *id)
{
    struct event_run *r = mem_alloc(sizeof *r);
    r->id = mem_strdup(id);
    r->fog = mem_strdup("fog-web");
    return r;
}

static void fold(struct fleet *f, enum event_kind kind, int64_t at_s, struct event_run *run,
                 char *text)
{
    struct event e = {.seq = f->seq + 1, .at_ms = AT + at_s * 1000, .kind = kind};
    e.actor = (struct actor){mem_strdup("lan"), 1000, mem_strdup("")};
    e.subject = mem_strdup("fog/fog-web");
    e.run = run;
    e.text = text;
    fleet_fold(f, &e);
    event_release(&e);
}

static void confirm(struct fleet *f, const char *id)
{
    struct event_run *r = about(id);
    r->from = mem_strdup("half-a");
    r->to = mem_strdup("half-b");
    r->reason = mem_strdup("rack A is hot");
    r->ticket = mem_strdup("CHG-7");
    r->plan_hash = mem_strdup("c0ffee");
    r->n_steps = 3;
    r->steps = mem_alloc(3 * sizeof *r->steps);
    for (size_t i = 0; i < 3; i++) {
        r->steps[i].class = STEP_SET;
        r->steps[i].say = SAY("take {0} out", "a1");
        r->steps[i].request = mem_strdup("set server be/a1 state drain");
    }
    fold(f, EVENT_FAILOVER_CONFIRMED, 0, r, NULL);
    r = about(id);
    r->state = RUN_RUNNING;
    r->epoch = 1;
    fold(f, EVENT_FAILOVER_STARTED, 0, r, NULL);
}

static void step(struct fleet *f, enum event_kind kind, int n, int64_t at_s, enum step_state v)
{
    struct event_run *r = about(RUN);
    r->step = n;
    r->epoch = 1;
    r->verdict = v;
    if (kind == EVENT_FAILOVER_STEP_INTENDED)
        r->request = mem_strdup("set server be/a1 state drain");
    bool is_end = kind == EVENT_FAILOVER_STEP_FINISHED;
    fold(f, kind, at_s, r, is_end ? SAY("{0} is out", "a1") : NULL);
}

static void end(struct fleet *f, enum event_kind kind, enum run_state s, char *text)
{
    struct event_run *r = about(RUN);
    r->state = s;
    r->epoch = 1;
    fold(f, kind, 9, r, text);
}

static void a_run_is_the_fold_of_its_events(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    confirm(f, RUN);
    const struct run *r = fleet_run(f, RUN);
    assert_non_null(r);
    assert_int_equal(r->state, RUN_RUNNING);
    assert_string_equal(r->by, "lan");
    assert_string_equal(r->reason, "rack A is hot");
    assert_true(run_is_active(r));
    assert_ptr_equal(fleet_active_run(f, "fog-web"), r);
    assert_null(fleet_active_run(f, "fog-app"));
    assert_int_equal(run_step_at(r), 0);

    step(f, EVENT_FAILOVER_STEP_INTENDED, 1, 1, STEP_PENDING);
    assert_int_equal(r->steps[0].state, STEP_INTENDED);
    assert_int_equal(r->steps[0].intent_at_ms, AT + 1000);
    step(f, EVENT_FAILOVER_STEP_SENT, 1, 2, STEP_PENDING);
    assert_int_equal(r->steps[0].state, STEP_SENT);
    assert_int_equal(run_step_at(r), 0);
    step(f, EVENT_FAILOVER_STEP_FINISHED, 1, 3, STEP_DONE);
    assert_int_equal(r->steps[0].state, STEP_DONE);
    assert_int_equal(r->steps[0].seen_at_ms, AT + 3000);
    assert_int_equal(run_step_at(r), 1);
    step(f, EVENT_FAILOVER_STEP_INTENDED, 9, 3, STEP_PENDING); /* no such step: nothing happens */

    end(f, EVENT_FAILOVER_ENDED, RUN_FAILED_PARTIAL, SAY("{0} of {1} steps done", "1", "3"));
    assert_int_equal(r->state, RUN_FAILED_PARTIAL);
    assert_int_equal(r->steps[2].state, STEP_SKIPPED);
    assert_null(fleet_active_run(f, "fog-web"));
    assert_ptr_equal(fleet_unclosed_run(f, "fog-web"), r);

    end(f, EVENT_FAILOVER_CLOSED, RUN_CLOSED, mem_strdup("brought back by hand"));
    assert_int_equal(r->state, RUN_CLOSED);
    assert_int_equal(r->ended_as, RUN_FAILED_PARTIAL);
    assert_string_equal(r->closed_by, "lan");
    assert_null(fleet_unclosed_run(f, "fog-web"));
    assert_ptr_equal(fleet_newest_run(f, "fog-web"), r);
    fleet_free(f);
}

static void a_human_says_what_it_was(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    confirm(f, RUN);
    end(f, EVENT_FAILOVER_ENDED, RUN_UNKNOWN, mem_strdup("no answer"));
    assert_true(run_needs_closing(fleet_run(f, RUN)));
    end(f, EVENT_FAILOVER_RESOLVED, RUN_SUCCEEDED, mem_strdup("seen on the console of n2"));
    assert_int_equal(fleet_run(f, RUN)->state, RUN_SUCCEEDED);
    assert_false(run_needs_closing(fleet_run(f, RUN)));
    fleet_free(f);
}

static char *text_of(struct jval *taken)
{
    struct buf b = BUF_INIT(0);
    jval_dump(&b, taken, JVAL_SORTED);
    jval_free(taken);
    return buf_take(&b);
}

static void assert_same_run(const struct fleet *a, const struct fleet *b)
{
    char *one = text_of(wire_run(fleet_run(a, RUN))), *two = text_of(wire_run(fleet_run(b, RUN)));
    assert_string_equal(one, two);
    free(one);
    free(two);
}

static void a_restart_finds_the_same_run(void **state)
{
    (void)state;
    struct fleet *f = fleet_new(), *g = fleet_new();
    struct err e = {""};
    confirm(f, RUN);
    step(f, EVENT_FAILOVER_STEP_INTENDED, 1, 1, STEP_PENDING);
    step(f, EVENT_FAILOVER_STEP_SENT, 1, 2, STEP_PENDING);
    char *json = checkpoint_write(f);
    assert_true(checkpoint_read(g, json, AT, 0, &e));
    assert_same_run(f, g);
    assert_int_equal(fleet_run(g, RUN)->steps[0].state, STEP_SENT);
    step(f, EVENT_FAILOVER_STEP_FINISHED, 1, 3, STEP_FAILED); /* and folds on alike */
    step(g, EVENT_FAILOVER_STEP_FINISHED, 1, 3, STEP_FAILED);
    assert_same_run(f, g);
    free(json);
    fleet_free(f);
    fleet_free(g);
}

static void ids_by_their_head(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    confirm(f, RUN);
    confirm(f, "3f2b0c1e-0000-4000-8000-000000000002");
    assert_string_equal(fleet_run_like(f, "3f2a")->id, RUN);
    assert_null(fleet_run_like(f, "3f2"));  /* too short */
    assert_null(fleet_run_like(f, "4444")); /* none */
    confirm(f, "3f2a9999-0000-4000-8000-000000000003");
    assert_null(fleet_run_like(f, "3f2a")); /* two */
    assert_non_null(fleet_run_like(f, "3f2a0"));
    fleet_free(f);
}

static void old_runs_leave_the_open_ones_stay(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    confirm(f, RUN); /* the oldest, still running */
    for (int i = 0; i < FLEET_RUNS_KEPT + 20; i++) {
        char id[RUN_ID_LEN + 1];
        snprintf(id, sizeof id, "%08x-0000-4000-8000-000000000000", i);
        struct run *r = fleet_add_run(f, id);
        r->state = i == 0 ? RUN_UNKNOWN : RUN_SUCCEEDED;
    }
    fleet_clean(f);
    assert_int_equal(f->n_runs, FLEET_RUNS_KEPT + 2);
    assert_non_null(fleet_run(f, RUN));
    assert_non_null(fleet_run(f, "00000000-0000-4000-8000-000000000000"));
    assert_null(fleet_run(f, "00000001-0000-4000-8000-000000000000"));
    fleet_free(f);
}

static struct fog *sample_fog(struct fleet *f)
{
    struct fog *g = fleet_add_fog(f, "fog-web");
    g->name = (struct words){mem_strdup("Máy chủ web"), mem_strdup("Web servers")};
    g->driver = mem_strdup("haproxy");
    g->check = mem_strdup("lb-01/haproxy");
    g->mode = FOG_ACTIVE_ACTIVE;
    g->is_production = true;
    g->members = mem_alloc(sizeof *g->members);
    g->members[0] =
        (struct fog_member){mem_strdup("web-01"), mem_strdup("w1"), mem_strdup("half-a")};
    g->n_members = 1;
    g->candidates = mem_alloc(2 * sizeof(char *));
    g->candidates[0] = mem_strdup("half-b");
    g->candidates[1] = mem_strdup("all");
    g->n_candidates = 2;
    g->min_up = 2;
    g->min_role = mem_strdup("l1");
    g->active = mem_strdup("half-a");
    findings_add(&g->reasons, "R10", FINDING_FAIL, SAY("{0} is the last server UP", "web-01"));
    g->judged_at_ms = AT;
    return g;
}

static void a_group_comes_back(void **state)
{
    (void)state;
    struct fleet *f = fleet_new(), *m = fleet_new();
    struct err e = {""};
    struct fog *g = sample_fog(f);
    struct jval *j = wire_fog(g, WIRE_SNAPSHOT);
    assert_true(wire_read_fog(m, j, &e));
    const struct fog *back = fleet_fog(m, "fog-web");
    assert_string_equal(back->name.vi, "Máy chủ web");
    assert_string_equal(fog_member(back, "web-01")->side, "half-a");
    assert_string_equal(fog_member_named(back, "w1")->target, "web-01");
    assert_true(fog_is_candidate(back, "all"));
    assert_false(fog_is_candidate(back, "half-a"));
    char *one = text_of(wire_fog(g, WIRE_SNAPSHOT)), *two = text_of(wire_fog(back, WIRE_SNAPSHOT));
    assert_string_equal(one, two);
    assert_true(findings_equal(&g->reasons, &back->reasons));
    jval_free(j);

    g->is_ready = true; /* a delta has only what changes; the rest stays */
    findings_release(&g->reasons);
    j = wire_fog(g, WIRE_DELTA);
    assert_null(jval_get(j, "members"));
    assert_true(wire_read_fog(m, j, &e));
    assert_true(back->is_ready);
    assert_int_equal(back->reasons.n, 0);
    assert_int_equal(back->n_members, 1);
    jval_free(j);
    free(one);
    free(two);
    fleet_free(f);
    fleet_free(m);
}

static void a_plan_comes_back(void **state)
{
    (void)state;
    struct plan p = {.id = RUN, .hash = "c0ffee", .code = "0427", .needs_approval = true}, back;
    struct err e = {""};
    p.fog = mem_strdup("fog-db");
    p.from = mem_strdup("db-01");
    p.to = mem_strdup("db-02");
    p.made_at_ms = AT;
    p.expires_at_ms = AT + PLAN_VALID_MS;
    p.code_until_ms = AT + PLAN_CODE_MS;
    p.notice = SAY("writes stop for some {0} s", "3");
    p.undo = SAY("switch back to {0}", "db-01");
    p.steps = mem_alloc(sizeof *p.steps);
    p.n_steps = 1;
    p.steps[0].say = SAY("hand over from {0} to {1}", "db-01", "db-02");
    findings_add(&p.checks, "R05", FINDING_OK, mem_strdup("candidate is fit"));
    struct jval *j = wire_plan(&p);
    assert_true(wire_read_plan(j, &back, &e));
    assert_string_equal(back.code, "0427");
    assert_string_equal(back.steps[0].say, p.steps[0].say);
    assert_string_equal(back.notice, p.notice);
    assert_false(plan_is_blocked(&back));
    findings_add(&back.checks, "R06", FINDING_FAIL, mem_strdup("etcd not seen"));
    assert_true(plan_is_blocked(&back));
    plan_release(&back);
    jval_free(j);

    j = jval_object(); /* what lacks its names is no plan */
    assert_false(wire_read_plan(j, &back, &e));
    assert_string_not_equal(e.text, "");
    plan_release(&back);
    jval_free(j);
    plan_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_the_fold_of_its_events),
        cmocka_unit_test(a_human_says_what_it_was),
        cmocka_unit_test(a_restart_finds_the_same_run),
        cmocka_unit_test(ids_by_their_head),
        cmocka_unit_test(old_runs_leave_the_open_ones_stay),
        cmocka_unit_test(a_group_comes_back),
        cmocka_unit_test(a_plan_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
