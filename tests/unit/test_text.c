/* The sanitiser (faults.md HI1-HI3), columns, folding, names, globs. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "core/buf.h"
#include "core/text.h"

static char *clean(const char *s)
{
    return text_cleaned(s, strlen(s), TEXT_MAX_STORED, 0);
}

static void check_cleaned(const char *in, const char *want)
{
    char *got = clean(in);
    assert_string_equal(got, want);
    assert_true(text_is_clean(got));
    char *again = clean(got);
    assert_string_equal(again, got);
    free(again);
    free(got);
}

static void test_plain_text_stays(void **state)
{
    (void)state;
    static const char *const same[] = {
        "",
        "OK",
        "HTTP 502, expected 200",
        "Trực ban – Cổng dịch vụ công",
        "日本語 ▁▂▃ ±5 %",
        "Tie\xCC\x82\xCC\x81ng",
        "\xF0\x9F\x91\x8D",
        "back\\slash \\x1b",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct buf b = BUF_INIT(0);
        assert_true(text_clean(&b, same[i], strlen(same[i]), 0));
        assert_string_equal(buf_text(&b), same[i]);
        assert_true(text_is_clean(same[i]));
        buf_release(&b);
    }
}

static void test_controls_are_shown(void **state)
{
    (void)state;
    check_cleaned("CRIT\rOK  ", "CRIT\\x0dOK  ");
    check_cleaned("CRIT\b\b\b\bOK", "CRIT\\x08\\x08\\x08\\x08OK");
    check_cleaned("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07");
    check_cleaned("\x1bP$q\x1b\\", "\\x1bP$q\\x1b\\");
    check_cleaned("\x7f", "\\x7f");
    check_cleaned("\xC2\x9B"
                  "31m",
                  "\\x9b31m"); /* C1 CSI */
    check_cleaned("a\x1f"
                  "b",
                  "a\\x1f"
                  "b");
    char *nul = text_cleaned("a\0b", 3, 0, 0);
    assert_string_equal(nul, "a\\x00b");
    free(nul);
}

static void test_invalid_bytes_are_shown(void **state)
{
    (void)state;
    check_cleaned("a\xff\xfe z", "a\\xff\\xfe z");
    check_cleaned("\xC0\xAF", "\\xc0\\xaf");                   /* overlong / */
    check_cleaned("\xE0\x80\xAF", "\\xe0\\x80\\xaf");          /* overlong / */
    check_cleaned("\xED\xA0\x80", "\\xed\\xa0\\x80");          /* surrogate */
    check_cleaned("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond U+10FFFF */
    check_cleaned("\xE1\xBB", "\\xe1\\xbb");                   /* cut in the middle */
    check_cleaned("\xE1\xBBz", "\\xe1\\xbbz");
}

static void test_lines(void **state)
{
    (void)state;
    check_cleaned("one\ntwo\tthree\r\nfour", "one two three four");
    char *kept = text_cleaned("one\r\ntwo\tx\n", 11, 0, TEXT_LINES);
    assert_string_equal(kept, "one\ntwo x\n");
    free(kept);
    assert_false(text_is_clean("one\ntwo"));
}

static void test_hidden_points_are_shown(void **state)
{
    (void)state;
    check_cleaned("a\u202Eb", "a<U+202E>b");
    check_cleaned("\uFEFFx", "<U+FEFF>x");
    check_cleaned("\U000E0041", "<U+E0041>");
    check_cleaned("\u200D", "<U+200D>");
    check_cleaned("\uE000", "<U+E000>");
    check_cleaned("\uFFFE", "<U+FFFE>");
    check_cleaned("\U0010FFFF", "<U+10FFFF>");
    check_cleaned("a\u0301\u0302\u0303\u0304b\u0301", "a\u0301\u0302<U+0303><U+0304>b\u0301");
}

static bool must_be_shown(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0x202A, 0x202E}, {0x2066, 0x2069}, {0x61C, 0x61C},      {0x200B, 0x200F},
        {0x2060, 0x2060}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE007F},  {0xFFF9, 0xFFFB},
        {0x2028, 0x2029}, {0xE000, 0xF8FF}, {0xF0000, 0x10FFFF}, {0xFDD0, 0xFDEF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return (cp & 0xFFFE) == 0xFFFE;
}

/* Shown beyond the list: format characters that nobody sees, and the places kept for more of them.
 */
static bool may_be_shown(uint32_t cp)
{
    return cp == 0x180E || (cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xFFF0 && cp <= 0xFFF8) ||
           (cp >= 0x1BCA0 && cp <= 0x1BCA3) || (cp >= 0x1D173 && cp <= 0x1D17A) ||
           (cp >= 0xE0080 && cp <= 0xE00FF) || (cp >= 0xE01F0 && cp <= 0xE0FFF);
}

static void expect_point(uint32_t cp, const char *got, const char *raw)
{
    char point[24], byte[8];
    snprintf(point, sizeof point, "<U+%04X>", (unsigned)cp);
    snprintf(byte, sizeof byte, "\\x%02x", (unsigned)cp & 0xFF);
    if (cp == '\n' || cp == '\t')
        assert_string_equal(got, " ");
    else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
        assert_string_equal(got, byte);
    else if (must_be_shown(cp))
        assert_string_equal(got, point);
    else if (!may_be_shown(cp))
        assert_string_equal(got, raw);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_every_code_point(void **state)
{
    (void)state;
    struct buf once = BUF_INIT(64), twice = BUF_INIT(64);
    double from = seconds();
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char raw[5] = "";
        size_t n = text_encode(cp, raw);
        buf_clear(&once);
        buf_clear(&twice);
        text_clean(&once, raw, n, 0);
        text_clean(&twice, once.bytes, once.len, 0);
        assert_string_equal(once.bytes, twice.bytes);
        if (cp >= 0xD800 && cp <= 0xDFFF)
            assert_int_equal(once.len, 12);
        else
            expect_point(cp, once.bytes, raw);
    }
    print_message("1,114,112 code points twice: %.2f s of CPU\n", seconds() - from);
    assert_true(seconds() - from < 5 * 4); /* 5 s; four times that under sanitisers and valgrind */
    buf_release(&once);
    buf_release(&twice);
}

/* Where glibc knows a width, what is left of a character has that width here. */
static void test_columns_as_libc(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        print_message("no locale C.UTF-8: skipped\n");
        skip();
    }
    size_t compared = 0, unknown = 0, different = 0;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        char raw[5] = "";
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        text_encode(cp, raw);
        if (!text_is_clean(raw))
            continue;
        int cols = wcwidth((wchar_t)cp);
        unknown += cols < 0;
        compared += cols >= 0;
        if (cols >= 0 && text_cols(raw) != cols && different++ < 20)
            print_error("U+%04X: %d columns, libc says %d\n", (unsigned)cp, text_cols(raw), cols);
    }
    setlocale(LC_CTYPE, "C");
    print_message("%zu widths compared, %zu unknown to libc, %zu different\n", compared, unknown,
                  different);
    assert_true(compared > 100000);
    assert_int_equal(different, 0);
}

static void test_a_cut_text_ends_with_dots(void **state)
{
    (void)state;
    char *s = text_cleaned("abcdefghij", 10, 8, 0);
    assert_string_equal(s, "abcde…");
    free(s);
    s = text_cleaned("ằằằằ", 12, 8, 0); /* three bytes each */
    assert_string_equal(s, "ằ…");
    free(s);
    s = text_cleaned("abcdefgh", 8, 8, 0);
    assert_string_equal(s, "abcdefgh");
    free(s);
    for (size_t max = 1; max < 40; max++) {
        s = text_cleaned("ab\x1b\xffệ\u202Eằằằ\u0301 một hai ba bốn", 44, max, 0);
        assert_true(strlen(s) <= max);
        assert_true(text_is_clean(s));
        free(s);
    }
    struct buf b = BUF_INIT(6);
    buf_adds(&b, "xyz");
    assert_false(text_clean(&b, "abcdef", 6, 0));
    assert_string_equal(b.bytes, "xyz…");
    buf_release(&b);
}

static void test_a_megabyte(void **state)
{
    (void)state;
    size_t len = 1 << 20;
    char *big = malloc(len);
    assert_non_null(big);
    memset(big, 0x1b, len);
    char *s = text_cleaned(big, len, TEXT_MAX_STORED, 0);
    assert_true(strlen(s) <= TEXT_MAX_STORED);
    assert_true(text_is_clean(s));
    free(s);
    free(big);
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint32_t x = 2463534242u;
    for (int round = 0; round < 20000; round++) {
        char bytes[48];
        for (size_t i = 0; i < sizeof bytes; i++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            bytes[i] = (char)(x >> 11);
        }
        char *once = text_cleaned(bytes, x % sizeof bytes, 0, 0);
        assert_true(text_is_clean(once));
        assert_null(strchr(once, 0x1f));
        char *twice = clean(once);
        assert_string_equal(once, twice);
        free(once);
        free(twice);
    }
}

static void test_columns_and_fit(void **state)
{
    (void)state;
    int used;
    assert_int_equal(text_cols("Trực ban"), 8);
    assert_int_equal(text_cols("日本"), 4);
    assert_int_equal(text_cols("Tru\u031B\u0323c"), 4);
    assert_int_equal(text_fit("日本語", 5, &used), 6);
    assert_int_equal(used, 4);
    assert_int_equal(text_fit("o\u0302\u0301x", 1, &used), 5);
    assert_int_equal(used, 1);
    assert_int_equal(text_fit("abc", 10, &used), 3);
    assert_int_equal(text_fit("abc", 0, NULL), 0);
    assert_int_equal(text_fit("abc", -1, NULL), 0);
}

static void test_fold_and_match(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Đường dây nóng", "duong day nong"},
        {"TRỰC BAN", "truc ban"},
        {"Tru\u031B\u0323c", "truc"},
        {"Ẳ ẵ Ỹ", "a a y"},
        {"ΑΒΓ Жя", "αβγ жя"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf b = BUF_INIT(0);
        text_fold(&b, pairs[i][0]);
        assert_string_equal(buf_text(&b), pairs[i][1]);
        buf_release(&b);
    }
    assert_true(text_matches("Máy chủ trực", "truc"));
    assert_true(text_matches("Máy chủ trực", "trwc"));
    assert_true(text_matches("Tru\u031B\u0323c", "trwc"));
    assert_true(text_matches("srv-a-web-01", "web"));
    assert_true(text_matches("x", ""));
    assert_false(text_matches("Máy chủ trực", "trwcx"));
    assert_false(text_matches("", "a"));
    assert_true(text_matches("SRV-aab", "ab")); /* plain ASCII is looked through where it stands */
    assert_true(text_matches("aaab", "aab"));
    assert_true(text_matches("Row", "w"));
    assert_false(text_matches("srv-a", "srv-a-"));
}

static void test_ascii(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Trực ban: Đường", "Truc ban: Duong"},
        {"┌─┐│█░", "+-+|#."},
        {"日x", "??x"},
        {"e\u0301", "e"},
        {"a…b – “c”", "a.b - \"c\""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf b = BUF_INIT(0);
        text_ascii(&b, pairs[i][0]);
        assert_string_equal(buf_text(&b), pairs[i][1]);
        assert_int_equal(text_cols(buf_text(&b)), text_cols(pairs[i][0]));
        buf_release(&b);
    }
    assert_int_equal(text_base_letter(0x1EC7), 'e'); /* ệ */
    assert_int_equal(text_base_letter(0x110), 'D');
    assert_int_equal(text_base_letter('q'), 'q');
    assert_int_equal(text_base_letter(0x65E5), 0x65E5);
}

static void test_names_and_globs(void **state)
{
    (void)state;
    char long_name[TEXT_MAX_NAME + 2];
    memset(long_name, 'a', sizeof long_name);
    long_name[TEXT_MAX_NAME + 1] = '\0';
    assert_true(text_is_name("srv-a_web.01:x"));
    assert_false(text_is_name(long_name));
    assert_true(text_is_name(long_name + 1));
    static const char *const bad[] = {"", "-rf", "a b", "a/b", "'; DROP", "á", "a\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_name(bad[i]));

    assert_true(text_glob("srv-*-web-0?", "srv-a-web-01"));
    assert_true(text_glob("*", ""));
    assert_true(text_glob("a*b*c", "aXbYbZc"));
    assert_true(text_glob("?", "ệ"));
    assert_false(text_glob("??", "ệ"));
    assert_false(text_glob("a*b", "acd"));
    assert_false(text_glob("", "a"));
    assert_true(text_glob("**", "abc"));
    char many[2001], stars[41];
    memset(many, 'a', 2000);
    many[2000] = '\0';
    for (size_t i = 0; i < 40; i += 2)
        memcpy(stars + i, "a*", 2);
    stars[39] = 'b';
    stars[40] = '\0';
    assert_false(text_glob(stars, many)); /* ends, and soon */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_stays),
        cmocka_unit_test(test_controls_are_shown),
        cmocka_unit_test(test_invalid_bytes_are_shown),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_hidden_points_are_shown),
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_columns_as_libc),
        cmocka_unit_test(test_a_cut_text_ends_with_dots),
        cmocka_unit_test(test_a_megabyte),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_columns_and_fit),
        cmocka_unit_test(test_fold_and_match),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_names_and_globs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
