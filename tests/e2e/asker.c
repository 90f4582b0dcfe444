/* asker.c SOCKET [OUTSTANDING]: one client of an engine, as fast as it answers.
 *
 * Reads requests from standard input, one JSON object a line without "id" ({"request":"ack",
 * "args":{…}}), keeps OUTSTANDING of them (32) unanswered at most, and writes for each its answer
 * as the engine gave it, after its number and the microseconds that it took: "7 1833 {…}".
 * Ends when all are answered; 1 if the engine goes first. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"

#define AT_ONCE_MAX 60 /* below HUB_PENDING_MAX */

struct asker {
    int fd;
    long asked, answered, at_once;
    long long *sent_us;
    size_t cap;
    struct buf in;
    int is_done; /* no further request */
};

static long long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int connect_to(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)(void *)&a, sizeof a) != 0) {
        fprintf(stderr, "asker: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return fd;
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fprintf(stderr, "asker: the engine has gone\n");
            exit(1);
        }
        bytes += n;
        len -= (size_t)n;
    }
}

/* One more from standard input; its first brace is followed by the number that it gets. */
static void ask(struct asker *a)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = getline(&line, &cap, stdin);
    if (len > 1) {
        struct buf b = BUF_INIT(0);
        MEM_ROOM(a->sent_us, (size_t)a->asked, a->cap);
        a->sent_us[a->asked++] = now_us();
        buf_addf(&b, "{\"id\":%ld,", a->asked);
        buf_adds(&b, line + 1);
        if (line[len - 1] != '\n')
            buf_addc(&b, '\n');
        send_all(a->fd, b.bytes, b.len);
        buf_release(&b);
    }
    a->is_done = len <= 0;
    free(line);
}

static void take_line(struct asker *a, const char *line)
{
    const char *id = strstr(line, "\"answer\":");
    if (id == NULL)
        return; /* hello, a beat, a delta */
    long n = strtol(id + strlen("\"answer\":"), NULL, 10);
    if (n < 1 || n > a->asked)
        return;
    a->answered++;
    printf("%ld %lld %s\n", n, now_us() - a->sent_us[n - 1], line);
}

static void read_some(struct asker *a)
{
    char block[65536];
    ssize_t n = read(a->fd, block, sizeof block);
    if (n <= 0) {
        fprintf(stderr, "asker: the engine has gone\n");
        exit(1);
    }
    buf_add(&a->in, block, (size_t)n);
    char *at = a->in.bytes, *end;
    while ((end = memchr(at, '\n', a->in.len - (size_t)(at - a->in.bytes))) != NULL) {
        *end = '\0';
        take_line(a, at);
        at = end + 1;
    }
    size_t left = a->in.len - (size_t)(at - a->in.bytes);
    memmove(a->in.bytes, at, left);
    a->in.len = left;
}

int main(int argc, char **argv)
{
    struct asker a = {.in = BUF_INIT(0), .at_once = argc > 2 ? strtol(argv[2], NULL, 10) : 32};
    if (argc < 2 || a.at_once < 1 || a.at_once > AT_ONCE_MAX) {
        fprintf(stderr, "asker SOCKET [OUTSTANDING]\n");
        return 64;
    }
    a.fd = connect_to(argv[1]);
    while (!a.is_done || a.answered < a.asked) {
        while (!a.is_done && a.asked - a.answered < a.at_once)
            ask(&a);
        if (a.answered < a.asked)
            read_some(&a);
    }
    close(a.fd);
    free(a.sent_us);
    buf_release(&a.in);
    return fflush(stdout) == 0 ? 0 : 1;
}
