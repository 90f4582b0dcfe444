/* trucban-engine: all that waits and nothing that paints.  People type `trucban`, which exec's
 * this. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/environment.h"
#include "tui/lang.h"
#include "tui/launch.h"

static int run_engine(int argc, char **argv)
{
    static const struct cmd_voice voice = {lang_set, lang_get};
    static const char *const candidates[] = {"locale", "../../share/locale",
                                             TRUCBAN_PREFIX "/share/locale", NULL};
    char folder[4096];
    bool is_found = launch_find(candidates, folder, sizeof folder);
    lang_start(is_found ? folder : TRUCBAN_PREFIX "/share/locale");
    return cmd_engine(&voice, argc, argv);
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"engine", run_engine}, {"probe", cmd_probe}, {"site", cmd_site},
    {"drill", cmd_drill},   {"sim", cmd_sim},     {"manual", cmd_manual},
};

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    environment_clean();
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--version") == 0) {
        puts("trucban-engine " TRUCBAN_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return cmd_fail(
        NULL, EXIT_USAGE, "",
        "trucban-engine has no command \"%s\", only engine, probe, site, drill, sim and "
        "manual; see trucban --help",
        name);
}
