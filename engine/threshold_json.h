/* threshold_json.h - one threshold of a site file: {"warning": 500, "over": "15m", "stat": "p95"}.
 */
#ifndef ENGINE_THRESHOLD_JSON_H
#define ENGINE_THRESHOLD_JSON_H

#include "core/result.h"
#include "engine/option_json.h"

#define THRESHOLD_OVER_MAX_MS (7LL * 24 * 3600 * 1000)

/* Fills all of t but its metric; false after telling r->error what is wrong. */
bool threshold_json_read(const struct option_reader *r, const char *metric, struct threshold *t,
                         const struct jval *v, const struct place *at);

#endif
