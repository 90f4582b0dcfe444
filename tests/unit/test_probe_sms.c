/* Messages through an SMS gateway: Kannel's and others' replies, good, wrong, slow and dead; what
 * may be sent again, what never (PF13); receipts that are looked for. */
#include "tests/unit/proofs_lab.h"

#include "core/gsm.h"
#include "tests/unit/canned.h"

static struct field {
    struct lab *lab;
    struct proofs_lab journal;
    struct canned server;
    const char *replies[4]; /* to each message in turn, then the last again; or one of canned.h's */
    int status[4];
    const char *receipt; /* NULL: 404 */
    int receipt_status, looks_before;
    int n_messages, n_looks;
    char keys[8][PROOF_KEY_LEN + 1], sent[4096];
    char whole[8192], json[4096];
} * the;

static const char *http(int status, const char *body)
{
    snprintf(the->whole, sizeof the->whole,
             "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nContent-Type: text/plain\r\n\r\n%s", status,
             strlen(body), body);
    return the->whole;
}

/* "trucban KEY" in a query or in a body. */
static void note_key(const char *request)
{
    const char *at = strstr(request, "trucban");
    at += at != NULL ? strlen("trucban") : 0;
    while (at != NULL && (*at == '%' || *at == ' ' || *at == '+'))
        at += *at == '%' ? 3 : 1;
    snprintf(the->keys[the->n_messages % 8], sizeof the->keys[0], "%.*s", PROOF_KEY_LEN,
             at != NULL ? at : "");
}

static bool is_whole(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n"), *len = strcasestr(request, "content-length: ");
    return end != NULL && (len == NULL || strlen(end + 4) >= (size_t)strtol(len + 16, NULL, 10));
}

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    if (!is_whole(request))
        return NULL;
    if (strncmp(request, "GET /receipt", 12) == 0) {
        bool is_there = ++the->n_looks > the->looks_before && the->receipt != NULL;
        if (the->receipt_status != 0)
            return http(the->receipt_status, "no");
        return is_there ? http(200, the->receipt) : http(404, "none yet");
    }
    note_key(request);
    snprintf(the->sent, sizeof the->sent, "%s", request);
    int i = the->n_messages++;
    while (i > 0 && the->replies[i] == NULL)
        i--;
    const char *reply = the->replies[i];
    return reply == CANNED_SILENT || reply == CANNED_RESET ? reply : http(the->status[i], reply);
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    proofs_lab_open(&the->journal, the->lab);
    setenv("TEST_PASSWORD", "pw&7 secret", 1);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    the->receipt = "{\"status\":\"DELIVRD\"}";
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->server);
    proofs_lab_close(&the->journal, the->lab);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void prove(const char *deadline, const char *more)
{
    the->n_messages = the->n_looks = 0;
    snprintf(the->json, sizeof the->json,
             "{\"url\":\"http://127.0.0.1:%d/cgi-bin/sendsms\",\"to\":\"0912345678\","
             "\"user\":\"duty\",\"password\":{\"env\":\"TEST_PASSWORD\"},\"deadline\":\"%s\","
             "\"late\":\"900ms\",\"receipt\":{\"url\":\"http://127.0.0.1:%d/receipt?key={key}\","
             "\"delivered\":{\"/status\":\"DELIVRD\"},"
             "\"failed\":{\"/status\":{\"matches\":\"UNDELIV|REJECTD\"}},\"every\":\"200ms\"}%s}",
             the->server.port, deadline, the->server.port, more);
    lab_probe_text(the->lab, "sms", the->json, 500);
}

static void reply(int i, int status, const char *words)
{
    the->status[i] = status;
    the->replies[i] = words;
}

static void expect(enum state state, const char *words)
{
    if (the->lab->seen.state != state || strstr(the->lab->words, words) == NULL)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[the->lab->seen.state].name,
                 the->lab->words, state_rows[state].name, words);
    assert_null(strstr(the->lab->words, "0912345678"));
    assert_null(strstr(the->lab->words, "secret"));
}

static double metric(const char *name)
{
    const struct metric *m = lab_metric(the->lab, name);
    return m != NULL ? m->value : -1;
}

static enum proof_phase phase(void)
{
    assert_non_null(proofs_lab_newest(&the->journal));
    return proofs_lab_newest(&the->journal)->phase;
}

static void arrives(void **state)
{
    (void)state;
    reply(0, 202, "0: Accepted for delivery");
    prove("5s", ",\"from\":\"DVCQG\",\"dlr_url\":\"http://127.0.0.1:1/?k={key}&d=%d\"");
    expect(STATE_OK, "arrived after");
    assert_int_equal(the->n_messages, 1);
    assert_string_equal(the->keys[0], proofs_lab_newest(&the->journal)->key);
    assert_non_null(strstr(the->sent, "GET /cgi-bin/sendsms?username=duty&from=DVCQG"
                                      "&to=0912345678&charset=UTF-8&coding=0&dlr-mask=19"
                                      "&dlr-url=http%3A%2F%2F127.0.0.1%3A1%2F%3Fk%3D"));
    assert_non_null(strstr(the->sent, "password=pw%267%20secret"));
    assert_int_equal(phase(), PROOF_ARRIVED);
    assert_true(metric("delivered_pct") > 99.9 && metric("accepted_pct") > 99.9);
    assert_true(metric("delay_s") >= 0.1 && metric("tries") == 1);
    assert_string_equal(result_fact_value(&the->lab->seen, "to"), "…678");
}

static void arrives_late(void **state)
{
    (void)state;
    reply(0, 202, "3: Queued for later delivery");
    the->looks_before = 6;
    prove("10s", "");
    expect(STATE_WARNING, "arrived late: after");
    assert_int_equal(the->n_messages, 1);
}

struct row {
    int status;
    const char *words, *say;
    int n_messages; /* that reach the gateway */
    enum proof_phase phase;
    enum state state;
};

/* PF13: the body decides, not the status; one key; no second message where the first may be on its
 * way. */
static void what_the_gateway_says(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {200, "Error: brandname inactive", "the gateway refuses …678: Error: brandname inactive", 1,
         PROOF_REFUSED, STATE_CRITICAL},
        {200, "", "the gateway refuses …678: HTTP 200", 1, PROOF_REFUSED, STATE_CRITICAL},
        {403, "Authorization failed for sendsms",
         "the gateway refuses …678: Authorization failed for sendsms", 1, PROOF_REFUSED,
         STATE_CRITICAL},
        {400, "Number 0912345678 denied, pw&7 secret", "…678: Number *** denied, ***", 1,
         PROOF_REFUSED, STATE_CRITICAL},
        {302, "", "HTTP 302", 1, PROOF_REFUSED, STATE_CRITICAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reply(0, rows[i].status, rows[i].words);
        prove("2s", "");
        expect(rows[i].state, rows[i].say);
        assert_int_equal(the->n_messages, rows[i].n_messages);
        assert_int_equal(phase(), rows[i].phase);
    }
}

static void what_may_have_left_is_not_sent_again(void **state)
{
    (void)state;
    the->receipt = NULL;
    reply(0, 502, "bad gateway");
    prove("2500ms", "");
    expect(STATE_CRITICAL, "not arrived within 2.5s; it may not have left: the gateway refuses "
                           "…678: bad gateway");
    assert_int_equal(the->n_messages, 1);
    reply(0, 0, CANNED_SILENT);
    prove("2500ms", "");
    expect(STATE_CRITICAL, "it may not have left: no answer within 500 ms");
    assert_int_equal(the->n_messages, 1);
    reply(0, 0, CANNED_RESET);
    prove("2500ms", "");
    expect(STATE_CRITICAL, "it may not have left: connection reset");
    assert_int_equal(the->n_messages, 1);
    assert_int_equal(phase(), PROOF_LOST);
    reply(0, 502, "bad gateway"); /* but if it arrives all the same, it has left */
    the->receipt = "{\"status\":\"DELIVRD\"}";
    prove("2500ms", "");
    expect(STATE_OK, "arrived after");
}

static void too_many_is_asked_again_with_the_same_key(void **state)
{
    (void)state;
    reply(0, 429, "slow down");
    reply(1, 200, "E5 busy");
    reply(2, 202, "0: Accepted for delivery");
    prove("20s", ",\"again\":[\"E5\"]");
    expect(STATE_WARNING, "arrived late");
    assert_int_equal(the->n_messages, 3);
    assert_string_equal(the->keys[0], the->keys[1]);
    assert_string_equal(the->keys[0], the->keys[2]);
    assert_true(metric("tries") == 3);
}

static void a_dead_gateway(void **state)
{
    (void)state;
    int port = the->server.port;
    reply(0, 202, "0:");
    canned_close(&the->server);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    snprintf(the->json, sizeof the->json,
             "{\"url\":\"http://127.0.0.1:%d/\",\"to\":\"0912345678\",\"late\":\"1s\","
             "\"deadline\":\"20s\"}",
             port);
    lab_probe_text(the->lab, "sms", the->json, 500);
    expect(STATE_CRITICAL, "connection refused");
    assert_int_equal(the->n_messages, 0);
    assert_true(the->lab->took_ms >= 5900 && metric("tries") == 3);
    assert_int_equal(phase(), PROOF_REFUSED);
}

static void what_its_receipt_says(void **state)
{
    (void)state;
    reply(0, 202, "0: Accepted for delivery");
    the->receipt = "{\"status\":\"UNDELIV\"}";
    prove("5s", "");
    expect(STATE_CRITICAL, "not delivered: UNDELIV");
    assert_int_equal(phase(), PROOF_UNDELIVERED);
    the->receipt = "{\"status\":\"ENROUTE\"}";
    prove("1s", "");
    expect(STATE_CRITICAL, "taken for delivery, but not arrived within 1s");
    the->receipt_status = 500;
    prove("1s", "");
    expect(STATE_UNKNOWN, "whether it arrived could not be asked: HTTP 500, expected 2xx");
    the->receipt_status = 0;
    the->receipt = "{\"status\":";
    prove("1s", "");
    expect(STATE_UNKNOWN, "could not be asked: malformed JSON in the reply");
    assert_int_equal(phase(), PROOF_UNKNOWN);
}

#define JSON                                                                                       \
    ",\"format\":\"json\",\"fields\":{\"phone\":\"{to}\",\"content\":\"{text}\","                  \
    "\"requestid\":\"{key}\",\"apikey\":\"{password}\",\"odd\":\"{}{x}{\"},"                       \
    "\"accepted_json\":{\"/code\":\"100\"},\"again_json\":{\"/code\":\"104\"},"                    \
    "\"metrics\":{\"quota_left\":\"/left\"}"

static void other_gateways_speak_json(void **state)
{
    (void)state;
    reply(0, 200, "{\"code\":\"100\",\"left\":4123}");
    prove("5s", JSON ",\"text\":\"trucban {key}\"");
    expect(STATE_OK, "arrived after");
    assert_true(metric("quota_left") == 4123);
    assert_non_null(strstr(the->sent, "POST /cgi-bin/sendsms HTTP/1.1"));
    assert_non_null(strstr(the->sent, "\"phone\":\"0912345678\""));
    assert_non_null(strstr(the->sent, "\"apikey\":\"pw&7 secret\""));
    assert_non_null(strstr(the->sent, "\"odd\":\"{}{x}{\""));
    assert_non_null(strstr(the->sent, the->keys[0]));
    reply(0, 200, "{\"code\":\"101\",\"message\":\"over quota\"}");
    prove("5s", JSON);
    expect(STATE_CRITICAL, "over quota");
    assert_int_equal(the->n_messages, 1);
    reply(0, 200, "{\"code\":\"104\"}");
    reply(1, 200, "{\"code\":\"100\"}");
    prove("9s", JSON);
    expect(STATE_WARNING, "arrived late");
    assert_int_equal(the->n_messages, 2);
    the->replies[1] = NULL;
    reply(0, 200, "{\"code\":\"10"); /* cut: it may have been taken */
    prove("9s", JSON);
    expect(STATE_OK, "arrived after");
    assert_int_equal(the->n_messages, 1);
}

static void letters_and_places(void **state)
{
    (void)state;
    size_t n;
    char foreign[5];
    assert_true(gsm_places("abc à é ñ Δ", &n, foreign));
    assert_int_equal(n, 11);
    assert_true(gsm_places("[€]", &n, foreign));
    assert_int_equal(n, 6);
    assert_false(gsm_places("Tin thử 😀", &n, foreign));
    assert_string_equal(foreign, "ử");
    assert_int_equal(n, 10);
    assert_false(gsm_places("`", &n, foreign));
    reply(0, 202, "0: Accepted for delivery");
    prove("5s", ",\"text\":\"Thử kênh: trucban {key}\"");
    expect(STATE_OK, "arrived after");
    assert_non_null(strstr(the->sent, "coding=2"));
}

static void options_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *json, *say;
    } rows[] = {
        {"\"to\":\"call me\"", "\"to\": \"… me\" is no telephone number"},
        {"\"to\":\"0912345678\",\"text\":\"hello\"", "\"text\" has no {key}"},
        {"\"to\":\"0912345678\",\"text\":\"Thử rất dài rất dài rất dài rất dài rất dài rất dài rất "
         "dài {key}\"",
         "expected at most 70: \"ử\" is not in the alphabet of telephones"},
        {"\"to\":\"0912345678\",\"late\":\"2m\"", "\"late\" is not before \"deadline\""},
        {"\"to\":\"0912345678\",\"format\":\"json\"", "\"fields\" has to hold {text} and {to}"},
        {"\"to\":\"0912345678\",\"format\":\"json\",\"fields\":{\"a\":\"{to}{text}\"}",
         "\"accepted_json\" is missing"},
        {"\"to\":\"0912345678\",\"accepted\":[\"\"]", "an empty text is how every reply begins"},
        {"\"to\":\"0912345678\",\"receipt\":{\"url\":\"http://h/r\",\"delivered\":{\"/a\":1}}",
         "\"receipt\": \"url\" has no {key}"},
        {"\"to\":\"0912345678\",\"receipt\":{\"url\":\"gopher://h/{key}\",\"delivered\":{\"/"
         "a\":1}}",
         "gopher"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = {""};
        snprintf(the->json, sizeof the->json, "{\"url\":\"http://127.0.0.1:1/\",%s}", rows[i].json);
        assert_null(lab_config("sms", the->json, &e));
        if (strstr(e.text, rows[i].say) == NULL)
            fail_msg("found \"%s\", expected \"%s\"", e.text, rows[i].say);
    }
}

static void nothing_leaves_without_an_engine(void **state)
{
    (void)state;
    struct proofs *p = the->lab->env.proofs;
    the->lab->env.proofs = NULL;
    reply(0, 202, "0:");
    prove("5s", "");
    the->lab->env.proofs = p;
    expect(STATE_UNKNOWN, "only an engine sends such a message");
    assert_int_equal(the->n_messages, 0);
}

static void cancelled_anywhere(void **state)
{
    (void)state;
    const struct probe_type *type = probe_find("sms");
    struct err e;
    reply(0, 0, CANNED_SILENT);
    snprintf(the->json, sizeof the->json,
             "{\"url\":\"http://127.0.0.1:%d/\",\"to\":\"0912345678\"}", the->server.port);
    void *config = lab_config("sms", the->json, &e);
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 5000};
    void *run = type->start(&the->lab->env, config, &job, lab_on_done, the->lab);
    type->cancel(run);
    assert_null(proof_log_of(the->journal.fleet, "t/c"));
    run = type->start(&the->lab->env, config, &job, lab_on_done, the->lab);
    for (int i = 0; i < 200 && the->n_messages == 0; i++) {
        struct loop_timer *t = loop_timer_new(the->lab->loop, (loop_fn *)loop_stop, the->lab->loop);
        loop_timer_set(t, 10, 0);
        loop_run(the->lab->loop);
        loop_timer_free(t);
    }
    assert_int_equal(the->n_messages, 1);
    type->cancel(run);
    assert_int_equal(the->lab->done, 0);
    lab_config_free("sms", config);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arrives),
        TEST(arrives_late),
        TEST(what_the_gateway_says),
        TEST(what_may_have_left_is_not_sent_again),
        TEST(too_many_is_asked_again_with_the_same_key),
        TEST(a_dead_gateway),
        TEST(what_its_receipt_says),
        TEST(other_gateways_speak_json),
        TEST(letters_and_places),
        TEST(options_that_cannot_be),
        TEST(nothing_leaves_without_an_engine),
        TEST(cancelled_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
