/* rowsbench.c SITE CHECK LOOKS: the list that CHECK has, read once, then given LOOKS times to the
 * checks of its rows: found, judged, folded into the fleet.  Prints "LOOKS CPU_SECONDS ROWS". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/mem.h"
#include "engine/feed.h"
#include "engine/site.h"

struct bench {
    struct fleet *fleet;
    int64_t now_ms;
    long fed;
};

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_row(void *arg, struct check *c, struct result *r)
{
    struct bench *b = arg;
    const struct check_spec *spec = c->spec;
    result_judge(r, spec->thresholds.v, spec->thresholds.n);
    r->at_ms = b->now_ms;
    fleet_apply_result(b->fleet, c, r, b->now_ms);
    b->fed++;
}

/* As kind sync makes them: five facts, one figure. */
static void make_rows(struct result *r, const struct feed *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct result *row = result_row_add(r, f->fed[i].row);
        result_say(row, STATE_OK, mem_strdup("synchronised 4m ago"));
        result_fact(row, "link", "done");
        result_fact(row, "mode", "hourly");
        result_fact(row, "owner", "ministry");
        result_fact(row, "last_sync_at", "2026-03-05T14:02:11Z");
        result_fact(row, "was", "done");
        result_metric(row, "age_s", 240, "s");
    }
}

int main(int argc, char **argv)
{
    struct site_errors errors = {0};
    struct bench b = {.now_ms = 1};
    struct feeds feeds;
    struct result r = {.latency_ms = 1, .summary = mem_strdup("connected: 29/118")};

    if (argc != 4)
        return 64;
    struct site *s = site_load(argv[1], NULL, &errors);
    site_errors_print(&errors, stderr);
    const struct check *source = s != NULL ? fleet_check(s->fleet, argv[2]) : NULL;
    if (source == NULL)
        return 65;
    b.fleet = s->fleet;
    feeds_init(&feeds, s->specs);
    const struct feed *f = feeds_of(&feeds, source);
    if (f == NULL)
        return 65;
    make_rows(&r, f);
    long looks = strtol(argv[3], NULL, 10);
    double cpu = cpu_s();
    for (long i = 0; i < looks; i++, b.now_ms += 60000) {
        r.started_mono_ms = b.now_ms;
        feed_judge(f, &r);
        feed_deliver(f, &r, on_row, &b);
        fleet_clean(b.fleet);
    }
    printf("%ld %.4f %ld\n", looks, cpu_s() - cpu, b.fed / looks);
    result_release(&r);
    feeds_release(&feeds);
    site_free(s);
    return 0;
}
