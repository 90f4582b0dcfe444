/* The kind sync: a list of databases over HTTP, its rows fed to the targets of a site. */
#include <time.h>

#include "core/fleet.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/probe.h"
#include "engine/scheduler.h"
#include "engine/site.h"
#include "tests/unit/canned.h"
#include "tests/unit/scratch.h"

struct field {
    struct scratch dir;
    struct loop *loop;
    struct canned server;
    struct probe_env env;
    struct site *site;
    struct scheduler *scheduler;
    struct buf reply;
};

static const char *answer(void *arg, const char *request)
{
    struct field *f = arg;
    return strstr(request, "\r\n\r\n") != NULL ? buf_text(&f->reply) : NULL;
}

static void open_site(struct field *f, const char *more)
{
    struct site_errors errors = {0};
    char path[300];
    FILE *file = fopen(scratch_path(&f->dir, "site.json", path), "w");
    fprintf(file,
            "{\"site\":{\"id\":\"x\"},"
            "\"totals\":[{\"id\":\"p1\",\"labels\":{\"p\":\"1\"},\"total\":3,\"done\":1,"
            "\"as_of\":\"2026-03-05\"}],"
            "\"defaults\":{\"checks\":[{\"id\":\"row\",\"probe\":\"row\",\"from\":\"src/all\"}]},"
            "\"targets\":[{\"id\":\"db-[1-3]\",\"labels\":{\"p\":\"1\"},\"kind\":\"database\"},"
            "{\"id\":\"no-[1-2]\",\"kind\":\"database\",\"link\":\"none\"},"
            "{\"id\":\"src\",\"kind\":\"other\",\"link\":\"none\",\"checks\":[{\"id\":\"all\","
            "\"probe\":\"sync\",\"url\":\"http://127.0.0.1:%d/list\"%s}]}]}",
            f->server.port, more);
    fclose(file);
    f->site = site_load(path, NULL, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(f->site);
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    fleet_apply_result(f->site->fleet, c, r, loop_mono_ms(f->loop));
    loop_stop(f->loop);
}

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    struct err e;
    scratch_make(&f->dir);
    f->loop = loop_new(NULL);
    canned_open(&f->server, f->loop, "127.0.0.1", answer, f);
    assert_true(probe_env_open(&f->env, f->loop, &e));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct field *f = *state;
    scheduler_free(f->scheduler);
    probe_env_close(&f->env);
    canned_close(&f->server);
    site_free(f->site);
    loop_free(f->loop);
    scratch_remove(&f->dir);
    buf_release(&f->reply);
    free(f);
    return 0;
}

/* promised: bytes that the header says, whatever comes; clock_s: how far its clock is ahead. */
static void look_as(struct field *f, const char *body, size_t promised, int64_t clock_s)
{
    struct err e;
    char date[64];
    time_t at = (time_t)(loop_wall_ms(NULL) / 1000 + clock_s);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&at));
    buf_clear(&f->reply);
    buf_addf(&f->reply, "HTTP/1.0 200 OK\r\nDate: %s\r\nContent-Length: %zu\r\n\r\n", date,
             promised);
    buf_adds(&f->reply, body);
    if (f->scheduler == NULL) {
        f->env.fleet = f->site->fleet;
        f->scheduler = scheduler_new(&f->env, f->site->specs, on_result, f);
        scheduler_start_once(f->scheduler);
    }
    if (!scheduler_run_now(f->scheduler, fleet_check(f->site->fleet, "src/all"), &e))
        fail_msg("%s", e.text);
    loop_run(f->loop);
}

static void look(struct field *f, const char *body)
{
    look_as(f, body, strlen(body), 0);
}

static void expect(const struct field *f, const char *id, enum state state, const char *words)
{
    const struct check *c = fleet_check(f->site->fleet, id);
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    if (c->summary != NULL)
        say_text(&text, c->summary, NULL);
    if (c->live.state != state || strcmp(buf_text(&text), words) != 0)
        fail_msg("%s: found %s \"%s\", expected %s \"%s\"", id, state_rows[c->live.state].name,
                 buf_text(&text), state_rows[state].name, words);
    buf_release(&text);
}

static double metric(const struct field *f, const char *id, const char *name)
{
    const struct check *c = fleet_check(f->site->fleet, id);
    for (size_t i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return c->metrics[i].value;
    return -1;
}

static const char *fact(const struct field *f, const char *id, const char *key)
{
    const struct check *c = fleet_check(f->site->fleet, id);
    const char *value = fact_value(c->facts, c->n_facts, key);
    return value != NULL ? value : "";
}

/* A row "id" synchronised that many seconds ago. */
static const char *ago(const char *id, int64_t seconds, const char *more)
{
    static char rows[8][256]; /* of one list */
    static unsigned int next;
    char at[WHEN_TEXT_MAX], *out = rows[next++ % 8];
    int64_t now_ms = loop_wall_ms(NULL);
    snprintf(out, sizeof rows[0], "{\"id\":\"%s\",\"link\":\"done\",\"last_sync_at\":\"%s\"%s}", id,
             when_rfc3339(now_ms - seconds * 1000, at), more);
    return out;
}

static const char *list(const char *rows[], size_t n)
{
    static char out[4096];
    size_t len = (size_t)snprintf(out, sizeof out, "[");
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%s", i > 0 ? "," : "", rows[i]);
    snprintf(out + len, sizeof out - len, "]");
    return out;
}
#define LIST(...)                                                                                  \
    list((const char *[]){__VA_ARGS__}, sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *))
#define NONE(id) "{\"id\":\"" id "\",\"link\":\"none\"}"

/* Fresh, late by its own mode, never connected: each in its own words. */
static void each_row_is_judged(void **state)
{
    struct field *f = *state;
    open_site(f, "");
    look(f,
         LIST(ago("db-1", 125, ",\"mode\":\"realtime\",\"owner\":\"BTP\""),
              ago("db-2", 16 * 60, ",\"mode\":\"realtime\""),
              ago("db-3", 5 * 3600, ",\"mode\":\"hourly\""),
              "{\"id\":\"no-1\",\"link\":\"none\",\"blocker\":\"kp_dk_chua_cap\"}", NONE("no-2")));
    expect(f, "db-1/row", STATE_OK, "synchronised 2m ago");
    assert_true(metric(f, "db-1/row", "age_s") >= 125 && metric(f, "db-1/row", "age_s") < 180);
    assert_string_equal(fact(f, "db-1/row", "owner"), "BTP");
    assert_string_equal(fact(f, "db-1/row", "mode"), "realtime");
    assert_string_equal(fact(f, "db-1/row", "link"), "done");
    expect(f, "db-2/row", STATE_WARNING, "synchronised 16m ago, warning from 15m");
    expect(f, "db-3/row", STATE_CRITICAL, "synchronised 5h ago, critical from 4h");
    expect(f, "no-1/row", STATE_OK, "not connected yet: kp_dk_chua_cap");
    expect(f, "no-2/row", STATE_OK, "not connected yet");
    expect(f, "src/all", STATE_OK, "connected: p1 3/3 (1/3, 2026-03-05)");
    assert_true(metric(f, "src/all", "late") == 2 && metric(f, "src/all", "done") == 3);
}

/* What the site file calls connected, and what the list once did, is lost when it is gone: also at
 * the second look. */
static void lost_is_not_never_connected(void **state)
{
    struct field *f = *state;
    open_site(f, "");
    look(f, LIST(ago("db-1", 1, ""), ago("db-2", 1, ""), ago("db-3", 1, ""), ago("no-1", 1, ""),
                 NONE("no-2")));
    expect(f, "no-1/row", STATE_OK, "synchronised 1s ago; the site file says: not connected");
    for (int i = 0; i < 2; i++) {
        look(f, LIST(NONE("db-1"),
                     "{\"id\":\"db-2\",\"link\":\"testing\",\"last_sync_at\":\"yesterday\"}",
                     ago("db-3", 1, ""), NONE("no-1"), NONE("no-2")));
        expect(f, "db-1/row", STATE_CRITICAL, "connection lost: the source says none");
        expect(f, "db-2/row", STATE_CRITICAL,
               "connection lost: the source says testing; last synchronised yesterday");
        expect(f, "no-1/row", STATE_CRITICAL, "connection lost: the source says none");
        expect(f, "no-2/row", STATE_OK, "not connected yet");
        assert_true(metric(f, "src/all", "lost") == 3);
    }
    expect(f, "src/all", STATE_OK, "connected: p1 1/3");
}

/* Nonsense is told, and neither green nor an outage. */
static void odd_rows_are_told(void **state)
{
    struct field *f = *state;
    open_site(f, "");
    look(f, LIST("{\"id\":\"db-1\",\"link\":\"done\",\"last_sync_at\":\"2026-03-05T14:02:11\"}",
                 "{\"id\":\"db-2\",\"link\":\"done\",\"last_sync_at\":1772694131}",
                 ago("db-3", -3600, ""), "{\"id\":\"no-1\",\"link\":\"up\\u001b\"}",
                 "{\"id\":\"no-2\",\"link\":\"done\",\"mode\":\"weekly\"}"));
    expect(f, "db-1/row", STATE_UNKNOWN,
           "last_sync_at is \"2026-03-05T14:02:11\", expected a time with its zone such as "
           "2026-03-05T14:02:11+07:00");
    expect(f, "db-2/row", STATE_UNKNOWN, "last_sync_at is an integer, expected text");
    const struct check *ahead = fleet_check(f->site->fleet, "db-3/row");
    assert_int_equal(ahead->live.state, STATE_UNKNOWN);
    assert_non_null(strstr(ahead->summary, "in the future: is a clock wrong?"));
    expect(f, "no-1/row", STATE_UNKNOWN, "link is \"up\\x1b\", expected none, testing or done");
    expect(f, "no-2/row", STATE_UNKNOWN, "mode is \"weekly\", expected realtime, hourly or daily");
    look(f, LIST("{\"id\":\"db-1\",\"link\":\"done\",\"last_sync_at\":null}", NONE("db-2"),
                 NONE("db-3"), NONE("no-1"), NONE("no-2")));
    expect(f, "db-1/row", STATE_WARNING, "connected, but never synchronised yet");
}

/* A list that is not sound feeds nobody: one alert, and what it fed grows old. */
static void a_broken_list_feeds_nobody(void **state)
{
    struct field *f = *state;
    open_site(f, ",\"rows\":\"/databases\"");
    look(f, "{\"databases\":{\"db-1\":1}}");
    expect(f, "src/all", STATE_CRITICAL,
           "at \"/databases\" of the reply stands an object, expected an array of rows");
    look(f, "{}");
    expect(f, "src/all", STATE_CRITICAL,
           "at \"/databases\" of the reply stands null, expected an array of rows");
    look(f, "{\"databases\":[]}");
    expect(f, "src/all", STATE_CRITICAL, "the list has no rows");
    look(f, "{\"databases\":[" NONE("db-1") "," NONE("db-2") "," NONE("db-1") "]}");
    expect(f, "src/all", STATE_CRITICAL, "row db-1 stands in the list twice");
    look(f, "{\"databases\":[" NONE("db-1") ",7]}");
    expect(f, "src/all", STATE_CRITICAL, "row 2 of the list has no id");
    look(f, "{\"databases\":[");
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
    assert_int_equal(fleet_check(f->site->fleet, "db-1/row")->live.state, STATE_PENDING);
    buf_clear(&f->reply);
}

static void too_many_rows(void **state)
{
    struct field *f = *state;
    struct buf body = BUF_INIT(0);
    open_site(f, "");
    buf_addc(&body, '[');
    for (int i = 0; i <= 4096; i++)
        buf_addf(&body, "%s{\"id\":\"x%d\"}", i > 0 ? "," : "", i);
    buf_addc(&body, ']');
    look(f, buf_text(&body));
    expect(f, "src/all", STATE_CRITICAL, "the list has more than 4096 rows");
    buf_release(&body);
}

/* A reply that ends in the middle, with and without its length told, is no list. */
static void a_reply_that_is_cut(void **state)
{
    struct field *f = *state;
    char body[4096], promised_all[4096];
    open_site(f, ",\"rows\":\"/databases\"");
    snprintf(body, sizeof body, "{\"databases\":%s}",
             LIST(ago("db-1", 1, ""), ago("db-2", 1, ""), ago("db-3", 1, ""), NONE("no-1"),
                  NONE("no-2")));
    look(f, body);
    expect(f, "db-1/row", STATE_OK, "synchronised 1s ago");
    size_t whole = strlen(body);
    for (size_t len = 1; len < whole; len += 37) {
        memcpy(promised_all, body, len);
        promised_all[len] = '\0';
        look(f, promised_all); /* "whole", but cut before it was sent */
        assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
        assert_non_null(strstr(fleet_check(f->site->fleet, "src/all")->summary, "malformed JSON"));
        expect(f, "db-1/row", STATE_OK, "synchronised 1s ago"); /* fed by nobody: as it was */
    }
    body[whole / 2] = '\0';
    look_as(f, body, whole, 0);
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
    expect(f, "db-1/row", STATE_OK, "synchronised 1s ago");
}

/* 100,000 rows: over the cap of bytes at once; within a larger one, still not taken, and quickly.
 */
static void a_flood_of_rows(void **state)
{
    struct field *f = *state;
    struct buf body = BUF_INIT(0);
    open_site(f, ",\"max_body\":\"8MiB\",\"timeout\":\"10s\"");
    buf_addc(&body, '[');
    for (int i = 0; i < 100000; i++)
        buf_addf(&body, "%s{\"id\":\"sdb-%06d\",\"link\":\"done\"}", i > 0 ? "," : "", i);
    buf_addc(&body, ']');
    double t0 = loop_precise_ms();
    look(f, buf_text(&body));
    double took = loop_precise_ms() - t0;
    expect(f, "src/all", STATE_CRITICAL, "the list has more than 4096 rows");
    assert_int_equal(fleet_check(f->site->fleet, "db-1/row")->live.state, STATE_PENDING);
    printf("100,000 rows refused in %.0f ms\n", took);
    assert_true(took < 3000);
    buf_release(&body);
}

static void a_flood_of_bytes(void **state)
{
    struct field *f = *state;
    struct buf body = BUF_INIT(0);
    open_site(f, "");
    for (int i = 0; i < 100000; i++)
        buf_addf(&body, "%s{\"id\":\"sdb-%06d\"}", i > 0 ? "," : "[", i);
    buf_addc(&body, ']');
    look(f, buf_text(&body));
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
    assert_non_null(strstr(fleet_check(f->site->fleet, "src/all")->summary, "1 MiB"));
    buf_release(&body);
}

/* Gone from the reply: lost where it should be there or once was, also at the second look; else
 * nobody's alarm. */
static void a_row_that_disappears(void **state)
{
    struct field *f = *state;
    open_site(f, "");
    look(f, LIST(ago("db-1", 1, ""), ago("db-2", 1, ""), ago("db-3", 1, ""), ago("no-1", 1, ""),
                 NONE("no-2")));
    for (int i = 0; i < 3; i++) {
        look(f, LIST(ago("db-2", 1, ""), ago("db-3", 1, "")));
        expect(f, "db-1/row", STATE_CRITICAL, "no row db-1 in the reply of src/all");
        expect(f, "no-1/row", STATE_CRITICAL, "no row no-1 in the reply of src/all");
        expect(f, "no-2/row", STATE_OK, "not connected yet: no row no-2 in the reply of src/all");
        expect(f, "db-2/row", STATE_OK, "synchronised 1s ago");
    }
    look(f, LIST(ago("db-1", 1, ""), ago("db-2", 1, ""), ago("db-3", 1, ""), ago("no-1", 1, ""),
                 NONE("no-2")));
    expect(f, "no-1/row", STATE_OK, "synchronised 1s ago; the site file says: not connected");
}

/* What looks like a figure or a time and is none is told, never counted. */
static void values_that_are_none(void **state)
{
    struct field *f = *state;
    open_site(f, "");
    look(f, "[{\"id\":\"db-1\",\"last_sync_at\":NaN}]");
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
    look(f, "[{\"id\":\"db-1\",\"traffic_day\":1e999}]");
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_CRITICAL);
    look(f, LIST("{\"id\":\"db-1\",\"link\":\"done\",\"last_sync_at\":\"NaN\"}",
                 ago("db-2", 1, ",\"traffic_day\":\"NaN\""), ago("db-3", 1, ",\"traffic_day\":-1"),
                 "{\"id\":\"no-1\",\"link\":\"none\",\"guide_published\":\"maybe\"}",
                 "{\"id\":\"no-2\",\"link\":\"done\",\"last_sync_at\":\"infinity\"}"));
    assert_int_equal(fleet_check(f->site->fleet, "db-1/row")->live.state, STATE_UNKNOWN);
    expect(f, "db-2/row", STATE_UNKNOWN, "traffic_day is a string, expected a number from 0");
    expect(f, "db-3/row", STATE_UNKNOWN, "traffic_day is an integer, expected a number from 0");
    expect(f, "no-1/row", STATE_UNKNOWN, "guide_published is a string, expected true or false");
    assert_int_equal(fleet_check(f->site->fleet, "no-2/row")->live.state, STATE_UNKNOWN);
    assert_true(metric(f, "db-2/row", "traffic_day") < 0); /* left out */
    assert_true(metric(f, "src/all", "odd") == 5);
}

/* Clocks 10 minutes apart: one warning of the source's; the ages are right all the same. */
static void clocks_apart(void **state)
{
    struct field *f = *state;
    const char *ahead = "the source's clock is 10m ahead of ours";
    const char *behind = "the source's clock is 10m behind ours, or its list is that old";
    open_site(f, "");
    for (int sign = -1; sign <= 1; sign += 2) {
        int64_t apart_s = sign * 610;
        char body[2048];
        snprintf(body, sizeof body, "%s",
                 LIST(ago("db-1", 65 - apart_s, ",\"mode\":\"realtime\""),
                      ago("db-2", 16 * 60 + 20 - apart_s, ",\"mode\":\"realtime\""),
                      ago("db-3", -3600 - apart_s, ""), NONE("no-1"), NONE("no-2")));
        look_as(f, body, strlen(body), apart_s);
        expect(f, "src/all", STATE_WARNING, sign > 0 ? ahead : behind);
        expect(f, "db-1/row", STATE_OK, "synchronised 1m ago");
        expect(f, "db-2/row", STATE_WARNING, "synchronised 16m ago, warning from 15m");
        assert_int_equal(fleet_check(f->site->fleet, "db-3/row")->live.state, STATE_UNKNOWN);
    }
    const char *own = LIST(ago("db-1", 65, ""), ago("db-2", 65, ""), ago("db-3", 65, ""),
                           NONE("no-1"), NONE("no-2"));
    look_as(f, own, strlen(own), 30); /* within what clocks may be apart */
    expect(f, "src/all", STATE_OK, "connected: p1 3/3 (1/3, 2026-03-05)");
    look_as(f, own, strlen(own), -40 * 365 * 86400LL); /* that is no clock */
    assert_int_equal(fleet_check(f->site->fleet, "src/all")->live.state, STATE_WARNING);
    expect(f, "db-1/row", STATE_OK, "synchronised 1m ago");
}

/* Connected and fresh, and nobody uses it: said, and no alarm unless the site wants one. */
static void nobody_uses_it(void **state)
{
    struct field *f = *state;
    const char *rows =
        LIST(ago("db-1", 65, ",\"traffic_day\":0"),
             ago("db-2", 65, ",\"traffic_day\":12,\"fields_published\":true"),
             ago("db-3", 5 * 86400, ",\"traffic_day\":0"), NONE("no-1"), NONE("no-2"));
    open_site(f, "");
    look(f, rows);
    expect(f, "db-1/row", STATE_OK,
           "connected and synchronised 1m ago, but nobody has used it for a day");
    expect(f, "db-2/row", STATE_OK, "synchronised 1m ago");
    assert_int_equal(fleet_check(f->site->fleet, "db-3/row")->live.state, STATE_CRITICAL);
    assert_true(metric(f, "src/all", "idle") == 1);
    assert_true(metric(f, "db-2/row", "traffic_day") == 12);
    assert_string_equal(fact(f, "db-2/row", "fields_published"), "yes");
    assert_string_equal(fact(f, "db-2/row", "guide_published"), "");
}

static void nobody_uses_it_and_that_counts(void **state)
{
    struct field *f = *state;
    open_site(f, ",\"no_traffic\":\"warning\"");
    look(f, LIST(ago("db-1", 65, ",\"traffic_day\":0"), NONE("db-2"), NONE("db-3"), NONE("no-1"),
                 NONE("no-2")));
    expect(f, "db-1/row", STATE_WARNING,
           "connected and synchronised 1m ago, but nobody has used it for a day");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_is_not_never_connected, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_rows_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_list_feeds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reply_that_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_of_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_of_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_that_disappears, setup, teardown),
        cmocka_unit_test_setup_teardown(values_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(clocks_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_uses_it, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_uses_it_and_that_counts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
