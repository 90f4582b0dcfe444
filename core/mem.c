#include "core/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void no_memory(void)
{
    static const char text[] = "trucban: out of memory; ending, the journal is safe\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(71);
    abort();
}

void *mem_alloc(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);
    if (p == NULL)
        no_memory();
    return p;
}

void *mem_grow(void *p, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        no_memory();
    void *q = realloc(p, n == 0 || size == 0 ? 1 : n * size);
    if (q == NULL)
        no_memory();
    return q;
}

char *mem_strndup(const char *s, size_t len)
{
    char *p = mem_alloc(len + 1);
    memcpy(p, s, len);
    return p;
}

char *mem_strdup(const char *s)
{
    return s == NULL ? NULL : mem_strndup(s, strlen(s));
}

void mem_set(char **slot, const char *s)
{
    if (*slot != NULL && s != NULL && strcmp(*slot, s) == 0)
        return;
    char *copy = mem_strdup(s);
    free(*slot);
    *slot = copy;
}
