/* screen_failover.c - the groups, whether each could be switched and every reason why not, the
 * runs; below, the reasons or the steps of what is picked.  F makes a plan. */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_failover.h"

struct screen_failover {
    struct failover_list list;
    struct doc doc;
    struct area rows, pane; /* of the last update */
};

static void *failover_open(struct console *c, const char *arg)
{
    struct screen_failover *self = mem_alloc(sizeof *self);

    (void)c;
    if (arg && *arg)
        parts_command(&self->list.parts, "filter", arg);
    return self;
}

static void failover_close(void *vself)
{
    struct screen_failover *self = vself;

    failover_list_release(&self->list);
    doc_release(&self->doc);
    free(self);
}

static void fill_pane(struct console *c, struct screen_failover *self)
{
    struct selection s = failover_list_selected(c, &self->list);
    const struct fleet *f = console_fleet(c);
    const struct run *r = s.run ? fleet_run(f, s.run) : NULL;
    const struct fog *g = s.fog ? fleet_fog(f, s.fog) : NULL;

    doc_begin(&self->doc, self->pane.cols);
    if (r)
        failover_fill_run(c, &self->doc, r);
    else if (g) {
        doc_text(&self->doc, 0, console_words(c, &g->name, g->id), ROLE_HEADING);
        failover_fill_reasons(c, &self->doc, g);
    }
    doc_end(&self->doc, self->pane.lines);
}

/* The list takes what it needs, at most two thirds. */
static void failover_update(struct console *c, void *vself, struct area a)
{
    struct screen_failover *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    int most = inside.lines >= 12 ? inside.lines * 2 / 3 : inside.lines;

    self->list.parts.first_line = inside.line - a.line;
    failover_list_fill(c, &self->list);
    self->rows = self->pane = inside;
    self->rows.lines = (int)self->list.parts.n_lines < most ? (int)self->list.parts.n_lines : most;
    if (self->rows.lines < 2)
        self->rows.lines = 2;
    self->pane.line += self->rows.lines + 1;
    self->pane.lines -= self->rows.lines + 1;
    parts_settle(&self->list.parts, self->rows.lines);
    fill_pane(c, self);
}

static void failover_draw(const struct console *c, const void *vself, struct surface *s,
                          struct area a)
{
    const struct screen_failover *self = vself;
    char note[160];

    cells_frame(s, a, cells_frame_for(a), _("Failover"), parts_note(&self->list.parts, "", note));
    failover_list_draw(c, &self->list, s, self->rows);
    if (self->pane.lines > 0)
        doc_draw(c, &self->doc, s, self->pane);
}

static bool failover_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_failover *self = vself;

    (void)c;
    self->doc.top = 0;
    return parts_command(&self->list.parts, name, arg);
}

static struct selection failover_selected(const struct console *c, const void *vself)
{
    const struct screen_failover *self = vself;

    return failover_list_selected(c, &self->list);
}

static const char *const bar[] = {"plan", "detail", "filter", "help", "command", "quit", NULL};

const struct screen_ops screen_failover = {
    .bar = bar,
    .name = "failover",
    .title = N_("Failover"),
    .digit = 7,
    .open = failover_open,
    .close = failover_close,
    .draw = failover_draw,
    .update = failover_update,
    .command = failover_command,
    .selected = failover_selected,
};
