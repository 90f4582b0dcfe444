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
    struct err head;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(head.text, sizeof head.text, fmt, ap);
    va_end(ap);
    size_t used = strlen(head.text);
    snprintf(head.text + used, sizeof head.text - used, ": %s", e->text);
    *e = head;
    return false;
}
