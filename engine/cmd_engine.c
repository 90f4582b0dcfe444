/* trucban engine --site FILE [--socket PATH] [--state DIR] [--set NAME=VALUE]… [--linger] */
#include "engine/cmd_engine.h"

#include <stdlib.h>

#include "engine/cmd.h"
#include "engine/engine.h"
#include "engine/paths.h"

int cmd_engine(int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(NULL, cmd_find("engine"), argc, argv, &o);
    if (status >= 0)
        return status;
    struct err why;
    struct engine_options e = {
        .socket = o.socket, .state = o.state, .is_lingering = (o.given & OPT_LINGER) != 0};
    char *site = paths_site_file(o.site, paths_getenv, &why);
    bool is_good = site != NULL;
    for (size_t i = 0; is_good && i < o.n_sets; i++)
        is_good = site_vars_add(&e.set, o.sets[i], &why);
    if (is_good) {
        e.site_file = site;
        status = engine_run(&e);
    } else {
        status = cmd_fail(NULL, EXIT_USAGE, "engine", "%s", why.text);
    }
    site_vars_release(&e.set);
    free(site);
    cmd_options_release(&o);
    return status;
}
