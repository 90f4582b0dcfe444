#include "engine/notify_sd.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"

#define MESSAGE_MAX 1024

static bool find_address(struct notify_sd *n, const char *name)
{
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof n->to.sun_path)
        return false;
    n->to.sun_family = AF_UNIX;
    memcpy(n->to.sun_path, name, len);
    n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (name[0] == '@')
        n->to.sun_path[0] = '\0'; /* abstract: its length counts, no NUL ends it */
    else
        n->to_len++;
    return true;
}

static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    char *end;
    if (text == NULL || *text == '\0')
        return -1;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && value > 0 ? value : 0;
}

void notify_sd_open(struct notify_sd *n)
{
    const char *name = getenv("NOTIFY_SOCKET");
    int64_t pid = number_of("WATCHDOG_PID"), usec = number_of("WATCHDOG_USEC");
    *n = (struct notify_sd){.fd = -1};
    if (name != NULL && find_address(n, name))
        n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (n->fd >= 0 && usec > 0 && (pid < 0 || pid == (int64_t)getpid()))
        n->watchdog_ms = usec / 1000 > 0 ? usec / 1000 : 1;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
}

void notify_sd_close(struct notify_sd *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

void notify_sd_send(const struct notify_sd *n, const char *message, const char *status)
{
    if (n->fd < 0)
        return;
    struct buf b = BUF_INIT(MESSAGE_MAX);
    buf_adds(&b, message);
    if (status != NULL)
        buf_addf(&b, "%sSTATUS=%s", *message != '\0' ? "\n" : "", status);
    sendto(n->fd, b.bytes, b.len, MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_len);
    buf_release(&b);
}

void notify_sd_reloading(const struct notify_sd *n)
{
    struct timespec t;
    char message[64];
    clock_gettime(CLOCK_MONOTONIC, &t);
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    notify_sd_send(n, message, NULL);
}
