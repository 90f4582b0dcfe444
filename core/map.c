#include "core/map.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Linear probing; a removed entry is closed by moving later ones up, so there are no tombstones. */

uint64_t map_hash(const char *key)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (const unsigned char *p = (const unsigned char *)key; *p != '\0'; p++)
        h = (h ^ *p) * 0x100000001b3u;
    return h;
}

void map_release(struct map *m)
{
    free(m->slots);
    *m = (struct map){0};
}

static size_t slot_of(const struct map *m, const char *key)
{
    size_t i = (size_t)map_hash(key) & (m->cap - 1);
    while (m->slots[i].key != NULL && strcmp(m->slots[i].key, key) != 0)
        i = (i + 1) & (m->cap - 1);
    return i;
}

void *map_get(const struct map *m, const char *key)
{
    return m->cap == 0 ? NULL : m->slots[slot_of(m, key)].value;
}

static void widen(struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->slots = mem_alloc(m->cap * sizeof *m->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key != NULL)
            m->slots[slot_of(m, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void *map_put(struct map *m, const char *key, void *value)
{
    if ((m->n + 1) * 4 > m->cap * 3)
        widen(m);
    struct map_slot *s = &m->slots[slot_of(m, key)];
    void *was = s->value;
    if (s->key == NULL)
        m->n++;
    *s = (struct map_slot){key, value};
    return was;
}

void *map_remove(struct map *m, const char *key)
{
    if (m->cap == 0)
        return NULL;
    size_t hole = slot_of(m, key), mask = m->cap - 1;
    if (m->slots[hole].key == NULL)
        return NULL;
    void *was = m->slots[hole].value;
    for (size_t i = (hole + 1) & mask; m->slots[i].key != NULL; i = (i + 1) & mask) {
        size_t home = (size_t)map_hash(m->slots[i].key) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct map_slot){NULL, NULL};
    m->n--;
    return was;
}
