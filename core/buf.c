#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void buf_release(struct buf *b)
{
    free(b->bytes);
    *b = (struct buf)BUF_INIT(b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->is_cut = false;
    if (b->bytes != NULL)
        b->bytes[0] = '\0';
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    if (b->max != 0 && len > b->max - b->len) {
        len = b->max - b->len;
        b->is_cut = true;
    }
    if (b->len + len + 1 > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->len + len + 1)
            cap *= 2;
        b->bytes = mem_grow(b->bytes, cap, 1);
        b->cap = cap;
    }
    if (len != 0)
        memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
    b->bytes[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n >= (int)sizeof small) {
        char *big = mem_alloc((size_t)n + 1);
        vsnprintf(big, (size_t)n + 1, fmt, again);
        buf_add(b, big, (size_t)n);
        free(big);
    } else if (n > 0) {
        buf_add(b, small, (size_t)n);
    }
    va_end(again);
}

void buf_drop(struct buf *b, size_t len)
{
    if (len >= b->len) {
        buf_clear(b);
        return;
    }
    memmove(b->bytes, b->bytes + len, b->len - len + 1);
    b->len -= len;
}

char *buf_take(struct buf *b)
{
    char *p = b->bytes != NULL ? b->bytes : mem_strdup("");
    *b = (struct buf)BUF_INIT(b->max);
    return p;
}

const char *buf_text(const struct buf *b)
{
    return b->bytes != NULL ? b->bytes : "";
}
