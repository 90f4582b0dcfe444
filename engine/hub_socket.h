/* hub_socket.h - the listening Unix socket: made, taken over from the dead, refused to the second.
 */
#ifndef ENGINE_HUB_SOCKET_H
#define ENGINE_HUB_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"

struct hub_socket {
    int fd; /* listening, non-blocking; -1: none */
    char *path;
    dev_t dev; /* of the file we made, so that close does not remove another's */
    ino_t ino;
};

/* A file that is no socket, and a socket that answers, are left alone and refused in words. */
bool hub_socket_open(struct hub_socket *s, const char *path, mode_t mode, struct err *e);
void hub_socket_close(struct hub_socket *s);

/* Who is at the other end of a connection, by the kernel. */
bool hub_socket_peer(int fd, int64_t *uid, int64_t *pid);

#endif
