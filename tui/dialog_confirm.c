/* dialog_confirm.c - a yes or no, and the code that unlocks.
 *
 * Neither takes a paste, and what was typed before the question was on the screen is thrown away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "tui/console_private.h"
#include "widgets/input_line.h"
#include "widgets/wrap.h"

struct question {
    char text[256];
    void (*yes)(struct console *c); /* NULL: the code unlocks */
    struct input_line code;
    bool is_wrong;
};

static bool confirm_key(struct console *c, void *self, uint32_t key)
{
    struct question *q = self;
    void (*yes)(struct console * c) = q->yes;
    if (key == K_PASTE || key >= K_NAMED) /* arrows, Alt-letters: no answers either way */
        return true;
    uint32_t base = text_base_letter(key);
    bool is_yes = base == 'y' || base == 'Y' || base == 'c' || base == 'C';
    console_pop(c);
    if (is_yes)
        yes(c);
    return true;
}

static bool unlock_key(struct console *c, void *self, uint32_t key)
{
    struct question *q = self;
    if (key == K_ESC || key == K_CTRL_OF('c')) {
        console_pop(c);
        return true;
    }
    if (key == K_ENTER && strcmp(input_line_text(&q->code), c->lock_code) == 0) {
        c->is_locked = false;
        console_pop(c);
        console_log(c, _("Control is unlocked."));
        return true;
    }
    q->is_wrong = key == K_ENTER;
    if (key == K_ENTER)
        input_line_set(&q->code, "");
    bool is_edit = (key >= '0' && key <= '9') || key == K_BACKSPACE;
    if (is_edit)
        input_line_key(&q->code, key);
    return true;
}

static bool question_key(struct console *c, void *self, uint32_t key)
{
    const struct question *q = self;
    return q->yes ? confirm_key(c, self, key) : unlock_key(c, self, key);
}

static void question_draw(const struct console *c, const void *self, struct surface *s,
                          struct area a)
{
    const struct question *q = self;
    (void)c;
    int cols = a.cols > 70 ? 66 : a.cols - 4, text_lines = wrap_count(q->text, cols - 4);
    int lines = text_lines + 2 + (q->yes ? 0 : 1);
    if (lines > a.lines)
        lines = a.lines;
    struct area box = {a.line + (a.lines - lines) / 2, a.col + (a.cols - cols) / 2, lines, cols};
    surface_fill(s, box, ' ', ROLE_NORMAL, 0);
    struct area in = surface_box(s, box, NULL, NULL, ROLE_KEY);
    wrap_draw(s, in, 0, 1, in.cols - 2, text_lines, q->text, ROLE_NORMAL, 0);
    if (q->yes)
        return;
    input_line_draw(&q->code, s, in, text_lines, 1, 6, true);
    if (q->is_wrong)
        surface_put(s, in, text_lines, 9, in.cols - 10, _("Wrong code."), ROLE_ERROR, 0);
}

static const char *question_hint(const struct console *c, const void *self)
{
    const struct question *q = self;
    (void)c;
    return q->yes ? _("y yes   any other key no") : _("Enter unlocks   Esc leaves");
}

static void question_close(void *self)
{
    struct question *q = self;
    input_line_release(&q->code);
    free(q);
}

static const struct screen_ops question_ops = {
    .name = "question",
    .close = question_close,
    .draw = question_draw,
    .key = question_key,
    .hint = question_hint,
    .is_dialog = true,
};

static void question_open(struct console *c, const char *text, void (*yes)(struct console *c))
{
    struct question *q = mem_alloc(sizeof *q);
    snprintf(q->text, sizeof q->text, "%s", text);
    q->yes = yes;
    input_line_init(&q->code, 8);
    c->is_flushing = true;
    console_push(c, &question_ops, q);
}

void dialog_confirm_open(struct console *c, const char *question, void (*yes)(struct console *c))
{
    question_open(c, question, yes);
}

void dialog_unlock_open(struct console *c)
{
    char *packed = SAY(N_("Control is locked. Type code {0} to unlock."), c->lock_code);
    struct buf words = BUF_INIT(200);
    console_say(c, &words, packed);
    question_open(c, buf_text(&words), NULL);
    buf_release(&words);
    free(packed);
}
