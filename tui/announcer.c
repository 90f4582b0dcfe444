/* announcer.c - see announcer.h. */
#include "tui/announcer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "tui/notify_text.h"

static const char *const mode_names[ANNOUNCER_MODE_COUNT] = {"auto", "bell", "osc", "desktop",
                                                             "none"};

bool announcer_parse(const char *name, enum announcer_mode *out)
{
    for (int i = 0; i < ANNOUNCER_MODE_COUNT; i++)
        if (strcmp(mode_names[i], name) == 0) {
            *out = (enum announcer_mode)i;
            return true;
        }
    return false;
}

/* --- which way ------------------------------------------------------------------------------- */

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* A session bus, and somebody who sits at it: over SSH it would be the wrong machine's. */
static bool has_desktop(void)
{
    char path[512];
    if (is_set("SSH_CONNECTION") || is_set("SSH_TTY"))
        return false;
    if (is_set("DBUS_SESSION_BUS_ADDRESS"))
        return true;
    snprintf(path, sizeof path, "%s/bus",
             is_set("XDG_RUNTIME_DIR") ? getenv("XDG_RUNTIME_DIR") : "");
    return access(path, R_OK | W_OK) == 0;
}

enum way { WAY_NONE, WAY_TERMINAL, WAY_DESKTOP };

static enum way way_of(const struct console *c)
{
    bool may_start = c->opts.notify_program && !c->opts.is_read_only;
    switch (c->opts.notify) {
    case ANNOUNCER_OSC:
        return WAY_TERMINAL;
    case ANNOUNCER_DESKTOP:
        return may_start ? WAY_DESKTOP : WAY_NONE;
    case ANNOUNCER_AUTO:
        if (may_start && has_desktop())
            return WAY_DESKTOP;
        return c->term->is_notifier ? WAY_TERMINAL : WAY_NONE;
    default:
        return WAY_NONE;
    }
}

/* --- the desktop ----------------------------------------------------------------------------- */

static void say(struct console *c, char *packed, bool is_error)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &words, packed);
    if (is_error)
        console_error(c, buf_text(&words));
    else
        console_log(c, buf_text(&words));
    buf_release(&words);
    free(packed);
}

/* Said once until one gets through again; the terminal shows this one if it can. */
static void desktop_failed(struct console *c, const char *why)
{
    struct announcer *a = &c->announcer;
    if (!a->has_failed)
        say(c, SAY(N_("No notices on the desktop: {0}"), why), true);
    a->has_failed = true;
    a->is_busy = false;
    if (c->opts.notify == ANNOUNCER_AUTO && c->term->is_notifier && a->title)
        c->term->ops->notify(c->term, a->title, a->body);
}

static void hang_up(struct announcer *a)
{
    if (a->has_helper)
        launch_hang_up(&a->helper);
    a->has_helper = false;
    buf_clear(&a->answer);
}

static void desktop_show(struct console *c, enum priority worst)
{
    struct announcer *a = &c->announcer;
    struct buf line = BUF_INIT(0);
    struct err e;
    if (!a->has_helper && !launch_talk(&a->helper, c->opts.notify_program, &e)) {
        desktop_failed(c, e.text);
        return;
    }
    a->has_helper = true;
    notify_write(&line, worst == PRIORITY_P1 ? NOTIFY_CRITICAL : NOTIFY_NORMAL, "alerts", a->title,
                 a->body);
    ssize_t n = write(a->helper.in, line.bytes, line.len); /* it has answered all before: room */
    a->is_busy = n == (ssize_t)line.len;
    if (!a->is_busy) {
        hang_up(a);
        desktop_failed(c, strerror(n < 0 ? errno : EAGAIN));
    }
    buf_release(&line);
}

static void take_answer(struct console *c, const char *line)
{
    struct announcer *a = &c->announcer;
    if (strcmp(line, "ok") != 0)
        desktop_failed(c, strncmp(line, "failed\t", 7) == 0 ? line + 7 : line);
    else
        a->has_failed = a->is_busy = false;
}

void announcer_read(struct console *c)
{
    struct announcer *a = &c->announcer;
    char bytes[1024], *newline;
    ssize_t n = read(a->helper.out, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { /* begun anew with the next notice */
        hang_up(a);
        desktop_failed(c, _("trucban-notify has ended"));
        return;
    }
    a->answer.max = 4096;
    buf_add(&a->answer, bytes, (size_t)n);
    while ((newline = memchr(buf_text(&a->answer), '\n', a->answer.len)) != NULL) {
        *newline = '\0';
        take_answer(c, a->answer.bytes);
        buf_drop(&a->answer, (size_t)(newline + 1 - a->answer.bytes));
    }
}

int announcer_fd(const struct announcer *a)
{
    return a->has_helper ? a->helper.out : -1;
}

void announcer_release(struct announcer *a)
{
    hang_up(a);
    announce_release(&a->news);
    buf_release(&a->answer);
    free(a->title);
    free(a->body);
}

/* --- what is told ---------------------------------------------------------------------------- */

static void set_words(struct console *c, const struct announcement *what)
{
    struct announcer *a = &c->announcer;
    struct buf title = BUF_INIT(TEXT_MAX_LISTED), body = BUF_INIT(TEXT_MAX_LISTED);
    char worst[TEXT_MAX_NAME + 8], count[24];
    snprintf(worst, sizeof worst, "%s %s", priority_name(what->worst->priority),
             what->worst->check);
    if (what->n == 1)
        buf_adds(&title, worst);
    else {
        snprintf(count, sizeof count, "%zu", what->n);
        char *packed = SAY(N_("{0} more alerts, the worst {1}"), count, worst);
        console_say(c, &title, packed);
        free(packed);
    }
    console_say(c, &body, what->worst->summary ? what->worst->summary : "");
    mem_set(&a->title, buf_text(&title));
    mem_set(&a->body, buf_text(&body));
    buf_release(&title);
    buf_release(&body);
}

void announcer_step(struct console *c)
{
    struct announcer *a = &c->announcer;
    struct announcement what;
    enum way way = way_of(c);
    if (!c->has_picture || c->phase != LINK_IS_LIVE)
        return;
    announce_look(&a->news, c->fleet, c->now_mono);
    if (announce_bell(&a->news, c->now_mono) && c->opts.notify != ANNOUNCER_NONE)
        c->term->ops->bell(c->term);
    if (a->is_busy || !announce_notice(&a->news, c->fleet, c->now_mono, &what))
        return;
    set_words(c, &what);
    if (way == WAY_TERMINAL)
        c->term->ops->notify(c->term, a->title, a->body);
    else if (way == WAY_DESKTOP)
        desktop_show(c, what.worst->priority);
}

/* --- the command ----------------------------------------------------------------------------- */

static const char *way_words(const struct console *c)
{
    switch (way_of(c)) {
    case WAY_DESKTOP:
        return _("the bell, and notices on the desktop");
    case WAY_TERMINAL:
        return _("the bell, and notices of the terminal");
    default:
        return c->opts.notify == ANNOUNCER_NONE ? _("nothing") : _("the bell");
    }
}

void run_notify(struct console *c, const char *arg)
{
    enum announcer_mode mode = c->opts.notify;
    if (arg && !announcer_parse(arg, &mode))
        console_error(c, _("notify needs auto, bell, osc, desktop or none: notify bell"));
    else if (mode == ANNOUNCER_DESKTOP && c->opts.is_read_only)
        console_error(c, _("This console is view only (--read-only)."));
    else {
        c->opts.notify = mode;
        c->announcer.has_failed = false;
        say(c, SAY(N_("New alerts are told by {0} ({1})."), way_words(c), mode_names[mode]), false);
    }
}
