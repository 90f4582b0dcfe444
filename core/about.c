#include "core/about.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

const char *const org_kind_names[ORG_KIND_COUNT + 1] = {
    [ORG_MINISTRY] = "ministry",
    [ORG_OPERATOR] = "operator",
    [ORG_EXTERNAL] = "external",
};
const char *const phase_state_names[PHASE_STATE_COUNT + 1] = {
    [PHASE_PLANNED] = "planned",
    [PHASE_RUNNING] = "running",
    [PHASE_DONE] = "done",
};

const char *words_in(const struct words *w, const char *lang, const char *fallback)
{
    bool is_vi = strcmp(lang, "vi") == 0;
    const char *first = is_vi ? w->vi : w->en, *second = is_vi ? w->en : w->vi;
    return first != NULL ? first : second != NULL ? second : fallback;
}

void words_release(struct words *w)
{
    free(w->vi);
    free(w->en);
    *w = (struct words){0};
}

void labels_free(struct label *labels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(labels[i].key);
        free(labels[i].value);
    }
    free(labels);
}

/* Days are written year first, so the order of their text is the order of days. */
enum phase_state phase_state(const struct phase *p, const char *day)
{
    if (p->state >= 0)
        return (enum phase_state)p->state;
    if (strcmp(day, p->from) < 0)
        return PHASE_PLANNED;
    return p->to != NULL && strcmp(day, p->to) > 0 ? PHASE_DONE : PHASE_RUNNING;
}

const struct org *about_org(const struct about *a, const char *id)
{
    for (size_t i = 0; i < a->n_orgs; i++)
        if (strcmp(a->orgs[i].id, id) == 0)
            return &a->orgs[i];
    return NULL;
}

const struct phase *about_phase(const struct about *a, const char *id)
{
    for (size_t i = 0; i < a->n_phases; i++)
        if (strcmp(a->phases[i].id, id) == 0)
            return &a->phases[i];
    return NULL;
}

const struct total *about_total(const struct about *a, const char *id)
{
    for (size_t i = 0; i < a->n_totals; i++)
        if (strcmp(a->totals[i].id, id) == 0)
            return &a->totals[i];
    return NULL;
}

void about_add_org(struct about *a, const struct org *taken)
{
    a->orgs = mem_grow(a->orgs, a->n_orgs + 1, sizeof *a->orgs);
    a->orgs[a->n_orgs++] = *taken;
}

void about_add_phase(struct about *a, const struct phase *taken)
{
    a->phases = mem_grow(a->phases, a->n_phases + 1, sizeof *a->phases);
    a->phases[a->n_phases++] = *taken;
}

void about_add_total(struct about *a, const struct total *taken)
{
    a->totals = mem_grow(a->totals, a->n_totals + 1, sizeof *a->totals);
    a->totals[a->n_totals++] = *taken;
}

void about_release(struct about *a)
{
    for (size_t i = 0; i < a->n_orgs; i++) {
        free(a->orgs[i].id);
        free(a->orgs[i].abbr);
        words_release(&a->orgs[i].name);
    }
    for (size_t i = 0; i < a->n_phases; i++) {
        free(a->phases[i].id);
        free(a->phases[i].from);
        free(a->phases[i].to);
        words_release(&a->phases[i].name);
    }
    for (size_t i = 0; i < a->n_totals; i++) {
        free(a->totals[i].id);
        free(a->totals[i].as_of);
        labels_free(a->totals[i].labels, a->totals[i].n_labels);
        words_release(&a->totals[i].name);
    }
    free(a->orgs);
    free(a->phases);
    free(a->totals);
    *a = (struct about){0};
}
