/* commands.c - everything an operator can do, a row each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"
#include "tui/command.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "tui/lang.h"

static void say(struct console *c, char *packed)
{
    struct buf b = BUF_INIT(512);
    console_say(c, &b, packed);
    console_log(c, buf_text(&b));
    buf_release(&b);
    free(packed);
}

static void say_no(struct console *c, char *packed)
{
    struct buf b = BUF_INIT(512);
    console_say(c, &b, packed);
    console_error(c, buf_text(&b));
    buf_release(&b);
    free(packed);
}

/* --- acting ---------------------------------------------------------------------------------- */

static void run_probe_now(struct console *c, const char *arg)
{
    (void)arg;
    struct selection s = console_selected(c);
    const struct alert *a = s.alert ? fleet_alert(console_fleet(c), s.alert) : NULL;
    const char *check = s.check ? s.check : a ? a->check : NULL;
    const char *pair[2] = {check ? "check" : "target", check ? check : s.target};
    if (!pair[1]) {
        console_error(c, _("Nothing is selected."));
        return;
    }
    console_request(c, NULL, NULL, "probe", pair, 1);
    say(c, SAY(N_("Asked for a fresh look at {0}."), pair[1]));
}

/* The engine knows what may be promoted, and says why not. */
static void promote(struct console *c, const char *env, const char *reason)
{
    struct selection s = console_selected(c);
    const char *pairs[] = {"target", s.target, "env", env, "text", reason};
    if (!s.target)
        console_error(c, _("Nothing is selected."));
    else if (!reason)
        console_error(c,
                      _("promote and put-back need the reason: promote minutes 12 of 24 November"));
    else
        console_request(c, NULL, NULL, "promote", pairs, 3);
}

static void run_promote(struct console *c, const char *arg)
{
    promote(c, "production", arg);
}

static void run_put_back(struct console *c, const char *arg)
{
    promote(c, "test", arg);
}

static void run_lock(struct console *c, const char *arg)
{
    (void)arg;
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0)
        random = (uint32_t)console_now_mono(c);
    snprintf(c->lock_code, sizeof c->lock_code, "%04u", (unsigned)(random % 10000));
    c->is_locked = true;
    console_log(c, _("Control is locked; looking goes on."));
}

/* --- going ----------------------------------------------------------------------------------- */

static void run_back(struct console *c, const char *arg)
{
    (void)arg;
    if (c->depth > 0)
        console_back(c);
    else if (c->message) {
        free(c->message);
        c->message = NULL;
    } else
        command_to_screen(c, "clear", NULL);
    c->is_dirty = true;
}

static void run_detail(struct console *c, const char *arg)
{
    struct selection s = console_selected(c);
    char id[40];
    if (!arg && command_to_screen(c, "enter", NULL)) /* a page leads to others */
        return;
    snprintf(id, sizeof id, "alert/%llu", (unsigned long long)s.alert);
    if (!arg && (s.run || s.fog)) {
        console_open(c, s.run ? "run" : "group", s.run ? s.run : s.fog);
        return;
    }
    console_open(c, "detail", arg ? arg : s.alert ? id : s.check ? s.check : s.target);
}

static void run_help(struct console *c, const char *arg)
{
    console_open(c, "help", arg);
}

static void run_log(struct console *c, const char *arg)
{
    console_open(c, "log", arg);
}

static void run_open(struct console *c, const char *arg)
{
    char name[64];
    size_t len = arg ? strcspn(arg, " ") : 0;
    if (len == 0 || len >= sizeof name) {
        console_error(c, _("open needs the name of a screen: open detail srv-a-web-01"));
        return;
    }
    memcpy(name, arg, len);
    name[len] = '\0';
    const char *rest = arg + len + strspn(arg + len, " ");
    console_open(c, name, *rest ? rest : NULL);
}

static void go_tab(struct console *c, size_t i)
{
    if (i < c->n_tabs)
        console_open(c, screens[i]->name, NULL);
}

static void run_tab(struct console *c, const char *arg)
{
    int digit = arg && arg[0] >= '1' && arg[0] <= '9' && !arg[1] ? arg[0] - '0' : 0;
    for (size_t i = 0; i < c->n_tabs; i++)
        if (screens[i]->digit == digit) {
            go_tab(c, i);
            return;
        }
    console_error(c, _("There is no screen of that number yet."));
}

static void run_tab_next(struct console *c, const char *arg)
{
    (void)arg;
    if (c->n_tabs)
        go_tab(c, (c->tab + 1) % c->n_tabs);
}

static void run_tab_prev(struct console *c, const char *arg)
{
    (void)arg;
    if (c->n_tabs)
        go_tab(c, (c->tab + c->n_tabs - 1) % c->n_tabs);
}

static void run_quit(struct console *c, const char *arg)
{
    (void)arg;
    if (c->opts.is_private)
        dialog_confirm_open(c, _("Quit? Monitoring stops in this session. (y/n)"), console_quit);
    else
        console_quit(c);
}

/* --- looking --------------------------------------------------------------------------------- */

static void run_command(struct console *c, const char *arg)
{
    cmdline_open(c, ':', arg);
}

static void run_filter(struct console *c, const char *arg)
{
    if (!arg)
        cmdline_open(c, '/', NULL);
    else if (!command_to_screen(c, "filter", arg))
        console_error(c, _("This screen has nothing to filter."));
}

static void run_freeze(struct console *c, const char *arg)
{
    (void)arg;
    c->is_frozen = !c->is_frozen;
    c->frozen_at_ms = console_now_wall(c);
    console_log(c, c->is_frozen ? _("Frozen: the picture waits, the engine goes on. = to go on.")
                                : _("The picture goes on."));
}

static void run_copy(struct console *c, const char *arg)
{
    (void)arg;
    struct selection s = console_selected(c);
    const struct alert *a = s.alert ? fleet_alert(console_fleet(c), s.alert) : NULL;
    if (c->opts.is_read_only) {
        console_error(c, _("This console is view only (--read-only)."));
        return;
    }
    struct buf text = BUF_INIT(4096);
    if (a) {
        buf_addf(&text, "#%llu %s %s ", (unsigned long long)a->id, a->check,
                 state_rows[a->state].name);
        console_say(c, &text, a->summary ? a->summary : "");
    } else
        buf_adds(&text, s.check ? s.check : s.target ? s.target : s.run ? s.run : s.fog);
    c->term->ops->copy(c->term, buf_text(&text));
    say(c, SAY(N_("Copied: {0}"), buf_text(&text)));
    buf_release(&text);
}

static void run_redraw(struct console *c, const char *arg)
{
    (void)arg;
    c->term->ops->redraw(c->term);
    c->is_dirty = true;
}

static void run_suspend(struct console *c, const char *arg)
{
    (void)arg;
    c->is_suspending = true; /* by the loop, once this turn is over */
}

/* A path is looked at by whoever reads it. */
static bool is_theme(const struct console *c, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.theme",
             c->opts.theme_folder ? c->opts.theme_folder : "themes", name);
    return strchr(name, '/') || access(path, R_OK) == 0;
}

static void run_theme(struct console *c, const char *arg)
{
    struct err e;
    if (!arg)
        say(c, SAY(N_("The theme is {0}."), c->theme.name));
    else if (!is_theme(c, arg))
        say_no(c, SAY(N_("There is no theme '{0}'; Tab lists them."), arg));
    else if (!console_set_theme(c, arg, &e))
        console_error(c, e.text);
}

static void run_lang(struct console *c, const char *arg)
{
    if (!arg || !lang_set(arg)) {
        console_error(c, _("The languages are vi and en."));
        return;
    }
    snprintf(c->lang, sizeof c->lang, "%s", arg);
    c->opts.lang = c->lang; /* an operator's wish outlasts the next snapshot */
    c->is_dirty = true;
}

/* --- the table ------------------------------------------------------------------------------- */

#define MOVING  N_("Moving")
#define SCREENS N_("Screens")
#define ACTING  N_("Acting")
#define LOOKING N_("Looking")
#define ACT     (NEED_LIVE | NEED_ACT)

const struct command commands[] = {
    {"abort", NULL, N_("stop the selected run before its next step"), NULL, ACTING, ACT,
     RISK_DISRUPTIVE, run_abort},
    {"ack", "[COMMENT]", N_("acknowledge the selected or marked alerts: comment and end needed"),
     N_("ack"), ACTING, ACT | NEED_ALERT, RISK_UNDOABLE, run_ack},
    {"ack-behind", "[COMMENT]", N_("acknowledge the alerts and all that stands behind them"), NULL,
     ACTING, ACT | NEED_ALERT, RISK_UNDOABLE, run_ack_behind},
    {"back", NULL, N_("leave this page or dialog"), N_("back"), SCREENS, 0, RISK_NONE, run_back},
    {"bottom", NULL, N_("to the last row"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"clear", NULL, N_("take all marks away"), NULL, LOOKING, 0, RISK_NONE, NULL},
    {"close", "TEXT", N_("close a run that ended otherwise than asked, so that the next may begin"),
     NULL, ACTING, ACT, RISK_UNDOABLE, run_close},
    {"command", "[TEXT]", N_("type a command; Tab completes, Up and Down recall"), N_("command"),
     LOOKING, 0, RISK_NONE, run_command},
    {"copy", NULL, N_("copy what is selected to the terminal's clipboard"), NULL, LOOKING,
     NEED_TARGET, RISK_NONE, run_copy},
    {"detail", "[ID]", N_("everything about what is selected"), N_("detail"), SCREENS, NEED_TARGET,
     RISK_NONE, run_detail},
    {"down", NULL, N_("one row down"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"escalate", "[COMMENT]", N_("tell the next support level of the alerts: comment needed"), NULL,
     ACTING, NEED_LIVE | NEED_RIGHT(DUTY_ESCALATE) | NEED_ALERT, RISK_UNDOABLE, run_escalate},
    {"extend", NULL, N_("let the acknowledgement hold longer, or shorter"), NULL, ACTING,
     ACT | NEED_ALERT, RISK_UNDOABLE, run_extend},
    {"filter", "[TEXT]",
     N_("keep only rows that hold the text; ! inverts, again narrows, empty clears"), N_("filter"),
     LOOKING, 0, RISK_NONE, run_filter},
    {"fold", NULL, N_("show what stands behind an alert, or fold it up again"), N_("fold"), LOOKING,
     0, RISK_NONE, NULL},
    {"freeze", NULL, N_("hold the picture still, or let it go on"), NULL, LOOKING, 0, RISK_NONE,
     run_freeze},
    {"half-down", NULL, N_("half a page down"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"half-up", NULL, N_("half a page up"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"help", NULL, N_("this help"), N_("help"), SCREENS, 0, RISK_NONE, run_help},
    {"lang", "vi|en", N_("speak Vietnamese or English"), NULL, LOOKING, 0, RISK_NONE, run_lang},
    {"left", NULL, N_("to the left"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"lock", NULL, N_("look only, until a code is typed"), NULL, ACTING, 0, RISK_NONE, run_lock},
    {"log", NULL, N_("the console's own log: every request and its answer"), NULL, SCREENS, 0,
     RISK_NONE, run_log},
    {"maintenance", "[MATCHER]",
     N_("plan maintenance of the selected target: nobody is told of its alerts"), NULL, ACTING,
     NEED_LIVE | NEED_RIGHT(DUTY_SILENCE), RISK_UNDOABLE, run_maintenance},
    {"maintenance-match", NULL, N_("plan maintenance of what a matcher says"), NULL, ACTING,
     NEED_LIVE | NEED_RIGHT(DUTY_SILENCE), RISK_UNDOABLE, run_maintenance_match},
    {"mark", NULL, N_("mark the row, or unmark it"), N_("mark"), LOOKING, 0, RISK_NONE, NULL},
    {"mark-all", NULL, N_("mark every row that is shown"), NULL, LOOKING, 0, RISK_NONE, NULL},
    {"next-unacked", NULL, N_("to the next alert that nobody has taken"), N_("next"), MOVING, 0,
     RISK_NONE, NULL},
    {"note", "[TEXT]", N_("write a note on the selected alert"), N_("note"), ACTING, ACT, RISK_NONE,
     run_note},
    {"notify", "[HOW]", N_("how new alerts are told: auto, bell, osc, desktop, none"), NULL,
     LOOKING, 0, RISK_NONE, run_notify},
    {"open", "SCREEN [ID]", N_("open a screen by its name"), NULL, SCREENS, 0, RISK_NONE, run_open},
    {"page-down", NULL, N_("one page down"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"page-up", NULL, N_("one page up"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"period-approve", "[NUMBER]", N_("approve a silence that another person has proposed"),
     N_("approve"), ACTING, NEED_LIVE | NEED_RIGHT(DUTY_APPROVE), RISK_UNDOABLE,
     run_period_approve},
    {"period-end", "[NUMBER]", N_("end a silence or maintenance now"), N_("end"), ACTING,
     NEED_LIVE | NEED_RIGHT(DUTY_ESCALATE), RISK_UNDOABLE, run_period_end},
    {"plan", "[GROUP [TO]]",
     N_("plan a failover of the selected group or server: what would be done, and whether it may"),
     N_("plan"), ACTING, ACT, RISK_NONE, run_plan},
    {"prev-unacked", NULL, N_("to the previous alert that nobody has taken"), NULL, MOVING, 0,
     RISK_NONE, NULL},
    {"probe-now", NULL, N_("look again now, without waiting for the interval"), NULL, ACTING,
     ACT | NEED_TARGET, RISK_NONE, run_probe_now},
    {"promote", "REASON",
     N_("make the selected flow or endpoint production: it pages from then on"), NULL, ACTING,
     NEED_LIVE | NEED_RIGHT(DUTY_PROMOTE) | NEED_TARGET, RISK_DISRUPTIVE, run_promote},
    {"put-back", "REASON", N_("make the selected flow or endpoint test again: it pages nobody"),
     NULL, ACTING, NEED_LIVE | NEED_RIGHT(DUTY_PROMOTE) | NEED_TARGET, RISK_DISRUPTIVE,
     run_put_back},
    {"quit", NULL, N_("end this console"), N_("quit"), SCREENS, 0, RISK_NONE, run_quit},
    {"redraw", NULL, N_("draw the whole screen again"), NULL, LOOKING, 0, RISK_NONE, run_redraw},
    {"resolve", "VERDICT TEXT",
     N_("say what a run of unknown end was: done, not-done, continue, stop"), NULL, ACTING, ACT,
     RISK_DISRUPTIVE, run_resolve},
    {"right", NULL, N_("to the right"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"silence", "[MATCHER]",
     N_("hold back notices about the selected check, or what a matcher says"), NULL, ACTING,
     NEED_LIVE | NEED_RIGHT(DUTY_ESCALATE), RISK_UNDOABLE, run_silence},
    {"sort", "[COLUMN]", N_("sort by the next column, or by the one that is named"), N_("sort"),
     LOOKING, 0, RISK_NONE, NULL},
    {"suspend", NULL, N_("back to the shell; fg comes back"), NULL, SCREENS, 0, RISK_NONE,
     run_suspend},
    {"tab", "NUMBER", N_("go to the screen of that number"), NULL, SCREENS, 0, RISK_NONE, run_tab},
    {"tab-next", NULL, N_("the next screen"), NULL, SCREENS, 0, RISK_NONE, run_tab_next},
    {"tab-prev", NULL, N_("the previous screen"), NULL, SCREENS, 0, RISK_NONE, run_tab_prev},
    {"take", NULL, N_("take the alerts over from whoever has them"), NULL, ACTING, ACT | NEED_ALERT,
     RISK_UNDOABLE, run_take},
    {"theme", "[NAME]", N_("colours: dark, light, high-contrast, colour-blind, mono"), NULL,
     LOOKING, 0, RISK_NONE, run_theme},
    {"top", NULL, N_("to the first row"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"unack", NULL, N_("give the selected or marked alerts back: nobody has them"), N_("unack"),
     ACTING, ACT | NEED_ALERT, RISK_UNDOABLE, run_unack},
    {"up", NULL, N_("one row up"), NULL, MOVING, 0, RISK_NONE, NULL},
    {"view", NULL, N_("servers as grid or table, databases by programme or by ministry"),
     N_("view"), LOOKING, 0, RISK_NONE, NULL},
    {NULL, NULL, NULL, NULL, NULL, 0, RISK_NONE, NULL},
};
