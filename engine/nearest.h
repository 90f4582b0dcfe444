/* nearest.h - "did you mean …": the known name that a mistyped one is closest to. */
#ifndef ENGINE_NEAREST_H
#define ENGINE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *wanted;
    const char *best; /* NULL as long as nothing is close */
    size_t distance;  /* of best */
};
#define NEAREST_INIT(name)                                                                         \
    {                                                                                              \
        (name), NULL, (size_t)-1                                                                   \
    }

/* Offers one known name (borrowed).  Close is: a third of the letters
 * differ or less, two letters (one, in a name of up to three).
 */
void nearest_try(struct nearest *n, const char *known);

#endif
