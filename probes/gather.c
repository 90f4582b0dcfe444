#include "probes/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

const char *const gather_folds[] = {
    [FOLD_SUM] = "sum",   [FOLD_MAX] = "max",     [FOLD_MIN] = "min",
    [FOLD_MEAN] = "mean", [FOLD_COUNT] = "count", NULL};

static uint64_t hash_of(const struct option_strings *by, const struct exposition_sample *s)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < by->n; i++) {
        size_t len;
        const char *value = exposition_value(s, by->v[i], &len);
        for (size_t k = 0; k < len; k++)
            hash = (hash ^ (unsigned char)value[k]) * 1099511628211u;
        hash = (hash ^ 0xff) * 1099511628211u;
    }
    return hash;
}

static char *name_of(const struct option_strings *by, const struct exposition_sample *s)
{
    struct buf name = BUF_INIT(TEXT_MAX_NAME);
    for (size_t i = 0; i < by->n; i++) {
        size_t len;
        const char *value = exposition_value(s, by->v[i], &len);
        if (i > 0)
            buf_adds(&name, ", ");
        text_clean(&name, value, len, 0);
    }
    return buf_take(&name);
}

static struct gather_group *group_of(struct gather *g, const struct exposition_sample *s)
{
    uint64_t hash = hash_of(g->by, s);
    for (size_t i = g->n; i-- > 0;) /* the newest first: series of one group stand together */
        if (g->v[i].hash == hash)
            return &g->v[i];
    if (g->n == GATHER_GROUPS_MAX) {
        g->is_full = true;
        return NULL;
    }
    MEM_ROOM(g->v, g->n, g->cap);
    g->v[g->n] = (struct gather_group){
        .hash = hash, .name = name_of(g->by, s), .max = -INFINITY, .min = INFINITY};
    return &g->v[g->n++];
}

void gather_take(struct gather *g, const struct exposition_sample *s)
{
    if (!selector_takes(g->selector, s, &g->is_costly))
        return;
    if (!isfinite(s->value)) {
        g->odd++;
        return;
    }
    if (s->at_ms != 0 && s->at_ms < g->oldest_ms) {
        g->old++;
        return;
    }
    struct gather_group *group = group_of(g, s);
    if (group == NULL)
        return;
    g->taken++;
    group->n++;
    group->sum += s->value;
    group->max = fmax(group->max, s->value);
    group->min = fmin(group->min, s->value);
}

void gather_release(struct gather *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->v[i].name);
    free(g->v);
    *g = (struct gather){0};
}

const struct gather_group *gather_find(const struct gather *g, uint64_t hash)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->v[i].hash == hash)
            return &g->v[i];
    return NULL;
}

double gather_value(const struct gather_group *group, enum gather_fold fold)
{
    switch (fold) {
    case FOLD_MAX:
        return group->max;
    case FOLD_MIN:
        return group->min;
    case FOLD_MEAN:
        return group->sum / (double)group->n;
    case FOLD_COUNT:
        return (double)group->n;
    case FOLD_SUM:
        break;
    }
    return group->sum;
}
