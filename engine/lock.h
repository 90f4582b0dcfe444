/* lock.h - one engine per store: an OFD lock on SITE.lock, held for the life of the process.
 *
 * The kernel drops it when the holder dies, however it dies, so a dead engine's place is free at
 * once.  The file says who holds it; a second engine is refused with exactly that. */
#ifndef ENGINE_LOCK_H
#define ENGINE_LOCK_H

#include <stdint.h>

#include "core/err.h"

/* The descriptor that holds the lock (close gives it up), or -1 with e: "engine already running:
 * pid N since T (state \"DIR\")". */
int lock_take(const char *state_dir, const char *site_id, int64_t now_ms, struct err *e);

#endif
