/* Mails that are sent and must be found again: mail servers good, slow, full, wrong and dead; two
 * mails for one, mails of others, clocks apart; nothing is ever deleted that is not ours. */
#include <time.h>

#include "tests/unit/mail_lab.h"
#include "tests/unit/proofs_lab.h"

static struct field {
    struct lab *lab;
    struct proofs_lab journal;
    struct mail_lab *mail;
    char json[1024];
} * the;

static int setup(void **state)
{
    the = mem_alloc(sizeof *the);
    the->lab = lab_new(false);
    proofs_lab_open(&the->journal, the->lab);
    the->mail = mail_lab_new();
    setenv("TEST_RIGHT", "right", 1);
    setenv("TEST_WRONG", "wrong", 1);
    *state = the;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mail_lab_free(the->mail);
    proofs_lab_close(&the->journal, the->lab);
    lab_free(the->lab);
    free(the);
    return 0;
}

static void prove_with(const char *mode, const char *password, const char *late,
                       const char *deadline, int64_t timeout_ms)
{
    int i = mail_mode(the->mail, mode);
    snprintf(the->json, sizeof the->json,
             "{\"from\":\"trucban@mail.lab\",\"to\":\"proof@mail.lab\",\"every\":\"200ms\","
             "\"late\":\"%s\",\"deadline\":\"%s\","
             "\"smtp\":{\"port\":%d,\"starttls\":\"none\"},"
             "\"imap\":{\"port\":%d,\"starttls\":\"none\",\"user\":\"lab\","
             "\"password\":{\"env\":\"%s\"}}}",
             late, deadline, the->mail->smtp[i], the->mail->imap[i], password);
    lab_probe_text(the->lab, "mail", the->json, timeout_ms);
}

static void prove(const char *mode)
{
    prove_with(mode, "TEST_RIGHT", "10s", "20s", 5000);
}

static void begins(enum state state, const char *words)
{
    if (the->lab->seen.state != state || strncmp(the->lab->words, words, strlen(words)) != 0)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[the->lab->seen.state].name,
                 the->lab->words, state_rows[state].name, words);
}

static double metric(const char *name)
{
    const struct metric *m = lab_metric(the->lab, name);
    if (m == NULL)
        fail_msg("there is no metric \"%s\"", name);
    return m != NULL ? m->value : 0;
}

static void counts(const char *mode, const char *want)
{
    char answer[200];
    mail_lab_ask(the->mail, mode, "COUNT", answer);
    if (strcmp(answer + 3, want) != 0)
        fail_msg("%s: found \"%s\", expected \"OK %s\"", mode, answer, want);
}

static void put(const char *mode, const char *header)
{
    char command[300], answer[200];
    snprintf(command, sizeof command, "PUT %s", header);
    mail_lab_ask(the->mail, mode, command, answer);
    assert_string_equal(answer, "OK done");
}

static void mark_all(const char *mode)
{
    char answer[200];
    mail_lab_ask(the->mail, mode, "UID STORE 1:9 +FLAGS (\\Deleted)", answer);
    assert_string_equal(answer, "OK done");
}

static enum proof_phase phase(void)
{
    const struct proof *p = proofs_lab_newest(&the->journal);
    assert_non_null(p);
    return p != NULL ? p->phase : PROOF_PHASE_COUNT;
}

static size_t messages(void)
{
    const struct proof_log *l = proof_log_of(the->journal.fleet, "t/c");
    return l != NULL ? l->n : 0;
}

/* --- it arrives ------------------------------------------------------------------------------- */

static void is_sent_found_and_deleted(void **state)
{
    (void)state;
    prove("good");
    begins(STATE_OK, "arrived after ");
    assert_int_equal(phase(), PROOF_ARRIVED);
    assert_true(metric("delay_s") < 10 && the->lab->seen.latency_ms >= 0);
    assert_true(metric("copies") == 1 && metric("leftovers") == 0);
    assert_true(metric("mailbox_used_pct") > 1.9 && metric("mailbox_used_pct") < 2);
    assert_true(metric("delivered_pct") == 100);
    assert_string_equal(result_fact_value(&the->lab->seen, "to"), "p…@mail.lab");
    counts("good", "mails=0 taken=1 deleted=1");
}

static void is_late(void **state)
{
    (void)state;
    prove_with("slow", "TEST_RIGHT", "700ms", "20s", 5000); /* it takes 0.9 s */
    begins(STATE_WARNING, "arrived late: after ");
    assert_int_equal(phase(), PROOF_ARRIVED);
    assert_true(metric("delay_s") >= 0.9);
    counts("slow", "mails=0 taken=1 deleted=1");
}

static void arrives_twice(void **state)
{
    (void)state;
    prove("twice");
    begins(STATE_WARNING, "one mail was sent, and arrived 2 times");
    assert_true(metric("copies") == 2);
    counts("twice", "mails=0 taken=1 deleted=2");
}

/* Its mailbox stamps mails ten minutes ahead: the delay is by our own clock. */
static void clocks_are_apart(void **state)
{
    (void)state;
    prove("ahead");
    begins(STATE_OK, "arrived after ");
    assert_true(metric("delay_s") < 10);
    assert_true(metric("clock_off_s") > 560 && metric("clock_off_s") <= 600);
    prove("good");
    assert_true(metric("clock_off_s") == 0);
}

/* --- it does not ------------------------------------------------------------------------------ */

static void is_lost(void **state)
{
    (void)state;
    prove_with("lost", "TEST_RIGHT", "700ms", "2s", 2000);
    begins(STATE_CRITICAL, "taken for delivery, but not arrived within 2s");
    assert_int_equal(phase(), PROOF_LOST);
    assert_null(lab_metric(the->lab, "copies"));
    counts("lost", "mails=0 taken=1 deleted=0");
}

/* Found after its deadline: lost it stays, and the next run clears it away. */
static void comes_too_late(void **state)
{
    (void)state;
    prove_with("late", "TEST_RIGHT", "700ms", "1s", 2000);
    begins(STATE_CRITICAL, "taken for delivery, but not arrived within 1s");
    const struct proof *p = proofs_lab_newest(&the->journal);
    char key[PROOF_KEY_LEN + 1];
    memcpy(key, p->key, sizeof key);
    struct timespec pause = {1, 800000000};
    nanosleep(&pause, NULL);
    prove_with("late", "TEST_RIGHT", "700ms", "20s", 5000);
    begins(STATE_WARNING, "arrived late: after ");
    assert_true(metric("leftovers") == 1);
    assert_int_equal(proof_find(proof_log_of(the->journal.fleet, "t/c"), key)->phase, PROOF_LOST);
    counts("late", "mails=0 taken=2 deleted=2");
}

static void nobody_takes_it(void **state)
{
    (void)state;
    prove("smtp-552");
    begins(STATE_CRITICAL, "DATA refused: 552 5.2.2 Mailbox is full");
    assert_int_equal(phase(), PROOF_REFUSED);
    prove_with("smtp-452", "TEST_RIGHT", "700ms", "2s",
               2000); /* may be otherwise in a minute: the same mail, tried again until then */
    begins(STATE_CRITICAL, "proof@mail.lab refused: 452 4.2.2 Mailbox full");
    assert_int_equal(phase(), PROOF_REFUSED);
    counts("smtp-452", "mails=0 taken=0 deleted=0");
}

/* Whether the mail was taken nobody said: it is waited for, never sent again. */
static void may_have_left(void **state)
{
    (void)state;
    prove("smtp-late");
    begins(STATE_OK, "arrived after ");
    counts("smtp-late", "mails=0 taken=1 deleted=1");
}

/* --- it is not even sent -----------------------------------------------------------------------
 */

static void is_not_sent_where_it_could_not_be_found(void **state)
{
    (void)state;
    size_t before = messages();
    static const struct {
        const char *mode, *password, *words;
    } cases[] = {
        {"good", "TEST_WRONG", "login refused: NO [AUTHENTICATIONFAILED] Authentication failed."},
        {"unavailable", "TEST_RIGHT", "login not possible now: NO [UNAVAILABLE] no directory now"},
        {"overquota", "TEST_RIGHT", "the mailbox is full: 512 of 512 KiB"},
        {"read-only", "TEST_RIGHT", "the mailbox can only be read: OK [READ-ONLY] done"},
        {"no-mailbox", "TEST_RIGHT", "SELECT refused: NO [NONEXISTENT] no such mailbox"},
        {"gibberish", "TEST_RIGHT", "the answer is not IMAP: 220 mail.lab ESMTP"},
        {"slam", "TEST_RIGHT", "connection closed without an answer to CAPABILITY"},
        {"bye", "TEST_RIGHT", "the server hangs up: BYE going down"},
        {"endless", "TEST_RIGHT", "reply over 256 KiB"},
        {"many", "TEST_RIGHT", "reply over 256 KiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        prove_with(cases[i].mode, cases[i].password, "10s", "20s", 5000);
        lab_expect(the->lab, STATE_CRITICAL, cases[i].words);
    }
    prove_with("hang", "TEST_RIGHT", "10s", "20s", 300);
    lab_expect(the->lab, STATE_CRITICAL, "no greeting within 300 ms");
    assert_int_equal(messages(), before);
}

/* --- what stands in the mailbox ------------------------------------------------------------------
 */

static void only_our_own_is_deleted(void **state)
{
    (void)state;
    char header[200];
    const struct proof_log *l = proof_log_of(the->journal.fleet, "t/c");
    assert_true(l != NULL && l->n > 0);
    snprintf(header, sizeof header, "X-Trucban-Proof: demo/t/c %s", l->v[0].key);
    put("anything", header);                                      /* ours, and over */
    put("anything", "X-Trucban-Proof: demo/t/c NEVERSENT234");    /* ours by its word alone */
    put("anything", "X-Trucban-Proof: demo/t/cc ABCDEFGHJKLM");   /* another check's */
    put("anything", "X-Trucban-Proof: other/t/c ABCDEFGHJKLM");   /* another site's */
    put("anything", "X-Other: demo/t/c ABCDEFGHJKLM");            /* a person's */
    put("anything", "Subject: X-Trucban-Proof: demo/t/c ABCDEF"); /* likewise */
    prove("anything"); /* its search finds whatever is there */
    begins(STATE_OK, "arrived after ");
    assert_true(metric("leftovers") == 1 && metric("copies") == 1);
    counts("anything", "mails=5 taken=1 deleted=2");
}

/* Where EXPUNGE takes all that is marked, what others have marked is left to them. */
static void without_uidplus(void **state)
{
    (void)state;
    prove("no-uidplus");
    begins(STATE_OK, "arrived after ");
    counts("no-uidplus", "mails=0 taken=1 deleted=1");
    put("no-uidplus", "X-Other: marked");
    mark_all("no-uidplus");
    prove("no-uidplus");
    begins(STATE_OK, "arrived after ");
    counts("no-uidplus", "mails=2 taken=2 deleted=1");
    prove("no-uidplus"); /* what is marked is not found again */
    begins(STATE_OK, "arrived after ");
    assert_true(metric("copies") == 1 && metric("leftovers") == 0);
}

static void cannot_be_deleted(void **state)
{
    (void)state;
    prove("keeps");
    begins(STATE_WARNING, "arrived, but cannot be deleted again: STORE refused: NO [NOPERM] not "
                          "yours to delete");
    counts("keeps", "mails=1 taken=1 deleted=0");
}

/* --- crashes ---------------------------------------------------------------------------------- */

static void stop_soon(void *arg)
{
    (void)arg;
    loop_stop(the->lab->loop);
}

static void never(void *arg, const struct result *r)
{
    (void)arg;
    (void)r;
    fail_msg("done after cancel");
}

/* An engine ends while the mail is on its way: the next finds that mail, and sends none. */
static void goes_on_after_a_restart(void **state)
{
    (void)state;
    struct err e;
    const struct probe_type *type = probe_find("mail");
    prove("good"); /* for the->json */
    int i = mail_mode(the->mail, "late");
    snprintf(the->json, sizeof the->json,
             "{\"from\":\"trucban@mail.lab\",\"to\":\"proof@mail.lab\",\"every\":\"200ms\","
             "\"late\":\"10s\",\"deadline\":\"20s\",\"smtp\":{\"port\":%d,\"starttls\":\"none\"},"
             "\"imap\":{\"port\":%d,\"starttls\":\"none\",\"user\":\"lab\","
             "\"password\":{\"env\":\"TEST_RIGHT\"}}}",
             the->mail->smtp[i], the->mail->imap[i]);
    void *config = lab_config("mail", the->json, &e);
    struct probe_job job = {
        .check = "t/c", .target = "t", .address = "127.0.0.1", .timeout_ms = 2000};
    void *run = type->start(&the->lab->env, config, &job, never, NULL);
    struct loop_timer *timer = loop_timer_new(the->lab->loop, stop_soon, NULL);
    loop_timer_set(timer, 900, 0);
    loop_run(the->lab->loop);
    loop_timer_free(timer);
    type->cancel(run);
    lab_config_free("mail", config);
    assert_int_equal(phase(), PROOF_SENT);
    proofs_lab_stop(&the->journal, the->lab);
    proofs_lab_start(&the->journal, the->lab);
    size_t before = messages();
    lab_probe_text(the->lab, "mail", the->json, 2000);
    begins(STATE_OK, "arrived after ");
    assert_int_equal(messages(), before);
    assert_int_equal(phase(), PROOF_ARRIVED);
    counts("late", "mails=0 taken=3 deleted=3");
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    struct err e;
#define ENDS "\"imap\":{\"user\":\"u\",\"password\":{\"env\":\"TEST_RIGHT\"}}"
    static const char *const bad[][2] = {
        {"{\"from\":\"a\",\"to\":\"b@c\"," ENDS "}", "\"from\" is \"a\""},
        {"{\"from\":\"a@b\",\"to\":\"b@c>\\r\\nRSET\"," ENDS "}", "\"to\" is "},
        {"{\"from\":\"a@b\",\"to\":\"b@c\"}", "\"imap\" is missing"},
        {"{\"from\":\"a@b\",\"to\":\"b@c\",\"late\":\"5m\"," ENDS "}", "\"late\" is not before"},
        {"{\"from\":\"a@b\",\"to\":\"b@c\",\"smtp\":{\"user\":\"u\"}," ENDS "}", "smtp: "},
        {"{\"from\":\"a@b\",\"to\":\"b@c\",\"imap\":{\"user\":\"u\",\"mailbox\":\"thư\","
         "\"password\":{\"env\":\"TEST_RIGHT\"}}}",
         "imap: \"mailbox\" is "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(lab_config("mail", bad[i][0], &e));
        if (strstr(e.text, bad[i][1]) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", bad[i][1], e.text);
    }
}

/* Beside no engine nothing is sent: `trucban probe` looks into the mailbox only. */
static void sends_nothing_without_an_engine(void **state)
{
    (void)state;
    struct proofs *proofs = the->lab->env.proofs;
    the->lab->env.proofs = NULL;
    prove("lost");
    the->lab->env.proofs = proofs;
    begins(STATE_UNKNOWN, "only an engine sends such a message");
    assert_true(the->lab->seen.is_self);
    counts("lost", "mails=0 taken=1 deleted=0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sent_found_and_deleted),
        cmocka_unit_test(is_late),
        cmocka_unit_test(arrives_twice),
        cmocka_unit_test(clocks_are_apart),
        cmocka_unit_test(is_lost),
        cmocka_unit_test(comes_too_late),
        cmocka_unit_test(nobody_takes_it),
        cmocka_unit_test(may_have_left),
        cmocka_unit_test(is_not_sent_where_it_could_not_be_found),
        cmocka_unit_test(only_our_own_is_deleted),
        cmocka_unit_test(without_uidplus),
        cmocka_unit_test(cannot_be_deleted),
        cmocka_unit_test(goes_on_after_a_restart),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(sends_nothing_without_an_engine),
    };
    return cmocka_run_group_tests_name("probe_mail", tests, setup, teardown);
}
