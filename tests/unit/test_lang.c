/* test_lang.c - words in two languages, asked for again and again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/lang.h"

static void test_switch(void **state)
{
    static const char word[] = "Board"; /* one address through all languages */
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(lang_set("vi"));
        assert_string_equal(lang_get(word), "Tổng quan");
        assert_string_equal(lang_get(word), "Tổng quan");
        assert_true(lang_set("en"));
        assert_ptr_equal(lang_get(word), word);
        assert_ptr_equal(lang_get(word), word);
        assert_false(lang_set("xx"));
        assert_string_equal(lang_spoken(), "en");
    }
}

/* What stands at an address may change: a packed sentence is unpacked into the same buffer. */
static void test_other_text_at_the_same_place(void **state)
{
    char room[128];
    (void)state;
    lang_set("vi");
    for (int i = 0; i < 3; i++) {
        strcpy(room, "Board");
        assert_string_equal(lang_get(room), "Tổng quan");
        strcpy(room, "not in the catalogue");
        assert_ptr_equal(lang_get(room), room);
        strcpy(room, "");
        assert_ptr_equal(lang_get(room), room);
        memset(room, 'x', sizeof room - 1);
        room[sizeof room - 1] = '\0';
        assert_ptr_equal(lang_get(room), room);
    }
    strcpy(room, "not in the catalogue");
    assert_ptr_equal(lang_get(room), room);
    char other[128];
    strcpy(other, room);
    assert_ptr_equal(lang_get(other), other);
}

/* What libc says goes into sentences for all languages, and is compared with words we know. */
static void test_the_process_itself_speaks_c(void **state)
{
    (void)state;
    lang_set("vi");
    assert_string_equal(lang_get("Board"), "Tổng quan");
    assert_string_equal(strerror(ECONNREFUSED), "Connection refused");
    lang_set("en");
}

int main(int argc, char **argv)
{
    char folder[512];
    const char *slash = strrchr(argv[0], '/'); /* build/VARIANT/tests/test_lang: its locale/ */
    (void)argc;
    snprintf(folder, sizeof folder, "%.*s/../locale", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    char *absolute = realpath(folder, NULL);
    lang_start(absolute ? absolute : folder);
    free(absolute);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_other_text_at_the_same_place),
        cmocka_unit_test(test_the_process_itself_speaks_c),
    };
    return cmocka_run_group_tests_name("lang", tests, NULL, NULL);
}
