/* doctor.c - see doctor.h.  A row each, at the foot. */
#include "tui/doctor.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/link.h"
#include "tui/launch.h"
#include "tui/term.h"

#define ENGINE_WAIT_MS 3000
#define MIN_COLS       80
#define MIN_LINES      24
#define ZONES          "/usr/share/zoneinfo/"

static struct remark found(enum remark_level level, char *say)
{
    return (struct remark){.level = level, .say = say};
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* --- the terminal ---------------------------------------------------------------------------- */

static struct remark look_locale(const struct desk *d)
{
    const char *codeset = nl_langinfo(CODESET);
    (void)d;
    if (strcasecmp(codeset, "UTF-8") == 0)
        return found(REMARK_OK, mem_strdup(N_("The locale is UTF-8.")));
    return found(REMARK_WARNING,
                 SAY(N_("The locale's characters are {0}, not UTF-8: Vietnamese is shown without "
                        "its marks; set LC_ALL=C.UTF-8."),
                     codeset));
}

static struct remark look_terminal(const struct desk *d)
{
    const char *name = getenv("TERM");
    char colours[16];
    int n = term_ncurses_colours(name && *name ? name : "");
    (void)d;
    snprintf(colours, sizeof colours, "%d", n);
    if (!name || !*name)
        return found(REMARK_ERROR, mem_strdup(N_("TERM is not set: name your terminal's type, "
                                                 "for example TERM=xterm-256color.")));
    if (n < 0)
        return found(REMARK_ERROR, SAY(N_("Nothing is known of the terminal type TERM={0}: "
                                          "install ncurses-term, or set it to xterm-256color."),
                                       name));
    if (n < 8)
        return found(
            REMARK_WARNING,
            SAY(N_("TERM={0} has no colours: states are told apart by signs alone."), name));
    return found(REMARK_OK, SAY(N_("TERM={0} is known, with {1} colours."), name, colours));
}

static struct remark look_size(const struct desk *d)
{
    int lines, cols;
    char l[16], c[16];
    (void)d;
    if (!term_ncurses_size(&lines, &cols))
        return found(REMARK_WARNING,
                     mem_strdup(N_("This is no terminal: the console would not open here.")));
    snprintf(l, sizeof l, "%d", lines);
    snprintf(c, sizeof c, "%d", cols);
    if (cols < MIN_COLS || lines < MIN_LINES)
        return found(REMARK_WARNING,
                     SAY(N_("The screen has {0}x{1}: all of the console needs 80x24."), c, l));
    return found(REMARK_OK, SAY(N_("The screen has {0}x{1}."), c, l));
}

static struct remark look_tmux(const struct desk *d)
{
    char answer[64];
    char *argv[] = {(char *)"tmux", (char *)"show", (char *)"-gv", (char *)"allow-passthrough",
                    NULL};
    (void)d;
    if (!is_set("TMUX"))
        return found(REMARK_OK, mem_strdup(N_("No tmux in between.")));
    int status = launch_ask(argv, DOCTOR_CHILD_MS, answer, sizeof answer);
    if (status == 0 && (strcmp(answer, "on") == 0 || strcmp(answer, "all") == 0))
        return found(REMARK_OK, mem_strdup(N_("tmux lets notices of the terminal through; use "
                                              "--notify osc.")));
    return found(REMARK_WARNING,
                 mem_strdup(N_("tmux lets only the bell through: `set -g allow-passthrough on` in "
                               "its configuration lets notices through as well.")));
}

/* --- notices --------------------------------------------------------------------------------- */

static struct remark look_desktop(const struct desk *d)
{
    char path[4096], answer[400], bus[512];
    (void)d;
    if (!launch_notify_path(path, sizeof path))
        return found(REMARK_WARNING, mem_strdup(N_("trucban-notify is not found: no notices on "
                                                   "the desktop.")));
    snprintf(bus, sizeof bus, "%s/bus", is_set("XDG_RUNTIME_DIR") ? getenv("XDG_RUNTIME_DIR") : "");
    if (!is_set("DBUS_SESSION_BUS_ADDRESS") && access(bus, R_OK | W_OK) != 0)
        return found(REMARK_OK, mem_strdup(N_("There is no session bus here: new alerts are told "
                                              "by the bell and by the terminal.")));
    char *argv[] = {path, (char *)"--check", NULL};
    int status = launch_ask(argv, DOCTOR_CHILD_MS, answer, sizeof answer);
    const char *words = strchr(answer, '\t');
    char *clean = text_cleaned(words ? words + 1 : "", strlen(words ? words + 1 : ""), 200, 0);
    struct remark f =
        status == 0  ? found(REMARK_OK, SAY(N_("Notices on the desktop are shown by {0}."), clean))
        : status < 0 ? found(REMARK_WARNING, mem_strdup(N_("The desktop's notification daemon "
                                                           "does not answer in 3 s.")))
                     : found(REMARK_WARNING,
                             mem_strdup(N_("There is a session bus, but nobody on it that shows "
                                           "notices.")));
    free(clean);
    return f;
}

/* --- the engine ------------------------------------------------------------------------------ */

static struct remark of_hello(const struct link_hello *h, const char *path)
{
    if (strcmp(h->engine_version, TRUCBAN_VERSION) != 0)
        return found(REMARK_WARNING,
                     SAY(N_("The engine on {0} is version {1}, this program {2}: restart the "
                            "engine, or install both anew."),
                         path, h->engine_version, TRUCBAN_VERSION));
    return found(REMARK_OK,
                 SAY(N_("The engine on {0} answers; you are {1} ({2})."), path, h->login, h->role));
}

static struct remark look_engine(const struct desk *d)
{
    struct link_calls calls = {.is_quiet = true};
    struct err e;
    if (!d->socket_path)
        return found(REMARK_WARNING,
                     mem_strdup(N_("No engine is named: give --site FILE or --socket PATH; "
                                   "`trucban drill` is for trying.")));
    if (!launch_socket_answers(d->socket_path))
        return found(REMARK_WARNING, SAY(N_("No engine answers on {0}: `trucban --site FILE` "
                                            "starts one, `trucban drill` is for trying."),
                                         d->socket_path));
    struct link *l = link_new(d->socket_path, NULL, &calls, NULL);
    bool is_up = link_wait_picture(l, ENGINE_WAIT_MS, &e);
    struct remark f = is_up ? of_hello(link_hello(l), d->socket_path)
                            : found(REMARK_ERROR, SAY(N_("The engine on {0} does not speak to "
                                                         "us: {1}"),
                                                      d->socket_path, e.text));
    link_free(l);
    return f;
}

/* Those that would have to tell of their own failure. */
static size_t list_lonely(const struct fleet *f, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        const char *class = target_label(t, "class"), *others = target_label(t, "others");
        if (class == NULL || strcmp(class, "receiver") != 0)
            continue;
        n++;
        if (others != NULL && strcmp(others, "none") == 0)
            buf_addf(out, "%s%s", out->len > 0 ? ", " : "", t->id);
    }
    return n;
}

static struct remark of_receivers(const struct fleet *f)
{
    struct buf lonely = BUF_INIT(TEXT_MAX_LISTED);
    size_t n = list_lonely(f, &lonely);
    struct remark r =
        n == 0 ? found(REMARK_WARNING, mem_strdup(N_("The site names no receivers: alerts are told "
                                                     "to nobody but who looks at a console.")))
        : lonely.len > 0
            ? found(REMARK_WARNING, SAY(N_("When these fail nobody is told of it: {0}. Give the "
                                           "site another receiver for that."),
                                        buf_text(&lonely)))
            : found(REMARK_OK, mem_strdup(N_("When a receiver fails, another one is told of it.")));
    buf_release(&lonely);
    return r;
}

static struct remark look_receivers(const struct desk *d)
{
    struct link_calls calls = {0};
    struct err e;
    if (!d->socket_path || !launch_socket_answers(d->socket_path))
        return found(REMARK_OK, mem_strdup(N_("No engine to be asked about receivers.")));
    struct fleet *mirror = fleet_new();
    struct link *l = link_new(d->socket_path, mirror, &calls, NULL);
    struct remark f =
        link_wait_picture(l, ENGINE_WAIT_MS, &e)
            ? of_receivers(mirror)
            : found(REMARK_OK, mem_strdup(N_("No engine to be asked about receivers.")));
    link_free(l);
    fleet_free(mirror);
    return f;
}

static struct remark look_site(const struct desk *d)
{
    char engine[4096], answer[600];
    struct err e;
    if (!d->site_file)
        return found(REMARK_OK, mem_strdup(N_("No site file is named; `trucban site check FILE` "
                                              "checks one.")));
    if (access(d->site_file, R_OK) != 0)
        return found(REMARK_ERROR, SAY(N_("The site file {0} cannot be read: {1}"), d->site_file,
                                       strerror(errno)));
    if (!launch_engine_path(engine, sizeof engine, &e))
        return found(REMARK_ERROR, mem_strdup(N_("trucban-engine is not found.")));
    char *argv[] = {engine, (char *)"site", (char *)"check", (char *)d->site_file, NULL};
    int status = launch_ask(argv, DOCTOR_CHILD_MS, answer, sizeof answer);
    if (status == 0)
        return found(REMARK_OK, SAY(N_("The site file {0} is sound."), d->site_file));
    return found(REMARK_ERROR, SAY(N_("The site file {0} has mistakes: `trucban site check {0}` "
                                      "names them."),
                                   d->site_file));
}

/* The nearest folder above that exists is where it would be made. */
static struct remark look_state(const struct desk *d)
{
    if (!d->state_folder)
        return found(REMARK_ERROR, SAY(N_("No place for the engine's state: {0}"), d->state_error));
    char *path = mem_strdup(d->state_folder), *slash;
    bool is_there = access(path, F_OK) == 0;
    while (access(path, F_OK) != 0 && (slash = strrchr(path, '/')) != NULL && slash != path)
        *slash = '\0';
    char folder[4096]; /* with a "." at its end: a file is no folder */
    snprintf(folder, sizeof folder, "%s/.", path);
    bool may_write = access(folder, W_OK | X_OK) == 0;
    free(path);
    if (!may_write)
        return found(REMARK_ERROR,
                     SAY(N_("The state folder {0} cannot be written to: no engine of your own can "
                            "start; --state names another."),
                         d->state_folder));
    return found(REMARK_OK,
                 is_there ? SAY(N_("The state folder {0} can be written to."), d->state_folder)
                          : SAY(N_("The state folder {0} can be made."), d->state_folder));
}

/* --- the machine ----------------------------------------------------------------------------- */

static struct remark look_clock(const struct desk *d)
{
    struct timex t = {0};
    int state = adjtimex(&t);
    (void)d;
    if (state < 0)
        return found(REMARK_WARNING,
                     SAY(N_("It cannot be told whether the clock is right: {0}"), strerror(errno)));
    if (state == TIME_ERROR || (t.status & STA_UNSYNC))
        return found(REMARK_WARNING, mem_strdup(N_("The clock is not kept right by anybody: run "
                                                   "chrony or systemd-timesyncd.")));
    return found(REMARK_OK, mem_strdup(N_("The clock is kept right.")));
}

static struct remark look_zones(const struct desk *d)
{
    const char *zone = getenv("TZ");
    char path[300];
    (void)d;
    if (!zone || !*zone || *zone == '/' || strstr(zone, ".."))
        zone = "Asia/Ho_Chi_Minh"; /* that of the shipped sites */
    snprintf(path, sizeof path, ZONES "%.200s", *zone == ':' ? zone + 1 : zone);
    if (access(path, R_OK) == 0)
        return found(REMARK_OK, SAY(N_("The time zone {0} is known."), zone));
    return found(REMARK_WARNING,
                 SAY(N_("Nothing is known of the time zone {0}: install tzdata; until then times "
                        "are in UTC."),
                     zone));
}

static struct remark look_files(const struct desk *d)
{
    if (!d->locale_folder)
        return found(REMARK_WARNING,
                     mem_strdup(N_("The translations are not found: everything is in English.")));
    if (!d->theme_folder)
        return found(REMARK_WARNING,
                     mem_strdup(N_("The themes are not found: only the built-in colours.")));
    return found(REMARK_OK, mem_strdup(N_("Translations and themes are found.")));
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct row {
    const char *name;
    struct remark (*look)(const struct desk *d);
} rows[] = {
    {"locale", look_locale},       {"terminal", look_terminal}, {"size", look_size},
    {"tmux", look_tmux},           {"desktop", look_desktop},   {"engine", look_engine},
    {"receivers", look_receivers}, {"site", look_site},         {"state", look_state},
    {"clock", look_clock},         {"timezone", look_zones},    {"files", look_files},
};
_Static_assert(sizeof rows / sizeof *rows <= DOCTOR_MAX, "more rows than remarks");

size_t doctor_look(const struct desk *d, struct remark out[DOCTOR_MAX])
{
    size_t n = sizeof rows / sizeof *rows;
    for (size_t i = 0; i < n; i++) {
        out[i] = rows[i].look(d);
        out[i].name = rows[i].name;
    }
    return n;
}
