/* screen_journal.c - the timeline: every event in words, newest at the foot.
 *
 * On the last line it follows what happens; above it stands still.  At the top, one more step up
 * asks the engine for the page before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "tui/rows.h"
#include "tui/rows_cells.h"
#include "tui/rows_journal.h"
#include "widgets/table.h"

struct screen_journal {
    struct journal_feed feed;
    struct rows rows; /* keys: seq */
    struct filter filter;
    struct list_state list;
    bool has_left_end; /* the operator looks at something: do not follow */
    int lines, first_line;
};

static void *journal_open(struct console *c, const char *arg)
{
    struct screen_journal *self = mem_alloc(sizeof *self);

    (void)c;
    journal_feed_init(&self->feed, arg && *arg ? arg : NULL);
    return self;
}

static void journal_close(void *vself)
{
    struct screen_journal *self = vself;

    journal_feed_release(&self->feed);
    rows_release(&self->rows);
    filter_release(&self->filter);
    free(self);
}

static bool event_matches(const struct console *c, const struct filter *filter,
                          const struct event *e)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    char subject[160];
    bool is_match;

    if (filter->n == 0 && !filter->preview.folded)
        return true;
    event_words(c, &words, e);
    const char *fields[] = {event_subject(e, subject), e->subject, buf_text(&words), e->actor.login,
                            event_rows[e->kind].name};
    is_match = filter_passes(filter, fields, sizeof fields / sizeof *fields);
    buf_release(&words);
    return is_match;
}

static void journal_fill(const struct console *c, struct screen_journal *self)
{
    rows_begin(&self->rows);
    for (size_t i = 0; i < self->feed.n; i++) {
        const struct event *e = &self->feed.v[i];

        if (rows_wants(&self->rows, e->seq, event_matches(c, &self->filter, e)))
            rows_add(&self->rows, e->seq, e);
    }
    if (!self->has_left_end)
        rows_pick(&self->rows, self->rows.n);
    rows_settle(&self->rows);
    self->list.cursor = self->rows.at;
    list_clamp(&self->list, self->rows.n, self->lines);
}

static void journal_update(struct console *c, void *vself, struct area a)
{
    struct screen_journal *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");

    journal_feed_update(c, &self->feed);
    self->first_line = inside.line - a.line + 1;
    self->lines = inside.lines > 2 ? inside.lines - 1 : 1;
    journal_fill(c, self);
}

struct cells_arg {
    const struct console *c;
    const struct rows *rows;
};

static enum role event_role(const struct event *e)
{
    switch (e->kind) {
    case EVENT_ALERT_RESOLVED:
        return role_of_state(STATE_OK);
    case EVENT_ALERT_OPENED:
    case EVENT_ALERT_CHANGED:
    case EVENT_CHECK_CHANGED:
        return role_of_state(e->state);
    case EVENT_REQUEST_REFUSED:
        return ROLE_ERROR;
    default:
        return ROLE_NORMAL;
    }
}

static char event_symbol(const struct event *e)
{
    switch (e->kind) {
    case EVENT_ALERT_RESOLVED:
        return state_rows[STATE_OK].symbol;
    case EVENT_ALERT_OPENED:
    case EVENT_ALERT_CHANGED:
    case EVENT_CHECK_CHANGED:
        return state_rows[e->state].symbol;
    default:
        return ' ';
    }
}

static void event_cell(void *varg, size_t row, size_t column, struct table_cell *out)
{
    const struct cells_arg *arg = varg;
    const struct event *e = arg->rows->v[row].item;
    struct buf words = BUF_INIT(sizeof out->room - 1);

    switch (column) {
    case 0:
        event_time(arg->c, e->at_ms, out->room);
        out->role = ROLE_FAINT;
        break;
    case 1:
        out->room[0] = event_symbol(e);
        out->room[1] = '\0';
        out->role = event_role(e);
        break;
    case 2:
        event_subject(e, out->room);
        break;
    default:
        event_words(arg->c, &words, e);
        snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
        buf_release(&words);
    }
}

static const char *journal_note(const struct screen_journal *self, char out[160])
{
    struct buf terms = BUF_INIT(80);

    filter_text(&self->filter, &terms);
    snprintf(out, 160, "%s%s", terms.len ? "/" : "", buf_text(&terms));
    buf_release(&terms);
    return out;
}

static void journal_draw(const struct console *c, const void *vself, struct surface *s,
                         struct area a)
{
    const struct screen_journal *self = vself;
    struct cells_arg arg = {c, &self->rows};
    char note[160];
    struct area inside =
        cells_frame(s, a, cells_frame_for(a), _("Journal"), journal_note(self, note));
    int subject = 8;

    for (size_t i = 0; i < self->rows.n; i++) {
        char room[160];
        int cols = text_cols(event_subject(self->rows.v[i].item, room));
        subject = cols > subject ? cols : subject;
    }
    subject = subject > inside.cols / 3 ? inside.cols / 3 : subject;
    const struct column columns[] = {
        {_("Time"), 11, 11, 90, ALIGN_LEFT},
        {"", 1, 1, 99, ALIGN_LEFT},
        {_("About"), subject, subject, 80, ALIGN_LEFT},
        {_("What happened"), 10, 0, 95, ALIGN_LEFT},
    };
    struct table t = {.columns = columns,
                      .n_columns = sizeof columns / sizeof *columns,
                      .n_rows = self->rows.n,
                      .list = self->list,
                      .cell = event_cell,
                      .arg = &arg};

    if (self->rows.n > 0)
        table_draw(s, inside, &t);
    else
        surface_put(s, inside, 0, 0, inside.cols,
                    self->feed.n             ? _("Nothing matches the filter.")
                    : self->feed.is_answered ? _("The journal is empty.")
                    : console_is_old(c)      ? _("No connection to the engine.")
                                             : _("Asking the engine…"),
                    ROLE_FAINT, 0);
}

static bool journal_click(struct screen_journal *self, const char *arg)
{
    int line, col;

    if (!cells_click(arg, &line, &col))
        return false;
    line -= self->first_line;
    if (line < 0 || line >= self->lines || self->list.top + (size_t)line >= self->rows.n)
        return false;
    rows_pick(&self->rows, self->list.top + (size_t)line);
    self->has_left_end = self->rows.at + 1 < self->rows.n;
    return true;
}

static bool journal_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_journal *self = vself;
    bool was_first = self->rows.at == 0;

    journal_fill(c, self);
    if (list_command(&self->list, name, self->rows.n, self->lines)) {
        rows_pick(&self->rows, self->list.cursor);
        self->has_left_end = self->rows.at + 1 < self->rows.n;
        if (was_first && self->rows.at == 0 && strcmp(name, "down") != 0)
            journal_feed_older(c, &self->feed);
    } else if (strcmp(name, "click") == 0)
        return journal_click(self, arg);
    else if (strcmp(name, "filter") == 0) {
        filter_push(&self->filter, arg ? arg : "");
        self->rows.is_narrowed = true;
    } else if (strcmp(name, "filter-preview") == 0)
        filter_preview(&self->filter, arg);
    else
        return false;
    return true;
}

static struct selection journal_selected(const struct console *c, const void *vself)
{
    const struct screen_journal *self = vself;
    const struct fleet *f = console_fleet(c);
    struct selection sel = {0};

    for (size_t i = 0; i < self->feed.n; i++) {
        const struct event *e = &self->feed.v[i];
        const struct check *k;

        if (e->seq != self->rows.picked)
            continue;
        k = e->check ? fleet_check(f, e->check) : NULL;
        k = !k && e->subject ? fleet_check(f, e->subject) : k;
        sel.check = k ? k->id : NULL;
        sel.target = k ? k->target->id : NULL;
        sel.alert = fleet_alert(f, e->alert) ? e->alert : k ? k->alert : 0;
    }
    return sel;
}

static const char *const bar[] = {"detail", "filter", "help",    "ack",  "note",
                                  "unack",  "copy",   "command", "quit", NULL};

const struct screen_ops screen_journal = {
    .bar = bar,
    .name = "journal",
    .title = N_("Journal"),
    .digit = 9,
    .open = journal_open,
    .close = journal_close,
    .draw = journal_draw,
    .update = journal_update,
    .command = journal_command,
    .selected = journal_selected,
};
