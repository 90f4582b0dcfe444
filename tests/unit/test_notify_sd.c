/* notify_sd.h: which address, whose watchdog; nothing waits and nothing is inherited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/notify_sd.h"
#include "tests/unit/scratch.h"

static int bound(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof at.sun_path);
    memcpy(at.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void is_message(int fd, const char *wanted)
{
    char got[2048];
    ssize_t n = recv(fd, got, sizeof got - 1, 0);
    assert_true(n >= 0);
    got[n] = '\0';
    assert_string_equal(got, wanted);
}

static void tells_by_one_datagram(void **state)
{
    (void)state;
    struct scratch s;
    struct notify_sd n;
    char path[300];
    scratch_make(&s);
    int fd = bound(scratch_path(&s, "n", path));
    setenv("NOTIFY_SOCKET", path, 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
    notify_sd_open(&n);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_int_equal(n.watchdog_ms, 30000);
    notify_sd_send(&n, "READY=1", "5 targets");
    is_message(fd, "READY=1\nSTATUS=5 targets");
    notify_sd_send(&n, "", "6 targets");
    is_message(fd, "STATUS=6 targets");
    notify_sd_send(&n, "WATCHDOG=1", NULL);
    is_message(fd, "WATCHDOG=1");
    for (int i = 0; i < 5000; i++) /* nobody reads: dropped, not waited for */
        notify_sd_send(&n, "WATCHDOG=1", NULL);
    close(fd);
    notify_sd_send(&n, "WATCHDOG=1", NULL); /* nobody is there any more */
    notify_sd_close(&n);
    scratch_remove(&s);
}

static void watchdog(const char *usec, const char *pid, int64_t wanted_ms)
{
    struct notify_sd n;
    setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    setenv("WATCHDOG_USEC", usec, 1);
    if (pid)
        setenv("WATCHDOG_PID", pid, 1);
    notify_sd_open(&n);
    assert_int_equal(n.watchdog_ms, wanted_ms);
    notify_sd_close(&n);
}

static void knows_whose_watchdog_it_is(void **state)
{
    (void)state;
    char own[24];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    watchdog("2000000", own, 2000);
    watchdog("2000000", NULL, 2000);
    watchdog("2000000", "1", 0);
    watchdog("2000000", "mine", 0);
    watchdog("0", NULL, 0);
    watchdog("-5", NULL, 0);
    watchdog("2s", NULL, 0);
    watchdog("99999999999999999999", NULL, 0);
    watchdog("1", NULL, 1);
}

static void leaves_odd_addresses_alone(void **state)
{
    (void)state;
    char longest[200];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    const char *const odd[] = {"", "/", "@", "relative", "vsock:2:1", longest};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct notify_sd n;
        setenv("NOTIFY_SOCKET", odd[i], 1);
        notify_sd_open(&n);
        assert_int_equal(n.fd, -1);
        notify_sd_send(&n, "READY=1", NULL);
        notify_sd_reloading(&n);
        notify_sd_close(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_by_one_datagram),
        cmocka_unit_test(knows_whose_watchdog_it_is),
        cmocka_unit_test(leaves_odd_addresses_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
