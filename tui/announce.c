/* announce.c - see announce.h. */
#include "tui/announce.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"

void announce_release(struct announce *a)
{
    free(a->v);
    *a = (struct announce){0};
}

static bool is_loud(const struct alert *a)
{
    return a->phase == ALERT_FIRING && (a->priority == PRIORITY_P1 || a->priority == PRIORITY_P2);
}

/* Somebody has it, or its notices are held back: nothing is said of it now. */
static bool is_quiet(const struct alert *a)
{
    return a->ack.by != NULL || (a->marks & MARKS_HOLD) != 0;
}

static struct announced *put(struct announced **v, size_t *n, size_t *cap, struct announced what)
{
    if (*n == *cap) {
        *cap = *cap > 0 ? 2 * *cap : 64;
        *v = mem_grow(*v, *cap, sizeof **v);
    }
    (*v)[*n] = what;
    return &(*v)[(*n)++];
}

/* Brings what is known of one alert up to date; was NULL: it has not been told.  Returns whether it
 * is news.  False with *keep false: it is to be told later. */
static bool take(const struct fleet *f, const struct alert *alert, const struct announced *was,
                 struct announced *out, bool *keep, int64_t now_ms)
{
    struct clock_next next = clock_next(f, alert, now_ms);
    bool is_repeat =
        was && next.runs && next.repeat_ms > 0 && now_ms - was->at_ms >= next.repeat_ms;
    bool is_news = !is_quiet(alert) && (!was || alert->page > was->page || is_repeat);

    *keep = is_news || was != NULL;
    *out = was ? *was : (struct announced){.id = alert->id};
    if (is_news) {
        out->page = alert->page;
        out->at_ms = now_ms;
        out->is_waiting = true;
    }
    return is_news;
}

static void plan_repeat(struct announce *a, const struct fleet *f, const struct alert *alert,
                        const struct announced *known, int64_t now_ms)
{
    struct clock_next next = clock_next(f, alert, now_ms);
    int64_t due_ms = known->at_ms + next.repeat_ms;

    if (!is_quiet(alert) && next.runs && next.repeat_ms > 0 &&
        (a->repeat_ms == 0 || due_ms < a->repeat_ms))
        a->repeat_ms = due_ms;
}

void announce_look(struct announce *a, const struct fleet *f, int64_t now_mono_ms)
{
    struct announced *v = NULL;
    size_t n = 0, cap = 0, at = 0;
    bool is_first = !a->has_begun, is_due = a->repeat_ms != 0 && now_mono_ms >= a->repeat_ms;

    if (!is_first && !is_due && a->version == f->version)
        return;
    a->has_begun = true;
    a->version = f->version;
    a->repeat_ms = 0;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *alert = f->alerts[i];
        struct announced now;
        bool keep;
        if (!is_loud(alert))
            continue;
        while (at < a->n && a->v[at].id < alert->id)
            at++;
        const struct announced *was = at < a->n && a->v[at].id == alert->id ? &a->v[at] : NULL;
        a->wants_bell |= take(f, alert, was, &now, &keep, now_mono_ms);
        now.is_waiting = now.is_waiting && !is_first;
        if (keep)
            plan_repeat(a, f, alert, put(&v, &n, &cap, now), now_mono_ms);
    }
    free(a->v);
    a->v = v;
    a->n = n;
    a->cap = cap;
}

bool announce_bell(struct announce *a, int64_t now_mono_ms)
{
    if (!a->wants_bell || (a->has_rung && now_mono_ms - a->bell_ms < ANNOUNCE_BELL_MS))
        return false;
    a->wants_bell = false;
    a->has_rung = true;
    a->bell_ms = now_mono_ms;
    return true;
}

static bool has_waiting(const struct announce *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].is_waiting)
            return true;
    return false;
}

bool announce_notice(struct announce *a, const struct fleet *f, int64_t now_mono_ms,
                     struct announcement *out)
{
    *out = (struct announcement){0};
    if (!has_waiting(a) || (a->has_noticed && now_mono_ms - a->notice_ms < ANNOUNCE_NOTICE_MS))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct alert *alert = a->v[i].is_waiting ? fleet_alert(f, a->v[i].id) : NULL;
        a->v[i].is_waiting = false;
        if (!alert || !is_loud(alert) || is_quiet(alert))
            continue;
        out->n++;
        if (!out->worst || alert->priority < out->worst->priority)
            out->worst = alert; /* of equals the oldest: it is nearer to the cause */
    }
    if (out->n == 0)
        return false;
    a->has_noticed = true;
    a->notice_ms = now_mono_ms;
    return true;
}
