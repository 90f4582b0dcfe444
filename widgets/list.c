/* list.c - motions. */
#include "widgets/list.h"

#include <string.h>

void list_clamp(struct list_state *l, size_t n, int lines)
{
    size_t room = lines > 0 ? (size_t)lines : 1;
    if (n == 0) {
        l->top = l->cursor = 0;
        return;
    }
    if (l->cursor >= n)
        l->cursor = n - 1;
    if (l->top > l->cursor)
        l->top = l->cursor;
    if (l->cursor - l->top >= room)
        l->top = l->cursor - room + 1;
    if (n <= room)
        l->top = 0;
    else if (l->top > n - room)
        l->top = n - room;
}

static void list_up(struct list_state *l, size_t by)
{
    l->cursor = l->cursor > by ? l->cursor - by : 0;
}

static void list_down(struct list_state *l, size_t by, size_t n)
{
    l->cursor = n - l->cursor > by ? l->cursor + by : n - 1;
}

bool list_command(struct list_state *l, const char *name, size_t n, int lines)
{
    static const char *const names[] = {"up",        "down", "page-up", "page-down", "half-up",
                                        "half-down", "top",  "bottom",  "wheel-up",  "wheel-down"};
    size_t page = lines > 1 ? (size_t)lines - 1 : 1, half = lines > 1 ? (size_t)lines / 2 : 1;
    size_t which = 0, n_names = sizeof names / sizeof *names;
    while (which < n_names && strcmp(names[which], name) != 0)
        which++;
    if (which == n_names)
        return false;
    list_clamp(l, n, lines);
    if (n == 0)
        return true;
    const size_t steps[] = {1, 1, page, page, half, half, n, n, 3, 3};
    if (which % 2 == 0)
        list_up(l, steps[which]);
    else
        list_down(l, steps[which], n);
    list_clamp(l, n, lines);
    return true;
}
