/* Failpoints: nothing without the environment, only what is named, only while the file exists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/failpoint.h"
#include "tests/unit/scratch.h"

#ifdef TRUCBAN_FAILPOINTS
static void test_named_only(void **state)
{
    (void)state;
    unsetenv("FP");
    assert_false(FP_ERR("a.b"));
    setenv("FP", "a.b:err,c.d:sleep1", 1);
    assert_true(FP_ERR("a.b"));
    assert_false(FP_ERR("a.b.c"));
    assert_false(FP_ERR("a"));
    assert_false(FP_ERR("c.d"));
    setenv("FP", "", 1);
    assert_false(FP_ERR("a.b"));
    setenv("FP", "a.b:nonsense,:,a.b", 1);
    assert_false(FP_ERR("a.b"));
    unsetenv("FP");
}

static void test_by_file(void **state)
{
    (void)state;
    struct scratch tmp;
    char flag[300], fp[700];
    scratch_make(&tmp);
    scratch_path(&tmp, "flag", flag);
    snprintf(fp, sizeof fp, "a.b:err@%s,c.d:once@%s", flag, flag);
    setenv("FP", fp, 1);
    assert_false(FP_ERR("a.b"));
    fclose(fopen(flag, "w"));
    assert_true(FP_ERR("a.b"));
    assert_true(FP_ERR("a.b"));
    assert_true(FP_ERR("c.d"));
    assert_false(FP_ERR("c.d"));
    assert_false(FP_ERR("a.b"));
    unsetenv("FP");
    scratch_remove(&tmp);
}

static void test_kill(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        setenv("FP", "a.b:kill9", 1);
        FP("a.b");
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}
#endif

static void test_off_means_off(void **state)
{
    (void)state;
#ifndef TRUCBAN_FAILPOINTS
    setenv("FP", "a.b:err", 1);
#endif
    assert_false(FP_ERR("a.b"));
    FP("a.b");
    unsetenv("FP");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef TRUCBAN_FAILPOINTS
        cmocka_unit_test(test_named_only),
        cmocka_unit_test(test_by_file),
        cmocka_unit_test(test_kill),
#endif
        cmocka_unit_test(test_off_means_off),
    };
    return cmocka_run_group_tests_name("failpoint", tests, NULL, NULL);
}
