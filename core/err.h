/* err.h - why something failed, in words.
 *
 * Every fallible function takes a trailing `struct err *` (which may be NULL), returns false or
 * NULL on failure, and fills it.  The text says what failed, then the subject in quotes, then why;
 * no capital, no full stop.  The caller owns the struct; nothing needs freeing. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>

#define ERR_MAX 512

struct err {
    char text[ERR_MAX];
};

/* Always returns false, so that `return err_set(e, "…")` reads as it should. */
bool err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "PREFIX: " before what stands in e (say, the file that an error was found in). */
bool err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
