/* child.h - other people's programs: run without a shell, without a terminal, without our files.
 *
 * Each child gets a session and process group of its own (no /dev/tty to type into, finding F5),
 * /dev/null (or a file in memory) as input, two pipes, the folder /, umask 077, a fixed environment
 * and limits on CPU time and file size.  Its result is there when it exits, even if a grandchild
 * keeps the pipe.  At the timeout the result is there, too; the group gets SIGTERM, 2 s later
 * SIGKILL.  Whatever it leaves behind, in its group or outside, is killed: a process that uses this
 * file has no children of its own besides. */
#ifndef ENGINE_CHILD_H
#define ENGINE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "engine/loop.h"

#define CHILD_OUTPUT_MAX 8192 /* bytes kept; the rest is read and dropped */
#define CHILD_TERM_MS    2000 /* from SIGTERM to SIGKILL */
#define CHILD_FILE_MAX   (16 << 20)

struct child_want {                    /* borrowed until child_start returns */
    const struct option_strings *argv; /* argv[0]: absolute path */
    const struct option_pairs *env;    /* added to the fixed ones; may be NULL */
    int64_t timeout_ms;
    const char *input; /* what it reads on standard input; NULL: nothing */
};
enum child_outcome { CHILD_EXITED, CHILD_KILLED, CHILD_TIMED_OUT, CHILD_NOT_STARTED };
struct child_reply {
    enum child_outcome outcome;
    int code;              /* exit code, or the signal, or errno */
    char *say;             /* packed, for NOT_STARTED; the callee may take it */
    const char *out, *err; /* borrowed, NUL-terminated; may hold NULs before out_len */
    size_t out_len, err_len;
    double total_ms;
};
typedef void child_fn(void *arg, struct child_reply *r);

struct children; /* all of one process */
struct children *children_new(struct loop *l);
void children_free(struct children *all);          /* kills and reaps what is left, at once */
size_t children_count(const struct children *all); /* still there, ended ones included */

struct child;
/* Exactly one fn, never from inside child_start, unless cancelled. */
struct child *child_start(struct children *all, const struct child_want *w, child_fn *fn,
                          void *arg);
void child_cancel(struct child *c); /* SIGTERM, SIGKILL, in the background */

/* May this program be run?  Path absolute; it and the folder it is in (also behind symbolic links)
 * owned by root or ourselves and writable by nobody else; no folder above lets others swap it. */
bool child_path_check(const char *path, char *real, size_t size, struct err *e);
/* Is this a program's absolute path and its arguments?  For the option "command". */
bool child_command_check(const struct option_strings *command, struct err *e);
/* May these variables be given to it?  None that change what PATH or the loader find. */
bool child_env_check(const struct option_pairs *env, struct err *e);

#endif
