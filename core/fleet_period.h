/* fleet_period.h - what fleet.c asks of fleet_period.c: periods in the picture. */
#ifndef CORE_FLEET_PERIOD_H
#define CORE_FLEET_PERIOD_H

#include "core/fleet.h"

void fleet_clean_periods(struct fleet *f); /* part of fleet_clean */

#endif
