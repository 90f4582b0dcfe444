/* rows_integration.h - who we exchange with: platform, bank, post, the ministries' systems, and the
 * business flows of each.
 *
 *      In production           Success Latency   Cert
 *      + OK   Platform          99.9 %   41 ms   44 d
 *      Test (never pages)      Receive  Status   Sync     Payment
 *      + OK   Justice          + 99 %   + 98 %   T        -
 *
 * An endpoint that has flows is a row of a matrix, the others are rows of a table; production and
 * test stand apart, also those of one endpoint, and only production counts.  A flow belongs to the
 * endpoint that its label `endpoint` or its parents name; its label `flow` is its column. */
#ifndef TUI_ROWS_INTEGRATION_H
#define TUI_ROWS_INTEGRATION_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows_figures.h"
#include "tui/rows_parts.h"
#include "tui/rows_targets.h"

#define FLOWS_MAX 8 /* columns */

struct endpoint_row {
    const struct target *t; /* the endpoint (or a flow that belongs to none) */
    bool is_test; /* the row: of an endpoint some of whose flows are promoted there are two */
    bool has_flows;
    const struct target *flows[FLOWS_MAX]; /* by column; NULL: it has none of that name */
};
struct integration_list {
    struct parts parts;
    struct figures figures;
    const char *flows[FLOWS_MAX]; /* names of the columns; borrowed */
    size_t n_flows;
    size_t flow; /* column that is picked, from 1; 0: the endpoint itself */
    struct endpoint_row *v;
    size_t n, cap;
    const struct target **shown;
};

size_t integration_count(const struct fleet *f, bool is_test); /* endpoints and flows */
void integration_list_init(struct integration_list *l);
void integration_list_release(struct integration_list *l);
/* Finds rows and flows without filling the parts: for panels. */
void integration_list_find(const struct console *c, struct integration_list *l);
/* Fills the list; then parts_settle(&l->parts, lines). */
void integration_list_fill(struct console *c, struct integration_list *l);
bool integration_list_command(struct integration_list *l, const char *name, const char *arg);
void integration_list_draw(const struct console *c, const struct integration_list *l,
                           struct surface *s, struct area a);
/* What a row is judged by: its endpoint, or of one that is here for its flows alone the worst flow.
 */
const struct target *integration_judged(const struct endpoint_row *r);
/* The endpoint, or the flow that is worse off. */
const struct target *integration_troubled(const struct endpoint_row *r);
uint64_t integration_key(const struct endpoint_row *r);
/* The endpoint or the flow under the cursor; NULL: nothing. */
const struct target *integration_list_picked(const struct console *c,
                                             const struct integration_list *l);
/* What stands for a flow: its state, T under test, - not connected. */
struct target_mark integration_mark(const struct console *c, const struct target *t);

#endif
