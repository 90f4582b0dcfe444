/* Periods in the picture, and what receivers have been told of alerts. */
#include "core/fleet_period.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define RECEIVERS_MAX 255

struct period *fleet_period(const struct fleet *f, uint64_t id)
{
    for (size_t i = f->n_periods; i > 0; i--)
        if (f->periods[i - 1]->id == id)
            return f->periods[i - 1];
    return NULL;
}

struct period *fleet_add_period(struct fleet *f, uint64_t id)
{
    struct period *p = fleet_period(f, id);
    if (p != NULL)
        return p;
    p = mem_alloc(sizeof *p);
    p->id = id;
    MEM_ROOM(f->periods, f->n_periods, f->cap_periods);
    size_t at = f->n_periods++;
    for (; at > 0 && f->periods[at - 1]->id > id; at--)
        f->periods[at] = f->periods[at - 1];
    f->periods[at] = p;
    if (id >= f->next_period)
        f->next_period = id + 1;
    fleet_touch_period(f, p);
    return p;
}

void fleet_touch_period(struct fleet *f, struct period *p)
{
    p->version = ++f->version;
    p->is_dirty = true;
    f->has_dirty_periods = true;
}

/* --- the fold ------------------------------------------------------------------------------- */

/* What an event says of it; its place in the picture stays. */
static void period_define(struct period *p, const struct event *e)
{
    struct period *said = period_copy(e->period_def), was = *p;
    *p = *said;
    *said = was;
    period_free(said);
    p->id = was.id;
    p->at_ms = e->at_ms;
    p->version = was.version;
    p->is_dirty = was.is_dirty;
    p->is_on = false;
    mem_set(&p->by, e->actor.login != NULL ? e->actor.login : "?");
    period_bind(p);
}

/* A period only ever moves on: what has ended stays so, whatever an event says. */
void fleet_fold_period(struct fleet *f, const struct event *e)
{
    struct period *p = fleet_period(f, e->period);
    if (e->kind == EVENT_PERIOD_CREATED && e->period_def != NULL) {
        if (p != NULL || e->period < f->next_period)
            return; /* a number is given once */
        p = fleet_add_period(f, e->period);
        period_define(p, e);
    } else if (p == NULL || p->state == PERIOD_ENDED) {
        return;
    } else if (e->kind == EVENT_PERIOD_APPROVED) {
        p->state = PERIOD_STANDING;
        mem_set(&p->approved_by, e->actor.login);
    } else if (e->kind == EVENT_PERIOD_ENDED) {
        p->state = PERIOD_ENDED;
        p->ended_at_ms = e->at_ms;
        mem_set(&p->ended_by, e->actor.login);
    }
    fleet_touch_period(f, p);
}

/* --- cleaning ------------------------------------------------------------------------------- */

void fleet_clean_periods(struct fleet *f)
{
    size_t ended = 0, kept = 0;
    for (size_t i = 0; i < f->n_periods; i++) {
        f->periods[i]->is_dirty = false;
        ended += f->periods[i]->state == PERIOD_ENDED;
    }
    size_t drop = ended > PERIOD_KEPT ? ended - PERIOD_KEPT : 0;
    for (size_t i = 0; i < f->n_periods; i++) {
        if (drop > 0 && f->periods[i]->state == PERIOD_ENDED) {
            period_free(f->periods[i]);
            drop--;
        } else {
            f->periods[kept++] = f->periods[i];
        }
    }
    f->n_periods = kept;
    f->has_dirty_periods = false;
}

/* --- receivers ---------------------------------------------------------------------------- */

uint8_t fleet_receiver(struct fleet *f, const char *id)
{
    for (size_t i = 0; i < f->n_receivers; i++)
        if (strcmp(f->receivers[i], id) == 0)
            return (uint8_t)i;
    if (f->n_receivers == RECEIVERS_MAX)
        return RECEIVERS_MAX - 1;
    f->receivers = mem_grow(f->receivers, f->n_receivers + 1, sizeof(char *));
    f->receivers[f->n_receivers] = mem_strdup(id);
    return (uint8_t)f->n_receivers++;
}
