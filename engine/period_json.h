/* period_json.h - a silence, maintenance or assessment as JSON, both ways: socket, journal,
 * commands.
 */
#ifndef ENGINE_PERIOD_JSON_H
#define ENGINE_PERIOD_JSON_H

#include "core/err.h"
#include "core/fleet.h"
#include "core/period.h"
#include "engine/jval.h"

struct jval *period_json(const struct period *p);
/* The caller frees *out. */
bool period_from_json(const struct jval *j, struct period **out, struct err *e);
/* Into a mirror. */
bool period_json_read(struct fleet *f, const struct jval *j, struct err *e);

#endif
