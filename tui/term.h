/* term.h - the terminal as a driver: the real one (term_ncurses.c) or a headless one (tests).
 *
 * Bytes from the keyboard are read raw and decoded by input.h, never by curses, so that an unknown
 * escape sequence is swallowed whole (finding F4). */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "tui/theme.h"
#include "widgets/surface.h"

struct input_keys; /* tui/input.h: what the terminal's function keys send */

struct term;
struct term_ops {
    const char *name;
    void (*size)(struct term *t, int *lines, int *cols);
    /* Shows the picture: only what differs from the last one is written, in one write.  Skips the
     * frame (returns false) while the terminal does not take output. */
    bool (*present)(struct term *t, const struct surface *s, const struct theme *theme);
    int (*fd)(struct term *t);
    int (*read)(struct term *t, char *bytes,
                size_t max); /* 0: nothing now; -1: the terminal is gone */
    void (*bell)(struct term *t);
    void (*suspend)(struct term *t); /* restores, stops the process, comes back */
    void (*redraw)(struct term *t);  /* forget what is on the screen */
    void (*resume)(struct term *t);  /* after a stop from outside (SIGCONT): modes again, redraw */
    /* Part of a frame is still unwritten: poll the descriptor for POLLOUT, then flush. */
    bool (*wants_write)(const struct term *t);
    void (*flush)(struct term *t);
    void (*copy)(struct term *t, const char *text); /* OSC 52 */
    /* A notice of the terminal's own (OSC 9 or 777): plain text, whatever is_notifier says. */
    void (*notify)(struct term *t, const char *title, const char *body);
    void (*close)(struct term *t); /* restores the terminal, frees t */
};
struct term {
    const struct term_ops *ops;
    bool is_utf8, has_colour;
    bool is_notifier;              /* likely to show notices of its own */
    enum theme_depth depth;        /* what theme files are resolved for */
    const struct input_keys *keys; /* what its function keys send; NULL: the usual */
};

/* NULL with e if standard input or output is no terminal, TERM is unset or unknown. */
struct term *term_ncurses_open(struct err *e);

/* For `trucban doctor`: colours of a terminal type, 0: none, -1: nothing is known of it. */
int term_ncurses_colours(const char *type);
/* Of standard output; false: it is no terminal. */
bool term_ncurses_size(int *lines, int *cols);

/* A terminal without a screen, of a given size: keeps the last picture.  Keys come from the test.
 */
struct term *term_headless_open(int lines, int cols, bool is_utf8);
void term_headless_resize(struct term *t, int lines, int cols);
const struct surface *term_headless_picture(const struct term *t);
const char *term_headless_copied(const struct term *t); /* what was copied last, "" */
const char *term_headless_notice(const struct term *t); /* the newest, "TITLE: BODY", "" */
int term_headless_bells(const struct term *t);

#endif
