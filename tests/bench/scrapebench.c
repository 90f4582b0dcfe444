/* scrapebench.c SITE CHECK FILE PORT LOOKS: CHECK asks 127.0.0.1:PORT, which a process of ours
 * answers with FILE, LOOKS times: fetched, read, fed to the checks of its rows, judged, folded into
 * the fleet.  Prints "LOOKS CPU_SECONDS RESULTS OK", results of one look; CPU of this process
 * alone. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "engine/loop.h"
#include "engine/scheduler.h"
#include "engine/site.h"

struct bench {
    struct site *site;
    struct loop *loop;
    const struct check *source;
    long results, n_ok;
};

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* --- the server: one request a connection --- */

static int listen_on(const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 16) == 0 ? fd : -1;
}

static bool read_file(const char *path, struct buf *out)
{
    char bytes[65536];
    size_t n;
    FILE *f = fopen(path, "r");
    while (f != NULL && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        buf_add(out, bytes, n);
    if (f != NULL)
        fclose(f);
    return f != NULL;
}

static void answer(int fd, const struct buf *page)
{
    char request[8192], head[128];
    ssize_t got = read(fd, request, sizeof request);
    int len =
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", page->len);
    if (got > 0 && write(fd, head, (size_t)len) == len)
        for (size_t sent = 0; sent < page->len;) {
            ssize_t n = send(fd, page->bytes + sent, page->len - sent, MSG_NOSIGNAL);
            if (n <= 0)
                break;
            sent += (size_t)n;
        }
    close(fd);
}

static void serve(int fd, const struct buf *page)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (peer >= 0)
            answer(peer, page);
    }
}

/* --- the looks --- */

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct bench *b = arg;
    fleet_apply_result(b->site->fleet, c, r, loop_mono_ms(b->loop));
    b->results++;
    b->n_ok += r->state == STATE_OK;
    if (c == b->source)
        loop_stop(b->loop);
}

static int look(struct bench *b, long looks)
{
    struct probe_env env;
    struct err e;
    if (!probe_env_open(&env, b->loop, &e))
        return 70;
    env.fleet = b->site->fleet;
    struct scheduler *s = scheduler_new(&env, b->site->specs, on_result, b);
    scheduler_start_once(s);
    double cpu = 0;
    for (long i = -2; i < looks; i++) { /* two that do not count */
        if (i == 0) {
            cpu = cpu_s();
            b->results = b->n_ok = 0;
        }
        if (!scheduler_run_now(s, b->source, &e))
            return 70;
        loop_run(b->loop);
        fleet_clean(b->site->fleet);
    }
    cpu = cpu_s() - cpu;
    printf("%ld %.4f %ld %ld\n", looks, cpu, b->results / looks, b->n_ok / looks);
    scheduler_free(s);
    probe_env_close(&env);
    return 0;
}

int main(int argc, char **argv)
{
    struct site_errors errors = {0};
    struct bench b = {0};
    struct buf page = BUF_INIT(0);
    if (argc != 6)
        return 64;
    signal(SIGPIPE, SIG_IGN);
    int fd = listen_on(argv[4]);
    if (fd < 0 || !read_file(argv[3], &page))
        return 66;
    if (fork() == 0)
        serve(fd, &page);
    close(fd);
    b.site = site_load(argv[1], NULL, &errors);
    site_errors_print(&errors, stderr);
    b.source = b.site != NULL ? fleet_check(b.site->fleet, argv[2]) : NULL;
    b.loop = loop_new(NULL);
    int status = b.source != NULL ? look(&b, strtol(argv[5], NULL, 10)) : 65;
    loop_free(b.loop);
    site_free(b.site);
    buf_release(&page);
    return status;
}
