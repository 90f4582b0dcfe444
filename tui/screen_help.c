/* screen_help.c - what can be done here: printed from the command rows and the key table, so that
 * it cannot say anything else than what is.  Opened with a command's name it begins at that
 * command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/rows_cells.h"
#include "tui/rows_doc.h"

struct screen_help {
    struct doc doc;
    char *wanted; /* command to begin at; NULL once found */
    int lines;
};

static void *help_open(struct console *c, const char *arg)
{
    struct screen_help *self = mem_alloc(sizeof *self);

    (void)c;
    self->wanted = arg && *arg ? mem_strdup(arg) : NULL;
    return self;
}

static void help_close(void *vself)
{
    struct screen_help *self = vself;

    doc_release(&self->doc);
    free(self->wanted);
    free(self);
}

/* The keys of a command; "1-9" for one that is bound with each digit as its argument. */
static void keys_of(const struct console *c, const char *name, char keys[64])
{
    char line[64], first[64], last[64];

    keymap_keys_of(console_keymap(c), name, keys);
    if (*keys)
        return;
    snprintf(line, sizeof line, "%.40s 1", name);
    keymap_keys_of(console_keymap(c), line, first);
    snprintf(line, sizeof line, "%.40s 9", name);
    keymap_keys_of(console_keymap(c), line, last);
    if (*first && *last)
        snprintf(keys, 64, "%.30s-%.30s", first, last);
}

static void fill_command(const struct console *c, struct doc *d, const struct command *k)
{
    struct buf text = BUF_INIT(600);
    char keys[64];

    keys_of(c, k->name, keys);
    buf_adds(&text, _(k->help));
    buf_addf(&text, "  :%s", k->name);
    if (k->args && *k->args)
        buf_addf(&text, " %s", k->args);
    doc_pair(d, keys, buf_text(&text), ROLE_NORMAL);
    buf_release(&text);
}

static bool is_first_of_group(const struct command *k)
{
    for (const struct command *o = commands; o < k; o++)
        if (strcmp(o->group, k->group) == 0)
            return false;
    return true;
}

static void fill_symbols(struct doc *d)
{
    static const struct {
        enum state state;
        const char *means;
    } rows[] = {
        {STATE_OK, N_("all is well")},
        {STATE_WARNING, N_("needs attention")},
        {STATE_CRITICAL, N_("broken")},
        {STATE_UNKNOWN, N_("the check itself could not be made")},
        {STATE_STALE, N_("too old to rely on: no fresh result")},
        {STATE_PENDING, N_("waiting for the first result")},
    };
    static const struct {
        const char *tag, *means;
    } tags[] = {
        {"M", N_("in maintenance: shown and counted, nobody is told")},
        {"F", N_("flapping: well now and again, and it will not last")},
        {"^", N_("stands behind something that is down: what looks well is UNKNOWN")},
        {"- = T", N_("not connected, standby, test: facts of the site, not states")},
    };
    char state[CELL_TEXT_MAX];

    doc_heading(d, _("Symbols"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        doc_pair(d, cells_state(rows[i].state, state), _(rows[i].means), ROLE_NORMAL);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        doc_pair(d, tags[i].tag, _(tags[i].means), ROLE_NORMAL);
}

static void help_update(struct console *c, void *vself, struct area a)
{
    struct screen_help *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    struct doc *d = &self->doc;

    self->lines = inside.lines;
    doc_begin(d, inside.cols);
    for (const struct command *k = commands; k->name; k++) {
        if (!is_first_of_group(k))
            continue;
        doc_heading(d, _(k->group));
        for (const struct command *o = k; o->name; o++) {
            if (strcmp(o->group, k->group) != 0)
                continue;
            if (self->wanted && strcmp(o->name, self->wanted) == 0)
                d->top = d->n;
            fill_command(c, d, o);
        }
    }
    fill_symbols(d);
    free(self->wanted);
    self->wanted = NULL;
    doc_end(d, inside.lines);
}

static void help_draw(const struct console *c, const void *vself, struct surface *s, struct area a)
{
    const struct screen_help *self = vself;

    doc_draw(c, &self->doc, s,
             cells_frame(s, a, cells_frame_for(a), _("Help: keys and commands"), NULL));
}

static bool help_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_help *self = vself;

    (void)c;
    (void)arg;
    return doc_command(&self->doc, name, self->lines);
}

static const char *const bar[] = {"help", "command", "quit", NULL};

const struct screen_ops screen_help = {
    .bar = bar,
    .name = "help",
    .title = N_("Help"),
    .open = help_open,
    .close = help_close,
    .draw = help_draw,
    .update = help_update,
    .command = help_command,
};
