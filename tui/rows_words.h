/* rows_words.h - short codes of site files and replies (labels, tags, facts) as words.
 *
 * What is not in the tables is shown as it came: a site may use codes of its own. */
#ifndef TUI_ROWS_WORDS_H
#define TUI_ROWS_WORDS_H

#include <stddef.h>

#include "core/fleet.h"
#include "tui/rows_cells.h"

enum word_family { WORD_LINK, WORD_MODE, WORD_BLOCKER, WORD_FLOW, WORD_BLAME, WORD_ROLLOUT };

/* Translated; code itself if it is unknown, "" for NULL. */
const char *words_of_code(enum word_family family, const char *code);
/* The label, else a fact of that name of any of its checks, else a tag "key=value"; NULL: none.
 * Borrowed from the fleet. */
const char *words_find(const struct target *t, const char *key);
/* Tags as words, joined: "roll-out not confirmed, vip"; "" if there are none.  What has a sign of
 * its own (standby, test) is left out. */
const char *words_tags(const struct target *t, char out[CELL_TEXT_MAX * 2]);

#endif
