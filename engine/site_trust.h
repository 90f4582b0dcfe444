/* site_trust.h - may what stands in this file be run and asked in our name?  (security.md section
 * 7)
 *
 * Apart from site_file.c, since <grp.h> and the fleet both have a struct group. */
#ifndef ENGINE_SITE_TRUST_H
#define ENGINE_SITE_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/err.h"

/* A regular file of root, of this account, or of whoever owns the running program, that nobody else
 * can write to.  False and e: what was found, what is expected, what to do. */
bool site_trust_file(const struct stat *st, struct err *e);

#endif
