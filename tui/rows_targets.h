/* rows_targets.h - targets as a table: one line each, worst first unless sorted otherwise.
 *
 * The pick is the hash of the target's id, so that it survives refreshes and snapshots. */
#ifndef TUI_ROWS_TARGETS_H
#define TUI_ROWS_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sign.h"
#include "tui/console.h"
#include "tui/rows.h"
#include "widgets/list.h"

#define TARGET_WHY_MAX 256
#define TARGET_METRICS 3
extern const char *const target_metric_names[TARGET_METRICS][5]; /* load, memory, disk */

enum target_order {
    TARGETS_WORST,
    TARGETS_ID,
    TARGETS_ROLE,
    TARGETS_GROUP,
    TARGETS_LATENCY,
    TARGETS_CHANGED,
    TARGET_ORDER_COUNT
};

struct target_figures { /* of a row in sight; held for one trend bucket, so that they stay calm */
    uint64_t key;
    int64_t bucket;
    bool has[TARGET_METRICS];
    double value[TARGET_METRICS];
    char unit[TARGET_METRICS][12];
};

struct target_list {
    struct rows rows;
    struct filter filter;
    struct list_state list;
    enum target_order order;
    bool is_servers_only; /* without what has a screen of its own, where the site has servers */
    int lines;            /* rows that fit; kept by target_list_update */
    int first_line;       /* of the first row in the screen, for clicks; set by the screen */
    struct target_figures *figures; /* of the rows from list.top on */
    size_t n_figures;
    const struct fleet *columns_of; /* and its version, when the next line was found */
    uint64_t columns_version;
    bool has_metric[TARGET_METRICS], has_version, has_tags,
        has_trouble; /* columns that say anything */
};

struct target_mark { /* what stands for a target, or for one of its checks: core/sign.h */
    char symbol;
    const char *word;
    enum role role;
};
struct target_mark target_mark(const struct console *c, const struct target *t);
struct target_mark target_check_mark(const struct console *c, const struct check *k);
/* The tag beside it, into a cell: "M", "^", "F", "=", "T" or nothing. */
void target_put_tag(const struct console *c, const struct target *t, char out[2]);
/* CELL_DIM where nobody has to act on it, and its sign does not say so. */
int target_flags(const struct console *c, const struct target *t);
/* "MAINTENANCE until 17:00, behind core-sw1, flapping"; "" where nothing is to be said of it. */
const char *target_why(const struct console *c, const struct check *k, char out[TARGET_WHY_MAX]);
/* The same, and behind it what is wrong: "behind core-sw1 · http: HTTP 502" (name NULL: without
 * it); nothing where all is well. */
void target_say(const struct console *c, struct buf *out, const struct check *k, const char *name);
bool target_is_calm(const struct target *t); /* OK, and nothing else is to be said of it */

uint64_t target_key(const struct target *t);
struct target *target_by_key(const struct fleet *f, uint64_t key); /* NULL: it has left */
bool target_matches(const struct console *c, const struct filter *filter, const struct target *t);
struct selection target_selection(const struct console *c, const struct target *t);

void target_list_release(struct target_list *l);
void target_list_update(struct console *c, struct target_list *l, int lines);
/* has_cursor false: a panel to look at, on the board: no cursor, no metrics. */
void target_list_draw(const struct console *c, const struct target_list *l, struct surface *s,
                      struct area a, bool has_cursor);
bool target_list_command(struct console *c, struct target_list *l, const char *name,
                         const char *arg);
const char *target_list_note(const struct target_list *l, char out[160]);

#endif
