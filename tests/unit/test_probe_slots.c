/* Kinds slots and commits: what holds WAL, what hangs commits, before servers that say so. */
#include <math.h>

#include "tests/unit/probe_lab.h"

#include "core/text.h"
#include "probes/commit_wait.h"
#include "probes/slot.h"
#include "tests/unit/fakepg.h"

#define MIB 1048576.0

static void expect(struct result *r, enum state state, const char *words)
{
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    say_text(&text, r->summary, NULL);
    if (r->state != state || strstr(buf_text(&text), words) == NULL)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[r->state].name, buf_text(&text),
                 state_rows[state].name, words);
    buf_release(&text);
    result_release(r);
}

static void expect_slot(const struct slot *s, enum state state, const char *words)
{
    static const struct slot_limits limits = {1024 * MIB, 10240 * MIB};
    struct result r = {.latency_ms = -1};
    slot_judge(s, &limits, &r);
    expect(&r, state, words);
}

static struct slot read_slot(void)
{
    return (struct slot){.name = "s1",
                         .type = "logical",
                         .wal_status = "reserved",
                         .is_active = true,
                         .held_b = 16 * MIB,
                         .behind_b = 0,
                         .safe_b = NAN,
                         .inactive_s = NAN};
}

static void slots_hold_wal(void **state)
{
    (void)state;
    struct slot s = read_slot();
    expect_slot(&s, STATE_OK, "slot s1 is read; it holds 16 MiB of WAL");
    s.held_b = 2000 * MIB;
    s.behind_b = 1500 * MIB;
    expect_slot(&s, STATE_WARNING, "holds 2.0 GiB of WAL, limit 1.0 GiB; its reader is 1.5 GiB");
    s.held_b = 10240 * MIB;
    expect_slot(&s, STATE_CRITICAL, "slot s1 holds 10 GiB of WAL, limit 10 GiB");
    s = read_slot();
    s.wal_status = "extended";
    expect_slot(&s, STATE_WARNING, "more than max_wal_size; its reader is 0 B behind");
}

static void slots_without_a_reader(void **state)
{
    (void)state;
    struct slot s = read_slot();
    s.is_active = false;
    expect_slot(&s, STATE_WARNING,
                "has no reader and holds 16 MiB of WAL without a limit: it "
                "fills the disk until it is read or dropped");
    s.held_b = 10240 * MIB;
    expect_slot(&s, STATE_CRITICAL, "holds 10 GiB of WAL without a limit");
    s.safe_b = 3 * MIB;
    expect_slot(&s, STATE_CRITICAL,
                "has no reader and holds 10 GiB of WAL; 3.0 MiB more and it is "
                "lost");
    s.wal_status = "unreserved";
    s.safe_b = -5;
    expect_slot(&s, STATE_CRITICAL, "more than allowed: the next checkpoint removes it");
    s.wal_status = "lost";
    s.held_b = NAN;
    expect_slot(&s, STATE_CRITICAL, "slot s1 is lost");
    s.wal_status = "reserved";
    s.invalid = "rows_removed";
    expect_slot(&s, STATE_CRITICAL, "slot s1 is lost");
    s = read_slot();
    s.is_active = false;
    s.held_b = NAN; /* made without reserving, never read */
    expect_slot(&s, STATE_OK, "was never read and holds nothing");
    s.held_b = 100;
    s.is_synced = true; /* a standby's copy: nobody is to read it there */
    expect_slot(&s, STATE_OK, "holds 100 B of WAL");
}

static void standbys_needed(void **state)
{
    (void)state;
    assert_int_equal(commit_standbys_needed(NULL), 0);
    assert_int_equal(commit_standbys_needed(""), 0);
    assert_int_equal(commit_standbys_needed("  "), 0);
    assert_int_equal(commit_standbys_needed("*"), 1);
    assert_int_equal(commit_standbys_needed("a, b"), 1);
    assert_int_equal(commit_standbys_needed("2 (a, b, c)"), 2);
    assert_int_equal(commit_standbys_needed("FIRST 2 (a, b)"), 2);
    assert_int_equal(commit_standbys_needed("first 1 (a)"), 1);
    assert_int_equal(commit_standbys_needed("ANY 3(a, b, c, d)"), 3);
    assert_int_equal(commit_standbys_needed("first"), 1);  /* a standby of that name */
    assert_int_equal(commit_standbys_needed("2nd, a"), 1); /* and of that */
    assert_int_equal(commit_standbys_needed("-7 (a)"), 1);
    assert_int_equal(commit_standbys_needed("99999999999999999999 (a)"), 1);
}

static void expect_commits(const struct commit_wait *w, enum state state, const char *words)
{
    static const struct commit_limits limits = {2, 10};
    struct result r = {.latency_ms = -1};
    commit_wait_judge(w, &limits, &r);
    expect(&r, state, words);
}

static void commits_hang(void **state)
{
    (void)state;
    struct commit_wait w = {.can_see = true,
                            .names = "FIRST 1 (db-b)",
                            .commit = "on",
                            .standbys = "db-b (sync)",
                            .role = "eye",
                            .in_sync = 1,
                            .longest_s = NAN};
    expect_commits(&w, STATE_OK, "1 of 1 synchronous standbys are there; no commit waits");
    w.waiting = 2;
    w.longest_s = 0.2;
    expect_commits(&w, STATE_OK, "2 sessions wait, the longest for 0.2 s");
    w.longest_s = 2;
    expect_commits(&w, STATE_WARNING, "commits hang although db-b (sync) is connected: 2 sessions");
    w.longest_s = 12;
    expect_commits(&w, STATE_CRITICAL,
                   "the longest for 12s: it stands still; stop it or take it "
                   "out of synchronous_standby_names");
    w.in_sync = 0;
    expect_commits(&w, STATE_CRITICAL,
                   "commits hang: 0 of 1 synchronous standbys are there; 2 "
                   "sessions wait, the longest for 12s: bring a standby back");
    w.waiting = 0;
    expect_commits(&w, STATE_CRITICAL, "the next commit hangs: 0 of 1");
    w.commit = "local";
    expect_commits(&w, STATE_WARNING, "commits that ask for one will hang");
    w.names = "";
    expect_commits(&w, STATE_OK, "no synchronous standby is asked for");
    w.can_see = false;
    expect_commits(&w, STATE_UNKNOWN, "the role eye may not see pg_stat_activity");
    w.is_standby = true;
    expect_commits(&w, STATE_OK, "it is a standby: no commits here");
}

/* --- the kinds ------------------------------------------------------------------------------ */

static void look(struct lab *lab, const char *kind, const struct fakepg *pg, const char *more)
{
    char json[400];
    snprintf(json, sizeof json,
             "{\"host\":\"127.0.0.1\",\"port\":%d,\"user\":\"eye\",\"sslmode\":\"disable\"%s}",
             pg->port, more);
    lab_probe_text(lab, kind, json, 2000);
}

#define SLOT_ROW(name, active, held)                                                               \
    "has_slot t\nname " name "\ntype logical\ndatabase app\nis_active " active                     \
    "\nis_temporary f\nwal_status reserved\nsafe\ninvalid\nis_synced f\ninactive\nheld " held      \
    "\nbehind 0\n"

static void kinds_before_servers(void **state)
{
    struct lab *lab = *state;
    struct fakepg pg;
    fakepg_open(&pg, lab->loop);
    pg.table = SLOT_ROW("a", "t", "100") "--\n" SLOT_ROW("b", "t", "5000");
    look(lab, "slots", &pg, "");
    lab_expect(lab, STATE_OK, "2 slots; the most that one holds is 4.9 KiB of WAL");
    assert_string_equal(result_fact_value(&lab->seen, "holds_most"), "b");
    assert_true(lab_metric(lab, "held_bytes")->value == 5000);
    look(lab, "slots", &pg, ",\"slots\":[\"a\",\"c\"]");
    lab_expect(lab, STATE_CRITICAL, "the server has no slot c: its reader cannot connect");
    assert_int_equal(lab->seen.n_rows, 1);
    pg.table = SLOT_ROW("a", "t", "100") "--\n" SLOT_ROW("b", "f", "5000");
    look(lab, "slots", &pg, "");
    assert_int_equal(lab->seen.state, STATE_WARNING);
    assert_true(lab_metric(lab, "inactive")->value == 1);
    pg.table = SLOT_ROW("a", "f", "NaN"); /* no figure is not a small one */
    look(lab, "slots", &pg, "");
    assert_null(lab_metric(lab, "lag")); /* and none is made up */
    pg.table = "has_slot f\nname\n";
    look(lab, "slots", &pg, "");
    lab_expect(lab, STATE_OK, "no slots: nothing holds WAL");
    pg.table = "is_standby f\ncan_see t\nnames ANY 2 (a, b, c)\ncommit on\nin_sync 2\n"
               "standbys a (quorum), b (quorum)\nwaiting 0\nlongest\n";
    look(lab, "commits", &pg, "");
    lab_expect(lab, STATE_OK, "2 of 2 synchronous standbys are there; no commit waits");
    pg.table = "nothing of it\n";
    look(lab, "commits", &pg, "");
    assert_int_equal(lab->seen.state, STATE_UNKNOWN);
    look(lab, "slots", &pg, ",\"held\":{\"warning\":\"1GiB\",\"critical\":\"1GiB\"}");
    lab_expect(lab, STATE_OK, "no slots: nothing holds WAL");
    pg.mode = FAKEPG_MUTE;
    lab_probe_text(lab, "commits", "{\"host\":\"127.0.0.1\",\"port\":1,\"user\":\"eye\"}", 2000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    fakepg_close(&pg);
}

static void configs_are_looked_at(void **state)
{
    struct err e;
    (void)state;
    assert_null(lab_config("slots", "{\"user\":\"x\",\"held\":{\"warning\":\"20GiB\"}}", &e));
    assert_string_equal(e.text, "held: \"warning\" is more than \"critical\", so it cannot be");
    assert_null(lab_config("commits", "{\"user\":\"x\",\"wait\":{\"warning\":\"20s\"}}", &e));
    assert_string_equal(e.text, "wait: \"warning\" is later than \"critical\", so it cannot be");
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
        cmocka_unit_test(slots_hold_wal),
        cmocka_unit_test(slots_without_a_reader),
        cmocka_unit_test(standbys_needed),
        cmocka_unit_test(commits_hang),
        cmocka_unit_test_setup_teardown(kinds_before_servers, setup, teardown),
        cmocka_unit_test(configs_are_looked_at),
    };
    return cmocka_run_group_tests_name("probe_slots", tests, NULL, NULL);
}
