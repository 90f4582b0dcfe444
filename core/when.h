/* when.h - times and durations as text, both ways.  Wall times are int64 milliseconds since the
 * epoch, UTC; durations int64 milliseconds.  No clock is read here: "now" is passed in. */
#ifndef CORE_WHEN_H
#define CORE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define WHEN_SECOND_MS 1000LL
#define WHEN_MINUTE_MS (60 * WHEN_SECOND_MS)
#define WHEN_HOUR_MS   (60 * WHEN_MINUTE_MS)
#define WHEN_DAY_MS    (24 * WHEN_HOUR_MS)
#define WHEN_TEXT_MAX  40

/* Now, on both clocks: stamps and agreed instants are wall time, what is counted is monotonic. */
struct moment {
    int64_t wall_ms, mono_ms;
};

/* "500ms" "90s" "5m" "2h" "1d" "1h30m"; a bare number is refused (which unit?). */
bool when_parse_duration(const char *s, int64_t *ms, struct err *e);
/* Shortest exact form: "1h30m", "90s" -> "1m30s", "250ms". */
const char *when_duration(int64_t ms, char out[WHEN_TEXT_MAX]);
/* Age for a cell, in calm steps: "8s" (each second to 10 s, then 5 s steps), "4m" … "2h05",
 * "3d": never wider than 5 columns. */
const char *when_age(int64_t ms, char out[WHEN_TEXT_MAX]);
const char *when_rfc3339(int64_t at_ms, char out[WHEN_TEXT_MAX]); /* 2026-03-05T14:02:11.042Z */
bool when_parse_rfc3339(const char *s, int64_t *at_ms);           /* offset or Z needed */
/* A day without a clock, "2026-03-05": days since the epoch. */
bool when_parse_day(const char *s, int64_t *day);
const char *when_day(int64_t at_ms, char out[WHEN_TEXT_MAX]); /* the local day of a wall time */
/* Local wall time by libc's TZ: "14:02", "14:02:11", "05/03 14:02". */
const char *when_hm(int64_t at_ms, char out[WHEN_TEXT_MAX]);
const char *when_hms(int64_t at_ms, char out[WHEN_TEXT_MAX]);
const char *when_date_hm(int64_t at_ms, char out[WHEN_TEXT_MAX]);
const char *when_offset(int64_t at_ms, char out[WHEN_TEXT_MAX]); /* "+07" */
/* Local wall time by a pattern, as other systems want theirs: yyyy MM dd HH mm ss SSS, ZZ
 * ("+07:00"), the letter T and what is no letter stand for themselves.  False: another letter, or
 * longer than out. */
bool when_pattern(const char *pattern, int64_t at_ms, char out[WHEN_TEXT_MAX]);
/* Command-line times: "14:30" (today, local), "yesterday 22:00", RFC 3339, "-2h" (ago). */
bool when_parse_time(const char *s, int64_t now_ms, int64_t *at_ms, struct err *e);
/* Times ahead: "now", "+2h", "22:00" (the next one), "tomorrow 02:00", "2026-11-28 02:00" (local),
 * RFC 3339. */
bool when_parse_ahead(const char *s, int64_t now_ms, int64_t *at_ms, struct err *e);

#endif
