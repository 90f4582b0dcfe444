/* The tls kind: handshakes with servers whose certificates are good, bad, or never come. */
#include <sys/stat.h>

#include <time.h>

#include "core/text.h"
#include "engine/tls.h"
#include "tests/unit/tls_lab.h"

#define DAY_S 86400LL

static int setup(void **state)
{
    *state = tls_lab_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    tls_lab_free(*state);
    return 0;
}

static void look(struct tls_lab *t, int port, const char *more, int64_t timeout_ms)
{
    char json[600];
    snprintf(json, sizeof json, "{\"port\":%d,\"ca_file\":\"%s\"%s}", port, t->ca, more);
    lab_probe_text(t->lab, "tls", json, timeout_ms);
}

static void look_at(struct tls_lab *t, const char *name)
{
    look(t, tls_port(t, name), "", 5000);
}

static double days_left(const struct tls_lab *t)
{
    const struct metric *m = lab_metric(t->lab, "days_left");
    assert_non_null(m);
    return m->value;
}

static const char *fact(const struct tls_lab *t, const char *key)
{
    const char *value = result_fact_value(&t->lab->seen, key);
    return value != NULL ? value : "";
}

static void tells_a_good_one(void **state)
{
    struct tls_lab *t = *state;

    look_at(t, "good");
    lab_expect(t->lab, STATE_OK, "TLSv1.3, certificate good for 812 days");
    assert_true(days_left(t) > 812.4 && days_left(t) < 812.6);
    assert_string_equal(fact(t, "subject"), "O = Lab, CN = good.lab");
    assert_string_equal(fact(t, "issuer"), "O = Lab, CN = Lab CA");
    assert_string_equal(fact(t, "protocol"), "TLSv1.3");
    assert_non_null(strstr(fact(t, "cipher"), "TLS_"));
    assert_non_null(strstr(fact(t, "not_after"), "T"));
    assert_string_equal(fact(t, "fault"), "");
    assert_non_null(lab_metric(t->lab, "connect_ms"));
    assert_non_null(lab_metric(t->lab, "tls_ms"));
    assert_true(t->lab->seen.latency_ms > 0);
    look_at(t, "chain");
    lab_expect(t->lab, STATE_OK, "TLSv1.3, certificate good for 812 days");
    look(t, tls_port(t, "wrong-name"), ",\"server_name\":\"other.lab\"", 5000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
    look(t, tls_port(t, "good"), ",\"host\":\"localhost\"", 5000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
}

/* PF8: each reason in words, and the days all the same. */
static void tells_what_is_wrong_and_the_days(void **state)
{
    struct tls_lab *t = *state;
    static const struct {
        const char *name, *words, *fault;
        double days;
    } bad[] = {
        {"expired", "certificate expired 3 days ago, on ", "certificate has expired", -3},
        {"future", "certificate is not valid before ", "certificate is not yet valid", 812.5},
        {"wrong-name", "certificate is for other.lab, not for 127.0.0.1; 812 days left",
         "IP address mismatch", 812.5},
        {"self-signed", "self-signed certificate; 812 days left", "self-signed certificate", 812.5},
        {"no-chain", "certificate's issuer is not known: O = Lab, CN = Lab Middle; 812 days left",
         "unable to get local issuer certificate", 812.5},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        look_at(t, bad[i].name);
        assert_int_equal(t->lab->seen.state, STATE_CRITICAL);
        assert_false(t->lab->seen.is_self);
        if (strncmp(t->lab->words, bad[i].words, strlen(bad[i].words)) != 0)
            fail_msg("found \"%s\", expected \"%s\"", t->lab->words, bad[i].words);
        assert_non_null(strstr(fact(t, "fault"), bad[i].fault));
        assert_true(days_left(t) > bad[i].days - 0.1 && days_left(t) < bad[i].days + 0.1);
    }
}

/* Without ca_file the system's bundle judges, and it does not know our authority. */
static void the_bundle_counts_where_no_file_is_named(void **state)
{
    struct tls_lab *t = *state;
    char json[64];

    snprintf(json, sizeof json, "{\"port\":%d}", tls_port(t, "good"));
    lab_probe_text(t->lab, "tls", json, 5000);
    lab_expect(t->lab, STATE_CRITICAL,
               "certificate's issuer is not known: O = Lab, CN = Lab CA; 812 days left");
}

static void cleans_what_a_certificate_says(void **state)
{
    struct tls_lab *t = *state;

    look_at(t, "evil");
    assert_int_equal(t->lab->seen.state, STATE_CRITICAL);
    assert_string_equal(fact(t, "subject"), "O = Lab, CN = ev\\1B[31mil\\x9b<U+202E>");
    look(t, tls_port(t, "evil"), ",\"server_name\":\"x.lab\"", 5000);
    for (size_t i = 0; i < t->lab->seen.n_facts; i++)
        assert_true(text_is_clean(t->lab->seen.facts[i].value));
    assert_null(strchr(t->lab->words, '\x1b'));
}

static void a_handshake_that_stalls_ends(void **state)
{
    struct tls_lab *t = *state;

    look(t, tls_port(t, "stall"), ",\"handshake_timeout\":\"400ms\"", 5000);
    lab_expect(t->lab, STATE_CRITICAL, "TLS handshake not done within 400 ms");
    assert_true(t->lab->took_ms >= 390 && t->lab->took_ms < 1000);
    look(t, tls_port(t, "stall"), "", 8000);
    lab_expect(t->lab, STATE_CRITICAL, "TLS handshake not done within 5 s");
    assert_true(t->lab->took_ms >= 4990 && t->lab->took_ms < 5600);
    look(t, tls_port(t, "stall"), "", 300);
    lab_expect(t->lab, STATE_CRITICAL, "TLS handshake not done within 300 ms");
}

static void says_what_the_other_end_is(void **state)
{
    struct tls_lab *t = *state;

    look_at(t, "old");
    lab_expect(t->lab, STATE_CRITICAL, "the server has no TLS newer than 1.1");
    look_at(t, "plain");
    lab_expect(t->lab, STATE_CRITICAL, "the answer is not TLS");
    look_at(t, "smtp-hang");
    assert_int_equal(t->lab->seen.state, STATE_CRITICAL);
    look(t, 1, "", 2000);
    lab_expect(t->lab, STATE_CRITICAL, "connection refused");
    look(t, 1, ",\"host\":\"\"", 2000);
    lab_expect(t->lab, STATE_UNKNOWN, "the target has no address");
    assert_true(t->lab->seen.is_self);
}

/* A file that cannot be read is ours; one that is replaced is seen; none is read twice. */
static void reads_authorities_once(void **state)
{
    struct tls_lab *t = *state;
    char path[300], json[400], command[1400];
    size_t before;

    snprintf(json, sizeof json, "{\"port\":%d,\"ca_file\":\"/nowhere/ca.pem\"}",
             tls_port(t, "good"));
    lab_probe_text(t->lab, "tls", json, 2000);
    lab_expect(t->lab, STATE_UNKNOWN, "cannot read the CA file /nowhere/ca.pem");
    assert_true(t->lab->seen.is_self);

    look_at(t, "good");
    before = tls_loads(t->lab->env.tls);
    for (int i = 0; i < 20; i++)
        look_at(t, "good");
    assert_int_equal(tls_loads(t->lab->env.tls), before);

    scratch_path(&t->scratch, "other.pem", path);
    snprintf(command, sizeof command, "cp /etc/ssl/certs/ca-certificates.crt %s", path);
    assert_int_equal(system(command), 0);
    snprintf(json, sizeof json, "{\"port\":%d,\"ca_file\":\"%s\"}", tls_port(t, "good"), path);
    lab_probe_text(t->lab, "tls", json, 5000);
    assert_int_equal(t->lab->seen.state, STATE_CRITICAL);
    snprintf(command, sizeof command, "cp %s %s.new && mv %s.new %s", t->ca, path, path, path);
    assert_int_equal(system(command), 0);
    lab_probe_text(t->lab, "tls", json, 5000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
}

/* PF8: the default thresholds, by the wall clock, to the second.  The certificates end just so
 * that the edge of 30 days (of 7) is a moment from now: OK before it, WARNING (CRITICAL) after. */
static void the_days_are_exact(void **state)
{
    (void)state;
    static const struct {
        int days;
        enum state before, after;
    } edges[] = {{30, STATE_OK, STATE_WARNING}, {7, STATE_WARNING, STATE_CRITICAL}};
    const struct probe_type *type = probe_find("tls");
    size_t n = 0;

    while (type->thresholds[n].metric != NULL)
        n++;
    for (size_t i = 0; i < 2; i++) {
        int64_t edge_s = (int64_t)time(NULL) + 3;
        int64_t ends[] = {edge_s + edges[i].days * DAY_S, 0};
        struct tls_lab *t = tls_lab_new(ends);
        bool saw_before = false, saw_after = false;
        while (!saw_after) {
            int64_t from = loop_wall_ms(t->lab->loop);
            look_at(t, "at-1");
            int64_t to = loop_wall_ms(t->lab->loop);
            result_judge(&t->lab->seen, type->thresholds, n);
            if (to < edge_s * 1000)
                assert_int_equal(t->lab->seen.state, edges[i].before);
            if (from >= edge_s * 1000)
                assert_int_equal(t->lab->seen.state, edges[i].after);
            saw_before |= to < edge_s * 1000 && to > edge_s * 1000 - 1000;
            saw_after |= from >= edge_s * 1000;
            if (saw_after)
                assert_true(from < edge_s * 1000 + 1000);
            usleep(20000);
        }
        assert_true(saw_before);
        tls_lab_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_good_one),
        cmocka_unit_test(tells_what_is_wrong_and_the_days),
        cmocka_unit_test(the_bundle_counts_where_no_file_is_named),
        cmocka_unit_test(cleans_what_a_certificate_says),
        cmocka_unit_test(a_handshake_that_stalls_ends),
        cmocka_unit_test(says_what_the_other_end_is),
        cmocka_unit_test(reads_authorities_once),
        cmocka_unit_test(the_days_are_exact),
    };
    return cmocka_run_group_tests_name("probe_tls", tests, setup, teardown);
}
