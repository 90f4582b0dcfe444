/* probe_expiry.c - a registration that runs out on a day that the site file names: a brand name, a
 * domain, a contract.  Nothing is asked of anybody. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"
#include "engine/loop.h"
#include "engine/probe.h"
#include "probes/kinds.h"

struct config {
    char *date;
    int64_t day; /* derived: days since the epoch */
};

struct run {
    const struct config *config;
    struct loop *loop;
    probe_done_fn *done;
    void *arg;
};

/* Today as the duty room's calendar has it. */
static int64_t today(int64_t now_ms)
{
    char text[WHEN_TEXT_MAX];
    int64_t day = 0;
    when_parse_day(when_day(now_ms, text), &day);
    return day;
}

static void tell(void *arg)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};
    int64_t left = run->config->day - today(loop_wall_ms(run->loop));
    char days[24];
    snprintf(days, sizeof days, "%lld", (long long)(left < 0 ? -left : left));
    result_metric(&r, "registration_days_left", (double)left, "d");
    result_fact(&r, "until", run->config->date);
    if (left < 0)
        result_say(&r, STATE_CRITICAL,
                   SAY(N_("ran out on {0}, {1} days ago"), run->config->date, days));
    else
        result_say(&r, STATE_OK, SAY(N_("until {0}, {1} days left"), run->config->date, days));
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    (void)job;
    *run = (struct run){config, env->loop, done, arg};
    loop_soon(env->loop, tell, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    loop_forget(run->loop, run);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (!when_parse_day(c->date, &c->day))
        return err_set(e, "\"date\" is \"%.32s\", expected a day such as 2029-03-01", c->date);
    return true;
}

static const struct threshold thresholds[] = {{.metric = (char *)"registration_days_left",
                                               .warning = 60,
                                               .critical = 14,
                                               .has_warning = true,
                                               .has_critical = true,
                                               .is_below = true},
                                              {.metric = NULL}};

static const struct option rows[] = {{.name = "date",
                                      .type = OPTION_STRING,
                                      .offset = offsetof(struct config, date),
                                      .flags = OPTION_REQUIRED,
                                      .help = N_("the last day on which it holds, 2029-03-01")},
                                     {.name = NULL}};

const struct probe_type probe_expiry = {
    .name = "expiry",
    .summary = N_("counts the days until a registration runs out"),
    .options = rows,
    .thresholds = thresholds,
    .config_size = sizeof(struct config),
    .configure = configure,
    .start = start,
    .cancel = cancel,
};
