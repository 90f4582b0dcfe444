#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "widgets/grid.h"
#include "widgets/keybar.h"
#include "widgets/table.h"
#include "widgets/trend.h"

static void check(const struct surface *s, const char *wanted)
{
    struct buf b = BUF_INIT(0);
    surface_text(s, &b);
    assert_string_equal(buf_text(&b), wanted);
    buf_release(&b);
}

static void test_list(void **state)
{
    struct list_state l = {0, 0};
    (void)state;
    list_command(&l, "down", 0, 5);
    assert_int_equal(l.cursor, 0);
    for (int i = 0; i < 7; i++)
        assert_true(list_command(&l, "down", 20, 5));
    assert_int_equal(l.cursor, 7);
    assert_int_equal(l.top, 3);
    list_command(&l, "page-down", 20, 5);
    assert_int_equal(l.cursor, 11);
    list_command(&l, "bottom", 20, 5);
    assert_int_equal(l.cursor, 19);
    assert_int_equal(l.top, 15);
    list_command(&l, "half-up", 20, 5);
    assert_int_equal(l.cursor, 17);
    list_command(&l, "top", 20, 5);
    assert_int_equal(l.top, 0);
    assert_false(list_command(&l, "ack", 20, 5));
    l = (struct list_state){15, 19};
    list_clamp(&l, 3, 5); /* the list shrank: everything is shown */
    assert_int_equal(l.cursor, 2);
    assert_int_equal(l.top, 0);
    list_clamp(&l, 3, 0);
    assert_int_equal(l.top, l.cursor);
}

static const struct column columns[] = {
    {"State", 5, 8, 9, ALIGN_LEFT},
    {"Name", 6, 0, 8, ALIGN_LEFT},
    {"Load", 4, 4, 2, ALIGN_RIGHT},
    {"Age", 4, 5, 5, ALIGN_RIGHT},
};

static void test_layout(void **state)
{
    int w[TABLE_COLUMNS_MAX];
    (void)state;
    table_layout(columns, 4, 40, w);
    assert_int_equal(w[0], 8);
    assert_int_equal(w[2], 4);
    assert_int_equal(w[3], 5);
    assert_int_equal(w[1], 40 - 3 - 8 - 4 - 5); /* takes what is left */
    table_layout(columns, 4, 18, w);            /* no room for the lightest */
    assert_int_equal(w[2], 0);
    assert_true(w[0] && w[1] && w[3]);
    table_layout(columns, 4, 12, w);
    assert_int_equal(w[3], 0);
    table_layout(columns, 4, 3, w); /* one is always there, cut to the width */
    assert_int_equal(w[0], 3);
    assert_int_equal(w[1], 0);
}

static void cell(void *arg, size_t row, size_t column, struct table_cell *out)
{
    static const float values[] = {1, 4, 8};
    (void)arg;
    if (column == 2) {
        out->trend_room = (struct trend_view){values, NULL, 3, 0};
        out->trend = &out->trend_room;
    } else
        snprintf(out->room, sizeof out->room, "%zu.%zu", row, column);
}

static int row_flags(void *arg, size_t row)
{
    (void)arg;
    return row == 2 ? CELL_DIM : 0;
}

static void test_table(void **state)
{
    struct surface *s = surface_new(4, 30);
    struct table t = {.columns = columns,
                      .n_columns = 4,
                      .n_rows = 10,
                      .cell = cell,
                      .row_flags = row_flags,
                      .list = {1, 2},
                      .sorted = -2};
    (void)state;
    table_draw(s, surface_whole(s), &t);
    check(s, "State    Name▾      Load   Age\n"
             "1.0      1.1         ▂▅█   1.3\n"
             "2.0      2.1         ▂▅█   2.3\n"
             "3.0      3.1         ▂▅█   3.3\n");
    assert_int_equal(s->cells[2 * 30].flags, CELL_DIM | CELL_SELECTED);
    assert_int_equal(s->cells[1 * 30].flags, 0);
    surface_free(s);
}

/*  web  0 1 2    web  5 6
 *       3 4
 *  app  7        app  8 9   */
static const struct grid_section sections[] = {
    {"web", 0, 0, 5}, {"web", 1, 0, 2}, {"app", 0, 1, 1}, {"app", 1, 1, 2}};
static const struct grid grid = {sections, 4, 2, 5, 2, 2};

static struct grid_cell digit(void *arg, size_t item)
{
    static char text[2];
    (void)arg;
    text[0] = (char)('0' + item);
    return (struct grid_cell){text, ROLE_NORMAL, 0};
}

static void test_grid(void **state)
{
    struct surface *s = surface_new(3, 24);
    int line, col;
    (void)state;
    assert_int_equal(grid_items(&grid), 10);
    assert_int_equal(grid_lines(&grid, 24), 3);
    grid_draw(s, surface_whole(s), &grid, digit, NULL, 6, 0);
    check(s, "web  0 1 2   web  5 6\n     3 4\napp  7       app  8 9\n");
    grid_place(&grid, 24, 6, &line, &col);
    assert_true(s->cells[line * 24 + col].flags & CELL_SELECTED);
    assert_int_equal(grid_item_at(&grid, 24, line, col), 6);
    assert_int_equal(grid_item_at(&grid, 24, 2, 23), SIZE_MAX);
    surface_free(s);
}

static void test_grid_moves(void **state)
{
    bool is_motion;
    (void)state;
    assert_int_equal(grid_move(&grid, 24, 0, "right", NULL), 1);
    assert_int_equal(grid_move(&grid, 24, 2, "right", NULL), 5); /* over to the other half */
    assert_int_equal(grid_move(&grid, 24, 5, "left", NULL), 2);
    assert_int_equal(grid_move(&grid, 24, 0, "left", NULL), 0);
    assert_int_equal(grid_move(&grid, 24, 1, "down", NULL), 4);
    assert_int_equal(grid_move(&grid, 24, 3, "down", NULL), 7);
    assert_int_equal(grid_move(&grid, 24, 9, "up", NULL),
                     4); /* the nearest line above that has any */
    assert_int_equal(grid_move(&grid, 24, 3, "bottom", NULL), 9);
    assert_int_equal(grid_move(&grid, 24, 99, "up", NULL), 4);
    assert_int_equal(grid_move(&grid, 24, 3, "ack", &is_motion), 3);
    assert_false(is_motion);
}

static void test_trend(void **state)
{
    const float values[] = {-1, 0, 5, 10, -1, 10};
    const uint8_t states[] = {0, 0, 0, 1, 2, 0};
    const struct trend_view v = {values, states, 6, 0};
    struct surface *s = surface_new(2, 10);
    (void)state;
    trend_draw(s, surface_whole(s), 0, 0, 8, &v);
    trend_draw(s, surface_whole(s), 1, 0, 4, &v);
    check(s, "   ▁▅█X█\n▅█X█\n");
    assert_int_equal(s->cells[5].role, ROLE_STATE_WARNING);
    assert_int_equal(trend_height(5, 0), 0);
    assert_int_equal(trend_height(50, 10), 7);
    surface_clear(s);
    s->is_ascii = true;
    trend_draw(s, surface_whole(s), 0, 0, 6, &v);
    check(s, " .=#X#\n\n");
    surface_free(s);
}

static void test_keybar(void **state)
{
    const struct keybar_item items[] = {
        {"a", "ack", true}, {"Enter", "detail", false}, {"?", "help", false}};
    struct surface *s = surface_new(3, 40);
    struct area a = surface_whole(s), narrow = {1, 0, 1, 20};
    (void)state;
    keybar_draw(s, a, 0, items, 3, "2 open");
    keybar_draw(s, narrow, 0, items, 3, "2 open");
    keybar_draw(s, (struct area){2, 0, 1, 12}, 0, items, 3, "far too long");
    check(s, " a ack  Enter detail  ? help     2 open\n a ack       2 open\n a ack\n");
    assert_int_equal(s->cells[1].role, ROLE_FAINT); /* who looks may not use it */
    assert_int_equal(s->cells[8].role, ROLE_KEY);
    surface_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),       cmocka_unit_test(test_layout),
        cmocka_unit_test(test_table),      cmocka_unit_test(test_grid),
        cmocka_unit_test(test_grid_moves), cmocka_unit_test(test_trend),
        cmocka_unit_test(test_keybar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
