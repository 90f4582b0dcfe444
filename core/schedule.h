/* schedule.h - when is whose turn: slots, grid, retries and a queue by due time.  Pure.
 *
 * A check has a slot, which its id alone decides: `hash(id) mod interval`, rounded to a grid so
 * that wake-ups are shared (alerts.md section 3).  Runs stand at slot + n x interval for ever: a
 * late run moves none of those after it, and what was missed is skipped, never made up. Times are
 * milliseconds of one clock of the caller's (monotonic); durations likewise. */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_GRID_MS      100
#define SCHEDULE_GRID_FINE_MS 20
#define SCHEDULE_GRID_FINE_AT 1000.0 /* checks a second from which the fine grid is used */
#define SCHEDULE_SPREAD_MS    60000  /* after a resume, runs are spread over at most this */

/* The grid for a whole site: 100 ms, or 20 ms above 1,000 checks a second. */
int64_t schedule_grid(double checks_per_second);
/* Place in the interval, 0 <= slot < interval_ms, a multiple of grid_ms (0 if the interval is
 * shorter than the grid). */
int64_t schedule_slot(const char *check_id, int64_t interval_ms, int64_t grid_ms);
/* The first time >= now_ms that is slot_ms beyond a multiple of interval_ms. */
int64_t schedule_first(int64_t slot_ms, int64_t interval_ms, int64_t now_ms);
/* prev_ms + interval_ms; where that is already past, the next one of the same row after now_ms. */
int64_t schedule_next(int64_t prev_ms, int64_t interval_ms, int64_t now_ms);
/* retry_ms +- 10 %, decided by id and n alone (n: how many retries came before). */
int64_t schedule_jitter(const char *check_id, uint32_t n, int64_t retry_ms);
/* Where a check runs after a resume or change of leader: 0 … min(interval_ms, 60 s) from now, a
 * multiple of grid_ms. */
int64_t schedule_spread(const char *check_id, int64_t interval_ms, int64_t grid_ms);

/* A queue by due time: binary min-heap; the entry is part of the caller's struct and knows its
 * place, so that removing and moving it costs O(log n).  Entries of one time come out in no
 * promised order.  The queue owns its array only. */
struct schedule_entry {
    int64_t due_ms;
    size_t place; /* 1 + index in the heap; 0: not queued (so zeroed memory is right) */
    void *owner;  /* the caller's; not looked at */
};
struct schedule_queue {
    struct schedule_entry **v;
    size_t n, cap;
};

void schedule_release(struct schedule_queue *q); /* entries are left alone, as not queued */
/* Queues the entry for due_ms; one that is queued already is moved. */
void schedule_put(struct schedule_queue *q, struct schedule_entry *e, int64_t due_ms);
void schedule_remove(struct schedule_queue *q, struct schedule_entry *e); /* fine if not queued */
struct schedule_entry *schedule_peek(const struct schedule_queue *q); /* earliest; NULL: empty */
/* Takes out the earliest entry if it is due at now_ms, else NULL. */
struct schedule_entry *schedule_take(struct schedule_queue *q, int64_t now_ms);

#endif
