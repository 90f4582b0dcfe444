/* rows.h - what a list shows: which items, in what order, which one is picked, which are marked.
 *
 * A row is named by a key that outlives every refresh (an alert's id, an event's number, the hash
 * of a target's id).  The pick and the marks are keys, never places: sorting, filtering and
 * refreshing cannot move what an action will hit.  Items are borrowed from the fleet and good from
 * one rows_begin to the next change of the fleet; whoever acts looks the item up by its key again.
 *
 *     rows_begin(&r); for … if (rows_wants(&r, key, matches)) rows_add(&r, key, item);
 *     qsort(r.v, …); rows_settle(&r); */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

struct row {
    uint64_t key;
    const void *item;
};
struct rows {
    struct row *v;
    size_t n, cap;
    uint64_t picked;  /* 0: nothing */
    size_t at;        /* index of the picked row, 0 if there is none */
    bool is_narrowed; /* the filter changed: what does not match leaves, even if picked */
    uint64_t *marks;
    size_t n_marks, cap_marks;
};

void rows_release(struct rows *r);
void rows_begin(struct rows *r);
/* True if the row belongs to the list: it matches, or it is the picked one, which stays in sight
 * until the operator leaves it (a resolved alert does not slip away under the finger). */
bool rows_wants(const struct rows *r, uint64_t key, bool matches);
void rows_add(struct rows *r, uint64_t key, const void *item);
/* After filling and sorting: finds the pick again; if it is gone, its place is picked. */
void rows_settle(struct rows *r);
void rows_pick(struct rows *r, size_t at);   /* beyond the end: the last */
const void *rows_item(const struct rows *r); /* the picked one, NULL if the list is empty */

bool rows_is_marked(const struct rows *r, uint64_t key);
void rows_mark(struct rows *r, uint64_t key); /* or unmarks */
void rows_mark_all(struct rows *r);           /* all that are listed now */
void rows_mark_clear(struct rows *r);

/* Filter terms stack: every one must hold.  A term that starts with '!' must not occur. */
struct filter_term {
    char *folded;
    bool is_not;
};
struct filter {
    struct filter_term *v;
    size_t n, cap;
    struct filter_term preview; /* being typed; folded NULL: none */
};
void filter_release(struct filter *f);
/* Adds a term; an empty text removes the last one.  Case and diacritics do not count. */
void filter_push(struct filter *f, const char *text);
void filter_preview(struct filter *f, const char *text); /* "" or NULL: none */
bool filter_is_empty(const struct filter *f);            /* everything passes */
/* True if every term holds for the fields together (NULL fields are skipped). */
bool filter_passes(const struct filter *f, const char *const fields[], size_t n);
void filter_text(const struct filter *f, struct buf *out); /* "web !test" */

#endif
