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
    }
    d->n = 0;
}

void doc_release(struct doc *d)
{
    doc_clear(d);
    free(d->v);
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

void doc_end(struct doc *d, int lines)
{
    doc_clamp(d, lines);
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
        return true;
    }
    return false;
}

void doc_draw(const struct console *c, const struct doc *d, struct surface *s, struct area a)
{
    for (int i = 0; i < a.lines && d->top + (size_t)i < d->n; i++) {
        const struct doc_line *l = &d->v[d->top + (size_t)i];

        if (l->label)
            surface_put(s, a, i, 0, d->label_cols - 1, l->label, ROLE_FAINT, 0);
        surface_put(s, a, i, l->indent, a.cols - l->indent, l->text, l->role, l->flags);
        if (l->trend) {
            struct cell_trend room;
            const struct trend_view *v = cells_trend(c, l->trend, &room);
            int cols = a.cols - l->indent < v->n ? a.cols - l->indent : v->n;

            trend_draw(s, a, i, l->indent, cols, v);
        }
    }
}
