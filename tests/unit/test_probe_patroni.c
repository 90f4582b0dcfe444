/* What the patroni kind says of a cluster, with three nodes that answer as real ones did (and as
 * hostile ones might); engine/patroni*.c with it. */
#include "tests/unit/probe_lab.h"

#include <arpa/inet.h>

#include "engine/patroni_look.h"
#include "tests/unit/canned.h"

#define NODES 3

struct node { /* what it says; NULL: 404, CANNED_SILENT, CANNED_RESET */
    const char *self, *list, *config;
};
static struct cluster {
    struct lab *lab;
    struct canned servers[NODES];
    struct node nodes[NODES];
    char reply[8192], json[1024];
    char list[2048];
} * the;

static const char *answer(void *arg, const char *request)
{
    const struct node *n = arg;
    char path[128];
    if (!canned_http_path(request, path, sizeof path))
        return NULL;
    const char *body = strcmp(path, "/patroni") == 0   ? n->self
                       : strcmp(path, "/cluster") == 0 ? n->list
                       : strcmp(path, "/config") == 0  ? n->config
                                                       : NULL;
    if (body == CANNED_SILENT || body == CANNED_RESET)
        return body;
    snprintf(the->reply, sizeof the->reply, "HTTP/1.0 %s\r\nServer: BaseHTTP/0.6\r\n\r\n%s",
             body != NULL ? "200 OK" : "404 Not Found", body != NULL ? body : "nothing");
    return the->reply;
}

#define ABOUT                                                                                      \
    "\"dcs_last_seen\":%lld,\"database_system_identifier\":\"77\","                                \
    "\"patroni\":{\"version\":\"3.0.2\",\"scope\":\"lab\"}}"

/* Patroni's words, made now: with a fresh dcs_last_seen. */
static const char *self(const char *role, const char *state, const char *more, int dcs_age)
{
    static char text[12][1024];
    static int next;
    char *to = text[next++ % 12];
    snprintf(to, 1024, "{\"state\":\"%s\",\"role\":\"%s\",\"timeline\":7,%s" ABOUT, state, role,
             more, (long long)(loop_wall_ms(the->lab->loop) / 1000 - dcs_age));
    return to;
}
static const char *primary(void)
{
    return self("master", "running", "\"xlog\":{\"location\":83886176},", 1);
}
static const char *replica(void)
{
    return self("replica", "running",
                "\"xlog\":{\"received_location\":83886176,\"replayed_location\":83886176,"
                "\"paused\":false},",
                1);
}

/* The list as the DCS has it: who leads; `extra` follows the members, `lag` is n3's. */
static const char *list(int leader, const char *lag, const char *extra)
{
    struct buf b = BUF_INIT(0);
    buf_adds(&b, "{\"members\":[");
    for (int i = 0; i < NODES; i++)
        buf_addf(&b,
                 "%s{\"name\":\"n%d\",\"role\":\"%s\",\"state\":\"running\",\"api_url\":"
                 "\"http://127.0.0.1:%d/patroni\",\"timeline\":7%s%s}",
                 i > 0 ? "," : "", i + 1, i == leader ? "leader" : "replica", the->servers[i].port,
                 i == leader ? "" : ",\"lag\":", i == leader ? "" : lag);
    buf_addf(&b, "]%s}", extra);
    snprintf(the->list, sizeof the->list, "%s", buf_text(&b));
    buf_release(&b);
    return the->list;
}

#define CONFIG "{\"ttl\":20,\"loop_wait\":2,\"synchronous_mode\":false}"

static void say_all(const char *n1, const char *n2, const char *n3, const char *words)
{
    const char *selves[] = {n1, n2, n3};
    for (int i = 0; i < NODES; i++)
        the->nodes[i] = (struct node){selves[i], words, CONFIG};
}

static void look_more(const char *more, int64_t timeout_ms)
{
    snprintf(
        the->json, sizeof the->json,
        "{\"urls\":[\"http://127.0.0.1:%d\",\"http://127.0.0.1:%d/\",\"http://127.0.0.1:%d\"]%s}",
        the->servers[0].port, the->servers[1].port, the->servers[2].port, more);
    lab_probe_text(the->lab, "patroni", the->json, timeout_ms);
}
static void look(void)
{
    look_more("", 3000);
}

static void expect(enum state state, const char *words)
{
    lab_expect(the->lab, state, words);
}
static void expect_fact(const char *key, const char *value)
{
    const char *found = result_fact_value(&the->lab->seen, key);
    assert_string_equal(found != NULL ? found : "(none)", value);
}
static const struct result *row(const char *name)
{
    const struct result *r = result_row_find(&the->lab->seen, name);
    if (r == NULL)
        fail_msg("no row %s", name);
    return r;
}
static void expect_row(const char *name, const char *key, const char *value)
{
    const char *found = result_fact_value(row(name), key);
    assert_string_equal(found != NULL ? found : "(none)", value);
}
static double row_metric(const char *name, const char *metric)
{
    const struct result *r = row(name);
    for (size_t i = 0; i < r->n_metrics; i++)
        if (strcmp(r->metrics[i].name, metric) == 0)
            return r->metrics[i].value;
    return -1;
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    for (int i = 0; i < NODES; i++)
        canned_open(&the->servers[i], the->lab->loop, "127.0.0.1", answer, &the->nodes[i]);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < NODES; i++)
        canned_close(&the->servers[i]);
    lab_free(the->lab);
    free(the);
    return 0;
}

/* --- what is well, and what every reader takes from it --- */

static void tells_a_healthy_cluster(void **state)
{
    (void)state;
    say_all(primary(), replica(), replica(), list(0, "0", ""));
    look();
    expect(STATE_OK, "leader n1, timeline 7, 3 of 3 members up");
    expect_fact("leader", "n1");
    expect_fact("members", "n1=primary n2=replica n3=replica");
    expect_fact("pause", "off");
    expect_fact("sync", "none");
    expect_fact("sync_mode", "off");
    expect_fact("scope", "lab");
    assert_true(lab_metric(the->lab, "timeline")->value == 7);
    assert_true(lab_metric(the->lab, "up")->value == 3);
    assert_true(lab_metric(the->lab, "lag")->value == 0);
    assert_true(lab_metric(the->lab, "ttl")->value == 20);
    assert_int_equal(the->lab->seen.n_rows, 3);
    expect_row("n1", "role", "primary");
    expect_row("n2", "role", "replica");
    expect_row("n2", "replay", "running");
    expect_row("n2", "nofailover", "no");
    expect_row("n2", "dcs", "seen");
    assert_true(row_metric("n2", "lag") == 0);
    assert_true(row_metric("n2", "timeline") == 7);
    assert_true(row_metric("n2", "dcs_age") >= 1 && row_metric("n2", "dcs_age") <= 4);
    /* the words of 4.x, and its node that tells its own name */
    say_all(self("primary", "running", "\"xlog\":{\"location\":1},", 1), replica(), replica(),
            list(0, "0", ""));
    look();
    expect(STATE_OK, "leader n1, timeline 7, 3 of 3 members up");
}

static void asks_every_node_and_the_list_once(void **state)
{
    int before = 0, after = 0;
    (void)state;
    say_all(primary(), replica(), replica(), list(0, "0", ""));
    for (int i = 0; i < NODES; i++)
        before += the->servers[i].connections;
    look();
    for (int i = 0; i < NODES; i++)
        after += the->servers[i].connections;
    assert_int_equal(after - before, NODES + 2);
}

/* --- what is wrong with the whole --- */

static void tells_two_primaries(void **state)
{
    (void)state;
    say_all(primary(), primary(), replica(), list(0, "0", ""));
    look();
    expect(STATE_CRITICAL, "TWO PRIMARIES: n1, n2");
    assert_null(result_fact_value(&the->lab->seen, "leader"));
    expect_fact("members", "n1=primary n2=primary n3=replica");
}

/* The list names a dead leader until its TTL ends. */
static void does_not_believe_the_list(void **state)
{
    (void)state;
    say_all(CANNED_RESET, replica(), replica(), list(0, "0", ""));
    look();
    expect(STATE_CRITICAL, "no leader: n1 holds the key and does not answer");
    expect_fact("members", "n1=silent n2=replica n3=replica");
    assert_int_equal(row("n1")->state, STATE_CRITICAL);
    assert_string_equal(row("n1")->summary, "connection reset");
    say_all(replica(), replica(), replica(), list(0, "0", ""));
    look();
    expect(STATE_CRITICAL, "no leader: n1 holds the key and says it is replica");
    say_all(replica(), replica(), replica(), list(-1, "0", ""));
    look();
    expect(STATE_CRITICAL, "no leader");
    say_all(replica(), primary(), replica(), list(0, "0", ""));
    look();
    expect(STATE_CRITICAL, "n2 says it is primary, the cluster's list names n1");
}

static void tells_a_lost_dcs(void **state)
{
    const char *blind = self("replica", "running", "\"cluster_unlocked\":true,", 6);
    (void)state;
    say_all(blind, blind, blind, CANNED_RESET);
    look();
    expect(STATE_CRITICAL, "no leader: the DCS is not seen by any node that answers");
    /* the names were told before; the plan of this look is new, so it cannot know them */
    const char *names = ",\"names\":[\"n1\",\"n2\",\"n3\"]";
    say_all(self("master", "running", "\"xlog\":{\"location\":5},", 41), replica(), replica(),
            list(0, "0", ""));
    look_more(names, 3000);
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    if (strncmp(the->lab->words, "n1 has not seen the DCS for 4", 29) != 0)
        fail_msg("%s", the->lab->words);
    assert_int_equal(row("n1")->state, STATE_WARNING);
    expect_row("n1", "dcs", "unseen");
    /* one replica alone: the cluster works */
    say_all(primary(), replica(), blind, list(0, "0", ""));
    look_more(names, 3000);
    expect(STATE_WARNING, "n3 sees no leader key in the DCS");
    /* the leader sees it, but the list cannot be read */
    say_all(primary(), replica(), replica(), CANNED_RESET);
    look_more(names, 3000);
    expect(STATE_WARNING, "the cluster's list of members could not be read");
    expect_fact("leader", "n1");
}

static void tells_that_nothing_answers(void **state)
{
    (void)state;
    say_all(CANNED_RESET, CANNED_RESET, CANNED_RESET, "");
    look();
    expect(STATE_CRITICAL, "no node answers");
    assert_false(the->lab->seen.is_self);
}

static void tells_a_stranger(void **state)
{
    static char other[1024];
    (void)state;
    snprintf(other, sizeof other, "%s", replica());
    memcpy(strstr(other, "\"77\""), "\"78\"", 4);
    say_all(primary(), replica(), other, list(0, "0", ""));
    look();
    expect(STATE_CRITICAL, "n3 belongs to another database system than the leader n1");
}

/* --- what is wrong with one --- */

static void tells_what_a_member_lacks(void **state)
{
    static const struct {
        const char *role, *state, *more, *lag, *extra, *words;
    } rows[] = {
        {"replica", "running", "\"xlog\":{\"replayed_location\":62914656},", "0", "",
         "n3 is 20.0 MiB behind the leader"},
        {"replica", "running", "", "104857600", "", "n3 is 100.0 MiB behind the leader"},
        {"replica", "running", "", "\"unknown\"", "", "how far n3 is behind is not known"},
        {"replica", "running", "\"xlog\":{\"replayed_location\":83886176,\"paused\":true},", "0",
         "", "n3 has paused its replay"},
        {"replica", "running", "\"xlog\":{\"replayed_location\":83886176},\"timeline\":6,", "0", "",
         NULL}, /* a key twice: refused, see below */
        {"replica", "stopped", "", "0", "", "n3 is not running: stopped"},
        {"replica", "running", "\"pending_restart\":true,", "0", "",
         "n3 waits for a restart to take its settings"},
        {"replica", "running", "", "0", ",\"pause\":true",
         "the cluster is paused: there is no automatic failover"},
        {"wizard", "running", "", "0", "", "n3 does not tell a role"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        say_all(primary(), replica(), self(rows[i].role, rows[i].state, rows[i].more, 1),
                list(0, rows[i].lag, rows[i].extra));
        look();
        if (rows[i].words == NULL) {
            expect(STATE_WARNING, "n3 does not answer");
            assert_int_equal(row("n3")->state, STATE_CRITICAL);
            continue;
        }
        expect(STATE_WARNING, rows[i].words);
        expect_fact("leader", "n1");
    }
    expect_row("n2", "role", "replica");
}

static void tells_timelines_and_tags(void **state)
{
    static char late[1024];
    (void)state;
    snprintf(late, sizeof late, "%s", replica());
    *(strstr(late, "\"timeline\":7") + 11) = '6';
    say_all(primary(), replica(), late, list(0, "0", ""));
    look();
    expect(STATE_WARNING, "n3 is on timeline 6, the leader on 7");
    say_all(primary(),
            self("replica", "streaming",
                 "\"xlog\":{\"replayed_location\":83886176},\"sync_standby\":true,"
                 "\"tags\":{\"nofailover\":true},",
                 1),
            replica(),
            list(0, "0",
                 ",\"scheduled_switchover\":{\"at\":\"2030-01-01T00:00:00+07:00\","
                 "\"from\":\"n1\",\"to\":\"n2\"}"));
    look();
    expect(STATE_OK, "leader n1, timeline 7, 3 of 3 members up");
    expect_row("n2", "nofailover", "yes");
    expect_row("n2", "sync", "yes");
    expect_fact("sync", "n2");
    expect_fact("members", "n1=primary n2=sync n3=replica");
    expect_fact("scheduled", "2030-01-01T00:00:00+07:00 n2");
}

/* A frozen node takes the connection and says nothing: the others are judged all the same, and by
 * our limit, not the scheduler's. */
static void does_not_wait_for_a_frozen_node(void **state)
{
    (void)state;
    say_all(primary(), replica(), CANNED_SILENT, list(0, "0", ""));
    look_more("", 600);
    expect(STATE_WARNING, "n3 does not answer");
    assert_true(the->lab->took_ms >= 500 && the->lab->took_ms < 1500);
    expect_row("n3", "answers", "no");
    expect_row("n3", "state", "silent");
    assert_int_equal(row("n3")->state, STATE_CRITICAL);
    /* the list hangs, too, where its DCS is gone */
    say_all(primary(), replica(), replica(), CANNED_SILENT);
    look_more(",\"names\":[\"n1\",\"n2\",\"n3\"]", 600);
    expect(STATE_WARNING, "the cluster's list of members could not be read");
    assert_true(the->lab->took_ms < 1500);
}

static void tells_an_unasked_member(void **state)
{
    (void)state;
    say_all(primary(), replica(), replica(), list(0, "0", ""));
    snprintf(the->json, sizeof the->json,
             "{\"urls\":[\"http://127.0.0.1:%d\",\"http://127.0.0.1:%d\"]}", the->servers[0].port,
             the->servers[1].port);
    lab_probe_text(the->lab, "patroni", the->json, 3000);
    expect(STATE_WARNING, "n3 is a member that is not asked: it is not among the urls");
    expect_row("n3", "role", "replica");
    expect_row("n3", "answers", "no");
    assert_true(row_metric("n3", "lag") == 0);
}

static void takes_no_harm_from_hostile_nodes(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "null",
        "{\"role\":\"master\"}",
        "{\"state\":7}",
        "{\"state\":\"running\",\"role\":[],\"xlog\":7,\"patroni\":\"x\",\"timeline\":-9}",
        "<html>503</html>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        say_all(primary(), replica(), bad[i], list(0, "0", ""));
        look();
        assert_int_equal(the->lab->seen.state, STATE_WARNING);
        assert_false(the->lab->seen.is_self);
        say_all(primary(), replica(), replica(), bad[i]);
        look();
        assert_int_equal(the->lab->seen.state, STATE_WARNING);
    }
    /* names with escapes are cleaned, a hundred members are cut */
    struct buf many = BUF_INIT(0);
    buf_adds(&many, "{\"members\":[7,{},{\"name\":\"\\u001b[31m\",\"role\":\"replica\"}");
    for (int i = 0; i < 100; i++)
        buf_addf(&many, ",{\"name\":\"m%d\",\"api_url\":\"x\"}", i);
    buf_adds(&many, "]}");
    say_all(primary(), replica(), replica(), buf_text(&many));
    look();
    assert_int_equal(the->lab->seen.n_rows, PATRONI_MEMBERS_MAX);
    assert_non_null(result_row_find(&the->lab->seen, "\\x1b[31m"));
    buf_release(&many);
}

static void on_view(void *arg, struct patroni_view *v)
{
    (void)v;
    loop_stop(arg);
}

/* A list that is gone does not take the names with it. */
static void remembers_names(void **state)
{
    char urls[NODES][64], *at[NODES];
    struct option_strings strings = {at, NODES};
    struct http_access none = {0};
    struct patroni_want want = {.urls = &strings, .access = &none};
    struct err e = {""};
    (void)state;
    for (int i = 0; i < NODES; i++) {
        snprintf(urls[i], sizeof urls[i], "http://127.0.0.1:%d", the->servers[i].port);
        at[i] = urls[i];
    }
    struct patroni_plan *plan = patroni_plan_new(&want, &e);
    assert_non_null(plan);
    assert_null(patroni_plan_url(plan, "n2"));
    say_all(primary(), replica(), replica(), list(0, "0", ""));
    patroni_look_start(the->lab->loop, the->lab->env.http, plan, 2000, on_view, the->lab->loop);
    loop_run(the->lab->loop);
    assert_string_equal(patroni_plan_url(plan, "n2"), urls[1]);
    say_all(primary(), replica(), replica(), CANNED_RESET);
    patroni_look_start(the->lab->loop, the->lab->env.http, plan, 2000, on_view, the->lab->loop);
    loop_run(the->lab->loop);
    assert_string_equal(patroni_plan_url(plan, "n3"), urls[2]);
    /* ended in the middle: nothing is told, nothing leaks */
    say_all(CANNED_SILENT, replica(), replica(), list(0, "0", ""));
    patroni_look_cancel(patroni_look_start(the->lab->loop, the->lab->env.http, plan, 2000, on_view,
                                           the->lab->loop));
    patroni_plan_free(plan);
}

static void refuses_bad_options(void **state)
{
    static const char *const bad[][2] = {
        {"{\"urls\":[]}", "expected 1 to 32"},
        {"{\"urls\":[\"ftp://h\"]}", "expected http or https"},
        {"{\"urls\":[\"http://h\"],\"names\":[\"a\",\"b\"]}", "expected one for each"},
        {"{\"urls\":[\"https://h\"],\"client_cert\":\"/x\"}", "go together"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        assert_null(lab_config("patroni", bad[i][0], &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i][0], e.text, bad[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_healthy_cluster),
        cmocka_unit_test(asks_every_node_and_the_list_once),
        cmocka_unit_test(tells_two_primaries),
        cmocka_unit_test(does_not_believe_the_list),
        cmocka_unit_test(tells_a_lost_dcs),
        cmocka_unit_test(tells_that_nothing_answers),
        cmocka_unit_test(tells_a_stranger),
        cmocka_unit_test(tells_what_a_member_lacks),
        cmocka_unit_test(tells_timelines_and_tags),
        cmocka_unit_test(does_not_wait_for_a_frozen_node),
        cmocka_unit_test(tells_an_unasked_member),
        cmocka_unit_test(takes_no_harm_from_hostile_nodes),
        cmocka_unit_test(remembers_names),
        cmocka_unit_test(refuses_bad_options),
    };
    return cmocka_run_group_tests_name("probe_patroni", tests, setup, teardown);
}
