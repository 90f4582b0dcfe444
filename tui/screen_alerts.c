/* screen_alerts.c - the list of alerts: open ones, and below them, dimmed, those resolved lately.
 */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/rows_alerts.h"
#include "tui/rows_cells.h"

struct screen_alerts {
    struct alert_list list;
};

static void *alerts_open(struct console *c, const char *arg)
{
    struct screen_alerts *self = mem_alloc(sizeof *self);

    self->list.has_resolved = true;
    if (arg && *arg)
        alert_list_command(c, &self->list, "filter", arg);
    return self;
}

static void alerts_close(void *vself)
{
    struct screen_alerts *self = vself;

    alert_list_release(&self->list);
    free(self);
}

static void alerts_update(struct console *c, void *vself, struct area a)
{
    struct screen_alerts *self = vself;

    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");

    self->list.first_line = inside.line - a.line + 1;
    alert_list_update(c, &self->list, inside.lines);
}

static void alerts_draw(const struct console *c, const void *vself, struct surface *s,
                        struct area a)
{
    const struct screen_alerts *self = vself;
    char title[160], note[160];
    struct area inside = cells_frame(s, a, cells_frame_for(a), alert_list_title(c, title),
                                     alert_list_note(&self->list, note));

    alert_list_draw(c, &self->list, s, inside);
}

static bool alerts_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_alerts *self = vself;

    return alert_list_command(c, &self->list, name, arg);
}

static struct selection alerts_selected(const struct console *c, const void *vself)
{
    const struct screen_alerts *self = vself;

    return alert_list_selected(c, &self->list);
}

static size_t alerts_marked(const struct console *c, const void *vself, uint64_t *ids, size_t max)
{
    const struct screen_alerts *self = vself;

    return alert_list_marked(c, &self->list, ids, max);
}

const struct screen_ops screen_alerts = {
    .bar = alert_list_bar,
    .name = "alerts",
    .title = N_("Alerts"),
    .digit = 6,
    .open = alerts_open,
    .close = alerts_close,
    .draw = alerts_draw,
    .update = alerts_update,
    .command = alerts_command,
    .selected = alerts_selected,
    .marked = alerts_marked,
};
