/* probe_patroni.c - a PostgreSQL cluster under Patroni: every node's own word, then one judgement.
 *
 * CRITICAL is what the whole cluster lacks (a leader, one leader only, the DCS); WARNING is what
 * one member lacks while a leader works.  Each member is a row of its name, so that a standby can
 * be a check of its own and the failover's preflight reads what it needs.  A single look may catch
 * a switchover in the middle (no leader for 100 ms): that is what soft states are for. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/patroni_look.h"
#include "engine/probe.h"
#include "engine/http_access.h"
#include "probes/kinds.h"

struct config {
    struct option_strings urls, names;
    struct http_access access;
    int64_t connect_ms, max_lag;
    struct patroni_plan *plan; /* derived */
};

struct run {
    const struct config *config;
    struct patroni_look *look;
    double begun_ms;
    probe_done_fn *done;
    void *arg;
};

/* --- one member --- */

static const char *word_of(const struct patroni_member *m)
{
    if (m->is_asked && !m->has_answered)
        return "silent";
    if (!patroni_is_up(m) && m->state[0] != '\0')
        return m->state;
    enum patroni_role role = m->has_answered ? m->role : m->listed_role;
    return role == PATRONI_REPLICA && m->is_sync ? "sync" : patroni_role_words[role];
}

static const char *mib(int64_t bytes, char out[24])
{
    snprintf(out, 24, "%.1f MiB", (double)bytes / (1 << 20));
    return out;
}

/* Why this node does not see the DCS, or NULL. */
static char *say_blind(const struct patroni_view *v, const struct patroni_member *m)
{
    char age[24];
    int64_t seen = patroni_dcs_age_s(v, m);

    if (!patroni_is_blind(v, m))
        return NULL;
    if (seen <= v->ttl_s)
        return SAY(N_("{0} sees no leader key in the DCS"), m->name);
    snprintf(age, sizeof age, "%lld s", (long long)seen);
    return SAY(N_("{0} has not seen the DCS for {1}"), m->name, age);
}

static char *say_behind(const struct config *c, const struct patroni_member *m,
                        const struct patroni_member *leader)
{
    char text[24], other[24];
    int64_t lag = patroni_lag(m, leader);

    if (leader->timeline > 0 && m->timeline > 0 && m->timeline != leader->timeline) {
        snprintf(text, sizeof text, "%lld", (long long)m->timeline);
        snprintf(other, sizeof other, "%lld", (long long)leader->timeline);
        return SAY(N_("{0} is on timeline {1}, the leader on {2}"), m->name, text, other);
    }
    if (m->is_replay_paused)
        return SAY(N_("{0} has paused its replay"), m->name);
    if (lag > c->max_lag)
        return SAY(N_("{0} is {1} behind the leader"), m->name, mib(lag, text));
    if (lag < 0)
        return SAY(N_("how far {0} is behind is not known"), m->name);
    return NULL;
}

/* What this member lacks, or NULL; leader NULL: none. */
static char *say_trouble(const struct config *c, const struct patroni_view *v,
                         const struct patroni_member *m, const struct patroni_member *leader)
{
    char *say;

    if (!m->is_asked)
        return SAY(N_("{0} is a member that is not asked: it is not among the urls"), m->name);
    if (!m->has_answered)
        return SAY(N_("{0} does not answer"), m->name);
    if (!patroni_is_up(m))
        return SAY(N_("{0} is not running: {1}"), m->name, m->state);
    if (m->role == PATRONI_ROLE_UNKNOWN)
        return SAY(N_("{0} does not tell a role"), m->name);
    if ((say = say_blind(v, m)) != NULL)
        return say;
    if (leader != NULL && m != leader && (say = say_behind(c, m, leader)) != NULL)
        return say;
    if (m->is_restart_pending)
        return SAY(N_("{0} waits for a restart to take its settings"), m->name);
    return NULL;
}

static void fill_row(struct result *row, const struct patroni_view *v,
                     const struct patroni_member *m, const struct patroni_member *leader)
{
    enum patroni_role role = m->has_answered ? m->role : m->listed_role;
    int64_t lag = m == leader ? -1 : patroni_lag(m, leader), age = patroni_dcs_age_s(v, m);

    result_fact(row, "role", patroni_role_words[role]);
    result_fact(row, "state", word_of(m));
    result_fact(row, "answers", m->has_answered ? "yes" : "no");
    result_fact(row, "address", m->address[0] != '\0' ? m->address : NULL);
    result_fact(row, "sync", m->is_sync ? "yes" : "no");
    result_fact(row, "nofailover", m->is_nofailover ? "yes" : "no");
    result_fact(row, "pending_restart", m->is_restart_pending ? "yes" : "no");
    result_fact(row, "system_id", m->system_id[0] != '\0' ? m->system_id : NULL);
    if (m->has_answered) {
        result_fact(row, "replay", m->is_replay_paused ? "paused" : "running");
        result_fact(row, "dcs", patroni_is_blind(v, m) ? "unseen" : "seen");
    }
    if (m->timeline > 0 || m->listed_timeline > 0)
        result_metric(row, "timeline", (double)(m->timeline > 0 ? m->timeline : m->listed_timeline),
                      "");
    if (lag >= 0)
        result_metric(row, "lag", (double)lag, "B");
    if (age >= 0)
        result_metric(row, "dcs_age", (double)age, "s");
}

static void add_row(const struct config *c, struct patroni_view *v, struct patroni_member *m,
                    const struct patroni_member *leader, struct result *r)
{
    struct result *row = result_row_find(r, m->name) == NULL ? result_row_add(r, m->name) : NULL;
    if (row == NULL)
        return;
    fill_row(row, v, m, leader);
    char *say = say_trouble(c, v, m, leader);
    if (m->say != NULL) { /* the reason itself says more */
        free(say);
        row->is_self = m->is_self;
        result_say(row, m->is_self ? STATE_UNKNOWN : STATE_CRITICAL, mem_strdup(m->say));
    } else if (say != NULL) {
        result_say(row, STATE_WARNING, say);
    } else {
        result_say(row, STATE_OK, SAY(N_("{0} is {1}"), m->name, word_of(m)));
    }
}

/* --- the cluster --- */

static void add_facts(const struct patroni_view *v, const struct patroni_member *leader,
                      struct result *r)
{
    struct buf members = BUF_INIT(1024), sync = BUF_INIT(1024);
    const struct patroni_member *told = NULL;

    for (size_t i = 0; i < v->n; i++) {
        const struct patroni_member *m = &v->members[i];
        buf_addf(&members, "%s%s=%s", i > 0 ? " " : "", m->name, word_of(m));
        if (m->is_sync)
            buf_addf(&sync, "%s%s", sync.len > 0 ? " " : "", m->name);
        if (told == NULL && m->has_answered)
            told = m;
    }
    result_fact(r, "members", buf_text(&members));
    if (leader != NULL)
        result_fact(r, "leader", leader->name);
    if (told != NULL) {
        result_fact(r, "scope", told->scope);
        result_fact(r, "version", told->version);
        result_fact(r, "pause", v->is_paused || told->is_paused ? "on" : "off");
        result_fact(r, "sync", sync.len > 0 ? sync.bytes : "none");
    }
    if (v->has_config)
        result_fact(r, "sync_mode", v->is_sync_mode ? "on" : "off");
    if (v->scheduled[0] != '\0')
        result_fact(r, "scheduled", v->scheduled);
    buf_release(&members);
    buf_release(&sync);
}

static size_t add_metrics(const struct patroni_view *v, const struct patroni_member *leader,
                          struct result *r)
{
    int64_t worst = -1;
    size_t up = 0;

    for (size_t i = 0; i < v->n; i++) {
        const struct patroni_member *m = &v->members[i];
        int64_t lag = m == leader ? -1 : patroni_lag(m, leader);
        up += patroni_is_up(m);
        worst = lag > worst ? lag : worst;
    }
    result_metric(r, "members", (double)v->n, "");
    result_metric(r, "up", (double)up, "");
    if (leader != NULL)
        result_metric(r, "timeline", (double)leader->timeline, "");
    if (worst >= 0)
        result_metric(r, "lag", (double)worst, "B");
    if (v->has_config) {
        result_metric(r, "ttl", (double)v->ttl_s, "s");
        result_metric(r, "loop_wait", (double)v->loop_wait_s, "s");
    }
    return up;
}

static char *say_two(const struct patroni_view *v)
{
    struct buf names = BUF_INIT(TEXT_MAX_LISTED);
    for (size_t i = 0; i < v->n; i++)
        if (patroni_is_leader(&v->members[i]))
            buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", v->members[i].name);
    char *say = SAY(N_("TWO PRIMARIES: {0}"), buf_text(&names));
    buf_release(&names);
    return say;
}

static char *say_leaderless(const struct patroni_view *v, size_t answers)
{
    const struct patroni_member *listed = patroni_listed_leader(v);
    size_t blind = 0;
    for (size_t i = 0; i < v->n; i++)
        blind += patroni_is_blind(v, &v->members[i]);
    if (answers == 0)
        return mem_strdup(N_("no node answers"));
    if (blind == answers)
        return mem_strdup(N_("no leader: the DCS is not seen by any node that answers"));
    if (listed == NULL)
        return mem_strdup(N_("no leader"));
    if (listed->has_answered)
        return SAY(N_("no leader: {0} holds the key and says it is {1}"), listed->name,
                   word_of(listed));
    return listed->is_asked
               ? SAY(N_("no leader: {0} holds the key and does not answer"), listed->name)
               : SAY(N_("no leader is seen: {0} holds the key and is not among the urls"),
                     listed->name);
}

/* What the cluster as a whole lacks, with one leader there; NULL: nothing. */
static char *say_discord(const struct patroni_view *v, const struct patroni_member *leader,
                         size_t answers)
{
    const struct patroni_member *listed = patroni_listed_leader(v);
    size_t blind = 0;

    if (listed != NULL && listed != leader)
        return SAY(N_("{0} says it is primary, the cluster's list names {1}"), leader->name,
                   listed->name);
    for (size_t i = 0; i < v->n; i++) {
        const struct patroni_member *m = &v->members[i];
        blind += patroni_is_blind(v, m);
        if (m->system_id[0] != '\0' && leader->system_id[0] != '\0' &&
            strcmp(m->system_id, leader->system_id) != 0)
            return SAY(N_("{0} belongs to another database system than the leader {1}"), m->name,
                       leader->name);
    }
    if (patroni_is_blind(v, leader) || blind * 2 > answers)
        for (size_t i = 0; i < v->n; i++) {
            const struct patroni_member *m = patroni_is_blind(v, leader) ? leader : &v->members[i];
            char *say = say_blind(v, m);
            if (say != NULL)
                return say;
        }
    return NULL;
}

static char *say_warning(const struct config *c, const struct patroni_view *v,
                         const struct patroni_member *leader)
{
    for (size_t i = 0; i < v->n; i++) {
        char *say = say_trouble(c, v, &v->members[i], leader);
        if (say != NULL)
            return say;
    }
    if (v->is_paused || leader->is_paused)
        return mem_strdup(N_("the cluster is paused: there is no automatic failover"));
    if (!v->has_list)
        return mem_strdup(N_("the cluster's list of members could not be read"));
    return NULL;
}

static void judge(const struct config *c, struct patroni_view *v, struct result *r)
{
    const struct patroni_member *leader;
    size_t leaders = patroni_leaders(v, &leader), answers = 0, own = 0;
    char timeline[24], up[24], all[24], *say;

    for (size_t i = 0; i < v->n; i++) {
        answers += v->members[i].has_answered;
        own += v->members[i].is_self;
    }
    if (leaders != 1)
        leader = NULL;
    for (size_t i = 0; i < v->n; i++)
        add_row(c, v, &v->members[i], leader, r);
    add_facts(v, leader, r);
    size_t works = add_metrics(v, leader, r);
    if (answers == 0 && own == v->n) {
        r->is_self = true;
        result_say(r, STATE_UNKNOWN, mem_strdup(v->members[0].say));
    } else if (leaders > 1) {
        result_say(r, STATE_CRITICAL, say_two(v));
    } else if (leader == NULL) {
        result_say(r, STATE_CRITICAL, say_leaderless(v, answers));
    } else if ((say = say_discord(v, leader, answers)) != NULL) {
        result_say(r, STATE_CRITICAL, say);
    } else if ((say = say_warning(c, v, leader)) != NULL) {
        result_say(r, STATE_WARNING, say);
    } else {
        snprintf(timeline, sizeof timeline, "%lld", (long long)leader->timeline);
        snprintf(up, sizeof up, "%zu", works);
        snprintf(all, sizeof all, "%zu", v->n);
        result_say(r, STATE_OK,
                   SAY(N_("leader {0}, timeline {1}, {2} of {3} members up"), leader->name,
                       timeline, up, all));
    }
}

/* --- the kind --- */

static void on_view(void *arg, struct patroni_view *v)
{
    struct run *run = arg;
    struct result r = {.latency_ms = loop_precise_ms() - run->begun_ms};

    judge(run->config, v, &r);
    if (run->config->access.is_insecure)
        result_fact(&r, "tls", "!TLS");
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    run->config = config;
    run->done = done;
    run->arg = arg;
    run->begun_ms = loop_precise_ms();
    run->look =
        patroni_look_start(env->loop, env->http, run->config->plan, job->timeout_ms, on_view, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    patroni_look_cancel(run->look);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    struct patroni_want want = {&c->urls, &c->names, &c->access, c->connect_ms};
    c->plan = patroni_plan_new(&want, e);
    return c->plan != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    patroni_plan_free(c->plan);
    c->plan = NULL;
}

static const char *host(const void *config)
{
    return patroni_plan_host(((const struct config *)config)->plan);
}

static const void *peer(const void *config)
{
    return ((const struct config *)config)->plan;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "urls",
     .type = OPTION_STRINGS,
     .offset = AT(urls),
     .flags = OPTION_REQUIRED,
     .help = N_("REST interface of every node: each is asked for itself")},
    {.name = "names",
     .type = OPTION_STRINGS,
     .offset = AT(names),
     .help = N_("the members' names in that order; without it the cluster's own list tells them")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "max_lag",
     .type = OPTION_SIZE,
     .offset = AT(max_lag),
     .fallback = "\"16MiB\"",
     .help = N_("how far a member may be behind before it is a warning")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_patroni = {
    .name = "patroni",
    .summary = N_("asks every node of a Patroni cluster; judges leader, members, lag and DCS"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .peer = peer,
    .gives_rows = true,
    .may_leave_rows = true,
};
