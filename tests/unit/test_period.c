/* Silences, maintenance, assessments: what may be, who may, what is told, what stays ended. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "core/marks.h"
#include "core/mem.h"
#include "core/period_decide.h"
#include "core/say.h"
#include "core/when.h"

#define NOON 1772719200000LL /* 2026-03-05T14:00:00Z, a Thursday */
#define HOUR WHEN_HOUR_MS
#define DAY  WHEN_DAY_MS

struct world {
    struct fleet *f;
    int64_t now_ms;
    uint64_t seq;
    char said[600]; /* the newest refusal or answer */
};

static struct actor lan = {.login = (char *)"lan", .uid = 1000, .from = (char *)""};
static struct actor minh = {.login = (char *)"minh", .uid = 1001, .from = (char *)""};

/* Ten checks: a-0 to a-2, b-3 to b-9; a-0 has alert 5. */
static void begin(struct world *w)
{
    char id[16];
    setenv("TZ", "<+07>-7", 1);
    tzset();
    *w = (struct world){.f = fleet_new(), .now_ms = NOON};
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "%c-%d", i < 3 ? 'a' : 'b', i);
        fleet_add_check(w->f, fleet_add_target(w->f, id), "x");
    }
    struct alert *a = fleet_add_alert(w->f, 5);
    a->check = mem_strdup("a-0/x");
    a->phase = ALERT_FIRING;
    w->f->checks[0]->alert = 5;
}

static struct period_request silence(const char *match, int64_t for_ms)
{
    return (struct period_request){.act = PERIOD_CREATE,
                                   .kind = PERIOD_SILENCE,
                                   .match = match,
                                   .for_ms = for_ms,
                                   .text = "disk change",
                                   .role = DUTY_L2,
                                   .actor = &lan};
}

static struct period_request maintenance(const char *match, int64_t for_ms)
{
    struct period_request q = silence(match, for_ms);
    q.kind = PERIOD_MAINTENANCE;
    return q;
}

static void keep(struct world *w, char *packed)
{
    struct buf b = BUF_INIT(sizeof w->said - 1);
    say_text(&b, packed, NULL);
    snprintf(w->said, sizeof w->said, "%s", buf_text(&b));
    buf_release(&b);
    free(packed);
}

static void commit(struct world *w, struct event *e)
{
    e->seq = ++w->seq;
    fleet_fold(w->f, e);
    event_release(e);
}

/* Asks, and lets the journal have it; 0: refused. */
static uint64_t ask(struct world *w, const struct period_request *q)
{
    struct event e;
    char *refusal = NULL;
    if (!period_decide(w->f, q, w->now_ms, &e, &refusal)) {
        keep(w, refusal);
        return 0;
    }
    uint64_t id = e.period;
    if (e.kind != EVENT_KIND_COUNT)
        commit(w, &e);
    keep(w, period_say(w->f, q->act, fleet_period(w->f, id), w->now_ms));
    return id;
}

static void refused(struct world *w, struct period_request q, const char *why)
{
    if (ask(w, &q) != 0)
        fail_msg("taken, not refused by: %s", why);
    if (strstr(w->said, why) == NULL)
        fail_msg("refused by \"%s\", expected \"%s\"", w->said, why);
}

static uint64_t taken(struct world *w, struct period_request q, enum period_state s)
{
    uint64_t id = ask(w, &q);
    if (id == 0)
        fail_msg("refused: %s", w->said);
    assert_int_equal(fleet_period(w->f, id)->state, s);
    return id;
}

static struct period_request act(enum period_act what, uint64_t id, const struct actor *who)
{
    return (struct period_request){
        .act = what, .period = id, .role = DUTY_L2, .actor = who, .text = "done"};
}

/* --- refusals -------------------------------------------------------------------------------- */

static void test_refusals(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct period_request q = silence("a-1", HOUR);
    q.match = "*";
    refused(&w, q, "this matches everything");
    q.match = "b-*";
    refused(&w, q, "this matches 7 of 10 checks, more than 30 %");
    q.match = "nosuch";
    refused(&w, q, "no check matches \"nosuch\" now");
    q.match = NULL;
    refused(&w, q, "say which checks, or which alert");
    q.match = "a-1";
    q.alert = 5;
    refused(&w, q, "say which checks, or which alert");
    q = silence("a-1", 0);
    refused(&w, q, "say when it ends");
    q = silence("a-1", HOUR);
    q.text = "ok";
    refused(&w, q, "a comment of at least 3 characters");
    char long_text[2100];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    q.text = long_text;
    refused(&w, q, "the text is longer than 2000 bytes");
    q = silence("a-1", HOUR);
    q.from_ms = NOON - 61000;
    refused(&w, q, "is in the past");
    q.from_ms = NOON - 59000;
    taken(&w, q, PERIOD_STANDING);
    q.from_ms = NOON + 401 * DAY;
    refused(&w, q, "is more than 400d ahead");
    q = silence("a-1", 0);
    q.from_ms = NOON + HOUR;
    q.until_ms = NOON + HOUR;
    refused(&w, q, "is not after the start");
    q.from_ms = NOON - 30000;
    q.until_ms = NOON - 1000;
    refused(&w, q, "is not in the future");
    refused(&w, silence("a-1", 30 * DAY + 1), "a silence lasts at most 30d");
    refused(&w, maintenance("a-1", 30 * DAY + 1), "longer ones must be recurring");
    q = maintenance("a-1", 401 * DAY);
    q.every = "daily 02:00-03:00";
    refused(&w, q, "needs an end within 400d");
    q.every = "sometimes";
    q.for_ms = DAY;
    refused(&w, q, "expected windows such as");
    q.every = "Sun 02:00-04:00"; /* Thursday evening here */
    refused(&w, q, "begins before the end");
    q.for_ms = 4 * DAY;
    taken(&w, q, PERIOD_STANDING);
    fleet_free(w.f);
}

/* --- who may ---------------------------------------------------------------------------------- */

static void test_limits(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct period_request q = silence("a-1", 4 * HOUR);
    q.role = DUTY_L1;
    taken(&w, q, PERIOD_STANDING);
    q.for_ms = 4 * HOUR + 1;
    refused(&w, q, "a silence of more than 4h needs role l2 (you are l1)");
    taken(&w, silence("a-1", 24 * HOUR), PERIOD_STANDING);
    taken(&w, silence("a-1", 24 * HOUR + 1), PERIOD_PROPOSED);
    assert_non_null(strstr(w.said, "is proposed only: another person must approve it"));
    taken(&w, maintenance("a-*", 30 * DAY), PERIOD_STANDING);
    taken(&w, maintenance("b-*", HOUR), PERIOD_PROPOSED);
    q = maintenance("b-*", HOUR);
    q.kind = PERIOD_ASSESSMENT;
    taken(&w, q, PERIOD_STANDING);
    assert_non_null(strstr(w.said, "alerts of 7 checks are labelled, none is hidden"));
    fleet_free(w.f);
}

static void test_approval(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    uint64_t id = taken(&w, silence("a-1", 2 * DAY), PERIOD_PROPOSED);
    const struct period *p = fleet_period(w.f, id);
    assert_false(period_is_on_at(w.f, p, NOON + 1));
    refused(&w, act(PERIOD_APPROVE, id, &lan), "another person must approve it");
    taken(&w, act(PERIOD_APPROVE, id, &minh), PERIOD_STANDING);
    assert_string_equal(p->approved_by, "minh");
    assert_true(period_is_on_at(w.f, p, NOON + 1));
    uint64_t seq = w.seq;
    taken(&w, act(PERIOD_APPROVE, id, &minh), PERIOD_STANDING); /* the answer was lost */
    assert_int_equal(w.seq, seq);
    refused(&w, act(PERIOD_APPROVE, id, &lan), "waits for no approval");
    refused(&w, act(PERIOD_APPROVE, 99, &minh), "there is no silence or maintenance 99");
    id = taken(&w, silence("a-1", 2 * DAY), PERIOD_PROPOSED);
    w.now_ms += 3 * DAY;
    refused(&w, act(PERIOD_APPROVE, id, &minh), "is not in the future");
    struct event e;
    assert_true(period_expire(w.f, fleet_period(w.f, id), w.now_ms, &e));
    assert_string_equal(e.text, "its end came before anybody approved it");
    event_release(&e);
    fleet_free(w.f);
}

static void test_key(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct period_request q = silence("a-1", HOUR);
    q.key = "0123";
    uint64_t id = taken(&w, q, PERIOD_STANDING), seq = w.seq;
    assert_int_equal(ask(&w, &q), id);
    assert_int_equal(w.seq, seq);
    q.actor = &minh; /* somebody else's key is somebody else's */
    assert_int_not_equal(taken(&w, q, PERIOD_STANDING), id);
    fleet_free(w.f);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void test_ended(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    uint64_t id = taken(&w, silence("a-1", HOUR), PERIOD_STANDING);
    struct event e, again;
    char *refusal = NULL;
    struct period_request q = silence("a-1", HOUR);
    assert_true(period_decide(w.f, &q, NOON, &again, &refusal));
    again.period = id; /* a journal that says a number twice */
    again.period_def->id = id;
    taken(&w, act(PERIOD_END, id, &minh), PERIOD_ENDED);
    const struct period *p = fleet_period(w.f, id);
    assert_string_equal(p->ended_by, "minh");
    assert_int_equal(p->ended_at_ms, NOON);
    taken(&w, act(PERIOD_END, id, &minh), PERIOD_ENDED); /* again: it stands */
    refused(&w, act(PERIOD_END, id, &lan), "was ended by minh at");
    refused(&w, act(PERIOD_APPROVE, id, &minh), "only a new one can begin");
    commit(&w, &again);
    assert_int_equal(p->state, PERIOD_ENDED);
    e = (struct event){.kind = EVENT_PERIOD_APPROVED, .period = id, .at_ms = NOON};
    commit(&w, &e);
    assert_int_equal(p->state, PERIOD_ENDED);
    assert_false(period_is_on_at(w.f, p, NOON + 1));
    assert_false(period_expire(w.f, p, NOON + DAY, &e));
    fleet_free(w.f);
}

static void test_time_over(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct event e;
    struct period_request q = silence("a-1", HOUR);
    q.from_ms = NOON + HOUR;
    const struct period *p = fleet_period(w.f, taken(&w, q, PERIOD_STANDING));
    assert_false(period_is_on_at(w.f, p, NOON + HOUR - 1));
    assert_true(period_is_on_at(w.f, p, NOON + HOUR));
    assert_true(period_is_on_at(w.f, p, NOON + 2 * HOUR - 1));
    assert_false(period_is_on_at(w.f, p, NOON + 2 * HOUR));
    assert_false(period_expire(w.f, p, NOON + 2 * HOUR - 1, &e));
    assert_true(period_expire(w.f, p, NOON + 2 * HOUR, &e));
    assert_string_equal(e.actor.login, "trucban");
    assert_string_equal(e.text, "its time is over");
    e.at_ms = NOON + 2 * HOUR;
    commit(&w, &e);
    refused(&w, act(PERIOD_END, p->id, &lan), "came to its end at");
    fleet_free(w.f);
}

static void test_of_alert(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct event e;
    struct period_request q = silence(NULL, HOUR);
    q.alert = 5;
    const struct period *p = fleet_period(w.f, taken(&w, q, PERIOD_STANDING));
    assert_null(p->matcher);
    assert_true(period_is_on_at(w.f, p, NOON));
    struct alert *a = fleet_alert(w.f, 5);
    a->phase = ALERT_RESOLVED;
    a->resolved_at_ms = NOON + 1000;
    w.f->checks[0]->alert = 0;
    assert_false(period_is_on_at(w.f, p, NOON + 1000));
    assert_true(period_expire(w.f, p, NOON + 1000, &e));
    event_release(&e);
    refused(&w, q, "resolved at");
    fleet_add_alert(w.f, 8)->check = mem_strdup("a-0/x");
    w.f->checks[0]->alert = 8;
    refused(&w, q, "now #8");
    q.alert = 4;
    refused(&w, q, "was resolved long ago");
    q.alert = 9;
    refused(&w, q, "there is no alert 9");
    fleet_free(w.f);
}

/* Thursday evening: seven whole working days lie before Tuesday of the week after next. */
static void test_announced(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct period_request q = maintenance("a-1", HOUR);
    taken(&w, q, PERIOD_STANDING);
    assert_non_null(strstr(w.said, "has it been announced?"));
    q.from_ms = NOON + 11 * DAY; /* Monday: Fri, Mon-Fri */
    taken(&w, q, PERIOD_STANDING);
    assert_non_null(strstr(w.said, "has it been announced?"));
    q.from_ms = NOON + 12 * DAY;
    taken(&w, q, PERIOD_STANDING);
    assert_null(strstr(w.said, "announced"));
    q.match = "nosuch";
    taken(&w, q, PERIOD_STANDING);
    assert_non_null(strstr(w.said, "no check matches it now"));
    fleet_free(w.f);
}

static void test_recurring(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct period_request q = maintenance("a-1", 60 * DAY);
    q.every = "Sun 02:00-04:00";
    const struct period *p = fleet_period(w.f, taken(&w, q, PERIOD_STANDING));
    int64_t sunday_ms = 0;
    assert_true(when_parse_rfc3339("2026-03-08T02:00:00+07:00", &sunday_ms));
    assert_false(period_is_on_at(w.f, p, NOON));
    assert_true(period_is_on_at(w.f, p, sunday_ms));
    assert_false(period_is_on_at(w.f, p, sunday_ms + 2 * HOUR));
    assert_true(period_is_on_at(w.f, p, sunday_ms + 7 * DAY));
    assert_false(period_is_on_at(w.f, p, sunday_ms + 70 * DAY));
    fleet_free(w.f);
}

static void test_too_many(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (int i = 0; i < PERIOD_OPEN_MAX; i++)
        taken(&w, silence("a-1", HOUR), PERIOD_STANDING);
    refused(&w, silence("a-1", HOUR), "there are 500 of them already");
    taken(&w, act(PERIOD_END, 1, &lan), PERIOD_ENDED);
    taken(&w, silence("a-1", HOUR), PERIOD_STANDING);
    fleet_free(w.f);
}

/* --- after a maintenance ------------------------------------------------------------------------
 */

static unsigned int marks(const struct world *w, int64_t mono_ms)
{
    uint64_t cause;
    return marks_wanted(w->f, w->f->checks[0], 5, 0, (struct moment){w->now_ms, mono_ms}, &cause);
}

static void see(const struct world *w, enum state s, int64_t mono_ms)
{
    struct result r = {.state = s, .latency_ms = 1, .at_ms = w->now_ms, .started_mono_ms = mono_ms};
    result_say(&r, s, mem_strdup("seen"));
    fleet_apply_result(w->f, w->f->checks[0], &r, mono_ms);
    result_release(&r);
}

/* With the problem still on, one fresh hard result decides: not an old one, not the first OK. */
static void test_fresh_hard(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct check *c = w.f->checks[0];
    c->rule = (struct rule_config){.interval_ms = 30000,
                                   .retry_ms = 10000,
                                   .timeout_ms = 5000,
                                   .attempts = 1,
                                   .ok_confirm = 2};
    see(&w, STATE_CRITICAL, 100000);
    c->periods = 1u << PERIOD_MAINTENANCE;
    assert_int_equal(marks(&w, 100001), MARK_MAINTENANCE);
    c->periods = 0; /* over, as engine/periods.c does it */
    c->reached_ms = 110000;
    assert_int_equal(marks(&w, 110001), MARK_SETTLE);
    see(&w, STATE_OK, 111000);
    assert_int_equal(marks(&w, 111001), MARK_SETTLE);
    see(&w, STATE_CRITICAL, 112000);
    assert_int_equal(marks(&w, 112001), 0);
    c->reached_ms = 120000;
    see(&w, STATE_OK, 121000);
    assert_int_equal(marks(&w, 121001), MARK_SETTLE);
    see(&w, STATE_OK, 122000);
    assert_int_equal(c->live.hard_state, STATE_OK);
    assert_int_equal(marks(&w, 122001), 0);
    fleet_free(w.f);
}

/* Beside each other; an assessment holds nothing back and stops no clock. */
static void test_marks(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct check *c = w.f->checks[0];
    see(&w, STATE_CRITICAL, 100000);
    c->periods = 1u << PERIOD_ASSESSMENT;
    assert_int_equal(marks(&w, 100001), MARK_ASSESSMENT);
    assert_int_equal(MARK_ASSESSMENT & MARKS_HOLD, 0);
    assert_int_equal(MARK_ASSESSMENT & MARKS_PAUSE, 0);
    c->periods |= 1u << PERIOD_SILENCE;
    assert_int_equal(marks(&w, 100001), MARK_ASSESSMENT | MARK_SILENCE);
    fleet_free(w.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_approval),   cmocka_unit_test(test_key),
        cmocka_unit_test(test_ended),      cmocka_unit_test(test_time_over),
        cmocka_unit_test(test_of_alert),   cmocka_unit_test(test_announced),
        cmocka_unit_test(test_recurring),  cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_fresh_hard), cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
