/* Receipts of synthetic messages that do not count; a journal that cannot be written. */
#include "tests/unit/proofs_world.h"

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
        TEST(receipts_that_do_not_count),
        TEST(a_receipt_between_runs),
        TEST(no_journal_no_message),
        TEST(an_end_is_written_later),
        TEST(without_an_engine_nothing_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
