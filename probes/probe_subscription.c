/* probe_subscription.c - the subscriptions of one database that replicates logically: workers,
 * tables, errors; a row each.
 *
 * A kind of its own beside replication, which is one standby and its primary: here one database has
 * many subscriptions, each perhaps of another publisher, and one look covers them all.  The
 * publisher's side is its slots' (kind slots). */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/lag_words.h"
#include "probes/pg_access.h"
#include "probes/subscriber.h"

#define ERRORS_KEPT                                                                                \
    24 /* subscriptions without a check of their own whose counts are kept apart                   \
        */

struct config {
    struct pg_access access;
    struct option_strings names;
    int64_t lag_warning_ms, lag_critical_ms, silence_warning_ms, silence_critical_ms;
    int switched_off;
};

struct round {
    const struct config *config;
    const struct probe_fed *fed;
    size_t n_fed;
    const struct check *self; /* what it saw the time before; may be NULL */
    struct pg_call *call;
    probe_done_fn *done;
    void *arg;
};

/* --- what was said --- */

static double metric_before(const struct check *c, const char *name)
{
    for (size_t i = 0; c != NULL && i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return c->metrics[i].value;
    return NAN;
}

/* Where a subscription has no check of its own, ours keeps its counts: "NAME.apply_errors". */
static const char *kept_name(const char *subscription, const char *what, char out[160])
{
    snprintf(out, 160, "%.100s.%s", subscription, what);
    return out;
}

static double count_before(const struct round *round, const char *subscription, const char *what)
{
    char kept[160];
    const struct probe_fed *fed = probe_fed_find(round->fed, round->n_fed, subscription);
    if (fed != NULL)
        return metric_before(fed->check, what);
    return metric_before(round->self, kept_name(subscription, what, kept));
}

static struct subscription subscription_of(const struct round *round, const struct pg_reply *t,
                                           size_t row)
{
    const char *name = pg_value(t, row, "name");
    return (struct subscription){
        .name = name,
        .slot = pg_value(t, row, "slot"),
        .unready = pg_value(t, row, "unready"),
        .is_enabled = pg_is_true(t, row, "is_enabled"),
        .disables_itself = pg_is_true(t, row, "disables_itself"),
        .has_worker = pg_is_true(t, row, "has_worker"),
        .received_b = pg_figure(t, row, "received"),
        .known_b = pg_figure(t, row, "known"),
        .message_age_s = pg_figure(t, row, "message_age"),
        .idle_age_s = pg_figure(t, row, "idle_age"),
        .apply_errors = pg_figure(t, row, "apply_errors"),
        .sync_errors = pg_figure(t, row, "sync_errors"),
        .apply_before = count_before(round, name, "apply_errors"),
        .sync_before = count_before(round, name, "sync_errors"),
        .tables = pg_figure(t, row, "tables"),
        .waiting = pg_figure(t, row, "waiting"),
    };
}

static bool is_wanted(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->names.n; i++)
        if (strcmp(c->names.v[i], name) == 0)
            return true;
    return c->names.n == 0;
}

/* --- what it comes to --- */

static void keep_counts(const struct round *round, const struct subscription *s, struct result *r)
{
    char kept[160];
    if (probe_fed_find(round->fed, round->n_fed, s->name) != NULL || r->n_rows > ERRORS_KEPT)
        return;
    result_metric(r, kept_name(s->name, "apply_errors", kept), s->apply_errors, "c");
    result_metric(r, kept_name(s->name, "sync_errors", kept), s->sync_errors, "c");
}

static void say_missing(const struct config *c, struct result *r)
{
    for (size_t i = 0; i < c->names.n; i++)
        if (result_row_find(r, c->names.v[i]) == NULL)
            lag_raise(r, STATE_CRITICAL,
                      SAY(N_("this database has no subscription {0}"), c->names.v[i]));
}

static void judge_all(const struct round *round, const struct pg_reply *t, struct result *r)
{
    const struct config *c = round->config;
    struct subscription_limits limits = {
        .lag_warning = (double)c->lag_warning_ms / 1e3,
        .lag_critical = (double)c->lag_critical_ms / 1e3,
        .silence_warning = (double)c->silence_warning_ms / 1e3,
        .silence_critical = (double)c->silence_critical_ms / 1e3,
        .switched_off = (enum state)c->switched_off,
    };
    double well = 0, waiting = 0;
    for (size_t i = 0; i < t->n_rows; i++) {
        const char *name = pg_value(t, i, "name");
        struct result *one = name != NULL && is_wanted(c, name) ? result_row_add(r, name) : NULL;
        if (one == NULL)
            continue;
        struct subscription s = subscription_of(round, t, i);
        subscription_judge(&s, &limits, one);
        well += one->state == STATE_OK;
        waiting += isnan(s.waiting) ? 0 : s.waiting;
        keep_counts(round, &s, r);
    }
    result_metric(r, "subscriptions", (double)r->n_rows, "");
    result_metric(r, "well", well, "");
    result_metric(r, "tables_waiting", waiting, "");
}

static void judge(const struct round *round, struct pg_reply *reply, struct result *r)
{
    char count[24];
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    r->latency_ms = reply->connect_ms + reply->query_ms;
    result_fact(r, "server_version", reply->version);
    if (pg_is_true(reply, 0, "is_standby")) {
        result_say(r, STATE_CRITICAL,
                   SAY(N_("it is a standby: its subscriptions rest until it is promoted")));
        return;
    }
    judge_all(round, reply, r);
    say_missing(round->config, r);
    lag_sum_rows(r, round->fed, round->n_fed);
    snprintf(count, sizeof count, "%zu", r->n_rows);
    if (r->summary == NULL && r->n_rows == 0)
        result_say(r, STATE_WARNING, SAY(N_("this database has no subscriptions")));
    else if (r->summary == NULL)
        result_say(r, STATE_OK, SAY(N_("{0} subscriptions looked at"), count));
}

static void on_reply(void *arg, struct pg_reply *reply)
{
    struct round *round = arg;
    struct result r = {.latency_ms = -1};

    judge(round, reply, &r);
    round->done(round->arg, &r);
    result_release(&r);
    free(round);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct round *round = mem_alloc(sizeof *round);
    *round = (struct round){
        .config = config, .fed = job->fed, .n_fed = job->n_fed, .done = done, .arg = arg};
    if (env->fleet != NULL && job->check != NULL)
        round->self = fleet_check(env->fleet, job->check);
    round->call = pg_ask_by_version(env->pg, &round->config->access, job->address, subscriber_sql,
                                    job->timeout_ms, on_reply, round);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
    pg_cancel(round->call);
    free(round);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->lag_warning_ms > c->lag_critical_ms)
        return err_set(e, "lag: \"warning\" is later than \"critical\", so it cannot be");
    if (c->silence_warning_ms > c->silence_critical_ms)
        return err_set(e, "silence: \"warning\" is later than \"critical\", so it cannot be");
    return true;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->access.host;
}

#define AT(field) offsetof(struct config, field)
#define LATE_ROW(key, field, text, words)                                                          \
    {                                                                                              \
        .name = key, .type = OPTION_DURATION, .offset = AT(field), .min = 1000, .max = 86400e3,    \
        .fallback = text, .help = words                                                            \
    }
static const struct option lag_rows[] = {
    LATE_ROW("warning", lag_warning_ms, "\"60s\"", N_("time behind that is a WARNING")),
    LATE_ROW("critical", lag_critical_ms, "\"5m\"", N_("time behind that is CRITICAL")),
    {.name = NULL}};
static const struct option silence_rows[] = {
    LATE_ROW("warning", silence_warning_ms, "\"40s\"", N_("silence that is a WARNING")),
    LATE_ROW("critical", silence_critical_ms, "\"60s\"", N_("silence that is CRITICAL")),
    {.name = NULL}};
static const char *const off_names[] = {"ok", "warning", "critical", NULL}; /* enum state */

static const struct option rows[] = {
    PG_ACCESS_ROWS(AT(access)),
    {.name = "subscriptions",
     .type = OPTION_STRINGS,
     .offset = AT(names),
     .help = N_("subscriptions that must be there, and that alone count; without it all of the "
                "database")},
    {.name = "lag",
     .type = OPTION_GROUP,
     .rows = lag_rows,
     .help = N_("how long it may not be level with its publisher; an idle one says so each 30 s")},
    {.name = "silence",
     .type = OPTION_GROUP,
     .rows = silence_rows,
     .help = N_("how long it may take nothing from its publisher; an idle one is silent for 30 s")},
    {.name = "switched_off",
     .type = OPTION_CHOICE,
     .offset = AT(switched_off),
     .choices = off_names,
     .fallback = "\"warning\"",
     .help = N_("what a subscription is that somebody has switched off")},
    {.name = NULL}};

const struct probe_type probe_subscription = {
    .name = "subscription",
    .summary = N_("asks a database for its subscriptions: workers, tables, errors, time behind"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .may_leave_rows = true,
};
