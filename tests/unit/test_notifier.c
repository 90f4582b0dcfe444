/* Notices and the journal: durable before they leave, once, and what a crash or a lost disk makes
 * of them. */
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
#include "engine/checkpoint.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/notifier.h"
#include "tests/unit/scratch.h"

struct got { /* by the sender */
    enum notice_what what;
    size_t n_alerts;
    bool is_possible_repeat, was_durable;
    char key[NOTICE_KEY_LEN + 1];
};

struct world {
    struct scratch tmp;
    char path[300], flag[300], fp[700];
    struct loop *loop;
    struct loop_timer *limit, *poll, *soon;
    struct journal *journal;
    struct fleet *fleet;
    struct decide *decide;
    struct notifier *notifier;
    struct receiver r;
    struct check *check;
    bool (*is_there)(struct world *);
    struct got got[64];
    size_t n_got;
    bool is_silent; /* answers nothing */
    bool is_down;
    notice_answer_fn *fn;
    void *fn_arg;
    int n_tried_ok, n_tried_bad;
    char tried[200];
    size_t n_events[EVENT_KIND_COUNT];
    bool is_queried;
};

static void too_late(void *arg)
{
    (void)arg;
    fprintf(stderr, "what was waited for did not come within 30 s\n");
    abort();
}

static void poll_world(void *arg)
{
    struct world *w = arg;
    notifier_second(w->notifier);
    if (w->is_there(w))
        loop_stop(w->loop);
}

static void wait_until(struct world *w, bool (*is_there)(struct world *))
{
    w->is_there = is_there;
    loop_timer_set(w->limit, 30000, 0);
    loop_timer_set(w->poll, 5, 5);
    loop_run(w->loop);
    loop_timer_stop(w->poll);
    loop_timer_stop(w->limit);
}

static void answer(void *arg)
{
    struct world *w = arg;
    struct notice_answer a = {.is_ok = !w->is_down, .is_transient = true, .say = "refused"};
    w->fn(w->fn_arg, &a);
}

static void send_notice(void *senders, const struct notice *n, const struct fleet *f,
                        notice_answer_fn *fn, void *arg)
{
    struct world *w = senders;
    assert_true(w->n_got < sizeof w->got / sizeof w->got[0]);
    struct got *g = &w->got[w->n_got++];
    *g = (struct got){.what = n->what,
                      .n_alerts = n->alerts.n,
                      .is_possible_repeat = n->is_possible_repeat,
                      .was_durable = journal_seq(w->journal) == f->seq};
    memcpy(g->key, n->key, sizeof g->key);
    assert_non_null(n->title);
    assert_true(n->is_possible_repeat == (n->remark != NULL));
    w->fn = fn;
    w->fn_arg = arg;
    if (!w->is_silent)
        loop_timer_set(w->soon, 1, 0);
}

static void tried(void *senders, const struct receiver *r, const char *say)
{
    struct world *w = senders;
    assert_string_equal(r->id, "duty");
    if (say == NULL)
        w->n_tried_ok++;
    else
        w->n_tried_bad++;
    snprintf(w->tried, sizeof w->tried, "%s", say ? say : "");
}

static void folded(void *arg)
{
    struct world *w = arg;
    if (w->notifier)
        notifier_kick(w->notifier);
}

static void found(void *arg, const struct event *events, size_t n)
{
    struct world *w = arg;
    decide_found(w->decide, events, n);
}

static void start(struct world *w)
{
    struct journal_calls calls = {found, NULL};
    char *say = NULL;
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    w->check = fleet_add_check(w->fleet, fleet_add_target(w->fleet, "web-01"), "http");
    w->check->rule = (struct rule_config){
        .interval_ms = 1000, .timeout_ms = 500, .attempts = 1, .ok_confirm = 1};
    w->check->priority = PRIORITY_P2;
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    assert_non_null(w->journal);
    journal_load(w->journal, w->fleet);
    w->decide = decide_new(w->loop, w->fleet, w->journal, folded, w);
    struct notifier_want want = {w->loop, w->fleet, w->decide, w->journal, send_notice, tried, w};
    w->notifier = notifier_new(&want, &w->r, 1);
}

static void stop(struct world *w)
{
    loop_timer_stop(w->soon);
    notifier_stop(w->notifier);
    assert_true(journal_free(w->journal, 5000));
    decide_free(w->decide);
    notifier_free(w->notifier);
    fleet_free(w->fleet);
    w->notifier = NULL;
}

static void restart(struct world *w)
{
    stop(w);
    w->n_got = 0;
    start(w);
}

static int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t.db", w->path);
    scratch_path(&w->tmp, "flag", w->flag);
    w->r = (struct receiver){.id = (char *)"duty",
                             .levels = RECEIVER_LEVEL(1),
                             .priorities = RECEIVER_PRIORITY(PRIORITY_P2),
                             .wants_recoveries = true};
    w->loop = loop_new(NULL);
    w->limit = loop_timer_new(w->loop, too_late, NULL);
    w->poll = loop_timer_new(w->loop, poll_world, w);
    w->soon = loop_timer_new(w->loop, answer, w);
    start(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unsetenv("FP");
    stop(w);
    loop_timer_free(w->limit);
    loop_timer_free(w->poll);
    loop_timer_free(w->soon);
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
    fleet_apply_result(w->fleet, w->check, &r, loop_mono_ms(w->loop));
    decide_check(w->decide, w->check);
    result_release(&r);
}

static void open_alert(struct world *w)
{
    see(w, STATE_OK);
    see(w, STATE_CRITICAL);
}

static void counted(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    assert_null(error);
    memset(w->n_events, 0, sizeof w->n_events);
    for (size_t i = 0; i < n; i++)
        w->n_events[events[i].kind]++;
    w->is_queried = true;
}

static bool is_queried(struct world *w)
{
    return w->is_queried;
}

static void assert_events(struct world *w, size_t sending, size_t sent, size_t failed)
{
    w->is_queried = false;
    journal_query(w->journal, &(struct store_filter){0}, counted, w);
    wait_until(w, is_queried);
    assert_int_equal(w->n_events[EVENT_NOTICE_SENDING], sending);
    assert_int_equal(w->n_events[EVENT_NOTICE_SENT], sent);
    assert_int_equal(w->n_events[EVENT_NOTICE_FAILED], failed);
}

static const struct told *told(struct world *w)
{
    struct alert *a = w->fleet->n_alerts ? w->fleet->alerts[0] : NULL;
    return a ? alert_told(a, 0) : NULL;
}

static bool is_rest(struct world *w)
{
    return !notifier_is_busy(w->notifier) && decide_is_idle(w->decide) &&
           !journal_error(w->journal);
}

static bool is_told(struct world *w)
{
    return w->n_got && is_rest(w);
}

static bool is_sending(struct world *w)
{
    return w->n_got && told(w) && told(w)->is_sending;
}

static bool has_failed(struct world *w)
{
    return w->n_tried_bad && is_rest(w);
}

static bool has_recovered(struct world *w)
{
    return w->n_got == 2 && is_rest(w);
}

static void test_sent(void **state)
{
    struct world *w = *state;
    open_alert(w);
    wait_until(w, is_told);
    assert_int_equal(w->n_got, 1);
    assert_int_equal(w->got[0].what, NOTICE_PROBLEM);
    assert_true(w->got[0].was_durable);
    assert_false(w->got[0].is_possible_repeat);
    assert_int_equal(told(w)->count, 1);
    assert_int_equal(told(w)->page, 1);
    assert_false(told(w)->is_sending);
    assert_true(told(w)->mono_ms > 0);
    assert_int_equal(w->n_tried_ok, 1);
    assert_events(w, 1, 1, 0);
    restart(w);
    assert_int_equal(told(w)->count, 1);
    see(w, STATE_CRITICAL);
    see(w, STATE_OK);
    wait_until(w, is_told);
    assert_int_equal(w->n_got, 1); /* what was sent is not sent again */
    assert_int_equal(w->got[0].what, NOTICE_RECOVERY);
    assert_false(w->got[0].is_possible_repeat);
    assert_int_equal(told(w)->page, TOLD_OVER);
    assert_events(w, 2, 2, 0);
}

static void test_lost_between_sending_and_sent(void **state)
{
    struct world *w = *state;
    w->is_silent = true;
    open_alert(w);
    wait_until(w, is_sending);
    char key[NOTICE_KEY_LEN + 1];
    memcpy(key, w->got[0].key, sizeof key);
    w->is_silent = false;
    restart(w);
    assert_true(told(w)->is_sending);
    wait_until(w, is_told);
    assert_int_equal(w->n_got, 1);
    assert_true(w->got[0].is_possible_repeat);
    assert_string_equal(w->got[0].key, key);
    assert_events(w, 2, 1, 0);
    restart(w);
    see(w, STATE_CRITICAL);
    see(w, STATE_OK);
    wait_until(w, is_told);
    assert_int_equal(w->got[0].what, NOTICE_RECOVERY); /* exactly one possible repeat */
    assert_int_equal(w->n_got, 1);
}

static void test_failed(void **state)
{
    struct world *w = *state;
    w->is_down = true;
    open_alert(w);
    wait_until(w, has_failed);
    assert_int_equal(told(w)->page, 0);
    assert_false(told(w)->is_sending);
    assert_string_equal(w->tried, "refused");
    assert_events(w, 1, 0, 1);
    w->is_down = false;
    w->n_got = 0;
    restart(w); /* instead of the back-off */
    wait_until(w, is_told);
    assert_int_equal(w->got[0].what, NOTICE_PROBLEM);
    assert_false(w->got[0].is_possible_repeat);
    assert_events(w, 2, 1, 1);
}

static void store_breaks(struct world *w)
{
    snprintf(w->fp, sizeof w->fp, "store.full:err@%s", w->flag);
    setenv("FP", w->fp, 1);
    close(open(w->flag, O_CREAT | O_WRONLY, 0600));
}

static bool is_alert_open(struct world *w)
{
    return w->check->alert != 0;
}

static bool is_got(struct world *w)
{
    return w->n_got && w->n_tried_ok;
}

static bool is_written_late(struct world *w)
{
    return is_rest(w) && told(w)->count == 1;
}

/* Fails open: sent though it cannot be written down, and written down when it can. */
static void test_store_down(void **state)
{
    struct world *w = *state;
    w->r.group_ms = 1000; /* the alert is in the store, the notice is not yet */
    open_alert(w);
    notifier_renew(w->notifier, &w->r, 1);
    wait_until(w, is_alert_open);
    store_breaks(w);
    wait_until(w, is_got);
    assert_int_equal(w->n_got, 1);
    assert_true(w->got[0].is_possible_repeat);
    assert_int_equal(told(w)->page, 1);
    assert_false(told(w)->is_sending);
    assert_int_equal(told(w)->count, 0);
    unlink(w->flag);
    wait_until(w, is_written_late);
    assert_events(w, 1, 1, 0);
    assert_int_equal(w->n_got, 1);
    restart(w);
    assert_int_equal(told(w)->count, 1);
    assert_int_equal(told(w)->page, 1);
}

static bool has_three(struct world *w)
{
    return w->n_got >= 3 && is_rest(w);
}

static void test_watchdog(void **state)
{
    struct world *w = *state;
    w->r.levels = 0;
    w->r.every_ms = 50;
    notifier_renew(w->notifier, &w->r, 1);
    wait_until(w, has_three);
    assert_int_equal(w->got[2].what, NOTICE_WATCHDOG);
    assert_events(w, 0, 0, 0);
}

/* The receiver leaves the site file while a notice to it is on its way. */
static void test_receiver_leaves(void **state)
{
    struct world *w = *state;
    w->is_silent = true;
    open_alert(w);
    wait_until(w, is_sending);
    notifier_renew(w->notifier, NULL, 0);
    assert_true(notifier_is_busy(w->notifier));
    answer(w);
    wait_until(w, is_told);
    assert_events(w, 1, 1, 0);
    see(w, STATE_OK);
    wait_until(w, is_rest);
    assert_int_equal(w->n_got, 1);
}

/* What is told stands in the checkpoint too. */
static void test_checkpoint(void **state)
{
    struct world *w = *state;
    open_alert(w);
    wait_until(w, is_told);
    char *json = checkpoint_write(w->fleet);
    struct fleet *f = fleet_new();
    fleet_add_check(f, fleet_add_target(f, "web-01"), "http");
    struct err e;
    assert_true(checkpoint_read(f, json, loop_wall_ms(w->loop), loop_mono_ms(w->loop), &e));
    const struct told *t = alert_told(f->alerts[0], 0), *was = told(w);
    assert_non_null(t);
    assert_int_equal(t->page, was->page);
    assert_int_equal(t->state, was->state);
    assert_int_equal(t->level, was->level);
    assert_int_equal(t->count, 1);
    assert_false(t->is_sending);
    see(w, STATE_OK);
    wait_until(w, has_recovered);
    free(json);
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_between_sending_and_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_down, setup, teardown),
        cmocka_unit_test_setup_teardown(test_watchdog, setup, teardown),
        cmocka_unit_test_setup_teardown(test_receiver_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_checkpoint, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
