/* worker.h - one thread of its own that does blocking jobs in order, and reports to the loop.
 *
 * What SQLite does (it may stall on fsync or a lock) happens here, never on the loop.  Jobs of the
 * lower rank run only while none of the higher waits.  A job's `arg` belongs to the thread between
 * worker_put and its `done`, which runs on the loop. */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct loop;
struct worker;
typedef void worker_fn(void *arg);
enum worker_rank { WORKER_FIRST, WORKER_LATER, WORKER_RANKS };

struct worker *worker_new(struct loop *l, const char *name, struct err *e); /* name: at most 15 */
/* done may be NULL. */
void worker_put(struct worker *w, enum worker_rank rank, worker_fn *work, worker_fn *done,
                void *arg);
size_t worker_waiting(const struct worker *w); /* jobs put and not done, loop side */
/* Ends the thread after the jobs that wait (and calls their done), or gives up after wait_ms and
 * returns false: then a job hangs in the kernel, and what it uses must not be freed. */
bool worker_free(struct worker *w, int64_t wait_ms);

#endif
