/* rulesbench.c RESULTS: what the rules alone cost: each result into the fleet, each change decided
 * on and folded, as the engine does it, without journal and screen.  Counts what is asked of the
 * allocator.
 *
 * Ten thousand checks on 2,500 targets, each behind a switch.  First results that change nothing
 * but their words and figures, every tenth check a problem with an open alert; then one check in a
 * thousand also goes down and up.
 * Prints "steady RESULTS_A_SECOND allocations N changing RESULTS_A_SECOND events N". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/alert.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"

#define TARGETS      2500
#define PER_TARGET   4
#define CLEAN_EVERY  1000 /* results that the hub takes together */
#define CHANGE_EVERY 1000
#define WALL_MS      1772692800000LL
#define SAYINGS      8

struct bench {
    struct fleet *fleet;
    int64_t now_ms;
    uint64_t seq;
    long events;
    struct result ok[SAYINGS], bad[SAYINGS]; /* as probes would bring them, in turn */
};

/* The linker leads every call of our own code here (tests/programs.mk). */
static long allocations;
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes)
{
    allocations++;
    return __real_malloc(bytes);
}
void *__wrap_calloc(size_t n, size_t bytes)
{
    allocations++;
    return __real_calloc(n, bytes);
}
void *__wrap_realloc(void *p, size_t bytes)
{
    allocations++;
    return __real_realloc(p, bytes);
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make_site(struct bench *b)
{
    char id[32], name[16];
    b->fleet = fleet_new();
    for (int i = 0; i < TARGETS; i++) {
        snprintf(id, sizeof id, i % 20 == 0 ? "sw-%03d" : "srv-%04d", i % 20 == 0 ? i / 20 : i);
        struct target *t = fleet_add_target(b->fleet, id);
        t->link = LINK_DONE;
        if (i % 20 != 0) {
            snprintf(id, sizeof id, "sw-%03d", i / 20);
            t->parents = mem_grow(NULL, 1, sizeof *t->parents);
            t->parents[t->n_parents++] = mem_strdup(id);
        }
        for (int k = 0; k < PER_TARGET; k++) {
            snprintf(name, sizeof name, "check-%d", k);
            struct check *c = fleet_add_check(b->fleet, t, name);
            mem_set(&c->probe, k == 0 ? "icmp" : "http");
            c->priority = PRIORITY_P3;
            c->rule = (struct rule_config){.interval_ms = 30000,
                                           .retry_ms = 10000,
                                           .timeout_ms = 5000,
                                           .attempts = 3,
                                           .ok_confirm = 2};
        }
    }
    fleet_link(b->fleet);
}

static void make_results(struct bench *b)
{
    static const char *const ms[SAYINGS] = {"9 ms",  "12 ms", "104 ms", "7 ms",
                                            "33 ms", "8 ms",  "1.2 s",  "15 ms"};
    for (int i = 0; i < SAYINGS; i++) {
        b->ok[i] = (struct result){.latency_ms = 9 + i};
        b->bad[i] = (struct result){.latency_ms = 9 + i};
        result_say(&b->ok[i], STATE_OK, SAY(N_("HTTP {0} in {1}"), "200", ms[i]));
        result_say(&b->bad[i], STATE_CRITICAL, SAY(N_("HTTP {0} in {1}"), "502", ms[i]));
        result_metric(&b->ok[i], "bytes", 4096 + i, "B");
        result_metric(&b->bad[i], "bytes", 4096 + i, "B");
    }
}

static struct moment now_is(const struct bench *b)
{
    return (struct moment){WALL_MS + b->now_ms, b->now_ms};
}

static void decide(struct bench *b, struct check *c)
{
    struct event out[ALERT_EVENTS_MAX];
    size_t n = alert_reconcile(b->fleet, c, now_is(b), true, b->fleet->next_alert, out);
    for (size_t i = 0; i < n; i++) {
        out[i].seq = ++b->seq;
        fleet_fold(b->fleet, &out[i]);
        struct alert *a = out[i].alert != 0 ? fleet_alert(b->fleet, out[i].alert) : NULL;
        if (a != NULL)
            alert_anchor(b->fleet, a, now_is(b));
        event_release(&out[i]);
        b->events++;
    }
}

/* As the engine takes a result; also asked where an alert is open, which it need not be. */
static void take(struct bench *b, struct check *c, const struct result *seen)
{
    struct result r = *seen;
    r.started_mono_ms = b->now_ms;
    r.at_ms = WALL_MS + b->now_ms;
    int flags = fleet_apply_result(b->fleet, c, &r, b->now_ms);
    if ((flags & ~RULE_SOFT) != 0 || c->alert != 0)
        decide(b, c);
}

static bool is_broken(const struct bench *b, size_t check, long round, long change_every)
{
    (void)b;
    return check % 10 == 3 ||
           (change_every > 0 && (long)check % change_every == 7 && round % 8 < 4);
}

/* Results a second of our own processor time. */
static double run(struct bench *b, long results, long change_every)
{
    double from = cpu_s();
    long n = 0;
    for (long round = 0; n < results; round++)
        for (size_t i = 0; i < b->fleet->n_checks && n < results; i++, n++) {
            const struct result *from_list = is_broken(b, i, round, change_every) ? b->bad : b->ok;
            b->now_ms += i % 64 == 0;
            take(b, b->fleet->checks[i], &from_list[(size_t)(n + round) % SAYINGS]);
            if (n % CLEAN_EVERY == 0)
                fleet_clean(b->fleet);
        }
    return (double)n / (cpu_s() - from);
}

int main(int argc, char **argv)
{
    struct bench b = {.now_ms = 1000};
    long results = argc == 2 ? atol(argv[1]) : 0;
    if (results <= 0)
        return 64;
    make_site(&b);
    make_results(&b);
    run(&b, 20L * TARGETS * PER_TARGET, 0); /* everything has its room and its alert */
    allocations = 0;
    double steady = run(&b, results, 0);
    long steady_allocations = allocations;
    b.events = 0;
    double changing = run(&b, results, CHANGE_EVERY);
    printf("steady %.0f allocations %ld changing %.0f events %ld alerts %zu\n", steady,
           steady_allocations, changing, b.events, fleet_count_open(b.fleet, NULL));
    for (int i = 0; i < SAYINGS; i++) {
        result_release(&b.ok[i]);
        result_release(&b.bad[i]);
    }
    fleet_free(b.fleet);
    return 0;
}
