/* HAProxy's runtime socket: commands made of safe names only (faults.md HI7), the conversation, the
 * table of servers, and what the haproxy kind says of them. */
#include "tests/unit/probe_lab.h"

#include <sys/stat.h>

#include "engine/haproxy.h"
#include "tests/unit/canned.h"
#include "tests/unit/scratch.h"

static struct field {
    struct lab *lab;
    struct canned server, unix_server;
    struct scratch dir;
    char path[300];
    const char *reply; /* what it says to any line */
    char json[1024];
    struct haproxy_reply last;
    char last_words[512];
} * the;

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    return strchr(request, '\n') != NULL ? the->reply : NULL;
}

/* The head of 2.6, shortened; columns in another order must do as well. */
#define HEAD                                                                                       \
    "# pxname,svname,qcur,scur,status,weight,lastchg,sid,type,check_status,check_code,last_chk,\n"
#define LINE(name, sessions, status, check)                                                        \
    "bk," name ",0," sessions "," status ",100,7,1,2," check ",200,\"a, \"\"b\"\"\",\n"
#define BACKEND "bk,BACKEND,0,9,UP,300,7,0,1,,,,\n"

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    scratch_make(&the->dir);
    scratch_path(&the->dir, "s", the->path);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    canned_open(&the->unix_server, the->lab->loop, the->path, answer, NULL);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->server);
    canned_close(&the->unix_server);
    scratch_remove(&the->dir);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void look_at(const char *where, const char *more, int64_t timeout_ms)
{
    snprintf(the->json, sizeof the->json, "{%s,\"backend\":\"bk\"%s}", where, more);
    lab_probe_text(the->lab, "haproxy", the->json, timeout_ms);
}
static void look(const char *reply, const char *more)
{
    char where[256];
    the->reply = reply;
    snprintf(where, sizeof where, "\"host\":\"127.0.0.1\",\"port\":%d", the->server.port);
    look_at(where, more, 2000);
}
static void expect(enum state state, const char *words)
{
    lab_expect(the->lab, state, words);
}
static double metric(const char *name)
{
    const struct metric *m = lab_metric(the->lab, name);
    return m != NULL ? m->value : -1;
}
static const struct result *row(const char *id)
{
    const struct result *r = result_row_find(&the->lab->seen, id);
    if (r == NULL)
        fail_msg("no row %s", id);
    return r;
}

static void counts_servers(void **state)
{
    (void)state;
    look(HEAD LINE("s1", "2", "UP", "L7OK") LINE("s2", "3", "UP 1/2", "* L7OK")
             LINE("s3", "", "no check", "") BACKEND "\n",
         "");
    expect(STATE_OK, "3 of 3 servers up");
    assert_string_equal(buf_text(&the->server.got), "show stat bk 4 -1\n");
    assert_true(metric("up") == 3 && metric("total") == 3 && metric("down") == 0);
    assert_true(metric("sessions") == 5 && metric("up_pct") == 100);
    assert_int_equal(the->lab->seen.n_rows, 3);
    assert_string_equal(result_fact_value(row("bk/s2"), "status"), "UP 1/2");
    assert_string_equal(result_fact_value(row("bk/s2"), "check"), "L7OK");
    assert_string_equal(result_fact_value(row("bk/s2"), "weight"), "100");
    assert_int_equal(row("bk/s3")->state, STATE_OK);
    assert_string_equal(result_fact_value(&the->lab->seen, "out"), "none");
}

static void names_who_takes_no_traffic(void **state)
{
    static const struct {
        const char *reply;
        enum state state;
        const char *words;
    } rows[] = {
        {HEAD LINE("s1", "0", "UP", "L7OK") LINE("s2", "0", "DOWN", "* L7TOUT"), STATE_WARNING,
         "1 of 2 servers up: s2 DOWN (L7TOUT)"},
        {HEAD LINE("s1", "0", "UP", "L7OK") LINE("s2", "0", "DOWN 1/2", "L7OK"), STATE_WARNING,
         "1 of 2 servers up: s2 DOWN 1/2 (L7OK)"},
        {HEAD LINE("s1", "0", "UP", "") LINE("s2", "0", "DRAIN (agent)", "")
             LINE("s3", "0", "MAINT (via bk/s1)", ""),
         STATE_OK, "1 of 3 servers up: s2 DRAIN (agent), s3 MAINT (via bk/s1)"},
        {HEAD LINE("s1", "0", "UP", "") LINE("s2", "0", "NOLB", ""), STATE_WARNING,
         "1 of 2 servers up: s2 NOLB"},
        {HEAD LINE("s1", "0", "UP", "") LINE("s2", "0", "ODD", ""), STATE_WARNING,
         "1 of 2 servers up: s2 ODD"},
        {HEAD LINE("s1", "0", "MAINT", "") LINE("s2", "0", "DOWN", "L4CON"), STATE_CRITICAL,
         "none of 2 servers is up: s1 MAINT, s2 DOWN (L4CON)"},
        {HEAD LINE("a", "0", "UP", "") LINE("b", "0", "DOWN", "") LINE("c", "0", "DOWN", "")
             LINE("d", "0", "DOWN", "") LINE("e", "0", "DOWN", "") LINE("f", "0", "DOWN", "")
                 LINE("g", "0", "DOWN", "") LINE("h", "0", "DOWN", ""),
         STATE_WARNING, "1 of 8 servers up: b DOWN, c DOWN, d DOWN, e DOWN, f DOWN, …"},
        {HEAD BACKEND, STATE_CRITICAL, "HAProxy has no servers in a backend bk"},
        {HEAD "\n", STATE_CRITICAL, "HAProxy has no servers in a backend bk"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look(rows[i].reply, "");
        expect(rows[i].state, rows[i].words);
    }
}

static void wants_the_servers_it_is_told(void **state)
{
    const char *reply = HEAD LINE("s1", "0", "UP", "") LINE("s2", "0", "DOWN", "");
    (void)state;
    look(reply, ",\"servers\":[\"s1\"]");
    expect(STATE_OK, "1 of 1 servers up");
    look(reply, ",\"servers\":[\"s1\",\"s9\"]");
    expect(STATE_CRITICAL, "the server s9 is not in the backend bk");
}

static void says_what_came_instead(void **state)
{
    static const char *const rows[][2] = {
        {"Permission denied\n", "HAProxy refuses: Permission denied"},
        {"Unknown command: 'x', but maybe\n  show stat\n",
         "HAProxy refuses: Unknown command: 'x', but maybe"},
        {"\n", "an empty answer, expected a table of servers"},
        {"HTTP/1.1 400 Bad Request\r\n\r\n",
         "this is not HAProxy's runtime socket: HTTP/1.1 400 Bad Request"},
        {"\x1b[31m\n", "this is not HAProxy's runtime socket: \\x1b[31m"},
        {"# pxname,svname\nbk,s1\n", "this is not HAProxy's runtime socket: # pxname,svname"},
        {"#", "this is not HAProxy's runtime socket: #"},
        {"", "connection closed without a reply"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look(rows[i][0], "");
        expect(STATE_CRITICAL, rows[i][1]);
        assert_false(the->lab->seen.is_self);
    }
    look(CANNED_RESET, "");
    expect(STATE_CRITICAL, "connection reset");
}

static void reads_odd_tables(void **state)
{
    char *say = NULL;
    struct haproxy_stat s;
    struct buf b = BUF_INIT(0);
    const char *text = "# type,status,svname,pxname\r\n2,UP,\"s,1\",\"b\"\"k\"\r\n2\n,,,\n2,UP,\"";
    (void)state;
    assert_true(haproxy_read_stat(&s, text, strlen(text), &say)); /* no check, no weight: unknown */
    assert_int_equal(s.n, 3);
    assert_string_equal(s.v[0].name, "s,1");
    assert_int_equal(s.v[0].weight, -1);
    assert_int_equal(s.v[1].state, HAPROXY_STRANGE);
    haproxy_stat_release(&s);
    /* more servers and columns than anyone has: cut, not crashed */
    buf_adds(&b, HEAD);
    for (int i = 0; i < 5000; i++)
        buf_addf(&b, "bk,s%d,0,0,UP,1,1,1,2,,,\n", i);
    for (int i = 0; i < 4000; i++)
        buf_addc(&b, ',');
    assert_true(haproxy_read_stat(&s, b.bytes, b.len, &say));
    assert_int_equal(s.n, HAPROXY_SERVERS_MAX);
    assert_true(s.is_cut);
    haproxy_stat_release(&s);
    buf_release(&b);
}

static void tells_time_and_size(void **state)
{
    char where[256];
    struct buf big = BUF_INIT(0);
    (void)state;
    the->reply = CANNED_SILENT;
    snprintf(where, sizeof where, "\"port\":%d", the->server.port); /* the target's address */
    look_at(where, "", 400);
    expect(STATE_CRITICAL, "no answer within 400 ms");
    assert_true(the->lab->took_ms >= 350 && the->lab->took_ms < 1500);
    while (big.len <= HAPROXY_REPLY_MAX)
        buf_adds(&big, HEAD);
    look(buf_text(&big), "");
    expect(STATE_CRITICAL, "reply over 512 KiB");
    buf_release(&big);
}

static void speaks_by_path(void **state)
{
    char where[512];
    (void)state;
    the->reply = HEAD LINE("s1", "0", "UP", "");
    snprintf(where, sizeof where, "\"socket\":\"%s\"", the->path);
    look_at(where, "", 2000);
    expect(STATE_OK, "1 of 1 servers up");
    snprintf(where, sizeof where, "\"socket\":\"%s-none\"", the->path);
    look_at(where, "", 2000);
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(the->lab->words, "there is no socket /"));
    if (geteuid() != 0) { /* root may */
        chmod(the->path, 0);
        snprintf(where, sizeof where, "\"socket\":\"%s\"", the->path);
        look_at(where, "", 2000);
        assert_int_equal(the->lab->seen.state, STATE_UNKNOWN);
        assert_non_null(strstr(the->lab->words, "is closed to this account"));
        assert_true(the->lab->seen.is_self);
    }
    char deep[200];
    memset(deep, 'a', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    snprintf(where, sizeof where, "\"socket\":\"/%s\"", deep);
    look_at(where, "", 2000);
    assert_int_equal(the->lab->seen.state, STATE_UNKNOWN);
}

/* --- HI7 --- */

static const char *const bad_names[] = {
    "",      "s1;shutdown sessions",
    "s1\n",  "a\rb",
    "a b",   "a\tb",
    "a/b",   "s1%",
    "<",     "'",
    "\"",    "é",
    "a\x01", "0123456789012345678901234567890123456789012345678901234567890123x"};

static void refuses_names_at_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        char out[HAPROXY_COMMAND_MAX];
        struct err e = {""};
        assert_false(haproxy_is_name(bad_names[i]));
        assert_false(haproxy_show_stat(out, bad_names[i], &e));
        assert_non_null(strstr(e.text, "refused name"));
        assert_false(haproxy_set_state(out, "bk", bad_names[i], HAPROXY_DRAIN, &e));
        assert_false(haproxy_set_state(out, bad_names[i], "s1", HAPROXY_DRAIN, &e));
        assert_false(haproxy_set_weight(out, "bk", bad_names[i], 1, &e));
    }
    static const char *const bad[][2] = {
        {"{\"port\":1,\"backend\":\"bk;x\"}", "refused name \"bk;x\" of a backend"},
        {"{\"port\":1,\"backend\":\"bk\\nx\"}", "refused name \"bk x\" of a backend"},
        {"{\"port\":1,\"backend\":\"bk\",\"servers\":[\"s1\",\"s 2\"]}", "refused name \"s 2\""},
        {"{\"backend\":\"bk\"}", "either \"socket\""},
        {"{\"port\":1,\"socket\":\"/x\",\"backend\":\"bk\"}", "either \"socket\""},
        {"{\"socket\":\"x\",\"backend\":\"bk\"}", "not an absolute path"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        assert_null(lab_config("haproxy", bad[i][0], &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i][0], e.text, bad[i][1]);
    }
}

static void on_reply(void *arg, struct haproxy_reply *r)
{
    struct buf words = BUF_INIT(sizeof the->last_words - 1);
    the->last = *r;
    if (r->say != NULL)
        say_text(&words, r->say, NULL);
    snprintf(the->last_words, sizeof the->last_words, "%s", buf_text(&words));
    buf_release(&words);
    loop_stop(arg);
}

static void say(const char *command)
{
    struct haproxy_want want = {.socket = the->path, .command = command, .timeout_ms = 2000};
    haproxy_start(the->lab->loop, the->lab->env.resolver, &want, on_reply, the->lab->loop);
    loop_run(the->lab->loop);
}

/* The last guard: a command that got here by any other way opens nothing and sends nothing. */
static void sends_nothing_of_a_bad_command(void **state)
{
    static const char *const bad[] = {"",
                                      "show stat;disable server bk/s1",
                                      "set server bk/s1 state drain\nset server bk/s2 state drain",
                                      "set server bk/\xc3\xa9 state drain",
                                      "show stat <<",
                                      "show stat \"x\""};
    char longer[HAPROXY_COMMAND_MAX + 8];
    int before = the->unix_server.connections;
    size_t bytes = the->unix_server.got.len;
    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        say(i < sizeof bad / sizeof bad[0] ? bad[i] : longer);
        assert_false(the->last.is_ok);
        assert_false(the->last.is_sent);
        assert_true(the->last.is_self);
        assert_string_equal(the->last_words, "refused command: nothing was sent");
    }
    assert_int_equal(the->unix_server.connections, before);
    assert_int_equal(the->unix_server.got.len, bytes);
}

static void knows_done_from_refused(void **state)
{
    char command[HAPROXY_COMMAND_MAX], *why = NULL;
    struct err e;
    (void)state;
    the->reply = "\n";
    assert_true(haproxy_set_state(command, "bk", "s1", HAPROXY_DRAIN, &e));
    assert_string_equal(command, "set server bk/s1 state drain");
    buf_clear(&the->unix_server.got);
    say(command);
    assert_true(the->last.is_ok && the->last.is_sent);
    assert_string_equal(buf_text(&the->unix_server.got), "set server bk/s1 state drain\n");
    assert_true(haproxy_is_done("\n", 1, &why));
    assert_true(haproxy_is_done("", 0, &why));
    assert_false(haproxy_is_done("No such server.\n\n", 17, &why));
    struct buf words = BUF_INIT(200);
    say_text(&words, why, NULL);
    assert_string_equal(buf_text(&words), "HAProxy refuses: No such server.");
    buf_release(&words);
    free(why);
    assert_true(haproxy_set_weight(command, "bk", "s1", 0, &e));
    assert_string_equal(command, "set server bk/s1 weight 0");
    assert_false(haproxy_set_weight(command, "bk", "s1", 257, &e));
    /* no answer after it was sent: it may have been done */
    the->reply = CANNED_SILENT;
    struct haproxy_want want = {.socket = the->path, .command = command, .timeout_ms = 200};
    haproxy_start(the->lab->loop, the->lab->env.resolver, &want, on_reply, the->lab->loop);
    loop_run(the->lab->loop);
    assert_true(!the->last.is_ok && the->last.is_sent);
    haproxy_cancel(
        haproxy_start(the->lab->loop, the->lab->env.resolver, &want, on_reply, the->lab->loop));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_servers),
        cmocka_unit_test(names_who_takes_no_traffic),
        cmocka_unit_test(wants_the_servers_it_is_told),
        cmocka_unit_test(says_what_came_instead),
        cmocka_unit_test(reads_odd_tables),
        cmocka_unit_test(tells_time_and_size),
        cmocka_unit_test(speaks_by_path),
        cmocka_unit_test(refuses_names_at_load),
        cmocka_unit_test(sends_nothing_of_a_bad_command),
        cmocka_unit_test(knows_done_from_refused),
    };
    return cmocka_run_group_tests_name("probe_haproxy", tests, setup, teardown);
}
