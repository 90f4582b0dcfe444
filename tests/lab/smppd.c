/* smppd.c: the far end of one SMPP 3.4 link, for Kannel in the lab.
 *
 *   smppd ADDRESS PORT FILE
 *
 * The first word of FILE, read anew for every message, says how it answers: ok | mute (never to a
 * text) | throttle ("too many", 0x58) | nobind (refuses the bind, 0x0E).  One link at a time, until
 * it is killed.  Each message it takes is a line on standard output. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER 0x80000000U

enum {
    BIND_RECEIVER = 1,
    BIND_TRANSMITTER = 2,
    SUBMIT = 4,
    UNBIND = 6,
    BIND_TRANSCEIVER = 9,
    ENQUIRE_LINK = 0x15,
    HEADER_BYTES = 16,
    BODY_BYTES = 4096
};

struct pdu {
    uint32_t len, command, status, number;
};

static int is_mode(const char *file, const char *mode)
{
    char word[16] = "";
    FILE *f = fopen(file, "r");
    if (!f)
        return 0;
    int n = fscanf(f, "%15s", word);
    fclose(f);
    return n == 1 && strcmp(word, mode) == 0;
}

static int read_all(int fd, void *to, size_t len)
{
    return len == 0 || recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

static int answer(int fd, const struct pdu *p, uint32_t status, const char *id)
{
    size_t len = id ? strlen(id) + 1 : 0;
    uint32_t head[4] = {htonl((uint32_t)(HEADER_BYTES + len)), htonl(p->command | ANSWER),
                        htonl(status), htonl(p->number)};
    char out[HEADER_BYTES + 32];
    memcpy(out, head, HEADER_BYTES);
    if (id)
        memcpy(out + HEADER_BYTES, id, len);
    return send(fd, out, HEADER_BYTES + len, MSG_NOSIGNAL) > 0;
}

/* "submit TO CODING HEX" on standard output: what would go to a telephone. */
static void print_submit(const char *body, size_t len)
{
    const unsigned char *at = (const unsigned char *)body, *end = at + len;
    const char *to = "";
    /* service, then source and destination, each with two bytes before it */
    for (int field = 0; field < 3; field++) {
        at += field > 0 ? 2 : 0;
        if (at >= end || memchr(at, 0, (size_t)(end - at)) == NULL)
            return;
        to = (const char *)at;
        at += strlen(to) + 1;
    }
    at += 3; /* esm_class, protocol, priority; then two times */
    for (int time = 0; time < 2; time++) {
        if (at >= end || memchr(at, 0, (size_t)(end - at)) == NULL)
            return;
        at += strlen((const char *)at) + 1;
    }
    if (end - at < 5 || end - at - 5 < at[4])
        return;
    printf("submit %s %d ", to, at[2]);
    for (int i = 0; i < at[4]; i++)
        printf("%02x", at[5 + i]);
    putchar('\n');
    fflush(stdout);
}

/* One request answered; false ends the link. */
static int serve_one(int fd, const char *mode, unsigned *count)
{
    uint32_t head[4];
    char body[BODY_BYTES];
    if (!read_all(fd, head, sizeof head))
        return 0;
    struct pdu p = {ntohl(head[0]), ntohl(head[1]), ntohl(head[2]), ntohl(head[3])};
    if (p.len < HEADER_BYTES || p.len - HEADER_BYTES > sizeof body ||
        !read_all(fd, body, p.len - HEADER_BYTES))
        return 0;
    switch (p.command) {
    case BIND_RECEIVER:
    case BIND_TRANSMITTER:
    case BIND_TRANSCEIVER:
        if (is_mode(mode, "nobind"))
            return answer(fd, &p, 0x0E, "") && 0;
        return answer(fd, &p, 0, "lab");
    case SUBMIT: {
        char id[16];
        if (is_mode(mode, "mute"))
            return 1;
        if (is_mode(mode, "throttle"))
            return answer(fd, &p, 0x58, NULL);
        print_submit(body, p.len - HEADER_BYTES);
        snprintf(id, sizeof id, "%08x", ++*count);
        return answer(fd, &p, 0, id);
    }
    case ENQUIRE_LINK:
        return answer(fd, &p, 0, NULL);
    case UNBIND:
        return answer(fd, &p, 0, NULL) && 0;
    default:
        return 1;
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: smppd ADDRESS PORT FILE\n", stderr);
        return 64;
    }
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10))};
    int one = 1, ear = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (ear < 0 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1)
        return 1;
    setsockopt(ear, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(ear, (struct sockaddr *)&at, sizeof at) < 0 || listen(ear, 4) < 0) {
        perror("smppd");
        return 1;
    }
    for (unsigned count = 0;;) {
        int fd = accept(ear, NULL, NULL);
        if (fd < 0)
            continue;
        while (serve_one(fd, argv[3], &count))
            ;
        close(fd);
    }
}
