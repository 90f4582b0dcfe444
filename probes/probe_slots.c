/* probe_slots.c - all replication slots of one server: who reads them, how much WAL they hold; a
 * row each.
 *
 * The server that keeps the WAL is asked, whoever reads it (standby, subscription, Patroni's
 * members): it is the one whose disk fills. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/lag_words.h"
#include "probes/pg_access.h"
#include "probes/slot.h"

struct config {
    struct pg_access access;
    struct option_strings slots;
    int64_t held_warning_b, held_critical_b;
};

struct run {
    const struct config *config;
    const struct probe_fed *fed;
    size_t n_fed;
    struct pg_call *call;
    probe_done_fn *done;
    void *arg;
};

/* Columns that a version does not have are read as null: conflicting is there from 16 on, its
 * reason, synced and inactive_since from 17 on. */
static const char slots_sql[] =
    "SELECT s.slot_name IS NOT NULL AS has_slot, s.slot_name AS name, s.slot_type AS type,"
    " s.database, s.active AS is_active, s.temporary AS is_temporary,"
    " j ->> 'wal_status' AS wal_status, j ->> 'safe_wal_size' AS safe,"
    " coalesce(j ->> 'invalidation_reason',"
    "  CASE WHEN j ->> 'conflicting' = 'true' THEN 'conflicting' END) AS invalid,"
    " coalesce(j ->> 'synced', 'false') = 'true' AS is_synced,"
    " extract(epoch FROM clock_timestamp() - (j ->> 'inactive_since')::timestamptz) AS inactive,"
    " pg_wal_lsn_diff(p.at, s.restart_lsn) AS held,"
    " pg_wal_lsn_diff(p.at, coalesce(s.confirmed_flush_lsn, r.replay_lsn)) AS behind"
    " FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    "  ELSE pg_current_wal_lsn() END AS at) AS p"
    " LEFT JOIN pg_replication_slots AS s ON true"
    " LEFT JOIN LATERAL to_jsonb(s) AS j ON true"
    " LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid"
    " ORDER BY s.slot_name LIMIT 1000";

static struct slot slot_of(const struct pg_reply *t, size_t row)
{
    return (struct slot){
        .name = pg_value(t, row, "name"),
        .type = pg_value(t, row, "type"),
        .database = pg_value(t, row, "database"),
        .wal_status = pg_value(t, row, "wal_status"),
        .invalid = pg_value(t, row, "invalid"),
        .is_active = pg_is_true(t, row, "is_active"),
        .is_temporary = pg_is_true(t, row, "is_temporary"),
        .is_synced = pg_is_true(t, row, "is_synced"),
        .held_b = pg_figure(t, row, "held"),
        .behind_b = pg_figure(t, row, "behind"),
        .safe_b = pg_figure(t, row, "safe"),
        .inactive_s = pg_figure(t, row, "inactive"),
    };
}

static bool is_wanted(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->slots.n; i++)
        if (strcmp(c->slots.v[i], name) == 0)
            return true;
    return c->slots.n == 0;
}

static void say_missing(const struct config *c, struct result *r)
{
    for (size_t i = 0; i < c->slots.n; i++)
        if (result_row_find(r, c->slots.v[i]) == NULL)
            lag_raise(
                r, STATE_CRITICAL,
                SAY(N_("the server has no slot {0}: its reader cannot connect"), c->slots.v[i]));
}

static void judge_slots(const struct run *run, const struct pg_reply *t, struct result *r)
{
    const struct config *c = run->config;
    struct slot_limits limits = {(double)c->held_warning_b, (double)c->held_critical_b};
    size_t unread = 0;
    double most_b = 0;
    const char *most = NULL;
    for (size_t i = 0; i < t->n_rows; i++) {
        struct slot s = slot_of(t, i);
        if (!pg_is_true(t, i, "has_slot") || s.name == NULL || !is_wanted(c, s.name))
            continue;
        struct result *one = result_row_add(r, s.name);
        if (one == NULL)
            break;
        slot_judge(&s, &limits, one);
        unread += !s.is_active;
        if (s.held_b >= most_b) {
            most_b = s.held_b;
            most = s.name;
        }
    }
    result_metric(r, "slots", (double)r->n_rows, "");
    result_metric(r, "inactive", (double)unread, "");
    result_metric(r, "held_bytes", most_b, "B");
    result_fact(r, "holds_most", most);
}

static void judge(const struct run *run, struct pg_reply *reply, struct result *r)
{
    char count[24], held[LAG_TEXT_MAX];
    double held_b = 0;
    const char *unit;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    r->latency_ms = reply->connect_ms + reply->query_ms;
    result_fact(r, "role", reply->is_standby ? "standby" : "primary");
    result_fact(r, "server_version", reply->version);
    judge_slots(run, reply, r);
    say_missing(run->config, r);
    lag_sum_rows(r, run->fed, run->n_fed);
    if (r->summary != NULL)
        return;
    result_value(r, "held_bytes", &held_b, &unit);
    snprintf(count, sizeof count, "%zu", r->n_rows);
    result_say(r, STATE_OK,
               r->n_rows == 0 ? SAY(N_("no slots: nothing holds WAL"))
                              : SAY(N_("{0} slots; the most that one holds is {1} of WAL"), count,
                                    lag_bytes(held_b, held)));
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
    *run = (struct run){
        .config = config, .fed = job->fed, .n_fed = job->n_fed, .done = done, .arg = arg};
    run->call = pg_ask(env->pg, &run->config->access, job->address, slots_sql, job->timeout_ms,
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
    if (c->held_warning_b > c->held_critical_b)
        return err_set(e, "held: \"warning\" is more than \"critical\", so it cannot be");
    return true;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->access.host;
}

#define AT(field) offsetof(struct config, field)
static const struct option held_rows[] = {{.name = "warning",
                                           .type = OPTION_SIZE,
                                           .offset = AT(held_warning_b),
                                           .min = 1,
                                           .max = 1LL << 50,
                                           .fallback = "\"1GiB\"",
                                           .help = N_("WAL held that is a WARNING")},
                                          {.name = "critical",
                                           .type = OPTION_SIZE,
                                           .offset = AT(held_critical_b),
                                           .min = 1,
                                           .max = 1LL << 50,
                                           .fallback = "\"10GiB\"",
                                           .help = N_("WAL held that is CRITICAL")},
                                          {.name = NULL}};

static const struct option rows[] = {
    PG_ACCESS_ROWS(AT(access)),
    {.name = "slots",
     .type = OPTION_STRINGS,
     .offset = AT(slots),
     .help = N_("slots that must be there, and that alone count; without it all of them")},
    {.name = "held",
     .type = OPTION_GROUP,
     .rows = held_rows,
     .help = N_("how much WAL a slot may hold; without a reader it is a WARNING at once")},
    {.name = NULL}};

const struct probe_type probe_slots = {
    .name = "slots",
    .summary = N_("asks a PostgreSQL server for its replication slots: readers, WAL held"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .may_leave_rows = true,
};
