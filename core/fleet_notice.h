/* fleet_notice.h - what fleet_fold.c asks of fleet_notice.c: who has been told of an alert. */
#ifndef CORE_FLEET_NOTICE_H
#define CORE_FLEET_NOTICE_H

#include "core/fleet.h"

/* notice.sending, .sent or .failed.  Its subject is "receiver/ID". */
void fleet_fold_notice(struct fleet *f, const struct event *e);

#endif
