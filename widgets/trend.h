/* trend.h - a sparkline: one column a value, newest at the right, coloured by the state it had.
 * In blocks (▁▂▃▄▅▆▇█), or by height in ASCII (. - = #).  A missing value (< 0) is blank; one that
 * was CRITICAL without a value is an X. */
#ifndef WIDGETS_TREND_H
#define WIDGETS_TREND_H

#include <stdint.h>

#include "widgets/surface.h"

struct trend_view {
    const float *values;   /* oldest first, < 0: none; borrowed */
    const uint8_t *states; /* enum state each; NULL: all ROLE_TREND */
    int n;
    float top; /* value of a full column; 0: the largest shown */
};

/* Draws the newest `cols` values, right-aligned; returns cols. */
int trend_draw(struct surface *s, struct area a, int line, int col, int cols,
               const struct trend_view *v);
/* Height 0-7 of a value below top: what the glyph is chosen by. */
int trend_height(float value, float top);

#endif
