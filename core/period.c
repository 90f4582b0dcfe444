#include "core/period.h"

#include <stdlib.h>

#include "core/fleet.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "core/recur.h"
#include "core/say.h"

const char *const period_kind_names[PERIOD_KIND_COUNT] = {
    [PERIOD_SILENCE] = "silence",
    [PERIOD_MAINTENANCE] = "maintenance",
    [PERIOD_ASSESSMENT] = "assessment",
};
const char *const period_kind_words[PERIOD_KIND_COUNT] = {
    [PERIOD_SILENCE] = N_("silence"),
    [PERIOD_MAINTENANCE] = N_("maintenance"),
    [PERIOD_ASSESSMENT] = N_("assessment"),
};
const char *const period_state_names[PERIOD_STATE_COUNT] = {
    [PERIOD_PROPOSED] = "proposed",
    [PERIOD_STANDING] = "standing",
    [PERIOD_ENDED] = "ended",
};

void period_free(struct period *p)
{
    if (p == NULL)
        return;
    free(p->match);
    free(p->every);
    free(p->by);
    free(p->comment);
    free(p->key);
    free(p->approved_by);
    free(p->ended_by);
    matcher_free(p->matcher);
    free(p->recur);
    free(p);
}

struct period *period_copy(const struct period *p)
{
    if (p == NULL)
        return NULL;
    struct period *copy = mem_alloc(sizeof *copy);
    *copy = *p;
    copy->match = mem_strdup(p->match);
    copy->every = mem_strdup(p->every);
    copy->by = mem_strdup(p->by);
    copy->comment = mem_strdup(p->comment);
    copy->key = mem_strdup(p->key);
    copy->approved_by = mem_strdup(p->approved_by);
    copy->ended_by = mem_strdup(p->ended_by);
    copy->matcher = NULL;
    copy->recur = NULL;
    return copy;
}

void period_bind(struct period *p)
{
    char *refusal = NULL;
    matcher_free(p->matcher);
    free(p->recur);
    p->matcher = NULL;
    p->recur = NULL;
    if (p->match != NULL) {
        p->matcher = matcher_parse(p->match, &refusal);
        free(refusal);
    }
    if (p->every != NULL) {
        p->recur = mem_alloc(sizeof *p->recur);
        if (!recur_parse(p->every, p->recur, &refusal))
            p->recur->n = 0;
        free(refusal);
    }
}

bool period_is_on_at(const struct fleet *f, const struct period *p, int64_t now_ms)
{
    if (p->state != PERIOD_STANDING || now_ms < p->from_ms || now_ms >= p->until_ms)
        return false;
    if (p->alert != 0) {
        const struct alert *a = fleet_alert(f, p->alert);
        if (a == NULL || a->phase != ALERT_FIRING)
            return false;
    }
    return p->every == NULL || (p->recur != NULL && recur_is_on(p->recur, now_ms));
}
