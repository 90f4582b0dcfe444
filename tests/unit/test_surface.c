/* test_surface.c - cells, clipping, wide and combining characters, frames, the ASCII form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "widgets/surface.h"

static void check(const struct surface *s, const char *wanted)
{
    struct buf b = BUF_INIT(0);
    surface_text(s, &b);
    assert_string_equal(buf_text(&b), wanted);
    buf_release(&b);
}

static void test_put(void **state)
{
    struct surface *s = surface_new(3, 10);
    struct area a = surface_whole(s);
    (void)state;
    assert_int_equal(surface_put(s, a, 0, 1, 9, "xin chào", ROLE_NORMAL, 0), 8);
    assert_int_equal(surface_put(s, a, 1, 0, 5, "too long", ROLE_NORMAL, 0), 5);
    assert_int_equal(surface_put_right(s, a, 2, 0, 10, "42 ms", ROLE_NORMAL, 0), 5);
    check(s, " xin chào\ntoo …\n     42 ms\n");
    /* outside: nothing happens, nothing is written elsewhere */
    assert_int_equal(surface_put(s, a, 3, 0, 5, "no", ROLE_NORMAL, 0), 0);
    assert_int_equal(surface_put(s, a, -1, 0, 5, "no", ROLE_NORMAL, 0), 0);
    assert_int_equal(surface_put(s, a, 0, 12, 5, "no", ROLE_NORMAL, 0), 0);
    surface_put(s, (struct area){2, 8, 5, 9}, 0, 0, 9, "over the edge", ROLE_NORMAL, 0);
    check(s, " xin chào\ntoo …\n     42 ov\n");
    surface_free(s);
}

static void test_wide(void **state)
{
    struct surface *s = surface_new(1, 6);
    struct area a = surface_whole(s);
    (void)state;
    surface_put(s, a, 0, 0, 6, "日本語", ROLE_NORMAL, 0);
    assert_int_equal(s->cells[1].ch, 0);
    check(s, "日本語\n");
    surface_put(s, a, 0, 1, 1, "x", ROLE_NORMAL,
                0); /* cuts the first in half: its other half goes */
    check(s, " x本語\n");
    surface_put(s, a, 0, 4, 1, "y", ROLE_NORMAL, 0);
    check(s, " x本y\n");
    surface_clear(s);
    surface_put(s, a, 0, 0, 4, "日本語", ROLE_NORMAL,
                0); /* the ellipsis takes the place of a whole one */
    check(s, "日…\n");
    surface_free(s);
}

static void test_marks(void **state)
{
    struct surface *s = surface_new(1, 6);
    (void)state;
    assert_int_equal(surface_put(s, surface_whole(s), 0, 0, 6,
                                 "a\xcc\x82\xcc\xa3"
                                 "b",
                                 ROLE_NORMAL, 0),
                     2); /* NFD */
    assert_int_equal(s->cells[0].mark[0], 0x302);
    assert_int_equal(s->cells[0].mark[1], 0x323);
    check(s, "a\xcc\x82\xcc\xa3"
             "b\n");
    surface_free(s);
}

static void test_control_never_drawn(void **state)
{
    struct surface *s = surface_new(1, 8);
    (void)state;
    surface_put(s, surface_whole(s), 0, 0, 8, "a\033[2Jb", ROLE_NORMAL, 0);
    check(s, "a?[2Jb\n");
    surface_free(s);
}

static void test_box(void **state)
{
    struct surface *s = surface_new(3, 20);
    (void)state;
    struct area in = surface_box(s, surface_whole(s), "Halves", "NO", ROLE_BORDER);
    assert_int_equal(in.line, 1);
    assert_int_equal(in.cols, 18);
    check(s, "┌ Halves ───── NO ─┐\n│                  │\n└──────────────────┘\n");
    surface_clear(s);
    s->is_ascii = true;
    surface_box(s, surface_whole(s), "Nhánh", NULL, ROLE_BORDER);
    check(s, "+ Nhanh -----------+\n|                  |\n+------------------+\n");
    surface_free(s);
}

static void test_flags(void **state)
{
    struct surface *s = surface_new(2, 2);
    (void)state;
    surface_put(s, surface_whole(s), 0, 0, 2, "ab", ROLE_STATE_CRITICAL, CELL_BOLD);
    surface_flag(s, (struct area){0, 0, 1, 9}, CELL_DIM);
    assert_int_equal(s->cells[0].flags, CELL_BOLD | CELL_DIM);
    assert_int_equal(s->cells[1].role, ROLE_STATE_CRITICAL);
    assert_int_equal(s->cells[2].flags, 0);
    surface_free(s);
}

static void test_sizes(void **state)
{
    struct surface *s = surface_new(0, -4);
    (void)state;
    assert_int_equal(s->lines, 1);
    assert_int_equal(s->cols, 1);
    surface_resize(s, 500, 500);
    struct area a = surface_whole(s);
    surface_box(s, a, "t", NULL, ROLE_BORDER);
    surface_resize(s, 1, 1);
    surface_box(s, surface_whole(s), "t", NULL, ROLE_BORDER);
    surface_fill(s, a, 'x', ROLE_NORMAL, 0);
    check(s, "x\n");
    surface_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),   cmocka_unit_test(test_wide),
        cmocka_unit_test(test_marks), cmocka_unit_test(test_control_never_drawn),
        cmocka_unit_test(test_box),   cmocka_unit_test(test_flags),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
