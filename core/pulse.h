/* pulse.h - how much the last sign of life of an engine still says: fresh, then amber, then red. */
#ifndef CORE_PULSE_H
#define CORE_PULSE_H

#include <stdint.h>

#define PULSE_AMBER_MS 15000 /* longer without a beat: said in the title */
#define PULSE_RED_MS   30000 /* longer: a banner, and everything shown is old */

enum pulse { PULSE_NONE, PULSE_FRESH, PULSE_AMBER, PULSE_RED };

/* age_ms: since the last beat, on a monotonic clock; negative: none has come yet. */
enum pulse pulse_of(int64_t age_ms);

#endif
