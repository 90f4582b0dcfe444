/* meter.h - a bar that is filled to a share of its width: "■■■■■□□□", in ASCII "#####...". */
#ifndef WIDGETS_METER_H
#define WIDGETS_METER_H

#include "widgets/surface.h"

/* share 0-1 (beyond is cut); anything above 0 fills at least one cell, only 1 fills the last. */
int meter_draw(struct surface *s, struct area a, int line, int col, int cols, double share,
               enum role role);

#endif
