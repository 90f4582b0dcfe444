/* test_notify_text.c - a notice as a line, and what a notification daemon is given of it (HI9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/notify_text.h"

static struct notify_notice read_ok(const char *line, size_t len)
{
    struct notify_notice n;
    struct err e;
    if (!notify_read(&n, line, len, &e))
        fail_msg("%s", e.text);
    return n;
}

static void a_notice_comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf line = BUF_INIT(0);
    notify_write(&line, NOTIFY_CRITICAL, "alerts", "P1 máy chủ", "Mất kết nối");
    assert_string_equal(buf_text(&line), "critical\talerts\tP1 máy chủ\tMất kết nối\n");
    struct notify_notice n = read_ok(line.bytes, line.len - 1);
    assert_int_equal(n.urgency, NOTIFY_CRITICAL);
    assert_string_equal(n.key, "alerts");
    assert_string_equal(n.summary, "P1 máy chủ");
    assert_string_equal(n.body, "Mất kết nối");
    buf_release(&line);
}

static void a_field_cannot_become_two_nor_a_line_two(void **state)
{
    (void)state;
    struct buf line = BUF_INIT(0);
    notify_write(&line, NOTIFY_LOW, "a\tb", "one\ntwo", "x\ty\nlow\tz");
    assert_string_equal(buf_text(&line), "low\ta b\tone two\tx y low z\n");
    buf_release(&line);
}

static void markup_is_shown_not_obeyed(void **state)
{
    (void)state;
    static const char line[] =
        "normal\t\t<b>s</b>\t<b>bold</b> <a href=\"http://x/?a=1&b='2'\">x</a> &amp;";
    struct notify_notice n = read_ok(line, sizeof line - 1);
    assert_string_equal(n.summary, "<b>s</b>"); /* a summary has no markup */
    assert_string_equal(n.body,
                        "&lt;b&gt;bold&lt;/b&gt; &lt;a href=&quot;http://x/?a=1&amp;b=&#39;2&#39;"
                        "&quot;&gt;x&lt;/a&gt; &amp;amp;");
}

/* Every length up to well behind the limit, for units of 1 to 5 bytes. */
static void it_is_cut_between_characters_and_never_in_an_entity(void **state)
{
    (void)state;
    static const char *const units[] = {"a", "đ", "ệ", "😀", "&", "<"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t count = 80; count < 600; count++) {
            struct buf text = BUF_INIT(0), out = BUF_INIT(0), one = BUF_INIT(0);
            for (size_t i = 0; i < count; i++)
                buf_adds(&text, units[u]);
            notify_escape(&out, buf_text(&text), NOTIFY_BODY_MAX);
            notify_escape(&one, units[u], NOTIFY_BODY_MAX);
            size_t whole = NOTIFY_BODY_MAX / one.len;
            assert_int_equal(out.len, (count < whole ? count : whole) * one.len);
            assert_true(text_is_clean(buf_text(&out)));
            buf_release(&text);
            buf_release(&out);
            buf_release(&one);
        }
}

static void bad_bytes_do_not_get_through(void **state)
{
    (void)state;
    static const char line[] = "critical\tk\ts\xff\xfe\x1b]0;t\a\tb\xc3\x28\xe2\x80\xae\x00z";
    struct notify_notice n = read_ok(line, sizeof line - 1);
    assert_string_equal(n.summary, "s\\xff\\xfe\\x1b]0;t\\x07");
    assert_string_equal(n.body, "b\\xc3(&lt;U+202E&gt;\\x00z");
    assert_true(text_is_clean(n.body));
}

static void what_is_no_notice_is_refused_in_words(void **state)
{
    (void)state;
    struct notify_notice n;
    struct err e;
    assert_false(notify_read(&n, "", 0, &e));
    assert_string_equal(e.text, "no such urgency '': low, normal, critical");
    assert_false(notify_read(&n, "loud\tk\ts\tb", 10, &e));
    assert_string_equal(e.text, "no such urgency 'loud': low, normal, critical");
    assert_false(notify_read(&n, "low\tk", 5, &e));
    assert_string_equal(e.text, "a notice without a summary");
}

static void a_hundred_kilobytes_are_512_bytes(void **state)
{
    (void)state;
    size_t len = 100 * 1000;
    char *line = mem_alloc(len + 1);
    memset(line, '&', len);
    static const char head[] = "normal\tk\ts\t";
    for (size_t i = 0; i < sizeof head - 1; i++)
        line[i] = head[i];
    struct notify_notice n = read_ok(line, len);
    assert_int_equal(strlen(n.body), 510); /* 102 times &amp; */
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_comes_back_as_it_was),
        cmocka_unit_test(a_field_cannot_become_two_nor_a_line_two),
        cmocka_unit_test(markup_is_shown_not_obeyed),
        cmocka_unit_test(it_is_cut_between_characters_and_never_in_an_entity),
        cmocka_unit_test(bad_bytes_do_not_get_through),
        cmocka_unit_test(what_is_no_notice_is_refused_in_words),
        cmocka_unit_test(a_hundred_kilobytes_are_512_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
