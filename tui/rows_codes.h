/* rows_codes.h - short codes of site files and replies (labels, tags, facts) as words.
 *
 * What is not in the tables is shown as it came: a site may use codes of its own. */
#ifndef TUI_ROWS_CODES_H
#define TUI_ROWS_CODES_H

#include <stddef.h>

#include "core/fleet.h"
#include "tui/rows_cells.h"

enum code_family { CODE_LINK, CODE_MODE, CODE_BLOCKER, CODE_FLOW, CODE_BLAME, CODE_ROLLOUT };

/* Translated; code itself if it is unknown, "" for NULL. */
const char *codes_word(enum code_family family, const char *code);
/* The label, else (also where the label is "?") a fact of that name of any of its checks, else a
 * tag "key=value"; NULL: none.  Borrowed from the fleet. */
const char *codes_find(const struct target *t, const char *key);
/* Tags as words, joined: "roll-out not confirmed, vip"; "" if there are none.  What has a sign of
 * its own (standby, test) is left out. */
const char *codes_tags(const struct target *t, char out[CELL_TEXT_MAX * 2]);

#endif
