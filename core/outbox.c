#include "core/outbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap.h"
#include "core/due.h"
#include "core/mem.h"
#include "core/policy.h"

#define NEVER INT64_MIN

struct flock { /* what is told together */
    char *key;
    struct ids due;
    enum priority best, best_sent; /* of what is due; of the last notice */
    int64_t ready_ms;              /* where something is due */
    int64_t sent_ms;               /* the last notice; NEVER */
    bool is_over;                  /* recoveries */
    bool is_under_way;
};

struct glance { /* how an alert was when it was looked at */
    uint64_t alert, version;
    int64_t again_ms;
};

struct outbox {
    const struct receiver *r;
    int index; /* in the fleet; < 0: not there yet */
    struct flock **flocks;
    size_t n_flocks, cap_flocks;
    struct map flock_by_key;
    struct glance *glances; /* by alert, ascending */
    size_t n_glances;
    int64_t again_ms; /* the earliest of the glances */
    uint64_t seq;     /* of the fleet then */
    bool has_looked;
    struct cap cap;
    int64_t full_ms;    /* since when the cap holds something back; NEVER: it does not */
    int64_t summary_ms; /* the last one; NEVER */
    int64_t retry_ms;   /* not before */
    int failures;       /* in a row */
    bool is_maybe;      /* the last one that failed may have arrived */
    bool is_under_way;
    int64_t beat_ms; /* the next of the always-firing ones */
    uint64_t beats;
};

/* --- life --------------------------------------------------------------------------------- */

static void adopt(struct outbox *o, const struct receiver *r)
{
    int limit = r->cap > 0 ? r->cap : OUTBOX_CAP;
    o->r = r;
    o->has_looked = false;
    o->n_glances = 0;
    cap_set(&o->cap, limit, limit > 2 * RECEIVER_CAP_RESERVE ? RECEIVER_CAP_RESERVE : 0,
            r->cap > 0 ? r->cap_ms : OUTBOX_CAP_MS);
}

struct outbox *outbox_new(const struct receiver *r)
{
    struct outbox *o = mem_alloc(sizeof *o);
    o->index = -1;
    o->again_ms = INT64_MAX;
    o->full_ms = o->summary_ms = o->retry_ms = NEVER;
    o->beat_ms = NEVER;
    adopt(o, r);
    return o;
}

void outbox_renew(struct outbox *o, const struct receiver *r)
{
    adopt(o, r);
}

static void flock_free(struct flock *g)
{
    free(g->key);
    ids_release(&g->due);
    free(g);
}

void outbox_free(struct outbox *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n_flocks; i++)
        flock_free(o->flocks[i]);
    free(o->flocks);
    map_release(&o->flock_by_key);
    free(o->glances);
    free(o);
}

/* --- groups ------------------------------------------------------------------------------- */

/* Alerts of one place (the parent, or the target itself) and one kind of check. */
static void key_of(const struct outbox *o, const struct fleet *f, const struct alert *a,
                   bool is_over, struct buf *key)
{
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    buf_adds(key, is_over ? "over " : "");
    if (o->r->is_collector)
        return;
    if (c == NULL)
        buf_adds(key, a->check != NULL ? a->check : "");
    else
        buf_addf(key, "%s %s", c->target->n_parents > 0 ? c->target->parents[0] : c->target->id,
                 c->probe != NULL ? c->probe : c->name);
}

static struct flock *flock_of(struct outbox *o, const struct fleet *f, const struct alert *a,
                              bool is_over)
{
    struct buf key = BUF_INIT(0);
    key_of(o, f, a, is_over, &key);
    struct flock *g = map_get(&o->flock_by_key, buf_text(&key));
    if (g != NULL) {
        buf_release(&key);
        return g;
    }
    g = mem_alloc(sizeof *g);
    *g = (struct flock){.key = buf_take(&key), .sent_ms = NEVER, .is_over = is_over};
    MEM_ROOM(o->flocks, o->n_flocks, o->cap_flocks);
    o->flocks[o->n_flocks++] = g;
    map_put(&o->flock_by_key, g->key, g);
    return g;
}

static int64_t group_ms(const struct outbox *o, const struct fleet *f, const struct alert *a)
{
    if (o->r->group_ms >= 0)
        return o->r->group_ms;
    const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
    return p->group_ms;
}

static bool more_urgent(enum priority a, enum priority b)
{
    return a != PRIORITY_NONE && (b == PRIORITY_NONE || a < b);
}

static void join(struct outbox *o, const struct fleet *f, const struct alert *a, bool is_over,
                 int64_t ready_ms)
{
    struct flock *g = flock_of(o, f, a, is_over);
    if (g->due.n == 0) {
        g->ready_ms = ready_ms;
        g->best = a->priority;
    }
    if (ready_ms < g->ready_ms)
        g->ready_ms = ready_ms;
    if (more_urgent(a->priority, g->best))
        g->best = a->priority;
    ids_add(&g->due, a->id);
}

static void glance_at(struct outbox *o, const struct fleet *f, const struct alert *a,
                      struct glance *g, int64_t wait_ms, struct moment now)
{
    struct due d = due_of(f, a, o->r, o->index, o->is_under_way, now);
    g->alert = a->id;
    g->version = a->fleet_version;
    g->again_ms = d.again_ms > now.mono_ms ? d.again_ms : INT64_MAX;
    if (d.what != NOTICE_WHAT_COUNT)
        join(o, f, a, notice_rows[d.what].is_over,
             now.mono_ms + (wait_ms >= 0 ? wait_ms : group_ms(o, f, a)));
}

void outbox_look(struct outbox *o, const struct fleet *f, struct moment now)
{
    if (o->has_looked && o->seq == f->seq && now.mono_ms < o->again_ms)
        return;
    struct glance *all = mem_alloc((f->n_alerts + 1) * sizeof *all);
    size_t was = 0;
    o->index = due_index(f, o->r->id);
    o->again_ms = INT64_MAX;
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        while (was < o->n_glances && o->glances[was].alert < a->id)
            was++;
        bool is_known = was < o->n_glances && o->glances[was].alert == a->id;
        if (is_known && o->glances[was].version == a->fleet_version &&
            now.mono_ms < o->glances[was].again_ms)
            all[i] = o->glances[was];
        else
            glance_at(o, f, a, &all[i], -1, now);
        if (all[i].again_ms < o->again_ms)
            o->again_ms = all[i].again_ms;
    }
    free(o->glances);
    o->glances = all;
    o->n_glances = f->n_alerts;
    o->seq = f->seq;
    o->has_looked = true;
}

/* --- what is next ------------------------------------------------------------------------- */

/* Leaves only what is still due. */
static void sift(const struct outbox *o, const struct fleet *f, struct flock *g, struct moment now)
{
    size_t kept = 0;
    g->best = PRIORITY_NONE;
    for (size_t i = 0; i < g->due.n; i++) {
        const struct alert *a = fleet_alert(f, g->due.v[i]);
        if (a == NULL)
            continue;
        struct due d = due_of(f, a, o->r, o->index, false, now);
        if (d.what == NOTICE_WHAT_COUNT || notice_rows[d.what].is_over != g->is_over)
            continue;
        g->due.v[kept++] = a->id;
        if (kept == 1 || more_urgent(a->priority, g->best))
            g->best = a->priority;
    }
    g->due.n = kept;
}

/* The minute between two notices of a group does not hold back what is more urgent than the last.
 */
static int64_t flock_ready_ms(const struct flock *g)
{
    int64_t next_ms = g->sent_ms == NEVER || (!g->is_over && more_urgent(g->best, g->best_sent))
                          ? NEVER
                          : g->sent_ms + OUTBOX_GROUP_GAP_MS;
    return next_ms > g->ready_ms ? next_ms : g->ready_ms;
}

static bool is_before(const struct flock *a, const struct flock *b)
{
    if (a->is_over != b->is_over)
        return b->is_over;
    if (a->best != b->best)
        return more_urgent(a->best, b->best);
    return a->ready_ms < b->ready_ms;
}

/* Groups of which nothing is left and whose minute is over. */
static void prune(struct outbox *o, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->n_flocks; i++) {
        struct flock *g = o->flocks[i];
        if (g->due.n > 0 || g->is_under_way ||
            (g->sent_ms != NEVER && now_ms - g->sent_ms < OUTBOX_GROUP_GAP_MS)) {
            o->flocks[kept++] = g;
            continue;
        }
        map_remove(&o->flock_by_key, g->key);
        flock_free(g);
    }
    o->n_flocks = kept;
}

/* The most urgent group that is ready and of which something is really due. */
static struct flock *pick(struct outbox *o, const struct fleet *f, struct moment now)
{
    for (;;) {
        struct flock *best = NULL;
        for (size_t i = 0; i < o->n_flocks; i++) {
            struct flock *g = o->flocks[i];
            if (g->due.n > 0 && flock_ready_ms(g) <= now.mono_ms &&
                (best == NULL || is_before(g, best)))
                best = g;
        }
        if (best == NULL)
            return NULL;
        enum priority was = best->best;
        sift(o, f, best, now);
        if (best->due.n > 0 && best->best == was)
            return best;
    }
}

static void stamp_flock(struct flock *g, int64_t now_ms)
{
    g->due.n = 0;
    g->sent_ms = now_ms;
    g->best_sent = g->best;
    g->is_under_way = true;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All that is due, ready or not; where the cap is 1 only what is ready. */
static size_t take_all(struct outbox *o, const struct fleet *f, struct moment now, struct ids *out)
{
    size_t n_flocks = 0;
    for (size_t i = 0; i < o->n_flocks; i++) {
        struct flock *g = o->flocks[i];
        if (g->due.n == 0 || (o->cap.limit == 1 && flock_ready_ms(g) > now.mono_ms))
            continue;
        sift(o, f, g, now);
        for (size_t k = 0; k < g->due.n; k++) {
            MEM_ROOM(out->v, out->n, out->cap);
            out->v[out->n++] = g->due.v[k];
        }
        if (g->due.n == 0)
            continue;
        stamp_flock(g, now.mono_ms);
        n_flocks++;
    }
    if (out->n > 0)
        qsort(out->v, out->n, sizeof *out->v, by_id);
    return n_flocks;
}

static void name_it(const struct outbox *o, const struct fleet *f, struct moment now,
                    struct notice *out)
{
    uint64_t hash = map_hash(o->r->id);
    enum notice_what first = NOTICE_WHAT_COUNT;
    for (size_t i = 0; i < out->alerts.n; i++) {
        const struct alert *a = fleet_alert(f, out->alerts.v[i]);
        struct due d = due_of(f, a, o->r, o->index, false, now);
        if (d.what < first)
            first = d.what;
        out->is_possible_repeat = out->is_possible_repeat || d.is_possible_repeat;
        const struct told *t = due_told(a, o->index);
        uint64_t parts[] = {a->id, (uint64_t)a->page, t != NULL ? t->count : 0, (uint64_t)a->phase};
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
            hash = (hash ^ parts[k]) * 1099511628211ULL; /* as FNV-1a, by words */
    }
    if (out->what == NOTICE_WHAT_COUNT)
        out->what = first;
    snprintf(out->key, sizeof out->key, "%016" PRIx64, hash);
}

static bool take_beat(struct outbox *o, struct moment now, struct notice *out)
{
    if (o->r->every_ms <= 0 || now.mono_ms < o->beat_ms)
        return false;
    out->what = NOTICE_WATCHDOG;
    out->number = ++o->beats;
    o->beat_ms = now.mono_ms + o->r->every_ms;
    snprintf(out->key, sizeof out->key, "%016" PRIx64, map_hash(o->r->id) + out->number);
    return true;
}

static int64_t summary_ms(const struct outbox *o)
{
    int64_t wait_ms = o->cap.span_ms / 10;
    if (wait_ms > OUTBOX_SUMMARY_WAIT_MS)
        wait_ms = OUTBOX_SUMMARY_WAIT_MS;
    int64_t due_ms = o->full_ms + wait_ms;
    int64_t next_ms = o->summary_ms == NEVER ? NEVER : o->summary_ms + o->cap.span_ms;
    return due_ms > next_ms ? due_ms : next_ms;
}

/* The cap is reached: nothing now, or the one summary of what it holds back. */
static bool take_held(struct outbox *o, const struct fleet *f, struct moment now,
                      struct notice *out)
{
    if (o->full_ms == NEVER)
        o->full_ms = now.mono_ms;
    if (o->cap.limit == 1 || now.mono_ms < summary_ms(o))
        return false;
    take_all(o, f, now, &out->alerts);
    out->what = NOTICE_SUMMARY;
    o->summary_ms = now.mono_ms;
    o->full_ms = NEVER;
    return true;
}

static void take_one(struct outbox *o, const struct fleet *f, struct flock *g, struct moment now,
                     struct notice *out)
{
    o->full_ms = NEVER;
    if (o->cap.limit == 1) {
        if (take_all(o, f, now, &out->alerts) > 1)
            out->what = NOTICE_SUMMARY;
    } else {
        out->alerts = g->due;
        g->due = (struct ids){0};
        stamp_flock(g, now.mono_ms);
    }
    cap_use(&o->cap, now.mono_ms);
}

bool outbox_take(struct outbox *o, const struct fleet *f, struct moment now, struct notice *out)
{
    *out = (struct notice){.what = NOTICE_WHAT_COUNT, .to = o->r, .at_ms = now.wall_ms};
    if (o->is_under_way)
        return false;
    if (take_beat(o, now, out)) {
        o->is_under_way = true;
        return true;
    }
    if (now.mono_ms < o->retry_ms)
        return false;
    prune(o, now.mono_ms);
    struct flock *g = pick(o, f, now);
    if (g == NULL)
        return false;
    bool is_urgent = g->best == PRIORITY_P1 && !g->is_over;
    if (cap_free_ms(&o->cap, is_urgent, now.mono_ms) <= now.mono_ms)
        take_one(o, f, g, now, out);
    else if (!take_held(o, f, now, out))
        return false;
    name_it(o, f, now, out);
    out->is_possible_repeat = out->is_possible_repeat || o->is_maybe;
    o->is_under_way = true;
    return true;
}

/* --- how it went -------------------------------------------------------------------------- */

static void failed(struct outbox *o, int64_t now_ms, const struct notice *n,
                   const struct notice_answer *a)
{
    int64_t wait_ms = OUTBOX_RETRY_FIRST_MS;
    for (int i = 0; i < o->failures && wait_ms < OUTBOX_RETRY_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > OUTBOX_RETRY_MAX_MS || !a->is_transient)
        wait_ms = OUTBOX_RETRY_MAX_MS;
    o->failures++;
    o->retry_ms = now_ms + wait_ms;
    o->is_maybe = o->is_maybe || a->may_have_arrived;
    if (n->what == NOTICE_SUMMARY && o->cap.limit > 1)
        o->summary_ms = NEVER;
    else if (!a->may_have_arrived)
        cap_give_back(&o->cap);
}

void outbox_done(struct outbox *o, const struct fleet *f, struct moment now, const struct notice *n,
                 const struct notice_answer *a)
{
    o->is_under_way = false;
    if (!notice_rows[n->what].has_alerts)
        return; /* a beat that failed is followed by the next */
    if (a->is_ok) {
        o->failures = 0;
        o->retry_ms = NEVER;
        o->is_maybe = false;
    } else {
        failed(o, now.mono_ms, n, a);
    }
    for (size_t i = 0; i < o->n_flocks; i++) {
        struct flock *g = o->flocks[i];
        if (g->is_under_way && !a->is_ok)
            g->sent_ms = NEVER;
        g->is_under_way = false;
    }
    o->index = due_index(f, o->r->id);
    o->has_looked = false; /* what was told may stand in the picture without an event */
    for (size_t i = 0; i < n->alerts.n; i++) {
        const struct alert *alert = fleet_alert(f, n->alerts.v[i]);
        struct glance again;
        if (alert != NULL)
            glance_at(o, f, alert, &again, a->is_ok ? -1 : 0, now);
    }
}

int64_t outbox_next_ms(const struct outbox *o, struct moment now)
{
    int64_t next_ms = o->again_ms;
    if (o->is_under_way)
        return next_ms;
    for (size_t i = 0; i < o->n_flocks; i++) {
        const struct flock *g = o->flocks[i];
        if (g->due.n == 0)
            continue;
        int64_t at_ms = flock_ready_ms(g);
        int64_t free_ms = cap_free_ms(&o->cap, g->best == PRIORITY_P1 && !g->is_over, now.mono_ms);
        if (o->full_ms != NEVER && o->cap.limit > 1 && summary_ms(o) < free_ms)
            free_ms = summary_ms(o);
        at_ms = at_ms > free_ms ? at_ms : free_ms;
        at_ms = at_ms > o->retry_ms ? at_ms : o->retry_ms;
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    if (o->r->every_ms > 0 && o->beat_ms < next_ms)
        next_ms = o->beat_ms;
    return next_ms;
}
