/* alert_event.h - what alert.c and alert_request.c share: an event about an alert, begun. */
#ifndef CORE_ALERT_EVENT_H
#define CORE_ALERT_EVENT_H

#include "core/event.h"
#include "core/fleet.h"
#include "core/when.h"

/* As the engine itself says it; everything of the alert that any such event tells is filled in: its
 * next version, state, level, marks, what its clock has counted. */
struct event alert_event(enum event_kind kind, const struct fleet *f, const struct alert *a,
                         struct moment now);

#endif
