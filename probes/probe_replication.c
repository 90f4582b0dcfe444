/* probe_replication.c - a standby, and where given its primary, asked what they say of each other.
 *
 * The standby is asked first, so that what the primary writes meanwhile counts as behind. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/loop.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/pg_access.h"
#include "probes/replica.h"

struct config {
    struct pg_access standby, primary;
    char *name; /* application_name of the standby */
    int64_t lag_warning_ms, lag_critical_ms, silence_warning_ms, silence_critical_ms;
};

struct round {
    const struct probe_env *env;
    const struct config *config;
    int64_t until_ms; /* monotonic */
    struct pg_call *call;
    struct replica_standby standby;
    char *status, *timeline, version[32]; /* of the standby */
    double latency_ms;
    probe_done_fn *done;
    void *arg;
};

/* In a recovery that has no stream yet some of it is NULL; nothing of it fails on a primary. */
static const char standby_sql[] =
    "SELECT NOT pg_is_in_recovery() AS is_primary,"
    " CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS is_paused,"
    " w.pid IS NOT NULL AS is_linked, w.status, w.received_tli AS timeline,"
    " pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0') AS received,"
    " pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS replayed,"
    " pg_wal_lsn_diff(w.latest_end_lsn, '0/0') AS known,"
    " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS replay_age,"
    " extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) AS message_age"
    " FROM (SELECT 1) AS one LEFT JOIN pg_stat_wal_receiver AS w ON true";
static const char primary_sql[] =
    "SELECT pg_is_in_recovery() AS is_standby,"
    " CASE WHEN pg_is_in_recovery() THEN NULL"
    " ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END AS written,"
    " r.pid IS NOT NULL AS has_sender, r.application_name AS name, r.state, r.sync_state,"
    " extract(epoch FROM clock_timestamp() - r.reply_time) AS reply_age"
    " FROM (SELECT 1) AS one LEFT JOIN pg_stat_replication AS r ON true"
    " ORDER BY r.application_name LIMIT 1000";

/* --- what was said --- */

static struct replica_standby standby_of(const struct pg_reply *r)
{
    return (struct replica_standby){
        .is_primary = pg_is_true(r, 0, "is_primary"),
        .is_linked = pg_is_true(r, 0, "is_linked"),
        .is_paused = pg_is_true(r, 0, "is_paused"),
        .status = pg_value(r, 0, "status"),
        .timeline = pg_value(r, 0, "timeline"),
        .received_b = pg_figure(r, 0, "received"),
        .replayed_b = pg_figure(r, 0, "replayed"),
        .known_b = pg_figure(r, 0, "known"),
        .replay_age_s = pg_figure(r, 0, "replay_age"),
        .message_age_s = pg_figure(r, 0, "message_age"),
    };
}

/* The sender of this standby: by its name, else the only one that there is.  n_rows: none. */
static size_t sender_row(const struct config *c, const struct pg_reply *r)
{
    size_t i = 0;
    if (c->name == NULL)
        return r->n_rows == 1 && pg_is_true(r, 0, "has_sender") ? 0 : r->n_rows;
    for (; i < r->n_rows; i++) {
        const char *name = pg_value(r, i, "name");
        if (name != NULL && strcmp(name, c->name) == 0)
            break;
    }
    return i;
}

static struct replica_primary primary_of(const struct config *c, const struct pg_reply *r)
{
    size_t row = sender_row(c, r);
    return (struct replica_primary){
        .is_standby = pg_is_true(r, 0, "is_standby"),
        .has_sender = row < r->n_rows,
        .state = pg_value(r, row, "state"),
        .sync_state = pg_value(r, row, "sync_state"),
        .written_b = pg_figure(r, 0, "written"),
        .reply_age_s = pg_figure(r, row, "reply_age"),
    };
}

/* --- what it comes to --- */

static void finish(struct round *round, struct result *r)
{
    round->done(round->arg, r);
    result_release(r);
    free(round->status);
    free(round->timeline);
    free(round);
}

static void judge(struct round *round, struct replica_view *v)
{
    const struct config *c = round->config;
    struct replica_limits limits = {
        .lag_warning = (double)c->lag_warning_ms / 1e3,
        .lag_critical = (double)c->lag_critical_ms / 1e3,
        .silence_warning = (double)c->silence_warning_ms / 1e3,
        .silence_critical = (double)c->silence_critical_ms / 1e3,
    };
    struct result r = {.latency_ms = round->latency_ms};

    v->standby = round->standby;
    v->standby_role = c->standby.user;
    v->primary_role = c->primary.user;
    replica_judge(v, &limits, &r);
    result_fact(&r, "server_version", round->version);
    finish(round, &r);
}

static void fail(struct round *round, struct pg_reply *reply)
{
    struct result r = {.latency_ms = -1, .is_self = reply->is_self};
    result_say(&r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
    reply->say = NULL;
    finish(round, &r);
}

static void on_primary(void *arg, struct pg_reply *reply)
{
    struct round *round = arg;
    struct replica_view v = {0};

    round->call = NULL;
    if (reply->is_ok && reply->n_rows > 0) {
        v.has_primary = true;
        v.primary = primary_of(round->config, reply);
    } else {
        v.primary_failure = reply->say != NULL ? reply->say : "";
    }
    judge(round, &v);
}

static void on_standby(void *arg, struct pg_reply *reply)
{
    struct round *round = arg;
    const struct config *c = round->config;
    int64_t left_ms = round->until_ms - loop_mono_ms(round->env->loop);

    round->call = NULL;
    if (!reply->is_ok || reply->n_rows == 0) {
        fail(round, reply);
        return;
    }
    round->latency_ms = reply->connect_ms + reply->query_ms;
    round->standby = standby_of(reply);
    round->standby.status = round->status = mem_strdup(round->standby.status);
    round->standby.timeline = round->timeline = mem_strdup(round->standby.timeline);
    snprintf(round->version, sizeof round->version, "%s", reply->version ? reply->version : "");
    if (c->primary.host != NULL) {
        round->call = pg_ask(round->env->pg, &c->primary, NULL, primary_sql,
                             left_ms > 1 ? left_ms : 1, on_primary, round);
        return;
    }
    struct replica_view v = {0};
    judge(round, &v);
}

/* --- a look --- */

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct round *round = mem_alloc(sizeof *round);
    *round = (struct round){.env = env, .config = config, .done = done, .arg = arg};
    bool has_two = round->config->primary.host != NULL;
    round->until_ms = loop_mono_ms(env->loop) + job->timeout_ms;
    /* of two, the first leaves the second time to answer */
    round->call = pg_ask(env->pg, &round->config->standby, job->address, standby_sql,
                         has_two ? job->timeout_ms * 2 / 3 : job->timeout_ms, on_standby, round);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
    pg_cancel(round->call);
    free(round->status);
    free(round->timeline);
    free(round);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->lag_warning_ms > c->lag_critical_ms)
        return err_set(e, "lag: \"warning\" is later than \"critical\", so it cannot be");
    if (c->silence_warning_ms > c->silence_critical_ms)
        return err_set(e, "silence: \"warning\" is later than \"critical\", so it cannot be");
    if (c->primary.user != NULL && c->primary.host == NULL)
        return err_set(e, "primary: \"host\" is missing");
    if (c->name != NULL && c->primary.host == NULL)
        return err_set(e, "\"name\" is looked for at the primary, and \"primary\" is not given");
    return true;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->standby.host;
}

#define AT(field) offsetof(struct config, field)
#define LATE_ROW(key, field, text, words)                                                          \
    {                                                                                              \
        .name = key, .type = OPTION_DURATION, .offset = AT(field), .min = 1000, .max = 86400e3,    \
        .fallback = text, .help = words                                                            \
    }
static const struct option lag_rows[] = {
    LATE_ROW("warning", lag_warning_ms, "\"10s\"", N_("time behind that is a WARNING")),
    LATE_ROW("critical", lag_critical_ms, "\"60s\"", N_("time behind that is CRITICAL")),
    {.name = NULL}};
static const struct option silence_rows[] = {
    LATE_ROW("warning", silence_warning_ms, "\"40s\"", N_("silence that is a WARNING")),
    LATE_ROW("critical", silence_critical_ms, "\"60s\"", N_("silence that is CRITICAL")),
    {.name = NULL}};
static const struct option primary_rows[] = {PG_ACCESS_ROWS(AT(primary)), {.name = NULL}};

static const struct option rows[] = {
    PG_ACCESS_ROWS(AT(standby)),
    {.name = "primary",
     .type = OPTION_GROUP,
     .rows = primary_rows,
     .help = N_("its primary, the same keys with a host: then bytes are counted to its end")},
    {.name = "name",
     .type = OPTION_STRING,
     .offset = AT(name),
     .help = N_("application_name of the standby; without it the primary's only one")},
    {.name = "lag",
     .type = OPTION_GROUP,
     .rows = lag_rows,
     .help = N_("how far replay may be behind")},
    {.name = "silence",
     .type = OPTION_GROUP,
     .rows = silence_rows,
     .help = N_("how long one may not hear from the other; an idle primary is silent for 30 s")},
    {.name = NULL}};

const struct probe_type probe_replication = {
    .name = "replication",
    .summary = N_("asks a standby and its primary: link, replay, bytes and time behind"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
};
