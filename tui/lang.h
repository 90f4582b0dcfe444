/* lang.h - gettext under any locale; the only file that knows it is lang.c.
 *
 * The terminal's locale decides only how characters are written (LC_CTYPE).  Which language is
 * spoken is ours to say: the site's, or --lang.  Numbers stay as C writes them (LC_NUMERIC). */
#ifndef TUI_LANG_H
#define TUI_LANG_H

#include <stdbool.h>

/* Sets the locale's categories and finds the catalogues; once, first of all. */
void lang_start(const char *locale_folder);
/* "vi" or "en"; false: not one of them, nothing is changed. */
bool lang_set(const char *lang);
const char *lang_spoken(void);           /* what is spoken now */
const char *lang_get(const char *msgid); /* translated; "" stays "" */

#endif
