/* test_rows_alerts.c - the list of alerts: causes over symptoms, marks and clocks in words, orders,
 * what is muted, and ten thousand at once. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/scene.h"
#include "tui/rows_alerts.h"
#include "tui/rows_marks.h"

static struct alert *add_behind(struct scene *s, uint64_t id, uint64_t cause)
{
    char name[32];
    struct alert *a;

    snprintf(name, sizeof name, "srv-%05" PRIu64, id);
    a = add_alert(s, id, add_server(s, name, NULL, NULL, STATE_CRITICAL), PRIORITY_P3);
    a->marks = cause ? MARK_PARENT : 0;
    a->cause = cause;
    fleet_touch_alert(s->fleet, a);
    return a;
}

static void causes_stand_over_symptoms(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};
    struct alert *third;

    add_behind(s, 1, 0);
    add_behind(s, 2, 1);
    third = add_behind(s, 3, 2); /* behind what is behind: one fold, the topmost cause */
    add_behind(s, 4, 99);        /* its cause is not here: it stands for itself */
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 2);
    assert_int_equal(l.rows.picked, 1);
    assert_true(alert_list_command(s->c, &l, "right", NULL));
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 4);
    assert_int_equal(l.rows.v[1].key, 3); /* the older first */
    assert_int_equal(l.rows.v[2].key, 2);
    alert_list_command(s->c, &l, "down", NULL);
    alert_list_command(s->c, &l, "down", NULL);
    assert_int_equal(l.rows.picked, 2);
    assert_true(alert_list_command(s->c, &l, "left", NULL)); /* to the cause, folded */
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.picked, 1);
    assert_int_equal(l.rows.n, 2);
    third->marks = 0; /* released: it speaks for itself at once */
    third->cause = 0;
    fleet_touch_alert(s->fleet, third);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 3);
    alert_list_release(&l);
}

/* The selection follows the item: what the operator stands on does not slip into a fold. */
static void a_chosen_row_stays_when_it_gets_a_cause(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};
    struct alert *a;

    add_behind(s, 1, 0);
    a = add_behind(s, 2, 0);
    alert_list_update(s->c, &l, 10);
    alert_list_command(s->c, &l, "down", NULL);
    assert_int_equal(l.rows.picked, 1); /* the older is the second that came in */
    alert_list_command(s->c, &l, "up", NULL);
    assert_int_equal(l.rows.picked, 2);
    a->marks = MARK_PARENT;
    a->cause = 1;
    fleet_touch_alert(s->fleet, a);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(alert_list_selected(s->c, &l).alert, 2);
    assert_int_equal(l.rows.n, 2);
    alert_list_command(s->c, &l, "up", NULL); /* left: now it is folded */
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 1);
    alert_list_release(&l);
}

/* A ring of causes (which the engine refuses) must not hang the screen. */
static void a_ring_of_causes_ends(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};

    add_behind(s, 1, 2);
    add_behind(s, 2, 1);
    alert_list_update(s->c, &l, 10);
    assert_true(l.rows.n <= 2);
    alert_list_release(&l);
}

static void marks_are_words(void **state)
{
    struct scene *s = *state;
    struct alert *a;
    char out[MARKS_TEXT_MAX];

    add_behind(s, 1, 0);
    a = add_behind(s, 2, 1);
    a->marks |= MARK_SILENCE | MARK_FLAP;
    assert_string_equal(marks_words(s->c, a, out), "silenced, behind srv-00001, flapping");
    a->cause = 77;
    assert_string_equal(marks_words(s->c, a, out), "silenced, behind #77, flapping");
    a->marks = MARK_MAINTENANCE | MARK_SETTLE | MARK_BLIND;
    assert_string_equal(marks_words(s->c, a, out), "MAINTENANCE, settling, we are blind");
    a->marks = 0;
    assert_string_equal(marks_words(s->c, a, out), "");
}

static void the_clock_is_said_calmly(void **state)
{
    struct scene *s = *state;
    struct alert *a = add_behind(s, 1, 0);
    char out[CELL_TEXT_MAX];
    static const struct {
        int64_t ms;
        const char *words, *brief;
    } cases[] = {
        {9 * 60000, "to L2 in 9 min", "L2 9m"}, {8 * 60000 + 1, "to L2 in 9 min", "L2 9m"},
        {60001, "to L2 in 2 min", "L2 2m"},     {60000, "to L2 in 60 s", "L2 60s"},
        {44001, "to L2 in 45 s", "L2 45s"},     {1, "to L2 in 1 s", "L2 1s"},
        {0, "to L2: overdue", "L2 now"},        {-5000, "to L2: overdue", "L2 now"},
        {121 * 60000, "to L2 in 3 h", "L2 3h"},
    };

    a->next_mono_ms = s->mono;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        a->next = (struct clock_next){.runs = true, .level = 2, .level_ms = cases[i].ms};
        assert_string_equal(marks_next(s->c, a, false, out), cases[i].words);
        assert_string_equal(marks_next(s->c, a, true, out), cases[i].brief);
    }
    a->next = (struct clock_next){
        .runs = true, .level = 3, .level_ms = 70000, .has_ack = true, .ack_ms = 200000};
    assert_string_equal(marks_take(s->c, a, out), "4 min left");
    assert_false(marks_is_pressing(s->c, a));
    s->mono += 11000; /* it runs on our own clock between two news */
    s->c->now_mono = s->mono;
    assert_string_equal(marks_next(s->c, a, false, out), "to L3 in 59 s");
    assert_true(marks_is_pressing(s->c, a));
    a->marks = MARK_SILENCE;
    a->next.runs = false;
    assert_string_equal(marks_next(s->c, a, false, out), "paused");
    assert_string_equal(marks_take(s->c, a, out), "");
    a->marks = 0; /* somebody has it */
    assert_string_equal(marks_next(s->c, a, false, out), "-");
}

static void what_is_muted_is_counted(void **state)
{
    struct scene *s = *state;
    struct mute_counts m;
    char out[CELL_TEXT_MAX * 2];

    for (uint64_t id = 1; id <= 4; id++)
        add_behind(s, id, 0);
    m = mutes_of(s->fleet);
    assert_string_equal(mutes_words(s->c, &m, out), "");
    fleet_check(s->fleet, "srv-00001/http")->periods = 1U << PERIOD_SILENCE;
    fleet_alert(s->fleet, 2)->marks = MARK_MAINTENANCE;
    m = mutes_of(s->fleet);
    assert_string_equal(mutes_words(s->c, &m, out), "silenced 1 · maintenance 1");
    assert_false(mutes_are_many(&m)); /* half is not more than half */
    fleet_alert(s->fleet, 3)->marks = MARK_SILENCE;
    m = mutes_of(s->fleet);
    assert_int_equal(m.silenced, 2);
    assert_true(mutes_are_many(&m));
    fleet_check(s->fleet, "srv-00004/http")->periods = 1U << PERIOD_ASSESSMENT; /* a label only */
    assert_int_equal(mutes_of(s->fleet).silenced, 2);
}

static void orders(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};
    struct alert *a = add_behind(s, 1, 0), *b = add_behind(s, 2, 0);

    add_behind(s, 3, 0);
    mem_set(&a->ack.by, "chi");
    mem_set(&b->ack.by, "an");
    a->ack.at_ms = s->wall - 60000;
    b->ack.at_ms = s->wall - 30000;
    alert_list_command(s->c, &l, "sort", "oldest");
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.v[0].key, 1);
    assert_int_equal(l.rows.v[1].key, 2);
    assert_int_equal(l.rows.v[2].key, 3);
    alert_list_command(s->c, &l, "sort", "owner");
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.v[0].key, 3); /* nobody's first */
    assert_int_equal(l.rows.v[1].key, 2);
    assert_int_equal(l.rows.v[2].key, 1);
    alert_list_release(&l);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_ms(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Ten thousand alerts, none folded: a key's picture costs far less than the 20 ms that are felt. */
static void ten_thousand_stay_usable(void **state)
{
    struct scene *s = *state;
    double ms[200];
    const size_t n = sizeof ms / sizeof *ms;

    for (uint64_t id = 1; id <= 10000; id++)
        add_behind(s, id, 0);
    fleet_clean(s->fleet);
    s->c->has_picture = true;
    console_open(s->c, "alerts", NULL);
    console_draw(s->c, true);
    for (size_t i = 0; i < n; i++) {
        double from = cpu_ms();
        console_run(s->c, i % 10 == 9 ? "page-down" : i % 10 == 8 ? "mark" : "down");
        console_draw(s->c, true);
        ms[i] = cpu_ms() - from;
    }
    qsort(ms, n, sizeof *ms, by_ms);
    print_message("10000 alerts, a key and its picture: median %.2f ms, p99 %.2f ms of CPU\n",
                  ms[n / 2], ms[n * 99 / 100]);
    assert_true(ms[n / 2] < 20); /* the median: what else runs here is not measured */
    assert_true(shows(s, "10000 taken by nobody"));
    double from = cpu_ms();
    console_run(s->c, "mark-all");
    console_draw(s->c, true);
    console_run(s->c, "filter 00123");
    console_draw(s->c, true);
    print_message("mark all and filter: %.2f ms of CPU\n", cpu_ms() - from);
    assert_true(shows(s, "srv-00123/http"));
}

int main(void)
{
#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        SCENE(causes_stand_over_symptoms),
        SCENE(a_chosen_row_stays_when_it_gets_a_cause),
        SCENE(a_ring_of_causes_ends),
        SCENE(marks_are_words),
        SCENE(the_clock_is_said_calmly),
        SCENE(what_is_muted_is_counted),
        SCENE(orders),
        SCENE(ten_thousand_stay_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
