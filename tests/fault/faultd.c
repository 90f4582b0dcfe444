/* faultd.c: a server that misbehaves on purpose, one way a path or port.  Prints
 *
 *   http PORT / refuse PORT / silent PORT / rst PORT / banner PORT / garbage PORT
 *
 * and serves 127.0.0.1 until its standard input ends.  HTTP paths: /ok /status/N /slow/MS /hang
 * /drip /late-drip /endless /bomb /headers /header /continue /rst /reset /empty /short /badchunk
 * /garbage /stamps /badjson /deep /deep2049 /deep1e6 /array /range /nul /twice /big /echo /redirect
 * /hostile.  One thread a connection. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
#define DRIP_US 500000

static int say(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Head and body with its true length; the body may hold NULs. */
static void reply_bytes(int fd, const char *body, size_t len)
{
    char head[256];
    snprintf(head, sizeof head, HEAD "Content-Length: %zu\r\n\r\n", len);
    say(fd, head);
    send(fd, body, len, MSG_NOSIGNAL);
}

static void reply(int fd, const char *body)
{
    reply_bytes(fd, body, strlen(body));
}

/* The close that follows sends RST instead of FIN. */
static void set_rst(int fd)
{
    struct linger l = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static void repeat(int fd, const char *head, const char *piece)
{
    if (say(fd, head) == 0)
        while (say(fd, piece) == 0)
            ;
}

static void drip(int fd)
{
    say(fd, HEAD "Content-Length: 1000\r\n\r\n");
    while (say(fd, "x") == 0)
        usleep(DRIP_US);
}

static size_t put_bits(unsigned char *to, size_t bit, const char *bits)
{
    for (; *bits; bits++, bit++)
        to[bit / 8] |= (unsigned char)((*bits == '1') << bit % 8);
    return bit;
}

/* A true one, without an end: gzip's head, a block with fixed codes, a zero, and then for ever "258
 * zeros as the last one": 13 bits each, so 1 kB of it is 160 kB. */
static void bomb(int fd)
{
    static const char again[] = "1100010100000"; /* length 258, distance 1 */
    unsigned char head[13] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}, piece[13 * 315] = {0};
    size_t bit = put_bits(head, 80, "01000110000"); /* not the last block, fixed codes, a zero */
    put_bits(head, bit, again);                     /* and now a byte is full */
    for (bit = 0; bit < 8 * sizeof piece;)
        bit = put_bits(piece, bit, again);
    say(fd, HEAD "Content-Encoding: gzip\r\n\r\n");
    send(fd, head, sizeof head, MSG_NOSIGNAL);
    while (send(fd, piece, sizeof piece, MSG_NOSIGNAL) > 0)
        ;
}

/* [1,1,… of 6 MB, or of so many bytes. */
static void array(int fd, size_t len)
{
    char *body = malloc(len);
    for (size_t i = 0; i < len; i++)
        body[i] = i % 2 ? '1' : ',';
    body[0] = '[';
    body[len - 1] = ']';
    reply_bytes(fd, body, len);
    free(body);
}

static void deep(int fd, size_t depth)
{
    char *body = malloc(depth * 2 + 1);
    memset(body, '[', depth);
    memset(body + depth, ']', depth);
    reply_bytes(fd, body, depth * 2);
    free(body);
}

static void status(int fd, const char *code)
{
    char head[256];
    snprintf(head, sizeof head,
             "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody", atoi(code));
    say(fd, head);
}

static void wait_for_end(int fd)
{
    char c[512];
    while (recv(fd, c, sizeof c, 0) > 0)
        ;
}

struct page {
    const char *path, *text;
};
/* Replies that are only a text; those with a head of their own begin with "HTTP" or "!". */
static const struct page pages[] = {
    {"/ok",
     "{\"status\":\"UP\",\"load\":0.5,\"queue\":7,\"ready\":true,\"parts\":[{\"name\":\"db\"}]}"},
    {"/badjson", "{\"status\":\"UP\""},
    {"/range", "{\"load\":1e999}"},
    {"/twice", "{\"status\":\"UP\",\"status\":\"DOWN\"}"},
    {"/long", "{\"load\":12345678901234567890123}"},
    {"/stamps", "{\"at\":\"2026-03-05T14:02:11+07:00\",\"bad\":\"soon\",\"ahead\":4070908800,"
                "\"none\":null}"},
    {"/down", "{\"status\":\"DOWN\"}"},
    {"/hostile", "{\"status\":\"\\u001b[31mred\\u202e \\u0007\"}"},
    {"/garbage", "!\x01\x02\xff\xfe not HTTP at all\r\n\r\n"},
    {"/short", "!" HEAD "Content-Length: 100\r\n\r\nonly this"},
    {"/badchunk", "!" HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nno chunk\r\n"},
    {"/redirect", "!HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"},
    {"/empty", "!"},
};

static int serve_page(int fd, const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(path, pages[i].path) != 0)
            continue;
        if (pages[i].text[0] == '!')
            say(fd, pages[i].text + 1);
        else
            reply(fd, pages[i].text);
        return 1;
    }
    return 0;
}

static void serve_path(int fd, const char *path, const char *request)
{
    if (serve_page(fd, path))
        return;
    if (strncmp(path, "/status/", 8) == 0)
        status(fd, path + 8);
    else if (strncmp(path, "/slow/", 6) == 0) {
        usleep((useconds_t)atoi(path + 6) * 1000);
        reply(fd, "{\"status\":\"UP\"}");
    } else if (strcmp(path, "/hang") == 0)
        wait_for_end(fd);
    else if (strcmp(path, "/drip") == 0)
        drip(fd);
    else if (strcmp(path, "/late-drip") == 0) {
        usleep(1500000);
        drip(fd);
    } else if (strcmp(path, "/endless") == 0)
        repeat(fd, HEAD "\r\n", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    else if (strcmp(path, "/bomb") == 0)
        bomb(fd);
    else if (strcmp(path, "/headers") == 0)
        repeat(fd, HEAD, "X-Flood: 0123456789abcdef0123456789abcdef\r\n");
    else if (strcmp(path, "/header") == 0)
        repeat(fd, HEAD "X-Long: ", "0123456789abcdef0123456789abcdef0123456789abcdef");
    else if (strcmp(path, "/continue") == 0)
        repeat(fd, "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
    else if (strcmp(path, "/rst") == 0) {
        say(fd, HEAD "Content-Length: 1000\r\n\r\nhalf");
        usleep(50000);
        set_rst(fd);
    } else if (strcmp(path, "/reset") == 0)
        set_rst(fd);
    else if (strcmp(path, "/deep") == 0)
        deep(fd, 10000);
    else if (strcmp(path, "/deep2049") == 0)
        deep(fd, 2049);
    else if (strcmp(path, "/deep1e6") == 0)
        deep(fd, 1000000);
    else if (strcmp(path, "/array") == 0)
        array(fd, 6000000);
    else if (strcmp(path, "/nul") == 0)
        reply_bytes(fd, "{\"status\":\"U\0P\"}", 16);
    else if (strcmp(path, "/big") == 0)
        deep(fd, 3 << 20);
    else if (strcmp(path, "/echo") == 0)
        reply(fd, request);
    else
        status(fd, "404");
}

static void serve_http(int fd)
{
    char request[16384], path[256];
    size_t len = 0;

    while (len < sizeof request - 1) {
        ssize_t n = recv(fd, request + len, sizeof request - 1 - len, 0);
        if (n <= 0)
            return;
        len += (size_t)n;
        request[len] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL)
            break;
    }
    if (sscanf(request, "%*15s %255s", path) == 1)
        serve_path(fd, path, request);
}

enum port { HTTP, REFUSE, SILENT, RST, BANNER, GARBAGE, PORTS };
static const char *const port_names[] = {"http", "refuse", "silent", "rst", "banner", "garbage"};

struct job {
    enum port port;
    int fd;
};

static void *serve(void *arg)
{
    struct job j = *(struct job *)arg;
    free(arg);
    if (j.port == HTTP)
        serve_http(j.fd);
    else if (j.port == SILENT)
        wait_for_end(j.fd);
    else if (j.port == RST)
        set_rst(j.fd);
    else if (j.port == BANNER) {
        say(j.fd, "220 ready\r\n");
        wait_for_end(j.fd);
    } else
        repeat(j.fd, "\xff\xfe", "noise without an end ");
    struct linger l = {0, 0};
    socklen_t len = sizeof l;
    getsockopt(j.fd, SOL_SOCKET, SO_LINGER, &l, &len);
    if (!l.l_onoff)
        shutdown(j.fd, SHUT_WR);
    close(j.fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct job *listener = arg;
    for (;;) {
        struct job *j = malloc(sizeof *j);
        pthread_t t;
        *j = *listener;
        j->fd = accept(listener->fd, NULL, NULL);
        if (j->fd < 0 || pthread_create(&t, NULL, serve, j) != 0)
            return NULL;
        pthread_detach(t);
    }
}

/* REFUSE is bound, so that nobody else gets the port, but does not listen. */
static void open_port(struct job *j, enum port port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_t t;

    j->port = port;
    j->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(j->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        (port != REFUSE && listen(j->fd, 256) != 0))
        exit(1);
    getsockname(j->fd, (struct sockaddr *)&a, &len);
    printf("%s %d\n", port_names[port], ntohs(a.sin_port));
    if (port != REFUSE)
        pthread_create(&t, NULL, accept_all, j);
}

int main(void)
{
    static struct job jobs[PORTS];
    char c;

    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < PORTS; i++)
        open_port(&jobs[i], (enum port)i);
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0)
        ;
    return 0;
}
