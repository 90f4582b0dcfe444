/* commit_wait.h - whether commits hang on a synchronous standby, as the primary tells it.
 *
 * A commit waits until as many standbys as synchronous_standby_names asks for have it; if they are
 * not there, or one of them stands still while its link still looks well, it waits for ever: the
 * application hangs, and every other check of the server is well.  Pure. */
#ifndef PROBES_COMMIT_WAIT_H
#define PROBES_COMMIT_WAIT_H

#include <stdbool.h>

#include "core/result.h"

/* Figures that were not said are NAN, texts NULL. */
struct commit_wait {
    bool is_standby;      /* no commits here */
    bool can_see;         /* what other sessions wait for */
    const char *names;    /* synchronous_standby_names */
    const char *commit;   /* synchronous_commit, where a session says nothing else */
    const char *standbys; /* "db-b (sync), db-c (potential)" */
    const char *role;     /* whom we logged in as */
    double in_sync;       /* standbys that count */
    double waiting, longest_s;
};
struct commit_limits { /* seconds */
    double wait_warning, wait_critical;
};

/* How many standbys a commit waits for: "FIRST 2 (a, b)", "ANY 1 (*)", "2 (a, b)", "a, b"; 0: none
 * is asked for. */
int commit_standbys_needed(const char *names);

/* Fills state, sentence, metrics (needed, in_sync, waiting, wait_s) and facts (role,
 * synchronous_standby_names, synchronous_commit, standbys). */
void commit_wait_judge(const struct commit_wait *w, const struct commit_limits *l,
                       struct result *r);

#endif
