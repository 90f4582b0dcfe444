/* table.c - layout by weight, drawing by callback. */
#include "widgets/table.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

/* Columns that a row takes with these columns kept: their least widths and a blank between. */
static int least_width(const struct column *columns, const bool *kept, size_t n)
{
    int cols = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (kept[i]) {
            cols += columns[i].min;
            count++;
        }
    return cols + (count > 1 ? count - 1 : 0);
}

static size_t lightest(const struct column *columns, const bool *kept, size_t n)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        if (kept[i] && (found == SIZE_MAX || columns[i].weight <= columns[found].weight))
            found = i; /* of equals the one further right */
    return found;
}

/* Hands out what is left: first to columns with a maximum, then to those without. */
static void widen(const struct column *columns, size_t n, int left, int widths[])
{
    for (int open = 0; open < 2; open++) {
        bool grew = true;
        while (left > 0 && grew) {
            grew = false;
            for (size_t i = 0; i < n && left > 0; i++) {
                bool is_open = columns[i].max == 0;
                if (widths[i] == 0 || is_open != (open == 1))
                    continue;
                if (is_open || widths[i] < columns[i].max) {
                    widths[i]++;
                    left--;
                    grew = true;
                }
            }
        }
    }
}

void table_layout(const struct column *columns, size_t n, int cols, int widths[TABLE_COLUMNS_MAX])
{
    bool kept[TABLE_COLUMNS_MAX] = {false};
    size_t count = n < TABLE_COLUMNS_MAX ? n : TABLE_COLUMNS_MAX, left = count;
    for (size_t i = 0; i < count; i++)
        kept[i] = true;
    while (left > 1 && least_width(columns, kept, count) > cols) {
        kept[lightest(columns, kept, count)] = false;
        left--;
    }
    for (size_t i = 0; i < count; i++)
        widths[i] = kept[i] ? columns[i].min : 0;
    int used = least_width(columns, kept, count);
    if (left == 1 && used > cols)
        for (size_t i = 0; i < count; i++)
            widths[i] = kept[i] ? cols : 0;
    else
        widen(columns, count, cols - used, widths);
}

void table_draw_titles(struct surface *s, struct area a, const struct table *t, const int widths[],
                       int line, size_t first)
{
    int col = 0;
    for (size_t i = 0; i < t->n_columns && i < TABLE_COLUMNS_MAX; i++) {
        if (widths[i] == 0 || i < first) {
            col += widths[i] ? widths[i] + 1 : 0;
            continue;
        }
        char title[128];
        const char *mark = "";
        if (t->sorted == (int)i + 1)
            mark = s->is_ascii ? "^" : "▴";
        else if (t->sorted == -(int)i - 1)
            mark = s->is_ascii ? "v" : "▾";
        const char *text = t->columns[i].title ? t->columns[i].title : "";
        size_t mark_len = strlen(mark), len = strlen(text);
        if (len + mark_len >= sizeof title)
            len = text_fit(text, (int)(sizeof title - mark_len) / 4, NULL);
        memcpy(title, text, len);
        memcpy(title + len, mark, mark_len + 1);
        if (t->columns[i].align == ALIGN_RIGHT)
            surface_put_right(s, a, line, col, widths[i], title, ROLE_HEADING, 0);
        else
            surface_put(s, a, line, col, widths[i], title, ROLE_HEADING, 0);
        col += widths[i] + 1;
    }
}

void table_draw_row(struct surface *s, struct area a, const struct table *t, const int widths[],
                    size_t row, int line)
{
    int flags = t->row_flags ? t->row_flags(t->arg, row) : 0, col = 0;
    if (row == t->list.cursor && !t->has_no_cursor)
        flags |= CELL_SELECTED;
    for (size_t i = 0; i < t->n_columns && i < TABLE_COLUMNS_MAX; i++) {
        if (widths[i] == 0)
            continue;
        struct table_cell cell;
        cell.room[0] = '\0';
        cell.text = cell.room;
        cell.role = ROLE_NORMAL;
        cell.flags = 0;
        cell.trend = NULL;
        t->cell(t->arg, row, i, &cell);
        if (cell.trend)
            trend_draw(s, a, line, col, widths[i], cell.trend);
        else if (t->columns[i].align == ALIGN_RIGHT)
            surface_put_right(s, a, line, col, widths[i], cell.text, cell.role, cell.flags);
        else
            surface_put(s, a, line, col, widths[i], cell.text, cell.role, cell.flags);
        col += widths[i] + 1;
    }
    surface_flag(s, (struct area){a.line + line, a.col, 1, a.cols}, flags);
}

void table_draw(struct surface *s, struct area a, const struct table *t)
{
    int widths[TABLE_COLUMNS_MAX] = {0}, header = t->has_no_header ? 0 : 1;
    if (a.lines <= 0 || a.cols <= 0)
        return;
    table_layout(t->columns, t->n_columns, a.cols, widths);
    if (header)
        table_draw_titles(s, a, t, widths, 0, 0);
    for (int line = header; line < a.lines; line++) {
        size_t row = t->list.top + (size_t)(line - header);
        if (row >= t->n_rows)
            break;
        table_draw_row(s, a, t, widths, row, line);
    }
}
