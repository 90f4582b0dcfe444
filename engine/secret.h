/* secret.h - the text of a secret, which never stands in a site file itself (security.md section
 * 6). */
#ifndef ENGINE_SECRET_H
#define ENGINE_SECRET_H

#include <stdbool.h>

#include "core/err.h"

#define SECRET_MAX (64u << 10)

enum secret_source { SECRET_FILE, SECRET_ENV, SECRET_CREDENTIAL };

/* The secret without its last line end; the caller owns it.  name is a path, an environment
 * variable, or a systemd credential's name.  NULL and e: missing, empty, too long, or a file that
 * others may read or that belongs to neither root nor this account; is_absent tells that it is only
 * not there (no such file, no such variable): that may be a matter of time. */
char *secret_read(enum secret_source source, const char *name, bool *is_absent, struct err *e);

/* Whether a file that a library reads by itself (a client's key) is as private as that; else e. */
bool secret_is_private(const char *path, struct err *e);

#endif
