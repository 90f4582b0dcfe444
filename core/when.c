#include "core/when.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/day.h"

/* Longest first: the order in which units may follow each other. */
static const struct {
    const char *unit;
    int64_t ms;
} units[] = {
    {"d", WHEN_DAY_MS},    {"h", WHEN_HOUR_MS}, {"m", WHEN_MINUTE_MS},
    {"s", WHEN_SECOND_MS}, {"ms", 1},
};
#define N_UNITS (sizeof units / sizeof *units)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Which unit s begins with; "ms" before "m". */
static size_t unit_at(const char *s)
{
    if (s[0] == 'm' && s[1] == 's')
        return N_UNITS - 1;
    for (size_t i = 0; i + 1 < N_UNITS; i++)
        if (s[0] == units[i].unit[0])
            return i;
    return N_UNITS;
}

bool when_parse_duration(const char *s, int64_t *ms, struct err *e)
{
    const char *p = s;
    int64_t sum = 0;
    size_t next = 0; /* the longest unit that may still come */
    if (*p == '\0')
        return err_set(e, "duration \"\": expected a number with a unit, as in 90s, 5m, 1h30m");
    while (*p != '\0') {
        int64_t n = 0;
        const char *digits = p;
        for (; is_digit(*p) && p - digits < 13; p++)
            n = n * 10 + (*p - '0');
        if (p == digits || is_digit(*p))
            return err_set(
                e, "duration \"%.60s\": expected a number with a unit, as in 90s, 5m, 1h30m", s);
        if (*p == '\0')
            return err_set(
                e, "duration \"%.60s\": which unit? write ms, s, m, h or d after the number", s);
        size_t u = unit_at(p);
        if (u == N_UNITS)
            return err_set(e, "duration \"%.60s\": unknown unit, expected ms, s, m, h or d", s);
        if (u < next)
            return err_set(e, "duration \"%.60s\": units must come once each, the longest first",
                           s);
        int64_t part;
        if (__builtin_mul_overflow(n, units[u].ms, &part) ||
            __builtin_add_overflow(sum, part, &sum) || sum > 36500 * WHEN_DAY_MS)
            return err_set(e, "duration \"%.60s\": too long, at most 36500d", s);
        p += strlen(units[u].unit);
        next = u + 1;
    }
    *ms = sum;
    return true;
}

const char *when_duration(int64_t ms, char out[WHEN_TEXT_MAX])
{
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    size_t used = 0;
    if (left == 0)
        snprintf(out, WHEN_TEXT_MAX, "0s");
    else if (ms < 0)
        out[used++] = '-';
    for (size_t u = 0; u < N_UNITS && left != 0; u++) {
        uint64_t n = left / (uint64_t)units[u].ms;
        left %= (uint64_t)units[u].ms;
        if (n != 0)
            used += (size_t)snprintf(out + used, WHEN_TEXT_MAX - used, "%llu%s",
                                     (unsigned long long)n, units[u].unit);
    }
    return out;
}

const char *when_age(int64_t ms, char out[WHEN_TEXT_MAX])
{
    long long s = ms < 0 ? 0 : ms / WHEN_SECOND_MS;
    if (s < 10)
        snprintf(out, WHEN_TEXT_MAX, "%llds", s);
    else if (s < 60)
        snprintf(out, WHEN_TEXT_MAX, "%llds", s - s % 5);
    else if (s < 3600)
        snprintf(out, WHEN_TEXT_MAX, "%lldm", s / 60);
    else if (s < 86400)
        snprintf(out, WHEN_TEXT_MAX, "%lldh%02lld", s / 3600, s % 3600 / 60);
    else
        snprintf(out, WHEN_TEXT_MAX, "%lldd", s / 86400 > 9999 ? 9999 : s / 86400);
    return out;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

const char *when_rfc3339(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    time_t s = (time_t)floor_div(at_ms, WHEN_SECOND_MS);
    struct tm tm = {0};
    gmtime_r(&s, &tm);
    char head[WHEN_TEXT_MAX - 6];
    strftime(head, sizeof head, "%FT%T", &tm);
    snprintf(out, WHEN_TEXT_MAX, "%s.%03uZ", head, (unsigned)(at_ms - s * WHEN_SECOND_MS) % 1000u);
    return out;
}

/* n digits at *p as a number, or -1; moves *p past them. */
static int digits(const char **p, int n)
{
    int v = 0;
    for (; n > 0; n--, (*p)++) {
        if (!is_digit(**p))
            return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

static bool expect(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool parse_offset(const char **p, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (**p == 'Z' || **p == 'z') {
        (*p)++;
        return true;
    }
    if (**p != '+' && **p != '-')
        return false;
    int64_t sign = *(*p)++ == '-' ? -1 : 1;
    int h = digits(p, 2);
    if (h < 0 || h > 23 || !expect(p, ':'))
        return false;
    int m = digits(p, 2);
    *offset_ms = sign * (h * WHEN_HOUR_MS + m * WHEN_MINUTE_MS);
    return m >= 0 && m <= 59;
}

/* ".5" -> 500; more than milliseconds is cut. */
static bool parse_fraction(const char **p, int64_t *ms)
{
    *ms = 0;
    if (!expect(p, '.'))
        return true;
    int64_t unit = 100;
    if (!is_digit(**p))
        return false;
    for (; is_digit(**p); (*p)++, unit /= 10)
        *ms += unit * (**p - '0');
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool parse_date(const char **p, struct tm *tm)
{
    int year = digits(p, 4);
    if (year < 0 || !expect(p, '-'))
        return false;
    int month = digits(p, 2);
    if (month < 1 || month > 12 || !expect(p, '-'))
        return false;
    int day = digits(p, 2);
    *tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return day >= 1 && day <= days_of_month(year, month);
}

/* "14:30" or, where seconds are needed or given, "14:30:05". */
static bool parse_clock(const char **p, struct tm *tm, bool needs_seconds)
{
    tm->tm_hour = digits(p, 2);
    if (tm->tm_hour < 0 || tm->tm_hour > 23 || !expect(p, ':'))
        return false;
    tm->tm_min = digits(p, 2);
    if (tm->tm_min < 0 || tm->tm_min > 59)
        return false;
    tm->tm_sec = 0;
    if (**p != ':')
        return !needs_seconds;
    (*p)++;
    tm->tm_sec = digits(p, 2);
    return tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

bool when_parse_rfc3339(const char *s, int64_t *at_ms)
{
    struct tm tm;
    int64_t fraction_ms, offset_ms;
    if (!parse_date(&s, &tm) || (*s != 'T' && *s != 't' && *s != ' '))
        return false;
    s++;
    if (!parse_clock(&s, &tm, true) || !parse_fraction(&s, &fraction_ms) ||
        !parse_offset(&s, &offset_ms) || *s != '\0')
        return false;
    *at_ms = (int64_t)timegm(&tm) * WHEN_SECOND_MS + fraction_ms - offset_ms;
    return true;
}

bool when_parse_day(const char *s, int64_t *day)
{
    struct tm tm;
    if (!parse_date(&s, &tm) || *s != '\0')
        return false;
    *day = floor_div((int64_t)timegm(&tm), WHEN_DAY_MS / WHEN_SECOND_MS);
    return true;
}

static const char *local(int64_t at_ms, const char *format, char out[WHEN_TEXT_MAX])
{
    time_t s = (time_t)floor_div(at_ms, WHEN_SECOND_MS);
    struct tm tm = {0};
    localtime_r(&s, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats below */
    if (strftime(out, WHEN_TEXT_MAX, format, &tm) == 0)
        out[0] = '\0';
#pragma GCC diagnostic pop
    return out;
}

const char *when_day(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    return local(at_ms, "%F", out);
}

const char *when_hm(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    return local(at_ms, "%H:%M", out);
}

const char *when_hms(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    return local(at_ms, "%H:%M:%S", out);
}

const char *when_date_hm(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    return local(at_ms, "%d/%m %H:%M", out);
}

const char *when_offset(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    time_t s = (time_t)floor_div(at_ms, WHEN_SECOND_MS);
    struct tm tm = {0};
    localtime_r(&s, &tm);
    long minutes = tm.tm_gmtoff / 60;
    unsigned long m = (unsigned long)(minutes < 0 ? -minutes : minutes);
    if (m % 60 == 0)
        snprintf(out, WHEN_TEXT_MAX, "%c%02lu", minutes < 0 ? '-' : '+', m / 60);
    else
        snprintf(out, WHEN_TEXT_MAX, "%c%02lu:%02lu", minutes < 0 ? '-' : '+', m / 60, m % 60);
    return out;
}

/* One piece of a pattern into out, at least `size` bytes of room; 0: none that is known. */
static size_t pattern_piece(const char *s, const struct tm *tm, int ms, char *out, size_t size)
{
    const struct {
        const char *token;
        int digits, value;
    } rows[] = {
        {"yyyy", 4, tm->tm_year + 1900},
        {"MM", 2, tm->tm_mon + 1},
        {"dd", 2, tm->tm_mday},
        {"HH", 2, tm->tm_hour},
        {"mm", 2, tm->tm_min},
        {"ss", 2, tm->tm_sec},
        {"SSS", 3, ms},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(s, rows[i].token, strlen(rows[i].token)) == 0) {
            snprintf(out, size, "%0*d", rows[i].digits, rows[i].value);
            return strlen(rows[i].token);
        }
    if (strncmp(s, "ZZ", 2) == 0) {
        long minutes = tm->tm_gmtoff / 60, m = minutes < 0 ? -minutes : minutes;
        snprintf(out, size, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', m / 60, m % 60);
        return 2;
    }
    snprintf(out, size, "%c", *s);
    bool is_letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
    return *s == 'T' || !is_letter ? 1 : 0;
}

bool when_pattern(const char *pattern, int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    time_t s = (time_t)floor_div(at_ms, WHEN_SECOND_MS);
    int ms = (int)(at_ms - (int64_t)s * WHEN_SECOND_MS);
    struct tm tm = {0};
    size_t len = 0;
    localtime_r(&s, &tm);
    out[0] = '\0';
    while (*pattern != '\0') {
        char piece[32];
        size_t used = pattern_piece(pattern, &tm, ms, piece, sizeof piece);
        if (used == 0 || len + strlen(piece) >= WHEN_TEXT_MAX)
            return false;
        len += (size_t)snprintf(out + len, WHEN_TEXT_MAX - len, "%s", piece);
        pattern += used;
    }
    return true;
}

/* "14:30" on a local day.  Where the clock is put back and reads it twice: the first that is after
 * after_ms. */
static bool local_clock(const char *s, int64_t day, int64_t after_ms, int64_t *at_ms)
{
    struct tm tm = {0};
    if (!parse_clock(&s, &tm, false) || *s != '\0')
        return false;
    int minute = tm.tm_hour * 60 + tm.tm_min;
    int64_t seconds_ms = tm.tm_sec * WHEN_SECOND_MS;
    *at_ms = day_instant(day, minute, DAY_FIRST) + seconds_ms;
    if (*at_ms <= after_ms)
        *at_ms = day_instant(day, minute, DAY_LAST) + seconds_ms;
    return true;
}

bool when_parse_time(const char *s, int64_t now_ms, int64_t *at_ms, struct err *e)
{
    static const char yesterday[] = "yesterday ";
    int64_t ago_ms, today = day_of(now_ms, NULL);
    if (s[0] == '-') {
        if (!when_parse_duration(s + 1, &ago_ms, e))
            return err_prefix(e, "time \"%.60s\"", s);
        *at_ms = now_ms - ago_ms;
        return true;
    }
    if (strncasecmp(s, yesterday, sizeof yesterday - 1) == 0) {
        if (local_clock(s + sizeof yesterday - 1, today - 1, INT64_MIN, at_ms))
            return true;
    } else if (local_clock(s, today, INT64_MIN, at_ms) || when_parse_rfc3339(s, at_ms)) {
        return true;
    }
    return err_set(e,
                   "time \"%.60s\": expected 14:30, yesterday 22:00, -2h (ago) or "
                   "2026-03-05T14:02:11Z",
                   s);
}

/* "2026-11-28 02:00", local. */
static bool local_date(const char *s, int64_t after_ms, int64_t *at_ms)
{
    char text[sizeof "2026-11-28"];
    int64_t day;
    snprintf(text, sizeof text, "%s", s);
    return when_parse_day(text, &day) && s[sizeof text - 1] == ' ' &&
           local_clock(s + sizeof text, day, after_ms, at_ms);
}

bool when_parse_ahead(const char *s, int64_t now_ms, int64_t *at_ms, struct err *e)
{
    static const char tomorrow[] = "tomorrow ";
    int64_t in_ms, today = day_of(now_ms, NULL);
    if (s[0] == '+') {
        if (!when_parse_duration(s + 1, &in_ms, e))
            return err_prefix(e, "time \"%.60s\"", s);
        *at_ms = now_ms + in_ms;
        return true;
    }
    if (strcasecmp(s, "now") == 0) {
        *at_ms = now_ms;
        return true;
    }
    if (local_clock(s, today, now_ms, at_ms))
        return *at_ms > now_ms || local_clock(s, today + 1, now_ms, at_ms);
    if (strncasecmp(s, tomorrow, sizeof tomorrow - 1) == 0) {
        if (local_clock(s + sizeof tomorrow - 1, today + 1, now_ms, at_ms))
            return true;
    } else if (local_date(s, now_ms, at_ms) || when_parse_rfc3339(s, at_ms)) {
        return true;
    }
    return err_set(e,
                   "time \"%.60s\": expected now, +2h, 22:00, tomorrow 02:00, 2026-11-28 02:00 or "
                   "2026-11-28T02:00:00+07:00",
                   s);
}
