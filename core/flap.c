#include "core/flap.h"

/* In 76ths every w_i is whole, 57 + 2i, and so are the limits: a check that sits on one is no
 * matter of rounding. */
#define WEIGHT(i)    (57 + 2 * (i))
#define WEIGHT_ALL   (76 * FLAP_TRANSITIONS)
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

static unsigned int weigh(const struct flap *f)
{
    unsigned int sum = 0;
    if (f->changes == 0)
        return 0;
    for (unsigned int i = 0; i < FLAP_TRANSITIONS; i++)
        if (f->changes & 1u << (FLAP_TRANSITIONS - 1 - i)) /* i: 0 the oldest */
            sum += WEIGHT(i);
    return sum;
}

double flap_percent(const struct flap *f)
{
    return 100.0 * weigh(f) / WEIGHT_ALL;
}

bool flap_wants(const struct flap *f, bool is_flapping)
{
    unsigned int sum = weigh(f);
    if (sum * 100 >= FLAP_START * WEIGHT_ALL)
        return true;
    bool is_young = f->n <= FLAP_TRANSITIONS; /* after a restart: not quiet, only not looked at */
    return is_flapping && (is_young || sum * 100 > FLAP_STOP * WEIGHT_ALL);
}
