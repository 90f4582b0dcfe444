/* loop.h - the door to libuv's loop: clock, timers, descriptors, work off the thread.
 *
 * One thread runs the loop; every callback of the engine comes from it.  Handles are opaque and
 * owned by who made them; *_free may be called from any callback, also the handle's own. */
#ifndef ENGINE_LOOP_H
#define ENGINE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_idle;

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l); /* closes what is left */
void loop_run(struct loop *l);  /* until loop_stop */
void loop_stop(struct loop *l);

int64_t loop_mono_ms(const struct loop *l); /* cached, monotonic; refreshed each round */
int64_t loop_wall_ms(const struct loop *l); /* UTC, read now */
double loop_precise_ms(void);               /* monotonic with fractions, read now: for latencies */

typedef void loop_fn(void *arg);
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *arg);
void loop_timer_free(struct loop_timer *t);
void loop_timer_set(struct loop_timer *t, int64_t in_ms, int64_t repeat_ms); /* repeat 0: once */
void loop_timer_stop(struct loop_timer *t);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
/* error: 0, or why this descriptor cannot be watched (a plain file: EPERM). */
typedef void loop_fd_fn(void *arg, int fd, int events, int error);
struct loop_fd *loop_fd_new(struct loop *l, int fd, loop_fd_fn *fn,
                            void *arg);          /* fd stays the caller's */
void loop_fd_set(struct loop_fd *h, int events); /* 0: pause */
void loop_fd_free(struct loop_fd *h);            /* before the fd is closed */

/* Runs fn once, soon, from the loop and not from inside the caller. */
void loop_soon(struct loop *l, loop_fn *fn, void *arg);
void loop_forget(struct loop *l, const void *arg); /* takes back what loop_soon was given for arg */
/* work in libuv's thread pool, then done on the loop. */
void loop_work(struct loop *l, loop_fn *work, loop_fn *done, void *arg);
/* Signals: fn on the loop for each SIGTERM, SIGINT, SIGHUP … asked for. */
void loop_signal(struct loop *l, int signum, loop_fn *fn, void *arg);

#endif
