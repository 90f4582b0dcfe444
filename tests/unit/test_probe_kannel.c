/* Kannel's status page as it is, as it goes wrong and as a liar would send it; probes/xml.h with
 * it.
 */
#include "tests/unit/probe_lab.h"

#include "probes/xml.h"
#include "tests/unit/canned.h"

static struct field {
    struct lab *lab;
    struct canned server;
    const char *reply; /* the page, or one of canned.h's words */
    char whole[512 * 1024], json[1024], page[8192];
} * the;

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    if (strstr(request, "\r\n\r\n") == NULL)
        return NULL;
    if (the->reply == CANNED_SILENT || the->reply == CANNED_RESET)
        return the->reply;
    snprintf(the->whole, sizeof the->whole,
             "HTTP/1.1 200 OK\r\nServer: Kannel/1.4.5\r\nContent-Length: %zu\r\n"
             "Content-Type: text/plain\r\n\r\n%s",
             strlen(the->reply), the->reply);
    return the->whole;
}

#define BOX "<box><type>smsbox</type><id></id><queue>0</queue><status>on-line 0d</status></box>"
#define SMSC(name, status, failed)                                                                 \
    "<smsc><name>SMPP:127.0.0.1:1/1:lab:</name><admin-id>" name "</admin-id>\n<id>" name           \
    "</id><status>" status "</status><failed>" failed "</failed><queued>3</queued>"                \
    "<sms><received>1</received><sent>2</sent></sms></smsc>"

static const char *page(const char *status, const char *boxes, const char *smscs)
{
    snprintf(the->page, sizeof the->page,
             "<?xml version=\"1.0\"?>\n<gateway>\n<version>Kannel `1.4.5'.\n</version>\n"
             "<status>%s, uptime 0d 0h 0m 17s</status>\n<sms><received><total>11</total>"
             "<queued>1</queued></received><sent><total>12</total><queued>3</queued></sent>"
             "<storesize>4</storesize></sms><dlr><queued>5</queued></dlr>"
             "<boxes>%s</boxes><smscs><count>2</count>%s</smscs></gateway>\n",
             status, boxes, smscs);
    return the->page;
}

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    setenv("TEST_PASSWORD", "st&t 1", 1);
    canned_open(&the->server, the->lab->loop, "127.0.0.1", answer, NULL);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    canned_close(&the->server);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void look(const char *reply, const char *more)
{
    the->reply = reply;
    buf_clear(&the->server.got);
    snprintf(the->json, sizeof the->json,
             "{\"url\":\"http://127.0.0.1:%d\",\"password\":{\"env\":\"TEST_PASSWORD\"}%s}",
             the->server.port, more);
    lab_probe_text(the->lab, "kannel", the->json, 1000);
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

static void reads_the_page(void **state)
{
    (void)state;
    look(page("running", BOX, SMSC("VIETTEL", "online 17s", "2") SMSC("MOBI", "online 3s", "5")),
         "");
    expect(STATE_OK, "2 of 2 links online");
    assert_non_null(
        strstr(buf_text(&the->server.got), "GET /status.xml?password=st%26t%201 HTTP/1.1"));
    assert_true(metric("queue") == 3 && metric("queue_in") == 1 && metric("store") == 4);
    assert_true(metric("dlr_queue") == 5 && metric("sent") == 12 && metric("received") == 11);
    assert_true(metric("failed") == 7 && metric("links") == 2 && metric("links_online") == 2);
    assert_true(metric("boxes") == 1);
    assert_string_equal(result_fact_value(&the->lab->seen, "links"), "VIETTEL=online MOBI=online");
    assert_string_equal(result_fact_value(&the->lab->seen, "status"), "running");
    const struct result *row = result_row_find(&the->lab->seen, "MOBI");
    assert_non_null(row);
    assert_string_equal(result_fact_value(row, "status"), "online");
    assert_int_equal(row->n_metrics, 4);
}

struct row {
    const char *status, *boxes, *smscs, *more;
    enum state state;
    const char *words;
};

static void says_what_is_wrong(void **state)
{
    static const struct row rows[] = {
        {"running", BOX, SMSC("A", "online", "0") SMSC("B", "re-connecting", "0"), "",
         STATE_WARNING, "1 of 2 links online: B is re-connecting"},
        {"running", BOX,
         SMSC("A", "online", "0") SMSC("B", "connecting", "0") SMSC("C", "dead", "0"), "",
         STATE_CRITICAL, "1 of 3 links online: C is dead"},
        {"running", BOX, SMSC("A", "re-connecting", "0"), "", STATE_CRITICAL,
         "no link is online: A is re-connecting"},
        {"running", BOX, SMSC("A", "online", "0") SMSC("B", "dead", "0"), ",\"smscs\":[\"A\"]",
         STATE_OK, "1 of 1 links online"},
        {"running", BOX, SMSC("A", "online", "0"), ",\"smscs\":[\"A\",\"B\"]", STATE_CRITICAL,
         "the link B is missing in Kannel"},
        {"running", "", SMSC("A", "online", "0"), "", STATE_CRITICAL,
         "no smsbox is connected: nothing can be sent"},
        {"running", BOX, "", "", STATE_CRITICAL, "Kannel has no links"},
        {"suspended", BOX, SMSC("A", "online", "0"), "", STATE_CRITICAL, "Kannel is suspended"},
        {"full", BOX, SMSC("A", "online", "0"), "", STATE_CRITICAL, "Kannel is full"},
        {"shutdown", BOX, SMSC("A", "online", "0"), "", STATE_CRITICAL, "Kannel is shutdown"},
        {"isolated", BOX, SMSC("A", "online", "0"), "", STATE_WARNING, "Kannel is isolated"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look(page(rows[i].status, rows[i].boxes, rows[i].smscs), rows[i].more);
        expect(rows[i].state, rows[i].words);
        assert_false(the->lab->seen.is_self);
    }
}

static void takes_no_harm_from_odd_pages(void **state)
{
    static const char *const rows[][2] = {
        {"<?xml version=\"1.0\"?>\n<gateway>\nDenied\n</gateway>\n", "Kannel refuses the password"},
        {"<html><body>It works</body></html>", "not Kannel's status page: html"},
        {"Denied", "malformed XML in the reply: line 1: syntax error"},
        {"", "malformed XML in the reply: line 1: no element found"},
        {"<gateway><status>running", "malformed XML in the reply: line 1: no element found"},
        {"<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">]><gateway>&b;</gateway>",
         "malformed XML in the reply: line 1: a document type is not taken"},
        {"<!DOCTYPE g SYSTEM \"file:///etc/passwd\"><gateway/>",
         "malformed XML in the reply: line 1: a document type is not taken"},
        {"<gateway>&x;</gateway>", "malformed XML in the reply: line 1: undefined entity"},
        {"<gateway/>", "Kannel is "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        look(rows[i][0], "");
        expect(STATE_CRITICAL, rows[i][1]);
    }
    look(page("running", BOX, SMSC("\xc2\x9b[31m&lt;A", "online", "0")), "");
    expect(STATE_OK, "1 of 1 links online");
    assert_string_equal(result_fact_value(&the->lab->seen, "links"), "\\x9b[31m<A=online");
    look(CANNED_SILENT, "");
    expect(STATE_CRITICAL, "no answer within 1 s");
    look(CANNED_RESET, "");
    expect(STATE_CRITICAL, "connection reset");
}

static void caps_depth_and_elements(void **state)
{
    struct buf b = BUF_INIT(0);
    struct err e;
    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_adds(&b, "<a>");
    assert_null(xml_parse(b.bytes, b.len, &e));
    assert_string_equal(e.text, "line 1: nested too deep");
    for (int depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
        buf_clear(&b);
        for (int i = 0; i < depth; i++)
            buf_adds(&b, "<a>");
        for (int i = 0; i < depth; i++)
            buf_adds(&b, "</a>");
        struct xml *deep = xml_parse(b.bytes, b.len, &e);
        assert_int_equal(deep != NULL, depth == XML_DEPTH_MAX);
        xml_free(deep);
    }
    buf_clear(&b);
    buf_adds(&b, "<a>");
    for (int i = 0; i < 30000; i++)
        buf_adds(&b, "<b/>");
    buf_adds(&b, "</a>");
    assert_null(xml_parse(b.bytes, b.len, &e));
    assert_string_equal(e.text, "line 1: too many elements");
    buf_clear(&b);
    buf_adds(&b, "<a> ");
    for (int i = 0; i < 10000; i++)
        buf_adds(&b, "xy");
    buf_adds(&b, "<n>-12</n><n> 7 </n><m>7x</m><m>1234567890123456</m></a>");
    struct xml *x = xml_parse(b.bytes, b.len, &e);
    assert_non_null(x);
    assert_int_equal(strlen(xml_text(x)), XML_TEXT_MAX);
    assert_int_equal(xml_int(xml_child(x, "n"), 5), -12);
    assert_int_equal(xml_int(xml_next(xml_child(x, "n")), 5), 7);
    assert_int_equal(xml_int(xml_child(x, "m"), 5), 5);
    assert_int_equal(xml_int(xml_next(xml_child(x, "m")), 5), 5);
    assert_null(xml_path(x, "n/o/p"));
    assert_string_equal(xml_text(xml_path(x, "none")), "");
    xml_free(x);
    buf_release(&b);
}

static void refuses_bad_options(void **state)
{
    static const char *const bad[][2] = {
        {"{\"url\":\"http://h/status.xml?password=x\"}", "holds a query"},
        {"{\"url\":\"ftp://h\"}", "expected http or https"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        assert_null(lab_config("kannel", bad[i][0], &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", bad[i][0], e.text, bad[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_page),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(takes_no_harm_from_odd_pages),
        cmocka_unit_test(caps_depth_and_elements),
        cmocka_unit_test(refuses_bad_options),
    };
    return cmocka_run_group_tests_name("probe_kannel", tests, setup, teardown);
}
