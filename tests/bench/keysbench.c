/* keysbench.c ALERTS BURST: how long a key takes on the screen of alerts while ALERTS of them come
 * in, BURST between two keys; then with all of them there, one changing before each key.  Prints
 * "WHAT P50 P99 MAX" in milliseconds of CPU time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "tests/unit/storm_lab.h"
#include "tui/console_private.h"

struct bench {
    struct console *c;
    double *ms;
    size_t n, cap;
    int64_t mono;
};

static int64_t wall_of(void *arg)
{
    return 1772692920000 + ((struct bench *)arg)->mono;
}

static int64_t mono_of(void *arg)
{
    return ((struct bench *)arg)->mono;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void feed(struct bench *b, const struct buf *lines)
{
    struct err e;
    if (!link_feed(b->c->link, lines->bytes, lines->len, b->mono, &e)) {
        fprintf(stderr, "keysbench: %s\n", e.text);
        exit(1);
    }
    console_link_take(b->c);
}

/* From the key to its picture. */
static void press(struct bench *b, uint32_t key)
{
    double from = cpu_ms();
    b->mono += 5;
    console_clock(b->c);
    console_key(b->c, &(struct key_event){.key = key});
    console_draw(b->c, true);
    MEM_ROOM(b->ms, b->n, b->cap);
    b->ms[b->n++] = cpu_ms() - from;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, c = *(const double *)y;
    return a < c ? -1 : a > c;
}

static void report(struct bench *b, const char *what)
{
    qsort(b->ms, b->n, sizeof *b->ms, compare);
    printf("%s %.2f %.2f %.2f\n", what, b->ms[b->n / 2], b->ms[b->n * 99 / 100], b->ms[b->n - 1]);
    b->n = 0;
}

/* One of them changes before each key. */
static void change(struct bench *b, size_t n, int version, const char *what)
{
    struct buf lines = BUF_INIT(0);
    for (int i = 0; i < 200; i++) {
        buf_clear(&lines);
        storm_alert(&lines, (size_t)(version + i) * 37 % n, STORM_BEHIND, wall_of(b), version + i);
        feed(b, &lines);
        press(b, i % 2 ? K_UP : K_DOWN);
    }
    report(b, what);
    buf_release(&lines);
}

static void storm(struct bench *b, size_t n, size_t burst)
{
    struct buf lines = BUF_INIT(0);
    double fed = 0;
    for (size_t i = 0; i < n; i += burst) {
        buf_clear(&lines);
        for (size_t k = i; k < i + burst && k < n; k++)
            storm_alert(&lines, k, STORM_BEHIND, wall_of(b), 1);
        double from = cpu_ms();
        feed(b, &lines);
        fed += cpu_ms() - from;
        press(b, i / burst % 2 ? K_UP : K_DOWN);
    }
    report(b, "growing");
    printf("feeding %.4f a line\n", fed / (double)n);
    change(b, n, 2, "changing");
    for (int i = 0; i < 200; i++)
        press(b, i % 2 ? K_UP : K_DOWN);
    report(b, "quiet");
    console_run(b->c, "filter -05");
    change(b, n, 300, "filtered");
    buf_release(&lines);
}

int main(int argc, char **argv)
{
    struct bench b = {.mono = 1000000};
    struct buf lines = BUF_INIT(0);
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
    size_t burst = argc > 2 ? strtoul(argv[2], NULL, 10) : 50;
    struct fleet *fleet = fleet_new();
    struct console_opts opts = {.socket_path = "/nonexistent/trucban.sock",
                                .lang = "en",
                                .theme_folder = "themes",
                                .theme = "mono",
                                .wall_ms = wall_of,
                                .mono_ms = mono_of,
                                .clock_arg = &b};
    if (n == 0 || burst == 0)
        return 64;
    b.c = console_new(term_headless_open(50, 200, true), fleet, &opts);
    storm_snapshot(&lines, n, STORM_BEHIND, wall_of(&b), false);
    feed(&b, &lines);
    console_key(b.c, &(struct key_event){.key = '6'});
    console_draw(b.c, true);
    storm(&b, n, burst);
    console_free(b.c);
    fleet_free(fleet);
    buf_release(&lines);
    free(b.ms);
    return 0;
}
