/* bareloop.c PORT MODE SECONDS: what the same probes cost in the plainest libcurl loop.
 *
 * curl_multi_poll and curl_multi_perform, one easy handle a host, fresh connections, no option but
 * what a probe cannot do without.  MODE: spread (50 a second, one each 20 ms), grid (5 each 100
 * ms), saturated (always 50 in flight).  Prints "PROBES CPU_SECONDS". */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define HOSTS 50

struct host {
    CURL *easy;
    char url[64];
    size_t got;
};

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct host *h = arg;
    (void)bytes;
    h->got += size * n;
    return size * n;
}

static double mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make(struct host *h, unsigned i, int port)
{
    snprintf(h->url, sizeof h->url, "http://127.11.0.%u:%d/health", i + 1, port);
    h->easy = curl_easy_init();
    curl_easy_setopt(h->easy, CURLOPT_URL, h->url);
    curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(h->easy, CURLOPT_PRIVATE, h);
    curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(h->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(h->easy, CURLOPT_FORBID_REUSE, 1L);
}

/* Takes finished ones; in saturated mode puts them in again. */
static long reap(CURLM *multi, int again, long *failed)
{
    CURLMsg *m;
    int left;
    long n = 0;
    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *easy = m->easy_handle;
        *failed += m->data.result != CURLE_OK;
        curl_multi_remove_handle(multi, easy);
        if (again)
            curl_multi_add_handle(multi, easy);
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    struct host hosts[HOSTS] = {0};
    long done = 0, failed = 0;
    unsigned next = 0;

    if (argc != 4)
        return 64;
    int is_saturated = strcmp(argv[2], "saturated") == 0, running;
    unsigned batch = strcmp(argv[2], "grid") == 0 ? 5 : 1;
    double period = batch * 20.0, length = atof(argv[3]) * 1e3;
    CURLM *multi = curl_multi_init();
    for (unsigned i = 0; i < HOSTS; i++) {
        make(&hosts[i], i, atoi(argv[1]));
        if (is_saturated)
            curl_multi_add_handle(multi, hosts[i].easy);
    }
    double begin = mono_ms(), due = begin, cpu = cpu_s();
    while (mono_ms() - begin < length) {
        double now = mono_ms();
        if (!is_saturated && now >= due) {
            for (unsigned i = 0; i < batch; i++)
                curl_multi_add_handle(multi, hosts[next++ % HOSTS].easy);
            due += period;
        }
        curl_multi_perform(multi, &running);
        done += reap(multi, is_saturated, &failed);
        double wait = is_saturated ? 1000 : due - mono_ms();
        if (wait > 0)
            curl_multi_poll(multi, NULL, 0, (int)wait + 1, NULL);
    }
    printf("%ld %.4f\n", done, cpu_s() - cpu);
    if (failed > 0)
        fprintf(stderr, "bareloop: %ld of %ld failed\n", failed, done);
    return failed > 0;
}
