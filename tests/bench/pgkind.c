/* pgkind.c HOST PORT LOOKS: the kind postgres on the loop, one look after the other on a kept
 * session.  Prints "LOOKS CPU_SECONDS", the first look (the login) not counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/mem.h"
#include "engine/jval.h"
#include "engine/loop.h"
#include "engine/option_json.h"
#include "engine/probe.h"

struct bench {
    struct probe_env env;
    const struct probe_type *type;
    void *config;
    long left, failed;
    double cpu;
};

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void look(void *arg);

static void on_done(void *arg, const struct result *r)
{
    struct bench *b = arg;
    if (b->cpu == 0)
        b->cpu = cpu_s();
    b->failed += r->state != STATE_OK;
    if (b->left-- > 0)
        loop_soon(b->env.loop, look, b);
    else
        loop_stop(b->env.loop);
}

static void look(void *arg)
{
    struct bench *b = arg;
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 5000};
    b->type->start(&b->env, b->config, &job, on_done, b);
}

static void tell(void *arg, const struct place *at, const char *what)
{
    (void)arg;
    (void)at;
    fprintf(stderr, "pgkind: %s\n", what);
}

static void *config_of(const struct probe_type *type, const char *host, const char *port)
{
    struct option_reader reader = {.error = tell};
    struct place top = PLACE_FILE("bench");
    struct buf text = BUF_INIT(0);
    struct err e;
    buf_addf(&text, "{\"host\":\"%s\",\"port\":%s,\"user\":\"postgres\",\"sslmode\":\"disable\"}",
             host, port);
    struct jval *doc = jval_parse(text.bytes, text.len, &e);
    struct option_layer layer = {doc, &top};
    void *config = mem_alloc(type->config_size);
    if (!option_fill(&reader, type->options, config, &layer, 1))
        exit(1);
    jval_free(doc);
    buf_release(&text);
    return config;
}

int main(int argc, char **argv)
{
    struct bench b = {.type = probe_find("postgres")};
    struct err e;
    if (argc != 4)
        return 64;
    long n = b.left = strtol(argv[3], NULL, 10);
    struct loop *l = loop_new(&e);
    if (l == NULL || !probe_env_open(&b.env, l, &e))
        return 1;
    b.config = config_of(b.type, argv[1], argv[2]);
    loop_soon(l, look, &b);
    loop_run(l);
    printf("%ld %.4f\n", n, cpu_s() - b.cpu);
    if (b.failed > 0)
        fprintf(stderr, "pgkind: %ld of %ld failed\n", b.failed, n);
    option_release(b.type->options, b.config);
    free(b.config);
    probe_env_close(&b.env);
    loop_free(l);
    return b.failed > 0;
}
