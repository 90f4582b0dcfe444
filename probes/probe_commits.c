/* probe_commits.c - a primary asked whether commits hang on a synchronous standby.
 *
 * Asked of the primary, since a standby that has gone cannot tell; of a standby it is simply well,
 * so that both of a pair may have the check. */
#include <stddef.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "probes/commit_wait.h"
#include "probes/kinds.h"
#include "probes/pg_access.h"

struct config {
    struct pg_access access;
    int64_t wait_warning_ms, wait_critical_ms;
};

struct run {
    const struct config *config;
    struct pg_call *call;
    probe_done_fn *done;
    void *arg;
};

/* When a session began to wait is not told: its statement's beginning is, which is no later. */
static const char commits_sql[] =
    "SELECT pg_is_in_recovery() AS is_standby,"
    " pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS can_see,"
    " current_setting('synchronous_standby_names') AS names,"
    " current_setting('synchronous_commit') AS commit, r.in_sync, r.standbys,"
    " a.waiting, a.longest"
    " FROM (SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS in_sync,"
    "  string_agg(application_name || ' (' || sync_state || ')', ', ' ORDER BY sync_priority,"
    "   application_name) FILTER (WHERE sync_state <> 'async') AS standbys"
    "  FROM pg_stat_replication) AS r,"
    " (SELECT count(*) AS waiting, extract(epoch FROM max(clock_timestamp() - query_start))"
    "  AS longest FROM pg_stat_activity WHERE wait_event = 'SyncRep') AS a";

static void judge(const struct run *run, struct pg_reply *reply, struct result *r)
{
    const struct config *c = run->config;
    struct commit_limits limits = {(double)c->wait_warning_ms / 1e3,
                                   (double)c->wait_critical_ms / 1e3};
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    struct commit_wait w = {
        .is_standby = pg_is_true(reply, 0, "is_standby"),
        .can_see = pg_is_true(reply, 0, "can_see"),
        .names = pg_value(reply, 0, "names"),
        .commit = pg_value(reply, 0, "commit"),
        .standbys = pg_value(reply, 0, "standbys"),
        .role = c->access.user,
        .in_sync = pg_figure(reply, 0, "in_sync"),
        .waiting = pg_figure(reply, 0, "waiting"),
        .longest_s = pg_figure(reply, 0, "longest"),
    };
    r->latency_ms = reply->connect_ms + reply->query_ms;
    result_fact(r, "server_version", reply->version);
    commit_wait_judge(&w, &limits, r);
}

static void on_reply(void *arg, struct pg_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run, reply, &r);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    *run = (struct run){.config = config, .done = done, .arg = arg};
    run->call = pg_ask(env->pg, &run->config->access, job->address, commits_sql, job->timeout_ms,
                       on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    pg_cancel(run->call);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->wait_warning_ms > c->wait_critical_ms)
        return err_set(e, "wait: \"warning\" is later than \"critical\", so it cannot be");
    return true;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->access.host;
}

#define AT(field) offsetof(struct config, field)
static const struct option wait_rows[] = {{.name = "warning",
                                           .type = OPTION_DURATION,
                                           .offset = AT(wait_warning_ms),
                                           .min = 100,
                                           .max = 86400e3,
                                           .fallback = "\"2s\"",
                                           .help = N_("wait that is a WARNING")},
                                          {.name = "critical",
                                           .type = OPTION_DURATION,
                                           .offset = AT(wait_critical_ms),
                                           .min = 100,
                                           .max = 86400e3,
                                           .fallback = "\"10s\"",
                                           .help = N_("wait that is CRITICAL")},
                                          {.name = NULL}};

static const struct option rows[] = {
    PG_ACCESS_ROWS(AT(access)),
    {.name = "wait",
     .type = OPTION_GROUP,
     .rows = wait_rows,
     .help = N_("how long a statement may be at it whose commit waits for a standby")},
    {.name = NULL}};

const struct probe_type probe_commits = {
    .name = "commits",
    .summary = N_("asks a primary whether commits hang on a synchronous standby"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
};
