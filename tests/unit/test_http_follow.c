/* Where http goes and what it takes along: redirects (faults.md PF7), who we are, kept connections.
 */
#include "tests/unit/probe_lab.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include "engine/http.h"
#include "tests/unit/canned.h"
#include "tests/unit/scratch.h"

static struct field {
    struct lab *lab;
    struct canned home, other; /* 127.0.0.1; 127.0.0.1 by the name localhost, another port */
    char location[512];        /* where / leads; "" for 200 */
    char reply[2048], json[4096];
    struct scratch dir;
} * the;

/* /end answers 200, everything else leads to the location. */
static const char *answer(void *arg, const char *request)
{
    char path[256];
    (void)arg;
    if (!canned_http_path(request, path, sizeof path))
        return NULL;
    if (strcmp(path, "/end") == 0 || the->location[0] == '\0')
        return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    snprintf(the->reply, sizeof the->reply,
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", the->location);
    return the->reply;
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    scratch_make(&the->dir);
    canned_open(&the->home, the->lab->loop, "127.0.0.1", answer, NULL);
    canned_open(&the->other, the->lab->loop, "127.0.0.1", answer, NULL);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->home);
    canned_close(&the->other);
    scratch_remove(&the->dir);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void look_at(const char *host, const char *more)
{
    buf_clear(&the->home.got);
    buf_clear(&the->other.got);
    snprintf(the->json, sizeof the->json, "{\"url\":\"http://%s:%d/\"%s}", host, the->home.port,
             more);
    lab_probe_text(the->lab, "http", the->json, 2000);
}
static void look(const char *more)
{
    look_at("127.0.0.1", more);
}
static void expect(enum state state, const char *words)
{
    lab_expect(the->lab, state, words);
}
static const char *sent(const struct canned *c)
{
    return buf_text(&c->got);
}

#define FOLLOW ",\"redirects\":3,\"redirect_http\":true"

static void follows_when_asked(void **state)
{
    (void)state;
    snprintf(the->location, sizeof the->location, "/end");
    look("");
    expect(STATE_CRITICAL, "HTTP 302, expected 2xx");
    look(FOLLOW);
    expect(STATE_OK, "HTTP 200, 2 bytes");
    look(",\"redirects\":3");
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    assert_string_equal(strtok(the->lab->words, ":"), "redirect refused, not https");
    look(FOLLOW ",\"method\":\"HEAD\"");
    assert_int_equal(the->lab->seen.state, STATE_OK);
    assert_non_null(strstr(sent(&the->home), "HEAD /end"));
    /* a redirect to nowhere is a reply like any other */
    the->location[0] = '\0';
    look(FOLLOW);
    expect(STATE_OK, "HTTP 200, 2 bytes");
}

/* PF7: each refused in words, and nobody is asked but the server that was named. */
static void refuses_where_it_may_not_go(void **state)
{
    static const struct {
        const char *location, *words;
    } rows[] = {
        {"file:///etc/passwd", "redirect refused, not https: file:///etc/passwd"},
        {"ftp://h/x", "redirect refused, not https: ftp://h/x"},
        {"gopher://127.0.0.1:%d/_x", "redirect refused, not https: gopher://"},
        {"dict://h/", "redirect refused, not https: dict://h/"},
        {"javascript:alert(1)", "redirect refused, not https: javascript:alert(1)"},
        {"http://169.254.169.254/latest/",
         "redirect refused, not among the hosts that are allowed"},
        {"http://[::1]:%d/end", "redirect refused, not among the hosts that are allowed"},
        {"http://[::ffff:127.0.0.1]:%d/end", "redirect refused, not among the hosts"},
        {"http://0x7f.1:%d/end", "redirect refused, not among the hosts that are allowed"},
        {"http://2130706433:%d/end", "redirect refused, not among the hosts that are allowed"},
        {"http://127.0.0.1:%d/end", "redirect refused, not among the hosts that are allowed"},
        {"http://other.example/", "redirect refused, not among the hosts that are allowed"},
        {"http://me:pw@localhost:%d/end", "redirect refused, a user name in it"},
        {"http://[::1", "redirect refused, no URL that could be followed: http://[::1"},
        {"http:/\\/x", "redirect refused, "},
        {"//169.254.169.254/x", "redirect refused, not among the hosts that are allowed"},
        {"/", "more than 3 redirects"},
    };
    int before = the->other.connections;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *percent = strstr(rows[i].location, "%d");
        if (percent != NULL)
            snprintf(the->location, sizeof the->location, "%.*s%d%s",
                     (int)(percent - rows[i].location), rows[i].location, the->other.port,
                     percent + 2);
        else
            snprintf(the->location, sizeof the->location, "%s", rows[i].location);
        look_at("localhost", FOLLOW);
        if (the->lab->seen.state != STATE_CRITICAL ||
            strncmp(the->lab->words, rows[i].words, strlen(rows[i].words)) != 0)
            fail_msg("%s: \"%s\", expected \"%s\"", the->location, the->lab->words, rows[i].words);
        assert_false(the->lab->seen.is_self);
    }
    assert_int_equal(the->other.connections, before);
    /* an address in a redirect is a forbidden one even where its spelling was allowed */
    snprintf(the->location, sizeof the->location, "http://127.0.0.1:%d/end", the->other.port);
    look_at("localhost", FOLLOW ",\"redirect_hosts\":[\"127.0.0.1\",\"169.254.169.254\",\"::1\"]");
    expect(STATE_CRITICAL, "the name 127.0.0.1 leads to an address that is not allowed");
    assert_int_equal(the->other.connections, before);
    /* what is shown of it is cleaned and short */
    memset(the->location, 'a', sizeof the->location);
    memcpy(the->location, "http://x/\x1b", 10);
    the->location[sizeof the->location - 1] = '\0';
    look(FOLLOW);
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    assert_true(strlen(the->lab->words) < 300 && strchr(the->lab->words, 0x1b) == NULL);
}

/* What says who we are stays with whom it was meant for. */
static void tells_no_other_host_who_we_are(void **state)
{
    char more[512];
    (void)state;
    setenv("TEST_PASSWORD", "s3cret", 1);
    setenv("TEST_TOKEN", "t0ken", 1);
    static const char *const who[] = {
        ",\"user\":\"me\",\"password\":{\"env\":\"TEST_PASSWORD\"}",
        ",\"token\":{\"env\":\"TEST_TOKEN\"}",
        ",\"headers\":{\"Authorization\":\"Basic abc\",\"X-Key\":\"k3y\"}",
    };
    static const char *const lines[] = {"Authorization: Basic bWU6czNjcmV0",
                                        "Authorization: Bearer t0ken", "X-Key: k3y"};
    for (size_t i = 0; i < sizeof who / sizeof who[0]; i++) {
        snprintf(more, sizeof more, "%s" FOLLOW ",\"redirect_hosts\":[\"LOCALHOST\"]", who[i]);
        /* same host, port and scheme: told again */
        snprintf(the->location, sizeof the->location, "/end");
        look(more);
        expect(STATE_OK, "HTTP 200, 2 bytes");
        const char *first = strstr(sent(&the->home), lines[i]);
        assert_non_null(first);
        assert_non_null(strstr(first + 1, lines[i]));
        /* another host that is allowed, another port of the same one: asked, not told */
        static const char *const away[] = {"localhost", "127.0.0.1"};
        for (size_t k = 0; k < 2; k++) {
            snprintf(the->location, sizeof the->location, "http://%s:%d/end", away[k],
                     the->other.port);
            look(more);
            expect(STATE_OK, "HTTP 200, 2 bytes");
            assert_non_null(strstr(sent(&the->home), lines[i]));
            assert_non_null(strstr(sent(&the->other), "GET /end"));
            assert_null(strstr(sent(&the->other), "Authorization"));
            assert_null(strstr(sent(&the->other), "X-Key"));
        }
    }
    /* the same port under another name: asked twice, told once */
    snprintf(more, sizeof more, "%s" FOLLOW ",\"redirect_hosts\":[\"localhost\"]", who[1]);
    snprintf(the->location, sizeof the->location, "http://localhost:%d/end", the->home.port);
    look(more);
    expect(STATE_OK, "HTTP 200, 2 bytes");
    const char *once = strstr(sent(&the->home), lines[1]);
    assert_non_null(once);
    assert_non_null(strstr(once, "GET /end"));
    assert_null(strstr(once + 1, lines[1]));
    /* and the pooled handle has forgotten it all */
    the->location[0] = '\0';
    look("");
    assert_null(strstr(sent(&the->home), "Authorization"));
}

static void keeps_a_connection_when_asked(void **state)
{
    const char *json = ",\"reuse\":true";
    int before;
    (void)state;
    the->location[0] = '\0';
    the->home.keeps = true;
    before = the->home.connections;
    look(json);
    expect(STATE_OK, "HTTP 200, 2 bytes");
    assert_string_equal(result_fact_value(&the->lab->seen, "connection"), "fresh");
    for (int i = 0; i < 3; i++) {
        look(json);
        expect(STATE_OK, "HTTP 200, 2 bytes");
        assert_string_equal(result_fact_value(&the->lab->seen, "connection"), "kept");
    }
    assert_int_equal(the->home.connections, before + 1);
    look(""); /* a check that does not ask for it gets its own, and says nothing of it */
    assert_int_equal(the->home.connections, before + 2);
    assert_null(result_fact_value(&the->lab->seen, "connection"));
    /* the server has closed it meanwhile: asked again, not failed */
    while (the->home.peers != NULL)
        canned_drop(the->home.peers);
    look(json);
    expect(STATE_OK, "HTTP 200, 2 bytes");
    assert_string_equal(result_fact_value(&the->lab->seen, "connection"), "fresh");
    the->home.keeps = false;
}

static void marks_an_unverified_peer(void **state)
{
    (void)state;
    the->location[0] = '\0';
    look(",\"insecure\":true");
    assert_string_equal(result_fact_value(&the->lab->seen, "tls"), "!TLS");
    look("");
    assert_null(result_fact_value(&the->lab->seen, "tls"));
}

static void refuses_a_key_that_others_can_read(void **state)
{
    char key[300], json[1024];
    struct err e = {""};
    (void)state;
    scratch_path(&the->dir, "key.pem", key);
    FILE *f = fopen(key, "w");
    fputs("x", f);
    fclose(f);
    snprintf(json, sizeof json,
             "{\"url\":\"https://h/\",\"client_cert\":\"/c.pem\",\"client_key\":\"%s\"}", key);
    chmod(key, 0644);
    assert_null(lab_config("http", json, &e));
    assert_non_null(strstr(e.text, "others must have no right"));
    chmod(key, 0600);
    void *config = lab_config("http", json, &e);
    assert_non_null(config);
    lab_config_free("http", config);
    unlink(key);
    assert_null(lab_config("http", json, &e));
    assert_non_null(strstr(e.text, "cannot open"));
}

static void refuses_bad_options(void **state)
{
    static const char *const bad[][2] = {
        {"\"user\":\"me\"", "go together"},
        {"\"token\":{\"env\":\"TEST_TOKEN\"},\"user\":\"a\",\"password\":{\"env\":\"TEST_TOKEN\"}",
         "exclude each other"},
        {"\"user\":\"a:b\",\"password\":{\"env\":\"TEST_TOKEN\"}", "a colon"},
        {"\"client_cert\":\"/c.pem\"", "go together"},
        {"\"redirects\":2,\"method\":\"POST\"", "GET and HEAD only"},
        {"\"redirects\":2,\"body\":\"x\"", "GET and HEAD only"},
    };
    (void)state;
    setenv("TEST_TOKEN", "t0ken", 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char json[512];
        struct err e = {""};
        snprintf(json, sizeof json, "{\"url\":\"http://h/\",%s}", bad[i][0]);
        assert_null(lab_config("http", json, &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i][0], e.text, bad[i][1]);
        assert_null(strstr(e.text, "t0ken"));
    }
}

static void on_reply(void *arg, struct http_reply *r)
{
    struct buf words = BUF_INIT(sizeof the->lab->words - 1);
    if (r->say != NULL)
        say_text(&words, r->say, NULL);
    snprintf(the->lab->words, sizeof the->lab->words, "%s", buf_text(&words));
    buf_release(&words);
    loop_stop(arg);
}

/* A secret in the query is sent, escaped, and told to nobody. */
static void keeps_a_secret_of_the_query(void **state)
{
    char url[128];
    struct err e = {""};
    (void)state;
    the->location[0] = '\0';
    for (int i = 0; i < 2; i++) {
        snprintf(url, sizeof url, "http://127.0.0.1:%d/end%s", the->home.port, i ? "?a=1" : "");
        struct http_want w = {.url = url, .secret_name = "password", .secret = "p&w d/1"};
        struct http_plan *p = http_plan_new(&w, &e);
        assert_non_null(p);
        buf_clear(&the->home.got);
        http_start(the->lab->env.http, p, 2000, on_reply, the->lab->loop);
        loop_run(the->lab->loop);
        assert_non_null(strstr(sent(&the->home), i ? "/end?a=1&password=p%26w%20d%2F1 HTTP"
                                                   : "/end?password=p%26w%20d%2F1 HTTP"));
        http_plan_free(p);
    }
    /* whatever goes wrong, no sentence holds it */
    static const char *const urls[] = {"http://127.0.0.1:1/x", "http://nowhere.invalid/x",
                                       "https://127.0.0.1:%d/x"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        const char *percent = strstr(urls[i], "%d");
        snprintf(url, sizeof url, "%.*s%d%s", percent ? (int)(percent - urls[i]) : 0, urls[i],
                 the->home.port, percent ? percent + 2 : "");
        struct http_want w = {
            .url = percent ? url : urls[i], .secret_name = "password", .secret = "hush"};
        struct http_plan *p = http_plan_new(&w, &e);
        assert_non_null(p);
        http_start(the->lab->env.http, p, 500, on_reply, the->lab->loop);
        loop_run(the->lab->loop);
        assert_true(the->lab->words[0] != '\0');
        assert_null(strstr(the->lab->words, "hush"));
        http_plan_free(p);
    }
    struct http_want bad = {.url = "ftp://h/", .secret_name = "password", .secret = "hush"};
    assert_null(http_plan_new(&bad, &e));
    assert_null(strstr(e.text, "hush"));
    struct http_want away = {
        .url = "http://h/", .secret_name = "p", .secret = "hush", .max_redirects = 1};
    assert_null(http_plan_new(&away, &e));
    assert_null(strstr(e.text, "hush"));
}

static void cancels_in_the_middle(void **state)
{
    const struct probe_type *type = probe_find("http");
    size_t made, in_use;
    struct err e;
    (void)state;
    snprintf(the->location, sizeof the->location, "/");
    snprintf(the->json, sizeof the->json,
             "{\"url\":\"http://127.0.0.1:%d/\",\"redirects\":10,"
             "\"redirect_http\":true}",
             the->home.port);
    void *config = lab_config("http", the->json, &e);
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 5000};
    the->lab->done = 0;
    void *run = type->start(&the->lab->env, config, &job, lab_on_done, the->lab);
    type->cancel(run);
    lab_config_free("http", config);
    the->location[0] = '\0';
    look("");
    assert_int_equal(the->lab->done, 1);
    http_figures(the->lab->env.http, &made, &in_use);
    assert_int_equal(in_use, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_when_asked),
        cmocka_unit_test(refuses_where_it_may_not_go),
        cmocka_unit_test(tells_no_other_host_who_we_are),
        cmocka_unit_test(keeps_a_connection_when_asked),
        cmocka_unit_test(marks_an_unverified_peer),
        cmocka_unit_test(refuses_a_key_that_others_can_read),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(keeps_a_secret_of_the_query),
        cmocka_unit_test(cancels_in_the_middle),
    };
    return cmocka_run_group_tests_name("http_follow", tests, setup, teardown);
}
