/* httpsbench.c ours|kept|bare URL CA_FILE COUNT: what a look by HTTPS costs, twenty in flight.
 *
 * ours: the http kind on the engine's loop, a fresh connection and a full handshake each; kept:
 * with `reuse`.  bare: the plainest libcurl loop, with what both need to be compared at all: the
 * same file of authorities, kept parsed, and no resumed session.  Prints "PROBES CPU_SECONDS". */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/mem.h"
#include "engine/loop.h"
#include "engine/probe.h"

#define IN_FLIGHT 20

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* --- ours --- */

struct bench {
    struct loop *loop;
    struct probe_env env;
    const struct probe_type *type;
    void *config;
    long count, left, done, failed;
};

static void begin(void *arg);

static void on_done(void *arg, const struct result *r)
{
    struct bench *b = arg;
    b->done++;
    b->failed += r->state != STATE_OK;
    if (b->left > 0)
        begin(b);
    else if (b->done == b->count)
        loop_stop(b->loop);
}

static void begin(void *arg)
{
    struct bench *b = arg;
    struct probe_job job = {.check = "t/c", .target = "t", .timeout_ms = 10000};
    b->left--;
    b->type->start(&b->env, b->config, &job, on_done, b);
}

static void set_text(struct bench *b, const char *option, const char *text)
{
    for (const struct option *o = b->type->options; o->name != NULL; o++)
        if (strcmp(o->name, option) == 0)
            *(char **)(void *)((char *)b->config + o->offset) = mem_strdup(text);
}

static void set_flag(struct bench *b, const char *option)
{
    for (const struct option *o = b->type->options; o->name != NULL; o++)
        if (strcmp(o->name, option) == 0)
            *(bool *)(void *)((char *)b->config + o->offset) = true;
}

static long ours(const char *url, const char *ca_file, long count, bool is_kept)
{
    struct bench b = {.type = probe_find("http"), .count = count, .left = count};
    struct err e;

    b.config = mem_alloc(b.type->config_size);
    set_text(&b, "url", url);
    set_text(&b, "ca_file", ca_file);
    if (is_kept)
        set_flag(&b, "reuse");
    b.loop = loop_new(&e);
    if (b.loop == NULL || !probe_env_open(&b.env, b.loop, &e) || !b.type->configure(b.config, &e)) {
        fprintf(stderr, "httpsbench: %s\n", e.text);
        exit(1);
    }
    for (int i = 0; i < IN_FLIGHT; i++)
        begin(&b);
    loop_run(b.loop);
    return b.failed == 0 ? b.done : -1;
}

/* --- bare --- */

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * n;
}

static CURL *make(const char *url, const char *ca_file)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else the file is parsed each time */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    return easy;
}

static long bare(const char *url, const char *ca_file, long count)
{
    CURLM *multi = curl_multi_init();
    long left = count, done = 0, failed = 0;
    int running, queued;

    for (int i = 0; i < IN_FLIGHT; i++, left--)
        curl_multi_add_handle(multi, make(url, ca_file));
    while (done < count) {
        CURLMsg *m;
        curl_multi_perform(multi, &running);
        while ((m = curl_multi_info_read(multi, &queued)) != NULL) {
            CURL *easy = m->easy_handle;
            failed += m->data.result != CURLE_OK;
            done++;
            curl_multi_remove_handle(multi, easy);
            if (left-- > 0)
                curl_multi_add_handle(multi, easy);
        }
        curl_multi_poll(multi, NULL, 0, 100, NULL);
    }
    return failed == 0 ? done : -1;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 64;
    long count = strtol(argv[4], NULL, 10);
    double cpu = cpu_s();
    long n = strcmp(argv[1], "bare") == 0
                 ? bare(argv[2], argv[3], count)
                 : ours(argv[2], argv[3], count, strcmp(argv[1], "kept") == 0);
    if (n < 0) {
        fprintf(stderr, "httpsbench: not all were answered\n");
        return 1;
    }
    printf("%ld %.4f\n", n, cpu_s() - cpu);
    return 0;
}
