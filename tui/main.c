/* main.c - trucban: the console, the client's commands, and the way to trucban-engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/cmd.h"
#include "engine/jval.h"
#include "engine/paths.h"
#include "tui/console_private.h"
#include "tui/doctor.h"
#include "tui/lang.h"
#include "tui/launch.h"

#define ENGINE_START_MS 10000
#define DRILL_FIRST_MS  15000

static int fail(int status, const char *text)
{
    return cmd_fail(NULL, status, "", "%s", text);
}

/* --- language -------------------------------------------------------------------------------- */

static bool find_locale(char *folder, size_t max)
{
    static const char *const candidates[] = {"locale", "../share/locale",
                                             TRUCBAN_PREFIX "/share/locale", NULL};
    return launch_find(candidates, folder, max);
}

static void start_language(void)
{
    char folder[4096];
    bool is_found = find_locale(folder, sizeof folder);
    lang_start(is_found ? folder : TRUCBAN_PREFIX "/share/locale");
}

/* What --lang says, wherever it stands; NULL: nothing. */
static const char *wanted_language(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            return argv[i + 1];
        if (strncmp(argv[i], "--lang=", 7) == 0)
            return argv[i] + 7;
    }
    return NULL;
}

/* What is spoken before the site's language is known. */
static const char *locale_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "vi", 2) == 0 ? "vi" : "en";
    }
    return "en";
}

/* --- the console ----------------------------------------------------------------------------- */

/* What a forced read-only login must not steer by its environment (security.md section 2). */
static void clean_environment(void)
{
    static const char *const names[] = {
        "TERMINFO",        "TERMINFO_DIRS",           "LD_PRELOAD", "LD_LIBRARY_PATH", "HOME",
        "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static const char *keys_file(char *out, size_t max)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config)
        snprintf(out, max, "%s/trucban/keys", config);
    else if (home && *home)
        snprintf(out, max, "%s/.config/trucban/keys", home);
    else
        return NULL;
    return access(out, F_OK) == 0 ? out : NULL;
}

static bool notify_mode(const struct cmd_options *o, enum announcer_mode *out, struct err *e)
{
    *out = ANNOUNCER_AUTO;
    return !o->notify || announcer_parse(o->notify, out) ||
           err_set(e, "--notify is \"%.40s\", expected auto, bell, osc, desktop or none",
                   o->notify);
}

static int run_console(const char *socket_path, const struct cmd_options *o, bool is_private)
{
    static const char *const themes[] = {"../../themes", "../share/trucban/themes",
                                         TRUCBAN_PREFIX "/share/trucban/themes", NULL};
    char theme_folder[4096], keys[4096], notify[4096];
    struct err e;
    bool is_read_only = o->given & OPT_READ_ONLY;
    struct console_opts opts = {.socket_path = socket_path,
                                .lang = o->lang,
                                .theme = o->theme,
                                .is_read_only = is_read_only,
                                .is_private = is_private};
    if (!notify_mode(o, &opts.notify, &e))
        return fail(EXIT_USAGE, e.text);
    if (is_read_only)
        clean_environment();
    opts.notify_program = launch_notify_path(notify, sizeof notify) ? notify : NULL;
    opts.theme_folder =
        launch_find(themes, theme_folder, sizeof theme_folder) ? theme_folder : NULL;
    opts.keys_file = keys_file(keys, sizeof keys);
    struct term *term = term_ncurses_open(&e);
    if (!term)
        return fail(EXIT_USAGE, e.text);
    struct fleet *fleet = fleet_new();
    struct console *c = console_new(term, fleet, &opts);
    int status = console_main(c);
    console_free(c);
    fleet_free(fleet);
    return status;
}

/* --- a private engine ------------------------------------------------------------------------ */

static bool start_engine(const char *site, const char *socket_path, const struct cmd_options *o,
                         int *status, struct err *e)
{
    char *argv[16 + 2 * CMD_SETS_MAX];
    int n = 1;
    argv[n++] = (char *)"engine";
    argv[n++] = (char *)"--site";
    argv[n++] = (char *)site;
    argv[n++] = (char *)"--socket";
    argv[n++] = (char *)socket_path;
    if (o->state) {
        argv[n++] = (char *)"--state";
        argv[n++] = (char *)o->state;
    }
    for (size_t i = 0; i < o->n_sets; i++) {
        argv[n++] = (char *)"--set";
        argv[n++] = (char *)o->sets[i];
    }
    argv[n++] = (char *)"--linger";
    argv[n] = NULL;
    return launch_private_engine(argv, socket_path, ENGINE_START_MS, status, e);
}

/* The engine's socket, and the site file if there is one to start an engine with.  On failure
 * *status is told apart: no site named, or one that cannot be read. */
static char *find_socket(const struct cmd_options *o, char **site, int *status, struct err *e)
{
    *status = EXIT_USAGE;
    bool is_told = o->socket || paths_getenv("TRUCBAN_SOCKET");
    *site = paths_site_file(o->site, paths_getenv, e);
    if (!*site && !is_told)
        return NULL;
    char *id = *site ? paths_site_id(*site, e) : NULL;
    if (*site && !id)
        *status = EXIT_DATA;
    char *path = id || is_told ? paths_socket(o->socket, id, o->state, paths_getenv, e) : NULL;
    free(id);
    return path;
}

static int console_command(const struct cmd_env *env, const struct cmd_options *o)
{
    struct err e;
    char *site = NULL;
    if (!isatty(STDOUT_FILENO)) /* nothing ever paints into a pipe */
        return status_print(env, o, 0, stdout);
    int status;
    char *socket_path = find_socket(o, &site, &status, &e);
    if (!socket_path) {
        free(site);
        return fail(status, e.text);
    }
    bool is_private = false;
    status = EXIT_UNAVAILABLE;
    bool is_up = launch_socket_answers(socket_path);
    bool may_start = site && !(o->given & OPT_READ_ONLY) &&
                     strncmp(socket_path, PATHS_RUN_DIR "/", strlen(PATHS_RUN_DIR) + 1) != 0;
    if (!is_up && may_start)
        is_up = is_private = start_engine(site, socket_path, o, &status, &e);
    else if (!is_up)
        err_set(&e, "no engine answers on '%.300s'", socket_path);
    if (is_up)
        status = run_console(socket_path, o, is_private);
    else
        fail(status, e.text);
    free(socket_path);
    free(site);
    return status;
}

/* --- the drill ------------------------------------------------------------------------------- */

/* The line is the socket's path, or a JSON object that has it. */
static char *socket_of(const char *line)
{
    if (*line != '{')
        return mem_strdup(line);
    struct jval *j = jval_parse(line, strlen(line), NULL);
    char *path = mem_strdup(jval_get_str(j, "socket"));
    jval_free(j);
    return path;
}

static int drill_command(const struct cmd_env *env, struct cmd_options *o, int argc, char **argv)
{
    struct launched l;
    struct err e;
    char line[4096], **child = mem_alloc((size_t)(argc + 2) * sizeof *child);
    for (int i = 0; i < argc; i++)
        child[i + 1] = argv[i];
    bool is_up = launch_held(&l, child, line, sizeof line, &e);
    free(child);
    if (!is_up)
        return fail(EXIT_UNAVAILABLE, e.text);
    char *path = socket_of(line);
    int status = EXIT_UNAVAILABLE;
    if (!path)
        fail(status, "the drill did not say where its engine listens");
    else if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        status = run_console(path, o, false);
    else {
        o->socket = path;
        status = status_print(env, o, DRILL_FIRST_MS, stdout);
        status = status <= 3 ? 0 : status; /* the drill has faults on purpose */
    }
    launch_end(&l);
    free(path);
    return status;
}

/* --- the doctor ------------------------------------------------------------------------------ */

static int doctor_command(const struct cmd_env *env, const struct cmd_options *o)
{
    static const char *const themes[] = {"../../themes", "../share/trucban/themes",
                                         TRUCBAN_PREFIX "/share/trucban/themes", NULL};
    char theme_folder[4096], locale_folder[4096], *site = NULL;
    struct err no_socket = {0}, no_state = {0};
    int status;
    struct remark found[DOCTOR_MAX];
    char *socket_path = find_socket(o, &site, &status, &no_socket);
    char *state = paths_state_dir(o->state, paths_getenv, &no_state);
    struct desk d = {.socket_path = socket_path,
                     .site_file = site,
                     .state_folder = state,
                     .state_error = no_state.text};
    d.theme_folder = launch_find(themes, theme_folder, sizeof theme_folder) ? theme_folder : NULL;
    d.locale_folder = find_locale(locale_folder, sizeof locale_folder) ? locale_folder : NULL;
    size_t n = doctor_look(&d, found);
    status = doctor_print(env, found, n, o->given & OPT_JSON, stdout);
    for (size_t i = 0; i < n; i++)
        free(found[i].say);
    free(state);
    free(socket_path);
    free(site);
    return status;
}

/* --- all of it ------------------------------------------------------------------------------- */

static int run_row(const struct cmd_env *env, const struct cmd_row *row, int argc, char **argv)
{
    struct cmd_options o = {0};
    struct err e;
    bool is_drill = strcmp(row->name, "drill") == 0, is_doctor = strcmp(row->name, "doctor") == 0;
    if (row->run)
        return row->run(env, argc, argv);
    if (row->is_engine && !is_drill) {
        launch_exec(argv - 1, &e); /* our own argv[0] gives its place to the program's */
        return fail(EXIT_UNAVAILABLE, e.text);
    }
    int status = cmd_parse(env, row, argc, argv, &o);
    if (status < 0)
        status = is_drill    ? drill_command(env, &o, argc, argv)
                 : is_doctor ? doctor_command(env, &o)
                             : console_command(env, &o);
    cmd_options_release(&o);
    return status;
}

/* `trucban --lang en status` is `trucban status --lang en`. */
static void command_first(int argc, char **argv)
{
    int at = cmd_word(argc, argv);
    for (; at > 1; at--) {
        char *word = argv[at];
        argv[at] = argv[at - 1];
        argv[at - 1] = word;
    }
}

int main(int argc, char **argv)
{
    command_first(argc, argv);
    const char *lang = wanted_language(argc, argv);
    const char *first = lang ? lang : locale_language(); /* read before lang.c sets LANGUAGE */
    start_language();
    if (!lang_set(first))
        return fail(EXIT_USAGE, "--lang needs vi or en");
    struct cmd_env env = {console_gettext, lang, lang_set};
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("trucban %s\n", TRUCBAN_VERSION);
        return 0;
    }
    char help[] = "--help";
    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* `help ack` is `ack --help` */
        argv[1] = argv[2];
        argv[2] = help;
        argc = 3;
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
                     strcmp(argv[1], "-h") == 0)) {
        cmd_help_all(&env, stdout);
        return 0;
    }
    if (argc > 1 && argv[1][0] != '-') {
        const struct cmd_row *row = cmd_find(argv[1]);
        if (row)
            return run_row(&env, row, argc - 1, argv + 1);
        return cmd_fail(&env, EXIT_USAGE, "", "no such command '%s'; `trucban --help` lists all",
                        argv[1]);
    }
    return run_row(&env, &cmd_rows[0], argc, argv);
}
