/* What a table's rows own is freed, once (the sanitiser and valgrind look on). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/option.h"

struct all {
    char *text, *secret;
    struct option_strings strings;
    struct option_ints ints;
    struct option_pairs pairs, pointers;
    struct words words;
    struct option_tests tests;
    struct option_thresholds thresholds;
    char *nested;
    int64_t number;
};

static const struct option inner[] = {
    {.name = "nested", .type = OPTION_STRING, .offset = offsetof(struct all, nested)},
    {0},
};
static const struct option rows[] = {
    {.name = "text", .type = OPTION_STRING, .offset = offsetof(struct all, text)},
    {.name = "secret", .type = OPTION_SECRET, .offset = offsetof(struct all, secret)},
    {.name = "strings", .type = OPTION_STRINGS, .offset = offsetof(struct all, strings)},
    {.name = "ints", .type = OPTION_INTS, .offset = offsetof(struct all, ints)},
    {.name = "pairs", .type = OPTION_PAIRS, .offset = offsetof(struct all, pairs)},
    {.name = "pointers", .type = OPTION_POINTERS, .offset = offsetof(struct all, pointers)},
    {.name = "words", .type = OPTION_WORDS, .offset = offsetof(struct all, words)},
    {.name = "tests", .type = OPTION_TESTS, .offset = offsetof(struct all, tests)},
    {.name = "thresholds", .type = OPTION_THRESHOLDS, .offset = offsetof(struct all, thresholds)},
    {.name = "group", .type = OPTION_GROUP, .rows = inner},
    {.name = "number", .type = OPTION_INT, .offset = offsetof(struct all, number)},
    {0},
};

static char **strings(size_t n)
{
    char **v = mem_alloc(n * sizeof *v);
    for (size_t i = 0; i < n; i++)
        v[i] = mem_strdup("x");
    return v;
}

static void test_release(void **state)
{
    (void)state;
    struct all a = {
        .text = mem_strdup("t"),
        .secret = mem_strdup("s"),
        .strings = {strings(3), 3},
        .ints = {mem_alloc(sizeof(int64_t)), 1},
        .pairs = {strings(2), strings(2), 2},
        .pointers = {strings(1), strings(1), 1},
        .words = {mem_strdup("tên"), mem_strdup("name")},
        .tests = {mem_alloc(sizeof(struct option_test)), 1},
        .thresholds = {mem_alloc(sizeof(struct threshold)), 1},
        .nested = mem_strdup("n"),
        .number = 7,
    };
    a.tests.v[0].pointer = mem_strdup("/status");
    a.tests.v[0].text = mem_strdup("UP");
    a.thresholds.v[0].metric = mem_strdup("latency_ms");
    option_release(rows, &a);
    assert_null(a.text);
    assert_null(a.strings.v);
    assert_int_equal(a.pairs.n, 0);
    assert_null(a.nested);
    assert_int_equal(a.number, 7);
    option_release(rows, &a); /* nothing twice */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_release)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
