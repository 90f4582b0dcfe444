/* manual.h - the two manual pages, and the tables of docs/kinds, printed from the tables that the
 * program itself reads: what they say cannot drift from what it does.  man(7) source, to standard
 * output or a file of `make`. */
#ifndef ENGINE_MANUAL_H
#define ENGINE_MANUAL_H

#include "core/buf.h"
#include "engine/probe.h"

void manual_commands(struct buf *out); /* trucban(1) */
void manual_site(struct buf *out);     /* trucban-site(5): keys of a site file, kinds of probe */
/* One kind's options and built-in thresholds, as Markdown. */
void manual_kind(struct buf *out, const struct probe_type *type);

#endif
