/* rows_alerts.h - the list of alerts, as the board and the alerts screen have it.
 *
 * Open alerts first (alert_compare, or the order chosen with `o`), resolved ones dimmed below where
 * they are asked for.  An alert that stands behind another that is listed is folded under it, until
 * Right opens that one; many that are alike are one row, which what is asked is about as a whole
 * while it is closed.  The pick and the marks are alert ids. Ten thousand alerts: rows are made
 * anew only when an alert, the filter or a fold has changed, and only those in sight are said in
 * words. */
#ifndef TUI_ROWS_ALERTS_H
#define TUI_ROWS_ALERTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows.h"
#include "widgets/list.h"

enum alert_order {
    ORDER_URGENT,
    ORDER_NEWEST,
    ORDER_CHECK,
    ORDER_OLDEST, /* the acknowledgement that stands longest first */
    ORDER_OWNER,
    ALERT_ORDER_COUNT
};

struct fold { /* of one alert, at the same place as in the fleet */
    bool is_listed;
    bool is_open;  /* what stands behind it is shown */
    bool is_alike; /* what is folded under it is like it, and does not stand behind it */
    size_t root;   /* place of the alert that it is folded under; its own: none */
    size_t behind; /* how many are folded under it */

    uint64_t id; /* what the filter said, and of what: asked again only of what has changed */
    const struct check *check;
    uint64_t alert_version, check_version;
    bool is_match;
};
/* What the rows were made of. */
struct alert_stamp {
    size_t n_alerts;
    uint64_t first, last, alerts_version, generation, fleet_version, picked;
    unsigned int turn;
    char lang; /* the filter looks at words */
};

struct alert_list {
    struct rows rows;
    struct filter filter;
    struct list_state list;
    enum alert_order order;
    bool has_resolved, had_resolved; /* show them, too; as of the last fill */
    bool is_chosen;                  /* the pick is the operator's own */
    int lines;                       /* rows that fit; kept by alert_list_update */
    int first_line; /* of the first row in the screen, for clicks; set by the screen */

    struct fold *folds, *before; /* of this fill, of the one before */
    size_t n_folds, n_before, cap_folds, cap_before;
    uint64_t *opened; /* alerts whose fold the operator has opened */
    size_t n_opened, cap_opened;
    struct alert_stamp filled;
    unsigned int turn;          /* + 1 with every change of filter, order, folds */
    bool has_kept;              /* a row is there only because it is picked */
    bool has_takes, has_nexts;  /* somebody must take one; something is to come */
    int check_cols, owner_cols; /* of the widest */
};

extern const char *const alert_list_bar[]; /* what can be done with it, for the key bar */

void alert_list_release(struct alert_list *l);
/* `lines`: of the area that it will be drawn in, the header line included. */
void alert_list_update(struct console *c, struct alert_list *l, int lines);
void alert_list_draw(const struct console *c, const struct alert_list *l, struct surface *s,
                     struct area a);
bool alert_list_command(struct console *c, struct alert_list *l, const char *name, const char *arg);
struct selection alert_list_selected(const struct console *c, const struct alert_list *l);
/* Marked alerts that are open (a resolved one keeps no mark that acts); where none is, and the pick
 * is a row of many alike ones: these. */
size_t alert_list_marked(const struct console *c, const struct alert_list *l, uint64_t *ids,
                         size_t max);
/* "Alerts: 2 taken by nobody, oldest 4m" */
const char *alert_list_title(const struct console *c, char out[160]);
/* What the screen's frame says at its right: filter, order, marks.  "" if nothing. */
const char *alert_list_note(const struct alert_list *l, char out[160]);

#endif
