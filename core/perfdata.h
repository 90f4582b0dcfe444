/* perfdata.h - what a monitoring plugin prints: text before the first '|', figures after it.
 *
 *   DISK OK - free space: / 3326 MB | /=2643MB;5948;5958;0;5968 'two words'=1
 *
 * Pure; the bytes are raw and are cleaned on the way into the result. */
#ifndef CORE_PERFDATA_H
#define CORE_PERFDATA_H

#include <stddef.h>

#include "core/result.h"

/* Adds the metrics of `'label'=value[unit][;warn;crit;min;max]` items; others are left out. */
void perfdata_parse(struct result *r, const char *text, size_t len);
/* Takes a plugin's whole output: the text of the first line (cleaned, at most TEXT_MAX_LISTED) is
 * returned (the caller frees; NULL if there is none), perfdata of the first line and of what
 * follows a later '|' goes into r. */
char *perfdata_output(struct result *r, const char *out, size_t len);

#endif
