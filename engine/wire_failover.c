/* wire_failover.c - failover groups, runs and plans as JSON, both ways; see wire.h. */
#include "engine/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/about_json.h"
#include "engine/event_json.h"
#include "engine/run_json.h"

/* --- writing ------------------------------------------------------------------------------ */

static struct jval *strings_json(char *const *v, size_t n)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(list, jval_new_str(v[i]));
    return list;
}

static void set_fog_static(struct jval *j, const struct fog *g)
{
    struct jval *members = jval_array();
    jval_set(j, "name", words_json(&g->name));
    jval_set_str(j, "driver", g->driver);
    jval_set_str(j, "check", g->check);
    jval_set_str(j, "mode", fog_mode_names[g->mode]);
    jval_set_bool(j, "stateful", g->is_stateful);
    jval_set_str(j, "env", g->is_production ? "production" : "test");
    for (size_t i = 0; i < g->n_members; i++) {
        struct jval *m = jval_object();
        jval_set_str(m, "target", g->members[i].target);
        jval_set_str(m, "name", g->members[i].name);
        jval_set_str(m, "side", g->members[i].side);
        jval_append(members, m);
    }
    jval_set(j, "members", members);
    jval_set(j, "candidates", strings_json(g->candidates, g->n_candidates));
    jval_set(j, "groups", strings_json(g->parts, g->n_parts));
    jval_set_int(j, "min_up", g->min_up);
    jval_set_int(j, "lag_max_bytes", g->lag_max_bytes);
    jval_set_int(j, "lag_max_ms", g->lag_max_ms);
    jval_set_str(j, "min_role", g->min_role);
    jval_set_str(j, "approve_role", g->approve_role);
}

struct jval *wire_fog(const struct fog *g, int flags)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", g->id);
    if (flags & WIRE_STATIC)
        set_fog_static(j, g);
    jval_set_str(j, "active", g->active);
    jval_set_bool(j, "ready", g->is_ready);
    jval_set(j, "reasons", findings_json(&g->reasons));
    jval_set_time(j, "judged_at", g->judged_at_ms);
    return j;
}

struct jval *wire_fog_site(const struct fog *g)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", g->id);
    set_fog_static(j, g);
    return j;
}

struct jval *wire_run(const struct run *r)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", r->id);
    jval_set_str(j, "group", r->fog);
    jval_set_str(j, "kind", run_kind_names[r->kind]);
    jval_set_str(j, "from", r->from);
    jval_set_str(j, "to", r->to);
    jval_set_str(j, "state", run_state_rows[r->state].name);
    jval_set_str(j, "ended_as", r->ended_at_ms != 0 ? run_state_rows[r->ended_as].name : NULL);
    jval_set_str(j, "by", r->by);
    jval_set_str(j, "reason", r->reason);
    jval_set_str(j, "ticket", r->ticket);
    jval_set_str(j, "plan_hash", r->plan_hash);
    jval_set_int(j, "epoch", r->epoch);
    jval_set_time(j, "confirmed_at", r->confirmed_at_ms);
    jval_set_time(j, "started_at", r->started_at_ms);
    jval_set_time(j, "ended_at", r->ended_at_ms);
    event_json_set_say(j, "outcome", "say", r->outcome);
    jval_set_time(j, "closed_at", r->closed_at_ms);
    jval_set_str(j, "closed_by", r->closed_by);
    jval_set_str(j, "closed_text", r->closed_text);
    jval_set(j, "steps", run_steps_json(r->steps, r->n_steps, true));
    return j;
}

struct jval *wire_plan(const struct plan *p)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", p->id);
    jval_set_str(j, "hash", p->hash);
    jval_set_str(j, "group", p->fog);
    jval_set_str(j, "kind", run_kind_names[p->kind]);
    jval_set_str(j, "from", p->from);
    jval_set_str(j, "to", p->to);
    jval_set(j, "steps", run_steps_json(p->steps, p->n_steps, false));
    jval_set(j, "checks", findings_json(&p->checks));
    jval_set_str(j, "code", p->code[0] != '\0' ? p->code : NULL);
    jval_set_time(j, "made_at", p->made_at_ms);
    jval_set_time(j, "expires_at", p->expires_at_ms);
    jval_set_time(j, "code_until", p->code_until_ms);
    event_json_set_say(j, "notice", "notice_say", p->notice);
    event_json_set_say(j, "undo", "undo_say", p->undo);
    jval_set_bool(j, "needs_approval", p->needs_approval);
    return j;
}

/* One of the group, or of all, newest last. */
struct jval *wire_runs(const struct fleet *f, const char *fog)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_runs; i++)
        if (fog == NULL || strcmp(f->runs[i]->fog, fog) == 0)
            jval_append(list, wire_run(f->runs[i]));
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/runs/1");
    jval_set_str(j, "site", f->site_id);
    jval_set(j, "runs", list);
    return j;
}

struct jval *wire_fogs(const struct fleet *f)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_fogs; i++) {
        const struct run *run = fleet_active_run(f, f->fogs[i]->id);
        struct jval *g = wire_fog(f->fogs[i], WIRE_STATIC);
        if (run == NULL)
            run = fleet_unclosed_run(f, f->fogs[i]->id);
        jval_set_str(g, "run", run != NULL ? run->id : NULL);
        jval_append(list, g);
    }
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/failover/1");
    jval_set_str(j, "site", f->site_id);
    jval_set(j, "groups", list);
    return j;
}

/* --- reading ------------------------------------------------------------------------------ */

static void read_str(const struct jval *j, const char *key, char **slot)
{
    if (jval_get(j, key) != NULL)
        mem_set(slot, jval_get_str(j, key));
}

static void read_say(const struct jval *j, const char *text, const char *say, char **slot)
{
    if (jval_get(j, text) == NULL)
        return;
    free(*slot);
    *slot = event_json_get_say(j, text, say);
}

static void read_strings(const struct jval *j, const char *key, char ***v, size_t *n)
{
    const struct jval *list = jval_get(j, key);
    if (list == NULL)
        return;
    for (size_t i = 0; i < *n; i++)
        free((*v)[i]);
    free(*v);
    *n = jval_len(list) < FOG_MEMBERS_MAX ? jval_len(list) : FOG_MEMBERS_MAX;
    *v = *n > 0 ? mem_alloc(*n * sizeof(char *)) : NULL;
    for (size_t i = 0; i < *n; i++) {
        const char *s = jval_str(jval_at(list, i));
        (*v)[i] = mem_strdup(s != NULL ? s : "");
    }
}

static void read_members(const struct jval *j, struct fog *g)
{
    const struct jval *list = jval_get(j, "members");
    if (list == NULL)
        return;
    for (size_t i = 0; i < g->n_members; i++) {
        free(g->members[i].target);
        free(g->members[i].name);
        free(g->members[i].side);
    }
    free(g->members);
    g->n_members = jval_len(list) < FOG_MEMBERS_MAX ? jval_len(list) : FOG_MEMBERS_MAX;
    g->members = g->n_members > 0 ? mem_alloc(g->n_members * sizeof *g->members) : NULL;
    for (size_t i = 0; i < g->n_members; i++) {
        const struct jval *m = jval_at(list, i);
        const char *target = jval_get_str(m, "target"), *name = jval_get_str(m, "name");
        g->members[i] = (struct fog_member){
            .target = mem_strdup(target != NULL ? target : ""),
            .name = mem_strdup(name != NULL ? name : ""),
            .side = mem_strdup(jval_get_str(m, "side")),
        };
    }
}

static void read_fog_static(const struct jval *j, struct fog *g)
{
    words_json_read(&g->name, j, "name");
    const char *mode = jval_get_str(j, "mode"), *env = jval_get_str(j, "env");
    read_str(j, "driver", &g->driver);
    read_str(j, "check", &g->check);
    if (mode != NULL)
        g->mode = strcmp(mode, fog_mode_names[FOG_ACTIVE_ACTIVE]) == 0 ? FOG_ACTIVE_ACTIVE
                                                                       : FOG_ACTIVE_STANDBY;
    if (env != NULL)
        g->is_production = strcmp(env, "test") != 0;
    g->is_stateful = jval_get_bool(j, "stateful", g->is_stateful);
    read_members(j, g);
    read_strings(j, "candidates", &g->candidates, &g->n_candidates);
    read_strings(j, "groups", &g->parts, &g->n_parts);
    g->min_up = jval_get_int(j, "min_up", g->min_up);
    g->lag_max_bytes = jval_get_int(j, "lag_max_bytes", g->lag_max_bytes);
    g->lag_max_ms = jval_get_int(j, "lag_max_ms", g->lag_max_ms);
    read_str(j, "min_role", &g->min_role);
    read_str(j, "approve_role", &g->approve_role);
}

bool wire_read_fog(struct fleet *f, const struct jval *j, struct err *e)
{
    const char *id = jval_get_str(j, "id");
    if (id == NULL)
        return err_set(e, "a failover group without \"id\" from the engine");
    struct fog *g = fleet_add_fog(f, id);
    read_fog_static(j, g);
    read_str(j, "active", &g->active);
    g->is_ready = jval_get_bool(j, "ready", g->is_ready);
    if (jval_get(j, "reasons") != NULL) {
        findings_release(&g->reasons);
        findings_from_json(jval_get(j, "reasons"), &g->reasons);
    }
    if (jval_get(j, "judged_at") != NULL)
        g->judged_at_ms = event_json_get_time(j, "judged_at");
    fleet_touch_fog(f, g);
    return true;
}

static bool read_run_state(const struct jval *j, const char *key, enum run_state *out,
                           struct err *e)
{
    const char *s = jval_get_str(j, key);
    if (s == NULL || run_state_parse(s, out))
        return true;
    return err_set(e, "unknown %s \"%s\" of a run from the engine", key, s);
}

static enum run_kind read_kind(const struct jval *j)
{
    const char *s = jval_get_str(j, "kind");
    return s != NULL && strcmp(s, run_kind_names[RUN_FAILOVER]) == 0 ? RUN_FAILOVER
                                                                     : RUN_SWITCHOVER;
}

bool wire_read_run(struct fleet *f, const struct jval *j, struct err *e)
{
    const char *id = jval_get_str(j, "id");
    if (id == NULL)
        return err_set(e, "a run without \"id\" from the engine");
    struct run *r = fleet_add_run(f, id);
    r->kind = read_kind(j);
    read_str(j, "group", &r->fog);
    if (r->fog == NULL)
        r->fog = mem_strdup("");
    read_str(j, "from", &r->from);
    read_str(j, "to", &r->to);
    read_str(j, "by", &r->by);
    read_str(j, "reason", &r->reason);
    read_str(j, "ticket", &r->ticket);
    read_str(j, "plan_hash", &r->plan_hash);
    read_str(j, "closed_by", &r->closed_by);
    read_str(j, "closed_text", &r->closed_text);
    read_say(j, "outcome", "say", &r->outcome);
    r->epoch = jval_get_int(j, "epoch", r->epoch);
    r->confirmed_at_ms = event_json_get_time(j, "confirmed_at");
    r->started_at_ms = event_json_get_time(j, "started_at");
    r->ended_at_ms = event_json_get_time(j, "ended_at");
    r->closed_at_ms = event_json_get_time(j, "closed_at");
    run_steps_release(r->steps, r->n_steps);
    r->steps = run_steps_from_json(jval_get(j, "steps"), &r->n_steps);
    bool is_ok =
        read_run_state(j, "state", &r->state, e) && read_run_state(j, "ended_as", &r->ended_as, e);
    fleet_touch_run(f, r);
    return is_ok;
}

bool wire_read_plan(const struct jval *j, struct plan *out, struct err *e)
{
    const char *id = jval_get_str(j, "id"), *hash = jval_get_str(j, "hash");
    const char *code = jval_get_str(j, "code");
    *out = (struct plan){.kind = read_kind(j)};
    if (id == NULL || jval_get_str(j, "group") == NULL || jval_get_str(j, "to") == NULL)
        return err_set(e, "a plan without \"id\", \"group\" or \"to\" from the engine");
    snprintf(out->id, sizeof out->id, "%s", id);
    snprintf(out->hash, sizeof out->hash, "%s", hash != NULL ? hash : "");
    snprintf(out->code, sizeof out->code, "%s", code != NULL ? code : "");
    read_str(j, "group", &out->fog);
    read_str(j, "from", &out->from);
    read_str(j, "to", &out->to);
    read_say(j, "notice", "notice_say", &out->notice);
    read_say(j, "undo", "undo_say", &out->undo);
    out->made_at_ms = event_json_get_time(j, "made_at");
    out->expires_at_ms = event_json_get_time(j, "expires_at");
    out->code_until_ms = event_json_get_time(j, "code_until");
    out->needs_approval = jval_get_bool(j, "needs_approval", false);
    out->steps = run_steps_from_json(jval_get(j, "steps"), &out->n_steps);
    findings_from_json(jval_get(j, "checks"), &out->checks);
    return true;
}
