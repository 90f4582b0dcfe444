/* rows_doc.c - see rows_doc.h. */
#include "tui/rows_doc.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "widgets/wrap.h"

#define DOC_LINES_MAX 4000

static void doc_clear(struct doc *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->v[i].label);
        free(d->v[i].text);
        free(d->v[i].link);
    }
    d->n = 0;
}

void doc_release(struct doc *d)
{
    doc_clear(d);
    free(d->v);
    free(d->picked);
    *d = (struct doc){0};
}

void doc_begin(struct doc *d, int cols)
{
    doc_clear(d);
    d->cols = cols;
    d->label_cols = cols >= 72 ? 20 : cols >= 50 ? 16 : 14;
}

static struct doc_line *doc_add(struct doc *d, const char *label, const char *text, size_t len)
{
    MEM_ROOM(d->v, d->n, d->cap);
    d->v[d->n] = (struct doc_line){
        .label = mem_strdup(label), .text = mem_strndup(text, len), .role = ROLE_NORMAL};
    return &d->v[d->n++];
}

/* One paragraph per line of text; the label stands beside the first. */
static void doc_wrapped(struct doc *d, const char *label, int indent, const char *text,
                        enum role role)
{
    const char *end;

    for (; text; text = end ? end + 1 : NULL) {
        char *line;
        struct wrap w;

        end = strchr(text, '\n');
        line = mem_strndup(text, end ? (size_t)(end - text) : strlen(text));
        w = wrap_start(line, d->cols - indent > 1 ? d->cols - indent : 1);
        while (d->n < DOC_LINES_MAX && wrap_next(&w)) {
            struct doc_line *added = doc_add(d, label, w.line, w.len);
            added->indent = indent;
            added->role = role;
            label = NULL;
        }
        free(line);
    }
}

void doc_heading(struct doc *d, const char *text)
{
    if (d->n > 0)
        doc_add(d, NULL, "", 0);
    doc_wrapped(d, NULL, 0, text, ROLE_HEADING);
}

void doc_text(struct doc *d, int indent, const char *text, enum role role)
{
    doc_wrapped(d, NULL, indent, text, role);
}

void doc_pair(struct doc *d, const char *label, const char *text, enum role role)
{
    if (text && *text)
        doc_wrapped(d, label, d->label_cols, text, role);
}

void doc_link(struct doc *d, const char *label, const char *text, enum role role, const char *link)
{
    size_t first = d->n;

    doc_pair(d, label, text, role);
    if (d->n > first)
        d->v[first].link = mem_strdup(link);
}

void doc_trend(struct doc *d, const char *label, const struct trend *t)
{
    struct doc_line *line = doc_add(d, label, "", 0);

    line->indent = d->label_cols;
    line->trend = t;
}

static void doc_clamp(struct doc *d, int lines)
{
    size_t room = lines > 0 ? (size_t)lines : 1;
    size_t last = d->n > room ? d->n - room : 0;

    if (d->top > last)
        d->top = last;
}

static bool is_in_sight(const struct doc *d, size_t at, int lines)
{
    return at >= d->top && at < d->top + (size_t)(lines > 0 ? lines : 1);
}

static void pick(struct doc *d, size_t at)
{
    mem_set(&d->picked, at < d->n ? d->v[at].link : NULL);
    d->picked_at = at;
}

/* Lines may have come or gone above it: it is found again by what it leads to. */
static void settle_pick(struct doc *d, int lines)
{
    size_t first = d->n, same = d->n;

    for (size_t i = d->top; i < d->n && is_in_sight(d, i, lines); i++) {
        if (!d->v[i].link)
            continue;
        first = first == d->n ? i : first;
        if (same == d->n && d->picked && strcmp(d->v[i].link, d->picked) == 0)
            same = i;
    }
    pick(d, same < d->n ? same : first);
}

void doc_end(struct doc *d, int lines)
{
    doc_clamp(d, lines);
    settle_pick(d, lines);
}

/* The next link (step 1) or the one before (-1), in sight or not. */
static bool pick_next(struct doc *d, int step, int lines)
{
    size_t at = d->picked ? d->picked_at : step > 0 ? d->top - 1 : d->top;
    bool has_any = false;

    for (size_t i = 0; i < d->n; i++)
        has_any = has_any || d->v[i].link;
    if (!has_any)
        return false;
    do
        at += (size_t)(step > 0 ? 1 : -1);
    while (at < d->n && !d->v[at].link);
    if (at >= d->n)
        return true; /* it was the last one */
    if (at < d->top)
        d->top = at;
    else if (!is_in_sight(d, at, lines))
        d->top = at + 1 - (size_t)(lines > 0 ? lines : 1);
    pick(d, at);
    return true;
}

bool doc_command(struct doc *d, const char *name, int lines)
{
    size_t page = lines > 1 ? (size_t)lines - 1 : 1;
    static const struct {
        const char *name;
        int sign;
        enum { BY_LINE, BY_HALF, BY_PAGE, BY_ALL } by;
    } motions[] = {
        {"up", -1, BY_LINE},        {"down", 1, BY_LINE},      {"wheel-up", -1, BY_LINE},
        {"wheel-down", 1, BY_LINE}, {"half-up", -1, BY_HALF},  {"half-down", 1, BY_HALF},
        {"page-up", -1, BY_PAGE},   {"page-down", 1, BY_PAGE}, {"top", -1, BY_ALL},
        {"bottom", 1, BY_ALL},
    };

    if (strcmp(name, "right") == 0 || strcmp(name, "left") == 0)
        return pick_next(d, name[0] == 'r' ? 1 : -1, lines);
    for (size_t i = 0; i < sizeof motions / sizeof *motions; i++) {
        size_t step;

        if (strcmp(motions[i].name, name) != 0)
            continue;
        step = motions[i].by == BY_LINE   ? 1
               : motions[i].by == BY_HALF ? (page + 1) / 2
               : motions[i].by == BY_PAGE ? page
                                          : d->n;
        if (motions[i].sign > 0)
            d->top += step;
        else
            d->top -= step < d->top ? step : d->top;
        doc_clamp(d, lines);
        settle_pick(d, lines);
        return true;
    }
    return false;
}

static bool is_picked(const struct doc *d, const struct doc_line *l)
{
    return d->picked && l == &d->v[d->picked_at];
}

void doc_draw(const struct console *c, const struct doc *d, struct surface *s, struct area a)
{
    for (int i = 0; i < a.lines && d->top + (size_t)i < d->n; i++) {
        const struct doc_line *l = &d->v[d->top + (size_t)i];

        if (l->label)
            surface_put(s, a, i, 0, d->label_cols - (l->link ? 3 : 1), l->label, ROLE_FAINT, 0);
        surface_put(s, a, i, l->indent, a.cols - l->indent, l->text, l->role,
                    l->flags | (is_picked(d, l) ? CELL_SELECTED : 0));
        if (l->link && l->indent > 1)
            surface_put(s, a, i, l->indent - 2, 1, ">", is_picked(d, l) ? ROLE_KEY : ROLE_FAINT, 0);
        if (l->trend) {
            struct cell_trend room;
            const struct trend_view *v = cells_trend(c, l->trend, &room);
            int cols = a.cols - l->indent < v->n ? a.cols - l->indent : v->n;

            trend_draw(s, a, i, l->indent, cols, v);
        }
    }
}
