#include "engine/sim_haproxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/sim_body.h"

enum { CONFIRM_MS = 1000, DRAIN_MS = 8000, WORDS_MAX = 8, LINE_MAX_BYTES = 1024 };

enum admin { ADMIN_READY, ADMIN_DRAIN, ADMIN_MAINT };
static const char *const admin_words[] = {"ready", "drain", "maint"};

struct seen { /* what the balancers' checks make of one server: the same for all of them */
    const struct target *target;
    const char *backend;
    bool is_backup, is_down, is_bad;
    int http;         /* of the last check, 0: it did not come to that */
    int64_t since_ms; /* of is_bad */
    int64_t down_ms;  /* of is_down */
};

struct setting { /* of one balancer for one server */
    enum admin admin;
    int64_t since_ms;
};

struct balancer {
    const struct target *target;
    struct setting *v; /* in step with the servers */
};

struct sim_haproxy {
    struct seen *servers;
    size_t n_servers, cap_servers;
    struct balancer *balancers;
    size_t n_balancers, cap_balancers;
};

/* --- who is there --------------------------------------------------------------------------- */

static bool is_standby(const struct target *t)
{
    for (size_t i = 0; i < t->n_tags; i++)
        if (strcmp(t->tags[i], "standby") == 0)
            return true;
    return false;
}

struct sim_haproxy *sim_haproxy_new(const struct fleet *f)
{
    struct sim_haproxy *h = mem_alloc(sizeof *h);
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        const char *role = target_label(t, "role"), *backend = target_label(t, "backend");
        if (backend != NULL) {
            MEM_ROOM(h->servers, h->n_servers, h->cap_servers);
            h->servers[h->n_servers++] = (struct seen){
                .target = t, .backend = backend, .is_backup = is_standby(t), .http = 200};
        }
        if (role != NULL && strcmp(role, "lb") == 0) {
            MEM_ROOM(h->balancers, h->n_balancers, h->cap_balancers);
            h->balancers[h->n_balancers++] = (struct balancer){.target = t};
        }
    }
    for (size_t i = 0; i < h->n_balancers; i++)
        h->balancers[i].v = mem_alloc(h->n_servers * sizeof *h->balancers[i].v);
    return h;
}

void sim_haproxy_free(struct sim_haproxy *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->n_balancers; i++)
        free(h->balancers[i].v);
    free(h->balancers);
    free(h->servers);
    free(h);
}

static struct balancer *balancer_of(const struct sim_haproxy *h, const struct target *t)
{
    for (size_t i = 0; i < h->n_balancers; i++)
        if (h->balancers[i].target == t)
            return &h->balancers[i];
    return NULL;
}

bool sim_haproxy_is_balancer(const struct sim_haproxy *h, const struct target *t)
{
    return balancer_of(h, t) != NULL;
}

void sim_haproxy_tick(struct sim_haproxy *h, const struct sim_scenario *s, int64_t at_ms)
{
    for (size_t i = 0; i < h->n_servers; i++) {
        struct seen *v = &h->servers[i];
        struct sim_condition c = sim_condition_at(s, v->target->id, at_ms);
        bool is_bad = c.is_refusing || c.is_hanging || c.error_code >= 400 || c.is_degraded;
        if (is_bad != v->is_bad) {
            v->is_bad = is_bad;
            v->since_ms = at_ms;
        }
        if (is_bad)
            v->http = c.error_code > 0 ? c.error_code : c.is_degraded ? 503 : 0;
        else
            v->http = 200;
        if (v->is_down == v->is_bad || at_ms - v->since_ms < CONFIRM_MS)
            continue;
        v->is_down = v->is_bad;
        v->down_ms = at_ms;
    }
}

/* --- show ----------------------------------------------------------------------------------- */

static const char *status_of(const struct seen *v, const struct setting *set)
{
    if (set->admin == ADMIN_MAINT)
        return "MAINT";
    if (v->is_down)
        return "DOWN";
    return set->admin == ADMIN_DRAIN ? "DRAIN" : "UP";
}

/* Sessions of a drained server run out within a few seconds. */
static int sessions(const struct seen *v, const struct setting *set, int64_t at_ms)
{
    int usual = v->is_backup ? 0 : sim_swing(v->target->id, 5, 40, 900, 127000, at_ms);
    int64_t past = at_ms - set->since_ms;
    if (v->is_down || set->admin == ADMIN_MAINT)
        return 0;
    if (set->admin == ADMIN_DRAIN)
        return past >= DRAIN_MS ? 0 : (int)(usual * (DRAIN_MS - past) / DRAIN_MS);
    return usual;
}

static const char stat_head[] =
    "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,"
    "wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,"
    "lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,\n";

static long long seconds_since(const struct seen *v, const struct setting *set, int64_t at_ms)
{
    int64_t since = set->since_ms > v->down_ms ? set->since_ms : v->down_ms;
    return (at_ms - since) / 1000;
}

static void stat_server(struct buf *b, const struct seen *v, const struct setting *set, size_t iid,
                        size_t sid, int64_t at_ms)
{
    char check[48] = "L4CON,,0";
    int now = sessions(v, set, at_ms);
    if (v->http > 0)
        snprintf(check, sizeof check, "%s,%d,1", v->http < 400 ? "L7OK" : "L7STS", v->http);
    buf_addf(b,
             "%s,%s,0,0,%d,900,,%lld,0,0,,0,,0,0,0,0,%s,100,%d,%d,%d,%d,%lld,0,,1,%zu,%zu,,0,,2,0,"
             ",0,%s,\n",
             v->backend, v->target->id, now, (long long)(at_ms / 40), status_of(v, set),
             !v->is_backup, v->is_backup, v->is_bad, v->is_down, seconds_since(v, set, at_ms), iid,
             sid, check);
}

/* Does one server of the backend take traffic? */
static void stat_backend(struct buf *b, const struct sim_haproxy *h, const struct balancer *l,
                         const char *backend, size_t iid, int64_t at_ms)
{
    int active = 0, backup = 0, now = 0;
    for (size_t i = 0; i < h->n_servers; i++) {
        const struct seen *v = &h->servers[i];
        if (strcmp(v->backend, backend) != 0)
            continue;
        bool is_used = strcmp(status_of(v, &l->v[i]), "UP") == 0;
        active += is_used && !v->is_backup;
        backup += is_used && v->is_backup;
        now += sessions(v, &l->v[i], at_ms);
    }
    buf_addf(b,
             "%s,BACKEND,0,0,%d,9000,2000,%lld,0,0,0,0,,0,0,0,0,%s,%d,%d,%d,,0,%lld,0,,1,%zu,0,,0,,"
             "1,0,,0,,,,\n",
             backend, now, (long long)(at_ms / 10), active + backup > 0 ? "UP" : "DOWN",
             (active > 0 ? active : backup) * 100, active, backup, (long long)(at_ms / 1000), iid);
}

/* The number of the backend that server i is in, by first appearance. */
static size_t backend_number(const struct sim_haproxy *h, size_t i)
{
    size_t n = 1, first = 0;
    while (strcmp(h->servers[first].backend, h->servers[i].backend) != 0)
        first++;
    for (size_t k = 0; k < first; k++) {
        bool is_new = true;
        for (size_t j = 0; j < k; j++)
            is_new = is_new && strcmp(h->servers[j].backend, h->servers[k].backend) != 0;
        n += is_new;
    }
    return n;
}

static bool is_last_of_backend(const struct sim_haproxy *h, size_t i)
{
    for (size_t k = i + 1; k < h->n_servers; k++)
        if (strcmp(h->servers[k].backend, h->servers[i].backend) == 0)
            return false;
    return true;
}

static size_t server_number(const struct sim_haproxy *h, size_t i)
{
    size_t n = 1;
    for (size_t k = 0; k < i; k++)
        n += strcmp(h->servers[k].backend, h->servers[i].backend) == 0;
    return n;
}

/* type: 2 backends, 4 servers, added up */
static void show_stat(const struct sim_haproxy *h, const struct balancer *l, const char *backend,
                      int type, int64_t at_ms, struct buf *out)
{
    buf_adds(out, stat_head);
    for (size_t i = 0; i < h->n_servers; i++) {
        const struct seen *v = &h->servers[i];
        if (backend != NULL && strcmp(backend, v->backend) != 0)
            continue;
        size_t iid = backend_number(h, i);
        if ((type & 4) != 0)
            stat_server(out, v, &l->v[i], iid, server_number(h, i), at_ms);
        if ((type & 2) != 0 && is_last_of_backend(h, i))
            stat_backend(out, h, l, v->backend, iid, at_ms);
    }
}

static void show_state(const struct sim_haproxy *h, const struct balancer *l, const char *backend,
                       int64_t at_ms, struct buf *out)
{
    static const int admin_state[] = {[ADMIN_READY] = 0, [ADMIN_DRAIN] = 8, [ADMIN_MAINT] = 1};
    buf_adds(out, "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "
                  "srv_uweight srv_iweight srv_time_since_last_change srv_check_status "
                  "srv_check_result srv_check_health srv_check_state srv_agent_state "
                  "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl "
                  "srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n");
    for (size_t i = 0; i < h->n_servers; i++) {
        const struct seen *v = &h->servers[i];
        const struct setting *set = &l->v[i];
        if (backend != NULL && strcmp(backend, v->backend) != 0)
            continue;
        bool is_stopped = v->is_down || set->admin == ADMIN_MAINT;
        buf_addf(out, "%zu %s %zu %s %s %d %d 100 100 %lld 15 %d %d 6 0 0 0 - 80 - 0 0 - - 0\n",
                 backend_number(h, i), v->backend, server_number(h, i), v->target->id,
                 v->target->address != NULL ? v->target->address : "-", is_stopped ? 0 : 2,
                 admin_state[set->admin], seconds_since(v, set, at_ms), v->is_down ? 2 : 3,
                 v->is_down ? 0 : 3);
    }
}

/* --- set ------------------------------------------------------------------------------------ */

/* The setting that "BACKEND/SERVER" names; else says what is wrong with it. */
static struct setting *setting_of(const struct sim_haproxy *h, const struct balancer *l,
                                  const char *name, struct buf *out)
{
    const char *slash = strchr(name, '/');
    bool is_backend = false;
    if (slash == NULL) {
        buf_adds(out, "Require 'backend/server'.\n");
        return NULL;
    }
    size_t len = (size_t)(slash - name);
    for (size_t i = 0; i < h->n_servers; i++) {
        const struct seen *v = &h->servers[i];
        if (strlen(v->backend) != len || strncmp(v->backend, name, len) != 0)
            continue;
        is_backend = true;
        if (strcmp(v->target->id, slash + 1) == 0)
            return &l->v[i];
    }
    buf_adds(out, is_backend ? "No such server.\n" : "No such backend.\n");
    return NULL;
}

static void set_state(const struct sim_haproxy *h, const struct balancer *l, const char *name,
                      const char *state, int64_t at_ms, struct buf *out)
{
    struct setting *set = setting_of(h, l, name, out);
    for (size_t i = 0; set != NULL && i < sizeof admin_words / sizeof *admin_words; i++) {
        if (strcmp(admin_words[i], state) != 0)
            continue;
        if (set->admin != (enum admin)i)
            *set = (struct setting){(enum admin)i, at_ms};
        return;
    }
    if (set != NULL)
        buf_adds(out, "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n");
}

/* --- commands ------------------------------------------------------------------------------- */

static bool begins(char *const words[], size_t n, const char *first, const char *second)
{
    return n >= 2 && strcmp(words[0], first) == 0 && strcmp(words[1], second) == 0;
}

static void one_command(struct sim_haproxy *h, const struct balancer *l, char *text, int64_t at_ms,
                        struct buf *out)
{
    char *w[WORDS_MAX] = {NULL}, *rest = NULL;
    size_t n = 0;
    for (char *s = strtok_r(text, " \t\r", &rest); s != NULL && n < WORDS_MAX;
         s = strtok_r(NULL, " \t\r", &rest))
        w[n++] = s;
    if (begins(w, n, "show", "stat"))
        show_stat(h, l, n > 2 && strcmp(w[2], "-1") != 0 ? w[2] : NULL,
                  n > 3 ? (int)strtol(w[3], NULL, 10) : -1, at_ms, out);
    else if (n >= 3 && begins(w, n, "show", "servers") && strcmp(w[2], "state") == 0)
        show_state(h, l, n > 3 ? w[3] : NULL, at_ms, out);
    else if (begins(w, n, "show", "info"))
        buf_addf(out, "Name: HAProxy\nVersion: 2.6.12\nUptime_sec: %lld\nnode: %s\n",
                 (long long)(at_ms / 1000), l->target->id);
    else if (begins(w, n, "set", "server") && n == 5 && strcmp(w[3], "state") == 0)
        set_state(h, l, w[2], w[4], at_ms, out);
    else if (begins(w, n, "set", "server"))
        buf_adds(out, n < 3 || strchr(w[2], '/') == NULL
                          ? "Require 'backend/server'.\n"
                          : "usage: set server <backend>/<server> state ready|drain|maint\n");
    else if (n == 3 && (begins(w, n, "enable", "server") || begins(w, n, "disable", "server")))
        set_state(h, l, w[2], w[0][0] == 'e' ? "ready" : "maint", at_ms, out);
    else
        buf_adds(out, "Unknown command, but maybe one of the following ones is a better match:\n"
                      "  show stat [{<iid>|<proxy>} <type> <sid>]   : report counters\n"
                      "  show servers state [<backend>]            : dump volatile server states\n"
                      "  set server <backend>/<server> state <s>   : ready, drain or maint\n");
    buf_addc(out, '\n');
}

void sim_haproxy_command(struct sim_haproxy *h, const struct target *balancer, const char *line,
                         int64_t at_ms, struct buf *out)
{
    const struct balancer *l = balancer_of(h, balancer);
    char text[LINE_MAX_BYTES], *rest = NULL;
    snprintf(text, sizeof text, "%s", line);
    for (char *one = strtok_r(text, ";", &rest); one != NULL; one = strtok_r(NULL, ";", &rest))
        one_command(h, l, one, at_ms, out);
}
