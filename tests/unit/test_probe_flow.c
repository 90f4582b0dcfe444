/* Flows: log in, call, check, clean up; as they are, as they go wrong, and as a liar would answer.
 */
#include "tests/unit/probe_lab.h"

#include "engine/site.h"
#include "probes/flow.h"
#include "tests/unit/canned.h"

enum { ROUTES_MAX = 8 };

static struct field {
    struct lab *lab;
    struct canned server;
    struct {
        const char *path, *head,
            *body; /* head: "200", or with further headers; or canned's words */
    } routes[ROUTES_MAX];
    size_t n;
    char whole[64 * 1024], json[8192], last[8192];
} * the;

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    char path[512];
    const char *length = strstr(request, "Content-Length: "), *end = strstr(request, "\r\n\r\n");
    if (!canned_http_path(request, path, sizeof path))
        return NULL;
    if (length != NULL && strlen(end + 4) < strtoul(length + 16, NULL, 10))
        return NULL;
    for (size_t i = 0; i < the->n; i++) {
        const char *head = the->routes[i].head, *body = the->routes[i].body;
        if (strncmp(path, the->routes[i].path, strlen(the->routes[i].path)) != 0)
            continue;
        if (head == CANNED_SILENT || head == CANNED_RESET)
            return head;
        snprintf(the->whole, sizeof the->whole, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
                 head, strlen(body), body);
        return the->whole;
    }
    return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
}

static void route(const char *path, const char *head, const char *body)
{
    size_t i = 0;
    while (i < the->n && strcmp(the->routes[i].path, path) != 0)
        i++;
    assert_true(i < ROUTES_MAX);
    the->routes[i].path = path;
    the->routes[i].head = head;
    the->routes[i].body = body;
    the->n = i == the->n ? i + 1 : the->n;
}

/* A case system in good order. */
static void usual(void)
{
    the->n = 0;
    route("/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":\"tok-12345678\"}");
    route("/DongBoHoSoMC", "200 OK", "{\"error_code\":0,\"maHoSo\":\"HS-777001\"}");
    route("/TraCuuHoSo", "200 OK", "{\"error_code\":\"0\",\"trangThai\":2}");
    route("/HuyHoSo", "200 OK", "{\"error_code\":\"0\"}");
    route("/logout", "200 OK", "{}");
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    setenv("TEST_PASSWORD", "m\"t & khau", 1);
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    usual();
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->server);
    lab_free(the->lab);
    free(the);
    return 0;
}

#define URL "\"url\":\"http://127.0.0.1:%d"
#define LOGIN                                                                                      \
    "{\"id\":\"login\"," URL "/login\","                                                           \
    "\"body\":\"{\\\"user\\\":\\\"tb\\\",\\\"password\\\":\\\"${secret.pw}\\\"}\","                \
    "\"success\":{\"/error_code\":\"0\"},\"take\":{\"token\":\"/access_token\"}}"
#define CREATE                                                                                     \
    "{\"id\":\"create\"," URL "/DongBoHoSoMC\","                                                   \
    "\"headers\":{\"Authorization\":\"Bearer ${login.token}\"},"                                   \
    "\"body\":\"{\\\"key\\\":\\\"${run.key}\\\",\\\"at\\\":\\\"${now}\\\"}\","                     \
    "\"success\":{\"/error_code\":\"0\"},\"message\":\"/message\",\"take\":{\"code\":\"/"          \
    "maHoSo\"}}"
#define LOOK                                                                                       \
    "{\"id\":\"look\"," URL "/TraCuuHoSo?ma=${code}\","                                            \
    "\"headers\":{\"Authorization\":\"Bearer ${token}\"},"                                         \
    "\"success\":{\"/error_code\":\"0\",\"/trangThai\":{\"<=\":4}}}"
#define CLEAN                                                                                      \
    "{\"id\":\"clean\"," URL "/HuyHoSo/${create.code}\",\"method\":\"DELETE\","                    \
    "\"cleans\":\"create\",\"leaves\":\"dossier ${create.code}\","                                 \
    "\"success\":{\"/error_code\":\"0\"}}"
#define LOGOUT "{\"id\":\"logout\"," URL "/logout?t=${token}\",\"always\":true}"
#define FLOW(steps, more)                                                                          \
    "{\"effect\":\"cleaned\",\"secrets\":[{\"name\":\"pw\",\"value\":{\"env\":\"TEST_PASSWORD\"}}" \
    "],"                                                                                           \
    "\"steps\":[" steps "]" more "}"
#define WHOLE FLOW(LOGIN "," CREATE "," LOOK "," CLEAN "," LOGOUT, "")

/* Each "%d" of the flow is the server's port. */
static const char *flow(const char *format, int port)
{
    struct buf b = BUF_INIT(sizeof the->json - 1);
    for (const char *at = format; *at != '\0'; at++)
        if (strncmp(at, "%d", 2) == 0) {
            buf_addf(&b, "%d", port);
            at++;
        } else
            buf_addc(&b, *at);
    snprintf(the->json, sizeof the->json, "%s", buf_text(&b));
    buf_release(&b);
    return the->json;
}

static void look(const char *format, int64_t timeout_ms)
{
    buf_clear(&the->server.got);
    lab_probe_text(the->lab, "flow", flow(format, the->server.port), timeout_ms);
}

static bool was_asked(const char *text)
{
    return strstr(buf_text(&the->server.got), text) != NULL;
}

static const char *fact(const char *key)
{
    const char *value = result_fact_value(&the->lab->seen, key);
    return value != NULL ? value : "";
}

/* The sentence begins and goes on like this; what stands in no sentence of ours is nowhere. */
static void expect(enum state state, const char *begins)
{
    if (the->lab->seen.state != state || strncmp(the->lab->words, begins, strlen(begins)) != 0)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[the->lab->seen.state].name,
                 the->lab->words, state_rows[state].name, begins);
    static const char *const hidden[] = {"tok-12345678", "khau"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        assert_null(strstr(the->lab->words, hidden[i]));
        for (size_t k = 0; k < the->lab->seen.n_facts; k++)
            assert_null(strstr(the->lab->seen.facts[k].value, hidden[i]));
    }
}

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

static const char *key_sent(void)
{
    const char *key = strstr(buf_text(&the->server.got), "TRUCBAN-");
    assert_non_null(key);
    snprintf(the->last, sizeof the->last, "%.*s", (int)strcspn(key, "\""), key);
    return the->last;
}

static void each_run_has_a_key_of_its_own(void **state)
{
    char first[64];
    (void)state;
    look(WHOLE, 3000);
    snprintf(first, sizeof first, "%s", key_sent());
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

/* --- values --------------------------------------------------------------------------------- */

#define PLACES                                                                                     \
    "{\"effect\":\"none\",\"steps\":["                                                             \
    "{\"id\":\"a\"," URL "/login\",\"take\":{\"v\":\"/v\"}},"                                      \
    "{\"id\":\"json\"," URL "/p/${v}/q?x=${v}#${v}\",\"body\":\"{\\\"v\\\":\\\"<${v}>\\\"}\"},"    \
    "{\"id\":\"xml\"," URL "/x\",\"reply\":\"xml\",\"body\":\"<a b='${v}'>${v}</a>\"},"            \
    "{\"id\":\"form\"," URL "/f\",\"content_type\":\"application/x-www-form-urlencoded\","         \
    "\"body\":\"v=${v}&w=1\"}]}"

static void hostile_values_stay_values(void **state)
{
    static const struct {
        const char *reply, *url, *json, *xml;
    } rows[] = {
        {"a/../b?c&d=e#f", "a%2F..%2Fb%3Fc%26d%3De%23f", "<a/../b?c&d=e#f>",
         "<a b='a/../b?c&amp;d=e#f'>a/../b?c&amp;d=e#f</a>"},
        {"\\\"},{\\\"x\\\":1", "%22%7D%2C%7B%22x%22%3A1", "<\\\"},{\\\"x\\\":1>",
         "<a b='&quot;},{&quot;x&quot;:1'>&quot;},{&quot;x&quot;:1</a>"},
        {"\\\\", "%5C", "<\\\\>", "<a b='\\'>\\</a>"},
        {"</a><!ENTITY x>]]>'", "%3C%2Fa%3E%3C%21ENTITY%20x%3E%5D%5D%3E%27",
         "<</a><!ENTITY x>]]>'>",
         "<a b='&lt;/a&gt;&lt;!ENTITY x&gt;]]&gt;&apos;'>&lt;/a&gt;&lt;!ENTITY "
         "x&gt;]]&gt;&apos;</a>"},
        {"${run.key} $${x} %25 %s", "%24%7Brun.key%7D%20%24%24%7Bx%7D%20%2525%20%25s",
         "<${run.key} $${x} %25 %s>", "<a b='${run.key} $${x} %25 %s'>${run.key} $${x} %25 %s</a>"},
        {"Đã nhận", "%C4%90%C3%A3%20nh%E1%BA%ADn", "<Đã nhận>", "<a b='Đã nhận'>Đã nhận</a>"},
        {" HTTP/1.1", "%20HTTP%2F1.1", "< HTTP/1.1>", "<a b=' HTTP/1.1'> HTTP/1.1</a>"},
    };
    char reply[256], want[1024];
    (void)state;
    route("/p/", "200 OK", "{}");
    route("/x", "200 OK", "<ok/>");
    route("/f", "200 OK", "{}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(reply, sizeof reply, "{\"v\":\"%s\"}", rows[i].reply);
        route("/login", "200 OK", reply);
        look(PLACES, 3000);
        expect(STATE_OK, "4 steps succeeded");
        snprintf(want, sizeof want, "POST /p/%s/q?x=%s HTTP/1.1\r\n", rows[i].url, rows[i].url);
        assert_true(was_asked(want));
        snprintf(want, sizeof want, "\r\n\r\n{\"v\":\"%s\"}", rows[i].json);
        assert_true(was_asked(want));
        assert_true(was_asked(rows[i].xml));
        snprintf(want, sizeof want, "\r\n\r\nv=%s&w=1", rows[i].url);
        assert_true(was_asked(want));
    }
}

static void what_cannot_be_placed_is_not_sent(void **state)
{
#define INTO(rest)                                                                                 \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"a\"," URL "/login\",\"take\":{\"v\":\"/v\"}},"      \
    "{\"id\":\"b\"," URL rest "}]}"
    static const struct {
        const char *reply, *flow, *begins;
    } rows[] = {
        {"{\"v\":\"..\"}", INTO("/p/${v}\""),
         "step b, GET /p/{v}: the value of v cannot stand in a URL: it is empty or dots alone."},
        {"{\"v\":\"Đã\"}", INTO("/p\",\"headers\":{\"X-V\":\"${v}\"}"),
         "step b, GET /p: the value of v cannot stand in a header: it is not plain ASCII."},
        {"{\"v\":\"1,\\\"x\\\":2\"}", INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""),
         "step b, POST /p: the value of v is no number and no word of JSON, and stands outside"},
        {"{\"v\":\"[1]\"}", INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""),
         "step b, POST /p: the value of v is no number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        route("/login", "200 OK", rows[i].reply);
        look(rows[i].flow, 3000);
        expect(STATE_CRITICAL, rows[i].begins);
        assert_false(was_asked(" /p"));
    }
    route("/login", "200 OK", "{\"v\":-12.5}"); /* a number may */
    route("/p", "200 OK", "{}");
    look(INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""), 3000);
    expect(STATE_OK, "2 steps");
    assert_true(was_asked("{\"v\":-12.5}"));
}

static void a_value_has_a_size(void **state)
{
    struct buf b = BUF_INIT(0);
    (void)state;
    for (int len = FLOW_VALUE_MAX; len <= FLOW_VALUE_MAX + 1; len++) {
        buf_clear(&b);
        buf_addf(&b, "{\"v\":\"%0*d\"}", len, 7);
        route("/login", "200 OK", buf_text(&b));
        route("/p", "200 OK", "{}");
        look(INTO("/p\",\"body\":\"{\\\"v\\\":\\\"${v}\\\"}\""), 3000);
        expect(len == FLOW_VALUE_MAX ? STATE_OK : STATE_CRITICAL,
               len == FLOW_VALUE_MAX
                   ? "2 steps"
                   : "step a, GET /login: the value to be taken as v is longer than "
                     "8192 bytes.");
    }
    buf_clear(&b);
    buf_addf(&b, "{\"v\":\"%070000d\"}", 7);
    snprintf(the->last, sizeof the->last, "200 OK\r\nContent-Length: 70010");
    route("/login", the->last, "x"); /* larger than max_body by what it says of itself */
    look(INTO("/p\""), 1000);
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    buf_release(&b);
}

static void headers_are_taken_too(void **state)
{
    (void)state;
    route("/login", "200 OK\r\nX-Session: old\r\nx-session: tok-12345678", "plain text");
    route("/p", "200 OK", "");
    look("{\"effect\":\"none\",\"steps\":[{\"id\":\"a\",\"reply\":\"text\"," URL
         "/login\",\"expect\":{\"body\":\"plain\"},\"take\":{\"s\":\"header:X-Session\"}},"
         "{\"id\":\"b\",\"reply\":\"text\"," URL "/p\",\"headers\":{\"Cookie\":\"s=${a.s}\"}}]}",
         3000);
    expect(STATE_OK, "2 steps");
    assert_true(was_asked("Cookie: s=tok-12345678\r\n"));
    route("/login", "200 OK", "plain text");
    look("{\"effect\":\"none\",\"steps\":[{\"id\":\"a\",\"reply\":\"text\"," URL
         "/login\",\"take\":{\"s\":\"header:X-Session\"}}]}",
         3000);
    expect(STATE_CRITICAL, "step a, GET /login: header:X-Session is missing in the reply.");
}

static void a_reply_is_compared_with_values(void **state)
{
#define ECHO(more)                                                                                 \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"a\"," URL                                           \
    "/login\",\"take\":{\"v\":\"/access_token\"}},"                                                \
    "{\"id\":\"b\"," URL "/p\"," more "}]}"
    (void)state;
    route("/p", "200 OK", "{\"v\":\"tok-12345678\",\"w\":\"tok-87654321\"}");
    look(ECHO("\"success\":{\"/v\":\"${v}\"},\"expect\":{\"body\":\"v\\\":\\\"${a.v}\","
              "\"json\":{\"/w\":{\"!=\":\"${v}\"}}}"),
         3000);
    expect(STATE_OK, "2 steps");
    look(ECHO("\"success\":{\"/w\":\"${v}\"}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: w is tok-87654321, which is not success.");
    look(ECHO("\"expect\":{\"json\":{\"/w\":\"${v}\"}}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: /w is tok-87654321, expected ***. Ask");
    look(ECHO("\"expect\":{\"body\":\"x${v}\"}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: body does not contain x***. Ask");
    look(ECHO("\"expect\":{\"json\":{\"/w\":\"${run.key}\"}}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: /w is tok-87654321, expected TRUCBAN-2");
}

/* --- SOAP ----------------------------------------------------------------------------------- */

#define ENVELOPE(body)                                                                             \
    "<?xml version=\"1.0\"?><soap:Envelope "                                                       \
    "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">"                                    \
    "<soap:Header/><soap:Body>" body "</soap:Body></soap:Envelope>"
#define SOAP                                                                                       \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"ask\",\"reply\":\"xml\"," URL "/soap\","            \
    "\"headers\":{\"SOAPAction\":\"TraCuuHoSo\"},\"body\":\"<e><k>${run.key}</k></e>\","           \
    "\"success\":{\"/Envelope/Body/TraCuuResponse/return/error_code\":0},"                         \
    "\"message\":\"//moTa\",\"take\":{\"code\":\"/Envelope/Body/TraCuuResponse/return/maHoSo\"}}," \
    "{\"id\":\"next\",\"reply\":\"xml\"," URL "/next?m=${code}\"}]}"

static void soap_is_judged_by_its_element_and_its_fault(void **state)
{
#define RETURN(inner)                                                                              \
    ENVELOPE("<n:TraCuuResponse xmlns:n=\"u\"><return>" inner "</return></n:TraCuuResponse>")
    static const struct {
        const char *head, *body;
        enum state state;
        const char *begins, *code;
    } rows[] = {
        {"200 OK", RETURN("<error_code>0</error_code><maHoSo> HS 1&amp;2 </maHoSo>"), STATE_OK,
         "2 steps succeeded", ""},
        {"200 OK", RETURN("<error_code>31</error_code><moTa>không có <b/></moTa>"), STATE_CRITICAL,
         "step ask, POST /soap: error_code is 31: không có. Give the partner", "31"},
        {"500 Internal Server Error",
         ENVELOPE("<soap:Fault><faultcode>soap:Server</faultcode><faultstring>no &#x202e; session"
                  "</faultstring></soap:Fault>"),
         STATE_CRITICAL, "step ask, POST /soap: SOAP fault: no <U+202E> session. Give the partner",
         "soap:Server"},
        {"200 OK",
         ENVELOPE(
             "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>"
             "<soap:Text>bad</soap:Text></soap:Reason></soap:Fault>"),
         STATE_CRITICAL, "step ask, POST /soap: SOAP fault: bad.", "soap:Sender"},
        {"200 OK", ENVELOPE("<soap:Fault/>"), STATE_CRITICAL,
         "step ask, POST /soap: SOAP fault without a word.", ""},
        {"200 OK", ENVELOPE(""), STATE_CRITICAL,
         "step ask, POST /soap: /Envelope/Body/TraCuuResponse/return/error_code is missing in", ""},
        {"200 OK", "<soap:Envelope><soap:Body>", STATE_CRITICAL,
         "step ask, POST /soap: malformed XML in the reply: line 1: no element found.", ""},
        {"200 OK", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", STATE_CRITICAL,
         "step ask, POST /soap: malformed XML in the reply: line 1: a document type is not taken.",
         ""},
        {"503 Busy", "<html>", STATE_CRITICAL, "step ask, POST /soap: HTTP 503, expected 2xx.",
         "503"},
    };
    (void)state;
    route("/next", "200 OK", "<ok/>");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        route("/soap", rows[i].head, rows[i].body);
        look(SOAP, 3000);
        expect(rows[i].state, rows[i].begins);
        assert_string_equal(fact("error_code"), rows[i].code);
        assert_int_equal(was_asked("GET /next?m=HS%201%262 "), rows[i].state == STATE_OK);
    }
    assert_true(was_asked("SOAPAction: TraCuuHoSo\r\n"));
    assert_true(was_asked("Content-Type: text/xml; charset=utf-8\r\n"));
    assert_true(was_asked("<e><k>TRUCBAN-2"));
}

static void a_long_element_is_not_cut_and_sent_on(void **state)
{
    struct buf b = BUF_INIT(0);
    (void)state;
    route("/next", "200 OK", "<ok/>");
    buf_addf(&b, RETURN("<error_code>0</error_code><maHoSo>%04200d</maHoSo>"), 7);
    route("/soap", "200 OK", buf_text(&b));
    look(SOAP, 3000);
    expect(STATE_CRITICAL,
           "step ask, POST /soap: the value to be taken as code is longer than 4096");
    assert_false(was_asked("/next"));
    buf_release(&b);
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
        TEST(hostile_values_stay_values),
        TEST(what_cannot_be_placed_is_not_sent),
        TEST(a_value_has_a_size),
        TEST(headers_are_taken_too),
        TEST(a_reply_is_compared_with_values),
        TEST(soap_is_judged_by_its_element_and_its_fault),
        TEST(a_long_element_is_not_cut_and_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
