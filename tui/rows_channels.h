/* rows_channels.h - SMS, mail and the hotline: what reaches people, and who reaches us. */
#ifndef TUI_ROWS_CHANNELS_H
#define TUI_ROWS_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/console.h"
#include "tui/rows_figures.h"
#include "tui/rows_parts.h"

/* Of a channel. */
enum channel_figure {
    CHANNEL_DELIVERED,
    CHANNEL_ACCEPTED,
    CHANNEL_DELAY,
    CHANNEL_QUEUE,
    CHANNEL_OLDEST,
    CHANNEL_BOUNCE,
    CHANNEL_QUOTA,
    CHANNEL_EXPIRY,
    CHANNEL_CERT,
    CHANNEL_PROOF,
    CHANNEL_LINKS,     /* of a gateway: online … */
    CHANNEL_LINKS_ALL, /* … of so many */
    CHANNEL_FIGURES
};
/* Of a hotline. */
enum hotline_figure {
    HOTLINE_BUSY,
    HOTLINE_TOTAL,
    HOTLINE_WAITING,
    HOTLINE_ABANDONED,
    HOTLINE_WAIT,
    HOTLINE_FIGURES
};

struct channel_list {
    struct parts parts;
    struct figures channels, hotlines;
};

size_t channels_count(const struct fleet *f); /* targets of kind channel or hotline */
void channel_list_init(struct channel_list *l);
void channel_list_release(struct channel_list *l);
/* Fills the list; then parts_settle(&l->parts, lines). */
void channel_list_fill(struct console *c, struct channel_list *l);
void channel_list_draw(const struct console *c, const struct channel_list *l, struct surface *s,
                       struct area a);
/* "■■■■■■■□□□" of busy lines, and "7/10" behind it, in at most cols columns; false: not known. */
bool channel_hotline_bar(const struct channel_list *l, const struct target *t, int cols,
                         char out[CELL_TEXT_MAX * 2]);

#endif
