/* relay.c LISTEN SOCKET: a line between a client and an engine that can be cut: each connection to
 * LISTEN is passed on to SOCKET, both ways.  Ended, it takes all of them with it (as an `ssh -L`
 * whose session drops). */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAIRS_MAX 8

static int unix_socket(const char *path, bool is_listening)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (is_listening)
        unlink(path);
    bool is_ok = is_listening ? bind(fd, (struct sockaddr *)(void *)&a, sizeof a) == 0 &&
                                    listen(fd, PAIRS_MAX) == 0
                              : connect(fd, (struct sockaddr *)(void *)&a, sizeof a) == 0;
    if (is_ok)
        return fd;
    fprintf(stderr, "relay: %s: %s\n", path, strerror(errno));
    close(fd);
    return -1;
}

/* One block from one end to the other; false: that end has gone. */
static bool pass(int from, int to)
{
    char bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes);
    for (ssize_t sent = 0; n > 0 && sent < n;) {
        ssize_t k = send(to, bytes + sent, (size_t)(n - sent), MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        sent += k;
    }
    return n > 0;
}

int main(int argc, char **argv)
{
    struct pollfd p[1 + 2 * PAIRS_MAX]; /* the listener, then pairs */
    if (argc != 3) {
        fprintf(stderr, "relay LISTEN SOCKET\n");
        return 64;
    }
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        p[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    p[0].fd = unix_socket(argv[1], true);
    if (p[0].fd < 0)
        return 1;
    while (poll(p, sizeof p / sizeof *p, -1) > 0 || errno == EINTR) {
        for (size_t i = 1; i < sizeof p / sizeof *p; i += 2) {
            bool is_over = (p[i].revents && !pass(p[i].fd, p[i + 1].fd)) ||
                           (p[i + 1].revents && !pass(p[i + 1].fd, p[i].fd));
            if (is_over) {
                close(p[i].fd);
                close(p[i + 1].fd);
                p[i].fd = p[i + 1].fd = -1;
            }
        }
        int client = p[0].revents ? accept(p[0].fd, NULL, NULL) : -1;
        size_t i = 1;
        while (client >= 0 && i < sizeof p / sizeof *p && p[i].fd >= 0)
            i += 2;
        if (client < 0)
            continue;
        int engine = i < sizeof p / sizeof *p ? unix_socket(argv[2], false) : -1;
        if (engine < 0) {
            close(client);
            continue;
        }
        p[i].fd = client;
        p[i + 1].fd = engine;
    }
    return 1;
}
