/* marks.h - what holds an alert's notices back just now (alerts.md sections 1, 5, 8).
 *
 *   periods that are on ── maintenance, silence, assessment (a label)
 *   what it stands behind ─ parent; settle while that is not known yet, at most REACH_SETTLE_MAX_MS
 *   its own results ─────── flap; settle until one is newer than the end of what held it back
 *   all of us ───────────── blind, for faults of our own
 *
 * Pure: the wish.  What stands is alert.marks, which the journal has (alert.marked). */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "core/fleet.h"
#include "core/when.h"

/* opened_mono_ms: of the alert; now for one that is about to open.  *cause: the alert that it
 * stands behind, 0: none known. */
unsigned int marks_wanted(const struct fleet *f, const struct check *c, uint64_t alert,
                          int64_t opened_mono_ms, struct moment now, uint64_t *cause);

#endif
