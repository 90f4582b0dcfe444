/* gather.h - the series that one selector takes on a page, in groups by the values of some labels,
 * each folded to one number.
 *
 * One is made for a page and thrown away; only a group's name is allocated. */
#ifndef PROBES_GATHER_H
#define PROBES_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "probes/exposition.h"
#include "probes/selector.h"

#define GATHER_GROUPS_MAX 1024

enum gather_fold { FOLD_SUM, FOLD_MAX, FOLD_MIN, FOLD_MEAN, FOLD_COUNT };
extern const char *const gather_folds[]; /* "sum", "max" …; NULL-ended */

struct gather_group {
    uint64_t hash; /* of the labels' values */
    char *name;    /* these, cleaned: "/var", "eth0, rx" */
    double sum, max, min;
    size_t n;
};
struct gather {
    const struct selector *selector;
    const struct option_strings *by;
    int64_t oldest_ms; /* a time stamp before it: the value is old and not taken */
    struct gather_group *v;
    size_t n, cap;
    size_t taken, odd, old; /* odd: NaN or infinite */
    bool is_full;           /* there were more groups */
    bool is_costly;         /* a pattern of the selector was */
};

void gather_take(struct gather *g, const struct exposition_sample *s);
void gather_release(struct gather *g);
const struct gather_group *gather_find(const struct gather *g, uint64_t hash); /* or NULL */
double gather_value(const struct gather_group *group, enum gather_fold fold);

#endif
