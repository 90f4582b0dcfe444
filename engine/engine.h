/* engine.h - the engine as a whole: what is wired to what, its life from lock to last checkpoint.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>

#include "core/say.h"
#include "engine/site.h"

struct engine_options { /* borrowed */
    const char *site_file;
    const char *socket, *state; /* NULL: the usual places (engine/paths.h) */
    struct site_vars set;
    bool (*speak)(const char *lang); /* what leaves for people is in the site's language; */
    say_translate_fn *translate;     /* both NULL: English */
    bool is_lingering;               /* a private engine: ends when the last console has left */
};

/* Runs until SIGTERM or SIGINT (or the last console's end); SIGHUP reads the site file again,
 * except that it ends a private engine, and one whose terminal is gone.  Returns the exit status;
 * why it could not start is said on standard error, and one line when it is ready: "trucban engine:
 * ready, pid N, socket PATH". */
int engine_run(const struct engine_options *o);

#endif
