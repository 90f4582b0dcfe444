/* screen_databases.c - counters, the databases, the pairs that replicate; below them what the
 * checks of the picked one say.  `v`: by programme or by ministry. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_checks.h"
#include "tui/rows_databases.h"

struct screen_databases {
    struct database_list list;
    struct area totals, rows, pane; /* of the last update */
};

static void *databases_open(struct console *c, const char *arg)
{
    struct screen_databases *self = mem_alloc(sizeof *self);

    (void)c;
    database_list_init(&self->list);
    if (arg && *arg)
        parts_command(&self->list.parts, "filter", arg);
    return self;
}

static void databases_close(void *vself)
{
    struct screen_databases *self = vself;

    database_list_release(&self->list);
    free(self);
}

static void databases_update(struct console *c, void *vself, struct area a)
{
    struct screen_databases *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    int pane = inside.lines >= 24 ? 5 : inside.lines >= 14 ? 3 : 0;
    int totals = database_totals_lines(console_fleet(c));

    if (totals > inside.lines / 4)
        totals = inside.lines / 4;
    self->totals = self->rows = self->pane = inside;
    self->totals.lines = totals;
    self->rows.line += totals;
    self->rows.lines = inside.lines - totals - pane - (pane ? 1 : 0);
    self->pane.line = inside.line + inside.lines - pane;
    self->pane.lines = pane;
    self->list.parts.first_line = self->rows.line - a.line;
    database_list_fill(c, &self->list);
    parts_settle(&self->list.parts, self->rows.lines);
}

static void databases_draw(const struct console *c, const void *vself, struct surface *s,
                           struct area a)
{
    const struct screen_databases *self = vself;
    const struct database_row *picked = rows_item(&self->list.parts.rows);
    char note[160];

    cells_frame(s, a, cells_frame_for(a), _("Databases"),
                parts_note(&self->list.parts,
                           self->list.is_by_org ? _("by ministry") : _("by programme"), note));
    database_totals_draw(c, s, self->totals);
    database_list_draw(c, &self->list, s, self->rows);
    if (picked)
        checks_draw(c, s, self->pane, picked->t);
}

static bool databases_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_databases *self = vself;

    (void)c;
    if (strcmp(name, "view") == 0) {
        self->list.is_by_org = !self->list.is_by_org;
        return true;
    }
    return parts_command(&self->list.parts, name, arg);
}

static struct selection databases_selected(const struct console *c, const void *vself)
{
    const struct screen_databases *self = vself;

    return database_list_selected(c, &self->list);
}

static const char *const bar[] = {"detail", "ack",   "filter",  "help", "view",
                                  "note",   "unack", "command", "quit", NULL};

const struct screen_ops screen_databases = {
    .bar = bar,
    .name = "databases",
    .title = N_("Databases"),
    .digit = 5,
    .open = databases_open,
    .close = databases_close,
    .draw = databases_draw,
    .update = databases_update,
    .command = databases_command,
    .selected = databases_selected,
};
