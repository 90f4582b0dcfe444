/* probe_tcp.c - a TCP connection; on request says something and waits for a text. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/net.h"
#include "engine/probe.h"
#include "probes/kinds.h"

struct config {
    char *host, *send, *expect;
    int64_t port, connect_ms;
};

struct run {
    struct net_call *call;
    probe_done_fn *done;
    void *arg;
    bool has_expect;
};

static void on_reply(void *arg, struct net_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1, .is_self = reply->is_self};

    if (reply->is_ok) {
        r.latency_ms = reply->total_ms;
        if (reply->name_ms > 0)
            result_metric(&r, "name_ms", reply->name_ms, "ms");
        result_metric(&r, "connect_ms", reply->connect_ms, "ms");
        result_say(&r, STATE_OK,
                   mem_strdup(run->has_expect ? N_("answered as expected") : N_("connected")));
    } else {
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
    struct net_want want = {
        .host = c->host != NULL ? c->host : address,
        .port = (uint16_t)c->port,
        .send = c->send,
        .expect = c->expect,
        .connect_ms = c->connect_ms,
        .timeout_ms = job->timeout_ms,
    };

    run->done = done;
    run->arg = arg;
    run->has_expect = c->expect != NULL;
    run->call = net_start(env->loop, env->resolver, &want, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    net_cancel(run->call);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->expect != NULL && c->expect[0] == '\0')
        return err_set(e, "\"expect\" is empty, expected a text to wait for");
    return true;
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
    {.name = "port",
     .type = OPTION_INT,
     .offset = AT(port),
     .flags = OPTION_REQUIRED,
     .min = 1,
     .max = 65535,
     .help = N_("TCP port")},
    {.name = "send",
     .type = OPTION_STRING,
     .offset = AT(send),
     .help = N_("text that is sent once connected")},
    {.name = "expect",
     .type = OPTION_STRING,
     .offset = AT(expect),
     .help = N_("text that must come")},
    NET_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_tcp = {
    .name = "tcp",
    .summary = N_("opens a TCP connection; may send a text and wait for another"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
};
