/* test_widget_text.c - wrapping and the one-line editor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "widgets/input_line.h"
#include "widgets/wrap.h"

static void check_wrap(const char *text, int cols, const char *const *wanted)
{
    struct wrap w = wrap_start(text, cols);
    size_t i = 0;
    for (; wrap_next(&w); i++) {
        assert_non_null(wanted[i]);
        assert_int_equal(w.len, strlen(wanted[i]));
        assert_memory_equal(w.line, wanted[i], w.len);
        assert_true(w.cols <= cols);
    }
    assert_null(wanted[i]);
    assert_int_equal(wrap_count(text, cols), i);
}

static void test_wrap(void **state)
{
    (void)state;
    check_wrap("one two three", 7, (const char *const[]){"one two", "three", NULL});
    check_wrap("chấp nhận rồi", 9, (const char *const[]){"chấp nhận", "rồi", NULL});
    check_wrap("abcdefgh ij", 3, (const char *const[]){"abc", "def", "gh", "ij", NULL});
    check_wrap("a\n\nb", 9, (const char *const[]){"a", "", "b", NULL});
    check_wrap("", 9, (const char *const[]){NULL});
    check_wrap("  lead", 4, (const char *const[]){"", "lead", NULL});
}

static void type(struct input_line *l, const char *text)
{
    for (; *text; text++)
        assert_true(input_line_key(l, (unsigned char)*text));
}

static void test_edit(void **state)
{
    struct input_line l;
    (void)state;
    input_line_init(&l, 100);
    type(&l, "hllo");
    input_line_key(&l, K_HOME);
    input_line_key(&l, K_RIGHT);
    input_line_key(&l, 'e');
    assert_string_equal(input_line_text(&l), "hello");
    input_line_key(&l, K_DELETE);
    assert_string_equal(input_line_text(&l), "helo");
    input_line_key(&l, K_END);
    type(&l, " there you");
    input_line_key(&l, K_CTRL_OF('w'));
    assert_string_equal(input_line_text(&l), "helo there ");
    input_line_key(&l, K_CTRL_OF('u'));
    assert_string_equal(input_line_text(&l), "");
    assert_true(input_line_key(&l, K_BACKSPACE));
    assert_false(input_line_key(&l, K_ENTER));
    assert_false(input_line_key(&l, K_ALT | 'a'));
    assert_false(input_line_key(&l, 0x1b));
    input_line_release(&l);
}

static void test_characters(void **state)
{
    struct input_line l;
    (void)state;
    input_line_init(&l, 100);
    input_line_key(&l, 0x1ec7); /* ệ */
    input_line_key(&l, 'e');
    input_line_key(&l, 0x302); /* e and a combining circumflex are one character */
    input_line_key(&l, K_LEFT);
    assert_int_equal(l.at, 3);
    input_line_key(&l, K_DELETE);
    assert_string_equal(input_line_text(&l), "ệ");
    input_line_key(&l, K_BACKSPACE);
    assert_string_equal(input_line_text(&l), "");
    input_line_release(&l);
}

static void test_limits(void **state)
{
    struct input_line l;
    (void)state;
    input_line_init(&l, 5);
    input_line_paste(&l,
                     "a\nb\033c\xff"
                     "d",
                     8);
    assert_string_equal(input_line_text(&l), "a bcd"); /* no newline, no control, no broken byte */
    input_line_key(&l, 'x');
    assert_string_equal(input_line_text(&l), "a bcd");
    input_line_set(&l, "đđđ"); /* six bytes: the third does not fit and is not cut in half */
    assert_string_equal(input_line_text(&l), "đđ");
    input_line_release(&l);
}

static void test_draw(void **state)
{
    struct input_line l;
    struct surface *s = surface_new(1, 10);
    (void)state;
    input_line_init(&l, 100);
    type(&l, "0123456789abc");
    input_line_draw(&l, s, surface_whole(s), 0, 2, 6, true);
    assert_int_equal(s->cursor_col, 7);    /* in the field */
    assert_int_equal(s->cells[2].ch, '8'); /* scrolled so that the end is seen */
    input_line_key(&l, K_HOME);
    input_line_draw(&l, s, surface_whole(s), 0, 2, 6, true);
    assert_int_equal(s->cursor_col, 2);
    assert_int_equal(s->cells[2].ch, '0');
    input_line_release(&l);
    surface_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap),       cmocka_unit_test(test_edit),
        cmocka_unit_test(test_characters), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
