/* test_theme.c - theme files: every shipped one at every depth, and what is wrong is told. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/theme.h"
#include "widgets/surface.h"

static void test_shipped(void **state)
{
    DIR *d = opendir("themes");
    int found = 0;
    (void)state;
    assert_non_null(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        struct theme t;
        struct err e;
        char name[64];
        const char *dot = strrchr(f->d_name, '.');
        if (!dot || strcmp(dot, ".theme") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(dot - f->d_name), f->d_name);
        found++;
        for (int depth = 0; depth < DEPTH_COUNT; depth++) {
            theme_builtin(&t);
            if (!theme_load(&t, "themes", name, (enum theme_depth)depth, &e))
                fail_msg("%s", e.text);
            struct style ok = theme_style(&t, ROLE_STATE_OK, 0);
            struct style bad = theme_style(&t, ROLE_STATE_CRITICAL, 0);
            struct style plain = theme_style(&t, ROLE_NORMAL, 0);
            struct style row = theme_style(&t, ROLE_NORMAL, CELL_SELECTED);
            /* Text of a colour of its own needs a ground of its own: no terminal's is known. */
            assert_true((plain.fg == COLOUR_DEFAULT) == (plain.bg == COLOUR_DEFAULT));
            /* what matters must look different from what does not, and a selection must be seen */
            assert_memory_not_equal(&bad, &ok, sizeof bad);
            assert_memory_not_equal(&bad, &plain, sizeof bad);
            assert_memory_not_equal(&row, &plain, sizeof row);
            if (depth == DEPTH_MONO)
                assert_true(bad.fg == COLOUR_DEFAULT && bad.bg == COLOUR_DEFAULT);
            if (depth == DEPTH_8)
                assert_true(bad.fg < 8 && bad.bg < 8);
        }
    }
    closedir(d);
    assert_true(found >= 5);
}

static void test_depths(void **state)
{
    static const char text[] = "; a comment\n"
                               "normal = default\n"
                               "state.critical = bright-white on red bold   ; eight\n"
                               "state.critical@256 = 231 on 160 bold\n"
                               "state.critical@direct = #ffffff on #c42634\n"
                               "state.ok@256 = 114\n";
    struct theme t;
    (void)state;
    theme_builtin(&t);
    assert_true(theme_parse(&t, "x", text, DEPTH_8, NULL));
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].fg, 7);
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].attrs, ATTR_BOLD);
    assert_int_equal(t.roles[ROLE_STATE_OK].fg, COLOUR_DEFAULT);
    assert_true(theme_parse(&t, "x", text, DEPTH_16, NULL));
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].fg, 15);
    assert_true(theme_parse(&t, "x", text, DEPTH_256, NULL));
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].bg, 160);
    assert_true(theme_parse(&t, "x", text, DEPTH_DIRECT, NULL));
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].bg, 0xc42634);
    assert_int_equal(t.roles[ROLE_STATE_OK].fg, 135 << 16 | 215 << 8 | 135);
    assert_true(theme_parse(&t, "x", text, DEPTH_MONO, NULL));
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].fg, COLOUR_DEFAULT);
    assert_int_equal(t.roles[ROLE_STATE_CRITICAL].attrs, ATTR_BOLD);
}

static void check_error(const char *text, const char *wanted)
{
    struct theme t, before;
    struct err e;
    theme_builtin(&t);
    before = t;
    assert_false(theme_parse(&t, "my.theme", text, DEPTH_256, &e));
    assert_string_equal(e.text, wanted);
    assert_memory_equal(&t, &before, sizeof t);
}

static void test_errors(void **state)
{
    (void)state;
    check_error("normal = default\nstate.bad = red\n", "my.theme:2: no such role 'state.bad'");
    check_error("normal = rot\n", "my.theme:1: 'rot' is neither a colour nor an attribute");
    check_error("\n\nnormal\n", "my.theme:3: expected `name = value`, found 'normal'");
    check_error("normal@4 = red\n",
                "my.theme:1: '4' is no number of colours, expected mono, 8, 16, 256 or direct");
    check_error("normal = #ff0000\n", "my.theme:1: #rrggbb is only for NAME@direct");
    check_error("normal = 256\n", "my.theme:1: '256' is neither a colour nor an attribute");
}

static void test_missing(void **state)
{
    struct theme t;
    struct err e;
    (void)state;
    theme_builtin(&t);
    assert_false(theme_load(&t, "themes", "nonesuch", DEPTH_256, &e));
    assert_non_null(strstr(e.text, "themes/nonesuch.theme"));
    assert_string_equal(t.name, "built-in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_depths),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
