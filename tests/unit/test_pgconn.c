/* What the door to libpq makes of values, and of peers that are no PostgreSQL server.  (Real ones:
 * tests/lab.) */
#include "tests/unit/probe_lab.h"

#include "engine/pgconn.h"

static void numbers_are_finite(void **state)
{
    double v;
    (void)state;
    assert_true(pg_number("12.5", &v) && v == 12.5);
    assert_true(pg_number("-3e2", &v) && v == -300);
    assert_false(pg_number("NaN", &v));
    assert_false(pg_number("Infinity", &v));
    assert_false(pg_number("12 ", &v));
    assert_false(pg_number("", &v));
    assert_false(pg_number(NULL, &v));
}

static void times_have_a_zone(void **state)
{
    int64_t at, other;
    (void)state;
    assert_true(pg_time("2026-03-05 14:02:11.5+07", &at));
    assert_true(pg_time("2026-03-05 07:02:11.5+00", &other));
    assert_true(at == other && at % 1000 == 500);
    assert_true(pg_time("2026-03-05 12:32:11+05:30", &other));
    assert_true(other == at - 500);
    assert_false(pg_time("2026-03-05 14:02:11", &at));
    assert_false(pg_time("infinity", &at));
    assert_false(pg_time("2026-03-05", &at));
    assert_false(pg_time("", &at));
    assert_false(pg_time(NULL, &at));
}

static void look(struct lab *lab, int port, const char *more, int64_t timeout_ms)
{
    char json[512];
    snprintf(json, sizeof json, "{\"host\":\"127.0.0.1\",\"port\":%d,\"user\":\"x\"%s}", port,
             more);
    lab_probe_text(lab, "postgres", json, timeout_ms);
}

static void peers_that_are_no_server(void **state)
{
    struct lab *lab = *state;
    look(lab, lab->refuse, ",\"sslmode\":\"disable\"", 2000);
    lab_expect(lab, STATE_CRITICAL, "connection refused");
    look(lab, lab->refuse, "", 2000);
    lab_expect(lab, STATE_CRITICAL, "connection refused");
    look(lab, lab->silent, ",\"sslmode\":\"disable\"", 300);
    lab_expect(lab, STATE_CRITICAL, "no session within 300 ms");
    assert_true(lab->took_ms >= 290 && lab->took_ms < 1500);
    look(lab, lab->banner, ",\"sslmode\":\"disable\"", 2000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(lab->words, "this is no PostgreSQL server"));
    look(lab, lab->banner, "", 2000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(lab->words, "this is no PostgreSQL server"));
    look(lab, lab->rst, ",\"sslmode\":\"disable\"", 2000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_int_equal(pgpool_sessions(lab->env.pg), 0);
}

static int setup(void **state)
{
    *state = lab_new(true);
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
        cmocka_unit_test(numbers_are_finite),
        cmocka_unit_test(times_have_a_zone),
        cmocka_unit_test_setup_teardown(peers_that_are_no_server, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
