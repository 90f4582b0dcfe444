/* launch.c - fork, exec, wait. */
#include "tui/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool launch_folder(char *out, size_t max)
{
    ssize_t n = readlink("/proc/self/exe", out, max - 1);
    if (n <= 0)
        return false;
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

bool launch_find(const char *const candidates[], char *out, size_t max)
{
    char folder[2048];
    bool has_folder = launch_folder(folder, sizeof folder);
    for (size_t i = 0; candidates[i]; i++) {
        bool is_absolute = candidates[i][0] == '/';
        if (!is_absolute && !has_folder)
            continue;
        int n = is_absolute ? snprintf(out, max, "%s", candidates[i])
                            : snprintf(out, max, "%s/%s", folder, candidates[i]);
        if (n > 0 && (size_t)n < max && access(out, F_OK) == 0)
            return true;
    }
    return false;
}

bool launch_engine_path(char *out, size_t max, struct err *e)
{
    static const char *const candidates[] = {"trucban-engine", "../libexec/trucban/trucban-engine",
                                             TRUCBAN_PREFIX "/libexec/trucban/trucban-engine",
                                             NULL};
    if (launch_find(candidates, out, max))
        return true;
    return err_set(e, "cannot find trucban-engine beside trucban nor in %s/libexec/trucban",
                   TRUCBAN_PREFIX);
}

bool launch_notify_path(char *out, size_t max)
{
    static const char *const candidates[] = {"trucban-notify", "../libexec/trucban/trucban-notify",
                                             TRUCBAN_PREFIX "/libexec/trucban/trucban-notify",
                                             NULL};
    return launch_find(candidates, out, max);
}

void launch_exec(char **argv, struct err *e)
{
    char path[4096];
    if (!launch_engine_path(path, sizeof path, e))
        return;
    argv[0] = path;
    execv(path, argv);
    err_set(e, "cannot run '%.400s': %s", path, strerror(errno));
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
    poll(NULL, 0, ms);
}

bool launch_socket_answers(const char *socket_path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof a.sun_path)
        return false;
    memcpy(a.sun_path, socket_path, strlen(socket_path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there = fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0)
        close(fd);
    return is_there;
}

/* In the child: a session of its own, so that neither Ctrl-Z nor a lost line reaches it, and these
 * three as standard descriptors (-1: /dev/null). */
static _Noreturn void child_run(char **argv, const int fds[3])
{
    sigset_t none;
    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int empty = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i] >= 0 ? fds[i] : empty, i) < 0)
            _exit(71);
    execvp(argv[0], argv);
    _exit(71);
}

/* What a child said before it ended, in one line, into e. */
static bool say_end(int fd, const char *what, struct err *e)
{
    char text[400];
    size_t len = 0;
    ssize_t n;
    while (len < sizeof text - 1 && (n = read(fd, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        len--;
    text[len] = '\0';
    return err_set(e, "%s: %s", what, len ? text : "it ended at once and said nothing");
}

bool launch_private_engine(char **argv, const char *socket_path, int64_t timeout_ms, int *status,
                           struct err *e)
{
    char path[4096];
    int said[2], end_status = 0;
    if (!launch_engine_path(path, sizeof path, e))
        return false;
    if (pipe2(said, O_CLOEXEC) != 0)
        return err_set(e, "cannot make a pipe: %s", strerror(errno));
    argv[0] = path;
    pid_t pid = fork();
    if (pid == 0)
        child_run(argv, (const int[3]){-1, -1, said[1]});
    close(said[1]);
    bool is_up = false, has_ended = pid < 0;
    for (int64_t end = mono_ms() + timeout_ms; !is_up && !has_ended && mono_ms() < end;
         pause_ms(20)) {
        is_up = launch_socket_answers(socket_path);
        has_ended = waitpid(pid, &end_status, WNOHANG) == pid;
    }
    if (!is_up && has_ended && WIFEXITED(end_status) && WEXITSTATUS(end_status) != 0)
        *status = WEXITSTATUS(end_status);
    if (!is_up && has_ended)
        say_end(said[0], "the engine did not start", e);
    else if (!is_up)
        err_set(e, "the engine (pid %d) does not answer on '%.300s' after %d s", (int)pid,
                socket_path, (int)(timeout_ms / 1000));
    close(said[0]);
    return is_up;
}

/* One line of at most max - 1 bytes; false at the end of file. */
static bool read_line(int fd, char *line, size_t max)
{
    size_t len = 0;
    char c;
    for (;;) {
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || c == '\n')
            break;
        if (len < max - 1)
            line[len++] = c;
    }
    line[len] = '\0';
    return len > 0;
}

bool launch_held(struct launched *l, char **argv, char *line, size_t max, struct err *e)
{
    char path[4096];
    int in[2], out[2];
    if (!launch_engine_path(path, sizeof path, e))
        return false;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return err_set(e, "cannot make a pipe: %s", strerror(errno));
    argv[0] = path;
    l->pid = fork();
    if (l->pid == 0)
        child_run(argv, (const int[3]){in[0], out[1], STDERR_FILENO});
    close(in[0]);
    close(out[1]);
    l->in = in[1];
    l->out = out[0];
    if (l->pid > 0 && read_line(l->out, line, max))
        return true;
    launch_end(l);
    return err_set(e, "the engine's program ended before it was ready");
}

void launch_end(struct launched *l)
{
    close(l->in);
    close(l->out);
    if (l->pid <= 0)
        return;
    kill(l->pid, SIGTERM);
    for (int i = 0; i < 150; i++) {
        if (waitpid(l->pid, NULL, WNOHANG) != 0)
            return;
        pause_ms(20);
    }
    kill(-l->pid, SIGKILL);
    waitpid(l->pid, NULL, 0);
}

bool launch_talk(struct launched *l, const char *path, struct err *e)
{
    char *argv[] = {(char *)path, NULL};
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0)
        return err_set(e, "cannot make a pipe: %s", strerror(errno));
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return err_set(e, "cannot make a pipe: %s", strerror(errno));
    }
    l->pid = fork();
    if (l->pid == 0)
        child_run(argv, (const int[3]){in[0], out[1], -1});
    close(in[0]);
    close(out[1]);
    l->in = in[1];
    l->out = out[0];
    if (l->pid > 0 && fcntl(l->in, F_SETFL, O_NONBLOCK) == 0 &&
        fcntl(l->out, F_SETFL, O_NONBLOCK) == 0)
        return true;
    launch_hang_up(l);
    return err_set(e, "cannot start '%.300s': %s", path, strerror(errno));
}

void launch_hang_up(struct launched *l)
{
    close(l->in);
    close(l->out);
    if (l->pid > 0) {
        kill(l->pid, SIGKILL); /* it keeps nothing that could be lost */
        waitpid(l->pid, NULL, 0);
    }
    l->pid = 0;
}

int launch_ask(char **argv, int64_t timeout_ms, char *line, size_t max)
{
    int out[2], status = -1;
    size_t len = 0;
    bool has_ended = false;
    line[0] = '\0';
    if (pipe2(out, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        child_run(argv, (const int[3]){-1, out[1], -1});
    close(out[1]);
    int64_t end_ms = mono_ms() + timeout_ms, left_ms;
    while (pid > 0 && !has_ended && (left_ms = end_ms - mono_ms()) > 0) {
        struct pollfd p = {.fd = out[0], .events = POLLIN};
        char bytes[512];
        if (poll(&p, 1, (int)left_ms) <= 0)
            continue;
        ssize_t n = read(out[0], bytes, sizeof bytes);
        has_ended = n <= 0;
        for (ssize_t i = 0; i < n; i++)
            if (len + 1 < max)
                line[len++] = bytes[i];
    }
    line[len] = '\0';
    line[strcspn(line, "\n")] = '\0';
    close(out[0]);
    if (pid > 0 && !has_ended)
        kill(-pid, SIGKILL); /* a session of its own: whatever it has started too */
    bool is_there = pid > 0 && waitpid(pid, &status, 0) == pid;
    return is_there && has_ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
