/* probe_tls.c - a TLS handshake and not a byte more; the certificate is what is judged. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/net.h"
#include "engine/probe.h"
#include "engine/talk.h"
#include "probes/certificate.h"
#include "probes/kinds.h"

struct config {
    char *host, *server_name, *ca_file;
    int64_t port, connect_ms, handshake_ms;
};

struct run {
    const struct probe_env *env;
    const struct config *config;
    const char *host; /* borrowed from the config or the fleet */
    struct talk *talk;
    probe_done_fn *done;
    void *arg;
};

static void end(struct run *run, struct result *r)
{
    talk_free(run->talk);
    run->done(run->arg, r);
    result_release(r);
    free(run);
}

static const char *name_wanted(const struct run *run)
{
    return run->config->server_name != NULL ? run->config->server_name : run->host;
}

static void judge(const struct run *run, struct result *r)
{
    const struct tls_peer *peer = talk_peer(run->talk);
    int64_t now = loop_wall_ms(run->env->loop);
    struct talk_times times;
    char days[24];

    talk_times(run->talk, &times);
    r->latency_ms = times.total_ms;
    if (times.name_ms > 0)
        result_metric(r, "name_ms", times.name_ms, "ms");
    result_metric(r, "connect_ms", times.connect_ms, "ms");
    result_metric(r, "tls_ms", times.tls_ms, "ms");
    if (peer->fault != TLS_FAULT_NONE) {
        result_say(r, STATE_CRITICAL, tls_peer_say(peer, name_wanted(run), now));
        return;
    }
    snprintf(days, sizeof days, "%.0f", tls_days_left(peer, now) - 0.5);
    result_say(r, STATE_OK, SAY(N_("{0}, certificate good for {1} days"), peer->protocol, days));
}

static void secure(struct run *run)
{
    const struct talk_tls how = {
        .want = {.host = name_wanted(run), .ca_file = run->config->ca_file},
        .limit_ms = run->config->handshake_ms,
        .is_judged_later = true,
    };
    talk_secure(run->talk, run->env->tls, &how);
}

static void on_news(void *arg, struct talk_news *news)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    if (news->what == TALK_CONNECTED) {
        secure(run);
        return;
    }
    if (news->what == TALK_SECURED) {
        judge(run, &r);
    } else {
        r.is_self = news->is_self;
        result_say(&r, news->is_self ? STATE_UNKNOWN : STATE_CRITICAL, news->say);
        news->say = NULL;
    }
    certificate_tell(talk_peer(run->talk), loop_wall_ms(run->env->loop), &r);
    end(run, &r);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);

    *run = (struct run){.env = env, .config = c, .done = done, .arg = arg};
    run->host = c->host != NULL ? c->host : job->address != NULL ? job->address : "";
    const struct talk_want want = {
        .host = run->host,
        .port = (uint16_t)c->port,
        .connect_ms = c->connect_ms,
        .timeout_ms = job->timeout_ms,
        .max_bytes = 1024,
    };
    run->talk = talk_start(env->loop, env->resolver, &want, on_news, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    talk_free(run->talk);
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
    {.name = "port",
     .type = OPTION_INT,
     .offset = AT(port),
     .min = 1,
     .max = 65535,
     .fallback = "443",
     .help = N_("TCP port")},
    {.name = "server_name",
     .type = OPTION_STRING,
     .offset = AT(server_name),
     .help =
         N_("name that is asked for and that the certificate must be for; without it the host")},
    {.name = "ca_file",
     .type = OPTION_STRING,
     .offset = AT(ca_file),
     .help = N_("PEM file of the authorities that may have signed the certificate")},
    NET_CONNECT_ROW(AT(connect_ms)),
    {.name = "handshake_timeout",
     .type = OPTION_DURATION,
     .offset = AT(handshake_ms),
     .min = 10,
     .max = 60000,
     .fallback = "\"5s\"",
     .help = N_("limit for the TLS handshake")},
    {.name = NULL}};

static const struct threshold thresholds[] = {{.metric = "days_left",
                                               .has_warning = true,
                                               .warning = 30,
                                               .has_critical = true,
                                               .critical = 7,
                                               .is_below = true},
                                              {.metric = NULL}};

const struct probe_type probe_tls = {
    .name = "tls",
    .summary = N_("shakes hands over TLS; judges the certificate and the days it has left"),
    .options = rows,
    .thresholds = thresholds,
    .config_size = sizeof(struct config),
    .host = host,
    .start = start,
    .cancel = cancel,
};
