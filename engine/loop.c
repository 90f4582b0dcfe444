/* loop.c - libuv behind engine/loop.h.
 *
 * Every handle is one allocation that starts with its uv handle; closing is asynchronous in libuv,
 * so *_free only marks and the memory goes in the close callback: that is what makes freeing safe
 * from any callback.  An async handle keeps the loop alive until loop_stop. */
#include "engine/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "core/mem.h"

struct soon {
    loop_fn *fn;
    void *arg;
};

struct loop {
    uv_loop_t uv;
    uv_async_t alive;
    uv_prepare_t prepare;    /* runs what loop_soon queued, before the loop sleeps */
    uv_idle_t hurry;         /* active while a queue was left: the loop must not sleep */
    struct soon *soon, *now; /* queued; being run */
    size_t n_soon, cap_soon, n_now;
};

struct loop_timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *arg;
};
struct loop_fd {
    uv_poll_t uv;
    loop_fd_fn *fn;
    void *arg;
    int fd, events;
};
struct work {
    uv_work_t uv;
    loop_fn *work, *done;
    void *arg;
};
struct watch {
    uv_signal_t uv;
    loop_fn *fn;
    void *arg;
};

static void on_closed(uv_handle_t *h)
{
    free(h);
}

static void close_handle(void *handle)
{
    uv_handle_t *h = handle;
    if (!uv_is_closing(h))
        uv_close(h, on_closed);
}

static void on_nothing(uv_async_t *a)
{
    (void)a;
}

static void on_hurry(uv_idle_t *i)
{
    (void)i;
}

/* Those queued meanwhile wait for the next round, so that a fn that queues itself starves nobody.
 */
static void on_prepare(uv_prepare_t *p)
{
    struct loop *l = p->data;
    struct soon *list = l->soon;
    size_t n = l->n_soon;

    if (n == 0) {
        uv_idle_stop(&l->hurry);
        return;
    }
    l->now = list;
    l->n_now = n;
    l->soon = NULL;
    l->n_soon = l->cap_soon = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].fn != NULL)
            list[i].fn(list[i].arg);
    l->n_now = 0;
    if (l->soon == NULL) { /* nothing new: keep the memory */
        l->soon = list;
        l->cap_soon = n;
        uv_idle_stop(&l->hurry);
        return;
    }
    free(list);
    uv_idle_start(&l->hurry, on_hurry);
}

struct loop *loop_new(struct err *e)
{
    struct loop *l = mem_alloc(sizeof *l);
    int rc = uv_loop_init(&l->uv);
    if (rc != 0) {
        err_set(e, "cannot start an event loop: %s", uv_strerror(rc));
        free(l);
        return NULL;
    }
    rc = uv_async_init(&l->uv, &l->alive, on_nothing);
    if (rc != 0) {
        err_set(e, "cannot start an event loop: %s", uv_strerror(rc));
        uv_loop_close(&l->uv);
        free(l);
        return NULL;
    }
    uv_prepare_init(&l->uv, &l->prepare);
    uv_idle_init(&l->uv, &l->hurry);
    l->prepare.data = l;
    uv_prepare_start(&l->prepare, on_prepare);
    uv_unref((uv_handle_t *)&l->prepare);
    return l;
}

static void close_left(uv_handle_t *h, void *arg)
{
    struct loop *l = arg;
    if (uv_is_closing(h))
        return;
    bool is_part = h == (uv_handle_t *)&l->alive || h == (uv_handle_t *)&l->prepare ||
                   h == (uv_handle_t *)&l->hurry;
    uv_close(h, is_part ? NULL : on_closed);
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    l->n_soon = 0;
    uv_walk(&l->uv, close_left, l);
    uv_run(&l->uv, UV_RUN_DEFAULT); /* until all is closed and all work is done */
    uv_loop_close(&l->uv);
    free(l->soon);
    free(l);
}

void loop_run(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

void *loop_uv(struct loop *l)
{
    return &l->uv;
}

int64_t loop_mono_ms(const struct loop *l)
{
    return (int64_t)uv_now(&l->uv);
}

int64_t loop_wall_ms(const struct loop *l)
{
    (void)l;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

double loop_precise_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void on_timer(uv_timer_t *uv)
{
    struct loop_timer *t = uv->data;
    t->fn(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *arg)
{
    struct loop_timer *t = mem_alloc(sizeof *t);
    uv_timer_init(&l->uv, &t->uv);
    t->uv.data = t;
    t->fn = fn;
    t->arg = arg;
    return t;
}

void loop_timer_free(struct loop_timer *t)
{
    if (t != NULL)
        close_handle(t);
}

void loop_timer_set(struct loop_timer *t, int64_t in_ms, int64_t repeat_ms)
{
    uv_timer_start(&t->uv, on_timer, in_ms > 0 ? (uint64_t)in_ms : 0,
                   repeat_ms > 0 ? (uint64_t)repeat_ms : 0);
}

void loop_timer_stop(struct loop_timer *t)
{
    uv_timer_stop(&t->uv);
}

/* A descriptor in error is shown as ready for all that was asked: reading it tells why. */
static void on_fd(uv_poll_t *uv, int status, int events)
{
    struct loop_fd *h = uv->data;
    int seen = 0;
    if (status < 0)
        seen = h->events;
    if (events & UV_READABLE)
        seen |= LOOP_READ;
    if (events & UV_WRITABLE)
        seen |= LOOP_WRITE;
    h->fn(h->arg, h->fd, seen, status < 0 ? -status : 0);
}

struct loop_fd *loop_fd_new(struct loop *l, int fd, loop_fd_fn *fn, void *arg)
{
    struct loop_fd *h = mem_alloc(sizeof *h);
    int rc = uv_poll_init(&l->uv, &h->uv, fd);
    if (rc != 0) {
        free(h);
        errno = -rc;
        return NULL;
    }
    h->uv.data = h;
    h->fn = fn;
    h->arg = arg;
    h->fd = fd;
    return h;
}

void loop_fd_set(struct loop_fd *h, int events)
{
    if (events == h->events)
        return;
    h->events = events;
    if (events == 0) {
        uv_poll_stop(&h->uv);
        return;
    }
    uv_poll_start(&h->uv,
                  (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0),
                  on_fd);
}

void loop_fd_free(struct loop_fd *h)
{
    if (h != NULL)
        close_handle(h);
}

void loop_soon(struct loop *l, loop_fn *fn, void *arg)
{
    MEM_ROOM(l->soon, l->n_soon, l->cap_soon);
    l->soon[l->n_soon++] = (struct soon){fn, arg};
    if (l->n_soon == 1) /* also when asked for outside of loop_run */
        uv_idle_start(&l->hurry, on_hurry);
}

static void forget(struct soon *list, size_t n, const void *arg)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].arg == arg)
            list[i].fn = NULL;
}

void loop_forget(struct loop *l, const void *arg)
{
    forget(l->soon, l->n_soon, arg);
    forget(l->now, l->n_now, arg);
}

static void on_work(uv_work_t *uv)
{
    struct work *w = uv->data;
    w->work(w->arg);
}

static void on_work_done(uv_work_t *uv, int status)
{
    struct work *w = uv->data;
    (void)status; /* nothing is ever cancelled */
    w->done(w->arg);
    free(w);
}

void loop_work(struct loop *l, loop_fn *work, loop_fn *done, void *arg)
{
    struct work *w = mem_alloc(sizeof *w);
    w->uv.data = w;
    w->work = work;
    w->done = done;
    w->arg = arg;
    uv_queue_work(&l->uv, &w->uv, on_work, on_work_done);
}

static void on_signal(uv_signal_t *uv, int signum)
{
    struct watch *w = uv->data;
    (void)signum;
    w->fn(w->arg);
}

void loop_signal(struct loop *l, int signum, loop_fn *fn, void *arg)
{
    struct watch *w = mem_alloc(sizeof *w);
    uv_signal_init(&l->uv, &w->uv);
    w->uv.data = w;
    w->fn = fn;
    w->arg = arg;
    uv_signal_start(&w->uv, on_signal, signum);
    uv_unref((uv_handle_t *)&w->uv);
}
