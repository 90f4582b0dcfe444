/* child.c - posix_spawn, a pidfd on the loop, and nothing left behind.
 *
 *   start -> pipes drained while it runs -> pidfd readable -> last bytes -> group killed -> reaped
 *                                  timeout -> told -> SIGTERM -> 2 s -> SIGKILL -> reaped
 *
 * The process is a subreaper: what a child leaves behind outside of its group comes back to us, is
 * not in our list, and is killed by sweep(). */
#include "engine/child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/net.h"

#define SWEEP_MS      100
#define CPU_SPARE_S   5 /* CPU seconds allowed beyond the timeout */
#define FIRST_FREE_FD 3

struct pipe_end {
    int fd;
    struct loop_fd *watch;
    struct buf text;
    struct child *child;
};
struct child {
    struct children *all;
    pid_t pid;
    int pidfd;
    struct loop_fd *exit_watch;
    struct loop_timer *clock;
    struct pipe_end out, err;
    child_fn *fn; /* NULL once told or cancelled */
    void *arg;
    char *not_started; /* packed: why there is no process; told from the clock */
    int start_errno;
    bool is_timed_out, has_term;
    double begun_ms;
    struct child *next;
};
struct children {
    struct loop *loop;
    struct loop_timer *sweep_timer;
    struct child *first;
    size_t n;
};

/* --- may it be run? --- */

static bool owner_is_good(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Above the folder itself a sticky folder such as /tmp will do: nobody can swap what is ours. */
static bool folders_are_good(const char *path, struct err *e)
{
    char dir[PATH_MAX];
    struct stat st;
    bool is_first = true;

    snprintf(dir, sizeof dir, "%s", path);
    for (char *slash = strrchr(dir, '/'); slash != NULL; slash = strrchr(dir, '/')) {
        slash[slash == dir ? 1 : 0] = '\0';
        if (stat(dir, &st) != 0)
            return err_set(e, "cannot look at folder \"%s\": %s", dir, strerrordesc_np(errno));
        if (!owner_is_good(&st))
            return err_set(e, "folder \"%s\" belongs to another account", dir);
        if ((st.st_mode & 022) && (is_first || !(st.st_mode & S_ISVTX)))
            return err_set(e, "folder \"%s\" is writable by others", dir);
        if (slash == dir)
            break;
        is_first = false;
    }
    return true;
}

bool child_path_check(const char *path, char *real, size_t size, struct err *e)
{
    char resolved[PATH_MAX];
    struct stat st;

    if (path[0] != '/')
        return err_set(e, "plugin \"%s\" is not an absolute path", path);
    if (realpath(path, resolved) == NULL || stat(resolved, &st) != 0)
        return err_set(e, "plugin \"%s\": %s", path, strerrordesc_np(errno));
    if (strlen(resolved) >= size)
        return err_set(e, "plugin \"%s\": path too long", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, "plugin \"%s\" is not a file", path);
    if (!owner_is_good(&st))
        return err_set(e, "plugin \"%s\" belongs to another account", path);
    if (st.st_mode & 022)
        return err_set(e, "plugin \"%s\" is writable by others", path);
    if (!folders_are_good(resolved, e) || !folders_are_good(path, e))
        return false;
    memcpy(real, resolved, strlen(resolved) + 1);
    return true;
}

static bool is_variable(const char *s)
{
    if (!isalpha((unsigned char)*s) && *s != '_')
        return false;
    for (; *s != '\0'; s++)
        if (!isalnum((unsigned char)*s) && *s != '_')
            return false;
    return true;
}

bool child_command_check(const struct option_strings *command, struct err *e)
{
    if (command->n == 0)
        return err_set(e, "\"command\" is empty, expected a program's path and its arguments");
    if (command->v[0][0] != '/')
        return err_set(e, "\"command\": \"%s\" is not an absolute path", command->v[0]);
    return true;
}

bool child_env_check(const struct option_pairs *env, struct err *e)
{
    for (size_t i = 0; i < env->n; i++) {
        const char *name = env->keys[i];
        if (!is_variable(name))
            return err_set(e, "\"environment\": \"%s\" is not the name of a variable", name);
        if (strncmp(name, "LD_", 3) == 0 || strcmp(name, "PATH") == 0)
            return err_set(e, "\"environment\": \"%s\" cannot be set for a plugin", name);
    }
    return true;
}

/* --- the process --- */

static char **make_env(const struct option_pairs *more)
{
    static const char *const fixed[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
        "LC_ALL=C.UTF-8", "HOME=/", "SHELL=/bin/sh"};
    size_t n_fixed = sizeof fixed / sizeof fixed[0], n_more = more != NULL ? more->n : 0;
    char **env = mem_alloc((n_fixed + n_more + 1) * sizeof *env);

    for (size_t i = 0; i < n_fixed; i++)
        env[i] = mem_strdup(fixed[i]);
    for (size_t i = 0; i < n_more; i++) {
        struct buf b = BUF_INIT(0);
        buf_addf(&b, "%s=%s", more->keys[i], more->values[i]);
        env[n_fixed + i] = buf_take(&b);
    }
    return env;
}

static void free_env(char **env)
{
    for (size_t i = 0; env[i] != NULL; i++)
        free(env[i]);
    free(env);
}

/* A file in memory from its beginning: nobody has to wait until the child reads.  -1 with errno. */
static int input_file(const char *input)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t len = strlen(input);

    for (size_t at = 0; fd >= 0 && at < len;) {
        ssize_t n = write(fd, input + at, len - at);
        if (n > 0) {
            at += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static int spawn(struct child *c, const char *real, char **argv, char **env, int in, int out,
                 int err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&files, in, 0);
    else
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, err, 2);
    posix_spawn_file_actions_addclosefrom_np(&files, FIRST_FREE_FD);
    posix_spawn_file_actions_addchdir_np(&files, "/");
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    mode_t mask = umask(077);
    int rc = posix_spawn(&c->pid, real, &files, &attr, argv, env);
    umask(mask);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

static void set_limits(pid_t pid, int64_t timeout_ms)
{
    rlim_t cpu = (rlim_t)(timeout_ms / 1000 + CPU_SPARE_S);
    struct rlimit cpu_limit = {cpu, cpu + 1}, file_limit = {CHILD_FILE_MAX, CHILD_FILE_MAX};
    struct rlimit core_limit = {0, 0};
    prlimit(pid, RLIMIT_CPU, &cpu_limit, NULL);
    prlimit(pid, RLIMIT_FSIZE, &file_limit, NULL);
    prlimit(pid, RLIMIT_CORE, &core_limit, NULL);
}

/* --- its end --- */

static void close_pipe(struct pipe_end *p)
{
    loop_fd_free(p->watch);
    p->watch = NULL;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

/* Reads what is there, keeps the head of it.  At most `rounds` reads, so that a child that never
 * stops writing does not hold the loop. */
static void drain(struct pipe_end *p, int rounds)
{
    char chunk[16384];
    while (p->fd >= 0 && rounds-- > 0) {
        ssize_t n = read(p->fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close_pipe(p);
            return;
        }
        size_t room = CHILD_OUTPUT_MAX - p->text.len;
        buf_add(&p->text, chunk, (size_t)n < room ? (size_t)n : room);
    }
}

static void on_pipe(void *arg, int fd, int events, int error)
{
    (void)fd;
    (void)events;
    (void)error;
    drain(arg, 4);
}

/* Calls back, once. */
static void tell(struct child *c, enum child_outcome outcome, int code)
{
    struct child_reply r = {.outcome = outcome, .code = code};
    child_fn *fn = c->fn;

    if (fn == NULL)
        return;
    c->fn = NULL;
    r.say = c->not_started;
    c->not_started = NULL;
    r.out = buf_text(&c->out.text);
    r.out_len = c->out.text.len;
    r.err = buf_text(&c->err.text);
    r.err_len = c->err.text.len;
    r.total_ms = loop_precise_ms() - c->begun_ms;
    fn(c->arg, &r);
    free(r.say);
}

static void child_free(struct child *c)
{
    struct child **at = &c->all->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->all->n--;
    close_pipe(&c->out);
    close_pipe(&c->err);
    loop_fd_free(c->exit_watch);
    if (c->pidfd >= 0)
        close(c->pidfd);
    loop_timer_free(c->clock);
    buf_release(&c->out.text);
    buf_release(&c->err.text);
    free(c->not_started);
    free(c);
}

static bool is_ours(const struct children *all, pid_t pid)
{
    for (const struct child *c = all->first; c != NULL; c = c->next)
        if (c->pid == pid)
            return true;
    return false;
}

/* Kills and reaps children of this process that are not in the list.  Returns how many are left. */
static int sweep(struct children *all)
{
    char path[64], text[4096], *save = NULL;
    int left = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        pid_t pid = (pid_t)strtol(w, NULL, 10);
        if (pid <= 1 || is_ours(all, pid))
            continue;
        kill(pid, SIGKILL);
        if (waitpid(pid, NULL, WNOHANG) != pid)
            left++;
    }
    return left;
}

static void on_sweep(void *arg)
{
    struct children *all = arg;
    if (sweep(all) > 0)
        loop_timer_set(all->sweep_timer, SWEEP_MS, 0);
}

/* The leader is a zombie until waitpid, so its number still names the group and nothing else. */
static void on_exit_seen(void *arg, int fd, int events, int error)
{
    struct child *c = arg;
    struct children *all = c->all;
    int status = 0;

    (void)fd;
    (void)events;
    (void)error;
    drain(&c->out, 64);
    drain(&c->err, 64);
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        tell(c, CHILD_KILLED, WTERMSIG(status));
    else
        tell(c, CHILD_EXITED, WEXITSTATUS(status));
    child_free(c);
    on_sweep(all);
}

static void on_clock(void *arg)
{
    struct child *c = arg;

    if (c->pid == 0) {
        tell(c, CHILD_NOT_STARTED, c->start_errno);
        child_free(c);
        return;
    }
    if (c->has_term) {
        kill(-c->pid, SIGKILL);
        return;
    }
    c->has_term = true;
    kill(-c->pid, SIGTERM);
    loop_timer_set(c->clock, CHILD_TERM_MS, 0);
    tell(c, CHILD_TIMED_OUT, 0);
}

void child_cancel(struct child *c)
{
    if (c == NULL)
        return;
    c->fn = NULL;
    if (c->pid == 0)
        child_free(c);
    else if (!c->has_term)
        on_clock(c);
}

/* --- its beginning --- */

static bool open_pipe(struct pipe_end *p, int *child_end)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return false;
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    p->fd = fds[0];
    *child_end = fds[1];
    return true;
}

static void fail(struct child *c, char *say, int error)
{
    c->not_started = say;
    c->start_errno = error;
    loop_timer_set(c->clock, 0, 0);
}

static void fail_errno(struct child *c, int error)
{
    bool is_self = true;
    char *say = error == EMFILE || error == ENFILE || error == ENOMEM
                    ? net_say_errno(error, &is_self)
                    : SAY(N_("cannot start the plugin: {0}"), strerrordesc_np(error));
    fail(c, say, error);
}

static bool watch(struct child *c)
{
    c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    if (c->pidfd >= 0)
        c->exit_watch = loop_fd_new(c->all->loop, c->pidfd, on_exit_seen, c);
    c->out.watch = loop_fd_new(c->all->loop, c->out.fd, on_pipe, &c->out);
    c->err.watch = loop_fd_new(c->all->loop, c->err.fd, on_pipe, &c->err);
    if (c->exit_watch == NULL || c->out.watch == NULL || c->err.watch == NULL)
        return false;
    loop_fd_set(c->exit_watch, LOOP_READ);
    loop_fd_set(c->out.watch, LOOP_READ);
    loop_fd_set(c->err.watch, LOOP_READ);
    return true;
}

static void launch(struct child *c, const struct child_want *w, const char *real)
{
    int in = -1, out = -1, err = -1, rc = 0;
    char **argv = mem_alloc((w->argv->n + 1) * sizeof *argv), **env = make_env(w->env);

    memcpy(argv, w->argv->v, w->argv->n * sizeof *argv);
    if (!open_pipe(&c->out, &out) || !open_pipe(&c->err, &err))
        rc = errno;
    else if (w->input != NULL && (in = input_file(w->input)) < 0)
        rc = errno;
    if (rc == 0)
        rc = spawn(c, real, argv, env, in, out, err);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
    free(argv);
    free_env(env);
    if (rc != 0) {
        c->pid = 0;
        fail_errno(c, rc);
        return;
    }
    set_limits(c->pid, w->timeout_ms);
    if (watch(c)) {
        loop_timer_set(c->clock, w->timeout_ms, 0);
        return;
    }
    rc = errno;
    kill(-c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
    c->pid = 0;
    fail_errno(c, rc);
}

struct child *child_start(struct children *all, const struct child_want *w, child_fn *fn, void *arg)
{
    struct child *c = mem_alloc(sizeof *c);
    char real[PATH_MAX];
    struct err e;

    c->all = all;
    c->fn = fn;
    c->arg = arg;
    c->pidfd = c->out.fd = c->err.fd = -1;
    c->begun_ms = loop_precise_ms();
    c->clock = loop_timer_new(all->loop, on_clock, c);
    c->next = all->first;
    all->first = c;
    all->n++;
    if (child_path_check(w->argv->v[0], real, sizeof real, &e)) {
        launch(c, w, real);
    } else {
        char *clean = text_cleaned(e.text, strlen(e.text), TEXT_MAX_LISTED, 0);
        fail(c, SAY(N_("not run: {0}"), clean), EPERM);
        free(clean);
    }
    return c;
}

struct children *children_new(struct loop *l)
{
    struct children *all = mem_alloc(sizeof *all);
    all->loop = l;
    all->sweep_timer = loop_timer_new(l, on_sweep, all);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return all;
}

void children_free(struct children *all)
{
    bool had_any;
    if (all == NULL)
        return;
    had_any = all->first != NULL;
    while (all->first != NULL) {
        struct child *c = all->first;
        if (c->pid != 0) {
            kill(-c->pid, SIGKILL);
            waitpid(c->pid, NULL, 0);
        }
        child_free(c);
    }
    for (int i = 0; had_any && sweep(all) > 0 && i < 50; i++)
        poll(NULL, 0, 10);
    loop_timer_free(all->sweep_timer);
    free(all);
}

size_t children_count(const struct children *all)
{
    return all->n;
}
