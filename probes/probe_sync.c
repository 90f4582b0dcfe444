/* probe_sync.c - one list of databases, a JSON reply or a table: which are connected, how fresh
 * each is; a row each. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/http.h"
#include "engine/jval.h"
#include "engine/loop.h"
#include "engine/pgconn.h"
#include "engine/probe.h"
#include "engine/http_access.h"
#include "probes/jsonreply.h"
#include "probes/kinds.h"
#include "probes/pg_access.h"
#include "probes/sync_rows.h"

#define ROWS_MAX 4096

struct config {
    char *url, *pointer; /* either these */
    char *query;         /* or this, asked of pg */
    struct pg_access pg;
    struct option_pairs headers;
    struct http_access access;
    int64_t max_body, connect_ms;
    struct sync_limits limits;
    struct http_plan *plan; /* derived; NULL: by query */
};

struct round {
    const struct probe_env *env;
    const struct config *config;
    const struct probe_fed *fed;
    size_t n_fed;
    int64_t now_ms; /* by the clock that counts */
    struct http_call *call;
    struct pg_call *pg_call;
    probe_done_fn *done;
    void *arg;
};

/* --- the list --- */

static bool fail_list(struct result *r, char *packed)
{
    result_say(r, STATE_CRITICAL, packed);
    return false;
}

static void say_odd(struct sync_row *row, const char *name, const struct jval *v, const char *msgid)
{
    row->odd = name;
    row->odd_type = jval_type_name(jval_type(v));
    row->odd_msgid = msgid;
}

/* Borrowed text of a member; NULL where it is absent or null.  Something else is told by the row.
 */
static const char *text_of(const struct jval *o, const char *name, struct sync_row *row)
{
    const struct jval *v = jval_get(o, name);
    if (jval_type(v) != JVAL_NULL && jval_str(v) == NULL)
        say_odd(row, name, v, SYNC_ODD_TEXT);
    return jval_str(v);
}

static const char *flag_of(const struct jval *o, const char *name, struct sync_row *row)
{
    const struct jval *v = jval_get(o, name);
    if (jval_type(v) == JVAL_BOOL)
        return jval_bool(v, false) ? "yes" : "no";
    if (jval_type(v) != JVAL_NULL)
        say_odd(row, name, v, SYNC_ODD_FLAG);
    return NULL;
}

static double count_of(const struct jval *o, const char *name, struct sync_row *row)
{
    const struct jval *v = jval_get(o, name);
    double n = jval_num(v, NAN);
    if (jval_type(v) != JVAL_NULL && !(n >= 0))
        say_odd(row, name, v, SYNC_ODD_NUMBER);
    return n >= 0 ? n : NAN;
}

static void read_row(const struct jval *o, struct sync_row *row)
{
    *row = (struct sync_row){.id = jval_get_str(o, "id")};
    row->blocker = text_of(o, "blocker", row);
    row->owner = text_of(o, "owner", row);
    row->fields_published = flag_of(o, "fields_published", row);
    row->guide_published = flag_of(o, "guide_published", row);
    row->traffic = count_of(o, "traffic_day", row);
    row->mode = text_of(o, "mode", row);
    row->last_sync_at = text_of(o, "last_sync_at", row);
    row->link = text_of(o, "link", row);
}

/* A column of a table: as text whatever its type is. */
static const char *flag_column(const struct pg_reply *t, size_t i, const char *name,
                               struct sync_row *row)
{
    const char *text = pg_value(t, i, name);
    if (text == NULL || strcmp(text, "t") == 0 || strcmp(text, "f") == 0)
        return text == NULL ? NULL : text[0] == 't' ? "yes" : "no";
    row->odd = name;
    row->odd_type = "a text";
    row->odd_msgid = SYNC_ODD_FLAG;
    return NULL;
}

static double count_column(const struct pg_reply *t, size_t i, const char *name,
                           struct sync_row *row)
{
    double n = pg_figure(t, i, name);
    if (pg_value(t, i, name) == NULL || n >= 0)
        return n;
    row->odd = name;
    row->odd_type = isnan(n) ? "no number" : "below 0";
    row->odd_msgid = SYNC_ODD_NUMBER;
    return NAN;
}

/* The rows of r are made as far as the list is sound: a list that is not feeds nobody. */
static bool judge_row(const struct round *round, const struct sync_row *row, size_t i,
                      struct map *seen, struct result *r, struct sync_tally *tally)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", i + 1);
    if (row->id == NULL || row->id[0] == '\0')
        return fail_list(r, SAY(N_("row {0} of the list has no id"), number));
    struct result *out = r->n_rows < ROWS_MAX ? result_row_add(r, row->id) : NULL;
    if (out == NULL)
        return fail_list(r, SAY(N_("the list has more than {0} rows"), "4096"));
    const char *id = r->rows[r->n_rows - 1].id;
    if (map_put(seen, id, r) != NULL)
        return fail_list(r, SAY(N_("row {0} stands in the list twice"), id));
    sync_row_judge(row, probe_fed_find(round->fed, round->n_fed, id), &round->config->limits,
                   round->now_ms, out, tally);
    return true;
}

static bool judge_list(const struct round *round, const struct jval *list, struct result *r,
                       struct sync_tally *tally)
{
    struct map seen = {0};
    bool is_ok = true;
    if (jval_type(list) != JVAL_ARRAY) {
        char *at = text_cleaned(round->config->pointer, strlen(round->config->pointer), 64, 0);
        char *say = SAY(N_("at \"{0}\" of the reply stands {1}, expected an array of rows"), at,
                        jval_type_name(jval_type(list)));
        free(at);
        return fail_list(r, say);
    }
    if (jval_len(list) == 0)
        return fail_list(r, SAY(N_("the list has no rows")));
    if (jval_len(list) > ROWS_MAX)
        return fail_list(r, SAY(N_("the list has more than {0} rows"), "4096"));
    for (size_t i = 0; is_ok && i < jval_len(list); i++) {
        struct sync_row row;
        read_row(jval_at(list, i), &row);
        is_ok = judge_row(round, &row, i, &seen, r, tally);
    }
    map_release(&seen);
    return is_ok;
}

/* Columns by name; those that are not there count as null.  A time with a zone is written as JSON
 * has it; any other is the row's to refuse in words. */
static bool judge_table(const struct round *round, const struct pg_reply *table, struct result *r,
                        struct sync_tally *tally)
{
    struct map seen = {0};
    bool is_ok = true;
    if (table->n_rows == 0)
        return fail_list(r, SAY(N_("the list has no rows")));
    for (size_t i = 0; is_ok && i < table->n_rows; i++) {
        char at[WHEN_TEXT_MAX];
        int64_t at_ms;
        struct sync_row row = {.id = pg_value(table, i, "id"),
                               .link = pg_value(table, i, "link"),
                               .last_sync_at = pg_value(table, i, "last_sync_at"),
                               .mode = pg_value(table, i, "mode"),
                               .owner = pg_value(table, i, "owner"),
                               .blocker = pg_value(table, i, "blocker")};
        row.fields_published = flag_column(table, i, "fields_published", &row);
        row.guide_published = flag_column(table, i, "guide_published", &row);
        row.traffic = count_column(table, i, "traffic_day", &row);
        if (pg_time(row.last_sync_at, &at_ms))
            row.last_sync_at = when_rfc3339(at_ms, at);
        is_ok = judge_row(round, &row, i, &seen, r, tally);
    }
    map_release(&seen);
    return is_ok;
}

/* --- what it comes to --- */

static const char *link_said(const struct result *r, const char *row)
{
    const struct result *one = result_row_find(r, row);
    return one != NULL ? result_fact_value(one, "link") : NULL;
}

/* Of the targets that a total is about: how many the list calls connected; false if it feeds none.
 */
static bool count_total(const struct round *round, const struct result *r, const struct total *of,
                        size_t *n, size_t *done)
{
    *n = *done = 0;
    for (size_t i = 0; i < round->n_fed; i++) {
        const struct target *t = round->fed[i].check->target;
        if (!target_has_labels(t, of->labels, of->n_labels))
            continue;
        const char *link = link_said(r, round->fed[i].row);
        ++*n;
        *done += link != NULL && strcmp(link, link_names[LINK_DONE]) == 0;
    }
    return *n > 0;
}

/* "kh02 4/12 (3/12 on 2026-03-05), nq11 26/106": what was published is told where it differs. */
static void add_totals(struct buf *b, const struct round *round, const struct result *r)
{
    const struct fleet *f = round->env->fleet;
    size_t n, done;
    for (size_t i = 0; f != NULL && i < f->about.n_totals; i++) {
        const struct total *t = &f->about.totals[i];
        if (!count_total(round, r, t, &n, &done))
            continue;
        buf_addf(b, "%s%s %zu/%zu", b->len > 0 ? ", " : "", t->id, done, n);
        if ((int64_t)n != t->total || (int64_t)done != t->done)
            buf_addf(b, " (%lld/%lld, %s)", (long long)t->done, (long long)t->total,
                     t->as_of != NULL ? t->as_of : "?");
    }
}

/* A clock that is wrong is the source's to mend, and one thing to be told, not one a row. */
static void judge_clock(int64_t source_ms, int64_t ours_ms, struct result *r)
{
    int64_t ahead = source_ms - ours_ms;
    char apart[WHEN_TEXT_MAX];
    if (source_ms == 0)
        return;
    result_metric(r, "clock_s", (double)ahead / WHEN_SECOND_MS, "s");
    if (r->state != STATE_OK || (ahead >= -SYNC_SKEW_MS && ahead <= SYNC_SKEW_MS))
        return;
    when_age(ahead < 0 ? -ahead : ahead, apart);
    result_say(r, STATE_WARNING,
               ahead > 0 ? SAY(N_("the source's clock is {0} ahead of ours"), apart)
                         : SAY(N_("the source's clock is {0} behind ours, or its list is that old"),
                               apart));
}

static void say_tally(const struct round *round, const struct sync_tally *tally, struct result *r)
{
    struct buf counts = BUF_INIT(TEXT_MAX_LISTED);
    add_totals(&counts, round, r);
    if (counts.len == 0)
        buf_addf(&counts, "%zu/%zu", tally->done, tally->rows);
    result_metric(r, "rows", (double)tally->rows, "");
    result_metric(r, "done", (double)tally->done, "");
    result_metric(r, "late", (double)tally->late, "");
    result_metric(r, "lost", (double)tally->lost, "");
    result_metric(r, "odd", (double)tally->odd, "");
    result_metric(r, "idle", (double)tally->idle, "");
    result_say(r, STATE_OK, SAY(N_("connected: {0}"), buf_text(&counts)));
    buf_release(&counts);
}

static void judge(struct round *round, struct http_reply *reply, struct result *r)
{
    struct sync_tally tally = {0};
    int64_t ours_ms = loop_wall_ms(round->env->loop);
    struct jval *doc = jsonreply_read(reply, r);
    if (doc == NULL)
        return;
    round->now_ms = sync_now(ours_ms, reply->date_ms);
    if (judge_list(round, jval_pointer(doc, round->config->pointer), r, &tally)) {
        say_tally(round, &tally, r);
        judge_clock(reply->date_ms, ours_ms, r);
    } else {
        result_rows_drop(r);
    }
    jval_free(doc);
}

/* --- a look --- */

static void on_reply(void *arg, struct http_reply *reply)
{
    struct round *round = arg;
    struct result r = {.latency_ms = -1};

    judge(round, reply, &r);
    round->done(round->arg, &r);
    result_release(&r);
    free(round);
}

static void on_table(void *arg, struct pg_reply *reply)
{
    struct round *round = arg;
    struct result r = {.latency_ms = -1, .is_self = reply->is_self};
    struct sync_tally tally = {0};

    if (!reply->is_ok) {
        result_say(&r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
    } else {
        r.latency_ms = reply->connect_ms + reply->query_ms;
        round->now_ms = loop_wall_ms(round->env->loop);
        if (judge_table(round, reply, &r, &tally))
            say_tally(round, &tally, &r);
        else
            result_rows_drop(&r);
    }
    round->done(round->arg, &r);
    result_release(&r);
    free(round);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct round *round = mem_alloc(sizeof *round);
    *round = (struct round){.env = env,
                            .config = config,
                            .fed = job->fed,
                            .n_fed = job->n_fed,
                            .done = done,
                            .arg = arg};
    const struct config *c = round->config;
    if (c->plan != NULL)
        round->call = http_start(env->http, c->plan, job->timeout_ms, on_reply, round);
    else
        round->pg_call =
            pg_ask(env->pg, &c->pg, job->address, c->query, job->timeout_ms, on_table, round);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
    if (round->pg_call != NULL)
        pg_cancel(round->pg_call);
    else
        http_cancel(round->call);
    free(round);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    struct http_want want = {.url = c->url,
                             .headers = &c->headers,
                             .access = &c->access,
                             .max_body = c->max_body,
                             .connect_ms = c->connect_ms};
    for (int m = 0; m < SYNC_MODE_COUNT; m++)
        if (c->limits.warning[m] > c->limits.critical[m])
            return err_set(e, "%s: \"warning\" is later than \"critical\", so it cannot be",
                           sync_mode_names[m]);
    if (c->pointer[0] != '\0' && c->pointer[0] != '/')
        return err_set(e, "rows: \"%.64s\" is no JSON pointer, expected \"\" or \"/…\"",
                       c->pointer);
    if ((c->url != NULL) == (c->query != NULL))
        return err_set(e, "expected either \"url\", or \"query\" and \"postgres\"");
    if ((c->pg.user != NULL) != (c->query != NULL))
        return err_set(e, "\"postgres\" and \"query\" go together");
    c->plan = c->url != NULL ? http_plan_new(&want, e) : NULL;
    return c->plan != NULL || c->query != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    http_plan_free(c->plan);
    c->plan = NULL;
}

static const char *host(const void *config)
{
    const struct config *c = config;
    return c->plan != NULL ? http_plan_host(c->plan) : c->pg.host;
}

#define AT(field) offsetof(struct config, field)
#define LATE_ROWS(mode, warning_text, critical_text)                                               \
    {                                                                                              \
        {.name = "warning",                                                                        \
         .type = OPTION_DURATION,                                                                  \
         .offset = AT(limits.warning) + (mode) * sizeof(int64_t),                                  \
         .min = 1000,                                                                              \
         .max = 365 * 86400e3,                                                                     \
         .fallback = warning_text,                                                                 \
         .help = N_("age of the last synchronisation that is a WARNING")},                         \
            {.name = "critical",                                                                   \
             .type = OPTION_DURATION,                                                              \
             .offset = AT(limits.critical) + (mode) * sizeof(int64_t),                             \
             .min = 1000,                                                                          \
             .max = 365 * 86400e3,                                                                 \
             .fallback = critical_text,                                                            \
             .help = N_("age of the last synchronisation that is CRITICAL")},                      \
        {                                                                                          \
            .name = NULL                                                                           \
        }                                                                                          \
    }
static const struct option realtime_rows[] = LATE_ROWS((size_t)SYNC_REALTIME, "\"15m\"", "\"60m\"");
static const struct option hourly_rows[] = LATE_ROWS((size_t)SYNC_HOURLY, "\"2h\"", "\"4h\"");
static const struct option daily_rows[] = LATE_ROWS((size_t)SYNC_DAILY, "\"26h\"", "\"48h\"");

static const char *const no_traffic_names[] = {"ok", "warning", "critical", NULL}; /* enum state */

static const struct option pg_rows[] = {PG_ACCESS_ROWS(AT(pg)), {.name = NULL}};

static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .help = N_("http or https URL of the list")},
    {.name = "rows",
     .type = OPTION_STRING,
     .offset = AT(pointer),
     .fallback = "\"\"",
     .help = N_("JSON pointer to the array of rows; without it the reply itself is the array")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("request headers, name and value")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "postgres",
     .type = OPTION_GROUP,
     .rows = pg_rows,
     .help = N_("in place of url: the PostgreSQL server that has the list")},
    {.name = "query",
     .type = OPTION_STRING,
     .offset = AT(query),
     .flags = OPTION_RAW,
     .help = N_(
         "statement whose columns id, link, last_sync_at, mode, owner, blocker, fields_published, "
         "guide_published, traffic_day are the list")},
    {.name = "mode",
     .type = OPTION_CHOICE,
     .offset = AT(limits.mode),
     .choices = sync_mode_names,
     .fallback = "\"daily\"",
     .help = N_("how often a database synchronises whose row does not say it")},
    {.name = "realtime",
     .type = OPTION_GROUP,
     .rows = realtime_rows,
     .help = N_("when a database that synchronises all the time is late")},
    {.name = "hourly",
     .type = OPTION_GROUP,
     .rows = hourly_rows,
     .help = N_("when a database that synchronises each hour is late")},
    {.name = "daily",
     .type = OPTION_GROUP,
     .rows = daily_rows,
     .help = N_("when a database that synchronises each day is late")},
    {.name = "no_traffic",
     .type = OPTION_CHOICE,
     .offset = AT(limits.no_traffic),
     .choices = no_traffic_names,
     .fallback = "\"ok\"",
     .help = N_("what a database is that is connected and fresh, and used by nobody for a day")},
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 8 << 20,
     .fallback = "\"1MiB\"",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_sync = {
    .name = "sync",
    .summary = N_("reads one list of databases: which are connected, and how fresh each is"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
};
