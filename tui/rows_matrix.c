/* rows_matrix.c - see rows_matrix.h. */
#include "tui/rows_matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_targets.h"

#define BLOCK_COLS_MIN 18 /* narrower, and the groups stand below each other */
#define LABEL_COLS_MAX 20
#define GAP_COLS       2

void matrix_release(struct matrix *m)
{
    names_release(&m->labels);
    free(m->sections);
    free(m->items);
    free(m->blocks);
    *m = (struct matrix){0};
}

static bool is_in(const struct matrix *m, const struct target *t, size_t block)
{
    const char *id = m->blocks[block] ? m->blocks[block]->id : "";

    return strcmp(t->group ? t->group : "", id) == 0;
}

static bool is_wanted(const struct console *c, const struct filter *filter, bool only_servers,
                      const struct target *t)
{
    return !t->is_disabled && (!only_servers || t->kind == TARGET_SERVER) &&
           (!filter || target_matches(c, filter, t));
}

/* The groups that have a target, in the site's order; last, those in no group that is known. */
static void find_blocks(const struct console *c, struct matrix *m, const struct filter *filter,
                        bool only_servers)
{
    const struct fleet *f = console_fleet(c);

    m->n_blocks = 0;
    for (size_t g = 0; g <= f->n_groups; g++) {
        const struct group *group = g < f->n_groups ? &f->groups[g] : NULL;
        bool has_any = false;

        for (size_t i = 0; i < f->n_targets && !has_any; i++) {
            const struct target *t = f->targets[i];
            has_any = is_wanted(c, filter, only_servers, t) &&
                      strcmp(t->group ? t->group : "", group ? group->id : "") == 0;
        }
        if (!has_any)
            continue;
        MEM_ROOM(m->blocks, m->n_blocks, m->cap_blocks);
        m->blocks[m->n_blocks++] = group;
    }
}

/* Groups that stand below each other say in each row which one it is. */
static void add_section(const struct console *c, struct matrix *m, const char *role, size_t block,
                        size_t row)
{
    bool is_stacked = m->grid.blocks == 1;
    const struct group *group = m->blocks[block];
    char label[160];

    if (is_stacked && m->n_blocks > 1)
        snprintf(label, sizeof label, "%.60s %.60s",
                 group ? console_words(c, &group->name, group->id) : "-", cells_role_name(role));
    else
        snprintf(label, sizeof label, "%.120s", cells_role_name(role));
    names_add(&m->labels, label);
    MEM_ROOM(m->sections, m->n_sections, m->cap_sections);
    m->sections[m->n_sections++] = (struct grid_section){
        .label = m->labels.v[m->labels.n - 1],
        .block = is_stacked ? 0 : (int)block,
        .row = (int)row,
    };
}

/* One section: the targets of a block that share a role with `first`, which is their first one. */
static void fill_section(const struct console *c, struct matrix *m, const struct filter *filter,
                         bool only_servers, size_t block, const char *role)
{
    const struct fleet *f = console_fleet(c);
    struct grid_section *section = &m->sections[m->n_sections - 1];

    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];

        if (!is_wanted(c, filter, only_servers, t) || !is_in(m, t, block) ||
            strcmp(cells_role_id(t), role) != 0)
            continue;
        MEM_ROOM(m->items, m->n_items, m->cap_items);
        m->items[m->n_items++] = t;
        section->n++;
    }
}

/* Distinct roles in the order in which the site names them; borrowed from the fleet. */
static size_t find_roles(const struct console *c, const struct filter *filter, bool only_servers,
                         const char *roles[], size_t max)
{
    const struct fleet *f = console_fleet(c);
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets && n < max; i++) {
        const char *role = cells_role_id(f->targets[i]);
        size_t k = 0;

        if (!is_wanted(c, filter, only_servers, f->targets[i]))
            continue;
        while (k < n && strcmp(roles[k], role) != 0)
            k++;
        if (k == n)
            roles[n++] = role;
    }
    return n;
}

/* "srv-a-web-03" -> "03"; NULL if the id does not end so. */
static const char *number_tail(const char *id)
{
    const char *tail = strrchr(id, '-');

    return tail && strlen(tail) >= 3 && strspn(tail + 1, "0123456789") == strlen(tail + 1)
               ? tail + 1
               : NULL;
}

/* What tells a target from its neighbours. */
static const char *tail_of(const struct matrix *m, const char *id)
{
    return m->has_tails ? number_tail(id) : id;
}

static bool servers_only(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_SERVER)
            return true;
    return false;
}

static void fit_cells(struct matrix *m, int cols)
{
    int tail = 0, blocks = m->grid.blocks, room;
    size_t most = 0;

    m->has_tails = true;
    for (size_t i = 0; i < m->n_items; i++)
        m->has_tails = m->has_tails && number_tail(m->items[i]->id);
    for (size_t i = 0; i < m->n_items; i++) {
        int has = text_cols(tail_of(m, m->items[i]->id));
        tail = has > tail ? has : tail;
    }
    for (size_t i = 0; i < m->n_sections; i++) {
        int has = text_cols(m->sections[i].label);
        m->grid.label_cols = has > m->grid.label_cols ? has : m->grid.label_cols;
        most = m->sections[i].n > most ? m->sections[i].n : most;
    }
    room = (cols - (blocks - 1) * GAP_COLS) / (blocks ? blocks : 1);
    if (m->grid.label_cols > LABEL_COLS_MAX)
        m->grid.label_cols = LABEL_COLS_MAX;
    if (m->grid.label_cols > room - (int)most * 2 - 1)
        m->grid.label_cols = room - (int)most * 2 - 1;
    if (m->grid.label_cols < room / 3)
        m->grid.label_cols = room / 3;
    m->grid.label_cols++;
    room -= m->grid.label_cols;
    m->has_names = tail <= 12 && (int)most * (tail + 2) <= room;
    m->grid.cell_cols = m->has_names ? tail + 2 : (int)most * 2 <= room ? 2 : 1;
}

void matrix_update(const struct console *c, struct matrix *m, const struct filter *filter, int cols)
{
    const char *roles[256];
    bool only_servers = servers_only(console_fleet(c));
    size_t n_roles = find_roles(c, filter, only_servers, roles, sizeof roles / sizeof *roles);
    int side_by_side;

    names_release(&m->labels);
    m->n_sections = m->n_items = 0;
    find_blocks(c, m, filter, only_servers);
    side_by_side = (cols + GAP_COLS) / (BLOCK_COLS_MIN + GAP_COLS);
    m->grid = (struct grid){.blocks = 1, .gap_cols = GAP_COLS};
    if (m->n_blocks > 0 && (int)m->n_blocks <= side_by_side)
        m->grid.blocks = (int)m->n_blocks;
    for (size_t b = 0; b < m->n_blocks; b++)
        for (size_t r = 0; r < n_roles; r++) {
            add_section(c, m, roles[r], b, m->grid.blocks == 1 ? b * n_roles + r : r);
            fill_section(c, m, filter, only_servers, b, roles[r]);
            if (m->sections[m->n_sections - 1].n == 0)
                m->n_sections--;
        }
    m->is_useful = n_roles > 1 || m->n_blocks > 1;
    m->grid.sections = m->sections;
    m->grid.n_sections = m->n_sections;
    fit_cells(m, cols);
}

int matrix_lines(const struct matrix *m, int cols)
{
    return grid_lines(&m->grid, cols) + (m->grid.blocks > 1 ? 1 : 0);
}

struct matrix_arg {
    const struct console *c;
    const struct matrix *m;
    char room[CELL_TEXT_MAX];
};

static struct grid_cell matrix_cell(void *varg, size_t item)
{
    struct matrix_arg *arg = varg;
    const struct target *t = arg->m->items[item];
    struct target_mark mark = target_mark(arg->c, t);

    snprintf(arg->room, sizeof arg->room, "%c%.40s", mark.symbol,
             arg->m->has_names ? tail_of(arg->m, t->id) : "");
    return (struct grid_cell){
        .text = arg->room, .role = mark.role, .flags = target_flags(arg->c, t)};
}

static void draw_names(const struct console *c, const struct matrix *m, struct surface *s,
                       struct area a)
{
    int width = (a.cols - (m->grid.blocks - 1) * GAP_COLS) / m->grid.blocks;

    for (size_t b = 0; b < m->n_blocks; b++)
        surface_put(s, a, 0, (int)b * (width + GAP_COLS), width,
                    m->blocks[b] ? console_words(c, &m->blocks[b]->name, m->blocks[b]->id)
                                 : _("no group"),
                    ROLE_HEADING, 0);
}

void matrix_draw(const struct console *c, const struct matrix *m, struct surface *s, struct area a,
                 size_t picked, int top)
{
    struct matrix_arg arg = {.c = c, .m = m};
    struct area body = a;

    if (m->grid.blocks > 1) {
        draw_names(c, m, s, a);
        body.line++;
        body.lines--;
    }
    if (m->n_items > 0)
        grid_draw(s, body, &m->grid, matrix_cell, &arg, picked, top);
}
