/* checkpoint.h - the durable part of the fleet as one JSON document, so that a start need not fold
 * the whole journal: alerts with their marks, each check's saved hard state, the next alert's id.
 */
#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/fleet.h"

char *checkpoint_write(const struct fleet *f); /* the caller frees */
/* Into a fleet that has the site's targets and checks and no history.  Checks that have left the
 * site file are skipped, their alerts kept.  Nothing is changed on failure.  The two clocks make
 * the age of what is restored. */
bool checkpoint_read(struct fleet *f, const char *json, int64_t now_wall_ms, int64_t now_mono_ms,
                     struct err *e);

#endif
