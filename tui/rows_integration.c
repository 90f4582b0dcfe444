/* rows_integration.c - see rows_integration.h; the picture: rows_integration_table.c. */
#include "tui/rows_integration.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_cells.h"
#include "tui/rows_integration_table.h"

#define OTHER_ROW                                                                                  \
    0x9E3779B97F4A7C15u /* in the key of an endpoint's row of the other environment                \
                         */

static const struct figure_kind kinds[INTEGRATION_FIGURES] = {
    [INTEGRATION_SUCCESS] =
        {N_("Success"), {"success_pct", "success", "ok_pct"}, NULL, FIGURE_METRIC, 3, 7, 88},
    [INTEGRATION_P95] = {N_("p95"), {"p95_ms", "p95"}, NULL, FIGURE_METRIC, 2, 7, 70},
    [INTEGRATION_PENDING] =
        {N_("Pending"), {"callbacks_pending", "pending"}, NULL, FIGURE_METRIC, 3, 7, 55},
    [INTEGRATION_OLDEST] =
        {N_("Oldest"), {"oldest_callback_s", "oldest_s"}, NULL, FIGURE_METRIC, 2, 7, 50},
    [INTEGRATION_SILENCE] = {N_("Silence"), {"silence_s"}, NULL, FIGURE_AGE, 0, 7, 52},
    [INTEGRATION_UNRECONCILED] =
        {N_("Unreconciled"), {"unreconciled"}, NULL, FIGURE_METRIC, 0, 12, 48},
    [INTEGRATION_CERT] = {N_("Cert"), {"days_left", "cert_days_left"}, NULL, FIGURE_DAYS, 0, 6, 75},
};

static bool is_of_integration(const struct target *t)
{
    return t->kind == TARGET_ENDPOINT || t->kind == TARGET_FLOW;
}

size_t integration_count(const struct fleet *f, bool is_test)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += is_of_integration(f->targets[i]) && !f->targets[i]->is_disabled &&
             f->targets[i]->is_test == is_test;
    return n;
}

void integration_list_init(struct integration_list *l)
{
    *l = (struct integration_list){.figures = {.kinds = kinds, .n_kinds = INTEGRATION_FIGURES}};
}

void integration_list_release(struct integration_list *l)
{
    parts_release(&l->parts);
    figures_release(&l->figures);
    free(l->v);
    free(l->shown);
}

struct target_mark integration_mark(const struct console *c, const struct target *t)
{
    return target_mark(c, t);
}

/* The endpoint that a flow belongs to, NULL: none that is known. */
static const struct target *endpoint_of(const struct fleet *f, const struct target *flow)
{
    const char *id = target_label(flow, "endpoint");
    const struct target *t = id ? fleet_target(f, id) : NULL;

    for (size_t i = 0; !t && i < flow->n_parents; i++) {
        t = fleet_target(f, flow->parents[i]);
        if (t && t->kind != TARGET_ENDPOINT)
            t = NULL;
    }
    return t;
}

static size_t column_of(struct integration_list *l, const struct target *flow)
{
    const char *name = target_label(flow, "flow");
    size_t i = 0;

    if (!name)
        name = flow->id;
    while (i < l->n_flows && strcmp(l->flows[i], name) != 0)
        i++;
    if (i == l->n_flows && l->n_flows < FLOWS_MAX)
        l->flows[l->n_flows++] = name;
    return i;
}

uint64_t integration_key(const struct endpoint_row *r)
{
    uint64_t key = target_key(r->t);

    return r->is_test == r->t->is_test ? key : key ^ OTHER_ROW;
}

const struct target *integration_troubled(const struct endpoint_row *r)
{
    const struct target *worst = r->is_test == r->t->is_test ? r->t : NULL;

    for (size_t i = 0; i < FLOWS_MAX; i++)
        if (r->flows[i] && r->flows[i]->link == LINK_DONE &&
            (!worst || state_rows[r->flows[i]->state].badness > state_rows[worst->state].badness))
            worst = r->flows[i];
    return worst ? worst : r->t;
}

const struct target *integration_judged(const struct endpoint_row *r)
{
    return r->is_test == r->t->is_test ? r->t : integration_troubled(r);
}

/* The endpoint's row among those of an environment; of the other one only where a flow is there. */
static struct endpoint_row *row_of(struct integration_list *l, const struct target *t, bool is_test)
{
    for (size_t i = 0; t && i < l->n; i++)
        if (l->v[i].t == t && l->v[i].is_test == is_test)
            return &l->v[i];
    if (!t)
        return NULL;
    l->v[l->n] = (struct endpoint_row){.t = t, .is_test = is_test};
    return &l->v[l->n++];
}

/* A flow that belongs nowhere, or that no column is left for, has a row of its own. */
static void place_flow(const struct fleet *f, struct integration_list *l, const struct target *flow)
{
    struct endpoint_row *row = row_of(l, endpoint_of(f, flow), flow->is_test);
    size_t column = row ? column_of(l, flow) : FLOWS_MAX;

    if (column < FLOWS_MAX && !row->flows[column]) {
        row->flows[column] = flow;
        row->has_flows = true;
    } else
        l->v[l->n++] = (struct endpoint_row){.t = flow, .is_test = flow->is_test};
}

void integration_list_find(const struct console *c, struct integration_list *l)
{
    const struct fleet *f = console_fleet(c);

    if (l->cap < f->n_targets + 1) {
        free(l->v);
        free(l->shown);
        l->cap = f->n_targets + 1;
        l->v = mem_alloc(l->cap * sizeof *l->v);
        l->shown = mem_alloc(l->cap * sizeof *l->shown);
    }
    l->n = l->n_flows = 0;
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_ENDPOINT)
            l->v[l->n++] =
                (struct endpoint_row){.t = f->targets[i], .is_test = f->targets[i]->is_test};
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_FLOW)
            place_flow(f, l, f->targets[i]);
    if (l->flow > l->n_flows)
        l->flow = 0;
}

static bool matches(const struct console *c, const struct filter *filter,
                    const struct endpoint_row *r)
{
    bool is_match = target_matches(c, filter, r->t);

    for (size_t i = 0; !is_match && i < FLOWS_MAX; i++)
        is_match = r->flows[i] && target_matches(c, filter, r->flows[i]);
    return is_match;
}

/* What is switched off stands last. */
static size_t fill_part(struct console *c, struct integration_list *l, size_t n, bool is_test,
                        bool has_flows, const char *title)
{
    parts_heading(&l->parts, has_flows ? PART_FLOWS : PART_ENDPOINTS, title);
    for (int is_off = 0; is_off < 2; is_off++)
        for (size_t i = 0; i < l->n; i++) {
            const struct endpoint_row *r = &l->v[i];

            if (r->is_test == is_test && r->has_flows == has_flows &&
                (int)r->t->is_disabled == is_off &&
                parts_add(&l->parts, integration_key(r), r, matches(c, &l->parts.filter, r)))
                l->shown[n++] = r->t;
        }
    return n;
}

void integration_list_fill(struct console *c, struct integration_list *l)
{
    size_t n = 0;

    integration_list_find(c, l);
    parts_begin(&l->parts);
    n = fill_part(c, l, n, false, false, _("In production"));
    n = fill_part(c, l, n, false, true, _("Flows in production"));
    n = fill_part(c, l, n, true, true, _("Test (never pages)"));
    n = fill_part(c, l, n, true, false, _("Test endpoints (never page)"));
    figures_update(c, &l->figures, l->shown, n);
}

bool integration_list_command(struct integration_list *l, const char *name, const char *arg)
{
    if (strcmp(name, "left") == 0 || strcmp(name, "right") == 0) {
        const struct endpoint_row *r = rows_item(&l->parts.rows);

        if (!r || !r->has_flows || (name[0] == 'l' && l->flow == 0))
            return true;
        l->flow += name[0] == 'l' ? (size_t)-1 : l->flow < l->n_flows ? 1 : 0;
        return true;
    }
    return parts_command(&l->parts, name, arg);
}

const struct target *integration_list_picked(const struct console *c,
                                             const struct integration_list *l)
{
    const struct fleet *f = console_fleet(c);
    const struct target *t = target_by_key(f, l->parts.rows.picked);
    bool is_other = !t;

    if (is_other)
        t = target_by_key(f, l->parts.rows.picked ^ OTHER_ROW);
    if (!t || l->parts.rows.n == 0 || l->flow == 0)
        return l->parts.rows.n ? t : NULL;
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *flow = f->targets[i];
        const char *name = target_label(flow, "flow");

        if (flow->kind == TARGET_FLOW && endpoint_of(f, flow) == t &&
            flow->is_test == (t->is_test != is_other) &&
            strcmp(name ? name : flow->id, l->flows[l->flow - 1]) == 0)
            return flow;
    }
    return t;
}
