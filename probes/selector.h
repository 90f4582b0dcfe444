/* selector.h - which series are meant, written as in PromQL:
 *
 *   node_filesystem_avail_bytes{fstype!~"tmpfs|overlay", mountpoint="/"}
 *
 * Quotes may be single ones, which JSON does not want escaped.  A label that a series does not have
 * counts as empty; a pattern must match the whole value. */
#ifndef PROBES_SELECTOR_H
#define PROBES_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "probes/exposition.h"

enum selector_op { SELECT_EQ, SELECT_NE, SELECT_MATCH, SELECT_NO_MATCH };

struct regex;
struct selector_term {
    char *label, *value;
    enum selector_op op;
    struct regex *regex; /* of the two that match */
};
struct selector {
    char *text; /* as it was written, all of it */
    char *name;
    size_t name_len;
    struct selector_term *v;
    size_t n;
};

/* `more` are further terms without their braces, or NULL.  What was filled is released also after a
 * mistake. */
bool selector_parse(struct selector *s, const char *text, const char *more, struct err *e);
void selector_release(struct selector *s);
/* *is_costly is set, and left alone else, where a pattern reached its limits: then it is no match.
 */
bool selector_takes(const struct selector *s, const struct exposition_sample *sample,
                    bool *is_costly);

#endif
