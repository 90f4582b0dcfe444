/* test_keymap.c - keys, their names, files of people; and that every default leads somewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/command.h"
#include "tui/keymap.h"
#include "widgets/key.h"

static void test_names(void **state)
{
    static const char *const names[] = {"a",     "G",     "?",    "Enter", "Esc", "Tab",
                                        "S-Tab", "Space", "PgUp", "F1",    "F12", "C-l",
                                        "C-z",   "M-x",   "á",    "=",     "@"};
    char out[KEY_NAME_MAX];
    uint32_t key;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(key_parse(names[i], &key));
        assert_string_equal(key_name(key, out), names[i]);
    }
    assert_false(key_parse("", &key));
    assert_false(key_parse("F13", &key));
    assert_false(key_parse("ab", &key));
    assert_false(key_parse("Hyper", &key));
    assert_true(key_parse("C-L", &key));
    assert_int_equal(key, 12);
}

static void test_defaults(void **state)
{
    struct keymap *m = keymap_new();
    char keys[64], name[KEY_NAME_MAX];
    (void)state;
    assert_string_equal(keymap_find(m, 'a'), "ack");
    assert_string_equal(keymap_find(m, '='), "freeze");
    assert_string_equal(keymap_find(m, K_ENTER), "detail");
    assert_string_equal(keymap_find(m, 0x0c), "redraw");
    assert_string_equal(keymap_find(m, '6'), "tab 6");
    assert_null(keymap_find(m, 'w'));
    assert_null(keymap_find(m, '['));
    assert_null(keymap_find(m, K_ALT | 'a'));
    assert_string_equal(keymap_keys_of(m, "up", keys), "Up, k");
    assert_string_equal(keymap_key_of(m, "quit", name), "q");
    keymap_free(m);
}

/* An input method has made an accented letter of it: it is still the command. */
static void test_accents(void **state)
{
    struct keymap *m = keymap_new();
    (void)state;
    assert_string_equal(keymap_find(m, 0xe1), "ack");            /* á */
    assert_string_equal(keymap_find(m, 0x1ea1), "ack");          /* ạ */
    assert_string_equal(keymap_find(m, 0x1ec7), "next-unacked"); /* ệ */
    keymap_free(m);
}

static void test_user_file(void **state)
{
    struct keymap *m = keymap_new();
    struct err e;
    (void)state;
    assert_true(
        keymap_parse(m, "keys", "; mine\nx = ack\na = none\nF2 = filter web ; often\n", NULL, &e));
    assert_string_equal(keymap_find(m, 'x'), "ack");
    assert_null(keymap_find(m, 'a'));
    assert_string_equal(keymap_find(m, K_F1 + 1), "filter web");
    assert_false(keymap_parse(m, "keys", "b = ack\nHyper = ack\n", NULL, &e));
    assert_string_equal(e.text, "keys:2: no such key 'Hyper'");
    assert_string_equal(keymap_find(m, 'b'), "ack");
    assert_false(keymap_parse(m, "keys", "b =\n", NULL, &e));
    assert_string_equal(e.text, "keys:1: key 'b' has no command; `none` takes a binding away");
    keymap_free(m);
}

static bool is_command(const char *name)
{
    return command_find(name) != NULL;
}

static void test_unknown_command(void **state)
{
    struct keymap *m = keymap_new();
    struct err e;
    (void)state;
    assert_false(keymap_parse(m, "keys", "b = format-disk\n", is_command, &e));
    assert_string_equal(e.text, "keys:1: no such command 'format-disk'");
    keymap_free(m);
}

/* Every line of the default file names a command of the table, and the table is sorted. */
static void test_commands(void **state)
{
    struct keymap *m = keymap_new();
    (void)state;
    for (uint32_t key = 1; key < 0x80; key++) {
        const char *line = keymap_find(m, key);
        char word[64];
        if (!line)
            continue;
        snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " "), line);
        if (!command_find(word))
            fail_msg("key %u: no command '%s'", (unsigned)key, word);
    }
    for (const struct command *k = commands; k[0].name && k[1].name; k++)
        assert_true(strcmp(k[0].name, k[1].name) < 0);
    keymap_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_accents),         cmocka_unit_test(test_user_file),
        cmocka_unit_test(test_unknown_command), cmocka_unit_test(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
