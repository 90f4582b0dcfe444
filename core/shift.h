/* shift.h - the roster's shifts: when does the one that is on duty now end? */
#ifndef CORE_SHIFT_H
#define CORE_SHIFT_H

#include <stddef.h>
#include <stdint.h>

#include "core/about.h"

struct fleet;

struct shift {
    char *id;
    struct words name;
    int start, end; /* minutes of the local day; end <= start: on the next day */
};
void shifts_free(struct shift *v, size_t n);

/* The shift that is on; where two overlap, the one that began last.  NULL: none is on, or the site
 * has no roster.  *end_ms (may be NULL): when it ends. */
const struct shift *shift_now(const struct fleet *f, int64_t now_wall_ms, int64_t *end_ms);
int64_t shift_end_ms(const struct fleet *f, int64_t now_wall_ms); /* 0: none is on */

#endif
