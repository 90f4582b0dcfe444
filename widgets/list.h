/* list.h - cursor and scroll of a list as pure state: no rows, no drawing.
 *
 * The caller keeps the id of the selected item and sets `cursor` from it after every sort or
 * refresh, so that the selection follows the item; list_clamp then brings the window along. */
#ifndef WIDGETS_LIST_H
#define WIDGETS_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_state {
    size_t top, cursor; /* first visible row, selected row */
};

/* Makes cursor a row of n (0 if empty) and visible in `lines` lines. */
void list_clamp(struct list_state *l, size_t n, int lines);
/* A motion by its command name: up down page-up page-down half-up half-down top bottom wheel-up
 * wheel-down; false: not a motion. */
bool list_command(struct list_state *l, const char *name, size_t n, int lines);

#endif
