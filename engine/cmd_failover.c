/* cmd_failover.c - `trucban failover …`: groups, plans, runs; cmd_failover_run.c carries one out.
 */
#include "engine/cmd_failover.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/when.h"
#include "engine/wire.h"

#define RUN_HEAD 8 /* characters of an id that people are shown */

/* --- saying ----------------------------------------------------------------------------------- */

void failover_line(const struct cmd_env *env, FILE *to, char *packed)
{
    struct buf b = BUF_INIT(0);
    cmd_say(env, &b, packed);
    buf_addc(&b, '\n');
    cmd_put(env, buf_text(&b), to);
    fflush(to);
    buf_release(&b);
    free(packed);
}

static void say_packed(const struct cmd_env *env, const char *before, const char *packed)
{
    struct buf b = BUF_INIT(0);
    buf_adds(&b, before);
    cmd_say(env, &b, packed != NULL ? packed : "");
    buf_addc(&b, '\n');
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
}

static void print_json(struct jval *taken)
{
    struct buf b = BUF_INIT(0);
    jval_dump(&b, taken, 0);
    printf("%s\n", buf_text(&b));
    buf_release(&b);
    jval_free(taken);
}

void failover_print_plan(const struct cmd_env *env, const struct plan *p)
{
    static const char *const marks[FINDING_KIND_COUNT] = {
        [FINDING_OK] = "  + ", [FINDING_WARN] = "  ! ", [FINDING_FAIL] = "  X "};
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s: %s -> %s\n", p->fog, p->from != NULL ? p->from : "?", p->to);
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
    for (size_t i = 0; i < p->checks.n; i++)
        say_packed(env, marks[p->checks.v[i].kind], p->checks.v[i].say);
    for (size_t i = 0; i < p->n_steps; i++) {
        char before[32];
        snprintf(before, sizeof before, "  %zu. ", i + 1);
        say_packed(env, before, p->steps[i].say);
        say_packed(env, "       ", p->steps[i].request);
    }
    if (p->notice != NULL)
        say_packed(env, "  ", p->notice);
    if (p->undo != NULL)
        say_packed(env, "  ", p->undo);
    fflush(stdout);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* The newest answer's plan; false: said, and *status filled. */
bool failover_ask_plan(struct failover_cmd *c, const char *group, const char *to, struct plan *out,
                       bool is_json)
{
    const char *const pairs[] = {"group", group, "to", to};
    struct err e = {""};
    *out = (struct plan){0};
    const struct cmd_answer *a = cmd_ask(
        c->client, link_request_pairs(cmd_link(c->client), "plan", pairs, 4), ANSWER_WAIT_MS);
    c->status = a == NULL ? EXIT_UNAVAILABLE : a->status;
    if (a == NULL || !a->is_ok) {
        if (a != NULL)
            cmd_fail(c->env, a->status, "failover", "%s", a->words);
        return false;
    }
    struct jval *j = jval_parse(a->line, strlen(a->line), &e);
    bool is_read = j != NULL && wire_read_plan(jval_get(j, "plan"), out, &e);
    if (is_read && is_json)
        print_json(wire_plan(out));
    jval_free(j);
    if (!is_read)
        c->status = cmd_fail(c->env, EXIT_SOFTWARE, "failover", "%s", e.text);
    return is_read;
}

/* What is not said: the first candidate that does not serve now. */
const char *failover_default_to(const struct fleet *f, const char *group)
{
    const struct fog *g = fleet_fog(f, group);
    for (size_t i = 0; g != NULL && i < g->n_candidates; i++) {
        const char *to = g->candidates[i];
        if (strcmp(to, FOG_TO_ALL) != 0 && (g->active == NULL || strcmp(g->active, to) != 0))
            return to;
    }
    return FOG_TO_ALL;
}

static int do_plan(struct failover_cmd *c)
{
    struct plan p;
    const char *group = c->o->args[1];
    const char *to = c->o->to != NULL ? c->o->to : failover_default_to(cmd_fleet(c->client), group);
    bool is_json = (c->o->given & OPT_JSON) != 0;
    if (failover_ask_plan(c, group, to, &p, is_json)) {
        if (!is_json)
            failover_print_plan(c->env, &p);
        c->status = plan_is_blocked(&p) ? EXIT_NOPERM : 0;
    }
    plan_release(&p);
    return c->status;
}

/* One request about a run, answered in one sentence. */
static int do_say(struct failover_cmd *c, const char *verb)
{
    const char *const pairs[] = {"run",     c->o->args[1],
                                 "text",    c->o->text,
                                 "verdict", c->o->n_args > 2 ? c->o->args[2] : NULL};
    size_t n = strcmp(verb, "abort") == 0 ? 2 : strcmp(verb, "close") == 0 ? 4 : 6;
    const struct cmd_answer *a =
        cmd_ask(c->client, link_request_pairs(cmd_link(c->client), verb, pairs, n), ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(c->env, a->status, "failover", "%s", a->words);
    failover_line(c->env, stdout, mem_strdup(a->words));
    return 0;
}

/* --- lists ------------------------------------------------------------------------------------ */

static const char *verdict_word(const struct fog *g)
{
    if (g->n_parts > 0)
        return N_("list");
    if (g->judged_at_ms == 0)
        return N_("not seen yet");
    return g->is_ready ? N_("ready") : N_("not ready");
}

static void add_group(const struct cmd_env *env, struct cmd_columns *t, const struct fleet *f,
                      const struct fog *g, const char *lang)
{
    const struct run *r = fleet_active_run(f, g->id);
    struct buf why = BUF_INIT(0);
    if (r == NULL)
        r = fleet_unclosed_run(f, g->id);
    for (size_t i = 0; i < g->reasons.n && why.len == 0; i++)
        if (g->reasons.v[i].kind == FINDING_FAIL)
            cmd_say(env, &why, g->reasons.v[i].say);
    char run[64] = "-";
    if (r != NULL)
        snprintf(run, sizeof run, "%.8s %s", r->id, run_state_rows[r->state].name);
    const char *const cells[] = {g->id,
                                 words_in(&g->name, lang, ""),
                                 g->driver != NULL ? g->driver : "-",
                                 g->active != NULL ? g->active : "-",
                                 cmd_tr(env, verdict_word(g)),
                                 run,
                                 buf_text(&why)};
    cmd_columns_add(t, cells);
    buf_release(&why);
}

static int do_list(struct failover_cmd *c)
{
    const struct fleet *f = cmd_fleet(c->client);
    if (c->o->given & OPT_JSON) {
        print_json(wire_fogs(f));
        return 0;
    }
    const char *const head[] = {cmd_tr(c->env, N_("GROUP")),  cmd_tr(c->env, N_("NAME")),
                                cmd_tr(c->env, N_("DRIVER")), cmd_tr(c->env, N_("ACTIVE")),
                                cmd_tr(c->env, N_("READY")),  cmd_tr(c->env, N_("RUN")),
                                cmd_tr(c->env, N_("WHY NOT"))};
    struct cmd_columns *t = cmd_columns_new(7);
    cmd_columns_add(t, head);
    for (size_t i = 0; i < f->n_fogs; i++)
        add_group(c->env, t, f, f->fogs[i], cmd_lang(c->client));
    cmd_columns_put(c->env, t, stdout);
    cmd_columns_free(t);
    return 0;
}

static void add_run(const struct cmd_env *env, struct cmd_columns *t, const struct run *r)
{
    char id[RUN_HEAD + 1], at[WHEN_TEXT_MAX];
    struct buf way = BUF_INIT(0), outcome = BUF_INIT(0);
    snprintf(id, sizeof id, "%.8s", r->id);
    buf_addf(&way, "%s -> %s", r->from != NULL ? r->from : "?", r->to != NULL ? r->to : "?");
    cmd_say(env, &outcome, r->outcome != NULL ? r->outcome : "");
    const char *const cells[] = {id,
                                 when_date_hm(r->confirmed_at_ms, at),
                                 r->fog,
                                 buf_text(&way),
                                 r->by != NULL ? r->by : "?",
                                 cmd_tr(env, run_state_rows[r->state].word),
                                 buf_text(&outcome)};
    cmd_columns_add(t, cells);
    buf_release(&way);
    buf_release(&outcome);
}

static int do_runs(struct failover_cmd *c)
{
    const struct fleet *f = cmd_fleet(c->client);
    const char *group = c->o->n_args > 1 ? c->o->args[1] : NULL;
    if (c->o->given & OPT_JSON) {
        print_json(wire_runs(f, group));
        return 0;
    }
    const char *const head[] = {cmd_tr(c->env, N_("RUN")),    cmd_tr(c->env, N_("AT")),
                                cmd_tr(c->env, N_("GROUP")),  cmd_tr(c->env, N_("FROM, TO")),
                                cmd_tr(c->env, N_("BY")),     cmd_tr(c->env, N_("STATE")),
                                cmd_tr(c->env, N_("OUTCOME"))};
    struct cmd_columns *t = cmd_columns_new(7);
    cmd_columns_add(t, head);
    for (size_t i = 0; i < f->n_runs; i++)
        if (group == NULL || strcmp(f->runs[i]->fog, group) == 0)
            add_run(c->env, t, f->runs[i]);
    cmd_columns_put(c->env, t, stdout);
    cmd_columns_free(t);
    return 0;
}

void failover_print_step(const struct cmd_env *env, const struct run *r, size_t i)
{
    const struct run_step *s = &r->steps[i];
    char before[64];
    snprintf(before, sizeof before, "  %zu/%zu %-8s ", i + 1, r->n_steps,
             step_state_names[s->state]);
    say_packed(env, before, s->say);
    if (s->verdict != NULL)
        say_packed(env, "               ", s->verdict);
}

static int do_show(struct failover_cmd *c)
{
    const struct run *r = fleet_run_like(cmd_fleet(c->client), c->o->args[1]);
    if (r == NULL)
        return cmd_fail_say(c->env, EXIT_USAGE, "failover",
                            SAY(N_("there is no run \"{0}\", or more than one"), c->o->args[1]));
    if (c->o->given & OPT_JSON) {
        print_json(wire_run(r));
        return 0;
    }
    struct buf b = BUF_INIT(0);
    char at[WHEN_TEXT_MAX];
    buf_addf(&b, "%s  %s  %s -> %s\n  %s  %s  %s  %s\n  %s\n", r->id, r->fog,
             r->from != NULL ? r->from : "?", r->to, r->by, when_date_hm(r->confirmed_at_ms, at),
             r->ticket != NULL ? r->ticket : "-", r->reason != NULL ? r->reason : "-",
             cmd_tr(c->env, run_state_rows[r->state].word));
    cmd_put(c->env, buf_text(&b), stdout);
    buf_release(&b);
    for (size_t i = 0; i < r->n_steps; i++) {
        failover_print_step(c->env, r, i);
        say_packed(c->env, "               ", r->steps[i].request);
        if (r->steps[i].reply != NULL && r->steps[i].reply[0] != '\0')
            say_packed(c->env, "               < ", r->steps[i].reply);
    }
    if (r->outcome != NULL)
        say_packed(c->env, "  ", r->outcome);
    if (r->closed_text != NULL)
        say_packed(c->env, "  ", r->closed_text);
    return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

static int do_abort(struct failover_cmd *c)
{
    return do_say(c, "abort");
}

static int do_resolve(struct failover_cmd *c)
{
    return do_say(c, "resolve");
}

static int do_close(struct failover_cmd *c)
{
    return do_say(c, "close");
}

static const struct verb_row {
    const char *name;
    size_t min_args, max_args; /* behind the verb */
    int needs;                 /* OPT_…, or-ed */
    int (*run)(struct failover_cmd *c);
} verb_rows[] = {
    {"list", 0, 0, 0, do_list},
    {"plan", 1, 1, 0, do_plan},
    {"run", 1, 1, OPT_TO | OPT_REASON | OPT_TICKET, failover_do_run},
    {"runs", 0, 1, 0, do_runs},
    {"show", 1, 1, 0, do_show},
    {"abort", 1, 1, 0, do_abort},
    {"resolve", 2, 2, OPT_TEXT, do_resolve},
    {"close", 1, 1, OPT_TEXT, do_close},
};

static const struct verb_row *verb_of(const struct cmd_env *env, const struct cmd_options *o)
{
    const struct verb_row *row = NULL;
    for (size_t i = 0; i < sizeof verb_rows / sizeof verb_rows[0]; i++)
        if (strcmp(verb_rows[i].name, o->args[0]) == 0)
            row = &verb_rows[i];
    if (row == NULL)
        cmd_fail_say(env, EXIT_USAGE, "failover",
                     SAY(N_("unknown word \"{0}\"; there are: list, plan, run, runs, show, abort, "
                            "resolve, close"),
                         o->args[0]));
    else if (o->n_args - 1 < row->min_args || o->n_args - 1 > row->max_args)
        cmd_fail_say(env, EXIT_USAGE, "failover",
                     SAY(N_("{0}: too few or too many words"), row->name));
    else if ((o->given & row->needs) != row->needs)
        cmd_fail_say(env, EXIT_USAGE, "failover",
                     row->needs & OPT_TO
                         ? mem_strdup(N_("run needs --to NAME, --reason TEXT and --ticket ID"))
                         : SAY(N_("{0} needs -m TEXT: what you saw"), row->name));
    else
        return row;
    return NULL;
}

int cmd_failover(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("failover"), argc, argv, &o);
    if (status >= 0)
        return status;
    struct failover_cmd c = {.env = env, .o = &o};
    const struct verb_row *row = verb_of(env, &o);
    status = EXIT_USAGE;
    if (row != NULL && (row->run != failover_do_run || failover_has_terminal(env))) {
        c.client = cmd_connect(env, "failover", &o, true, &status);
        if (c.client != NULL)
            status = row->run(&c);
    }
    cmd_client_free(c.client);
    cmd_options_release(&o);
    return status;
}
