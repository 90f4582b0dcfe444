#include "core/reach.h"

#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/text.h"

#define DEPTH_MAX 64 /* as the site loader allows */

const struct check *reach_host_check(const struct target *t)
{
    const struct check *icmp = NULL;
    for (size_t i = 0; i < t->n_checks; i++) {
        const struct check *c = t->checks[i];
        if (c->is_host)
            return c;
        if (icmp == NULL && c->probe != NULL && strcmp(c->probe, "icmp") == 0)
            icmp = c;
    }
    return icmp;
}

const struct check *reach_parent_check(const struct target *t)
{
    const struct check *host = reach_host_check(t);
    return host != NULL || t->n_checks == 0 ? host : t->checks[0];
}

/* What a host check says by itself. */
static enum reach reach_by(const struct check *host)
{
    if (host == NULL || host->target->is_disabled)
        return REACH_UP;
    if (host->live.hard_state == STATE_CRITICAL || host->live.is_no_result)
        return REACH_DOWN; /* a restart too finds it so: nothing behind it is told anew */
    if (!rule_has_result(&host->live)) /* stale as a start finds it: nobody has looked */
        return REACH_UNSETTLED;
    if (host->live.is_stale)
        return REACH_DOWN;
    if (rule_is_soft(&host->live))
        return REACH_UNSETTLED;
    return REACH_UP;
}

static const struct check *host_of(const struct fleet *f, const char *name, size_t len)
{
    char id[TEXT_MAX_NAME + 1];
    if (len > TEXT_MAX_NAME)
        return NULL;
    memcpy(id, name, len);
    id[len] = '\0';
    const struct target *t = fleet_target(f, id);
    return t != NULL ? reach_parent_check(t) : NULL;
}

/* "a|b": as well off as the best of them; a plain name is a group of one. */
static enum reach reach_of_group(const struct fleet *f, const char *group,
                                 const struct check **down)
{
    enum reach best = REACH_DOWN;
    *down = NULL;
    for (const char *at = group; *at != '\0';) {
        size_t len = strcspn(at, "|");
        const struct check *host = host_of(f, at, len);
        enum reach one = reach_by(host);
        best = one < best ? one : best;
        *down = *down == NULL ? host : *down;
        at += len + (at[len] == '|');
    }
    return best;
}

/* One step up; *down: the first host check that is down, NULL: none. */
static enum reach reach_step(const struct fleet *f, const struct check *c,
                             const struct check **down)
{
    const struct target *t = c->target;
    const struct check *host = reach_host_check(t), *parent;
    enum reach worst = host != c ? reach_by(host) : REACH_UP; /* none: up */
    *down = worst == REACH_DOWN ? host : NULL;
    for (size_t i = 0; i < t->n_parents; i++) {
        enum reach one = reach_of_group(f, t->parents[i], &parent);
        if (one == REACH_DOWN) /* further up than the host of its own target */
            *down = parent;
        worst = one > worst ? one : worst;
    }
    return worst;
}

enum reach reach_of(const struct fleet *f, const struct check *c, const struct check **cause)
{
    const struct check *down, *above;
    enum reach reach = reach_step(f, c, &down);
    for (int i = 0; down != NULL && i < DEPTH_MAX; i++) {
        reach_step(f, down, &above);
        if (above == NULL)
            break;
        down = above;
    }
    if (cause != NULL)
        *cause = reach == REACH_DOWN ? down : NULL;
    return reach;
}

void reach_above(const struct fleet *f, const struct check *c,
                 void (*fn)(void *arg, const struct check *above), void *arg)
{
    const struct target *t = c->target;
    const struct check *host = reach_host_check(t);
    if (host != NULL && host != c)
        fn(arg, host);
    for (size_t i = 0; i < t->n_parents; i++)
        for (const char *at = t->parents[i]; *at != '\0';) {
            size_t len = strcspn(at, "|");
            const struct check *parent = host_of(f, at, len);
            if (parent != NULL)
                fn(arg, parent);
            at += len + (at[len] == '|');
        }
}

void reach_behind(const struct fleet *f, const struct check *c,
                  void (*fn)(void *arg, struct check *behind), void *arg)
{
    const struct target *t = c->target;
    (void)f;
    for (size_t i = 0; c == reach_host_check(t) && i < t->n_checks; i++)
        if (t->checks[i] != c)
            fn(arg, t->checks[i]);
    for (size_t i = 0; c == reach_parent_check(t) && i < t->n_children; i++)
        for (size_t k = 0; k < t->children[i]->n_checks; k++)
            fn(arg, t->children[i]->checks[k]);
}

/* --- who stands behind whom --------------------------------------------------------------- */

static void add_child(struct target *parent, struct target *child)
{
    for (size_t i = 0; i < parent->n_children; i++)
        if (parent->children[i] == child)
            return;
    MEM_ROOM(parent->children, parent->n_children, parent->cap_children);
    parent->children[parent->n_children++] = child;
}

void fleet_link(struct fleet *f)
{
    for (size_t i = 0; i < f->n_targets; i++) {
        struct target *t = f->targets[i];
        for (size_t p = 0; p < t->n_parents; p++)
            for (const char *at = t->parents[p]; *at != '\0';) {
                size_t len = strcspn(at, "|");
                char *id = mem_strndup(at, len);
                struct target *parent = fleet_target(f, id);
                free(id);
                if (parent != NULL)
                    add_child(parent, t);
                at += len + (at[len] == '|');
            }
    }
}
