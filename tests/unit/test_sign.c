/* One sign for a check or a target: which of all that holds is said, and which is the tag. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/sign.h"
#include "core/text.h"

/* A server with two checks that are well: `ping` and `http`. */
struct lab {
    struct fleet *f;
    struct target *t;
    struct check *ping, *http;
};

static int lab_begin(void **state)
{
    struct lab *lab = mem_alloc(sizeof *lab);
    lab->f = fleet_new();
    lab->t = fleet_add_target(lab->f, "srv");
    lab->t->link = LINK_DONE;
    lab->ping = fleet_add_check(lab->f, lab->t, "ping");
    lab->http = fleet_add_check(lab->f, lab->t, "http");
    lab->ping->live.state = lab->http->live.state = STATE_OK;
    lab->t->state = STATE_OK;
    *state = lab;
    return 0;
}

static int lab_end(void **state)
{
    struct lab *lab = *state;
    fleet_free(lab->f);
    free(lab);
    return 0;
}

static void set(struct lab *lab, struct check *c, enum state s)
{
    c->live.state = s;
    lab->t->state = state_worse(lab->ping->live.state, lab->http->live.state);
}

static void expect(const struct lab *lab, char symbol, enum state s, char tag)
{
    struct sign sign = target_sign(lab->t, false);
    assert_int_equal(sign.symbol, symbol);
    assert_int_equal(sign.state, s);
    assert_int_equal(sign.tag, tag);
}

static void add_tag(struct target *t, const char *tag)
{
    t->tags = mem_grow(t->tags, t->n_tags + 1, sizeof *t->tags);
    t->tags[t->n_tags++] = mem_strdup(tag);
}

#define MAINTAINED (1u << PERIOD_MAINTENANCE)

static void test_states(void **state)
{
    struct lab *lab = *state;
    expect(lab, '+', STATE_OK, '\0');
    assert_false(target_sign(lab->t, false).is_aside);
    for (int s = 0; s < STATE_STALE; s++) {
        set(lab, lab->http, (enum state)s);
        expect(lab, state_rows[s].symbol, (enum state)s, '\0');
        assert_string_equal(target_sign(lab->t, false).word, state_rows[s].word);
    }
    lab->http->live.is_stale = true;
    assert_int_equal(check_sign(lab->http, false).symbol, '~');
}

static void test_facts_of_the_site_come_first(void **state)
{
    struct lab *lab = *state;
    set(lab, lab->http, STATE_CRITICAL);
    lab->ping->periods = lab->http->periods = MAINTAINED;
    lab->t->link = LINK_NONE;
    assert_string_equal(target_sign(lab->t, false).word, "NOT CONN");
    lab->t->is_disabled = true;
    assert_string_equal(target_sign(lab->t, false).word, "OFF");
    assert_true(target_sign(lab->t, false).is_aside);
    assert_string_equal(target_sign(lab->t, true).word, "OFF"); /* an old picture has it so, too */
}

static void test_unreachable_is_never_green(void **state)
{
    struct lab *lab = *state;
    lab->ping->is_unreachable = lab->http->is_unreachable = true;
    expect(lab, '?', STATE_UNKNOWN, '^');
    assert_true(target_sign(lab->t, false).is_aside);
    assert_int_equal(check_sign(lab->http, false).state, STATE_UNKNOWN);
    /* what is seen to be bad does not look better than it is */
    set(lab, lab->http, STATE_CRITICAL);
    expect(lab, 'X', STATE_CRITICAL, '^');
    assert_true(target_sign(lab->t, false).is_aside);
}

static void test_its_own_host_check_is_the_cause_not_behind_one(void **state)
{
    struct lab *lab = *state;
    set(lab, lab->ping, STATE_CRITICAL);
    lab->http->is_unreachable = true;
    expect(lab, 'X', STATE_CRITICAL, '\0');
    assert_false(target_sign(lab->t, false).is_aside);
    set(lab, lab->http, STATE_CRITICAL); /* both say so: the reachable one does count */
    assert_false(target_sign(lab->t, false).is_aside);
}

static void test_maintenance_of_all_of_it(void **state)
{
    struct lab *lab = *state;
    lab->ping->periods = lab->http->periods = MAINTAINED;
    expect(lab, 'M', STATE_OK, '\0');
    set(lab, lab->http, STATE_CRITICAL);
    expect(lab, 'M', STATE_CRITICAL, '\0');
    assert_true(target_sign(lab->t, false).is_aside);
    assert_int_equal(check_sign(lab->http, false).symbol, 'M');
    lab->ping->periods = lab->http->periods = 1u << PERIOD_SILENCE; /* holds notices back only */
    expect(lab, 'X', STATE_CRITICAL, '\0');
}

static void test_maintenance_of_a_part(void **state)
{
    struct lab *lab = *state;
    lab->http->periods = MAINTAINED;
    expect(lab, '+', STATE_OK, 'M');
    set(lab, lab->http, STATE_CRITICAL); /* what is bad is expected to be */
    expect(lab, 'M', STATE_CRITICAL, '\0');
    set(lab, lab->ping, STATE_WARNING); /* this is not */
    expect(lab, 'X', STATE_CRITICAL, 'M');
    assert_false(target_sign(lab->t, false).is_aside);
}

static void test_flapping(void **state)
{
    struct lab *lab = *state;
    lab->http->live.is_flapping = true;
    expect(lab, 'F', STATE_OK, '\0');
    assert_false(target_sign(lab->t, false).is_aside);
    set(lab, lab->http, STATE_CRITICAL);
    expect(lab, 'X', STATE_CRITICAL, 'F');
    lab->ping->periods = lab->http->periods = MAINTAINED;
    expect(lab, 'M', STATE_CRITICAL, 'F');
}

static void test_tags_of_the_site(void **state)
{
    struct lab *lab = *state;
    lab->t->is_test = true;
    expect(lab, '+', STATE_OK, 'T');
    add_tag(lab->t, "standby");
    expect(lab, '+', STATE_OK, '=');
    lab->t->link = LINK_TESTING;
    expect(lab, 'T', STATE_OK, '=');
    lab->ping->periods = lab->http->periods = MAINTAINED;
    expect(lab, 'M', STATE_OK, '=');
    lab->t->link = LINK_DONE;
    lab->ping->periods = 0;
    lab->http->is_unreachable = true;
    set(lab, lab->http, STATE_OK);
    expect(lab, 'M', STATE_UNKNOWN, '^');
}

/* Nobody knows whether it is still in maintenance, flapping or behind something. */
static void test_old_pictures_are_stale(void **state)
{
    struct lab *lab = *state;
    lab->ping->periods = lab->http->periods = MAINTAINED;
    lab->http->live.is_flapping = lab->http->is_unreachable = true;
    struct sign sign = target_sign(lab->t, true);
    assert_int_equal(sign.symbol, '~');
    assert_int_equal(sign.state, STATE_STALE);
    assert_int_equal(sign.tag, '\0');
    assert_int_equal(check_sign(lab->http, true).symbol, '~');
    lab->t->state = STATE_PENDING;
    assert_int_equal(target_sign(lab->t, true).symbol, '.');
}

static void test_without_checks(void **state)
{
    struct lab *lab = *state;
    struct target *bare = fleet_add_target(lab->f, "bare");
    bare->link = LINK_DONE;
    bare->state = STATE_PENDING;
    assert_int_equal(target_sign(bare, false).symbol, '.');
    assert_false(target_sign(bare, false).is_aside);
}

static void test_words_fit(void **state)
{
    struct lab *lab = *state;
    lab->ping->periods = lab->http->periods = MAINTAINED;
    assert_in_range(text_cols(target_sign(lab->t, false).word), 1, 8);
    lab->ping->periods = lab->http->periods = 0;
    lab->http->live.is_flapping = true;
    assert_in_range(text_cols(target_sign(lab->t, false).word), 1, 8);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, lab_begin, lab_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_states),
        TEST(test_facts_of_the_site_come_first),
        TEST(test_unreachable_is_never_green),
        TEST(test_its_own_host_check_is_the_cause_not_behind_one),
        TEST(test_maintenance_of_all_of_it),
        TEST(test_maintenance_of_a_part),
        TEST(test_flapping),
        TEST(test_tags_of_the_site),
        TEST(test_old_pictures_are_stale),
        TEST(test_without_checks),
        TEST(test_words_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
