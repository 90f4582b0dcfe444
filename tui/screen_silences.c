/* screen_silences.c - silences, maintenance and assessments: what waits for another person, what
 * stands (on now, or to come), what has ended; X ends one, p approves one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_journal.h"
#include "tui/rows_parts.h"

struct screen_silences {
    struct parts parts;
};

static void *silences_open(struct console *c, const char *arg)
{
    struct screen_silences *self = mem_alloc(sizeof *self);

    (void)c;
    if (arg && *arg)
        parts_command(&self->parts, "filter", arg);
    return self;
}

static void silences_close(void *vself)
{
    struct screen_silences *self = vself;

    parts_release(&self->parts);
    free(self);
}

/* What it is about: a matcher as it was written, or one alert. */
static const char *about(const struct period *p, char out[CELL_TEXT_MAX])
{
    if (p->match)
        return p->match;
    snprintf(out, CELL_TEXT_MAX, "#%" PRIu64, p->alert);
    return out;
}

static bool matches(const struct filter *filter, const struct period *p)
{
    char room[CELL_TEXT_MAX];
    const char *fields[] = {about(p, room), p->by, p->comment, p->every,
                            cells_period_kind(p->kind)};

    return filter_is_empty(filter) || filter_passes(filter, fields, sizeof fields / sizeof *fields);
}

/* Newest first; of those that stand, the ones that are on now first. */
static void add_part(const struct fleet *f, struct parts *p, enum period_state state, bool is_on)
{
    for (size_t i = f->n_periods; i > 0; i--) {
        const struct period *one = f->periods[i - 1];
        if (one->state == state && one->is_on == is_on)
            parts_add(p, one->id, one, matches(&p->filter, one));
    }
}

static void silences_fill(const struct console *c, struct screen_silences *self)
{
    static const char *const titles[PERIOD_STATE_COUNT] = {
        [PERIOD_PROPOSED] = N_("Proposed: another person must approve"),
        [PERIOD_STANDING] = N_("Standing"),
        [PERIOD_ENDED] = N_("Over"),
    };
    const struct fleet *f = console_fleet(c);

    parts_begin(&self->parts);
    for (int state = 0; state < PERIOD_STATE_COUNT; state++) {
        parts_heading(&self->parts, (size_t)state, _(titles[state]));
        add_part(f, &self->parts, (enum period_state)state, true);
        add_part(f, &self->parts, (enum period_state)state, false);
    }
}

static void silences_update(struct console *c, void *vself, struct area a)
{
    struct screen_silences *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");

    self->parts.first_line = inside.line - a.line;
    silences_fill(c, self);
    parts_settle(&self->parts, inside.lines);
}

/* "on until 17:00", "from 08/03 02:00", "approved by binh", "ended by an 11:30" */
static void put_state(const struct console *c, const struct period *p, struct table_cell *out)
{
    char at[WHEN_TEXT_MAX];

    if (p->state == PERIOD_ENDED)
        cells_say(c,
                  SAY(N_("by {0}, {1}"), p->ended_by ? p->ended_by : "?",
                      event_time(c, p->ended_at_ms, at)),
                  out->room, sizeof out->room);
    else if (p->state == PERIOD_PROPOSED)
        snprintf(out->room, sizeof out->room, "%s", _("not in force"));
    else if (p->is_on)
        snprintf(out->room, sizeof out->room, "%s", _("ON NOW"));
    else
        cells_say(c, SAY(N_("from {0}"), when_date_hm(p->from_ms, at)), out->room,
                  sizeof out->room);
    out->role = p->state == PERIOD_PROPOSED               ? ROLE_STATE_WARNING
                : p->is_on && p->state == PERIOD_STANDING ? ROLE_TAG
                                                          : ROLE_NORMAL;
}

static void period_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    const struct console *c = arg;
    const struct period *p = item;
    char at[WHEN_TEXT_MAX], room[CELL_TEXT_MAX];

    switch (column) {
    case 0:
        snprintf(out->room, sizeof out->room, "%" PRIu64, p->id);
        break;
    case 1:
        out->text = cells_period_kind(p->kind);
        break;
    case 2:
        snprintf(out->room, sizeof out->room, "%s", about(p, room));
        break;
    case 3:
        put_state(c, p, out);
        break;
    case 4:
        snprintf(out->room, sizeof out->room, "%s",
                 p->every ? p->every : event_time(c, p->until_ms, at));
        break;
    case 5:
        out->text = p->by ? p->by : "";
        break;
    default:
        out->text = p->comment ? p->comment : "";
    }
}

static int period_flags(void *arg, const void *item)
{
    (void)arg;
    return ((const struct period *)item)->state == PERIOD_ENDED ? CELL_DIM : 0;
}

static void silences_draw(const struct console *c, const void *vself, struct surface *s,
                          struct area a)
{
    const struct screen_silences *self = vself;
    const struct column columns[] = {
        {_("No."), 3, 4, 50, ALIGN_RIGHT},
        {"", 11, a.cols < 100 ? 12 : 19, 80, ALIGN_LEFT},
        {"", a.cols < 100 ? 20 : 30, a.cols < 100 ? 24 : 50, 99, ALIGN_LEFT},
        {_("State"), 16, 20, 95, ALIGN_LEFT},
        {_("Until"), a.cols < 100 ? 12 : 16, 24, 90, ALIGN_LEFT},
        {_("By"), 6, 10, 70, ALIGN_LEFT},
        {_("Comment"), 12, 0, 60, ALIGN_LEFT},
    };
    const struct part_kind kind = {columns, sizeof columns / sizeof *columns, 3, period_cell,
                                   period_flags};
    const struct part_kind kinds[PERIOD_STATE_COUNT] = {kind, kind, kind};
    char note[160];
    struct area inside = cells_frame(s, a, cells_frame_for(a), _("Silences and maintenance"),
                                     parts_note(&self->parts, "", note));

    if (self->parts.rows.n == 0)
        surface_put(s, inside, 0, 0, inside.cols,
                    filter_is_empty(&self->parts.filter)
                        ? _("Nothing is silenced, no maintenance is planned.")
                        : _("Nothing matches the filter."),
                    ROLE_FAINT, 0);
    else
        parts_draw(s, inside, &self->parts, kinds, (void *)(uintptr_t)c);
}

static bool silences_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_silences *self = vself;

    (void)c;
    return parts_command(&self->parts, name, arg);
}

static struct selection silences_selected(const struct console *c, const void *vself)
{
    const struct screen_silences *self = vself;
    const struct period *p =
        self->parts.rows.n ? fleet_period(console_fleet(c), self->parts.rows.picked) : NULL;

    return (struct selection){.period = p ? p->id : 0, .alert = p ? p->alert : 0};
}

static const char *const bar[] = {"period-end", "period-approve", "filter", "help",
                                  "command",    "quit",           NULL};

const struct screen_ops screen_silences = {
    .bar = bar,
    .name = "silences",
    .title = N_("Silences and maintenance"),
    .open = silences_open,
    .close = silences_close,
    .draw = silences_draw,
    .update = silences_update,
    .command = silences_command,
    .selected = silences_selected,
};
