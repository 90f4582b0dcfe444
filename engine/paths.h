/* paths.h - where an engine's socket and state are, for engine and clients alike.
 *
 *   socket  --socket, $TRUCBAN_SOCKET, else ID.sock in: /run/trucban for the service's account or
 *           where its socket exists, $XDG_RUNTIME_DIR/trucban, else the state directory
 *   state   --state, $TRUCBAN_STATE, else /var/lib/trucban for the service's account,
 *           $XDG_STATE_HOME/trucban, ~/.local/state/trucban
 *
 * Results are fresh strings (the caller frees) or NULL with the reason in e.  `env` is getenv in
 * the programs and a table in tests. */
#ifndef ENGINE_PATHS_H
#define ENGINE_PATHS_H

#include <stdbool.h>

#include "core/err.h"

#define PATHS_RUN_DIR   "/run/trucban"
#define PATHS_LIB_DIR   "/var/lib/trucban"
#define PATHS_SITE_FILE "/etc/trucban/site.json"
#define PATHS_ACCOUNT   "trucban"

typedef const char *paths_env_fn(const char *name);
const char *paths_getenv(const char *name); /* getenv, but an empty value counts as unset */

/* Only "site.id" of the file, without looking at the rest. */
char *paths_site_id(const char *site_file, struct err *e);
/* `given` (or NULL), $TRUCBAN_SITE, /etc/trucban/site.json if it can be read; else a sentence that
 * names `trucban drill`. */
char *paths_site_file(const char *given, paths_env_fn *env, struct err *e);
char *paths_state_dir(const char *given, paths_env_fn *env, struct err *e);
/* site_id may be NULL where `given` or $TRUCBAN_SOCKET says it all.  A path too long for a socket
 * (107 bytes) is an error. */
char *paths_socket(const char *given, const char *site_id, const char *state_dir_given,
                   paths_env_fn *env, struct err *e);
bool paths_check_socket(const char *path, struct err *e);
/* Makes the directory and its parents, 0700. */
bool paths_make_dir(const char *path, struct err *e);
/* The same for the folder that a file is in. */
bool paths_make_parent(const char *file, struct err *e);

#endif
