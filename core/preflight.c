#include "core/preflight.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

/* One look at everything: what is asked, and where it is told. */
struct look {
    const struct preflight *p;
    const struct fog *fog;
    const struct seen *seen;
    struct findings *out;
};

static bool is_database(const struct fog *g)
{
    return g->driver != NULL && strcmp(g->driver, "patroni") == 0;
}

static void say(const struct look *l, const char *code, enum finding_kind kind, char *packed)
{
    findings_add(l->out, code, kind, packed);
}

static void fail(const struct look *l, const char *code, char *packed)
{
    say(l, code, FINDING_FAIL, packed);
}

static const char *number(char out[24], int64_t n)
{
    snprintf(out, 24, "%" PRId64, n);
    return out;
}

static const char *mib(char out[24], int64_t bytes)
{
    if (bytes < 100 * 1024)
        snprintf(out, 24, "%.1f KiB", (double)bytes / 1024);
    else
        snprintf(out, 24, "%.1f MiB", (double)bytes / (1 << 20));
    return out;
}

/* A packed sentence as one argument of another: in English words. */
static char *words_of(const char *packed)
{
    struct buf b = BUF_INIT(TEXT_MAX_LISTED);
    say_text(&b, packed, NULL);
    return buf_take(&b);
}

static const char *name_of(const struct look *l, const struct seen_member *m)
{
    return l->fog->members[seen_index(l->seen, m)].target;
}

/* --- R01, R02: what we see ------------------------------------------------------------------ */

/* A server that our own checks reach: that the balancer calls it UP says nothing of us. */
static bool we_reach(const struct fleet *f, const char *target)
{
    const struct target *t = fleet_target(f, target);
    for (size_t i = 0; t != NULL && i < t->n_checks; i++) {
        enum state s = check_shown(t->checks[i]);
        if (s == STATE_OK || s == STATE_WARNING)
            return true;
    }
    return false;
}

static size_t count_reached(const struct look *l)
{
    if (is_database(l->fog))
        return seen_answers(l->seen);
    size_t n = 0;
    for (size_t i = 0; i < l->fog->n_members; i++)
        n += we_reach(l->p->fleet, l->fog->members[i].target);
    return n;
}

static void look_view(const struct look *l)
{
    char seen[24], all[24];
    size_t n = count_reached(l);
    number(seen, (int64_t)n);
    number(all, (int64_t)l->fog->n_members);
    if (2 * n > l->fog->n_members)
        say(l, "R01", FINDING_OK, SAY(N_("R01 {0} of {1} members answer."), seen, all));
    else
        say(l, "R01", l->fog->is_stateful || is_database(l->fog) ? FINDING_FAIL : FINDING_WARN,
            SAY(N_("R01 Partial view: {0} of {1} members answer. From here a partition and an "
                   "outage look the same. Use a console on the other side."),
                seen, all));
}

static bool look_facts(const struct look *l)
{
    char age[24];
    if (l->seen == NULL) {
        fail(l, "R02", mem_strdup(N_("R02 Nothing has been seen of this group yet.")));
        return false;
    }
    if (l->seen->error != NULL) {
        char *why = words_of(l->seen->error);
        fail(l, "R02", SAY(N_("R02 The state of {0} could not be read: {1}"), l->fog->id, why));
        free(why);
        return false;
    }
    int64_t age_ms = l->p->now_mono_ms - l->seen->at_mono_ms;
    number(age, age_ms / 1000);
    if (age_ms > PREFLIGHT_STALE_MS)
        fail(l, "R02", SAY(N_("R02 Data is {0} s old."), age));
    else
        say(l, "R02", FINDING_OK, SAY(N_("R02 Data is {0} s old."), age));
    return true;
}

/* --- R03, R04: who leads -------------------------------------------------------------------- */

static void look_primary(const struct look *l)
{
    const struct seen_member *listed = seen_listed_leader(l->seen);
    if (listed != NULL && !listed->has_answered)
        fail(
            l, "R03",
            SAY(N_("R03 {0} is unreachable from here but the cluster's list still names it leader. "
                   "It is not dead. Wait until the list lets go of it, or look from the other "
                   "side."),
                name_of(l, listed)));
    else if (seen_primaries(l->seen) == 0)
        fail(
            l, "R03",
            mem_strdup(N_("R03 No member leads now. Patroni chooses one by itself; if it does not, "
                          "use patronictl on a member.")));
    else
        say(l, "R03", FINDING_OK, mem_strdup(N_("R03 The primary is reachable.")));
}

static void two_that_lead(const struct look *l)
{
    const struct seen_member *two[2] = {NULL, NULL};
    size_t n = 0;
    for (size_t i = 0; i < l->seen->n && n < 2; i++)
        if (l->seen->members[i].has_answered && l->seen->members[i].role == SEEN_PRIMARY)
            two[n++] = &l->seen->members[i];
    char a[24], b[24];
    fail(l, "R04",
         SAY(N_("R04 {0} says that it leads (TL {1}), and so does {2} (TL {3}). Possible split "
                "brain: no automatic action."),
             name_of(l, two[0]), number(a, two[0]->timeline), name_of(l, two[1]),
             number(b, two[1]->timeline)));
}

static void look_agreement(const struct look *l)
{
    const struct seen_member *leader = seen_leader(l->seen), *listed = seen_listed_leader(l->seen);
    if (seen_primaries(l->seen) > 1)
        two_that_lead(l);
    else if (l->seen->stranger != NULL)
        fail(l, "R04",
             SAY(N_("R04 {0} leads, which is no member of this group in the site file. Correct the "
                    "site file first."),
                 l->seen->stranger));
    else if (leader != NULL && listed != NULL && leader != listed)
        fail(l, "R04",
             SAY(N_("R04 {0} says that it leads, the cluster's list names {1}. Possible split "
                    "brain: no automatic action."),
                 name_of(l, leader), name_of(l, listed)));
    else if (leader != NULL && leader == listed)
        say(l, "R04", FINDING_OK, SAY(N_("R04 All name {0} as leader."), name_of(l, leader)));
}

/* --- R05: the candidate of a database cluster ----------------------------------------------- */

static void look_lag(const struct look *l, const struct seen_member *m, const char *to)
{
    char is[24], most[24];
    int64_t max = l->fog->lag_max_bytes;
    if (m->is_replay_paused)
        fail(l, "R05",
             SAY(N_("R05 {0} has paused its replay. Resume it: pg_wal_replay_resume()."), to));
    if (m->lag_bytes < 0)
        fail(l, "R05", SAY(N_("R05 How far {0} is behind is not known."), to));
    else if (m->lag_bytes > max)
        fail(l, "R05",
             SAY(N_("R05 {0} is {1} behind (limit {2})."), to, mib(is, m->lag_bytes),
                 mib(most, max)));
}

static void look_fitness(const struct look *l, const struct seen_member *m, const char *to)
{
    const struct seen_member *leader = seen_leader(l->seen);
    char a[24], b[24];
    if (!m->is_running)
        fail(l, "R05",
             SAY(N_("R05 {0} is not running: {1}."), to, m->state != NULL ? m->state : "?"));
    if (m->is_nofailover)
        fail(l, "R05", SAY(N_("R05 {0} has the tag nofailover."), to));
    if (l->seen->has_list && !m->is_listed)
        fail(l, "R05", SAY(N_("R05 {0} is not in the cluster's list."), to));
    if (leader != NULL && m->timeline != leader->timeline)
        fail(l, "R05",
             SAY(N_("R05 {0} is on timeline {1}, the leader on {2}."), to, number(a, m->timeline),
                 number(b, leader->timeline)));
    if (l->seen->is_sync_mode && !m->is_sync)
        fail(l, "R05",
             SAY(N_("R05 {0} is not the synchronous standby, and this cluster wants one."), to));
    look_lag(l, m, to);
}

/* As its own replication check says it: Patroni's lag is in bytes only. */
static void look_lag_time(const struct look *l, const char *to)
{
    const struct target *t = fleet_target(l->p->fleet, to);
    for (size_t i = 0; t != NULL && i < t->n_checks; i++) {
        const struct check *c = t->checks[i];
        if (c->probe == NULL || strcmp(c->probe, "replication") != 0 || c->live.is_stale)
            continue;
        for (size_t k = 0; k < c->n_metrics; k++) {
            const struct metric *m = &c->metrics[k];
            char is[24], most[24];
            if (strcmp(m->name, "lag_s") != 0 || m->value * 1000 <= (double)l->fog->lag_max_ms)
                continue;
            snprintf(is, sizeof is, "%.0f", m->value);
            fail(l, "R05",
                 SAY(N_("R05 {0} replays {1} s behind (limit {2} s)."), to, is,
                     number(most, l->fog->lag_max_ms / 1000)));
        }
    }
}

static void look_node(const struct look *l, const char *to)
{
    const struct fog_member *member = fog_member(l->fog, to);
    size_t before = findings_count(l->out, FINDING_FAIL);
    if (member == NULL || !fog_is_candidate(l->fog, to)) {
        fail(l, "R05", SAY(N_("R05 {0} is no candidate of this group."), to));
        return;
    }
    const struct seen_member *m = &l->seen->members[member - l->fog->members];
    if (!m->has_answered) {
        char *why = words_of(m->why_not != NULL ? m->why_not : "");
        fail(l, "R05", SAY(N_("R05 {0} does not answer: {1}"), to, why));
        free(why);
        return;
    }
    if (m == seen_leader(l->seen)) {
        fail(l, "R05", SAY(N_("R05 {0} leads already."), to));
        return;
    }
    look_fitness(l, m, to);
    look_lag_time(l, to);
    char lag[24];
    if (findings_count(l->out, FINDING_FAIL) == before)
        say(l, "R05", FINDING_OK,
            SAY(N_("R05 {0} is fit: running, same timeline, {1} behind."), to,
                mib(lag, m->lag_bytes)));
}

/* --- R10: the servers that are left ---------------------------------------------------------- */

/* Serves, or will when it is put in. */
static bool is_fit(const struct seen_member *m)
{
    return m->has_answered && m->is_up;
}

static size_t members_of(const struct fog *g, const char *side)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_members; i++)
        n += fog_side_has(&g->members[i], side);
    return n;
}

static size_t needed_of(const struct fog *g, const char *to)
{
    size_t half = (members_of(g, to) + 1) / 2;
    return (size_t)g->min_up > half ? (size_t)g->min_up : half;
}

bool preflight_can_lose(const struct fog *g, const struct seen *s, const char *to, size_t *left,
                        size_t *needed)
{
    *left = seen_count_side(s, g, to, seen_serves);
    *needed = needed_of(g, to);
    return *left >= *needed;
}

static bool is_in_place(const struct fog *g, const struct seen *s, const char *to)
{
    for (size_t i = 0; i < s->n; i++) {
        bool is_in = fog_side_has(&g->members[i], to);
        bool is_ready = s->members[i].admin == SEEN_READY;
        if (s->members[i].has_answered && is_in != is_ready)
            return false;
    }
    return true;
}

static void look_unknown_servers(const struct look *l)
{
    for (size_t i = 0; i < l->seen->n; i++)
        if (!l->seen->members[i].has_answered)
            fail(l, "R05",
                 SAY(N_("R05 The balancer has no server \"{0}\" in {1}. Correct \"names\" in the "
                        "site file."),
                     l->fog->members[i].name, l->seen->backend != NULL ? l->seen->backend : "?"));
}

static void look_half(const struct look *l, const char *to)
{
    char left[24], needed[24];
    if (!fog_is_candidate(l->fog, to)) {
        fail(l, "R05", SAY(N_("R05 {0} is no candidate of this group."), to));
        return;
    }
    look_unknown_servers(l);
    if (is_in_place(l->fog, l->seen, to)) {
        fail(l, "R05", SAY(N_("R05 {0} serves already: there is nothing to do."), to));
        return;
    }
    size_t n = seen_count_side(l->seen, l->fog, to, is_fit), need = needed_of(l->fog, to);
    number(left, (int64_t)n);
    number(needed, (int64_t)need);
    if (n >= need)
        say(l, "R10", FINDING_OK,
            SAY(N_("R10 {0} servers of {1} can serve ({2} needed)."), left, to, needed));
    else if (strcmp(to, FOG_TO_ALL) == 0)
        say(l, "R10", FINDING_WARN,
            SAY(N_("R10 Only {0} servers of {1} are UP ({2} wanted)."), left, to, needed));
    else
        fail(
            l, "R10",
            SAY(N_("R10 Only {0} servers of {1} would be left UP, {2} are needed. Bring servers of "
                   "that half up first."),
                left, to, needed));
}

void preflight_candidate(const struct preflight *p, const char *to, struct findings *out)
{
    struct look l = {p, p->fog, p->seen, out};
    if (is_database(p->fog))
        look_node(&l, to);
    else
        look_half(&l, to);
}

/* --- R06, R07: the peer's own state ---------------------------------------------------------- */

static void look_dcs(const struct look *l)
{
    const struct seen_member *leader = seen_leader(l->seen);
    char age[24];
    if (!l->seen->has_list)
        fail(l, "R06",
             mem_strdup(N_("R06 The cluster's list cannot be read: its DCS does not answer.")));
    else if (leader != NULL && leader->is_blind)
        fail(l, "R06",
             SAY(N_("R06 {0}, which leads, has not seen the DCS for {1} s."), name_of(l, leader),
                 number(age, leader->dcs_age_s)));
    else
        say(l, "R06", FINDING_OK, mem_strdup(N_("R06 The DCS answers.")));
}

static void look_pause(const struct look *l)
{
    if (l->seen->is_paused)
        say(l, "R07", FINDING_WARN,
            mem_strdup(
                N_("R07 The cluster is paused: a named candidate is switched to, but nothing "
                   "is repaired by itself.")));
    if (l->seen->scheduled != NULL)
        fail(l, "R07",
             SAY(N_("R07 A switchover is scheduled already: {0}. Delete it first."),
                 l->seen->scheduled));
    if (!l->seen->is_paused && l->seen->scheduled == NULL)
        say(l, "R07", FINDING_OK, mem_strdup(N_("R07 The cluster is not paused.")));
}

/* --- R09, R11, R20: the group itself --------------------------------------------------------- */

static void look_last_run(const struct look *l)
{
    const struct run *r = fleet_unclosed_run(l->p->fleet, l->fog->id);
    char id[9], ago[24];
    if (r == NULL) {
        say(l, "R09", FINDING_OK, mem_strdup(N_("R09 No earlier run waits to be closed.")));
        return;
    }
    snprintf(id, sizeof id, "%.8s", r->id);
    number(ago, (l->p->now_ms - r->ended_at_ms) / 60000);
    fail(l, "R09",
         SAY(N_("R09 Run {0} ended {1} min ago ({2}). Close it first: failover close {0}"), id, ago,
             run_state_rows[r->state].name));
}

static void look_names(const struct look *l)
{
    size_t bad = 0;
    for (size_t i = 0; i < l->fog->n_members; i++)
        if (!fog_name_is_safe(l->fog->members[i].name)) {
            fail(l, "R11", SAY(N_("R11 Refused name \"{0}\"."), l->fog->members[i].name));
            bad++;
        }
    if (bad == 0)
        say(l, "R11", FINDING_OK, mem_strdup(N_("R11 All names are safe to send.")));
}

static void look_active_run(const struct look *l)
{
    const struct run *r = fleet_active_run(l->p->fleet, l->fog->id);
    if (r == NULL) {
        say(l, "R20", FINDING_OK, mem_strdup(N_("R20 No other run is active.")));
        return;
    }
    char *packed = run_say_active(r);
    fail(l, "R20", packed);
}

char *run_say_active(const struct run *r)
{
    char id[9], at[WHEN_TEXT_MAX], step[24], steps[24];
    size_t done = run_step_at(r);
    snprintf(id, sizeof id, "%.8s", r->id);
    number(step, (int64_t)(done < r->n_steps ? done + 1 : r->n_steps));
    number(steps, (int64_t)r->n_steps);
    return SAY(N_("R20 {0} started run {1} at {2}, step {3} of {4}."), r->by != NULL ? r->by : "?",
               id, when_rfc3339(r->confirmed_at_ms, at), step, steps);
}

/* --- R21, R22, R30: who asks, and with what --------------------------------------------------- */

static void look_person(const struct look *l)
{
    enum duty_role min = DUTY_L3;
    if (l->fog->approve_role != NULL)
        fail(
            l, "R21",
            SAY(N_("R21 This group needs a second person (role {0}) to approve, which this version "
                   "cannot ask yet. Use the native tool; what is seen is recorded."),
                l->fog->approve_role));
    if (l->fog->min_role != NULL && !duty_parse(l->fog->min_role, &min))
        min = DUTY_L3;
    const enum duty_role *role = l->p->role;
    if (role != NULL && !(duty_may(*role, DUTY_PLAN) && duty_reaches(*role, min)))
        fail(l, "R22",
             SAY(N_("R22 Needs role {0} (you are {1})."), duty_rows[min].name,
                 duty_rows[*role].name));
    else if (role != NULL)
        say(l, "R22", FINDING_OK, SAY(N_("R22 Your role is {0}."), duty_rows[*role].name));
    if (l->p->is_private && l->fog->is_production)
        fail(
            l, "R22",
            mem_strdup(N_("R22 This engine was started by a console. On production only one run as "
                          "a service may act: run the engine as a service (trucban engine).")));
}

static void look_journal(const struct look *l)
{
    if (l->p->journal_error == NULL) {
        say(l, "R30", FINDING_OK, mem_strdup(N_("R30 The journal can be written.")));
        return;
    }
    char *why = words_of(l->p->journal_error);
    fail(l, "R30", SAY(N_("R30 Cannot write the audit record: no action is possible. {0}"), why));
    free(why);
}

/* --- all -------------------------------------------------------------------------------------- */

static void look_database(const struct look *l)
{
    look_primary(l);
    look_agreement(l);
    if (l->p->to != NULL)
        look_node(l, l->p->to);
    look_dcs(l);
    look_pause(l);
}

void preflight(const struct preflight *p, struct findings *out)
{
    struct look l = {p, p->fog, p->seen, out};
    if (p->fog->n_parts > 0) {
        fail(&l, "R07",
             mem_strdup(N_("R07 This is a list of groups: plan each of them, in its order.")));
        return;
    }
    if (p->fog->driver == NULL) {
        fail(&l, "R07", mem_strdup(N_("R07 No driver is configured: this group is only watched.")));
        return;
    }
    if (look_facts(&l)) {
        look_view(&l);
        if (is_database(p->fog))
            look_database(&l);
        else if (p->to != NULL)
            look_half(&l, p->to);
    }
    look_last_run(&l);
    look_names(&l);
    look_active_run(&l);
    look_person(&l);
    look_journal(&l);
}

/* --- readiness -------------------------------------------------------------------------------- */

static void keep_trouble(struct findings *to, struct findings *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (from->v[i].kind != FINDING_OK)
            findings_add(to, from->v[i].code, from->v[i].kind, mem_strdup(from->v[i].say));
    findings_release(from);
}

/* Is there one to switch to?  If not, why not each. */
static bool has_candidate(const struct preflight *p, struct findings *why)
{
    const char *active = seen_active(p->seen, p->fog);
    bool is_one = false;
    for (size_t i = 0; i < p->fog->n_candidates; i++) {
        struct findings one = {0};
        const char *to = p->fog->candidates[i];
        if ((active != NULL && strcmp(active, to) == 0) || strcmp(to, FOG_TO_ALL) == 0)
            continue;
        preflight_candidate(p, to, &one);
        is_one |= findings_count(&one, FINDING_FAIL) == 0;
        keep_trouble(why, &one);
    }
    return is_one;
}

/* The reasons of candidates that are not the only hope are no failure of the group. */
static void soften(struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        f->v[i].kind = FINDING_WARN;
}

void fog_judge(struct fleet *f, struct fog *g, const struct preflight *p)
{
    struct findings all = {0}, reasons = {0}, candidates = {0};
    preflight(p, &all);
    bool is_ready = findings_count(&all, FINDING_FAIL) == 0;
    keep_trouble(&reasons, &all);
    if (p->seen != NULL && p->seen->error == NULL && g->driver != NULL) {
        bool has_one = has_candidate(p, &candidates);
        if (has_one)
            soften(&candidates);
        is_ready = is_ready && has_one;
        keep_trouble(&reasons, &candidates);
        mem_set(&g->active, seen_active(p->seen, g));
    }
    bool is_same = g->is_ready == is_ready && findings_equal(&g->reasons, &reasons);
    g->is_ready = is_ready;
    findings_release(&g->reasons);
    g->reasons = reasons;
    if (!is_same || p->now_ms - g->judged_at_ms >= FOG_JUDGED_MS)
        fleet_touch_fog(f, g);
    g->judged_at_ms = p->now_ms;
}
