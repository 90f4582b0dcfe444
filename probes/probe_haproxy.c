/* probe_haproxy.c - the servers of one backend, as HAProxy's runtime socket tells them.
 *
 * CRITICAL: nobody left who takes traffic, or a server that should be there is not.  WARNING: one
 * is down.  Drained and maintained servers are somebody's will: they are counted and named, no
 * more. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/haproxy.h"
#include "engine/net.h"
#include "engine/probe.h"
#include "probes/kinds.h"

#define NAMED 5 /* servers named in a sentence */

struct config {
    struct haproxy_peer peer;
    struct option_strings servers;
    char command[HAPROXY_COMMAND_MAX]; /* derived */
};

struct run {
    const struct config *config;
    struct haproxy_call *call;
    probe_done_fn *done;
    void *arg;
};

struct counts {
    size_t total, up, down, drain, maint;
    int64_t sessions;
    struct buf out; /* who takes no traffic, and why: "s3 DOWN (L4CON), s4 DRAIN" */
    size_t n_out;
};

static bool takes_traffic(const struct haproxy_server *s)
{
    return s->state == HAPROXY_UP || s->state == HAPROXY_NO_CHECK;
}

static bool is_willed(const struct haproxy_server *s)
{
    return s->state == HAPROXY_DRAINING || s->state == HAPROXY_MAINTAINED;
}

static void count(struct counts *n, const struct haproxy_server *s)
{
    n->total++;
    n->up += takes_traffic(s);
    n->drain += s->state == HAPROXY_DRAINING;
    n->maint += s->state == HAPROXY_MAINTAINED;
    n->down += !takes_traffic(s) && !is_willed(s);
    n->sessions += s->sessions > 0 ? s->sessions : 0;
    if (takes_traffic(s) || n->n_out++ > NAMED)
        return;
    if (n->n_out > NAMED)
        buf_adds(&n->out, ", …");
    else
        buf_addf(&n->out, "%s%s %s", n->n_out > 1 ? ", " : "", s->name, s->status);
    if (n->n_out <= NAMED && s->state == HAPROXY_DOWN && s->check[0] != '\0')
        buf_addf(&n->out, " (%s)", s->check);
}

static void add_row(struct result *r, const struct haproxy_server *s)
{
    char id[2 * HAPROXY_NAME_MAX + 2], weight[24], words[64];
    snprintf(id, sizeof id, "%s/%s", s->backend, s->name);
    struct result *row = result_row_find(r, id) == NULL ? result_row_add(r, id) : NULL;
    if (row == NULL)
        return;
    result_fact(row, "status", s->status);
    if (s->check[0] != '\0')
        result_fact(row, "check", s->check);
    if (s->weight >= 0) {
        snprintf(weight, sizeof weight, "%lld", (long long)s->weight);
        result_fact(row, "weight", weight);
        result_metric(row, "weight", (double)s->weight, "");
    }
    if (s->sessions >= 0)
        result_metric(row, "sessions", (double)s->sessions, "");
    snprintf(words, sizeof words, "%s%s%s", s->status, s->check[0] != '\0' ? ", " : "", s->check);
    result_say(row,
               takes_traffic(s) || is_willed(s) ? STATE_OK
               : s->state == HAPROXY_DOWN       ? STATE_CRITICAL
                                                : STATE_WARNING,
               SAY(N_("HAProxy says {0}"), words));
}

/* The servers that count; false where one that should be there is not. */
static bool count_all(const struct config *c, const struct haproxy_stat *stat, struct counts *n,
                      struct result *r)
{
    for (size_t i = 0; i < c->servers.n; i++) {
        const struct haproxy_server *s = haproxy_find(stat, c->peer.backend, c->servers.v[i]);
        if (s == NULL) {
            result_say(r, STATE_CRITICAL,
                       SAY(N_("the server {0} is not in the backend {1}"), c->servers.v[i],
                           c->peer.backend));
            return false;
        }
        count(n, s);
        add_row(r, s);
    }
    for (size_t i = 0; c->servers.n == 0 && i < stat->n; i++) {
        if (strcmp(stat->v[i].backend, c->peer.backend) != 0)
            continue;
        count(n, &stat->v[i]);
        add_row(r, &stat->v[i]);
    }
    if (n->total > 0)
        return true;
    result_say(r, STATE_CRITICAL,
               SAY(N_("HAProxy has no servers in a backend {0}"), c->peer.backend));
    return false;
}

static void judge_counts(const struct config *c, const struct counts *n, struct result *r)
{
    char up[24], total[24];

    snprintf(up, sizeof up, "%zu", n->up);
    snprintf(total, sizeof total, "%zu", n->total);
    result_metric(r, "up", (double)n->up, "");
    result_metric(r, "total", (double)n->total, "");
    result_metric(r, "down", (double)n->down, "");
    result_metric(r, "drain", (double)n->drain, "");
    result_metric(r, "maint", (double)n->maint, "");
    result_metric(r, "sessions", (double)n->sessions, "");
    result_metric(r, "up_pct", 100.0 * (double)n->up / (double)n->total, "%");
    result_fact(r, "backend", c->peer.backend);
    result_fact(r, "out", n->n_out > 0 ? n->out.bytes : "none");
    if (n->up == 0)
        result_say(r, STATE_CRITICAL,
                   SAY(N_("none of {0} servers is up: {1}"), total, n->out.bytes));
    else if (n->n_out > 0)
        result_say(r, n->down > 0 ? STATE_WARNING : STATE_OK,
                   SAY(N_("{0} of {1} servers up: {2}"), up, total, n->out.bytes));
    else
        result_say(r, STATE_OK, SAY(N_("{0} of {1} servers up"), up, total));
}

static void judge(const struct config *c, struct haproxy_reply *reply, struct result *r)
{
    struct haproxy_stat stat;
    struct counts n = {.out = BUF_INIT(TEXT_MAX_LISTED)};
    char *say = NULL;

    r->latency_ms = reply->is_ok ? reply->total_ms : -1;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    if (!haproxy_read_stat(&stat, reply->text, reply->len, &say)) {
        result_say(r, STATE_CRITICAL, say);
        return;
    }
    if (count_all(c, &stat, &n, r))
        judge_counts(c, &n, r);
    buf_release(&n.out);
    haproxy_stat_release(&stat);
}

static void on_reply(void *arg, struct haproxy_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run->config, reply, &r);
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
    struct haproxy_want want = {
        .socket = c->peer.socket,
        .host = c->peer.host != NULL ? c->peer.host : address,
        .port = (uint16_t)c->peer.port,
        .command = c->command,
        .connect_ms = c->peer.connect_ms,
        .timeout_ms = job->timeout_ms,
    };

    run->config = c;
    run->done = done;
    run->arg = arg;
    run->call = haproxy_start(env->loop, env->resolver, &want, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    haproxy_cancel(run->call);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;

    if ((c->peer.socket != NULL) == (c->peer.port != 0))
        return err_set(e, "either \"socket\" (a path) or \"port\" (with \"host\") is needed");
    if (c->peer.socket != NULL && c->peer.socket[0] != '/')
        return err_set(e, "\"socket\": \"%s\" is not an absolute path", c->peer.socket);
    for (size_t i = 0; i < c->servers.n; i++) {
        char out[HAPROXY_COMMAND_MAX]; /* looks at the name as the failover would */
        if (!haproxy_set_state(out, "x", c->servers.v[i], HAPROXY_READY, e))
            return err_prefix(e, "\"servers\"");
    }
    return haproxy_show_stat(c->command, c->peer.backend, e) || err_prefix(e, "\"backend\"");
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->peer.host;
}

static const void *peer(const void *config)
{
    return &((const struct config *)config)->peer;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "socket",
     .type = OPTION_STRING,
     .offset = AT(peer.socket),
     .help = N_("path of the runtime socket; else host and port")},
    {.name = "host",
     .type = OPTION_STRING,
     .offset = AT(peer.host),
     .help = N_("name or address; without it the target's address")},
    {.name = "port",
     .type = OPTION_INT,
     .offset = AT(peer.port),
     .min = 1,
     .max = 65535,
     .help = N_("TCP port of the runtime socket")},
    {.name = "backend",
     .type = OPTION_STRING,
     .offset = AT(peer.backend),
     .flags = OPTION_REQUIRED,
     .help = N_("backend whose servers are looked at")},
    {.name = "servers",
     .type = OPTION_STRINGS,
     .offset = AT(servers),
     .help = N_("servers that must be there, and that alone count; without it all of the backend")},
    NET_CONNECT_ROW(AT(peer.connect_ms)),
    {.name = NULL}};

const struct probe_type probe_haproxy = {
    .name = "haproxy",
    .summary = N_("asks HAProxy's runtime socket; judges which servers of a backend take traffic"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
    .peer = peer,
    .gives_rows = true,
    .may_leave_rows = true,
};
