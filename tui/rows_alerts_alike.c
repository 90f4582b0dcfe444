/* rows_alerts_alike.c - many alerts that are alike are one row.
 *
 * A storm whose cause nobody watches would fill the list with one line twenty times over.  Where so
 * many open alerts agree in the check's name, the target's group, state, priority, owner and what
 * holds them back, the oldest stands for all, as a cause does for what stands behind it.  What
 * stands behind a cause, and causes themselves, are left alone. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/rows_alerts_private.h"

#define ALIKE_MIN 20

struct kind { /* of alerts that are alike */
    size_t first, n;
    bool is_used;
};

static const char *check_name(const struct alert *a)
{
    const char *slash = strchr(a->check, '/');

    return slash ? slash + 1 : a->check;
}

static const char *group_of(const struct fold *fold)
{
    const struct target *t = fold->check ? fold->check->target : NULL;

    return t && t->group ? t->group : "";
}

static const char *owner_of(const struct alert *a)
{
    return a->ack.by ? a->ack.by : "";
}

/* FNV-1a */
static uint64_t mix(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001B3U;
    return (hash ^ 0xFF) * 0x100000001B3U;
}

static uint64_t hash_of(const struct alert *a, const struct fold *fold)
{
    uint64_t hash = 0xCBF29CE484222325U ^ (uint64_t)a->state << 8 ^ (uint64_t)a->priority << 4;

    hash = (hash ^ a->marks) * 0x100000001B3U;
    return mix(mix(mix(hash, check_name(a)), group_of(fold)), owner_of(a));
}

static bool is_alike(const struct alert *a, const struct fold *x, const struct alert *b,
                     const struct fold *y)
{
    return a->state == b->state && a->priority == b->priority && a->marks == b->marks &&
           strcmp(check_name(a), check_name(b)) == 0 && strcmp(group_of(x), group_of(y)) == 0 &&
           strcmp(owner_of(a), owner_of(b)) == 0;
}

static bool may_join(const struct alert_list *l, const struct alert *a, size_t at)
{
    const struct fold *fold = &l->folds[at];

    return fold->is_listed && a->phase == ALERT_FIRING && fold->root == at && fold->behind == 0;
}

static struct kind *kind_of(const struct fleet *f, const struct alert_list *l, struct kind *kinds,
                            size_t mask, size_t at)
{
    const struct alert *a = f->alerts[at];
    size_t place = (size_t)hash_of(a, &l->folds[at]) & mask;

    while (kinds[place].is_used && !is_alike(a, &l->folds[at], f->alerts[kinds[place].first],
                                             &l->folds[kinds[place].first]))
        place = (place + 1) & mask;
    if (!kinds[place].is_used)
        kinds[place] = (struct kind){.first = at, .is_used = true};
    return &kinds[place];
}

void alert_list_fold_alike(const struct fleet *f, struct alert_list *l)
{
    size_t n = 0, size = 64;
    struct kind *kinds, **of;

    for (size_t i = 0; i < f->n_alerts; i++)
        n += may_join(l, f->alerts[i], i);
    if (n < ALIKE_MIN)
        return;
    while (size < 2 * n)
        size *= 2;
    kinds = mem_alloc(size * sizeof *kinds);
    of = mem_alloc(f->n_alerts * sizeof *of);
    for (size_t i = 0; i < f->n_alerts; i++) {
        struct fold *fold = &l->folds[i];

        if (!may_join(l, f->alerts[i], i))
            continue;
        if (!fold->check)
            fold->check = fleet_check(f, f->alerts[i]->check);
        of[i] = kind_of(f, l, kinds, size - 1, i);
        of[i]->n++;
    }
    for (size_t i = 0; i < f->n_alerts; i++) {
        if (!of[i] || of[i]->n < ALIKE_MIN)
            continue;
        l->folds[i].root = of[i]->first;
        l->folds[of[i]->first].is_alike = true;
        l->folds[of[i]->first].behind += of[i]->first != i;
    }
    free(kinds);
    free(of);
}

size_t alert_list_alike(const struct console *c, const struct alert_list *l, uint64_t id,
                        uint64_t *ids, size_t max)
{
    const struct fleet *f = console_fleet(c);
    const struct fold *head = alert_list_fold(c, l, id);
    size_t n = 0, at;

    if (!head || !head->is_alike || head->is_open)
        return 0;
    at = (size_t)(head - l->folds);
    for (size_t i = 0; i < l->n_folds && i < f->n_alerts && n < max; i++)
        if (l->folds[i].is_listed && l->folds[i].root == at && f->alerts[i]->phase == ALERT_FIRING)
            ids[n++] = f->alerts[i]->id;
    return n;
}
