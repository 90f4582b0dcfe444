/* The door to jansson: what it refuses (faults.md HI8), and that refusing costs little. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/mem.h"
#include "engine/jval.h"

static long peak_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static double cpu_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static void refused(const char *bytes, size_t len, const char *words)
{
    struct err e = {""};
    struct jval *j = jval_parse(bytes, len, &e);
    if (j != NULL || strstr(e.text, words) == NULL)
        fail_msg("%.40s…: %s \"%s\", expected \"%s\"", bytes, j ? "accepted" : "refused as", e.text,
                 words);
}

/* n times open, then n times close. */
static char *nested(size_t n, char open, char close)
{
    char *s = mem_alloc(2 * n + 1);
    memset(s, open, n);
    memset(s + n, close, n);
    return s;
}

static void depth_has_a_limit(void **state)
{
    static const size_t deep[] = {JVAL_DEPTH_MAX + 1, 2048, 2049, 1000000};
    (void)state;
    char *s = nested(JVAL_DEPTH_MAX, '[', ']');
    struct jval *j = jval_parse(s, strlen(s), NULL);
    assert_non_null(j);
    jval_free(j);
    free(s);
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        s = nested(deep[i], '[', ']');
        long peak = peak_kib();
        double cpu = cpu_ms();
        refused(s, 2 * deep[i], "nested deeper than 64");
        refused(s, deep[i], "nested deeper than 64"); /* never closed */
        assert_true(peak_kib() - peak < 1024);
        assert_true(cpu_ms() - cpu < 400);
        free(s);
    }
    /* brackets in strings are text; an escaped quote does not end one */
    static const char quoted[] = "[\"[[[\\\"[[[[\"]";
    j = jval_parse(quoted, strlen(quoted), NULL);
    assert_string_equal(jval_str(jval_at(j, 0)), "[[[\"[[[[");
    jval_free(j);
}

static void odd_values_are_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"{\"a\":1,\"a\":2}", "duplicate object key"},
        {"{\"x\":{\"a\":1,\"b\":2,\"a\":1}}", "duplicate object key"},
        {"{\"a\":1,\"\\u0061\":2}", "duplicate object key"},
        {"[1e999]", "real number overflow"},
        {"[-1e999]", "real number overflow"},
        {"[12345678901234567890123]", "too big integer"},
        {"[-12345678901234567890123]", "too big negative integer"},
        {"[9223372036854775808]", "too big integer"},
        {"[\"a\\u0000b\"]", "\\u0000 is not allowed"},
        {"[\"\\ud800\"]", "invalid Unicode"},
        {"[\"\xff\"]", "unable to decode byte 0xff"},
        {"[\"\xed\xa0\x80\"]", "unable to decode byte 0xed"},
        {"[NaN]", "invalid token"},
        {"[Infinity]", "invalid token"},
        {"[1,]", ""},
        {"[01]", ""},
        {"", ""},
        {"[\"a\nb\"]", "unexpected newline"},
        {"{} {}", "end of file expected"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refused(rows[i].text, strlen(rows[i].text), rows[i].words);
    refused("{\"a\":\"U\0P\"}", 11, "");
    refused("{}\0", 3, "");
    refused("\0", 1, "");
}

/* Any byte of a document changed, cut at any place: parsed or refused, nothing else. */
static void damage_is_harmless(void **state)
{
    static const char good[] =
        "{\"a\":[1,-2.5e3,true,null,\"t\\u00e9xt \\\"q\\\" \\ud83d\\ude00\"],\"b\":{\"c\":[[]]}}";
    char bytes[sizeof good];
    uint32_t x = 88172645u;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct err e = {""};
        memcpy(bytes, good, sizeof good);
        for (uint32_t n = 0; n <= x % 3; n++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            bytes[x % (sizeof good - 1)] = (char)(x >> 20);
        }
        size_t len = round % 3 ? sizeof good - 1 : (x >> 8) % sizeof good;
        struct jval *j = jval_parse(bytes, len, &e);
        assert_true(j != NULL || e.text[0] != '\0');
        jval_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(odd_values_are_refused),
        cmocka_unit_test(damage_is_harmless),
    };
    return cmocka_run_group_tests_name("jval", tests, NULL, NULL);
}
