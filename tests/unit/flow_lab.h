/* flow_lab.h - for tests of flows: a case system in good order, any of whose replies a test may
 * change, and the flow that goes through it. */
#ifndef TESTS_FLOW_LAB_H
#define TESTS_FLOW_LAB_H

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

static inline const char *answer(void *arg, const char *request)
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

static inline void route(const char *path, const char *head, const char *body)
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
static inline void usual(void)
{
    the->n = 0;
    route("/login", "200 OK", "{\"error_code\":\"0\",\"access_token\":\"tok-12345678\"}");
    route("/DongBoHoSoMC", "200 OK", "{\"error_code\":0,\"maHoSo\":\"HS-777001\"}");
    route("/TraCuuHoSo", "200 OK", "{\"error_code\":\"0\",\"trangThai\":2}");
    route("/HuyHoSo", "200 OK", "{\"error_code\":\"0\"}");
    route("/logout", "200 OK", "{}");
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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
static inline const char *flow(const char *format, int port)
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

static inline void look(const char *format, int64_t timeout_ms)
{
    buf_clear(&the->server.got);
    lab_probe_text(the->lab, "flow", flow(format, the->server.port), timeout_ms);
}

static inline bool was_asked(const char *text)
{
    return strstr(buf_text(&the->server.got), text) != NULL;
}

static inline const char *fact(const char *key)
{
    const char *value = result_fact_value(&the->lab->seen, key);
    return value != NULL ? value : "";
}

/* The sentence begins and goes on like this; what stands in no sentence of ours is nowhere. */
static inline void expect(enum state state, const char *begins)
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

static inline const char *key_sent(void)
{
    const char *key = strstr(buf_text(&the->server.got), "TRUCBAN-");
    assert_non_null(key);
    snprintf(the->last, sizeof the->last, "%.*s", (int)strcspn(key, "\""), key);
    return the->last;
}

#endif
