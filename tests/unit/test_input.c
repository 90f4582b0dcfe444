/* test_input.c - bytes to keys; nothing inside a sequence is ever a key (findings F4, HI10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/input.h"

static const struct input_keys terminal = {
    {{"\033OA", K_UP}, {"\033[1~", K_HOME}, {"\033[[A", K_F1}}, 3};

/* The keys that a run of bytes gives, the last ones after a silence. */
static size_t keys_of(const char *bytes, size_t len, uint32_t *out, size_t max)
{
    struct input *in = input_new(&terminal);
    struct key_event e;
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        if (input_byte(in, (unsigned char)bytes[i], 1000, &e) && n < max)
            out[n++] = e.key;
    if (input_idle(in, 1000 + INPUT_SILENCE_MS, &e) && n < max)
        out[n++] = e.key;
    assert_int_equal(input_wait_ms(in, 5000), -1);
    input_free(in);
    return n;
}

static void check(const char *bytes, const uint32_t *wanted, size_t n_wanted)
{
    uint32_t got[32];
    size_t n = keys_of(bytes, strlen(bytes), got, 32);
    if (n != n_wanted)
        print_error("'%s' gave %zu keys\n", bytes + (bytes[0] == '\033'), n);
    assert_int_equal(n, n_wanted);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got[i], wanted[i]);
}
#define CHECK(bytes, ...)                                                                          \
    check(bytes, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void test_plain(void **state)
{
    (void)state;
    CHECK("aZ /", 'a', 'Z', ' ', '/');
    CHECK("\r\n\t\x7f\x08\x0c", K_ENTER, K_ENTER, K_TAB, K_BACKSPACE, K_BACKSPACE, 0x0c);
    CHECK("\xc3\xa1\xe1\xbb\x87\xf0\x9f\x98\x80", 0xe1, 0x1ec7, 0x1f600);
    CHECK("\xc3y", 'y'); /* a broken character goes, what follows stays */
    CHECK("\xff\xfe"
          "a",
          'a');
}

static void test_known(void **state)
{
    (void)state;
    CHECK("\033[A\033[B\033[C\033[D", K_UP, K_DOWN, K_RIGHT, K_LEFT);
    CHECK("\033OA\033OB\033OH\033OF", K_UP, K_DOWN, K_HOME, K_END);
    CHECK("\033[5~\033[6~\033[3~\033[Z", K_PAGE_UP, K_PAGE_DOWN, K_DELETE, K_SHIFT_TAB);
    CHECK("\033[15~\033[24~\033OP\033[[B", K_F1 + 4, K_F12, K_F1, K_F1 + 1);
    CHECK("\033[1;5C\033[3;2~", K_RIGHT | K_CTRL, K_DELETE | K_SHIFT);
    CHECK("\033OM", K_ENTER);
}

static void test_escape_alone(void **state)
{
    (void)state;
    CHECK("\033", K_ESC);
    CHECK("\033\033", K_ESC, K_ESC);
    CHECK("\033y", K_ALT | 'y'); /* never a plain y */
    CHECK("\033\033[A", K_ESC, K_UP);
}

static void test_torn_sequence(void **state)
{
    struct input *in = input_new(NULL);
    struct key_event e;
    (void)state;
    assert_false(input_byte(in, 0x1b, 0, &e));
    assert_int_equal(input_wait_ms(in, 10), INPUT_ESC_MS - 10);
    assert_false(input_idle(in, 10, &e));
    assert_true(input_idle(in, INPUT_ESC_MS, &e));
    assert_int_equal(e.key, K_ESC);
    /* the line was slow: the rest of an arrow key comes after the time for Esc alone */
    assert_false(input_byte(in, '[', 100, &e));
    assert_true(input_byte(in, 'A', 100, &e));
    assert_int_equal(e.key, K_UP);
    assert_true(input_byte(in, '[', 5000, &e));
    assert_int_equal(e.key, '[');
    input_free(in);
}

static void test_replies_are_swallowed(void **state)
{
    static const char *const replies[] = {
        "\033[99y",
        "\033[?62;1;6c",
        "\033[>41;354;0c",
        "\033[24;80R",
        "\033[I",
        "\033[O",
        "\033[?2026;2$y",
        "\033]11;rgb:1e1e/1e1e/1e1e\007",
        "\033]11;rgb:yyyy/aaaa\033\\",
        "\033P1$r0;1q\033\\",
        "\033P>|XTerm(370)\033\\",
        "\033_Gi=31;OK\033\\",
        "\033^aaa\033\\",
        "\033Xyes\033\\",
        "\033[97;5u",
        "\033[121;1:3u",
        "\033[M aa",
        "\033[<0;y",
        "\x9b"
        "99y",
        "\xc2\x9b"
        "99y",
        "\033]0;\xc3\x9c"
        "yes\007",
        "\033P\007yes\033\\",
        "\033(B",
        "\033[1;2;3;4;5a",
        "\033[<35;3;4M",
        "\033[0123456789012345678901234567890123456789y",
    };
    uint32_t got[8];
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        size_t n = keys_of(replies[i], strlen(replies[i]), got, 8);
        for (size_t k = 0; k < n; k++) {
            if (got[k] != K_UNKNOWN)
                print_error("reply %zu gave key %x\n", i, got[k]);
            assert_int_equal(got[k], K_UNKNOWN);
        }
    }
}

static void test_mouse(void **state)
{
    struct input *in = input_new(NULL);
    struct key_event e;
    const char *wheel = "\033[<64;10;5M", *click = "\033[<0;3;7M", *release = "\033[<0;3;7m";
    (void)state;
    for (const char *s = wheel; *s; s++)
        input_byte(in, (unsigned char)*s, 0, &e);
    assert_int_equal(e.key, K_WHEEL_UP);
    for (const char *s = click; *s; s++)
        input_byte(in, (unsigned char)*s, 0, &e);
    assert_int_equal(e.key, K_CLICK);
    assert_int_equal(e.line, 6);
    assert_int_equal(e.col, 2);
    for (const char *s = release; *s; s++)
        input_byte(in, (unsigned char)*s, 0, &e);
    assert_int_equal(e.key, K_UNKNOWN);
    /* no cell, no click: a position is never below 0 */
    for (const char *s = "\033[<0;172;M\033[<64;0;3M"; *s; s++)
        if (input_byte(in, (unsigned char)*s, 0, &e)) {
            assert_int_equal(e.key, K_UNKNOWN);
            assert_true(e.line >= 0 && e.col >= 0);
        }
    input_free(in);
}

static void test_paste(void **state)
{
    struct input *in = input_new(NULL);
    struct key_event e = {0};
    const char *s = "\033[200~y\nyes\033[31m\n\033[201~";
    size_t events = 0;
    (void)state;
    for (; *s; s++)
        events += input_byte(in, (unsigned char)*s, 0, &e);
    assert_int_equal(events, 1);
    assert_int_equal(e.key, K_PASTE);
    assert_int_equal(e.len, strlen("y\nyes\033[31m\n"));
    assert_memory_equal(e.text, "y\nyes\033[31m\n", e.len);
    /* a huge one is cut, its end is still found */
    for (s = "\033[200~"; *s; s++)
        input_byte(in, (unsigned char)*s, 0, &e);
    for (size_t i = 0; i < 3 * INPUT_PASTE_MAX; i++)
        assert_false(input_byte(in, 'y', 0, &e));
    for (s = "\033[201~"; *s; s++)
        events += input_byte(in, (unsigned char)*s, 0, &e);
    assert_int_equal(events, 2);
    assert_true(e.len <= INPUT_PASTE_MAX + 6);
    assert_true(input_byte(in, 'k', 0, &e));
    assert_int_equal(e.key, 'k');
    input_free(in);
}

/* ESC [ or a string's head, random bytes, then the proper end: whatever stood inside is no key. */
static void test_fuzz(void **state)
{
    uint32_t seed = 12345, got[64];
    char bytes[64];
    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t n = 0, len = 0;
        static const char heads[] = "]PX^_";
        seed = seed * 1664525 + 1013904223;
        bytes[len++] = 0x1b;
        bool is_csi = seed >> 30 == 0;
        bytes[len++] = is_csi ? '[' : heads[(seed >> 8) % 5];
        size_t inside = (seed >> 16) % 40;
        for (size_t i = 0; i < inside; i++) {
            seed = seed * 1664525 + 1013904223;
            unsigned char c = (unsigned char)(seed >> 24);
            if (is_csi)
                c = (unsigned char)(0x20 + c % 0x20);
            else if (c == 0x1b || c == 0x07 || c == 0x18 || c == 0x1a)
                c = 'y';
            bytes[len++] = (char)c;
        }
        bytes[len++] = is_csi ? 'y' : 0x1b;
        if (!is_csi)
            bytes[len++] = '\\';
        n = keys_of(bytes, len, got, 64);
        for (size_t k = 0; k < n; k++)
            assert_true(got[k] >= K_NAMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_escape_alone),
        cmocka_unit_test(test_torn_sequence),
        cmocka_unit_test(test_replies_are_swallowed),
        cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
