/* The simulated fleet: scenarios, answers, real sockets, and the shipped sites themselves. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/sim_body.h"
#include "engine/sim_server.h"
#include "engine/site.h"
#include "probes/exposition.h"

/* --- scenarios ------------------------------------------------------------------------------ */

static void a_scenario_says_what_holds_when(void **state)
{
    (void)state;
    static const char text[] = "; a comment\n\nrepeat 100s\n"
                               "10s 20s srv-a-* refuse\n"
                               "  0s 50s srv-b-01\tslow 800ms\n"
                               "15s 90s srv-b-0? error 503\n"
                               "0s 100s flappy flap 4s\n";
    struct sim_scenario s;
    struct site_errors errors = {0};
    assert_true(sim_scenario_parse(&s, "x.drill", text, &errors));
    assert_int_equal(s.n, 4);
    assert_false(sim_condition_at(&s, "srv-a-web", 9999).is_refusing);
    assert_true(sim_condition_at(&s, "srv-a-web", 10000).is_refusing);
    assert_false(sim_condition_at(&s, "srv-a-web", 20000).is_refusing);
    assert_true(sim_condition_at(&s, "srv-a-web", 115000).is_refusing); /* repeated */
    struct sim_condition c = sim_condition_at(&s, "srv-b-01", 16000);
    assert_int_equal(c.slow_ms, 800);
    assert_int_equal(c.error_code, 503);
    assert_int_equal(sim_condition_at(&s, "srv-b-02", 1000).slow_ms, 0);
    assert_true(sim_condition_at(&s, "flappy", 1999).is_refusing);
    assert_false(sim_condition_at(&s, "flappy", 2000).is_refusing);
    assert_true(sim_condition_at(&s, "flappy", 4000).is_refusing);
    sim_scenario_release(&s);
}

static void all_bad_lines_are_told(void **state)
{
    (void)state;
    static const char text[] = "10s 5s a refuse\n1s 2s a refused\n1s 2s a slow\n1s 2s a error 999\n"
                               "1s 2s a\nrepeat\n1 2s a refuse\n1s 2s a refuse now\n";
    struct sim_scenario s;
    struct site_errors errors = {0};
    assert_false(sim_scenario_parse(&s, "x.drill", text, &errors));
    assert_int_equal(errors.n, 8);
    assert_string_equal(errors.v[1].where, "x.drill:2");
    assert_non_null(strstr(errors.v[1].what, "there are: refuse, slow"));
    assert_non_null(strstr(errors.v[3].what, "expected 100 to 599"));
    site_errors_release(&errors);
    sim_scenario_release(&s);
}

/* --- answers -------------------------------------------------------------------------------- */

static void requests_are_parsed(void **state)
{
    (void)state;
    struct sim_request q;
    static const char whole[] = "GET /health?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_int_equal(sim_request_parse(whole, sizeof whole - 1, &q), SIM_REQUEST_WHOLE);
    assert_string_equal(q.path, "/health");
    assert_true(q.is_kept);
    assert_int_equal(q.len, sizeof whole - 1);
    assert_int_equal(sim_request_parse(whole, 20, &q), SIM_REQUEST_PARTIAL);
    static const char closed[] = "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n";
    assert_int_equal(sim_request_parse(closed, sizeof closed - 1, &q), SIM_REQUEST_WHOLE);
    assert_false(q.is_kept);
    assert_true(q.is_head);
    static const char bad[] = "\x16\x03\x01 hello\r\n\r\n";
    assert_int_equal(sim_request_parse(bad, sizeof bad - 1, &q), SIM_REQUEST_BAD);
}

static struct jval *health(const struct sim_condition *c, const char *first_line)
{
    struct sim_request q = {.method = "GET", .path = "/health"};
    struct target t = {.id = (char[]){"srv-a-web-01"}};
    struct sim_ask ask = {.target = &t, .request = &q, .at_ms = 12345, .now = *c};
    struct buf out = BUF_INIT(0);
    sim_answer(&out, &ask);
    assert_int_equal(strncmp(out.bytes, first_line, strlen(first_line)), 0);
    const char *body = strstr(out.bytes, "\r\n\r\n") + 4;
    struct err e;
    struct jval *j = jval_parse(body, strlen(body), &e);
    buf_release(&out);
    return j;
}

static void answers_follow_the_condition(void **state)
{
    (void)state;
    struct sim_condition c = {0};
    struct jval *j = health(&c, "HTTP/1.1 200 OK\r\n");
    assert_string_equal(jval_get_str(j, "status"), "UP");
    assert_in_range(jval_get_int(j, "load", -1), 1, 79);
    jval_free(j);
    c.is_degraded = true;
    j = health(&c, "HTTP/1.1 200 OK\r\n");
    assert_string_equal(jval_get_str(j, "status"), "DEGRADED");
    jval_free(j);
    c = (struct sim_condition){.busy_pct = 88};
    j = health(&c, "HTTP/1.1 200 OK\r\n");
    assert_int_equal(jval_get_int(j, "memory", -1), 88);
    jval_free(j);
    c = (struct sim_condition){.error_code = 503};
    assert_null(health(&c, "HTTP/1.1 503 Service Unavailable\r\n"));
    c = (struct sim_condition){.is_wrong = true};
    assert_null(health(&c, "HTTP/1.1 200 OK\r\n"));
}

/* --- real sockets --------------------------------------------------------------------------- */

static void stop(void *loop)
{
    loop_stop(loop);
}

/* The child serves; its port comes back through the pipe. */
static pid_t serve(const struct fleet *f, const struct sim_scenario *scenario, uint16_t *port)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct err e;
        struct loop *loop = loop_new(&e);
        struct sim *sim = sim_new(loop, f, scenario, 0, &e);
        uint16_t at = sim != NULL ? sim_port(sim) : 0;
        alarm(30);
        loop_signal(loop, SIGTERM, stop, loop);
        if (write(pipes[1], &at, sizeof at) == (ssize_t)sizeof at && sim != NULL)
            loop_run(loop);
        sim_free(sim);
        loop_free(loop);
        _exit(0);
    }
    assert_int_equal(read(pipes[0], port, sizeof *port), sizeof *port);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(*port >= SIM_PORT_FIRST);
    return pid;
}

/* What comes back within 3 s ("" if nothing), or NULL if the port is closed. */
static const char *ask(const char *address, uint16_t port, const char *path, char *out, size_t size)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval limit = {.tv_sec = 3};
    char request[128];
    size_t len = 0;
    ssize_t n;
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool is_open = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", path);
    if (is_open && send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
        while (len + 1 < size && (n = recv(fd, out + len, size - 1 - len, 0)) > 0)
            len += (size_t)n;
    out[len] = '\0';
    close(fd);
    return is_open ? out : NULL;
}

static void servers_answer_refuse_and_hang(void **state)
{
    (void)state;
    static const char text[] = "0s 600s b refuse\n0s 600s c hang\n0s 600s d error 502\n";
    struct sim_scenario scenario;
    struct site_errors errors = {0};
    struct fleet *f = fleet_new();
    char reply[4096];
    uint16_t port = 0;
    assert_true(sim_scenario_parse(&scenario, "t", text, &errors));
    for (int i = 0; i < 4; i++) {
        char id[2] = {(char)('a' + i), '\0'}, address[32];
        snprintf(address, sizeof address, "127.7.43.%d", i + 1);
        fleet_add_target(f, id)->address = strdup(address);
    }
    pid_t pid = serve(f, &scenario, &port);
    usleep(400000); /* the first tick closes what refuses */
    assert_non_null(strstr(ask("127.7.43.1", port, "/health", reply, sizeof reply), "\"UP\""));
    assert_non_null(strstr(ask("127.7.43.1", port, "/nowhere", reply, sizeof reply), " 404 "));
    assert_null(ask("127.7.43.2", port, "/health", reply, sizeof reply));
    assert_string_equal(ask("127.7.43.3", port, "/health", reply, sizeof reply), "");
    assert_non_null(strstr(ask("127.7.43.4", port, "/", reply, sizeof reply), " 502 Bad Gateway"));
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    fleet_free(f);
    sim_scenario_release(&scenario);
}

static void only_loopback_is_served(void **state)
{
    (void)state;
    struct sim_scenario scenario = {0};
    struct err e;
    struct loop *loop = loop_new(&e);
    struct fleet *f = fleet_new();
    fleet_add_target(f, "a")->address = strdup("192.0.2.1");
    assert_null(sim_new(loop, f, &scenario, 0, &e));
    assert_non_null(strstr(e.text, "loopback addresses (127.x.y.z) only"));
    fleet_free(f);
    loop_free(loop);
}

/* --- what is shipped ------------------------------------------------------------------------ */

struct inventory {
    size_t by_kind[TARGET_KIND_COUNT], half_a, linked[2], flows_in_test;
};

static struct inventory counted(const struct fleet *f)
{
    struct inventory n = {0};
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        const char *programme = target_label(t, "programme");
        n.by_kind[t->kind]++;
        n.half_a += t->kind == TARGET_SERVER && strcmp(t->group, "half-a") == 0;
        n.flows_in_test += t->kind == TARGET_FLOW && t->is_test;
        if (t->kind == TARGET_DATABASE && t->link == LINK_DONE)
            n.linked[strcmp(programme, "nq11") == 0]++;
        assert_non_null(t->name.vi);
        assert_non_null(t->name.en);
        assert_true(t->kind != TARGET_SERVER || target_label(t, "role") != NULL);
    }
    return n;
}

static struct site *shipped(const char *path)
{
    struct site_errors errors = {0};
    struct site *s = site_load(path, NULL, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(s);
    struct inventory n = counted(s->fleet);
    assert_int_equal(n.by_kind[TARGET_SERVER], 50);
    assert_int_equal(n.half_a, 25);
    assert_int_equal(n.by_kind[TARGET_COMPONENT], 3);
    assert_int_equal(n.by_kind[TARGET_FLOW], 12);
    assert_int_equal(n.flows_in_test, 12);
    assert_int_equal(n.by_kind[TARGET_DATABASE], 118);
    assert_int_equal(n.linked[0], 3);
    assert_int_equal(n.linked[1], 26);
    assert_int_equal(n.by_kind[TARGET_HOTLINE], 11);
    assert_true(s->fleet->is_sample);
    return s;
}

static void the_shipped_sites_are_whole(void **state)
{
    (void)state;
    struct site *s = shipped("sites/dvcqg/site.json");
    size_t n_targets = s->fleet->n_targets;
    site_free(s);
    s = shipped("sites/drill/site.json"); /* the same, at loopback addresses, with receivers */
    assert_int_equal(s->n_receivers, 3);
    assert_int_equal(s->fleet->n_targets, n_targets + s->n_receivers);
    for (size_t i = 0; i < s->fleet->n_targets; i++)
        if (s->fleet->targets[i]->address != NULL)
            assert_int_equal(strncmp(s->fleet->targets[i]->address, "127.9.", 6), 0);
    site_free(s);
}

static void the_first_minute_shows_everything(void **state)
{
    (void)state;
    struct sim_scenario s;
    struct site_errors errors = {0};
    assert_true(sim_scenario_load(&s, "sites/drill/first-minute.drill", &errors));
    int seen[SIM_FAULT_COUNT] = {0};
    for (size_t i = 0; i < s.n; i++)
        seen[s.lines[i].fault] += s.lines[i].from_ms < 60000;
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        assert_true(seen[i] > 0);
    assert_true(sim_condition_at(&s, "srv-a-cache-01", 30000).error_code == 500);
    assert_true(sim_condition_at(&s, "srv-a-cache-01", 45000).error_code == 0); /* recovered */
    sim_scenario_release(&s);
    assert_false(sim_scenario_load(&s, "sites/drill/nothing.drill", &errors));
    assert_int_equal(errors.n, 1);
    site_errors_release(&errors);
    sim_scenario_release(&s);
}

/* --- a server's page of series -------------------------------------------------------------- */

struct seen_node {
    double idle, all, memory; /* seconds, seconds, share available */
};

static void on_series(void *arg, const struct exposition_sample *s)
{
    struct seen_node *seen = arg;
    size_t len;
    const char *mode = exposition_value(s, "mode", &len);
    bool is_cpu = strncmp(s->name, "node_cpu_seconds_total", s->name_len) == 0;
    seen->all += is_cpu ? s->value : 0;
    seen->idle += is_cpu && strncmp(mode, "idle", len) == 0 ? s->value : 0;
    if (strncmp(s->name, "node_memory_MemAvailable_bytes", s->name_len) == 0)
        seen->memory = s->value / (32 * 1073741824.0);
}

static struct seen_node node_at(int64_t at_ms, int busy_pct)
{
    struct target t = {.id = (char *)"srv-a-web-01"};
    struct sim_ask ask = {.target = &t,
                          .at_ms = at_ms,
                          .wall_ms = 1772693000000 + at_ms,
                          .now = {.busy_pct = busy_pct}};
    struct seen_node seen = {0};
    struct exposition_tally tally;
    struct buf page = BUF_INIT(0);
    assert_int_equal(sim_node_body(&page, &ask), 200);
    exposition_read(buf_text(&page), page.len, on_series, &seen, &tally);
    assert_int_equal(tally.odd + tally.twice, 0);
    assert_true(tally.samples > 25);
    buf_release(&page);
    return seen;
}

/* Counters only rise, and together as fast as the clock; the condition shows. */
static void a_server_has_a_page_of_series(void **state)
{
    (void)state;
    struct seen_node was = node_at(0, 0);
    for (int64_t at_ms = 2000; at_ms < 300000; at_ms += 2000) {
        struct seen_node now = node_at(at_ms, 0);
        double span = now.all - was.all, idle = now.idle - was.idle;
        assert_true(span > 7.9 && span < 8.1); /* four processors, 2 s */
        assert_true(idle > 0.4 * span && idle < span);
        was = now;
    }
    double available = node_at(4000, 91).memory;
    assert_true(available > 0.0899 && available < 0.0901);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_has_a_page_of_series),
        cmocka_unit_test(a_scenario_says_what_holds_when),
        cmocka_unit_test(all_bad_lines_are_told),
        cmocka_unit_test(requests_are_parsed),
        cmocka_unit_test(answers_follow_the_condition),
        cmocka_unit_test(servers_answer_refuse_and_hang),
        cmocka_unit_test(only_loopback_is_served),
        cmocka_unit_test(the_shipped_sites_are_whole),
        cmocka_unit_test(the_first_minute_shows_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
