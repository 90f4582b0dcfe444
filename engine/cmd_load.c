/* cmd_load.c - what the commands of the engine's program share: options, then the site file. */
#include "engine/cmd_engine.h"

#include "engine/cmd.h"

int cmd_carry_out(const struct cmd_row *row, int argc, char **argv, cmd_body_fn *body)
{
    struct cmd_options o;
    int status = cmd_parse(NULL, row, argc, argv, &o);
    if (status >= 0)
        return status;
    status = body(&o);
    cmd_options_release(&o);
    return status;
}

int cmd_load_vars(const char *name, const struct cmd_options *o, struct site_vars *vars)
{
    struct err e;
    for (size_t i = 0; i < o->n_sets; i++)
        if (!site_vars_add(vars, o->sets[i], &e))
            return cmd_fail(NULL, EXIT_USAGE, name, "--set: %s", e.text);
    return 0;
}

struct site *cmd_load_site(const char *name, const struct cmd_options *o, const char *path,
                           int *status)
{
    struct site_errors errors = {0};
    struct site_vars vars = {0};
    *status = cmd_load_vars(name, o, &vars);
    struct site *site = *status == 0 ? site_load(path, &vars, &errors) : NULL;
    if (site == NULL && *status == 0)
        *status = EXIT_DATA;
    site_errors_print(&errors, stderr);
    site_errors_release(&errors);
    site_vars_release(&vars);
    return site;
}
