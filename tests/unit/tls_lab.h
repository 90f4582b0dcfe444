/* tls_lab.h - for tests of kinds that speak TLS: tlsd beside us, its ports by name. */
#ifndef TESTS_TLS_LAB_H
#define TESTS_TLS_LAB_H

#include <limits.h>

#include "tests/unit/probe_lab.h"
#include "tests/unit/scratch.h"

struct tls_lab {
    struct lab *lab;
    pid_t tlsd;
    int stdin_fd, n;
    struct scratch scratch;
    char ca[300];
    char names[64][32];
    int ports[64];
};

static inline int tls_port(const struct tls_lab *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->names[i], name) == 0)
            return t->ports[i];
    fail_msg("tlsd has no \"%s\"", name);
    return 0;
}

/* at: the ends of further certificates, in seconds since the epoch, 0-ended; may be NULL. */
static inline struct tls_lab *tls_lab_new(const int64_t *at)
{
    struct tls_lab *t = mem_alloc(sizeof *t);
    char self[PATH_MAX], path[PATH_MAX + 8], ends[4][24], line[64];
    char *argv[8] = {path, t->ca};
    int in[2], out[2];

    t->lab = lab_new(false);
    scratch_make(&t->scratch);
    scratch_path(&t->scratch, "ca.pem", t->ca);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/tlsd", self);
    if (access(path, X_OK) != 0) { /* the whole program is skipped: see tests/run.sh */
        printf("%s is missing: make testprogs builds it\n", path);
        fflush(NULL);
        _exit(77);
    }
    for (int i = 0; at != NULL && at[i] != 0 && i < 4; i++) {
        snprintf(ends[i], sizeof ends[i], "%lld", (long long)at[i]);
        argv[2 + i] = ends[i];
    }
    assert_int_equal(pipe(in) | pipe(out), 0);
    t->tlsd = fork();
    if (t->tlsd == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        execv(path, argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    t->stdin_fd = in[1];
    FILE *f = fdopen(out[0], "r");
    while (fgets(line, sizeof line, f) != NULL && line[0] != '\n' && t->n < 64)
        if (sscanf(line, "%31s %d", t->names[t->n], &t->ports[t->n]) == 2)
            t->n++;
    fclose(f);
    assert_true(t->n > 0);
    return t;
}

static inline void tls_lab_free(struct tls_lab *t)
{
    close(t->stdin_fd);
    waitpid(t->tlsd, NULL, 0);
    scratch_remove(&t->scratch);
    lab_free(t->lab);
    free(t);
}

#endif
