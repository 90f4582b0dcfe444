/* fleet_run.h - what fleet.c and fleet_fold.c ask of fleet_run.c: groups and runs in the picture.
 */
#ifndef CORE_FLEET_RUN_H
#define CORE_FLEET_RUN_H

#include "core/fleet.h"

void fleet_fold_run(struct fleet *f, const struct event *e); /* an event with EF_RUN */
void fleet_clean_runs(struct fleet *f);                      /* part of fleet_clean */

#endif
