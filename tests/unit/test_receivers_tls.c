/* Receivers behind TLS: each thing that is wrong with a certificate has a sentence of its own, and
 * nothing of a notice goes over a line that is not encrypted to who it is meant for. */
#include "core/notice.h"
#include "engine/receiver.h"
#include "tests/unit/tls_lab.h"

struct way {
    struct tls_lab *t;
    struct fleet *fleet;
    struct receivers *all;
    struct receiver to;
    char say[1024];
    bool is_ok, may_have_arrived;
};

static int setup(void **state)
{
    struct way *w = mem_alloc(sizeof *w);
    w->t = tls_lab_new(NULL);
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    mem_set(&w->fleet->language, "en");
    w->to.id = mem_strdup("duty");
    w->all = receivers_new(&(struct receivers_want){.env = &w->t->lab->env});
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct way *w = *state;
    receivers_free(w->all);
    fleet_free(w->fleet);
    free(w->to.id);
    tls_lab_free(w->t);
    free(w);
    return 0;
}

static void on_answer(void *arg, const struct notice_answer *a)
{
    struct way *w = arg;
    struct buf words = BUF_INIT(sizeof w->say - 1);
    w->is_ok = a->is_ok;
    w->may_have_arrived = a->may_have_arrived;
    say_text(&words, a->say != NULL ? a->say : "", NULL);
    snprintf(w->say, sizeof w->say, "%s", buf_text(&words));
    buf_release(&words);
    loop_stop(w->t->lab->loop);
}

/* One try at a test notice. */
static const char *tell(struct way *w, const char *kind, const char *json)
{
    const struct receiver_type *type = receiver_type_find(kind);
    struct option_reader reader = {.error = lab_fail_option};
    struct place top = PLACE_FILE("test");
    struct err e;
    struct jval *doc = jval_parse(json, strlen(json), &e);
    struct receiver_spec *s = receiver_spec_new(type);
    assert_non_null(doc);
    struct option_layer layer = {doc, &top};
    assert_true(option_fill(&reader, type->options, s->config, &layer, 1));
    jval_free(doc);
    if (!type->configure(s->config, &e))
        fail_msg("%s", e.text);
    s->timeout_ms = 3000;
    w->to.config = s;
    struct notice n = {
        .what = NOTICE_TEST, .to = &w->to, .key = "0123456789abcdef", .at_ms = 1772692931042};
    notice_words(&n, w->fleet);
    receivers_send(w->all, &n, w->fleet, on_answer, w);
    loop_run(w->t->lab->loop);
    notice_release(&n);
    receiver_spec_drop(s);
    return w->say;
}

static const char *mail(struct way *w, const char *server, const char *more)
{
    char json[900];
    snprintf(json, sizeof json,
             "{\"host\":\"127.0.0.1\",\"port\":%d,\"from\":\"trucban@desk.example\","
             "\"to\":\"l1@desk.example\",\"ca_file\":\"%s\"%s}",
             tls_port(w->t, server), w->t->ca, more);
    return tell(w, "mail", json);
}

static const char *hook(struct way *w, const char *server, bool knows_authority)
{
    char json[900], ca[400] = "";
    if (knows_authority)
        snprintf(ca, sizeof ca, ",\"ca_file\":\"%s\"", w->t->ca);
    snprintf(json, sizeof json, "{\"url\":\"https://127.0.0.1:%d/in\"%s}", tls_port(w->t, server),
             ca);
    return tell(w, "webhook", json);
}

/* What tlsd was told without TLS, but for the words that lead to it. */
static void assert_nothing_in_the_clear(const struct way *w)
{
    char path[400], line[300];
    snprintf(path, sizeof path, "%s.clear", w->t->ca);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "EHLO ", 5) != 0 && strncmp(line, "STARTTLS", 8) != 0 &&
            strncmp(line, "QUIT", 4) != 0)
            fail_msg("in the clear: %s", line);
    if (f != NULL)
        fclose(f);
}

static void expect(const struct way *w, const char *want)
{
    if (w->is_ok || strstr(w->say, want) == NULL)
        fail_msg("expected \"%s\", got \"%s\"", want, w->is_ok ? "taken" : w->say);
}

#define LOGIN ",\"user\":\"lab\",\"password\":{\"env\":\"TEST_SECRET\"}"

static void mail_says_what_is_wrong(void **state)
{
    struct way *w = *state;
    static const struct {
        const char *server, *more, *want;
    } rows[] = {
        {"smtp-expired", "", "certificate expired 3 days ago"},
        {"smtp-wrong-name", "", "certificate is for other.lab, not for 127.0.0.1"},
        {"smtp-self-signed", "", "self-signed certificate"},
        {"smtp-mutual", "", "the server wants a client certificate"},
        {"smtp-stripped", "", "STARTTLS is required, and not offered"},
        {"smtp-stripped", ",\"starttls\":\"optional\"" LOGIN,
         "the password is not sent: the connection is not encrypted"},
        {"smtp-refuses-tls", "", "STARTTLS refused: 454 4.7.0"},
        {"smtp-inject", "", "unencrypted text before the TLS handshake"},
        {"smtp-expired", ",\"starttls\":\"optional\"" LOGIN, "certificate expired 3 days ago"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mail(w, rows[i].server, rows[i].more);
        print_message("%s: %s\n", rows[i].server, w->say);
        expect(w, rows[i].want);
    }
    assert_false(w->may_have_arrived);
    assert_nothing_in_the_clear(w);
    mail(w, "smtp", ""); /* all is well, but that this server takes no mail */
    expect(w, "MAIL FROM refused: 502 5.5.2");
    assert_nothing_in_the_clear(w);
}

static void webhook_says_what_is_wrong(void **state)
{
    struct way *w = *state;
    static const struct {
        const char *server, *want;
        bool knows_authority;
    } rows[] = {
        {"expired", "certificate has expired", true},
        {"wrong-name", "no alternative certificate subject name matches", true},
        {"self-signed", "self-signed certificate", true},
        {"good", "unable to get local issuer certificate", false},
        {"mutual", "the server wants a client certificate", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hook(w, rows[i].server, rows[i].knows_authority);
        print_message("%s: %s\n", rows[i].server, w->say);
        expect(w, rows[i].want);
        /* TLS 1.3 refuses us only when the document has gone out already. */
        assert_int_equal(w->may_have_arrived, strcmp(rows[i].server, "mutual") == 0);
    }
}

int main(void)
{
    setenv("TEST_SECRET", "right", 1);
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(mail_says_what_is_wrong), T(webhook_says_what_is_wrong)};
    return cmocka_run_group_tests_name("receivers behind TLS", tests, NULL, NULL);
}
