/* fleet_period.h - what fleet.c and fleet_fold.c ask of fleet_period.c: periods in the picture. */
#ifndef CORE_FLEET_PERIOD_H
#define CORE_FLEET_PERIOD_H

#include "core/fleet.h"

void fleet_clean_periods(struct fleet *f); /* part of fleet_clean */
void fleet_fold_period(struct fleet *f, const struct event *e);

#endif
