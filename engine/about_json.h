/* about_json.h - organisations, phases and totals as JSON, both ways: the one form for the snapshot
 * on the socket and for `site show --json`. */
#ifndef ENGINE_ABOUT_JSON_H
#define ENGINE_ABOUT_JSON_H

#include "core/about.h"
#include "engine/jval.h"

/* Adds "orgs", "phases" and "totals" to an object. */
void about_json_set(struct jval *o, const struct about *a);
/* Takes them from one into an empty about; entries without an id are left out. */
void about_json_read(struct about *a, const struct jval *o);

struct jval *words_json(const struct words *w); /* {"vi","en"}, null if there is neither */
/* Takes the words of member `key`, if there is one. */
void words_json_read(struct words *w, const struct jval *o, const char *key);

#endif
