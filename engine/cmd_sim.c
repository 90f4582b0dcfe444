/* `sim`: the simulated fleet of a site, for the drill and for tests.  Internal: the drill runs it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/sim_server.h"
#include "engine/site.h"

static const struct cmd_row sim_row = {
    .name = "sim",
    .args = "--site FILE [--scenario FILE] [--port N|auto] [--set NAME=VALUE]",
    .help = N_("answers as the servers of a site file, on loopback, with faults on purpose"),
    .options = OPT_SITE | OPT_SCENARIO | OPT_PORT | OPT_SET,
    .is_engine = true,
};

static bool port_parse(const char *text, uint16_t *out)
{
    char *end = NULL;
    *out = 0;
    if (text == NULL || strcmp(text, "auto") == 0)
        return true;
    long port = strtol(text, &end, 10);
    *out = (uint16_t)port;
    return end != text && *end == '\0' && port >= 1 && port <= 65535;
}

static void stop(void *loop)
{
    loop_stop(loop);
}

static int serve(const struct site *site, const struct sim_scenario *scenario, uint16_t port)
{
    struct err e;
    struct loop *loop = loop_new(&e);
    struct sim *sim = loop != NULL ? sim_new(loop, site->fleet, scenario, port, &e) : NULL;
    if (sim == NULL) {
        if (loop != NULL)
            loop_free(loop);
        return cmd_fail(NULL, EXIT_CANTCREATE, "sim", "%s", e.text);
    }
    loop_signal(loop, SIGTERM, stop, loop);
    loop_signal(loop, SIGINT, stop, loop);
    printf("{\"port\":%u,\"servers\":%zu}\n", sim_port(sim), sim_servers(sim));
    fflush(stdout);
    loop_run(loop);
    sim_free(sim);
    loop_free(loop);
    return 0;
}

static int run(const struct cmd_options *o)
{
    struct site_errors errors = {0};
    struct sim_scenario scenario = {0};
    uint16_t port;
    if (o->site == NULL)
        return cmd_fail(NULL, EXIT_USAGE, "sim", "--site FILE is missing");
    if (!port_parse(o->port, &port))
        return cmd_fail(NULL, EXIT_USAGE, "sim",
                        "--port: found \"%s\", expected 1 to 65535 or auto", o->port);
    int status;
    struct site *site = cmd_load_site("sim", o, o->site, &status);
    if (o->scenario != NULL)
        sim_scenario_load(&scenario, o->scenario, &errors);
    site_errors_print(&errors, stderr);
    if (site != NULL)
        status = errors.n > 0 ? EXIT_DATA : serve(site, &scenario, port);
    site_free(site);
    sim_scenario_release(&scenario);
    site_errors_release(&errors);
    return status;
}

int cmd_sim(int argc, char **argv)
{
    return cmd_carry_out(&sim_row, argc, argv, run);
}
