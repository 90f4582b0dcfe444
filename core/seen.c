#include "core/seen.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

struct seen *seen_new(size_t n)
{
    struct seen *s = mem_alloc(sizeof *s);
    s->members = mem_alloc((n + 1) * sizeof *s->members);
    s->n = n;
    for (size_t i = 0; i < n; i++)
        s->members[i].lag_bytes = s->members[i].dcs_age_s = -1;
    return s;
}

void seen_free(struct seen *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++) {
        free(s->members[i].why_not);
        free(s->members[i].state);
        free(s->members[i].url);
    }
    free(s->members);
    free(s->error);
    free(s->stranger);
    free(s->scheduled);
    free(s->backend);
    free(s);
}

/* --- a database cluster ------------------------------------------------------------------- */

size_t seen_primaries(const struct seen *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->members[i].has_answered && s->members[i].role == SEEN_PRIMARY;
    return n;
}

const struct seen_member *seen_leader(const struct seen *s)
{
    if (seen_primaries(s) != 1)
        return NULL;
    for (size_t i = 0; i < s->n; i++)
        if (s->members[i].has_answered && s->members[i].role == SEEN_PRIMARY)
            return &s->members[i];
    return NULL;
}

const struct seen_member *seen_listed_leader(const struct seen *s)
{
    for (size_t i = 0; s->has_list && i < s->n; i++)
        if (s->members[i].is_listed_leader)
            return &s->members[i];
    return NULL;
}

size_t seen_answers(const struct seen *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->members[i].has_answered;
    return n;
}

size_t seen_index(const struct seen *s, const struct seen_member *m)
{
    return (size_t)(m - s->members);
}

/* --- servers behind a balancer ------------------------------------------------------------ */

bool seen_serves(const struct seen_member *m)
{
    return m->has_answered && m->admin == SEEN_READY && m->is_up;
}

bool fog_side_has(const struct fog_member *m, const char *side)
{
    if (side == NULL || strcmp(side, FOG_TO_ALL) == 0)
        return true;
    return m->side != NULL && strcmp(m->side, side) == 0;
}

size_t seen_count_side(const struct seen *s, const struct fog *g, const char *side,
                       bool (*is_one)(const struct seen_member *))
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += fog_side_has(&g->members[i], side) && is_one(&s->members[i]);
    return n;
}

static const char *serving_side(const struct seen *s, const struct fog *g)
{
    const char *side = NULL;
    for (size_t i = 0; i < s->n; i++) {
        if (!seen_serves(&s->members[i]) || g->members[i].side == NULL)
            continue;
        if (side != NULL && strcmp(side, g->members[i].side) != 0)
            return FOG_TO_ALL;
        side = g->members[i].side;
    }
    return side;
}

const char *seen_active(const struct seen *s, const struct fog *g)
{
    if (s->error != NULL || g->driver == NULL)
        return NULL;
    if (strcmp(g->driver, "patroni") != 0)
        return serving_side(s, g);
    const struct seen_member *m = seen_leader(s);
    return m != NULL ? g->members[seen_index(s, m)].target : NULL;
}
