/* rows_databases.h - databases by programme or by ministry: which are connected, how fresh they
 * are, and the pairs that replicate.
 *
 * What dropped out or is late stands first, whoever it belongs to, then what is connected and used
 * by nobody; what was never connected is no problem and says so.  Counters are those that somebody
 * published (totals of the site file), with their day; where the inventory or what is seen now
 * differs, that is said beside them. */
#ifndef TUI_ROWS_DATABASES_H
#define TUI_ROWS_DATABASES_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows_figures.h"
#include "tui/rows_parts.h"

enum database_status {
    DATABASE_LOST, /* was connected, is not */
    DATABASE_LATE,
    DATABASE_UNKNOWN, /* should be connected; nothing fresh is known of it */
    DATABASE_UNUSED,  /* connected and fresh, and nobody uses it: a notice of its own */
    DATABASE_OK,
    DATABASE_WAITING, /* should be connected; nobody has looked yet */
    DATABASE_TESTING,
    DATABASE_NONE, /* not connected yet: neutral */
    DATABASE_OFF,
    DATABASE_STATUS_COUNT
};
enum database_status database_status(const struct console *c, const struct target *t);
const char *database_status_words(enum database_status s);
/* Whose it is: the label or what a reply says, else the organisation of the site file; "":
 * nobody's.
 */
const char *database_owner(const struct target *t);
const char *database_owner_words(const struct console *c, const char *id, bool is_long);
/* By its label, else its group; its name is that of the total that counts it, else the group's. */
const char *database_programme(const struct target *t);
const char *database_programme_words(const struct console *c, const char *id);
bool database_is_pair(const struct check *k); /* it is about replication, not about the database */

struct database_row {
    const struct target *t;
    const struct check *pair; /* a check about replication; NULL: the database itself */
    enum database_status status;
};
struct database_list {
    struct parts parts;
    struct figures figures, lags;
    bool is_by_org;
    struct database_row *v;
    size_t n, cap;
    const struct target **shown;
};

size_t databases_count(const struct fleet *f); /* databases and checks about replication */
void database_list_init(struct database_list *l);
void database_list_release(struct database_list *l);
/* Fills the list; then parts_settle(&l->parts, lines). */
void database_list_fill(struct console *c, struct database_list *l);
void database_list_draw(const struct console *c, const struct database_list *l, struct surface *s,
                        struct area a);
struct selection database_list_selected(const struct console *c, const struct database_list *l);

/* One line for each published total (else for each programme of the inventory). */
int database_totals_lines(const struct fleet *f);
void database_totals_draw(const struct console *c, struct surface *s, struct area a);
/* "05/03/2026" of "2026-03-05"; as it is if it is no day. */
const char *database_day(const char *day, char out[CELL_TEXT_MAX]);
/* The total that counts it, NULL: none. */
const struct total *database_total_of(const struct fleet *f, const struct target *t);
/* How many databases of that status. */
size_t databases_of(const struct console *c, enum database_status status);
/* Of a total: databases that are seen connected now; *missing: those that should be and are not. */
size_t database_total_seen(const struct console *c, const struct total *total, size_t *missing);

#endif
