/* option.h - options are tables: the parser, error texts, JSON Schema and manual are made of them.
 *
 * A row says where in a struct a value lives and what it may be.  Targets, checks, site and every
 * probe kind have such a table, ended by a row whose name is NULL. */
#ifndef CORE_OPTION_H
#define CORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_STRING,     /* char *; ${…} expanded */
    OPTION_BOOL,       /* bool */
    OPTION_INT,        /* int64_t, min..max */
    OPTION_NUMBER,     /* double */
    OPTION_DURATION,   /* int64_t ms, min..max in ms; "10s" */
    OPTION_SIZE,       /* int64_t bytes; "64KiB", or a number */
    OPTION_CHOICE,     /* int; one of `choices` (NULL-ended names), value = index */
    OPTION_STRINGS,    /* struct option_strings; a JSON array of strings (or one string) */
    OPTION_INTS,       /* struct option_ints; array of integers (or one) */
    OPTION_PAIRS,      /* struct option_pairs; object of strings */
    OPTION_WORDS,      /* struct words (about.h); {"vi": "…", "en": "…"} or a string for both */
    OPTION_TESTS,      /* struct option_tests; {"/pointer": value | {">=": 3}} : JSON comparisons */
    OPTION_POINTERS,   /* struct option_pairs; {"metric name": "/pointer"} */
    OPTION_THRESHOLDS, /* struct option_thresholds; see result.h */
    OPTION_GROUP,      /* nested object with the table `rows`, same struct */
    OPTION_LIST,       /* struct option_list; array of objects with the table `rows` each */
    OPTION_SECRET      /* char *; {"file": …} | {"env": …} | {"credential": …}; no literal */
};

enum option_flags {
    OPTION_REQUIRED = 1 << 0,
    OPTION_RAW = 1 << 1, /* no ${…} expansion */
    OPTION_LATE = 1 << 2 /* ${…} that the site does not know stays, for the kind to fill in */
};

struct option {
    const char *name;
    enum option_type type;
    size_t offset; /* into the struct that the table describes */
    int flags;
    double min, max;      /* numbers, durations (ms), sizes, items; both 0: no limit */
    const char *fallback; /* as it would be written in JSON ("\"GET\"", "10000"); NULL: zero */
    const char *const *choices;
    const struct option *rows; /* OPTION_GROUP, OPTION_LIST */
    size_t item_size;          /* OPTION_LIST: of the struct that `rows` describes */
    const char *help;          /* msgid; one sentence for schema and manual */
};

struct option_strings {
    char **v;
    size_t n;
};
struct option_ints {
    int64_t *v;
    size_t n;
};
struct option_pairs {
    char **keys, **values;
    size_t n;
};
struct option_list {
    void *v; /* n structs of item_size, one after the other */
    size_t n;
};
enum test_op { TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE, TEST_MATCHES, TEST_EXISTS };
struct option_test {
    char *pointer;
    enum test_op op;
    enum { TEST_STRING, TEST_NUMBER, TEST_BOOL, TEST_NULL } type;
    char *text;
    double number;
    bool flag;
};
struct option_tests {
    struct option_test *v;
    size_t n;
};
struct threshold;
struct option_thresholds {
    struct threshold *v;
    size_t n;
};

/* Frees everything a table's rows own in a struct (not the struct). */
void option_release(const struct option *rows, void *base);
/* True if two structs, filled from the same table, say the same. */
bool option_equal(const struct option *rows, const void *a, const void *b);

#endif
