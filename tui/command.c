/* command.c - finding a command, saying why it may not run, running a line. */
#include "tui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "tui/command_private.h"
#include "tui/console_private.h"

const struct command *command_find(const char *name)
{
    for (const struct command *k = commands; k->name; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

/* The open alert that a selection is about: its own, its check's, or the first of its target that
 * nobody has taken, else the first at all. */
static uint64_t selection_alert(const struct console *c, const struct selection *s)
{
    const struct fleet *f = console_fleet(c);
    const struct alert *a = s->alert ? fleet_alert(f, s->alert) : NULL;
    if (a)
        return a->phase == ALERT_FIRING ? a->id : 0;
    const struct check *k = s->check ? fleet_check(f, s->check) : NULL;
    if (k)
        return k->alert;
    const struct target *t = s->target ? fleet_target(f, s->target) : NULL;
    uint64_t found = 0;
    for (size_t i = 0; t && i < t->n_checks; i++) {
        a = t->checks[i]->alert ? fleet_alert(f, t->checks[i]->alert) : NULL;
        if (a && !a->ack.by)
            return a->id;
        if (a && !found)
            found = a->id;
    }
    return found;
}

size_t command_alerts(const struct console *c, uint64_t *ids, size_t max)
{
    const struct view *v = command_screen(c);
    size_t n = v->ops && v->ops->marked ? v->ops->marked(c, v->self, ids, max) : 0;
    if (n > 0)
        return n;
    struct selection s = console_selected(c);
    uint64_t id = selection_alert(c, &s);
    if (id)
        ids[n++] = id;
    return n;
}

const struct view *command_screen(const struct console *c)
{
    for (size_t i = c->depth; i > 0; i--)
        if (!c->stack[i - 1].ops->is_dialog)
            return &c->stack[i - 1];
    if (c->depth == 0)
        return console_top(c);
    return &c->tabs[c->tab];
}

bool command_to_screen(struct console *c, const char *name, const char *arg)
{
    const struct view *v = command_screen(c);
    c->is_dirty = true;
    return v->ops && v->ops->command && v->ops->command(c, v->self, name, arg);
}

static enum duty_right right_of(const struct command *k)
{
    int said = k->needs >> 8;
    return said != 0 ? (enum duty_right)said : DUTY_ACK;
}

/* The engine decides (its hub checks every request); here it is only said sooner. */
bool command_is_permitted(const struct console *c, const struct command *k)
{
    return !(k->needs & NEED_ACT) ||
           (!c->opts.is_read_only && duty_may(c->hello.duty, right_of(k)));
}

static char *unmet_right(const struct console *c, const struct command *k)
{
    if (command_is_permitted(c, k))
        return NULL;
    if (c->opts.is_read_only)
        return mem_strdup(N_("This console is view only (--read-only)."));
    return SAY(N_("Not permitted. This action needs role {0} (you are {1})."),
               duty_rows[duty_least(right_of(k))].name, c->hello.role);
}

char *command_unmet(const struct console *c, const struct command *k)
{
    uint64_t ids[1];
    struct selection s;
    if ((k->needs & NEED_LIVE) && c->phase != LINK_IS_LIVE)
        return mem_strdup(N_("No connection to the engine: nothing can be asked of it now."));
    char *why = unmet_right(c, k);
    if (why)
        return why;
    if (k->needs & NEED_TARGET) {
        s = console_selected(c);
        if (!s.target && !s.check && !s.alert && !s.fog && !s.run)
            return mem_strdup(N_("Nothing is selected."));
    }
    if ((k->needs & NEED_ALERT) && command_alerts(c, ids, 1) == 0)
        return mem_strdup(N_("No open alert is selected."));
    return NULL;
}

static void say_error(struct console *c, char *packed)
{
    struct buf b = BUF_INIT(512);
    console_say(c, &b, packed);
    console_error(c, buf_text(&b));
    buf_release(&b);
    free(packed);
}

static bool is_motion(const char *name)
{
    static const char *const names[] = {"up",      "down",      "page-up", "page-down",
                                        "half-up", "half-down", "top",     "bottom",
                                        "left",    "right",     NULL};
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void run_row(struct console *c, const struct command *k, const char *arg)
{
    char *why = command_unmet(c, k);
    char key[KEY_NAME_MAX];
    if (why)
        say_error(c, why);
    else if ((k->needs & NEED_ACT) && c->is_locked)
        dialog_unlock_open(c);
    else if (k->run)
        k->run(c, arg);
    else if (!command_to_screen(c, k->name, arg) && !is_motion(k->name))
        say_error(c, SAY(N_("'{0}' does nothing on this screen."),
                         *keymap_key_of(c->keys, k->name, key) ? key : k->name));
}

void console_run(struct console *c, const char *line)
{
    while (*line == ' ')
        line++;
    size_t len = strcspn(line, " ");
    char *name = mem_strndup(line, len);
    const char *arg = line + len;
    while (*arg == ' ')
        arg++;
    char *rest = mem_strdup(arg);
    for (len = strlen(rest); len > 0 && rest[len - 1] == ' '; len--)
        rest[len - 1] = '\0';
    arg = *rest ? rest : NULL;
    const struct command *k = command_find(name);
    size_t i = 0;
    while (screens[i] && strcmp(screens[i]->name, name) != 0)
        i++;
    if (k)
        run_row(c, k, arg);
    else if (screens[i])
        console_open(c, name, arg);
    else if (*name)
        say_error(c, SAY(N_("There is no command '{0}'; ? lists all."), name));
    free(rest);
    free(name);
}
