#include "core/flap.h"

#define CHANGES_MASK ((1u << FLAP_TRANSITIONS) - 1)

void flap_note(struct flap *f, enum state s)
{
    if (f->n > 0) {
        unsigned int newest = s != (enum state)f->last;
        f->changes = (f->changes << 1 | newest) & CHANGES_MASK;
    }
    if (f->n <= FLAP_TRANSITIONS)
        f->n++;
    f->last = (uint8_t)s;
}

double flap_percent(const struct flap *f)
{
    double sum = 0;
    for (unsigned int i = 0; i < FLAP_TRANSITIONS; i++)
        if (f->changes & 1u << (FLAP_TRANSITIONS - 1 - i)) /* i: 0 the oldest */
            sum += 0.75 + i * (0.50 / (FLAP_TRANSITIONS - 1));
    return 100 * sum / FLAP_TRANSITIONS;
}

bool flap_wants(const struct flap *f, bool is_flapping)
{
    double percent = flap_percent(f);
    if (percent >= FLAP_START)
        return true;
    return is_flapping && percent > FLAP_STOP;
}
