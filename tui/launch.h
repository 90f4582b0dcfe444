/* launch.h - finding the other program of the pair, and starting it beside us.
 *
 * `trucban-engine` is looked for beside our own file, then in ../libexec/trucban, then under
 * PREFIX. */
#ifndef TUI_LAUNCH_H
#define TUI_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"

/* The folder our own file is in; false: /proc is missing. */
bool launch_folder(char *out, size_t max);
/* The first of `candidates` (relative ones: to our own folder; NULL ends) that exists. */
bool launch_find(const char *const candidates[], char *out, size_t max);
bool launch_engine_path(char *out, size_t max, struct err *e);

/* Replaces this process: argv[0] is overwritten.  Returns only on failure. */
void launch_exec(char **argv, struct err *e);

/* A private engine in a session of its own; it ends with its last console (--linger).  Waits until
 * its socket answers; else e has what it said before it ended, and *status, if it ended by itself,
 * its exit status (unchanged otherwise). */
bool launch_private_engine(char **argv, const char *socket_path, int64_t timeout_ms, int *status,
                           struct err *e);
bool launch_socket_answers(const char *socket_path);

/* trucban-notify, which is looked for in the same places. */
bool launch_notify_path(char *out, size_t max);
/* A child that is talked to without ever waiting: both ends are non-blocking. */
struct launched;
bool launch_talk(struct launched *l, const char *path, struct err *e);
void launch_hang_up(struct launched *l); /* closes, ends it at once */

/* Runs argv (found on PATH if it has no slash) for at most timeout_ms and keeps the first line of
 * what it prints.  Its exit status; -1: not in time, or not run to its end. */
int launch_ask(char **argv, int64_t timeout_ms, char *line, size_t max);

/* A child that lives as long as we hold its standard input open; its first line is read. */
struct launched {
    pid_t pid;
    int in, out;
};
bool launch_held(struct launched *l, char **argv, char *line, size_t max, struct err *e);
void launch_end(struct launched *l); /* closes, waits up to 3 s, then kills */

#endif
