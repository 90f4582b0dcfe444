/* screen_integration.c - who we exchange with, in production and in test; below, what the checks of
 * the picked endpoint or flow say. */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_checks.h"
#include "tui/rows_integration.h"

struct screen_integration {
    struct integration_list list;
    struct area rows, pane; /* of the last update */
};

static void *integration_open(struct console *c, const char *arg)
{
    struct screen_integration *self = mem_alloc(sizeof *self);

    (void)c;
    integration_list_init(&self->list);
    if (arg && *arg)
        parts_command(&self->list.parts, "filter", arg);
    return self;
}

static void integration_close(void *vself)
{
    struct screen_integration *self = vself;

    integration_list_release(&self->list);
    free(self);
}

static void integration_update(struct console *c, void *vself, struct area a)
{
    struct screen_integration *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    int pane = inside.lines >= 24 ? inside.lines / 3 : inside.lines >= 14 ? 4 : 0;

    self->rows = self->pane = inside;
    self->rows.lines = inside.lines - pane - (pane ? 1 : 0);
    self->pane.line = inside.line + inside.lines - pane;
    self->pane.lines = pane;
    self->list.parts.first_line = inside.line - a.line;
    integration_list_fill(c, &self->list);
    parts_settle(&self->list.parts, self->rows.lines);
}

static void integration_draw(const struct console *c, const void *vself, struct surface *s,
                             struct area a)
{
    const struct screen_integration *self = vself;
    char note[160];

    cells_frame(s, a, cells_frame_for(a), _("Integration"),
                parts_note(&self->list.parts, "", note));
    integration_list_draw(c, &self->list, s, self->rows);
    checks_draw(c, s, self->pane, integration_list_picked(c, &self->list));
}

static bool integration_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_integration *self = vself;

    integration_list_fill(c, &self->list); /* rows that were borrowed may be gone by now */
    parts_settle(&self->list.parts, self->rows.lines);
    return integration_list_command(&self->list, name, arg);
}

static struct selection integration_selected(const struct console *c, const void *vself)
{
    const struct screen_integration *self = vself;
    const struct target *t = integration_list_picked(c, &self->list);

    return t ? target_selection(c, t) : (struct selection){0};
}

static const char *const bar[] = {"detail", "ack",     "filter", "help", "note",
                                  "unack",  "command", "quit",   NULL};

const struct screen_ops screen_integration = {
    .bar = bar,
    .name = "integration",
    .title = N_("Integration"),
    .digit = 3,
    .open = integration_open,
    .close = integration_close,
    .draw = integration_draw,
    .update = integration_update,
    .command = integration_command,
    .selected = integration_selected,
};
