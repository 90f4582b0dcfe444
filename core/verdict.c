#include "core/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

#define QUIET_LOOP_MIN_S 10

/* --- replies ---------------------------------------------------------------------------------- */

/* Does the reply name it: "n2" in quotation marks, as Patroni writes names. */
static bool names(const char *body, const char *name)
{
    char quoted[FOG_NAME_MAX + 8];
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    return strstr(body, quoted) != NULL;
}

enum reply_kind patroni_reply(int status, const char *body, const char *candidate)
{
    if (body == NULL)
        body = "";
    if (status == 200 && strstr(body, "instead of") != NULL)
        return REPLY_OTHER;
    if (status == 200)
        return names(body, candidate) ? REPLY_TAKEN : REPLY_UNKNOWN;
    if (status >= 400 && status < 500)
        return REPLY_REFUSED;
    if (status == 503 &&
        (strncmp(body, "Switchover failed", 17) == 0 || strncmp(body, "Failover failed", 15) == 0))
        return REPLY_FAILED;
    return REPLY_UNKNOWN;
}

enum reply_kind haproxy_reply(bool has_reply, const char *text)
{
    if (!has_reply || text == NULL)
        return REPLY_UNKNOWN;
    return text[strspn(text, " \r\n\t")] == '\0' ? REPLY_TAKEN : REPLY_REFUSED;
}

/* --- looks ------------------------------------------------------------------------------------ */

static const struct seen_member *seen_of(const struct fog *g, const struct seen *s,
                                         const char *target)
{
    const struct fog_member *m = target != NULL ? fog_member(g, target) : NULL;
    return m != NULL ? &s->members[m - g->members] : NULL;
}

/* A node that leads, whose database runs, and whom the list names too (if there is one). */
static bool leads_well(const struct seen *s, const struct seen_member *m)
{
    const struct seen_member *listed = seen_listed_leader(s);
    return m->is_running && (!s->has_list || listed == m);
}

/* Somebody else runs on the new leader's timeline: the cluster follows it. */
static bool is_followed(const struct seen *s, const struct seen_member *leader)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct seen_member *m = &s->members[i];
        if (m != leader && m->has_answered && m->is_running && m->role == SEEN_REPLICA &&
            m->timeline == leader->timeline)
            return true;
    }
    return s->n < 2;
}

enum look_kind patroni_look(const struct fog *g, const struct seen *s, const char *from,
                            const char *to, int64_t timeline, const char **who)
{
    const struct seen_member *leader = seen_leader(s);
    *who = NULL;
    if (seen_primaries(s) > 1)
        return LOOK_SPLIT;
    if (leader == NULL || !leads_well(s, leader))
        return LOOK_UNCLEAR;
    *who = g->members[seen_index(s, leader)].target;
    if (leader == seen_of(g, s, from))
        return timeline == 0 || leader->timeline == timeline ? LOOK_BEFORE : LOOK_UNCLEAR;
    if (timeline != 0 && leader->timeline <= timeline)
        return LOOK_UNCLEAR;
    if (leader != seen_of(g, s, to))
        return LOOK_OTHER;
    return is_followed(s, leader) ? LOOK_DONE : LOOK_NEARLY;
}

const struct fog_member *step_member(const struct fog *g, const struct run_step *step)
{
    const char *slash = step->request != NULL ? strchr(step->request, '/') : NULL;
    if (slash == NULL)
        return NULL;
    char *name = mem_strndup(slash + 1, strcspn(slash + 1, " "));
    const struct fog_member *m = fog_member_named(g, name);
    free(name);
    return m;
}

bool step_wants_in(const struct run_step *step)
{
    const char *last = step->request != NULL ? strrchr(step->request, ' ') : NULL;
    return last != NULL && strcmp(last, " ready") == 0;
}

enum look_kind haproxy_look(const struct fog *g, const struct seen *s, const struct run_step *step)
{
    const struct fog_member *f = step_member(g, step);
    const struct seen_member *m = f != NULL ? &s->members[f - g->members] : NULL;
    if (m == NULL || !m->has_answered || m->admin == SEEN_SERVER_UNKNOWN)
        return LOOK_UNCLEAR;
    enum seen_server wanted = step_wants_in(step) ? SEEN_READY : SEEN_DRAIN;
    return m->admin == wanted ? LOOK_DONE : LOOK_BEFORE;
}

/* --- limits ----------------------------------------------------------------------------------- */

static int64_t loop_s(int64_t loop_wait_s)
{
    return loop_wait_s > QUIET_LOOP_MIN_S ? loop_wait_s : QUIET_LOOP_MIN_S;
}

int64_t patroni_quiet_ms(int64_t loop_wait_s, int64_t ttl_s)
{
    return (2 * loop_s(loop_wait_s) + ttl_s) * 1000;
}

int64_t patroni_limit_ms(int64_t loop_wait_s)
{
    return (2 * loop_s(loop_wait_s) + 10) * 1000;
}

/* --- the end of a database run -----------------------------------------------------------------
 */

static bool end(struct verdict *out, enum run_state state, enum step_state step, char *say)
{
    *out = (struct verdict){state, step, say};
    return true;
}

static char *seconds(int64_t ms, char out[24])
{
    snprintf(out, 24, "%.1f", (double)ms / 1000);
    return out;
}

/* The peer itself said that it does nothing; whoever leads, it was not our doing. */
static bool end_refused(const struct verdict_want *w, struct verdict *out)
{
    const char *text = w->reply_text != NULL && *w->reply_text != '\0' ? w->reply_text : "-";
    return end(out, RUN_FAILED_SAFE, STEP_FAILED,
               SAY(N_("Nothing changed: the peer refused: {0}"), text));
}

/* Nothing was done, and that much time has passed that nothing will be. */
static bool end_safe(const struct verdict_want *w, struct verdict *out)
{
    const char *text = w->reply_text != NULL && *w->reply_text != '\0' ? w->reply_text : "-";
    return end(out, RUN_FAILED_SAFE, STEP_FAILED,
               SAY(N_("Nothing changed: {0} still leads. The peer said: {1}"), w->from, text));
}

static char *say_split(const struct fog *g, const struct seen *s)
{
    struct buf b = BUF_INIT(TEXT_MAX_LISTED);
    for (size_t i = 0; i < s->n; i++)
        if (s->members[i].has_answered && s->members[i].role == SEEN_PRIMARY)
            buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", g->members[i].target);
    char *say = SAY(N_("TWO PRIMARIES: {0}. Stop one of them now; call level 3."), buf_text(&b));
    buf_release(&b);
    return say;
}

/* Time is up: what can be said of it? */
static bool end_late(const struct verdict_want *w, enum look_kind look, const char *who,
                     struct verdict *out)
{
    char limit[24];
    snprintf(limit, sizeof limit, "%" PRId64, w->limit_ms / 1000);
    switch (look) {
    case LOOK_NEARLY:
        return end(out, RUN_SUCCEEDED, STEP_DONE,
                   SAY(N_("{0} leads; no standby follows it yet."), w->to));
    case LOOK_SPLIT:
        return end(out, RUN_UNKNOWN, STEP_UNKNOWN, say_split(w->fog, w->seen));
    case LOOK_BEFORE:
        return end(
            out, RUN_UNKNOWN, STEP_UNKNOWN,
            SAY(N_("Not known after {0} s: {1} still leads, but the request was sent and may "
                   "yet take effect. Look, then resolve it."),
                limit, who));
    default:
        return end(out, RUN_UNKNOWN, STEP_UNKNOWN,
                   SAY(N_("Not known after {0} s: no leader can be made out. Look at the members, "
                          "then resolve it."),
                       limit));
    }
}

bool patroni_verdict(const struct verdict_want *w, struct verdict *out)
{
    const char *who = NULL;
    enum look_kind look = LOOK_UNCLEAR;
    char time[24];
    bool is_late = w->for_ms >= w->limit_ms;
    if (w->reply == REPLY_REFUSED)
        return end_refused(w, out);
    if (w->seen != NULL && w->seen->error == NULL)
        look = patroni_look(w->fog, w->seen, w->from, w->to, w->timeline, &who);
    if (look == LOOK_DONE)
        return end(out, RUN_SUCCEEDED, STEP_DONE,
                   SAY(N_("{0} leads, after {1} s."), w->to, seconds(w->for_ms, time)));
    if (look == LOOK_OTHER)
        return end(out, RUN_SUCCEEDED_OTHER, STEP_DONE,
                   SAY(N_("{0} leads, not {1} as asked for."), who, w->to));
    if (look == LOOK_BEFORE && w->reply == REPLY_FAILED && w->seen != NULL &&
        w->for_ms >= patroni_quiet_ms(w->seen->loop_wait_s, w->seen->ttl_s))
        return end_safe(w, out);
    return is_late ? end_late(w, look, who, out) : false;
}

/* --- the end of a run on servers ----------------------------------------------------------------
 */

static void add_name(struct buf *b, const struct run_step *s)
{
    const char *slash = s->request != NULL ? strchr(s->request, '/') : NULL;
    if (slash != NULL)
        buf_addf(b, "%s%.*s", b->len > 0 ? ", " : "", (int)strcspn(slash + 1, " "), slash + 1);
}

static void count_steps(const struct run *r, size_t by_state[STEP_STATE_COUNT], struct buf *out)
{
    for (size_t i = 0; i < r->n_steps; i++) {
        by_state[r->steps[i].state]++;
        if (r->steps[i].state == STEP_DONE && !step_wants_in(&r->steps[i]))
            add_name(out, &r->steps[i]);
    }
}

void haproxy_verdict(const struct run *r, struct verdict *out)
{
    size_t n[STEP_STATE_COUNT] = {0};
    struct buf drained = BUF_INIT(TEXT_MAX_LISTED);
    char done[24], all[24];
    count_steps(r, n, &drained);
    snprintf(done, sizeof done, "%zu", n[STEP_DONE]);
    snprintf(all, sizeof all, "%zu", r->n_steps);
    if (n[STEP_DONE] == r->n_steps)
        end(out, RUN_SUCCEEDED, STEP_DONE,
            drained.len > 0
                ? SAY(N_("{0} serves; drained, not restored: {1}."), r->to, buf_text(&drained))
                : SAY(N_("{0} serves."), r->to));
    else if (n[STEP_UNKNOWN] > 0)
        end(out, RUN_UNKNOWN, STEP_UNKNOWN,
            SAY(N_("{0} of {1} steps done; what became of one is not known. Look, then resolve "
                   "it."),
                done, all));
    else if (n[STEP_DONE] == 0)
        end(out, RUN_FAILED_SAFE, STEP_FAILED,
            mem_strdup(N_("Nothing changed: no step was done.")));
    else
        end(out, RUN_FAILED_PARTIAL, STEP_FAILED,
            drained.len > 0
                ? SAY(N_("{0} of {1} steps done; drained, not restored: {2}. To go back, switch "
                         "to \"all\"."),
                      done, all, buf_text(&drained))
                : SAY(N_("{0} of {1} steps done. To go back, switch to \"all\"."), done, all));
    buf_release(&drained);
}
