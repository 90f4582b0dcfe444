/* keymap.h - which key runs which command line.
 *
 * tui/default.keys is compiled in; the user's file ($XDG_CONFIG_HOME/trucban/keys) is read over it.
 *     a       = ack            ; KEY = COMMAND [ARGUMENTS]
 *     C-l     = redraw
 *     F5      = none           ; takes a binding away
 * Keys: a character, or Enter Esc Tab S-Tab Space Backspace Insert Delete Up Down Left Right Home
 * End PgUp PgDn F1-F12 semicolon; C-x is Ctrl, M-x is Alt. */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

#define KEY_NAME_MAX 16

struct keymap;
struct keymap *keymap_new(void); /* with the defaults */
void keymap_free(struct keymap *m);
/* Reads a file's text over what is bound; errors name FILE:LINE, and what stood before them counts.
 * `is_command` (may be NULL) says if a command line's first word exists. */
bool keymap_parse(struct keymap *m, const char *path, const char *text,
                  bool (*is_command)(const char *name), struct err *e);
/* The command line of a key, NULL if unbound.  An accented letter counts as its base letter. */
const char *keymap_find(const struct keymap *m, uint32_t key);
/* The keys of a command (its whole line), "a, F2", in the order they were bound; "" if none. */
const char *keymap_keys_of(const struct keymap *m, const char *line, char out[64]);
/* The first key of a command, "" if none: for the key bar. */
const char *keymap_key_of(const struct keymap *m, const char *line, char out[KEY_NAME_MAX]);

bool key_parse(const char *name, uint32_t *key);
const char *key_name(uint32_t key, char out[KEY_NAME_MAX]);

#endif
