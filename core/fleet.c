#include "core/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "core/fleet_period.h"
#include "core/fleet_run.h"
#include "core/mem.h"
#include "core/promotion.h"
#include "core/say.h"

const char *const target_kind_names[TARGET_KIND_COUNT] = {
    [TARGET_SERVER] = "server",   [TARGET_COMPONENT] = "component", [TARGET_ENDPOINT] = "endpoint",
    [TARGET_FLOW] = "flow",       [TARGET_CHANNEL] = "channel",     [TARGET_DATABASE] = "database",
    [TARGET_CLUSTER] = "cluster", [TARGET_HOTLINE] = "hotline",     [TARGET_OTHER] = "other",
};
const char *const link_names[LINK_COUNT] = {
    [LINK_DONE] = "done",
    [LINK_TESTING] = "testing",
    [LINK_NONE] = "none",
};
const char *const alert_phase_names[ALERT_PHASE_COUNT] = {
    [ALERT_FIRING] = "firing",
    [ALERT_RESOLVED] = "resolved",
};
const char *const mark_names[MARK_COUNT] = {
    N_("maintenance"), N_("silence"), N_("parent"),     N_("flap"),
    N_("settle"),      N_("blind"),   N_("assessment"),
};

#define BLIND_MIN 3 /* checks */

const char *target_label(const struct target *t, const char *key)
{
    for (size_t i = 0; i < t->n_labels; i++)
        if (strcmp(t->labels[i].key, key) == 0)
            return t->labels[i].value;
    return NULL;
}

bool target_has_labels(const struct target *t, const struct label *labels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *value = target_label(t, labels[i].key);
        if (value == NULL || strcmp(value, labels[i].value) != 0)
            return false;
    }
    return true;
}

/* --- life cycle -------------------------------------------------------------------------- */

struct fleet *fleet_new(void)
{
    struct fleet *f = mem_alloc(sizeof *f);
    f->next_alert = f->next_period = 1;
    return f;
}

static void check_free(struct check *c)
{
    for (size_t i = 0; i < c->n_metrics; i++) {
        free(c->metrics[i].name);
        free(c->metrics[i].unit);
    }
    free(c->metrics);
    facts_release(c->facts, c->n_facts);
    free(c->id);
    free(c->probe);
    free(c->summary);
    free(c);
}

static void strings_free(char **v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(v[i]);
    free(v);
}

static void target_free(struct target *t)
{
    labels_free(t->labels, t->n_labels);
    strings_free(t->parents, t->n_parents);
    strings_free(t->tags, t->n_tags);
    words_release(&t->name);
    free(t->id);
    free(t->group);
    free(t->address);
    free(t->runbook);
    free(t->org);
    free(t->checks);
    free(t->children);
    promotion_free(t->promoted);
    free(t);
}

static void alert_free(struct alert *a)
{
    for (size_t i = 0; i < a->n_notes; i++) {
        free(a->notes[i].by);
        free(a->notes[i].text);
        free(a->notes[i].key);
    }
    free(a->notes);
    free(a->check);
    free(a->summary);
    free(a->ack.by);
    free(a->ack.comment);
    free(a->ack.key);
    free(a->unack_key);
    free(a->escalate_key);
    free(a->told);
    free(a);
}

static void fleet_release(struct fleet *f)
{
    for (size_t i = 0; i < f->n_groups; i++) {
        free(f->groups[i].id);
        words_release(&f->groups[i].name);
    }
    for (size_t i = 0; i < f->n_targets; i++)
        target_free(f->targets[i]);
    for (size_t i = 0; i < f->n_checks; i++)
        check_free(f->checks[i]);
    for (size_t i = 0; i < f->n_alerts; i++)
        alert_free(f->alerts[i]);
    for (size_t i = 0; i < f->n_periods; i++)
        period_free(f->periods[i]);
    for (size_t i = 0; i < f->n_policies; i++)
        policy_release(&f->policies[i]);
    strings_free(f->receivers, f->n_receivers);
    for (size_t i = 0; i < f->n_proofs; i++)
        proof_log_free(f->proofs[i]);
    free(f->proofs);
    for (size_t i = 0; i < f->n_fogs; i++)
        fog_free(f->fogs[i]);
    for (size_t i = 0; i < f->n_runs; i++)
        run_free(f->runs[i]);
    words_release(&f->site_name);
    about_release(&f->about);
    shifts_free(f->shifts, f->n_shifts);
    map_release(&f->target_by_id);
    map_release(&f->check_by_id);
    free(f->groups);
    free(f->targets);
    free(f->checks);
    free(f->alerts);
    free(f->fogs);
    free(f->periods);
    free(f->policies);
    free(f->runs);
    free(f->dirty_checks);
    free(f->dirty_targets);
    free(f->dirty_alerts);
    free(f->site_id);
    free(f->language);
    free(f->timezone);
}

void fleet_free(struct fleet *f)
{
    if (f == NULL)
        return;
    fleet_release(f);
    free(f);
}

/* --- finding and adding ------------------------------------------------------------------ */

struct target *fleet_target(const struct fleet *f, const char *id)
{
    return map_get(&f->target_by_id, id);
}

struct check *fleet_check(const struct fleet *f, const char *id)
{
    return map_get(&f->check_by_id, id);
}

/* Where the alert stands, or would stand. */
static size_t alert_place(const struct fleet *f, uint64_t id)
{
    size_t low = 0, high = f->n_alerts;
    if (high > 0 && f->alerts[high - 1]->id < id)
        return high;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (f->alerts[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct alert *fleet_alert(const struct fleet *f, uint64_t id)
{
    size_t i = alert_place(f, id);
    return i < f->n_alerts && f->alerts[i]->id == id ? f->alerts[i] : NULL;
}

struct alert *fleet_open_alert_of(const struct fleet *f, const struct check *c)
{
    return c->alert != 0 ? fleet_alert(f, c->alert) : NULL;
}

struct target *fleet_add_target(struct fleet *f, const char *id)
{
    struct target *t = fleet_target(f, id);
    if (t != NULL)
        return t;
    t = mem_alloc(sizeof *t);
    t->id = mem_strdup(id);
    t->kind = TARGET_OTHER;
    t->state = STATE_PENDING;
    MEM_ROOM(f->targets, f->n_targets, f->cap_targets);
    f->targets[f->n_targets++] = t;
    map_put(&f->target_by_id, t->id, t);
    fleet_touch_target(f, t);
    return t;
}

struct check *fleet_add_check(struct fleet *f, struct target *t, const char *name)
{
    size_t head = strlen(t->id) + 1, tail = strlen(name);
    char *id = mem_alloc(head + tail + 1);
    memcpy(id, t->id, head - 1);
    id[head - 1] = '/';
    memcpy(id + head, name, tail);
    struct check *c = fleet_check(f, id);
    if (c != NULL) {
        free(id);
        return c;
    }
    c = mem_alloc(sizeof *c);
    c->id = id;
    c->name = id + head;
    c->target = t;
    c->latency_ms = -1;
    c->saved_state = STATE_PENDING;
    rule_init(&c->live, 0);
    trend_init(&c->trend);
    MEM_ROOM(f->checks, f->n_checks, f->cap_checks);
    f->checks[f->n_checks++] = c;
    t->checks = mem_grow(t->checks, t->n_checks + 1, sizeof(struct check *));
    t->checks[t->n_checks++] = c;
    map_put(&f->check_by_id, c->id, c);
    fleet_touch_check(f, c);
    return c;
}

struct alert *fleet_add_alert(struct fleet *f, uint64_t id)
{
    size_t at = alert_place(f, id);
    if (at < f->n_alerts && f->alerts[at]->id == id)
        return f->alerts[at];
    struct alert *a = mem_alloc(sizeof *a);
    a->id = id;
    a->level = 1;
    MEM_ROOM(f->alerts, f->n_alerts, f->cap_alerts);
    memmove(f->alerts + at + 1, f->alerts + at, (f->n_alerts - at) * sizeof(struct alert *));
    f->alerts[at] = a;
    f->n_alerts++;
    if (id >= f->next_alert)
        f->next_alert = id + 1;
    fleet_touch_alert(f, a);
    return a;
}

void fleet_add_group(struct fleet *f, const char *id, const struct words *name)
{
    f->groups = mem_grow(f->groups, f->n_groups + 1, sizeof *f->groups);
    f->groups[f->n_groups++] = (struct group){
        .id = mem_strdup(id),
        .name = {.vi = mem_strdup(name->vi), .en = mem_strdup(name->en)},
    };
}

/* --- what is shown ----------------------------------------------------------------------- */

enum state check_shown(const struct check *c)
{
    return c->live.is_stale ? STATE_STALE : c->live.state;
}

bool check_is_soft(const struct check *c)
{
    return rule_is_soft(&c->live);
}

bool target_counts(const struct target *t)
{
    return !t->is_test && !t->is_disabled && t->link == LINK_DONE;
}

enum state fleet_worst(const struct fleet *f)
{
    bool any = false;
    enum state worst = STATE_OK;
    for (size_t i = 0; i < f->n_targets; i++) {
        if (!target_counts(f->targets[i]))
            continue;
        any = true;
        worst = state_worse(worst, f->targets[i]->state);
    }
    return any ? worst : STATE_PENDING;
}

void fleet_count_states(const struct fleet *f, size_t by_state[STATE_COUNT])
{
    memset(by_state, 0, STATE_COUNT * sizeof *by_state);
    for (size_t i = 0; i < f->n_targets; i++)
        if (target_counts(f->targets[i]))
            by_state[f->targets[i]->state]++;
}

size_t fleet_count_total(const struct fleet *f, const struct total *of, size_t *done)
{
    size_t all = 0, linked = 0;
    for (size_t i = 0; i < f->n_targets; i++) {
        if (!target_has_labels(f->targets[i], of->labels, of->n_labels))
            continue;
        all++;
        linked += f->targets[i]->link == LINK_DONE;
    }
    if (done != NULL)
        *done = linked;
    return all;
}

size_t fleet_count_open(const struct fleet *f, size_t *unacknowledged)
{
    size_t open = 0, free_ones = 0;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (a->phase != ALERT_FIRING)
            continue;
        open++;
        free_ones += a->ack.by == NULL && (a->marks & MARKS_HOLD) == 0;
    }
    if (unacknowledged != NULL)
        *unacknowledged = free_ones;
    return open;
}

/* --- are we blind ----------------------------------------------------------------------- */

static bool sees_nothing(const struct fleet *f)
{
    size_t looked = 0, in_vain = 0;
    for (size_t i = 0; i < f->n_checks; i++) {
        looked += rule_has_result(&f->checks[i]->live);
        in_vain += rule_has_result(&f->checks[i]->live) && f->checks[i]->is_self;
    }
    return in_vain >= BLIND_MIN && 2 * in_vain > looked;
}

static bool is_own_fault(const struct fleet *f, const struct alert *a)
{
    const struct check *c = a != NULL && a->phase == ALERT_FIRING ? fleet_check(f, a->check) : NULL;
    return c != NULL && c->is_own_fault && c->live.hard_state == STATE_UNKNOWN;
}

/* The one that tells it already; else the oldest that nobody has taken, so that somebody hears. */
static uint64_t own_fault(const struct fleet *f)
{
    uint64_t taken = 0;
    if (f->blind_alert != 0 && is_own_fault(f, fleet_alert(f, f->blind_alert)))
        return f->blind_alert;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (!is_own_fault(f, a))
            continue;
        if (a->ack.by == NULL)
            return a->id;
        if (taken == 0)
            taken = a->id;
    }
    return taken;
}

bool fleet_look_inward(struct fleet *f)
{
    bool is_blind = sees_nothing(f);
    uint64_t alert = is_blind ? own_fault(f) : 0;
    bool is_news = is_blind != f->is_blind || alert != f->blind_alert;
    f->is_blind = is_blind;
    f->blind_alert = alert;
    return is_news;
}

/* --- what changed ------------------------------------------------------------------------ */

void fleet_touch_target(struct fleet *f, struct target *t)
{
    t->version = ++f->version;
    if (t->is_dirty)
        return;
    t->is_dirty = true;
    MEM_ROOM(f->dirty_targets, f->n_dirty_targets, f->cap_dirty_targets);
    f->dirty_targets[f->n_dirty_targets++] = t;
}

static enum state worst_check(const struct target *t)
{
    enum state worst = STATE_OK;
    for (size_t i = 0; i < t->n_checks; i++)
        worst = state_worse(worst, check_shown(t->checks[i]));
    return t->n_checks > 0 ? worst : STATE_PENDING;
}

void fleet_touch_check(struct fleet *f, struct check *c)
{
    c->version = ++f->version;
    if (!c->is_dirty) {
        c->is_dirty = true;
        MEM_ROOM(f->dirty_checks, f->n_dirty_checks, f->cap_dirty_checks);
        f->dirty_checks[f->n_dirty_checks++] = c;
    }
    enum state worst = worst_check(c->target);
    if (worst == c->target->state)
        return;
    c->target->state = worst;
    c->target->since_ms = c->since_ms;
    fleet_touch_target(f, c->target);
}

void fleet_touch_alert(struct fleet *f, struct alert *a)
{
    a->fleet_version = f->alerts_version = ++f->version;
    if (a->is_dirty)
        return;
    a->is_dirty = true;
    MEM_ROOM(f->dirty_alerts, f->n_dirty_alerts, f->cap_dirty_alerts);
    f->dirty_alerts[f->n_dirty_alerts++] = a;
}

static bool alert_may_go(const struct alert *a)
{
    return a->phase == ALERT_RESOLVED && !alert_owes_recovery(a);
}

/* Keeps the newest FLEET_RESOLVED_KEPT of the resolved alerts, and all that fire. */
static void drop_old_alerts(struct fleet *f)
{
    size_t resolved = 0, kept = 0;
    for (size_t i = 0; i < f->n_alerts; i++)
        resolved += alert_may_go(f->alerts[i]);
    if (resolved <= FLEET_RESOLVED_KEPT)
        return;
    size_t drop = resolved - FLEET_RESOLVED_KEPT;
    for (size_t i = 0; i < f->n_alerts; i++) {
        struct alert *a = f->alerts[i];
        if (drop > 0 && alert_may_go(a)) {
            alert_free(a);
            drop--;
        } else {
            f->alerts[kept++] = a;
        }
    }
    f->n_alerts = kept;
}

void fleet_clean(struct fleet *f)
{
    for (size_t i = 0; i < f->n_dirty_checks; i++)
        f->dirty_checks[i]->is_dirty = false;
    for (size_t i = 0; i < f->n_dirty_targets; i++)
        f->dirty_targets[i]->is_dirty = false;
    for (size_t i = 0; i < f->n_dirty_alerts; i++)
        f->dirty_alerts[i]->is_dirty = false;
    if (f->n_dirty_alerts > 0)
        drop_old_alerts(f);
    if (f->has_dirty_runs)
        fleet_clean_runs(f);
    if (f->has_dirty_periods)
        fleet_clean_periods(f);
    f->n_dirty_checks = f->n_dirty_targets = f->n_dirty_alerts = 0;
}
