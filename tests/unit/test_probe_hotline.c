/* The kind hotline: lines that are free, busy, out of order; replies with fewer, more, doubled
 * ones, and with nonsense. */
#include "tests/unit/canned.h"
#include "tests/unit/probe_lab.h"

static struct field {
    struct lab *lab;
    struct canned server;
    struct buf reply;
} * the;

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    return strstr(request, "\r\n\r\n") != NULL ? buf_text(&the->reply) : NULL;
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->server);
    buf_release(&the->reply);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void look(const char *body, const char *more)
{
    char json[512];
    buf_clear(&the->reply);
    buf_addf(&the->reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d/lines\"%s}", the->server.port,
             more);
    lab_probe_text(the->lab, "hotline", json, 5000);
}

/* n lines, of which the first are busy, the next out of order. */
static char *lines(int n, int busy, int out)
{
    struct buf b = BUF_INIT(0);
    buf_adds(&b, "{\"waiting\":3,\"lines\":[");
    for (int i = 0; i < n; i++)
        buf_addf(&b, "%s{\"id\":\"line-%02d\",\"state\":\"%s\"}", i > 0 ? "," : "", i + 1,
                 i < busy         ? "busy"
                 : i < busy + out ? "out"
                                  : "idle");
    buf_adds(&b, "]}");
    return buf_take(&b);
}

static void look_at(int n, int busy, int out)
{
    char *body = lines(n, busy, out);
    look(body, ",\"capacity\":10,\"metrics\":{\"waiting\":\"/waiting\"}");
    free(body);
}

static void figure(const char *name, double want)
{
    const struct metric *m = lab_metric(the->lab, name);
    if (m == NULL || m->value < want - 0.01 || m->value > want + 0.01)
        fail_msg("%s is %g, expected %g", name, m != NULL ? m->value : -1, want);
}

static const struct result *row(const char *id)
{
    const struct result *r = result_row_find(&the->lab->seen, id);
    if (r == NULL)
        fail_msg("there is no row \"%s\"", id);
    return r;
}

static void counts_lines(void **state)
{
    (void)state;
    look_at(10, 7, 0);
    lab_expect(the->lab, STATE_OK, "7 of 10 lines busy");
    figure("lines", 10);
    figure("lines_total", 10);
    figure("busy", 7);
    figure("busy_pct", 70);
    figure("out", 0);
    figure("waiting", 3);
    assert_int_equal(the->lab->seen.n_rows, 10);
    assert_int_equal(row("line-07")->state, STATE_OK);
    assert_string_equal(row("line-07")->summary, "the line is busy");
    assert_string_equal(row("line-08")->summary, "the line is free");
}

/* What is out of order carries no call: nine busy ones are all that there are. */
static void lines_out_of_order(void **state)
{
    (void)state;
    look_at(10, 9, 1);
    lab_expect(the->lab, STATE_OK, "9 of 10 lines busy");
    figure("busy_pct", 100);
    figure("out", 1);
    assert_int_equal(row("line-10")->state, STATE_CRITICAL);
    look_at(10, 0, 10);
    figure("busy_pct", 100); /* nobody gets through */
}

static void fewer_and_more(void **state)
{
    (void)state;
    look_at(9, 9, 0);
    lab_expect(the->lab, STATE_WARNING, "9 lines in the reply, expected 10");
    figure("lines", 9);
    figure("lines_total", 10);
    assert_int_equal(the->lab->seen.n_rows, 9);
    look_at(12, 0, 0);
    lab_expect(the->lab, STATE_WARNING, "12 lines in the reply, expected 10");
    char *body = lines(12, 3, 0);
    look(body, "");
    free(body);
    lab_expect(the->lab, STATE_OK, "3 of 12 lines busy");
    figure("lines_total", 12);
}

/* A list that is not sound feeds no line. */
static void unsound_lists(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"lines\":[{\"id\":\"a\",\"state\":\"idle\"},{\"id\":\"a\",\"state\":\"busy\"}]}",
         "row a stands in the list twice"},
        {"{\"lines\":[{\"state\":\"idle\"}]}", "row 1 of the list has no id"},
        {"{\"lines\":[{\"id\":\"\",\"state\":\"idle\"}]}", "row 1 of the list has no id"},
        {"{\"lines\":[7]}", "row 1 of the list has no id"},
        {"{\"lines\":[]}", "the list has no rows"},
        {"{\"lines\":10}",
         "at \"/lines\" of the reply stands an integer, expected an array of rows"},
        {"{}", "at \"/lines\" of the reply stands null, expected an array of rows"},
        {"{\"lines\":[{\"id\":\"a\"", "malformed JSON in the reply: '}' expected near end of file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        look(cases[i][0], "");
        lab_expect(the->lab, STATE_CRITICAL, cases[i][1]);
        assert_int_equal(the->lab->seen.n_rows, 0);
        assert_null(lab_metric(the->lab, "busy"));
    }
    struct buf b = BUF_INIT(0);
    buf_adds(&b, "[");
    for (int i = 0; i < RESULT_ROWS_MAX + 1; i++)
        buf_addf(&b, "%s{\"id\":%d,\"state\":\"idle\"}", i > 0 ? "," : "", i);
    buf_adds(&b, "]");
    look(buf_text(&b), ",\"lines\":\"\",\"max_body\":\"1MiB\"");
    buf_release(&b);
    lab_expect(the->lab, STATE_CRITICAL, "the list has more than 4096 rows");
    assert_int_equal(the->lab->seen.n_rows, 0);
}

static void states_that_nobody_knows(void **state)
{
    (void)state;
    look("{\"lines\":[{\"id\":\"a\",\"state\":\"\\u001b[31mred\"},{\"id\":\"b\",\"state\":7},"
         "{\"id\":\"c\"},{\"id\":\"d\",\"state\":[]},{\"id\":\"e\",\"state\":\"idle\"}]}",
         "");
    lab_expect(the->lab, STATE_WARNING,
               "lines whose state is not known: a (\\x1b[31mred), b (an integer), c (null), …");
    assert_int_equal(row("b")->state, STATE_UNKNOWN);
    assert_int_equal(row("e")->state, STATE_OK);
    figure("busy_pct", 0);
}

static void other_words(void **state)
{
    (void)state;
    look("{\"data\":{\"agents\":[{\"no\":1,\"st\":\"TALKING\"},{\"no\":2,\"st\":\"RINGING\"},"
         "{\"no\":3,\"st\":\"READY\"},{\"no\":4,\"st\":\"OFFLINE\"}]}}",
         ",\"lines\":\"/data/agents\",\"line_id\":\"no\",\"line_state\":\"st\",\"idle\":\"READY\","
         "\"busy\":[\"TALKING\",\"RINGING\"],\"out\":\"OFFLINE\"");
    lab_expect(the->lab, STATE_OK, "2 of 4 lines busy");
    assert_int_equal(row("4")->state, STATE_CRITICAL);
    figure("busy_pct", 66.67);
    struct err e;
    assert_null(lab_config("hotline", "{\"url\":\"http://h/\",\"lines\":\"lines\"}", &e));
    assert_non_null(strstr(e.text, "is no JSON pointer"));
}

static void says_what_came_instead(void **state)
{
    (void)state;
    char json[200];
    buf_clear(&the->reply);
    buf_adds(&the->reply, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d/\"}", the->server.port);
    lab_probe_text(the->lab, "hotline", json, 5000);
    lab_expect(the->lab, STATE_CRITICAL, "HTTP 503, expected 200");
    lab_probe_text(the->lab, "hotline", "{\"url\":\"http://127.0.0.1:1/\"}", 5000);
    lab_expect(the->lab, STATE_CRITICAL, "connection refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_lines),
        cmocka_unit_test(lines_out_of_order),
        cmocka_unit_test(fewer_and_more),
        cmocka_unit_test(unsound_lists),
        cmocka_unit_test(states_that_nobody_knows),
        cmocka_unit_test(other_words),
        cmocka_unit_test(says_what_came_instead),
    };
    return cmocka_run_group_tests_name("probe_hotline", tests, setup, teardown);
}
