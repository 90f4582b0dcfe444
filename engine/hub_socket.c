/* hub_socket.c - see hub_socket.h.
 *
 * Two engines of one store are kept apart by the store's lock (lock.h), which is taken before; what
 * is decided here is only whose file the socket's path is. */
#include "engine/hub_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/paths.h"

#define BACKLOG 128

static bool make_address(const char *path, struct sockaddr_un *a, struct err *e)
{
    if (!paths_check_socket(path, e))
        return false;
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(a->sun_path, path, strlen(path) + 1);
    return true;
}

/* True if nobody answers at the path any more, and the file, if any, is gone. */
static bool take_over(int fd, const char *path, const struct sockaddr_un *a, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        if (errno == ENOENT)
            return true;
        return err_set(e, "cannot look at socket \"%s\": %s", path, strerror(errno));
    }
    if (!S_ISSOCK(st.st_mode))
        return err_set(e, "socket \"%s\": a file that is no socket is in the way; move it", path);
    if (connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN) {
        int64_t uid = -1, pid = 0;
        hub_socket_peer(fd, &uid, &pid);
        return err_set(e, "socket \"%s\": another engine answers there (pid %lld)", path,
                       (long long)pid);
    }
    if (errno != ECONNREFUSED)
        return err_set(e, "socket \"%s\": cannot tell whether an engine answers there: %s", path,
                       strerror(errno));
    if (unlink(path) != 0 && errno != ENOENT)
        return err_set(e, "cannot remove the dead engine's socket \"%s\": %s", path,
                       strerror(errno));
    return true;
}

static int new_socket(struct err *e)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        err_set(e, "cannot make a socket: %s", strerror(errno));
    return fd;
}

static bool listen_at(int fd, const char *path, mode_t mode, const struct sockaddr_un *a,
                      struct err *e)
{
    /* Until the chmod nobody but us may connect: the engine's umask is 077, and it is set here for
     * whoever forgot. */
    mode_t mask = umask(077);
    int rc = bind(fd, (const struct sockaddr *)a, sizeof *a);
    int why = errno;
    umask(mask);
    if (rc != 0)
        return err_set(e, "cannot make socket \"%s\": %s", path, strerror(why));
    if (listen(fd, BACKLOG) != 0 || chmod(path, mode) != 0) {
        err_set(e, "cannot listen on socket \"%s\": %s", path, strerror(errno));
        unlink(path);
        return false;
    }
    return true;
}

bool hub_socket_open(struct hub_socket *s, const char *path, mode_t mode, struct err *e)
{
    struct sockaddr_un a;
    *s = (struct hub_socket){.fd = -1};
    if (!make_address(path, &a, e))
        return false;
    int probe = new_socket(e);
    if (probe < 0)
        return false;
    bool is_free = take_over(probe, path, &a, e);
    close(probe);
    if (!is_free)
        return false;
    int fd = new_socket(e);
    if (fd < 0)
        return false;
    struct stat st;
    if (!listen_at(fd, path, mode, &a, e)) {
        close(fd);
        return false;
    }
    if (stat(path, &st) == 0) {
        s->dev = st.st_dev;
        s->ino = st.st_ino;
    }
    s->fd = fd;
    s->path = mem_strdup(path);
    return true;
}

void hub_socket_close(struct hub_socket *s)
{
    struct stat st;
    if (s->fd < 0)
        return;
    if (stat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
        unlink(s->path);
    close(s->fd);
    free(s->path);
    *s = (struct hub_socket){.fd = -1};
}

bool hub_socket_peer(int fd, int64_t *uid, int64_t *pid)
{
    struct ucred c;
    socklen_t len = sizeof c;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) != 0)
        return false;
    *uid = (int64_t)c.uid;
    *pid = (int64_t)c.pid;
    return true;
}
