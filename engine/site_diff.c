#include "engine/site_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "engine/receiver.h"

#define NUMBER_MAX 24

static bool same_json(struct jval *a, struct jval *b)
{
    struct buf ta = BUF_INIT(0), tb = BUF_INIT(0);
    jval_dump(&ta, a, JVAL_SORTED);
    jval_dump(&tb, b, JVAL_SORTED);
    bool is_same = strcmp(buf_text(&ta), buf_text(&tb)) == 0;
    buf_release(&ta);
    buf_release(&tb);
    jval_free(a);
    jval_free(b);
    return is_same;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_check(const struct check *a, const struct check *b)
{
    const struct check_spec *sa = a->spec, *sb = b->spec;
    const struct option thresholds[] = {{.name = "thresholds", .type = OPTION_THRESHOLDS},
                                        {.name = NULL}};
    return sa->type == sb->type && same_text(sa->absent, sb->absent) &&
           same_text(a->target->address, b->target->address) &&
           a->target->is_disabled == b->target->is_disabled &&
           same_json(site_check_json(a), site_check_json(b)) &&
           option_equal(sa->type->options, sa->config, sb->config) &&
           option_equal(thresholds, &sa->thresholds, &sb->thresholds);
}

/* What has been seen is seen: the new spec goes on with it. */
static void keep_windows(struct check_spec *was, struct check_spec *now)
{
    struct windows *kept = was->windows;
    was->windows = now->windows;
    now->windows = kept;
}

static bool same_target(const struct target *a, const struct target *b)
{
    return a->n_checks == b->n_checks && same_json(site_target_json(a), site_target_json(b));
}

static const struct receiver *receiver_of(const struct site *s, const char *id)
{
    for (size_t i = 0; i < s->n_receivers; i++)
        if (strcmp(s->receivers[i].id, id) == 0)
            return &s->receivers[i];
    return NULL;
}

static void diff_receivers(const struct site *was, const struct site *s, struct site_changes *out)
{
    out->receivers = s->n_receivers;
    for (size_t i = 0; i < s->n_receivers; i++) {
        const struct receiver *old = receiver_of(was, s->receivers[i].id);
        out->receivers_other += old == NULL || !receiver_is_same(old, &s->receivers[i]);
    }
    for (size_t i = 0; i < was->n_receivers; i++)
        out->receivers_other += receiver_of(s, was->receivers[i].id) == NULL;
}

void site_diff(const struct site *was, struct site *s, struct site_changes *out)
{
    const struct fleet *old = was->fleet, *now = s->fleet;
    *out = (struct site_changes){.targets = now->n_targets, .checks = now->n_checks};
    for (size_t i = 0; i < now->n_targets; i++) {
        const struct target *t = fleet_target(old, now->targets[i]->id);
        out->targets_new += t == NULL;
        out->targets_changed += t != NULL && !same_target(t, now->targets[i]);
    }
    for (size_t i = 0; i < old->n_targets; i++)
        out->targets_gone += fleet_target(now, old->targets[i]->id) == NULL;
    for (struct check_spec *spec = s->specs; spec != NULL; spec = spec->next) {
        const struct check *c = fleet_check(old, spec->check->id);
        spec->is_same = c != NULL && same_check(c, spec->check);
        if (spec->is_same)
            keep_windows(c->spec, spec);
        out->checks_new += c == NULL;
        out->checks_changed += c != NULL && !spec->is_same;
    }
    for (size_t i = 0; i < old->n_checks; i++)
        out->checks_gone += fleet_check(now, old->checks[i]->id) == NULL;
    diff_receivers(was, s, out);
}

static const char *number(size_t n, char out[NUMBER_MAX])
{
    snprintf(out, NUMBER_MAX, "%zu", n);
    return out;
}

char *site_changes_say(const struct site_changes *c, const char *template)
{
    char n[10][NUMBER_MAX];
    return SAY(template, number(c->targets, n[0]), number(c->targets_new, n[1]),
               number(c->targets_gone, n[2]), number(c->targets_changed, n[3]),
               number(c->checks, n[4]), number(c->checks_new, n[5]), number(c->checks_gone, n[6]),
               number(c->checks_changed, n[7]), number(c->receivers, n[8]),
               number(c->receivers_other, n[9]));
}

char *site_say(const struct site *s)
{
    char n[2][NUMBER_MAX];
    return SAY(N_("{0} targets, {1} checks"), number(s->fleet->n_targets, n[0]),
               number(s->fleet->n_checks, n[1]));
}
