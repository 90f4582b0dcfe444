#include "core/recur.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/day.h"
#include "core/mem.h"
#include "core/say.h"

#define DAYS_AHEAD 9 /* a week, the day before, the day after */

/* --- reading ------------------------------------------------------------------------------ */

static const char *const weekdays[][2] = {
    {"Mon", "T2"}, {"Tue", "T3"}, {"Wed", "T4"}, {"Thu", "T5"},
    {"Fri", "T6"}, {"Sat", "T7"}, {"Sun", "CN"},
};

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " ");
}

static const char *read_weekday(const char *s, int *day)
{
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < 2; k++) {
            size_t len = strlen(weekdays[i][k]);
            if (strncasecmp(s, weekdays[i][k], len) == 0) {
                *day = i;
                return s + len;
            }
        }
    return NULL;
}

/* "Mon", "Mon-Fri", "Sat-Mon" (it goes round), "Mon,Wed"; NULL: none of these. */
static const char *read_days(const char *s, unsigned int *days)
{
    *days = 0;
    if (strncasecmp(s, "daily", 5) == 0) {
        *days = 0x7f;
        return s + 5;
    }
    for (;;) {
        int first = 0, last = 0;
        s = read_weekday(s, &first);
        if (s == NULL)
            return NULL;
        last = first;
        if (*s == '-')
            s = read_weekday(s + 1, &last);
        if (s == NULL)
            return NULL;
        for (int d = first;; d = (d + 1) % 7) {
            *days |= 1u << d;
            if (d == last)
                break;
        }
        if (*s != ',')
            return s;
        s = skip_blanks(s + 1);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *recur_clock(const char *s, int *minute)
{
    if (!is_digit(s[0]) || !is_digit(s[1]) || s[2] != ':' || !is_digit(s[3]) || !is_digit(s[4]))
        return NULL;
    int h = (s[0] - '0') * 10 + s[1] - '0', m = (s[3] - '0') * 10 + s[4] - '0';
    *minute = h * 60 + m;
    return m < 60 && *minute <= DAY_MINUTES ? s + 5 : NULL;
}

static char *read_window(const char *text, struct recur *out)
{
    struct recur_window w;
    const char *s = read_days(skip_blanks(text), &w.days);
    if (s != NULL && *s == ' ')
        s = recur_clock(skip_blanks(s), &w.start);
    else
        s = NULL;
    if (s != NULL)
        s = skip_blanks(s);
    s = s != NULL && *s == '-' ? recur_clock(skip_blanks(s + 1), &w.end) : NULL;
    if (s == NULL || *skip_blanks(s) != '\0' || w.start == DAY_MINUTES)
        return SAY(N_("cannot read \"{0}\", expected windows such as Sun 02:00-04:00; Mon-Fri "
                      "19:00-06:00; daily 22:00-23:30"),
                   text);
    if (w.start == w.end)
        return SAY(N_("\"{0}\" ends when it begins"), text);
    if (out->n == RECUR_WINDOWS_MAX)
        return SAY(N_("at most {0} windows, divided by \";\""), "8");
    out->v[out->n++] = w;
    return NULL;
}

bool recur_parse(const char *text, struct recur *out, char **refusal)
{
    *out = (struct recur){0};
    *refusal = NULL;
    if (strlen(text) > RECUR_TEXT_MAX) {
        *refusal = SAY(N_("the windows are longer than {0} bytes"), "200");
        return false;
    }
    for (const char *at = text; *refusal == NULL;) {
        size_t len = strcspn(at, ";");
        char *window = mem_strndup(at, len);
        *refusal = read_window(window, out);
        free(window);
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    return *refusal == NULL;
}

/* --- when --------------------------------------------------------------------------------- */

/* False if that window does not begin on that day, or the clock jumps over all of it. */
static bool window_on(const struct recur_window *w, int64_t day, int64_t *from_ms, int64_t *to_ms)
{
    if ((w->days & 1u << day_weekday(day)) == 0)
        return false;
    *from_ms = day_instant(day, w->start, DAY_FIRST);
    *to_ms = day_instant(w->end <= w->start ? day + 1 : day, w->end, DAY_LAST);
    return *from_ms < *to_ms;
}

bool recur_is_on(const struct recur *r, int64_t at_ms)
{
    int64_t today = day_of(at_ms, NULL), from_ms, to_ms;
    for (size_t i = 0; i < r->n; i++)
        for (int64_t day = today - 1; day <= today; day++)
            if (window_on(&r->v[i], day, &from_ms, &to_ms) && from_ms <= at_ms && at_ms < to_ms)
                return true;
    return false;
}

/* The first beginning or end of any window after that moment. */
static int64_t next_edge(const struct recur *r, int64_t at_ms)
{
    int64_t next_ms = INT64_MAX, today = day_of(at_ms, NULL), edge_ms[2];
    for (size_t i = 0; i < r->n; i++)
        for (int64_t day = today - 1; day < today + DAYS_AHEAD; day++) {
            if (!window_on(&r->v[i], day, &edge_ms[0], &edge_ms[1]))
                continue;
            for (int k = 0; k < 2; k++)
                if (edge_ms[k] > at_ms && edge_ms[k] < next_ms)
                    next_ms = edge_ms[k];
        }
    return next_ms;
}

int64_t recur_next(const struct recur *r, int64_t at_ms)
{
    bool is_on = recur_is_on(r, at_ms);
    int64_t limit = day_of(at_ms, NULL) + DAYS_AHEAD;
    for (int64_t edge_ms = next_edge(r, at_ms); edge_ms != INT64_MAX;
         edge_ms = next_edge(r, edge_ms)) {
        if (recur_is_on(r, edge_ms) != is_on)
            return edge_ms;
        if (day_of(edge_ms, NULL) > limit)
            break; /* windows that touch: it is always on */
    }
    return INT64_MAX;
}

int64_t recur_spent(const struct recur *r, int64_t from_ms, int64_t to_ms)
{
    int64_t spent_ms = 0;
    if (from_ms < to_ms - RECUR_BACK_MS)
        from_ms = to_ms - RECUR_BACK_MS;
    for (int64_t at_ms = from_ms, next_ms; at_ms < to_ms; at_ms = next_ms) {
        next_ms = recur_next(r, at_ms);
        next_ms = next_ms < to_ms ? next_ms : to_ms;
        if (recur_is_on(r, at_ms))
            spent_ms += next_ms - at_ms;
    }
    return spent_ms;
}

bool recur_equal(const struct recur *a, const struct recur *b)
{
    bool is_same = a->n == b->n;
    for (size_t i = 0; is_same && i < a->n; i++)
        is_same = a->v[i].days == b->v[i].days && a->v[i].start == b->v[i].start &&
                  a->v[i].end == b->v[i].end;
    return is_same;
}
