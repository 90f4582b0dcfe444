#include "core/planning.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

static bool is_database(const struct fog *g)
{
    return g->driver != NULL && strcmp(g->driver, "patroni") == 0;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void add_step(struct plan *p, enum step_class class, char *say, struct buf *request)
{
    if (p->n_steps == RUN_STEPS_MAX) {
        free(say);
        buf_release(request);
        return;
    }
    p->steps = mem_grow(p->steps, p->n_steps + 1, sizeof *p->steps);
    p->steps[p->n_steps++] =
        (struct run_step){.class = class, .say = say, .request = buf_take(request)};
}

/* Naming the leader makes the request a compare-and-set: a stale one is refused with 412. */
static void add_handover(struct plan *p, const struct fog *g, const struct seen *s)
{
    const struct seen_member *leader = seen_leader(s);
    const struct fog_member *to = fog_member(g, p->to);
    if (leader == NULL || to == NULL)
        return;
    const struct fog_member *from = &g->members[seen_index(s, leader)];
    if (from == to)
        return; /* the checks say so */
    struct buf b = BUF_INIT(2048);
    buf_addf(&b, "POST %s/switchover {\"leader\":\"%s\",\"candidate\":\"%s\"}",
             leader->url != NULL ? leader->url : "", from->name, to->name);
    mem_set(&p->from, from->target);
    add_step(p, STEP_CAS, SAY(N_("hand the leadership over from {0} to {1}"), from->name, to->name),
             &b);
}

static void add_server(struct plan *p, const struct seen *s, const struct fog_member *m, bool is_in)
{
    struct buf b = BUF_INIT(512);
    buf_addf(&b, "set server %s/%s state %s", s->backend != NULL ? s->backend : "", m->name,
             is_in ? "ready" : "drain");
    add_step(p, STEP_SET,
             is_in ? SAY(N_("put {0} in"), m->name) : SAY(N_("take {0} out (drain)"), m->name), &b);
}

/* First all that shall serve is put in, then the rest is taken out: never the other way round. */
static void add_servers(struct plan *p, const struct fog *g, const struct seen *s)
{
    for (int is_in = 1; is_in >= 0; is_in--)
        for (size_t i = 0; i < s->n; i++) {
            const struct seen_member *m = &s->members[i];
            bool belongs = fog_side_has(&g->members[i], p->to);
            bool is_ready = m->admin == SEEN_READY;
            if (m->has_answered && belongs == (is_in == 1) && belongs != is_ready)
                add_server(p, s, &g->members[i], belongs);
        }
}

static void say_around(struct plan *p, const struct fog *g)
{
    const char *from = p->from != NULL ? p->from : "?";
    if (is_database(g)) {
        p->notice = SAY(N_("Writes stop for some seconds while {0} hands over to {1}; sessions on "
                           "{0} are cut."),
                        from, p->to);
        p->undo = SAY(N_("Switch back to {0} by a plan of its own."), from);
    } else if (strcmp(p->to, FOG_TO_ALL) == 0) {
        p->notice = SAY(N_("Servers that were out get requests through {0} again."), g->check);
        p->undo = SAY(N_("Switch back to {0} by a plan of its own."), from);
    } else {
        p->notice = SAY(N_("New requests through {1} go to {0} alone; the servers taken out finish "
                           "what they have. Other balancers go on as before."),
                        p->to, g->check);
        p->undo =
            mem_strdup(N_("Switch to \"all\" by a plan of its own: every server ready again."));
    }
}

void plan_make(struct plan *out, const struct preflight *p)
{
    out->kind = RUN_SWITCHOVER;
    out->needs_approval = p->fog->approve_role != NULL;
    mem_set(&out->fog, p->fog->id);
    mem_set(&out->to, p->to);
    preflight(p, &out->checks);
    if (p->seen == NULL || p->seen->error != NULL || p->fog->driver == NULL)
        return;
    if (is_database(p->fog)) {
        add_handover(out, p->fog, p->seen);
    } else {
        mem_set(&out->from, seen_active(p->seen, p->fog));
        add_servers(out, p->fog, p->seen);
    }
    say_around(out, p->fog);
}

/* --- facts ------------------------------------------------------------------------------------ */

static void add_node(struct buf *out, const struct fog_member *f, const struct seen_member *m)
{
    buf_addf(out, "%s role=%d answers=%d listed=%d leads=%d sync=%d nofailover=%d\n", f->name,
             (int)m->role, m->has_answered, m->is_listed, m->is_listed_leader, m->is_sync,
             m->is_nofailover);
}

static void add_place(struct buf *out, const struct fog_member *f, const struct seen_member *m)
{
    buf_addf(out, "%s there=%d place=%d\n", f->name, m->has_answered, (int)m->admin);
}

void plan_facts(struct buf *out, const struct fog *g, const struct seen *s, const char *to)
{
    const struct seen_member *leader = seen_leader(s);
    buf_addf(out, "%s to=%s\n", g->id, to);
    if (is_database(g))
        buf_addf(out, "leader=%s timeline=%" PRId64 " paused=%d sync_mode=%d\n",
                 leader != NULL ? g->members[seen_index(s, leader)].name : "-",
                 leader != NULL ? leader->timeline : 0, s->is_paused, s->is_sync_mode);
    else
        buf_addf(out, "backend=%s\n", s->backend != NULL ? s->backend : "");
    for (size_t i = 0; i < s->n; i++)
        if (is_database(g))
            add_node(out, &g->members[i], &s->members[i]);
        else
            add_place(out, &g->members[i], &s->members[i]);
}

char *plan_say_changed(const struct plan *p, const struct fog *g, const struct seen *now)
{
    const char *from = p->from != NULL ? p->from : "?", *is = seen_active(now, g);
    if (is == NULL)
        is = "?";
    if (strcmp(from, is) != 0)
        return SAY(N_("R12 The group changed since you looked: {0} served, now {1}. Make a new "
                      "plan."),
                   from, is);
    return mem_strdup(N_("R12 The group changed since you looked. Make a new plan."));
}
