/* probe_icmp.c - echo requests: how many are answered, how fast. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/ping.h"
#include "engine/probe.h"
#include "probes/kinds.h"

struct config {
    char *host;
    int64_t count, gap_ms, wait_ms;
};

struct run {
    struct ping *ping;
    probe_done_fn *done;
    void *arg;
};

static void judge(const struct ping_reply *reply, struct result *r)
{
    char received[16], sent[16], mean[32];

    if (reply->sent > 0) {
        result_metric(r, "loss_pct", 100.0 * (reply->sent - reply->received) / reply->sent, "%");
        result_metric(r, "sent", reply->sent, "");
        result_metric(r, "received", reply->received, "");
    }
    if (reply->received == 0)
        return;
    r->latency_ms = reply->mean_ms;
    result_metric(r, "rtt_min_ms", reply->min_ms, "ms");
    result_metric(r, "rtt_max_ms", reply->max_ms, "ms");
    if (reply->name_ms > 0)
        result_metric(r, "name_ms", reply->name_ms, "ms");
    snprintf(received, sizeof received, "%d", reply->received);
    snprintf(sent, sizeof sent, "%d", reply->sent);
    snprintf(mean, sizeof mean, "%.3g", reply->mean_ms);
    result_say(r, STATE_OK, SAY(N_("{0} of {1} answered, in {2} ms"), received, sent, mean));
}

static void on_reply(void *arg, struct ping_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1, .is_self = reply->is_self};

    judge(reply, &r);
    if (reply->say != NULL) {
        result_say(&r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
    }
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    const char *address = job->address != NULL ? job->address : "";
    const struct ping_want want = {
        .host = c->host != NULL ? c->host : address,
        .count = (int)c->count,
        .gap_ms = c->gap_ms,
        .wait_ms = c->wait_ms,
        .timeout_ms = job->timeout_ms,
    };

    *run = (struct run){.done = done, .arg = arg};
    run->ping = ping_start(env->loop, env->resolver, &want, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    ping_cancel(run->ping);
    free(run);
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->host;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "host",
     .type = OPTION_STRING,
     .offset = AT(host),
     .help = N_("name or address; without it the target's address")},
    {.name = "count",
     .type = OPTION_INT,
     .offset = AT(count),
     .min = 1,
     .max = PING_COUNT_MAX,
     .fallback = "3",
     .help = N_("echo requests sent in a run")},
    {.name = "gap",
     .type = OPTION_DURATION,
     .offset = AT(gap_ms),
     .min = 10,
     .max = 10000,
     .fallback = "\"200ms\"",
     .help = N_("time from one echo request to the next")},
    {.name = "wait",
     .type = OPTION_DURATION,
     .offset = AT(wait_ms),
     .min = 10,
     .max = 60000,
     .fallback = "\"1s\"",
     .help = N_("time that the last reply may take")},
    {.name = NULL}};

static const struct threshold thresholds[] = {{.metric = "loss_pct",
                                               .has_warning = true,
                                               .warning = 40,
                                               .has_critical = true,
                                               .critical = 80},
                                              {.metric = NULL}};

const struct probe_type probe_icmp = {
    .name = "icmp",
    .summary = N_("sends echo requests (ping); judges loss and times"),
    .options = rows,
    .thresholds = thresholds,
    .config_size = sizeof(struct config),
    .host = host,
    .start = start,
    .cancel = cancel,
};
