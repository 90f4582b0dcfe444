/* Patterns that stand for many names. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/range.h"

static void check_expands(const char *pattern, const char *want)
{
    struct names l = {0};
    struct err e = {""};
    if (!range_expand(pattern, &l, &e))
        fail_msg("%s", e.text);
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < l.n; i++)
        buf_addf(&b, "%s%s", i > 0 ? " " : "", l.v[i]);
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
    names_release(&l);
}

static void test_expands(void **state)
{
    (void)state;
    check_expands("srv-a", "srv-a");
    check_expands("srv-[01-04]", "srv-01 srv-02 srv-03 srv-04");
    check_expands("127.9.0.[9-11]", "127.9.0.9 127.9.0.10 127.9.0.11");
    check_expands("[a,b]-x", "a-x b-x");
    check_expands("[a-c]", "a b c");
    check_expands("s[1-2]-[web,db]", "s1-web s1-db s2-web s2-db");
    check_expands("n[1-2,7,web-x]", "n1 n2 n7 nweb-x");
    check_expands("[5-5]", "5");
    check_expands("[098-101]", "098 099 100 101");
}

static void check_refused(const char *pattern, const char *why)
{
    struct names l = {0};
    struct err e = {""};
    assert_false(range_expand(pattern, &l, &e));
    assert_non_null(strstr(e.text, why));
    assert_int_equal(l.n, 0);
    names_release(&l);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused("a[1-2", "without \"]\"");
    check_refused("a]", "without \"[\"");
    check_refused("a[]", "empty brackets");
    check_refused("a[1,,2]", "empty choice");
    check_refused("a[1,]", "empty choice");
    check_refused("a[[1]]", "without \"]\"");
    check_refused("a[4-1]", "runs backwards");
    check_refused("a[c-a]", "runs backwards");
    check_refused("a[0-99999999]", "more than");
    check_refused("a[1-9999999999]", "at most 9 digits");
    check_refused("[1-1000][1-1000]", "more than");
    check_refused("[0-60000,0-60000]", "more than");
    check_refused("[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]", "brackets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expands),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
