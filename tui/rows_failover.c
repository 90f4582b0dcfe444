/* rows_failover.c - see rows_failover.h; pages: rows_failover_doc.c. */
#include "tui/rows_failover.h"

#include <stdio.h>
#include <string.h>

#include "core/map.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"

enum { PART_GROUPS, PART_RUNS, PARTS };

void failover_list_release(struct failover_list *l)
{
    parts_release(&l->parts);
}

/* --- words ----------------------------------------------------------------------------------- */

struct target_mark failover_mark(const struct console *c, const struct fog *g)
{
    if (console_is_old(c) && g->judged_at_ms)
        return (struct target_mark){'~', cells_word(STATE_STALE), ROLE_STATE_STALE};
    if (g->n_parts > 0)
        return (struct target_mark){' ', _("list"), ROLE_TAG};
    if (!g->driver)
        return (struct target_mark){'-', _("watched"), ROLE_TAG};
    if (g->judged_at_ms == 0)
        return (struct target_mark){'.', _("waiting"), ROLE_STATE_PENDING};
    if (!g->is_ready)
        return (struct target_mark){'X', _("NOT READY"), ROLE_STATE_CRITICAL};
    return g->reasons.n > 0 ? (struct target_mark){'!', _("ready"), ROLE_STATE_WARNING}
                            : (struct target_mark){'+', _("ready"), ROLE_STATE_OK};
}

struct target_mark failover_run_mark(const struct run *r)
{
    enum run_state s = r->state == RUN_CLOSED ? r->ended_as : r->state;
    const char *word = _(run_state_rows[s].word);

    if (run_state_rows[s].is_active)
        return (struct target_mark){'>', word, ROLE_STATE_WARNING};
    if (s == RUN_SUCCEEDED)
        return (struct target_mark){'+', word, ROLE_STATE_OK};
    if (s == RUN_UNKNOWN)
        return (struct target_mark){'?', word, ROLE_STATE_UNKNOWN};
    if (s == RUN_FAILED_PARTIAL)
        return (struct target_mark){'X', word, ROLE_STATE_CRITICAL};
    return (struct target_mark){'!', word, ROLE_STATE_WARNING};
}

struct target_mark failover_step_mark(const struct run_step *s)
{
    static const struct {
        char symbol;
        const char *word;
        enum role role;
    } marks[STEP_STATE_COUNT] = {
        [STEP_PENDING] = {'.', N_("to do"), ROLE_FAINT},
        [STEP_INTENDED] = {'>', N_("about to be sent"), ROLE_STATE_WARNING},
        [STEP_SENT] = {'>', N_("sent"), ROLE_STATE_WARNING},
        [STEP_DONE] = {'+', N_("done"), ROLE_STATE_OK},
        [STEP_FAILED] = {'X', N_("failed"), ROLE_STATE_CRITICAL},
        [STEP_UNKNOWN] = {'?', N_("not known"), ROLE_STATE_UNKNOWN},
        [STEP_SKIPPED] = {'-', N_("not sent"), ROLE_FAINT},
    };

    return (struct target_mark){marks[s->state].symbol, _(marks[s->state].word),
                                marks[s->state].role};
}

struct target_mark failover_finding_mark(const struct finding *f)
{
    static const char symbols[FINDING_KIND_COUNT] = {'+', '!', 'X'};
    static const enum role roles[FINDING_KIND_COUNT] = {ROLE_STATE_OK, ROLE_STATE_WARNING,
                                                        ROLE_ERROR};

    return (struct target_mark){symbols[f->kind], "", roles[f->kind]};
}

const char *failover_place(const struct console *c, const char *place)
{
    const struct fleet *f = console_fleet(c);

    if (!place)
        return "?";
    if (strcmp(place, FOG_TO_ALL) == 0)
        return _("all servers");
    for (size_t i = 0; i < f->n_groups; i++)
        if (strcmp(f->groups[i].id, place) == 0)
            return console_words(c, &f->groups[i].name, place);
    return place;
}

const struct fog *failover_group_of(const struct fleet *f, const char *target)
{
    size_t len = strlen(target);

    for (size_t i = 0; i < f->n_fogs; i++)
        if (fog_member(f->fogs[i], target))
            return f->fogs[i];
    for (size_t i = 0; i < f->n_fogs; i++)
        if (f->fogs[i]->check && strncmp(f->fogs[i]->check, target, len) == 0 &&
            f->fogs[i]->check[len] == '/')
            return f->fogs[i];
    return NULL;
}

const char *failover_run_words(const struct run *r, char out[160])
{
    const char *word = failover_run_mark(r).word;

    snprintf(out, 160, r->state == RUN_CLOSED ? "%.80s, %.70s" : "%.80s", word,
             _(run_state_rows[RUN_CLOSED].word));
    return out;
}

/* --- the list -------------------------------------------------------------------------------- */

static bool fog_matches(const struct console *c, const struct filter *filter, const struct fog *g)
{
    const char *fields[] = {g->id, g->name.vi, g->name.en, g->driver, failover_mark(c, g).word};

    return filter_is_empty(filter) || filter_passes(filter, fields, sizeof fields / sizeof *fields);
}

static bool run_matches(const struct filter *filter, const struct run *r)
{
    const char *fields[] = {
        r->fog, r->id, r->by, r->reason, r->ticket, run_state_rows[r->state].name, r->from, r->to};

    return filter_is_empty(filter) || filter_passes(filter, fields, sizeof fields / sizeof *fields);
}

void failover_list_fill(struct console *c, struct failover_list *l)
{
    const struct fleet *f = console_fleet(c);
    struct parts *p = &l->parts;

    parts_begin(p);
    parts_heading(p, PART_GROUPS, _("Groups"));
    for (size_t i = 0; i < f->n_fogs; i++)
        parts_add(p, map_hash(f->fogs[i]->id), f->fogs[i], fog_matches(c, &p->filter, f->fogs[i]));
    parts_heading(p, PART_RUNS, _("Runs"));
    for (size_t i = f->n_runs; i > 0; i--)
        parts_add(p, map_hash(f->runs[i - 1]->id), f->runs[i - 1],
                  run_matches(&p->filter, f->runs[i - 1]));
}

struct selection failover_list_selected(const struct console *c, const struct failover_list *l)
{
    const struct fleet *f = console_fleet(c);
    struct selection s = {0};

    for (size_t i = 0; l->parts.rows.n && i < f->n_fogs; i++)
        if (map_hash(f->fogs[i]->id) == l->parts.rows.picked)
            s.fog = f->fogs[i]->id;
    for (size_t i = 0; l->parts.rows.n && i < f->n_runs; i++)
        if (map_hash(f->runs[i]->id) == l->parts.rows.picked) {
            s.run = f->runs[i]->id;
            s.fog = f->runs[i]->fog;
        }
    return s;
}

/* --- picture --------------------------------------------------------------------------------- */

static void put_place(const struct console *c, const char *from, const char *to,
                      struct table_cell *out)
{
    snprintf(out->room, sizeof out->room, "%.100s → %.100s", failover_place(c, from),
             failover_place(c, to));
}

static void put_last_run(const struct console *c, const struct fog *g, struct table_cell *out)
{
    const struct run *r = fleet_newest_run(console_fleet(c), g->id);
    char age[40], words[160];

    if (!r)
        return;
    snprintf(out->room, sizeof out->room, "%c %s %s", failover_run_mark(r).symbol,
             console_age(c, r->confirmed_at_ms, age), failover_run_words(r, words));
    out->role = failover_run_mark(r).role;
}

/* The first reason that blocks, else the first at all; how many more there are. */
static void put_reason(const struct console *c, const struct fog *g, struct table_cell *out)
{
    const struct finding *first = g->reasons.n ? &g->reasons.v[0] : NULL;
    struct buf words = BUF_INIT(480);

    for (size_t i = 0; i < g->reasons.n; i++)
        if (g->reasons.v[i].kind == FINDING_FAIL) {
            first = &g->reasons.v[i];
            break;
        }
    if (g->reasons.n > 1)
        buf_addf(&words, "(%zu) ", g->reasons.n);
    if (first)
        console_say(c, &words, first->say);
    for (size_t i = 0; i < g->n_parts; i++)
        buf_addf(&words, "%s%s", i ? ", " : "", g->parts[i]);
    snprintf(out->room, sizeof out->room, "%s", buf_text(&words));
    buf_release(&words);
}

static void group_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    const struct console *c = arg;
    const struct fog *g = item;
    struct target_mark mark = failover_mark(c, g);

    switch (column) {
    case 0:
        snprintf(out->room, sizeof out->room, "%c", mark.symbol);
        out->role = mark.role;
        break;
    case 1:
        out->text = mark.word;
        out->role = mark.role;
        break;
    case 2:
        out->text = g->id;
        break;
    case 3:
        out->text = console_words(c, &g->name, "");
        break;
    case 4:
        out->text = g->active ? failover_place(c, g->active) : "";
        break;
    case 5:
        put_last_run(c, g, out);
        break;
    default:
        put_reason(c, g, out);
    }
}

static void run_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    const struct console *c = arg;
    const struct run *r = item;
    char when[WHEN_TEXT_MAX];

    switch (column) {
    case 0:
        snprintf(out->room, sizeof out->room, "%c", failover_run_mark(r).symbol);
        out->role = failover_run_mark(r).role;
        break;
    case 1:
        snprintf(out->room, sizeof out->room, "%s", when_date_hm(r->confirmed_at_ms, when));
        break;
    case 2:
        out->text = r->fog;
        break;
    case 3:
        put_place(c, r->from, r->to, out);
        break;
    case 4:
        failover_run_words(r, out->room);
        out->role = failover_run_mark(r).role;
        break;
    case 5:
        out->text = r->by ? r->by : "";
        break;
    default:
        snprintf(out->room, sizeof out->room, "%.8s", r->id);
    }
}

static int id_cols(const struct console *c)
{
    const struct fleet *f = console_fleet(c);
    int cols = 8;

    for (size_t i = 0; i < f->n_fogs; i++)
        cols = text_cols(f->fogs[i]->id) > cols ? text_cols(f->fogs[i]->id) : cols;
    return cols < 24 ? cols : 24;
}

void failover_list_draw(const struct console *c, const struct failover_list *l, struct surface *s,
                        struct area a)
{
    int id = id_cols(c);
    int active = text_cols(_("Active")) > 11 ? text_cols(_("Active")) : 11;
    bool has_runs = console_fleet(c)->n_runs > 0;
    const struct column groups[] = {
        {"", 1, 1, 99, ALIGN_LEFT},
        {"", 9, 13, 70, ALIGN_LEFT},
        {"", id, id, 98, ALIGN_LEFT},
        {"", 20, 24, 30, ALIGN_LEFT},
        {_("Active"), active, active, 90, ALIGN_LEFT},
        {_("Last run"), has_runs ? 12 : 0,
         !has_runs      ? 0
         : a.cols < 150 ? 18
                        : 40,
         60, ALIGN_LEFT},
        {_("What stands against it"), 14, 0, 80, ALIGN_LEFT},
    };
    const struct column runs[] = {
        {"", 1, 1, 99, ALIGN_LEFT},           {"", 11, 11, 70, ALIGN_LEFT},
        {"", id, id, 98, ALIGN_LEFT},         {_("From, to"), 14, 30, 80, ALIGN_LEFT},
        {_("State"), 14, 30, 90, ALIGN_LEFT}, {_("By"), 8, 14, 60, ALIGN_LEFT},
        {_("Run"), 8, 8, 50, ALIGN_LEFT},
    };
    const struct part_kind kinds[PARTS] = {
        [PART_GROUPS] = {groups, sizeof groups / sizeof *groups, 4, group_cell, NULL},
        [PART_RUNS] = {runs, sizeof runs / sizeof *runs, 3, run_cell, NULL},
    };
    void *arg = (void *)(uintptr_t)c; /* cells only read it */

    if (l->parts.rows.n == 0)
        surface_put(s, a, 0, 0, a.cols,
                    filter_is_empty(&l->parts.filter) ? _("The site file has no failover groups.")
                                                      : _("Nothing matches the filter."),
                    ROLE_FAINT, 0);
    else
        parts_draw(s, a, &l->parts, kinds, arg);
}
