/* `trucban probe --site FILE [CHECK…] [--json]`: looks once, now, without an engine. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/buf.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/event_json.h"
#include "engine/jval.h"
#include "engine/loop.h"
#include "engine/paths.h"
#include "engine/scheduler.h"
#include "engine/site.h"
#include "engine/wire.h"

struct round { /* one look at all that was asked for */
    struct loop *loop;
    struct site *site;
    struct check **checks; /* those to be shown; what is fed comes with its source */
    size_t n, left;        /* left: runs that have not ended */
};

static bool is_fed(const struct check *c)
{
    const struct check_spec *spec = c->spec;
    return spec->type->feed != NULL;
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct round *round = arg;
    fleet_apply_result(round->site->fleet, c, r, loop_mono_ms(round->loop));
    if (!is_fed(c) && --round->left == 0)
        loop_stop(round->loop);
}

/* A name stands for a check, or for all checks of a target; * and ? match. */
static bool is_named(const struct check *c, const char *name)
{
    return text_glob(name, c->id) || text_glob(name, c->target->id);
}

static bool is_wanted(const struct check *c, const struct cmd_options *o)
{
    for (size_t i = 0; i < o->n_args; i++)
        if (is_named(c, o->args[i]))
            return true;
    return o->n_args == 0;
}

/* What feeds c, NULL if nothing does. */
static struct check *source_of(const struct fleet *f, const struct check *c)
{
    const struct check_spec *spec = c->spec;
    const char *from, *row;
    if (!is_fed(c))
        return NULL;
    spec->type->feed(spec->config, &from, &row);
    return fleet_check(f, from);
}

static bool has_turn(const struct fleet *f, const struct check *c)
{
    const struct check_spec *spec = c->spec;
    const struct check *source = source_of(f, c);
    return !spec->type->is_passive && !c->target->is_disabled &&
           (source == NULL || !source->target->is_disabled);
}

/* Is it asked for, itself or as what feeds one that is? */
static bool is_needed(const struct fleet *f, const struct check *c, const struct cmd_options *o)
{
    const struct check_spec *spec = c->spec;
    if (is_wanted(c, o))
        return true;
    for (size_t i = 0; spec->type->gives_rows && i < f->n_checks; i++)
        if (is_wanted(f->checks[i], o) && source_of(f, f->checks[i]) == c)
            return true;
    return false;
}

/* Fills round->checks; each name must stand for something that can be asked. */
static int choose(struct round *round, const struct cmd_options *o)
{
    const struct fleet *f = round->site->fleet;

    round->checks = calloc(f->n_checks + 1, sizeof *round->checks);
    for (size_t a = 0; a < o->n_args; a++) {
        size_t found = 0, asked = 0;
        for (size_t i = 0; i < f->n_checks; i++) {
            found += is_named(f->checks[i], o->args[a]);
            asked += is_named(f->checks[i], o->args[a]) && has_turn(f, f->checks[i]);
        }
        if (found == 0)
            return cmd_fail(NULL, EXIT_USAGE, "probe", "no check or target \"%s\" in \"%s\"",
                            o->args[a], round->site->path);
        if (asked == 0)
            return cmd_fail(NULL, EXIT_USAGE, "probe",
                            "\"%s\" is passive or disabled, there is nothing to ask", o->args[a]);
    }
    for (size_t i = 0; i < f->n_checks; i++)
        if (has_turn(f, f->checks[i]) && is_needed(f, f->checks[i], o))
            round->checks[round->n++] = f->checks[i];
    return 0;
}

static int look(struct round *round)
{
    struct probe_env env;
    struct err e;
    int status = 0;

    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (!probe_env_open(&env, round->loop, &e))
        return cmd_fail(NULL, EXIT_SOFTWARE, "probe", "%s", e.text);
    env.fleet = round->site->fleet;
    struct scheduler *s = scheduler_new(&env, round->site->specs, on_result, round);
    scheduler_start_once(s);
    for (size_t i = 0; i < round->n && status == 0; i++) {
        if (is_fed(round->checks[i]))
            continue;
        round->left++;
        if (!scheduler_run_now(s, round->checks[i], &e))
            status = cmd_fail(NULL, EXIT_SOFTWARE, "probe", "%s", e.text);
    }
    if (status == 0 && round->left > 0)
        loop_run(round->loop);
    scheduler_free(s);
    probe_env_close(&env);
    return status;
}

static struct jval *check_json(const struct check *c)
{
    struct jval *j = jval_object();
    jval_set_str(j, "check", c->id);
    jval_set_str(j, "target", c->target->id);
    jval_set_str(j, "probe", c->probe);
    jval_set_str(j, "state", state_rows[c->live.state].name);
    jval_set(j, "latency_ms", c->latency_ms < 0 ? jval_new_null() : jval_new_num(c->latency_ms));
    event_json_set_say(j, "summary", "say", c->summary);
    jval_set_time(j, "at", c->at_ms);
    jval_set_bool(j, "self", c->is_self);
    jval_set(j, "metrics", wire_metrics(c));
    jval_set(j, "facts", wire_facts(c));
    return j;
}

static void print_json(const struct round *round)
{
    struct buf text = BUF_INIT(0);
    struct jval *doc = jval_object(), *list = jval_array();

    jval_set_str(doc, "schema", "trucban/probe/1");
    for (size_t i = 0; i < round->n; i++)
        jval_append(list, check_json(round->checks[i]));
    jval_set(doc, "results", list);
    jval_dump(&text, doc, 0);
    puts(buf_text(&text));
    jval_free(doc);
    buf_release(&text);
}

static void print_table(const struct round *round)
{
    struct cmd_columns *table = cmd_columns_new(4);
    for (size_t i = 0; i < round->n; i++) {
        const struct check *c = round->checks[i];
        struct buf words = BUF_INIT(TEXT_MAX_STORED);
        char latency[32] = "-";
        cmd_say(NULL, &words, c->summary != NULL ? c->summary : "-"); /* its source gave nothing */
        if (c->latency_ms >= 0)
            snprintf(latency, sizeof latency, "%.1f ms", c->latency_ms);
        const char *const cells[] = {state_rows[c->live.state].name, c->id, latency,
                                     buf_text(&words)};
        cmd_columns_add(table, cells);
        buf_release(&words);
    }
    cmd_columns_print(table, stdout);
    cmd_columns_free(table);
}

static int worst(const struct round *round)
{
    enum state s = STATE_OK;
    for (size_t i = 0; i < round->n; i++)
        s = state_worse(s, round->checks[i]->live.state);
    return state_rows[s].exit_code;
}

static int with_site(struct site *site, const struct cmd_options *o)
{
    struct round round = {.site = site};
    struct err e;
    int status = choose(&round, o);

    if (status == 0 && (round.loop = loop_new(&e)) == NULL)
        status = cmd_fail(NULL, EXIT_SOFTWARE, "probe", "%s", e.text);
    if (status == 0)
        status = look(&round);
    if (status == 0) {
        if (o->given & OPT_JSON)
            print_json(&round);
        else
            print_table(&round);
        status = worst(&round);
    }
    loop_free(round.loop);
    free(round.checks);
    return status;
}

static int run(const struct cmd_options *o)
{
    struct err e;
    char *path = paths_site_file(o->site, paths_getenv, &e);
    if (path == NULL)
        return cmd_fail(NULL, EXIT_USAGE, "probe", "%s", e.text);
    int status;
    struct site *site = cmd_load_site("probe", o, path, &status);
    if (site != NULL && site->fleet->timezone != NULL) { /* as an engine has it */
        setenv("TZ", site->fleet->timezone, 1);
        tzset();
    }
    if (site != NULL)
        status = with_site(site, o);
    site_free(site);
    free(path);
    return status;
}

int cmd_probe(int argc, char **argv)
{
    return cmd_carry_out(cmd_find("probe"), argc, argv, run);
}
