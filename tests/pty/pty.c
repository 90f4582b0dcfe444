#include "tests/pty/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What shell and harness tell each other; one datagram each. */
struct word {
    char what; /* 'p' pid, 's' stopped, 'x' ended; to the shell: 'f' fg, 'q' say nothing of a HUP */
    pid_t pid;
    int status;
    double cpu_s;
};

int64_t pty_now_ms(void)
{
    return (int64_t)(pty_now_us() / 1000.0);
}

double pty_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what)
{
    fprintf(stderr, "ptyrun: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* --- the shell: its own process, session leader of the terminal ----------------------------- */

static void program_run(char *const argv[], bool ignores_hup, const sigset_t *mask)
{
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(0, getpgrp());
    signal(SIGTTOU, SIG_DFL);
    signal(SIGHUP, ignores_hup ? SIG_IGN : SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    fprintf(stderr, "ptyrun: cannot run '%s': %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* Reaps the program: true once it has ended. */
static bool shell_reap(int fd, pid_t child)
{
    int status;
    struct rusage u;
    while (wait4(child, &status, WNOHANG | WUNTRACED, &u) == child) {
        struct word w = {.what = WIFSTOPPED(status) ? 's' : 'x', .pid = child, .status = status};
        w.cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                  (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
        tcsetpgrp(0, getpgrp());
        if (write(fd, &w, sizeof w) < 0 || w.what == 'x')
            return true;
    }
    return false;
}

static void shell_run(int fd, char *const argv[], bool ignores_hup)
{
    sigset_t all, before;
    sigemptyset(&all);
    sigaddset(&all, SIGCHLD);
    sigaddset(&all, SIGHUP);
    sigprocmask(SIG_BLOCK, &all, &before);
    signal(SIGTTOU, SIG_IGN);
    int sig = signalfd(-1, &all, SFD_CLOEXEC);
    pid_t child = fork();
    if (child < 0 || sig < 0)
        _exit(126);
    if (child == 0)
        program_run(argv, ignores_hup, &before);
    setpgid(child, child);
    struct word hello = {.what = 'p', .pid = child};
    if (write(fd, &hello, sizeof hello) < 0)
        _exit(126);
    bool is_silent = false, is_ended = false;
    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = sig, .events = POLLIN}};
        poll(p, 2, -1);
        struct signalfd_siginfo si;
        if ((p[1].revents & POLLIN) && read(sig, &si, sizeof si) == (ssize_t)sizeof si) {
            if (si.ssi_signo == SIGHUP && !is_silent && !is_ended)
                kill(-child, SIGHUP);
            is_ended = is_ended || shell_reap(fd, child);
        }
        struct word w;
        if (p[0].revents && read(fd, &w, sizeof w) <= 0)
            _exit(0); /* the harness has gone */
        if ((p[0].revents & POLLIN) && w.what == 'q')
            is_silent = true;
        if ((p[0].revents & POLLIN) && w.what == 'f') {
            tcsetpgrp(0, child);
            kill(-child, SIGCONT);
        }
    }
}

/* --- the harness's side ---------------------------------------------------------------------- */

void pty_spawn(struct pty *p, const struct pty_opts *o, char *const argv[])
{
    struct winsize ws = {.ws_row = (unsigned short)o->lines, .ws_col = (unsigned short)o->cols};
    int slave, pair[2];
    memset(p, 0, sizeof *p);
    if (openpty(&p->master, &slave, NULL, NULL, &ws) != 0)
        die("openpty");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        die("socketpair");
    fcntl(p->master, F_SETFD, FD_CLOEXEC);
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    tcgetattr(p->master, &p->before);
    p->spawned_at_us = pty_now_us();
    p->shell = fork();
    if (p->shell < 0)
        die("fork");
    if (p->shell == 0) {
        close(p->master);
        close(pair[0]);
        setsid();
        ioctl(slave, TIOCSCTTY, 0);
        for (int i = 0; i < 3; i++)
            dup2(slave, i);
        if (slave > 2)
            close(slave);
        shell_run(pair[1], argv, o->ignores_hup);
        _exit(0);
    }
    close(slave);
    close(pair[1]);
    p->shell_fd = pair[0];
    while (p->child == 0)
        pty_hear(p);
    fcntl(p->shell_fd, F_SETFL, O_NONBLOCK);
}

void pty_hear(struct pty *p)
{
    struct word w;
    ssize_t n = read(p->shell_fd, &w, sizeof w);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        die("the shell on the terminal has gone");
    if (w.what == 'p')
        p->child = w.pid;
    p->is_stopped = w.what == 's';
    if (w.what == 'x') {
        p->is_ended = true;
        p->status = w.status;
        p->cpu_s = w.cpu_s;
        p->ended_at_ms = pty_now_ms();
    }
}

void pty_resize(struct pty *p, int lines, int cols)
{
    struct winsize ws = {.ws_row = (unsigned short)lines, .ws_col = (unsigned short)cols};
    ioctl(p->master, TIOCSWINSZ, &ws);
}

static void shell_tell(struct pty *p, char what)
{
    struct word w = {.what = what};
    if (write(p->shell_fd, &w, sizeof w) < 0)
        die("the shell on the terminal has gone");
}

void pty_fg(struct pty *p)
{
    p->is_stopped = false;
    shell_tell(p, 'f');
}

void pty_hangup(struct pty *p, bool is_silent)
{
    if (is_silent) {
        shell_tell(p, 'q');
        usleep(20000);
    }
    close(p->master);
    p->master = -1;
}

double pty_cpu_s(const struct pty *p)
{
    char path[64], line[1024];
    if (p->is_ended)
        return p->cpu_s;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)p->child);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = 0;
    const char *rest = strrchr(line, ')');
    unsigned long user = 0, sys = 0;
    if (rest)
        sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
    return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

void pty_close(struct pty *p)
{
    if (p->child == 0)
        return;
    if (p->master >= 0)
        pty_hangup(p, false);
    int64_t until = pty_now_ms() + 1000;
    while (!p->is_ended && pty_now_ms() < until) {
        struct pollfd f = {.fd = p->shell_fd, .events = POLLIN};
        poll(&f, 1, 50);
        if (f.revents)
            pty_hear(p);
    }
    if (!p->is_ended)
        kill(-p->child, SIGKILL);
    kill(p->shell, SIGKILL);
    waitpid(p->shell, NULL, 0);
    close(p->shell_fd);
    p->child = 0;
}
