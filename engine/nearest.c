#include "engine/nearest.h"

#include <string.h>

enum { NEAREST_LEN_MAX = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t distance_of(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[NEAREST_LEN_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

void nearest_try(struct nearest *n, const char *known)
{
    size_t a_len = strlen(n->wanted), b_len = strlen(known);
    if (a_len > NEAREST_LEN_MAX || b_len > NEAREST_LEN_MAX)
        return;
    size_t limit = a_len < 4 ? 1 : a_len / 3 > 2 ? a_len / 3 : 2;
    size_t d = distance_of(n->wanted, a_len, known, b_len);
    if (d <= limit && d < n->distance) {
        n->best = known;
        n->distance = d;
    }
}
