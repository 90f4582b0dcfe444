#include "engine/sim_patroni.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/jval.h"

enum {
    MEMBERS_MAX = 8,
    NOBODY = MEMBERS_MAX,
    BY_LEADER_MS = 2060,  /* until a POST is answered, sent to the leader … */
    BY_REPLICA_MS = 4060, /* … to a replica: the leader sees it at its next loop only */
    REFUSED_MS = 1060,    /* "Switchover failed" takes a loop */
    FREE_MS = 860,        /* before the answer the old leader lets go … */
    MOVED_MS = 760,       /* … and the new one has it */
    RETURN_MS = 5000,     /* the old leader is a replica again */
    WAL_START = 83886080,
    WAL_PER_MS = 13,
    MIB = 1 << 20
};

struct member {
    const struct target *target;
    int64_t silent_ms; /* since when it does not answer; -1: it does */
    int64_t back_ms;   /* stopped until then, as after a demotion */
    int64_t lag;       /* bytes */
};

struct cluster {
    const char *scope;
    struct member v[MEMBERS_MAX];
    size_t n, leader, next; /* NOBODY: none, no switch under way */
    int64_t free_ms, moved_ms;
    int timeline;
};

struct sim_patroni {
    struct cluster *v;
    size_t n, cap;
    int64_t at_ms;
};

/* --- the clusters --------------------------------------------------------------------------- */

static struct cluster *cluster_named(struct sim_patroni *p, const char *scope)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->v[i].scope, scope) == 0)
            return &p->v[i];
    MEM_ROOM(p->v, p->n, p->cap);
    p->v[p->n] = (struct cluster){.scope = scope, .next = NOBODY, .timeline = 1};
    return &p->v[p->n++];
}

struct sim_patroni *sim_patroni_new(const struct fleet *f)
{
    struct sim_patroni *p = mem_alloc(sizeof *p);
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        const char *role = target_label(t, "role"), *scope = target_label(t, "fog");
        if (role == NULL || strcmp(role, "db") != 0 || scope == NULL)
            continue;
        struct cluster *c = cluster_named(p, scope);
        if (c->n < MEMBERS_MAX)
            c->v[c->n++] = (struct member){.target = t, .silent_ms = -1};
    }
    return p;
}

void sim_patroni_free(struct sim_patroni *p)
{
    if (p == NULL)
        return;
    free(p->v);
    free(p);
}

static struct cluster *cluster_of(const struct sim_patroni *p, const struct target *t, size_t *self)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->v[i].n; k++)
            if (p->v[i].v[k].target == t) {
                *self = k;
                return &p->v[i];
            }
    return NULL;
}

const struct target *sim_patroni_leader(const struct sim_patroni *p, const struct target *t)
{
    size_t self;
    const struct cluster *c = cluster_of(p, t, &self);
    return c != NULL && c->leader != NOBODY ? c->v[c->leader].target : NULL;
}

static size_t member_named(const struct cluster *c, const char *name)
{
    size_t i = 0;
    while (i < c->n && strcmp(c->v[i].target->id, name) != 0)
        i++;
    return i < c->n ? i : NOBODY;
}

static bool can_lead(const struct member *m, int64_t at_ms)
{
    return m->silent_ms < 0 && at_ms >= m->back_ms && m->lag <= SIM_PATRONI_FAR;
}

static size_t best_candidate(const struct cluster *c, int64_t at_ms)
{
    for (size_t i = 0; i < c->n; i++)
        if (i != c->leader && can_lead(&c->v[i], at_ms))
            return i;
    return NOBODY;
}

/* --- time ----------------------------------------------------------------------------------- */

static void lead(struct cluster *c, size_t who)
{
    c->leader = who;
    c->next = NOBODY;
    c->timeline++;
}

static void cluster_tick(struct cluster *c, const struct sim_scenario *s, int64_t at_ms)
{
    for (size_t i = 0; i < c->n; i++) {
        struct member *m = &c->v[i];
        struct sim_condition now = sim_condition_at(s, m->target->id, at_ms);
        m->lag = now.lag_mib * MIB;
        if (!now.is_refusing && !now.is_hanging)
            m->silent_ms = -1;
        else if (m->silent_ms < 0)
            m->silent_ms = at_ms;
    }
    if (c->next != NOBODY) {
        if (c->leader != NOBODY && at_ms >= c->free_ms) {
            c->v[c->leader].back_ms = at_ms + RETURN_MS;
            c->leader = NOBODY;
        }
        if (at_ms >= c->moved_ms)
            lead(c, c->next);
        return;
    }
    const struct member *leader = c->leader != NOBODY ? &c->v[c->leader] : NULL;
    bool is_lost = leader == NULL ||
                   (leader->silent_ms >= 0 && at_ms - leader->silent_ms >= SIM_PATRONI_TTL_MS);
    size_t heir = is_lost ? best_candidate(c, at_ms) : NOBODY;
    if (heir != NOBODY)
        lead(c, heir);
}

void sim_patroni_tick(struct sim_patroni *p, const struct sim_scenario *s, int64_t at_ms)
{
    p->at_ms = at_ms;
    for (size_t i = 0; i < p->n; i++)
        cluster_tick(&p->v[i], s, at_ms);
}

/* --- what is said --------------------------------------------------------------------------- */

static long long wal(const struct sim_ask *a, int64_t behind)
{
    return WAL_START + a->at_ms * WAL_PER_MS - behind;
}

static void add_standbys(struct buf *b, const struct cluster *c, size_t self, int64_t at_ms)
{
    bool is_first = true;
    buf_adds(b, "\"replication\": [");
    for (size_t i = 0; i < c->n; i++) {
        const struct member *m = &c->v[i];
        if (i == self || m->silent_ms >= 0 || at_ms < m->back_ms)
            continue;
        buf_addf(b,
                 "%s{\"usename\": \"repl\", \"application_name\": \"%s\", \"client_addr\": \"%s\", "
                 "\"state\": \"streaming\", \"sync_state\": \"async\", \"sync_priority\": 0}",
                 is_first ? "" : ", ", m->target->id, m->target->address);
        is_first = false;
    }
    buf_adds(b, "], ");
}

static void add_node(struct buf *b, const struct cluster *c, size_t self, const struct sim_ask *a)
{
    const struct member *m = &c->v[self];
    bool is_stopped = a->at_ms < m->back_ms;
    if (is_stopped) {
        buf_adds(b, "{\"state\": \"stopped\", \"role\": \"demoted\", ");
    } else {
        buf_addf(b,
                 "{\"state\": \"running\", \"postmaster_start_time\": \"2026-03-01 "
                 "00:00:00.000000+00:00\", \"role\": \"%s\", \"server_version\": 150020, ",
                 self == c->leader ? "master" : "replica");
        if (self == c->leader)
            buf_addf(b, "\"xlog\": {\"location\": %lld}, ", wal(a, 0));
        else
            buf_addf(b,
                     "\"xlog\": {\"received_location\": %lld, \"replayed_location\": %lld, "
                     "\"replayed_timestamp\": null, \"paused\": false}, ",
                     wal(a, m->lag), wal(a, m->lag));
        buf_addf(b, "\"timeline\": %d, ", c->timeline);
        if (self == c->leader)
            add_standbys(b, c, self, a->at_ms);
    }
    buf_addf(b,
             "\"dcs_last_seen\": %lld, \"database_system_identifier\": \"7%018llu\", "
             "\"patroni\": {\"version\": \"3.0.2\", \"scope\": \"%s\"}}",
             (long long)(a->wall_ms / 1000),
             (unsigned long long)(map_hash(c->scope) % 1000000000000ull), c->scope);
}

/* As the DCS has it: a member that is gone stays until its TTL ends. */
static void add_list(struct buf *b, const struct cluster *c, const struct sim_ask *a)
{
    bool is_first = true;
    buf_adds(b, "{\"members\": [");
    for (size_t i = 0; i < c->n; i++) {
        const struct member *m = &c->v[i];
        bool is_stopped = a->at_ms < m->back_ms;
        if (m->silent_ms >= 0 && a->at_ms - m->silent_ms >= SIM_PATRONI_TTL_MS)
            continue;
        buf_addf(b,
                 "%s{\"name\": \"%s\", \"role\": \"%s\", \"state\": \"%s\", \"api_url\": "
                 "\"http://%s:%u/patroni\", \"host\": \"%s\", \"port\": 5432",
                 is_first ? "" : ", ", m->target->id, i == c->leader ? "leader" : "replica",
                 is_stopped ? "stopped" : "running", m->target->address, a->port,
                 m->target->address);
        if (!is_stopped)
            buf_addf(b, ", \"timeline\": %d", c->timeline);
        if (i != c->leader && !is_stopped)
            buf_addf(b, ", \"lag\": %lld", (long long)m->lag);
        buf_adds(b, "}");
        is_first = false;
    }
    buf_adds(b, "]}");
}

static void add_config(struct buf *b)
{
    buf_addf(b,
             "{\"ttl\": %d, \"loop_wait\": 2, \"retry_timeout\": 3, \"maximum_lag_on_failover\": "
             "%d, \"postgresql\": {\"use_pg_rewind\": true}}",
             SIM_PATRONI_TTL_MS / 1000, SIM_PATRONI_FAR);
}

static const struct node_path {
    const char *path;
    bool is_for_leader, is_for_replica; /* 200; else 503 */
} node_paths[] = {
    {"/patroni", true, true},   {"/leader", true, false},     {"/primary", true, false},
    {"/master", true, false},   {"/read-write", true, false}, {"/replica", false, true},
    {"/read-only", true, true}, {"/async", false, true},      {"/readiness", true, true},
    {"/liveness", true, true},
};

static int get(struct buf *b, struct cluster *c, size_t self, const struct sim_ask *a)
{
    const char *path = a->request->path;
    if (strcmp(path, "/cluster") == 0) {
        add_list(b, c, a);
        return 200;
    }
    if (strcmp(path, "/config") == 0) {
        add_config(b);
        return 200;
    }
    for (size_t i = 0; i < sizeof node_paths / sizeof *node_paths; i++) {
        const struct node_path *n = &node_paths[i];
        if (strcmp(path, n->path) != 0)
            continue;
        add_node(b, c, self, a);
        bool is_up = a->at_ms >= c->v[self].back_ms || strcmp(path, "/patroni") == 0;
        return is_up && (self == c->leader ? n->is_for_leader : n->is_for_replica) ? 200 : 503;
    }
    return 0;
}

/* --- what is asked of it -------------------------------------------------------------------- */

struct order {
    bool is_switchover;
    const char *leader, *candidate; /* NULL: not said */
};

static int said(struct buf *b, int code, const char *text)
{
    buf_adds(b, text);
    return code;
}

/* 0: nothing is wrong with the order itself. */
static int refuse_order(struct buf *b, const struct cluster *c, const struct order *o)
{
    if (!o->is_switchover && o->candidate == NULL)
        return said(b, 400, "Failover could be performed only to a specific candidate");
    if (o->is_switchover && o->leader == NULL)
        return said(b, 400, "Switchover could be performed only from a specific leader");
    if (o->is_switchover && (c->leader == NOBODY || member_named(c, o->leader) != c->leader))
        return said(b, 412, "leader name does not match");
    if (o->candidate != NULL && member_named(c, o->candidate) == NOBODY)
        return said(b, 412, "candidate does not exists");
    return 0;
}

static int carry_out(struct buf *b, struct cluster *c, size_t self, const struct order *o,
                     int64_t at_ms, int64_t *delay_ms)
{
    int code = refuse_order(b, c, o);
    if (code != 0)
        return code;
    size_t to = o->candidate != NULL ? member_named(c, o->candidate) : best_candidate(c, at_ms);
    const char *what = o->is_switchover ? "Switchover" : "Failover";
    if (to == NOBODY)
        return said(b, 412, "switchover is not possible: no good candidates have been found");
    if (to == c->leader || c->next != NOBODY || !can_lead(&c->v[to], at_ms)) {
        *delay_ms += REFUSED_MS;
        buf_addf(b, "%s failed", what);
        return 503;
    }
    int64_t wait = self == c->leader ? BY_LEADER_MS : BY_REPLICA_MS;
    c->next = to;
    c->free_ms = at_ms + wait - FREE_MS;
    c->moved_ms = at_ms + wait - MOVED_MS;
    *delay_ms += wait;
    buf_addf(b, "Successfully %s to \"%s\"", o->is_switchover ? "switched over" : "failed over",
             c->v[to].target->id);
    return 200;
}

static int post(struct buf *b, struct cluster *c, size_t self, const struct sim_ask *a,
                int64_t *delay_ms)
{
    bool is_switchover = strcmp(a->request->path, "/switchover") == 0;
    if (!is_switchover && strcmp(a->request->path, "/failover") != 0)
        return 0;
    struct jval *body = jval_parse(a->request->body, a->request->body_len, NULL);
    struct order o = {is_switchover, jval_get_str(body, "leader"), jval_get_str(body, "candidate")};
    int code;
    if (jval_type(body) != JVAL_OBJECT || jval_len(body) == 0)
        code = said(b, 400, "<html><h1>Error response</h1><p>Error code: 400</p></html>\n");
    else if (jval_get(body, "scheduled_at") != NULL)
        code = said(b, 501, "schedules are not simulated");
    else
        code = carry_out(b, c, self, &o, a->at_ms, delay_ms);
    jval_free(body);
    return code;
}

bool sim_patroni_answer(struct sim_patroni *p, struct buf *out, const struct sim_ask *ask,
                        int64_t *delay_ms)
{
    size_t self;
    struct cluster *c = cluster_of(p, ask->target, &self);
    if (c == NULL || ask->now.is_wrong || ask->now.error_code > 0)
        return false;
    struct buf body = BUF_INIT(0);
    bool is_post = strcmp(ask->request->method, "POST") == 0;
    int code = is_post ? post(&body, c, self, ask, delay_ms) : get(&body, c, self, ask);
    if (code != 0)
        sim_http_answer(out, ask->request, code, is_post ? "text/html" : "application/json",
                        buf_text(&body));
    buf_release(&body);
    return code != 0;
}
