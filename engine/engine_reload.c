/* engine_reload.c - SIGHUP: the site file is read again.
 *
 *   read ─ mistakes ─> the one in force stays; log, journal and every console say why
 *     └─ none ─> its moment ─> exchanged; what is still asked by the old one ends in its own time
 *
 * Its moment: no batch is being written, no failover runs, what the site file before this one asked
 * has ended. fleet_renew keeps the fleet where it is, so that all who point to it need not know;
 * targets, checks and specs are other ones.  What was asked by the old ones and still runs ends
 * with a scheduler of its own (scheduler_follow); it and the old site are freed when the last is
 * in. */
#include "engine/engine_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/site_diff.h"

#define RELOAD_STEP_MS 20

/* --- a bad one ---------------------------------------------------------------------------- */

/* A place without the folder that the site file is in: on a console every column counts. */
static const char *place_near(const char *where, const char *site_file)
{
    const char *slash = strrchr(site_file, '/');
    size_t len = slash ? (size_t)(slash - site_file) + 1 : 0;
    return strncmp(where, site_file, len) == 0 ? where + len : where;
}

/* The first mistake with its place, and how many more there are. */
static char *mistake_say(const struct site_errors *l, const char *site_file)
{
    char more[24];
    struct buf first = BUF_INIT(TEXT_MAX_LISTED);
    buf_addf(&first, "%s: %s", place_near(l->v[0].where, site_file), l->v[0].what);
    snprintf(more, sizeof more, "%zu", l->n - 1);
    char *packed = l->n == 1 ? mem_strdup(buf_text(&first))
                             : SAY(N_("{0} (and {1} more)"), buf_text(&first), more);
    buf_release(&first);
    return packed;
}

static void reload_refuse(struct engine *e, const struct site_errors *errors)
{
    char *packed = mistake_say(errors, e->options->site_file);
    site_errors_print(errors, stderr);
    engine_log("", N_("the site file was not taken, the one before stays in force"));
    engine_record(e, EVENT_CONFIG_REFUSED, NULL, packed);
    hub_config_error(e->hub, packed);
    engine_beat(e);
    e->has_config_error = true;
    engine_notify_reloaded(e);
    free(packed);
}

/* What the engine holds on to for its whole life. */
static void check_fixed(const struct engine *e, const struct site *s, struct site_errors *errors)
{
    struct buf where = BUF_INIT(0), what = BUF_INIT(TEXT_MAX_STORED);
    if (strcmp(s->id, e->site->id) != 0) {
        buf_addf(&where, "%s: /site/id", s->path);
        buf_addf(&what, "found \"%s\", but the engine runs \"%s\": for another site start another",
                 s->id, e->site->id);
        site_error(errors, buf_text(&where), buf_text(&what));
    } else if (strcmp(s->store, e->site->store) != 0) {
        buf_addf(&where, "%s: /store", s->path);
        buf_addf(&what,
                 "found \"%s\", but the engine writes to \"%s\": it changes with a restart only",
                 s->store, e->site->store);
        site_error(errors, buf_text(&where), buf_text(&what));
    }
    buf_release(&where);
    buf_release(&what);
}

/* --- a good one ----------------------------------------------------------------------------- */

static void retired_free(void *arg)
{
    struct engine *e = arg;
    scheduler_free(e->retired.scheduler);
    site_free(e->retired.site);
    e->retired.scheduler = NULL;
    e->retired.site = NULL;
}

void engine_reload_release(struct engine *e)
{
    retired_free(e);
    site_free(e->next_site);
    e->next_site = NULL;
}

static void retired_ended(void *arg)
{
    struct engine *e = arg;
    loop_timer_set(e->retire, 0, 0);
}

/* Keys of the newest submitted results: their names are those of the checks. */
static void rekey(struct engine *e)
{
    struct map keys = {0};
    for (size_t i = 0; i < e->submit_keys.cap; i++) {
        struct map_slot *slot = &e->submit_keys.slots[i];
        struct check *c = slot->value ? fleet_check(e->fleet, slot->key) : NULL;
        if (c)
            map_put(&keys, c->id, slot->value);
        else
            free(slot->value);
    }
    map_release(&e->submit_keys);
    e->submit_keys = keys;
}

static void exchange(struct engine *e, struct site *s)
{
    struct site *was = e->site;
    fleet_renew(e->fleet, s->fleet);
    engine_reach_all(e);
    was->fleet = s->fleet;
    s->fleet = e->fleet;
    e->site = s;
    engine_zone(e);
    rekey(e);
    failover_renew(e->failover); /* while the groups it looked at still have their checks */
    decide_renew(e->decide);
    receivers_begin(e->receivers, s->receivers, s->n_receivers);
    notifier_renew(e->notifier, s->receivers, s->n_receivers);
    e->retired.site = was;
    e->retired.scheduler = e->scheduler;
    e->scheduler = scheduler_new(&e->env, s->specs, engine_result, e);
    if (!scheduler_follow(e->scheduler, e->retired.scheduler, retired_ended, e))
        retired_free(e);
    periods_renew(e->periods);
}

static void reload_take(struct engine *e)
{
    struct site *s = e->next_site;
    struct site_changes changes;
    e->next_site = NULL;
    site_diff(e->site, s, &changes);
    exchange(e, s);
    char *text = site_changes_say(&changes, N_("{0} targets ({1} new, {2} gone, {3} changed), "
                                               "{4} checks ({5} new, {6} gone, {7} changed)"));
    char *notice = site_changes_say(
        &changes, changes.receivers_other == 0
                      ? N_("Site file loaded: {0} targets ({1} new, {2} gone, {3} changed), "
                           "{4} checks ({5} new, {6} gone, {7} changed).")
                      : N_("Site file loaded: {0} targets ({1} new, {2} gone, {3} changed), "
                           "{4} checks ({5} new, {6} gone, {7} changed); {9} receivers are others, "
                           "{8} in all."));
    site_errors_print(&s->notes, stderr);
    engine_log("site file loaded: ", text);
    engine_record(e, EVENT_CONFIG_LOADED, s->hash, text);
    engine_promote_settle(e);
    hub_config_error(e->hub, NULL);
    hub_renew(e->hub, &s->roles, notice);
    engine_beat(e);
    e->has_config_error = false;
    engine_notify_reloaded(e);
    free(text);
    free(notice);
}

void engine_reload_step(void *arg)
{
    struct engine *e = arg;
    if (!e->next_site || e->is_stopping)
        return;
    if (decide_is_writing(e->decide) || e->retired.site || failover_is_busy(e->failover))
        loop_timer_set(e->reload, RELOAD_STEP_MS, 0);
    else
        reload_take(e);
}

static void reload(struct engine *e)
{
    struct site_errors errors = {0};
    engine_notify_reloading(e);
    struct site *s = site_load(e->options->site_file, &e->options->set, &errors);
    site_free(e->next_site);
    e->next_site = s;
    if (s)
        check_fixed(e, s, &errors);
    if (errors.n == 0) {
        if (failover_is_busy(e->failover))
            engine_log("", N_("a failover is running: the new site file waits until it has ended"));
        engine_reload_step(e);
    } else {
        reload_refuse(e, &errors);
        site_free(s);
        e->next_site = NULL;
    }
    site_errors_release(&errors);
}

/* A terminal that is gone sends SIGHUP too: an engine that was started in it ends with it. */
static bool has_lost_terminal(const struct engine *e)
{
    return e->has_terminal && !isatty(STDIN_FILENO);
}

static void on_hup(void *arg)
{
    struct engine *e = arg;
    if (e->options->is_lingering || has_lost_terminal(e))
        engine_stop(e);
    else if (!e->is_stopping)
        reload(e);
}

void engine_reload_open(struct engine *e)
{
    e->has_terminal = isatty(STDIN_FILENO);
    e->reload = loop_timer_new(e->loop, engine_reload_step, e);
    e->retire = loop_timer_new(e->loop, retired_free, e);
    loop_signal(e->loop, SIGHUP, on_hup, e);
}
