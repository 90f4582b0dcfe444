#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *e, const char *fmt, ...)
{
    if (e != NULL) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(e->text, sizeof e->text, fmt, ap);
        va_end(ap);
    }
    return false;
}

bool err_prefix(struct err *e, const char *fmt, ...)
{
    if (e == NULL)
        return false;
    struct err tail = *e;
    va_list ap;
    va_start(ap, fmt);
    int used = vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    if (used < 0 || (size_t)used + 3 > sizeof e->text)
        return false;
    size_t at = (size_t)used, room = sizeof e->text - at - 3, len = strlen(tail.text);
    memcpy(e->text + at, ": ", 2);
    memcpy(e->text + at + 2, tail.text, len < room ? len : room);
    e->text[at + 2 + (len < room ? len : room)] = '\0';
    return false;
}
