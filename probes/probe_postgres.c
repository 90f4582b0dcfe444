/* probe_postgres.c - one statement to a PostgreSQL server; the first row it gives is judged.
 *
 * A number is a metric under its column's name ("value" where there is one column only), a time its
 * age in seconds (COLUMN_age_s, or age_s), anything else a fact. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/loop.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/pg_access.h"

struct config {
    struct pg_access access;
    char *query, *expect;
};

struct run {
    const struct probe_env *env;
    const struct config *config;
    struct pg_call *call;
    probe_done_fn *done;
    void *arg;
};

static bool refuse(struct result *r, char *packed)
{
    result_say(r, STATE_UNKNOWN, packed);
    return false;
}

static bool add_age(struct result *r, const char *name, const char *value, int64_t now_ms)
{
    int64_t at_ms;
    char metric[TEXT_MAX_NAME + 8];
    if (!pg_time(value, &at_ms))
        return refuse(r, SAY(N_("column {0} holds a time that cannot be read"), name));
    snprintf(metric, sizeof metric, "%s%sage_s", name, name[0] != '\0' ? "_" : "");
    result_metric(r, metric, (double)(now_ms - at_ms) / WHEN_SECOND_MS, "s");
    return true;
}

/* is_only: the one column of a row needs no name. */
static bool take_value(struct result *r, const struct pg_column *column, const char *value,
                       bool is_only, int64_t now_ms)
{
    double number;
    if (value == NULL)
        return true; /* a threshold on it will miss it */
    switch (column->type) {
    case PG_NUMBER:
        if (!pg_number(value, &number))
            return refuse(
                r, SAY(N_("column {0} holds {1}, which is no finite number"), column->name, value));
        result_metric(r, is_only ? "value" : column->name, number, "");
        return true;
    case PG_TIME:
        return add_age(r, is_only ? "" : column->name, value, now_ms);
    case PG_TIME_NO_ZONE:
        return refuse(r, SAY(N_("column {0} holds a time without its zone; its age is not known"),
                             column->name));
    case PG_BOOL:
    case PG_TEXT:
        break;
    }
    result_fact(r, is_only ? "value" : column->name, value);
    return true;
}

static void judge_row(const struct run *run, const struct pg_reply *reply, struct result *r)
{
    int64_t now_ms = loop_wall_ms(run->env->loop);
    const char *first = reply->values[0];
    char *shown = text_cleaned(first != NULL ? first : "NULL", first != NULL ? strlen(first) : 4,
                               TEXT_MAX_NAME, 0);
    for (size_t i = 0; i < reply->n_columns; i++)
        if (!take_value(r, &reply->columns[i], reply->values[i], reply->n_columns == 1, now_ms)) {
            free(shown);
            return;
        }
    const char *expect = run->config->expect;
    if (expect != NULL && (first == NULL || strcmp(first, expect) != 0)) {
        char *want = text_cleaned(expect, strlen(expect), TEXT_MAX_NAME, 0);
        result_say(r, STATE_CRITICAL, SAY(N_("the answer is {0}, expected {1}"), shown, want));
        free(want);
    } else {
        result_say(r, STATE_OK, SAY(N_("the answer is {0}"), shown));
    }
    free(shown);
}

static void judge(const struct run *run, struct pg_reply *reply, struct result *r)
{
    if (reply->version != NULL) {
        result_fact(r, "server_version", reply->version);
        result_fact(r, "role", reply->is_standby ? "standby" : "primary");
        if (!reply->is_tls && run->config->access.sslmode == PG_SSL_DISABLE)
            result_fact(r, "tls", "none");
    }
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    r->latency_ms = reply->connect_ms + reply->query_ms;
    if (!reply->is_kept)
        result_metric(r, "connect_ms", reply->connect_ms, "ms");
    result_metric(r, "query_ms", reply->query_ms, "ms");
    if (reply->n_rows == 0 || reply->n_columns == 0)
        result_say(r, STATE_CRITICAL, SAY(N_("the statement gives no row")));
    else
        judge_row(run, reply, r);
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
    *run = (struct run){.env = env, .config = config, .done = done, .arg = arg};
    run->call = pg_ask(env->pg, &run->config->access, job->address, run->config->query,
                       job->timeout_ms, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    pg_cancel(run->call);
    free(run);
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->access.host;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    PG_ACCESS_ROWS(AT(access)),
    {.name = "query",
     .type = OPTION_STRING,
     .offset = AT(query),
     .flags = OPTION_RAW,
     .fallback = "\"SELECT 1\"",
     .help = N_("statement whose first row is judged; it runs in a read-only transaction")},
    {.name = "expect",
     .type = OPTION_STRING,
     .offset = AT(expect),
     .help = N_("text that the first column must be")},
    {.name = NULL}};

const struct probe_type probe_postgres = {
    .name = "postgres",
    .summary = N_("asks a PostgreSQL server one statement; judges the first row"),
    .options = rows,
    .config_size = sizeof(struct config),
    .host = host,
    .start = start,
    .cancel = cancel,
};
