/* Synthetic messages and the journal: durable before they leave, never two for one key, what a
 * restart, a lost disk and receipts make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/proofs.h"
#include "tests/unit/scratch.h"

#define CHECK "svc-sms/proof"

struct world {
    struct scratch tmp;
    char path[300], flag[300], fp[700];
    struct loop *loop;
    struct loop_timer *limit, *poll, *soon;
    struct journal *journal;
    struct fleet *fleet;
    struct decide *decide;
    struct proofs *proofs;
    struct proof_run *run;
    bool (*is_there)(struct world *);
    struct proof_want want;
    enum proof_answer answers[8]; /* of each try, in turn */
    bool is_silent;               /* none at all */
    char keys[16][PROOF_KEY_LEN + 1];
    size_t n_sent, n_looks;
    bool was_durable;
    bool is_seen; /* by the next look */
    struct result result;
    size_t n_done;
    char said[400];
    bool is_ok;
    size_t n_answers;
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
    enum proof_answer a = w->answers[w->n_sent - 1];
    proof_sent(w->run, a, a == PROOF_TAKEN ? NULL : SAY("the gateway says {0}", "no"));
}

static void send(void *arg, const char *key)
{
    struct world *w = arg;
    assert_true(w->n_sent < 8);
    const struct proof *p = proof_find(proof_log_of(w->fleet, CHECK), key);
    w->was_durable = p != NULL && journal_seq(w->journal) >= w->fleet->seq;
    snprintf(w->keys[w->n_sent++], sizeof w->keys[0], "%s", key);
    if (!w->is_silent)
        loop_timer_set(w->soon, 1, 0);
}

static void look(void *arg, const char *key)
{
    struct world *w = arg;
    w->n_looks++;
    snprintf(w->keys[15], sizeof w->keys[0], "%s", key);
    if (w->is_seen)
        proof_seen(w->run, true, -1, NULL);
    else
        proof_not_seen(w->run);
}

static void done(void *arg, struct result *r)
{
    struct world *w = arg;
    w->run = NULL;
    w->n_done++;
    result_release(&w->result);
    w->result = *r;
    *r = (struct result){0};
    loop_timer_stop(w->soon);
}

static void begin(struct world *w)
{
    static const struct proof_calls calls = {send, look, done};
    const struct probe_env env = {.loop = w->loop, .proofs = w->proofs, .fleet = w->fleet};
    w->n_done = w->n_sent = 0;
    w->run = proof_begin(&env, &w->want, &calls, w);
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

static void start(struct world *w)
{
    struct journal_calls calls = {found, NULL};
    char *say = NULL;
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    assert_non_null(w->journal);
    journal_load(w->journal, w->fleet);
    w->decide = decide_new(w->loop, w->fleet, w->journal, folded, w);
    w->proofs = proofs_new(w->loop, w->fleet, w->decide);
}

static void stop(struct world *w)
{
    loop_timer_stop(w->soon);
    proof_cancel(w->run);
    w->run = NULL;
    proofs_stop(w->proofs);
    assert_true(journal_free(w->journal, 5000));
    decide_free(w->decide);
    proofs_free(w->proofs);
    fleet_free(w->fleet);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){0, ms * 1000000}, NULL);
}

static void restart(struct world *w)
{
    stop(w);
    pause_ms(3); /* what was begun before is older than the start */
    start(w);
}

static int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t.db", w->path);
    scratch_path(&w->tmp, "flag", w->flag);
    w->want = (struct proof_want){.check = CHECK,
                                  .to = "…678",
                                  .deadline_ms = 20000,
                                  .late_ms = 10000,
                                  .window_ms = PROOF_DAY_MS,
                                  .cap = 100};
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
    result_release(&w->result);
    loop_timer_free(w->limit);
    loop_timer_free(w->poll);
    loop_timer_free(w->soon);
    loop_free(w->loop);
    scratch_remove(&w->tmp);
    free(w);
    return 0;
}

static void answered(void *arg, bool is_ok, const char *say)
{
    struct world *w = arg;
    struct buf words = BUF_INIT(sizeof w->said - 1);
    say_text(&words, say, NULL);
    snprintf(w->said, sizeof w->said, "%s", buf_text(&words));
    buf_release(&words);
    w->is_ok = is_ok;
    w->n_answers++;
}

static void submit(struct world *w, const char *check, const char *key, bool is_delivered)
{
    w->n_answers = 0;
    proofs_submit(w->proofs, check, key, is_delivered, "from the operator", answered, w);
}

static bool is_answered(struct world *w)
{
    return w->n_answers > 0;
}

static bool is_done(struct world *w)
{
    return w->n_done > 0;
}

static bool has_sent(struct world *w)
{
    return w->n_sent > 0;
}

static enum proof_phase phase(struct world *w, const char *key)
{
    const struct proof *p = proof_find(proof_log_of(w->fleet, CHECK), key);
    assert_non_null(p);
    return p->phase;
}

static bool is_taken(struct world *w)
{
    return w->n_sent > 0 && phase(w, w->keys[w->n_sent - 1]) == PROOF_SENT;
}

static bool has_looked(struct world *w)
{
    return w->n_looks > 2;
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

static void assert_events(struct world *w, size_t sending, size_t sent, size_t arrived,
                          size_t ended)
{
    w->is_queried = false;
    journal_query(w->journal, &(struct store_filter){0}, counted, w);
    wait_until(w, is_queried);
    assert_int_equal(w->n_events[EVENT_PROOF_SENDING], sending);
    assert_int_equal(w->n_events[EVENT_PROOF_SENT], sent);
    assert_int_equal(w->n_events[EVENT_PROOF_ARRIVED], arrived);
    assert_int_equal(w->n_events[EVENT_PROOF_ENDED], ended);
}

static void assert_said(struct world *w, const char *words)
{
    struct buf b = BUF_INIT(1000);
    say_text(&b, w->result.summary, NULL);
    if (strstr(buf_text(&b), words) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", words, buf_text(&b));
    buf_release(&b);
}

static double metric(const struct world *w, const char *name)
{
    double v = -1;
    const char *unit;
    return result_value(&w->result, name, &v, &unit) ? v : -1;
}

/* --- the way there ------------------------------------------------------------------------ */

static void arrives_by_a_receipt_from_outside(void **state)
{
    struct world *w = *state;
    begin(w);
    wait_until(w, is_taken);
    assert_true(w->was_durable);
    submit(w, CHECK, w->keys[0], true);
    assert_int_equal(w->n_answers, 0); /* not before it is written */
    wait_until(w, is_done);
    assert_true(w->is_ok);
    assert_int_equal(w->result.state, STATE_OK);
    assert_said(w, "arrived after");
    assert_true(w->result.latency_ms >= 0);
    assert_true(metric(w, "delivered_pct") > 99.9);
    assert_true(metric(w, "accepted_pct") > 99.9);
    assert_true(metric(w, "messages_day") == 1);
    assert_non_null(result_fact_value(&w->result, "last_proof_at"));
    assert_string_equal(result_fact_value(&w->result, "to"), "…678");
    assert_events(w, 1, 1, 1, 0);
}

static void arrives_when_it_is_looked_for(void **state)
{
    struct world *w = *state;
    w->want.look_ms = 10;
    w->want.late_ms = 1; /* and is late */
    begin(w);
    wait_until(w, has_looked);
    assert_string_equal(w->keys[15], w->keys[0]);
    w->is_seen = true;
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_WARNING);
    assert_said(w, "arrived late");
    assert_events(w, 1, 1, 1, 0);
}

static void a_receipt_before_the_answer_counts(void **state)
{
    struct world *w = *state;
    w->is_silent = true;
    begin(w);
    wait_until(w, has_sent);
    submit(w, CHECK, w->keys[0], true);
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_OK);
    assert_events(w, 1, 0, 1, 0);
}

static void is_lost(void **state)
{
    struct world *w = *state;
    w->want.deadline_ms = 60;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_CRITICAL);
    assert_said(w, "taken for delivery, but not arrived within");
    assert_true(metric(w, "delivered_pct") == 0);
    assert_true(metric(w, "accepted_pct") > 99.9);
    submit(w, CHECK, w->keys[0], true); /* too late: nothing becomes green */
    assert_int_equal(w->n_answers, 1);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "after its deadline"));
    assert_events(w, 1, 1, 0, 1);
}

static void is_not_delivered(void **state)
{
    struct world *w = *state;
    begin(w);
    wait_until(w, is_taken);
    submit(w, CHECK, w->keys[0], false);
    wait_until(w, is_done);
    assert_true(w->is_ok);
    assert_int_equal(w->result.state, STATE_CRITICAL);
    assert_said(w, "not delivered: from the operator");
}

/* --- tries -------------------------------------------------------------------------------- */

static void the_same_key_is_tried_again_where_it_surely_was_not_taken(void **state)
{
    struct world *w = *state;
    w->answers[0] = w->answers[1] = PROOF_NOT_TAKEN;
    begin(w);
    int64_t from_ms = loop_mono_ms(w->loop);
    wait_until(w, is_taken);
    assert_int_equal(w->n_sent, 3);
    assert_string_equal(w->keys[0], w->keys[1]);
    assert_string_equal(w->keys[0], w->keys[2]);
    assert_true(loop_mono_ms(w->loop) - from_ms >= 5900);
    submit(w, CHECK, w->keys[0], true);
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_OK);
    assert_true(metric(w, "tries") == 3);
    assert_events(w, 1, 1, 1, 0);
}

static void three_tries_are_all(void **state)
{
    struct world *w = *state;
    w->answers[0] = w->answers[1] = w->answers[2] = PROOF_NOT_TAKEN;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 3);
    assert_int_equal(w->result.state, STATE_CRITICAL);
    assert_said(w, "the gateway says no");
    assert_true(metric(w, "accepted_pct") == 0);
    assert_events(w, 1, 0, 0, 1);
}

static void no_second_try_where_it_may_have_left(void **state)
{
    struct world *w = *state;
    w->answers[0] = PROOF_MAY_BE;
    w->want.deadline_ms = 1500;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 1);
    assert_int_equal(w->result.state, STATE_CRITICAL);
    assert_said(w, "it may not have left: the gateway says no");
    assert_events(w, 1, 0, 0, 1);
}

static void nor_where_it_is_refused_for_good(void **state)
{
    struct world *w = *state;
    w->answers[0] = PROOF_IS_REFUSED;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 1);
    assert_said(w, "the gateway says no");
    submit(w, CHECK, w->keys[0], true);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "was refused when it was sent"));
}

/* --- restarts ----------------------------------------------------------------------------- */

/* Cut between intent and outcome: the next run waits for the receipt and sends nothing. */
static void cut_off_it_is_never_sent_again(void **state)
{
    struct world *w = *state;
    char key[PROOF_KEY_LEN + 1];
    w->is_silent = true;
    begin(w);
    wait_until(w, has_sent);
    memcpy(key, w->keys[0], sizeof key);
    restart(w);
    assert_int_equal(phase(w, key), PROOF_SENDING);
    w->want.look_ms = 10;
    begin(w);
    wait_until(w, has_looked);
    assert_int_equal(w->n_sent, 0);
    assert_string_equal(w->keys[15], key);
    submit(w, CHECK, key, true);
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_OK);
    assert_int_equal(w->n_sent, 0);
    assert_events(w, 1, 0, 1, 0);
}

static void cut_off_and_never_seen_it_says_nothing_of_the_way(void **state)
{
    struct world *w = *state;
    w->want.deadline_ms = 700;
    begin(w);
    wait_until(w, is_taken);
    restart(w);
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 0);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_true(w->result.is_self);
    assert_true(metric(w, "delivered_pct") < 0); /* it is left out of the shares */
    assert_true(metric(w, "messages_day") == 1); /* but counted */
    assert_events(w, 1, 1, 0, 1);
}

static void one_whose_time_passed_meanwhile_gives_way(void **state)
{
    struct world *w = *state;
    char key[PROOF_KEY_LEN + 1];
    w->want.deadline_ms = 50;
    w->is_silent = true;
    begin(w);
    wait_until(w, has_sent);
    memcpy(key, w->keys[0], sizeof key);
    stop(w);
    pause_ms(120);
    start(w);
    w->is_silent = false;
    w->want.deadline_ms = 20000;
    begin(w);
    wait_until(w, is_taken);
    assert_int_equal(phase(w, key), PROOF_UNKNOWN);
    assert_string_not_equal(w->keys[0], key);
    submit(w, CHECK, key, true); /* an old key does not count for the new message */
    assert_false(w->is_ok);
    assert_int_equal(w->n_done, 0);
}

static bool is_let_go(struct world *w)
{
    const struct proof_log *l = proof_log_of(w->fleet, CHECK);
    return l != NULL && l->n == 1 && l->v[0].phase == PROOF_UNKNOWN;
}

static bool is_being_written(struct world *w)
{
    return !decide_is_idle(w->decide);
}

/* The intent was written when nobody wanted it any more: it does not leave. */
static void let_go_before_it_left(void **state)
{
    struct world *w = *state;
    setenv("FP", "store.before_commit:sleep200", 1);
    begin(w);
    wait_until(w, is_being_written);
    proof_cancel(w->run);
    w->run = NULL;
    wait_until(w, is_let_go);
    assert_int_equal(w->n_sent, 0);
    assert_events(w, 1, 0, 0, 1);
}

static void the_cap_holds_over_restarts(void **state)
{
    struct world *w = *state;
    w->want.cap = 2;
    for (int i = 0; i < 3; i++) {
        begin(w);
        if (i < 2) {
            wait_until(w, is_taken);
            submit(w, CHECK, w->keys[0], true);
        }
        wait_until(w, is_done);
        assert_int_equal(w->n_sent, i < 2);
        restart(w);
    }
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_true(w->result.is_self);
    assert_said(w, "the 2 of a day are used up");
    assert_events(w, 2, 2, 2, 0);
}

/* --- receipts ----------------------------------------------------------------------------- */

static void receipts_that_do_not_count(void **state)
{
    struct world *w = *state;
    begin(w);
    wait_until(w, is_taken);
    submit(w, CHECK, "AAAAAAAAAAAA", true);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "no message with the key AAAAAAAAAAAA was sent"));
    submit(w, CHECK, NULL, true);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "--key has to say"));
    submit(w, "svc-mail/proof", w->keys[0], true);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "is one of svc-sms/proof, not of svc-mail/proof"));
    assert_int_equal(w->n_done, 0);
    submit(w, CHECK, w->keys[0], true);
    submit(w, CHECK, w->keys[0], true); /* while the first is being written */
    assert_int_equal(w->n_answers, 1);
    assert_true(w->is_ok);
    assert_non_null(strstr(w->said, "is known already"));
    submit(w, CHECK, w->keys[0], false);
    assert_false(w->is_ok);
    assert_non_null(strstr(w->said, "says the contrary"));
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_OK);
    submit(w, CHECK, w->keys[0], true); /* and after */
    assert_true(w->is_ok);
    submit(w, CHECK, w->keys[0], false);
    assert_false(w->is_ok);
    assert_events(w, 1, 1, 1, 0);
}

/* Nobody runs the check just now: written all the same, and the next run sends a new message. */
static void a_receipt_between_runs(void **state)
{
    struct world *w = *state;
    char key[PROOF_KEY_LEN + 1];
    begin(w);
    wait_until(w, is_taken);
    memcpy(key, w->keys[0], sizeof key);
    proof_cancel(w->run);
    w->run = NULL;
    submit(w, CHECK, key, true);
    wait_until(w, is_answered);
    assert_true(w->is_ok);
    assert_int_equal(phase(w, key), PROOF_ARRIVED);
    begin(w);
    wait_until(w, is_taken);
    assert_string_not_equal(w->keys[0], key);
}

/* --- no journal --------------------------------------------------------------------------- */

static void break_store(struct world *w)
{
    close(open(w->flag, O_CREAT | O_WRONLY, 0600));
    snprintf(w->fp, sizeof w->fp, "store.full:err@%s", w->flag);
    setenv("FP", w->fp, 1);
}

static void no_journal_no_message(void **state)
{
    struct world *w = *state;
    break_store(w);
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 0);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_true(w->result.is_self);
    assert_said(w, "no message was sent");
    unlink(w->flag);
    begin(w);
    wait_until(w, is_taken);
    assert_events(w, 1, 1, 0, 0);
}

static bool is_written(struct world *w)
{
    proofs_second(w->proofs);
    return proof_open(proof_log_of(w->fleet, CHECK)) == NULL;
}

/* What came while the store was down is told now and written when it is back; nothing new leaves
 * before. */
static void an_end_is_written_later(void **state)
{
    struct world *w = *state;
    w->want.look_ms = 10;
    begin(w);
    wait_until(w, is_taken);
    break_store(w);
    w->is_seen = true;
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_OK);
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 0);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    unlink(w->flag);
    wait_until(w, is_written);
    assert_events(w, 1, 1, 1, 0);
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 1);
    assert_int_equal(w->result.state, STATE_OK);
    assert_events(w, 2, 2, 2, 0);
}

static void without_an_engine_nothing_leaves(void **state)
{
    struct world *w = *state;
    struct proofs *p = w->proofs;
    w->proofs = NULL;
    begin(w);
    w->proofs = p;
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 0);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_said(w, "only an engine sends");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arrives_by_a_receipt_from_outside),
        TEST(arrives_when_it_is_looked_for),
        TEST(a_receipt_before_the_answer_counts),
        TEST(is_lost),
        TEST(is_not_delivered),
        TEST(the_same_key_is_tried_again_where_it_surely_was_not_taken),
        TEST(three_tries_are_all),
        TEST(no_second_try_where_it_may_have_left),
        TEST(nor_where_it_is_refused_for_good),
        TEST(cut_off_it_is_never_sent_again),
        TEST(cut_off_and_never_seen_it_says_nothing_of_the_way),
        TEST(one_whose_time_passed_meanwhile_gives_way),
        TEST(let_go_before_it_left),
        TEST(the_cap_holds_over_restarts),
        TEST(receipts_that_do_not_count),
        TEST(a_receipt_between_runs),
        TEST(no_journal_no_message),
        TEST(an_end_is_written_later),
        TEST(without_an_engine_nothing_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
