/* range.h - "srv-a-web-[01-04]" stands for four names; "[a,b]-x" for two.
 *
 * Several brackets multiply, the last one fastest.  [01-04] keeps the width of its first number.
 * Limit: RANGE_MAX names from one pattern. */
#ifndef CORE_RANGE_H
#define CORE_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define RANGE_MAX 65536

struct names {
    char **v;
    size_t n, cap;
};
void names_release(struct names *l);
void names_add(struct names *l, const char *s);
/* A pattern without brackets yields itself.  Errors: unclosed or empty bracket, a range that runs
 * backwards (expands to nothing), too many.  Brackets of IPv6 URLs are not ranges: use ids and
 * addresses only. */
bool range_expand(const char *pattern, struct names *out, struct err *e);

#endif
