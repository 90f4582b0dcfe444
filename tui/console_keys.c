/* console_keys.c - where a key goes: the dialog or screen on top, else the key table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/command.h"
#include "tui/command_private.h"
#include "tui/console_private.h"

/* Wheel and click select, never act. */
static void mouse(struct console *c, const struct key_event *e)
{
    const struct view *top = console_top(c);
    struct area a = console_layout(c, c->picture->lines, c->picture->cols);
    char at[32];
    if (!top->ops || top->ops->is_dialog || !top->ops->command)
        return;
    int line = e->line - a.line, col = e->col - a.col;
    if (e->key != K_CLICK)
        command_to_screen(c, e->key == K_WHEEL_UP ? "wheel-up" : "wheel-down", NULL);
    else if (line >= 0 && line < a.lines && col >= 0 && col < a.cols) {
        snprintf(at, sizeof at, "%d %d", line, col);
        command_to_screen(c, "click", at);
    }
}

/* What works everywhere, also over a dialog. */
static bool is_universal(const char *line)
{
    return strcmp(line, "redraw") == 0 || strcmp(line, "suspend") == 0;
}

/* A tiny screen shows no dialog and no selection: nothing is acted upon blindly. */
static bool is_blind(const struct console *c)
{
    return c->picture->lines < CONSOLE_MIN_LINES || c->picture->cols < CONSOLE_MIN_COLS;
}

static bool may_run_blind(const char *line)
{
    return is_universal(line) || strcmp(line, "quit") == 0;
}

/* What changes anything, or takes the console away: never by a letter of a text. */
static bool is_act(const char *line)
{
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
    const struct command *k = command_find(name);
    return strcmp(name, "quit") == 0 || strcmp(name, "lock") == 0 || (k && k->needs & NEED_ACT);
}

/* Who types on after an act that was refused types its comment, for a form that is not there: it
 * must not plan a maintenance.  Over after a pause, or by any key that is no letter. */
static bool is_stray(struct console *c, uint32_t key, const char *line)
{
    bool is_text = key >= ' ' && key < K_NAMED && key != K_BACKSPACE;
    if (c->refused_ms == 0)
        return false;
    if (!is_text || c->now_mono - c->refused_ms >= CONSOLE_TYPED_MS) {
        c->refused_ms = 0;
        return false;
    }
    c->refused_ms = c->now_mono;
    return line && is_act(line);
}

static void run_key(struct console *c, const char *line)
{
    char *copy = mem_strdup(line); /* the table may change under it */
    bool is_acting = is_act(line);
    c->is_refused = false;
    console_run(c, copy);
    const struct view *top = console_top(c);
    if (is_acting && c->is_refused && !(top->ops && top->ops->is_dialog))
        c->refused_ms = c->now_mono;
    free(copy);
}

void console_key(struct console *c, const struct key_event *e)
{
    struct view *top = console_top(c);
    c->is_dirty = c->is_dirty_now = true;
    if (e->key == K_UNKNOWN)
        return;
    if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN || e->key == K_CLICK) {
        mouse(c, e);
        return;
    }
    bool is_read = c->picture->lines < 14 || /* it shares its line with the key bar */
                   c->now_mono - c->message_ms >= CONSOLE_READ_MS;
    if (is_read && c->message) {
        free(c->message);
        c->message = NULL;
    }
    const char *line = keymap_find(c->keys, e->key);
    if (is_blind(c)) {
        if (line && may_run_blind(line))
            console_run(c, line);
        return;
    }
    if (line && is_universal(line)) {
        console_run(c, line);
        return;
    }
    c->pasted = e->text;
    c->pasted_len = e->len;
    bool is_taken = top->ops && top->ops->key && top->ops->key(c, top->self, e->key);
    c->pasted = NULL;
    c->pasted_len = 0;
    if (is_taken || (top->ops && top->ops->is_dialog))
        return;
    if (is_stray(c, e->key, line)) {
        console_error(c, _("Not done: typed on after a refusal. Esc, or a short pause, and keys "
                           "act again."));
        return;
    }
    if (!line)
        return;
    run_key(c, line);
}

/* --- typed ahead of an answer ---------------------------------------------------------------- */

void console_hold(struct console *c, uint32_t key)
{
    if (c->n_held < CONSOLE_HELD_MAX)
        c->held[c->n_held++] = key;
}

void console_drop_held(struct console *c)
{
    c->n_held = 0;
}

static bool is_dialog_open(const struct console *c)
{
    const struct view *top = console_top(c);
    return top->ops && top->ops->is_dialog;
}

void console_take_held(struct console *c)
{
    if (is_dialog_open(c))
        return; /* its answer is still to come */
    size_t n = c->n_held;
    console_drop_held(c);
    for (size_t i = 0; i < n && !c->is_done && !is_dialog_open(c); i++) {
        console_draw(c, true);
        console_key(c, &(struct key_event){.key = c->held[i]});
    }
}
