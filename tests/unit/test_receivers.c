/* The ways out: what each kind really sends, and what it says of peers that refuse, hang, lie. */
#include <fcntl.h>
#include <sys/stat.h>

#include "core/notice.h"
#include "core/text.h"
#include "engine/notify_form.h"
#include "engine/receiver.h"
#include "tests/unit/canned.h"
#include "tests/unit/tls_lab.h"

#define SECRET "hush-hush-4711"

struct ways {
    struct lab *lab;
    struct fleet *fleet;
    struct receivers *all;
    struct receiver to;
    struct notice notice;
    struct canned peer;
    char replies[8][200]; /* of an HTTP peer, in turn; the last one stays */
    int n_replies, asked;
    char seen[8][4096]; /* the requests */
    bool is_ok, is_transient, may_have_arrived;
    char say[1024];
    int answers;
};

static const char *http_peer(void *arg, const char *request)
{
    struct ways *w = arg;
    const char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
    if (end == NULL || (length != NULL && strlen(end + 4) < (size_t)strtol(length + 16, NULL, 10)))
        return NULL;
    int i = w->asked < w->n_replies - 1 ? w->asked : w->n_replies - 1;
    if (w->asked < 8)
        snprintf(w->seen[w->asked], sizeof w->seen[0], "%s", request);
    w->asked++;
    return strcmp(w->replies[i], "silent") == 0  ? CANNED_SILENT
           : strcmp(w->replies[i], "reset") == 0 ? CANNED_RESET
                                                 : w->replies[i];
}

static void will_reply(struct ways *w, const char *status, const char *body)
{
    snprintf(w->replies[w->n_replies++], sizeof w->replies[0],
             "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
}

static void forget(struct ways *w)
{
    w->n_replies = w->asked = 0;
    memset(w->seen, 0, sizeof w->seen);
}

/* --- a fleet with two alerts, and a notice of them ------------------------------------------- */

static void add_alert(struct ways *w, uint64_t id, const char *target, const char *check,
                      const char *summary)
{
    char full[100];
    struct target *t = fleet_add_target(w->fleet, target);
    struct check *c = fleet_add_check(w->fleet, t, check);
    snprintf(full, sizeof full, "%s/%s", target, check);
    c->priority = PRIORITY_P2;
    struct alert *a = fleet_add_alert(w->fleet, id);
    mem_set(&a->check, full);
    mem_set(&a->summary, summary);
    a->state = STATE_CRITICAL;
    a->priority = PRIORITY_P2;
    a->level = 1;
    a->opened_at_ms = 1772692920000;
    ids_add(&w->notice.alerts, id);
}

static int setup(void **state)
{
    struct ways *w = mem_alloc(sizeof *w);
    setenv("TEST_SECRET", SECRET, 1);
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    w->lab = lab_new(true);
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    mem_set(&w->fleet->language, "en");
    w->to.id = mem_strdup("duty");
    w->to.every_ms = 60000;
    w->notice = (struct notice){
        .what = NOTICE_PROBLEM, .to = &w->to, .key = "0123456789abcdef", .at_ms = 1772692931042};
    add_alert(w, 1077, "web-01", "http", "cổng dịch vụ không trả lời");
    add_alert(w, 1078, "db-01", "sql", "connection refused");
    canned_open(&w->peer, w->lab->loop, "127.0.0.1", http_peer, w);
    w->all = receivers_new(&(struct receivers_want){.env = &w->lab->env});
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct ways *w = *state;
    receivers_free(w->all);
    canned_close(&w->peer);
    notice_release(&w->notice);
    fleet_free(w->fleet);
    free(w->to.id);
    lab_free(w->lab);
    free(w);
    return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static bool configure(struct ways *w, const char *kind, const char *json, struct err *e)
{
    const struct receiver_type *type = receiver_type_find(kind);
    struct option_reader reader = {.error = lab_fail_option};
    struct place top = PLACE_FILE("test");
    struct jval *doc = jval_parse(json, strlen(json), e);
    struct receiver_spec *s = receiver_spec_new(type);
    if (doc == NULL)
        fail_msg("%s: %s", json, e->text);
    struct option_layer layer = {doc, &top};
    assert_true(option_fill(&reader, type->options, s->config, &layer, 1));
    jval_free(doc);
    s->timeout_ms = 2000;
    w->to.config = s;
    if (type->configure(s->config, e))
        return true;
    receiver_spec_drop(s);
    return false;
}

static void on_answer(void *arg, const struct notice_answer *a)
{
    struct ways *w = arg;
    struct buf words = BUF_INIT(sizeof w->say - 1);
    w->answers++;
    w->is_ok = a->is_ok;
    w->is_transient = a->is_transient;
    w->may_have_arrived = a->may_have_arrived;
    if (a->say != NULL)
        say_text(&words, a->say, NULL);
    snprintf(w->say, sizeof w->say, "%s", buf_text(&words));
    buf_release(&words);
    assert_null(strstr(w->say, SECRET));
    loop_stop(w->lab->loop);
}

static void try_again(struct ways *w)
{
    w->answers = 0;
    notice_words(&w->notice, w->fleet);
    receivers_send(w->all, &w->notice, w->fleet, on_answer, w);
    assert_int_equal(w->answers, 0); /* never from inside */
    double begin = loop_precise_ms();
    loop_run(w->lab->loop);
    w->lab->took_ms = loop_precise_ms() - begin;
    assert_int_equal(w->answers, 1);
}

static void done(struct ways *w)
{
    receiver_spec_drop(w->to.config);
}

static void tell(struct ways *w, const char *kind, const char *json)
{
    struct err e;
    if (!configure(w, kind, json, &e))
        fail_msg("%s: %s", json, e.text);
    try_again(w);
}

static void failed(const struct ways *w, bool is_transient, bool may_have_arrived, const char *say)
{
    assert_false(w->is_ok);
    assert_string_equal(w->say, say);
    assert_int_equal(w->is_transient, is_transient);
    assert_int_equal(w->may_have_arrived, may_have_arrived);
}

static void refused_config(struct ways *w, const char *kind, const char *json, const char *why)
{
    struct err e;
    assert_false(configure(w, kind, json, &e));
    assert_string_equal(e.text, why);
}

/* --- webhook ---------------------------------------------------------------------------------- */

#define HOOK "{\"url\":\"http://127.0.0.1:%d/in\",\"token\":{\"env\":\"TEST_SECRET\"}}"

static void hook(struct ways *w)
{
    char json[300];
    snprintf(json, sizeof json, HOOK, w->peer.port);
    tell(w, "webhook", json);
    done(w);
}

static void webhook_posts_the_document(void **state)
{
    struct ways *w = *state;
    forget(w);
    will_reply(w, "204 No Content", "");
    hook(w);
    assert_true(w->is_ok);
    assert_non_null(strstr(w->seen[0], "POST /in HTTP/1.1\r\n"));
    assert_non_null(strstr(w->seen[0], "Authorization: Bearer " SECRET "\r\n"));
    assert_non_null(strstr(w->seen[0], "Content-Type: application/json\r\n"));
    const char *body = strstr(w->seen[0], "\r\n\r\n") + 4;
    struct err e;
    struct jval *doc = jval_parse(body, strlen(body), &e);
    assert_non_null(doc);
    assert_string_equal(jval_get_str(doc, "schema"), "trucban/notice/1");
    assert_string_equal(jval_get_str(doc, "key"), "0123456789abcdef");
    assert_string_equal(jval_get_str(doc, "what"), "problem");
    assert_string_equal(jval_get_str(doc, "ids"), "1077-1078");
    assert_int_equal(jval_len(jval_get(doc, "alerts")), 2);
    assert_string_equal(jval_get_str(jval_at(jval_get(doc, "alerts"), 0), "summary"),
                        "cổng dịch vụ không trả lời");
    assert_null(strstr(body, SECRET));
    jval_free(doc);
}

static void webhook_tells_what_became_of_it(void **state)
{
    struct ways *w = *state;
    char json[300];
    forget(w);
    will_reply(w, "500 Oops", "down for the night");
    hook(w);
    failed(w, true, false, "refused with HTTP 500: down for the night");
    forget(w);
    will_reply(w, "403 No", "who is " SECRET "?\x1b[31m");
    hook(w);
    failed(w, false, false, "refused with HTTP 403: who is ***?\\x1b[31m");
    forget(w);
    will_reply(w, "302 Elsewhere", "");
    hook(w);
    failed(w, false, false, "refused with HTTP 302");
    forget(w);
    snprintf(w->replies[w->n_replies++], 200, "silent");
    hook(w);
    failed(w, true, true, "no answer within 2 s");
    assert_true(w->lab->took_ms >= 1900 && w->lab->took_ms < 4000);
    forget(w);
    snprintf(w->replies[w->n_replies++], 200, "reset");
    hook(w);
    assert_false(w->is_ok);
    assert_true(w->is_transient && w->may_have_arrived);
    snprintf(json, sizeof json, HOOK, w->lab->refuse);
    tell(w, "webhook", json);
    done(w);
    failed(w, true, false, "connection refused");
    snprintf(json, sizeof json, HOOK, w->lab->garbage);
    tell(w, "webhook", json);
    done(w);
    assert_false(w->is_ok);
}

/* --- sms -------------------------------------------------------------------------------------- */

#define SMS                                                                                        \
    "{\"url\":\"http://127.0.0.1:%d/cgi-bin/sendsms\",\"user\":\"lab\",\"password\":"              \
    "{\"env\":\"TEST_SECRET\"},\"to\":[\"+84912345678\",\"0987654321\"]%s}"

static void sms_config(struct ways *w, const char *more)
{
    char json[500];
    struct err e;
    snprintf(json, sizeof json, SMS, w->peer.port, more);
    if (!configure(w, "sms", json, &e))
        fail_msg("%s", e.text);
}

static void sms_goes_to_each_number(void **state)
{
    struct ways *w = *state;
    forget(w);
    will_reply(w, "202 Accepted", "0: Accepted for delivery");
    sms_config(w, ",\"from\":\"VPCP\",\"parameters\":{\"smsc\":\"VIETTEL\"}");
    try_again(w);
    assert_true(w->is_ok);
    assert_int_equal(w->asked, 2);
    assert_non_null(strstr(w->seen[0], "GET /cgi-bin/sendsms?username=lab&from=VPCP&to=%2B84912"));
    assert_non_null(strstr(w->seen[0], "&charset=UTF-8&coding=2&smsc=VIETTEL&text="));
    assert_non_null(strstr(w->seen[0], "&password=" SECRET " HTTP/1.1"));
    assert_non_null(strstr(w->seen[1], "to=0987654321&"));
    done(w);
}

/* PF13: the words decide, not the status; one key, one message a number. */
static void sms_words_decide(void **state)
{
    struct ways *w = *state;
    snprintf(w->notice.key, sizeof w->notice.key, "00000000000000a1");
    forget(w);
    will_reply(w, "202 Accepted", "0: Accepted for delivery");
    will_reply(w, "200 OK", "Error: over quota");
    will_reply(w, "202 Accepted", "3: Queued for later delivery");
    sms_config(w, "");
    try_again(w);
    failed(w, false, false, "the gateway refuses …321: Error: over quota");
    assert_int_equal(w->asked, 2);
    try_again(w); /* the same key: only the one that has not got it */
    assert_true(w->is_ok);
    assert_int_equal(w->asked, 3);
    assert_non_null(strstr(w->seen[2], "to=0987654321&"));
    try_again(w);
    assert_true(w->is_ok);
    assert_int_equal(w->asked, 3);
    done(w);
    forget(w);
    will_reply(w, "403 Forbidden", "Authorization failed for sendsms: " SECRET);
    sms_config(w, "");
    try_again(w);
    failed(w, false, false, "the gateway refuses …678: Authorization failed for sendsms: ***");
    done(w);
    forget(w);
    will_reply(w, "503 Busy", "");
    sms_config(w, "");
    try_again(w);
    failed(w, true, false, "refused with HTTP 503");
    done(w);
}

static void short_texts_are_cut_at_words(void **state)
{
    static const struct {
        const char *text;
        bool is_ascii;
        size_t parts;
        const char *out;
    } rows[] = {
        {"ngắn", false, 1, "ngắn"},
        {"cổng dịch vụ công quốc gia không trả lời trong năm giây qua, nhánh A và B cùng lúc",
         false, 1, "cổng dịch vụ công quốc gia không trả lời trong năm giây qua, nhánh A…"},
        {"Đường truyền", true, 1, "Duong truyen"},
    };
    struct buf b = BUF_INIT(0);
    char many[1000];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_clear(&b);
        notify_cut(&b, rows[i].text, rows[i].is_ascii, rows[i].parts);
        assert_string_equal(buf_text(&b), rows[i].out);
    }
    memset(many, 'x', 900);
    many[900] = '\0';
    static const size_t most[2][3] = {{70, 134, 201}, {160, 306, 459}};
    for (int ascii = 0; ascii < 2; ascii++)
        for (size_t parts = 1; parts <= 3; parts++) {
            buf_clear(&b);
            notify_cut(&b, many, ascii, parts);
            assert_int_equal(text_cols(buf_text(&b)), most[ascii][parts - 1]);
        }
    memset(many, '[', 200); /* two places each in the alphabet of the telephone */
    many[200] = '\0';
    buf_clear(&b);
    notify_cut(&b, many, true, 1);
    assert_int_equal(b.len, 78 + 3);
    buf_release(&b);
}

/* --- alertmanager ----------------------------------------------------------------------------- */

static void alertmanager_fires_and_resolves(void **state)
{
    struct ways *w = *state;
    char json[300];
    struct alert *a = fleet_alert(w->fleet, 1077);
    forget(w);
    will_reply(w, "200 OK", "");
    snprintf(json, sizeof json,
             "{\"urls\":[\"http://127.0.0.1:%d/\"],\"labels\":{\"team\":\"duty\"}}", w->peer.port);
    tell(w, "alertmanager", json);
    assert_true(w->is_ok);
    assert_non_null(strstr(w->seen[0], "POST /api/v2/alerts HTTP/1.1"));
    const char *body = strstr(w->seen[0], "\r\n\r\n") + 4;
    struct err e;
    struct jval *doc = jval_parse(body, strlen(body), &e);
    const struct jval *labels = jval_get(jval_at(doc, 0), "labels");
    assert_string_equal(jval_get_str(labels, "alertname"), "http");
    assert_string_equal(jval_get_str(labels, "target"), "web-01");
    assert_string_equal(jval_get_str(labels, "check"), "web-01/http");
    assert_string_equal(jval_get_str(labels, "priority"), "P2");
    assert_string_equal(jval_get_str(labels, "site"), "demo");
    assert_string_equal(jval_get_str(labels, "team"), "duty");
    assert_string_equal(jval_get_str(jval_at(doc, 0), "startsAt"), "2026-03-05T06:42:00.000Z");
    assert_string_equal(jval_get_str(jval_at(doc, 0), "endsAt"), "2026-03-12T06:42:11.042Z");
    struct buf first = BUF_INIT(0), second = BUF_INIT(0);
    jval_dump(&first, labels, JVAL_SORTED);
    jval_free(doc);
    a->phase = ALERT_RESOLVED; /* and of another level meanwhile: to Alertmanager the same alert */
    a->level = 3;
    a->resolved_at_ms = 1772692990000;
    w->notice.what = NOTICE_RECOVERY;
    try_again(w);
    done(w);
    w->notice.what = NOTICE_PROBLEM;
    a->phase = ALERT_FIRING;
    doc = jval_parse(strstr(w->seen[1], "\r\n\r\n") + 4, strlen(strstr(w->seen[1], "\r\n\r\n") + 4),
                     &e);
    jval_dump(&second, jval_get(jval_at(doc, 0), "labels"), JVAL_SORTED);
    assert_string_equal(buf_text(&first), buf_text(&second));
    assert_string_equal(jval_get_str(jval_at(doc, 0), "endsAt"), "2026-03-05T06:43:10.000Z");
    jval_free(doc);
    buf_release(&first);
    buf_release(&second);
}

static void alertmanager_of_a_cluster_one_is_enough(void **state)
{
    struct ways *w = *state;
    char json[300];
    forget(w);
    will_reply(w, "200 OK", "");
    snprintf(json, sizeof json, "{\"urls\":[\"http://127.0.0.1:%d\",\"http://127.0.0.1:%d\"]}",
             w->lab->refuse, w->peer.port);
    tell(w, "alertmanager", json);
    assert_true(w->is_ok);
    assert_int_equal(w->asked, 1);
    done(w);
    forget(w);
    will_reply(w, "400 Bad", "\"start time must be before end time\"");
    tell(w, "alertmanager", json);
    done(w);
    failed(w, true, false, "connection refused");
}

/* --- command ---------------------------------------------------------------------------------- */

static void script(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", text);
    fclose(f);
    chmod(path, 0700);
}

static void command_reads_the_notice(void **state)
{
    struct ways *w = *state;
    struct scratch scratch;
    char path[300], out[300], json[900], text[700];
    scratch_make(&scratch);
    scratch_path(&scratch, "hook", path);
    scratch_path(&scratch, "out", out);
    snprintf(text, sizeof text, "cat >%s; echo \"$1 $TO\" >>%s", out, out);
    script(path, text);
    snprintf(json, sizeof json, "{\"command\":[\"%s\",\"$(id)\"],\"environment\":{\"TO\":\"x\"}}",
             path);
    tell(w, "command", json);
    if (!w->is_ok)
        fail_msg("%s", w->say);
    char got[8192] = "";
    FILE *f = fopen(out, "r");
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_non_null(strstr(got, "\"schema\":\"trucban/notice/1\""));
    assert_non_null(strstr(got, "\n$(id) x\n"));
    script(path, "echo no such team >&2; exit 3");
    try_again(w);
    failed(w, false, false, "the program ended with exit code 3: no such team");
    script(path, "echo later; exit 75");
    try_again(w);
    failed(w, true, false, "the program ended with exit code 75: later");
    script(path, "sleep 30");
    try_again(w);
    failed(w, true, true, "the program did not end within 2 s");
    assert_true(w->lab->took_ms < 4000);
    chmod(path, 0722);
    try_again(w);
    assert_non_null(strstr(w->say, "is writable by others"));
    done(w);
    scratch_remove(&scratch);
}

/* --- mail ------------------------------------------------------------------------------------- */

static bool is_in_data;
static const char *bad_rcpt;

static const char *mail_peer(void *arg, const char *got)
{
    static const struct {
        const char *head, *answer;
    } rows[] = {{"EHLO", "250-mail.lab\r\n250 8BITMIME\r\n"},
                {"MAIL", "250 ok\r\n"},
                {"RCPT", "250 ok\r\n"},
                {"DATA", "354 go\r\n"},
                {"QUIT", "221 bye\r\n"}};
    (void)arg;
    if (is_in_data) {
        size_t len = strlen(got);
        if (len < 5 || strcmp(got + len - 5, "\r\n.\r\n") != 0)
            return NULL;
        is_in_data = false;
        return "250 queued\r\n";
    }
    if (bad_rcpt != NULL && strstr(got, bad_rcpt) != NULL)
        return "550 5.1.1 no such user\r\n";
    is_in_data = strncmp(got, "DATA", 4) == 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(got, rows[i].head, 4) == 0)
            return rows[i].answer;
    return "502 what?\r\n";
}

#define MAIL                                                                                       \
    "{\"host\":\"127.0.0.1\",\"port\":%d,\"starttls\":\"none\",\"from\":\"trucban@desk.example\"," \
    "\"to\":[\"l1@desk.example\",\"l2@desk.example\"]}"

static void mail_is_a_mail(void **state)
{
    struct ways *w = *state;
    struct canned server;
    char json[400];
    canned_open(&server, w->lab->loop, "127.0.0.1", mail_peer, w);
    server.keeps = true;
    server.greeting = "220 mail.lab\r\n";
    snprintf(json, sizeof json, MAIL, server.port);
    snprintf(w->notice.key, sizeof w->notice.key, "00000000000000b1");
    w->notice.is_possible_repeat = true;
    tell(w, "mail", json);
    w->notice.is_possible_repeat = false;
    if (!w->is_ok)
        fail_msg("%s", w->say);
    const char *got = buf_text(&server.got);
    static const char *const parts[] = {"MAIL FROM:<trucban@desk.example>\r\n",
                                        "RCPT TO:<l1@desk.example>\r\n",
                                        "RCPT TO:<l2@desk.example>\r\n",
                                        "To: <l1@desk.example>,\r\n <l2@desk.example>\r\n",
                                        "Subject: P2 problem: web-01/http",
                                        "Date: Thu, 5 Mar 2026 13:42:11 +0700\r\n",
                                        "Message-ID: <00000000000000b1.duty@desk.example>\r\n",
                                        "X-Trucban-Possible-Repeat: yes\r\n",
                                        "c=E1=BB=95ng d=E1=BB=8Bch",
                                        "\r\n.\r\nQUIT\r\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(got, parts[i]) == NULL)
            fail_msg("\"%s\" is not in\n%s", parts[i], got);
    done(w);
    /* One refused: the other has it, and alone is tried again. */
    bad_rcpt = "RCPT TO:<l2@";
    buf_clear(&server.got);
    snprintf(w->notice.key, sizeof w->notice.key, "00000000000000b2");
    tell(w, "mail", json);
    failed(w, false, false, "l2@desk.example refused: 550 5.1.1 no such user");
    assert_non_null(strstr(buf_text(&server.got), "\r\nDATA\r\n"));
    bad_rcpt = NULL;
    buf_clear(&server.got);
    try_again(w);
    assert_true(w->is_ok);
    assert_null(strstr(buf_text(&server.got), "RCPT TO:<l1@"));
    assert_non_null(strstr(buf_text(&server.got), "RCPT TO:<l2@"));
    done(w);
    canned_close(&server);
}

static void mail_texts_are_safe_on_the_way(void **state)
{
    struct buf b = BUF_INIT(0), stuffed = BUF_INIT(0);
    (void)state;
    mime_header(&b, "Subject", "Cổng dịch vụ công quốc gia: máy chủ web không trả lời");
    assert_int_equal(strncmp(buf_text(&b), "Subject: =?UTF-8?B?Q+G7lW5nIGThu4tjaCB2", 39), 0);
    for (const char *line = buf_text(&b), *end; (end = strstr(line, "\r\n")) != NULL;
         line = end + 2)
        assert_true(end - line <= 85 && strncmp(end - 2, "?=", 2) == 0);
    buf_clear(&b);
    mime_quoted(&b, ".hidden\n..\nFrom me \n\xc3\xa9=\n");
    assert_string_equal(buf_text(&b), ".hidden\r\n..\r\nFrom me=20\r\n=C3=A9=3D\r\n");
    smtp_stuff(&stuffed, buf_text(&b), b.len);
    assert_string_equal(buf_text(&stuffed), "..hidden\r\n...\r\nFrom me=20\r\n=C3=A9=3D\r\n.\r\n");
    buf_release(&b);
    buf_release(&stuffed);
}

/* A mail server that hangs, lies, is not one. */
static void mail_servers_that_are_none(void **state)
{
    struct ways *w = *state;
    char json[400];
    snprintf(json, sizeof json, MAIL, w->lab->silent);
    tell(w, "mail", json);
    failed(w, true, false, "no greeting within 2 s");
    done(w);
    snprintf(json, sizeof json, MAIL, w->lab->refuse);
    tell(w, "mail", json);
    failed(w, true, false, "connection refused");
    done(w);
    snprintf(json, sizeof json, MAIL, w->lab->garbage);
    tell(w, "mail", json);
    assert_false(w->is_ok);
    done(w);
}

/* --- configuration, ends ---------------------------------------------------------------------- */

static void refuses_what_cannot_be(void **state)
{
    struct ways *w = *state;
    refused_config(w, "mail", "{\"host\":\"h\",\"from\":\"me\",\"to\":\"a@b\"}",
                   "\"from\" is \"me\", expected an address such as trucban@example.org");
    refused_config(w, "mail", "{\"host\":\"h\",\"from\":\"a@b\",\"to\":\"a@b>\\r\\nRCPT TO:<c@d\"}",
                   "\"to\": \"a@b>\r\nRCPT TO:<c@d\" is no address such as duty@example.org");
    refused_config(w, "mail", "{\"from\":\"a@b\",\"to\":\"a@b\"}",
                   "\"host\" is missing: the mail server that takes the mail");
    refused_config(w, "sms",
                   "{\"url\":\"http://h/\",\"user\":\"u\",\"password\":{\"env\":\"TEST_SECRET\"},"
                   "\"to\":\"call me\"}",
                   "\"to\": \"call me\" is no telephone number, expected 3 to 20 digits");
    refused_config(w, "alertmanager", "{\"urls\":\"http://h\",\"labels\":{\"a-b\":\"c\"}}",
                   "\"labels\": \"a-b\" is no name of a label: letters, digits, \"_\"");
    refused_config(w, "command", "{\"command\":\"mail\"}",
                   "\"command\": \"mail\" is not an absolute path");
    refused_config(w, "webhook", "{\"url\":\"http://u:p@h/\"}",
                   "the URL holds a user name; use a header instead");
}

/* Under way when the engine ends: no answer, nothing left. */
static void ends_in_the_middle(void **state)
{
    struct ways *w = *state;
    char json[300];
    struct err e;
    forget(w);
    snprintf(w->replies[w->n_replies++], 200, "silent");
    snprintf(json, sizeof json, HOOK, w->peer.port);
    assert_true(configure(w, "webhook", json, &e));
    w->answers = 0;
    notice_words(&w->notice, w->fleet);
    receivers_send(w->all, &w->notice, w->fleet, on_answer, w);
    done(w); /* the site file it is from is gone */
    receivers_free(w->all);
    assert_int_equal(w->answers, 0);
    w->all = receivers_new(&(struct receivers_want){.env = &w->lab->env});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webhook_posts_the_document),
        cmocka_unit_test(webhook_tells_what_became_of_it),
        cmocka_unit_test(sms_goes_to_each_number),
        cmocka_unit_test(sms_words_decide),
        cmocka_unit_test(short_texts_are_cut_at_words),
        cmocka_unit_test(alertmanager_fires_and_resolves),
        cmocka_unit_test(alertmanager_of_a_cluster_one_is_enough),
        cmocka_unit_test(mail_is_a_mail),
        cmocka_unit_test(mail_texts_are_safe_on_the_way),
        cmocka_unit_test(mail_servers_that_are_none),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(ends_in_the_middle),
        cmocka_unit_test(command_reads_the_notice), /* last: it ends faultd, a child of ours */
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
