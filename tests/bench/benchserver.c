/* benchserver.c [PORT]: answers any HTTP request on 127.11.0.1 … 127.11.0.50 with a small JSON
 * body; /count with how many others it has answered; /tick with {"tick":N}, N = 1, 2 … , and says
 * on standard error when (wall ms).  Prints the port, then serves until its standard input ends.
 * Not measured, only needed. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTS 50
#define REPLY                                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 61\r\n\r\n"              \
    "{\"status\":\"UP\",\"load\":0.42,\"memory\":61,\"version\":\"2.14.0\"  }\n"

static int listen_at(unsigned host, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(0x7f0b0000u + host);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 512) == 0)
        return fd;
    close(fd);
    return -1;
}

static void watch(int epoll, int fd, bool is_listener)
{
    struct epoll_event e = {.events = EPOLLIN};
    e.data.u64 = (uint64_t)(unsigned)fd | (is_listener ? 1ull << 32 : 0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static void serve_number(int fd, const char *before, unsigned long n, const char *after)
{
    char reply[128];
    snprintf(reply, sizeof reply, "HTTP/1.0 200 OK\r\n\r\n%s%lu%s\n", before, n, after);
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
    close(fd);
}

static unsigned long tick(unsigned long n)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    fprintf(stderr, "%lu %lld\n", n, (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000);
    return n;
}

static bool is_for(const char *request, const char *path)
{
    return strncmp(request, "GET ", 4) == 0 && strncmp(request + 4, path, strlen(path)) == 0;
}

static void serve(int fd, unsigned long *answered, unsigned long *ticks)
{
    char request[8192];
    ssize_t n = recv(fd, request, sizeof request - 1, MSG_DONTWAIT);

    request[n > 0 ? n : 0] = '\0';
    if (is_for(request, "/count ")) {
        serve_number(fd, "", *answered, "");
    } else if (is_for(request, "/tick ")) {
        serve_number(fd, "{\"tick\":", tick(++*ticks), "}");
    } else {
        *answered += n > 0;
        if (n <= 0 || send(fd, REPLY, sizeof REPLY - 1, MSG_NOSIGNAL) < 0 ||
            strstr(request, "Connection: close") != NULL)
            close(fd);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[256];
    unsigned long answered = 0, ticks = 0;
    int epoll = epoll_create1(EPOLL_CLOEXEC), port = argc > 1 ? atoi(argv[1]) : 18931;

    for (unsigned host = 1; host <= HOSTS; host++) {
        int fd = listen_at(host, port);
        if (fd < 0) {
            fprintf(stderr, "benchserver: port %d is taken\n", port);
            return 1;
        }
        watch(epoll, fd, true);
    }
    watch(epoll, STDIN_FILENO, false);
    printf("%d\n", port);
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = (int)(events[i].data.u64 & 0xffffffff);
            if (fd == STDIN_FILENO)
                return 0;
            if (events[i].data.u64 >> 32)
                for (int c; (c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
                    watch(epoll, c, false);
            else
                serve(fd, &answered, &ticks);
        }
    }
}
