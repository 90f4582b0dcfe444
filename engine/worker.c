#include "engine/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/loop.h"

struct job {
    worker_fn *work, *done;
    void *arg;
    struct job *next;
};
struct queue {
    struct job *first, **last;
};

struct worker {
    struct loop *loop;
    struct loop_fd *watch;
    int wake; /* eventfd: something is finished */
    size_t n_waiting;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct queue todo[WORKER_RANKS], finished;
    bool is_ending;
};

static void queue_init(struct queue *q)
{
    q->first = NULL;
    q->last = &q->first;
}

static void queue_push(struct queue *q, struct job *j)
{
    j->next = NULL;
    *q->last = j;
    q->last = &j->next;
}

static struct job *queue_pop(struct queue *q)
{
    struct job *j = q->first;
    if (j && !(q->first = j->next))
        q->last = &q->first;
    return j;
}

static struct job *worker_next(struct worker *w) /* locked */
{
    struct job *j = NULL;
    for (int r = 0; !j && r < WORKER_RANKS; r++)
        j = queue_pop(&w->todo[r]);
    return j;
}

static void *worker_thread(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct job *j = worker_next(w);
        if (!j && w->is_ending)
            break;
        if (!j) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        pthread_mutex_unlock(&w->lock);
        j->work(j->arg);
        pthread_mutex_lock(&w->lock);
        queue_push(&w->finished, j);
        uint64_t one = 1;
        if (write(w->wake, &one, sizeof one) < 0) { /* full: the loop is woken already */
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void worker_finish(struct worker *w)
{
    for (;;) {
        pthread_mutex_lock(&w->lock);
        struct job *j = queue_pop(&w->finished);
        pthread_mutex_unlock(&w->lock);
        if (!j)
            return;
        w->n_waiting--;
        if (j->done)
            j->done(j->arg);
        free(j);
    }
}

static void worker_woken(void *arg, int fd, int events, int error)
{
    (void)events, (void)error;
    uint64_t n;
    if (read(fd, &n, sizeof n) < 0) { /* another wake took it */
    }
    worker_finish(arg);
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static int worker_start(struct worker *w)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&w->thread, NULL, worker_thread, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

struct worker *worker_new(struct loop *l, const char *name, struct err *e)
{
    struct worker *w = mem_alloc(sizeof *w);
    w->loop = l;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    for (int r = 0; r < WORKER_RANKS; r++)
        queue_init(&w->todo[r]);
    queue_init(&w->finished);
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = w->wake < 0 ? errno : worker_start(w);
    if (rc) {
        err_set(e, "cannot start thread \"%s\": %s", name, strerror(rc));
        if (w->wake >= 0)
            close(w->wake);
        free(w);
        return NULL;
    }
    pthread_setname_np(w->thread, name);
    w->watch = loop_fd_new(l, w->wake, worker_woken, w);
    loop_fd_set(w->watch, LOOP_READ);
    return w;
}

void worker_put(struct worker *w, enum worker_rank rank, worker_fn *work, worker_fn *done,
                void *arg)
{
    struct job *j = mem_alloc(sizeof *j);
    j->work = work;
    j->done = done;
    j->arg = arg;
    w->n_waiting++;
    pthread_mutex_lock(&w->lock);
    queue_push(&w->todo[rank], j);
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
}

size_t worker_waiting(const struct worker *w)
{
    return w->n_waiting;
}

bool worker_free(struct worker *w, int64_t wait_ms)
{
    if (!w)
        return true;
    pthread_mutex_lock(&w->lock);
    w->is_ending = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until); /* the wall clock may be moved meanwhile */
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    loop_fd_free(w->watch);
    if (pthread_clockjoin_np(w->thread, NULL, CLOCK_MONOTONIC, &until) != 0)
        return false; /* the thread still uses w */
    worker_finish(w);
    close(w->wake);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->more);
    free(w);
    return true;
}
