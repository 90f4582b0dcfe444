/* From test to production, and back: who is refused, what is folded, what survives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/promotion.h"
#include "core/say.h"
#include "engine/checkpoint.h"
#include "engine/event_json.h"
#include "engine/wire.h"

static char LOGIN[] = "an", FROM[] = "pts/1";
static const struct actor an = {LOGIN, 1000, FROM};

static struct target *add(struct fleet *f, const char *id, enum target_kind kind)
{
    struct target *t = fleet_add_target(f, id);
    t->kind = kind;
    t->is_test = t->is_test_in_file = true;
    fleet_add_check(f, t, "flow");
    t->state = STATE_OK;
    return t;
}

static struct fleet *fleet(void)
{
    struct fleet *f = fleet_new();
    add(f, "good", TARGET_FLOW);
    add(f, "bad", TARGET_FLOW)->state = STATE_CRITICAL;
    add(f, "pending", TARGET_FLOW)->state = STATE_PENDING;
    add(f, "off", TARGET_FLOW)->is_disabled = true;
    add(f, "trial", TARGET_FLOW)->link = LINK_TESTING;
    add(f, "server", TARGET_SERVER);
    struct target *live = add(f, "live", TARGET_ENDPOINT);
    live->is_test = live->is_test_in_file = false;
    return f;
}

static void refused(const struct fleet *f, const char *target, bool is_back, const char *text,
                    const char *words)
{
    struct promotion_request q = {target, text, "k", is_back, &an};
    struct event e;
    char *refusal = NULL;
    struct buf b = BUF_INIT(0);
    assert_false(promotion_decide(f, &q, &e, &refusal));
    say_text(&b, refusal, NULL);
    assert_string_equal(buf_text(&b), words);
    buf_release(&b);
    free(refusal);
}

static void only_what_works_and_is_meant_becomes_production(void **state)
{
    struct fleet *f = fleet();
    char huge[2100];
    (void)state;
    memset(huge, 'x', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    refused(f, "none", false, "why not", "there is no target \"none\"");
    refused(f, "server", false, "why not",
            "server is a server: only flows and endpoints are promoted");
    refused(f, "live", false, "why not", "live is production already: the site file says so");
    refused(f, "good", true, "why not", "good is test already: the site file says so");
    refused(f, "good", false, " a \n b ", "a comment of at least 3 characters is needed");
    refused(f, "good", false, NULL, "a comment of at least 3 characters is needed");
    refused(f, "good", false, huge, "the text is longer than 2000 bytes");
    refused(f, "bad", false, "why not", "bad is CRITICAL now: what becomes production works first");
    refused(f, "pending", false, "why not",
            "pending is PENDING now: what becomes production works first");
    refused(f, "off", false, "why not",
            "off is not looked at (\"enabled\" is false in the site file)");
    refused(f, "trial", false, "why not", "trial is not connected yet: connect it first");
    fleet_free(f);
}

/* Decided, through JSON as the journal has it, and folded. */
static void act(struct fleet *f, const char *target, bool is_back, const char *key, int64_t at_ms)
{
    struct promotion_request q = {target, "minutes 12", key, is_back, &an};
    struct event e, read;
    struct err err;
    char *refusal = NULL;
    if (!promotion_decide(f, &q, &e, &refusal))
        fail_msg("%s", refusal);
    assert_int_equal(e.kind, EVENT_TARGET_PROMOTED);
    e.at_ms = at_ms;
    struct jval *j = event_json(&e, 0);
    assert_true(event_from_json(j, &read, &err));
    fleet_fold(f, &read);
    jval_free(j);
    event_release(&e);
    event_release(&read);
}

static void settle(struct fleet *f, const char *target)
{
    char id[64], what[] = "production";
    snprintf(id, sizeof id, "%s", target);
    struct event e = {.kind = EVENT_TARGET_SETTLED, .subject = id, .what = what};
    fleet_fold(f, &e);
}

static void an_act_overrides_the_file_until_it_agrees(void **state)
{
    struct fleet *f = fleet(), *same = fleet(), *agreed = fleet(), *again = fleet();
    struct target *t = fleet_target(f, "good");
    (void)state;
    fleet_clean(f);
    act(f, "good", false, "k1", 1000);
    assert_false(t->is_test);
    assert_true(target_counts(t));
    assert_true(t->is_dirty && t->checks[0]->is_dirty);
    assert_string_equal(t->promoted->by, "an");
    assert_string_equal(t->promoted->text, "minutes 12");
    assert_false(promotion_is_settled(t));
    refused(f, "good", false, "again", /* by another key */
            "good is production already, since 1970-01-01T00:00:01.000Z by an");
    struct promotion_request q = {"good", "minutes 12", "k1", false, &an};
    struct event e;
    char *refusal = NULL;
    assert_true(promotion_decide(f, &q, &e, &refusal)); /* the first answer was lost */
    assert_int_equal(e.kind, EVENT_KIND_COUNT);

    fleet_renew(f, same); /* the same site file */
    assert_false(fleet_target(f, "good")->is_test);
    fleet_target(agreed, "good")->is_test = fleet_target(agreed, "good")->is_test_in_file = false;
    fleet_renew(f, agreed);
    t = fleet_target(f, "good");
    assert_true(promotion_is_settled(t));
    settle(f, "good");
    assert_null(t->promoted);
    assert_false(t->is_test);
    fleet_renew(f, again); /* test again: from now on the file decides */
    assert_true(fleet_target(f, "good")->is_test);
    settle(f, "nobody");
    fleet_free(f);
    fleet_free(same);
    fleet_free(agreed);
    fleet_free(again);
}

static void it_can_be_taken_back(void **state)
{
    struct fleet *f = fleet();
    struct target *t = fleet_target(f, "good");
    (void)state;
    act(f, "good", false, "k1", 1000);
    t->state = STATE_CRITICAL; /* what fails may go back */
    act(f, "good", true, "k2", 2000);
    assert_true(t->is_test);
    assert_true(promotion_is_settled(t));
    act(f, "live", true, "k3", 3000); /* so may what the file calls production */
    assert_true(fleet_target(f, "live")->is_test);
    assert_false(promotion_is_settled(fleet_target(f, "live")));
    fleet_free(f);
}

static void checkpoint_and_mirror_have_it(void **state)
{
    struct fleet *f = fleet(), *restarted = fleet(), *mirror = fleet_new();
    struct err e;
    (void)state;
    act(f, "good", false, "k1", 1000);
    char *json = checkpoint_write(f);
    assert_true(checkpoint_read(restarted, json, 0, 0, &e));
    const struct target *t = fleet_target(restarted, "good");
    assert_false(t->is_test);
    assert_string_equal(t->promoted->key, "k1");
    assert_int_equal(t->promoted->at_ms, 1000);
    assert_true(fleet_target(restarted, "bad")->is_test);

    struct jval *j = wire_target(t, WIRE_STATIC);
    assert_true(wire_read_target(mirror, j, &e));
    jval_free(j);
    assert_false(fleet_target(mirror, "good")->is_test);
    assert_string_equal(fleet_target(mirror, "good")->promoted->text, "minutes 12");
    settle(restarted, "good");
    fleet_target(restarted, "good")->is_test = true;
    j = wire_target(t, 0); /* a delta says it, too */
    assert_true(wire_read_target(mirror, j, &e));
    jval_free(j);
    assert_true(fleet_target(mirror, "good")->is_test);
    assert_null(fleet_target(mirror, "good")->promoted);
    free(json);
    fleet_free(f);
    fleet_free(restarted);
    fleet_free(mirror);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_works_and_is_meant_becomes_production),
        cmocka_unit_test(an_act_overrides_the_file_until_it_agrees),
        cmocka_unit_test(it_can_be_taken_back),
        cmocka_unit_test(checkpoint_and_mirror_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
