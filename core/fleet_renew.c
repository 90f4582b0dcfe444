/* Another site file, the same picture: what the file says is exchanged, what was seen stays. */
#include <stddef.h>
#include <string.h>

#include "core/fleet.h"
#include "core/promotion.h"

/* What was seen of a check stands in its struct from `live` to before `spec`, in one piece. */
#define SEEN_AT  offsetof(struct check, live)
#define SEEN_END offsetof(struct check, spec)

static void check_take_seen(struct check *c, struct check *was)
{
    char *to = (char *)c + SEEN_AT, *from = (char *)was + SEEN_AT;
    char kept[SEEN_END - SEEN_AT];
    memcpy(kept, to, sizeof kept);
    memcpy(to, from, sizeof kept);
    memcpy(from, kept, sizeof kept); /* exchanged: each owns what it has */
}

static void take_seen(struct fleet *fresh, const struct fleet *f)
{
    for (size_t i = 0; i < fresh->n_checks; i++) {
        struct check *was = fleet_check(f, fresh->checks[i]->id);
        if (was != NULL)
            check_take_seen(fresh->checks[i], was);
    }
    for (size_t i = 0; i < fresh->n_targets; i++) {
        struct target *t = fresh->targets[i];
        struct target *was = fleet_target(f, t->id);
        if (was == NULL)
            continue;
        t->state = was->state;
        t->since_ms = was->since_ms;
        t->promoted = was->promoted;
        was->promoted = NULL;
        promotion_apply(t);
    }
}

/* What stands in no site file: alerts, runs, the numbers that count on. */
static void take_history(struct fleet *fresh, struct fleet *f)
{
    fresh->alerts = f->alerts;
    fresh->n_alerts = f->n_alerts;
    fresh->cap_alerts = f->cap_alerts;
    fresh->runs = f->runs;
    fresh->n_runs = f->n_runs;
    fresh->cap_runs = f->cap_runs;
    fresh->periods = f->periods;
    fresh->n_periods = f->n_periods;
    fresh->cap_periods = f->cap_periods;
    fresh->next_period = f->next_period;
    fresh->receivers = f->receivers;
    fresh->n_receivers = f->n_receivers;
    fresh->proofs = f->proofs;
    fresh->n_proofs = f->n_proofs;
    fresh->next_alert = f->next_alert;
    fresh->version = f->version;
    fresh->seq = f->seq;
    f->alerts = NULL;
    f->runs = NULL;
    f->periods = NULL;
    f->receivers = NULL;
    f->proofs = NULL;
    f->n_proofs = 0;
    f->n_periods = f->cap_periods = f->n_receivers = 0;
    for (size_t i = 0; i < fresh->n_alerts; i++)
        fresh->alerts[i]->policy = NULL; /* of the old site */
    f->n_alerts = f->cap_alerts = f->n_runs = f->cap_runs = 0;
}

void fleet_renew(struct fleet *f, struct fleet *fresh)
{
    fleet_clean(f);
    fleet_clean(fresh);
    take_seen(fresh, f);
    take_history(fresh, f);
    struct fleet was = *f;
    *f = *fresh;
    *fresh = was;
    f->version++;
    for (size_t i = 0; i < f->n_targets; i++)
        fleet_touch_target(f, f->targets[i]);
    for (size_t i = 0; i < f->n_checks; i++)
        fleet_touch_check(f, f->checks[i]);
}
