/* regex.h - the door to PCRE2: patterns from the site file on text from anywhere, with limits. */
#ifndef PROBES_REGEX_H
#define PROBES_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum regex_outcome {
    REGEX_FOUND,
    REGEX_ABSENT,
    REGEX_TOO_COSTLY /* the limits were reached: the pattern is the fault, not the text */
};

struct regex;
struct regex *regex_new(const char *pattern, struct err *e);
void regex_free(struct regex *x);
enum regex_outcome regex_search(const struct regex *x, const char *text, size_t len);

#endif
