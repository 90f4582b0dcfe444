/* notify_sd.h - what a service manager is told: the documented protocol of sd_notify(3), one
 * datagram a message to $NOTIFY_SOCKET (a path, or "@" and an abstract name).
 *
 * Without that variable, or where the manager does not read, everything here is silent: a message
 * that cannot be sent now is dropped, never waited for. */
#ifndef ENGINE_NOTIFY_SD_H
#define ENGINE_NOTIFY_SD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify_sd {
    int fd; /* -1: nobody to tell */
    struct sockaddr_un to;
    socklen_t to_len;
    int64_t watchdog_ms; /* it wants a sign of life this often; 0: it does not */
};

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID and takes them out of the environment, so
 * that no child answers for us. */
void notify_sd_open(struct notify_sd *n);
void notify_sd_close(struct notify_sd *n);

/* "READY=1", "STOPPING=1", several lines.  `status` (plain text, may be NULL) joins as STATUS=. */
void notify_sd_send(const struct notify_sd *n, const char *message, const char *status);
/* "RELOADING=1" with the time that the protocol asks for. */
void notify_sd_reloading(const struct notify_sd *n);

#endif
