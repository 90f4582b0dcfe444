/* LD3, LD4: two hundred looks a second at fifty hosts, each in its time; and a host whose forty
 * checks all hang makes nobody else late.
 *
 * The servers are on the test's own loop, so the CPU that is counted is theirs too. */
#include <dirent.h>
#include <sys/resource.h>

#include "core/fleet.h"
#include "engine/scheduler.h"
#include "engine/spec.h"
#include "tests/unit/canned.h"
#include "tests/unit/probe_lab.h"

#define PER_HOST   40
#define HOSTS      50
#define CHECKS     (HOSTS * PER_HOST)
#define TIMEOUT_MS 2000
#define BUSY_MS    500 /* beyond the figure: the machine has other work */
#define LATE_MAX   64  /* histogram of delays, 20 ms a bar */

struct field {
    struct lab *lab;
    struct fleet *fleet;
    struct check_spec specs[CHECKS];
    int64_t first_ms[CHECKS]; /* when a check was started first */
    struct canned good, mute;
    size_t n_checks, n_mute, n_results, n_wrong, wanted, most_fds;
    int64_t interval_ms;
    size_t late[LATE_MAX];
};

static const char *answer(void *arg, const char *request)
{
    (void)arg;
    if (strstr(request, "\r\n\r\n") == NULL)
        return NULL;
    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
}

static const char *no_answer(void *arg, const char *request)
{
    (void)arg;
    (void)request;
    return CANNED_SILENT;
}

static void add_check(struct field *f, size_t i, int port)
{
    struct check_spec *s = &f->specs[i];
    struct err e;
    char json[128], id[32], name[32];
    size_t host = i % HOSTS;
    snprintf(id, sizeof id, "h%zu", host + 1);
    snprintf(name, sizeof name, "c%zu", i / HOSTS);
    snprintf(json, sizeof json, "{\"url\":\"http://127.8.1.%zu:%d/ok\"}", host + 1, port);
    s->type = probe_find("http");
    s->config = lab_config("http", json, &e);
    assert_non_null(s->config);
    struct target *t = fleet_target(f->fleet, id);
    s->check = fleet_add_check(f->fleet, t != NULL ? t : fleet_add_target(f->fleet, id), name);
    s->check->rule = (struct rule_config){.interval_ms = f->interval_ms,
                                          .retry_ms = f->interval_ms,
                                          .timeout_ms = TIMEOUT_MS,
                                          .attempts = 3,
                                          .ok_confirm = 2};
    s->check->spec = s;
    mem_set(&s->check->probe, "http");
    s->next = i + 1 < f->n_checks ? s + 1 : NULL;
}

static size_t open_fds(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 3; /* its own, and two names that are no descriptors */
}

/* Slots do not move: what a later start is off the grid of the first is how late it was (or the
 * first, then all later ones seem early). */
static void note_start(struct field *f, size_t i, int64_t started_ms)
{
    if (f->first_ms[i] == 0) {
        f->first_ms[i] = started_ms;
        return;
    }
    int64_t off = (started_ms - f->first_ms[i]) % f->interval_ms;
    off = off > f->interval_ms / 2 ? f->interval_ms - off : off;
    f->late[off / 20 < LATE_MAX ? off / 20 : LATE_MAX - 1]++;
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    size_t i = (size_t)((const struct check_spec *)c->spec - f->specs);
    bool is_mute = i % HOSTS < f->n_mute;
    fleet_apply_result(f->fleet, c, r, loop_mono_ms(f->lab->loop));
    fleet_clean(f->fleet);
    f->n_wrong += r->state != (is_mute ? STATE_CRITICAL : STATE_OK) || r->is_self;
    if (f->n_results++ % 64 == 0) {
        size_t n = open_fds();
        f->most_fds = n > f->most_fds ? n : f->most_fds;
    }
    if (is_mute)
        return;
    note_start(f, i, r->started_mono_ms);
    if (--f->wanted == 0)
        loop_stop(f->lab->loop);
}

static int64_t late_p99(const struct field *f)
{
    size_t all = 0, seen = 0;
    for (size_t i = 0; i < LATE_MAX; i++)
        all += f->late[i];
    assert_true(all > 0);
    for (size_t i = 0; i < LATE_MAX; i++) {
        seen += f->late[i];
        if (seen * 100 >= all * 99)
            return (int64_t)(i + 1) * 20;
    }
    return LATE_MAX * 20;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Returns the share of a core that it took. */
static double run(struct field *f, struct scheduler_figures *figures)
{
    struct scheduler *s = scheduler_new(&f->lab->env, f->specs, on_result, f);
    int64_t from_ms = loop_mono_ms(f->lab->loop);
    double from_s = cpu_s();
    scheduler_start(s);
    loop_run(f->lab->loop);
    double share = (cpu_s() - from_s) * 1000 / (double)(loop_mono_ms(f->lab->loop) - from_ms);
    scheduler_figures(s, figures);
    scheduler_free(s);
    for (size_t i = 0; i < f->n_checks; i++)
        lab_config_free("http", f->specs[i].config);
    return share;
}

static void two_hundred_a_second(void **state)
{
    struct field *f = *state;
    struct scheduler_figures figures;
    f->n_checks = CHECKS;
    f->interval_ms = 10000;
    f->wanted = 2 * CHECKS - 1;
    for (size_t i = 0; i < f->n_checks; i++)
        add_check(f, i, f->good.port);
    double share = run(f, &figures);
    print_message(
        "2,000 in 10 s: started late by %lld ms at most, p99 off their slot %lld ms; %.0f "
        "%% of a core, servers too; %zu descriptors\n",
        (long long)figures.late_max_ms, (long long)late_p99(f), 100 * share, f->most_fds);
    assert_int_equal(f->n_wrong, 0);
    assert_true(late_p99(f) <= 250 + BUSY_MS);
    assert_true(share <= 0.6);
    assert_true(f->most_fds <= 300);
}

static void one_host_hangs(void **state)
{
    struct field *f = *state;
    struct scheduler_figures figures;
    f->n_checks = CHECKS / 2;
    f->interval_ms = 5000;
    f->n_mute = 1;
    f->wanted = 2 * (f->n_checks - f->n_checks / HOSTS) - 1;
    for (size_t i = 0; i < f->n_checks; i++)
        add_check(f, i, i % HOSTS < f->n_mute ? f->mute.port : f->good.port);
    run(f, &figures);
    print_message("one host hangs: the others' p99 off their slot %lld ms\n",
                  (long long)late_p99(f));
    assert_int_equal(f->n_wrong, 0);
    assert_true(late_p99(f) <= 250 + BUSY_MS);
}

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    f->lab = lab_new(false);
    f->fleet = fleet_new();
    canned_open(&f->good, f->lab->loop, "0.0.0.0", answer, NULL);
    canned_open(&f->mute, f->lab->loop, "0.0.0.0", no_answer, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct field *f = *state;
    canned_close(&f->good);
    canned_close(&f->mute);
    lab_free(f->lab);
    fleet_free(f->fleet);
    free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_hundred_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(one_host_hangs, setup, teardown)};
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
