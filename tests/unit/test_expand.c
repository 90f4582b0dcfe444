/* ${name} in strings, and "did you mean". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "engine/expand.h"
#include "engine/nearest.h"
#include "engine/place.h"

static const char *find(const void *arg, const char *name, struct err *e)
{
    (void)arg;
    if (strcmp(name, "id") == 0)
        return "web-01";
    if (strcmp(name, "tricky") == 0 || strcmp(name, "label.tricky") == 0)
        return "${id}";
    if (strcmp(name, "empty") == 0)
        return "";
    err_set(e, "no \"%s\"", name);
    return NULL;
}

static void gives(const char *in, const char *out)
{
    struct err e;
    char *text = expand_text(in, find, NULL, &e);
    assert_non_null(text);
    assert_string_equal(text, out);
    free(text);
}

/* What the site does not own waits for its kind; nothing of the site's comes alive there. */
static void names_of_others_stay(void **state)
{
    static const char *const rows[][2] = {
        {"${id}/${login.token}", "web-01/${login.token}"},
        {"$${x} ${run.key}${id}", "$${x} ${run.key}web-01"},
        {"${label.tricky}", "$${id}"},
        {"${idx}", "${idx}"},
    };
    struct err e;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = expand_early(rows[i][0], find, NULL, &e);
        assert_string_equal(text, rows[i][1]);
        free(text);
    }
    assert_null(expand_early("${var.prot}", find, NULL, &e));
    assert_string_equal(e.text, "no \"var.prot\"");
    assert_null(expand_early("${login", find, NULL, &e));
    assert_string_equal(e.text, "found \"${\" without \"}\"; a literal one is written \"$${\"");
}

static void names_are_replaced_once(void **state)
{
    (void)state;
    gives("", "");
    gives("plain $ {x} $$ }", "plain $ {x} $$ }");
    gives("${id}", "web-01");
    gives("a-${id}-${id}b", "a-web-01-web-01b");
    gives("[${empty}]", "[]");
    gives("${tricky}", "${id}"); /* a value is not looked into */
    gives("$${id} ${id}", "${id} web-01");
}

static void refuses(const char *in, const char *why)
{
    struct err e;
    assert_null(expand_text(in, find, NULL, &e));
    if (strstr(e.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    refuses("${nobody}", "no \"nobody\"");
    refuses("x ${id", "without \"}\"");
    refuses("${}", "nothing in it");
    char *many = mem_alloc(200000);
    for (size_t i = 0; i < 100000; i += 5)
        memcpy(many + i, "${id}", 5);
    refuses(many, "longer than");
    free(many);
}

static const char *meant(const char *wanted)
{
    static const char *const known[] = {"interval", "timeout", "url", "id"};
    struct nearest n = NEAREST_INIT(wanted);
    for (size_t i = 0; i < 4; i++)
        nearest_try(&n, known[i]);
    return n.best;
}

static void the_nearest_name_is_close(void **state)
{
    (void)state;
    assert_string_equal(meant("intervall"), "interval");
    assert_string_equal(meant("timeuot"), "timeout");
    assert_string_equal(meant("ulr1"), "url");
    assert_null(meant("colour"));
    assert_null(meant("xyz"));
    char long_name[500];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_null(meant(long_name));
}

static void places_are_json_pointers(void **state)
{
    (void)state;
    struct place file = PLACE_FILE("s.json"), list = PLACE_KEY(&file, "targets"),
                 item = PLACE_INDEX(&list, 3), key = PLACE_KEY(&item, "a/b~c");
    struct buf out = BUF_INIT(256);
    place_text(&key, &out);
    assert_string_equal(buf_text(&out), "s.json: /targets/3/a~1b~0c");
    buf_clear(&out);
    place_text(&file, &out);
    assert_string_equal(buf_text(&out), "s.json");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_replaced_once),  cmocka_unit_test(names_of_others_stay),
        cmocka_unit_test(mistakes_are_told),        cmocka_unit_test(the_nearest_name_is_close),
        cmocka_unit_test(places_are_json_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
