#include "engine/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"

static bool file_is_private(int fd, const char *path, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, "cannot look at secret file \"%s\": %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, "secret \"%s\" is not a regular file", path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return err_set(e, "secret file \"%s\" belongs to uid %u, expected root or this account",
                       path, (unsigned)st.st_uid);
    if ((st.st_mode & 07) != 0)
        return err_set(e,
                       "secret file \"%s\" has mode %04o: others must have no right (chmod o= it)",
                       path, (unsigned)(st.st_mode & 07777));
    return true;
}

bool secret_is_private(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, "cannot open secret file \"%s\": %s", path, strerror(errno));
    bool ok = file_is_private(fd, path, e);
    close(fd);
    return ok;
}

static char *read_all(int fd, const char *path, struct err *e)
{
    char *text = mem_alloc(SECRET_MAX + 2);
    size_t len = 0;
    ssize_t n = 0;
    while (len <= SECRET_MAX && (n = read(fd, text + len, SECRET_MAX + 1 - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        err_set(e, "cannot read secret file \"%s\": %s", path, strerror(errno));
    else if (len > SECRET_MAX)
        err_set(e, "secret file \"%s\" is longer than %u bytes", path, SECRET_MAX);
    else if (memchr(text, '\0', len) != NULL)
        err_set(e, "secret file \"%s\" holds a NUL byte", path);
    else
        return text;
    explicit_bzero(text, len);
    free(text);
    return NULL;
}

static char *secret_file(const char *path, bool *is_absent, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        *is_absent = errno == ENOENT;
        err_set(e, "cannot open secret file \"%s\": %s", path, strerror(errno));
        return NULL;
    }
    char *text = file_is_private(fd, path, e) ? read_all(fd, path, e) : NULL;
    close(fd);
    if (text == NULL)
        return NULL;
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    if (len > 0 && text[len - 1] == '\r')
        text[--len] = '\0';
    if (len > 0)
        return text;
    free(text);
    err_set(e, "secret file \"%s\" is empty", path);
    return NULL;
}

static char *secret_credential(const char *name, bool *is_absent, struct err *e)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0') {
        err_set(e, "credential \"%s\" is not a plain name", name);
        return NULL;
    }
    if (dir == NULL) {
        *is_absent = true;
        err_set(e,
                "credential \"%s\": $CREDENTIALS_DIRECTORY is not set; systemd sets it for a "
                "service with LoadCredential=",
                name);
        return NULL;
    }
    struct buf path = BUF_INIT(4096);
    buf_addf(&path, "%s/%s", dir, name);
    char *text = secret_file(buf_text(&path), is_absent, e);
    buf_release(&path);
    return text;
}

char *secret_read(enum secret_source source, const char *name, bool *is_absent, struct err *e)
{
    *is_absent = false;
    if (source == SECRET_FILE)
        return secret_file(name, is_absent, e);
    if (source == SECRET_CREDENTIAL)
        return secret_credential(name, is_absent, e);
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0') {
        *is_absent = true;
        err_set(e, "environment variable \"%s\" is not set or empty", name);
        return NULL;
    }
    return mem_strdup(value);
}
