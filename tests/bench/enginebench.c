/* enginebench.c PORT MODE SECONDS: the engine's own way: scheduler, http probe, rules, fleet.
 *
 * MODE: paced (50 checks a second over 50 hosts, in their slots), saturated (more checks than can
 * be run).  No file, no socket: the cost of looking alone.  Prints "PROBES CPU_SECONDS". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/mem.h"
#include "engine/loop.h"
#include "engine/scheduler.h"

#define HOSTS 50

struct bench {
    struct loop *loop;
    struct fleet *fleet;
    long done, failed;
};

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct bench *b = arg;
    b->done++;
    b->failed += r->state != STATE_OK;
    fleet_apply_result(b->fleet, c, r, loop_mono_ms(b->loop));
    fleet_clean(b->fleet);
}

/* Fills the two options of the http table that matter here, as the site file would. */
static void *http_config(const struct probe_type *type, const char *url)
{
    char *config = mem_alloc(type->config_size);
    struct err e;
    for (const struct option *o = type->options; o->name != NULL; o++)
        if (strcmp(o->name, "url") == 0)
            *(char **)(void *)(config + o->offset) = mem_strdup(url);
    if (type->configure(config, &e))
        return config;
    fprintf(stderr, "enginebench: %s\n", e.text);
    exit(1);
}

static struct check_spec *add_check(struct bench *b, unsigned host, unsigned n, int port,
                                    int64_t interval_ms, struct check_spec *next)
{
    char id[64], name[32], url[96];
    struct check_spec *s = mem_alloc(sizeof *s);

    snprintf(id, sizeof id, "web-%02u", host);
    snprintf(name, sizeof name, "http-%u", n);
    snprintf(url, sizeof url, "http://127.11.0.%u:%d/health", host, port);
    struct target *t = fleet_add_target(b->fleet, id);
    mem_set(&t->address, url);
    s->check = fleet_add_check(b->fleet, t, name);
    s->check->rule = (struct rule_config){.interval_ms = interval_ms,
                                          .retry_ms = interval_ms,
                                          .timeout_ms = 5000,
                                          .attempts = 3,
                                          .ok_confirm = 2};
    s->check->spec = s;
    mem_set(&s->check->probe, "http");
    s->type = probe_find("http");
    s->config = http_config(s->type, url);
    s->next = next;
    return s;
}

static void on_end(void *arg)
{
    struct bench *b = arg;
    loop_stop(b->loop);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    struct probe_env env;
    struct check_spec *specs = NULL;
    struct err e;

    if (argc != 4)
        return 64;
    int is_saturated = strcmp(argv[2], "saturated") == 0;
    unsigned per_host = is_saturated ? 4 : 1;
    b.loop = loop_new(&e);
    b.fleet = fleet_new();
    if (b.loop == NULL || !probe_env_open(&env, b.loop, &e))
        return 1;
    for (unsigned host = 1; host <= HOSTS; host++)
        for (unsigned n = 0; n < per_host; n++)
            specs = add_check(&b, host, n, atoi(argv[1]), is_saturated ? 10 : 1000, specs);
    struct scheduler *s = scheduler_new(&env, specs, on_result, &b);
    struct loop_timer *end = loop_timer_new(b.loop, on_end, &b);
    loop_timer_set(end, (int64_t)(atof(argv[3]) * 1e3), 0);
    double cpu = cpu_s();
    scheduler_start(s);
    loop_run(b.loop);
    printf("%ld %.4f\n", b.done, cpu_s() - cpu);
    if (b.failed > 0)
        fprintf(stderr, "enginebench: %ld of %ld failed\n", b.failed, b.done);
    scheduler_free(s);
    loop_timer_free(end);
    probe_env_close(&env);
    loop_free(b.loop);
    return b.failed > 0;
}
