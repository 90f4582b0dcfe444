/* map.h - from a name to a pointer: open addressing, insertion only grows.
 *
 * Keys are borrowed: they must outlive their entry (they usually live in the value). */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
    const char *key;
    void *value;
};
struct map {
    struct map_slot *slots;
    size_t n, cap;
};

/* FNV-1a, 64 bits; also what places a check's first run in its interval (alerts.md 3). */
uint64_t map_hash(const char *key);
void map_release(struct map *m);
void *map_get(const struct map *m, const char *key);        /* NULL if absent */
void *map_put(struct map *m, const char *key, void *value); /* returns the value it replaced */
void *map_remove(struct map *m, const char *key);           /* returns what was there */

#endif
