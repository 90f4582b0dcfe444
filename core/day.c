#include "core/day.h"

#include <stdbool.h>
#include <time.h>

#define DAY_S 86400

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* What the clock reads, as seconds, as if it stood in UTC. */
static int64_t reading(int64_t at_s)
{
    time_t t = (time_t)at_s;
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return at_s + tm.tm_gmtoff;
}

int64_t day_of(int64_t at_ms, int *minute)
{
    int64_t s = reading(floor_div(at_ms, 1000)), day = floor_div(s, DAY_S);
    if (minute != NULL)
        *minute = (int)((s - day * DAY_S) / 60);
    return day;
}

int day_weekday(int64_t day)
{
    int64_t w = (day + 3) % 7; /* the epoch was a Thursday */
    return (int)(w < 0 ? w + 7 : w);
}

/* The first moment from which on the clock reads at least that much, between two that enclose it.
 */
static int64_t jump(int64_t before_s, int64_t after_s, int64_t wanted)
{
    while (after_s - before_s > 1) {
        int64_t mid = before_s + (after_s - before_s) / 2;
        if (reading(mid) >= wanted)
            after_s = mid;
        else
            before_s = mid;
    }
    return after_s;
}

/* The offsets of a day before and a day after are the only two that can be in force. */
int64_t day_instant(int64_t day, int minute, enum day_pick which)
{
    int64_t wanted = day * DAY_S + (int64_t)minute * 60;
    int64_t before = wanted - DAY_S, after = wanted + DAY_S;
    int64_t a = wanted - (reading(before) - before), b = wanted - (reading(after) - after);
    int64_t first = a < b ? a : b, last = a < b ? b : a;
    bool is_first = reading(first) == wanted, is_last = reading(last) == wanted;
    if (is_first && (which == DAY_FIRST || !is_last))
        return first * 1000;
    if (is_last)
        return last * 1000;
    return jump(first - 1, last, wanted) * 1000;
}
