/* place.h - where in a JSON file a value stands, for messages: "site.json: /targets/3/id".
 *
 * A chain from the value up to its file, usually on the stack of whoever walks the document; a link
 * borrows everything.  `struct place p = PLACE_KEY(&up, "id")`. */
#ifndef ENGINE_PLACE_H
#define ENGINE_PLACE_H

#include <stddef.h>

#include "core/buf.h"

struct place {
    const struct place *up; /* NULL: the whole file */
    const char *file;       /* of the top link only */
    const char *key;        /* NULL: an array's element */
    size_t index;
};
#define PLACE_FILE(path)                                                                           \
    {                                                                                              \
        NULL, (path), NULL, 0                                                                      \
    }
#define PLACE_KEY(above, name)                                                                     \
    {                                                                                              \
        (above), NULL, (name), 0                                                                   \
    }
#define PLACE_INDEX(above, which)                                                                  \
    {                                                                                              \
        (above), NULL, NULL, (which)                                                               \
    }

/* Appends "FILE: /json/pointer", or "FILE" for the whole. */
void place_text(const struct place *p, struct buf *out);

#endif
