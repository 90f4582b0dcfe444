/* Where socket and state are, by options, environment and rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/paths.h"

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static const char *xdg_env(const char *name)
{
    if (strcmp(name, "XDG_RUNTIME_DIR") == 0)
        return "/run/user/7";
    if (strcmp(name, "XDG_STATE_HOME") == 0)
        return "/nest/lan/.state";
    return strcmp(name, "HOME") == 0 ? "/nest/lan" : NULL;
}

static const char *home_env(const char *name)
{
    return strcmp(name, "HOME") == 0 ? "/nest/lan" : NULL;
}

static const char *set_env(const char *name)
{
    if (strcmp(name, "TRUCBAN_SOCKET") == 0)
        return "/tmp/a.sock";
    if (strcmp(name, "TRUCBAN_STATE") == 0)
        return "/tmp/state";
    return strcmp(name, "TRUCBAN_SITE") == 0 ? "/tmp/site.json" : NULL;
}

static void is(char *got, const char *want)
{
    assert_non_null(got);
    assert_string_equal(got, want);
    free(got);
}

static void what_is_given_wins(void **state)
{
    (void)state;
    struct err e = {""};
    is(paths_socket("/x/y.sock", "demo", NULL, set_env, &e), "/x/y.sock");
    is(paths_socket(NULL, "demo", NULL, set_env, &e), "/tmp/a.sock");
    is(paths_state_dir("/x", set_env, &e), "/x");
    is(paths_state_dir(NULL, set_env, &e), "/tmp/state");
    is(paths_site_file("f.json", set_env, &e), "f.json");
    is(paths_site_file(NULL, set_env, &e), "/tmp/site.json");
}

static void else_by_the_rules(void **state)
{
    (void)state;
    struct err e = {""};
    is(paths_socket(NULL, "demo-7", NULL, xdg_env, &e), "/run/user/7/trucban/demo-7.sock");
    is(paths_socket(NULL, "demo-7", NULL, home_env, &e),
       "/nest/lan/.local/state/trucban/demo-7.sock");
    is(paths_socket(NULL, "demo-7", "/st", home_env, &e), "/st/demo-7.sock");
    is(paths_state_dir(NULL, xdg_env, &e), "/nest/lan/.state/trucban");
    assert_null(paths_state_dir(NULL, no_env, &e));
    assert_non_null(strstr(e.text, "--state"));
    assert_null(paths_socket(NULL, NULL, NULL, no_env, &e));
    assert_non_null(strstr(e.text, "--site"));
}

static void no_site_names_the_drill(void **state)
{
    (void)state;
    struct err e = {""};
    if (access(PATHS_SITE_FILE, R_OK) == 0) {
        print_message("skip no_site_names_the_drill: this machine has %s\n", PATHS_SITE_FILE);
        skip();
    }
    assert_null(paths_site_file(NULL, no_env, &e));
    assert_non_null(strstr(e.text, "trucban drill"));
}

static void a_socket_path_has_a_length(void **state)
{
    (void)state;
    char path[200];
    struct err e = {""};
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[107] = '\0';
    assert_true(paths_check_socket(path, &e));
    path[107] = 'a';
    path[108] = '\0';
    assert_false(paths_check_socket(path, &e));
    assert_non_null(strstr(e.text, "107"));
    assert_false(paths_check_socket("", &e));
    assert_null(paths_socket(path, NULL, NULL, no_env, &e));
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void only_the_id_is_read(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-paths-XXXXXX", path[64];
    struct err e = {""};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/site.json", dir);
    write_file(path, "{\"site\":{\"id\":\"demo\"},\"whatever\":[1]}");
    is(paths_site_id(path, &e), "demo");
    static const char *const bad[] = {"{\"site\":{}}", "{\"site\":{\"id\":7}}", "{", "",
                                      "{\"site\":{\"id\":\"../../etc/x\"}}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_file(path, bad[i]);
        e.text[0] = '\0';
        assert_null(paths_site_id(path, &e));
        assert_non_null(strstr(e.text, path)); /* the message says which file */
    }
    unlink(path);
    assert_null(paths_site_id(path, &e));
    assert_non_null(strstr(e.text, "No such file"));
    rmdir(dir);
}

static void folders_are_made_private(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-paths-XXXXXX", path[64], file[80];
    struct err e = {""};
    struct stat st;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a/b", dir);
    snprintf(file, sizeof file, "%s/c.sock", path);
    assert_true(paths_make_parent(file, &e));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(paths_make_dir(path, &e)); /* again is fine */
    write_file(file, "x");
    assert_false(paths_make_dir(file, &e));
    assert_non_null(strstr(e.text, "Not a directory"));
    unlink(file);
    rmdir(path);
    snprintf(path, sizeof path, "%s/a", dir);
    rmdir(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_wins),      cmocka_unit_test(else_by_the_rules),
        cmocka_unit_test(no_site_names_the_drill), cmocka_unit_test(a_socket_path_has_a_length),
        cmocka_unit_test(only_the_id_is_read),     cmocka_unit_test(folders_are_made_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
