/* ptyrun.h - the state of one script run, shared by its two halves: ptyrun.c reads the script and
 * keeps the terminal alive, verbs.c holds what a line can say (`ptyrun --help` prints it). */
#ifndef TESTS_PTYRUN_H
#define TESTS_PTYRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/pty/pty.h"
#include "tests/pty/screen.h"

#define WORDS_MAX 48

struct run {
    struct pty pty;
    struct pty_opts opts;
    struct screen *screen;
    bool is_spawned, is_not_reading;
    const char *script;  /* its name, for messages */
    int line;            /* of the script */
    double slack;        /* factor on every deadline: $PTY_SLACK */
    double last_byte_us; /* when the program last wrote */
    double first_byte_us;
    uint64_t mark_bytes, mark_writes;
    double mark_cpu_s;
    int64_t mark_ms;
    int raw_fd; /* copy of all output, -1: none */
};

struct verb {
    const char *name, *args, *help;
    int least; /* words after the name */
    void (*run)(struct run *r, int n, char **w);
};
extern const struct verb verbs[]; /* name NULL ends */

/* Says where and what, shows the screen, ends the program with 1. */
void run_fail(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));
/* Lets the terminal work for up to ms, or until something came (is_until_any). */
void run_pump(struct run *r, int64_t ms, bool is_until_any);
void run_dump(struct run *r, int fd);

#endif
