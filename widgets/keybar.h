/* keybar.h - the line of keys at the foot: "a ack  Enter detail  / filter …" as far as there is
 * room. */
#ifndef WIDGETS_KEYBAR_H
#define WIDGETS_KEYBAR_H

#include <stdbool.h>
#include <stddef.h>

#include "widgets/surface.h"

struct keybar_item {
    const char *key, *words; /* translated */
    bool is_off;             /* faint: may not be used by whoever looks */
};
/* Draws whole items only, the first ones first; `right` (may be NULL) keeps its place at the right
 * edge if at least one item fits beside it. */
void keybar_draw(struct surface *s, struct area a, int line, const struct keybar_item *items,
                 size_t n, const char *right);

#endif
