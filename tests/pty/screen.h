/* screen.h - a real terminal's model (libvterm), and a scan of the raw bytes that made the picture.
 *
 * The scan knows every sequence that ncurses writes for the terminals of the tests; whatever else
 * starts with an escape, a C1 control, an unusual C0 control or a question to the terminal is
 * counted, so that a test can say "nothing from outside reached the terminal". */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
    uint64_t bytes, writes; /* writes: chunks as they came from the pty */
    unsigned bells, strings /* OSC DCS APC PM SOS */, queries, unknown, controls /* C0, C1 */;
    char first_odd[64]; /* the first thing counted above (bells apart), readable; "" none */
    /* modes that a program must put back */
    bool is_alt, is_cursor_hidden, is_mouse, is_paste, is_focus;
    bool ever_alt;
};

struct screen;
struct screen *screen_new(int lines, int cols);
void screen_free(struct screen *s);
void screen_feed(struct screen *s, const char *bytes, size_t n);
void screen_resize(struct screen *s, int lines, int cols);
void screen_size(const struct screen *s, int *lines, int *cols);
/* Takes what the terminal answers (to queries); returns bytes. */
size_t screen_reply(struct screen *s, char *out, size_t max);
struct scan *screen_scan(struct screen *s);
/* One row as UTF-8, trailing blanks cut. */
void screen_row(const struct screen *s, int row, char *out, size_t max);
/* One cell as UTF-8 ("" for the right half of a wide one); attrs gets letters of "bdiur". */
void screen_cell(const struct screen *s, int row, int col, char *out, size_t max, char attrs[8]);

#endif
