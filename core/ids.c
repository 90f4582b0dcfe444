#include "core/ids.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void ids_release(struct ids *l)
{
    free(l->v);
    *l = (struct ids){0};
}

/* Where the id stands, or would stand; at the end for who adds in order. */
static size_t place_of(const struct ids *l, uint64_t id)
{
    size_t low = 0, high = l->n;
    if (high == 0 || l->v[high - 1] < id)
        return high;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (l->v[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

bool ids_has(const struct ids *l, uint64_t id)
{
    size_t i = place_of(l, id);
    return i < l->n && l->v[i] == id;
}

void ids_add(struct ids *l, uint64_t id)
{
    size_t i = place_of(l, id);
    if (id == 0 || (i < l->n && l->v[i] == id))
        return;
    MEM_ROOM(l->v, l->n, l->cap);
    memmove(l->v + i + 1, l->v + i, (l->n - i) * sizeof *l->v);
    l->v[i] = id;
    l->n++;
}

void ids_write(const struct ids *l, struct buf *out)
{
    for (size_t i = 0; i < l->n;) {
        size_t last = i;
        while (last + 1 < l->n && l->v[last + 1] == l->v[last] + 1)
            last++;
        buf_addf(out, "%s%llu", i > 0 ? "," : "", (unsigned long long)l->v[i]);
        if (last > i)
            buf_addf(out, "-%llu", (unsigned long long)l->v[last]);
        i = last + 1;
    }
}

/* A number of at most 18 digits; NULL: there is none. */
static const char *read_number(const char *s, uint64_t *out)
{
    size_t len = strspn(s, "0123456789");
    if (len == 0 || len > 18)
        return NULL;
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out = *out * 10 + (uint64_t)(s[i] - '0');
    return s + len;
}

bool ids_read(const char *text, struct ids *l, struct err *e)
{
    const char *at = text;
    while (*at != '\0') {
        uint64_t first, last;
        const char *end = read_number(at, &first);
        last = first;
        if (end != NULL && *end == '-')
            end = read_number(end + 1, &last);
        if (end == NULL || first == 0 || last < first || (*end != '\0' && *end != ','))
            return err_set(e, "found \"%.64s\", expected numbers such as 1077,1080-1200", at);
        if (last - first >= IDS_MAX - l->n)
            return err_set(e, "more than %d numbers", IDS_MAX);
        for (uint64_t id = first; id <= last; id++)
            ids_add(l, id);
        at = *end == ',' ? end + 1 : end;
    }
    return true;
}
