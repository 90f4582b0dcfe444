/* loop.h: order, freeing from inside callbacks, stale descriptors, work off the thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/loop.h"

struct seen {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_fd *a, *b;
    int n, fds[2], others[2];
    char order[32];
    pthread_t thread;
    int error;
};

static int setup(void **state)
{
    struct seen *s = calloc(1, sizeof *s);
    s->loop = loop_new(NULL);
    *state = s;
    return s->loop == NULL;
}

static int teardown(void **state)
{
    struct seen *s = *state;
    loop_free(s->loop);
    free(s);
    return 0;
}

static void on_timer(void *arg)
{
    struct seen *s = arg;
    if (++s->n < 3)
        return;
    loop_timer_free(s->timer); /* its own handle */
    s->timer = NULL;
    loop_stop(s->loop);
}

static void timers_repeat(void **state)
{
    struct seen *s = *state;
    int64_t begin = loop_mono_ms(s->loop);
    s->timer = loop_timer_new(s->loop, on_timer, s);
    loop_timer_set(s->timer, 20, 20);
    loop_run(s->loop);
    assert_int_equal(s->n, 3);
    assert_true(loop_mono_ms(s->loop) - begin >= 55);
}

static void add_c(void *arg)
{
    struct seen *s = arg;
    strcat(s->order, "c");
    loop_stop(s->loop);
}

static void add_b(void *arg)
{
    strcat(((struct seen *)arg)->order, "b");
}

static void add_a(void *arg)
{
    struct seen *s = arg;
    strcat(s->order, "a");
    loop_soon(s->loop, add_c, s); /* after b, which is queued already */
}

static void soon_keeps_order(void **state)
{
    struct seen *s = *state;
    int other = 0;
    loop_soon(s->loop, add_a, s);
    loop_soon(s->loop, add_b, s);
    loop_soon(s->loop, add_c, &other); /* would crash */
    loop_forget(s->loop, &other);
    assert_string_equal(s->order, "");
    loop_run(s->loop);
    assert_string_equal(s->order, "abc");
}

static void on_one(void *arg, int fd, int events, int error)
{
    struct seen *s = arg;
    (void)error;
    s->n++;
    assert_true(fd == s->fds[0] || fd == s->others[0]);
    assert_int_equal(events, LOOP_READ);
    loop_fd_free(s->a); /* both were ready: the other one's event must not come any more */
    loop_fd_free(s->b);
    s->a = s->b = NULL;
    loop_soon(s->loop, add_c, s);
}

static void freed_watchers_are_silent(void **state)
{
    struct seen *s = *state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->others), 0);
    assert_int_equal(write(s->fds[1], "x", 1) + write(s->others[1], "x", 1), 2);
    s->a = loop_fd_new(s->loop, s->fds[0], on_one, s);
    s->b = loop_fd_new(s->loop, s->others[0], on_one, s);
    loop_fd_set(s->a, LOOP_READ);
    loop_fd_set(s->b, LOOP_READ);
    loop_run(s->loop);
    assert_int_equal(s->n, 1);
    /* the same descriptor, still open, watched again */
    s->a = loop_fd_new(s->loop, s->fds[0], on_one, s);
    loop_fd_set(s->a, LOOP_READ);
    loop_run(s->loop);
    assert_int_equal(s->n, 2);
    for (int i = 0; i < 2; i++) {
        close(s->fds[i]);
        close(s->others[i]);
    }
}

static void on_count(void *arg, int fd, int events, int error)
{
    struct seen *s = arg;
    (void)fd;
    (void)events;
    s->n++;
    s->error = error;
    loop_fd_set(s->a, 0);
    loop_stop(s->loop);
}

static void a_hang_up_can_be_paused(void **state)
{
    struct seen *s = *state;
    assert_int_equal(pipe(s->fds), 0);
    close(s->fds[1]);
    s->a = loop_fd_new(s->loop, s->fds[0], on_count, s);
    loop_fd_set(s->a, LOOP_READ);
    loop_run(s->loop);
    loop_soon(s->loop, add_c, s);
    loop_run(s->loop);
    assert_int_equal(s->n, 1);
    loop_fd_free(s->a);
    close(s->fds[0]);
}

static void a_plain_file_is_an_error(void **state)
{
    struct seen *s = *state;
    int fd = open("/proc/self/exe", O_RDONLY);
    s->a = loop_fd_new(s->loop, fd, on_count, s);
    loop_fd_set(s->a, LOOP_READ);
    assert_int_equal(s->n, 0);
    loop_run(s->loop);
    assert_int_equal(s->n, 1);
    assert_true(s->error != 0);
    loop_fd_free(s->a);
    close(fd);
}

static void work(void *arg)
{
    struct seen *s = arg;
    s->thread = pthread_self();
}

static void worked(void *arg)
{
    struct seen *s = arg;
    s->n++;
    loop_stop(s->loop);
}

static void work_is_done_elsewhere(void **state)
{
    struct seen *s = *state;
    loop_work(s->loop, work, worked, s);
    loop_run(s->loop);
    assert_int_equal(s->n, 1);
    assert_false(pthread_equal(s->thread, pthread_self()));
}

static void signals_come_on_the_loop(void **state)
{
    struct seen *s = *state;
    loop_signal(s->loop, SIGHUP, worked, s);
    kill(getpid(), SIGHUP);
    loop_run(s->loop);
    assert_int_equal(s->n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(timers_repeat),
        TEST(soon_keeps_order),
        TEST(freed_watchers_are_silent),
        TEST(a_hang_up_can_be_paused),
        TEST(a_plain_file_is_an_error),
        TEST(work_is_done_elsewhere),
        TEST(signals_come_on_the_loop),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
