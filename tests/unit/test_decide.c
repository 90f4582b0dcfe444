/* Decisions: one wins of fifty (CC1), nothing shown that is not saved, level-triggered repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/result.h"
#include "core/say.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/request.h"
#include "tests/unit/scratch.h"

#define CLIENTS 50

struct world {
    struct scratch tmp;
    char path[300], flag[300], fp[700];
    struct loop *loop;
    struct loop_timer *limit, *poll;
    struct journal *journal;
    struct fleet *fleet;
    struct decide *decide;
    struct check *check;
    bool (*is_there)(struct world *);
    /* answers */
    int n_ok, n_refused, n_not_saved, n_same;
    char say[400];
    size_t n_events, n_refusals;
};

static void too_late(void *arg)
{
    (void)arg;
    fprintf(stderr, "what was waited for did not come within 20 s\n");
    abort();
}

static void poll_world(void *arg)
{
    struct world *w = arg;
    if (w->is_there(w))
        loop_stop(w->loop);
}

static void wait_until(struct world *w, bool (*is_there)(struct world *))
{
    w->is_there = is_there;
    loop_timer_set(w->limit, 20000, 0);
    loop_timer_set(w->poll, 5, 5);
    loop_run(w->loop);
    loop_timer_stop(w->poll);
}

static void folded(void *arg)
{
    (void)arg;
}

static void found(void *arg, const struct event *events, size_t n)
{
    struct world *w = arg;
    decide_found(w->decide, events, n);
}

static void start(struct world *w, int64_t retry_ms)
{
    struct journal_calls calls = {found, NULL};
    char *say = NULL;
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    struct target *t = fleet_add_target(w->fleet, "web-01");
    w->check = fleet_add_check(w->fleet, t, "http");
    w->check->rule = (struct rule_config){.interval_ms = 1000,
                                          .retry_ms = retry_ms,
                                          .timeout_ms = 500,
                                          .attempts = 1,
                                          .ok_confirm = 1};
    w->check->priority = PRIORITY_P2;
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    assert_non_null(w->journal);
    journal_load(w->journal, w->fleet);
    w->decide = decide_new(w->loop, w->fleet, w->journal, folded, w);
    decide_all(w->decide);
}

static void stop(struct world *w)
{
    assert_true(journal_free(w->journal, 5000));
    decide_free(w->decide);
    fleet_free(w->fleet);
    w->decide = NULL;
}

static int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t.db", w->path);
    scratch_path(&w->tmp, "flag", w->flag);
    w->loop = loop_new(NULL);
    w->limit = loop_timer_new(w->loop, too_late, NULL);
    w->poll = loop_timer_new(w->loop, poll_world, w);
    start(w, 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unsetenv("FP");
    if (w->decide)
        stop(w);
    loop_timer_free(w->limit);
    loop_timer_free(w->poll);
    loop_free(w->loop);
    scratch_remove(&w->tmp);
    free(w);
    return 0;
}

static void see(struct world *w, enum state s)
{
    struct result r = {.state = s, .latency_ms = 1};
    r.started_mono_ms = loop_mono_ms(w->loop);
    r.at_ms = loop_wall_ms(w->loop);
    result_say(&r, s, mem_strdup(s == STATE_OK ? "fine" : "connection refused"));
    w->check->flap = (struct flap){0}; /* incidents as if they were days apart */
    fleet_apply_result(w->fleet, w->check, &r, loop_mono_ms(w->loop));
    decide_check(w->decide, w->check);
    result_release(&r);
}

static bool is_open(struct world *w)
{
    return w->check->alert != 0 && decide_is_idle(w->decide);
}

static bool is_resolved(struct world *w)
{
    return w->check->alert == 0 && w->fleet->n_alerts && decide_is_idle(w->decide);
}

static void open_alert(struct world *w)
{
    see(w, STATE_OK);
    see(w, STATE_CRITICAL);
    wait_until(w, is_open);
}

static void answered(void *arg, const struct decision *d)
{
    struct world *w = arg;
    if (d->is_ok && d->seq)
        w->n_ok++;
    else if (d->is_ok)
        w->n_same++;
    else if (strcmp(d->code, REQUEST_CODE_NOT_SAVED) == 0)
        w->n_not_saved++;
    else
        w->n_refused++;
    struct buf words = BUF_INIT(sizeof w->say - 1);
    say_text(&words, d->say, NULL);
    snprintf(w->say, sizeof w->say, "%s", buf_text(&words));
    buf_release(&words);
}

static void ask(struct world *w, enum request_kind kind, uint64_t alert, const char *login,
                const char *key)
{
    char who[40], from[] = "pts/1";
    snprintf(who, sizeof who, "%s", login);
    struct actor actor = {who, 1000, from};
    struct request q = {
        .kind = kind, .alert = alert, .text = "looking at it", .key = key, .actor = &actor};
    decide_request(w->decide, &q, answered, w);
}

static int n_answers(const struct world *w)
{
    return w->n_ok + w->n_same + w->n_refused + w->n_not_saved;
}

static bool has_answer(struct world *w)
{
    return n_answers(w) >= 1;
}

static bool has_all_answers(struct world *w)
{
    return n_answers(w) >= CLIENTS && decide_is_idle(w->decide);
}

static void counted(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    assert_null(error);
    w->n_events = w->n_refusals = 0;
    for (size_t i = 0; i < n; i++) {
        w->n_events += events[i].kind == EVENT_ALERT_ACKNOWLEDGED;
        w->n_refusals += events[i].kind == EVENT_REQUEST_REFUSED;
    }
    loop_stop(w->loop);
}

static void count_events(struct world *w)
{
    journal_query(w->journal, &(struct store_filter){0}, counted, w);
    loop_timer_set(w->limit, 20000, 0);
    loop_run(w->loop);
}

static void test_open_ack_resolve(void **state)
{
    struct world *w = *state;
    open_alert(w);
    struct alert *a = fleet_alert(w->fleet, 1);
    assert_int_equal(a->state, STATE_CRITICAL);
    assert_int_equal(a->priority, PRIORITY_P2);
    ask(w, REQUEST_ACK, 1, "lan", NULL);
    wait_until(w, has_answer);
    assert_int_equal(w->n_ok, 1);
    assert_string_equal(a->ack.by, "lan");
    assert_string_equal(a->ack.comment, "looking at it");
    assert_non_null(strstr(w->say, "alert 1 acknowledged until 20"));
    see(w, STATE_OK);
    wait_until(w, is_resolved);
    assert_int_equal(a->phase, ALERT_RESOLVED);
    assert_null(a->ack.by);
    stop(w);
    start(w, 0); /* the same after a restart, from the journal alone */
    a = fleet_alert(w->fleet, 1);
    assert_non_null(a);
    assert_int_equal(a->phase, ALERT_RESOLVED);
    assert_int_equal(w->fleet->next_alert, 2);
}

static void test_ack_survives_restart(void **state)
{
    struct world *w = *state;
    open_alert(w);
    ask(w, REQUEST_ACK, 1, "lan", NULL);
    wait_until(w, has_answer);
    stop(w);
    start(w, 0);
    struct alert *a = fleet_alert(w->fleet, 1);
    assert_string_equal(a->ack.by, "lan");
    assert_string_equal(a->ack.comment, "looking at it");
    assert_int_equal(w->check->alert, 1);
    assert_int_equal(check_shown(w->check), STATE_STALE);
    see(w, STATE_CRITICAL); /* the same incident goes on: nothing new is opened */
    wait_until(w, is_open);
    assert_int_equal(w->check->alert, 1);
    assert_int_equal(w->fleet->next_alert, 2);
}

/* CC1 */
static void test_one_of_fifty_wins(void **state)
{
    struct world *w = *state;
    open_alert(w);
    for (int i = 0; i < CLIENTS; i++) {
        char login[20];
        snprintf(login, sizeof login, "op%02d", i);
        ask(w, REQUEST_ACK, 1, login, NULL);
    }
    wait_until(w, has_all_answers);
    assert_int_equal(w->n_ok, 1);
    assert_int_equal(w->n_refused, CLIENTS - 1);
    assert_string_equal(fleet_alert(w->fleet, 1)->ack.by, "op00");
    assert_non_null(strstr(w->say, "already acknowledged by op00 at 20"));
    count_events(w);
    assert_int_equal(w->n_events, 1);
    assert_in_range(w->n_refusals, 1, 2 * DECIDE_REFUSALS_A_S); /* a flood is not all written */
}

static bool is_answered(struct world *w)
{
    return has_answer(w) && decide_is_idle(w->decide);
}

/* CC2 with the journal between: recovery, new outage and key in any order, nothing waited for. */
static void test_races(void **state)
{
    struct world *w = *state;
    uint32_t x = 521288629u;
    int granted = 0, refused = 0;
    open_alert(w);
    for (int race = 0; race < 200; race++) {
        uint64_t drawn = w->check->alert;
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        w->n_ok = w->n_refused = 0;
        for (uint32_t step = 0; step < 3; step++) {
            if (step == (x >> 4) % 4 % 3)
                ask(w, REQUEST_ACK, drawn, "lan", NULL);
            if ((x >> 8) % 3 != 0)
                see(w, (x >> (10 + step)) % 2 ? STATE_OK : STATE_CRITICAL);
        }
        wait_until(w, is_answered);
        assert_int_equal(w->n_ok + w->n_refused, 1);
        granted += w->n_ok;
        refused += w->n_refused;
        for (size_t i = 0; i < w->fleet->n_alerts; i++)
            if (w->fleet->alerts[i]->id != drawn)
                assert_null(w->fleet->alerts[i]->ack.by);
        see(w, STATE_OK);
        wait_until(w, is_resolved);
        see(w, STATE_CRITICAL);
        wait_until(w, is_open);
        assert_true(w->check->alert > drawn);
        assert_null(fleet_alert(w->fleet, w->check->alert)->ack.by);
    }
    print_message("200 races: %d granted, %d refused\n", granted, refused);
    assert_true(granted > 20 && refused > 20);
    count_events(w);
    assert_int_equal(w->n_events, granted);
}

static void test_order_is_kept(void **state)
{
    struct world *w = *state;
    open_alert(w);
    for (int i = 0; i < CLIENTS; i++)
        ask(w, i % 2 ? REQUEST_UNACK : REQUEST_ACK, 1, "lan", NULL);
    wait_until(w, has_all_answers);
    assert_int_equal(w->n_ok, CLIENTS); /* each found what the one before had left */
    assert_null(fleet_alert(w->fleet, 1)->ack.by);
}

static void test_same_key_is_no_second_ack(void **state)
{
    struct world *w = *state;
    open_alert(w);
    for (int i = 0; i < CLIENTS; i++)
        ask(w, REQUEST_ACK, 1, "lan", "3f1c");
    wait_until(w, has_all_answers);
    assert_int_equal(w->n_ok, 1);
    assert_int_equal(w->n_same, CLIENTS - 1);
    assert_non_null(strstr(w->say, "acknowledged until 20"));
    count_events(w);
    assert_int_equal(w->n_events, 1);
}

static void test_nonsense_is_refused(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST_ACK, 77, "lan", NULL);
    wait_until(w, has_answer);
    assert_int_equal(w->n_refused, 1);
    assert_string_equal(w->say, "there is no alert 77");
}

static void flag(struct world *w, bool is_on)
{
    snprintf(w->fp, sizeof w->fp, "store.full:err@%s", w->flag);
    setenv("FP", w->fp, 1);
    if (is_on)
        close(open(w->flag, O_CREAT | O_WRONLY, 0600));
    else
        unlink(w->flag);
}

static void test_not_saved_is_said(void **state)
{
    struct world *w = *state;
    open_alert(w);
    flag(w, true);
    ask(w, REQUEST_ACK, 1, "lan", NULL);
    wait_until(w, has_answer);
    assert_int_equal(w->n_not_saved, 1);
    assert_non_null(strstr(w->say, "NOT SAVED: the disk is full: "));
    assert_null(fleet_alert(w->fleet, 1)->ack.by);
    see(w, STATE_OK); /* what the engine decides is asked again until it is saved */
    w->n_ok = w->n_not_saved = 0;
    ask(w, REQUEST_NOTE, 1, "lan", NULL);
    wait_until(w, has_answer);
    assert_int_equal(w->n_not_saved, 1);
    assert_int_equal(fleet_alert(w->fleet, 1)->phase, ALERT_FIRING);
    flag(w, false);
    wait_until(w, is_resolved);
    assert_int_equal(fleet_alert(w->fleet, 1)->phase, ALERT_RESOLVED);
}

static bool is_idle(struct world *w)
{
    return decide_is_idle(w->decide);
}

static void test_plain_facts_are_not_lost(void **state)
{
    struct world *w = *state;
    flag(w, true);
    struct event e = {
        .kind = EVENT_ENGINE_STARTED, .subject = mem_strdup("demo"), .what = mem_strdup("0.1.0")};
    decide_record(w->decide, &e);
    ask(w, REQUEST_ACK, 5, "lan", NULL);
    wait_until(w, has_answer);
    flag(w, false);
    wait_until(w, is_idle);
    open_alert(w);
    stop(w);
    start(w, 0);
    assert_true(w->fleet->seq >= 3); /* started, changed, opened */
}

/* No alert before the check could be asked twice more. */
static void test_settling(void **state)
{
    struct world *w = *state;
    stop(w);
    start(w, 300);
    int64_t began_ms = loop_mono_ms(w->loop);
    open_alert(w);
    assert_true(loop_mono_ms(w->loop) - began_ms >= 500);
    assert_int_equal(w->check->saved_state, STATE_CRITICAL);
}

static bool is_unacked(struct world *w)
{
    return !fleet_alert(w->fleet, 1)->ack.by && n_answers(w) == 1;
}

static void test_ack_runs_out(void **state)
{
    struct world *w = *state;
    open_alert(w);
    char who[] = "lan", from[] = "";
    struct actor actor = {who, 1000, from};
    struct request q = {.kind = REQUEST_ACK,
                        .alert = 1,
                        .text = "for a moment",
                        .until_ms = loop_wall_ms(w->loop) + 400,
                        .actor = &actor};
    decide_request(w->decide, &q, answered, w);
    wait_until(w, has_answer);
    assert_string_equal(fleet_alert(w->fleet, 1)->ack.by, "lan");
    wait_until(w, is_unacked);
    assert_int_equal(fleet_alert(w->fleet, 1)->version, 3);
}

static bool is_orphan_gone(struct world *w)
{
    return fleet_alert(w->fleet, 1)->phase == ALERT_RESOLVED && decide_is_idle(w->decide);
}

/* A check that has left the site file takes its alert with it. */
static void test_orphan(void **state)
{
    struct world *w = *state;
    open_alert(w);
    assert_true(journal_free(w->journal, 5000));
    decide_free(w->decide);
    fleet_free(w->fleet);
    struct journal_calls calls = {found, NULL};
    char *say = NULL;
    w->fleet = fleet_new();
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    journal_load(w->journal, w->fleet);
    w->decide = decide_new(w->loop, w->fleet, w->journal, folded, w);
    decide_all(w->decide);
    wait_until(w, is_orphan_gone);
    assert_non_null(strstr(fleet_alert(w->fleet, 1)->summary, "no longer in the site file"));
}

static void see_of(struct world *w, struct check *c, enum state s)
{
    struct check *first = w->check;
    w->check = c;
    see(w, s);
    w->check = first;
}

static bool is_behind(struct world *w)
{
    const struct alert *a = fleet_alert(w->fleet, 1);
    return is_open(w) && a != NULL && a->cause == w->check->alert;
}

static void count_marked(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    assert_null(error);
    w->n_events = 0;
    for (size_t i = 0; i < n; i++)
        w->n_events += events[i].kind == EVENT_ALERT_MARKED && events[i].alert == 1;
    loop_stop(w->loop);
}

static bool is_child_open(struct world *w)
{
    return fleet_alert(w->fleet, 1) != NULL && decide_is_idle(w->decide);
}

/* The parent's alert opens in the batch in which the child is marked: that is one event. */
static void test_marked_once(void **state)
{
    struct world *w = *state;
    struct target *t = fleet_add_target(w->fleet, "app-01");
    t->parents = mem_grow(NULL, 1, sizeof *t->parents);
    t->parents[t->n_parents++] = mem_strdup("web-01");
    struct check *child = fleet_add_check(w->fleet, t, "page");
    child->rule = w->check->rule;
    child->priority = PRIORITY_P2;
    fleet_link(w->fleet);
    see(w, STATE_OK);
    see_of(w, child, STATE_CRITICAL);
    wait_until(w, is_child_open);
    decide_check(w->decide, child); /* as the engine does when something above it has moved */
    see(w, STATE_CRITICAL);
    wait_until(w, is_behind);
    journal_query(w->journal, &(struct store_filter){0}, count_marked, w);
    loop_timer_set(w->limit, 20000, 0);
    loop_run(w->loop);
    assert_int_equal(w->n_events, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_open_ack_resolve),
        T(test_ack_survives_restart),
        T(test_one_of_fifty_wins),
        T(test_races),
        T(test_order_is_kept),
        T(test_same_key_is_no_second_ack),
        T(test_nonsense_is_refused),
#ifdef TRUCBAN_FAILPOINTS
        T(test_not_saved_is_said),
        T(test_plain_facts_are_not_lost),
#endif
        T(test_settling),
        T(test_ack_runs_out),
        T(test_orphan),
        T(test_marked_once),
    };
    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
