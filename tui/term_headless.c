/* term_headless.c - the driver that tests plug in: a picture in memory. */
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "tui/term.h"

struct headless {
    struct term base;
    struct surface *picture;
    int lines, cols, bells;
    char *copied, *notice;
};

static void headless_size(struct term *t, int *lines, int *cols)
{
    const struct headless *h = (struct headless *)t;
    *lines = h->lines;
    *cols = h->cols;
}

static bool headless_present(struct term *t, const struct surface *s, const struct theme *theme)
{
    struct headless *h = (struct headless *)t;
    (void)theme;
    surface_resize(h->picture, s->lines, s->cols);
    memcpy(h->picture->cells, s->cells, (size_t)s->lines * (size_t)s->cols * sizeof *s->cells);
    h->picture->cursor_line = s->cursor_line;
    h->picture->cursor_col = s->cursor_col;
    return true;
}

static int headless_fd(struct term *t)
{
    (void)t;
    return -1;
}

static int headless_read(struct term *t, char *bytes, size_t max)
{
    (void)t;
    (void)bytes;
    (void)max;
    return 0;
}

static void headless_bell(struct term *t)
{
    ((struct headless *)t)->bells++;
}

static void headless_nothing(struct term *t)
{
    (void)t;
}

static bool headless_wants_write(const struct term *t)
{
    (void)t;
    return false;
}

static void headless_copy(struct term *t, const char *text)
{
    mem_set(&((struct headless *)t)->copied, text);
}

static void headless_notify(struct term *t, const char *title, const char *body)
{
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s: %s", title, body);
    mem_set(&((struct headless *)t)->notice, buf_text(&b));
    buf_release(&b);
}

static void headless_close(struct term *t)
{
    struct headless *h = (struct headless *)t;
    surface_free(h->picture);
    free(h->copied);
    free(h->notice);
    free(h);
}

static const struct term_ops headless_ops = {
    .name = "headless",
    .size = headless_size,
    .present = headless_present,
    .fd = headless_fd,
    .read = headless_read,
    .bell = headless_bell,
    .suspend = headless_nothing,
    .redraw = headless_nothing,
    .resume = headless_nothing,
    .wants_write = headless_wants_write,
    .flush = headless_nothing,
    .copy = headless_copy,
    .notify = headless_notify,
    .close = headless_close,
};

struct term *term_headless_open(int lines, int cols, bool is_utf8)
{
    struct headless *h = mem_alloc(sizeof *h);
    h->base = (struct term){.ops = &headless_ops, .is_utf8 = is_utf8, .depth = DEPTH_MONO};
    h->picture = surface_new(lines, cols);
    h->lines = lines;
    h->cols = cols;
    return &h->base;
}

void term_headless_resize(struct term *t, int lines, int cols)
{
    ((struct headless *)t)->lines = lines;
    ((struct headless *)t)->cols = cols;
}

const struct surface *term_headless_picture(const struct term *t)
{
    return ((const struct headless *)t)->picture;
}

const char *term_headless_copied(const struct term *t)
{
    const struct headless *h = (const struct headless *)t;
    return h->copied ? h->copied : "";
}

const char *term_headless_notice(const struct term *t)
{
    const struct headless *h = (const struct headless *)t;
    return h->notice ? h->notice : "";
}

int term_headless_bells(const struct term *t)
{
    return ((const struct headless *)t)->bells;
}
