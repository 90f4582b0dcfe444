/* test_rows_desk.c - lists in parts, figures by well-known names, what channels, databases and
 * endpoints make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "tests/unit/scene.h"
#include "tui/rows_channels.h"
#include "tui/rows_codes.h"
#include "tui/rows_databases.h"
#include "tui/rows_figures.h"
#include "tui/rows_integration.h"
#include "tui/rows_parts.h"
#include "tui/rows_targets.h"

/* --- parts ----------------------------------------------------------------------------------- */

static const int numbers[] = {1, 2, 3, 4};

static void fill_parts(struct parts *p, const char *wanted, int lines)
{
    parts_begin(p);
    parts_heading(p, 0, "empty");
    parts_heading(p, 0, "first");
    for (uint64_t i = 1; i <= 2; i++)
        parts_add(p, i, &numbers[i - 1], strchr(wanted, '0' + (int)i) != NULL);
    parts_heading(p, 1, "second");
    for (uint64_t i = 3; i <= 4; i++)
        parts_add(p, i, &numbers[i - 1], strchr(wanted, '0' + (int)i) != NULL);
    parts_heading(p, 0, "last");
    parts_settle(p, lines);
}

static void motions_step_over_headings(void **state)
{
    struct parts p = {0};

    (void)state;
    fill_parts(&p, "1234", 10);
    assert_int_equal(p.n_lines, 6); /* two headings: the empty parts have none */
    assert_int_equal(p.rows.picked, 1);
    assert_true(parts_command(&p, "down", NULL));
    assert_true(parts_command(&p, "down", NULL));
    assert_int_equal(p.rows.picked, 3);
    parts_command(&p, "up", NULL);
    assert_int_equal(p.rows.picked, 2);
    parts_command(&p, "bottom", NULL);
    assert_int_equal(p.rows.picked, 4);
    parts_command(&p, "top", NULL);
    assert_int_equal(p.rows.picked, 1);
    assert_false(parts_command(&p, "mark", NULL));
    parts_release(&p);
}

static void the_pick_is_never_under_the_heading(void **state)
{
    struct parts p = {0};

    (void)state;
    fill_parts(&p, "1234", 3);
    parts_command(&p, "bottom", NULL);
    assert_int_equal(p.list.cursor, 5);
    for (int i = 0; i < 3; i++) {
        parts_command(&p, "up", NULL);
        assert_true(p.list.cursor > p.list.top);
        assert_true(p.list.cursor < p.list.top + 3);
    }
    assert_int_equal(p.rows.picked, 1);
    parts_release(&p);
}

static void a_click_picks_a_row_and_no_heading(void **state)
{
    struct parts p = {0};

    (void)state;
    p.first_line = 1;
    fill_parts(&p, "1234", 10);
    parts_command(&p, "click", "3 5");
    assert_int_equal(p.rows.picked, 2);
    parts_command(&p, "click", "4 5"); /* the second heading */
    assert_int_equal(p.rows.picked, 2);
    parts_command(&p, "click", "5 5");
    assert_int_equal(p.rows.picked, 3);
    parts_command(&p, "click", "12 5");
    assert_int_equal(p.rows.picked, 3);
    parts_release(&p);
}

static void what_is_filtered_out_takes_its_heading_along(void **state)
{
    struct parts p = {0};

    (void)state;
    fill_parts(&p, "1234", 10);
    parts_command(&p, "filter", "x");
    fill_parts(&p, "34", 10);
    assert_int_equal(p.n_lines, 3);
    assert_string_equal(p.v[0].title, "second");
    assert_int_equal(p.rows.picked, 3);
    fill_parts(&p, "", 10); /* the pick stays until it is left: rows.h */
    assert_int_equal(p.n_lines, 2);
    parts_command(&p, "filter", "y");
    fill_parts(&p, "", 10);
    assert_int_equal(p.n_lines, 0);
    assert_null(rows_item(&p.rows));
    fill_parts(&p, "", 10); /* and does not come back with the next picture */
    assert_int_equal(p.n_lines, 0);
    parts_release(&p);
}

/* --- figures --------------------------------------------------------------------------------- */

static const struct figure_kind kinds[] = {
    {"Delivered", {"delivered_pct", "delivered"}, NULL, FIGURE_METRIC, 3, 7, 90},
    {"Proven", {"proof_age_s"}, "last_proof_at", FIGURE_AGE, 0, 6, 70},
    {"Cert", {"days_left"}, NULL, FIGURE_DAYS, 0, 6, 40},
};

static void figures_hold_for_a_bucket_unless_the_state_changes(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "sms", NULL, NULL, STATE_OK);
    const struct target *t = k->target;
    struct figures f = {.kinds = kinds, .n_kinds = 3};
    char text[CELL_TEXT_MAX];

    add_metric(k, "delivered", 94.14, "%");
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 0, text), "94.1 %");
    assert_true(f.has[0]);
    assert_false(f.has[1]);
    assert_null(figures_of(&f, t, 1));
    k->metrics[0].value = 90;
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 0, text), "94.1 %");
    k->live.state = k->live.hard_state = STATE_CRITICAL; /* the sentence changes: so does it */
    fleet_touch_check(s->fleet, k);
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 0, text), "90 %");
    k->metrics[0].value = 80;
    s->wall += TREND_BUCKET_MS;
    console_clock(s->c);
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 0, text), "80 %");
    figures_release(&f);
}

static void old_figures_carry_the_stale_sign(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "sms", NULL, NULL, STATE_OK);
    const struct target *t = k->target;
    struct figures f = {.kinds = kinds, .n_kinds = 3};
    struct table_cell cell = {.text = NULL};
    char text[CELL_TEXT_MAX];

    add_metric(k, "days_left", 44, "");
    add_metric(k, "proof_age_s", 59, "s");
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 2, text), "44 d");
    assert_string_equal(figures_text(s->c, &f, t, 1, text), "1m"); /* and the second since */
    k->live.is_stale = true;
    figures_cell(s->c, &f, t, 2, &cell);
    assert_string_equal(cell.room, "~44 d");
    assert_int_equal(cell.role, ROLE_STATE_STALE);
    figures_release(&f);
}

static void a_fact_that_is_a_time_is_an_age(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "sms", NULL, NULL, STATE_OK);
    const struct target *t = k->target;
    struct figures f = {.kinds = kinds, .n_kinds = 3};
    char text[CELL_TEXT_MAX];

    k->facts = mem_alloc(sizeof *k->facts);
    k->facts[0] = (struct fact){mem_strdup("last_proof_at"), mem_strdup("2026-03-05T06:35:00Z")};
    k->n_facts = 1;
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 1, text), "7m");
    mem_set(&k->facts[0].value, "yesterday");
    figures_release(&f);
    figures_update(s->c, &f, &t, 1);
    assert_string_equal(figures_text(s->c, &f, t, 1, text), "");
    figures_release(&f);
}

/* --- the hotline ----------------------------------------------------------------------------- */

static void the_bar_has_a_cell_for_each_line(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "hotline", NULL, NULL, STATE_OK);
    struct channel_list l;
    char bar[CELL_TEXT_MAX * 2];

    k->target->kind = TARGET_HOTLINE;
    channel_list_init(&l);
    channel_list_fill(s->c, &l);
    assert_false(channel_hotline_bar(&l, k->target, 40, bar)); /* nothing is known */
    add_metric(k, "lines_busy", 7, "");
    add_metric(k, "lines_total", 10, "");
    figures_release(&l.hotlines);
    channel_list_fill(s->c, &l);
    assert_true(channel_hotline_bar(&l, k->target, 40, bar));
    assert_string_equal(bar, "■■■■■■■□□□ 7/10");
    assert_true(channel_hotline_bar(&l, k->target, 4, bar));
    assert_string_equal(bar, "7/10");
    k->metrics[0].value = 1;
    k->metrics[1].value = 300; /* one busy line of many is not none */
    figures_release(&l.hotlines);
    channel_list_fill(s->c, &l);
    assert_true(channel_hotline_bar(&l, k->target, 60, bar));
    assert_string_equal(bar, "■□□□□□□□□□□□□□□□□□□□ 1/300");
    k->metrics[1].value = 0;
    figures_release(&l.hotlines);
    channel_list_fill(s->c, &l);
    assert_false(channel_hotline_bar(&l, k->target, 60, bar));
    channel_list_release(&l);
}

/* --- databases ------------------------------------------------------------------------------- */

static struct target *add_database(struct scene *s, const char *id, enum link_state link,
                                   const char *seen, enum state state)
{
    struct check *k = add_server(s, id, NULL, NULL, state);

    k->target->kind = TARGET_DATABASE;
    k->target->link = link;
    if (seen) {
        k->facts = mem_alloc(sizeof *k->facts);
        k->facts[0] = (struct fact){mem_strdup("link"), mem_strdup(seen)};
        k->n_facts = 1;
    }
    return k->target;
}

static void not_connected_is_no_problem_and_lost_is_one(void **state)
{
    struct scene *s = *state;
    const struct console *c = s->c;

    assert_int_equal(database_status(c, add_database(s, "a", LINK_NONE, NULL, STATE_PENDING)),
                     DATABASE_NONE);
    assert_int_equal(database_status(c, add_database(s, "b", LINK_NONE, "none", STATE_OK)),
                     DATABASE_NONE);
    assert_int_equal(database_status(c, add_database(s, "c", LINK_TESTING, "none", STATE_CRITICAL)),
                     DATABASE_TESTING);
    assert_int_equal(database_status(c, add_database(s, "d", LINK_DONE, "done", STATE_OK)),
                     DATABASE_OK);
    assert_int_equal(database_status(c, add_database(s, "e", LINK_DONE, "none", STATE_CRITICAL)),
                     DATABASE_LOST);
    assert_int_equal(database_status(c, add_database(s, "f", LINK_DONE, "done", STATE_CRITICAL)),
                     DATABASE_LATE);
    assert_int_equal(database_status(c, add_database(s, "g", LINK_DONE, NULL, STATE_UNKNOWN)),
                     DATABASE_UNKNOWN);
    /* Connected before anybody wrote it into the site file. */
    assert_int_equal(database_status(c, add_database(s, "h", LINK_NONE, "done", STATE_OK)),
                     DATABASE_OK);
    assert_int_equal(database_status(c, add_database(s, "i", LINK_DONE, NULL, STATE_PENDING)),
                     DATABASE_WAITING);
    assert_int_equal(databases_of(c, DATABASE_NONE), 2);
}

static void add_fact(struct target *t, const char *key, const char *value)
{
    struct check *k = t->checks[0];

    k->facts = mem_grow(k->facts, k->n_facts + 1, sizeof *k->facts);
    k->facts[k->n_facts++] = (struct fact){mem_strdup(key), mem_strdup(value)};
}

/* Once connected by the source's word is lost, too, whatever the site file says; and so is one
 * whose row is gone from the list. */
static void what_was_connected_once_is_lost(void **state)
{
    struct scene *s = *state;
    const struct console *c = s->c;
    struct target *t = add_database(s, "a", LINK_NONE, "none", STATE_CRITICAL);

    assert_int_equal(database_status(c, t), DATABASE_NONE);
    add_fact(t, "was", "done");
    assert_int_equal(database_status(c, t), DATABASE_LOST);
    t = add_database(s, "b", LINK_DONE, NULL, STATE_CRITICAL);
    assert_int_equal(database_status(c, t), DATABASE_LATE);
    add_fact(t, "row", "missing");
    assert_int_equal(database_status(c, t), DATABASE_LOST);
    t = add_database(s, "c", LINK_NONE, NULL, STATE_OK);
    add_fact(t, "row", "missing"); /* it never was */
    assert_int_equal(database_status(c, t), DATABASE_NONE);
    assert_int_equal(databases_of(c, DATABASE_LOST), 2);
}

static void used_by_nobody_is_a_notice(void **state)
{
    struct scene *s = *state;
    struct database_list l;
    struct target *t = add_database(s, "a", LINK_DONE, "done", STATE_OK);
    struct check *k = t->checks[0];

    for (size_t i = 0; i < k->n_metrics; i++) {
        free(k->metrics[i].name);
        free(k->metrics[i].unit);
    }
    free(k->metrics);
    k->metrics = mem_alloc(sizeof *k->metrics);
    k->metrics[0] = (struct metric){mem_strdup("traffic_day"), mem_strdup(""), 12};
    k->n_metrics = 1;
    assert_int_equal(database_status(s->c, t), DATABASE_OK);
    k->metrics[0].value = 0;
    assert_int_equal(database_status(s->c, t), DATABASE_UNUSED);
    database_list_init(&l);
    database_list_fill(s->c, &l);
    parts_settle(&l.parts, 20);
    assert_int_equal(l.parts.n, 1); /* and not once more in its group */
    assert_string_equal(l.parts.v[0].title, "Connected, no traffic: 1");
    assert_int_equal(l.parts.rows.n, 1);
    database_list_release(&l);
    k->facts[0].value[0] = 'l'; /* lost is worse */
    t->state = k->live.state = STATE_CRITICAL;
    assert_int_equal(database_status(s->c, t), DATABASE_LOST);
}

static void lost_ones_stand_first_and_pairs_apart(void **state)
{
    struct scene *s = *state;
    struct database_list l;
    struct check *pair = add_server(s, "db-1", NULL, NULL, STATE_OK);

    mem_set(&pair->probe, "replication");
    add_database(s, "a", LINK_DONE, "done", STATE_OK);
    add_database(s, "b", LINK_DONE, "done", STATE_WARNING);
    add_database(s, "c", LINK_DONE, "none", STATE_CRITICAL);
    database_list_init(&l);
    database_list_fill(s->c, &l);
    parts_settle(&l.parts, 20);
    assert_int_equal(l.parts.n, 3);
    assert_string_equal(l.parts.v[0].title, "Dropped out or late: 2");
    assert_string_equal(l.parts.v[1].title, "Replication");
    assert_string_equal(l.parts.v[2].title, "No programme 2/3");
    assert_string_equal(database_list_selected(s->c, &l).target, "c");
    parts_command(&l.parts, "down", NULL);
    parts_command(&l.parts, "down", NULL);
    assert_string_equal(database_list_selected(s->c, &l).check, "db-1/http");
    database_list_release(&l);
}

static void a_published_total_is_held_against_what_is_there(void **state)
{
    struct scene *s = *state;
    struct label *labels = mem_alloc(sizeof *labels);
    struct target *t = add_database(s, "a", LINK_DONE, "none", STATE_CRITICAL);
    char day[CELL_TEXT_MAX];

    labels[0] = (struct label){mem_strdup("programme"), mem_strdup("kh02")};
    struct total total = {.id = mem_strdup("kh02"),
                          .labels = labels,
                          .n_labels = 1,
                          .total = 12,
                          .done = 3,
                          .as_of = mem_strdup("2026-03-05")};
    about_add_total(&s->fleet->about, &total);
    t->labels = mem_alloc(sizeof *t->labels);
    t->labels[0] = (struct label){mem_strdup("programme"), mem_strdup("kh02")};
    t->n_labels = 1;
    size_t missing;
    assert_int_equal(database_total_seen(s->c, &s->fleet->about.totals[0], &missing), 0);
    assert_int_equal(missing, 1);
    assert_string_equal(database_day("2026-03-05", day), "05/03/2026");
    assert_string_equal(database_day("soon", day), "soon");
    s->c->has_picture = true;
    console_run(s->c, "databases");
    assert_true(shows(s, "3/12  as of 05/03/2026  ! inventory 1/1  ! connected now: 0"));
    assert_true(shows(s, "Connection")); /* its title is not under the heading, names or not */
}

/* --- integration ----------------------------------------------------------------------------- */

static void label_set(struct target *t, const char *key, const char *value)
{
    t->labels = realloc(t->labels, (t->n_labels + 1) * sizeof *t->labels);
    t->labels[t->n_labels++] = (struct label){mem_strdup(key), mem_strdup(value)};
}

static struct target *add_flow(struct scene *s, const char *id, const char *endpoint,
                               const char *flow)
{
    struct target *t = add_server(s, id, NULL, NULL, STATE_OK)->target;

    t->kind = TARGET_FLOW;
    t->is_test = true;
    if (endpoint)
        label_set(t, "endpoint", endpoint);
    label_set(t, "flow", flow);
    return t;
}

static void flows_stand_in_the_row_of_their_endpoint(void **state)
{
    struct scene *s = *state;
    struct target *live = add_server(s, "bank", NULL, NULL, STATE_OK)->target;
    struct target *test = add_server(s, "ministry", NULL, NULL, STATE_OK)->target;
    struct integration_list l;

    live->kind = test->kind = TARGET_ENDPOINT;
    test->is_test = true;
    add_flow(s, "m-a", "ministry", "a");
    add_flow(s, "m-b", "ministry", "b");
    add_flow(s, "lonely", NULL, "a");
    integration_list_init(&l);
    integration_list_fill(s->c, &l);
    parts_settle(&l.parts, 20);
    assert_int_equal(l.n_flows, 2);
    assert_int_equal(l.parts.n, 3);
    assert_string_equal(l.parts.v[0].title, "In production");
    assert_string_equal(l.parts.v[1].title, "Test (never pages)");
    assert_string_equal(l.parts.v[2].title, "Test endpoints (never page)");
    assert_string_equal(integration_list_picked(s->c, &l)->id, "bank");
    integration_list_command(&l, "right", NULL); /* it has no flows */
    assert_string_equal(integration_list_picked(s->c, &l)->id, "bank");
    integration_list_command(&l, "down", NULL);
    assert_string_equal(integration_list_picked(s->c, &l)->id, "ministry");
    integration_list_command(&l, "right", NULL);
    integration_list_command(&l, "right", NULL);
    integration_list_command(&l, "right", NULL);
    assert_string_equal(integration_list_picked(s->c, &l)->id, "m-b");
    integration_list_command(&l, "left", NULL);
    assert_string_equal(integration_list_picked(s->c, &l)->id, "m-a");
    assert_int_equal(integration_count(s->fleet, false), 1);
    assert_int_equal(integration_count(s->fleet, true), 4);
    integration_list_release(&l);
}

/* --- words ----------------------------------------------------------------------------------- */

static void codes_are_words_and_unknown_ones_stay(void **state)
{
    struct scene *s = *state;
    struct target *t = add_server(s, "sms", NULL, NULL, STATE_OK)->target;
    char text[CELL_TEXT_MAX * 2];

    assert_string_equal(codes_word(CODE_BLOCKER, "mua_sam"), "procurement");
    assert_string_equal(codes_word(CODE_BLOCKER, "?"), "?");
    assert_string_equal(codes_word(CODE_LINK, NULL), "");
    t->tags = mem_alloc(3 * sizeof *t->tags);
    t->tags[0] = mem_strdup("rollout=unconfirmed");
    t->tags[1] = mem_strdup("standby");
    t->tags[2] = mem_strdup("pilot");
    t->n_tags = 3;
    assert_string_equal(codes_find(t, "rollout"), "unconfirmed");
    assert_null(codes_find(t, "roll"));
    assert_string_equal(codes_tags(t, text), "roll-out not confirmed, pilot");
}

int main(void)
{
#define SCENE(f) cmocka_unit_test_setup_teardown(f, scene_begin, scene_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(motions_step_over_headings),
        cmocka_unit_test(the_pick_is_never_under_the_heading),
        cmocka_unit_test(a_click_picks_a_row_and_no_heading),
        cmocka_unit_test(what_is_filtered_out_takes_its_heading_along),
        SCENE(figures_hold_for_a_bucket_unless_the_state_changes),
        SCENE(old_figures_carry_the_stale_sign),
        SCENE(a_fact_that_is_a_time_is_an_age),
        SCENE(the_bar_has_a_cell_for_each_line),
        SCENE(not_connected_is_no_problem_and_lost_is_one),
        SCENE(lost_ones_stand_first_and_pairs_apart),
        SCENE(what_was_connected_once_is_lost),
        SCENE(used_by_nobody_is_a_notice),
        SCENE(a_published_total_is_held_against_what_is_there),
        SCENE(flows_stand_in_the_row_of_their_endpoint),
        SCENE(codes_are_words_and_unknown_ones_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
