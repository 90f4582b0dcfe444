#include "engine/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/when.h"

/* What the holder wrote: "PID SINCE".  It may not have come to writing yet (or a dead one's words
 * may still stand): then a little patience. */
static bool lock_read_holder(int fd, long *pid, char since[WHEN_TEXT_MAX])
{
    for (int tries = 0; tries < 25; tries++) {
        char line[96] = "";
        ssize_t n = pread(fd, line, sizeof line - 1, 0);
        if (n > 0 && sscanf(line, "%ld %39s", pid, since) == 2 && *pid > 0 &&
            (kill((pid_t)*pid, 0) == 0 || errno == EPERM))
            return true;
        struct timespec t = {0, 20000000L};
        nanosleep(&t, NULL);
    }
    return false;
}

static void lock_refuse(int fd, const char *state_dir, struct err *e)
{
    long pid = 0;
    char since[WHEN_TEXT_MAX] = "";
    if (lock_read_holder(fd, &pid, since))
        err_set(e, "engine already running: pid %ld since %s (state \"%s\")", pid, since,
                state_dir);
    else
        err_set(e, "engine already running (state \"%s\")", state_dir);
}

static bool lock_sign(int fd, int64_t now_ms)
{
    char line[96], at[WHEN_TEXT_MAX];
    int len = snprintf(line, sizeof line, "%ld %s\n", (long)getpid(), when_rfc3339(now_ms, at));
    return pwrite(fd, line, (size_t)len, 0) == len && ftruncate(fd, len) == 0;
}

int lock_take(const char *state_dir, const char *site_id, int64_t now_ms, struct err *e)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s.lock", state_dir, site_id) >= (int)sizeof path) {
        err_set(e, "path too long: \"%s/%s.lock\"", state_dir, site_id);
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        err_set(e, "cannot open lock file \"%s\": %s", path, strerror(errno));
        return -1;
    }
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            lock_refuse(fd, state_dir, e);
        else
            err_set(e, "cannot lock \"%s\": %s; the state directory must be on a local disk", path,
                    strerror(errno));
        close(fd);
        return -1;
    }
    /* On a full disk the words may not fit; the lock counts, not the words. */
    (void)lock_sign(fd, now_ms);
    return fd;
}
