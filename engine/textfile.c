#include "engine/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the page --- */

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP trucban_%s %s\n# TYPE trucban_%s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, const char *type, const char *help, double v)
{
    family(out, name, type, help);
    buf_addf(out, "trucban_%s %.15g\n", name, v);
}

static void add_checks(struct buf *out, const struct fleet *f)
{
    size_t by_state[STATE_COUNT] = {0};
    for (size_t i = 0; i < f->n_checks; i++)
        if (!f->checks[i]->target->is_disabled)
            by_state[check_shown(f->checks[i])]++;
    family(out, "checks", "gauge", "Checks by the state that is shown.");
    for (int s = 0; s < STATE_COUNT; s++)
        buf_addf(out, "trucban_checks{state=\"%s\"} %zu\n", state_rows[s].name, by_state[s]);
}

/* Those that hold back their notices are open all the same. */
static void add_alerts(struct buf *out, const struct fleet *f)
{
    size_t open[PRIORITY_P4 + 1] = {0}, unacknowledged;
    fleet_count_open(f, &unacknowledged);
    for (size_t i = 0; i < f->n_alerts; i++)
        if (f->alerts[i]->phase == ALERT_FIRING)
            open[f->alerts[i]->priority]++;
    family(out, "alerts", "gauge", "Open alerts by priority.");
    for (int p = PRIORITY_P1; p <= PRIORITY_P4; p++)
        buf_addf(out, "trucban_alerts{priority=\"%s\"} %zu\n", priority_name((enum priority)p),
                 open[p]);
    number(out, "alerts_unacknowledged", "gauge", "Open alerts that nobody has taken.",
           (double)unacknowledged);
}

static void add_probes(struct buf *out, const struct scheduler_figures *s)
{
    number(out, "probes_started_total", "counter", "Looks begun since the start of the engine.",
           (double)s->started);
    number(out, "results_total", "counter", "Results, rows that are fed among them.",
           (double)s->finished);
    number(out, "probes_timed_out_total", "counter", "Looks that the scheduler ended.",
           (double)s->timed_out);
    number(out, "probes_skipped_total", "counter", "Slots that were let go, since it was late.",
           (double)s->skipped);
    number(out, "probes_running", "gauge", "Looks under way.", (double)s->in_flight);
    number(out, "probes_waiting", "gauge", "Looks that wait for a place.", (double)s->waiting);
    number(out, "probe_start_delay_seconds", "gauge",
           "Worst delay of a look's start since the page before.", (double)s->late_max_ms / 1000);
}

void textfile_text(struct buf *out, const struct textfile_figures *f)
{
    family(out, "info", "gauge", "The engine and its site.");
    buf_addf(out, "trucban_info{site=\"%s\",version=\"%s\"} 1\n", f->fleet->site_id,
             TRUCBAN_VERSION);
    number(out, "targets", "gauge", "Targets of the site file.", (double)f->fleet->n_targets);
    add_checks(out, f->fleet);
    add_alerts(out, f->fleet);
    add_probes(out, &f->scheduler);
    number(out, "http_handles", "gauge", "Handles for requests made.", (double)f->http_made);
    number(out, "http_requests_running", "gauge", "Requests under way.", (double)f->http_in_use);
    number(out, "clients", "gauge", "Consoles and commands connected.", (double)f->clients);
    number(out, "journal_sequence", "counter", "Number of the last durable event.", (double)f->seq);
    number(out, "journal_uncovered", "gauge", "Events that a start would fold again.",
           (double)f->uncovered);
    number(out, "saving", "gauge", "1 while decisions are saved.", f->is_saving);
    number(out, "keeping_history", "gauge", "1 while measurements are kept.", f->has_history);
    number(out, "site_file_refused", "gauge", "1 if the last site file was not taken.",
           f->has_config_error);
    number(out, "start_time_seconds", "gauge", "When the engine started.",
           (double)f->started_at_ms / 1000);
    number(out, "written_time_seconds", "gauge", "When this page was made.",
           (double)f->at_ms / 1000);
    number(out, "cpu_seconds_total", "counter", "Processor time of the engine.", f->cpu_s);
    number(out, "resident_bytes", "gauge", "Memory of the engine.", (double)f->rss_bytes);
}

/* --- the file --- */

static bool write_all(int fd, const struct buf *page)
{
    for (size_t done = 0; done < page->len;) {
        ssize_t n = write(fd, page->bytes + done, page->len - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Hidden while it is written: the collector reads *.prom only.  Nothing is synced: after a crash of
 * the whole system old figures mean nothing. */
bool textfile_write(const char *path, const struct buf *page, struct err *e)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return err_set(e, "\"%.128s…\": the name is too long", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return err_set(e, "cannot write \"%s\": %s", part, strerror(errno));
    bool is_ok = write_all(fd, page) && fchmod(fd, 0644) == 0;
    int error = errno;
    is_ok = close(fd) == 0 && is_ok;
    if (is_ok && rename(part, path) == 0)
        return true;
    error = is_ok ? errno : error;
    unlink(part);
    return err_set(e, "cannot write \"%s\": %s", path, strerror(error));
}
