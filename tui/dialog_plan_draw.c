/* dialog_plan_draw.c - the plan page: what is read above, what is filled in below. */
#include <stdio.h>
#include <string.h>

#include "core/say.h"
#include "tui/dialog_plan.h"
#include "tui/rows_cells.h"
#include "tui/rows_failover.h"

#define WARNINGS_SHOWN 4

/* Lines at the foot: ticks, two fields, the status. */
static int foot_lines(const struct plan_page *p)
{
    size_t warnings = plan_page_warnings(p);

    if (!p->has_plan || plan_is_blocked(&p->plan) || p->stage == PLAN_CHOOSE)
        return 1;
    if (p->stage == PLAN_CODE)
        return 3;
    return 3 + (int)(warnings < WARNINGS_SHOWN ? warnings : WARNINGS_SHOWN);
}

static void fill_findings(const struct console *c, struct plan_page *p, enum finding_kind kind)
{
    for (size_t i = 0; i < p->plan.checks.n; i++) {
        const struct finding *f = &p->plan.checks.v[i];
        struct target_mark mark = failover_finding_mark(f);
        struct buf line = BUF_INIT(TEXT_MAX_LISTED);

        if (f->kind != kind)
            continue;
        buf_addf(&line, "%c ", mark.symbol);
        console_say(c, &line, f->say);
        doc_text(&p->doc, 1, buf_text(&line), mark.role);
        buf_release(&line);
    }
}

static void fill_sentence(const struct console *c, struct doc *d, const char *label,
                          const char *packed)
{
    struct buf line = BUF_INIT(TEXT_MAX_LISTED);

    if (packed)
        console_say(c, &line, packed);
    doc_pair(d, label, buf_text(&line), ROLE_NORMAL);
    buf_release(&line);
}

static void fill_plan(const struct console *c, struct plan_page *p)
{
    struct doc *d = &p->doc;
    char line[400];

    doc_text(d, 0,
             cells_say(c,
                       SAY(N_("Switch group {0} from {1} to {2}?"), p->fog,
                           failover_place(c, p->plan.from), failover_place(c, p->plan.to)),
                       line, sizeof line),
             ROLE_HEADING);
    fill_findings(c, p, FINDING_FAIL);
    fill_findings(c, p, FINDING_WARN);
    if (p->plan.needs_approval)
        doc_text(d, 1, _("A second person must approve, in a session of their own."),
                 ROLE_STATE_WARNING);
    if (p->plan.n_steps > 0)
        doc_heading(d, _("Steps"));
    failover_fill_steps(c, d, p->plan.steps, p->plan.n_steps, true);
    doc_heading(d, _("Afterwards"));
    fill_sentence(c, d, _("Clients"), p->plan.notice);
    fill_sentence(c, d, _("Undo"), p->plan.undo);
    doc_heading(d, _("Checks that passed"));
    fill_findings(c, p, FINDING_OK);
}

void plan_page_fill(const struct console *c, struct plan_page *p, struct area a)
{
    int air = a.cols >= 60 ? 2 : 1;

    p->doc_lines = a.lines - 2 - foot_lines(p) - (a.lines >= 14 ? 1 : 0);
    if (p->doc_lines < 0)
        p->doc_lines = 0;
    doc_begin(&p->doc, a.cols - 2 * air);
    if (p->has_plan)
        fill_plan(c, p);
    doc_end(&p->doc, p->doc_lines);
}

/* --- picture --------------------------------------------------------------------------------- */

static int draw_ticks(const struct console *c, const struct plan_page *p, struct surface *s,
                      struct area in, int line)
{
    size_t n = plan_page_warnings(p), first = 0, shown;

    shown = n < WARNINGS_SHOWN ? n : WARNINGS_SHOWN;
    if (p->focus < n && p->focus >= shown)
        first = p->focus - shown + 1;
    for (size_t i = first; i < first + shown; i++) {
        const struct finding *f = plan_page_warning(p, i);
        struct buf words = BUF_INIT(TEXT_MAX_LISTED);

        buf_addf(&words, "[%c] ", p->ticks[i] ? 'x' : ' ');
        console_say(c, &words, f->say);
        surface_put(s, in, line, 0, in.cols, buf_text(&words), ROLE_STATE_WARNING,
                    p->focus == i ? CELL_BOLD : 0);
        if (p->focus == i) {
            s->cursor_line = in.line + line;
            s->cursor_col = in.col + 1;
        }
        line++;
        buf_release(&words);
    }
    return line;
}

static void draw_fields(const struct plan_page *p, struct surface *s, struct area in, int line)
{
    const char *labels[2] = {_("Reason"), _("Ticket")};
    size_t n = plan_page_warnings(p);
    int cols =
        text_cols(labels[0]) > text_cols(labels[1]) ? text_cols(labels[0]) : text_cols(labels[1]);

    surface_put(s, in, line, 0, cols, labels[0], ROLE_HEADING, 0);
    input_line_draw(&p->reason, s, in, line, cols + 1, in.cols - cols - 1, p->focus == n);
    surface_put(s, in, line + 1, 0, cols, labels[1], ROLE_HEADING, 0);
    input_line_draw(&p->ticket, s, in, line + 1, cols + 1,
                    in.cols - cols - 1 < 30 ? in.cols - cols - 1 : 30, p->focus == n + 1);
}

static void draw_code(const struct console *c, const struct plan_page *p, struct surface *s,
                      struct area in, int line)
{
    int64_t left = p->code_mono - console_now_mono(c);
    char text[200], seconds[24];
    int used;

    cells_say(c, SAY(N_("Type code {0} to confirm the switchover:"), p->plan.code), text,
              sizeof text);
    used = surface_put(s, in, line, 0, in.cols - 6, text, ROLE_HEADING, CELL_BOLD);
    input_line_draw(&p->code, s, in, line, used + 1, PLAN_CODE_LEN + 1, true);
    snprintf(seconds, sizeof seconds, "%lld", (long long)((left > 0 ? left + 999 : 0) / 1000));
    surface_put(
        s, in, line + 1, 0, in.cols,
        cells_say(c, SAY(N_("{0} s left. Esc: nothing is done."), seconds), text, sizeof text),
        ROLE_FAINT, 0);
}

static void draw_choices(const struct console *c, const struct plan_page *p, struct surface *s,
                         struct area in)
{
    char text[200];
    size_t room = in.lines > 2 ? (size_t)in.lines - 2 : 1;
    size_t first = p->choice >= room ? p->choice - room + 1 : 0;

    surface_put(s, in, 0, 0, in.cols,
                cells_say(c, SAY(N_("Switch group {0} to:"), p->fog), text, sizeof text),
                ROLE_HEADING, 0);
    if (p->n_choices == 0)
        surface_put(s, in, 1, 1, in.cols - 1, _("There is nothing that it could be switched to."),
                    ROLE_ERROR, 0);
    for (size_t i = first; i < p->n_choices && i < first + room; i++)
        surface_put(s, in, 1 + (int)(i - first), 1, in.cols - 1, failover_place(c, p->choices[i]),
                    ROLE_NORMAL, i == p->choice ? CELL_SELECTED : 0);
}

void plan_page_draw(const struct console *c, const void *self, struct surface *s, struct area a)
{
    const struct plan_page *p = self;
    int air = a.cols >= 60 ? 1 : 0, foot = foot_lines(p), line;
    char title[160], right[160] = "";
    struct area in, page;

    snprintf(title, sizeof title, "%.60s · %.90s", _("Failover"), p->fog);
    if (p->to)
        snprintf(right, sizeof right, "→ %.100s", failover_place(c, p->to));
    surface_fill(s, a, ' ', ROLE_NORMAL, 0);
    in = surface_box(s, a, title, *right ? right : NULL, ROLE_KEY);
    in.col += air;
    in.cols -= 2 * air;
    page = in;
    page.lines = p->doc_lines;
    if (p->stage == PLAN_CHOOSE)
        draw_choices(c, p, s, in);
    else if (page.lines > 0)
        doc_draw(c, &p->doc, s, page);
    line = in.lines - foot;
    if (p->stage == PLAN_CODE)
        draw_code(c, p, s, in, line);
    else if (foot > 1) {
        line = draw_ticks(c, p, s, in, line);
        draw_fields(p, s, in, line);
    }
    surface_put(s, in, in.lines - 1, 0, in.cols, p->status, p->is_error ? ROLE_ERROR : ROLE_FAINT,
                0);
}

const char *plan_page_hint(const struct console *c, const void *self)
{
    const struct plan_page *p = self;

    (void)c;
    if (p->stage == PLAN_CHOOSE)
        return _("Up, Down choose   Enter looks at it   Esc leaves");
    if (p->stage == PLAN_CODE)
        return _("Enter begins the switchover   Esc goes back: nothing is done");
    if (p->stage == PLAN_READ && (!p->has_plan || plan_is_blocked(&p->plan)))
        return _("Enter looks again   PgDn reads on   Esc leaves");
    if (p->stage == PLAN_READ)
        return _("Enter goes on   Tab: next field   Space ticks   PgDn reads on   Esc leaves");
    return _("Esc leaves");
}
