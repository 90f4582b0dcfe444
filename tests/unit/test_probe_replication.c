/* Kinds postgres, replication and sync before servers that are well, refuse, fall silent, break off
 * or lie. */
#include "tests/unit/probe_lab.h"

#include "engine/pgconn.h"
#include "tests/unit/fakepg.h"

struct pair {
    struct lab *lab;
    struct fakepg standby, primary;
};

static const char standby_well[] = "is_primary f\nis_paused f\nis_linked t\nstatus streaming\n"
                                   "timeline 3\nreceived 5000\nreplayed 5000\nknown 5000\n"
                                   "replay_age 86400.5\nmessage_age 1.25\n";
static const char primary_well[] = "is_standby f\nwritten 5400\nhas_sender t\nname db-b\n"
                                   "state streaming\nsync_state async\nreply_age 0.5\n";

static int setup(void **state)
{
    struct pair *p = mem_alloc(sizeof *p);
    p->lab = lab_new(false);
    fakepg_open(&p->standby, p->lab->loop);
    fakepg_open(&p->primary, p->lab->loop);
    p->standby.table = standby_well;
    p->primary.table = primary_well;
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct pair *p = *state;
    fakepg_close(&p->standby);
    fakepg_close(&p->primary);
    lab_free(p->lab);
    free(p);
    return 0;
}

#define LOGIN "\"host\":\"127.0.0.1\",\"port\":%d,\"user\":\"eye\",\"sslmode\":\"disable\""

static void both(struct pair *p, const char *more, int64_t timeout_ms)
{
    char json[512];
    snprintf(json, sizeof json, "{" LOGIN ",\"primary\":{" LOGIN "}%s}", p->standby.port,
             p->primary.port, more);
    lab_probe_text(p->lab, "replication", json, timeout_ms);
}

static void one(struct pair *p, int64_t timeout_ms)
{
    char json[256];
    snprintf(json, sizeof json, "{" LOGIN "}", p->standby.port);
    lab_probe_text(p->lab, "postgres", json, timeout_ms);
}

static const char *fact(const struct pair *p, const char *key)
{
    const char *value = result_fact_value(&p->lab->seen, key);
    return value != NULL ? value : "";
}

static void asks_both(void **state)
{
    struct pair *p = *state;
    both(p, "", 2000);
    lab_expect(p->lab, STATE_OK, "streaming; 400 B and 0 s behind");
    assert_true(lab_metric(p->lab, "lag_bytes")->value == 400);
    assert_true(lab_metric(p->lab, "lag_s")->value == 0);
    assert_string_equal(fact(p, "timeline"), "3");
    assert_string_equal(fact(p, "sender"), "streaming");
    assert_string_equal(fact(p, "sync_state"), "async");
    assert_string_equal(fact(p, "server_version"), "15.10");
    both(p, ",\"name\":\"db-b\"", 2000);
    assert_int_equal(p->lab->seen.state, STATE_OK);
    both(p, ",\"name\":\"db-c\"", 2000);
    lab_expect(p->lab, STATE_CRITICAL, "the primary sends nothing to this standby");
    assert_int_equal(p->standby.logins, 1); /* sessions are kept */
    assert_int_equal(p->standby.statements, 3);
    assert_int_equal(pgpool_sessions(p->lab->env.pg), 2);
}

static void says_which_one_fails(void **state)
{
    struct pair *p = *state;
    p->primary.mode = FAKEPG_REFUSES;
    both(p, "", 2000);
    lab_expect(p->lab, STATE_WARNING,
               "its primary cannot be asked; by the standby 0 B and 0 s behind, link streaming");
    p->primary.mode = FAKEPG_MUTE;
    both(p, "", 600);
    assert_int_equal(p->lab->seen.state, STATE_WARNING);
    assert_true(p->lab->took_ms < 2000);
    p->standby.mode = FAKEPG_MUTE;
    both(p, "", 600);
    assert_int_equal(p->lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(p->lab->words, "no answer to the statement within 400 ms"));
}

/* Columns that are no figures are not known; texts are cleaned. */
static void believes_no_rubbish(void **state)
{
    struct pair *p = *state;
    p->standby.table = "is_linked t\nstatus str\x1b]0;x\x07"
                       "eam\nreceived NaN\nreplayed x\nknown 1e999\nreplay_age\n";
    both(p, "", 2000);
    lab_expect(p->lab, STATE_WARNING,
               "the receiver is str\\x1b]0;x\\x07"
               "eam; ? and ? behind");
    assert_null(lab_metric(p->lab, "lag_bytes"));
    assert_null(lab_metric(p->lab, "lag_s"));
    p->standby.table = "nothing of it\n";
    both(p, "", 2000);
    assert_int_equal(p->lab->seen.state, STATE_CRITICAL);
    assert_null(lab_metric(p->lab, "lag_bytes"));
}

static void odd_servers(void **state)
{
    struct pair *p = *state;
    p->standby.table = "n 7";
    one(p, 2000);
    lab_expect(p->lab, STATE_OK, "the answer is 7");
    p->standby.mode = FAKEPG_LEAVES;
    one(p, 2000);
    lab_expect(p->lab, STATE_OK, "the answer is 7");
    one(p, 2000); /* the kept session has gone: a fresh one, in the same look */
    lab_expect(p->lab, STATE_OK, "the answer is 7");
    assert_int_equal(p->standby.logins, 2);
    p->standby.mode = FAKEPG_DIES;
    one(p, 2000);
    assert_int_equal(p->lab->seen.state, STATE_CRITICAL);
    p->standby.mode = FAKEPG_LIES;
    one(p, 2000);
    assert_int_equal(p->lab->seen.state, STATE_CRITICAL);
    p->standby.mode = FAKEPG_FLOODS;
    one(p, 2000);
    lab_expect(p->lab, STATE_CRITICAL, "the table has more than 4096 rows or 64 columns");
    p->standby.mode = FAKEPG_COPIES;
    one(p, 2000);
    lab_expect(p->lab, STATE_CRITICAL, "the statement copies; only a table is read");
    p->standby.mode = FAKEPG_REFUSES;
    one(p, 2000);
    assert_int_equal(p->lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(p->lab->words, "no such \\x1b[31mrole"));
    p->standby.mode = FAKEPG_MUTE;
    one(p, 300);
    lab_expect(p->lab, STATE_CRITICAL, "no answer to the statement within 300 ms");
    assert_true(p->lab->took_ms < 1500);
    assert_int_equal(pgpool_sessions(p->lab->env.pg), 0);
}

static void a_list_by_statement(void **state)
{
    struct pair *p = *state;
    char json[512];
    p->standby.table = "id ndb-01\nlink done\nlast_sync_at 2026-03-05 14:02:11.5+07\nmode daily\n"
                       "owner\nblocker\n";
    snprintf(json, sizeof json, "{\"query\":\"SELECT\",\"postgres\":{" LOGIN "}}", p->standby.port);
    lab_probe_text(p->lab, "sync", json, 2000);
    lab_expect(p->lab, STATE_OK, "connected: 1/1");
    const struct result *row = result_row_find(&p->lab->seen, "ndb-01");
    assert_non_null(row);
    assert_string_equal(result_fact_value(row, "last_sync_at"), "2026-03-05T07:02:11.500Z");
    p->standby.table = "id ndb-01\nlink done\nlast_sync_at 2026-03-05 14:02:11\n";
    lab_probe_text(p->lab, "sync", json, 2000);
    row = result_row_find(&p->lab->seen, "ndb-01");
    assert_non_null(row);
    assert_int_equal(row->state, STATE_UNKNOWN); /* in which zone? */
    p->standby.table = "name ndb-01\n";
    lab_probe_text(p->lab, "sync", json, 2000);
    lab_expect(p->lab, STATE_CRITICAL, "row 1 of the list has no id");
    assert_int_equal(p->lab->seen.n_rows, 0);
}

static void refuses(const char *kind, const char *json, const char *words)
{
    struct err e;
    assert_null(lab_config(kind, json, &e));
    assert_string_equal(e.text, words);
}

static void configs_are_looked_at(void **state)
{
    (void)state;
    refuses("replication", "{\"user\":\"x\",\"primary\":{\"user\":\"x\"}}",
            "primary: \"host\" is missing");
    refuses("replication", "{\"user\":\"x\",\"name\":\"n\"}",
            "\"name\" is looked for at the primary, and \"primary\" is not given");
    refuses("replication", "{\"user\":\"x\",\"lag\":{\"warning\":\"2m\"}}",
            "lag: \"warning\" is later than \"critical\", so it cannot be");
    refuses("sync", "{}", "expected either \"url\", or \"query\" and \"postgres\"");
    refuses("sync", "{\"query\":\"SELECT 1\"}", "\"postgres\" and \"query\" go together");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(asks_both),   TEST(says_which_one_fails), TEST(believes_no_rubbish),
        TEST(odd_servers), TEST(a_list_by_statement),  cmocka_unit_test(configs_are_looked_at),
    };
    return cmocka_run_group_tests_name("replication", tests, NULL, NULL);
}
