/* What the http kind says of every way a server can misbehave (faults.md PF4-PF6, HI8). */
#include "tests/unit/probe_lab.h"

#include "engine/http.h"

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

static void answers_ok(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/ok", ",\"expect\":{\"body\":\"UP\",\"json\":{\"/status\":\"UP\"}}", 3000);
    lab_expect(lab, STATE_OK, "HTTP 200, 73 bytes");
    assert_true(lab->seen.latency_ms > 0 && lab->seen.latency_ms < 2000);
    assert_non_null(lab_metric(lab, "connect_ms"));
    assert_non_null(lab_metric(lab, "first_byte_ms"));
    assert_true(lab_metric(lab, "size")->value == 73);
    assert_null(lab_metric(lab, "tls_ms"));
}

static void takes_metrics_from_json(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/ok", ",\"metrics\":{\"load\":\"/load\",\"ready\":\"/ready\",\"none\":\"/x\"}",
             3000);
    assert_int_equal(lab->seen.state, STATE_OK);
    assert_true(lab_metric(lab, "load")->value == 0.5);
    assert_true(lab_metric(lab, "ready")->value == 1);
    assert_null(lab_metric(lab, "none"));
}

struct row {
    const char *path, *more;
    enum state state;
    const char *words;
};

static const struct row rows[] = {
    {"/status/502", "", STATE_CRITICAL, "HTTP 502, expected 2xx"},
    {"/status/502", ",\"expect\":{\"status\":[200,204]}", STATE_CRITICAL,
     "HTTP 502, expected 200/204"},
    {"/status/503", ",\"expect\":{\"status\":503}", STATE_OK, "HTTP 503, 4 bytes"},
    {"/redirect", "", STATE_CRITICAL, "HTTP 302, expected 2xx"},
    {"/ok", ",\"expect\":{\"body\":\"DOWN\"}", STATE_CRITICAL, "body does not contain DOWN"},
    {"/ok", ",\"expect\":{\"regex\":\"\\\"load\\\":0\\\\.[0-9]\"}", STATE_OK, "HTTP 200, 73 bytes"},
    {"/ok", ",\"expect\":{\"regex\":\"^x\"}", STATE_CRITICAL, "body does not match ^x"},
    {"/down", ",\"expect\":{\"json\":{\"/status\":\"UP\"}}", STATE_CRITICAL,
     "/status is DOWN, expected UP"},
    {"/ok", ",\"expect\":{\"json\":{\"/queue\":{\"<\":5}}}", STATE_CRITICAL,
     "/queue is 7, expected < 5"},
    {"/ok", ",\"expect\":{\"json\":{\"/queue\":{\"<\":8}}}", STATE_OK, "HTTP 200, 73 bytes"},
    {"/ok", ",\"expect\":{\"json\":{\"/parts/0/name\":\"db\"}}", STATE_OK, "HTTP 200, 73 bytes"},
    {"/ok", ",\"expect\":{\"json\":{\"/parts\":\"db\"}}", STATE_CRITICAL,
     "/parts is an array, expected db"},
    {"/ok", ",\"expect\":{\"json\":{\"/nope\":1}}", STATE_CRITICAL,
     "/nope is missing in the reply"},
    {"/hostile", ",\"expect\":{\"json\":{\"/status\":\"UP\"}}", STATE_CRITICAL,
     "/status is \\x1b[31mred<U+202E> \\x07, expected UP"},
    {"/empty", "", STATE_CRITICAL, "connection closed without a reply"},
    {"/reset", "", STATE_CRITICAL, "connection reset"},
    {"/rst", "", STATE_CRITICAL, "connection reset"},
    {"/short", "", STATE_CRITICAL, "reply ended early"},
    {"/garbage", "", STATE_CRITICAL, "malformed reply"},
    {"/badchunk", "", STATE_CRITICAL, "malformed reply"},
    {"/header", "", STATE_CRITICAL, "malformed reply"},
    {"/headers", "", STATE_CRITICAL, "malformed reply: headers over 32 KiB"},
    {"/continue", "", STATE_CRITICAL, "malformed reply: headers over 32 KiB"},
    {"/endless", "", STATE_CRITICAL, "reply over 64 KiB"},
    {"/bomb", "", STATE_CRITICAL, "reply over 64 KiB"},
    {"/big", ",\"expect\":{\"json\":{\"/a\":1}}", STATE_CRITICAL, "reply over 64 KiB"},
    {"/ok", ",\"max_body\":10", STATE_CRITICAL, "reply over 10 B"},
};

static void says_what_is_wrong(void **state)
{
    struct lab *lab = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lab_http(lab, rows[i].path, rows[i].more, 3000);
        if (lab->seen.state != rows[i].state || strcmp(lab->words, rows[i].words) != 0)
            fail_msg("%s%s: found %s \"%s\", expected \"%s\"", rows[i].path, rows[i].more,
                     state_rows[lab->seen.state].name, lab->words, rows[i].words);
        assert_false(lab->seen.is_self); /* never shown as our own fault */
        assert_true(lab->took_ms < 2000);
        assert_true(lab->cpu_ms < 200);
        assert_true(lab->rss_kib < 2048);
    }
}

/* PF5, PF6: a flood ends at the cap: little is taken, and at once.  (The figures are 20 ms of CPU,
 * 50 ms and 1 MB; the slack is for a busy machine.) */
static void ends_a_flood_at_once(void **state)
{
    static const char *const paths[][2] = {
        {"/endless", "reply over 64 KiB"},
        {"/bomb", "reply over 64 KiB"},
        {"/header", "malformed reply"},
        {"/headers", "malformed reply: headers over 32 KiB"},
        {"/continue", "malformed reply: headers over 32 KiB"},
    };
    struct lab *lab = *state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        for (int round = 0; round < 3; round++) { /* the first warms up */
            lab_http(lab, paths[i][0], "", 3000);
            lab_expect(lab, STATE_CRITICAL, paths[i][1]);
            assert_false(lab->seen.is_self);
            if (round == 0)
                continue;
            if (lab->took_ms > 250 || lab->cpu_ms > 60 || lab->rss_kib > 1024)
                fail_msg("%s: %.0f ms, %.0f ms of CPU, %lld KiB", paths[i][0], lab->took_ms,
                         lab->cpu_ms, (long long)lab->rss_kib);
        }
}

/* HI8: each refused, in few words, without harm. */
static void refuses_odd_json(void **state)
{
    static const char *const paths[] = {"/badjson", "/deep", "/deep2049", "/range",
                                        "/nul",     "/long", "/twice",    "/garbage"};
    struct lab *lab = *state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        lab_http(lab, paths[i], ",\"expect\":{\"json\":{\"/status\":\"UP\"}}", 3000);
        assert_int_equal(lab->seen.state, STATE_CRITICAL);
        if (strncmp(lab->words, "malformed ", 10) != 0)
            fail_msg("%s: %s", paths[i], lab->words);
        assert_true(strlen(lab->words) < 300);
        assert_true(lab->cpu_ms < 200);
        assert_true(lab->rss_kib < 2048);
    }
    /* larger than what is read: never parsed, whatever is in it; and with the cap out of the way a
     * million brackets are refused before anything is built of them */
    static const char *const big[][3] = {
        {"/array", "", "reply over 64 KiB"},
        {"/deep1e6", "", "reply over 64 KiB"},
        {"/deep1e6", ",\"max_body\":8388608", "malformed JSON in the reply: nested deeper than 64"},
    };
    for (size_t i = 0; i < sizeof big / sizeof big[0]; i++) {
        char more[128];
        snprintf(more, sizeof more, "%s,\"expect\":{\"json\":{\"/a\":1}}", big[i][1]);
        lab_http(lab, big[i][0], more, 3000);
        lab_expect(lab, STATE_CRITICAL, big[i][2]);
        assert_true(lab->cpu_ms < 200);
        assert_true(lab->rss_kib < 6 * 1024);
    }
}

static void times_out(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/hang", "", 600);
    lab_expect(lab, STATE_CRITICAL, "no answer within 600 ms");
    assert_true(lab->took_ms >= 500 && lab->took_ms < 1200);
    lab_http(lab, "/slow/200", "", 3000);
    lab_expect(lab, STATE_OK, "HTTP 200, 15 bytes");
    assert_true(lab->seen.latency_ms >= 190);
}

/* Thinking is not dripping: until the body begins, the check's own limit is the only one. */
static void waits_for_a_server_that_thinks(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/slow/4000", "", 6000);
    lab_expect(lab, STATE_OK, "HTTP 200, 15 bytes");
    assert_true(lab->seen.latency_ms >= 3900);
    lab_http(lab, "/slow/4000", "", 3200);
    lab_expect(lab, STATE_CRITICAL, "no answer within 3200 ms");
    lab_http(lab, "/late-drip", "", 20000); /* thinks 1.5 s, then drips */
    lab_expect(lab, STATE_CRITICAL, "reply too slow: under 100 B/s for 3 s");
    assert_true(lab->took_ms >= 4400 && lab->took_ms < 8000);
}

/* PF4: a drip ends by the total limit, or as too slow. */
static void ends_a_drip(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/drip", "", 1000);
    lab_expect(lab, STATE_CRITICAL, "reply not complete within 1 s");
    assert_true(lab->took_ms >= 950 && lab->took_ms < 1500);
    lab_http(lab, "/drip", "", 20000);
    lab_expect(lab, STATE_CRITICAL, "reply too slow: under 100 B/s for 3 s");
    assert_true(lab->took_ms >= 2900 && lab->took_ms < 8000);
}

static void tells_a_closed_port(void **state)
{
    struct lab *lab = *state;
    char json[128];
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d/\"}", lab->refuse);
    lab_probe_text(lab, "http", json, 3000);
    lab_expect(lab, STATE_CRITICAL, "connection refused");
    assert_true(lab->took_ms < 500);
    snprintf(json, sizeof json, "{\"url\":\"https://127.0.0.1:%d/\"}", lab->garbage);
    lab_probe_text(lab, "http", json, 3000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(lab->words, "TLS handshake failed"));
}

static void sends_what_it_is_told(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/echo",
             ",\"method\":\"PUT\",\"body\":\"hello\",\"headers\":{\"X-Key\":\"v 1\"},"
             "\"expect\":{\"regex\":\"(?s)^PUT /echo HTTP/1.1.*X-Key: v 1\"}",
             3000);
    assert_int_equal(lab->seen.state, STATE_OK);
    /* the same handle again, plain: nothing of it may be left */
    lab_http(lab, "/echo", ",\"expect\":{\"regex\":\"^GET /echo HTTP/1.1\"}", 3000);
    assert_int_equal(lab->seen.state, STATE_OK);
    lab_http(lab, "/echo", ",\"expect\":{\"body\":\"X-Key\"}", 3000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    lab_http(lab, "/echo", ",\"expect\":{\"regex\":\"User-Agent: trucban/\"}", 3000);
    assert_int_equal(lab->seen.state, STATE_OK);
}

static void refuses_bad_options(void **state)
{
    static const char *const bad[][2] = {
        {"{\"url\":\"ftp://h/\"}", "expected http or https"},
        {"{\"url\":\"http://u:p@h/\"}", "holds a user name"},
        {"{\"url\":\"http://[/\"}", "is not a URL"},
        {"{\"url\":\"http://h/\",\"headers\":{\"X\":\"a\\r\\nY: b\"}}", "control character"},
        {"{\"url\":\"http://h/\",\"headers\":{\"X Y\":\"a\"}}", "not the name of a header"},
        {"{\"url\":\"http://h/\",\"expect\":{\"regex\":\"(\"}}", "not a regular expression"},
        {"{\"url\":\"http://h/\",\"expect\":{\"status\":[99]}}", "expected 100 to 599"},
        {"{\"url\":\"http://h/\",\"method\":\"GET /\"}", "not an HTTP method"},
        {"{\"url\":\"http://h/\",\"insecure\":true,\"ca_file\":\"/x\"}", "exclude"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        assert_null(lab_config("http", bad[i][0], &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i][0], e.text, bad[i][1]);
    }
}

static void cancels(void **state)
{
    struct lab *lab = *state;
    const struct probe_type *type = probe_find("http");
    char json[128];
    struct err e;
    size_t made, in_use;
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d/hang\"}", lab->http);
    void *config = lab_config("http", json, &e);
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 5000};
    lab->done = 0;
    void *run = type->start(&lab->env, config, &job, lab_on_done, lab);
    type->cancel(run);
    lab_http(lab, "/ok", "", 3000);
    assert_int_equal(lab->done, 1);
    http_figures(lab->env.http, &made, &in_use);
    assert_int_equal(in_use, 0);
    lab_config_free("http", config);
}

/* Times in a reply, as ages by our own clock. */
static void tells_ages(void **state)
{
    struct lab *lab = *state;
    lab_http(lab, "/stamps",
             ",\"ages\":{\"silence_s\":\"/at\",\"no_s\":\"/none\",\"absent_s\":\"/x\"}", 5000);
    lab_expect(lab, STATE_OK, "HTTP 200, 78 bytes");
    double age_s = (double)loop_wall_ms(lab->loop) / 1000 - 1772694131;
    const struct metric *m = lab_metric(lab, "silence_s");
    assert_non_null(m);
    assert_true(m->value > age_s - 60 && m->value < age_s + 60);
    assert_string_equal(m->unit, "s");
    assert_null(lab_metric(lab, "no_s"));
    assert_null(lab_metric(lab, "absent_s"));
    lab_http(lab, "/stamps", ",\"ages\":{\"s\":\"/at\"},\"age_hours\":\"Mon 07:00-08:00\"", 5000);
    assert_true(lab_metric(lab, "s")->value <= 5 * 3600); /* of the last 31 days */
    lab_http(lab, "/stamps", ",\"ages\":{\"s\":\"/bad\"}", 5000);
    lab_expect(lab, STATE_CRITICAL, "/bad is soon, expected a time");
    lab_http(lab, "/stamps", ",\"ages\":{\"s\":\"/ahead\"}", 5000);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(lab->words, "/ahead is "));
    assert_non_null(strstr(lab->words, " in the future: is a clock wrong?"));
    struct err e;
    assert_null(lab_config("http", "{\"url\":\"http://h/\",\"age_hours\":\"noon\"}", &e));
    assert_non_null(strstr(e.text, "age_hours: cannot read \"noon\", expected windows"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_ok),
        cmocka_unit_test(takes_metrics_from_json),
        cmocka_unit_test(tells_ages),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(ends_a_flood_at_once),
        cmocka_unit_test(refuses_odd_json),
        cmocka_unit_test(times_out),
        cmocka_unit_test(ends_a_drip),
        cmocka_unit_test(waits_for_a_server_that_thinks),
        cmocka_unit_test(tells_a_closed_port),
        cmocka_unit_test(sends_what_it_is_told),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(cancels),
    };
    return cmocka_run_group_tests_name("probe_http", tests, setup, teardown);
}
