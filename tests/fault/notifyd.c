/* notifyd.c: the service manager's end of sd_notify, for tests.
 *
 *   notifyd NAME FILE
 *
 * Binds NAME (a path, or "@" and an abstract name) and writes each message to FILE as one line: the
 * monotonic clock in ms, a blank, the message with ";" for its line ends.  Until it is killed. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (argc != 3 || strlen(argv[1]) >= sizeof at.sun_path) {
        fputs("usage: notifyd NAME FILE\n", stderr);
        return 64;
    }
    size_t len = strlen(argv[1]);
    memcpy(at.sun_path, argv[1], len);
    if (at.sun_path[0] == '@')
        at.sun_path[0] = '\0';
    else
        unlink(argv[1]);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    FILE *to = fopen(argv[2], "a");
    if (fd < 0 || to == NULL ||
        bind(fd, (struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0) {
        perror("notifyd");
        return 1;
    }
    fputs("0 bound\n", to);
    fflush(to);
    for (;;) {
        char message[4096];
        struct timespec t;
        ssize_t n = recv(fd, message, sizeof message - 1, 0);
        if (n < 0)
            continue;
        message[n] = '\0';
        for (char *c = message; *c; c++)
            if (*c == '\n')
                *c = ';';
        clock_gettime(CLOCK_MONOTONIC, &t);
        fprintf(to, "%lld %s\n", (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000, message);
        fflush(to);
    }
}
