/* Kind subscription: each state of a subscription has a sentence of its own, errors are judged by
 * their growth, and servers of each version are asked what they know. */
#include <math.h>

#include "tests/unit/probe_lab.h"

#include "core/text.h"
#include "probes/subscriber.h"
#include "tests/unit/fakepg.h"

static const struct subscription_limits limits = {60, 300, 40, 60, STATE_WARNING};

static struct subscription well(void)
{
    return (struct subscription){.name = "sub_a",
                                 .slot = "slot_a",
                                 .is_enabled = true,
                                 .has_worker = true,
                                 .received_b = 5000,
                                 .known_b = 5000,
                                 .message_age_s = 2,
                                 .idle_age_s = 86400,
                                 .apply_errors = 3,
                                 .sync_errors = 0,
                                 .apply_before = 3,
                                 .sync_before = 0,
                                 .tables = 2};
}

static void expect(const struct subscription *s, enum state state, const char *words)
{
    struct result r = {.latency_ms = -1};
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    subscription_judge(s, &limits, &r);
    say_text(&text, r.summary, NULL);
    if (r.state != state || strstr(buf_text(&text), words) == NULL)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[r.state].name, buf_text(&text),
                 state_rows[state].name, words);
    buf_release(&text);
    result_release(&r);
}

static void each_state_has_its_sentence(void **state)
{
    (void)state;
    struct subscription s = well();
    expect(&s, STATE_OK, "subscription sub_a receives and applies; 0 s behind");
    s.is_enabled = false;
    s.has_worker = false;
    expect(&s, STATE_WARNING, "switched off; its slot at the publisher goes on holding WAL");
    s.slot = NULL;
    expect(&s, STATE_WARNING, "subscription sub_a is switched off");
    s.disables_itself = true;
    expect(&s, STATE_CRITICAL, "has switched itself off after an error");
    s = well();
    s.has_worker = false;
    expect(&s, STATE_CRITICAL, "its worker ends by an error each time (3 so far)");
    s.apply_errors = s.sync_errors = NAN; /* before 15 nobody counts */
    expect(&s, STATE_CRITICAL, "it has no worker; the reason is in the subscriber's log");
    s = well();
    s.received_b = s.known_b = s.message_age_s = s.idle_age_s = NAN;
    expect(&s, STATE_CRITICAL, "receives nothing: its worker waits for the publisher");
    s.apply_errors = 5;
    expect(&s, STATE_CRITICAL, "its worker ends by an error each time (5 so far)");
    s = well();
    s.message_age_s = 41;
    expect(&s, STATE_WARNING, "has taken nothing from its publisher for 41s");
    s.message_age_s = 61;
    expect(&s, STATE_CRITICAL, "has taken nothing from its publisher for 1m");
}

/* Level with an idle publisher is not behind, however long ago that was. */
static void behind_is_time_since_level(void **state)
{
    (void)state;
    struct subscription s = well();
    s.received_b = 6000;
    s.idle_age_s = 59;
    expect(&s, STATE_OK, "59s behind");
    s.idle_age_s = 60;
    expect(&s, STATE_WARNING, "not level with its publisher for 1m");
    s.idle_age_s = 300;
    expect(&s, STATE_CRITICAL, "not level with its publisher for 5m");
    s.received_b = s.known_b;
    expect(&s, STATE_OK, "0 s behind");
}

static void tables_and_errors(void **state)
{
    (void)state;
    struct subscription s = well();
    s.waiting = 1;
    s.unready = "public.orders d";
    expect(&s, STATE_WARNING, "1 of 2 tables are not in step yet: public.orders d");
    s.sync_errors = 2;
    expect(&s, STATE_CRITICAL, "the first copy of a table fails (2 new errors)");
    s.sync_before = NAN; /* the first look: nothing to compare with */
    expect(&s, STATE_WARNING, "1 of 2 tables");
    s = well();
    s.apply_before = 1;
    expect(&s, STATE_WARNING, "2 new errors since the look before");
    s.apply_before = 9; /* the counts were reset */
    expect(&s, STATE_OK, "receives and applies");
}

/* --- the kind -------------------------------------------------------------------------------- */

#define ROW(name, enabled)                                                                         \
    "is_standby f\nname " name "\nslot " name "\nis_enabled " enabled                              \
    "\ndisables_itself f\nhas_worker t\n"                                                          \
    "received 5000\nknown 5000\nmessage_age 1.5\nidle_age 1.5\napply_errors 0\nsync_errors 0\n"    \
    "tables 1\nwaiting 0\nunready\n"

#define WELL_ROW(name) ROW(name, "t")

static void look(struct lab *lab, const struct fakepg *pg, const char *more)
{
    char json[400];
    snprintf(json, sizeof json,
             "{\"host\":\"127.0.0.1\",\"port\":%d,\"user\":\"eye\",\"sslmode\":\"disable\"%s}",
             pg->port, more);
    lab_probe_text(lab, "subscription", json, 2000);
}

static void a_row_each(void **state)
{
    struct lab *lab = *state;
    struct fakepg pg;
    fakepg_open(&pg, lab->loop);
    pg.table = WELL_ROW("sub_a") "--\n" WELL_ROW("sub_b");
    look(lab, &pg, "");
    lab_expect(lab, STATE_OK, "2 subscriptions looked at");
    assert_int_equal(lab->seen.n_rows, 2);
    const struct result *row = result_row_find(&lab->seen, "sub_b");
    assert_non_null(row);
    assert_string_equal(result_fact_value(row, "link"), "streaming");
    look(lab, &pg, ",\"subscriptions\":[\"sub_b\"]");
    assert_int_equal(lab->seen.n_rows, 1);
    look(lab, &pg, ",\"subscriptions\":[\"sub_b\",\"sub_c\"]");
    lab_expect(lab, STATE_CRITICAL, "this database has no subscription sub_c");
    pg.table = WELL_ROW("sub_a") "--\n" ROW("sub_\x1b[31mb", "f");
    look(lab, &pg, "");
    lab_expect(lab, STATE_WARNING,
               "subscription sub_\\x1b[31mb is switched off; its slot at the "
               "publisher goes on "
               "holding WAL");
    look(lab, &pg, ",\"switched_off\":\"ok\"");
    lab_expect(lab, STATE_OK, "2 subscriptions looked at");
    pg.table = "is_standby f\nname\nslot\n";
    look(lab, &pg, "");
    lab_expect(lab, STATE_WARNING, "this database has no subscriptions");
    pg.table = "is_standby t\nname\n";
    look(lab, &pg, "");
    lab_expect(lab, STATE_CRITICAL, "it is a standby: its subscriptions rest until it is promoted");
    pg.mode = FAKEPG_REFUSES;
    pgpool_free(lab->env.pg);
    lab->env.pg = pgpool_new(lab->loop, lab->env.resolver);
    look(lab, &pg, "");
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_int_equal(lab->seen.n_rows, 0);
    fakepg_close(&pg);
}

/* What an older server does not have is not asked of it. */
static void each_version_is_asked_what_it_knows(void **state)
{
    struct lab *lab = *state;
    static const struct {
        const char *version;
        bool has_counts;
    } all[] = {{"13.14", false},
               {"14.0", false},
               {"15.10 (fake)", true},
               {"16.2", true},
               {"17beta1", true}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct fakepg pg;
        fakepg_open(&pg, lab->loop);
        pg.table = WELL_ROW("sub_a");
        pg.version = all[i].version;
        look(lab, &pg, "");
        assert_int_equal(lab->seen.state, STATE_OK);
        assert_non_null(strstr(pg.asked, "pg_stat_subscription AS w"));
        assert_true((strstr(pg.asked, "pg_stat_subscription_stats") != NULL) == all[i].has_counts);
        assert_true((strstr(pg.asked, "s.subdisableonerr") != NULL) == all[i].has_counts);
        assert_true((strstr(pg.asked, "s.oid") != NULL) == all[i].has_counts);
        assert_null(strstr(pg.asked, "subconninfo"));
        assert_null(strstr(pg.asked, "*)) FROM pg_subscription "));
        fakepg_close(&pg);
    }
}

static void configs_are_looked_at(void **state)
{
    struct err e;
    (void)state;
    assert_null(lab_config("subscription", "{\"user\":\"x\",\"lag\":{\"warning\":\"6m\"}}", &e));
    assert_string_equal(e.text, "lag: \"warning\" is later than \"critical\", so it cannot be");
    assert_null(
        lab_config("subscription", "{\"user\":\"x\",\"silence\":{\"warning\":\"2m\"}}", &e));
    assert_string_equal(e.text, "silence: \"warning\" is later than \"critical\", so it cannot be");
}

static int setup(void **state)
{
    *state = lab_new(false);
    return 0;
}

static int teardown(void **state)
{
    lab_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_sentence),
        cmocka_unit_test(behind_is_time_since_level),
        cmocka_unit_test(tables_and_errors),
        cmocka_unit_test_setup_teardown(a_row_each, setup, teardown),
        cmocka_unit_test_setup_teardown(each_version_is_asked_what_it_knows, setup, teardown),
        cmocka_unit_test(configs_are_looked_at),
    };
    return cmocka_run_group_tests_name("subscriber", tests, NULL, NULL);
}
