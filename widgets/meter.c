/* meter.c - a share as cells. */
#include "widgets/meter.h"

int meter_draw(struct surface *s, struct area a, int line, int col, int cols, double share,
               enum role role)
{
    int full = 0;
    if (share >= 1)
        full = cols;
    else if (share > 0) {
        full = (int)(share * cols + 0.5);
        full = full < 1 ? 1 : full;
        full = full == cols ? cols - 1 : full;
    }
    for (int i = 0; i < cols; i++) {
        uint32_t on = s->is_ascii ? '#' : 0x25a0, off = s->is_ascii ? '.' : 0x25a1;
        surface_putc(s, a, line, col + i, i < full ? on : off, i < full ? role : ROLE_FAINT, 0);
    }
    return cols;
}
