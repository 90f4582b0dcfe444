/* screen_channels.c - what reaches people: SMS and mail, the hotline; below them what the checks of
 * the picked one say. */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_channels.h"
#include "tui/rows_checks.h"
#include "tui/rows_targets.h"

struct screen_channels {
    struct channel_list list;
    int list_lines;
};

static void *channels_open(struct console *c, const char *arg)
{
    struct screen_channels *self = mem_alloc(sizeof *self);

    (void)c;
    channel_list_init(&self->list);
    if (arg && *arg)
        parts_command(&self->list.parts, "filter", arg);
    return self;
}

static void channels_close(void *vself)
{
    struct screen_channels *self = vself;

    channel_list_release(&self->list);
    free(self);
}

/* The list takes what it needs, at most three fifths; the pane below has the rest. */
static void channels_update(struct console *c, void *vself, struct area a)
{
    struct screen_channels *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    int most = inside.lines * 3 / 5;

    channel_list_fill(c, &self->list);
    self->list_lines = (int)self->list.parts.n_lines;
    if (self->list_lines > most)
        self->list_lines = inside.lines < 8 ? inside.lines : most;
    self->list.parts.first_line = inside.line - a.line;
    parts_settle(&self->list.parts, self->list_lines);
}

static void channels_draw(const struct console *c, const void *vself, struct surface *s,
                          struct area a)
{
    const struct screen_channels *self = vself;
    char note[160];
    struct area inside = cells_frame(s, a, cells_frame_for(a), _("Channels"),
                                     parts_note(&self->list.parts, "", note));
    struct area list = inside, pane = inside;

    list.lines = self->list_lines > 0 ? self->list_lines : 1;
    channel_list_draw(c, &self->list, s, list);
    pane.line += list.lines + 1;
    pane.lines -= list.lines + 1;
    checks_draw(c, s, pane, rows_item(&self->list.parts.rows));
}

static bool channels_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_channels *self = vself;

    (void)c;
    return parts_command(&self->list.parts, name, arg);
}

static struct selection channels_selected(const struct console *c, const void *vself)
{
    const struct screen_channels *self = vself;
    const struct target *t = target_by_key(console_fleet(c), self->list.parts.rows.picked);

    return t && self->list.parts.rows.n ? target_selection(c, t) : (struct selection){0};
}

static const char *const bar[] = {"detail", "ack",     "filter", "help", "note",
                                  "unack",  "command", "quit",   NULL};

const struct screen_ops screen_channels = {
    .bar = bar,
    .name = "channels",
    .title = N_("Channels"),
    .digit = 4,
    .open = channels_open,
    .close = channels_close,
    .draw = channels_draw,
    .update = channels_update,
    .command = channels_command,
    .selected = channels_selected,
};
