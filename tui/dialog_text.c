/* dialog_text.c - the one form for acknowledge, un-acknowledge and note: a comment, perhaps an end.
 *
 *    ┌ Acknowledge ────────────────────────────────────┐
 *    │ P2 X feedback/http  HTTP 502                    │
 *    │ Comment  [calling the data centre             ] │
 *    │ For      [8h      ]                             │
 *    │ NOT SAVED - disk full, retrying                 │
 *    └─────────────────────────────────────────────────┘
 *
 * Enter sends one request an alert, each with its own idempotency key and the version that was seen
 * when the form opened.  Nothing is shown as done before the engine says so.  Where it says that it
 * could not save, or the link is lost, the form keeps its text and asks again with the same keys
 * for RETRY_FOR_MS; after that NOT SAVED stays and Enter asks again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "widgets/input_line.h"

#define RETRY_EVERY_MS 2000
#define RETRY_FOR_MS   30000
#define SLOW_MS        3000 /* an answer that takes longer is said to */
#define KEY_LEN        33
#define SHOWN_MAX      3

enum form_kind { FORM_ACK, FORM_UNACK, FORM_NOTE, FORM_KIND_COUNT };

static const struct form_row {
    const char *verb, *title, *one, *many; /* msgids of title and of what is said when it is done */
    size_t min_chars;                      /* of the comment */
    bool has_duration;
} form_rows[FORM_KIND_COUNT] = {
    [FORM_ACK] = {"ack", N_("Acknowledge"), N_("Alert {0} acknowledged."),
                  N_("{0} alerts acknowledged."), ALERT_COMMENT_MIN, true},
    [FORM_UNACK] = {"unack", N_("Give back"), N_("Alert {0} is given back: nobody has it."),
                    N_("{0} alerts are given back: nobody has them."), 0, false},
    [FORM_NOTE] = {"note", N_("Note"), N_("Note on alert {0} saved."), N_("{0} notes saved."),
                   ALERT_COMMENT_MIN, false},
};

enum item_state { ITEM_OPEN, ITEM_ASKED, ITEM_SAVED, ITEM_REFUSED, ITEM_NOT_SAVED };
struct item {
    uint64_t alert;
    int64_t version;
    enum item_state state;
    char key[KEY_LEN];
};
struct ticket;
struct form {
    enum form_kind kind;
    struct console *console;
    struct item *items;
    size_t n;
    struct input_line comment, duration;
    bool on_duration;
    int64_t first_ms, next_ms; /* monotonic: first try, next one; 0: not trying */
    char status[TEXT_MAX_LISTED];
    char why[TEXT_MAX_LISTED]; /* it was not saved the last time */
    bool is_error;
    struct ticket *tickets; /* one for each request under way */
};
struct ticket {        /* outlives the form: an answer may come after Esc */
    struct form *form; /* NULL: closed */
    size_t item;
    uint64_t alert;
    struct ticket *next;
};

static void form_status(struct form *f, char *packed, bool is_error)
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

/* "#1077: what the engine said". */
static void log_about(struct console *c, uint64_t alert, const struct link_answer *a)
{
    char id[24];
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &words, a->say);
    snprintf(id, sizeof id, "#%llu", (unsigned long long)alert);
    log_packed(c, SAY("{0}: {1}", id, buf_text(&words)), !a->is_ok);
    buf_release(&words);
}

static size_t count(const struct form *f, enum item_state s)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->items[i].state == s;
    return n;
}

/* --- asking ---------------------------------------------------------------------------------- */

static void key_new(char out[KEY_LEN])
{
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        memset(random, 0, sizeof random); /* cannot happen for 16 bytes (getrandom(2)) */
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(out + 2 * i, 3, "%02x", random[i]);
}

static void item_set(const struct console *c, struct item *it, uint64_t alert)
{
    const struct alert *a = fleet_alert(console_fleet(c), alert);
    *it = (struct item){.alert = alert, .version = a ? a->version : 0};
    key_new(it->key);
}

static void answered(struct console *c, void *arg, const struct link_answer *a);

static void ask(struct form *f, size_t i)
{
    struct item *it = &f->items[i];
    char alert[24], version[24];
    const char *pairs[10] = {"alert", alert, "version", version, "key", it->key};
    size_t n = 3;
    snprintf(alert, sizeof alert, "%llu", (unsigned long long)it->alert);
    snprintf(version, sizeof version, "%lld", (long long)it->version);
    if (*input_line_text(&f->comment)) {
        pairs[2 * n] = "text";
        pairs[2 * n++ + 1] = input_line_text(&f->comment);
    }
    if (form_rows[f->kind].has_duration) {
        pairs[2 * n] = "for";
        pairs[2 * n++ + 1] = input_line_text(&f->duration);
    }
    struct ticket *t = mem_alloc(sizeof *t);
    *t = (struct ticket){f, i, it->alert, f->tickets};
    f->tickets = t;
    it->state = ITEM_ASKED;
    console_request(f->console, answered, t, form_rows[f->kind].verb, pairs, n);
}

static void ask_all(struct form *f)
{
    struct console *c = f->console;
    f->next_ms = c->now_mono + RETRY_EVERY_MS;
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].state == ITEM_OPEN || f->items[i].state == ITEM_NOT_SAVED)
            ask(f, i);
}

static bool is_sound(struct form *f)
{
    const struct form_row *row = &form_rows[f->kind];
    const char *text = input_line_text(&f->comment), *for_ = input_line_text(&f->duration);
    size_t chars = 0;
    for (const char *p = text; *p; p++)
        chars += ((unsigned char)*p & 0xc0) != 0x80 && *p != ' ';
    int64_t ms;
    if (chars < row->min_chars) {
        f->on_duration = false;
        form_status(f, SAY(N_("The comment needs at least {0} characters."), "3"), true);
        return false;
    }
    if (row->has_duration && !when_parse_duration(for_, &ms, NULL)) {
        f->on_duration = true;
        form_status(f, SAY(N_("For how long? For example {0}"), "30m, 8h, 1h30m"), true);
        return false;
    }
    if (row->has_duration && (ms < WHEN_MINUTE_MS || ms > ALERT_ACK_MAX_MS)) {
        f->on_duration = true;
        form_status(f, SAY(N_("Between {0} and {1}."), "1m", "24h"), true);
        return false;
    }
    return true;
}

static void submit(struct form *f)
{
    if (f->tickets || !is_sound(f))
        return; /* an answer is still to come: Enter twice asks once */
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].state == ITEM_REFUSED) /* the refusal was read: it is about what is now */
            item_set(f->console, &f->items[i], f->items[i].alert);
    f->first_ms = f->console->now_mono;
    form_status(f, SAY(N_("Asking the engine …"), ""), false);
    ask_all(f);
}

/* --- answers --------------------------------------------------------------------------------- */

static void say_saved(struct form *f)
{
    const struct form_row *row = &form_rows[f->kind];
    size_t saved = count(f, ITEM_SAVED);
    char n[24];
    if (saved == 0)
        return;
    if (f->n == 1)
        snprintf(n, sizeof n, "#%llu", (unsigned long long)f->items[0].alert);
    else
        snprintf(n, sizeof n, "%zu", saved);
    log_packed(f->console, f->n == 1 ? SAY(row->one, n) : SAY(row->many, n), false);
}

/* Somebody has it now: this operator, or the other who was told of in the refusal. */
static bool is_taken(const struct form *f, const struct item *it)
{
    const struct alert *a = fleet_alert(console_fleet(f->console), it->alert);
    return it->state == ITEM_SAVED || (it->state == ITEM_REFUSED && a && a->ack.by);
}

/* The list below, also one below a detail, goes on to what nobody has taken yet. */
static void tell_lists(struct form *f)
{
    struct console *c = f->console;
    const struct view *tab = &c->tabs[c->tab];
    char id[24];
    for (size_t i = 0; i < f->n; i++) {
        if (f->kind != FORM_ACK || !is_taken(f, &f->items[i]))
            continue;
        snprintf(id, sizeof id, "%llu", (unsigned long long)f->items[i].alert);
        if (tab->ops && tab->ops->command)
            tab->ops->command(c, tab->self, "taken", id);
    }
}

/* All answers of this round are in. */
static void settle(struct form *f)
{
    size_t not_saved = count(f, ITEM_NOT_SAVED), refused = count(f, ITEM_REFUSED);
    if (not_saved > 0)
        return; /* status says why; update() tries again */
    f->first_ms = f->next_ms = 0;
    say_saved(f);
    if (refused == f->n)
        return; /* the sentence stands in the form; nothing typed is lost */
    struct console *c = f->console;
    tell_lists(f);
    if (f->n > 1)
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
    if (!f) { /* left with Esc before the answer: the log tells how it went */
        log_about(c, t->alert, a);
        free(t);
        return;
    }
    struct item *it = &f->items[t->item];
    ticket_drop(t);
    free(t);
    if (a->is_ok)
        it->state = ITEM_SAVED;
    else if (may_retry) {
        it->state = ITEM_NOT_SAVED;
        not_saved(f, a->say);
    } else {
        it->state = ITEM_REFUSED;
        log_about(c, it->alert, a);
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
    if (f->tickets && count(f, ITEM_NOT_SAVED) == 0 && asked_ms >= SLOW_MS) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)(asked_ms / 1000));
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

static bool form_key(struct console *c, void *self, uint32_t key)
{
    struct form *f = self;
    struct input_line *field = f->on_duration ? &f->duration : &f->comment;
    bool has_two = form_rows[f->kind].has_duration;
    size_t len;
    switch (key) {
    case K_ENTER:
        submit(f);
        return true;
    case K_ESC:
    case K_CTRL_OF('c'):
        tell_lists(f);
        console_pop(c);
        return true;
    case K_TAB:
    case K_SHIFT_TAB:
    case K_UP:
    case K_DOWN:
        f->on_duration = has_two && !f->on_duration;
        return true;
    case K_PASTE: {
        const char *text = console_pasted(c, &len);
        input_line_paste(field, text, len);
        return true;
    }
    default:
        if (!f->tickets && f->next_ms == 0) /* while it is asked the text stays what was asked */
            input_line_key(field, key);
        return true;
    }
}

/* --- picture --------------------------------------------------------------------------------- */

static void draw_alert(const struct console *c, struct surface *s, struct area in, int line,
                       const struct item *it)
{
    const struct alert *a = fleet_alert(console_fleet(c), it->alert);
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    char head[8];
    if (!a)
        return;
    const char *p = priority_name(a->priority);
    int col = 1 + surface_put(s, in, line, 1, 3, p, role_of_priority(a->priority), 0) + 1;
    snprintf(head, sizeof head, "%c", state_rows[a->state].symbol);
    col += surface_put(s, in, line, col, 1, head, role_of_state(a->state), 0) + 1;
    col += surface_put(s, in, line, col, in.cols / 2, a->check, ROLE_NORMAL, CELL_BOLD) + 2;
    console_say(c, &words, a->summary ? a->summary : "");
    surface_put(s, in, line, col, in.cols - col - 1, buf_text(&words), ROLE_NORMAL, 0);
    buf_release(&words);
}

static int draw_alerts(const struct console *c, const struct form *f, struct surface *s,
                       struct area in, int room)
{
    int shown = 0, fits = room < SHOWN_MAX ? room : SHOWN_MAX;
    bool has_more = f->n > (size_t)fits;
    while (shown < fits - (has_more ? 1 : 0) && (size_t)shown < f->n) {
        draw_alert(c, s, in, shown, &f->items[shown]);
        shown++;
    }
    if (has_more && shown < fits) {
        char n[24];
        struct buf words = BUF_INIT(128);
        snprintf(n, sizeof n, "%zu", f->n - (size_t)shown);
        char *packed = SAY(shown ? N_("and {0} more") : N_("{0} alerts"), n);
        console_say(c, &words, packed);
        surface_put(s, in, shown++, 1, in.cols - 2, buf_text(&words), ROLE_FAINT, 0);
        free(packed);
        buf_release(&words);
    }
    return shown;
}

static void draw_field(struct surface *s, struct area in, int line, const char *label,
                       int label_cols, const struct input_line *l, int cols, bool has_focus)
{
    surface_put(s, in, line, 1, label_cols, label, ROLE_HEADING, 0);
    input_line_draw(l, s, in, line, label_cols + 2, cols, has_focus);
}

static struct area form_area(const struct form *f, struct area a)
{
    int fields = form_rows[f->kind].has_duration ? 2 : 1;
    int shown = f->n < SHOWN_MAX ? (int)f->n : SHOWN_MAX;
    int lines = 2 + shown + fields + 1, cols = a.cols > 82 ? 78 : a.cols - 4;
    if (a.lines >= lines + 3)
        lines += 2; /* air */
    if (lines > a.lines)
        lines = a.lines;
    return (struct area){a.line + (a.lines - lines) / 2, a.col + (a.cols - cols) / 2, lines, cols};
}

static void form_draw(const struct console *c, const void *self, struct surface *s, struct area a)
{
    const struct form *f = self;
    const struct form_row *row = &form_rows[f->kind];
    const char *labels[2] = {_("Comment"), _("For")};
    int label_cols = text_cols(labels[0]), fields = row->has_duration ? 2 : 1;
    if (text_cols(labels[1]) > label_cols)
        label_cols = text_cols(labels[1]);
    struct area box = form_area(f, a);
    surface_fill(s, box, ' ', ROLE_NORMAL, 0);
    struct area in = surface_box(s, box, _(row->title), NULL, ROLE_KEY);
    int air = box.lines >= 2 + (f->n < SHOWN_MAX ? (int)f->n : SHOWN_MAX) + fields + 3 ? 1 : 0;
    int line = draw_alerts(c, f, s, in, in.lines - fields - 1) + air;
    draw_field(s, in, line++, labels[0], label_cols, &f->comment, in.cols - label_cols - 3,
               !f->on_duration);
    if (row->has_duration)
        draw_field(s, in, line++, labels[1], label_cols, &f->duration, 10, f->on_duration);
    surface_put(s, in, line + air, 1, in.cols - 2, f->status, f->is_error ? ROLE_ERROR : ROLE_FAINT,
                0);
}

static const char *form_hint(const struct console *c, const void *self)
{
    const struct form *f = self;
    (void)c;
    return form_rows[f->kind].has_duration ? _("Enter saves   Esc leaves   Tab: the other field")
                                           : _("Enter saves   Esc leaves");
}

/* --- life ------------------------------------------------------------------------------------ */

static void form_close(void *self)
{
    struct form *f = self;
    for (struct ticket *t = f->tickets; t; t = t->next)
        t->form = NULL; /* freed by their answers */
    input_line_release(&f->comment);
    input_line_release(&f->duration);
    free(f->items);
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

static void form_open(struct console *c, enum form_kind kind, const uint64_t *alerts, size_t n,
                      const char *text)
{
    struct form *f = mem_alloc(sizeof *f);
    char duration[WHEN_TEXT_MAX];
    f->kind = kind;
    f->console = c;
    f->items = mem_alloc((n ? n : 1) * sizeof *f->items);
    for (; f->n < n; f->n++)
        item_set(c, &f->items[f->n], alerts[f->n]);
    input_line_init(&f->comment, ALERT_COMMENT_MAX);
    input_line_init(&f->duration, 16);
    input_line_set(&f->duration, when_duration(ALERT_ACK_DEFAULT_MS, duration));
    console_push(c, &form_ops, f);
    if (text) { /* `:ack seen, calling` says it all: no second question */
        input_line_set(&f->comment, text);
        submit(f);
    }
}

void dialog_ack_open(struct console *c, const uint64_t *alerts, size_t n, const char *comment)
{
    form_open(c, FORM_ACK, alerts, n, comment);
}

void dialog_unack_open(struct console *c, const uint64_t *alerts, size_t n)
{
    form_open(c, FORM_UNACK, alerts, n, NULL);
}

void dialog_note_open(struct console *c, uint64_t alert, const char *text)
{
    form_open(c, FORM_NOTE, &alert, 1, text);
}
