/* shift_json.h - the roster's shifts as JSON, both ways: snapshot, `site show --json`. */
#ifndef ENGINE_SHIFT_JSON_H
#define ENGINE_SHIFT_JSON_H

#include "core/fleet.h"
#include "engine/jval.h"

struct jval *shifts_json(const struct fleet *f); /* [{"id","name","start":"06:00","end"}] */
/* Takes member "shifts" of an object into a fleet that has none. */
void shifts_json_read(struct fleet *f, const struct jval *o);

#endif
