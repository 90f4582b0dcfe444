/* input_line.c - editing by characters. */
#include "widgets/input_line.h"

#include <string.h>

#include "core/text.h"

void input_line_init(struct input_line *l, size_t max_bytes)
{
    l->text = (struct buf)BUF_INIT(max_bytes);
    l->at = 0;
}

void input_line_release(struct input_line *l)
{
    buf_release(&l->text);
    l->at = 0;
}

const char *input_line_text(const struct input_line *l)
{
    return buf_text(&l->text);
}

/* Puts bytes at the cursor; nothing if they do not fit as a whole. */
static void insert(struct input_line *l, const char *bytes, size_t len)
{
    if (l->text.max && l->text.len + len > l->text.max)
        return;
    size_t tail = l->text.len - l->at;
    buf_add(&l->text, bytes, len);
    memmove(l->text.bytes + l->at + len, l->text.bytes + l->at, tail);
    memcpy(l->text.bytes + l->at, bytes, len);
    l->at += len;
}

static void cut(struct input_line *l, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(l->text.bytes + from, l->text.bytes + to, l->text.len - to + 1);
    l->text.len -= to - from;
    l->at = from;
}

/* The start of the character (with its combining marks) before or after an offset. */
static size_t char_before(const struct input_line *l, size_t at)
{
    const char *s = buf_text(&l->text);
    uint32_t cp = 0;
    while (at > 0) {
        at--;
        while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80)
            at--;
        text_decode(s + at, l->text.len - at, &cp);
        if (text_char_cols(cp) != 0)
            break;
    }
    return at;
}

static size_t char_after(const struct input_line *l, size_t at)
{
    const char *s = buf_text(&l->text);
    uint32_t cp;
    size_t n = text_decode(s + at, l->text.len - at, &cp);
    for (at += n; at < l->text.len; at += n) {
        n = text_decode(s + at, l->text.len - at, &cp);
        if (n == 0 || text_char_cols(cp) != 0)
            break;
    }
    return at;
}

static size_t word_before(const struct input_line *l, size_t at)
{
    const char *s = buf_text(&l->text);
    while (at > 0 && s[at - 1] == ' ')
        at--;
    while (at > 0 && s[at - 1] != ' ')
        at--;
    return at;
}

void input_line_set(struct input_line *l, const char *text)
{
    buf_clear(&l->text);
    l->at = 0;
    input_line_paste(l, text, strlen(text));
}

void input_line_paste(struct input_line *l, const char *text, size_t len)
{
    uint32_t cp;
    for (size_t i = 0, n; i < len && (n = text_decode(text + i, len - i, &cp)) > 0; i += n) {
        bool is_blank = cp == '\n' || cp == '\r' || cp == '\t';
        if (is_blank)
            insert(l, " ", 1);
        else if (cp >= ' ' && !(cp >= 0x7f && cp < 0xa0) && cp != 0xfffd)
            insert(l, text + i, n);
    }
}

static bool edit_key(struct input_line *l, uint32_t key)
{
    switch (key) {
    case K_BACKSPACE:
    case K_CTRL_OF('h'):
        cut(l, char_before(l, l->at), l->at);
        return true;
    case K_DELETE:
    case K_CTRL_OF('d'):
        cut(l, l->at, char_after(l, l->at));
        return true;
    case K_CTRL_OF('u'):
        cut(l, 0, l->at);
        return true;
    case K_CTRL_OF('k'):
        cut(l, l->at, l->text.len);
        return true;
    case K_CTRL_OF('w'):
        cut(l, word_before(l, l->at), l->at);
        return true;
    default:
        return false;
    }
}

static bool move_key(struct input_line *l, uint32_t key)
{
    switch (key) {
    case K_LEFT:
    case K_CTRL_OF('b'):
        l->at = char_before(l, l->at);
        return true;
    case K_RIGHT:
    case K_CTRL_OF('f'):
        l->at = char_after(l, l->at);
        return true;
    case K_HOME:
    case K_CTRL_OF('a'):
        l->at = 0;
        return true;
    case K_END:
    case K_CTRL_OF('e'):
        l->at = l->text.len;
        return true;
    default:
        return false;
    }
}

bool input_line_key(struct input_line *l, uint32_t key)
{
    if (edit_key(l, key) || move_key(l, key))
        return true;
    if (key < ' ' || key >= K_NAMED || (key >= 0x7f && key < 0xa0))
        return false;
    char bytes[4];
    insert(l, bytes, text_encode(key, bytes));
    return true;
}

void input_line_draw(const struct input_line *l, struct surface *s, struct area a, int line,
                     int col, int cols, bool has_focus)
{
    const char *text = buf_text(&l->text);
    size_t from = 0;
    int before = 0;
    for (;;) { /* scroll by characters until the cursor has a column */
        struct buf part = BUF_INIT(0);
        buf_add(&part, text + from, l->at - from);
        before = text_cols(buf_text(&part));
        buf_release(&part);
        if (before < cols || from >= l->at)
            break;
        from = char_after(l, from);
    }
    struct area field = {a.line + line, a.col + col, 1, cols};
    surface_fill(s, field, ' ', ROLE_INPUT, 0);
    surface_put(s, field, 0, 0, cols, text + from, ROLE_INPUT, 0);
    if (has_focus) {
        s->cursor_line = a.line + line;
        s->cursor_col = a.col + col + before;
    }
}
