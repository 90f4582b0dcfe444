#include "core/failover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

const char *const fog_mode_names[FOG_MODE_COUNT] = {
    [FOG_ACTIVE_STANDBY] = "active-standby",
    [FOG_ACTIVE_ACTIVE] = "active-active",
};
const char *const finding_kind_names[FINDING_KIND_COUNT] = {
    [FINDING_OK] = "ok",
    [FINDING_WARN] = "warn",
    [FINDING_FAIL] = "fail",
};

/* --- findings ----------------------------------------------------------------------------- */

void findings_add(struct findings *f, const char *code, enum finding_kind kind, char *say)
{
    if (f->n == FOG_REASONS_MAX) {
        free(say);
        return;
    }
    f->v = mem_grow(f->v, f->n + 1, sizeof *f->v);
    struct finding *one = &f->v[f->n++];
    *one = (struct finding){.kind = kind, .say = say};
    snprintf(one->code, sizeof one->code, "%s", code);
}

void findings_release(struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->v[i].say);
    free(f->v);
    *f = (struct findings){0};
}

size_t findings_count(const struct findings *f, enum finding_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->v[i].kind == kind;
    return n;
}

bool findings_equal(const struct findings *a, const struct findings *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].kind != b->v[i].kind || strcmp(a->v[i].code, b->v[i].code) != 0 ||
            strcmp(a->v[i].say, b->v[i].say) != 0)
            return false;
    return true;
}

/* --- groups ------------------------------------------------------------------------------- */

void fog_free(struct fog *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n_members; i++) {
        free(g->members[i].target);
        free(g->members[i].name);
        free(g->members[i].side);
    }
    for (size_t i = 0; i < g->n_candidates; i++)
        free(g->candidates[i]);
    for (size_t i = 0; i < g->n_parts; i++)
        free(g->parts[i]);
    findings_release(&g->reasons);
    words_release(&g->name);
    free(g->members);
    free(g->candidates);
    free(g->parts);
    free(g->id);
    free(g->driver);
    free(g->check);
    free(g->min_role);
    free(g->approve_role);
    free(g->active);
    free(g);
}

const struct fog_member *fog_member(const struct fog *g, const char *target)
{
    for (size_t i = 0; i < g->n_members; i++)
        if (strcmp(g->members[i].target, target) == 0)
            return &g->members[i];
    return NULL;
}

const struct fog_member *fog_member_named(const struct fog *g, const char *name)
{
    for (size_t i = 0; i < g->n_members; i++)
        if (strcmp(g->members[i].name, name) == 0)
            return &g->members[i];
    return NULL;
}

bool fog_is_candidate(const struct fog *g, const char *to)
{
    for (size_t i = 0; i < g->n_candidates; i++)
        if (strcmp(g->candidates[i], to) == 0)
            return true;
    return false;
}

bool fog_name_is_safe(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_.:-";
    size_t len = strlen(name);
    return len > 0 && len <= FOG_NAME_MAX && strspn(name, allowed) == len;
}

/* --- plans -------------------------------------------------------------------------------- */

void plan_release(struct plan *p)
{
    run_steps_release(p->steps, p->n_steps);
    findings_release(&p->checks);
    free(p->fog);
    free(p->from);
    free(p->to);
    free(p->notice);
    free(p->undo);
    *p = (struct plan){0};
}

bool plan_is_blocked(const struct plan *p)
{
    return findings_count(&p->checks, FINDING_FAIL) > 0;
}
