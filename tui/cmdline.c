/* cmdline.c - the prompt at the foot: `:` with completion and history, `/` with a live preview. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "widgets/input_line.h"

struct cmdline {
    char kind;
    struct input_line line;
    size_t at;       /* in the history; n_history: the line being typed */
    struct buf list; /* what Tab found, shown above the line */
};

static void history_add(struct console *c, const char *line)
{
    if (!*line || (c->n_history && strcmp(c->history[c->n_history - 1], line) == 0))
        return;
    if (c->n_history == CONSOLE_HISTORY_MAX) {
        free(c->history[0]);
        memmove(c->history, c->history + 1, (CONSOLE_HISTORY_MAX - 1) * sizeof *c->history);
        c->n_history--;
    }
    c->history[c->n_history++] = mem_strdup(line);
}

static void recall(struct console *c, struct cmdline *l, int step)
{
    if (l->kind != ':' || (step < 0 && l->at == 0) || (step > 0 && l->at >= c->n_history))
        return;
    l->at = step < 0 ? l->at - 1 : l->at + 1;
    input_line_set(&l->line, l->at < c->n_history ? c->history[l->at] : "");
}

static void finish(struct console *c, struct cmdline *l)
{
    char *text = mem_strdup(input_line_text(&l->line));
    char kind = l->kind;
    console_pop(c); /* frees l: what the line runs may open a dialog of its own */
    if (kind == ':') {
        history_add(c, text);
        console_run(c, text);
    } else {
        command_to_screen(c, "filter-preview", "");
        if (!command_to_screen(c, "filter", text))
            console_error(c, _("This screen has nothing to filter."));
    }
    free(text);
}

static void preview(struct console *c, const struct cmdline *l)
{
    if (l->kind == '/')
        command_to_screen(c, "filter-preview", input_line_text(&l->line));
}

static void tab(const struct console *c, struct cmdline *l)
{
    struct buf out = BUF_INIT(1024);
    buf_clear(&l->list);
    if (l->kind == ':' && complete(c, input_line_text(&l->line), &out, &l->list))
        input_line_set(&l->line, buf_text(&out));
    buf_release(&out);
}

static bool cmdline_key(struct console *c, void *self, uint32_t key)
{
    struct cmdline *l = self;
    size_t len;
    bool is_empty = !*input_line_text(&l->line);
    if (key != K_TAB)
        buf_clear(&l->list);
    switch (key) {
    case K_ENTER:
        finish(c, l);
        return true;
    case K_ESC:
    case K_CTRL_OF('c'):
        if (l->kind == '/')
            command_to_screen(c, "filter-preview", "");
        console_pop(c);
        return true;
    case K_TAB:
        tab(c, l);
        return true;
    case K_UP:
    case K_DOWN:
        recall(c, l, key == K_UP ? -1 : 1);
        return true;
    case K_PASTE: {
        const char *text = console_pasted(c, &len);
        input_line_paste(&l->line, text, len);
        preview(c, l);
        return true;
    }
    default:
        if (is_empty && key == K_BACKSPACE && l->kind == ':')
            console_pop(c);
        else if (input_line_key(&l->line, key))
            preview(c, l);
        return true;
    }
}

static void cmdline_draw(const struct console *c, const void *self, struct surface *s,
                         struct area a)
{
    const struct cmdline *l = self;
    struct area whole = surface_whole(s);
    int line = a.line + a.lines; /* the first of the foot */
    char prompt[2] = {l->kind, '\0'};
    (void)c;
    surface_fill(s, (struct area){line, 0, 1, s->cols}, ' ', ROLE_INPUT, 0);
    surface_put(s, whole, line, 0, 1, prompt, ROLE_INPUT, CELL_BOLD);
    input_line_draw(&l->line, s, whole, line, 1, s->cols - 2, true);
    if (l->list.len > 0) {
        surface_fill(s, (struct area){line - 1, 0, 1, s->cols}, ' ', ROLE_NORMAL, 0);
        surface_put(s, whole, line - 1, 1, s->cols - 2, buf_text(&l->list), ROLE_FAINT, 0);
    }
}

static const char *cmdline_hint(const struct console *c, const void *self)
{
    const struct cmdline *l = self;
    (void)c;
    return l->kind == ':' ? _("Enter runs   Tab completes   Up, Down recall   Esc leaves")
                          : _("Enter keeps the filter   ! inverts   empty clears   Esc leaves");
}

static void cmdline_close(void *self)
{
    struct cmdline *l = self;
    input_line_release(&l->line);
    buf_release(&l->list);
    free(l);
}

static const struct screen_ops cmdline_ops = {
    .name = "cmdline",
    .close = cmdline_close,
    .draw = cmdline_draw,
    .key = cmdline_key,
    .hint = cmdline_hint,
    .is_dialog = true,
};

void cmdline_open(struct console *c, char kind, const char *text)
{
    struct cmdline *l = mem_alloc(sizeof *l);
    l->kind = kind;
    l->at = c->n_history;
    l->list = (struct buf)BUF_INIT(2048);
    input_line_init(&l->line, 1000);
    if (text)
        input_line_set(&l->line, text);
    console_push(c, &cmdline_ops, l);
}
