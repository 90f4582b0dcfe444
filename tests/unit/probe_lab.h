/* probe_lab.h - for tests of probes: faultd beside us, a loop, one look at a time.
 *
 * `lab_probe("http", "{…}", timeout)` fills the kind's own option table from JSON, runs it once and
 * keeps the result in lab->seen until the next.  English words of the sentence: lab->words. */
#ifndef TESTS_PROBE_LAB_H
#define TESTS_PROBE_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/jval.h"
#include "engine/loop.h"
#include "engine/option_json.h"
#include "engine/probe.h"

struct lab {
    struct loop *loop;
    struct probe_env env;
    pid_t faultd;
    int stdin_fd;
    int http, refuse, silent, rst, banner, garbage; /* ports */
    struct result seen;
    char words[1024];
    double took_ms;
    int64_t rss_kib; /* how much the process grew */
    double cpu_ms;
    int done;
};

static inline void lab_read_ports(struct lab *lab, FILE *f)
{
    char name[32];
    int port;
    while (fscanf(f, "%31s %d", name, &port) == 2) {
        int *at = strcmp(name, "http") == 0     ? &lab->http
                  : strcmp(name, "refuse") == 0 ? &lab->refuse
                  : strcmp(name, "silent") == 0 ? &lab->silent
                  : strcmp(name, "rst") == 0    ? &lab->rst
                  : strcmp(name, "banner") == 0 ? &lab->banner
                                                : &lab->garbage;
        *at = port;
        if (at == &lab->garbage)
            return;
    }
}

static inline void lab_start_faultd(struct lab *lab)
{
    char self[4096], path[4200];
    int in[2], out[2];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/faultd", self);
    if (access(path, X_OK) != 0) { /* the whole program is skipped: see tests/run.sh */
        printf("%s is missing: make testprogs builds it\n", path);
        fflush(NULL);
        _exit(77);
    }
    assert_int_equal(pipe(in) | pipe(out), 0);
    lab->faultd = fork();
    if (lab->faultd == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    lab->stdin_fd = in[1];
    FILE *f = fdopen(out[0], "r");
    lab_read_ports(lab, f);
    fclose(f);
    assert_true(lab->http > 0 && lab->garbage > 0);
}

static inline struct lab *lab_new(bool with_faultd)
{
    struct lab *lab = mem_alloc(sizeof *lab);
    struct err e;
    signal(SIGPIPE, SIG_IGN);
    if (with_faultd)
        lab_start_faultd(lab);
    lab->loop = loop_new(&e);
    assert_non_null(lab->loop);
    assert_true(probe_env_open(&lab->env, lab->loop, &e));
    return lab;
}

static inline void lab_free(struct lab *lab)
{
    result_release(&lab->seen);
    probe_env_close(&lab->env);
    loop_free(lab->loop);
    if (lab->faultd > 0) {
        close(lab->stdin_fd);
        waitpid(lab->faultd, NULL, 0);
    }
    free(lab);
}

static inline void lab_fail_option(void *arg, const struct place *at, const char *what)
{
    (void)arg;
    (void)at;
    fail_msg("%s", what);
}

/* The kind's config from JSON; NULL: configure refused it, *e says why. */
static inline void *lab_config(const char *kind, const char *json, struct err *e)
{
    const struct probe_type *type = probe_find(kind);
    struct option_reader reader = {.error = lab_fail_option};
    struct place top = PLACE_FILE("test");
    struct jval *doc = jval_parse(json, strlen(json), e);
    void *config = mem_alloc(type->config_size);

    if (doc == NULL)
        fail_msg("%s: %s", json, e->text);
    struct option_layer layer = {doc, &top};
    assert_true(option_fill(&reader, type->options, config, &layer, 1));
    jval_free(doc);
    if (type->configure == NULL || type->configure(config, e))
        return config;
    if (type->release != NULL)
        type->release(config);
    option_release(type->options, config);
    free(config);
    return NULL;
}

static inline void lab_config_free(const char *kind, void *config)
{
    const struct probe_type *type = probe_find(kind);
    if (type->release != NULL)
        type->release(config);
    option_release(type->options, config);
    free(config);
}

static inline void lab_copy(struct result *to, const struct result *from)
{
    result_release(to);
    to->state = from->state;
    to->is_self = from->is_self;
    to->latency_ms = from->latency_ms;
    to->summary = mem_strdup(from->summary);
    for (size_t i = 0; i < from->n_metrics; i++)
        result_metric(to, from->metrics[i].name, from->metrics[i].value, from->metrics[i].unit);
    for (size_t i = 0; i < from->n_facts; i++)
        result_fact(to, from->facts[i].key, from->facts[i].value);
    for (size_t i = 0; i < from->n_rows; i++)
        lab_copy(result_row_add(to, from->rows[i].id), &from->rows[i].result);
}

static inline void lab_on_done(void *arg, const struct result *r)
{
    struct lab *lab = arg;
    struct buf words = BUF_INIT(sizeof lab->words - 1);
    lab_copy(&lab->seen, r);
    say_text(&words, r->summary, NULL);
    snprintf(lab->words, sizeof lab->words, "%s", buf_text(&words));
    buf_release(&words);
    lab->done++;
    loop_stop(lab->loop);
}

static inline double lab_cpu_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* Under the address sanitiser 0: what is freed is kept there for a while, so it tells nothing. */
static inline int64_t lab_rss_kib(void)
{
#ifdef __SANITIZE_ADDRESS__
    return 0;
#else
    long pages = 0, rss = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%ld %ld", &pages, &rss) != 2)
        rss = 0;
    if (f != NULL)
        fclose(f);
    return rss * (sysconf(_SC_PAGESIZE) / 1024);
#endif
}

/* One look; json is a printf format for ports. */
static inline void lab_probe_text(struct lab *lab, const char *kind, const char *json,
                                  int64_t timeout_ms)
{
    const struct probe_type *type = probe_find(kind);
    struct err e;
    void *config = lab_config(kind, json, &e);
    if (config == NULL)
        fail_msg("%s: %s", json, e.text);
    struct probe_job job = {
        .check = "t/c", .target = "t", .address = "127.0.0.1", .timeout_ms = timeout_ms};
    int64_t rss = lab_rss_kib();
    double cpu = lab_cpu_ms(), begin = loop_precise_ms();
    lab->done = 0;
    type->start(&lab->env, config, &job, lab_on_done, lab);
    assert_int_equal(lab->done, 0); /* never from inside start */
    loop_run(lab->loop);
    assert_int_equal(lab->done, 1);
    lab->took_ms = loop_precise_ms() - begin;
    lab->cpu_ms = lab_cpu_ms() - cpu;
    lab->rss_kib = lab_rss_kib() - rss;
    lab_config_free(kind, config);
}

/* http on faultd's path; `more` are further keys, each with a leading comma. */
static inline void lab_http(struct lab *lab, const char *path, const char *more, int64_t timeout_ms)
{
    char json[2048];
    snprintf(json, sizeof json, "{\"url\":\"http://127.0.0.1:%d%s\"%s}", lab->http, path, more);
    lab_probe_text(lab, "http", json, timeout_ms);
}

static inline void lab_expect(const struct lab *lab, enum state state, const char *words)
{
    if (lab->seen.state != state || strcmp(lab->words, words) != 0)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[lab->seen.state].name,
                 lab->words, state_rows[state].name, words);
}

static inline const struct metric *lab_metric(const struct lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->seen.n_metrics; i++)
        if (strcmp(lab->seen.metrics[i].name, name) == 0)
            return &lab->seen.metrics[i];
    return NULL;
}

#endif
