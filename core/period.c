#include "core/period.h"

#include <stdlib.h>

#include "core/matcher.h"
#include "core/mem.h"

const char *const period_kind_names[PERIOD_KIND_COUNT] = {
    [PERIOD_SILENCE] = "silence",
    [PERIOD_MAINTENANCE] = "maintenance",
    [PERIOD_ASSESSMENT] = "assessment",
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
    return copy;
}
