/* surface.c - cells, clipping, frames. */
#include "widgets/surface.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

static const struct cell blank = {.ch = ' '};

struct surface *surface_new(int lines, int cols)
{
    struct surface *s = mem_alloc(sizeof *s);
    s->cursor_line = s->cursor_col = -1;
    surface_resize(s, lines, cols);
    return s;
}

void surface_free(struct surface *s)
{
    if (!s)
        return;
    free(s->cells);
    free(s);
}

void surface_resize(struct surface *s, int lines, int cols)
{
    if (lines < 1)
        lines = 1;
    if (cols < 1)
        cols = 1;
    if (!s->cells || lines != s->lines || cols != s->cols) {
        s->cells = mem_grow(s->cells, (size_t)lines * (size_t)cols, sizeof *s->cells);
        s->lines = lines;
        s->cols = cols;
    }
    surface_clear(s);
}

void surface_clear(struct surface *s)
{
    size_t n = (size_t)s->lines * (size_t)s->cols, done = 1;
    s->cells[0] = blank;
    for (size_t more; done < n; done += more) { /* doubles: as fast as memory is */
        more = done < n - done ? done : n - done;
        memcpy(&s->cells[done], s->cells, more * sizeof *s->cells);
    }
    s->cursor_line = s->cursor_col = -1;
}

struct area surface_whole(const struct surface *s)
{
    return (struct area){0, 0, s->lines, s->cols};
}

/* The cell at (line, col) of the area, NULL if it is clipped away. */
static struct cell *cell_at(struct surface *s, struct area a, int line, int col)
{
    if (line < 0 || col < 0 || line >= a.lines || col >= a.cols)
        return NULL;
    line += a.line;
    col += a.col;
    if (line < 0 || col < 0 || line >= s->lines || col >= s->cols)
        return NULL;
    return &s->cells[(size_t)line * (size_t)s->cols + (size_t)col];
}

/* Before a cell is overwritten: the other half of a wide character must not stay alone. */
static void cell_part(struct surface *s, struct cell *c)
{
    bool is_last = c == s->cells + (size_t)s->lines * (size_t)s->cols - 1;
    if (c->ch != 0 && (is_last || c[1].ch != 0))
        return; /* nearly always */
    size_t i = (size_t)(c - s->cells);
    size_t col = i % (size_t)s->cols;
    if (c->ch == 0 && col > 0) {
        uint8_t role = c[-1].role, flags = c[-1].flags;
        c[-1] = (struct cell){.ch = ' ', .role = role, .flags = flags};
    }
    if (col + 1 < (size_t)s->cols && c[1].ch == 0)
        c[1] = (struct cell){.ch = ' ', .role = c[1].role, .flags = c[1].flags};
}

static void cell_set(struct surface *s, struct cell *c, uint32_t ch, enum role role, int flags)
{
    cell_part(s, c);
    *c = (struct cell){.ch = ch, .role = (uint8_t)role, .flags = (uint8_t)flags};
}

/* The printable ASCII at the head of a text: nearly all of what is ever drawn.  Returns its
 * columns, which are also its bytes; *last is the cell of the last one. */
static int put_ascii(struct surface *s, struct area a, int line, int col, int cols,
                     const char *text, size_t len, enum role role, int flags, struct cell **last)
{
    int n = 0, most = len < (size_t)cols ? (int)len : cols;
    struct cell *c = most > 0 ? cell_at(s, a, line, col) : NULL;
    if (!c || !cell_at(s, a, line, col + most - 1))
        return 0; /* none, or some of it is clipped: the long way */
    for (; n < most && text[n] >= ' ' && text[n] < 0x7f; n++, c++)
        cell_set(s, c, (uint32_t)text[n], role, flags);
    if (n > 0)
        *last = c - 1;
    return n;
}

/* Text of one line into at most cols columns, no ellipsis; returns the columns used. */
static int put_plain(struct surface *s, struct area a, int line, int col, int cols,
                     const char *text, size_t len, enum role role, int flags)
{
    struct cell *last = NULL;
    int used = put_ascii(s, a, line, col, cols, text, len, role, flags, &last);
    uint32_t cp;
    for (size_t i = (size_t)used, n; i < len && (n = text_decode(text + i, len - i, &cp)) > 0;
         i += n) {
        int wide = text_char_cols(cp);
        if (cp < ' ' || cp == 0x7f)
            cp = '?', wide = 1; /* never from clean text; a control must not reach a terminal */
        if (wide == 0) {
            if (last && !last->mark[0])
                last->mark[0] = cp;
            else if (last && !last->mark[1])
                last->mark[1] = cp;
            continue;
        }
        if (used + wide > cols)
            break;
        struct cell *c = cell_at(s, a, line, col + used);
        struct cell *half = wide == 2 ? cell_at(s, a, line, col + used + 1) : NULL;
        last = NULL;
        if (c && (wide == 1 || half)) {
            if (half)
                cell_set(s, half, ' ', role, flags);
            cell_set(s, c, cp, role, flags);
            if (half)
                *half = (struct cell){.ch = 0, .role = (uint8_t)role, .flags = (uint8_t)flags};
            last = c;
        }
        used += wide;
    }
    return used;
}

static int put_utf8(struct surface *s, struct area a, int line, int col, int cols, const char *text,
                    enum role role, int flags)
{
    size_t len = strlen(text);
    if (text_fit(text, cols, NULL) == len)
        return put_plain(s, a, line, col, cols, text, len, role, flags);
    int used = 0;
    size_t fit = text_fit(text, cols - 1, &used);
    put_plain(s, a, line, col, cols - 1, text, fit, role, flags);
    return used + put_plain(s, a, line, col + used, 1, s->is_ascii ? ">" : "…",
                            s->is_ascii ? 1 : strlen("…"), role, flags);
}

int surface_put(struct surface *s, struct area a, int line, int col, int max_cols, const char *text,
                enum role role, int flags)
{
    if (max_cols > a.cols - col)
        max_cols = a.cols - col;
    if (!text || !*text || max_cols <= 0 || line < 0 || line >= a.lines || col < 0)
        return 0;
    if (!s->is_ascii)
        return put_utf8(s, a, line, col, max_cols, text, role, flags);
    struct buf plain = BUF_INIT(0);
    text_ascii(&plain, text);
    int used = put_utf8(s, a, line, col, max_cols, buf_text(&plain), role, flags);
    buf_release(&plain);
    return used;
}

int surface_putc(struct surface *s, struct area a, int line, int col, uint32_t ch, enum role role,
                 int flags)
{
    bool is_drawn = ch < 0x7f ? ch >= ' ' : ch >= 0x2500 && ch < 0x25a0 && !s->is_ascii;
    struct cell *c = is_drawn ? cell_at(s, a, line, col) : NULL;
    if (c) { /* the bits of frames and bars: one column by nature, nothing to convert */
        cell_set(s, c, ch, role, flags);
        return 1;
    }
    char bytes[5] = {0};
    text_encode(ch, bytes);
    return surface_put(s, a, line, col, 2, bytes, role, flags);
}

int surface_put_right(struct surface *s, struct area a, int line, int col, int max_cols,
                      const char *text, enum role role, int flags)
{
    if (max_cols > a.cols - col)
        max_cols = a.cols - col;
    int cols = text ? text_cols(text) : 0;
    if (cols < max_cols)
        col += max_cols - cols, max_cols = cols;
    return surface_put(s, a, line, col, max_cols, text, role, flags);
}

void surface_fill(struct surface *s, struct area a, uint32_t ch, enum role role, int flags)
{
    for (int line = 0; line < a.lines; line++)
        for (int col = 0; col < a.cols; col++) {
            struct cell *c = cell_at(s, a, line, col);
            if (c)
                cell_set(s, c, ch, role, flags);
        }
}

void surface_recolour(struct surface *s, struct area a, enum role from, enum role to)
{
    for (int line = 0; line < a.lines; line++)
        for (int col = 0; col < a.cols; col++) {
            struct cell *c = cell_at(s, a, line, col);
            if (c && c->role == from)
                c->role = (uint8_t)to;
        }
}

void surface_flag(struct surface *s, struct area a, int flags)
{
    if (flags == 0)
        return;
    for (int line = 0; line < a.lines; line++)
        for (int col = 0; col < a.cols; col++) {
            struct cell *c = cell_at(s, a, line, col);
            if (c)
                c->flags = (uint8_t)(c->flags | flags);
        }
}

static void box_edges(struct surface *s, struct area a, enum role role)
{
    static const uint32_t drawn[] = {0x250c, 0x2500, 0x2510, 0x2502, 0x2514, 0x2518};
    static const uint32_t plain[] = {'+', '-', '+', '|', '+', '+'};
    const uint32_t *g = s->is_ascii ? plain : drawn;
    int bottom = a.lines - 1, right = a.cols - 1;
    for (int col = 1; col < right; col++) {
        surface_putc(s, a, 0, col, g[1], role, 0);
        surface_putc(s, a, bottom, col, g[1], role, 0);
    }
    for (int line = 1; line < bottom; line++) {
        surface_putc(s, a, line, 0, g[3], role, 0);
        surface_putc(s, a, line, right, g[3], role, 0);
    }
    surface_putc(s, a, 0, 0, g[0], role, 0);
    surface_putc(s, a, 0, right, g[2], role, 0);
    surface_putc(s, a, bottom, 0, g[4], role, 0);
    surface_putc(s, a, bottom, right, g[5], role, 0);
}

struct area surface_box(struct surface *s, struct area a, const char *title, const char *right,
                        enum role role)
{
    if (a.lines < 2 || a.cols < 4)
        return (struct area){a.line, a.col, 0, 0};
    box_edges(s, a, role);
    int room = a.cols - 4, used = 0;
    if (title && *title && room > 2) {
        surface_putc(s, a, 0, 1, ' ', role, 0);
        used = surface_put(s, a, 0, 2, room - 1, title, ROLE_HEADING, 0);
        surface_putc(s, a, 0, 2 + used, ' ', role, 0);
    }
    int cols = right ? text_cols(right) : 0;
    if (cols > 0 && cols + used + 4 <= room) {
        int at = a.cols - 3 - cols;
        surface_putc(s, a, 0, at - 1, ' ', role, 0);
        surface_put(s, a, 0, at, cols, right, ROLE_HEADING, 0);
        surface_putc(s, a, 0, at + cols, ' ', role, 0);
    }
    return (struct area){a.line + 1, a.col + 1, a.lines - 2, a.cols - 2};
}

void surface_text(const struct surface *s, struct buf *out)
{
    for (int line = 0; line < s->lines; line++) {
        const struct cell *row = &s->cells[(size_t)line * (size_t)s->cols];
        int end = s->cols;
        while (end > 0 && row[end - 1].ch == ' ')
            end--;
        for (int col = 0; col < end; col++) {
            char bytes[4];
            if (row[col].ch == 0)
                continue;
            buf_add(out, bytes, text_encode(row[col].ch, bytes));
            for (int m = 0; m < 2 && row[col].mark[m]; m++)
                buf_add(out, bytes, text_encode(row[col].mark[m], bytes));
        }
        buf_addc(out, '\n');
    }
}
