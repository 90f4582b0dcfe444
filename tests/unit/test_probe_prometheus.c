/* The kinds prometheus and alertmanager: their APIs' replies, and what each row says. */
#include <time.h>

#include "core/when.h"
#include "tests/unit/scrape_lab.h"

static const char prom_site[] =
    "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"p\",\"checks\":[{\"id\":\"q\",\"probe\":"
    "\"prometheus\",\"url\":\"http://127.0.0.1:PORT/prom/\",\"query\":\"max by (instance) (a>0)\","
    "\"metric\":\"used\",\"unit\":\"%\",\"facts\":[\"job\"]}]},"
    "{\"id\":\"s-[1-3]\",\"address\":\"10.0.0.[1-3]\",\"checks\":[{\"id\":\"used\",\"probe\":"
    "\"row\","
    "\"from\":\"p/q\",\"row\":\"${address}:9100\",\"thresholds\":{\"used\":{\"warning\":80,"
    "\"critical\":90}}}]}]}";

/* A series of the vector: labels, the value as it stands there, its age in seconds. */
static const char *series(const char *instance, const char *value, int age_s)
{
    static char out[8][200];
    static unsigned int next;
    char *at = out[next++ % 8];
    snprintf(at, sizeof out[0],
             "{\"metric\":{\"instance\":\"%s\",\"job\":\"node\"},\"value\":[%lld.25,%s]}", instance,
             (long long)(loop_wall_ms(NULL) / 1000 - age_s), value);
    return at;
}

static void look(struct field *f, const char *type, const char *result, const char *more)
{
    struct buf body = BUF_INIT(0);
    buf_addf(&body, "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":%s}%s}",
             type, result, more);
    field_look(f, "p/q", "200 OK", buf_text(&body));
    buf_release(&body);
}

static void look_at_list(struct field *f, const char *a, const char *b, const char *c)
{
    struct buf list = BUF_INIT(0);
    buf_addf(&list, "[%s,%s,%s]", a, b, c);
    look(f, "vector", buf_text(&list), "");
    buf_release(&list);
}

static void each_series_is_a_row(void **state)
{
    struct field *f = *state;
    field_open(f, prom_site);
    look_at_list(f, series("10.0.0.1:9100", "\"42\"", 0), series("10.0.0.2:9100", "\"91.5\"", 0),
                 series("10.0.0.9:9100", "\"1\"", 0));
    assert_non_null(strstr(buf_text(&f->asked), "POST /prom/api/v1/query HTTP/1.1\r\n"));
    assert_non_null(
        strstr(buf_text(&f->asked), "\r\n\r\nquery=max%20by%20%28instance%29%20%28a%3E0%29"));
    field_expect(f, "p/q", STATE_OK, "3 series");
    field_expect(f, "s-1/used", STATE_OK, "used: 42 %");
    assert_string_equal(field_fact(f, "s-1/used", "job"), "node");
    field_expect(f, "s-2/used", STATE_CRITICAL, "used 91.5 %, critical from 90");
    field_expect(f, "s-3/used", STATE_CRITICAL, "no row 10.0.0.3:9100 in the reply of p/q");
    assert_string_equal(field_fact(f, "p/q", "left"), "10.0.0.9:9100");
    assert_true(field_metric(f, "p/q", "left") == 1 && field_metric(f, "p/q", "max") == 91.5);
}

static void odd_values_are_their_rows(void **state)
{
    struct field *f = *state;
    field_open(f, prom_site);
    look_at_list(f, series("10.0.0.1:9100", "\"NaN\"", 0), series("10.0.0.2:9100", "\"1\"", 630),
                 series("10.0.0.3:9100", "7", 0));
    field_expect(f, "s-1/used", STATE_UNKNOWN, "its value is no number (NaN, Inf)");
    field_expect(f, "s-2/used", STATE_UNKNOWN, "its value is 10m old");
    field_expect(f, "s-3/used", STATE_UNKNOWN, "its value cannot be read, expected a sample");
    assert_true(field_metric(f, "p/q", "odd") == 3);
    look_at_list(f, series("10.0.0.1:9100", "\"+Inf\"", 0), series("10.0.0.2:9100", "\"1\"", -630),
                 "{\"metric\":{\"instance\":\"10.0.0.3:9100\"},\"histogram\":[1,{}]}");
    field_expect(f, "s-1/used", STATE_UNKNOWN, "its value is no number (NaN, Inf)");
    const struct check *ahead = fleet_check(f->site->fleet, "s-2/used");
    assert_non_null(strstr(ahead->summary, "in the future: is a clock wrong?"));
    field_expect(f, "s-3/used", STATE_UNKNOWN, "its value cannot be read, expected a sample");
}

/* A reply that is not sound feeds nobody. */
static void what_is_no_vector_is_the_sources(void **state)
{
    struct field *f = *state;
    field_open(f, prom_site);
    look(f, "matrix", "[]", "");
    field_expect(f, "p/q", STATE_UNKNOWN,
                 "the answer is of type matrix, expected vector or scalar");
    look(f, "vector", "[]", "");
    field_expect(f, "p/q", STATE_UNKNOWN, "no series");
    look_at_list(f, series("10.0.0.1:9100", "\"1\"", 0), series("10.0.0.2:9100", "\"1\"", 0),
                 series("10.0.0.1:9100", "\"1\"", 0));
    field_expect(f, "p/q", STATE_UNKNOWN,
                 "two series are the row 10.0.0.1:9100: \"row\" does not tell them apart");
    look(f, "vector", "[{\"metric\":{},\"value\":[1,\"1\"]}]", "");
    field_expect(f, "p/q", STATE_UNKNOWN, "a series has no label instance: \"row\" asks for it");
    field_look(f, "p/q", "400 Bad Request",
               "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: x\"}");
    field_expect(f, "p/q", STATE_UNKNOWN, "HTTP 400: parse error: x");
    field_look(f, "p/q", "503 Service Unavailable",
               "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}");
    field_expect(f, "p/q", STATE_CRITICAL, "HTTP 503: query timed out");
    field_look(f, "p/q", "502 Bad Gateway", "<html>");
    field_expect(f, "p/q", STATE_CRITICAL, "HTTP 502, expected 200");
    field_look(f, "p/q", "200 OK", "{\"status\":\"success\",\"data\":{\"resultType\":\"vec");
    assert_int_equal(fleet_check(f->site->fleet, "p/q")->live.state, STATE_CRITICAL);
    field_look(f, "p/q", "200 OK", "[]");
    field_expect(f, "p/q", STATE_UNKNOWN, "the answer is of type ?, expected vector or scalar");
    field_expect(f, "s-1/used", STATE_PENDING, "");
}

static void parts_of_an_answer_are_told(void **state)
{
    struct field *f = *state;
    char list[256];
    field_open(f, prom_site);
    snprintf(list, sizeof list, "[%s]", series("10.0.0.1:9100", "\"1\"", 0));
    look(f, "vector", list, ",\"warnings\":[\"store 3 is \\u001b[31mdown\"]");
    field_expect(f, "p/q", STATE_WARNING, "Prometheus warns: store 3 is \\x1b[31mdown");
    field_expect(f, "s-1/used", STATE_OK, "used: 1 %");
}

static void too_many_series(void **state)
{
    struct field *f = *state;
    struct buf list = BUF_INIT(0);
    field_open(f, prom_site);
    for (int i = 0; i <= RESULT_ROWS_MAX; i++)
        buf_addf(&list, "%s{\"metric\":{\"instance\":\"%d\"},\"value\":[1,\"1\"]}",
                 i > 0 ? "," : "[", i);
    buf_addc(&list, ']');
    look(f, "vector", buf_text(&list), "");
    field_expect(f, "p/q", STATE_UNKNOWN, "the reply has more than 16384 series");
    buf_release(&list);
}

/* Without rows the number is the check's own. */
static void one_number_is_the_checks_own(void **state)
{
    struct field *f = *state;
    char result[200];
    field_open(f, "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"p\",\"checks\":[{\"id\":\"q\","
                  "\"probe\":\"prometheus\",\"url\":\"http://127.0.0.1:PORT\",\"query\":\"a/b\","
                  "\"method\":\"get\",\"thresholds\":{\"value\":{\"warning\":5}}}]}]}");
    snprintf(result, sizeof result, "[%s]", series("a", "\"7\"", 0));
    look(f, "vector", result, "");
    assert_non_null(strstr(buf_text(&f->asked), "GET /api/v1/query?query=a%2Fb HTTP/1.1\r\n"));
    field_expect(f, "p/q", STATE_WARNING, "value (a) 7, warning from 5");
    snprintf(result, sizeof result, "[%lld,\"3\"]", (long long)(loop_wall_ms(NULL) / 1000));
    look(f, "scalar", result, "");
    field_expect(f, "p/q", STATE_OK, "value: 3");
    snprintf(result, sizeof result, "[{\"metric\":{},\"value\":[%lld,\"4\"]}]",
             (long long)(loop_wall_ms(NULL) / 1000)); /* as count(x) answers */
    look(f, "vector", result, "");
    field_expect(f, "p/q", STATE_OK, "value: 4");
    look(f, "vector", "[]", "");
    field_expect(f, "p/q", STATE_UNKNOWN, "no series");
}

static void refuses_what_makes_no_sense(void **state)
{
    struct field *f = *state;
    const char *head = "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"p\",\"checks\":[{\"probe\":"
                       "\"prometheus\",\"url\":\"http://h\",\"query\":\"a\",";
    char text[512];
    snprintf(text, sizeof text, "%s\"row\":\"x\"}]}]}", head);
    field_refuses(f, text, "row: found \"x\", expected the name of a label in braces: {instance}");
    snprintf(text, sizeof text, "%s\"row\":\"{a}{\"}]}]}", head);
    field_refuses(f, text, "row: found \"{a}{\", expected names of labels in braces: {instance}");
    snprintf(text, sizeof text, "%s\"unit\":\"\\u001b\"}]}]}", head);
    field_refuses(f, text, "unit: found control signs in it, expected plain text");
    snprintf(text, sizeof text, "%s\"metric\":\"a b\"}]}]}", head);
    field_refuses(f, text, "metric: found \"a b\", expected a name: letters, digits, \"_.:-\"");
}

/* --- alertmanager --- */

static const char am_site[] =
    "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"am\",\"checks\":[{\"id\":\"alerts\",\"probe\":"
    "\"alertmanager\",\"url\":\"http://127.0.0.1:PORT\",\"filter\":[\"team=\\\"db\\\"\"]}]},"
    "{\"id\":\"s-[1-2]\",\"address\":\"10.0.0.[1-2]\",\"checks\":[{\"id\":\"am\",\"probe\":\"row\","
    "\"from\":\"am/alerts\",\"row\":\"${address}:9100\"}]}]}";

#define ALERT(name, severity, instance, from, status)                                              \
    "{\"labels\":{\"alertname\":\"" name "\",\"severity\":\"" severity                             \
    "\",\"instance\":\"" instance "\"},\"annotations\":{\"summary\":\"" name                       \
    " is odd\"},\"startsAt\":\"2026-03-05T14:0" from ":11.042Z\",\"status\":{\"state\":" status    \
    "}}"
#define ACTIVE   "\"active\",\"silencedBy\":[],\"inhibitedBy\":[]"
#define SILENCED "\"suppressed\",\"silencedBy\":[\"9b6a\"],\"inhibitedBy\":[]"
#define INHIBIT  "\"suppressed\",\"silencedBy\":[],\"inhibitedBy\":[\"7f30\"]"

static void foreign_alerts_are_counted_and_named(void **state)
{
    struct field *f = *state;
    field_open(f, am_site);
    field_look(
        f, "am/alerts", "200 OK",
        "[" ALERT("Slow", "warning", "10.0.0.1:9100", "1", ACTIVE) "," ALERT(
            "Down", "critical", "10.0.0.1:9100", "3",
            ACTIVE) "," ALERT("Lost", "page", "10.0.0.7:9100", "2",
                              ACTIVE) "," ALERT("Old", "critical", "10.0.0.2:9100", "1",
                                                SILENCED) "," ALERT("Behind", "critical",
                                                                    "10.0.0.2:9100", "1",
                                                                    INHIBIT) "," ALERT("Note",
                                                                                       "info", "",
                                                                                       "1",
                                                                                       ACTIVE) ","
                                                                                               "{\""
                                                                                               "lab"
                                                                                               "els"
                                                                                               "\":"
                                                                                               "{\""
                                                                                               "ale"
                                                                                               "rtn"
                                                                                               "ame"
                                                                                               "\":"
                                                                                               "\"h"
                                                                                               "ttp"
                                                                                               "\","
                                                                                               "\"s"
                                                                                               "ite"
                                                                                               "\":"
                                                                                               "\"x"
                                                                                               "\","
                                                                                               "\"c"
                                                                                               "hec"
                                                                                               "k\""
                                                                                               ":\""
                                                                                               "s-"
                                                                                               "1/"
                                                                                               "htt"
                                                                                               "p\""
                                                                                               ","
                                                                                               "\"t"
                                                                                               "arg"
                                                                                               "et"
                                                                                               "\":"
                                                                                               "\"s"
                                                                                               "-1"
                                                                                               "\"}"
                                                                                               ",\""
                                                                                               "sta"
                                                                                               "tus"
                                                                                               "\":"
                                                                                               "{\""
                                                                                               "sta"
                                                                                               "te"
                                                                                               "\":"
                                                                                               "\"a"
                                                                                               "cti"
                                                                                               "ve"
                                                                                               "\"}"
                                                                                               "},{"
                                                                                               "\"l"
                                                                                               "abe"
                                                                                               "ls"
                                                                                               "\":"
                                                                                               "7}"
                                                                                               "]");
    assert_non_null(strstr(buf_text(&f->asked), "GET /api/v2/alerts?filter=team%3D%22db%22 HTTP"));
    field_expect(f, "am/alerts", STATE_CRITICAL,
                 "4 alerts, 2 critical; Lost (10.0.0.7:9100): Lost is odd");
    assert_string_equal(field_fact(f, "am/alerts", "alert_01"),
                        "page 2026-03-05T14:02:11Z Lost (10.0.0.7:9100)");
    assert_string_equal(field_fact(f, "am/alerts", "alert_04"), "info 2026-03-05T14:01:11Z Note");
    assert_true(field_metric(f, "am/alerts", "silenced") == 1 &&
                field_metric(f, "am/alerts", "inhibited") == 1 &&
                field_metric(f, "am/alerts", "warning") == 1 &&
                field_metric(f, "am/alerts", "own") == 1 &&
                field_metric(f, "am/alerts", "odd") == 1);
    field_expect(f, "s-1/am", STATE_CRITICAL,
                 "2 alerts, 1 critical; Down (10.0.0.1:9100): Down is odd");
    field_expect(f, "s-2/am", STATE_OK, "no alerts");
}

/* What Alertmanager itself holds back judges nothing, nor does what is only a note. */
static void silenced_alerts_judge_nothing(void **state)
{
    struct field *f = *state;
    field_open(f, am_site);
    field_look(f, "am/alerts", "200 OK",
               "[" ALERT("Old", "critical", "10.0.0.2:9100", "1",
                         SILENCED) "," ALERT("Note", "none", "10.0.0.2:9100", "1", ACTIVE) "]");
    field_expect(f, "am/alerts", STATE_OK, "Note (10.0.0.2:9100): Note is odd");
    assert_string_equal(field_fact(f, "am/alerts", "alert_02"), "");
    field_look(f, "am/alerts", "200 OK",
               "[" ALERT("Old", "critical", "10.0.0.2:9100", "1", SILENCED) "]");
    field_expect(f, "am/alerts", STATE_OK, "no alerts; 1 silenced, 0 inhibited");
    field_look(f, "am/alerts", "200 OK", "[]");
    field_expect(f, "am/alerts", STATE_OK, "no alerts");
    field_expect(f, "s-1/am", STATE_OK, "no alerts");
}

static void a_bad_list_feeds_nobody(void **state)
{
    struct field *f = *state;
    field_open(f, am_site);
    field_look(f, "am/alerts", "400 Bad Request", "\"bad matcher format: x\"");
    field_expect(f, "am/alerts", STATE_UNKNOWN, "HTTP 400: bad matcher format: x");
    field_look(f, "am/alerts", "400 Bad Request", "{\"code\":400,\"message\":\"no\"}");
    field_expect(f, "am/alerts", STATE_UNKNOWN, "HTTP 400: no");
    field_look(f, "am/alerts", "200 OK", "{}");
    field_expect(f, "am/alerts", STATE_CRITICAL,
                 "the reply is an object, expected an array of alerts");
    field_look(f, "am/alerts", "200 OK", "[{\"labels\":{\"alertname\":\"x\"");
    assert_int_equal(fleet_check(f->site->fleet, "am/alerts")->live.state, STATE_CRITICAL);
    field_expect(f, "s-1/am", STATE_PENDING, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_series_is_a_row, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(odd_values_are_their_rows, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_vector_is_the_sources, field_setup,
                                        field_teardown),
        cmocka_unit_test_setup_teardown(parts_of_an_answer_are_told, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(too_many_series, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(one_number_is_the_checks_own, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(refuses_what_makes_no_sense, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(foreign_alerts_are_counted_and_named, field_setup,
                                        field_teardown),
        cmocka_unit_test_setup_teardown(silenced_alerts_judge_nothing, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(a_bad_list_feeds_nobody, field_setup, field_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
