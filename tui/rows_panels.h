/* rows_panels.h - the panels of the board that are looked at, not worked in. */
#ifndef TUI_ROWS_PANELS_H
#define TUI_ROWS_PANELS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows_cells.h"
#include "tui/rows_desk.h"
#include "widgets/surface.h"

struct board_lay { /* where each panel stands; lines 0: it is not there */
    enum frame frame;
    struct area headlines, components, groups, alerts, matrix, worst, recovered, strip;
    struct area desk[DESK_PANELS];
};

size_t board_count_components(const struct fleet *f);
/* That have a server; a target of any kind, where the site has no servers. */
size_t board_count_groups(const struct fleet *f);

/* One line for the components (else the counts of all states), one for the groups. */
void board_draw_headlines(const struct console *c, struct surface *s, struct area a);
/* Each returns what is left below its rows. */
struct area board_draw_components(const struct console *c, struct surface *s,
                                  const struct board_lay *lay);
struct area board_draw_groups(const struct console *c, struct surface *s,
                              const struct board_lay *lay);
/* Alerts that were resolved lately, newest first. */
void board_draw_recovered(const struct console *c, struct surface *s, const struct board_lay *lay);

#endif
