/* The wire form of targets, checks and alerts: what is written is read back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/wire.h"

#define AT 1772719331042LL /* 2026-03-05T14:02:11.042Z */

static void add_about(struct about *a)
{
    struct org o = {.id = mem_strdup("btp"), .abbr = mem_strdup("BTP"), .kind = ORG_MINISTRY};
    o.name.vi = mem_strdup("Bộ Tư pháp");
    about_add_org(a, &o);
    struct phase p = {.id = mem_strdup("p2"), .from = mem_strdup("2026-04-01"), .state = -1};
    about_add_phase(a, &p);
    struct total t = {.id = mem_strdup("kh02"), .total = 12, .done = 3, .n_labels = 1};
    t.labels = mem_alloc(sizeof *t.labels);
    t.labels[0] = (struct label){mem_strdup("programme"), mem_strdup("kh02")};
    t.as_of = mem_strdup("2026-03-05");
    about_add_total(a, &t);
}

static struct fleet *sample(void)
{
    struct fleet *f = fleet_new();
    mem_set(&f->site_id, "demo");
    mem_set(&f->language, "vi");
    mem_set(&f->site_name.vi, "Cổng mẫu");
    f->is_sample = true;
    add_about(&f->about);
    struct words half = {.vi = "Nhánh A", .en = NULL};
    fleet_add_group(f, "half-a", &half);
    struct target *t = fleet_add_target(f, "srv-a-web-01");
    t->kind = TARGET_SERVER;
    mem_set(&t->group, "half-a");
    mem_set(&t->address, "127.9.0.1");
    t->is_test = true;
    t->link = LINK_TESTING;
    t->n_labels = 1;
    t->labels = mem_alloc(sizeof *t->labels);
    t->labels[0].key = mem_strdup("role");
    t->labels[0].value = mem_strdup("web");
    struct check *c = fleet_add_check(f, t, "http");
    mem_set(&c->probe, "http");
    c->priority = PRIORITY_P2;
    c->rule.interval_ms = 5000;
    c->rule.attempts = 3;
    c->live.state = STATE_CRITICAL;
    c->live.hard_state = STATE_OK;
    c->live.attempt = 2;
    c->at_ms = AT;
    c->seen_ms = 70000;
    c->since_ms = AT - 1000;
    c->latency_ms = 12.3456789;
    c->summary = SAY("HTTP {0}, expected {1}", "502", "200");
    c->n_metrics = 1;
    c->metrics = mem_alloc(sizeof *c->metrics);
    c->metrics[0] = (struct metric){mem_strdup("load1"), mem_strdup(""), 0.5};
    trend_add(&c->trend, AT, 12.25, STATE_CRITICAL);
    c->alert = 1077;
    fleet_touch_check(f, c);
    struct alert *a = fleet_add_alert(f, 1077);
    mem_set(&a->check, "srv-a-web-01/http");
    a->version = 4;
    a->state = STATE_CRITICAL;
    a->priority = PRIORITY_P2;
    a->opened_at_ms = AT;
    a->began_mono_ms = 400;
    a->summary = mem_strdup(c->summary);
    mem_set(&a->ack.by, "lan");
    mem_set(&a->ack.comment, "đã gọi TTDL");
    a->ack.at_ms = AT + 5;
    a->ack.until_ms = AT + 7200000;
    a->ack.at_state = STATE_CRITICAL;
    a->n_notes = 1;
    a->notes = mem_alloc(sizeof *a->notes);
    a->notes[0].by = mem_strdup("an");
    a->notes[0].text = mem_strdup("line one\nline two");
    a->notes[0].at_ms = AT + 6;
    fleet_touch_alert(f, a);
    return f;
}

/* Through text, as on the socket. */
static struct jval *through(struct jval *j)
{
    struct buf b = BUF_INIT(0);
    jval_dump(&b, j, 0);
    jval_free(j);
    assert_null(strchr(b.bytes, '\n')); /* one object stays one line */
    struct err e;
    struct jval *back = jval_parse(b.bytes, b.len, &e);
    assert_non_null(back);
    buf_release(&b);
    return back;
}

static struct fleet *mirrored(const struct fleet *f)
{
    struct fleet *m = fleet_new();
    struct err e = {""};
    struct jval *j = through(wire_snapshot(f));
    assert_true(wire_read_snapshot(m, j, &e));
    jval_free(j);
    j = through(wire_target(f->targets[0], WIRE_SNAPSHOT));
    assert_true(wire_read_target(m, j, &e));
    jval_free(j);
    j = through(wire_check(f->checks[0], WIRE_SNAPSHOT, 70250));
    assert_true(wire_read_check(m, j, 5000, &e));
    jval_free(j);
    j = through(wire_alert(f, f->alerts[0], 1000));
    assert_true(wire_read_alert(m, j, 1000, &e));
    jval_free(j);
    return m;
}

static void target_comes_back(void **state)
{
    (void)state;
    struct fleet *f = sample(), *m = mirrored(f);
    assert_string_equal(m->site_id, "demo");
    assert_true(m->is_sample);
    assert_string_equal(words_in(&m->groups[0].name, "vi", "?"), "Nhánh A");
    const struct target *t = fleet_target(m, "srv-a-web-01");
    assert_non_null(t);
    assert_int_equal(t->kind, TARGET_SERVER);
    assert_int_equal(t->link, LINK_TESTING);
    assert_true(t->is_test);
    assert_false(t->is_disabled);
    assert_string_equal(target_label(t, "role"), "web");
    assert_null(t->runbook);
    assert_int_equal(t->state, f->targets[0]->state);
    assert_int_equal(t->since_ms, f->targets[0]->since_ms);
    fleet_free(f);
    fleet_free(m);
}

static void what_the_site_says_comes_back(void **state)
{
    (void)state;
    struct fleet *f = sample(), *m = mirrored(f);
    const struct about *a = &m->about;
    assert_int_equal(a->n_orgs, 1);
    assert_string_equal(about_org(a, "btp")->abbr, "BTP");
    assert_string_equal(words_in(&a->orgs[0].name, "en", "?"), "Bộ Tư pháp");
    assert_int_equal(a->orgs[0].kind, ORG_MINISTRY);
    assert_int_equal(a->n_phases, 1);
    assert_string_equal(a->phases[0].from, "2026-04-01");
    assert_null(a->phases[0].to);
    assert_int_equal(a->phases[0].state, -1);
    assert_int_equal(a->n_totals, 1);
    assert_int_equal(a->totals[0].total, 12);
    assert_int_equal(a->totals[0].done, 3);
    assert_string_equal(a->totals[0].labels[0].value, "kh02");
    assert_string_equal(a->totals[0].as_of, "2026-03-05");
    fleet_free(f);
    fleet_free(m);
}

static void check_comes_back(void **state)
{
    (void)state;
    struct fleet *f = sample(), *m = mirrored(f);
    const struct check *c = fleet_check(m, "srv-a-web-01/http");
    assert_non_null(c);
    assert_int_equal(c->live.state, STATE_CRITICAL);
    assert_int_equal(c->live.hard_state, STATE_OK);
    assert_int_equal(c->live.attempt, 2);
    assert_false(c->live.is_hard);
    assert_int_equal(c->priority, PRIORITY_P2);
    assert_int_equal(c->rule.interval_ms, 5000);
    assert_int_equal(c->at_ms, AT);
    assert_int_equal(c->seen_ms, 5000 - 250); /* its age, on the reader's clock */
    assert_true(c->latency_ms > 12.345 && c->latency_ms < 12.347);
    assert_string_equal(c->summary, f->checks[0]->summary);
    assert_int_equal(c->n_metrics, 1);
    assert_string_equal(c->metrics[0].name, "load1");
    assert_true(c->metrics[0].value > 0.49 && c->metrics[0].value < 0.51);
    assert_int_equal(c->trend.bucket, f->checks[0]->trend.bucket);
    assert_int_equal(c->trend.worst[TREND_LEN - 1], STATE_CRITICAL);
    assert_int_equal(c->trend.worst[0], STATE_PENDING);
    assert_true(c->trend.latency_ms[TREND_LEN - 1] > 12.2F);
    assert_int_equal(c->alert, 1077);
    fleet_free(f);
    fleet_free(m);
}

static void stale_keeps_its_last_state(void **state)
{
    (void)state;
    struct fleet *f = sample();
    f->checks[0]->live.is_stale = true;
    struct fleet *m = mirrored(f);
    const struct check *c = m->checks[0];
    assert_int_equal(check_shown(c), STATE_STALE);
    assert_int_equal(c->live.state, STATE_CRITICAL);
    fleet_free(f);
    fleet_free(m);
}

static void a_delta_leaves_the_rest(void **state)
{
    (void)state;
    struct fleet *f = sample(), *m = mirrored(f);
    struct err e = {""};
    struct check *c = f->checks[0];
    c->live.state = STATE_OK;
    c->at_ms += 40000; /* in the next bucket but one */
    c->latency_ms = 3;
    fleet_touch_check(f, c);
    struct jval *j = through(wire_check(c, WIRE_DELTA, 70000));
    assert_null(jval_get(j, "interval_ms"));
    assert_null(jval_get(j, "trend"));
    assert_true(wire_read_check(m, j, 9000, &e));
    jval_free(j);
    const struct check *k = m->checks[0];
    assert_int_equal(k->rule.interval_ms, 5000);
    assert_string_equal(k->probe, "http");
    assert_int_equal(k->live.state, STATE_OK);
    assert_int_equal(k->trend.worst[TREND_LEN - 1], STATE_OK); /* its dot was added here */
    assert_true(k->trend.bucket > AT / TREND_BUCKET_MS);
    fleet_free(f);
    fleet_free(m);
}

static void alert_comes_back(void **state)
{
    (void)state;
    struct fleet *f = sample(), *m = mirrored(f);
    const struct alert *a = fleet_alert(m, 1077);
    assert_non_null(a);
    assert_string_equal(a->check, "srv-a-web-01/http");
    assert_int_equal(a->version, 4);
    assert_int_equal(a->began_mono_ms, 400); /* 600 ms old */
    assert_int_equal(a->priority, PRIORITY_P2);
    assert_string_equal(a->ack.by, "lan");
    assert_string_equal(a->ack.comment, "đã gọi TTDL");
    assert_int_equal(a->ack.until_ms, AT + 7200000);
    assert_int_equal(a->n_notes, 1);
    assert_string_equal(a->notes[0].text, "line one\nline two");
    /* and an acknowledgement that is taken away goes away */
    struct err e = {""};
    f->alerts[0]->ack.by = (free(f->alerts[0]->ack.by), NULL);
    struct jval *j = through(wire_alert(f, f->alerts[0], 1000));
    assert_true(wire_read_alert(m, j, 1000, &e));
    jval_free(j);
    assert_null(fleet_alert(m, 1077)->ack.by);
    fleet_free(f);
    fleet_free(m);
}

static void documents_name_their_schema(void **state)
{
    (void)state;
    struct fleet *f = sample();
    struct wire_engine engine = {.version = "1", .store = "sqlite:x", .pid = 7};
    struct jval *j = through(wire_status(f, &engine));
    assert_string_equal(jval_get_str(j, "schema"), "trucban/status/1");
    assert_string_equal(jval_str(jval_pointer(j, "/targets/0/env")), "test");
    assert_string_equal(jval_str(jval_pointer(j, "/targets/0/link")), "testing");
    assert_string_equal(jval_str(jval_pointer(j, "/targets/0/checks/0/state")), "CRITICAL");
    assert_string_equal(jval_str(jval_pointer(j, "/targets/0/checks/0/summary")),
                        "HTTP 502, expected 200");
    assert_int_equal(jval_int(jval_pointer(j, "/engine/pid"), 0), 7);
    assert_int_equal(jval_type(jval_pointer(j, "/engine/started_at")), JVAL_NULL);
    jval_free(j);
    j = through(wire_alerts(f, 1000));
    assert_string_equal(jval_get_str(j, "schema"), "trucban/alerts/1");
    assert_int_equal(jval_int(jval_pointer(j, "/alerts/0/id"), 0), 1077);
    assert_string_equal(jval_str(jval_pointer(j, "/alerts/0/ack/by")), "lan");
    assert_string_equal(jval_str(jval_pointer(j, "/alerts/0/opened_at")),
                        "2026-03-05T14:02:11.042Z");
    jval_free(j);
    fleet_free(f);
}

static void nonsense_is_an_error_in_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}", "{\"check\":\"noslash\"}",
                                      "{\"check\":\"nobody/http\"}"};
    struct fleet *f = sample();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        struct jval *j = jval_parse(bad[i], strlen(bad[i]), &e);
        assert_false(wire_read_check(f, j, 0, &e));
        assert_true(e.text[0] != '\0');
        jval_free(j);
    }
    struct err e = {""};
    const char *state_text = "{\"check\":\"srv-a-web-01/http\",\"state\":\"PURPLE\",\"metrics\":7}";
    struct jval *j = jval_parse(state_text, strlen(state_text), &e);
    assert_false(wire_read_check(f, j, 0, &e));
    assert_non_null(strstr(e.text, "PURPLE"));
    jval_free(j);
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_comes_back),
        cmocka_unit_test(what_the_site_says_comes_back),
        cmocka_unit_test(check_comes_back),
        cmocka_unit_test(stale_keeps_its_last_state),
        cmocka_unit_test(a_delta_leaves_the_rest),
        cmocka_unit_test(alert_comes_back),
        cmocka_unit_test(documents_name_their_schema),
        cmocka_unit_test(nonsense_is_an_error_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
