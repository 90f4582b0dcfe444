/* dialog_text.c - the form for what is asked about alerts, silences and maintenance.
 *
 *    ┌ Acknowledge ────────────────────────────────────┐
 *    │ P2 X feedback/http  HTTP 502                    │
 *    │ Comment  [calling the data centre             ] │
 *    │ For      [8h      ]                             │
 *    │ NOT SAVED - disk full, retrying                 │
 *    └─────────────────────────────────────────────────┘
 *
 * Enter sends one request, however many alerts are marked (their numbers as ranges, cut where the
 * text grows too long for one line), with its own idempotency key and the version, or for many the
 * newest event, that was seen when the form opened.  Nothing is shown as done before the engine
 * says so.  Where it says that it could not save, or the link is lost, the form keeps its text and
 * asks again with the same keys for RETRY_FOR_MS; after that NOT SAVED stays and Enter asks again.
 * Keys typed while the answer is awaited go to the screen below once the form has closed; where it
 * stays open, or is slow and says so, they are dropped.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"
#include "tui/dialog_text_private.h"
#include "tui/rows_cells.h"

#define RETRY_EVERY_MS 2000
#define RETRY_FOR_MS   30000
#define SLOW_MS        3000 /* an answer that takes longer is said to */
#define RANGES_MAX     7000 /* bytes of a request's alerts */

#define COMMENTED FIELD_COMMENT, FIELD_FOR
const struct form_row form_rows[FORM_KIND_COUNT] = {
    [FORM_ACK] = {"ack",
                  N_("Acknowledge"),
                  N_("Alert {0} acknowledged."),
                  ALERT_COMMENT_MIN,
                  {COMMENTED},
                  FIELD_COMMENT},
    [FORM_ACK_BEHIND] = {"ack",
                         N_("Acknowledge, with all that stands behind"),
                         NULL,
                         ALERT_COMMENT_MIN,
                         {COMMENTED},
                         FIELD_COMMENT},
    [FORM_UNACK] = {"unack",
                    N_("Give back"),
                    N_("Alert {0} is given back: nobody has it."),
                    0,
                    {FIELD_COMMENT},
                    FIELD_COMMENT},
    [FORM_NOTE] = {"note",
                   N_("Note"),
                   N_("Note on alert {0} saved."),
                   ALERT_COMMENT_MIN,
                   {FIELD_COMMENT},
                   FIELD_COMMENT},
    [FORM_EXTEND] = {"extend",
                     N_("Extend the acknowledgement"),
                     NULL,
                     0,
                     {FIELD_FOR, FIELD_COMMENT},
                     FIELD_FOR},
    [FORM_TAKE] = {"take", N_("Take over"), NULL, 0, {FIELD_COMMENT, FIELD_FOR}, FIELD_COMMENT},
    [FORM_ESCALATE] = {"escalate",
                       N_("Escalate"),
                       NULL,
                       ALERT_COMMENT_MIN,
                       {FIELD_LEVEL, FIELD_COMMENT},
                       FIELD_COMMENT},
    [FORM_SILENCE] = {"silence",
                      N_("Silence: alerts stay on the screen, nobody is told"),
                      NULL,
                      ALERT_COMMENT_MIN,
                      {FIELD_MATCH, FIELD_FOR, FIELD_COMMENT},
                      FIELD_COMMENT},
    [FORM_MAINTENANCE] = {"maintenance",
                          N_("Maintenance: alerts stay on the screen, nobody is told"),
                          NULL,
                          ALERT_COMMENT_MIN,
                          {FIELD_MATCH, FIELD_FROM, FIELD_UNTIL, FIELD_EVERY, FIELD_COMMENT},
                          FIELD_COMMENT},
    [FORM_PERIOD_END] = {"period-end",
                         N_("End now: notices go out again"),
                         NULL,
                         0,
                         {FIELD_COMMENT},
                         FIELD_COMMENT},
    [FORM_PERIOD_APPROVE] =
        {"period-approve", N_("Approve"), NULL, 0, {FIELD_COMMENT}, FIELD_COMMENT},
};

struct ticket {        /* outlives the form: an answer may come after Esc */
    struct form *form; /* NULL: closed */
    size_t part;
    uint64_t alert; /* 0: many, or none */
    struct ticket *next;
};

bool form_has(const struct form *f, enum form_field field)
{
    for (const enum form_field *at = form_rows[f->kind].fields; *at != FIELD_NONE; at++)
        if (*at == field)
            return true;
    return false;
}

void form_status(struct form *f, char *packed, bool is_error)
{
    struct buf b = BUF_INIT(sizeof f->status - 1);
    console_say(f->console, &b, packed);
    snprintf(f->status, sizeof f->status, "%s", buf_text(&b));
    f->is_error = is_error;
    buf_release(&b);
    free(packed);
}

static void log_packed(struct console *c, char *packed, bool is_error)
{
    struct buf b = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &b, packed);
    if (is_error)
        console_error(c, buf_text(&b));
    else
        console_log(c, buf_text(&b));
    buf_release(&b);
    free(packed);
}

/* "#1077: what the engine said"; of many alerts, and of none, without a number. */
static void log_about(struct console *c, uint64_t alert, const struct link_answer *a)
{
    char id[24];
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &words, a->say);
    if (alert == 0) {
        log_packed(c, mem_strdup(buf_text(&words)), !a->is_ok);
        buf_release(&words);
        return;
    }
    snprintf(id, sizeof id, "#%llu", (unsigned long long)alert);
    log_packed(c, SAY("{0}: {1}", id, buf_text(&words)), !a->is_ok);
    buf_release(&words);
}

/* Of many alerts each refusal is a line of its own in the log; the sum is the last, and stays. */
static void log_refusals(struct console *c, const struct link_answer *a)
{
    char n[24];
    for (size_t i = 0; i < a->n_refused; i++) {
        struct link_answer one = {.say = a->refused[i].say};
        log_about(c, a->refused[i].alert, &one);
    }
    snprintf(n, sizeof n, "%zu", a->n_refused_all - a->n_refused);
    if (a->n_refused_all > a->n_refused)
        log_packed(c, SAY(N_("{0} more were refused; their pages say how they stand"), n), true);
}

static size_t count(const struct form *f, enum part_state s)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_parts; i++)
        n += f->parts[i].state == s;
    return n;
}

static uint64_t one_alert(const struct form *f)
{
    return f->alerts.n == 1 ? f->alerts.v[0] : 0;
}

/* --- asking ---------------------------------------------------------------------------------- */

static void key_new(char out[FORM_KEY_LEN])
{
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        memset(random, 0, sizeof random); /* cannot happen for 16 bytes (getrandom(2)) */
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(out + 2 * i, 3, "%02x", random[i]);
}

static void parts_free(struct form *f)
{
    for (size_t i = 0; i < f->n_parts; i++)
        free(f->parts[i].ranges);
    free(f->parts);
    f->parts = NULL;
    f->n_parts = 0;
}

static struct part *part_add(struct form *f)
{
    f->parts = mem_grow(f->parts, f->n_parts + 1, sizeof *f->parts);
    struct part *p = &f->parts[f->n_parts++];
    *p = (struct part){.state = PART_OPEN};
    key_new(p->key);
    return p;
}

/* What is asked is about what is seen now: version, newest event, and keys of its own. */
static void parts_make(struct form *f)
{
    const struct alert *a =
        f->alerts.n == 1 ? fleet_alert(console_fleet(f->console), one_alert(f)) : NULL;
    struct buf all = BUF_INIT(0);
    parts_free(f);
    f->version = a ? a->version : 0;
    f->seen = console_fleet(f->console)->seq;
    if (f->alerts.n <= 1)
        part_add(f);
    else
        ids_write(&f->alerts, &all);
    for (const char *at = buf_text(&all); *at;) {
        size_t len = strlen(at);
        if (len > RANGES_MAX) {
            len = RANGES_MAX;
            while (at[len] != ',')
                len--;
        }
        part_add(f)->ranges = mem_strndup(at, len);
        at += len + (at[len] == ',');
    }
    buf_release(&all);
}

static void answered(struct console *c, void *arg, const struct link_answer *a);

static void ask(struct form *f, size_t i)
{
    struct part *p = &f->parts[i];
    char alert[24], version[24], room[2][40];
    const char *pairs[FORM_PAIRS_MAX] = {"key", p->key};
    size_t n = 2;
    snprintf(alert, sizeof alert, "%" PRIu64, one_alert(f));
    if (p->ranges) {
        snprintf(version, sizeof version, "%" PRIu64, f->seen);
        pairs[n++] = "alerts", pairs[n++] = p->ranges;
        pairs[n++] = "seen", pairs[n++] = version;
    } else if (f->alerts.n == 1) {
        snprintf(version, sizeof version, "%lld", (long long)f->version);
        pairs[n++] = "alert", pairs[n++] = alert;
        pairs[n++] = "version", pairs[n++] = version;
    }
    if (f->period) {
        snprintf(alert, sizeof alert, "%" PRIu64, f->period);
        pairs[n++] = "period", pairs[n++] = alert;
    }
    if (f->kind == FORM_ACK_BEHIND)
        pairs[n++] = "behind", pairs[n++] = "1";
    n += form_pairs(f, pairs + n, room);
    struct ticket *t = mem_alloc(sizeof *t);
    *t = (struct ticket){f, i, one_alert(f), f->tickets};
    f->tickets = t;
    p->state = PART_ASKED;
    console_request(f->console, answered, t, form_rows[f->kind].verb, pairs, n / 2);
}

static void ask_all(struct form *f)
{
    f->next_ms = f->console->now_mono + RETRY_EVERY_MS;
    for (size_t i = 0; i < f->n_parts; i++)
        if (f->parts[i].state == PART_OPEN || f->parts[i].state == PART_NOT_SAVED)
            ask(f, i);
}

static void submit(struct form *f)
{
    if (f->tickets || !form_is_sound(f))
        return;                     /* an answer is still to come: Enter twice asks once */
    if (count(f, PART_REFUSED) > 0) /* the refusal was read: it is about what is now */
        parts_make(f);
    f->first_ms = f->console->now_mono;
    form_status(f, SAY(N_("Asking the engine …"), ""), false);
    ask_all(f);
}

/* --- answers --------------------------------------------------------------------------------- */

static void say_saved(struct form *f, const struct link_answer *a)
{
    char n[24];
    if (f->alerts.n != 1 || !form_rows[f->kind].one) {
        log_about(f->console, one_alert(f), a);
        return;
    }
    snprintf(n, sizeof n, "#%" PRIu64, one_alert(f));
    log_packed(f->console, SAY(form_rows[f->kind].one, n), false);
}

/* The list below, also one below a detail, goes on to what nobody has taken yet: where the alert
 * that it stands on is one of these and somebody has it now, this operator or who was faster. */
static void tell_lists(struct form *f)
{
    struct console *c = f->console;
    const struct view *tab = &c->tabs[c->tab];
    bool is_ack = f->kind == FORM_ACK || f->kind == FORM_ACK_BEHIND;
    if (!is_ack || !tab->ops || !tab->ops->command || !tab->ops->selected)
        return;
    uint64_t id = tab->ops->selected(c, tab->self).alert;
    const struct alert *a = fleet_alert(console_fleet(c), id);
    char text[24];
    if (!ids_has(&f->alerts, id) ||
        (count(f, PART_SAVED) == 0 && !(count(f, PART_REFUSED) > 0 && a && a->ack.by)))
        return;
    snprintf(text, sizeof text, "%" PRIu64, id);
    tab->ops->command(c, tab->self, "taken", text);
}

/* All answers of this round are in. */
static void settle(struct form *f)
{
    size_t refused = count(f, PART_REFUSED);
    if (count(f, PART_NOT_SAVED) > 0)
        return; /* status says why; update() tries again */
    f->first_ms = f->next_ms = 0;
    if (refused == f->n_parts)
        return; /* the sentence stands in the form; nothing typed is lost */
    struct console *c = f->console;
    tell_lists(f);
    if (f->alerts.n > 1)
        command_to_screen(c, "clear", NULL);
    if (console_top(c)->self == f)
        console_pop(c);
}

static void ticket_drop(struct ticket *t)
{
    for (struct ticket **at = &t->form->tickets; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            break;
        }
}

static void not_saved(struct form *f, const char *why)
{
    char seconds[24];
    struct buf words = BUF_INIT(sizeof f->why - 1);
    console_say(f->console, &words, why);
    snprintf(f->why, sizeof f->why, "%s", buf_text(&words));
    buf_release(&words);
    snprintf(seconds, sizeof seconds, "%lld",
             (long long)((f->console->now_mono - f->first_ms) / 1000));
    form_status(f, SAY(N_("NOT SAVED - {0} ({1} s), retrying"), f->why, seconds), true);
}

static void answered(struct console *c, void *arg, const struct link_answer *a)
{
    struct ticket *t = arg;
    struct form *f = t->form;
    bool may_retry = a->code && (strcmp(a->code, "not-saved") == 0 || strcmp(a->code, "lost") == 0);
    log_refusals(c, a);
    if (!a->is_ok)
        console_drop_held(c); /* they were meant for what comes after it */
    if (!f) {                 /* left with Esc before the answer: the log tells how it went */
        log_about(c, t->alert, a);
        free(t);
        return;
    }
    struct part *p = &f->parts[t->part];
    ticket_drop(t);
    free(t);
    if (a->is_ok) {
        p->state = PART_SAVED;
        say_saved(f, a);
    } else if (may_retry) {
        p->state = PART_NOT_SAVED;
        not_saved(f, a->say);
    } else {
        p->state = PART_REFUSED;
        log_about(c, one_alert(f), a);
        snprintf(f->status, sizeof f->status, "%s", c->message);
        f->is_error = true;
    }
    if (!f->tickets)
        settle(f);
}

static void form_update(struct console *c, void *self, struct area a)
{
    struct form *f = self;
    int64_t asked_ms = c->now_mono - f->first_ms;
    char seconds[24];
    (void)a;
    if (f->tickets && count(f, PART_NOT_SAVED) == 0 && asked_ms >= SLOW_MS) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)(asked_ms / 1000));
        console_drop_held(c);
        form_status(
            f, SAY(N_("No answer for {0} s, still waiting. Esc leaves; @ will tell."), seconds),
            true);
    }
    if (f->next_ms == 0 || f->tickets || c->now_mono < f->next_ms)
        return;
    if (c->now_mono - f->first_ms >= RETRY_FOR_MS) {
        f->next_ms = 0;
        form_status(f, SAY(N_("NOT SAVED - {0}. Enter tries again."), f->why), true);
        console_error(c, f->status);
        return;
    }
    ask_all(f);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void focus_move(struct form *f, int step)
{
    const enum form_field *fields = form_rows[f->kind].fields;
    int n = 0, at = 0;
    for (; fields[n] != FIELD_NONE; n++)
        if (fields[n] == f->focus)
            at = n;
    f->focus = fields[(at + step + n) % n];
}

/* For the first time, and not for so long that it says so. */
static bool is_awaited(const struct form *f)
{
    return f->tickets && count(f, PART_NOT_SAVED) == 0 &&
           f->console->now_mono - f->first_ms < SLOW_MS;
}

/* A key for what comes after the form; an Enter right after the one that asked is the same one. */
static bool is_ahead(const struct console *c, uint32_t key)
{
    return key != K_ESC && key != K_CTRL_OF('c') && key != K_PASTE &&
           (key != K_ENTER || c->n_held > 0);
}

static bool form_key(struct console *c, void *self, uint32_t key)
{
    struct form *f = self;
    struct input_line *field = &f->fields[f->focus];
    bool is_free = !f->tickets && f->next_ms == 0; /* while it is asked it stays what was asked */
    size_t len;
    if (is_awaited(f) && is_ahead(c, key)) {
        console_hold(c, key);
        return true;
    }
    switch (key) {
    case K_ENTER:
        submit(f);
        return true;
    case K_ESC:
    case K_CTRL_OF('c'):
        console_drop_held(c);
        tell_lists(f);
        console_pop(c);
        return true;
    case K_TAB:
    case K_DOWN:
        focus_move(f, 1);
        return true;
    case K_SHIFT_TAB:
    case K_UP:
        focus_move(f, -1);
        return true;
    case K_PASTE: {
        const char *text = console_pasted(c, &len);
        if (is_free)
            input_line_paste(field, text, len);
        break;
    }
    default:
        if (is_free)
            input_line_key(field, key);
        break;
    }
    if (f->focus == FIELD_MATCH)
        form_preview(f);
    return true;
}

static const char *form_hint(const struct console *c, const void *self)
{
    const struct form *f = self;
    (void)c;
    return form_rows[f->kind].fields[1] != FIELD_NONE
               ? _("Enter saves   Esc leaves   Tab: the other field")
               : _("Enter saves   Esc leaves");
}

/* --- life ------------------------------------------------------------------------------------ */

static void form_close(void *self)
{
    struct form *f = self;
    for (struct ticket *t = f->tickets; t; t = t->next)
        t->form = NULL; /* freed by their answers */
    for (int i = 0; i < FIELD_COUNT; i++)
        input_line_release(&f->fields[i]);
    parts_free(f);
    ids_release(&f->alerts);
    free(f);
}

static const struct screen_ops form_ops = {
    .name = "form",
    .close = form_close,
    .draw = form_draw,
    .update = form_update,
    .key = form_key,
    .hint = form_hint,
    .is_dialog = true,
};

static struct form *form_new(struct console *c, enum form_kind kind, const uint64_t *alerts,
                             size_t n)
{
    struct form *f = mem_alloc(sizeof *f);
    f->kind = kind;
    f->console = c;
    f->focus = form_rows[kind].first;
    for (size_t i = 0; i < n; i++)
        ids_add(&f->alerts, alerts[i]);
    for (int i = 0; i < FIELD_COUNT; i++)
        input_line_init(&f->fields[i], i == FIELD_COMMENT || i == FIELD_MATCH || i == FIELD_EVERY
                                           ? ALERT_COMMENT_MAX
                                           : 32);
    form_prefill(f);
    parts_make(f);
    return f;
}

static void form_open(struct console *c, enum form_kind kind, const uint64_t *alerts, size_t n,
                      const char *text)
{
    struct form *f = form_new(c, kind, alerts, n);
    console_push(c, &form_ops, f);
    if (text) { /* `:ack seen, calling` says it all: no second question */
        input_line_set(&f->fields[FIELD_COMMENT], text);
        submit(f);
    }
}

void dialog_ack_open(struct console *c, const uint64_t *alerts, size_t n, const char *comment)
{
    form_open(c, FORM_ACK, alerts, n, comment);
}

void dialog_ack_behind_open(struct console *c, const uint64_t *alerts, size_t n,
                            const char *comment)
{
    form_open(c, FORM_ACK_BEHIND, alerts, n, comment);
}

void dialog_unack_open(struct console *c, const uint64_t *alerts, size_t n)
{
    form_open(c, FORM_UNACK, alerts, n, NULL);
}

void dialog_extend_open(struct console *c, const uint64_t *alerts, size_t n)
{
    form_open(c, FORM_EXTEND, alerts, n, NULL);
}

void dialog_take_open(struct console *c, const uint64_t *alerts, size_t n)
{
    form_open(c, FORM_TAKE, alerts, n, NULL);
}

void dialog_escalate_open(struct console *c, const uint64_t *alerts, size_t n, const char *comment)
{
    form_open(c, FORM_ESCALATE, alerts, n, comment);
}

void dialog_note_open(struct console *c, uint64_t alert, const char *text)
{
    form_open(c, FORM_NOTE, &alert, 1, text);
}

static void period_open(struct console *c, enum form_kind kind, const char *match)
{
    struct form *f = form_new(c, kind, NULL, 0);
    input_line_set(&f->fields[FIELD_MATCH], match ? match : "");
    if (!match)
        f->focus = FIELD_MATCH;
    form_preview(f);
    console_push(c, &form_ops, f);
}

void dialog_silence_open(struct console *c, const char *match)
{
    period_open(c, FORM_SILENCE, match);
}

void dialog_maintenance_open(struct console *c, const char *match)
{
    period_open(c, FORM_MAINTENANCE, match);
}

static void about_period(struct console *c, enum form_kind kind, const struct period *p)
{
    struct form *f = form_new(c, kind, NULL, 0);
    char number[24], alert[24], until[WHEN_TEXT_MAX];
    snprintf(number, sizeof number, "%" PRIu64, p->id);
    snprintf(alert, sizeof alert, "#%" PRIu64, p->alert);
    f->period = p->id;
    form_status(f,
                SAY(N_("{0} {1}: {2}, until {3}, by {4}"), cells_period_kind(p->kind), number,
                    p->match ? p->match : alert, when_rfc3339(p->until_ms, until),
                    p->by ? p->by : "?"),
                false);
    console_push(c, &form_ops, f);
}

void dialog_period_open(struct console *c, uint64_t period, bool is_approval)
{
    const struct period *p = fleet_period(console_fleet(c), period);
    if (p)
        about_period(c, is_approval ? FORM_PERIOD_APPROVE : FORM_PERIOD_END, p);
}
