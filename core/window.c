#include "core/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

#define OK_METRIC  "ok" /* of `share`: was the result OK? */
#define UNIT_MAX   24
#define NUMBER_MAX 24

struct slot { /* results of one WINDOW_SLOTS-th of the window; where they are rare, of one */
    int64_t first_ms, last_ms;
    uint32_t n;
    double least, most, sum, last;
    double rise, first_rise; /* of a counter since the result before; first_rise is the first's */
};

struct window {
    struct slot *slots; /* oldest first */
    size_t n, cap;
    double before;            /* value before the next; only where n > 0 */
    int64_t held_since_ms[2]; /* at or beyond warning, critical; -1: not */
    int64_t seen_ms;          /* the last time that the condition was looked at; -1: never */
};

struct windows {
    size_t n;
    struct window v[];
};

/* --- life --- */

static bool is_plain(const struct threshold *t)
{
    return t->over_ms == 0 && t->for_ms == 0;
}

struct windows *windows_new(const struct threshold *t, size_t n)
{
    size_t n_needed = 0;
    for (size_t i = 0; i < n; i++)
        n_needed += !is_plain(&t[i]);
    if (n_needed == 0)
        return NULL;
    struct windows *w = mem_alloc(sizeof *w + n * sizeof w->v[0]);
    w->n = n;
    for (size_t i = 0; i < n; i++)
        w->v[i].held_since_ms[0] = w->v[i].held_since_ms[1] = w->v[i].seen_ms = -1;
    return w;
}

void windows_free(struct windows *w)
{
    for (size_t i = 0; w != NULL && i < w->n; i++)
        free(w->v[i].slots);
    free(w);
}

size_t windows_bytes(const struct windows *w)
{
    size_t bytes = w != NULL ? sizeof *w + w->n * sizeof w->v[0] : 0;
    for (size_t i = 0; w != NULL && i < w->n; i++)
        bytes += w->v[i].cap * sizeof(struct slot);
    return bytes;
}

size_t window_needs(int64_t over_ms, int64_t interval_ms)
{
    int64_t fit = interval_ms > 0 ? over_ms / interval_ms : WINDOW_RESULTS;
    return fit < 2 ? 2 : fit > WINDOW_RESULTS ? WINDOW_RESULTS : (size_t)fit;
}

/* --- slots --- */

static int64_t width_of(int64_t over_ms)
{
    return (over_ms + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
}

static void drop_old(struct window *w, int64_t over_ms, int64_t now_ms)
{
    size_t old = 0;
    while (old < w->n && w->slots[old].last_ms <= now_ms - over_ms)
        old++;
    if (old == 0)
        return;
    memmove(w->slots, w->slots + old, (w->n - old) * sizeof *w->slots);
    w->n -= old;
}

static struct slot *slot_for(struct window *w, int64_t over_ms, int64_t now_ms)
{
    struct slot *last = w->n > 0 ? &w->slots[w->n - 1] : NULL;
    int64_t width = width_of(over_ms);
    if (last != NULL && (now_ms / width == last->first_ms / width || w->n == WINDOW_SLOTS + 1))
        return last;
    MEM_ROOM(w->slots, w->n, w->cap);
    w->slots[w->n] = (struct slot){.first_ms = now_ms, .last_ms = now_ms};
    return &w->slots[w->n++];
}

static void take_in(struct window *w, int64_t over_ms, int64_t now_ms, double value)
{
    double before = w->before;
    drop_old(w, over_ms, now_ms);
    bool is_first = w->n == 0;
    struct slot *s = slot_for(w, over_ms, now_ms);
    /* A counter that fell began anew at nought. */
    double rise = is_first ? 0 : value >= before ? value - before : value;
    if (s->n == 0) {
        s->least = s->most = value;
        s->first_rise = rise;
    }
    s->least = value < s->least ? value : s->least;
    s->most = value > s->most ? value : s->most;
    s->sum += value;
    s->rise += rise;
    s->last = value;
    s->last_ms = now_ms;
    s->n++;
    w->before = value;
}

/* --- figures --- */

static uint64_t count_of(const struct window *w)
{
    uint64_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += w->slots[i].n;
    return n;
}

static double mean_of(const struct window *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += w->slots[i].sum;
    return sum / (double)count_of(w);
}

static double extreme_of(const struct window *w, bool is_most)
{
    double found = is_most ? w->slots[0].most : w->slots[0].least;
    for (size_t i = 1; i < w->n; i++) {
        double v = is_most ? w->slots[i].most : w->slots[i].least;
        if (is_most ? v > found : v < found)
            found = v;
    }
    return found;
}

struct weighed {
    double value;
    uint32_t n;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct weighed *)a)->value, y = ((const struct weighed *)b)->value;
    return (x > y) - (x < y);
}

/* The value that 5 % of the results, and at least one, are worse than: so one odd result never
 * decides.  Where small is bad it is the 5th percentile.  A slot with several counts as its worst,
 * all of them. */
static double p95_of(const struct window *w, bool is_below)
{
    struct weighed all[WINDOW_SLOTS + 1];
    uint64_t n = count_of(w), seen = 0;
    for (size_t i = 0; i < w->n; i++)
        all[i] = (struct weighed){is_below ? -w->slots[i].least : w->slots[i].most, w->slots[i].n};
    qsort(all, w->n, sizeof *all, by_value);
    uint64_t rank = (n * 95 + 99) / 100; /* from 1 */
    if (rank == n && n > 1)
        rank--;
    size_t i = 0;
    for (; i + 1 < w->n && (seen += all[i].n) < rank; i++)
        ;
    return is_below ? -all[i].value : all[i].value;
}

/* A second; what the first result had risen by belongs to the time before the window. */
static double rate_of(const struct window *w)
{
    double rise = -w->slots[0].first_rise;
    int64_t span = w->slots[w->n - 1].last_ms - w->slots[0].first_ms;
    for (size_t i = 0; i < w->n; i++)
        rise += w->slots[i].rise;
    return span > 0 ? rise * (double)WHEN_SECOND_MS / (double)span : 0;
}

static double figure_of(const struct window *w, const struct threshold *t)
{
    switch (t->stat) {
    case STAT_P95:
        return p95_of(w, t->is_below);
    case STAT_MAX:
        return extreme_of(w, true);
    case STAT_MIN:
        return extreme_of(w, false);
    case STAT_RATE:
        return rate_of(w);
    case STAT_LAST:
        return w->slots[w->n - 1].last;
    case STAT_MEAN:
    case STAT_SHARE:
    case STAT_COUNT:
        break;
    }
    return mean_of(w);
}

/* --- for how long --- */

static void hold(int64_t *since_ms, bool is_beyond, int64_t now_ms)
{
    if (!is_beyond)
        *since_ms = -1;
    else if (*since_ms < 0)
        *since_ms = now_ms;
}

/* What of the state has lasted for long enough. */
static enum state lasted(struct window *w, const struct threshold *t, double value,
                         const struct window_time *at)
{
    if (w->seen_ms >= 0 && at->now_ms - w->seen_ms > at->gap_ms)
        w->held_since_ms[0] = w->held_since_ms[1] = -1;
    w->seen_ms = at->now_ms;
    enum state s = threshold_state(t, value);
    hold(&w->held_since_ms[0], s != STATE_OK, at->now_ms);
    hold(&w->held_since_ms[1], s == STATE_CRITICAL, at->now_ms);
    if (w->held_since_ms[1] >= 0 && at->now_ms - w->held_since_ms[1] >= t->for_ms)
        return STATE_CRITICAL;
    bool has_lasted = w->held_since_ms[0] >= 0 && at->now_ms - w->held_since_ms[0] >= t->for_ms;
    return has_lasted && t->has_warning ? STATE_WARNING : STATE_OK;
}

/* --- judging --- */

/* Better than it was known to be nothing is called, until there is a verdict. */
static void say_no_verdict(struct result *r, const struct threshold *t, uint64_t n, size_t needed,
                           enum state known)
{
    char over[WHEN_TEXT_MAX], seen[NUMBER_MAX], wanted[NUMBER_MAX];
    enum state s = known == STATE_WARNING || known == STATE_CRITICAL ? known : STATE_OK;
    if (r->state != STATE_OK && state_worse(r->state, s) == r->state)
        return; /* it has its own sentence */
    when_duration(t->over_ms, over);
    snprintf(seen, sizeof seen, "%llu", (unsigned long long)n);
    snprintf(wanted, sizeof wanted, "%zu", needed);
    result_say(r, s,
               SAY(N_("no verdict yet on {0} {1} over {2}: {3} of {4} results"), t->metric,
                   threshold_stats[t->stat], over, seen, wanted));
}

static void raise_to(struct result *r, const struct threshold *t, enum state s, double value,
                     const char *unit)
{
    char rate[UNIT_MAX];
    if (state_worse(r->state, s) == r->state)
        return;
    snprintf(rate, sizeof rate, "%s/s", unit);
    threshold_say(r, t, s, value, t->over_ms > 0 && t->stat == STAT_RATE ? rate : unit);
}

static void judge(struct window *w, struct result *r, const struct threshold *t, bool was_ok,
                  const struct window_time *at, enum state known)
{
    double value = was_ok ? 100 : 0;
    const char *unit = "%";
    bool is_share = t->stat == STAT_SHARE && strcmp(t->metric, OK_METRIC) == 0;
    if (!threshold_holds(t, r->at_ms)) { /* what was before its hours begin is nothing to it */
        w->n = 0;
        w->held_since_ms[0] = w->held_since_ms[1] = -1;
        return;
    }
    if (!is_share && !result_value(r, t->metric, &value, &unit)) {
        result_judge(r, t, 1); /* says so where it matters */
        return;
    }
    if (t->over_ms > 0) {
        take_in(w, t->over_ms, at->now_ms, value);
        size_t needed = window_needs(t->over_ms, at->interval_ms);
        if (count_of(w) < needed) {
            say_no_verdict(r, t, count_of(w), needed, known);
            return;
        }
        value = figure_of(w, t);
    }
    raise_to(r, t, lasted(w, t, value, at), value, unit);
}

void windows_judge(struct windows *w, struct result *r, const struct threshold *t, size_t n,
                   const struct window_time *at, enum state known)
{
    bool was_ok = r->state == STATE_OK;
    for (size_t i = 0; i < n && i < w->n; i++) {
        if (is_plain(&t[i]))
            result_judge(r, &t[i], 1);
        else
            judge(&w->v[i], r, &t[i], was_ok, at, known);
    }
}
