/* May it be switched, what a reply means, what a look shows: facts in, sentences out (FO5, FO8,
 * FO11).
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
#include "core/planning.h"
#include "core/preflight.h"
#include "core/say.h"
#include "core/verdict.h"

static const enum duty_role l3 = DUTY_L3;

struct world {
    struct fleet *fleet;
    struct fog *fog;
    struct seen *seen;
    struct preflight p;
};

static struct fog *add_fog(struct fleet *f, const char *driver, size_t n)
{
    struct fog *g = fleet_add_fog(f, "fog");
    g->driver = mem_strdup(driver);
    g->min_role = mem_strdup("l2");
    g->min_up = 1;
    g->lag_max_bytes = 1 << 20;
    g->lag_max_ms = 60000;
    g->is_production = true;
    g->n_members = g->n_candidates = n;
    g->members = mem_alloc(n * sizeof *g->members);
    g->candidates = mem_alloc(n * sizeof(char *));
    return g;
}

/* Three nodes, n1 leads on timeline 7, all is well. */
static void cluster(struct world *w)
{
    *w = (struct world){.fleet = fleet_new(), .seen = seen_new(3)};
    w->fog = add_fog(w->fleet, "patroni", 3);
    for (size_t i = 0; i < 3; i++) {
        char target[8], name[8];
        snprintf(target, sizeof target, "db-%zu", i + 1);
        snprintf(name, sizeof name, "n%zu", i + 1);
        w->fog->members[i] = (struct fog_member){mem_strdup(target), mem_strdup(name), NULL};
        w->fog->candidates[i] = mem_strdup(target);
        struct seen_member *m = &w->seen->members[i];
        m->has_answered = m->is_listed = m->is_running = true;
        m->role = i == 0 ? SEEN_PRIMARY : SEEN_REPLICA;
        m->is_listed_leader = i == 0;
        m->timeline = 7;
        m->lag_bytes = i == 0 ? -1 : 0;
        m->url = mem_strdup("http://n:8008");
    }
    w->seen->has_list = true;
    w->seen->loop_wait_s = 10;
    w->seen->ttl_s = 30;
    w->p = (struct preflight){.fleet = w->fleet, .fog = w->fog, .seen = w->seen, .role = &l3};
    w->p.to = "db-2";
}

/* a-1 a-2 in half-a, b-1 b-2 in half-b, all ready and UP. */
static void balancer(struct world *w)
{
    *w = (struct world){.fleet = fleet_new(), .seen = seen_new(4)};
    static const char *const names[] = {"a-1", "a-2", "b-1", "b-2"};
    w->fog = add_fog(w->fleet, "haproxy", 4);
    w->fog->n_candidates = 3;
    w->fog->candidates[0] = mem_strdup("half-a");
    w->fog->candidates[1] = mem_strdup("half-b");
    w->fog->candidates[2] = mem_strdup("all");
    for (size_t i = 0; i < 4; i++) {
        w->fog->members[i] = (struct fog_member){mem_strdup(names[i]), mem_strdup(names[i]),
                                                 mem_strdup(i < 2 ? "half-a" : "half-b")};
        w->seen->members[i].has_answered = w->seen->members[i].is_up = true;
        w->seen->members[i].admin = SEEN_READY;
    }
    w->seen->backend = mem_strdup("be");
    w->p = (struct preflight){.fleet = w->fleet, .fog = w->fog, .seen = w->seen, .role = &l3};
    w->p.to = "half-b";
}

static void end(struct world *w)
{
    seen_free(w->seen);
    fleet_free(w->fleet);
}

/* All that is not ok, "CODE kind words" each on a line. */
static char *trouble(const struct world *w)
{
    struct findings f = {0};
    struct buf b = BUF_INIT(0);
    preflight(&w->p, &f);
    for (size_t i = 0; i < f.n; i++) {
        assert_memory_equal(f.v[i].say, f.v[i].code, 3); /* the sentence names its code */
        if (f.v[i].kind == FINDING_OK)
            continue;
        buf_addf(&b, "%s ", finding_kind_names[f.v[i].kind]);
        say_text(&b, f.v[i].say, NULL);
        buf_addc(&b, '\n');
    }
    findings_release(&f);
    return buf_take(&b);
}

static void assert_only(const struct world *w, const char *wanted)
{
    char *got = trouble(w);
    assert_string_equal(got != NULL ? got : "", wanted);
    free(got);
}

static void assert_told(const struct world *w, const char *part)
{
    char *got = trouble(w);
    if (got == NULL || strstr(got, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", got != NULL ? got : "", part);
    free(got);
}

static void nothing_stands_against_it(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    assert_only(&w, "");
    end(&w);
}

/* FO8: each by its own message. */
static void six_candidates_that_are_not_fit(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        static const char *const wanted[] = {
            "fail R05 db-2 has paused its replay. Resume it: pg_wal_replay_resume().\n",
            "fail R05 db-2 is 20.1 MiB behind (limit 1.0 MiB).\n",
            "fail R05 db-2 has the tag nofailover.\n",
            "fail R05 db-2 is on timeline 6, the leader on 7.\n",
            "fail R05 db-2 does not answer: no answer within 3 s\n",
            "fail R05 db-2 is not the synchronous standby, and this cluster wants one.\n"};
        struct world w;
        cluster(&w);
        struct seen_member *m = &w.seen->members[1];
        m->is_replay_paused = i == 0;
        m->lag_bytes = i == 1 ? 21076378 : 0;
        m->is_nofailover = i == 2;
        m->timeline = i == 3 ? 6 : 7;
        m->has_answered = i != 4;
        m->why_not = i == 4 ? SAY("no answer within {0}", "3 s") : NULL;
        w.seen->is_sync_mode = i == 5;
        assert_only(&w, wanted[i]);
        end(&w);
    }
}

static void what_is_not_known_is_not_well(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    w.seen->members[1].lag_bytes = -1;
    assert_only(&w, "fail R05 How far db-2 is behind is not known.\n");
    w.p.seen = NULL;
    assert_told(&w, "fail R02 Nothing has been seen");
    w.p.seen = w.seen;
    w.p.now_mono_ms = 47000;
    assert_told(&w, "fail R02 Data is 47 s old.");
    w.seen->error = mem_strdup("connection refused");
    assert_only(&w, "fail R02 The state of fog could not be read: connection refused\n");
    end(&w);
}

static void a_cluster_that_disagrees(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    w.seen->members[2].role = SEEN_PRIMARY;
    w.seen->members[2].timeline = 8;
    assert_told(&w, "fail R04 db-1 says that it leads (TL 7), and so does db-3 (TL 8).");
    w.seen->members[2].role = SEEN_REPLICA;
    w.seen->members[0].is_listed_leader = false;
    w.seen->members[2].is_listed_leader = true;
    assert_told(&w, "fail R04 db-1 says that it leads, the cluster's list names db-3.");
    end(&w);
    cluster(&w); /* unreachable is not dead */
    w.seen->members[0].has_answered = false;
    assert_told(&w, "fail R03 db-1 is unreachable from here");
    w.seen->members[2].has_answered = false;
    assert_told(&w, "fail R01 Partial view: 1 of 3 members answer.");
    end(&w);
    cluster(&w);
    w.seen->has_list = false;
    assert_told(&w, "fail R06 The cluster's list cannot be read");
    w.seen->has_list = true;
    w.seen->members[0].is_blind = true;
    w.seen->members[0].dcs_age_s = 41;
    assert_told(&w, "fail R06 db-1, which leads, has not seen the DCS for 41 s.");
    w.seen->is_paused = true;
    assert_told(&w, "warn R07 The cluster is paused");
    end(&w);
}

static void who_asks_and_with_what(void **state)
{
    (void)state;
    static const enum duty_role l1 = DUTY_L1, admin = DUTY_ADMIN;
    struct world w;
    cluster(&w);
    w.p.role = &l1;
    assert_only(&w, "fail R22 Needs role l2 (you are l1).\n");
    w.p.role = &admin;
    assert_only(&w, "fail R22 Needs role l2 (you are admin).\n");
    w.p.role = &l3;
    w.p.is_private = true;
    assert_told(&w, "fail R22 This engine was started by a console.");
    w.fog->is_production = false;
    assert_only(&w, "");
    w.p.journal_error = "the disk is full";
    assert_told(&w, "fail R30 Cannot write the audit record: no action is possible.");
    w.p.journal_error = NULL;
    w.fog->approve_role = mem_strdup("l2");
    assert_told(&w, "fail R21 This group needs a second person (role l2)");
    end(&w);
}

static void runs_that_stand_in_the_way(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    struct run *r = fleet_add_run(w.fleet, "3f2a0c1e-0000-4000-8000-000000000001");
    mem_set(&r->fog, "fog");
    mem_set(&r->by, "lan");
    r->state = RUN_RUNNING;
    assert_told(&w, "fail R20 lan started run 3f2a0c1e at ");
    r->state = RUN_UNKNOWN;
    w.p.now_ms = 12 * 60000;
    assert_only(&w, "fail R09 Run 3f2a0c1e ended 12 min ago (UNKNOWN). Close it first: failover "
                    "close 3f2a0c1e\n");
    r->state = RUN_CLOSED;
    assert_only(&w, "");
    end(&w);
}

/* FO11: a drain that would leave nobody, or less than half of the half, is refused. */
static void the_last_server_stays(void **state)
{
    (void)state;
    struct world w;
    size_t left, needed;
    balancer(&w);
    static const char partial[] = "warn R01 Partial view: 0 of 4 members answer. From here a "
                                  "partition and an outage look the same. Use a console on the "
                                  "other side.\n"; /* no check of our own reaches them here */
    assert_only(&w, partial);
    w.seen->members[2].is_up = false;
    assert_only(&w, partial); /* one of two carries the half */
    w.seen->members[3].is_up = false;
    assert_told(&w, "fail R10 Only 0 servers of half-b would be left UP, 1 are needed.");
    assert_false(preflight_can_lose(w.fog, w.seen, "half-b", &left, &needed));
    w.seen->members[2].is_up = w.seen->members[3].is_up = true;
    w.seen->members[3].admin = SEEN_DRAIN;
    assert_true(preflight_can_lose(w.fog, w.seen, "half-b", &left, &needed));
    assert_int_equal(left, 1);
    w.fog->min_up = 2;
    assert_false(preflight_can_lose(w.fog, w.seen, "half-b", &left, &needed));
    end(&w);
}

static void names_that_are_two_commands(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "s1;show info",
        "s 1",
        "s1\n",
        "",
        "é",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(fog_name_is_safe(bad[i]));
    assert_true(fog_name_is_safe("srv-a-web-01:8080"));
    struct world w;
    balancer(&w);
    mem_set(&w.fog->members[0].name, "s1;show info");
    assert_told(&w, "fail R11 Refused name \"s1;show info\".");
    end(&w);
}

static void steps_put_in_before_they_take_out(void **state)
{
    (void)state;
    struct world w;
    struct plan p = {0};
    balancer(&w);
    w.seen->members[3].admin = SEEN_MAINT;
    plan_make(&p, &w.p);
    assert_int_equal(p.n_steps, 3);
    assert_string_equal(p.steps[0].request, "set server be/b-2 state ready");
    assert_string_equal(p.steps[1].request, "set server be/a-1 state drain");
    assert_string_equal(p.steps[2].request, "set server be/a-2 state drain");
    assert_int_equal(p.steps[2].class, STEP_SET);
    plan_release(&p);
    end(&w);

    cluster(&w); /* leader and candidate are both named: a compare-and-set */
    plan_make(&p, &w.p);
    assert_int_equal(p.n_steps, 1);
    assert_int_equal(p.steps[0].class, STEP_CAS);
    assert_string_equal(p.steps[0].request, "POST http://n:8008/switchover "
                                            "{\"leader\":\"n1\",\"candidate\":\"n2\"}");
    plan_release(&p);
    end(&w);
}

static char *facts(const struct world *w)
{
    struct buf b = BUF_INIT(0);
    plan_facts(&b, w->fog, w->seen, w->p.to);
    return buf_take(&b);
}

static void facts_move_the_hash_positions_do_not(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    char *before = facts(&w);
    w.seen->members[1].lag_bytes = 4096;
    char *after = facts(&w);
    assert_string_equal(before, after);
    free(after);
    w.seen->members[0].timeline = 8;
    after = facts(&w);
    assert_string_not_equal(before, after);
    free(after);
    free(before);
    end(&w);
}

static void replies_of_patroni(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum reply_kind kind;
    } rows[] = {{200, "Successfully switched over to \"n2\"", REPLY_TAKEN},
                {200, "Switched over to \"n3\" instead of \"n2\"", REPLY_OTHER},
                {200, "Successfully switched over to \"n22\"", REPLY_UNKNOWN},
                {200, "", REPLY_UNKNOWN},
                {202, "Switchover scheduled", REPLY_UNKNOWN},
                {400, "Switchover is possible only to a specific candidate", REPLY_REFUSED},
                {401, "no auth header received", REPLY_REFUSED},
                {412, "leader name does not match", REPLY_REFUSED},
                {503, "Switchover failed", REPLY_FAILED},
                {503, "Switchover status unknown", REPLY_UNKNOWN},
                {503, "failed to write switchover key into DCS", REPLY_UNKNOWN},
                {500, "oops", REPLY_UNKNOWN},
                {0, NULL, REPLY_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(patroni_reply(rows[i].status, rows[i].body, "n2"), rows[i].kind);
    assert_int_equal(haproxy_reply(true, "\n"), REPLY_TAKEN);
    assert_int_equal(haproxy_reply(true, "No such server.\n"), REPLY_REFUSED);
    assert_int_equal(haproxy_reply(false, NULL), REPLY_UNKNOWN);
}

static enum run_state verdict(const struct world *w, enum reply_kind reply, int64_t for_ms,
                              const char *words)
{
    struct verdict v;
    struct verdict_want want = {.fog = w->fog, .seen = w->seen, .from = "db-1", .to = "db-2"};
    want.timeline = 7;
    want.reply = reply;
    want.reply_text = "leader name does not match";
    want.for_ms = for_ms;
    want.limit_ms = VERIFY_MS;
    if (!patroni_verdict(&want, &v))
        return RUN_VERIFYING;
    struct buf b = BUF_INIT(0);
    say_text(&b, v.say, NULL);
    if (words != NULL)
        assert_string_equal(buf_text(&b), words);
    buf_release(&b);
    free(v.say);
    return v.state;
}

static void lead(struct world *w, size_t who, int64_t timeline)
{
    for (size_t i = 0; i < 3; i++) {
        w->seen->members[i].role = i == who ? SEEN_PRIMARY : SEEN_REPLICA;
        w->seen->members[i].is_listed_leader = i == who;
        w->seen->members[i].timeline = timeline;
    }
}

static void ends_are_told_as_they_are_seen(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    assert_int_equal(verdict(&w, REPLY_TAKEN, 1000, NULL), RUN_VERIFYING); /* a yes is no proof */
    assert_int_equal(verdict(&w, REPLY_UNKNOWN, 59000, NULL), RUN_VERIFYING);
    assert_int_equal(verdict(&w, REPLY_UNKNOWN, 60000, NULL), RUN_UNKNOWN);
    assert_int_equal(verdict(&w, REPLY_FAILED, 49000, NULL), RUN_VERIFYING);
    assert_int_equal(verdict(&w, REPLY_FAILED, 50000, NULL), RUN_FAILED_SAFE); /* quiet time over */
    assert_int_equal(verdict(&w, REPLY_REFUSED, 0,
                             "Nothing changed: the peer refused: leader name does not match"),
                     RUN_FAILED_SAFE);
    lead(&w, 1, 8);
    assert_int_equal(verdict(&w, REPLY_UNKNOWN, 2100, "db-2 leads, after 2.1 s."), RUN_SUCCEEDED);
    lead(&w, 2, 8); /* FO5 */
    assert_int_equal(verdict(&w, REPLY_OTHER, 2100, "db-3 leads, not db-2 as asked for."),
                     RUN_SUCCEEDED_OTHER);
    lead(&w, 1, 8);
    w.seen->members[0].role = SEEN_PRIMARY;
    assert_int_equal(verdict(&w, REPLY_TAKEN, 1000, NULL), RUN_VERIFYING);
    assert_int_equal(verdict(&w, REPLY_TAKEN, 60000,
                             "TWO PRIMARIES: db-1, db-2. Stop one of them now; call level 3."),
                     RUN_UNKNOWN);
    lead(&w, 1, 7); /* the key has moved, the node has not promoted yet */
    assert_int_equal(verdict(&w, REPLY_TAKEN, 1000, NULL), RUN_VERIFYING);
    end(&w);
}

static void readiness_is_a_candidate_that_nothing_blocks(void **state)
{
    (void)state;
    struct world w;
    cluster(&w);
    w.p.to = NULL;
    w.p.role = NULL;
    fog_judge(w.fleet, w.fog, &w.p);
    assert_true(w.fog->is_ready);
    assert_string_equal(w.fog->active, "db-1");
    w.seen->members[1].is_nofailover = true;
    fog_judge(w.fleet, w.fog, &w.p);
    assert_true(w.fog->is_ready); /* db-3 is fit */
    assert_int_equal(findings_count(&w.fog->reasons, FINDING_WARN), 1);
    w.seen->members[2].is_replay_paused = true;
    fog_judge(w.fleet, w.fog, &w.p);
    assert_false(w.fog->is_ready);
    assert_int_equal(findings_count(&w.fog->reasons, FINDING_FAIL), 2);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stands_against_it),
        cmocka_unit_test(six_candidates_that_are_not_fit),
        cmocka_unit_test(what_is_not_known_is_not_well),
        cmocka_unit_test(a_cluster_that_disagrees),
        cmocka_unit_test(who_asks_and_with_what),
        cmocka_unit_test(runs_that_stand_in_the_way),
        cmocka_unit_test(the_last_server_stays),
        cmocka_unit_test(names_that_are_two_commands),
        cmocka_unit_test(steps_put_in_before_they_take_out),
        cmocka_unit_test(facts_move_the_hash_positions_do_not),
        cmocka_unit_test(replies_of_patroni),
        cmocka_unit_test(ends_are_told_as_they_are_seen),
        cmocka_unit_test(readiness_is_a_candidate_that_nothing_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
