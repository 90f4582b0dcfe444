/* The life of an incident: what rules and operators may change, and in which order (faults.md CC1,
 * CC2). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"

#include "tests/unit/alert_world.h"

static void test_one_incident_per_outage(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_OK);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED);
    see(&w, STATE_WARNING);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_OPENED);
    const struct alert *a = fleet_open_alert_of(w.f, w.c);
    assert_int_equal(a->id, 1);
    assert_int_equal(a->version, 1);
    assert_int_equal(a->priority, PRIORITY_P3);
    assert_int_equal(a->since_ms, NOON + 20000);
    assert_string_equal(a->check, "srv/http");
    assert_string_equal(a->summary, "seen {0}\x1fWARNING");
    see(&w, STATE_CRITICAL);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_CHANGED);
    assert_int_equal(a->version, 2);
    assert_int_equal(a->priority, PRIORITY_P2);
    see(&w, STATE_OK);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_RESOLVED);
    assert_int_equal(a->phase, ALERT_RESOLVED);
    assert_int_equal(a->resolved_at_ms, now(&w).wall_ms);
    assert_null(fleet_open_alert_of(w.f, w.c));
    see(&w, STATE_CRITICAL);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_OPENED);
    assert_int_equal(fleet_open_alert_of(w.f, w.c)->id, 2);
    end(&w);
}

/* A fault is as old as its first bad result, soft and of whatever level it was. */
static void test_since_the_first_bad_result(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.c->rule.attempts = 3;
    see(&w, STATE_OK);
    see(&w, STATE_WARNING);
    see(&w, STATE_CRITICAL);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    const struct alert *a = fleet_open_alert_of(w.f, w.c);
    assert_int_equal(a->since_ms, NOON + 20000);
    assert_int_equal(a->opened_at_ms, NOON + 40000);
    assert_int_equal(w.c->since_ms, NOON + 30000);
    end(&w);
}

/* Between two looks of the engine the check recovered and failed again. */
static void test_a_new_episode_is_a_new_alert(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    see(&w, STATE_OK);
    see(&w, STATE_CRITICAL);
    CHECK_KINDS(&w, EVENT_ALERT_RESOLVED, EVENT_ALERT_OPENED);
    assert_int_equal(fleet_alert(w.f, 1)->phase, ALERT_RESOLVED);
    assert_int_equal(w.c->alert, 2);
    end(&w);
}

/* The same while the opening was on its way to the disk. */
static void test_an_episode_that_ends_during_the_commit(void **state)
{
    (void)state;
    struct world w;
    struct event e[ALERT_EVENTS_MAX];
    begin(&w);
    see(&w, STATE_CRITICAL);
    size_t n = alert_reconcile(w.f, w.c, now(&w), true, 1, e);
    assert_int_equal(n, 2);
    see(&w, STATE_OK);
    see(&w, STATE_CRITICAL);
    for (size_t i = 0; i < n; i++)
        commit(&w, &e[i]);
    CHECK_KINDS(&w, EVENT_ALERT_RESOLVED, EVENT_ALERT_OPENED);
    end(&w);
}

static void test_a_failed_write_is_asked_again(void **state)
{
    (void)state;
    struct world w;
    struct event e[ALERT_EVENTS_MAX];
    begin(&w);
    see(&w, STATE_CRITICAL);
    for (int round = 0; round < 3; round++) {
        size_t n = alert_reconcile(w.f, w.c, now(&w), true, 1, e);
        assert_int_equal(n, 2);
        for (size_t i = 0; i < n; i++)
            event_release(&e[i]);
    }
    end(&w);
}

static void test_nothing_opens_before_settled(void **state)
{
    (void)state;
    struct world w;
    struct event e[ALERT_EVENTS_MAX];
    begin(&w);
    see(&w, STATE_CRITICAL);
    size_t n = alert_reconcile(w.f, w.c, now(&w), false, 1, e);
    assert_int_equal(n, 1);
    assert_int_equal(e[0].kind, EVENT_CHECK_CHANGED);
    event_release(&e[0]);
    end(&w);
}

/* A fault of ours that several checks tell is one alert; the next to tell it opens its own once
 * that one has gone. */
static void see_own(struct world *w, struct check *c, const char *sentence, bool is_self)
{
    struct result r = {.latency_ms = -1, .is_self = is_self, .at_ms = now(w).wall_ms};
    w->s += 10;
    r.started_mono_ms = MONO + w->s * 1000;
    result_say(&r, STATE_UNKNOWN, mem_strdup(sentence));
    fleet_apply_result(w->f, c, &r, MONO + w->s * 1000);
    result_release(&r);
}

static void test_own_faults_are_told_once(void **state)
{
    (void)state;
    struct world w;
    struct check *first, *second;
    begin(&w);
    first = w.c;
    second = fleet_add_check(w.f, fleet_add_target(w.f, "other"), "icmp");
    second->rule = first->rule;
    see_own(&w, first, "cannot send", true);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_OPENED);
    w.c = second;
    see_own(&w, second, "cannot send", true);
    assert_true(alert_is_told(w.f, second));
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED);
    see_own(&w, second, "cannot resolve", true); /* another fault is another alert */
    assert_false(alert_is_told(w.f, second));
    CHECK_KINDS(&w, EVENT_ALERT_OPENED);
    see(&w, STATE_OK);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_RESOLVED);
    see_own(&w, second, "cannot send", false); /* the target's words are never ours */
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_OPENED);
    see(&w, STATE_OK);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_RESOLVED);
    see_own(&w, second, "cannot send", true);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED);
    w.c = first;
    see(&w, STATE_OK);
    CHECK_KINDS(&w, EVENT_CHECK_CHANGED, EVENT_ALERT_RESOLVED);
    w.c = second;
    see_own(&w, second, "cannot send", true);
    CHECK_KINDS(&w, EVENT_ALERT_OPENED);
    end(&w);
}

static void test_acknowledge(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_WARNING);
    reconcile(&w);
    struct request q = ask(REQUEST_ACK, 1, "đã gọi");
    q.key = "k1";
    q.version = 1;
    check_granted(&w, &q);
    const struct alert *a = fleet_alert(w.f, 1);
    assert_string_equal(a->ack.by, "lan");
    assert_string_equal(a->ack.comment, "đã gọi");
    assert_int_equal(a->ack.until_ms, now(&w).wall_ms + ALERT_ACK_DEFAULT_MS);
    assert_int_equal(a->version, 2);

    struct event e; /* its answer was lost: the same key again */
    char *refusal;
    assert_true(alert_decide(w.f, &q, now(&w), &e, &refusal));
    assert_int_equal(e.kind, EVENT_KIND_COUNT);
    assert_int_equal(e.version, 2);
    event_release(&e);

    see(&w, STATE_UNKNOWN); /* better: stays acknowledged */
    reconcile(&w);
    assert_non_null(a->ack.by);
    see(&w, STATE_CRITICAL); /* worse: news for whoever did */
    reconcile(&w);
    assert_null(a->ack.by);
    q = ask(REQUEST_ACK, 1, "again");
    check_granted(&w, &q);
    see(&w, STATE_OK);
    reconcile(&w);
    assert_null(a->ack.by);
    end(&w);
}

static void test_fifty_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    struct request q = ask(REQUEST_ACK, 1, "mine");
    q.version = 1;
    check_granted(&w, &q);
    for (int i = 0; i < 49; i++) {
        q.actor = &minh;
        check_refused(&w, &q, "already acknowledged by lan at 2026-03-05T14:00:10.000Z");
    }
    q.actor = &lan;
    check_refused(&w, &q, "already acknowledged by lan at 2026-03-05T14:00:10.000Z");
    end(&w);
}

static void test_an_ack_never_reaches_the_next_incident(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    struct request q = ask(REQUEST_ACK, 1, "seen it");
    q.version = 1;
    see(&w, STATE_OK);
    reconcile(&w);
    check_refused(&w, &q, "resolved at 2026-03-05T14:00:20.000Z");
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    check_refused(&w, &q, "resolved at 2026-03-05T14:00:20.000Z; now #2");
    assert_null(fleet_alert(w.f, 2)->ack.by);
    end(&w);
}

/* CC2: between the picture and the key the world moves on, in every way it can.  What was drawn is
 * acknowledged, or nothing is. */
static void one_race(struct world *w, uint32_t x, size_t *granted, size_t *told_of_next)
{
    uint64_t drawn = w->c->alert;
    const struct alert *a = fleet_alert(w->f, drawn);
    struct request q = ask(REQUEST_ACK, drawn, "seen it");
    q.version = a->version;
    for (uint32_t n = x % 5; n > 0; n--, x >>= 3) { /* OK, WARNING, CRITICAL; judged or not yet */
        see(w, (enum state)((x >> 3) % 3));
        if ((x >> 5) % 4 != 0)
            reconcile(w);
    }
    struct event e;
    char *refusal = NULL;
    bool is_same = a->phase == ALERT_FIRING && a->version == q.version;
    bool is_granted = alert_decide(w->f, &q, now(w), &e, &refusal);
    assert_int_equal(is_granted, is_same);
    if (is_granted) {
        assert_int_equal(e.alert, drawn);
        commit(w, &e);
        ++*granted;
    } else if (w->c->alert != 0 && w->c->alert != drawn) {
        char next[32];
        snprintf(next, sizeof next, "#%llu", (unsigned long long)w->c->alert);
        assert_non_null(strstr(refusal, "now #{"));
        assert_non_null(strstr(refusal, next + 1));
        ++*told_of_next;
    }
    free(refusal);
    for (size_t i = 0; i < w->f->n_alerts; i++) /* nobody else's acknowledgement has moved */
        if (w->f->alerts[i]->id != drawn)
            assert_null(w->f->alerts[i]->ack.by);
}

static void test_ten_thousand_races(void **state)
{
    (void)state;
    uint32_t x = 362436069u;
    size_t granted = 0, told_of_next = 0;
    for (int history = 0; history < 500; history++) {
        struct world w;
        begin(&w);
        w.never_flaps = true;
        for (int race = 0; race < 20; race++) {
            see(&w, STATE_CRITICAL);
            reconcile(&w);
            assert_true(w.c->alert != 0);
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            one_race(&w, x >> 4, &granted, &told_of_next);
            see(&w, STATE_OK); /* the next race has an incident of its own */
            reconcile(&w);
        }
        end(&w);
    }
    print_message("10,000 races: %zu granted, %zu told of the next incident\n", granted,
                  told_of_next);
    assert_true(granted > 1000 && told_of_next > 1000);
}

static void test_versions(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_WARNING);
    reconcile(&w);
    struct request q = ask(REQUEST_ACK, 1, "seen it");
    q.version = 1;
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    check_refused(&w, &q, "alert 1 has changed since: now version 2");
    struct request note = ask(REQUEST_NOTE, 1, "cable");
    note.version = 1;
    check_granted(&w, &note); /* a note takes nothing back */
    q.version = 0;
    check_granted(&w, &q);
    end(&w);
}

static void test_what_a_request_needs(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    char big[ALERT_COMMENT_MAX + 2];
    memset(big, 'a', sizeof big);
    big[ALERT_COMMENT_MAX + 1] = '\0';
    struct request q = ask(REQUEST_ACK, 1, "ok");
    check_refused(&w, &q, "a comment of at least 3 characters is needed");
    q.text = " o \n k ";
    check_refused(&w, &q, "a comment of at least 3 characters is needed");
    q.text = NULL;
    check_refused(&w, &q, "a comment of at least 3 characters is needed");
    q.text = big;
    check_refused(&w, &q, "the text is longer than 2000 bytes");
    q.text = "okay";
    q.until_ms = now(&w).wall_ms;
    check_refused(&w, &q, "the end 2026-03-05T14:00:10.000Z is not in the future");
    q.until_ms = now(&w).wall_ms + ALERT_ACK_MAX_MS + 1;
    check_refused(&w, &q, "an acknowledgement lasts at most 24h");
    q.until_ms = now(&w).wall_ms + ALERT_ACK_MAX_MS;
    check_granted(&w, &q);
    q = ask(REQUEST_ACK, 77, "okay");
    check_refused(&w, &q, "there is no alert 77");
    q = ask(REQUEST_ACK, 0, "okay");
    check_refused(&w, &q, "there is no alert 0");
    w.f->next_alert = 500;
    q.alert = 77;
    check_refused(&w, &q, "alert 77 was resolved long ago: only the journal has it");
    end(&w);
}

static void test_unacknowledge_and_expiry(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    const struct alert *a = fleet_alert(w.f, 1);
    struct request q = ask(REQUEST_UNACK, 1, NULL);
    q.key = "u1";
    check_refused(&w, &q, "nobody has acknowledged this alert");
    struct request ack = ask(REQUEST_ACK, 1, "seen it");
    ack.until_ms = now(&w).wall_ms + 3600000;
    check_granted(&w, &ack);
    check_granted(&w, &q);
    assert_null(a->ack.by);
    char *refusal;
    assert_true(alert_decide(w.f, &q, now(&w), &e, &refusal)); /* same key: done */
    assert_int_equal(e.kind, EVENT_KIND_COUNT);
    check_granted(&w, &ack);
    assert_false(alert_expire(w.f, a, (struct moment){ack.until_ms - 1, 0}, &e));
    assert_true(alert_expire(w.f, a, (struct moment){ack.until_ms, 0}, &e));
    assert_int_equal(e.version, a->version + 1);
    commit(&w, &e);
    assert_null(a->ack.by);
    assert_false(alert_expire(w.f, a, (struct moment){ack.until_ms, 0}, &e));
    end(&w);
}

static void test_notes(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    char *refusal;
    begin(&w);
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    struct request q = ask(REQUEST_NOTE, 1, "fan replaced");
    q.key = "n1";
    check_granted(&w, &q);
    assert_true(alert_decide(w.f, &q, now(&w), &e, &refusal));
    assert_int_equal(e.kind, EVENT_KIND_COUNT);
    see(&w, STATE_OK);
    reconcile(&w);
    q.key = "n2";
    check_granted(&w, &q); /* afterwards as well */
    const struct alert *a = fleet_alert(w.f, 1);
    assert_int_equal(a->n_notes, 2);
    assert_string_equal(a->notes[1].text, "fan replaced");
    assert_string_equal(a->notes[1].by, "lan");
    end(&w);
}

static void test_what_does_not_count_is_p4(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.c->target->is_test = true;
    see(&w, STATE_CRITICAL);
    reconcile(&w);
    assert_int_equal(fleet_alert(w.f, 1)->priority, PRIORITY_P4);
    w.c->target->is_disabled = true; /* switched off in the site file */
    CHECK_KINDS(&w, EVENT_ALERT_RESOLVED);
    end(&w);
}

static void test_orphans(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    struct event e;
    struct alert *a = fleet_add_alert(f, 4);
    a->check = mem_strdup("gone/http");
    a->version = 3;
    assert_true(alert_orphan(f, a, (struct moment){NOON, MONO}, &e));
    assert_int_equal(e.kind, EVENT_ALERT_RESOLVED);
    assert_int_equal(e.version, 4);
    fleet_fold(f, &e);
    event_release(&e);
    assert_false(alert_orphan(f, a, (struct moment){NOON, MONO}, &e));
    fleet_free(f);
}

static void test_order(void **state)
{
    (void)state;
    struct alert a[5] = {
        {.id = 1, .priority = PRIORITY_P1, .phase = ALERT_RESOLVED},
        {.id = 2, .priority = PRIORITY_P1, .ack.by = (char *)"lan"},
        {.id = 3, .priority = PRIORITY_P2, .opened_at_ms = 20},
        {.id = 4, .priority = PRIORITY_P2, .opened_at_ms = 10},
        {.id = 5, .priority = PRIORITY_NONE},
    };
    const struct alert *list[] = {&a[0], &a[1], &a[2], &a[3], &a[4]};
    static const uint64_t want[] = {4, 3, 5, 2, 1};
    qsort(list, 5, sizeof *list, alert_compare);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(list[i]->id, want[i]);
}

/* --- anything may happen in any order ---------------------------------------------------- */

static void check_same_alerts(const struct fleet *live, const struct fleet *folded)
{
    assert_int_equal(live->n_alerts, folded->n_alerts);
    assert_int_equal(live->next_alert, folded->next_alert);
    for (size_t i = 0; i < live->n_alerts; i++) {
        const struct alert *a = live->alerts[i], *b = folded->alerts[i];
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->version, b->version);
        assert_int_equal(a->phase, b->phase);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->n_notes, b->n_notes);
        assert_int_equal(a->ack.by != NULL, b->ack.by != NULL);
    }
}

/* The journal alone makes the same picture, and a restart from it does not ask for anything new. */
static void check_restart(const struct world *w)
{
    struct fleet *again = fleet_new();
    struct check *c = add_check(again);
    struct event e[ALERT_EVENTS_MAX];
    for (size_t i = 0; i < w->n_log; i++) {
        struct event read_back = w->log[i];
        read_back.episode = 0; /* not journalled */
        fleet_fold(again, &read_back);
    }
    check_same_alerts(w->f, again);
    assert_int_equal(c->saved_state, w->c->saved_state);
    assert_int_equal(c->alert, w->c->alert);
    assert_int_equal(alert_reconcile(again, c, now(w), true, again->next_alert, e), 0);
    fleet_free(again);
}

static void play_request(struct world *w, uint32_t x)
{
    struct request q =
        ask((enum request_kind)(x % REQUEST_KIND_COUNT),
            w->f->next_alert > 1 ? 1 + (x >> 8) % (w->f->next_alert - 1) : 1, "a comment");
    struct event e;
    char *refusal;
    const struct alert *a = fleet_alert(w->f, q.alert);
    q.version = a != NULL && x % 5 == 0 ? a->version - 1 : 0;
    if (!alert_decide(w->f, &q, now(w), &e, &refusal)) {
        free(refusal);
        return;
    }
    assert_true(a->phase == ALERT_FIRING || q.kind == REQUEST_NOTE);
    commit(w, &e);
}

static void test_histories(void **state)
{
    (void)state;
    uint32_t x = 123456789u;
    size_t incidents = 0;
    for (int history = 0; history < 200; history++) {
        struct world w;
        begin(&w);
        w.never_flaps = history % 2 == 0;
        for (int step = 0; step < 150; step++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            if (x % 3 == 0)
                play_request(&w, x >> 4);
            else
                see(&w, (enum state)((x >> 4) % 4));
            if ((x >> 10) % 3 != 0)
                reconcile(&w);
            size_t open = fleet_count_open(w.f, NULL);
            assert_true(open <= 1);
            assert_int_equal(open, w.c->alert != 0);
        }
        reconcile(&w);
        check_restart(&w);
        incidents += w.f->next_alert - 1;
        end(&w);
    }
    print_message("%zu incidents in 200 histories\n", incidents);
    assert_true(incidents > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_incident_per_outage),
        cmocka_unit_test(test_since_the_first_bad_result),
        cmocka_unit_test(test_a_new_episode_is_a_new_alert),
        cmocka_unit_test(test_an_episode_that_ends_during_the_commit),
        cmocka_unit_test(test_a_failed_write_is_asked_again),
        cmocka_unit_test(test_nothing_opens_before_settled),
        cmocka_unit_test(test_own_faults_are_told_once),
        cmocka_unit_test(test_acknowledge),
        cmocka_unit_test(test_fifty_at_once),
        cmocka_unit_test(test_an_ack_never_reaches_the_next_incident),
        cmocka_unit_test(test_ten_thousand_races),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_what_a_request_needs),
        cmocka_unit_test(test_unacknowledge_and_expiry),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_what_does_not_count_is_p4),
        cmocka_unit_test(test_orphans),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
