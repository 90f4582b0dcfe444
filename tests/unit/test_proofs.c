/* Synthetic messages and the journal: durable before they leave, never two for one key, tries, what
 * a restart makes of them. */
#include "tests/unit/proofs_world.h"

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

static void where_nobody_could_look_nothing_is_known(void **state)
{
    struct world *w = *state;
    w->want.look_ms = 10;
    w->want.deadline_ms = 200;
    w->is_blind = true;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_false(w->result.is_self);
    assert_said(w, "could not be asked: HTTP 502");
    assert_true(metric(w, "delivered_pct") < 0);
}

static void our_own_fault_says_nothing(void **state)
{
    struct world *w = *state;
    w->answers[0] = PROOF_SELF;
    begin(w);
    wait_until(w, is_done);
    assert_int_equal(w->n_sent, 1);
    assert_int_equal(w->result.state, STATE_UNKNOWN);
    assert_true(w->result.is_self);
    assert_int_equal(phase(w, w->keys[0]), PROOF_UNKNOWN);
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arrives_by_a_receipt_from_outside),
        TEST(arrives_when_it_is_looked_for),
        TEST(a_receipt_before_the_answer_counts),
        TEST(is_lost),
        TEST(where_nobody_could_look_nothing_is_known),
        TEST(our_own_fault_says_nothing),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
