/* rows_totals.c - counters of databases: what was published, and what the inventory and the checks
 * say of it now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_databases.h"

const char *database_day(const char *day, char out[CELL_TEXT_MAX])
{
    int y, m, d;

    if (day && sscanf(day, "%4d-%2d-%2d", &y, &m, &d) == 3)
        snprintf(out, CELL_TEXT_MAX, "%02d/%02d/%04d", d, m, y);
    else
        snprintf(out, CELL_TEXT_MAX, "%.60s", day ? day : "");
    return out;
}

static bool is_counted(const struct total *total, const struct target *t)
{
    for (size_t i = 0; i < total->n_labels; i++) {
        const char *value = target_label(t, total->labels[i].key);

        if (!value || strcmp(value, total->labels[i].value) != 0)
            return false;
    }
    return t->kind == TARGET_DATABASE;
}

const struct total *database_total_of(const struct fleet *f, const struct target *t)
{
    for (size_t i = 0; i < f->about.n_totals; i++)
        if (is_counted(&f->about.totals[i], t))
            return &f->about.totals[i];
    return NULL;
}

size_t database_total_seen(const struct console *c, const struct total *total, size_t *missing)
{
    const struct fleet *f = console_fleet(c);
    size_t seen = 0;

    *missing = 0;
    for (size_t i = 0; i < f->n_targets; i++) {
        enum database_status s = database_status(c, f->targets[i]);

        if (!is_counted(total, f->targets[i]))
            continue;
        seen += s == DATABASE_OK || s == DATABASE_LATE || s == DATABASE_UNUSED;
        *missing += s == DATABASE_LOST || s == DATABASE_UNKNOWN;
    }
    return seen;
}

int database_totals_lines(const struct fleet *f)
{
    return (int)f->about.n_totals;
}

static int put_differences(const struct console *c, struct surface *s, struct area a, int line,
                           int col, const struct total *total)
{
    size_t done = 0, all = fleet_count_total(console_fleet(c), total, &done);
    size_t missing, seen = database_total_seen(c, total, &missing);
    char first[32], second[32], text[160];

    snprintf(first, sizeof first, "%zu", done);
    snprintf(second, sizeof second, "%zu", all);
    if ((int64_t)all != total->total || (int64_t)done != total->done)
        col += 2 + surface_put(s, a, line, col, a.cols - col,
                               cells_say(c, SAY(N_("! inventory {0}/{1}"), first, second), text,
                                         sizeof text),
                               ROLE_STATE_WARNING, 0);
    snprintf(first, sizeof first, "%zu", seen);
    if (missing > 0 || seen > done)
        col +=
            2 + surface_put(s, a, line, col, a.cols - col,
                            cells_say(c, SAY(N_("! connected now: {0}"), first), text, sizeof text),
                            ROLE_STATE_WARNING, 0);
    return col;
}

void database_totals_draw(const struct console *c, struct surface *s, struct area a)
{
    const struct about *about = &console_fleet(c)->about;
    int name_cols = 8;

    for (size_t i = 0; i < about->n_totals; i++) {
        int cols = text_cols(console_words(c, &about->totals[i].name, about->totals[i].id));
        name_cols = cols > name_cols ? cols : name_cols;
    }
    name_cols = name_cols > a.cols / 2 ? a.cols / 2 : name_cols;
    for (size_t i = 0; i < about->n_totals && (int)i < a.lines; i++) {
        const struct total *t = &about->totals[i];
        char count[64], day[CELL_TEXT_MAX], text[160];
        int line = (int)i, col = name_cols + 1;

        surface_put(s, a, line, 0, name_cols, console_words(c, &t->name, t->id), ROLE_NORMAL, 0);
        snprintf(count, sizeof count, "%" PRId64 "/%" PRId64, t->done, t->total);
        surface_put_right(s, a, line, col, 7, count, ROLE_NORMAL, CELL_BOLD);
        col += 9;
        col += 2 + surface_put(s, a, line, col, a.cols - col,
                               cells_say(c, SAY(N_("as of {0}"), database_day(t->as_of, day)), text,
                                         sizeof text),
                               ROLE_FAINT, 0);
        put_differences(c, s, a, line, col, t);
    }
}
