/* What a flow carries from reply to request: escaped by its place, or not sent; and SOAP. */
#include "tests/unit/flow_lab.h"

/* --- values --------------------------------------------------------------------------------- */

#define PLACES                                                                                     \
    "{\"effect\":\"none\",\"steps\":["                                                             \
    "{\"id\":\"a\"," URL "/login\",\"take\":{\"v\":\"/v\"}},"                                      \
    "{\"id\":\"json\"," URL "/p/${v}/q?x=${v}#${v}\",\"body\":\"{\\\"v\\\":\\\"<${v}>\\\"}\"},"    \
    "{\"id\":\"xml\"," URL "/x\",\"reply\":\"xml\",\"body\":\"<a b='${v}'>${v}</a>\"},"            \
    "{\"id\":\"form\"," URL "/f\",\"content_type\":\"application/x-www-form-urlencoded\","         \
    "\"body\":\"v=${v}&w=1\"}]}"

static void hostile_values_stay_values(void **state)
{
    static const struct {
        const char *reply, *url, *json, *xml;
    } rows[] = {
        {"a/../b?c&d=e#f", "a%2F..%2Fb%3Fc%26d%3De%23f", "<a/../b?c&d=e#f>",
         "<a b='a/../b?c&amp;d=e#f'>a/../b?c&amp;d=e#f</a>"},
        {"\\\"},{\\\"x\\\":1", "%22%7D%2C%7B%22x%22%3A1", "<\\\"},{\\\"x\\\":1>",
         "<a b='&quot;},{&quot;x&quot;:1'>&quot;},{&quot;x&quot;:1</a>"},
        {"\\\\", "%5C", "<\\\\>", "<a b='\\'>\\</a>"},
        {"</a><!ENTITY x>]]>'", "%3C%2Fa%3E%3C%21ENTITY%20x%3E%5D%5D%3E%27",
         "<</a><!ENTITY x>]]>'>",
         "<a b='&lt;/a&gt;&lt;!ENTITY x&gt;]]&gt;&apos;'>&lt;/a&gt;&lt;!ENTITY "
         "x&gt;]]&gt;&apos;</a>"},
        {"${run.key} $${x} %25 %s", "%24%7Brun.key%7D%20%24%24%7Bx%7D%20%2525%20%25s",
         "<${run.key} $${x} %25 %s>", "<a b='${run.key} $${x} %25 %s'>${run.key} $${x} %25 %s</a>"},
        {"Đã nhận", "%C4%90%C3%A3%20nh%E1%BA%ADn", "<Đã nhận>", "<a b='Đã nhận'>Đã nhận</a>"},
        {" HTTP/1.1", "%20HTTP%2F1.1", "< HTTP/1.1>", "<a b=' HTTP/1.1'> HTTP/1.1</a>"},
    };
    char reply[256], want[1024];
    (void)state;
    route("/p/", "200 OK", "{}");
    route("/x", "200 OK", "<ok/>");
    route("/f", "200 OK", "{}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(reply, sizeof reply, "{\"v\":\"%s\"}", rows[i].reply);
        route("/login", "200 OK", reply);
        look(PLACES, 3000);
        expect(STATE_OK, "4 steps succeeded");
        snprintf(want, sizeof want, "POST /p/%s/q?x=%s HTTP/1.1\r\n", rows[i].url, rows[i].url);
        assert_true(was_asked(want));
        snprintf(want, sizeof want, "\r\n\r\n{\"v\":\"%s\"}", rows[i].json);
        assert_true(was_asked(want));
        assert_true(was_asked(rows[i].xml));
        snprintf(want, sizeof want, "\r\n\r\nv=%s&w=1", rows[i].url);
        assert_true(was_asked(want));
    }
}

static void what_cannot_be_placed_is_not_sent(void **state)
{
#define INTO(rest)                                                                                 \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"a\"," URL "/login\",\"take\":{\"v\":\"/v\"}},"      \
    "{\"id\":\"b\"," URL rest "}]}"
    static const struct {
        const char *reply, *flow, *begins;
    } rows[] = {
        {"{\"v\":\"..\"}", INTO("/p/${v}\""),
         "step b, GET /p/{v}: the value of v cannot stand in a URL: it is empty or dots alone."},
        {"{\"v\":\"Đã\"}", INTO("/p\",\"headers\":{\"X-V\":\"${v}\"}"),
         "step b, GET /p: the value of v cannot stand in a header: it is not plain ASCII."},
        {"{\"v\":\"1,\\\"x\\\":2\"}", INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""),
         "step b, POST /p: the value of v is no number and no word of JSON, and stands outside"},
        {"{\"v\":\"[1]\"}", INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""),
         "step b, POST /p: the value of v is no number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        route("/login", "200 OK", rows[i].reply);
        look(rows[i].flow, 3000);
        expect(STATE_CRITICAL, rows[i].begins);
        assert_false(was_asked(" /p"));
    }
    route("/login", "200 OK", "{\"v\":-12.5}"); /* a number may */
    route("/p", "200 OK", "{}");
    look(INTO("/p\",\"body\":\"{\\\"v\\\":${v}}\""), 3000);
    expect(STATE_OK, "2 steps");
    assert_true(was_asked("{\"v\":-12.5}"));
}

static void a_value_has_a_size(void **state)
{
    struct buf b = BUF_INIT(0);
    (void)state;
    for (int len = FLOW_VALUE_MAX; len <= FLOW_VALUE_MAX + 1; len++) {
        buf_clear(&b);
        buf_addf(&b, "{\"v\":\"%0*d\"}", len, 7);
        route("/login", "200 OK", buf_text(&b));
        route("/p", "200 OK", "{}");
        look(INTO("/p\",\"body\":\"{\\\"v\\\":\\\"${v}\\\"}\""), 3000);
        expect(len == FLOW_VALUE_MAX ? STATE_OK : STATE_CRITICAL,
               len == FLOW_VALUE_MAX
                   ? "2 steps"
                   : "step a, GET /login: the value to be taken as v is longer than "
                     "8192 bytes.");
    }
    buf_clear(&b);
    buf_addf(&b, "{\"v\":\"%070000d\"}", 7);
    snprintf(the->last, sizeof the->last, "200 OK\r\nContent-Length: 70010");
    route("/login", the->last, "x"); /* larger than max_body by what it says of itself */
    look(INTO("/p\""), 1000);
    assert_int_equal(the->lab->seen.state, STATE_CRITICAL);
    buf_release(&b);
}

static void headers_are_taken_too(void **state)
{
    (void)state;
    route("/login", "200 OK\r\nX-Session: old\r\nx-session: tok-12345678", "plain text");
    route("/p", "200 OK", "");
    look("{\"effect\":\"none\",\"steps\":[{\"id\":\"a\",\"reply\":\"text\"," URL
         "/login\",\"expect\":{\"body\":\"plain\"},\"take\":{\"s\":\"header:X-Session\"}},"
         "{\"id\":\"b\",\"reply\":\"text\"," URL "/p\",\"headers\":{\"Cookie\":\"s=${a.s}\"}}]}",
         3000);
    expect(STATE_OK, "2 steps");
    assert_true(was_asked("Cookie: s=tok-12345678\r\n"));
    route("/login", "200 OK", "plain text");
    look("{\"effect\":\"none\",\"steps\":[{\"id\":\"a\",\"reply\":\"text\"," URL
         "/login\",\"take\":{\"s\":\"header:X-Session\"}}]}",
         3000);
    expect(STATE_CRITICAL, "step a, GET /login: header:X-Session is missing in the reply.");
}

static void a_reply_is_compared_with_values(void **state)
{
#define ECHO(more)                                                                                 \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"a\"," URL                                           \
    "/login\",\"take\":{\"v\":\"/access_token\"}},"                                                \
    "{\"id\":\"b\"," URL "/p\"," more "}]}"
    (void)state;
    route("/p", "200 OK", "{\"v\":\"tok-12345678\",\"w\":\"tok-87654321\"}");
    look(ECHO("\"success\":{\"/v\":\"${v}\"},\"expect\":{\"body\":\"v\\\":\\\"${a.v}\","
              "\"json\":{\"/w\":{\"!=\":\"${v}\"}}}"),
         3000);
    expect(STATE_OK, "2 steps");
    look(ECHO("\"success\":{\"/w\":\"${v}\"}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: w is tok-87654321, which is not success.");
    look(ECHO("\"expect\":{\"json\":{\"/w\":\"${v}\"}}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: /w is tok-87654321, expected ***. Ask");
    look(ECHO("\"expect\":{\"body\":\"x${v}\"}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: body does not contain x***. Ask");
    look(ECHO("\"expect\":{\"json\":{\"/w\":\"${run.key}\"}}"), 3000);
    expect(STATE_CRITICAL, "step b, GET /p: /w is tok-87654321, expected TRUCBAN-2");
}

/* --- SOAP ----------------------------------------------------------------------------------- */

#define ENVELOPE(body)                                                                             \
    "<?xml version=\"1.0\"?><soap:Envelope "                                                       \
    "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">"                                    \
    "<soap:Header/><soap:Body>" body "</soap:Body></soap:Envelope>"
#define SOAP                                                                                       \
    "{\"effect\":\"none\",\"steps\":[{\"id\":\"ask\",\"reply\":\"xml\"," URL "/soap\","            \
    "\"headers\":{\"SOAPAction\":\"TraCuuHoSo\"},\"body\":\"<e><k>${run.key}</k></e>\","           \
    "\"success\":{\"/Envelope/Body/TraCuuResponse/return/error_code\":0},"                         \
    "\"message\":\"//moTa\",\"take\":{\"code\":\"/Envelope/Body/TraCuuResponse/return/maHoSo\"}}," \
    "{\"id\":\"next\",\"reply\":\"xml\"," URL "/next?m=${code}\"}]}"

static void soap_is_judged_by_its_element_and_its_fault(void **state)
{
#define RETURN(inner)                                                                              \
    ENVELOPE("<n:TraCuuResponse xmlns:n=\"u\"><return>" inner "</return></n:TraCuuResponse>")
    static const struct {
        const char *head, *body;
        enum state state;
        const char *begins, *code;
    } rows[] = {
        {"200 OK", RETURN("<error_code>0</error_code><maHoSo> HS 1&amp;2 </maHoSo>"), STATE_OK,
         "2 steps succeeded", ""},
        {"200 OK", RETURN("<error_code>31</error_code><moTa>không có <b/></moTa>"), STATE_CRITICAL,
         "step ask, POST /soap: error_code is 31: không có. Give the partner", "31"},
        {"500 Internal Server Error",
         ENVELOPE("<soap:Fault><faultcode>soap:Server</faultcode><faultstring>no &#x202e; session"
                  "</faultstring></soap:Fault>"),
         STATE_CRITICAL, "step ask, POST /soap: SOAP fault: no <U+202E> session. Give the partner",
         "soap:Server"},
        {"200 OK",
         ENVELOPE(
             "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>"
             "<soap:Text>bad</soap:Text></soap:Reason></soap:Fault>"),
         STATE_CRITICAL, "step ask, POST /soap: SOAP fault: bad.", "soap:Sender"},
        {"200 OK", ENVELOPE("<soap:Fault/>"), STATE_CRITICAL,
         "step ask, POST /soap: SOAP fault without a word.", ""},
        {"200 OK", ENVELOPE(""), STATE_CRITICAL,
         "step ask, POST /soap: /Envelope/Body/TraCuuResponse/return/error_code is missing in", ""},
        {"200 OK", "<soap:Envelope><soap:Body>", STATE_CRITICAL,
         "step ask, POST /soap: malformed XML in the reply: line 1: no element found.", ""},
        {"200 OK", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", STATE_CRITICAL,
         "step ask, POST /soap: malformed XML in the reply: line 1: a document type is not taken.",
         ""},
        {"503 Busy", "<html>", STATE_CRITICAL, "step ask, POST /soap: HTTP 503, expected 2xx.",
         "503"},
    };
    (void)state;
    route("/next", "200 OK", "<ok/>");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        route("/soap", rows[i].head, rows[i].body);
        look(SOAP, 3000);
        expect(rows[i].state, rows[i].begins);
        assert_string_equal(fact("error_code"), rows[i].code);
        assert_int_equal(was_asked("GET /next?m=HS%201%262 "), rows[i].state == STATE_OK);
    }
    assert_true(was_asked("SOAPAction: TraCuuHoSo\r\n"));
    assert_true(was_asked("Content-Type: text/xml; charset=utf-8\r\n"));
    assert_true(was_asked("<e><k>TRUCBAN-2"));
}

static void a_long_element_is_not_cut_and_sent_on(void **state)
{
    struct buf b = BUF_INIT(0);
    (void)state;
    route("/next", "200 OK", "<ok/>");
    buf_addf(&b, RETURN("<error_code>0</error_code><maHoSo>%04200d</maHoSo>"), 7);
    route("/soap", "200 OK", buf_text(&b));
    look(SOAP, 3000);
    expect(STATE_CRITICAL,
           "step ask, POST /soap: the value to be taken as code is longer than 4096");
    assert_false(was_asked("/next"));
    buf_release(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(hostile_values_stay_values),
        TEST(what_cannot_be_placed_is_not_sent),
        TEST(a_value_has_a_size),
        TEST(headers_are_taken_too),
        TEST(a_reply_is_compared_with_values),
        TEST(soap_is_judged_by_its_element_and_its_fault),
        TEST(a_long_element_is_not_cut_and_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
