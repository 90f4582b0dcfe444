/* dialog_plan.c - the plan page of a failover: what would be done, every check, and the code.
 *
 *    ┌ fog-db-dvc ─────────────────────────── n1 → n2 ─┐
 *    │ Switch group fog-db-dvc from n1 to n2?          │   read on with PgDn
 *    │ + R01 …   X R05 …   steps, notice, undo         │
 *    │ [x] ! R10 …                                     │   each warning needs a tick
 *    │ Reason [disk                                  ] │
 *    │ Ticket [CHG-7     ]                             │
 *    │ Type code 0427 to confirm the switchover: 04    │
 *    └─────────────────────────────────────────────────┘
 *
 * The console only asks.  A plan is the engine's: it is made anew on the way to the code, so that
 * what is confirmed are fresh facts and the 60 s are whole; where they differ from what was read,
 * the page is shown again.  The code takes digits typed one by one: what was typed before the
 * question is thrown away, a paste or an escape sequence is refused.  The picture:
 * dialog_plan_draw.c.
 */
#include "tui/dialog_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "tui/rows_failover.h"

#define REASON_MIN 3
#define FRESH_MS   10000 /* a plan this young is confirmed without asking again */
#define TEXT_BYTES 500
#define TICKET_LEN 64

struct plan_ticket { /* outlives the page: an answer may come after Esc */
    struct plan_page *page;
    bool is_run;
};

static void ask(struct plan_page *p, bool wants_code);

void plan_page_status(struct plan_page *p, char *packed, bool is_error)
{
    struct buf b = BUF_INIT(sizeof p->status - 1);

    console_say(p->c, &b, packed);
    snprintf(p->status, sizeof p->status, "%s", buf_text(&b));
    p->is_error = is_error;
    buf_release(&b);
    free(packed);
}

/* --- the plan -------------------------------------------------------------------------------- */

static void plan_take(struct plan *to, const struct plan *from)
{
    plan_release(to);
    *to = *from;
    to->fog = mem_strdup(from->fog);
    to->from = mem_strdup(from->from);
    to->to = mem_strdup(from->to);
    to->notice = mem_strdup(from->notice);
    to->undo = mem_strdup(from->undo);
    to->steps = run_steps_copy(from->steps, from->n_steps);
    to->checks = (struct findings){0};
    for (size_t i = 0; i < from->checks.n; i++)
        findings_add(&to->checks, from->checks.v[i].code, from->checks.v[i].kind,
                     mem_strdup(from->checks.v[i].say));
}

/* The same switchover with the same warnings: sentences may tell newer figures. */
static bool is_same_plan(const struct plan *a, const struct plan *b)
{
    if (strcmp(a->hash, b->hash) != 0 || a->checks.n != b->checks.n)
        return false;
    for (size_t i = 0; i < a->checks.n; i++)
        if (a->checks.v[i].kind != b->checks.v[i].kind ||
            strcmp(a->checks.v[i].code, b->checks.v[i].code) != 0)
            return false;
    return true;
}

size_t plan_page_warnings(const struct plan_page *p)
{
    return findings_count(&p->plan.checks, FINDING_WARN);
}

const struct finding *plan_page_warning(const struct plan_page *p, size_t n)
{
    for (size_t i = 0; i < p->plan.checks.n; i++)
        if (p->plan.checks.v[i].kind == FINDING_WARN && n-- == 0)
            return &p->plan.checks.v[i];
    return NULL;
}

static void say_verdict(struct plan_page *p)
{
    char ok[24], all[24], fails[24];
    size_t n_fail = findings_count(&p->plan.checks, FINDING_FAIL);

    snprintf(fails, sizeof fails, "%zu", n_fail);
    snprintf(ok, sizeof ok, "%zu", p->plan.checks.n - n_fail);
    snprintf(all, sizeof all, "%zu", p->plan.checks.n);
    if (plan_is_blocked(&p->plan))
        plan_page_status(p,
                         SAY(N_("{0} is not ready: {1} checks failed."),
                             failover_place(p->c, p->plan.to), fails),
                         true);
    else
        plan_page_status(p, SAY(N_("Dry run passed {0}/{1} checks. Nothing was changed."), ok, all),
                         false);
}

static void enter_code(struct plan_page *p)
{
    p->stage = PLAN_CODE;
    input_line_set(&p->code, "");
    p->c->is_flushing = true;
    p->status[0] = '\0';
}

static void plan_came(struct plan_page *p, const struct plan *plan)
{
    bool is_same = p->has_plan && is_same_plan(&p->plan, plan), had_plan = p->has_plan;
    bool wants_code = p->wants_code;

    plan_take(&p->plan, plan);
    p->has_plan = true;
    p->wants_code = false;
    p->made_mono = p->c->now_mono;
    p->code_mono = p->made_mono + (plan->code_until_ms - plan->made_at_ms);
    p->stage = PLAN_READ;
    if (!is_same) {
        memset(p->ticks, 0, sizeof p->ticks);
        p->focus = 0;
        p->doc.top = 0;
    }
    say_verdict(p);
    if (wants_code && is_same && !plan_is_blocked(&p->plan))
        enter_code(p);
    else if (wants_code && had_plan)
        plan_page_status(p, SAY(N_("The facts have changed: read the plan again."), ""), true);
}

/* --- answers --------------------------------------------------------------------------------- */

static void log_answer(struct console *c, const struct link_answer *a)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);

    console_say(c, &words, a->say);
    if (a->is_ok)
        console_log(c, buf_text(&words));
    else
        console_error(c, buf_text(&words));
    buf_release(&words);
}

/* The page stays with the sentence; the code and its plan are used up. */
static void refused(struct plan_page *p, const struct link_answer *a, bool is_run)
{
    log_answer(p->c, a);
    p->stage = PLAN_READ;
    p->made_mono = p->code_mono = 0;
    p->wants_code = false;
    if (is_run && strcmp(a->code, "lost") == 0)
        plan_page_status(
            p, SAY(N_("No answer: whether it has begun, the list of runs will tell (7)."), ""),
            true);
    else
        plan_page_status(p, mem_strdup(a->say), true);
}

static void answered(struct console *c, void *arg, const struct link_answer *a)
{
    struct plan_ticket *t = arg;
    struct plan_page *p = t->page;
    bool is_run = t->is_run;
    char run[RUN_ID_LEN + 1];

    free(t);
    if (!p) { /* left with Esc: a run that began is told of all the same */
        if (is_run)
            log_answer(c, a);
        return;
    }
    p->asked = NULL;
    if (!a->is_ok || (!is_run && !a->plan)) {
        refused(p, a, is_run);
        return;
    }
    if (!is_run) {
        plan_came(p, a->plan);
        return;
    }
    log_answer(c, a);
    snprintf(run, sizeof run, "%s", a->run);
    if (console_top(c)->self == p)
        console_pop(c);
    console_open(c, "run", run);
}

static struct plan_ticket *ticket_new(struct plan_page *p, bool is_run)
{
    struct plan_ticket *t = mem_alloc(sizeof *t);

    *t = (struct plan_ticket){p, is_run};
    p->asked = t;
    return t;
}

static void ask(struct plan_page *p, bool wants_code)
{
    const char *pairs[] = {"group", p->fog, "to", p->to};

    p->wants_code = wants_code;
    p->stage = PLAN_ASKING;
    plan_page_status(p, SAY(N_("Asking the engine …"), ""), false);
    console_request(p->c, answered, ticket_new(p, false), "plan", pairs, 2);
}

static void send_run(struct plan_page *p)
{
    struct buf ticks = BUF_INIT(TEXT_BYTES);
    const char *pairs[] = {"plan",   p->plan.id,
                           "code",   input_line_text(&p->code),
                           "reason", input_line_text(&p->reason),
                           "ticket", input_line_text(&p->ticket),
                           "ticks",  NULL};
    size_t n = plan_page_warnings(p);

    for (size_t i = 0; i < n; i++)
        buf_addf(&ticks, "%s%s", i ? "," : "", plan_page_warning(p, i)->code);
    pairs[9] = buf_text(&ticks);
    p->stage = PLAN_SENT;
    plan_page_status(p, SAY(N_("Asking the engine …"), ""), false);
    console_request(p->c, answered, ticket_new(p, true), "run", pairs, n > 0 ? 5 : 4);
    buf_release(&ticks);
}

/* --- keys ------------------------------------------------------------------------------------ */

static size_t letters(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80 && *text != ' ';
    return n;
}

/* Fields: the ticks, then reason, then ticket. */
static bool is_complete(struct plan_page *p)
{
    size_t n = plan_page_warnings(p);

    for (size_t i = 0; i < n; i++)
        if (!p->ticks[i]) {
            p->focus = i;
            plan_page_status(p, SAY(N_("Each warning needs a tick: Space."), ""), true);
            return false;
        }
    if (letters(input_line_text(&p->reason)) < REASON_MIN) {
        p->focus = n;
        plan_page_status(p, SAY(N_("Enter the reason (required):"), ""), true);
        return false;
    }
    if (letters(input_line_text(&p->ticket)) == 0) {
        p->focus = n + 1;
        plan_page_status(p, SAY(N_("Enter the ticket (required):"), ""), true);
        return false;
    }
    return true;
}

static void go_on(struct plan_page *p)
{
    if (p->asked)
        return;
    if (!p->has_plan || plan_is_blocked(&p->plan))
        ask(p, false);
    else if (is_complete(p)) {
        if (p->made_mono && p->c->now_mono - p->made_mono < FRESH_MS)
            enter_code(p);
        else
            ask(p, true);
    }
}

static void read_key(struct plan_page *p, uint32_t key)
{
    size_t warnings = plan_page_warnings(p), n = warnings + 2, len;
    struct input_line *field = p->focus == warnings       ? &p->reason
                               : p->focus == warnings + 1 ? &p->ticket
                                                          : NULL;

    if (key == K_ENTER)
        go_on(p);
    else if (key == K_PAGE_DOWN || key == K_PAGE_UP)
        doc_command(&p->doc, key == K_PAGE_UP ? "page-up" : "page-down", p->doc_lines);
    else if (key == K_TAB || key == K_DOWN)
        p->focus = (p->focus + 1) % n;
    else if (key == K_SHIFT_TAB || key == K_UP)
        p->focus = (p->focus + n - 1) % n;
    else if (key == ' ' && !field)
        p->ticks[p->focus] = !p->ticks[p->focus];
    else if (key == K_PASTE && field) {
        const char *text = console_pasted(p->c, &len);
        input_line_paste(field, text, len);
    } else if (field)
        input_line_key(field, key);
}

static void code_key(struct plan_page *p, uint32_t key)
{
    size_t len = strlen(input_line_text(&p->code));

    if (key == K_PASTE || key >= K_NAMED)
        plan_page_status(p, SAY(N_("Only typed digits count: no paste, no other keys."), ""), true);
    else if (key == K_ENTER && len == PLAN_CODE_LEN)
        send_run(p);
    else if (key == K_ENTER)
        plan_page_status(p, SAY(N_("The code has four digits."), ""), true);
    else if ((key >= '0' && key <= '9' && len < PLAN_CODE_LEN) || key == K_BACKSPACE)
        input_line_key(&p->code, key);
}

static void choose_key(struct plan_page *p, uint32_t key)
{
    if (key == K_UP || key == 'k')
        p->choice = p->choice > 0 ? p->choice - 1 : 0;
    else if ((key == K_DOWN || key == 'j' || key == K_TAB) && p->choice + 1 < p->n_choices)
        p->choice++;
    else if (key == K_ENTER) {
        mem_set(&p->to, p->choices[p->choice]);
        ask(p, false);
    }
}

static bool plan_key(struct console *c, void *self, uint32_t key)
{
    struct plan_page *p = self;

    if ((key == K_ESC || key == K_CTRL_OF('c')) && p->stage == PLAN_CODE) {
        p->stage = PLAN_READ;
        say_verdict(p);
    } else if (key == K_ESC || key == K_CTRL_OF('c'))
        console_pop(c);
    else if (p->stage == PLAN_CHOOSE)
        choose_key(p, key);
    else if (p->stage == PLAN_READ)
        read_key(p, key);
    else if (p->stage == PLAN_CODE)
        code_key(p, key);
    return true;
}

/* --- life ------------------------------------------------------------------------------------ */

static void plan_update(struct console *c, void *self, struct area a)
{
    struct plan_page *p = self;

    if (p->stage == PLAN_CODE && c->now_mono >= p->code_mono) {
        p->stage = PLAN_READ;
        p->made_mono = 0;
        input_line_set(&p->code, "");
        plan_page_status(p, SAY(N_("Not confirmed within 60 s. Enter makes a new plan."), ""),
                         true);
    }
    plan_page_fill(c, p, a);
}

static void plan_close(void *self)
{
    struct plan_page *p = self;

    if (p->asked)
        p->asked->page = NULL; /* freed by its answer */
    plan_release(&p->plan);
    doc_release(&p->doc);
    input_line_release(&p->reason);
    input_line_release(&p->ticket);
    input_line_release(&p->code);
    for (size_t i = 0; i < p->n_choices; i++)
        free(p->choices[i]);
    free(p->fog);
    free(p->to);
    free(p);
}

static const struct screen_ops plan_ops = {
    .name = "plan-page",
    .close = plan_close,
    .draw = plan_page_draw,
    .update = plan_update,
    .key = plan_key,
    .hint = plan_page_hint,
    .is_dialog = true,
};

/* What it may go to: not where it is already. */
static void find_choices(struct plan_page *p, const struct fog *g)
{
    for (size_t i = 0; i < g->n_candidates && p->n_choices < PLAN_CHOICES_MAX; i++)
        if (!g->active || strcmp(g->active, g->candidates[i]) != 0)
            p->choices[p->n_choices++] = mem_strdup(g->candidates[i]);
}

void dialog_plan_open(struct console *c, const struct fog *g, const char *to)
{
    struct plan_page *p = mem_alloc(sizeof *p);

    p->c = c;
    p->fog = mem_strdup(g->id);
    input_line_init(&p->reason, TEXT_BYTES);
    input_line_init(&p->ticket, TICKET_LEN);
    input_line_init(&p->code, PLAN_CODE_LEN);
    find_choices(p, g);
    console_push(c, &plan_ops, p);
    if (!to && p->n_choices == 1)
        to = p->choices[0];
    if (!to)
        return;
    p->to = mem_strdup(to);
    ask(p, false);
}
