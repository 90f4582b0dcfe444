/* mem.h - memory that is there or the process ends.
 *
 * trucban is crash-only: the journal is the truth and a restart is cheap, so an allocation that
 * fails writes one line to standard error and aborts.  Buffers fed from outside have a written
 * maximum of their own, so that no peer can bring this about. */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t bytes);                  /* zeroed */
void *mem_grow(void *p, size_t n, size_t size); /* realloc to n elements; new part not zeroed */
char *mem_strdup(const char *s);                /* NULL stays NULL */
char *mem_strndup(const char *s, size_t len);
/* Replaces *slot by a copy of s (either may be NULL); keeps the old one if equal. */
void mem_set(char **slot, const char *s);

/* Makes room for one more in the array `p` of `n` used, `cap` allocated. */
#define MEM_ROOM(p, n, cap)                                                                        \
    do {                                                                                           \
        if ((n) == (cap)) {                                                                        \
            (cap) = (cap) ? (cap)*2 : 8;                                                           \
            (p) = mem_grow((p), (cap), sizeof *(p));                                               \
        }                                                                                          \
    } while (0)

#endif
