#include "engine/sim_paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/paths.h"
#include "engine/secret.h"

/* From the folder of the program to the sites: build/VARIANT/, the root, PREFIX/libexec/trucban/,
 * PREFIX/bin/. */
static const char *const beside[] = {"../../sites", "sites", "../../share/trucban/sites",
                                     "../share/trucban/sites"};

static bool has_sites(const char *dir)
{
    struct buf file = BUF_INIT(PATH_MAX);
    buf_addf(&file, "%s/drill/site.json", dir);
    bool is_there = access(buf_text(&file), R_OK) == 0;
    buf_release(&file);
    return is_there;
}

/* The folder of the running program, symbolic links resolved. */
static bool program_dir(char out[PATH_MAX], struct err *e)
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    if (n <= 0)
        return err_set(e, "cannot tell where this program is (/proc/self/exe): %s",
                       strerror(errno));
    out[n] = '\0';
    *strrchr(out, '/') = '\0';
    return true;
}

char *sim_sites_dir(struct err *e)
{
    char here[PATH_MAX];
    if (!program_dir(here, e))
        return NULL;
    struct buf tried = BUF_INIT(ERR_MAX);
    for (size_t i = 0; i <= sizeof beside / sizeof *beside; i++) {
        struct buf dir = BUF_INIT(PATH_MAX);
        if (i < sizeof beside / sizeof *beside)
            buf_addf(&dir, "%s/%s", here, beside[i]);
        else
            buf_adds(&dir, TRUCBAN_PREFIX "/share/trucban/sites");
        char *real = has_sites(buf_text(&dir)) ? realpath(buf_text(&dir), NULL) : NULL;
        buf_addf(&tried, "%s%s", tried.len > 0 ? ", " : "", buf_text(&dir));
        buf_release(&dir);
        if (real != NULL) {
            buf_release(&tried);
            return real;
        }
    }
    err_set(e, "cannot find the shipped sites; looked for drill/site.json in %s", buf_text(&tried));
    buf_release(&tried);
    return NULL;
}

char *sim_scenario_path(const char *sites_dir, const char *name, struct err *e)
{
    struct buf path = BUF_INIT(PATH_MAX);
    if (strchr(name, '/') != NULL)
        buf_adds(&path, name);
    else
        buf_addf(&path, "%s/drill/%s.drill", sites_dir, name);
    if (access(buf_text(&path), R_OK) == 0)
        return buf_take(&path);
    err_set(e, "cannot read the scenario \"%s\" (%s): %s", name, buf_text(&path), strerror(errno));
    buf_release(&path);
    return NULL;
}

/* --- secrets -------------------------------------------------------------------------------- */

static bool copy_secret(int from_dir, int to_dir, const char *name, struct err *e)
{
    char text[SECRET_MAX];
    int from = openat(from_dir, name, O_RDONLY | O_CLOEXEC);
    int to = openat(to_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = from >= 0 && to >= 0 ? read(from, text, sizeof text) : -1;
    bool is_ok = n >= 0 && write(to, text, (size_t)n) == n;
    if (!is_ok)
        err_set(e, "cannot copy the drill's secret \"%s\": %s", name, strerror(errno));
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return is_ok;
}

static bool copy_all(DIR *from, int to_dir, struct err *e)
{
    bool is_ok = true;
    for (const struct dirent *d; is_ok && (d = readdir(from)) != NULL;)
        if (d->d_name[0] != '.')
            is_ok = copy_secret(dirfd(from), to_dir, d->d_name, e);
    return is_ok;
}

bool sim_copy_secrets(const char *sites_dir, const char *state, struct err *e)
{
    struct buf from = BUF_INIT(PATH_MAX), to = BUF_INIT(PATH_MAX);
    buf_addf(&from, "%s/drill/secrets", sites_dir);
    buf_addf(&to, "%s/secrets", state);
    bool is_ok = paths_make_dir(buf_text(&to), e);
    DIR *dir = is_ok ? opendir(buf_text(&from)) : NULL;
    int to_dir = dir != NULL ? open(buf_text(&to), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (to_dir >= 0)
        is_ok = copy_all(dir, to_dir, e);
    else if (is_ok)
        is_ok = err_set(e, "cannot open \"%s\": %s", buf_text(dir != NULL ? &to : &from),
                        strerror(errno));
    if (to_dir >= 0)
        close(to_dir);
    if (dir != NULL)
        closedir(dir);
    buf_release(&from);
    buf_release(&to);
    return is_ok;
}

char *sim_temp_dir(struct err *e)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    struct buf path = BUF_INIT(PATH_MAX);
    if (base == NULL || base[0] != '/' || access(base, W_OK | X_OK) != 0)
        base = "/tmp";
    buf_addf(&path, "%s/trucban-drill-XXXXXX", base);
    if (mkdtemp(path.bytes) != NULL)
        return buf_take(&path);
    err_set(e, "cannot make a folder in \"%s\" for the drill: %s", base, strerror(errno));
    buf_release(&path);
    return NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path) == 0 ? 0 : -1;
}

void sim_remove_dir(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
