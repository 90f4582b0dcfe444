/* http.h and resolve.h together: names, and that nothing stalls the loop (finding F1, PF3). */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/http.h"
#include "engine/resolve.h"
#include "tests/unit/canned.h"
#include "tests/unit/probe_lab.h"

#define NAMES 200

struct dns { /* a name server of our own: a UDP socket that says nothing, or one fixed answer */
    int fd, port;
    struct loop_fd *watch;
    int asked;
    uint8_t address[4];
    bool answers, has_name;
};

static void dns_open(struct dns *d)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    memset(d, 0, sizeof *d);
    d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(d->fd, (struct sockaddr *)&a, sizeof a), 0);
    getsockname(d->fd, (struct sockaddr *)&a, &len);
    d->port = ntohs(a.sin_port);
}

/* Answers A questions with one address (TTL 1), all else with nothing found. */
static void dns_on_question(void *arg, int fd, int events, int error)
{
    struct dns *d = arg;
    uint8_t packet[1024];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t n = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_len);
    (void)events;
    (void)error;
    if (n < 17)
        return;
    d->asked++;
    if (!d->answers)
        return;
    size_t at = 12;
    while (packet[at] != 0 && at < (size_t)n)
        at += packet[at] + 1u;
    bool is_a = packet[at + 2] == 1;
    size_t end = at + 5;
    packet[2] = 0x81;
    packet[3] = d->has_name ? 0x80 : 0x83; /* NXDOMAIN */
    memset(packet + 6, 0, 6);
    if (d->has_name && is_a) {
        const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4};
        packet[7] = 1;
        memcpy(packet + end, record, sizeof record);
        memcpy(packet + end + sizeof record, d->address, 4);
        end += sizeof record + 4;
    }
    sendto(fd, packet, end, 0, (struct sockaddr *)&from, from_len);
}

struct named { /* a loop whose only name server is a struct dns */
    struct lab *lab;
    struct dns dns;
    struct resolver *resolver;
    struct http *http;
    struct http_plan *plans[NAMES], *numeric;
    int count, replies, self, others;
    double last_tick_ms, stall_ms, other_ms;
};

static void on_tick(void *arg)
{
    struct named *n = arg;
    double now = loop_precise_ms();
    if (n->last_tick_ms > 0 && now - n->last_tick_ms > n->stall_ms)
        n->stall_ms = now - n->last_tick_ms;
    n->last_tick_ms = now;
}

static int setup(void **state)
{
    struct named *n = mem_alloc(sizeof *n);
    char servers[64];
    struct err e;
    n->lab = lab_new(true);
    dns_open(&n->dns);
    n->dns.watch = loop_fd_new(n->lab->loop, n->dns.fd, dns_on_question, &n->dns);
    loop_fd_set(n->dns.watch, LOOP_READ);
    snprintf(servers, sizeof servers, "127.0.0.1:%d", n->dns.port);
    struct resolver_options o = {.servers = servers};
    n->resolver = resolver_new(n->lab->loop, &o, &e);
    assert_non_null(n->resolver);
    n->http = http_new(n->lab->loop, n->resolver, &e);
    assert_non_null(n->http);
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    struct named *n = *state;
    http_free(n->http);
    resolver_free(n->resolver);
    loop_fd_free(n->dns.watch);
    close(n->dns.fd);
    lab_free(n->lab);
    free(n);
    return 0;
}

static void on_reply(void *arg, struct http_reply *r)
{
    struct named *n = arg;
    struct buf words = BUF_INIT(sizeof n->lab->words - 1);
    if (r->say != NULL)
        say_text(&words, r->say, NULL);
    snprintf(n->lab->words, sizeof n->lab->words, "%s", r->say ? buf_text(&words) : "");
    buf_release(&words);
    n->self += r->is_self;
    n->lab->seen.state = r->is_ok ? STATE_OK : STATE_CRITICAL;
    if (--n->replies == 0)
        loop_stop(n->lab->loop);
}

static struct http_plan *plan(const char *host, int port)
{
    char url[256];
    struct err e;
    snprintf(url, sizeof url, "http://%s:%d/ok", host, port);
    struct http_want w = {.url = url};
    struct http_plan *p = http_plan_new(&w, &e);
    assert_non_null(p);
    return p;
}

static void ask(struct named *n, const char *host, int64_t timeout_ms)
{
    struct http_plan *p = plan(host, n->lab->http);
    n->replies = 1;
    http_start(n->http, p, timeout_ms, on_reply, n);
    assert_int_equal(n->replies, 1);
    loop_run(n->lab->loop);
    http_plan_free(p);
}

static int threads(void)
{
    int count = -2; /* . and .. */
    DIR *d = opendir("/proc/self/task");
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

static void on_other(void *arg, struct http_reply *r)
{
    struct named *n = arg;
    assert_true(r->is_ok);
    n->others++;
    n->other_ms = r->total_ms > n->other_ms ? r->total_ms : n->other_ms;
    if (--n->replies == 0)
        loop_stop(n->lab->loop);
}

static void on_begin(void *arg)
{
    struct named *n = arg;
    for (int i = 0; i < n->count; i++)
        http_start(n->http, n->plans[i], 1000, on_reply, n);
}

/* A probe to an address, 100 ms after the names were asked for. */
static void on_meanwhile(void *arg)
{
    struct named *n = arg;
    http_start(n->http, n->numeric, 1000, on_other, n);
}

/* PF3: `count` names, the only name server silent, and one probe to a numeric address meanwhile. */
static void stall(struct named *n, int count)
{
    struct loop_timer *begun = loop_timer_new(n->lab->loop, on_begin, n);
    struct loop_timer *meanwhile = loop_timer_new(n->lab->loop, on_meanwhile, n);
    struct loop_timer *tick = loop_timer_new(n->lab->loop, on_tick, n);
    int64_t rss = lab_rss_kib();
    int before = threads();
    double begin = loop_precise_ms();

    loop_timer_set(tick, 5, 5);
    loop_timer_set(meanwhile, 100, 0);
    n->numeric = plan("127.0.0.1", n->lab->http);
    n->replies = count + 1;
    n->self = n->others = n->dns.asked = 0;
    n->last_tick_ms = n->stall_ms = n->other_ms = 0;
    for (int i = 0; i < count; i++) {
        char host[64];
        snprintf(host, sizeof host, "silent-%d-of-%d.example.test", i, count);
        n->plans[i] = plan(host, 80);
    }
    n->count = count;
    loop_timer_set(begun, 20, 0); /* in the loop's own time, so that starting counts as a stall */
    loop_run(n->lab->loop);
    double took = loop_precise_ms() - begin;
    assert_true(took > 900 && took < 2000);
    assert_true(n->dns.asked >= count);
    assert_true(n->stall_ms <= 100);
    assert_int_equal(threads(), before); /* none for names */
    assert_true(lab_rss_kib() - rss < 20 * 1024);
    /* nobody answered anything: that is our own fault, not that of 200 servers */
    assert_int_equal(n->self, count);
    assert_non_null(strstr(n->lab->words, "no name server answers"));
    assert_int_equal(n->others, 1); /* and whoever needs no name does not notice */
    assert_true(n->other_ms < 300);
    for (int i = 0; i < count; i++)
        http_plan_free(n->plans[i]);
    http_plan_free(n->numeric);
    loop_timer_free(begun);
    loop_timer_free(tick);
    loop_timer_free(meanwhile);
}

static void silent_names_stall_nobody(void **state)
{
    stall(*state, 1);
    stall(*state, NAMES);
}

static void asks_once_and_remembers(void **state)
{
    struct named *n = *state;
    n->dns.answers = n->dns.has_name = true;
    memcpy(n->dns.address, (uint8_t[]){127, 0, 0, 9}, 4);
    n->dns.asked = 0;
    ask(n, "kept.example.test", 300); /* not allowed, so nothing is sent there */
    int asked = n->dns.asked;
    assert_true(asked >= 1 && asked <= 4); /* A and AAAA */
    struct resolve_answer a;
    assert_true(resolve_known(n->resolver, "kept.example.test", &a));
    assert_int_equal(a.n, 1);
    assert_false(a.is_local);
    ask(n, "kept.example.test", 300);
    assert_int_equal(n->dns.asked, asked);
}

/* A name from outside may not lead us to ourselves, to the cloud's metadata, and so on. */
static void refuses_forbidden_addresses(void **state)
{
    struct named *n = *state;
    n->dns.answers = n->dns.has_name = true;
    memcpy(n->dns.address, (uint8_t[]){127, 0, 0, 1}, 4);
    ask(n, "rebound.example.test", 2000);
    assert_string_equal(n->lab->words,
                        "the name rebound.example.test leads to an address that is not allowed");
    memcpy(n->dns.address, (uint8_t[]){169, 254, 169, 254}, 4);
    ask(n, "metadata.example.test", 2000);
    assert_non_null(strstr(n->lab->words, "not allowed"));
    assert_int_equal(n->lab->seen.state, STATE_CRITICAL);
}

static const char *to_the_rebound(void *arg, const char *request)
{
    return strstr(request, "\r\n\r\n") != NULL ? arg : NULL;
}

/* A redirect to a name that was allowed, and that its name server turns to us. */
static void refuses_forbidden_addresses_of_a_redirect(void **state)
{
    struct named *n = *state;
    struct canned home, other;
    char reply[256], url[64], *hosts[] = {"turned.example.test"};
    struct option_strings allowed = {hosts, 1};
    struct err e;

    canned_open(&other, n->lab->loop, "127.0.0.1", to_the_rebound, "HTTP/1.1 200 OK\r\n\r\n");
    snprintf(reply, sizeof reply,
             "HTTP/1.1 302 F\r\nLocation: http://turned.example.test:%d/\r\n\r\n", other.port);
    canned_open(&home, n->lab->loop, "127.0.0.1", to_the_rebound, reply);
    n->dns.answers = n->dns.has_name = true;
    memcpy(n->dns.address, (uint8_t[]){127, 0, 0, 1}, 4);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", home.port);
    struct http_want w = {
        .url = url, .max_redirects = 1, .redirect_hosts = &allowed, .is_redirect_http = true};
    struct http_plan *p = http_plan_new(&w, &e);
    n->replies = 1;
    http_start(n->http, p, 2000, on_reply, n);
    loop_run(n->lab->loop);
    assert_string_equal(n->lab->words,
                        "the name turned.example.test leads to an address that is not allowed");
    assert_int_equal(home.connections, 1);
    assert_int_equal(other.connections, 0);
    http_plan_free(p);
    canned_close(&home);
    canned_close(&other);
}

static void says_that_a_name_is_not_there(void **state)
{
    struct named *n = *state;
    n->dns.answers = true;
    n->dns.has_name = false;
    n->self = 0;
    ask(n, "absent.example.test", 2000);
    assert_string_equal(n->lab->words, "name not found: absent.example.test");
    assert_int_equal(n->self, 0);
}

static void knows_the_hosts_file(void **state)
{
    struct named *n = *state;
    n->dns.asked = 0;
    ask(n, "localhost", 2000);
    assert_int_equal(n->lab->seen.state, STATE_OK);
    assert_int_equal(n->dns.asked, 0);
}

static void knows_addresses(void **state)
{
    struct resolve_answer a;
    char text[64];
    (void)state;
    assert_true(resolve_numeric("127.0.0.1", &a) && a.n == 1 && a.is_local);
    assert_true(resolve_numeric("[::1]", &a));
    assert_string_equal(resolve_text(&a.address[0], text, sizeof text), "::1");
    assert_true(resolve_is_forbidden((struct sockaddr *)&a.address[0]));
    assert_true(resolve_numeric("::ffff:169.254.169.254", &a));
    assert_true(resolve_is_forbidden((struct sockaddr *)&a.address[0]));
    assert_true(resolve_numeric("10.0.0.1", &a));
    assert_false(resolve_is_forbidden((struct sockaddr *)&a.address[0]));
    assert_false(resolve_numeric("0x7f.1", &a));
    assert_false(resolve_numeric("example.test", &a));
}

static void gives_handles_back(void **state)
{
    struct named *n = *state;
    size_t made, in_use;
    for (int i = 0; i < 5; i++)
        ask(n, "127.0.0.1", 2000);
    http_figures(n->http, &made, &in_use);
    assert_int_equal(in_use, 0);
    assert_true(made <= NAMES + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silent_names_stall_nobody),
        cmocka_unit_test(asks_once_and_remembers),
        cmocka_unit_test(refuses_forbidden_addresses),
        cmocka_unit_test(refuses_forbidden_addresses_of_a_redirect),
        cmocka_unit_test(says_that_a_name_is_not_there),
        cmocka_unit_test(knows_the_hosts_file),
        cmocka_unit_test(knows_addresses),
        cmocka_unit_test(gives_handles_back),
    };
    return cmocka_run_group_tests_name("http", tests, setup, teardown);
}
