/* The tcp kind: connect, say, wait for a text. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/probe_lab.h"

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

static void look(struct lab *lab, int port, const char *more, int64_t timeout_ms)
{
    char json[256];
    snprintf(json, sizeof json, "{\"port\":%d%s}", port, more);
    lab_probe_text(lab, "tcp", json, timeout_ms);
}

static void connects(void **state)
{
    struct lab *lab = *state;
    look(lab, lab->silent, "", 2000);
    lab_expect(lab, STATE_OK, "connected");
    assert_true(lab->seen.latency_ms > 0 && lab->seen.latency_ms < 1000);
    assert_non_null(lab_metric(lab, "connect_ms"));
    look(lab, lab->silent, ",\"host\":\"localhost\"", 2000);
    lab_expect(lab, STATE_OK, "connected");
}

static void is_refused(void **state)
{
    struct lab *lab = *state;
    look(lab, lab->refuse, "", 2000);
    lab_expect(lab, STATE_CRITICAL, "connection refused");
    assert_true(lab->took_ms < 500);
    assert_false(lab->seen.is_self);
}

static void expects_a_text(void **state)
{
    struct lab *lab = *state;
    look(lab, lab->banner, ",\"expect\":\"220 \"", 2000);
    lab_expect(lab, STATE_OK, "answered as expected");
    look(lab, lab->banner, ",\"expect\":\"250\\r\\n\"", 400);
    lab_expect(lab, STATE_CRITICAL, "250 did not come within 400 ms");
    look(lab, lab->silent, ",\"expect\":\"x\"", 400);
    lab_expect(lab, STATE_CRITICAL, "no answer within 400 ms");
    look(lab, lab->http, ",\"send\":\"GET /ok HTTP/1.0\\r\\n\\r\\n\",\"expect\":\"UP\"", 2000);
    lab_expect(lab, STATE_OK, "answered as expected");
    look(lab, lab->http, ",\"send\":\"GET /ok HTTP/1.0\\r\\n\\r\\n\",\"expect\":\"NO\"", 2000);
    lab_expect(lab, STATE_CRITICAL, "reply does not contain NO");
}

static void caps_what_comes(void **state)
{
    struct lab *lab = *state;
    look(lab, lab->garbage, ",\"expect\":\"x\"", 2000);
    lab_expect(lab, STATE_CRITICAL, "x not in the first 16 KiB");
    assert_true(lab->rss_kib < 1024);
    look(lab, lab->rst, ",\"expect\":\"x\"", 2000);
    lab_expect(lab, STATE_CRITICAL, "connection reset");
}

static void needs_an_address(void **state)
{
    struct lab *lab = *state;
    look(lab, 1, ",\"host\":\"\"", 2000);
    lab_expect(lab, STATE_UNKNOWN, "the target has no address");
    assert_true(lab->seen.is_self);
}

/* A peer that never answers the SYN: nobody accepts and the backlog is full. */
static void limits_connecting(void **state)
{
    struct lab *lab = *state;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0), fill[8];
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    listen(fd, 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    for (int i = 0; i < 8; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fill[i], (struct sockaddr *)&a, sizeof a);
    }
    look(lab, ntohs(a.sin_port), ",\"connect_timeout\":\"300ms\"", 2000);
    lab_expect(lab, STATE_CRITICAL, "no connection within 300 ms");
    assert_true(lab->took_ms < 1200);
    for (int i = 0; i < 8; i++)
        close(fill[i]);
    close(fd);
}

/* Out of descriptors: our own fault, whatever the kind; and it heals by itself. */
static void no_descriptor_is_our_own_fault(void **state)
{
    struct lab *lab = *state;
    struct rlimit before, low;
    int next = dup(0);
    getrlimit(RLIMIT_NOFILE, &before);
    close(next);
    low = before;
    low.rlim_cur = (rlim_t)next;
    char http[128], tcp[64];
    snprintf(http, sizeof http, "{\"url\":\"http://127.0.0.1:%d/ok\"}", lab->http);
    snprintf(tcp, sizeof tcp, "{\"port\":%d}", lab->silent);
    const char *const looks[][2] = {
        {"tcp", tcp}, {"http", http}, {"exec", "{\"command\":[\"/bin/true\"]}"}};
    for (int i = 0; i < 3; i++) {
        setrlimit(RLIMIT_NOFILE, &low);
        lab_probe_text(lab, looks[i][0], looks[i][1], 2000);
        setrlimit(RLIMIT_NOFILE, &before);
        lab_expect(lab, STATE_UNKNOWN, "trucban itself is out of file descriptors");
        assert_true(lab->seen.is_self);
    }
    lab_probe_text(lab, "http", http, 2000);
    assert_int_equal(lab->seen.state, STATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects),
        cmocka_unit_test(is_refused),
        cmocka_unit_test(expects_a_text),
        cmocka_unit_test(caps_what_comes),
        cmocka_unit_test(needs_an_address),
        cmocka_unit_test(limits_connecting),
        cmocka_unit_test(no_descriptor_is_our_own_fault),
    };
    return cmocka_run_group_tests_name("probe_tcp", tests, setup, teardown);
}
