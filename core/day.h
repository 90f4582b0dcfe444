/* day.h - local days and what the clock on the wall reads, as instants, also where it is moved.
 *
 * Local: by libc's TZ, which engine and console set from the site's "timezone".  A day is its
 * number since the epoch, as when_parse_day has it.  Pure but for that zone: no clock is read. */
#ifndef CORE_DAY_H
#define CORE_DAY_H

#include <stdint.h>

#define DAY_MINUTES 1440

/* The local day of an instant; *minute (may be NULL): what the clock reads then, 0-1439. */
int64_t day_of(int64_t at_ms, int *minute);
int day_weekday(int64_t day); /* 0: Monday … 6: Sunday */

/* When the clock reads that minute (0-1440) of that day.  Where it is put back, it does so twice:
 * FIRST or LAST says which.  Where it is put forward past it: the moment in which it jumps. */
enum day_pick { DAY_FIRST, DAY_LAST };
int64_t day_instant(int64_t day, int minute, enum day_pick which);

#endif
