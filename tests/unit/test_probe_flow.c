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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(carries_values_from_step_to_step),
        TEST(each_run_has_a_key_of_its_own),
        TEST(error_code_decides_and_not_the_status),
        TEST(a_bad_flow_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
