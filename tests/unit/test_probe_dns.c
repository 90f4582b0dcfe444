/* The dns kind, against a name server of our own; and the reading of replies alone. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "core/text.h"
#include "engine/dns_message.h"
#include "tests/unit/probe_lab.h"

/* --- a name server: its answers by the first letter of the name --- */

struct packet {
    uint8_t bytes[1024];
    size_t len;
};

static void put(struct packet *p, const void *bytes, size_t len)
{
    assert_true(p->len + len <= sizeof p->bytes);
    memcpy(p->bytes + p->len, bytes, len);
    p->len += len;
}

static void put16(struct packet *p, unsigned v)
{
    uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    put(p, b, 2);
}

/* "mail.lab" as labels. */
static size_t labels(uint8_t *out, const char *name)
{
    size_t n = 0;
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        out[n++] = (uint8_t)len;
        memcpy(out + n, name, len);
        n += len;
        name += len + (name[len] == '.');
    }
    out[n++] = 0;
    return n;
}

/* A record about the name in the question. */
static void put_record(struct packet *p, int type, uint32_t ttl, const void *data, size_t len)
{
    put16(p, 0xC00C);
    put16(p, (unsigned)type);
    put16(p, 1);
    put16(p, ttl >> 16);
    put16(p, ttl & 0xFFFF);
    put16(p, (unsigned)len);
    put(p, data, len);
    p->bytes[7]++;
}

static void put_answers(struct packet *p, int type)
{
    uint8_t data[300];
    size_t n;

    switch (type) {
    case 1:
        n = labels(data, "real.lab");
        put_record(p, 5, 60, data, n); /* an alias first, as resolvers do */
        put_record(p, 1, 300, "\xc0\x00\x02\x01", 4);
        put_record(p, 1, 120, "\xc0\x00\x02\x02", 4);
        return;
    case 28:
        put_record(p, 28, 60, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
        return;
    case 15:
        data[0] = 0;
        data[1] = 10;
        n = labels(data + 2, "mail.lab") + 2;
        put_record(p, 15, 60, data, n);
        return;
    case 16:
        put_record(p, 16, 60, "\x07v=spf1 \x04\x1b[-a", 13);
        return;
    case 6:
        n = labels(data, "ns1.lab");
        n += labels(data + n, "admin.lab");
        memcpy(data + n, "\x78\xc4\x7e\x1d\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 20);
        put_record(p, 6, 60, data, n + 20);
        return;
    default: /* CNAME, NS, PTR: a name that points into the question */
        put_record(p, type, 60, "\x05other\xc0\x0c", 8);
    }
}

static void serve_one(int fd)
{
    struct packet q = {.len = 0}, p = {.len = 0};
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t n = recvfrom(fd, q.bytes, sizeof q.bytes, 0, (struct sockaddr *)&from, &from_len);
    if (n < 17)
        return;
    size_t end = 12;
    while (q.bytes[end] != 0)
        end += q.bytes[end] + 1u;
    int type = q.bytes[end + 1] << 8 | q.bytes[end + 2];
    char first = (char)q.bytes[13];
    put(&p, q.bytes, end + 5);
    p.bytes[2] = 0x81;
    p.bytes[3] = 0x80;
    memset(p.bytes + 6, 0, 6);
    if (first == 'x')
        p.bytes[3] |= 3;
    else if (first == 'f')
        p.bytes[3] |= 2;
    else if (first == 'r')
        p.bytes[3] |= 5;
    else if (first == 'n')
        p.bytes[3] |= 4;
    else if (first == 'b') /* broken: says that there is a record, and there is none */
        p.bytes[7] = 1;
    else if (first != 'e') /* e: nothing at all */
        put_answers(&p, type);
    if (first != 's') /* s: silence */
        sendto(fd, p.bytes, p.len, 0, (struct sockaddr *)&from, from_len);
}

struct names {
    struct lab *lab;
    pid_t server;
    int port;
};

static int setup(void **state)
{
    struct names *t = mem_alloc(sizeof *t);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    t->port = ntohs(a.sin_port);
    t->server = fork();
    if (t->server == 0)
        for (;;)
            serve_one(fd);
    close(fd);
    t->lab = lab_new(false);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct names *t = *state;
    kill(t->server, SIGKILL);
    waitpid(t->server, NULL, 0);
    lab_free(t->lab);
    free(t);
    return 0;
}

static void look(struct names *t, const char *name, const char *more, int64_t timeout_ms)
{
    char json[400];
    snprintf(json, sizeof json, "{\"name\":\"%s\",\"server\":\"127.0.0.1:%d\"%s}", name, t->port,
             more);
    lab_probe_text(t->lab, "dns", json, timeout_ms);
}

static void tells_every_type(void **state)
{
    struct names *t = *state;
    static const char *const looks[][2] = {
        {"A", "answers 192.0.2.1, 192.0.2.2"}, {"AAAA", "answers 2001:db8::1"},
        {"MX", "answers 10 mail.lab"},         {"TXT", "answers v=spf1 \\x1b[-a"},
        {"NS", "answers other.www.lab"},       {"CNAME", "answers other.www.lab"},
        {"PTR", "answers other.www.lab"},      {"SOA", "answers ns1.lab admin.lab 2026143261"}};

    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        char more[32];
        snprintf(more, sizeof more, ",\"type\":\"%s\"", looks[i][0]);
        look(t, "www.lab", more, 3000);
        lab_expect(t->lab, STATE_OK, looks[i][1]);
        assert_true(t->lab->seen.latency_ms >= 0);
        assert_string_equal(result_fact_value(&t->lab->seen, "rcode"), "NOERROR");
    }
    assert_true(lab_metric(t->lab, "serial")->value == 2026143261.0);
    look(t, "www.lab", "", 3000);
    assert_true(lab_metric(t->lab, "ttl")->value == 120);
    assert_true(lab_metric(t->lab, "answers")->value == 2);
    assert_string_equal(result_fact_value(&t->lab->seen, "answer"), "192.0.2.1, 192.0.2.2");
}

static void compares_with_what_is_expected(void **state)
{
    struct names *t = *state;

    look(t, "www.lab", ",\"expect\":[\"192.0.2.2\",\"192.0.2.1\"]", 3000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
    look(t, "www.lab", ",\"expect\":\"192.0.2.9\"", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "192.0.2.9 is not among the answers: 192.0.2.1, 192.0.2.2");
    look(t, "www.lab", ",\"type\":\"MX\",\"expect\":\"10 MAIL.lab.\"", 3000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
    look(t, "www.lab", ",\"type\":\"AAAA\",\"expect\":\"2001:DB8:0::1\"", 3000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
    look(t, "192.0.2.7", ",\"type\":\"PTR\",\"expect\":\"other.7.2.0.192.in-addr.arpa\"", 3000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
}

static void tells_refusals_in_words(void **state)
{
    struct names *t = *state;

    look(t, "x.lab", "", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "there is no such name: x.lab");
    assert_string_equal(result_fact_value(&t->lab->seen, "rcode"), "NXDOMAIN");
    look(t, "f.lab", "", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "the name server failed to answer for f.lab (SERVFAIL)");
    look(t, "r.lab", "", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "the name server refuses to answer for r.lab (REFUSED)");
    look(t, "n.lab", "", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "the name server answers NOTIMP for n.lab");
    look(t, "e.lab", ",\"type\":\"MX\"", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "there is no MX record of e.lab");
    look(t, "b.lab", "", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "malformed reply");
}

static void silence_and_refusal_end(void **state)
{
    struct names *t = *state;

    look(t, "s.lab", "", 400);
    lab_expect(t->lab, STATE_CRITICAL, "no answer within 400 ms");
    assert_true(t->lab->took_ms >= 390 && t->lab->took_ms < 900);
    assert_false(t->lab->seen.is_self);
    lab_probe_text(t->lab, "dns", "{\"name\":\"a.lab\",\"server\":\"127.0.0.1:1\"}", 3000);
    lab_expect(t->lab, STATE_CRITICAL, "connection refused");
}

static void no_descriptor_is_our_own_fault(void **state)
{
    struct names *t = *state;
    struct rlimit before, low;
    int next = dup(0);

    getrlimit(RLIMIT_NOFILE, &before);
    close(next);
    low = before;
    low.rlim_cur = (rlim_t)next;
    setrlimit(RLIMIT_NOFILE, &low);
    look(t, "www.lab", "", 2000);
    setrlimit(RLIMIT_NOFILE, &before);
    lab_expect(t->lab, STATE_UNKNOWN, "trucban itself is out of file descriptors");
    assert_true(t->lab->seen.is_self);
    look(t, "www.lab", "", 2000);
    assert_int_equal(t->lab->seen.state, STATE_OK);
}

static void takes_only_addresses_as_servers(void **state)
{
    (void)state;
    static const char *const good[] = {"192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53", "::1"};
    static const char *const bad[] = {
        "ns1.lab", "",      "192.0.2.53,192.0.2.54", "1.2.3", "192.0.2.53:0", "192.0.2.53:65536",
        "[::1",    "[::1]x"};
    struct err e;
    char json[128];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(json, sizeof json, "{\"name\":\"a\",\"server\":\"%s\"}", good[i % 4]);
        void *config = lab_config("dns", json, &e);
        if (config == NULL)
            fail_msg("%s: %s", good[i % 4], e.text);
        lab_config_free("dns", config);
        snprintf(json, sizeof json, "{\"name\":\"a\",\"server\":\"%s\"}", bad[i]);
        if (lab_config("dns", json, &e) != NULL)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(e.text, "expected an address"));
    }
}

/* Every cut, and every byte changed: never beyond the end, never unclean. */
static void survives_damaged_replies(void **state)
{
    (void)state;
    static const int types[] = {1, 28, 5, 15, 2, 12, 6, 16};
    struct packet p = {.len = 0};
    struct dns_answer a;

    put(&p, "\0\1\x81\x80\0\1\0\0\0\0\0\0\3www\3lab\0\0\1\0\1", 25);
    for (size_t i = 0; i < 8; i++)
        put_answers(&p, types[i]);
    for (int type = 0; dns_type_names[type] != NULL; type++) {
        assert_int_equal(dns_type_numbers[type], types[type]);
        assert_true(dns_message_read(p.bytes, p.len, (enum dns_type)type, &a) && a.n > 0);
        dns_answer_release(&a);
        for (size_t len = 0; len < p.len; len++) {
            uint8_t *cut = mem_alloc(len + 1); /* of its own, so that the sanitiser sees the end */
            memcpy(cut, p.bytes, len);
            dns_message_read(cut, len, (enum dns_type)type, &a);
            dns_answer_release(&a);
            free(cut);
        }
        for (size_t at = 0; at < p.len; at++)
            for (int v = 0; v < 256; v += 3) {
                struct packet bad = p;
                bad.bytes[at] = (uint8_t)v;
                dns_message_read(bad.bytes, bad.len, (enum dns_type)type, &a);
                for (size_t i = 0; i < a.n; i++)
                    assert_true(text_is_clean(a.values[i]));
                dns_answer_release(&a);
            }
    }
}

static void pointers_in_a_circle_end(void **state)
{
    (void)state;
    struct dns_answer a;
    static const uint8_t circle[] =
        "\0\1\x81\x80\0\0\0\1\0\0\0\0\xc0\x0c\0\2\0\1\0\0\0\1\0\2\xc0\x0c";
    assert_false(dns_message_read(circle, sizeof circle - 1, DNS_NS, &a));
    dns_answer_release(&a);
}

static void turns_addresses_round(void **state)
{
    (void)state;
    char out[80], code[24];
    assert_true(dns_reverse_name("192.0.2.7", out));
    assert_string_equal(out, "7.2.0.192.in-addr.arpa");
    assert_true(dns_reverse_name("2001:db8::1", out));
    assert_string_equal(out,
                        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    assert_false(dns_reverse_name("www.lab", out));
    assert_string_equal(dns_rcode_text(11, code), "RCODE 11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_type),
        cmocka_unit_test(compares_with_what_is_expected),
        cmocka_unit_test(tells_refusals_in_words),
        cmocka_unit_test(silence_and_refusal_end),
        cmocka_unit_test(no_descriptor_is_our_own_fault),
        cmocka_unit_test(takes_only_addresses_as_servers),
        cmocka_unit_test(survives_damaged_replies),
        cmocka_unit_test(pointers_in_a_circle_end),
        cmocka_unit_test(turns_addresses_round),
    };
    return cmocka_run_group_tests_name("probe_dns", tests, setup, teardown);
}
