/* commands_failover.c - what an operator can do about failover groups and runs.  Nothing here acts:
 * a plan page is opened, or the engine is asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "tui/dialog_plan.h"
#include "tui/rows_cells.h"
#include "tui/rows_failover.h"

static void error_say(struct console *c, char *packed)
{
    char text[400];

    console_error(c, cells_say(c, packed, text, sizeof text));
}

/* The group that is meant: named, selected, or that of the selected target. */
static const struct fog *group_meant(const struct console *c, const char *named)
{
    const struct fleet *f = console_fleet(c);
    struct selection s = console_selected(c);
    const struct alert *a = s.alert ? fleet_alert(f, s.alert) : NULL;
    const struct check *k = s.check ? fleet_check(f, s.check) : a ? fleet_check(f, a->check) : NULL;
    const char *target = s.target ? s.target : k ? k->target->id : NULL;

    if (named)
        return fleet_fog(f, named);
    if (s.fog)
        return fleet_fog(f, s.fog);
    return target ? failover_group_of(f, target) : NULL;
}

void run_plan(struct console *c, const char *arg)
{
    size_t len = arg ? strcspn(arg, " ") : 0;
    char *named = arg ? mem_strndup(arg, len) : NULL;
    const char *to = arg ? arg + len + strspn(arg + len, " ") : NULL;
    const struct fog *g = group_meant(c, named);

    if (!g && named)
        error_say(c, SAY(N_("There is no failover group '{0}'."), named));
    else if (!g) {
        console_open(c, "failover", NULL);
        console_error(c, _("No failover group is selected: choose one here, then F."));
    } else if (g->n_parts > 0)
        error_say(c,
                  SAY(N_("{0} is a list of groups: each is switched by a run of its own."), g->id));
    else if (!g->driver)
        error_say(c, SAY(N_("{0} has no driver: it is only watched."), g->id));
    else
        dialog_plan_open(c, g, to && *to ? to : NULL);
    free(named);
}

/* The run that is selected, else the one of the selected group that goes on or waits to be closed.
 */
static const struct run *run_meant(struct console *c)
{
    const struct fleet *f = console_fleet(c);
    struct selection s = console_selected(c);
    const struct fog *g = group_meant(c, NULL);
    const struct run *r = s.run ? fleet_run(f, s.run) : NULL;

    if (!r && g)
        r = fleet_active_run(f, g->id);
    if (!r && g)
        r = fleet_unclosed_run(f, g->id);
    if (!r)
        console_error(c, _("No run is selected: choose one on the failover screen (7)."));
    return r;
}

static void ask_about_run(struct console *c, const char *verb, const char *const *more, size_t n)
{
    const struct run *r = run_meant(c);
    const char *pairs[6] = {"run", r ? r->id : NULL};

    for (size_t i = 0; i < 2 * n; i++)
        pairs[2 + i] = more[i];
    if (r)
        console_request(c, NULL, NULL, verb, pairs, 1 + n);
}

static void abort_yes(struct console *c)
{
    ask_about_run(c, "abort", NULL, 0);
}

void run_abort(struct console *c, const char *arg)
{
    const struct run *r = run_meant(c);
    char step[24], all[24], text[200];

    (void)arg;
    if (!r)
        return;
    if (!run_is_active(r)) {
        console_error(c, _("This run is over: there is nothing to stop."));
        return;
    }
    snprintf(step, sizeof step, "%zu",
             run_step_at(r) < r->n_steps ? run_step_at(r) + 1 : r->n_steps);
    snprintf(all, sizeof all, "%zu", r->n_steps);
    dialog_confirm_open(c,
                        cells_say(c,
                                  SAY(N_("Stop the switchover at step {0}/{1}? (y/n)"), step, all),
                                  text, sizeof text),
                        abort_yes);
}

void run_resolve(struct console *c, const char *arg)
{
    size_t len = arg ? strcspn(arg, " ") : 0;
    char verdict[16];
    const char *text = arg ? arg + len + strspn(arg + len, " ") : "";

    snprintf(verdict, sizeof verdict, "%.*s", (int)(len < 15 ? len : 15), arg ? arg : "");
    if (!*text || (strcmp(verdict, "done") != 0 && strcmp(verdict, "not-done") != 0 &&
                   strcmp(verdict, "continue") != 0 && strcmp(verdict, "stop") != 0)) {
        console_error(c, _("resolve needs done, not-done, continue or stop, and what was seen: "
                           "resolve done n2 leads"));
        return;
    }
    const char *more[] = {"verdict", verdict, "text", text};
    ask_about_run(c, "resolve", more, 2);
}

void run_close(struct console *c, const char *arg)
{
    const char *more[] = {"text", arg};

    if (!arg)
        console_error(c, _("close needs a word of what was found: close both nodes looked at"));
    else
        ask_about_run(c, "close", more, 1);
}
