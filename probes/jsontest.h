/* jsontest.h - comparisons on a JSON document: {"/status": "UP", "/queue": {"<": 100}}. */
#ifndef PROBES_JSONTEST_H
#define PROBES_JSONTEST_H

#include <stdbool.h>

#include "core/err.h"
#include "core/option.h"
#include "core/result.h"
#include "engine/jval.h"

/* What an option table cannot see: an ordering against a string, a pattern that is none. */
bool jsontest_check(const struct option_tests *t, struct err *e);
/* True if all hold.  Else *say is the packed sentence of the first that does not, which the caller
 * frees: "/status is DOWN, expected UP". */
bool jsontest_run(const struct option_tests *t, const struct jval *doc, char **say);
/* Adds a metric for each pair name -> pointer that leads to a number (true counts as 1). */
void jsontest_metrics(const struct option_pairs *p, const struct jval *doc, struct result *r);

#endif
