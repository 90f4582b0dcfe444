#include "core/schedule.h"

#include <stdlib.h>

#include "core/map.h"
#include "core/mem.h"

int64_t schedule_grid(double checks_per_second)
{
    return checks_per_second > SCHEDULE_GRID_FINE_AT ? SCHEDULE_GRID_FINE_MS : SCHEDULE_GRID_MS;
}

/* FNV's low bits follow the last bytes of an id; ids of a site differ in little else. */
static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

int64_t schedule_slot(const char *check_id, int64_t interval_ms, int64_t grid_ms)
{
    if (interval_ms <= 0)
        return 0;
    int64_t slot = (int64_t)(mix(map_hash(check_id)) % (uint64_t)interval_ms);
    return grid_ms > 1 ? slot - slot % grid_ms : slot;
}

int64_t schedule_first(int64_t slot_ms, int64_t interval_ms, int64_t now_ms)
{
    if (interval_ms <= 0)
        return now_ms;
    int64_t behind = (now_ms - slot_ms) % interval_ms;
    if (behind < 0)
        behind += interval_ms;
    return behind == 0 ? now_ms : now_ms + interval_ms - behind;
}

int64_t schedule_next(int64_t prev_ms, int64_t interval_ms, int64_t now_ms)
{
    if (interval_ms <= 0)
        return now_ms;
    int64_t next = prev_ms + interval_ms;
    if (next <= now_ms)
        next += ((now_ms - next) / interval_ms + 1) * interval_ms;
    return next;
}

int64_t schedule_jitter(const char *check_id, uint32_t n, int64_t retry_ms)
{
    int64_t tenth = retry_ms / 10;
    if (tenth <= 0)
        return retry_ms;
    uint64_t h = mix(map_hash(check_id) + (n + 1) * 0x9e3779b97f4a7c15u);
    return retry_ms - tenth + (int64_t)(h % (uint64_t)(2 * tenth + 1));
}

int64_t schedule_spread(const char *check_id, int64_t interval_ms, int64_t grid_ms)
{
    int64_t over = interval_ms < SCHEDULE_SPREAD_MS ? interval_ms : SCHEDULE_SPREAD_MS;
    return schedule_slot(check_id, over, grid_ms);
}

void schedule_release(struct schedule_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        q->v[i]->place = 0;
    free(q->v);
    *q = (struct schedule_queue){0};
}

static void set_at(struct schedule_queue *q, size_t i, struct schedule_entry *e)
{
    q->v[i] = e;
    e->place = i + 1;
}

static void sift_up(struct schedule_queue *q, size_t i)
{
    struct schedule_entry *e = q->v[i];
    while (i > 0 && q->v[(i - 1) / 2]->due_ms > e->due_ms) {
        set_at(q, i, q->v[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    set_at(q, i, e);
}

static void sift_down(struct schedule_queue *q, size_t i)
{
    struct schedule_entry *e = q->v[i];
    for (size_t child; (child = 2 * i + 1) < q->n; i = child) {
        if (child + 1 < q->n && q->v[child + 1]->due_ms < q->v[child]->due_ms)
            child++;
        if (q->v[child]->due_ms >= e->due_ms)
            break;
        set_at(q, i, q->v[child]);
    }
    set_at(q, i, e);
}

void schedule_put(struct schedule_queue *q, struct schedule_entry *e, int64_t due_ms)
{
    if (e->place == 0) {
        MEM_ROOM(q->v, q->n, q->cap);
        set_at(q, q->n++, e);
    }
    e->due_ms = due_ms;
    sift_up(q, e->place - 1);
    sift_down(q, e->place - 1);
}

void schedule_remove(struct schedule_queue *q, struct schedule_entry *e)
{
    if (e->place == 0)
        return;
    size_t i = e->place - 1;
    struct schedule_entry *last = q->v[--q->n];
    e->place = 0;
    if (last == e)
        return;
    set_at(q, i, last);
    sift_up(q, i);
    sift_down(q, last->place - 1);
}

struct schedule_entry *schedule_peek(const struct schedule_queue *q)
{
    return q->n > 0 ? q->v[0] : NULL;
}

struct schedule_entry *schedule_take(struct schedule_queue *q, int64_t now_ms)
{
    struct schedule_entry *e = schedule_peek(q);
    if (e == NULL || e->due_ms > now_ms)
        return NULL;
    schedule_remove(q, e);
    return e;
}
