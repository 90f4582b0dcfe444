/* rows_desk.h - the board's panels about what lies around the servers: integration in production
 * and in test, channels, databases; the hotline and the readiness to switch, which stand in
 * others'.
 *
 * Where there is room each is a panel of its own; on a narrow screen they are a strip of one line
 * each.  What the site has no targets for is not there.  Figures are those of the screens 3 to 5,
 * as calm as there. */
#ifndef TUI_ROWS_DESK_H
#define TUI_ROWS_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows_cells.h"
#include "tui/rows_channels.h"
#include "tui/rows_databases.h"
#include "tui/rows_integration.h"

enum desk_panel { DESK_INTEGRATION, DESK_TEST, DESK_CHANNELS, DESK_DATABASES, DESK_PANELS };

struct desk {
    struct integration_list integration;
    struct channel_list channels;
    struct database_list databases;
};

void desk_init(struct desk *d);
void desk_release(struct desk *d);
void desk_update(struct console *c, struct desk *d);

/* Lines that the panel needs inside its frame; 0: it is not there. */
int desk_lines(const struct console *c, const struct desk *d, enum desk_panel panel);
void desk_draw(const struct console *c, const struct desk *d, enum desk_panel panel,
               struct surface *s, struct area a, enum frame frame);
int desk_strip_lines(const struct console *c, const struct desk *d);
void desk_strip_draw(const struct console *c, const struct desk *d, struct surface *s,
                     struct area a, enum frame frame);

/* "ready to switch: NO" (is_short: "switch: NO"); "" where nothing could be. */
const char *desk_ready(const struct console *c, bool is_short, char out[CELL_TEXT_MAX]);
/* Below the halves: replication, and what blocks. */
int desk_halves_lines(const struct console *c);
void desk_halves_draw(const struct console *c, const struct desk *d, struct surface *s,
                      struct area a);
/* Below the components: the hotline. */
int desk_hotline_lines(const struct console *c);
void desk_hotline_draw(const struct console *c, const struct desk *d, struct surface *s,
                       struct area a);

#endif
