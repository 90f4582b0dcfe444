/* screen_detail.c - everything about one target: its checks, and all that is known of the one
 * picked.
 *
 * Opened with a target's id, a check's id, or "alert/ID".  Up and Down pick a check, PgUp and PgDn
 * read on, Left and Right pick what the page leads to (the cause, what stands behind), Enter goes
 * there.  What it is about is kept as ids and looked up at each update, so that a target that has
 * left the site file is said to be gone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/rows.h"
#include "tui/rows_cells.h"
#include "tui/rows_detail.h"
#include "tui/rows_journal.h"
#include "tui/rows_targets.h"
#include "widgets/table.h"

struct screen_detail {
    char *about;      /* target id, check id, or "alert/ID" */
    uint64_t alert;   /* the incident it was opened for, 0: the open one of the check */
    char *check;      /* id of the picked check; NULL: none */
    struct rows rows; /* checks of the target; key: hash of the id */
    struct list_state list;
    struct doc doc;
    struct journal_feed feed; /* of the picked check */
    int list_lines, doc_lines;
    bool has_all; /* show all that stands behind the alert */
};

static void *detail_open(struct console *c, const char *arg)
{
    struct screen_detail *self = mem_alloc(sizeof *self);

    (void)c;
    self->about = mem_strdup(arg ? arg : "");
    if (sscanf(self->about, "alert/%" SCNu64, &self->alert) != 1)
        self->alert = 0;
    return self;
}

static void detail_close(void *vself)
{
    struct screen_detail *self = vself;

    journal_feed_release(&self->feed);
    rows_release(&self->rows);
    doc_release(&self->doc);
    free(self->about);
    free(self->check);
    free(self);
}

static const struct alert *own_alert(const struct console *c, const struct screen_detail *self)
{
    return self->alert ? fleet_alert(console_fleet(c), self->alert) : NULL;
}

static const struct target *own_target(const struct console *c, const struct screen_detail *self)
{
    const struct fleet *f = console_fleet(c);
    const struct alert *a = own_alert(c, self);
    const struct check *k = fleet_check(f, a ? a->check : self->about);

    return k ? k->target : fleet_target(f, self->about);
}

/* The incident to show with a check: the one it was opened for, else the one that is open. */
static const struct alert *shown_alert(const struct console *c, const struct screen_detail *self)
{
    const struct check *k = self->check ? fleet_check(console_fleet(c), self->check) : NULL;
    const struct alert *a = own_alert(c, self);

    if (a && (!self->check || strcmp(a->check, self->check) == 0))
        return a;
    return k && k->alert ? fleet_alert(console_fleet(c), k->alert) : NULL;
}

/* The check that it was opened for, else the worst one. */
static const char *first_check(const struct console *c, const struct screen_detail *self,
                               const struct target *t)
{
    const struct alert *a = own_alert(c, self);
    const struct check *k = fleet_check(console_fleet(c), a ? a->check : self->about);

    k = k ? k : cells_worst_check(c, t);
    return k ? k->id : NULL;
}

static void fill_checks(const struct console *c, struct screen_detail *self)
{
    const struct target *t = own_target(c, self);
    const struct check *picked;

    rows_begin(&self->rows);
    if (!t)
        return;
    if (!self->check && first_check(c, self, t))
        self->rows.picked = map_hash(first_check(c, self, t));
    for (size_t i = 0; i < t->n_checks; i++)
        rows_add(&self->rows, map_hash(t->checks[i]->id), t->checks[i]);
    rows_settle(&self->rows);
    self->list.cursor = self->rows.at;
    picked = rows_item(&self->rows);
    if (!picked || (self->check && strcmp(self->check, picked->id) == 0))
        return;
    mem_set(&self->check, picked->id);
    mem_set(&self->about, t->id); /* from here on about the target, whichever check is picked */
    journal_feed_release(&self->feed);
    journal_feed_init(&self->feed, picked->id);
    self->doc.top = 0;
}

/* The checks take what they need, at most a third; the page below gets the rest. */
static void split(struct screen_detail *self, struct area inside)
{
    int n = (int)self->rows.n, most = inside.lines / 3;

    self->list_lines = n + 1 < most ? n + 1 : most;
    if (self->list_lines < 3)
        self->list_lines = n > 1 && inside.lines >= 6 ? 2 : n > 0 ? 1 : 0;
    self->doc_lines = inside.lines - self->list_lines - (self->list_lines > 2 ? 1 : 0);
}

static void detail_update(struct console *c, void *vself, struct area a)
{
    struct screen_detail *self = vself;
    struct area inside = cells_frame(NULL, a, cells_frame_for(a), "", "");
    struct detail_subject subject = {0};

    fill_checks(c, self);
    split(self, inside);
    list_clamp(&self->list, self->rows.n,
               self->list_lines > 2 ? self->list_lines - 1 : self->list_lines);
    if (self->check)
        journal_feed_update(c, &self->feed);
    subject.about = self->about;
    subject.target = own_target(c, self);
    subject.check = rows_item(&self->rows);
    subject.alert = shown_alert(c, self);
    subject.feed = &self->feed;
    subject.has_all = self->has_all;
    doc_begin(&self->doc, inside.cols);
    detail_fill(c, &self->doc, &subject);
    doc_end(&self->doc, self->doc_lines);
}

struct cells_arg {
    const struct console *c;
    const struct rows *rows;
    struct cell_trend trend;
};

static void check_cell(void *varg, size_t row, size_t column, struct table_cell *out)
{
    struct cells_arg *arg = varg;
    const struct check *k = arg->rows->v[row].item;
    struct target_mark mark = target_check_mark(arg->c, k);
    struct buf words = BUF_INIT(sizeof out->room - 1);

    if (column < 2)
        out->role = mark.role;
    switch (column) {
    case 0:
        snprintf(out->room, sizeof out->room, "%c", mark.symbol);
        break;
    case 1:
        out->text = mark.word;
        break;
    case 2:
        out->text = k->name;
        break;
    case 3:
        console_say(arg->c, &words, k->summary ? k->summary : "");
        snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
        break;
    case 4:
        cells_latency(arg->c, k, out->room);
        break;
    case 5:
        out->trend = cells_trend(arg->c, &k->trend, &arg->trend);
        break;
    default:
        if (k->since_ms)
            console_age(arg->c, k->since_ms, out->room);
    }
    buf_release(&words);
}

static void draw_checks(const struct console *c, const struct screen_detail *self,
                        struct surface *s, struct area a)
{
    struct cells_arg arg = {.c = c, .rows = &self->rows};
    int name = text_cols(_("Check"));

    for (size_t i = 0; i < self->rows.n; i++) {
        const struct check *k = self->rows.v[i].item;
        int cols = text_cols(k->name);
        name = cols > name ? cols : name;
    }
    name = name > a.cols / 4 ? a.cols / 4 : name;
    const struct column columns[] = {
        {"", 1, 1, 99, ALIGN_LEFT},
        {_("State"), 8, 8, 60, ALIGN_LEFT},
        {_("Check"), name, name, 95, ALIGN_LEFT},
        {_("What"), 12, 0, 80, ALIGN_LEFT},
        {_("Latency"), 8, 8, 70, ALIGN_RIGHT},
        {_("Trend"), 10, 20, 40, ALIGN_LEFT},
        {_("Since"), 5, 5, 65, ALIGN_RIGHT},
    };
    struct table t = {.columns = columns,
                      .n_columns = sizeof columns / sizeof *columns,
                      .n_rows = self->rows.n,
                      .list = self->list,
                      .cell = check_cell,
                      .arg = &arg,
                      .has_no_header = a.lines < 3};

    table_draw(s, a, &t);
}

static void detail_title(const struct console *c, const struct screen_detail *self, char out[256])
{
    const struct target *t = own_target(c, self);
    const char *name = t ? cells_name(c, t) : self->about;

    if (t && strcmp(name, t->id) != 0)
        snprintf(out, 256, "%c %.120s · %.100s", target_mark(c, t).symbol, t->id, name);
    else
        snprintf(out, 256, "%c %.120s", t ? target_mark(c, t).symbol : '?', name);
}

static void detail_draw(const struct console *c, const void *vself, struct surface *s,
                        struct area a)
{
    const struct screen_detail *self = vself;
    char title[256];
    struct area inside, page;

    detail_title(c, self, title);
    inside = page = cells_frame(s, a, cells_frame_for(a), title, NULL);
    inside.lines = self->list_lines;
    if (self->rows.n > 0)
        draw_checks(c, self, s, inside);
    page.line += page.lines - self->doc_lines;
    page.lines = self->doc_lines;
    doc_draw(c, &self->doc, s, page);
}

/* Enter: to what is picked on the page; Esc comes back. */
static void open_link(struct console *c, struct screen_detail *self)
{
    if (!self->doc.picked)
        return;
    if (strcmp(self->doc.picked, DETAIL_LINK_MORE) == 0)
        self->has_all = true;
    else
        console_open(c, "detail", self->doc.picked);
}

static bool detail_command(struct console *c, void *vself, const char *name, const char *arg)
{
    struct screen_detail *self = vself;
    bool is_pick = strcmp(name, "up") == 0 || strcmp(name, "down") == 0;

    (void)arg;
    if (strcmp(name, "enter") == 0) {
        open_link(c, self);
        return true;
    }
    fill_checks(c, self);
    if (is_pick && self->rows.n > 1) {
        list_command(&self->list, name, self->rows.n, self->list_lines);
        if (self->list.cursor != self->rows.at)
            self->alert = 0; /* from here on the open one of whatever is picked */
        rows_pick(&self->rows, self->list.cursor);
        return true;
    }
    return doc_command(&self->doc, name, self->doc_lines);
}

static struct selection detail_selected(const struct console *c, const void *vself)
{
    const struct screen_detail *self = vself;
    const struct target *t = own_target(c, self);
    const struct check *k = self->check ? fleet_check(console_fleet(c), self->check) : NULL;
    const struct alert *a = shown_alert(c, self);

    return (struct selection){.target = t ? t->id : NULL,
                              .check = k   ? k->id
                                       : a ? a->check
                                           : NULL,
                              .alert = a ? a->id : 0};
}

static const char *detail_hint(const struct console *c, const void *vself)
{
    const struct screen_detail *self = vself;

    (void)c;
    return self->doc.picked ? _("Enter opens >, Left and Right pick") : NULL;
}

static const char *const bar[] = {"ack", "note", "unack", "help", "command", "quit", NULL};

const struct screen_ops screen_detail = {
    .bar = bar,
    .name = "detail",
    .title = N_("Details"),
    .open = detail_open,
    .close = detail_close,
    .draw = detail_draw,
    .update = detail_update,
    .command = detail_command,
    .selected = detail_selected,
    .hint = detail_hint,
};
