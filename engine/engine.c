/* engine.c - see engine.h.
 *
 *   scheduler ─ result ─> fleet ─ hard state moved ─> decide ─> journal ─> fleet ─> hub
 *   hub ─ request ─> engine_request ─> decide | journal | scheduler
 *   SIGHUP: engine_reload, another site file
 *   every second: what has grown old, the beat; 5 s: heartbeat row; 60 s, or many events:
 * checkpoint */
#include "engine/engine_private.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/checkpoint.h"
#include "engine/cmd.h"
#include "engine/failpoint.h"
#include "engine/lock.h"
#include "engine/paths.h"
#include "engine/site_diff.h"

#define SECOND_MS       1000
#define CHECKPOINT_MS   60000
#define CHECKPOINT_MAX  20000 /* events that a start has to fold; looked at each second */
#define CLOCK_MOVED_MS  2000  /* from one second to the next */
#define STOP_STEP_MS    20
#define STOP_MAX_MS     1200 /* then without the last checkpoint */
#define STOP_WAIT_MS    300  /* for each thread */
#define LOG_LINE_MAX    2000
#define LINGER_MS       3000  /* a console may come back (its link was lost) */
#define LINGER_FIRST_MS 60000 /* for the first console to come */

/* One line on standard error, where the service manager's log begins: whatever stands in it (a
 * path, a peer's words) can neither make a second line nor reach a terminal as it is. */
static void log_line(const char *part, const char *text)
{
    char *clean = text_cleaned(text, strlen(text), LOG_LINE_MAX, 0);
    fprintf(stderr, "trucban engine: %s%s\n", part, clean);
    free(clean);
}

void engine_log(const char *part, const char *packed)
{
    struct buf words = BUF_INIT(LOG_LINE_MAX);
    say_text(&words, packed, NULL);
    log_line(part, buf_text(&words));
    buf_release(&words);
}

/* --- results and time --------------------------------------------------------------------- */

void engine_result(void *arg, struct check *c, const struct result *r)
{
    struct engine *e = arg;
    if (FP_ERR("engine.result"))
        return;
    int flags = fleet_apply_result(e->fleet, c, r, loop_mono_ms(e->loop));
    if (flags & RULE_DROPPED)
        return;
    e->n_results[e->seconds % ENGINE_RATE_SECONDS]++;
    history_add(e->history, c, r->at_ms, r->state, check_dot(c));
    /* Also a hard problem without an alert: it was told by another check's, which may have gone. */
    if ((flags & (RULE_HARD | RULE_FLAP)) || (c->alert == 0 && rule_is_problem(c->live.hard_state)))
        decide_check(e->decide, c);
    if (flags & (RULE_SOFT | RULE_HARD | RULE_STALE))
        engine_reach_moved(e, c);
    if (flags & RULE_SOFT && rule_is_soft(&c->live) && c->live.attempt == 1)
        engine_reach_doubt(e, c);
    hub_kick(e->hub);
}

static void engine_age(struct engine *e)
{
    int64_t mono_ms = loop_mono_ms(e->loop), wall_ms = loop_wall_ms(e->loop);
    int all = 0;
    for (size_t i = 0; i < e->fleet->n_checks; i++) {
        struct check *c = e->fleet->checks[i];
        if (c->target->is_disabled)
            continue;
        int flags = fleet_age_check(e->fleet, c, wall_ms, mono_ms);
        if (flags & RULE_HARD)
            decide_check(e->decide, c);
        if (flags & (RULE_HARD | RULE_STALE))
            engine_reach_moved(e, c);
        all |= flags;
    }
    if (all)
        hub_kick(e->hub);
}

/* Most checks cannot look: one alert tells it, the others of that kind are held back by it. */
static void engine_look_inward(struct engine *e)
{
    struct fleet *f = e->fleet;
    bool was_blind = f->is_blind;
    if (!fleet_look_inward(f))
        return;
    if (was_blind != f->is_blind)
        engine_log("", f->is_blind ? N_("most checks cannot look: the fault is on this side")
                                   : N_("checks can look again"));
    for (size_t i = 0; i < f->n_checks; i++)
        if (f->checks[i]->is_self || f->checks[i]->alert != 0)
            decide_check(e->decide, f->checks[i]);
}

void engine_beat(struct engine *e)
{
    struct hub_beat beat = {.journal_error = journal_error(e->journal),
                            .journal_fault = journal_fault(e->journal),
                            .history_error = history_error(e->history)};
    for (size_t i = 0; i < ENGINE_RATE_SECONDS; i++)
        beat.results_10s += e->n_results[i];
    hub_beat(e->hub, &beat);
}

/* A fault of the history stops nothing: it is told once where the service's log is. */
static void engine_watch_history(struct engine *e)
{
    const char *error = history_error(e->history);
    if (!error == !e->has_history_error)
        return;
    e->has_history_error = error != NULL;
    engine_log("history: ", error ? error : N_("measurements are kept again"));
}

/* Nothing that counts time notices (deadlines and ages are of the other clock), but whoever reads
 * the stamps has to know.  A clock that is only being corrected a little each second tells nothing.
 */
static void engine_watch_clock(struct engine *e)
{
    int64_t gap_ms = loop_wall_ms(e->loop) - loop_mono_ms(e->loop),
            by_ms = gap_ms - e->clock_gap_ms;
    bool is_first = e->clock_gap_ms == 0;
    e->clock_gap_ms = gap_ms;
    if (is_first || (by_ms < CLOCK_MOVED_MS && by_ms > -CLOCK_MOVED_MS))
        return;
    char span[WHEN_TEXT_MAX], what[WHEN_TEXT_MAX + 2];
    int64_t abs_ms = by_ms < 0 ? -by_ms : by_ms;
    when_duration((abs_ms + WHEN_SECOND_MS / 2) / WHEN_SECOND_MS * WHEN_SECOND_MS, span);
    snprintf(what, sizeof what, "%c%s", by_ms < 0 ? '-' : '+', span);
    engine_record(e, EVENT_ENGINE_CLOCK_MOVED, what, NULL);
}

static void engine_checkpointed(void *arg, const char *error)
{
    struct engine *e = arg;
    (void)error; /* the journal tells it by itself */
    e->is_checkpointing = false;
}

static void engine_checkpoint(void *arg)
{
    struct engine *e = arg;
    if (journal_error(e->journal) || e->is_checkpointing)
        return;
    e->is_checkpointing = true;
    journal_checkpoint(e->journal, checkpoint_write(e->fleet), engine_checkpointed, e);
}

static void engine_second(void *arg)
{
    struct engine *e = arg;
    FP("engine.second");
    engine_watch_clock(e);
    engine_age(e);
    engine_beat(e);
    engine_watch_history(e);
    e->seconds++;
    e->n_results[e->seconds % ENGINE_RATE_SECONDS] = 0;
    journal_beat(e->journal);
    periods_step(e->periods);
    engine_look_inward(e);
    decide_second(e->decide);
    notifier_second(e->notifier);
    proofs_second(e->proofs);
    engine_notify_second(e);
    engine_textfile_second(e);
    if (journal_uncovered(e->journal) >= CHECKPOINT_MAX)
        engine_checkpoint(e);
}

static void engine_changed(void *arg)
{
    struct engine *e = arg;
    if (e->hub) /* what was being written at the end is folded when the hub has gone */
        hub_kick(e->hub);
}

/* A batch is in the store and in the picture; nothing is being written now. */
static void engine_folded(void *arg)
{
    struct engine *e = arg;
    engine_changed(e);
    if (e->periods != NULL)
        periods_step(e->periods);
    if (e->notifier != NULL)
        notifier_kick(e->notifier);
    if (!e->is_ready && !e->is_stopping)
        engine_notify_ready(e); /* the first events are in the store */
    engine_reload_step(e);
}

static void engine_found(void *arg, const struct event *events, size_t n)
{
    struct engine *e = arg;
    decide_found(e->decide, events, n);
}

static void engine_journal_changed(void *arg)
{
    struct engine *e = arg;
    const char *error = journal_error(e->journal);
    engine_log("journal: ", error ? error : N_("decisions are saved again"));
    if (e->hub)
        engine_beat(e); /* the banner need not wait for the second */
}

/* --- the end ------------------------------------------------------------------------------ */

void engine_record(struct engine *e, enum event_kind kind, const char *what, const char *packed)
{
    struct event ev = {.kind = kind};
    ev.subject = mem_strdup(e->site->id);
    ev.what = mem_strdup(what);
    ev.text = mem_strdup(packed);
    decide_record(e->decide, &ev);
}

static void engine_saved(void *arg, const char *error)
{
    struct engine *e = arg;
    (void)error; /* the journal itself is whole */
    loop_stop(e->loop);
}

/* Last words are written first, then the picture; whatever hangs is left behind. */
static void engine_stop_step(void *arg)
{
    struct engine *e = arg;
    bool is_late = loop_mono_ms(e->loop) >= e->stop_by_mono_ms;
    bool is_idle = decide_is_idle(e->decide) && !notifier_is_busy(e->notifier);
    if (is_late || (is_idle && journal_error(e->journal))) {
        loop_stop(e->loop);
    } else if (is_idle && !e->is_last_checkpoint_sent) {
        e->is_last_checkpoint_sent = true;
        journal_checkpoint(e->journal, checkpoint_write(e->fleet), engine_saved, e);
    }
}

void engine_stop(void *arg)
{
    struct engine *e = arg;
    if (e->is_stopping)
        return;
    e->is_stopping = true;
    notify_sd_send(&e->notify, "STOPPING=1", NULL);
    e->stop_by_mono_ms = loop_mono_ms(e->loop) + STOP_MAX_MS;
    scheduler_stop(e->scheduler);
    if (e->retired.scheduler)
        scheduler_stop(e->retired.scheduler);
    failover_stop(e->failover);
    periods_stop(e->periods);
    proofs_stop(e->proofs);
    notifier_stop(e->notifier);
    loop_timer_stop(e->second);
    loop_timer_stop(e->checkpoint);
    engine_record(e, EVENT_ENGINE_STOPPED, NULL, NULL);
    loop_timer_set(e->stop, STOP_STEP_MS, STOP_STEP_MS);
}

/* The last console has left; a failover goes on all the same. */
static void engine_lingered(void *arg)
{
    struct engine *e = arg;
    if (failover_is_busy(e->failover))
        loop_timer_set(e->linger, LINGER_MS, 0);
    else
        engine_stop(e);
}

static void engine_watchers(void *arg, size_t watchers)
{
    struct engine *e = arg;
    if (!e->options->is_lingering)
        return;
    if (watchers)
        loop_timer_stop(e->linger);
    else
        loop_timer_set(e->linger, LINGER_MS, 0);
}

/* --- the beginning ------------------------------------------------------------------------ */

static void process_prepare(void)
{
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a size limit is then an error of write */
    mallopt(M_ARENA_MAX, 1);  /* two threads that mostly sleep need no heaps of their own */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

static bool say_why(const struct err *e)
{
    log_line("", e->text);
    return false;
}

/* Windows and shifts go by the clock in the site's duty room. */
void engine_zone(struct engine *e)
{
    const char *zone = e->fleet->timezone != NULL ? e->fleet->timezone : e->own_zone;
    const char *was = paths_getenv("TZ");
    if (zone == NULL)
        unsetenv("TZ");
    else if (was == NULL || strcmp(was, zone) != 0)
        setenv("TZ", zone, 1);
    tzset();
}

static int load_site(struct engine *e)
{
    struct site_errors errors = {0};
    e->site = site_load(e->options->site_file, &e->options->set, &errors);
    if (!e->site)
        site_errors_print(&errors, stderr);
    site_errors_release(&errors);
    if (!e->site)
        return EXIT_DATA;
    site_errors_print(&e->site->notes, stderr);
    e->fleet = e->site->fleet;
    e->own_zone = mem_strdup(paths_getenv("TZ"));
    engine_zone(e);
    return 0;
}

/* "sqlite:NAME", relative to the state directory. */
static bool find_store(struct engine *e, struct err *why)
{
    const char *store = e->site->store, *name = strchr(store, ':');
    if (strncmp(store, "sqlite:", 7) != 0 || !name[1])
        return err_set(why,
                       "store \"%s\" is of a kind that this engine cannot keep, expected "
                       "\"sqlite:FILE\"",
                       store);
    struct buf path = BUF_INIT(PATH_MAX);
    if (name[1] != '/') {
        buf_adds(&path, e->state_dir);
        buf_addc(&path, '/');
    }
    buf_adds(&path, name + 1);
    e->store_path = buf_take(&path);
    return true;
}

static bool find_paths(struct engine *e)
{
    struct err why;
    const struct engine_options *o = e->options;
    e->state_dir = paths_state_dir(o->state, paths_getenv, &why);
    if (!e->state_dir || !paths_make_dir(e->state_dir, &why))
        return say_why(&why);
    e->socket = paths_socket(o->socket, e->site->id, o->state, paths_getenv, &why);
    if (!e->socket || !paths_make_parent(e->socket, &why) || !find_store(e, &why))
        return say_why(&why);
    e->lock = lock_take(e->state_dir, e->site->id, e->started_at_ms, &why);
    return e->lock >= 0 || say_why(&why);
}

static bool open_journal(struct engine *e)
{
    struct journal_calls calls = {engine_found, engine_journal_changed};
    char *say = NULL;
    e->journal = journal_new(e->loop, &store_sqlite, e->store_path, &calls, e, &say);
    if (!e->journal) {
        struct err why;
        struct buf words = BUF_INIT(sizeof why.text - 1);
        say_text(&words, say, NULL);
        err_set(&why, "%s", buf_text(&words));
        buf_release(&words);
        free(say);
        return say_why(&why);
    }
    if (journal_error(e->journal))
        engine_journal_changed(e);
    journal_load(e->journal, e->fleet);
    return true;
}

static bool open_history(struct engine *e, struct err *why)
{
    struct buf path = BUF_INIT(PATH_MAX);
    buf_addf(&path, "%s/%s-history.db", e->state_dir, e->site->id);
    e->history = history_new(e->loop, buf_text(&path), why);
    buf_release(&path);
    return e->history != NULL;
}

static bool open_hub(struct engine *e, struct err *why)
{
    struct hub_calls calls = {
        .request = engine_request, .refused = engine_refused, .watchers = engine_watchers};
    struct hub_options o = {.socket_path = e->socket,
                            .mode = strncmp(e->socket, PATHS_RUN_DIR "/", 13) ? 0600 : 0660,
                            .store = e->site->store,
                            .roles = &e->site->roles,
                            .started_at_ms = e->started_at_ms};
    e->hub = hub_new(e->loop, e->fleet, &o, &calls, e, why);
    return e->hub != NULL;
}

static bool ask_check(void *arg, struct check *c)
{
    struct engine *e = arg;
    return scheduler_run_now(e->scheduler, c, NULL);
}

static bool open_parts(struct engine *e)
{
    struct err why;
    e->has_env = probe_env_open(&e->env, e->loop, &why);
    if (!e->has_env || !open_history(e, &why))
        return say_why(&why);
    e->env.fleet = e->fleet;
    e->decide = decide_new(e->loop, e->fleet, e->journal, engine_folded, e);
    struct failover_want f = {.env = &e->env,
                              .fleet = e->fleet,
                              .decide = e->decide,
                              .journal = e->journal,
                              .is_private = e->options->is_lingering,
                              .changed = engine_changed,
                              .arg = e};
    e->failover = failover_new(&f);
    struct periods_want p = {
        .loop = e->loop, .fleet = e->fleet, .decide = e->decide, .ask = ask_check, .arg = e};
    e->periods = periods_new(&p);
    e->env.proofs = e->proofs = proofs_new(e->loop, e->fleet, e->decide);
    engine_receivers_open(e);
    e->scheduler = scheduler_new(&e->env, e->site->specs, engine_result, e);
    return open_hub(e, &why) || say_why(&why);
}

static void engine_start(struct engine *e)
{
    e->second = loop_timer_new(e->loop, engine_second, e);
    e->checkpoint = loop_timer_new(e->loop, engine_checkpoint, e);
    e->stop = loop_timer_new(e->loop, engine_stop_step, e);
    e->linger = loop_timer_new(e->loop, engine_lingered, e);
    loop_timer_set(e->second, SECOND_MS, SECOND_MS);
    loop_timer_set(e->checkpoint, CHECKPOINT_MS, CHECKPOINT_MS);
    if (e->options->is_lingering)
        loop_timer_set(e->linger, LINGER_FIRST_MS, 0);
    loop_signal(e->loop, SIGTERM, engine_stop, e);
    loop_signal(e->loop, SIGINT, engine_stop, e);
    engine_reload_open(e);
    engine_notify_open(e);
    char *size = site_say(e->site);
    engine_record(e, EVENT_ENGINE_STARTED, TRUCBAN_VERSION, NULL);
    engine_record(e, EVENT_CONFIG_LOADED, e->site->hash, size);
    free(size);
    engine_promote_settle(e);
    periods_step(e->periods);
    decide_all(e->decide);
    failover_start(e->failover);
    scheduler_start(e->scheduler);
    receivers_begin(e->receivers, e->site->receivers, e->site->n_receivers);
    struct buf ready = BUF_INIT(LOG_LINE_MAX);
    buf_addf(&ready, "ready, pid %ld, socket %s", (long)getpid(), e->socket);
    log_line("", buf_text(&ready));
    buf_release(&ready);
}

/* Everything that was opened, in the order that lets each still use what it needs.  False if a
 * thread hangs in the kernel: then the rest is left to the end of the process. */
static bool engine_close(struct engine *e)
{
    engine_reload_release(e);
    if (e->scheduler)
        scheduler_free(e->scheduler);
    failover_stop(e->failover);
    periods_stop(e->periods);
    if (e->hub)
        hub_free(e->hub);
    e->hub = NULL;
    proofs_stop(e->proofs);
    engine_receivers_close(e);
    engine_textfile_close(e);
    if (e->has_env)
        probe_env_close(&e->env);
    if (!journal_free(e->journal, STOP_WAIT_MS) || !history_free(e->history, STOP_WAIT_MS))
        return false;
    decide_free(e->decide);
    notifier_free(e->notifier);
    proofs_free(e->proofs);
    failover_free(e->failover);
    periods_free(e->periods);
    if (e->second) {
        loop_timer_free(e->second);
        loop_timer_free(e->checkpoint);
        loop_timer_free(e->stop);
        loop_timer_free(e->linger);
        loop_timer_free(e->reload);
        loop_timer_free(e->retire);
    }
    if (e->loop)
        loop_free(e->loop);
    for (size_t i = 0; i < e->submit_keys.cap; i++)
        free(e->submit_keys.slots[i].value);
    map_release(&e->submit_keys);
    if (e->site)
        site_free(e->site);
    notify_sd_close(&e->notify);
    free(e->status);
    free(e->own_zone);
    free(e->state_dir);
    free(e->socket);
    free(e->store_path);
    if (e->lock >= 0)
        close(e->lock);
    return true;
}

static int engine_open(struct engine *e)
{
    struct err why;
    int status = load_site(e);
    if (status)
        return status;
    e->loop = loop_new(&why);
    if (!e->loop) {
        say_why(&why);
        return EXIT_SOFTWARE;
    }
    e->started_at_ms = loop_wall_ms(e->loop);
    return find_paths(e) && open_journal(e) && open_parts(e) ? 0 : EXIT_CANTCREATE;
}

int engine_run(const struct engine_options *o)
{
    struct engine e = {.options = o, .lock = -1};
    process_prepare();
    notify_sd_open(&e.notify);
    int status = engine_open(&e);
    if (status == 0) {
        engine_start(&e);
        loop_run(e.loop);
    }
    if (!engine_close(&e)) {
        fflush(NULL);
        _exit(status);
    }
    return status;
}
