/* rows_figures.h - what checks measured, as columns: numbers found under well-known names, and
 * calm: a figure holds for one trend bucket (30 s) unless the target's state changes.
 *
 * A kind of target names its figures in a const table; the columns that a site can fill are those
 * it gets.  Nothing of a site is compiled in: a metric called "delivered_pct" is one wherever it
 * comes from, and what has no well-known name stands in the check's own page. */
#ifndef TUI_ROWS_FIGURES_H
#define TUI_ROWS_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"
#include "tui/console.h"
#include "tui/rows.h"
#include "tui/rows_cells.h"
#include "widgets/table.h"

#define FIGURES_MAX 12

enum figure_form {
    FIGURE_METRIC, /* with its own unit */
    FIGURE_AGE,    /* seconds (or ms), or a fact that is a time: shown as an age that goes on */
    FIGURE_DAYS    /* days that are left */
};
struct figure_kind {
    const char *title;     /* msgid */
    const char *names[6];  /* of the metric, the first that is there counts */
    const char *fact;      /* FIGURE_AGE: a fact that holds a time; NULL: none */
    enum figure_form form; /* how it is written */
    int digits, cols, weight;
};
struct figure {
    bool has;
    size_t check; /* index in the target's checks */
    double value; /* FIGURE_AGE: wall time in ms that it counts from */
    char unit[12];
};
struct figure_row {
    uint64_t key;
    int64_t bucket;
    enum state state;
    struct figure v[FIGURES_MAX];
};
struct figures {
    const struct figure_kind *kinds;
    size_t n_kinds;
    struct figure_row *rows;
    size_t n;
    bool has[FIGURES_MAX]; /* any row has it */
};

void figures_release(struct figures *f);
/* Reads those of the targets; `targets` are rows whose items are targets. */
void figures_update(const struct console *c, struct figures *f,
                    const struct target *const targets[], size_t n);
/* NULL if the target has none of that kind. */
const struct figure *figures_of(const struct figures *f, const struct target *t, size_t kind);
bool figures_has_any(const struct figures *f, const struct target *t);
/* Into a cell: the text, and the stale mark and role where its check is stale. */
void figures_cell(const struct console *c, const struct figures *f, const struct target *t,
                  size_t kind, struct table_cell *out);
/* The same as text; "" if there is none. */
const char *figures_text(const struct console *c, const struct figures *f, const struct target *t,
                         size_t kind, char out[CELL_TEXT_MAX]);
/* Appends the columns that any row fills; ids[] gets base + kind of each. Returns how many. */
size_t figures_columns(const struct figures *f, struct column columns[], int ids[], int base);

#endif
