/* event_json.h - an event as JSON, both ways, made from the rows of core/event.h.
 *
 *   {"seq":7,"at":"2026-03-05T14:02:11.042Z","kind":"alert.acknowledged","subject":"web-01/http",
 *    "actor":{"login":"lan","uid":1000,"from":"pts/3"},"body":{"alert":1077,…},"prev":"…","hash":"…"}
 *
 * The body has exactly the fields of the kind's row, null where they are not set, so that the same
 * event always gives the same text: the sorted, compact form without "hash" is what the journal
 * hashes.  Priority and states are names, times RFC 3339 in UTC with milliseconds. */
#ifndef ENGINE_EVENT_JSON_H
#define ENGINE_EVENT_JSON_H

#include <stdbool.h>

#include "core/err.h"
#include "core/event.h"
#include "engine/jval.h"

enum event_json_flags { EVENT_JSON_HASH = 1 << 0 }; /* with "hash": all uses but hashing */

struct jval *event_json(const struct event *e, int flags); /* the caller frees */
/* Fills `out` (zeroed before; release it also on failure).  Fields beyond the row are ignored,
 * those missing stay unset; a wrong type or an unknown kind is an error. */
bool event_from_json(const struct jval *j, struct event *out, struct err *e);

/* A packed sentence (core/say.h) as JSON: its English words under `text`, and, where it has
 * arguments, [template, arguments…] under `say`.  NULL becomes null. */
void event_json_set_say(struct jval *o, const char *text, const char *say, const char *packed);
/* The other way: a fresh packed string, from `say` if it is there, else from `text`; NULL if
 * neither. */
char *event_json_get_say(const struct jval *o, const char *text, const char *say);

/* RFC 3339 under `key` as milliseconds; 0 if null, absent or not a time. */
int64_t event_json_get_time(const struct jval *o, const char *key);

/* Marks of an alert as an array of names, both ways (unknown names are left out). */
struct jval *event_json_marks(unsigned int marks);
unsigned int event_json_get_marks(const struct jval *o, const char *key);

#endif
