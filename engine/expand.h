/* expand.h - ${name} in the strings of a site file.  "$${" stands for a literal "${". */
#ifndef ENGINE_EXPAND_H
#define ENGINE_EXPAND_H

#include "core/err.h"

#define EXPAND_MAX (64u << 10) /* bytes of one expanded string */

/* The value of a name, borrowed; NULL after filling e if there is none. */
typedef const char *expand_fn(const void *arg, const char *name, struct err *e);

/* The text with every ${name} replaced once (values are not looked into); the caller frees.  NULL
 * and e: a name that find does not know, "${" that is never closed, too long. */
char *expand_text(const char *s, expand_fn *find, const void *arg, struct err *e);
/* The same for text that is filled in again later: a name that is none of the site's own (address,
 * id, target, var.X, label.X, address.X) stays as it is, as "$${" does; "${" in a value becomes
 * "$${". */
char *expand_early(const char *s, expand_fn *find, const void *arg, struct err *e);
bool expand_has_names(const char *s);

#endif
