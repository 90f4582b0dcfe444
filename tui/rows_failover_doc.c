/* rows_failover_doc.c - pages about a failover group and about a run. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_failover.h"

static void add_finding(const struct console *c, struct doc *d, const struct finding *f)
{
    struct target_mark mark = failover_finding_mark(f);
    struct buf line = BUF_INIT(TEXT_MAX_LISTED);

    buf_addf(&line, "%c ", mark.symbol);
    console_say(c, &line, f->say);
    doc_text(d, 1, buf_text(&line), mark.role);
    buf_release(&line);
}

void failover_fill_reasons(const struct console *c, struct doc *d, const struct fog *g)
{
    char count[24], line[200];
    size_t fails = findings_count(&g->reasons, FINDING_FAIL);

    snprintf(count, sizeof count, "%zu", fails);
    if (!g->driver && g->reasons.n > 0)
        ; /* the reason says it */
    else if (g->n_parts > 0)
        doc_text(d, 1, _("A list of groups: each is switched by a run of its own."), ROLE_NORMAL);
    else if (!g->driver)
        doc_text(d, 1, _("No driver: the group is only watched."), ROLE_NORMAL);
    else if (g->judged_at_ms == 0)
        doc_text(d, 1, _("Waiting for the first check."), ROLE_FAINT);
    else if (console_is_old(c))
        doc_text(d, 1,
                 g->is_ready
                     ? _("Ready when last seen; whether it still is, is not known now.")
                     : cells_say(c, SAY(N_("Not ready when last seen: {0} checks failed."), count),
                                 line, sizeof line),
                 ROLE_STATE_STALE);
    else if (!g->is_ready)
        doc_text(d, 1,
                 cells_say(c, SAY(N_("Not ready to switch: {0} checks failed."), count), line,
                           sizeof line),
                 ROLE_STATE_CRITICAL);
    else
        doc_text(d, 1, _("Ready to switch over."), ROLE_STATE_OK);
    for (int kind = FINDING_FAIL; kind > FINDING_OK; kind--)
        for (size_t i = 0; i < g->reasons.n; i++)
            if ((int)g->reasons.v[i].kind == kind)
                add_finding(c, d, &g->reasons.v[i]);
}

/* "X LỖI     srv-a-web-03 (web3)  Half A  serves now", padded by columns. */
static void add_member(const struct console *c, struct doc *d, const struct fog *g,
                       const struct fog_member *m)
{
    const struct target *t = fleet_target(console_fleet(c), m->target);
    struct target_mark mark = t ? target_mark(c, t) : (struct target_mark){'?', "", ROLE_TAG};
    bool is_active = g->active && ((m->name && strcmp(g->active, m->name) == 0) ||
                                   (m->side && strcmp(g->active, m->side) == 0));
    struct buf line = BUF_INIT(400);

    buf_addf(&line, "%c %s", mark.symbol, mark.word);
    for (int cols = text_cols(mark.word); cols < 9; cols++)
        buf_addc(&line, ' ');
    buf_adds(&line, m->target);
    if (m->name && strcmp(m->name, m->target) != 0)
        buf_addf(&line, " (%s)", m->name);
    if (m->side)
        buf_addf(&line, "  %s", failover_place(c, m->side));
    if (is_active)
        buf_addf(&line, "  %s", _("serves now"));
    doc_text(d, 1, buf_text(&line), mark.role);
    buf_release(&line);
}

static void fill_members(const struct console *c, struct doc *d, const struct fog *g)
{
    if (g->n_members > 0)
        doc_heading(d, _("Members"));
    for (size_t i = 0; i < g->n_members; i++)
        add_member(c, d, g, &g->members[i]);
}

void failover_fill_group(const struct console *c, struct doc *d, const struct fog *g)
{
    const struct fleet *f = console_fleet(c);
    struct buf list = BUF_INIT(TEXT_MAX_LISTED);
    bool has_run = false;
    char line[400], when[WHEN_TEXT_MAX], words[160];

    failover_fill_reasons(c, d, g);
    doc_heading(d, _("Details"));
    doc_pair(d, _("Name"), console_words(c, &g->name, g->id), ROLE_NORMAL);
    doc_pair(d, _("Active"), g->active ? failover_place(c, g->active) : _("not known"),
             ROLE_NORMAL);
    doc_pair(d, _("Driver"), g->driver ? g->driver : "", ROLE_NORMAL);
    doc_pair(d, _("Check"), g->check ? g->check : "", ROLE_NORMAL);
    for (size_t i = 0; i < g->n_candidates; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", failover_place(c, g->candidates[i]));
    for (size_t i = 0; i < g->n_parts; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", g->parts[i]);
    doc_pair(d, g->n_parts ? _("Groups") : _("May go to"), buf_text(&list), ROLE_NORMAL);
    buf_release(&list);
    doc_pair(d, _("Role"), g->min_role ? g->min_role : "", ROLE_NORMAL);
    doc_pair(d, _("Second"), g->approve_role ? g->approve_role : "", ROLE_NORMAL);
    fill_members(c, d, g);
    for (size_t i = f->n_runs; i > 0; i--) {
        const struct run *r = f->runs[i - 1];

        if (strcmp(r->fog, g->id) != 0)
            continue;
        if (!has_run)
            doc_heading(d, _("Runs"));
        has_run = true;
        snprintf(line, sizeof line, "%c %s  %.60s → %.60s  %s  %.40s", failover_run_mark(r).symbol,
                 when_date_hm(r->confirmed_at_ms, when), failover_place(c, r->from),
                 failover_place(c, r->to), failover_run_words(r, words), r->by ? r->by : "");
        doc_text(d, 1, line, failover_run_mark(r).role);
    }
}

/* What is sent, and what came back: exactly, and what was made of it. */
static void fill_exchange(const struct console *c, struct doc *d, const struct run_step *s)
{
    struct buf line = BUF_INIT(TEXT_MAX_LISTED);

    if (s->request && *s->request)
        buf_addf(&line, "→ %s", s->request);
    if (line.len)
        doc_text(d, 5, buf_text(&line), ROLE_FAINT);
    buf_clear(&line);
    if (s->reply && s->reply[strspn(s->reply, " \n")] != '\0') /* an empty one is HAProxy's yes */
        buf_addf(&line, "← %s", s->reply);
    if (line.len)
        doc_text(d, 5, buf_text(&line), ROLE_FAINT);
    buf_clear(&line);
    if (s->verdict)
        console_say(c, &line, s->verdict);
    if (line.len)
        doc_text(d, 5, buf_text(&line), failover_step_mark(s).role);
    buf_release(&line);
}

void failover_fill_steps(const struct console *c, struct doc *d, const struct run_step *steps,
                         size_t n, bool is_plan)
{
    char at[WHEN_TEXT_MAX];

    for (size_t i = 0; i < n; i++) {
        const struct run_step *s = &steps[i];
        struct target_mark mark = failover_step_mark(s);
        int64_t ms = s->seen_at_ms ? s->seen_at_ms : s->sent_at_ms;
        struct buf line = BUF_INIT(TEXT_MAX_LISTED);

        if (!is_plan)
            buf_addf(&line, "%c ", mark.symbol);
        buf_addf(&line, "%zu. ", i + 1);
        console_say(c, &line, s->say ? s->say : "");
        if (!is_plan)
            buf_addf(&line, "  %s%s%s", mark.word, ms ? " " : "", ms ? when_hms(ms, at) : "");
        doc_text(d, 1, buf_text(&line), is_plan ? ROLE_NORMAL : mark.role);
        fill_exchange(c, d, s);
        buf_release(&line);
    }
}

static void fill_outcome(const struct console *c, struct doc *d, const struct run *r)
{
    struct buf line = BUF_INIT(TEXT_MAX_LISTED);
    char words[160];

    doc_pair(d, _("State"), failover_run_words(r, words), failover_run_mark(r).role);
    if (r->outcome)
        console_say(c, &line, r->outcome);
    doc_pair(d, _("Outcome"), buf_text(&line), failover_run_mark(r).role);
    buf_clear(&line);
    if (run_needs_closing(r))
        doc_text(d, 0,
                 r->state == RUN_UNKNOWN
                     ? _("Look at the peers, then say what it was: :resolve done TEXT, or "
                         "not-done, continue, stop. Then :close TEXT")
                     : _("The group has no further run until somebody closes this one: "
                         ":close TEXT"),
                 ROLE_STATE_WARNING);
    else if (run_is_active(r))
        doc_text(d, 0,
                 _("It goes on whatever becomes of this console. :abort stops it before the "
                   "next step."),
                 ROLE_FAINT);
    if (r->closed_by)
        buf_addf(&line, "%s: %s", r->closed_by, r->closed_text ? r->closed_text : "");
    doc_pair(d, _("Closed by"), buf_text(&line), ROLE_NORMAL);
    buf_release(&line);
}

void failover_fill_run(const struct console *c, struct doc *d, const struct run *r)
{
    char when[WHEN_TEXT_MAX], line[300];

    snprintf(line, sizeof line, "%.100s → %.100s", failover_place(c, r->from),
             failover_place(c, r->to));
    doc_pair(d, _("From, to"), line, ROLE_NORMAL);
    fill_outcome(c, d, r);
    doc_heading(d, _("Steps"));
    failover_fill_steps(c, d, r->steps, r->n_steps, false);
    doc_heading(d, _("Details"));
    doc_pair(d, _("Run"), r->id, ROLE_NORMAL);
    doc_pair(d, _("By"), r->by ? r->by : "", ROLE_NORMAL);
    doc_pair(d, _("Confirmed"), r->confirmed_at_ms ? when_date_hm(r->confirmed_at_ms, when) : "",
             ROLE_NORMAL);
    doc_pair(d, _("Ended"), r->ended_at_ms ? when_date_hm(r->ended_at_ms, when) : "", ROLE_NORMAL);
    doc_pair(d, _("Reason"), r->reason ? r->reason : "", ROLE_NORMAL);
    doc_pair(d, _("Ticket"), r->ticket ? r->ticket : "", ROLE_NORMAL);
}
