/* test_rows.c - what lists show: picks and marks by key, filters, calm figures, the matrix, the
 * feed of the journal.  A console without a link, a headless terminal, clocks set by hand. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alert.h"
#include "core/mem.h"
#include "tui/console_private.h"
#include "tui/lang.h"
#include "tui/rows.h"
#include "tui/rows_alerts.h"
#include "tui/rows_cells.h"
#include "tui/rows_doc.h"
#include "tui/rows_journal.h"
#include "tui/rows_matrix.h"
#include "tests/unit/scene.h"
#include "tui/rows_targets.h"

/* --- rows and filters ------------------------------------------------------------------------ */

static void fill(struct rows *r, const uint64_t *keys, size_t n)
{
    rows_begin(r);
    for (size_t i = 0; i < n; i++)
        if (rows_wants(r, keys[i], true))
            rows_add(r, keys[i], keys + i);
    rows_settle(r);
}

static void pick_follows_its_key(void **state)
{
    const uint64_t before[] = {10, 20, 30}, after[] = {5, 30, 10, 20}, without[] = {5, 30, 10};
    struct rows r = {0};

    (void)state;
    fill(&r, before, 3);
    assert_int_equal(r.picked, 10); /* something is always picked */
    rows_pick(&r, 1);
    fill(&r, after, 4);
    assert_int_equal(r.at, 3);
    assert_int_equal(*(const uint64_t *)rows_item(&r), 20);
    fill(&r, without, 3); /* gone: what stands in its place */
    assert_int_equal(r.picked, 10);
    fill(&r, NULL, 0);
    assert_null(rows_item(&r));
    fill(&r, after, 4); /* back again */
    assert_int_equal(r.picked, 10);
    assert_int_equal(r.at, 2);
    rows_release(&r);
}

static void what_is_picked_stays_until_the_filter_changes(void **state)
{
    struct rows r = {0};

    (void)state;
    r.picked = 20;
    assert_true(rows_wants(&r, 20, false));
    assert_false(rows_wants(&r, 30, false));
    r.is_narrowed = true;
    assert_false(rows_wants(&r, 20, false));
    rows_release(&r);
}

static void marks_are_keys(void **state)
{
    const uint64_t keys[] = {1, 2, 3};
    struct rows r = {0};

    (void)state;
    fill(&r, keys, 3);
    rows_mark(&r, 2);
    assert_true(rows_is_marked(&r, 2));
    rows_mark_all(&r);
    assert_int_equal(r.n_marks, 3);
    rows_mark(&r, 1);
    assert_false(rows_is_marked(&r, 1));
    rows_mark_clear(&r);
    assert_int_equal(r.n_marks, 0);
    rows_release(&r);
}

static bool passes(const struct filter *f, const char *a, const char *b)
{
    const char *fields[] = {a, NULL, b};

    return filter_passes(f, fields, 3);
}

static void filters_stack_fold_and_invert(void **state)
{
    struct filter f = {0};
    struct buf text = BUF_INIT(100);

    (void)state;
    assert_true(passes(&f, "anything", NULL));
    filter_push(&f, "Tích Hợp");
    assert_true(passes(&f, "cong TICH HOP 01", "web"));
    assert_true(passes(&f, NULL, "Cổng tích hợp"));
    assert_false(passes(&f, "web", "db"));
    filter_push(&f, "!02");
    assert_true(passes(&f, "tich hop 01", NULL));
    assert_false(passes(&f, "tich hop", "02"));
    filter_text(&f, &text);
    assert_string_equal(buf_text(&text), "tich hop !02");
    filter_preview(&f, "01");
    assert_false(passes(&f, "tich hop 03", NULL));
    filter_preview(&f, "");
    assert_true(passes(&f, "tich hop 03", NULL));
    filter_push(&f, ""); /* takes the last one away */
    assert_true(passes(&f, "tich hop", "02"));
    filter_push(&f, "  ");
    assert_true(passes(&f, "web", NULL));
    filter_push(&f, ""); /* nothing left: nothing happens */
    filter_release(&f);
    buf_release(&text);
}

/* --- cells ----------------------------------------------------------------------------------- */

static void figures_speak_the_language(void **state)
{
    char out[CELL_TEXT_MAX];
    const struct metric bytes = {.name = (char *)"lag", .unit = (char *)"B", .value = 4100000};
    const struct metric share = {.name = (char *)"mem", .unit = (char *)"%", .value = 63.04};

    (void)state;
    assert_string_equal(cells_number("en", 2.04, 2, out), "2");
    assert_string_equal(cells_number("vi", 2.14, 2, out), "2,1");
    assert_string_equal(cells_number("en", 0.344, 2, out), "0.34");
    assert_string_equal(cells_number("en", 0, 2, out), "0");
    assert_string_equal(cells_number("en", 1234, 2, out), "1200");
    assert_string_equal(cells_ms("en", 112, 2, out), "110 ms");
    assert_string_equal(cells_ms("en", 996, 2, out), "1 s");
    assert_string_equal(cells_ms("vi", 1240, 2, out), "1,2 s");
    assert_string_equal(cells_metric("vi", &bytes, 2, out), "4,1 MB");
    assert_string_equal(cells_metric("en", &share, 2, out), "63 %");
}

static void latency_is_calm_within_a_bucket(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "srv-1", NULL, "web", STATE_OK);
    char first[CELL_TEXT_MAX], later[CELL_TEXT_MAX];
    struct cell_trend room;

    assert_string_equal(cells_latency(s->c, k, first), "12 ms");
    trend_add(&k->trend, s->wall - 45000, 100, STATE_OK);
    trend_add(&k->trend, s->wall, 400, STATE_OK);
    assert_string_equal(cells_latency(s->c, k, first), "100 ms");
    trend_add(&k->trend, s->wall + 5000, 900, STATE_OK);
    assert_string_equal(cells_latency(s->c, k, later), first);
    assert_int_equal(cells_trend(s->c, &k->trend, &room)->n, TREND_LEN - 1);
    s->wall += 30000; /* the bucket is whole now */
    console_clock(s->c);
    assert_string_equal(cells_latency(s->c, k, later), "650 ms");
}

/* --- alerts ---------------------------------------------------------------------------------- */

static void alerts_keep_their_pick_while_open(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};
    uint64_t marked[4];
    struct alert *a2 =
        add_alert(s, 2, add_server(s, "s2", NULL, NULL, STATE_CRITICAL), PRIORITY_P3);

    add_alert(s, 3, add_server(s, "s3", NULL, NULL, STATE_CRITICAL), PRIORITY_P2);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.picked, 3); /* the most urgent */
    add_alert(s, 4, add_server(s, "s4", NULL, NULL, STATE_CRITICAL), PRIORITY_P1);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.picked, 3);
    assert_int_equal(l.rows.at, 1);
    assert_true(alert_list_command(s->c, &l, "mark-all", NULL));
    assert_true(alert_list_command(s->c, &l, "down", NULL));
    assert_int_equal(alert_list_selected(s->c, &l).alert, 2);
    a2->phase = ALERT_RESOLVED; /* under the operator's finger: it stays there, but acts no more */
    fleet_touch_alert(s->fleet, a2);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 3);
    assert_int_equal(alert_list_selected(s->c, &l).alert, 2);
    assert_int_equal(alert_list_marked(s->c, &l, marked, 4), 2);
    alert_list_command(s->c, &l, "up", NULL);
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 2);
    alert_list_release(&l);
}

static void a_pick_nobody_made_leaves_a_resolved_alert(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {.has_resolved = true};
    struct alert *a = add_alert(s, 7, add_server(s, "s7", NULL, NULL, STATE_CRITICAL), PRIORITY_P3);

    alert_list_update(s->c, &l, 10);
    add_alert(s, 8, add_server(s, "s8", NULL, NULL, STATE_CRITICAL), PRIORITY_P4);
    a->phase = ALERT_RESOLVED;
    alert_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.picked, 8);
    assert_int_equal(l.rows.n, 2);
    alert_list_release(&l);
}

static void next_goes_to_what_nobody_has(void **state)
{
    struct scene *s = *state;
    struct alert_list l = {0};
    struct alert *a = add_alert(s, 1, add_server(s, "s1", NULL, NULL, STATE_CRITICAL), PRIORITY_P1);

    add_alert(s, 2, add_server(s, "s2", NULL, NULL, STATE_CRITICAL), PRIORITY_P2);
    add_alert(s, 3, add_server(s, "s3", NULL, NULL, STATE_CRITICAL), PRIORITY_P3);
    mem_set(&a->ack.by, "l1-duty");
    alert_list_update(s->c, &l, 10);
    alert_list_command(s->c, &l, "next-unacked", NULL);
    assert_int_equal(l.rows.picked, 3);
    alert_list_command(s->c, &l, "next-unacked", NULL);
    assert_int_equal(l.rows.picked, 2); /* around the end, past the one that is taken */
    alert_list_release(&l);
}

/* --- targets --------------------------------------------------------------------------------- */

static void targets_stand_worst_first(void **state)
{
    struct scene *s = *state;
    struct target_list l = {0};

    add_server(s, "a", "half-a", "web", STATE_OK);
    add_server(s, "b", "half-a", "web", STATE_WARNING);
    add_server(s, "c", "half-b", "db", STATE_CRITICAL);
    add_server(s, "d", "half-b", "db", STATE_CRITICAL)->target->is_test = true;
    target_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 4);
    assert_string_equal(((const struct target *)l.rows.v[0].item)->id, "c");
    assert_string_equal(((const struct target *)l.rows.v[1].item)->id, "b");
    assert_string_equal(((const struct target *)l.rows.v[3].item)->id, "d"); /* does not count */
    target_list_command(s->c, &l, "filter", "!db");
    target_list_update(s->c, &l, 10);
    assert_int_equal(l.rows.n, 2);
    assert_ptr_equal(target_by_key(s->fleet, l.rows.picked), fleet_target(s->fleet, "b"));
    target_list_release(&l);
}

static void the_matrix_has_a_row_for_each_role(void **state)
{
    struct scene *s = *state;
    struct matrix m = {0};
    const struct words name = {NULL, (char *)"Half A"};

    fleet_add_group(s->fleet, "half-a", &name);
    fleet_add_group(s->fleet, "half-b", &name);
    fleet_add_group(s->fleet, "empty", &name);
    add_server(s, "srv-a-web-01", "half-a", "web", STATE_OK);
    add_server(s, "srv-a-web-02", "half-a", "web", STATE_OK);
    add_server(s, "srv-b-web-01", "half-b", "web", STATE_OK);
    add_server(s, "srv-b-db-01", "half-b", "db", STATE_OK);
    matrix_update(s->c, &m, NULL, 78);
    assert_true(m.is_useful);
    assert_int_equal(m.n_blocks, 2);
    assert_int_equal(m.grid.blocks, 2);
    assert_int_equal(m.n_sections, 3);
    assert_int_equal(m.n_items, 4);
    assert_true(m.has_names && m.has_tails);
    assert_string_equal(m.sections[2].label, "Database");
    assert_int_equal(matrix_lines(&m, 78), 3); /* names, web, db */
    matrix_update(s->c, &m, NULL, 20);         /* too narrow: the groups below each other */
    assert_int_equal(m.grid.blocks, 1);
    assert_string_equal(m.sections[0].label, "Half A Web");
    matrix_release(&m);
}

/* --- the journal ----------------------------------------------------------------------------- */

static void answer_events(struct scene *s, uint64_t from, size_t n)
{
    struct event *events = mem_alloc((n ? n : 1) * sizeof *events);
    struct link_answer a = {.id = (uint64_t)asked.n, .is_ok = true, .say = "", .code = ""};

    for (size_t i = 0; i < n; i++)
        events[i] = (struct event){.seq = from + i,
                                   .at_ms = s->wall,
                                   .kind = EVENT_ALERT_ACKNOWLEDGED,
                                   .subject = (char *)"alert/7",
                                   .actor = {.login = (char *)"l1-duty", .from = (char *)""},
                                   .alert = 7,
                                   .text = (char *)"seen",
                                   .until_ms = s->wall + 3600000};
    a.events = events;
    a.n_events = n;
    console_answer(s->c, &a);
    free(events);
}

static void the_feed_asks_for_what_is_missing(void **state)
{
    struct scene *s = *state;
    struct journal_feed j;

    s->fleet->seq = 500;
    journal_feed_init(&j, NULL);
    journal_feed_update(s->c, &j);
    journal_feed_update(s->c, &j); /* one question at a time */
    assert_int_equal(asked.n, 1);
    assert_string_equal(asked.text, "journal limit=200");
    answer_events(s, 301, 200);
    assert_int_equal(j.n, 200);
    assert_false(j.is_complete);
    s->mono += 2000;
    console_clock(s->c);
    s->c->beat.changed_mono_ms = s->mono;
    journal_feed_update(s->c, &j); /* nothing new */
    assert_int_equal(asked.n, 1);
    s->fleet->seq = 502;
    journal_feed_update(s->c, &j);
    assert_string_equal(asked.text, "journal limit=200 after=500");
    answer_events(s, 501, 2);
    assert_int_equal(j.v[j.n - 1].seq, 502);
    s->fleet->seq = 503;
    journal_feed_update(s->c, &j); /* not twice a second */
    assert_int_equal(asked.n, 2);
    journal_feed_older(s->c, &j);
    assert_string_equal(asked.text, "journal limit=200 before=301");
    answer_events(s, 291, 10);
    assert_int_equal(j.n, 212);
    assert_int_equal(j.v[0].seq, 291);
    assert_true(j.is_complete);
    journal_feed_older(s->c, &j);
    assert_int_equal(asked.n, 3);
    journal_feed_release(&j);
}

static void an_answer_after_the_end_is_dropped(void **state)
{
    struct scene *s = *state;
    struct journal_feed j;

    journal_feed_init(&j, "srv-1/http");
    journal_feed_update(s->c, &j);
    assert_string_equal(asked.text, "journal limit=200 subject=srv-1/http");
    journal_feed_release(&j);
    answer_events(s, 1, 3);
    journal_feed_init(&j, NULL);
    journal_feed_update(s->c, &j); /* left open: the console's end answers it */
    journal_feed_release(&j);
}

static void a_refused_question_is_asked_again(void **state)
{
    struct scene *s = *state;
    struct link_answer lost = {.id = 1, .is_ok = false, .say = "gone", .code = "lost"};
    struct journal_feed j;

    journal_feed_init(&j, NULL);
    journal_feed_update(s->c, &j);
    console_answer(s->c, &lost);
    assert_false(j.is_answered);
    journal_feed_update(s->c, &j);
    assert_int_equal(asked.n, 1);
    s->mono += 1000;
    console_clock(s->c);
    journal_feed_update(s->c, &j);
    assert_int_equal(asked.n, 2);
    journal_feed_release(&j);
}

static void events_are_said_in_words(void **state)
{
    struct scene *s = *state;
    struct buf b = BUF_INIT(300);
    char subject[160], at[40];
    struct event e = {.kind = EVENT_ALERT_ACKNOWLEDGED,
                      .at_ms = s->wall,
                      .subject = (char *)"alert/7",
                      .actor = {.login = (char *)"l1-duty"},
                      .alert = 7,
                      .text = (char *)"looking {actor}",
                      .until_ms = s->wall + 3600000};

    event_words(s->c, &b, &e);
    assert_string_equal(buf_text(&b),
                        "alert #7 acknowledged by l1-duty until 07:42:00: looking {actor}");
    assert_string_equal(event_subject(&e, subject), "#7");
    e.check = (char *)"srv-1/http";
    assert_string_equal(event_subject(&e, subject), "srv-1/http");
    assert_string_equal(event_time(s->c, s->wall, at), "06:42:00");
    assert_string_equal(event_time(s->c, s->wall - 86400000, at), "04/03 06:42");
    buf_release(&b);
}

static void the_timeline_follows_its_end_and_pages_back(void **state)
{
    struct scene *s = *state;

    s->fleet->seq = 240;
    s->c->has_picture = true;
    console_run(s->c, "open journal");
    assert_true(shows(s, "Asking the engine"));
    answer_events(s, 41, 200);
    assert_true(shows(s, "acknowledged by l1-duty until 07:42:00: seen"));
    console_run(s->c, "top");
    assert_int_equal(asked.n, 1);
    console_run(s->c, "page-up"); /* already at the top: the page before is asked for */
    assert_string_equal(asked.text, "journal limit=200 before=41");
    answer_events(s, 1, 40);
    assert_true(shows(s, "07:42:00"));
    console_run(s->c, "filter nothing-like-this");
    assert_true(shows(s, "Nothing matches the filter."));
    assert_true(shows(s, "Nothing matches the filter.")); /* also in the next picture */
    console_run(s->c, "filter");
    console_key(s->c, &(struct key_event){.key = K_ENTER}); /* empty: takes it away */
    assert_true(shows(s, "#7"));
}

/* --- pages ----------------------------------------------------------------------------------- */

static void pages_wrap_and_scroll(void **state)
{
    struct doc d = {0};

    (void)state;
    doc_begin(&d, 40);
    doc_pair(&d, "Output", "one two three four five six seven eight nine", ROLE_NORMAL);
    doc_pair(&d, "Empty", "", ROLE_NORMAL);
    doc_text(&d, 0, "first\nsecond", ROLE_NORMAL);
    assert_int_equal(d.n, 4);
    assert_string_equal(d.v[0].label, "Output");
    assert_null(d.v[1].label);
    doc_command(&d, "bottom", 3);
    assert_int_equal(d.top, 1);
    doc_command(&d, "page-up", 3);
    assert_int_equal(d.top, 0);
    assert_false(doc_command(&d, "mark", 3));
    doc_release(&d);
}

int main(void)
{
#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pick_follows_its_key),
        cmocka_unit_test(what_is_picked_stays_until_the_filter_changes),
        cmocka_unit_test(marks_are_keys),
        cmocka_unit_test(filters_stack_fold_and_invert),
        cmocka_unit_test(figures_speak_the_language),
        SCENE(latency_is_calm_within_a_bucket),
        SCENE(alerts_keep_their_pick_while_open),
        SCENE(a_pick_nobody_made_leaves_a_resolved_alert),
        SCENE(next_goes_to_what_nobody_has),
        SCENE(targets_stand_worst_first),
        SCENE(the_matrix_has_a_row_for_each_role),
        SCENE(the_feed_asks_for_what_is_missing),
        SCENE(an_answer_after_the_end_is_dropped),
        SCENE(a_refused_question_is_asked_again),
        SCENE(events_are_said_in_words),
        SCENE(the_timeline_follows_its_end_and_pages_back),
        cmocka_unit_test(pages_wrap_and_scroll),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
