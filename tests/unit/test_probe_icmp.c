/* The icmp kind, in a network of its own where the kernel can be told not to answer, and who may
 * send.  Where no such network can be made the whole program is skipped. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "tests/unit/probe_lab.h"

static bool set(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_ok = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
    if (fd >= 0)
        close(fd);
    return is_ok;
}

#define RANGE  "/proc/sys/net/ipv4/ping_group_range"
#define IGNORE "/proc/sys/net/ipv4/icmp_echo_ignore_all"

/* Root's own way, or with a user namespace in which we are. */
static bool make_network(void)
{
    struct ifreq lo = {.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
    char map[64];
    uid_t uid = getuid();
    gid_t gid = getgid();

    if (unshare(CLONE_NEWNET) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
            return false;
        snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
        set("/proc/self/setgroups", "deny");
        if (!set("/proc/self/uid_map", map))
            return false;
        snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
        if (!set("/proc/self/gid_map", map))
            return false;
    }
    snprintf(lo.ifr_name, sizeof lo.ifr_name, "lo");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    close(fd);
    return is_up && set(IGNORE, "0");
}

static void set_raw_right(bool has_it)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    assert_int_equal(syscall(SYS_capget, &head, data), 0);
    if (has_it)
        data[0].effective |= 1u << CAP_NET_RAW;
    else
        data[0].effective &= ~(1u << CAP_NET_RAW);
    assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

static int setup(void **state)
{
    *state = lab_new(false);
    return 0;
}

static int teardown(void **state)
{
    set(IGNORE, "0");
    lab_free(*state);
    return 0;
}

static double value(const struct lab *lab, const char *metric)
{
    const struct metric *m = lab_metric(lab, metric);
    assert_non_null(m);
    return m->value;
}

static void expect_all_of_three(struct lab *lab)
{
    if (lab->seen.state != STATE_OK || strncmp(lab->words, "3 of 3 answered, in ", 20) != 0)
        fail_msg("found \"%s\"", lab->words);
    assert_true(value(lab, "loss_pct") == 0 && value(lab, "received") == 3);
    assert_true(lab->seen.latency_ms >= 0 && lab->seen.latency_ms < 500);
    assert_true(value(lab, "rtt_min_ms") <= lab->seen.latency_ms);
    assert_true(value(lab, "rtt_max_ms") >= lab->seen.latency_ms);
}

static const char *const hosts[] = {"127.0.0.1", "localhost", "::1"};

static size_t n_hosts(void) /* a kernel may be without IPv6 */
{
    return access("/proc/net/if_inet6", F_OK) == 0 ? 3 : 2;
}

static void look_at_all(struct lab *lab)
{
    char json[64];
    for (size_t i = 0; i < n_hosts(); i++) {
        snprintf(json, sizeof json, "{\"host\":\"%s\",\"gap\":\"20ms\"}", hosts[i]);
        lab_probe_text(lab, "icmp", json, 5000);
        expect_all_of_three(lab);
        assert_true(lab->took_ms >= 38 && lab->took_ms < 900); /* ends with the last reply */
    }
}

static void answers_on_a_raw_socket(void **state)
{
    assert_true(set(RANGE, "1 0"));
    look_at_all(*state);
}

static void answers_on_a_socket_for_anybody(void **state)
{
    assert_true(set(RANGE, "0 0"));
    set_raw_right(false);
    look_at_all(*state);
    set_raw_right(true);
}

/* PF11: our own fault, in one sentence that is the same for all. */
static void tells_that_it_may_not(void **state)
{
    struct lab *lab = *state;
    assert_true(set(RANGE, "1 0"));
    set_raw_right(false);
    for (size_t i = 0; i < n_hosts(); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"host\":\"%s\"}", hosts[i]);
        lab_probe_text(lab, "icmp", json, 5000);
        lab_expect(lab, STATE_UNKNOWN, "cannot send ICMP: Operation not permitted");
        assert_true(lab->seen.is_self);
        assert_null(lab_metric(lab, "loss_pct"));
    }
    set_raw_right(true);
}

static void silence_ends(void **state)
{
    struct lab *lab = *state;
    assert_true(set(IGNORE, "1"));
    lab_probe_text(lab, "icmp", "{\"gap\":\"20ms\",\"wait\":\"300ms\"}", 5000);
    lab_expect(lab, STATE_CRITICAL, "no reply to 3 echo requests, the last within 300 ms");
    assert_true(lab->took_ms >= 330 && lab->took_ms < 900);
    assert_true(value(lab, "loss_pct") == 100);
    assert_false(lab->seen.is_self);
    lab_probe_text(lab, "icmp", "{\"wait\":\"9s\"}", 400); /* the check's timeout counts */
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_true(lab->took_ms >= 390 && lab->took_ms < 900);
    assert_true(set(IGNORE, "0"));
}

static void on_mute(void *arg)
{
    (void)arg;
    set(IGNORE, "1");
}

/* The host falls silent while it is asked: what came is told, with what did not. */
static void some_is_not_all(void **state)
{
    struct lab *lab = *state;
    struct loop_timer *mute = loop_timer_new(lab->loop, on_mute, NULL);
    loop_timer_set(mute, 250, 0);
    lab_probe_text(lab, "icmp", "{\"count\":6,\"gap\":\"100ms\",\"wait\":\"200ms\"}", 5000);
    loop_timer_free(mute);
    assert_true(set(IGNORE, "0"));
    assert_int_equal(lab->seen.state, STATE_OK);
    assert_non_null(strstr(lab->words, " of 6 answered"));
    double loss = value(lab, "loss_pct"), lost = 6 - value(lab, "received");
    assert_true(lost >= 1 && lost <= 5 && loss > lost * 16.6 && loss < lost * 16.7);
    const struct threshold *t = probe_find("icmp")->thresholds;
    result_judge(&lab->seen, t, 1);
    assert_int_equal(lab->seen.state, loss >= 80   ? STATE_CRITICAL
                                      : loss >= 40 ? STATE_WARNING
                                                   : STATE_OK);
}

static void nobody_can_be_reached(void **state)
{
    struct lab *lab = *state;
    lab_probe_text(lab, "icmp", "{\"host\":\"203.0.113.9\"}", 3000);
    lab_expect(lab, STATE_CRITICAL, "network unreachable");
    assert_true(lab->took_ms < 500);
    lab_probe_text(lab, "icmp", "{\"host\":\"\"}", 3000);
    lab_expect(lab, STATE_UNKNOWN, "the target has no address");
}

static void no_descriptor_is_our_own_fault(void **state)
{
    struct lab *lab = *state;
    struct rlimit before, low;
    int next = dup(0);
    getrlimit(RLIMIT_NOFILE, &before);
    close(next);
    low = before;
    low.rlim_cur = (rlim_t)next;
    setrlimit(RLIMIT_NOFILE, &low);
    lab_probe_text(lab, "icmp", "{}", 2000);
    setrlimit(RLIMIT_NOFILE, &before);
    lab_expect(lab, STATE_UNKNOWN, "trucban itself is out of file descriptors");
    assert_true(lab->seen.is_self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_on_a_raw_socket),
        cmocka_unit_test(answers_on_a_socket_for_anybody),
        cmocka_unit_test(tells_that_it_may_not),
        cmocka_unit_test(silence_ends),
        cmocka_unit_test(some_is_not_all),
        cmocka_unit_test(nobody_can_be_reached),
        cmocka_unit_test(no_descriptor_is_our_own_fault),
    };
    if (!make_network()) {
        printf("no network of our own can be made here: %s\n", strerror(errno));
        return 77;
    }
    return cmocka_run_group_tests_name("probe_icmp", tests, setup, teardown);
}
