/* loop.c - libuv behind engine/loop.h.
 *
 * Every handle is one allocation that starts with its uv handle; closing is asynchronous in libuv,
 * so *_free only marks and the memory goes in the close callback: that is what makes freeing safe
 * from any callback.  An async handle keeps the loop alive until loop_stop.
 *
 * Descriptors stand in an epoll set of our own, which libuv watches as one descriptor: uv_poll_t
 * costs seven epoll_ctl calls for a short-lived socket, this costs one or two, and sockets that
 * live for one probe are most of what the engine does.  A watcher that is freed is not taken out of
 * the set, since its descriptor is about to be closed: events name descriptor and generation, and
 * one that no longer stands for a watcher is taken out when it shows up. */
#include "engine/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "core/mem.h"

struct soon {
    loop_fn *fn;
    void *arg;
};

#define READY_MAX 128 /* descriptors taken in one go */

struct loop {
    uv_loop_t uv;
    int epoll;
    uv_poll_t epoll_watch;
    struct loop_fd **by_fd;
    size_t cap_fd;
    uint32_t generation; /* of the newest watcher */
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
    struct loop *loop;
    loop_fd_fn *fn;
    void *arg;
    uint32_t generation;
    int fd, events, error; /* error: it cannot be watched, to be told soon */
    bool is_in_set;
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

static void on_epoll(uv_poll_t *uv, int status, int events);

static bool start_epoll(struct loop *l, struct err *e)
{
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0)
        return err_set(e, "cannot start an event loop: %s", uv_strerror(-errno));
    int rc = uv_poll_init(&l->uv, &l->epoll_watch, l->epoll);
    if (rc != 0) {
        close(l->epoll);
        return err_set(e, "cannot start an event loop: %s", uv_strerror(rc));
    }
    l->epoll_watch.data = l;
    uv_poll_start(&l->epoll_watch, UV_READABLE, on_epoll);
    uv_unref((uv_handle_t *)&l->epoll_watch);
    return true;
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
    if (rc != 0 || !start_epoll(l, e)) {
        if (rc != 0)
            err_set(e, "cannot start an event loop: %s", uv_strerror(rc));
        else
            uv_close((uv_handle_t *)&l->alive, NULL);
        uv_run(&l->uv, UV_RUN_DEFAULT);
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
                   h == (uv_handle_t *)&l->hurry || h == (uv_handle_t *)&l->epoll_watch;
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
    close(l->epoll);
    free(l->by_fd);
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

static struct loop_fd *watcher_of(const struct loop *l, uint64_t key)
{
    size_t fd = (uint32_t)key;
    struct loop_fd *h = fd < l->cap_fd ? l->by_fd[fd] : NULL;
    return h != NULL && h->generation == (uint32_t)(key >> 32) ? h : NULL;
}

/* A descriptor in error is shown as ready for all that was asked: reading it tells why. */
static void dispatch(struct loop *l, const struct epoll_event *e)
{
    struct loop_fd *h = watcher_of(l, e->data.u64);
    int seen = (e->events & EPOLLIN ? LOOP_READ : 0) | (e->events & EPOLLOUT ? LOOP_WRITE : 0);

    if (e->events & (EPOLLERR | EPOLLHUP))
        seen = LOOP_READ | LOOP_WRITE;
    if (h == NULL)
        epoll_ctl(l->epoll, EPOLL_CTL_DEL, (int)(uint32_t)e->data.u64, NULL);
    else if ((seen & h->events) != 0)
        h->fn(h->arg, h->fd, seen & h->events, 0);
}

static void on_epoll(uv_poll_t *uv, int status, int events)
{
    struct loop *l = uv->data;
    struct epoll_event ready[READY_MAX];
    int n = epoll_wait(l->epoll, ready, READY_MAX, 0);

    (void)status;
    (void)events;
    for (int i = 0; i < n; i++)
        dispatch(l, &ready[i]);
}

static void on_fd_broken(void *arg)
{
    struct loop_fd *h = arg;
    int error = h->error;
    h->error = 0;
    h->fn(h->arg, h->fd, h->events, error);
}

struct loop_fd *loop_fd_new(struct loop *l, int fd, loop_fd_fn *fn, void *arg)
{
    struct loop_fd *h = mem_alloc(sizeof *h);
    size_t at = (size_t)fd;

    while (at >= l->cap_fd) {
        size_t cap = l->cap_fd > 0 ? l->cap_fd * 2 : 64;
        l->by_fd = mem_grow(l->by_fd, cap, sizeof *l->by_fd);
        for (size_t i = l->cap_fd; i < cap; i++)
            l->by_fd[i] = NULL;
        l->cap_fd = cap;
    }
    *h = (struct loop_fd){.loop = l, .fn = fn, .arg = arg, .fd = fd};
    h->generation = ++l->generation;
    l->by_fd[at] = h;
    return h;
}

void loop_fd_set(struct loop_fd *h, int events)
{
    struct loop *l = h->loop;
    struct epoll_event want = {0};
    int rc;

    if (events == h->events)
        return;
    want.data.u64 = (uint64_t)h->generation << 32 | (uint32_t)h->fd;
    want.events = (events & LOOP_READ ? EPOLLIN : 0u) | (events & LOOP_WRITE ? EPOLLOUT : 0u);
    h->events = events;
    if (events == 0) { /* out of the set, since errors and hang-ups cannot be paused */
        epoll_ctl(l->epoll, EPOLL_CTL_DEL, h->fd, NULL);
        h->is_in_set = false;
        return;
    }
    rc = epoll_ctl(l->epoll, h->is_in_set ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, h->fd, &want);
    if (rc != 0 && errno == EEXIST) /* left there by an earlier watcher */
        rc = epoll_ctl(l->epoll, EPOLL_CTL_MOD, h->fd, &want);
    h->is_in_set = rc == 0;
    if (rc == 0 || h->error != 0)
        return;
    h->error = errno;
    loop_soon(l, on_fd_broken, h);
}

void loop_fd_free(struct loop_fd *h)
{
    if (h == NULL)
        return;
    if (h->loop->by_fd[h->fd] == h)
        h->loop->by_fd[h->fd] = NULL;
    if (h->error != 0)
        loop_forget(h->loop, h);
    free(h);
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
