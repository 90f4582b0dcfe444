/* ids.h - numbers of alerts as ranges, "1077,1080-1200": short also for ten thousand. */
#ifndef CORE_IDS_H
#define CORE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define IDS_MAX 65536

struct ids {
    uint64_t *v; /* ascending, each once, none 0 */
    size_t n, cap;
};
void ids_release(struct ids *l);
void ids_add(struct ids *l, uint64_t id); /* wherever it belongs; once is enough */
bool ids_has(const struct ids *l, uint64_t id);
void ids_write(const struct ids *l, struct buf *out);
/* Adds to l.  Refuses what is no list of ranges, a range that runs backwards, 0, more than IDS_MAX
 * in all (then l holds some of them). */
bool ids_read(const char *text, struct ids *l, struct err *e);

#endif
