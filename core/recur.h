/* recur.h - windows that come again: "Sun 02:00-04:00; Mon-Fri 19:00-06:00; daily 22:00-23:30".
 *
 * Days are Mon … Sun or, as Vietnamese has them, T2 … T7 CN: one, a range, several with commas;
 * "daily" is all of them.  Where the end is not after the beginning, it is on the next day; 24:00
 * is a day's end.  Clocks are the site's (core/day.h): where the clock is put back, a window lasts
 * from the first time that it reads the beginning to the last time that it reads the end; one that
 * the clock jumps over altogether is not on that day.  Pure. */
#ifndef CORE_RECUR_H
#define CORE_RECUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECUR_TEXT_MAX    200 /* bytes */
#define RECUR_WINDOWS_MAX 8

struct recur_window {
    unsigned int days; /* 1 << weekday on which it begins, bit 0: Monday */
    int start, end;    /* minutes of the day; end <= start: of the next day */
};
struct recur {
    struct recur_window v[RECUR_WINDOWS_MAX];
    size_t n;
};

/* false and *refusal (packed, the caller frees): what was found, what was expected. */
bool recur_parse(const char *text, struct recur *out, char **refusal);
/* "06:00" as minutes of the day, up to 24:00: the text behind it; NULL: it is no clock. */
const char *recur_clock(const char *s, int *minute);
bool recur_is_on(const struct recur *r, int64_t at_ms);
/* When it is next on where it is off, off where it is on; INT64_MAX: never (it is always on). */
int64_t recur_next(const struct recur *r, int64_t at_ms);
/* For how long it was on between the two, in ms; what lies more than RECUR_BACK_MS before the end
 * is not looked at. */
#define RECUR_BACK_MS (31LL * 24 * 3600 * 1000)
int64_t recur_spent(const struct recur *r, int64_t from_ms, int64_t to_ms);
bool recur_equal(const struct recur *a, const struct recur *b);

#endif
