/* pairs.h - tests as pairs of plain files: NAME.in is what happens, NAME.out what must come of it.
 * For programs of which a test is one such folder. */
#ifndef TESTS_UNIT_PAIRS_H
#define TESTS_UNIT_PAIRS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

struct pairs {
    const char *folder;              /* below tests/ */
    size_t at_least;                 /* so that an empty folder is noticed */
    const char *write;               /* variable that asks for the .out files to be written */
    char *(*play)(const char *path); /* the .in file; what came of it, malloc'd */
};

static inline char *pairs_read(const char *path)
{
    struct buf b = BUF_INIT(0);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        return buf_take(&b);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, in)) > 0;)
        buf_add(&b, block, n);
    fclose(in);
    return buf_take(&b);
}

static inline bool pairs_is_same(const struct pairs *p, const char *in_path)
{
    struct buf out_path = BUF_INIT(0);
    buf_add(&out_path, in_path, strlen(in_path) - strlen("in"));
    buf_adds(&out_path, "out");
    char *got = p->play(in_path), *want = pairs_read(out_path.bytes);
    bool same = strcmp(got, want) == 0;
    if (!same && getenv(p->write) != NULL) {
        FILE *to = fopen(out_path.bytes, "w");
        assert_non_null(to);
        fputs(got, to);
        fclose(to);
        same = true;
    }
    if (!same)
        print_error("%s\n--- expected\n%s--- got\n%s", in_path, want, got);
    free(got);
    free(want);
    buf_release(&out_path);
    return same;
}

static inline void pairs_test(const struct pairs *p)
{
    glob_t found;
    char pattern[64];
    snprintf(pattern, sizeof pattern, "tests/%s/*.in", p->folder);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    size_t wrong = 0;
    for (size_t i = 0; i < found.gl_pathc; i++)
        wrong += !pairs_is_same(p, found.gl_pathv[i]);
    print_message("%zu pairs of %s\n", found.gl_pathc, p->folder);
    assert_true(found.gl_pathc >= p->at_least);
    globfree(&found);
    assert_int_equal(wrong, 0);
}

#endif
