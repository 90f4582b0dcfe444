#include "core/pulse.h"

enum pulse pulse_of(int64_t age_ms)
{
    if (age_ms < 0)
        return PULSE_NONE;
    if (age_ms <= PULSE_AMBER_MS)
        return PULSE_FRESH;
    return age_ms <= PULSE_RED_MS ? PULSE_AMBER : PULSE_RED;
}
