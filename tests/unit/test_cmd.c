/* Options and help of all commands come from their rows; plain output is aligned and clean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/mem.h"
#include "engine/cmd.h"

#define MAX_ARGS 12

/* Standard error goes nowhere meanwhile: what is tested is the verdict. */
static void hush(int *kept)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fflush(stderr);
    *kept = dup(STDERR_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

static void unhush(int kept)
{
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
}

static int parse(const char *name, struct cmd_options *o, const char *const args[])
{
    char *argv[MAX_ARGS];
    int argc = 0;
    for (; args[argc] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)args[argc];
    argv[argc] = NULL;
    int kept;
    hush(&kept);
    int status = cmd_parse(NULL, cmd_find(name), argc, argv, o);
    unhush(kept);
    return status;
}
#define PARSE(name, o, ...) parse(name, o, (const char *const[]){name, __VA_ARGS__, NULL})

static void options_stand_anywhere(void **state)
{
    (void)state;
    struct cmd_options o;
    assert_int_equal(PARSE("ack", &o, "7", "-m", "seen it", "8", "--for=2h", "--socket", "/x"), -1);
    assert_int_equal(o.n_args, 2);
    assert_string_equal(o.args[0], "7");
    assert_string_equal(o.args[1], "8");
    assert_string_equal(o.text, "seen it");
    assert_string_equal(o.for_, "2h");
    assert_string_equal(o.socket, "/x");
    assert_int_equal(o.given, OPT_TEXT | OPT_FOR | OPT_SOCKET);
    cmd_options_release(&o);
    assert_int_equal(PARSE("submit", &o, "a/b", "OK", "--", "-5 degrees"), -1);
    assert_string_equal(o.args[2], "-5 degrees");
    cmd_options_release(&o);
    assert_int_equal(PARSE("engine", &o, "--set", "a=1", "--set", "b=2"), -1);
    assert_int_equal(o.n_sets, 2);
    assert_string_equal(o.sets[1], "b=2");
    cmd_options_release(&o);
}

static void mistakes_are_usage(void **state)
{
    (void)state;
    struct cmd_options o;
    assert_int_equal(PARSE("status", &o, "--bogus"), EXIT_USAGE);
    assert_int_equal(PARSE("status", &o, "--json=1"), EXIT_USAGE);
    assert_int_equal(PARSE("status", &o, "--socket"), EXIT_USAGE);
    assert_int_equal(PARSE("status", &o, "extra"), EXIT_USAGE);
    assert_int_equal(PARSE("status", &o, "--for", "2h"), EXIT_USAGE); /* another command's */
    assert_int_equal(PARSE("status", &o, "--lang", "fr"), EXIT_USAGE);
    assert_int_equal(PARSE("engine", &o, "--set", "novalue"), EXIT_USAGE);
    assert_int_equal(PARSE("submit", &o, "a/b", "OK"), EXIT_USAGE);
    assert_int_equal(PARSE("note", &o, "1", "2"), EXIT_USAGE);
}

static char *printed(void (*print)(FILE *to, void *arg), void *arg)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    print(f, arg);
    fclose(f);
    return text;
}

static void print_all(FILE *to, void *arg)
{
    (void)arg;
    cmd_help_all(NULL, to);
}

static void print_row(FILE *to, void *arg)
{
    cmd_help(NULL, arg, to);
}

/* What main itself does, since it needs the terminal. */
static bool is_of_the_console(const char *name)
{
    return name[0] == '\0' || strcmp(name, "doctor") == 0;
}

static void help_knows_every_command(void **state)
{
    (void)state;
    char *all = printed(print_all, NULL);
    for (const struct cmd_row *r = cmd_rows; r->name != NULL; r++) {
        char *one = printed(print_row, (void *)(uintptr_t)r);
        assert_non_null(strstr(all, r->name));
        assert_non_null(strstr(all, r->help));
        assert_non_null(strstr(one, r->help));
        assert_true(r->is_engine || r->run != NULL || is_of_the_console(r->name));
        if (r->options & OPT_SOCKET)
            assert_non_null(strstr(one, "--socket PATH"));
        free(one);
    }
    free(all);
}

static void print_columns(FILE *to, void *arg)
{
    cmd_columns_print(arg, to);
}

static void columns_count_by_the_screen(void **state)
{
    (void)state;
    struct cmd_columns *t = cmd_columns_new(3);
    cmd_columns_add(t, (const char *const[]){"a", "LỖI", "x"});
    cmd_columns_add(t, (const char *const[]){"long", "OK", "yy"});
    char *text = printed(print_columns, t);
    assert_string_equal(text, "a     LỖI  x\nlong  OK   yy\n");
    free(text);
    cmd_columns_free(t);
}

static const char *to_vietnamese(const char *msgid)
{
    return strcmp(msgid, "acknowledged by {0} until {1}") == 0 ? "{0} đã nhận đến {1}" : msgid;
}

static void sentences_are_translated_and_local(void **state)
{
    (void)state;
    struct cmd_env env = {.translate = to_vietnamese};
    char *packed = SAY("acknowledged by {0} until {1}", "lan", "2026-03-05T14:02:11.042Z");
    struct buf b = BUF_INIT(0);
    setenv("TZ", "UTC-7", 1);
    cmd_say(&env, &b, packed);
    assert_string_equal(buf_text(&b), "lan đã nhận đến 05/03 21:02");
    buf_release(&b);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(mistakes_are_usage),
        cmocka_unit_test(help_knows_every_command),
        cmocka_unit_test(columns_count_by_the_screen),
        cmocka_unit_test(sentences_are_translated_and_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
