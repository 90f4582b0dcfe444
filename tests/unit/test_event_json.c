/* Events as JSON: every kind goes there and back; the hashed form is one text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/event_json.h"

static struct event full(enum event_kind kind)
{
    struct event e = {.seq = 7, .at_ms = 1772719331042LL, .kind = kind};
    e.subject = mem_strdup("alert/1077");
    e.actor = (struct actor){mem_strdup("lan"), 1000, mem_strdup("pts/3")};
    e.alert = 1077;
    e.version = 3;
    e.state = STATE_CRITICAL;
    e.old_state = STATE_WARNING;
    e.priority = PRIORITY_P2;
    e.text = SAY("HTTP {0}, expected {1}", "502", "200");
    e.until_ms = 1772719331042LL + 3600000;
    e.since_ms = 1772719331042LL - 1000;
    e.key = mem_strdup("k-1");
    e.check = mem_strdup("web-01/http");
    e.what = mem_strdup("ack");
    struct run_step *steps = mem_alloc(sizeof *steps);
    steps[0].class = STEP_CAS;
    steps[0].say = SAY("switch from {0} to {1}", "n1", "n2");
    steps[0].request = mem_strdup("POST /switchover");
    e.run = mem_alloc(sizeof *e.run);
    *e.run = (struct event_run){.id = mem_strdup("3f2a0c1e-0000-4000-8000-000000000001"),
                                .fog = mem_strdup("fog-db"),
                                .kind = RUN_FAILOVER,
                                .from = mem_strdup("db-01"),
                                .to = mem_strdup("db-02"),
                                .reason = mem_strdup("disk of db-01"),
                                .ticket = mem_strdup("CHG-7"),
                                .plan_hash = mem_strdup("c0ffee"),
                                .epoch = 4,
                                .state = RUN_SUCCEEDED_OTHER,
                                .step = 1,
                                .verdict = STEP_UNKNOWN,
                                .request = mem_strdup("POST /switchover"),
                                .reply = mem_strdup("200 Switched over"),
                                .steps = steps,
                                .n_steps = 1};
    memset(e.prev, 'a', 64);
    memset(e.hash, 'b', 64);
    return e;
}

static char *text_of(const struct event *e, int flags)
{
    struct jval *j = event_json(e, flags);
    struct buf b = BUF_INIT(0);
    jval_dump(&b, j, JVAL_SORTED);
    jval_free(j);
    return buf_take(&b);
}

static void every_kind_there_and_back(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        struct event e = full((enum event_kind)k), back;
        struct err err = {""};
        char *text = text_of(&e, EVENT_JSON_HASH);
        struct jval *j = jval_parse(text, strlen(text), &err);
        assert_true(event_from_json(j, &back, &err));
        char *again = text_of(&back, EVENT_JSON_HASH);
        assert_string_equal(text, again);
        assert_int_equal(back.kind, k);
        assert_int_equal(back.seq, 7);
        assert_int_equal(back.at_ms, e.at_ms);
        assert_string_equal(back.actor.login, "lan");
        if (event_rows[k].fields & EF_TEXT)
            assert_string_equal(back.text, e.text);
        else
            assert_null(back.text);
        free(again);
        free(text);
        jval_free(j);
        event_release(&back);
        event_release(&e);
    }
}

static void nothing_set_there_and_back(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        struct event e = {.kind = (enum event_kind)k}, back;
        struct err err = {""};
        char *text = text_of(&e, 0);
        struct jval *j = jval_parse(text, strlen(text), &err);
        assert_null(jval_get(j, "hash"));
        assert_true(event_from_json(j, &back, &err));
        char *again = text_of(&back, 0);
        assert_string_equal(text, again);
        free(again);
        free(text);
        jval_free(j);
        event_release(&back);
    }
}

static void the_form_is_the_documented_one(void **state)
{
    (void)state;
    struct event e = full(EVENT_ALERT_ACKNOWLEDGED);
    free(e.text);
    e.text = mem_strdup("seen");
    struct jval *j = event_json(&e, EVENT_JSON_HASH);
    assert_string_equal(jval_get_str(j, "kind"), "alert.acknowledged");
    assert_string_equal(jval_get_str(j, "at"), "2026-03-05T14:02:11.042Z");
    assert_string_equal(jval_str(jval_pointer(j, "/actor/login")), "lan");
    assert_int_equal(jval_int(jval_pointer(j, "/body/alert"), 0), 1077);
    assert_string_equal(jval_str(jval_pointer(j, "/body/text")), "seen");
    assert_null(jval_pointer(j, "/body/say"));
    jval_free(j);
    event_release(&e);
}

static void a_run_in_its_event(void **state)
{
    (void)state;
    struct event e = full(EVENT_FAILOVER_CONFIRMED), back;
    struct err err = {""};
    struct jval *j = event_json(&e, EVENT_JSON_HASH);
    assert_string_equal(jval_get_str(j, "kind"), "failover.confirmed");
    assert_string_equal(jval_str(jval_pointer(j, "/body/group")), "fog-db");
    assert_string_equal(jval_str(jval_pointer(j, "/body/as")), "failover");
    assert_string_equal(jval_str(jval_pointer(j, "/body/steps/0/class")), "CAS");
    assert_string_equal(jval_str(jval_pointer(j, "/body/steps/0/text")), "switch from n1 to n2");
    assert_null(jval_pointer(j, "/body/reply"));
    assert_true(event_from_json(j, &back, &err));
    assert_int_equal(back.run->kind, RUN_FAILOVER);
    assert_int_equal(back.run->state, RUN_SUCCEEDED_OTHER);
    assert_int_equal(back.run->n_steps, 1);
    assert_string_equal(back.run->steps[0].request, "POST /switchover");
    jval_free(j);
    event_release(&e);
    event_release(&back);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"kind\":7}",
        "{\"kind\":\"no.such\"}",
        "{\"kind\":\"check.changed\",\"body\":{\"state\":\"MAUVE\"}}",
        "{\"kind\":\"alert.opened\",\"body\":{\"priority\":\"P9\"}}",
        "{\"kind\":\"failover.ended\",\"body\":{\"run\":\"x\",\"run_state\":\"FINE\"}}",
        "{\"kind\":\"failover.ended\",\"body\":{\"run\":\"x\"}}",
        "{\"kind\":\"failover.step_finished\",\"body\":{\"run\":\"x\",\"verdict\":\"well\"}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {""};
        struct event e;
        struct jval *j = jval_parse(bad[i], strlen(bad[i]), &err);
        assert_non_null(j);
        assert_false(event_from_json(j, &e, &err));
        assert_true(err.text[0] != '\0');
        event_release(&e);
        jval_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_there_and_back),
        cmocka_unit_test(nothing_set_there_and_back),
        cmocka_unit_test(the_form_is_the_documented_one),
        cmocka_unit_test(a_run_in_its_event),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
