/* The conversation with a mailbox: servers that are healthy, wrong, slow, hostile; and its
 * responses alone. */
#include "core/text.h"
#include "core/when.h"
#include "engine/imap.h"
#include "tests/unit/mail_lab.h"
#include "tests/unit/tls_lab.h"

struct labs {
    struct tls_lab *tls;
    struct mail_lab *mail;
    /* of the conversation */
    struct imap *imap;
    const char *const *script; /* commands that are sent, one after the other */
    char words[600];           /* how it ended; what the last reply said */
    bool is_failed, is_transient;
    size_t n_found, n_uids, n_mails;
    char header[300];
    int64_t arrived_ms, quota_used, quota_limit;
};

static int setup(void **state)
{
    struct labs *l = mem_alloc(sizeof *l);
    l->tls = tls_lab_new(NULL);
    l->mail = mail_lab_new();
    *state = l;
    return 0;
}

static int teardown(void **state)
{
    struct labs *l = *state;
    mail_lab_free(l->mail);
    tls_lab_free(l->tls);
    free(l);
    return 0;
}

static void finish(struct labs *l)
{
    loop_stop(l->tls->lab->loop);
}

static void keep_reply(struct labs *l)
{
    const struct imap_reply *r = imap_reply_of(l->imap);
    char *text = imap_reply_text(r);

    snprintf(l->words, sizeof l->words, "%s", text);
    free(text);
    l->n_found = r->n_found;
    l->n_uids = r->n_uids;
    l->n_mails = r->n_mails;
    l->quota_used = r->quota_used;
    l->quota_limit = r->quota_limit;
    if (r->n_mails > 0) {
        char *value = imap_mail_header(&r->mails[0], "X-Trucban-Proof");
        snprintf(l->header, sizeof l->header, "%s", value != NULL ? value : "none");
        l->arrived_ms = r->mails[0].arrived_ms;
        free(value);
    }
}

static void on_news(void *arg, struct imap_news *n)
{
    struct labs *l = arg;

    if (n->what == IMAP_FAILED) {
        struct buf words = BUF_INIT(sizeof l->words - 1);
        say_text(&words, n->say, NULL);
        snprintf(l->words, sizeof l->words, "%s", buf_text(&words));
        buf_release(&words);
        l->is_failed = true;
        l->is_transient = n->is_transient;
        finish(l);
        return;
    }
    if (n->what == IMAP_REPLY)
        keep_reply(l);
    if (*l->script == NULL)
        finish(l);
    else
        imap_send(l->imap, "command", *l->script++);
}

static const char *const nothing[] = {NULL};

static void converse(struct labs *l, int port, const struct imap_access *a,
                     const char *const *script, int64_t timeout_ms)
{
    struct imap_access access = *a;
    struct lab *lab = l->tls->lab;
    const struct imap_want want = {&access, "127.0.0.1", timeout_ms, 256 * 1024};

    access.port = port;
    access.connect_ms = 1000;
    access.mailbox = access.mailbox != NULL ? access.mailbox : (char *)"INBOX";
    access.user = access.user != NULL ? access.user : (char *)"lab";
    access.password = access.password != NULL ? access.password : (char *)"right";
    l->script = script;
    l->is_failed = false;
    l->words[0] = l->header[0] = '\0';
    double begun = loop_precise_ms();
    l->imap = imap_start(lab->loop, lab->env.resolver, lab->env.tls, &want, on_news, l);
    loop_run(lab->loop);
    lab->took_ms = loop_precise_ms() - begun;
    imap_free(l->imap);
}

/* In the clear, which is for loopback. */
static void plain(struct labs *l, const char *mode, const char *const *script)
{
    const struct imap_access a = {.starttls = STARTTLS_NONE};
    converse(l, l->mail->imap[mail_mode(l->mail, mode)], &a, script, 5000);
}

static void failed(const struct labs *l, const char *words)
{
    assert_true(l->is_failed);
    assert_string_equal(l->words, words);
}

static void finds_fetches_and_deletes(void **state)
{
    struct labs *l = *state;
    char answer[200];
    static const char *const find[] = {"UID SEARCH HEADER X-Trucban-Proof \"lab/a\"", NULL};
    static const char *const take[] = {
        "UID FETCH 1:9 (INTERNALDATE BODY.PEEK[HEADER.FIELDS (X-Trucban-Proof)])", NULL};
    static const char *const drop[] = {"UID STORE 1 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 1",
                                       NULL};
    static const char *const quota[] = {"GETQUOTAROOT \"INBOX\"", NULL};

    mail_lab_ask(l->mail, "good", "PUT X-Trucban-Proof: lab/a k1", answer);
    plain(l, "good", find);
    assert_false(l->is_failed);
    assert_int_equal(l->n_found, 1);
    plain(l, "good", take);
    assert_int_equal(l->n_mails, 1);
    assert_string_equal(l->header, "lab/a k1");
    int64_t off = l->arrived_ms - loop_wall_ms(l->tls->lab->loop);
    assert_true(off > -20000 && off < 5000);
    plain(l, "good", quota);
    assert_int_equal(l->quota_used, 10);
    assert_int_equal(l->quota_limit, 512);
    plain(l, "good", drop);
    assert_string_equal(l->words, "OK done");
    mail_lab_ask(l->mail, "good", "COUNT", answer);
    assert_string_equal(answer, "OK mails=0 taken=0 deleted=1");
    plain(l, "good", find);
    assert_int_equal(l->n_found, 0);
}

static void logs_in_either_way(void **state)
{
    struct labs *l = *state;
    const int port = l->mail->imap[mail_mode(l->mail, "login-only")];

    plain(l, "login-only", nothing);
    assert_false(l->is_failed);
    converse(l, port, &(struct imap_access){.starttls = STARTTLS_NONE, .password = (char *)"mật"},
             nothing, 5000);
    failed(l, "only LOGIN is offered, and it cannot say this user or password: not plain ASCII");
    converse(l, port,
             &(struct imap_access){.starttls = STARTTLS_NONE, .password = (char *)"a\"\\ b"},
             nothing, 5000);
    failed(l, "login refused: NO [AUTHENTICATIONFAILED] Authentication failed.");
    plain(l, "no-login", nothing);
    failed(l, "no login by PLAIN or LOGIN is offered");
}

static void tells_a_wrong_password_from_a_bad_minute(void **state)
{
    struct labs *l = *state;
    const struct imap_access wrong = {.starttls = STARTTLS_NONE, .password = (char *)"wrong"};

    converse(l, l->mail->imap[mail_mode(l->mail, "good")], &wrong, nothing, 5000);
    failed(l, "login refused: NO [AUTHENTICATIONFAILED] Authentication failed.");
    assert_false(l->is_transient);
    plain(l, "unavailable", nothing);
    failed(l, "login not possible now: NO [UNAVAILABLE] no directory now");
    assert_true(l->is_transient);
    plain(l, "evil", nothing);
    failed(l, "login not possible now: NO [UNAVAILABLE] ev\\x1b[31mil\\x9b<U+202E>");
    plain(l, "no-mailbox", nothing);
    failed(l, "SELECT refused: NO [NONEXISTENT] no such mailbox");
    plain(l, "read-only", nothing);
    failed(l, "the mailbox can only be read: OK [READ-ONLY] done");
}

/* Required stays required, and no password goes over a line in the clear. */
static void comes_under_tls(void **state)
{
    struct labs *l = *state;
    struct imap_access a = {.ca_file = l->tls->ca, .starttls = STARTTLS_IMPLICIT};

    converse(l, tls_port(l->tls, "imap-first"), &a, nothing, 5000);
    assert_false(l->is_failed);
    converse(l, tls_port(l->tls, "imap-expired"), &a, nothing, 5000);
    assert_true(l->is_failed && strstr(l->words, "certificate expired 3 days ago") != NULL);
    a.starttls = STARTTLS_REQUIRED;
    converse(l, tls_port(l->tls, "imap"), &a, nothing, 5000);
    assert_false(l->is_failed);
    converse(l, tls_port(l->tls, "imap-stripped"), &a, nothing, 5000);
    failed(l, "STARTTLS is required, and not offered");
    converse(l, tls_port(l->tls, "imap-refuses-tls"), &a, nothing, 5000);
    failed(l, "STARTTLS refused: NO done");
    converse(l, l->mail->imap[mail_mode(l->mail, "inject")], &a, nothing, 5000);
    failed(l, "unencrypted text before the TLS handshake");
    a.starttls = STARTTLS_OPTIONAL;
    converse(l, tls_port(l->tls, "imap"), &a, nothing, 5000);
    assert_false(l->is_failed);
    converse(l, tls_port(l->tls, "imap-stripped"), &a, nothing, 5000);
    failed(l, "the password is not sent: the connection is not encrypted");
}

static void is_bounded(void **state)
{
    struct labs *l = *state;
    const struct imap_access a = {.starttls = STARTTLS_NONE};
    static const char *const find[] = {"UID SEARCH HEADER X-Trucban-Proof \"lab\"", NULL};
    static const char *const take[] = {"UID FETCH 1:9 (BODY.PEEK[HEADER])", NULL};
    char answer[200];
    int64_t rss = lab_rss_kib();

    plain(l, "endless", nothing);
    failed(l, "reply over 256 KiB");
    plain(l, "chatters", nothing);
    failed(l, "reply over 256 KiB");
    mail_lab_ask(l->mail, "huge", "PUT X-Trucban-Proof: lab", answer);
    plain(l, "huge", take);
    failed(l, "reply over 32 KiB");
    plain(l, "many", find); /* 100,000 numbers in one line */
    failed(l, "reply over 256 KiB");
    assert_true(lab_rss_kib() - rss < 8192); /* sanitisers keep what was freed */
    converse(l, l->mail->imap[mail_mode(l->mail, "hang")], &a, nothing, 300);
    failed(l, "no greeting within 300 ms");
    assert_true(l->tls->lab->took_ms >= 290 && l->tls->lab->took_ms < 1500);
}

static void tells_what_it_was_told(void **state)
{
    struct labs *l = *state;
    static const char *const take[] = {"UID FETCH 1:9 (BODY.PEEK[HEADER])", NULL};
    const struct imap_access a = {.starttls = STARTTLS_NONE};
    char answer[200];

    plain(l, "gibberish", nothing);
    failed(l, "the answer is not IMAP: 220 mail.lab ESMTP");
    plain(l, "plus", nothing);
    failed(l, "the answer is not IMAP: + more, please");
    plain(l, "preauth", nothing);
    failed(l, "greeted with PREAUTH as somebody");
    plain(l, "bye", nothing);
    failed(l, "the server hangs up: BYE going down");
    plain(l, "slam", nothing);
    failed(l, "connection closed without an answer to CAPABILITY");
    mail_lab_ask(l->mail, "cut", "PUT X-Trucban-Proof: lab", answer);
    plain(l, "cut", take);
    failed(l, "connection closed without an answer to command");
    converse(l, 1, &a, nothing, 2000);
    failed(l, "connection refused");
}

/* --- responses alone --- */

static enum imap_said read_text(struct imap_reply *r, const char *text)
{
    return imap_read(r, "t1", text, strlen(text));
}

static void reads_responses(void **state)
{
    (void)state;
    struct imap_reply r = {0};
    static const char *const nonsense[] = {"",     "t2 OK other", "t1 MAYBE", "t1",  "* ",
                                           "t1OK", "garbage",     "\x01",     "*OK", "t1 okay"};

    imap_reply_begin(&r);
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        assert_int_equal(read_text(&r, nonsense[i]), IMAP_NONSENSE);
    assert_int_equal(imap_read(&r, "", "* NO go away", 12), IMAP_NONSENSE);
    assert_int_equal(imap_read(&r, "", "* OK hello", 10), IMAP_GREETING);
    assert_int_equal(read_text(&r, "* SEARCH"), IMAP_UNTAGGED);
    assert_int_equal(read_text(&r, "* SEARCH 4 7 x 9"), IMAP_UNTAGGED);
    assert_int_equal(read_text(&r, "* SEARCH 0 1"), IMAP_UNTAGGED);
    assert_int_equal(read_text(&r, "* SEARCH 4294967296"), IMAP_UNTAGGED);
    assert_int_equal(r.n_found, 2);
    assert_int_equal(r.uids[1], 7);
    read_text(&r, "* CAPABILITY IMAP4rev1 uidplus AUTH=PLAIN");
    assert_true(imap_reply_offers(&r, "UIDPLUS") && imap_reply_offers(&r, "AUTH=PLAIN"));
    assert_false(imap_reply_offers(&r, "AUTH") || imap_reply_offers(&r, "PLAIN"));
    read_text(&r, "* QUOTA \"\" (MESSAGE 1 9 STORAGE 300 400)");
    assert_int_equal(r.quota_used, 300);
    assert_int_equal(r.quota_limit, 400);
    assert_int_equal(read_text(&r, "+ go"), IMAP_GO_ON);
    assert_int_equal(read_text(&r, "t1 NO [OVERQUOTA] full"), IMAP_DONE);
    assert_int_equal(r.status, IMAP_NO);
    assert_true(imap_reply_has_code(&r, "OVERQUOTA"));
    assert_false(imap_reply_has_code(&r, "OVER"));
    imap_reply_begin(&r);
    assert_int_equal(r.n_uids, 0);
    assert_true(imap_reply_offers(&r, "UIDPLUS")); /* stands until it is asked anew */
    imap_reply_release(&r);
}

static void reads_mails(void **state)
{
    (void)state;
    struct imap_reply r = {0};
    static const char *const broken[] = {"* 1 FETCH",
                                         "* 1 FETCH (",
                                         "* 1 FETCH ()",
                                         "* 1 FETCH (UID)",
                                         "* 1 FETCH (UID 5",
                                         "* 1 FETCH (UID 5 BODY[] {9}\nshort)",
                                         "* 1 FETCH (UID 5 FLAGS ((((((((((((((((((((((((((",
                                         "* 1 FETCH (UID 5 BODY[] \"no end)",
                                         "* 1 FETCH (UID 0)"};

    imap_reply_begin(&r);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_int_equal(read_text(&r, broken[i]), IMAP_UNTAGGED);
    assert_int_equal(r.n_mails, 0);
    read_text(
        &r, "* 12 FETCH (FLAGS (\\Seen $X \"q)\") UID 5 INTERNALDATE \" 4-nov-2026 17:41:20 "
            "+0700\" BODY[HEADER.FIELDS (X-A X-B)] {31}\nx-b: one\r\nX-A: two\r\n  three\r\n\r\n)");
    assert_int_equal(r.n_mails, 1);
    assert_int_equal(r.mails[0].uid, 5);
    char at[WHEN_TEXT_MAX];
    assert_string_equal(when_rfc3339(r.mails[0].arrived_ms, at), "2026-11-04T10:41:20.000Z");
    char *value = imap_mail_header(&r.mails[0], "X-A");
    assert_string_equal(value, "two  three");
    free(value);
    value = imap_mail_header(&r.mails[0], "x-B");
    assert_string_equal(value, "one");
    free(value);
    assert_null(imap_mail_header(&r.mails[0], "X"));
    read_text(&r,
              "* 13 FETCH (UID 6 INTERNALDATE \"44-Foo-2026 17:41:20 +0700\" BODY[HEADER] NIL)");
    assert_int_equal(r.mails[1].arrived_ms, 0);
    imap_reply_release(&r);
}

static void puts_literals_together(void **state)
{
    (void)state;
    struct imap_response r = {0};
    char line[64];

    imap_response_begin(&r);
    assert_int_equal(imap_response_line(&r, "* 1 FETCH (X {3}", 16), IMAP_LITERAL);
    assert_int_equal(r.literal, 3);
    imap_response_literal(&r, "a\nb", 3);
    assert_int_equal(imap_response_line(&r, ")", 1), IMAP_WHOLE);
    assert_int_equal(r.bytes.len, 21);
    imap_response_begin(&r);
    assert_int_equal(imap_response_line(&r, "* OK {x}", 8), IMAP_WHOLE);
    imap_response_begin(&r);
    assert_int_equal(imap_response_line(&r, "* OK {}", 7), IMAP_WHOLE);
    imap_response_begin(&r);
    int len = snprintf(line, sizeof line, "* 1 {99999999999999999999999999}");
    assert_int_equal(imap_response_line(&r, line, (size_t)len), IMAP_TOO_LONG);
    imap_response_begin(&r);
    for (int i = 0; i < 3; i++) { /* three that are small enough, and too much together */
        len = snprintf(line, sizeof line, "{%d}", IMAP_LITERAL_MAX);
        enum imap_took took = imap_response_line(&r, line, (size_t)len);
        assert_int_equal(took, i < 1 ? IMAP_LITERAL : IMAP_TOO_LONG);
        char *bytes = mem_alloc(IMAP_LITERAL_MAX);
        imap_response_literal(&r, bytes, IMAP_LITERAL_MAX);
        free(bytes);
    }
    imap_response_release(&r);
}

static void keeps_the_newest_only(void **state)
{
    (void)state;
    struct imap_reply r = {0};
    struct buf line = BUF_INIT(0);

    imap_reply_begin(&r);
    buf_adds(&line, "* SEARCH");
    for (int i = 1; i <= 5000; i++)
        buf_addf(&line, " %d", i);
    imap_read(&r, "t1", line.bytes, line.len);
    assert_int_equal(r.n_found, 5000);
    assert_int_equal(r.n_uids, IMAP_UIDS_MAX);
    assert_int_equal(r.uids[0], 5000 - IMAP_UIDS_MAX + 1);
    for (int i = 1; i <= IMAP_UIDS_MAX + 9; i++) {
        buf_clear(&line);
        buf_addf(&line, "* %d FETCH (UID %d BODY[X] \"k: v\")", i, i);
        imap_read(&r, "t1", line.bytes, line.len);
    }
    assert_int_equal(r.n_mails, IMAP_UIDS_MAX);
    buf_release(&line);
    imap_reply_release(&r);
}

static void quotes(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    imap_quote(&b, "a\"b\\c d");
    assert_string_equal(buf_text(&b), "\"a\\\"b\\\\c d\"");
    buf_release(&b);
    assert_false(imap_can_quote("a\r\nb") || imap_can_quote("thư"));
    assert_true(imap_can_quote("a b~"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_fetches_and_deletes),
        cmocka_unit_test(logs_in_either_way),
        cmocka_unit_test(tells_a_wrong_password_from_a_bad_minute),
        cmocka_unit_test(comes_under_tls),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(tells_what_it_was_told),
        cmocka_unit_test(reads_responses),
        cmocka_unit_test(reads_mails),
        cmocka_unit_test(puts_literals_together),
        cmocka_unit_test(keeps_the_newest_only),
        cmocka_unit_test(quotes),
    };
    return cmocka_run_group_tests_name("imap", tests, setup, teardown);
}
