/* Packed sentences. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/say.h"
#include "core/text.h"

static const char *in_vietnamese(const char *msgid)
{
    return strcmp(msgid, "HTTP {0}, expected {1}") == 0 ? "cần {1}, nhận HTTP {0}" : msgid;
}

static void check_text(char *packed, say_translate_fn *translate, const char *want)
{
    struct buf b = BUF_INIT(0);
    say_text(&b, packed, translate);
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
    free(packed);
}

static void test_words(void **state)
{
    (void)state;
    check_text(SAY(N_("HTTP {0}, expected {1}"), "502", "200"), NULL, "HTTP 502, expected 200");
    check_text(SAY(N_("HTTP {0}, expected {1}"), "502", "200"), in_vietnamese,
               "cần 200, nhận HTTP 502");
    check_text(SAY("no arguments"), NULL, "no arguments");
    check_text(SAY("{0}{0}{1}", "a"), NULL, "aa{1}");
    check_text(SAY("{x} {} {12} {", "a"), NULL, "{x} {} {12} {");
    check_text(SAY("{0} {1}", "{1}", "b"), NULL, "{1} b"); /* arguments are not filled in turn */
    check_text(SAY("%s %n {0}", "%s%n"), NULL, "%s %n %s%n");
    check_text(SAY("{0}", NULL), NULL, "");
    check_text(SAY(""), in_vietnamese, "");
    check_text(strdup("DISK OK - free 12 %"), in_vietnamese, "DISK OK - free 12 %");
}

/* An argument that is a sentence is translated with it; one level, and no further. */
static void test_a_sentence_in_a_sentence(void **state)
{
    (void)state;
    char *why = SAY(N_("HTTP {0}, expected {1}"), "502", "200"), *inner = say_nested(why);
    check_text(SAY("step {0}: {1}!", "login", inner), NULL, "step login: HTTP 502, expected 200!");
    check_text(SAY("step {0}: {1}!", "login", inner), in_vietnamese,
               "step login: cần 200, nhận HTTP 502!");
    char *twice = SAY("a {0}", inner), *outer = say_nested(twice);
    check_text(SAY("b {0}", outer), in_vietnamese, "b a  HTTP {0}, expected {1} 502 200");
    char *empty = say_nested("");
    check_text(SAY("c {0}", empty), in_vietnamese, "c ");
    free(why);
    free(inner);
    free(twice);
    free(outer);
    free(empty);
}

static void test_parts(void **state)
{
    (void)state;
    const char *part[4];
    size_t len[4];
    char *packed = SAY("t {0}", "one", "", "three");
    assert_int_equal(say_parts(packed, part, len, 4), 4);
    assert_int_equal(len[2], 0);
    assert_memory_equal(part[3], "three", 5);
    assert_int_equal(say_parts(packed, part, len, 2), 2);
    assert_memory_equal(part[1], "one", len[1]);
    free(packed);
}

static void test_a_packed_argument_stays_one(void **state)
{
    (void)state;
    char *inner = SAY("a {0}", "x");
    check_text(SAY("[{0}] {1}", inner, "last"), NULL, "[a {0} x] last");
    free(inner);
}

static void test_limit(void **state)
{
    (void)state;
    char big[TEXT_MAX_STORED + 100];
    for (size_t i = 0; i + 3 <= sizeof big - 1; i += 3)
        memcpy(big + i, "ằ", 3);
    big[(sizeof big - 1) / 3 * 3] = '\0';
    for (int shift = 0; shift < 3; shift++) {
        static const char *const heads[] = {"", "x", "xy"};
        char *packed = SAY(heads[shift], big);
        assert_true(strlen(packed) <= TEXT_MAX_STORED);
        assert_true(text_is_clean(strchr(packed, SAY_SEP) + 1)); /* cut on a character */
        free(packed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words), cmocka_unit_test(test_a_sentence_in_a_sentence),
        cmocka_unit_test(test_parts), cmocka_unit_test(test_a_packed_argument_stays_one),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
