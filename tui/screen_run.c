/* screen_run.c - a page about one failover group, and one about one run; a run that goes on is
 * followed as the engine tells of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_failover.h"

struct screen_page {
    char *id;
    struct doc doc;
    int lines;
};

static void *page_open(struct console *c, const char *arg)
{
    struct screen_page *self = mem_alloc(sizeof *self);

    (void)c;
    self->id = mem_strdup(arg ? arg : "");
    return self;
}

static void page_close(void *vself)
{
    struct screen_page *self = vself;

    doc_release(&self->doc);
    free(self->id);
    free(self);
}

static const struct run *own_run(const struct console *c, const struct screen_page *self)
{
    const struct run *r = fleet_run(console_fleet(c), self->id);

    return r ? r : fleet_run_like(console_fleet(c), self->id);
}

static void fill_unknown(const struct console *c, struct screen_page *self, const char *msgid)
{
    char line[300];

    doc_text(&self->doc, 0, cells_say(c, SAY(msgid, self->id), line, sizeof line), ROLE_FAINT);
}

static void group_update(struct console *c, void *vself, struct area a)
{
    struct screen_page *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    const struct fog *g = fleet_fog(console_fleet(c), self->id);

    self->lines = inside.lines;
    doc_begin(&self->doc, inside.cols);
    if (g)
        failover_fill_group(c, &self->doc, g);
    else
        fill_unknown(c, self, N_("There is no failover group \"{0}\" in the site file."));
    doc_end(&self->doc, inside.lines);
}

static void run_update(struct console *c, void *vself, struct area a)
{
    struct screen_page *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    const struct run *r = own_run(c, self);

    self->lines = inside.lines;
    doc_begin(&self->doc, inside.cols);
    if (r)
        failover_fill_run(c, &self->doc, r);
    else
        fill_unknown(c, self, N_("Waiting for the engine to tell of run {0}."));
    doc_end(&self->doc, inside.lines);
}

static void group_draw(const struct console *c, const void *vself, struct surface *s, struct area a)
{
    const struct screen_page *self = vself;
    char title[200];

    snprintf(title, sizeof title, "%.60s · %.100s", _("Failover group"), self->id);
    doc_draw(c, &self->doc, s, cells_frame(s, a, cells_frame_for(a), title, NULL));
}

static void run_draw(const struct console *c, const void *vself, struct surface *s, struct area a)
{
    const struct screen_page *self = vself;
    const struct run *r = own_run(c, self);
    char title[200];

    snprintf(title, sizeof title, "%.40s · %.100s", _("Run"), r ? r->fog : self->id);
    doc_draw(c, &self->doc, s, cells_frame(s, a, cells_frame_for(a), title, NULL));
}

static bool page_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_page *self = vself;

    (void)c;
    (void)arg;
    return doc_command(&self->doc, name, self->lines);
}

static struct selection group_selected(const struct console *c, const void *vself)
{
    const struct screen_page *self = vself;
    const struct fog *g = fleet_fog(console_fleet(c), self->id);

    return (struct selection){.fog = g ? g->id : NULL};
}

static struct selection run_selected(const struct console *c, const void *vself)
{
    const struct run *r = own_run(c, vself);

    return (struct selection){.fog = r ? r->fog : NULL, .run = r ? r->id : NULL};
}

static const char *const bar[] = {"plan", "help", "command", "quit", NULL};

const struct screen_ops screen_group = {
    .bar = bar,
    .name = "group",
    .title = N_("Failover group"),
    .open = page_open,
    .close = page_close,
    .draw = group_draw,
    .update = group_update,
    .command = page_command,
    .selected = group_selected,
};
const struct screen_ops screen_run = {
    .bar = bar,
    .name = "run",
    .title = N_("Run"),
    .open = page_open,
    .close = page_close,
    .draw = run_draw,
    .update = run_update,
    .command = page_command,
    .selected = run_selected,
};
