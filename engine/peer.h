/* peer.h - the process at the other end of a Unix socket: does it live? */
#ifndef ENGINE_PEER_H
#define ENGINE_PEER_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor that outlives the connection, and is about that process even when its number is
 * given to another.  -1 where it cannot be known: the peer that the kernel names is not the one
 * that it claims to be (a relay stands between: `ssh -L`), or the kernel is too old.  The caller
 * closes it. */
int peer_open(int socket, int64_t claimed_pid);
bool peer_has_ended(int peer); /* false for -1 */

#endif
