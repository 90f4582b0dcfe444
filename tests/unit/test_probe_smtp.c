/* The smtp kind: mail servers that are healthy, wrong, slow, hostile, dead; and its replies alone.
 */
#include <time.h>

#include "core/text.h"
#include "engine/smtp_words.h"
#include "tests/unit/tls_lab.h"

static int setup(void **state)
{
    setenv("TEST_RIGHT", "right", 1);
    setenv("TEST_WRONG", "wrong", 1);
    *state = tls_lab_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    tls_lab_free(*state);
    return 0;
}

#define LOGIN ",\"user\":\"lab\",\"password\":{\"env\":\"TEST_RIGHT\"}"
#define WRONG ",\"user\":\"lab\",\"password\":{\"env\":\"TEST_WRONG\"}"

static void look(struct tls_lab *t, const char *name, const char *more, int64_t timeout_ms)
{
    char json[700];
    snprintf(json, sizeof json, "{\"port\":%d,\"ca_file\":\"%s\"%s}", tls_port(t, name), t->ca,
             more);
    lab_probe_text(t->lab, "smtp", json, timeout_ms);
}

static const char *fact(const struct tls_lab *t, const char *key)
{
    const char *value = result_fact_value(&t->lab->seen, key);
    return value != NULL ? value : "";
}

static void answers(void **state)
{
    struct tls_lab *t = *state;

    look(t, "smtp", "", 5000);
    lab_expect(t->lab, STATE_OK, "answers over TLSv1.3");
    assert_string_equal(fact(t, "banner"), "220 mail.lab ESMTP lab");
    assert_string_equal(fact(t, "extensions"), "SIZE AUTH 8BITMIME"); /* as under TLS */
    assert_string_equal(fact(t, "protocol"), "TLSv1.3");
    assert_true(t->lab->seen.latency_ms > 0);
    static const char *const names[] = {"connect_ms", "greeting_ms", "ehlo_ms",
                                        "tls_ms",     "noop_ms",     "days_left"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(lab_metric(t->lab, names[i]));
    look(t, "smtp-first", ",\"starttls\":\"implicit\"", 5000);
    lab_expect(t->lab, STATE_OK, "answers over TLSv1.3");
}

static void logs_in(void **state)
{
    struct tls_lab *t = *state;

    look(t, "smtp", LOGIN, 5000);
    lab_expect(t->lab, STATE_OK, "logged in over TLSv1.3");
    assert_non_null(lab_metric(t->lab, "login_ms"));
    look(t, "smtp-login", LOGIN, 5000);
    lab_expect(t->lab, STATE_OK, "logged in over TLSv1.3");
    look(t, "smtp-first", ",\"starttls\":\"implicit\"" LOGIN, 5000);
    lab_expect(t->lab, STATE_OK, "logged in over TLSv1.3");
}

/* A wrong password is not the same as a server that cannot tell. */
static void tells_535_from_454(void **state)
{
    struct tls_lab *t = *state;

    look(t, "smtp", WRONG, 5000);
    lab_expect(t->lab, STATE_CRITICAL, "login refused: 535 5.7.8 Error: authentication failed");
    look(t, "smtp-login", WRONG, 5000);
    lab_expect(t->lab, STATE_CRITICAL, "login refused: 535 5.7.8 Error: authentication failed");
    look(t, "smtp-454", LOGIN, 5000);
    lab_expect(t->lab, STATE_CRITICAL,
               "login not possible now: 454 4.7.0 Temporary authentication failure");
}

/* PF12: required stays required, and no password goes over a line in the clear. */
static void never_falls_back_to_plain_text(void **state)
{
    struct tls_lab *t = *state;

    look(t, "smtp-stripped", LOGIN, 5000);
    lab_expect(t->lab, STATE_CRITICAL, "STARTTLS is required, and not offered");
    look(t, "smtp-stripped", ",\"starttls\":\"optional\"", 5000);
    lab_expect(t->lab, STATE_OK, "answers, not encrypted");
    look(t, "smtp-stripped", ",\"starttls\":\"optional\"" LOGIN, 5000);
    lab_expect(t->lab, STATE_CRITICAL, "the password is not sent: the connection is not encrypted");
    look(t, "smtp", ",\"starttls\":\"none\"", 5000);
    lab_expect(t->lab, STATE_OK, "answers, not encrypted");
    assert_null(lab_metric(t->lab, "days_left"));
    look(t, "smtp-refuses-tls", LOGIN, 5000);
    lab_expect(t->lab, STATE_CRITICAL,
               "STARTTLS refused: 454 4.7.0 TLS not available due to local problem");
    look(t, "smtp-inject", LOGIN, 5000);
    lab_expect(t->lab, STATE_CRITICAL, "unencrypted text before the TLS handshake");
    look(t, "smtp-expired", LOGIN, 5000);
    assert_int_equal(t->lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(t->lab->words, "certificate expired 3 days ago"));
    assert_non_null(lab_metric(t->lab, "days_left"));
    look(t, "smtp-expired", ",\"starttls\":\"optional\"", 5000);
    assert_non_null(strstr(t->lab->words, "certificate expired 3 days ago"));
}

/* PF12: bounded in time, bytes and memory. */
static void is_bounded(void **state)
{
    struct tls_lab *t = *state;

    look(t, "smtp-endless", "", 9000);
    lab_expect(t->lab, STATE_CRITICAL, "reply over 16 KiB");
    assert_true(t->lab->took_ms < 500);
    assert_true(t->lab->rss_kib < 1024);
    look(t, "smtp-tarpit", "", 1200);
    lab_expect(t->lab, STATE_CRITICAL, "no greeting within 1200 ms");
    assert_true(t->lab->took_ms >= 1190 && t->lab->took_ms < 1800);
    look(t, "smtp-hang", "", 400);
    lab_expect(t->lab, STATE_CRITICAL, "no greeting within 400 ms");
    look(t, "stall", ",\"starttls\":\"implicit\"", 400);
    lab_expect(t->lab, STATE_CRITICAL, "TLS handshake not done within 400 ms");
}

static void tells_what_it_was_told(void **state)
{
    struct tls_lab *t = *state;
    char json[64];

    look(t, "smtp-554", "", 5000);
    lab_expect(t->lab, STATE_CRITICAL, "greeted with 554 5.7.1 no service for you");
    look(t, "smtp-gibberish", "", 5000);
    lab_expect(t->lab, STATE_CRITICAL, "the answer is not SMTP: SSH-2.0-OpenSSH_9.2");
    look(t, "smtp-slam", "", 5000);
    lab_expect(t->lab, STATE_CRITICAL, "connection closed without an answer to EHLO");
    look(t, "smtp-evil", ",\"starttls\":\"none\"", 5000);
    lab_expect(t->lab, STATE_OK, "answers, not encrypted");
    assert_string_equal(fact(t, "banner"), "220 ev\\x1b[31mil\\x9b<U+202E>");
    snprintf(json, sizeof json, "{\"port\":1}");
    lab_probe_text(t->lab, "smtp", json, 2000);
    lab_expect(t->lab, STATE_CRITICAL, "connection refused");
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    struct err e;

    assert_null(lab_config("smtp", "{\"user\":\"lab\"}", &e));
    assert_non_null(strstr(e.text, "\"password\" is missing"));
    assert_null(lab_config("smtp", "{\"starttls\":\"none\"" LOGIN "}", &e));
    assert_non_null(strstr(e.text, "never sent unencrypted"));
    assert_null(lab_config("smtp", "{\"helo\":\"a b\"}", &e));
    assert_null(lab_config("smtp", "{\"helo\":\"a\\r\\nRSET\"}", &e));
}

static enum smtp_took take(struct smtp_reply *r, const char *line)
{
    return smtp_reply_line(r, line, strlen(line));
}

static void reads_replies(void **state)
{
    (void)state;
    struct smtp_reply r = {0};
    static const char *const bad[] = {"", "25", "25x ok", "250_ok", "199 low", "600 high", "2500"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        smtp_reply_begin(&r);
        assert_int_equal(take(&r, bad[i]), SMTP_NONSENSE);
    }
    smtp_reply_begin(&r);
    assert_int_equal(take(&r, "250"), SMTP_WHOLE);
    char *text = smtp_reply_text(&r);
    assert_string_equal(text, "250");
    free(text);
    smtp_reply_begin(&r);
    assert_int_equal(take(&r, "250-mail.lab STARTTLS"), SMTP_MORE);
    assert_int_equal(take(&r, "251-other code"), SMTP_NONSENSE);
    smtp_reply_begin(&r);
    take(&r, "250-STARTTLS");
    take(&r, "250-auth=LOGIN Plain");
    take(&r, "250-SIZE 1");
    assert_int_equal(take(&r, "250 8BITMIME"), SMTP_WHOLE);
    assert_false(smtp_offers(&r, "STARTTLS", NULL)); /* the first line is a name */
    assert_true(smtp_offers(&r, "AUTH", "PLAIN"));
    assert_true(smtp_offers(&r, "AUTH", "LOGIN"));
    assert_false(smtp_offers(&r, "AUTH", "PLA"));
    assert_true(smtp_offers(&r, "8BITMIME", NULL));
    assert_false(smtp_offers(&r, "SIZE", "10"));
    text = smtp_keywords(&r);
    assert_string_equal(text, "auth SIZE 8BITMIME");
    free(text);
    smtp_reply_release(&r);
}

/* Whatever bytes come: no crash, nothing unclean, nothing beyond the cap. */
static void survives_damaged_replies(void **state)
{
    (void)state;
    static const char seed[] = "250-mail.lab\n250-AUTH PLAIN\n250 ok";
    struct smtp_reply r = {0};
    unsigned x = 12345;

    for (int round = 0; round < 20000; round++) {
        char line[64];
        size_t len = (x = x * 1103515245 + 12345) >> 16 & 31;
        for (size_t i = 0; i < len; i++) {
            x = x * 1103515245 + 12345;
            line[i] = x >> 28 ? seed[(i + (x >> 20 & 7)) % sizeof seed] : (char)(x >> 12);
        }
        if (smtp_reply_line(&r, line, len) != SMTP_NONSENSE && round % 50 != 0)
            continue;
        char *text = smtp_reply_text(&r), *keywords = smtp_keywords(&r);
        assert_true(text_is_clean(text) && text_is_clean(keywords));
        assert_true(r.lines.len <= SMTP_TEXT_MAX);
        smtp_offers(&r, "AUTH", "PLAIN");
        free(text);
        free(keywords);
        smtp_reply_begin(&r);
    }
    smtp_reply_release(&r);
}

static void puts_passwords(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xfe\xfd\xfc", "//79/A=="}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf b = BUF_INIT(0);
        smtp_base64(&b, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(buf_text(&b), pairs[i][1]);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(logs_in),
        cmocka_unit_test(tells_535_from_454),
        cmocka_unit_test(never_falls_back_to_plain_text),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(tells_what_it_was_told),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(reads_replies),
        cmocka_unit_test(survives_damaged_replies),
        cmocka_unit_test(puts_passwords),
    };
    return cmocka_run_group_tests_name("probe_smtp", tests, setup, teardown);
}
