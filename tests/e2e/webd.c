/* webd.c: a web server of one command, for tests that play a gateway or a listener of receipts.
 *
 *   webd ADDRESS PORT COMMAND [ARGS…]
 *
 * Each request is one run of the command, whose last argument is the path with its query.  What it
 * prints is the body: exit 0 is 200, 44 is 404, 1 to 3 are 429, 502, 503; killed: nothing is
 * answered.  One request at a time, until it is killed. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_BYTES = 16384, BODY_BYTES = 65536, ARGS_MAX = 16 };

/* The path of "GET /path?query HTTP/1.1", once the head is whole; 0: the peer has gone. */
static int read_path(int fd, char path[REQUEST_BYTES])
{
    char head[REQUEST_BYTES];
    size_t len = 0;
    head[0] = '\0';
    while (strstr(head, "\r\n\r\n") == NULL) {
        ssize_t n = recv(fd, head + len, sizeof head - len - 1, 0);
        if (n <= 0 || len + (size_t)n + 1 >= sizeof head)
            return 0;
        len += (size_t)n;
        head[len] = '\0';
    }
    return sscanf(head, "%*15s %16000s", path) == 1;
}

/* Its exit status, < 0: killed; what it prints, as far as there is room. */
static int run(char *const args[], char *body, size_t size)
{
    int out[2], status = 0;
    size_t len = 0;
    if (pipe(out) < 0)
        return 3;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execvp(args[0], args);
        _exit(3);
    }
    close(out[1]);
    for (ssize_t n; (n = read(out[0], body + len, size - len - 1)) > 0;)
        len += (size_t)n;
    body[len] = '\0';
    close(out[0]);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *status_line(int code)
{
    switch (code) {
    case 0:
        return "200 OK";
    case 1:
        return "429 Too Many Requests";
    case 2:
        return "502 Bad Gateway";
    case 44:
        return "404 Not Found";
    default:
        return "503 Service Unavailable";
    }
}

static void serve(int fd, char *args[], int n)
{
    char path[REQUEST_BYTES], body[BODY_BYTES], head[200];
    if (!read_path(fd, path))
        return;
    args[n] = path;
    args[n + 1] = NULL;
    int code = run(args, body, sizeof body);
    if (code < 0)
        return;
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                       status_line(code), strlen(body));
    if (send(fd, head, (size_t)len, MSG_NOSIGNAL) > 0)
        (void)!send(fd, body, strlen(body), MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > ARGS_MAX) {
        fputs("usage: webd ADDRESS PORT COMMAND [ARGS…]\n", stderr);
        return 64;
    }
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10))};
    char *args[ARGS_MAX + 2];
    int one = 1, n = argc - 3, ear = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(args, argv + 3, (size_t)n * sizeof *args);
    if (ear < 0 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1)
        return 1;
    setsockopt(ear, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(ear, (struct sockaddr *)&at, sizeof at) < 0 || listen(ear, 64) < 0) {
        perror("webd");
        return 1;
    }
    for (;;) {
        int fd = accept4(ear, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        serve(fd, args, n);
        close(fd);
    }
}
