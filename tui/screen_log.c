/* screen_log.c - the console's own log: what was asked here and what came back, newest at the foot.
 */
#include <stdlib.h>

#include "core/mem.h"
#include "tui/message.h"
#include "tui/rows_cells.h"
#include "tui/rows_doc.h"
#include "tui/rows_journal.h"

struct screen_log {
    struct doc doc;
    bool has_left_end;
    int lines;
};

static void *log_open(struct console *c, const char *arg)
{
    (void)c;
    (void)arg;
    return mem_alloc(sizeof(struct screen_log));
}

static void log_close(void *vself)
{
    struct screen_log *self = vself;

    doc_release(&self->doc);
    free(self);
}

static void log_update(struct console *c, void *vself, struct area a)
{
    struct screen_log *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");

    self->lines = inside.lines;
    doc_begin(&self->doc, inside.cols);
    self->doc.label_cols = 12;
    for (size_t i = 0; i < console_log_count(c); i++) {
        const struct log_line *l = console_log_line(c, i);
        char at[40];

        doc_pair(&self->doc, event_time(c, l->at_wall_ms, at), l->text, ROLE_NORMAL);
    }
    if (self->doc.n == 0)
        doc_text(&self->doc, 0, _("Nothing yet: requests and their answers will stand here."),
                 ROLE_FAINT);
    if (!self->has_left_end)
        self->doc.top = self->doc.n;
    doc_end(&self->doc, inside.lines);
}

static void log_draw(const struct console *c, const void *vself, struct surface *s, struct area a)
{
    const struct screen_log *self = vself;

    doc_draw(c, &self->doc, s,
             cells_frame(s, a, cells_frame_for(a), _("Log of this console"), NULL));
}

static bool log_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_log *self = vself;
    bool is_mine = doc_command(&self->doc, name, self->lines);

    (void)c;
    (void)arg;
    if (is_mine)
        self->has_left_end = self->doc.top + (size_t)self->lines < self->doc.n;
    return is_mine;
}

static const char *const bar[] = {"help", "command", "quit", NULL};

const struct screen_ops screen_log = {
    .bar = bar,
    .name = "log",
    .title = N_("Log"),
    .open = log_open,
    .close = log_close,
    .draw = log_draw,
    .update = log_update,
    .command = log_command,
};
