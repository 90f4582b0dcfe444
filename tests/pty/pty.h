/* pty.h - a program on a pseudo-terminal, under a tiny job-control shell.
 *
 * The shell is the session leader, as a login shell is: it starts the program in its own foreground
 * process group, sees it stop and end, brings it back with `fg`, and passes on the SIGHUP of a
 * dropped line.  It outlives the program, so the terminal's settings can be looked at afterwards.
 * One pty a process; whoever opened it closes it.  Times: ms, monotonic. */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

struct pty {
    int master;         /* -1: closed */
    int shell_fd;       /* reports of the shell, orders to it */
    pid_t shell, child; /* child: process group of the program */
    bool is_stopped, is_ended;
    int status;   /* of waitpid, once is_ended */
    double cpu_s; /* user + system of the program, once is_ended */
    double spawned_at_us;
    int64_t ended_at_ms;
    struct termios before; /* settings before the program ran */
};

struct pty_opts {
    int lines, cols;
    bool ignores_hup; /* the program starts with SIGHUP ignored, as under nohup */
};

int64_t pty_now_ms(void);
double pty_now_us(void);
/* Exits with a message if the system does not give a terminal. */
void pty_spawn(struct pty *p, const struct pty_opts *o, char *const argv[]);
/* Reads what the shell has to tell; call it when shell_fd is readable. */
void pty_hear(struct pty *p);
void pty_resize(struct pty *p, int lines, int cols);
void pty_fg(struct pty *p);
/* Drops the line. `is_silent`: nobody passes SIGHUP on to the program. */
void pty_hangup(struct pty *p, bool is_silent);
/* CPU seconds used up to now. */
double pty_cpu_s(const struct pty *p);
/* Ends what still runs: hang-up, then SIGKILL after a second. */
void pty_close(struct pty *p);

#endif
