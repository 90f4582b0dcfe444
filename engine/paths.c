/* paths.c - see paths.h. */
#include "engine/paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "engine/jval.h"

#define SITE_BYTES_MAX (16u << 20)

const char *paths_getenv(const char *name)
{
    const char *s = getenv(name);
    return s != NULL && s[0] != '\0' ? s : NULL;
}

static char *joined(const char *dir, const char *tail)
{
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s/%s", dir, tail);
    return buf_take(&b);
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return err_set(e, "cannot read site file \"%s\": %s", path, strerror(errno));
    char bytes[8192];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0 && out->len < SITE_BYTES_MAX)
        buf_add(out, bytes, n);
    bool is_bad = ferror(f) != 0;
    int why = errno;
    fclose(f);
    if (is_bad)
        return err_set(e, "cannot read site file \"%s\": %s", path, strerror(why));
    if (out->len >= SITE_BYTES_MAX)
        return err_set(e, "site file \"%s\" is larger than 16 MiB", path);
    return true;
}

char *paths_site_id(const char *site_file, struct err *e)
{
    struct buf b = BUF_INIT(0);
    struct jval *j = NULL;
    char *id = NULL;
    if (read_file(site_file, &b, e)) {
        j = jval_parse(buf_text(&b), b.len, e);
        if (j == NULL)
            err_prefix(e, "site file \"%s\"", site_file);
    }
    if (j != NULL) {
        const char *s = jval_str(jval_pointer(j, "/site/id"));
        if (s == NULL || !text_is_name(s))
            err_set(e,
                    "site file \"%s\": /site/id: no name of a site there, expected letters, "
                    "digits and . _ : -",
                    site_file);
        else
            id = mem_strdup(s);
    }
    jval_free(j);
    buf_release(&b);
    return id;
}

char *paths_site_file(const char *given, paths_env_fn *env, struct err *e)
{
    if (given != NULL)
        return mem_strdup(given);
    if (env("TRUCBAN_SITE") != NULL)
        return mem_strdup(env("TRUCBAN_SITE"));
    if (access(PATHS_SITE_FILE, R_OK) == 0)
        return mem_strdup(PATHS_SITE_FILE);
    err_set(e,
            "no site file: give --site FILE or set TRUCBAN_SITE (%s cannot be read); to see "
            "trucban at work without one, run `trucban drill`",
            PATHS_SITE_FILE);
    return NULL;
}

static bool is_service(void)
{
    struct passwd pw, *found = NULL;
    char space[4096];
    return getpwnam_r(PATHS_ACCOUNT, &pw, space, sizeof space, &found) == 0 && found != NULL &&
           found->pw_uid == geteuid();
}

char *paths_state_dir(const char *given, paths_env_fn *env, struct err *e)
{
    if (given != NULL)
        return mem_strdup(given);
    if (env("TRUCBAN_STATE") != NULL)
        return mem_strdup(env("TRUCBAN_STATE"));
    if (is_service())
        return mem_strdup(PATHS_LIB_DIR);
    if (env("XDG_STATE_HOME") != NULL)
        return joined(env("XDG_STATE_HOME"), "trucban");
    if (env("HOME") != NULL)
        return joined(env("HOME"), ".local/state/trucban");
    err_set(e, "no folder for the engine's state: give --state DIR, or set TRUCBAN_STATE or HOME");
    return NULL;
}

bool paths_check_socket(const char *path, struct err *e)
{
    size_t max = sizeof((struct sockaddr_un *)0)->sun_path - 1;
    size_t len = strlen(path);
    if (len == 0)
        return err_set(e, "the path of the engine's socket is empty; give --socket PATH");
    if (len > max)
        return err_set(e,
                       "socket \"%.300s\": %zu bytes, a socket's path has at most %zu; give a "
                       "shorter one with --socket",
                       path, len, max);
    return true;
}

/* Where SITE.sock is by the rules; no check of its length. */
static char *socket_by_rules(const char *site_id, const char *state_given, paths_env_fn *env,
                             struct err *e)
{
    char name[TEXT_MAX_NAME + 8];
    struct stat st;
    snprintf(name, sizeof name, "%.128s.sock", site_id);
    char *service = joined(PATHS_RUN_DIR, name);
    if (is_service() || (stat(service, &st) == 0 && S_ISSOCK(st.st_mode)))
        return service;
    free(service);
    if (env("XDG_RUNTIME_DIR") != NULL) {
        char *dir = joined(env("XDG_RUNTIME_DIR"), "trucban");
        char *path = joined(dir, name);
        free(dir);
        return path;
    }
    char *state = paths_state_dir(state_given, env, e);
    char *path = state != NULL ? joined(state, name) : NULL;
    free(state);
    return path;
}

char *paths_socket(const char *given, const char *site_id, const char *state_dir_given,
                   paths_env_fn *env, struct err *e)
{
    char *path = NULL;
    if (given != NULL)
        path = mem_strdup(given);
    else if (env("TRUCBAN_SOCKET") != NULL)
        path = mem_strdup(env("TRUCBAN_SOCKET"));
    else if (site_id != NULL)
        path = socket_by_rules(site_id, state_dir_given, env, e);
    else
        err_set(e, "no engine named: give --site FILE or --socket PATH");
    if (path != NULL && !paths_check_socket(path, e)) {
        free(path);
        return NULL;
    }
    return path;
}

bool paths_make_dir(const char *path, struct err *e)
{
    char *copy = mem_strdup(path);
    bool is_ok = true;
    for (char *p = copy + 1; is_ok && copy[0] != '\0'; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char was = *p;
        *p = '\0';
        struct stat st;
        int why = mkdir(copy, 0700) != 0 ? errno : 0;
        bool is_dir = why == 0 || (stat(copy, &st) == 0 && S_ISDIR(st.st_mode));
        if (!is_dir)
            is_ok = err_set(e, "cannot make folder \"%s\": %s", copy,
                            strerror(why == EEXIST ? ENOTDIR : why));
        if (was == '\0')
            break;
        *p = was;
    }
    free(copy);
    return is_ok;
}

bool paths_make_parent(const char *file, struct err *e)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL || slash == file)
        return true;
    char *dir = mem_strndup(file, (size_t)(slash - file));
    bool is_ok = paths_make_dir(dir, e);
    free(dir);
    return is_ok;
}
