/* sim_paths.h - where the shipped sites are, and a folder for a drill's state. */
#ifndef ENGINE_SIM_PATHS_H
#define ENGINE_SIM_PATHS_H

#include <stdbool.h>

#include "core/err.h"

/* The folder with dvcqg/ and drill/: beside the tree that the running program was built in, or
 * where it is installed.  The caller frees; NULL and e: nowhere, with the places that were tried.
 */
char *sim_sites_dir(struct err *e);
/* A scenario by its name ("first-minute") or its path; the caller frees. */
char *sim_scenario_path(const char *sites_dir, const char *name, struct err *e);
/* Copies the sample secrets of the drill into STATE/secrets, where nobody else may read them (a
 * checkout keeps no modes, and the engine refuses what others can read). */
bool sim_copy_secrets(const char *sites_dir, const char *state, struct err *e);
/* A fresh private folder; the caller frees, and removes it with sim_remove_dir. */
char *sim_temp_dir(struct err *e);
void sim_remove_dir(const char *path);

#endif
