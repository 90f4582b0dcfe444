/* scratch.h - a folder of its own for a test, removed at the end with all that is in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
    char dir[200];
};

static inline void scratch_make(struct scratch *s)
{
    const char *base = getenv("TMP");
    snprintf(s->dir, sizeof s->dir, "%s/trucban-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(s->dir)) {
        perror(s->dir);
        exit(1);
    }
}

static inline const char *scratch_path(const struct scratch *s, const char *name, char out[300])
{
    snprintf(out, 300, "%s/%s", s->dir, name);
    return out;
}

static inline void scratch_remove(struct scratch *s)
{
    DIR *d = opendir(s->dir);
    struct dirent *e;
    char path[500];
    while (d && (e = readdir(d))) {
        snprintf(path, sizeof path, "%s/%s", s->dir, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(s->dir);
}

#endif
