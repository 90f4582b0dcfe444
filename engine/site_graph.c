/* Parents: they exist, do not run in a circle, and are not too deep. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

enum { DEPTH_UNKNOWN = 0, DEPTH_ON_PATH = -1, DEPTH_BROKEN = -2 };

struct graph {
    struct site_loader *l;
    struct map index; /* id -> 1 + index */
    int *depth;       /* 1: no parents; see the enum */
    size_t path[SITE_DEPTH_MAX + 1], n_path;
    int above; /* of the target that is looked at: the deepest parent so far */
    bool is_broken;
};

static void tell(struct graph *g, size_t i, const char *text)
{
    struct buf where = BUF_INIT(8192);
    buf_addf(&where, "%s/parents", g->l->target_at[i]);
    site_error(g->l->errors, buf_text(&where), text);
    buf_release(&where);
}

static size_t index_of(const struct graph *g, const char *id)
{
    return (size_t)(uintptr_t)map_get(&g->index, id);
}

static void tell_missing(struct graph *g, size_t i, const char *parent)
{
    const struct fleet *f = g->l->site->fleet;
    struct nearest close = NEAREST_INIT(parent);
    struct err e;
    for (size_t k = 0; k < f->n_targets; k++)
        nearest_try(&close, f->targets[k]->id);
    if (close.best != NULL)
        err_set(&e, "found \"%.128s\", but there is no such target; did you mean \"%s\"?", parent,
                close.best);
    else
        err_set(&e, "found \"%.128s\", but there is no such target", parent);
    tell(g, i, e.text);
}

static void tell_circle(struct graph *g, size_t i)
{
    struct target **t = g->l->site->fleet->targets;
    struct buf text = BUF_INIT(ERR_MAX);
    size_t k = g->n_path;
    while (k > 0 && g->path[k - 1] != i)
        k--;
    buf_adds(&text, "found a circle of parents: ");
    for (k = k > 0 ? k - 1 : 0; k < g->n_path; k++)
        buf_addf(&text, "%s > ", t[g->path[k]]->id);
    buf_adds(&text, t[i]->id);
    tell(g, i, buf_text(&text));
    buf_release(&text);
}

/* Calls fn for each name of a parent: "a|b" has two. */
static void each_name(struct graph *g, size_t i, const char *parent,
                      void (*fn)(struct graph *g, size_t i, const char *name))
{
    for (const char *at = parent; *at != '\0';) {
        size_t len = strcspn(at, "|");
        char *name = mem_strndup(at, len);
        fn(g, i, name);
        free(name);
        at += len + (at[len] == '|');
    }
}

static int depth_of(struct graph *g, size_t i);

static void look_above(struct graph *g, size_t i, const char *name)
{
    (void)i;
    size_t parent = index_of(g, name);
    int above = parent > 0 ? depth_of(g, parent - 1) : 0;
    g->is_broken = g->is_broken || above < 0;
    if (above > g->above)
        g->above = above;
}

/* Levels from i up to a target without parents, i counted; DEPTH_BROKEN after telling why.  The
 * recursion is as deep as the path, which is limited. */
static int depth_of(struct graph *g, size_t i)
{
    const struct target *t = g->l->site->fleet->targets[i];
    if (g->depth[i] == DEPTH_ON_PATH) {
        tell_circle(g, i);
        return DEPTH_BROKEN;
    }
    if (g->depth[i] != DEPTH_UNKNOWN)
        return g->depth[i];
    if (g->n_path > SITE_DEPTH_MAX)
        return SITE_DEPTH_MAX + 1;
    int outer_above = g->above;
    bool outer_is_broken = g->is_broken;
    g->above = 0;
    g->is_broken = false;
    g->depth[i] = DEPTH_ON_PATH;
    g->path[g->n_path++] = i;
    for (size_t p = 0; p < t->n_parents; p++)
        each_name(g, i, t->parents[p], look_above);
    g->n_path--;
    g->depth[i] = g->is_broken ? DEPTH_BROKEN : g->above + 1;
    g->above = outer_above;
    g->is_broken = outer_is_broken;
    return g->depth[i];
}

static void look_for(struct graph *g, size_t i, const char *name)
{
    if (index_of(g, name) == 0)
        tell_missing(g, i, name);
}

/* "rt-[1-2]" stands for two parents, "rt-1|rt-2" for one of which either will do. */
static void expand_parents(struct graph *g, size_t i)
{
    struct target *t = g->l->site->fleet->targets[i];
    struct names all = {0};
    struct err e;
    for (size_t p = 0; p < t->n_parents; p++) {
        if (!range_expand(t->parents[p], &all, &e))
            tell(g, i, e.text);
        free(t->parents[p]);
    }
    free(t->parents);
    t->parents = all.v;
    t->n_parents = all.n;
    for (size_t p = 0; p < t->n_parents; p++)
        each_name(g, i, t->parents[p], look_for);
}

void site_check_parents(struct site_loader *l)
{
    const struct fleet *f = l->site->fleet;
    struct graph g = {.l = l, .depth = mem_alloc(f->n_targets * sizeof(int))};
    for (size_t i = 0; i < f->n_targets; i++)
        map_put(&g.index, f->targets[i]->id, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->n_parents > 0)
            expand_parents(&g, i);
    for (size_t i = 0; i < f->n_targets; i++) {
        if (depth_of(&g, i) <= SITE_DEPTH_MAX)
            continue;
        struct err e;
        err_set(&e, "found parents more than %d deep", SITE_DEPTH_MAX);
        tell(&g, i, e.text);
        break; /* every target below says the same */
    }
    fleet_link(l->site->fleet);
    map_release(&g.index);
    free(g.depth);
}
