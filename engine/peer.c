#include "engine/peer.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int peer_open(int socket, int64_t claimed_pid)
{
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || who.pid <= 0 ||
        who.pid != claimed_pid)
        return -1;
    return (int)syscall(SYS_pidfd_open, who.pid, 0);
}

bool peer_has_ended(int peer)
{
    struct pollfd p = {.fd = peer, .events = POLLIN};
    return peer >= 0 && poll(&p, 1, 0) == 1;
}
