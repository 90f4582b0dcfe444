/* scheduler.c - see engine/scheduler.h.
 *
 *   turns (by due time) --due--> line of its host, or of all --free place--> running --done-->
 * result └ deadlines (by time)
 *
 * One timer serves both queues.  Everything is due on the grid, so that wake-ups are shared. */
#include "engine/scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/perfdata.h"
#include "core/rule.h"
#include "core/say.h"
#include "core/schedule.h"
#include "core/text.h"
#include "engine/feed.h"
#include "engine/loop.h"
#include "engine/net.h"

struct turn;
struct line { /* those who wait, first come first served */
    struct turn *first, **tail;
    size_t n;
};
struct host {
    char *name;
    int running;
    struct line line;
};

enum turn_phase {
    TURN_RESTS,
    TURN_WAITS,
    TURN_RUNS,
    TURN_AWAY /* the scheduler before us still has its run */
};
struct turn { /* one check's place in all this */
    struct scheduler *scheduler;
    struct check_spec *spec;
    struct host *host;
    const struct feed *feed; /* whom its rows go to; NULL: nobody */
    enum turn_phase phase;
    int64_t slot_ms;    /* when it should have run: what the next slot is counted from */
    uint32_t retries;   /* since the state became soft */
    int64_t started_ms; /* of the run */
    void *run;
    struct schedule_entry due, deadline;
    struct turn *next; /* in a line */
};

struct scheduler {
    struct probe_env env;
    scheduler_result_fn *fn;
    void *arg;
    struct turn *turns;
    size_t n_turns;
    struct map by_check, by_host; /* by_check: a fed check's turn is its source's */
    struct feeds feeds;
    struct host **hosts;
    size_t n_hosts, cap_hosts;
    struct line line; /* for a place in all */
    struct schedule_queue due, deadlines;
    struct loop_timer *timer;
    int64_t armed_ms; /* what the timer is set to; 0: not set */
    int64_t origin_ms, grid_ms;
    size_t running;
    bool is_stopped, is_once;
    struct scheduler *heir; /* who has the turns now: we only end what runs; NULL: we have them */
    scheduler_ended_fn *ended;
    void *ended_arg;
    struct scheduler_figures figures;
};

/* --- lines --- */

static void line_add(struct line *l, struct turn *t)
{
    t->next = NULL;
    *l->tail = t;
    l->tail = &t->next;
    l->n++;
}

static struct turn *line_take(struct line *l)
{
    struct turn *t = l->first;
    if (t == NULL)
        return NULL;
    l->first = t->next;
    if (l->first == NULL)
        l->tail = &l->first;
    l->n--;
    return t;
}

static struct host *host_of(struct scheduler *s, const struct check_spec *spec)
{
    const struct target *target = spec->check->target;
    const char *name = spec->type->host != NULL ? spec->type->host(spec->config) : NULL;

    if (name == NULL)
        name = target->address != NULL ? target->address : target->id;
    struct host *h = map_get(&s->by_host, name);
    if (h != NULL)
        return h;
    h = mem_alloc(sizeof *h);
    h->name = mem_strdup(name);
    h->line.tail = &h->line.first;
    map_put(&s->by_host, h->name, h);
    MEM_ROOM(s->hosts, s->n_hosts, s->cap_hosts);
    s->hosts[s->n_hosts++] = h;
    return h;
}

/* --- time --- */

static int64_t now_of(const struct scheduler *s)
{
    return loop_mono_ms(s->env.loop);
}

/* Sets the timer to the earlier of both queues.  One that is set too early is left: it finds
 * nothing, which costs less than moving it at each probe. */
static void arm(struct scheduler *s)
{
    const struct schedule_entry *due = schedule_peek(&s->due);
    const struct schedule_entry *deadline = schedule_peek(&s->deadlines);
    int64_t at = INT64_MAX;

    if (due != NULL)
        at = due->due_ms;
    if (deadline != NULL && deadline->due_ms < at)
        at = deadline->due_ms;
    if (at == INT64_MAX || (s->armed_ms != 0 && s->armed_ms <= at))
        return;
    int64_t in = at - now_of(s);
    s->armed_ms = at;
    loop_timer_set(s->timer, in > 0 ? in : 0, 0);
}

/* Are we so late that we must have been stopped? */
static bool is_stalled(const struct scheduler *s, int64_t now)
{
    return s->armed_ms != 0 && now - s->armed_ms > SCHEDULER_STALL_MS;
}

static int64_t interval_of(const struct turn *t)
{
    int64_t ms = t->spec->check->rule.interval_ms;
    return ms > 0 ? ms : 1000;
}

/* Up to the next point of the grid, seen from the origin. */
static int64_t on_grid(const struct scheduler *s, int64_t at_ms)
{
    int64_t past = (at_ms - s->origin_ms) % s->grid_ms;
    return past > 0 ? at_ms + s->grid_ms - past : at_ms;
}

/* The check's own row of slots, which nothing moves. */
static int64_t slot_after(const struct scheduler *s, const struct turn *t, int64_t now)
{
    int64_t interval = interval_of(t);
    int64_t slot = schedule_slot(t->spec->check->id, interval, s->grid_ms);
    return s->origin_ms + schedule_first(slot, interval, now - s->origin_ms);
}

/* A state that has to be confirmed, good or bad, is looked at again after `retry`; the check then
 * returns to its own slots. */
static void plan_next(struct scheduler *s, struct turn *t)
{
    const struct check *c = t->spec->check;
    int64_t now = now_of(s), interval = interval_of(t), next;
    int64_t delay = rule_delay_ms(&c->rule, &c->live);
    bool is_confirming = c->live.state != STATE_PENDING && !c->live.is_hard;

    if (s->is_once)
        return;
    if (is_confirming) {
        delay = schedule_jitter(c->id, t->retries++, delay < interval ? delay : interval);
        next = on_grid(s, t->started_ms + delay);
        t->slot_ms = 0;
    } else if (t->slot_ms != 0) {
        int64_t step = c->live.is_slow ? 2 * interval : interval;
        next = schedule_next(t->slot_ms, step, now);
        s->figures.skipped += (uint64_t)((next - t->slot_ms) / step - 1);
    } else {
        next = slot_after(s, t, now + 1);
    }
    if (!is_confirming) {
        t->slot_ms = next;
        t->retries = 0;
    }
    schedule_put(&s->due, &t->due, next > now ? next : now + 1);
    arm(s);
}

/* --- a run --- */

static void start_next(struct scheduler *s, struct host *h);

static void leave_running(struct scheduler *s, struct turn *t)
{
    schedule_remove(&s->deadlines, &t->deadline);
    t->phase = TURN_RESTS;
    t->run = NULL;
    t->host->running--;
    s->running--;
    s->figures.in_flight = s->running;
}

/* What an heir's site file has in the place of our check; NULL if it asks in another way. */
static struct check *check_now(const struct scheduler *s, struct check *c)
{
    const struct check_spec *was = c->spec, *is;
    if (s->heir == NULL)
        return c;
    c = fleet_check(s->env.fleet, c->id);
    is = c != NULL ? c->spec : NULL;
    return is != NULL && is->type == was->type ? c : NULL;
}

/* Our own fault says nothing of the target: it is neither judged nor kept. */
static void judge(struct scheduler *s, const struct check *c, struct result *r)
{
    const struct check_spec *spec = c->spec;
    const struct rule_config *rule = &c->rule;
    struct window_time at = {.now_ms = now_of(s),
                             .interval_ms = rule->interval_ms,
                             .gap_ms = rule->freshness_ms != 0
                                           ? rule->freshness_ms
                                           : 2 * rule->interval_ms + rule->timeout_ms};
    if (r->state == STATE_UNKNOWN && r->is_self)
        return;
    if (spec->windows != NULL)
        windows_judge(spec->windows, r, spec->thresholds.v, spec->thresholds.n, &at,
                      c->live.hard_state);
    else
        result_judge(r, spec->thresholds.v, spec->thresholds.n);
}

static void deliver(struct scheduler *s, struct check *c, struct result *r)
{
    c = check_now(s, c);
    if (c == NULL)
        return;
    r->at_ms = loop_wall_ms(s->env.loop);
    judge(s, c, r);
    if (r->latency_ms >= 0)
        r->latency_ms = round(r->latency_ms * 1000) / 1000; /* nothing finer means anything */
    s->figures.finished++;
    s->fn(s->arg, c, r);
}

static void deliver_row(void *arg, struct check *c, struct result *r)
{
    struct scheduler *s = arg;
    if (!s->is_stopped)
        deliver(s, c, r);
}

/* The source's own result first, then its rows', all in this round of the loop. */
static void deliver_all(struct scheduler *s, struct turn *t, struct result *r)
{
    if (t->feed != NULL)
        feed_judge(t->feed, r);
    deliver(s, t->spec->check, r);
    if (t->feed != NULL)
        feed_deliver(t->feed, r, deliver_row, s);
}

static void spread(struct scheduler *s, struct turn *t, int64_t now)
{
    int64_t in = schedule_spread(t->spec->check->id, interval_of(t), s->grid_ms);
    t->slot_ms = 0;
    schedule_put(&s->due, &t->due, on_grid(s, now + in));
}

/* The check's own turn; not its source's, where it is fed. */
static struct turn *turn_of(const struct scheduler *s, const char *check)
{
    struct turn *t = map_get(&s->by_check, check);
    return t != NULL && strcmp(t->spec->check->id, check) == 0 ? t : NULL;
}

/* The run is over: its turn goes on with the heir. */
static void give_back(struct turn *t, bool is_excused)
{
    struct scheduler *s = t->scheduler, *heir = s->heir;
    struct turn *now = turn_of(heir, t->spec->check->id);

    if (now != NULL && now->phase == TURN_AWAY && !heir->is_stopped) {
        now->phase = TURN_RESTS;
        now->started_ms = t->started_ms;
        if (is_excused)
            spread(heir, now, now_of(heir));
        else
            plan_next(heir, now);
        arm(heir);
    }
    if (s->running == 0 && !s->is_stopped)
        s->ended(s->ended_arg);
}

/* The probe's result is const; ours has stamps and thresholds. It borrows all but the sentence. */
static void on_done(void *arg, const struct result *seen)
{
    struct turn *t = arg;
    struct scheduler *s = t->scheduler;
    int64_t now = now_of(s);
    bool is_excused = seen->state != STATE_OK && is_stalled(s, now);

    leave_running(s, t);
    if (is_excused && s->heir == NULL) { /* we were stopped, not the target: ask again */
        spread(s, t, now);
        arm(s);
    } else if (!is_excused && !s->is_stopped) {
        struct result r = *seen;
        r.summary = mem_strdup(seen->summary);
        r.started_mono_ms = t->started_ms;
        deliver_all(s, t, &r);
        free(r.summary);
        if (!s->is_stopped && s->heir == NULL)
            plan_next(s, t);
    }
    if (s->heir != NULL)
        give_back(t, is_excused);
    else
        start_next(s, t->host);
}

static void on_deadline(struct turn *t)
{
    struct scheduler *s = t->scheduler;
    struct result r = {.state = STATE_CRITICAL, .latency_ms = -1};
    char span[24];

    if (t->run != NULL) {
        t->spec->type->cancel(t->run);
        r.summary =
            SAY(N_("no answer within {0}"), net_span(t->spec->check->rule.timeout_ms, span));
        s->figures.timed_out++;
    } else { /* it could not be started */
        r.state = STATE_UNKNOWN;
        r.is_self = true;
        r.summary = SAY(N_("a secret is missing: {0}"), t->spec->absent);
    }
    on_done(t, &r);
    free(r.summary);
}

static void cancel_run(struct turn *t)
{
    if (t->run != NULL)
        t->spec->type->cancel(t->run);
}

/* The probe ends by its own limit first, with the better sentence; this is the backstop. */
static void start_run(struct scheduler *s, struct turn *t)
{
    const struct check *c = t->spec->check;
    int64_t now = now_of(s), late = now - t->due.due_ms;
    struct probe_job job = {
        .check = c->id,
        .target = c->target->id,
        .address = c->target->address,
        .timeout_ms = c->rule.timeout_ms,
        .fed = t->feed != NULL ? t->feed->fed : NULL,
        .n_fed = t->feed != NULL ? t->feed->n : 0,
    };

    if (late > s->figures.late_max_ms)
        s->figures.late_max_ms = late;
    t->phase = TURN_RUNS;
    t->started_ms = now;
    t->host->running++;
    s->running++;
    s->figures.started++;
    s->figures.in_flight = s->running;
    if (s->running > s->figures.max_in_flight)
        s->figures.max_in_flight = s->running;
    if (t->spec->absent != NULL) { /* told at once, but not from in here */
        schedule_put(&s->deadlines, &t->deadline, now);
        arm(s);
        return;
    }
    schedule_put(&s->deadlines, &t->deadline,
                 on_grid(s, now + t->spec->proof_ms + job.timeout_ms + s->grid_ms));
    t->run = t->spec->type->start(&s->env, t->spec->config, &job, on_done, t);
}

/* Runs it if its host and all have a place, else puts it in line. */
static void start_or_wait(struct scheduler *s, struct turn *t)
{
    t->phase = TURN_WAITS;
    if (t->host->running >= SCHEDULER_PER_HOST)
        line_add(&t->host->line, t);
    else if (s->running >= SCHEDULER_IN_ALL)
        line_add(&s->line, t);
    else
        start_run(s, t);
}

/* A place has become free: first the host's own line, then the line for all. */
static void start_next(struct scheduler *s, struct host *h)
{
    struct turn *t;

    if (s->is_stopped)
        return;
    if (h->running < SCHEDULER_PER_HOST && (t = line_take(&h->line)) != NULL) {
        if (s->running < SCHEDULER_IN_ALL && s->line.first == NULL)
            start_run(s, t);
        else
            line_add(&s->line, t);
    }
    while (s->running < SCHEDULER_IN_ALL && (t = line_take(&s->line)) != NULL)
        start_or_wait(s, t);
    arm(s);
}

/* --- the timer --- */

static void empty_lines(struct scheduler *s)
{
    for (size_t i = 0; i < s->n_hosts; i++)
        while (line_take(&s->hosts[i]->line) != NULL)
            ;
    while (line_take(&s->line) != NULL)
        ;
}

/* What was in flight while we were stopped says nothing about its target. */
static void resume(struct scheduler *s, int64_t now)
{
    s->figures.resumes++;
    for (size_t i = 0; i < s->n_turns; i++) {
        struct turn *t = &s->turns[i];
        bool is_running = t->phase == TURN_RUNS;
        if (is_running) {
            cancel_run(t);
            leave_running(s, t);
        }
        if (t->phase == TURN_AWAY)
            continue; /* its scheduler finds the same */
        t->phase = TURN_RESTS;
        if (s->heir == NULL)
            spread(s, t, now);
        else if (is_running)
            give_back(t, true);
    }
    empty_lines(s);
}

static void on_timer(void *arg)
{
    struct scheduler *s = arg;
    int64_t now = now_of(s);
    struct schedule_entry *e;

    if (is_stalled(s, now))
        resume(s, now);
    s->armed_ms = 0;
    while (!s->is_stopped && (e = schedule_take(&s->deadlines, now)) != NULL)
        on_deadline(e->owner);
    while (!s->is_stopped && (e = schedule_take(&s->due, now)) != NULL)
        start_or_wait(s, e->owner);
    if (!s->is_stopped)
        arm(s);
}

/* --- life --- */

static bool is_run(const struct check_spec *spec)
{
    return !spec->type->is_passive && !spec->type->feed && !spec->check->target->is_disabled;
}

static void add_turn(struct scheduler *s, struct check_spec *spec)
{
    struct turn *t = &s->turns[s->n_turns++];
    t->scheduler = s;
    t->spec = spec;
    t->host = host_of(s, spec);
    t->due.owner = t->deadline.owner = t;
    t->feed = feeds_of(&s->feeds, spec->check);
    map_put(&s->by_check, spec->check->id, t);
    for (size_t i = 0; t->feed != NULL && i < t->feed->n; i++)
        map_put(&s->by_check, t->feed->fed[i].check->id, t);
}

struct scheduler *scheduler_new(const struct probe_env *env, struct check_spec *specs,
                                scheduler_result_fn *fn, void *arg)
{
    struct scheduler *s = mem_alloc(sizeof *s);
    double per_second = 0;
    size_t n = 0;

    s->env = *env;
    s->fn = fn;
    s->arg = arg;
    s->line.tail = &s->line.first;
    s->is_stopped = true;
    for (struct check_spec *spec = specs; spec != NULL; spec = spec->next)
        n += is_run(spec);
    s->turns = mem_alloc((n + 1) * sizeof *s->turns);
    feeds_init(&s->feeds, specs);
    for (struct check_spec *spec = specs; spec != NULL; spec = spec->next) {
        if (!is_run(spec))
            continue;
        add_turn(s, spec);
        per_second += 1000.0 / (double)interval_of(&s->turns[s->n_turns - 1]);
    }
    s->grid_ms = schedule_grid(per_second);
    s->timer = loop_timer_new(env->loop, on_timer, s);
    s->figures.checks = n;
    return s;
}

void scheduler_start(struct scheduler *s)
{
    s->is_stopped = false;
    s->origin_ms = now_of(s);
    for (size_t i = 0; i < s->n_turns; i++) {
        struct turn *t = &s->turns[i];
        t->slot_ms = slot_after(s, t, s->origin_ms);
        schedule_put(&s->due, &t->due, t->slot_ms);
    }
    arm(s);
}

/* Takes a turn over from the scheduler before us. */
static void follow_turn(struct scheduler *s, struct turn *t, const struct turn *was)
{
    int64_t now = now_of(s);
    bool is_known = was != NULL && t->spec->is_same;

    if (!is_known || was->phase == TURN_AWAY)
        t->slot_ms = slot_after(s, t, now);
    else
        t->slot_ms = was->slot_ms;
    if (!is_known || was->phase == TURN_AWAY) {
        schedule_put(&s->due, &t->due, t->slot_ms);
    } else if (was->phase == TURN_RUNS) {
        t->phase = TURN_AWAY;
        t->retries = was->retries;
    } else {
        t->retries = was->retries;
        schedule_put(&s->due, &t->due, was->phase == TURN_WAITS ? now : was->due.due_ms);
    }
}

/* Is there nobody any more to whom this run's result would be of use? */
static bool is_unwanted(const struct scheduler *heir, const struct turn *was)
{
    const struct turn *t = turn_of(heir, was->spec->check->id);
    return t == NULL || t->phase != TURN_AWAY;
}

bool scheduler_follow(struct scheduler *s, struct scheduler *old, scheduler_ended_fn *ended,
                      void *arg)
{
    s->is_stopped = false;
    s->origin_ms = old->origin_ms;
    s->figures = old->figures;
    s->figures.checks = s->n_turns;
    s->figures.in_flight = 0;
    for (size_t i = 0; i < s->n_turns; i++)
        follow_turn(s, &s->turns[i], turn_of(old, s->turns[i].spec->check->id));
    empty_lines(old);
    for (size_t i = 0; i < old->n_turns; i++) {
        struct turn *t = &old->turns[i];
        schedule_remove(&old->due, &t->due);
        if (t->phase == TURN_RUNS && is_unwanted(s, t)) {
            cancel_run(t);
            leave_running(old, t);
        }
        if (t->phase == TURN_WAITS)
            t->phase = TURN_RESTS;
    }
    old->heir = s;
    old->ended = ended;
    old->ended_arg = arg;
    arm(s);
    return old->running > 0;
}

void scheduler_start_once(struct scheduler *s)
{
    s->is_stopped = false;
    s->is_once = true;
    s->origin_ms = now_of(s);
}

void scheduler_stop(struct scheduler *s)
{
    s->is_stopped = true;
    loop_timer_stop(s->timer);
    s->armed_ms = 0;
    for (size_t i = 0; i < s->n_turns; i++) {
        struct turn *t = &s->turns[i];
        schedule_remove(&s->due, &t->due);
        if (t->phase == TURN_RUNS) {
            cancel_run(t);
            leave_running(s, t);
        }
        t->phase = TURN_RESTS;
    }
}

void scheduler_free(struct scheduler *s)
{
    if (s == NULL)
        return;
    scheduler_stop(s);
    loop_timer_free(s->timer);
    schedule_release(&s->due);
    schedule_release(&s->deadlines);
    map_release(&s->by_check);
    map_release(&s->by_host);
    feeds_release(&s->feeds);
    for (size_t i = 0; i < s->n_hosts; i++) {
        free(s->hosts[i]->name);
        free(s->hosts[i]);
    }
    free(s->hosts);
    free(s->turns);
    free(s);
}

bool scheduler_run_now(struct scheduler *s, const struct check *c, struct err *e)
{
    struct turn *t = map_get(&s->by_check, c->id);
    const struct check_spec *spec = c->spec;

    if (c->target->is_disabled)
        return err_set(e, "target \"%s\" is disabled", c->target->id);
    if (t == NULL && spec->type->feed != NULL)
        return err_set(e, "the target of the check that \"%s\" is fed by is disabled", c->id);
    if (t == NULL)
        return err_set(e, "check \"%s\" is passive: its results are brought from outside", c->id);
    if (s->is_stopped)
        return err_set(e, "the engine is stopping");
    if (t->phase == TURN_RESTS) {
        schedule_put(&s->due, &t->due, now_of(s));
        arm(s);
    }
    return true;
}

void scheduler_spread(struct scheduler *s, const struct check *c)
{
    struct turn *t = turn_of(s, c->id);
    if (t == NULL || t->phase != TURN_RESTS || s->is_stopped || s->is_once)
        return;
    spread(s, t, now_of(s));
    arm(s);
}

bool scheduler_submit(struct scheduler *s, struct check *c, enum state state, const char *text,
                      const char *perfdata, struct err *e)
{
    const struct check_spec *spec = c->spec;
    struct result r = {.state = state, .latency_ms = -1};

    if (!spec->type->is_passive || spec->type->is_internal)
        return err_set(e, "check \"%s\" is of kind %s, expected passive", c->id, c->probe);
    if (state > STATE_UNKNOWN)
        return err_set(e, "%s is no state to submit, expected OK, WARNING, CRITICAL or UNKNOWN",
                       state_rows[state].name);
    r.summary = text_cleaned(text, strlen(text), TEXT_MAX_LISTED, 0);
    r.started_mono_ms = now_of(s);
    if (perfdata != NULL)
        perfdata_parse(&r, perfdata, strlen(perfdata));
    deliver(s, c, &r);
    result_release(&r);
    return true;
}

void scheduler_figures(struct scheduler *s, struct scheduler_figures *out)
{
    s->figures.waiting = s->line.n;
    for (size_t i = 0; i < s->n_hosts; i++)
        s->figures.waiting += s->hosts[i]->line.n;
    *out = s->figures;
    s->figures.late_max_ms = 0;
}
