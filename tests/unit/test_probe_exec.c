/* The exec kind and child.h: plugins that behave, and those that do not (PF9, PF10, HI6, TM7). */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "engine/child.h"
#include "tests/unit/probe_lab.h"

static char dir[] = "/tmp/tb-exec.XXXXXX";

static int setup(void **state)
{
    if (mkdtemp(dir) == NULL)
        return -1;
    *state = lab_new(false);
    return 0;
}

static int teardown(void **state)
{
    char command[64];
    lab_free(*state);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

/* Writes a plugin and returns its path. */
static const char *plugin(const char *name, const char *text, mode_t mode)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
    return path;
}

static void run(struct lab *lab, const char *script, int64_t timeout_ms)
{
    char json[512], text[2048];
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    snprintf(json, sizeof json, "{\"command\":[\"%s\"]}", plugin("p.sh", text, 0755));
    lab_probe_text(lab, "exec", json, timeout_ms);
}

static void on_pause(void *arg)
{
    loop_stop(arg);
}

static void pause_ms(struct lab *lab, int64_t ms)
{
    struct loop_timer *t = loop_timer_new(lab->loop, on_pause, lab->loop);
    loop_timer_set(t, ms, 0);
    loop_run(lab->loop);
    loop_timer_free(t);
}

/* Processes whose command line holds our folder; zombies are children of ours. */
static int processes(const char *what)
{
    int n = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; (d = readdir(proc)) != NULL;) {
        char path[300], line[512];
        snprintf(path, sizeof path, "/proc/%s/cmdline", d->d_name);
        int fd = atoi(d->d_name) > 0 ? open(path, O_RDONLY) : -1;
        if (fd < 0)
            continue;
        ssize_t len = read(fd, line, sizeof line - 1);
        close(fd);
        for (ssize_t i = 0; i < len; i++)
            if (line[i] == '\0')
                line[i] = ' ';
        line[len > 0 ? len : 0] = '\0';
        n += strstr(line, what) != NULL && atoi(d->d_name) != getpid();
    }
    closedir(proc);
    return n;
}

static void takes_exit_codes(void **state)
{
    struct lab *lab = *state;
    run(lab, "echo 'DISK OK - free 93% | /=2643MB;5948;5958;0;5968 inode=3%'", 5000);
    lab_expect(lab, STATE_OK, "DISK OK - free 93%");
    assert_true(lab_metric(lab, "/")->value == 2643);
    assert_string_equal(lab_metric(lab, "/")->unit, "MB");
    assert_string_equal(lab_metric(lab, "inode")->unit, "%");
    run(lab, "echo WARN; exit 1", 5000);
    lab_expect(lab, STATE_WARNING, "WARN");
    run(lab, "echo CRIT; exit 2", 5000);
    lab_expect(lab, STATE_CRITICAL, "CRIT");
    run(lab, "echo UNK; exit 3", 5000);
    lab_expect(lab, STATE_UNKNOWN, "UNK");
    assert_false(lab->seen.is_self);
}

static void calls_odd_ends_its_own_fault(void **state)
{
    struct lab *lab = *state;
    run(lab, "echo four; exit 4", 5000);
    lab_expect(lab, STATE_UNKNOWN, "plugin ended with exit code 4, expected 0 to 3: four");
    assert_true(lab->seen.is_self);
    run(lab, "no-such-command", 5000);
    assert_int_equal(lab->seen.state, STATE_UNKNOWN);
    assert_non_null(strstr(lab->words, "exit code 127"));
    run(lab, "echo dying; kill -9 $$", 5000);
    lab_expect(lab, STATE_UNKNOWN, "plugin killed by signal 9: dying");
    assert_true(lab->seen.is_self);
    run(lab, "exit 126", 5000);
    lab_expect(lab, STATE_UNKNOWN,
               "plugin ended with exit code 126, expected 0 to 3: the plugin printed nothing");
    run(lab, "kill -SEGV $$", 5000);
    lab_expect(lab, STATE_UNKNOWN, "plugin killed by signal 11: the plugin printed nothing");
    run(lab, "exit 139", 5000);
    lab_expect(lab, STATE_UNKNOWN,
               "plugin ended with exit code 139, expected 0 to 3: the plugin printed nothing");
    run(lab, "echo why >&2; exit 2", 5000);
    lab_expect(lab, STATE_CRITICAL, "why");
}

static void cuts_and_cleans_output(void **state)
{
    struct lab *lab = *state;
    run(lab, "head -c 10000000 /dev/zero | tr '\\0' x", 10000);
    assert_int_equal(lab->seen.state, STATE_OK);
    assert_true(strlen(lab->words) <= 512);
    run(lab, "head -c 10000000 /dev/zero | tr '\\0' x", 10000); /* the first has warmed up */
    assert_true(lab->rss_kib <= 64 + 64);
    run(lab, "yes '' | head -c 10000000; exit 2", 10000);
    lab_expect(lab, STATE_CRITICAL, "the plugin printed nothing");
    run(lab, "printf 'no newline'", 5000);
    lab_expect(lab, STATE_OK, "no newline");
    run(lab, "printf 'a\\000b\\033[31m\\377\\nsecond'", 5000);
    lab_expect(lab, STATE_OK, "a\\x00b\\x1b[31m\\xff");
}

/* PF9 */
static void ends_what_does_not_end(void **state)
{
    struct lab *lab = *state;
    /* with a child in the group and one out of it, all deaf to SIGTERM, all holding the pipe */
    run(lab, "trap '' TERM; sleep 641 & setsid sleep 642 & echo begun; while :; do sleep 0.1; done",
        500);
    lab_expect(lab, STATE_UNKNOWN, "plugin did not end within 500 ms");
    assert_true(lab->seen.is_self);
    assert_true(lab->took_ms < 1500);
    pause_ms(lab, 2700); /* less than 3 s after the timeout */
    assert_int_equal(processes(dir), 0);
    assert_int_equal(processes("sleep 641"), 0);
    assert_int_equal(processes("sleep 642"), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(children_count(lab->env.children), 0);
}

static void does_not_wait_for_grandchildren(void **state)
{
    struct lab *lab = *state;
    run(lab, "sleep 61 & echo done", 5000);
    lab_expect(lab, STATE_OK, "done");
    assert_true(lab->took_ms < 2000);
    run(lab, "setsid sleep 62 & sleep 0.2; echo done", 5000); /* out of the group, too */
    lab_expect(lab, STATE_OK, "done");
    pause_ms(lab, 700);
    assert_int_equal(processes("sleep 61"), 0);
    assert_int_equal(processes("sleep 62"), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie, no child at all */
}

/* TM7, F5: no terminal, no descriptor, no variable of ours. */
static void gives_it_nothing_of_ours(void **state)
{
    struct lab *lab = *state;
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    setenv("SECRET_OF_OURS", "x", 1);
    int leak = open("/dev/null", O_RDONLY); /* not O_CLOEXEC */
    run(lab,
        "(: </dev/tty) 2>/dev/null && echo tty; [ -n \"$SECRET_OF_OURS$LD_LIBRARY_PATH\" ] && "
        "echo env; ls /proc/self/fd | tr '\\n' ' '; pwd; umask; readlink /proc/self/fd/0",
        5000);
    lab_expect(lab, STATE_OK, "0 1 2 3 /");
    close(leak);
    run(lab, "[ $(ps -o sid= -p $$) = $$ ] && echo leader; ulimit -f", 5000);
    lab_expect(lab, STATE_OK, "leader");
}

/* HI6: what looks like shell is an argument; nothing is interpreted. */
static void never_uses_a_shell(void **state)
{
    struct lab *lab = *state;
    char json[512];
    const char *path = plugin("args.sh", "#!/bin/sh\nprintf '%s,' \"$@\"", 0755);
    snprintf(json, sizeof json,
             "{\"command\":[\"%s\",\"$(id)\",\"`id`\",\"; reboot\",\"a\\nb\",\"-rf\"]}", path);
    lab_probe_text(lab, "exec", json, 5000);
    lab_expect(lab, STATE_OK, "$(id),`id`,; reboot,a");
}

static void refuse(struct lab *lab, const char *path, const char *words)
{
    char json[512];
    snprintf(json, sizeof json, "{\"command\":[\"%s\"]}", path);
    lab_probe_text(lab, "exec", json, 2000);
    assert_int_equal(lab->seen.state, STATE_UNKNOWN);
    assert_true(lab->seen.is_self);
    if (strstr(lab->words, words) == NULL)
        fail_msg("%s: \"%s\", expected \"%s\"", path, lab->words, words);
}

static void refuses_what_others_can_write(void **state)
{
    struct lab *lab = *state;
    char link[128], open_dir[128], inner[160];
    refuse(lab, plugin("w.sh", "#!/bin/sh\necho hi\n", 0777), "is writable by others");
    refuse(lab, plugin("g.sh", "#!/bin/sh\necho hi\n", 0775), "is writable by others");
    refuse(lab, "/nonexistent/check_it", "No such file");
    refuse(lab, plugin("x.sh", "#!/bin/sh\necho hi\n", 0644), "Permission denied");
    snprintf(open_dir, sizeof open_dir, "%s/open", dir);
    assert_int_equal(mkdir(open_dir, 0777), 0);
    chmod(open_dir, 0777);
    snprintf(inner, sizeof inner, "open/p.sh");
    refuse(lab, plugin(inner, "#!/bin/sh\necho hi\n", 0755), "is writable by others");
    /* a link in a folder of others' to a file that is in order */
    const char *good = plugin("good.sh", "#!/bin/sh\necho hi\n", 0755);
    snprintf(link, sizeof link, "%s/open/link.sh", dir);
    assert_int_equal(symlink(good, link), 0);
    refuse(lab, link, "is writable by others");
    snprintf(link, sizeof link, "%s/link.sh", dir);
    assert_int_equal(symlink(good, link), 0);
    char json[256];
    snprintf(json, sizeof json, "{\"command\":[\"%s\"]}", link);
    lab_probe_text(lab, "exec", json, 2000);
    lab_expect(lab, STATE_OK, "hi");
}

static void refuses_bad_options(void **state)
{
    static const char *const bad[][2] = {
        {"{\"command\":[\"relative\"]}", "not an absolute path"},
        {"{\"command\":[]}", "is empty"},
        {"{\"command\":[\"/x\"],\"environment\":{\"A B\":\"1\"}}", "not the name of a variable"},
        {"{\"command\":[\"/x\"],\"environment\":{\"LD_PRELOAD\":\"1\"}}", "cannot be set"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err e = {""};
        assert_null(lab_config("exec", bad[i][0], &e));
        assert_non_null(strstr(e.text, bad[i][1]));
    }
}

static void cancels(void **state)
{
    struct lab *lab = *state;
    const struct probe_type *type = probe_find("exec");
    char json[256];
    struct err e;
    snprintf(json, sizeof json, "{\"command\":[\"%s\"]}",
             plugin("c.sh", "#!/bin/sh\nsleep 63\n", 0755));
    void *config = lab_config("exec", json, &e);
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 5000};
    lab->done = 0;
    type->cancel(type->start(&lab->env, config, &job, lab_on_done, lab));
    pause_ms(lab, 500);
    assert_int_equal(lab->done, 0);
    assert_int_equal(processes("sleep 63"), 0);
    assert_int_equal(children_count(lab->env.children), 0);
    lab_config_free("exec", config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_exit_codes),
        cmocka_unit_test(calls_odd_ends_its_own_fault),
        cmocka_unit_test(cuts_and_cleans_output),
        cmocka_unit_test(ends_what_does_not_end),
        cmocka_unit_test(does_not_wait_for_grandchildren),
        cmocka_unit_test(gives_it_nothing_of_ours),
        cmocka_unit_test(never_uses_a_shell),
        cmocka_unit_test(refuses_what_others_can_write),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(cancels),
    };
    return cmocka_run_group_tests_name("probe_exec", tests, setup, teardown);
}
