/* probe_aggregate.c - judges other targets: what share of them is healthy, in each group and in
 * all.
 *
 * Nothing is asked: the picture has it.  A target is healthy where each of its checks that count is
 * OK now; one that has had no result yet is left out, one whose results are old or unclear is not
 * healthy.  Where that is by our own fault (we were asleep, or could not look) it makes nothing
 * worse: what would be well without it is UNKNOWN.  What is disabled, under test or not connected
 * counts neither way, nor do other aggregates: so there is no circle.  Soft states count, since the
 * aggregate confirms its own. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/loop.h"
#include "engine/probe.h"
#include "probes/kinds.h"

#define GROUPS_MAX 16 /* values of the label "by" */
#define NAMED_MAX  6  /* targets that the sentence names */

enum verdict { VERDICT_EACH, VERDICT_BEST };
struct config {
    struct option_pairs labels;
    int kind; /* 0: any, else 1 + enum target_kind */
    char *check, *by;
    int verdict;
    double warning_below, critical_below;
    int64_t at_least;
};

struct share {
    const char *group; /* value of the label; NULL: of all */
    size_t healthy, total;
    size_t unseen; /* of those that are not healthy: by our own fault */
};

struct census {
    struct share all, groups[GROUPS_MAX];
    size_t n_groups, n_pending, n_old;
    struct buf names; /* of those that are not healthy: symbol and id */
    size_t n_named;
};

struct round {
    const struct probe_env *env;
    const struct config *config;
    probe_done_fn *done;
    void *arg;
};

/* --- who counts --- */

static bool is_member(const struct config *c, const struct target *t)
{
    if (!target_counts(t) || (c->kind != 0 && t->kind != (enum target_kind)(c->kind - 1)))
        return false;
    for (size_t i = 0; i < c->labels.n; i++) {
        const char *value = target_label(t, c->labels.keys[i]);
        if (value == NULL || !text_glob(c->labels.values[i], value))
            return false;
    }
    return true;
}

static bool is_counted(const struct config *c, const struct check *k)
{
    return strcmp(k->probe, probe_aggregate.name) != 0 &&
           (c->check == NULL || text_glob(c->check, k->name));
}

/* It is not OK, since we did not look.  A report that does not come is its sender's fault. */
static bool is_unseen(const struct check *k)
{
    enum state s = check_shown(k);
    return s == STATE_PENDING || (s == STATE_STALE && strcmp(k->probe, probe_passive.name) != 0) ||
           (s == STATE_UNKNOWN && k->is_self);
}

/* False if no check of this target counts.  `unseen`: nothing else speaks against it. */
static bool member_state(const struct config *c, const struct target *t, enum state *out,
                         bool *unseen)
{
    bool has_any = false, is_seen_bad = false;
    *out = STATE_OK;
    for (size_t i = 0; i < t->n_checks; i++) {
        if (!is_counted(c, t->checks[i]))
            continue;
        has_any = true;
        enum state s = check_shown(t->checks[i]);
        *out = state_worse(*out, s);
        is_seen_bad = is_seen_bad || (s != STATE_OK && !is_unseen(t->checks[i]));
    }
    *unseen = *out != STATE_OK && !is_seen_bad;
    return has_any;
}

/* --- counting --- */

static struct share *share_of(struct census *all, const char *group)
{
    for (size_t i = 0; i < all->n_groups; i++)
        if (strcmp(all->groups[i].group, group) == 0)
            return &all->groups[i];
    if (all->n_groups == GROUPS_MAX)
        return NULL;
    all->groups[all->n_groups].group = group;
    return &all->groups[all->n_groups++];
}

static void name_one(struct census *all, const struct target *t, enum state s)
{
    if (++all->n_named > NAMED_MAX)
        return;
    buf_addf(&all->names, "%s%c %s", all->n_named > 1 ? ", " : "", state_rows[s].symbol, t->id);
}

static void count_one(struct census *all, const struct config *c, const struct target *t)
{
    const char *group = c->by != NULL ? target_label(t, c->by) : NULL;
    struct share *share = group != NULL ? share_of(all, group) : NULL;
    enum state s;
    bool unseen;
    if (!member_state(c, t, &s, &unseen))
        return;
    if (s == STATE_PENDING) {
        all->n_pending++;
        return;
    }
    all->all.total++;
    all->all.healthy += s == STATE_OK;
    all->all.unseen += unseen;
    if (share != NULL) {
        share->total++;
        share->healthy += s == STATE_OK;
        share->unseen += unseen;
    }
    all->n_old += s == STATE_STALE || s == STATE_UNKNOWN;
    if (s != STATE_OK)
        name_one(all, t, s);
}

static void take_census(struct census *out, const struct config *c, const struct fleet *f)
{
    *out = (struct census){.names = BUF_INIT(TEXT_MAX_LISTED)};
    for (size_t i = 0; i < f->n_targets; i++)
        if (is_member(c, f->targets[i]))
            count_one(out, c, f->targets[i]);
}

/* --- judging --- */

static double percent(const struct share *s)
{
    return s->total > 0 ? 100.0 * (double)s->healthy / (double)s->total : 100;
}

/* The same, if all that was not seen were well. */
static struct share hoped(const struct share *s)
{
    return (struct share){.group = s->group, .healthy = s->healthy + s->unseen, .total = s->total};
}

/* The share that decides: of all, or of the worst or the best group that has anybody. */
static double deciding(const struct census *all, const struct config *c)
{
    double found = -1;
    for (size_t i = 0; i < all->n_groups; i++) {
        double pct = percent(&all->groups[i]);
        if (all->groups[i].total == 0)
            continue;
        if (found < 0 || (c->verdict == VERDICT_BEST ? pct > found : pct < found))
            found = pct;
    }
    return found >= 0 ? found : percent(&all->all);
}

static enum state judge(const struct census *all, const struct config *c)
{
    double pct = deciding(all, c);
    if (pct < c->critical_below || (int64_t)all->all.healthy < c->at_least)
        return STATE_CRITICAL;
    return pct < c->warning_below ? STATE_WARNING : STATE_OK;
}

/* What is known for sure: UNKNOWN where only what was not seen speaks against OK. */
static enum state judge_seen(const struct census *all, const struct config *c)
{
    struct census best = *all;
    best.all = hoped(&all->all);
    for (size_t i = 0; i < all->n_groups; i++)
        best.groups[i] = hoped(&all->groups[i]);
    enum state sure = judge(&best, c);
    return sure == STATE_OK && judge(all, c) != STATE_OK ? STATE_UNKNOWN : sure;
}

static void add_share(struct buf *b, const struct share *s)
{
    buf_addf(b, "%s%s%s%zu/%zu", b->len > 0 ? ", " : "", s->group != NULL ? s->group : "",
             s->group != NULL ? " " : "", s->healthy, s->total);
}

/* "a 3/4, b 4/4", or "7/8" */
static void add_shares(struct buf *b, const struct census *all)
{
    for (size_t i = 0; i < all->n_groups; i++)
        add_share(b, &all->groups[i]);
    if (all->n_groups == 0)
        add_share(b, &all->all);
}

static void say_census(struct result *r, enum state s, const struct census *all)
{
    struct buf shares = BUF_INIT(TEXT_MAX_LISTED), names = BUF_INIT(TEXT_MAX_LISTED);
    add_shares(&shares, all);
    buf_adds(&names, buf_text(&all->names));
    if (all->n_named > NAMED_MAX)
        buf_addf(&names, ", +%zu", all->n_named - NAMED_MAX);
    if (all->n_named == 0)
        result_say(r, s, SAY(N_("healthy: {0}"), buf_text(&shares)));
    else
        result_say(r, s,
                   SAY(N_("healthy: {0}; not healthy: {1}"), buf_text(&shares), buf_text(&names)));
    buf_release(&shares);
    buf_release(&names);
}

static void add_figures(struct result *r, const struct census *all)
{
    char name[TEXT_MAX_NAME + 16];
    result_metric(r, "healthy", (double)all->all.healthy, "");
    result_metric(r, "total", (double)all->all.total, "");
    result_metric(r, "old", (double)all->n_old, "");
    result_metric(r, "healthy_pct", percent(&all->all), "%");
    for (size_t i = 0; i < all->n_groups; i++) {
        if (all->groups[i].total == 0)
            continue;
        snprintf(name, sizeof name, "healthy_pct.%.*s", TEXT_MAX_NAME, all->groups[i].group);
        result_metric(r, name, percent(&all->groups[i]), "%");
    }
}

static void look(void *arg)
{
    struct round *round = arg;
    struct result r = {.latency_ms = -1};
    struct census all;

    take_census(&all, round->config, round->env->fleet);
    if (all.all.total == 0) { /* a moment after the start, or all of it has been taken out */
        char n[24];
        snprintf(n, sizeof n, "%zu", all.n_pending);
        r.is_self = true;
        result_say(&r, STATE_UNKNOWN, SAY(N_("waiting for the first results of {0} targets"), n));
    } else {
        add_figures(&r, &all);
        if (all.n_named > 0)
            result_fact(&r, "missing", buf_text(&all.names));
        enum state s = judge_seen(&all, round->config);
        r.is_self = s == STATE_UNKNOWN;
        say_census(&r, s, &all);
    }
    buf_release(&all.names);
    round->done(round->arg, &r);
    result_release(&r);
    free(round);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct round *round = mem_alloc(sizeof *round);
    (void)job;
    *round = (struct round){.env = env, .config = config, .done = done, .arg = arg};
    loop_soon(env->loop, look, round);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
    loop_forget(round->env->loop, round);
    free(round);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->critical_below > c->warning_below)
        return err_set(e, "critical_below %g is above warning_below %g, so WARNING cannot be",
                       c->critical_below, c->warning_below);
    if (c->verdict == VERDICT_BEST && c->by == NULL)
        return err_set(e, "\"verdict\": \"best\" compares groups, but \"by\" names no label");
    return true;
}

static bool fits(const void *config, const struct fleet *f, struct err *e)
{
    const struct config *c = config;
    size_t n = 0, with_label = 0;
    enum state s;
    bool unseen;
    for (size_t i = 0; i < f->n_targets; i++)
        if (is_member(c, f->targets[i]) && member_state(c, f->targets[i], &s, &unseen)) {
            n++;
            with_label += c->by != NULL && target_label(f->targets[i], c->by) != NULL;
        }
    if (n == 0)
        return err_set(e, "\"of\" matches no target that counts and has such a check");
    if (c->by != NULL && with_label < n)
        return err_set(e, "%zu of the %zu targets that \"of\" matches have no label \"%s\"",
                       n - with_label, n, c->by);
    if (c->at_least > (int64_t)n)
        return err_set(e, "at_least is %lld, but \"of\" matches %zu targets",
                       (long long)c->at_least, n);
    return true;
}

#define AT(field) offsetof(struct config, field)
static const char *const kinds[] = {"any",     "server",  "component", "endpoint",
                                    "flow",    "channel", "database",  "cluster",
                                    "hotline", "other",   NULL};
_Static_assert(sizeof kinds / sizeof *kinds == TARGET_KIND_COUNT + 2, "a kind is missing");
static const char *const verdicts[] = {"each", "best", NULL};

static const struct option of_rows[] = {
    {.name = "labels",
     .type = OPTION_PAIRS,
     .offset = AT(labels),
     .help = N_("labels that the targets have; * and ? match")},
    {.name = "kind",
     .type = OPTION_CHOICE,
     .offset = AT(kind),
     .choices = kinds,
     .help = N_("kind of the targets")},
    {.name = "check",
     .type = OPTION_STRING,
     .offset = AT(check),
     .help = N_("names of the checks that count, such as http*; without it all of a target")},
    {.name = NULL}};

static const struct option rows[] = {
    {.name = "of",
     .type = OPTION_GROUP,
     .rows = of_rows,
     .help = N_("which targets are judged together")},
    {.name = "by",
     .type = OPTION_STRING,
     .offset = AT(by),
     .help = N_("label whose values are groups that are counted apart")},
    {.name = "verdict",
     .type = OPTION_CHOICE,
     .offset = AT(verdict),
     .choices = verdicts,
     .help = N_("each: the worst group decides; best: the best, so that only what all have lost "
                "counts")},
    {.name = "warning_below",
     .type = OPTION_NUMBER,
     .offset = AT(warning_below),
     .max = 100,
     .fallback = "100",
     .help = N_("WARNING where fewer per cent are healthy")},
    {.name = "critical_below",
     .type = OPTION_NUMBER,
     .offset = AT(critical_below),
     .max = 100,
     .fallback = "50",
     .help = N_("CRITICAL where fewer per cent are healthy")},
    {.name = "at_least",
     .type = OPTION_INT,
     .offset = AT(at_least),
     .max = 65536,
     .help = N_("CRITICAL where fewer targets are healthy in all")},
    {.name = NULL}};

const struct probe_type probe_aggregate = {
    .name = "aggregate",
    .summary = N_("judges what share of other targets is healthy, in groups and in all"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .fits = fits,
    .start = start,
    .cancel = cancel,
};
