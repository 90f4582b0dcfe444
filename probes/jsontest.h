/* jsontest.h - comparisons on a JSON document: {"/status": "UP", "/queue": {"<": 100}}. */
#ifndef PROBES_JSONTEST_H
#define PROBES_JSONTEST_H

#include <stdbool.h>

#include "core/err.h"
#include "core/option.h"
#include "core/recur.h"
#include "core/result.h"
#include "engine/jval.h"

/* What an option table cannot see: an ordering against a string, a pattern that is none. */
bool jsontest_check(const struct option_tests *t, struct err *e);
/* True if all hold.  Else *say is the packed sentence of the first that does not, which the caller
 * frees: "/status is DOWN, expected UP". */
bool jsontest_run(const struct option_tests *t, const struct jval *doc, char **say);
/* Adds a metric for each pair name -> pointer that leads to a number (true counts as 1). */
void jsontest_metrics(const struct option_pairs *p, const struct jval *doc, struct result *r);
/* Windows as core/recur.h has them, the caller frees; text NULL: *hours is NULL. */
bool jsontest_hours(const char *text, struct recur **hours, struct err *e);
/* Adds a metric in seconds for each pair name -> pointer that leads to a time (core/stamp.h): its
 * age, of which only what lies within hours counts (NULL: all).  False: what stands there is none,
 * or lies ahead; *say as above.  What is absent or null is left out. */
bool jsontest_ages(const struct option_pairs *p, const struct recur *hours, int64_t now_ms,
                   const struct jval *doc, struct result *r, char **say);

#endif
