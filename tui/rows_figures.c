/* rows_figures.c - see rows_figures.h. */
#include "tui/rows_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"

void figures_release(struct figures *f)
{
    free(f->rows);
    f->rows = NULL;
    f->n = 0;
}

static void take_metric(struct figure *out, const struct figure_kind *kind, const struct check *k,
                        const struct metric *m, size_t check)
{
    double seconds = strcmp(cells_unit(m), "ms") == 0 ? m->value / 1000 : m->value;

    out->has = true;
    out->check = check;
    out->value = kind->form == FIGURE_AGE ? (double)k->at_ms - seconds * 1000 : m->value;
    snprintf(out->unit, sizeof out->unit, "%.11s", cells_unit(m));
}

static bool take_fact(struct figure *out, const struct figure_kind *kind, const struct check *k,
                      size_t check)
{
    const char *text = kind->fact ? fact_value(k->facts, k->n_facts, kind->fact) : NULL;
    int64_t at;

    if (!text || !when_parse_rfc3339(text, &at))
        return false;
    *out = (struct figure){.has = true, .check = check, .value = (double)at};
    return true;
}

static bool take_named(struct figure *out, const struct figure_kind *kind, const struct target *t,
                       const char *name)
{
    for (size_t i = 0; i < t->n_checks; i++)
        for (size_t m = 0; m < t->checks[i]->n_metrics; m++)
            if (strcmp(t->checks[i]->metrics[m].name, name) == 0) {
                take_metric(out, kind, t->checks[i], &t->checks[i]->metrics[m], i);
                return true;
            }
    return false;
}

static struct figure take(const struct figure_kind *kind, const struct target *t)
{
    const size_t n_names = sizeof kind->names / sizeof *kind->names;
    struct figure out = {0};

    for (size_t i = 0; i < t->n_checks; i++)
        if (take_fact(&out, kind, t->checks[i], i))
            return out;
    for (size_t n = 0; n < n_names && kind->names[n]; n++)
        if (take_named(&out, kind, t, kind->names[n]))
            return out;
    return out;
}

static const struct figure_row *row_of(const struct figures *f, uint64_t key, size_t hint)
{
    if (hint < f->n && f->rows[hint].key == key)
        return &f->rows[hint]; /* nearly always: the order has not changed */
    for (size_t i = 0; i < f->n; i++)
        if (f->rows[i].key == key)
            return &f->rows[i];
    return NULL;
}

void figures_update(const struct console *c, struct figures *f,
                    const struct target *const targets[], size_t n)
{
    int64_t bucket = console_now_wall(c) / TREND_BUCKET_MS;
    struct figure_row *rows = mem_alloc((n ? n : 1) * sizeof *rows);

    memset(f->has, 0, sizeof f->has);
    for (size_t i = 0; i < n; i++) {
        const struct target *t = targets[i];
        const struct figure_row *old = row_of(f, map_hash(t->id), i);

        if (old && old->bucket == bucket && old->state == t->state)
            rows[i] = *old;
        else {
            rows[i] = (struct figure_row){map_hash(t->id), bucket, t->state, {{0}}};
            for (size_t k = 0; k < f->n_kinds; k++)
                rows[i].v[k] = take(&f->kinds[k], t);
        }
        for (size_t k = 0; k < f->n_kinds; k++)
            f->has[k] = f->has[k] || rows[i].v[k].has;
    }
    free(f->rows);
    f->rows = rows;
    f->n = n;
}

bool figures_has_any(const struct figures *f, const struct target *t)
{
    for (size_t k = 0; k < f->n_kinds; k++)
        if (figures_of(f, t, k))
            return true;
    return false;
}

const struct figure *figures_of(const struct figures *f, const struct target *t, size_t kind)
{
    const struct figure_row *row = row_of(f, map_hash(t->id), 0);

    return row && row->v[kind].has && row->v[kind].check < t->n_checks ? &row->v[kind] : NULL;
}

static void say_figure(const struct console *c, const struct figure_kind *kind,
                       const struct figure *v, char out[CELL_TEXT_MAX])
{
    struct metric m = {.value = v->value, .unit = (char *)v->unit};
    char age[40], number[24];

    if (kind->form == FIGURE_AGE)
        snprintf(out, CELL_TEXT_MAX, "%s", console_age(c, (int64_t)v->value, age));
    else if (kind->form == FIGURE_DAYS) {
        snprintf(number, sizeof number, "%.0f", v->value);
        cells_say(c, SAY(N_("{0} d"), number), out, CELL_TEXT_MAX);
    } else
        cells_metric(console_lang(c), &m, kind->digits, out);
}

const char *figures_text(const struct console *c, const struct figures *f, const struct target *t,
                         size_t kind, char out[CELL_TEXT_MAX])
{
    const struct figure *v = figures_of(f, t, kind);
    char text[CELL_TEXT_MAX];

    out[0] = '\0';
    if (!v)
        return out;
    say_figure(c, &f->kinds[kind], v, text);
    snprintf(out, CELL_TEXT_MAX, "%s%.60s",
             console_shown(c, t->checks[v->check]) == STATE_STALE ? "~" : "", text);
    return out;
}

void figures_cell(const struct console *c, const struct figures *f, const struct target *t,
                  size_t kind, struct table_cell *out)
{
    char text[CELL_TEXT_MAX];

    snprintf(out->room, sizeof out->room, "%s", figures_text(c, f, t, kind, text));
    if (text[0] == '~')
        out->role = ROLE_STATE_STALE;
}

size_t figures_columns(const struct figures *f, struct column columns[], int ids[], int base)
{
    size_t n = 0;

    for (size_t k = 0; k < f->n_kinds; k++) {
        const struct figure_kind *kind = &f->kinds[k];
        const char *title = _(kind->title);
        int cols = text_cols(title) > kind->cols ? text_cols(title) : kind->cols;

        if (!f->has[k])
            continue;
        columns[n] = (struct column){title, cols, cols, kind->weight, ALIGN_RIGHT};
        ids[n++] = base + (int)k;
    }
    return n;
}
