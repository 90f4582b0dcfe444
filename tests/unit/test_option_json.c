/* Every type of option, from JSON into a struct; fallbacks, layers, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fleet.h"
#include "engine/option_json.h"

struct all {
    char *text, *raw, *secret, *inner;
    bool flag;
    int64_t integer, duration, size;
    double number;
    int choice;
    struct option_strings strings;
    struct option_ints ints;
    struct option_pairs pairs, pointers;
    struct words words;
    struct option_tests tests;
    struct option_thresholds thresholds;
};
#define ROW(field) .offset = offsetof(struct all, field)
static const char *const colours[] = {"red", "green", NULL};
static const struct option inner_rows[] = {
    {.name = "inner", .type = OPTION_STRING, ROW(inner), .flags = OPTION_REQUIRED},
    {.name = "integer", .type = OPTION_INT, ROW(integer), .min = -5, .max = 5, .fallback = "4"},
    {0}};
static const struct option rows[] = {
    {.name = "text", .type = OPTION_STRING, ROW(text), .fallback = "\"as ${it} is\""},
    {.name = "raw", .type = OPTION_STRING, ROW(raw), .flags = OPTION_RAW},
    {.name = "secret", .type = OPTION_SECRET, ROW(secret)},
    {.name = "flag", .type = OPTION_BOOL, ROW(flag), .fallback = "true"},
    {.name = "group", .type = OPTION_GROUP, .rows = inner_rows},
    {.name = "duration",
     .type = OPTION_DURATION,
     ROW(duration),
     .min = 100,
     .max = 60000,
     .fallback = "\"30s\""},
    {.name = "size", .type = OPTION_SIZE, ROW(size), .min = 1, .max = 1 << 20, .fallback = "1024"},
    {.name = "number", .type = OPTION_NUMBER, ROW(number)},
    {.name = "choice", .type = OPTION_CHOICE, ROW(choice), .choices = colours},
    {.name = "strings", .type = OPTION_STRINGS, ROW(strings)},
    {.name = "ints", .type = OPTION_INTS, ROW(ints)},
    {.name = "pairs", .type = OPTION_PAIRS, ROW(pairs)},
    {.name = "pointers", .type = OPTION_POINTERS, ROW(pointers)},
    {.name = "words", .type = OPTION_WORDS, ROW(words)},
    {.name = "tests", .type = OPTION_TESTS, ROW(tests)},
    {.name = "thresholds", .type = OPTION_THRESHOLDS, ROW(thresholds)},
    {0}};

struct saying {
    struct buf text;
};

static void on_error(void *arg, const struct place *at, const char *what)
{
    struct saying *t = arg;
    place_text(at, &t->text);
    buf_addf(&t->text, ": %s\n", what);
}

static const char *find(const void *arg, const char *name, struct err *e)
{
    (void)arg;
    if (strcmp(name, "n") == 0)
        return "3";
    err_set(e, "no such name");
    return NULL;
}

static struct jval *parse(const char *text)
{
    struct err e;
    struct jval *j = jval_parse(text, strlen(text), &e);
    if (j == NULL)
        fail_msg("%s: %s", text, e.text);
    return j;
}

static bool fill(struct all *a, struct saying *t, const char *near, const char *far)
{
    struct place near_at = PLACE_FILE("near"), far_at = PLACE_FILE("far");
    struct jval *one = parse(near), *two = parse(far);
    const struct option_layer layers[] = {{one, &near_at}, {two, &far_at}};
    const struct option *const tables[] = {rows};
    struct option_reader r = {.error = on_error, .error_arg = t, .find = find};
    *a = (struct all){0};
    t->text = (struct buf)BUF_INIT(8192);
    bool is_ok = option_check_keys(&r, &layers[0], tables, 1);
    is_ok = option_fill(&r, rows, a, layers, 2) && is_ok;
    jval_free(one);
    jval_free(two);
    return is_ok;
}

static void done(struct all *a, struct saying *t)
{
    option_release(rows, a);
    buf_release(&t->text);
}

static void fallbacks_stand_in(void **state)
{
    (void)state;
    struct all a;
    struct saying t;
    assert_true(fill(&a, &t, "{}", "{}"));
    assert_string_equal(a.text, "as ${it} is");
    assert_true(a.flag);
    assert_int_equal(a.integer, 4); /* of an absent group */
    assert_int_equal(a.duration, 30000);
    assert_int_equal(a.size, 1024);
    assert_null(a.inner);
    assert_int_equal(a.strings.n, 0);
    done(&a, &t);
}

static void every_type_is_read(void **state)
{
    (void)state;
    struct all a;
    struct saying t;
    assert_true(fill(
        &a, &t,
        "{\"text\":\"x${n}\",\"raw\":\"x${n}\",\"flag\":false,\"duration\":\"1m\","
        "\"size\":\"2KiB\",\"number\":1.5,\"choice\":\"green\",\"strings\":[\"a\",\"b${n}\"],"
        "\"ints\":[200,\"${n}\"],\"pairs\":{\"k\":\"v\"},\"pointers\":{\"m\":\"/a/b\"},"
        "\"words\":{\"vi\":\"V\"},\"group\":{\"inner\":\"i\",\"integer\":\"${n}\"},"
        "\"tests\":{\"/s\":\"UP\",\"/n\":{\">\":1,\"!=\":4},\"/z\":null,\"/e\":{\"exists\":false},"
        "\"/m\":{\"matches\":\"^a\"}},"
        "\"thresholds\":{\"l\":{\"warning\":1}}}",
        "{}"));
    assert_string_equal(a.text, "x3");
    assert_string_equal(a.raw, "x${n}");
    assert_false(a.flag);
    assert_int_equal(a.duration, 60000);
    assert_int_equal(a.size, 2048);
    assert_true(a.number > 1.49 && a.number < 1.51);
    assert_int_equal(a.choice, 1);
    assert_string_equal(a.strings.v[1], "b3");
    assert_int_equal(a.ints.v[1], 3);
    assert_string_equal(a.pairs.values[0], "v");
    assert_string_equal(a.pointers.values[0], "/a/b");
    assert_string_equal(a.words.vi, "V");
    assert_null(a.words.en);
    assert_string_equal(a.inner, "i");
    assert_int_equal(a.integer, 3);
    assert_int_equal(a.tests.n, 6);
    assert_int_equal(a.tests.v[1].op, TEST_GT);
    assert_int_equal(a.tests.v[2].op, TEST_NE);
    assert_int_equal(a.tests.v[3].type, TEST_NULL);
    assert_int_equal(a.tests.v[4].op, TEST_EXISTS);
    assert_false(a.tests.v[4].flag);
    assert_int_equal(a.tests.v[5].op, TEST_MATCHES);
    assert_int_equal(a.thresholds.n, 1);
    done(&a, &t);
}

static void the_nearest_layer_decides_and_pairs_merge(void **state)
{
    (void)state;
    struct all a;
    struct saying t;
    assert_true(fill(&a, &t,
                     "{\"text\":\"near\",\"pairs\":{\"a\":\"1\"},\"group\":{\"inner\":\"n\"}}",
                     "{\"text\":\"far\",\"size\":7,\"pairs\":{\"a\":\"2\",\"b\":\"3\"},"
                     "\"group\":{\"inner\":\"f\",\"integer\":2}}"));
    assert_string_equal(a.text, "near");
    assert_int_equal(a.size, 7);
    assert_int_equal(a.pairs.n, 2);
    assert_string_equal(a.pairs.values[0], "1");
    assert_string_equal(a.inner, "n");
    assert_int_equal(a.integer, 2);
    done(&a, &t);
}

static void says(const char *json, const char *wanted)
{
    struct all a;
    struct saying t;
    assert_false(fill(&a, &t, json, "{}"));
    assert_string_equal(buf_text(&t.text), wanted);
    done(&a, &t);
}

static void mistakes_name_place_found_and_expected(void **state)
{
    (void)state;
    says("{\"txet\":1}", "near: /txet: unknown key \"txet\"; did you mean \"text\"?\n");
    says("{\"flag\":\"yes\"}", "near: /flag: found \"yes\", expected true or false\n");
    says("{\"group\":{}}", "near: /group: \"inner\" is missing\n");
    says("{\"group\":{\"inner\":\"x\",\"integer\":6}}",
         "near: /group/integer: found 6, expected -5 to 5\n");
    says("{\"group\":[]}", "near: /group: found an empty array, expected an object\n");
    says("{\"duration\":\"1ms\"}", "near: /duration: found \"1ms\", expected 100ms to 1m\n");
    says("{\"text\":\"${zzz}\"}", "near: /text: no such name\n");
    says("{\"text\":null}", "near: /text: found null, expected a string\n");
    says("{\"choice\":\"blue\"}",
         "near: /choice: found \"blue\", expected one of \"red\", \"green\"\n");
    says("{\"strings\":[\"a\",1,{}]}",
         "near: /strings/1: found 1, expected a string\n"
         "near: /strings/2: found an empty object, expected a string\n");
    says("{\"pointers\":{\"a\":\"b\"}}",
         "near: /pointers/a: found \"b\", expected a JSON pointer such as \"/load\"\n");
    says("{\"ints\":1.5}", "near: /ints: found 1.5, expected an integer or an array of integers\n");
    says("{\"number\":true,\"size\":\"0B\"}",
         "near: /size: found \"0B\", expected 1 to 1048576\nnear: /number: found true, expected a "
         "number\n");
}

/* A literal secret is refused without being repeated. */
static void secrets_are_not_quoted(void **state)
{
    (void)state;
    struct all a;
    struct saying t;
    assert_false(fill(&a, &t, "{\"secret\":\"hunter2\"}", "{}"));
    assert_null(strstr(buf_text(&t.text), "hunter2"));
    done(&a, &t);
    setenv("TRUCBAN_TEST_WORD", "hunter3", 1);
    assert_true(fill(&a, &t, "{\"secret\":{\"env\":\"TRUCBAN_TEST_WORD\"}}", "{}"));
    assert_string_equal(a.secret, "hunter3");
    done(&a, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fallbacks_stand_in),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(the_nearest_layer_decides_and_pairs_merge),
        cmocka_unit_test(mistakes_name_place_found_and_expected),
        cmocka_unit_test(secrets_are_not_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
