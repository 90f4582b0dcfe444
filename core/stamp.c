#include "core/stamp.h"

#include <math.h>
#include <string.h>

#include "core/day.h"
#include "core/when.h"

#define FROM_S  946684800.0  /* 2000 */
#define UNTIL_S 4102444800.0 /* 2100 */

bool stamp_number(double since, int64_t *at_ms)
{
    if (since >= FROM_S && since < UNTIL_S)
        *at_ms = (int64_t)floor(since * 1000 + 0.5);
    else if (since >= FROM_S * 1000 && since < UNTIL_S * 1000)
        *at_ms = (int64_t)floor(since);
    else
        return false;
    return true;
}

/* Exactly n digits; NULL: they are not there. */
static const char *digits(const char *s, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++, s++) {
        if (*s < '0' || *s > '9')
            return NULL;
        *out = *out * 10 + (*s - '0');
    }
    return s;
}

static bool local(const char *day_text, int h, int m, int s, int64_t *at_ms)
{
    int64_t day;
    if (h > 23 || m > 59 || s > 60 || !when_parse_day(day_text, &day))
        return false;
    *at_ms = day_instant(day, h * 60 + m, DAY_FIRST) + s * WHEN_SECOND_MS;
    return true;
}

/* "14:02", "14:02:11", "14:02:11.042" */
static bool clock_of(const char *text, int *h, int *m, int *s)
{
    *s = 0;
    text = digits(text, 2, h);
    text = text != NULL && *text == ':' ? digits(text + 1, 2, m) : NULL;
    if (text != NULL && *text == ':')
        text = digits(text + 1, 2, s);
    if (text != NULL && *text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    return text != NULL && *text == '\0';
}

bool stamp_parse(const char *text, int64_t *at_ms)
{
    char day[11] = "";
    int h, m, s, unused;
    size_t len = strlen(text), n = strspn(text, "0123456789");

    if (when_parse_rfc3339(text, at_ms))
        return true;
    if (n == len && len == 14) { /* yyyyMMddHHmmss */
        memcpy(day, text, 4);
        day[4] = day[7] = '-';
        memcpy(day + 5, text + 4, 2);
        memcpy(day + 8, text + 6, 2);
        return digits(text + 8, 2, &h) && digits(text + 10, 2, &m) && digits(text + 12, 2, &s) &&
               local(day, h, m, s, at_ms);
    }
    if (n == len && (len == 10 || len == 13)) { /* since 1970, as a text */
        double since = 0;
        for (const char *p = text; *p != '\0'; p++)
            since = since * 10 + (*p - '0');
        return stamp_number(since, at_ms);
    }
    if (len < 16 || (text[10] != 'T' && text[10] != ' ') || digits(text, 4, &unused) == NULL)
        return false;
    memcpy(day, text, 10);
    return clock_of(text + 11, &h, &m, &s) && local(day, h, m, s, at_ms);
}
