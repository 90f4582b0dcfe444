/* probe_hotline.c - the lines of a hotline, one reply for all: how many are there, how many busy,
 * which are out of order; a row each.
 *
 * What counts for who calls is the share of the lines in service that is busy: with one of ten out
 * of order, nine busy ones are all. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http.h"
#include "engine/http_access.h"
#include "engine/jval.h"
#include "engine/probe.h"
#include "probes/jsonreply.h"
#include "probes/jsontest.h"
#include "probes/kinds.h"

#define ODD_NAMED 3 /* lines in an unknown state are named up to here */

enum line { LINE_IDLE, LINE_BUSY, LINE_OUT, LINE_STATES };

struct config {
    char *url, *lines, *id, *state;
    struct option_pairs headers, metrics;
    struct option_strings words[LINE_STATES];
    struct http_access access;
    int64_t capacity, max_body, connect_ms;
    struct http_plan *plan; /* derived */
};

struct round {
    const struct config *config;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

struct tally {
    size_t of[LINE_STATES], n, odd;
    struct buf odd_names;
};

/* --- one line ----------------------------------------------------------------------------- */

static enum line state_of(const struct config *c, const char *word)
{
    for (int s = 0; word != NULL && s < LINE_STATES; s++)
        for (size_t i = 0; i < c->words[s].n; i++)
            if (strcmp(c->words[s].v[i], word) == 0)
                return (enum line)s;
    return LINE_STATES;
}

static void say_odd(struct tally *t, const struct jval *v, struct result *out)
{
    const char *id = result_fact_value(out, "line");
    const char *word = jval_str(v) != NULL ? jval_str(v) : jval_type_name(jval_type(v));
    char *clean = text_cleaned(word, strlen(word), 64, 0);

    if (t->odd++ < ODD_NAMED)
        buf_addf(&t->odd_names, "%s%s (%s)", t->odd > 1 ? ", " : "", id, clean);
    result_say(out, STATE_UNKNOWN, SAY(N_("the state of the line is not known: {0}"), clean));
    free(clean);
}

static void judge_line(const struct config *c, const struct jval *line, struct result *out,
                       struct tally *t)
{
    const struct jval *v = jval_get(line, c->state);
    enum line state = state_of(c, jval_str(v));

    t->n++;
    if (state == LINE_STATES) {
        say_odd(t, v, out);
        return;
    }
    t->of[state]++;
    result_metric(out, "busy", state == LINE_BUSY ? 1 : 0, "");
    if (state == LINE_OUT)
        result_say(out, STATE_CRITICAL, mem_strdup(N_("the line is out of order")));
    else if (state == LINE_BUSY)
        result_say(out, STATE_OK, mem_strdup(N_("the line is busy")));
    else
        result_say(out, STATE_OK, mem_strdup(N_("the line is free")));
}

/* --- all of them -------------------------------------------------------------------------- */

static bool fail_list(struct result *r, char *say)
{
    result_say(r, STATE_CRITICAL, say);
    result_rows_drop(r);
    return false;
}

/* A line's name, a number as a text; NULL: it has none.  The caller frees. */
static char *id_of(const struct config *c, const struct jval *line)
{
    const struct jval *v = jval_get(line, c->id);
    char number[24];

    if (jval_type(v) == JVAL_INT) {
        snprintf(number, sizeof number, "%lld", (long long)jval_int(v, 0));
        return mem_strdup(number);
    }
    return jval_str(v) != NULL && jval_str(v)[0] != '\0' ? mem_strdup(jval_str(v)) : NULL;
}

static bool take_line(const struct config *c, const struct jval *line, size_t i, struct map *seen,
                      struct result *r, struct tally *t)
{
    char *id = id_of(c, line), number[24];

    snprintf(number, sizeof number, "%zu", i + 1);
    if (id == NULL)
        return fail_list(r, SAY(N_("row {0} of the list has no id"), number));
    struct result *out = result_row_add(r, id);
    free(id);
    if (out == NULL)
        return fail_list(r, SAY(N_("the list has more than {0} rows"), "4096"));
    const char *name = r->rows[r->n_rows - 1].id;
    if (map_put(seen, name, r) != NULL)
        return fail_list(r, SAY(N_("row {0} stands in the list twice"), name));
    result_fact(out, "line", name);
    judge_line(c, line, out, t);
    return true;
}

static bool take_lines(const struct config *c, const struct jval *list, struct result *r,
                       struct tally *t)
{
    struct map seen = {0};
    bool is_ok = true;

    if (jval_type(list) != JVAL_ARRAY)
        return fail_list(r, SAY(N_("at \"{0}\" of the reply stands {1}, expected an array of rows"),
                                c->lines, jval_type_name(jval_type(list))));
    if (jval_len(list) == 0)
        return fail_list(r, mem_strdup(N_("the list has no rows")));
    for (size_t i = 0; is_ok && i < jval_len(list); i++)
        is_ok = take_line(c, jval_at(list, i), i, &seen, r, t);
    map_release(&seen);
    return is_ok;
}

static void add_figures(const struct config *c, const struct tally *t, struct result *r)
{
    size_t in_service = t->of[LINE_IDLE] + t->of[LINE_BUSY];

    result_metric(r, "lines", (double)t->n, "");
    result_metric(r, "lines_total", c->capacity > 0 ? (double)c->capacity : (double)t->n, "");
    result_metric(r, "busy", (double)t->of[LINE_BUSY], "");
    result_metric(r, "out", (double)t->of[LINE_OUT], "");
    /* None in service: nobody gets through, which is as bad as all busy. */
    result_metric(r, "busy_pct",
                  in_service > 0 ? 100 * (double)t->of[LINE_BUSY] / (double)in_service : 100, "%");
}

static void say_lines(const struct config *c, const struct tally *t, struct result *r)
{
    char n[24], busy[24], want[24];

    snprintf(n, sizeof n, "%zu", t->n);
    snprintf(busy, sizeof busy, "%zu", t->of[LINE_BUSY]);
    snprintf(want, sizeof want, "%lld", (long long)c->capacity);
    if (c->capacity > 0 && t->n != (size_t)c->capacity)
        result_say(r, STATE_WARNING, SAY(N_("{0} lines in the reply, expected {1}"), n, want));
    else if (t->odd > 0)
        result_say(r, STATE_WARNING,
                   SAY(N_("lines whose state is not known: {0}{1}"), buf_text(&t->odd_names),
                       t->odd > ODD_NAMED ? ", …" : ""));
    else
        result_say(r, STATE_OK, SAY(N_("{0} of {1} lines busy"), busy, n));
}

static void judge(const struct config *c, struct http_reply *reply, struct result *r)
{
    struct tally t = {.odd_names = BUF_INIT(TEXT_MAX_LISTED)};
    struct jval *doc = jsonreply_read(reply, r);

    if (doc != NULL && take_lines(c, jval_pointer(doc, c->lines), r, &t)) {
        add_figures(c, &t, r);
        jsontest_metrics(&c->metrics, doc, r);
        say_lines(c, &t, r);
    }
    jval_free(doc);
    buf_release(&t.odd_names);
}

/* --- a look ------------------------------------------------------------------------------- */

static void on_reply(void *arg, struct http_reply *reply)
{
    struct round *round = arg;
    struct result r = {.latency_ms = -1};

    judge(round->config, reply, &r);
    round->done(round->arg, &r);
    result_release(&r);
    free(round);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct round *round = mem_alloc(sizeof *round);
    round->config = config;
    round->done = done;
    round->arg = arg;
    round->call = http_start(env->http, round->config->plan, job->timeout_ms, on_reply, round);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
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

    if (c->lines[0] != '\0' && c->lines[0] != '/')
        return err_set(e, "lines: \"%.64s\" is no JSON pointer, expected \"\" or \"/…\"", c->lines);
    c->plan = http_plan_new(&want, e);
    return c->plan != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    http_plan_free(c->plan);
    c->plan = NULL;
}

static const char *host(const void *config)
{
    return http_plan_host(((const struct config *)config)->plan);
}

#define AT(field)   offsetof(struct config, field)
#define WORDS(line) (AT(words) + (line) * sizeof(struct option_strings))
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("http or https URL of the list")},
    {.name = "capacity",
     .type = OPTION_INT,
     .offset = AT(capacity),
     .min = 0,
     .max = RESULT_ROWS_MAX,
     .help = N_("lines that there are; 0: as many as the reply has")},
    {.name = "lines",
     .type = OPTION_STRING,
     .offset = AT(lines),
     .fallback = "\"/lines\"",
     .help = N_("JSON pointer to the array of lines")},
    {.name = "line_id",
     .type = OPTION_STRING,
     .offset = AT(id),
     .fallback = "\"id\"",
     .help = N_("what a line calls its name")},
    {.name = "line_state",
     .type = OPTION_STRING,
     .offset = AT(state),
     .fallback = "\"state\"",
     .help = N_("what a line calls its state")},
    {.name = "idle",
     .type = OPTION_STRINGS,
     .offset = WORDS(LINE_IDLE),
     .fallback = "[\"idle\"]",
     .help = N_("words for a line that is free")},
    {.name = "busy",
     .type = OPTION_STRINGS,
     .offset = WORDS(LINE_BUSY),
     .fallback = "[\"busy\"]",
     .help = N_("words for a line on which somebody speaks")},
    {.name = "out",
     .type = OPTION_STRINGS,
     .offset = WORDS(LINE_OUT),
     .fallback = "[\"out\"]",
     .help = N_("words for a line that is out of order")},
    {.name = "metrics",
     .type = OPTION_POINTERS,
     .offset = AT(metrics),
     .help = N_("figures taken from the JSON reply: name and JSON pointer")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = AT(headers),
     .help = N_("request headers, name and value")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 8 << 20,
     .fallback = "65536",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

/* Every line may be busy for a moment; for five minutes it is a queue of people. */
static const struct threshold thresholds[] = {{.metric = "busy_pct",
                                               .warning = 80,
                                               .critical = 100,
                                               .has_warning = true,
                                               .has_critical = true,
                                               .for_ms = 5 * 60 * 1000},
                                              {.metric = NULL}};

const struct probe_type probe_hotline = {
    .name = "hotline",
    .summary = N_("reads the lines of a hotline: busy, free, out of order; a row each"),
    .options = rows,
    .thresholds = thresholds,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .may_leave_rows = true,
};
