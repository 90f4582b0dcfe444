/* rows_parts.c - see rows_parts.h. */
#include "tui/rows_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"

static void parts_clear(struct parts *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->v[i].title);
    p->n = p->n_lines = 0;
    p->has_heading = true; /* rows before the first heading have none */
}

void parts_release(struct parts *p)
{
    parts_clear(p);
    rows_release(&p->rows);
    filter_release(&p->filter);
    free(p->v);
    free(p->line);
    *p = (struct parts){0};
}

void parts_begin(struct parts *p)
{
    parts_clear(p);
    rows_begin(&p->rows);
}

void parts_heading(struct parts *p, size_t kind, const char *title)
{
    if (!p->has_heading && p->n > 0) /* the one before has no rows */
        free(p->v[--p->n].title);
    MEM_ROOM(p->v, p->n, p->cap);
    p->v[p->n++] = (struct part){mem_strdup(title), kind};
    p->has_heading = false;
}

static void add_line(struct parts *p, size_t row)
{
    MEM_ROOM(p->line, p->n_lines, p->cap_lines);
    p->line[p->n_lines++] = (struct part_line){p->n - 1, row};
}

bool parts_add(struct parts *p, uint64_t key, const void *item, bool matches)
{
    if (p->n == 0 || !rows_wants(&p->rows, key, matches))
        return false;
    if (!p->has_heading)
        add_line(p, SIZE_MAX);
    p->has_heading = true;
    rows_add(&p->rows, key, item);
    add_line(p, p->rows.n - 1);
    return true;
}

static size_t line_of(const struct parts *p, size_t row)
{
    size_t i = 0;

    while (i < p->n_lines && p->line[i].row != row)
        i++;
    return i;
}

/* The line at the top of the window is where the heading stands: the pick is never under it. */
static void place(struct parts *p)
{
    p->list.cursor = line_of(p, p->rows.at);
    list_clamp(&p->list, p->n_lines, p->height);
    if (p->list.top > 0 && p->list.top == p->list.cursor)
        p->list.top--;
}

void parts_settle(struct parts *p, int lines)
{
    if (!p->has_heading && p->n > 0)
        free(p->v[--p->n].title);
    p->has_heading = true;
    rows_settle(&p->rows);
    p->height = lines > 2 ? lines : 2;
    place(p);
}

/* From a heading on to the row that the motion was heading for. */
static void pick_line(struct parts *p, size_t line, bool is_up)
{
    if (p->n_lines == 0)
        return;
    if (line >= p->n_lines)
        line = p->n_lines - 1;
    if (p->line[line].row == SIZE_MAX)
        line = is_up && line > 0 ? line - 1 : line + 1;
    rows_pick(&p->rows, p->line[line].row);
    place(p);
}

static void click(struct parts *p, const char *arg)
{
    int line, col;
    size_t at;

    if (!cells_click(arg, &line, &col))
        return;
    line -= p->first_line;
    at = p->list.top + (size_t)(line > 0 ? line : 0);
    if (line > 0 && line < p->height && at < p->n_lines && p->line[at].row != SIZE_MAX)
        pick_line(p, at, false);
}

bool parts_command(struct parts *p, const char *name, const char *arg)
{
    size_t before = p->list.cursor;

    if (list_command(&p->list, name, p->n_lines, p->height))
        pick_line(p, p->list.cursor, p->list.cursor < before);
    else if (strcmp(name, "click") == 0)
        click(p, arg);
    else if (strcmp(name, "filter") == 0) {
        filter_push(&p->filter, arg ? arg : "");
        p->rows.is_narrowed = true;
    } else if (strcmp(name, "filter-preview") == 0)
        filter_preview(&p->filter, arg);
    else
        return false;
    return true;
}

/* --- picture --------------------------------------------------------------------------------- */

struct drawing {
    const struct parts *p;
    const struct part_kind *kind;
    void *arg;
};

static void cell_of_line(void *arg, size_t line, size_t column, struct table_cell *out)
{
    const struct drawing *d = arg;

    d->kind->cell(d->arg, d->p->rows.v[d->p->line[line].row].item, column, out);
}

static int flags_of_line(void *arg, size_t line)
{
    const struct drawing *d = arg;

    return d->kind->flags ? d->kind->flags(d->arg, d->p->rows.v[d->p->line[line].row].item) : 0;
}

/* Columns that the heading has before the first title that is drawn. */
static int heading_cols(const struct part_kind *k, const int widths[], int cols)
{
    int used = 0;

    for (size_t i = 0; i < k->n; i++) {
        if (i >= k->titled && widths[i] > 0)
            return used > 0 ? used - 1 : 0;
        used += widths[i] > 0 ? widths[i] + 1 : 0;
    }
    return cols;
}

static void draw_heading(struct surface *s, struct area a, const struct table *t,
                         const int widths[], int line, const struct drawing *d, const char *title,
                         bool has_titles)
{
    int cols = has_titles ? heading_cols(d->kind, widths, a.cols) : a.cols;

    surface_put(s, a, line, 0, cols, title, ROLE_HEADING, CELL_BOLD);
    if (has_titles)
        table_draw_titles(s, a, t, widths, line, d->kind->titled);
}

void parts_draw(struct surface *s, struct area a, const struct parts *p,
                const struct part_kind kinds[], void *arg)
{
    size_t shown_kind = SIZE_MAX;

    for (int i = 0; i < a.lines && p->list.top + (size_t)i < p->n_lines; i++) {
        size_t at = p->list.top + (size_t)i;
        const struct part *part = &p->v[p->line[at].part];
        struct drawing d = {p, &kinds[part->kind], arg};
        struct table t = {.columns = d.kind->columns,
                          .n_columns = d.kind->n,
                          .list.cursor = p->list.cursor,
                          .cell = cell_of_line,
                          .row_flags = flags_of_line,
                          .arg = &d};
        int widths[TABLE_COLUMNS_MAX] = {0};

        table_layout(d.kind->columns, d.kind->n, a.cols, widths);
        if (i == 0 || p->line[at].row == SIZE_MAX) {
            draw_heading(s, a, &t, widths, i, &d, part->title, shown_kind != part->kind);
            shown_kind = part->kind;
        } else
            table_draw_row(s, a, &t, widths, at, i);
    }
}

const char *parts_note(const struct parts *p, const char *words, char out[160])
{
    struct buf terms = BUF_INIT(80);

    filter_text(&p->filter, &terms);
    snprintf(out, 160, "%s%s%s%.80s", terms.len ? "/" : "", buf_text(&terms),
             terms.len && *words ? " · " : "", words);
    buf_release(&terms);
    return out;
}
