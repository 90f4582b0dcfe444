#include "engine/periods_private.h"

#include <stdlib.h>

#include "core/matcher.h"
#include "core/mem.h"
#include "engine/decide.h"
#include "engine/loop.h"

#define ENDS_MAX 100 /* written at once */

/* --- which are on ----------------------------------------------------------------------------- */

static void look_at_alert(struct periods *p, uint64_t id)
{
    const struct alert *a = fleet_alert(p->w.fleet, id);
    struct check *c = a != NULL && a->check != NULL ? fleet_check(p->w.fleet, a->check) : NULL;
    if (c != NULL)
        decide_check(p->w.decide, c);
}

static void find_on(struct periods *p)
{
    int64_t now_ms = loop_wall_ms(p->w.loop);
    for (size_t i = 0; i < p->w.fleet->n_periods; i++) {
        struct period *q = p->w.fleet->periods[i];
        bool is_on = period_is_on_at(p->w.fleet, q, now_ms);
        if (is_on == q->is_on)
            continue;
        q->is_on = is_on;
        fleet_touch_period(p->w.fleet, q);
        if (q->alert != 0)
            look_at_alert(p, q->alert);
        else
            p->must_look = true;
    }
}

/* What held it back while it was last looked at; at a start only its alert knows. */
static unsigned int periods_before(const struct periods *p, const struct check *c)
{
    const struct alert *a = p->is_first ? fleet_open_alert_of(p->w.fleet, c) : NULL;
    if (a == NULL || (a->marks & MARK_MAINTENANCE) == 0)
        return c->periods;
    return c->periods | 1u << PERIOD_MAINTENANCE;
}

static void check_take(struct periods *p, struct check *c, unsigned int periods)
{
    unsigned int was = periods_before(p, c), maintenance = 1u << PERIOD_MAINTENANCE;
    if (periods == was && periods == c->periods)
        return;
    bool is_over = (was & maintenance) != 0 && (periods & maintenance) == 0;
    if (is_over && c->alert != 0 && p->w.ask(p->w.arg, c))
        c->reached_ms = loop_mono_ms(p->w.loop);
    c->periods = periods;
    fleet_touch_check(p->w.fleet, c);
    decide_check(p->w.decide, c);
}

static void look_at_checks(struct periods *p)
{
    struct fleet *f = p->w.fleet;
    struct period **on = mem_alloc((f->n_periods + 1) * sizeof(struct period *));
    size_t n = 0;
    for (size_t i = 0; i < f->n_periods; i++)
        if (f->periods[i]->is_on && f->periods[i]->matcher != NULL)
            on[n++] = f->periods[i];
    for (size_t i = 0; i < f->n_checks; i++) {
        unsigned int periods = 0;
        for (size_t k = 0; k < n; k++)
            if ((periods & 1u << on[k]->kind) == 0 && matcher_has(on[k]->matcher, f->checks[i]))
                periods |= 1u << on[k]->kind;
        check_take(p, f->checks[i], periods);
    }
    free(on);
    p->must_look = p->is_first = false;
}

/* --- which are over --------------------------------------------------------------------------- */

/* After a failed write they are found again, a second later. */
static void ends_written(void *arg, const char *error)
{
    struct periods *p = arg;
    (void)error;
    p->is_writing = false;
    periods_next_ask(p);
}

static void write_ends(struct periods *p)
{
    struct event ends[ENDS_MAX];
    size_t n = 0;
    int64_t now_ms = loop_wall_ms(p->w.loop);
    for (size_t i = 0; i < p->w.fleet->n_periods && n < ENDS_MAX; i++)
        n += period_expire(p->w.fleet, p->w.fleet->periods[i], now_ms, &ends[n]);
    if (n == 0)
        return;
    p->is_writing = true;
    decide_events(p->w.decide, ends, n, ends_written, p);
}

void periods_step(struct periods *p)
{
    if (p->is_stopping)
        return;
    find_on(p);
    if (p->must_look)
        look_at_checks(p);
    if (!p->is_writing)
        write_ends(p);
}

void periods_renew(struct periods *p)
{
    p->must_look = true;
    periods_step(p);
}

struct periods *periods_new(const struct periods_want *w)
{
    struct periods *p = mem_alloc(sizeof *p);
    *p = (struct periods){.w = *w, .must_look = true, .is_first = true};
    p->last = &p->first;
    return p;
}
