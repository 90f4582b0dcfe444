/* stamp.h - a time as other people's programs write it.
 *
 *   2026-03-05T14:02:11+07:00   RFC 3339
 *   2026-03-05T14:02:11         no zone, a blank for the T, no seconds: by the site's clock
 *   20260305140211              likewise
 *   1772694131, 1772694131042   seconds, or milliseconds, since 1970
 *
 * The site's clock is libc's TZ, as in core/day.h.  Pure. */
#ifndef CORE_STAMP_H
#define CORE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#define STAMP_SKEW_MS (15 * 60 * 1000) /* so far ahead of ours another clock may be: it is now */

bool stamp_parse(const char *s, int64_t *at_ms);
bool stamp_number(double since, int64_t *at_ms); /* between 2000 and 2100 only */

#endif
