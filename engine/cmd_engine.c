/* trucban engine --site FILE [--socket PATH] [--state DIR] [--set NAME=VALUE]… [--linger] */
#include "engine/cmd_engine.h"

#include <stdlib.h>

#include "engine/cmd.h"
#include "engine/engine.h"
#include "engine/paths.h"

static int run(const struct cmd_voice *voice, const struct cmd_options *o)
{
    struct err e;
    struct engine_options engine = {.socket = o->socket,
                                    .state = o->state,
                                    .is_lingering = (o->given & OPT_LINGER) != 0,
                                    .speak = voice->speak,
                                    .translate = voice->translate};
    char *path = paths_site_file(o->site, paths_getenv, &e);
    if (path == NULL)
        return cmd_fail(NULL, EXIT_USAGE, "engine", "%s", e.text);
    engine.site_file = path;
    int status = cmd_load_vars("engine", o, &engine.set);
    if (status == 0)
        status = engine_run(&engine);
    site_vars_release(&engine.set);
    free(path);
    return status;
}

int cmd_engine(const struct cmd_voice *voice, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(NULL, cmd_find("engine"), argc, argv, &o);
    if (status >= 0)
        return status;
    status = run(voice, &o);
    cmd_options_release(&o);
    return status;
}
