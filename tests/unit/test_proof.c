/* Synthetic messages, what is pure of them: the log of a day, receipts, tries, shares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/event.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/proof.h"
#include "core/say.h"
#include "engine/checkpoint.h"

#define T0     1772719331042LL
#define MINUTE 60000LL
#define CHECK  "svc-sms/proof"

static int setup(void **state)
{
    *state = fleet_new();
    return 0;
}

static int teardown(void **state)
{
    fleet_free(*state);
    return 0;
}

static void fold(struct fleet *f, enum event_kind kind, const char *check, const char *key,
                 int64_t at_ms, const char *what)
{
    struct event e = {.kind = kind, .at_ms = at_ms, .until_ms = at_ms + 2 * MINUTE};
    e.subject = mem_strdup(check);
    e.key = mem_strdup(key);
    e.what = mem_strdup(what);
    e.delay_ms = 3000;
    fleet_fold(f, &e);
    event_release(&e);
}

/* The n-th message, which came to that end (SENDING: none yet). */
static const char *message(struct fleet *f, int n, int64_t at_ms, enum proof_phase end)
{
    static char key[PROOF_KEY_LEN + 1];
    snprintf(key, sizeof key, "KEY%09d", n);
    fold(f, EVENT_PROOF_SENDING, CHECK, key, at_ms, "…678");
    if (end != PROOF_SENDING && end != PROOF_REFUSED)
        fold(f, EVENT_PROOF_SENT, CHECK, key, at_ms + 100, NULL);
    if (end == PROOF_ARRIVED)
        fold(f, EVENT_PROOF_ARRIVED, CHECK, key, at_ms + 3000, NULL);
    else if (proof_is_over(end))
        fold(f, EVENT_PROOF_ENDED, CHECK, key, at_ms + 2 * MINUTE, proof_phase_names[end]);
    return key;
}

static enum receipt_what receipt(struct fleet *f, const char *check, const char *key, bool is_good,
                                 int64_t now_ms)
{
    const struct proof *p;
    const char *owner;
    return proof_receipt(f, check, key, is_good, now_ms, &p, &owner);
}

static void what_each_receipt_means(void **state)
{
    struct fleet *f = *state;
    char *now = mem_strdup(message(f, 9, T0 + 10 * MINUTE, PROOF_SENT));
    int64_t at = T0 + 11 * MINUTE;
    assert_int_equal(receipt(f, CHECK, now, true, at), RECEIPT_COUNTS);
    assert_int_equal(receipt(f, CHECK, now, false, at), RECEIPT_COUNTS);
    assert_int_equal(receipt(f, CHECK, now, true, T0 + 13 * MINUTE), RECEIPT_LATE);
    assert_int_equal(receipt(f, CHECK, NULL, true, at), RECEIPT_NO_KEY);
    assert_int_equal(receipt(f, CHECK, "", true, at), RECEIPT_NO_KEY);
    assert_int_equal(receipt(f, CHECK, "KEY000000042", true, at), RECEIPT_NEVER_SENT);
    assert_int_equal(receipt(f, "svc-mail/proof", now, true, at), RECEIPT_OTHER_CHECK);
    free(now);
}

/* An old key is that of its own message: nothing of it says anything of the one under way. */
static void an_old_key_never_counts(void **state)
{
    struct fleet *f = *state;
    static const struct {
        enum proof_phase end;
        enum receipt_what good, bad;
    } rows[] = {
        {PROOF_ARRIVED, RECEIPT_AGAIN, RECEIPT_CONTRADICTS},
        {PROOF_UNDELIVERED, RECEIPT_CONTRADICTS, RECEIPT_AGAIN},
        {PROOF_REFUSED, RECEIPT_REFUSED, RECEIPT_REFUSED},
        {PROOF_LOST, RECEIPT_LATE, RECEIPT_LATE},
        {PROOF_UNKNOWN, RECEIPT_LATE, RECEIPT_LATE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *key = mem_strdup(message(f, (int)i, T0 + (int64_t)i * 10 * MINUTE, rows[i].end));
        message(f, 100 + (int)i, T0 + (int64_t)i * 10 * MINUTE + 5 * MINUTE, PROOF_SENT);
        int64_t now = T0 + (int64_t)i * 10 * MINUTE + 6 * MINUTE;
        assert_int_equal(receipt(f, CHECK, key, true, now), rows[i].good);
        assert_int_equal(receipt(f, CHECK, key, false, now), rows[i].bad);
        free(key);
    }
}

static void each_has_its_own_sentence(void **state)
{
    (void)state;
    char *said[RECEIPT_REFUSED + 1];
    for (int w = RECEIPT_COUNTS; w <= RECEIPT_REFUSED; w++) {
        said[w] = proof_receipt_say((enum receipt_what)w, CHECK, "A\x1b[2J\x1f{0}", "other/x");
        assert_non_null(said[w]);
        assert_null(strchr(said[w], '\x1b'));
        for (int v = RECEIPT_COUNTS; v < w; v++)
            assert_string_not_equal(said[v], said[w]);
    }
    for (int w = RECEIPT_COUNTS; w <= RECEIPT_REFUSED; w++)
        free(said[w]);
}

/* What a message was it remains, whatever the journal says of it later. */
static void an_end_is_an_end(void **state)
{
    struct fleet *f = *state;
    const char *key = message(f, 1, T0, PROOF_LOST);
    fold(f, EVENT_PROOF_ARRIVED, CHECK, key, T0 + 5 * MINUTE, NULL);
    fold(f, EVENT_PROOF_SENDING, CHECK, key, T0 + 6 * MINUTE, "again");
    assert_int_equal(proof_log_of(f, CHECK)->n, 1);
    assert_int_equal(proof_find(proof_log_of(f, CHECK), key)->phase, PROOF_LOST);
    assert_null(proof_open(proof_log_of(f, CHECK)));
    fold(f, EVENT_PROOF_ARRIVED, CHECK, "NEVERSENT000", T0, NULL);
    fold(f, EVENT_PROOF_SENDING, CHECK, "short", T0, NULL);
    assert_int_equal(proof_log_of(f, CHECK)->n, 1);
}

static void a_day_is_counted_and_then_forgotten(void **state)
{
    struct fleet *f = *state;
    for (int i = 0; i < 48; i++)
        message(f, i, T0 + i * 30 * MINUTE, PROOF_ARRIVED);
    const struct proof_log *l = proof_log_of(f, CHECK);
    assert_int_equal(proof_count(l, T0 + 24 * 60 * MINUTE - 1), 48);
    assert_int_equal(proof_count(l, T0 + 36 * 60 * MINUTE), 23);
    message(f, 99, T0 + 36 * 60 * MINUTE, PROOF_SENDING);
    assert_int_equal(l->n, 24);
    for (int i = 0; i < PROOF_CAP_MAX + 10; i++)
        message(f, 1000 + i, T0 + 36 * 60 * MINUTE + i, PROOF_ARRIVED);
    assert_int_equal(l->n, PROOF_CAP_MAX);
}

static void tries_and_states(void **state)
{
    (void)state;
    assert_int_equal(proof_wait_ms(1), 1000);
    assert_int_equal(proof_wait_ms(2), 5000);
    assert_int_equal(proof_wait_ms(3), -1);
    assert_int_equal(proof_wait_ms(0), -1);
    assert_int_equal(proof_judge(20000, 20000), STATE_OK);
    assert_int_equal(proof_judge(20001, 20000), STATE_WARNING);
    assert_int_equal(proof_judge(INT64_MAX, 0), STATE_OK);
}

static void shares(void **state)
{
    struct fleet *f = *state;
    for (int i = 0; i < 10; i++)
        message(f, i, T0 + i * MINUTE,
                i == 0   ? PROOF_REFUSED
                : i == 1 ? PROOF_LOST
                : i == 2 ? PROOF_UNDELIVERED
                : i == 3 ? PROOF_UNKNOWN
                         : PROOF_ARRIVED);
    message(f, 10, T0 + 10 * MINUTE, PROOF_SENT);
    struct proof_shares s = proof_shares_of(proof_log_of(f, CHECK), T0);
    assert_int_equal(s.n, 9); /* the unknown one and the one under way say nothing */
    assert_int_equal(s.accepted, 8);
    assert_int_equal(s.arrived, 6);
    assert_true(s.mean_ms > 2999 && s.mean_ms < 3001);
    s = proof_shares_of(proof_log_of(f, CHECK), T0 + 4 * MINUTE);
    assert_int_equal(s.n, 6);
    assert_int_equal(s.arrived, 6);
    s = proof_shares_of(NULL, T0);
    assert_int_equal(s.n, 0);
}

static void keys_are_short_and_plain(void **state)
{
    (void)state;
    unsigned char random[PROOF_KEY_LEN];
    char key[PROOF_KEY_LEN + 1];
    for (int b = 0; b < 256; b++) {
        memset(random, b, sizeof random);
        proof_key(random, key);
        assert_int_equal(strlen(key), PROOF_KEY_LEN);
        assert_int_equal(strspn(key, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"), PROOF_KEY_LEN);
    }
}

static void a_checkpoint_has_all_of_it(void **state)
{
    struct fleet *f = *state, *back = fleet_new();
    struct err e;
    for (int p = 0; p < PROOF_PHASE_COUNT; p++)
        message(f, p, T0 + p * MINUTE, (enum proof_phase)p);
    char *json = checkpoint_write(f);
    assert_true(checkpoint_read(back, json, T0, 0, &e));
    const struct proof_log *a = proof_log_of(f, CHECK), *b = proof_log_of(back, CHECK);
    assert_non_null(b);
    assert_int_equal(b->n, PROOF_PHASE_COUNT);
    for (size_t i = 0; i < b->n; i++) {
        assert_string_equal(a->v[i].key, b->v[i].key);
        assert_int_equal(a->v[i].phase, b->v[i].phase);
        assert_int_equal(a->v[i].was_taken, b->v[i].was_taken);
        assert_int_equal(a->v[i].at_ms, b->v[i].at_ms);
        assert_int_equal(a->v[i].until_ms, b->v[i].until_ms);
        assert_int_equal(a->v[i].delay_ms, b->v[i].delay_ms);
    }
    free(json);
    fleet_free(back);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_each_receipt_means),
        TEST(an_old_key_never_counts),
        TEST(each_has_its_own_sentence),
        TEST(an_end_is_an_end),
        TEST(a_day_is_counted_and_then_forgotten),
        TEST(tries_and_states),
        TEST(shares),
        TEST(keys_are_short_and_plain),
        TEST(a_checkpoint_has_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
