/* commands_alerts.c - what is done about alerts: each opens the form that asks for the rest. */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/command_private.h"
#include "tui/console_private.h"

typedef void open_fn(struct console *c, const uint64_t *ids, size_t n, const char *arg);

static void with_alerts(struct console *c, open_fn *open, const char *arg)
{
    uint64_t *ids = mem_alloc(COMMAND_ALERTS_MAX * sizeof *ids);
    open(c, ids, command_alerts(c, ids, COMMAND_ALERTS_MAX), arg);
    free(ids);
}

/* Of what nobody has, nothing can be taken back or over: said at once, not after the form. */
static void with_taken(struct console *c, open_fn *open, const char *refusal)
{
    uint64_t *ids = mem_alloc(COMMAND_ALERTS_MAX * sizeof *ids);
    size_t n = command_alerts(c, ids, COMMAND_ALERTS_MAX), taken = 0;

    for (size_t i = 0; i < n; i++) {
        const struct alert *a = fleet_alert(console_fleet(c), ids[i]);
        taken += a && a->ack.by;
    }
    if (n > 0 && taken == 0)
        console_error(c, _(refusal));
    else
        open(c, ids, n, NULL);
    free(ids);
}

static void open_unack(struct console *c, const uint64_t *ids, size_t n, const char *arg)
{
    (void)arg;
    dialog_unack_open(c, ids, n);
}

static void open_extend(struct console *c, const uint64_t *ids, size_t n, const char *arg)
{
    (void)arg;
    dialog_extend_open(c, ids, n);
}

static void open_take(struct console *c, const uint64_t *ids, size_t n, const char *arg)
{
    (void)arg;
    dialog_take_open(c, ids, n);
}

void run_ack(struct console *c, const char *arg)
{
    with_alerts(c, dialog_ack_open, arg);
}

void run_ack_behind(struct console *c, const char *arg)
{
    with_alerts(c, dialog_ack_behind_open, arg);
}

void run_unack(struct console *c, const char *arg)
{
    (void)arg;
    with_taken(c, open_unack, N_("nobody has acknowledged this alert"));
}

void run_extend(struct console *c, const char *arg)
{
    (void)arg;
    with_taken(c, open_extend, N_("nobody has acknowledged this alert"));
}

void run_take(struct console *c, const char *arg)
{
    (void)arg;
    with_taken(c, open_take, N_("nobody has acknowledged this alert; acknowledge it yourself"));
}

void run_escalate(struct console *c, const char *arg)
{
    with_alerts(c, dialog_escalate_open, arg);
}

/* A note is about the one alert under the cursor, also a resolved one. */
void run_note(struct console *c, const char *arg)
{
    struct selection s = console_selected(c);
    uint64_t id = s.alert;
    if (!id && command_alerts(c, &id, 1) == 0)
        console_error(c, _("No alert is selected."));
    else
        dialog_note_open(c, id, arg);
}

void run_silence(struct console *c, const char *arg)
{
    struct selection s = console_selected(c);
    dialog_silence_open(c, arg ? arg : s.check ? s.check : s.target);
}

void run_maintenance(struct console *c, const char *arg)
{
    dialog_maintenance_open(c, arg ? arg : console_selected(c).target);
}

void run_maintenance_match(struct console *c, const char *arg)
{
    dialog_maintenance_open(c, arg);
}

/* The one that is named by its number, else the selected one. */
static void with_period(struct console *c, const char *arg, bool is_approval)
{
    uint64_t id = arg ? strtoull(arg, NULL, 10) : console_selected(c).period;
    const struct period *p = fleet_period(console_fleet(c), id);
    if (!p)
        console_error(c, _("No silence or maintenance is selected."));
    else if (p->state == PERIOD_ENDED)
        console_error(c, _("It has ended already; what has ended never begins again."));
    else if (is_approval && p->state != PERIOD_PROPOSED)
        console_error(c, _("It stands already: there is nothing to approve."));
    else
        dialog_period_open(c, id, is_approval);
}

void run_period_end(struct console *c, const char *arg)
{
    with_period(c, arg, false);
}

void run_period_approve(struct console *c, const char *arg)
{
    with_period(c, arg, true);
}
