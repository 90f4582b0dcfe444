/* Flows: log in, call, check, clean up; as they are, as they go wrong, and as a liar would answer.
 */
#include "tests/unit/flow_lab.h"

static void carries_values_from_step_to_step(void **state)
{
    (void)state;
    look(WHOLE, 3000);
    expect(STATE_OK, "5 steps succeeded, the slowest ");
    assert_true(was_asked("POST /login HTTP/1.1"));
    assert_true(was_asked("{\"user\":\"tb\",\"password\":\"m\\\"t & khau\"}"));
    assert_true(was_asked("Content-Type: application/json"));
    assert_true(was_asked("Authorization: Bearer tok-12345678"));
    assert_true(was_asked("GET /TraCuuHoSo?ma=HS-777001 HTTP/1.1"));
    assert_true(was_asked("DELETE /HuyHoSo/HS-777001 HTTP/1.1"));
    assert_true(was_asked("GET /logout?t=tok-12345678 HTTP/1.1"));
    assert_true(was_asked("{\"key\":\"TRUCBAN-2"));
    assert_string_equal(fact("side"), "outside");
    assert_string_equal(fact("blame"), "");
    static const char *const steps[] = {"login_ms", "create_ms", "look_ms", "clean_ms",
                                        "logout_ms"};
    double sum = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_non_null(lab_metric(the->lab, steps[i]));
        sum += lab_metric(the->lab, steps[i])->value;
    }
    assert_true(sum > 0 && the->lab->seen.latency_ms >= sum);
}

static void each_run_has_a_key_of_its_own(void **state)
{
    char first[64];
    (void)state;
    look(WHOLE, 3000);
    snprintf(first, sizeof first, "%.60s", key_sent());
    assert_int_equal(strlen(first), strlen("TRUCBAN-20260305140211-0123456789"));
    look(WHOLE, 3000);
    assert_string_not_equal(first, key_sent());
}

static void error_code_decides_and_not_the_status(void **state)
{
    (void)state;
    route("/DongBoHoSoMC", "200 OK",
          "{\"error_code\":\"21\",\"message\":\"tok-12345678 \\u0007 chưa nhận\"}");
    look(WHOLE, 3000);
    expect(STATE_CRITICAL,
           "step create, POST /DongBoHoSoMC: error_code is 21: *** \\x07 chưa nhận. "
           "Give the partner this answer and the key TRUCBAN-");
    assert_string_equal(fact("blame"), "outside");
    assert_string_equal(fact("step"), "create");
    assert_string_equal(fact("error_code"), "21");
    assert_string_equal(fact("key"), key_sent());
    assert_false(was_asked("/TraCuuHoSo"));
    assert_true(was_asked("/logout")); /* always */
}

static char *text_of(const char *path)
{
    char *text = mem_alloc(65536);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, 65535, f)] = '\0';
    fclose(f);
    return text;
}

/* tests/site/bad-flow: what a flow may not be, each with its sentence. */
static void a_bad_flow_is_refused_in_words(void **state)
{
    struct site_errors errors = {0};
    char *told = NULL, *wanted = text_of("tests/site/bad-flow.txt");
    size_t len = 0;
    (void)state;
    assert_null(site_load("tests/site/bad-flow.json", NULL, &errors));
    FILE *f = open_memstream(&told, &len);
    site_errors_print(&errors, f);
    fclose(f);
    assert_string_equal(told, wanted);
    assert_null(strstr(told, "hunter2"));
    free(told);
    free(wanted);
    site_errors_release(&errors);
}

/* --- what goes wrong ------------------------------------------------------------------------ */

struct bad {
    const char *path, *head, *body;
    enum state state;
    const char *begins, *blame;
};

static void each_bad_reply_has_its_sentence(void **state)
{
    static const struct bad rows[] = {
        {"/login", "401 Unauthorized", "{\"error_code\":\"17\"}", STATE_CRITICAL,
         "step login, POST /login: HTTP 401, expected 2xx. Look at our account there, then ask",
         "outside"},
        {"/login", "503 Busy", "<html>", STATE_CRITICAL,
         "step login, POST /login: HTTP 503, expected 2xx. Ask the partner what happened; key TRUC",
         "outside"},
        {"/DongBoHoSoMC", "400 Bad", "{\"error_code\":\"22\",\"message\":\"thiếu mã\"}",
         STATE_CRITICAL,
         "step create, POST /DongBoHoSoMC: HTTP 400, expected 2xx; the reply says: thiếu mã. Ask",
         "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\"}", STATE_CRITICAL,
         "step login, POST /login: /access_token is missing in the reply. Ask", "outside"},
        {"/login", "200 OK", "{\"access_token\":\"tok-12345678\"}", STATE_CRITICAL,
         "step login, POST /login: /error_code is missing in the reply. Ask", "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":{\"a\":1}}", STATE_CRITICAL,
         "step login, POST /login: /access_token is missing in the reply. Ask", "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":\"\"}", STATE_CRITICAL,
         "step login, POST /login: the value to be taken as token is empty. Ask", "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":\"a\\r\\nX: y\"}",
         STATE_CRITICAL,
         "step login, POST /login: the value to be taken as token holds control or invisible",
         "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":\"a\\u202eb\"}",
         STATE_CRITICAL,
         "step login, POST /login: the value to be taken as token holds control or invisible",
         "outside"},
        {"/login", "200 OK", "{\"error_code\":\"0\",", STATE_CRITICAL,
         "step login, POST /login: malformed JSON in the reply: ", "outside"},
        {"/login", "200 OK", "", STATE_CRITICAL,
         "step login, POST /login: malformed JSON in the reply: ", "outside"},
        {"/login", "200 OK\r\nContent-Length: 900", "{", STATE_CRITICAL,
         "step login, POST /login: ", "outside"},
        {"/login", CANNED_RESET, "", STATE_CRITICAL,
         "step login, POST /login: connection reset. Look at the way there, then tell", "outside"},
        {"/TraCuuHoSo", "200 OK", "{\"error_code\":\"0\",\"trangThai\":9}", STATE_CRITICAL,
         "step look, GET /TraCuuHoSo: trangThai is 9, which is not success. Give", "outside"},
        {"/HuyHoSo", "200 OK", "{\"error_code\":\"40\"}", STATE_WARNING,
         "the flow works, but was not cleaned up: step clean, DELETE /HuyHoSo/{create.code}: "
         "error_code is 40, which is not success. Left behind: dossier HS-777001",
         "outside"},
        {"/logout", "500 Oops", "", STATE_WARNING,
         "the flow works, but step logout after it failed, GET /logout: HTTP 500, expected 2xx",
         "outside"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        usual();
        route(rows[i].path, rows[i].head, rows[i].body);
        look(WHOLE, 3000);
        expect(rows[i].state, rows[i].begins);
        assert_string_equal(fact("blame"), rows[i].blame);
        assert_false(the->lab->seen.is_self);
    }
}

static void whose_fault_it_is_is_told(void **state)
{
    (void)state;
    route("/login", "401 Unauthorized", "{\"error_code\":\"17\"}");
    look(FLOW(LOGIN "," CREATE "," CLEAN, ",\"inside_codes\":[\"17\"]"), 3000);
    expect(STATE_CRITICAL,
           "step login, POST /login: HTTP 401, expected 2xx. Look at our account for");
    assert_string_equal(fact("blame"), "inside");
    usual();
    route("/login", CANNED_RESET, "");
    look(FLOW(LOGIN "," CREATE "," CLEAN, ",\"side\":\"inside\""), 3000);
    expect(STATE_CRITICAL, "step login, POST /login: connection reset. Look at our own system");
    assert_string_equal(fact("blame"), "inside");
    look("{\"effect\":\"none\",\"side\":\"inside\",\"steps\":[{\"id\":\"a\",\"side\":"
         "\"outside\"," URL "/none\"}]}",
         3000);
    expect(STATE_CRITICAL, "step a, GET /none: HTTP 404, expected 2xx. Ask the partner");
    assert_string_equal(fact("blame"), "outside");
}

/* --- clean-up ------------------------------------------------------------------------------- */

static void what_may_be_there_is_cleaned_up(void **state)
{
    (void)state;
    route("/TraCuuHoSo", "500 Oops", ""); /* a step between fails: the dossier is taken back */
    look(WHOLE, 3000);
    expect(STATE_CRITICAL, "step look, GET /TraCuuHoSo: HTTP 500");
    assert_true(was_asked("DELETE /HuyHoSo/HS-777001") && was_asked("GET /logout"));
    assert_string_equal(fact("left_behind"), "");

    usual();
    route("/DongBoHoSoMC", CANNED_RESET,
          ""); /* sent, and never answered: nobody knows its number */
    look(WHOLE, 3000);
    expect(STATE_CRITICAL,
           "step create, POST /DongBoHoSoMC: connection reset. Look at the way there, "
           "then tell the partner. The clean-up clean failed, too: create.code was "
           "not taken. May be left behind: dossier ${create.code}");
    assert_false(was_asked("/HuyHoSo"));
    assert_true(was_asked("GET /logout"));

    usual();
    route("/DongBoHoSoMC", "200 OK", "{\"error_code\":\"21\"}"); /* refused: there is nothing */
    look(WHOLE, 3000);
    assert_false(was_asked("/HuyHoSo"));
    assert_string_equal(fact("left_behind"), "");

    usual();
    route("/login", "200 OK", "{\"error_code\":\"1\"}"); /* no log-in: no log-out */
    look(WHOLE, 3000);
    expect(STATE_CRITICAL, "step login, POST /login: error_code is 1, which is not success.");
    assert_false(was_asked("/HuyHoSo") || was_asked("/logout") || was_asked("/DongBo"));

    usual();
    route("/TraCuuHoSo", "500 Oops", "");
    route("/HuyHoSo", "500 Oops", "");
    look(WHOLE, 3000);
    expect(STATE_CRITICAL, "step look, GET /TraCuuHoSo: HTTP 500, expected 2xx.");
    assert_non_null(strstr(the->lab->words,
                           "The clean-up clean failed, too: HTTP 500, expected 2xx. "
                           "May be left behind: dossier HS-777001"));
    assert_string_equal(fact("left_behind"), "dossier HS-777001");
}

static void a_clean_up_by_our_own_key_needs_no_answer(void **state)
{
#define BY_KEY                                                                                     \
    FLOW("{\"id\":\"create\"," URL "/DongBoHoSoMC\",\"body\":\"{\\\"k\\\":\\\"${run.key}\\\"}\"}," \
         "{\"id\":\"clean\"," URL "/HuyHoSo?k=${run.key}\",\"cleans\":\"create\"}",                \
         "")
    (void)state;
    route("/DongBoHoSoMC", CANNED_RESET, "");
    look(BY_KEY, 3000);
    expect(STATE_CRITICAL, "step create, POST /DongBoHoSoMC: connection reset.");
    assert_true(was_asked("GET /HuyHoSo?k=TRUCBAN-2"));
    assert_string_equal(fact("left_behind"), "");
    route("/HuyHoSo", "500 Oops", "");
    look(BY_KEY, 3000);
    assert_string_equal(fact("left_behind"), key_sent());
}

/* --- time ----------------------------------------------------------------------------------- */

static void one_deadline_for_all_with_time_left_to_clean_up(void **state)
{
    (void)state;
    route("/TraCuuHoSo", CANNED_SILENT, "");
    look(WHOLE, 1200);
    expect(STATE_CRITICAL, "step look, GET /TraCuuHoSo: no answer within ");
    assert_in_range((int64_t)the->lab->took_ms, 850, 1199); /* three quarters, and the clean-up */
    assert_true(was_asked("DELETE /HuyHoSo/HS-777001") && was_asked("GET /logout"));

    usual();
    route("/HuyHoSo", CANNED_SILENT, "");
    look(WHOLE, 600);
    expect(STATE_WARNING, "the flow works, but was not cleaned up: step clean, DELETE /HuyHoSo/");
    assert_in_range((int64_t)the->lab->took_ms, 400, 700);

    usual();
    route("/login", CANNED_SILENT, "");
    look("{\"effect\":\"none\",\"steps\":[{\"id\":\"a\",\"timeout\":\"150ms\"," URL "/login\"}]}",
         5000);
    expect(STATE_CRITICAL, "step a, GET /login: no answer within 150 ms.");
    assert_true(the->lab->took_ms < 1500);
}

static void a_dead_peer_is_dead_at_once(void **state)
{
    int port = the->server.port;
    (void)state;
    canned_close(&the->server);
    lab_probe_text(the->lab, "flow", flow(WHOLE, port), 3000);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    expect(STATE_CRITICAL,
           "step login, POST /login: connection refused. Look at the way there, then");
    assert_string_equal(fact("left_behind"), "");
}

static void a_cancelled_run_ends_without_a_word(void **state)
{
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 3000};
    const struct probe_type *type = probe_find("flow");
    struct err e;
    (void)state;
    route("/login", CANNED_SILENT, "");
    void *config = lab_config("flow", flow(WHOLE, the->server.port), &e);
    assert_non_null(config);
    the->lab->done = 0;
    void *run = type->start(&the->lab->env, config, &job, lab_on_done, the->lab);
    type->cancel(run); /* before its first step */
    run = type->start(&the->lab->env, config, &job, lab_on_done, the->lab);
    struct loop_timer *stop = loop_timer_new(the->lab->loop, (loop_fn *)loop_stop, the->lab->loop);
    loop_timer_set(stop, 100, 0);
    loop_run(the->lab->loop);
    type->cancel(run);
    loop_timer_set(stop, 50, 0);
    loop_run(the->lab->loop);
    assert_int_equal(the->lab->done, 0);
    loop_timer_free(stop);
    lab_config_free("flow", config);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(carries_values_from_step_to_step),
        TEST(each_run_has_a_key_of_its_own),
        TEST(error_code_decides_and_not_the_status),
        TEST(a_bad_flow_is_refused_in_words),
        TEST(each_bad_reply_has_its_sentence),
        TEST(whose_fault_it_is_is_told),
        TEST(what_may_be_there_is_cleaned_up),
        TEST(a_clean_up_by_our_own_key_needs_no_answer),
        TEST(one_deadline_for_all_with_time_left_to_clean_up),
        TEST(a_dead_peer_is_dead_at_once),
        TEST(a_cancelled_run_ends_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
