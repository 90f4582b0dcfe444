/* engine_notify.c - what the service manager is told of the engine, and when.
 *
 *   READY=1      when the first events are in the store: site file read, lock held, disk writable
 *   RELOADING=1  SIGHUP; READY=1 again when the new site file is in force, or was not taken
 *   WATCHDOG=1   from the loop, once a second at most, and only if the store has answered the
 *                heartbeat or a batch since the last one: so neither a stuck loop nor a stuck
 *                writer is covered up by the other.  A store that refuses (a full disk) has
 *                answered: a restart would mend nothing, and every console says so.
 *   STATUS=      one line for `systemctl status`, when it changes */
#include "engine/engine_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

#define BEATS_A_PERIOD 3 /* heartbeats while the manager waits for one sign of life */

static char *status_text(const struct engine *e)
{
    struct buf b = BUF_INIT(TEXT_MAX_LISTED);
    const char *error = journal_error(e->journal);
    size_t open = fleet_count_open(e->fleet, NULL);
    if (error) {
        buf_adds(&b, "nothing can be saved: ");
        say_text(&b, error, NULL);
    } else {
        buf_addf(&b, "%zu targets, %zu checks, %zu alerts open", e->fleet->n_targets,
                 e->fleet->n_checks, open);
    }
    if (e->has_config_error)
        buf_adds(&b, "; the last site file was not taken");
    return buf_take(&b);
}

/* True if it is another one than was told last. */
static bool status_changed(struct engine *e)
{
    char *now = status_text(e);
    bool is_news = !e->status || strcmp(now, e->status) != 0;
    free(e->status);
    e->status = now;
    return is_news;
}

void engine_notify_open(struct engine *e)
{
    int64_t period_s = e->notify.watchdog_ms / WHEN_SECOND_MS / BEATS_A_PERIOD;
    if (e->notify.watchdog_ms && period_s < JOURNAL_BEAT_S)
        journal_set_beat(e->journal, period_s > 0 ? (unsigned int)period_s : 1);
}

void engine_notify_ready(struct engine *e)
{
    e->is_ready = true;
    status_changed(e);
    notify_sd_send(&e->notify, "READY=1", e->status);
}

void engine_notify_reloading(struct engine *e)
{
    if (e->is_ready)
        notify_sd_reloading(&e->notify);
}

void engine_notify_reloaded(struct engine *e)
{
    if (e->is_ready)
        engine_notify_ready(e);
}

void engine_notify_second(struct engine *e)
{
    uint64_t answers = journal_answers(e->journal);
    if (status_changed(e))
        notify_sd_send(&e->notify, "", e->status);
    if (e->is_ready && e->notify.watchdog_ms && answers != e->answers_told)
        notify_sd_send(&e->notify, "WATCHDOG=1", NULL);
    e->answers_told = answers;
}
