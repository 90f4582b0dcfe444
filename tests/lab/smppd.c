/* smppd.c: the far end of one SMPP 3.4 link, for Kannel in the lab.
 *
 *   smppd ADDRESS PORT FILE
 *
 * The first word of FILE, read anew for every message, says how it answers: ok (takes it, and says
 * so later by a receipt, where one is asked for) | slow (the receipt comes after SLOW_MS) | faildlr
 * (says that it was not delivered) | nodlr (no receipt) | mute (never to a text) | throttle ("too
 * many", 0x58) | nobind (refuses the bind, 0x0E).  One link at a time, until it is killed.  Each
 * message it takes is a line on standard output. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER 0x80000000U

enum {
    BIND_RECEIVER = 1,
    BIND_TRANSMITTER = 2,
    SUBMIT = 4,
    DELIVER = 5,
    UNBIND = 6,
    BIND_TRANSCEIVER = 9,
    ENQUIRE_LINK = 0x15,
    HEADER_BYTES = 16,
    BODY_BYTES = 4096,
    ADDRESS_BYTES = 24,
    RECEIPTS_MAX = 64,
    OK_MS = 300,
    SLOW_MS = 2500
};

struct pdu {
    uint32_t len, command, status, number;
};

struct text { /* one message */
    char from[ADDRESS_BYTES], to[ADDRESS_BYTES];
    int wants_receipt, coding, len;
    const unsigned char *bytes;
};

struct receipt { /* that waits for its time */
    char id[16], from[ADDRESS_BYTES], to[ADDRESS_BYTES];
    int is_delivered;
    int64_t due_ms;
};
struct link {
    struct receipt waiting[RECEIPTS_MAX];
    int n_waiting;
    uint32_t number; /* of our own requests */
    unsigned count;  /* messages taken, over all links */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

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

/* Service, then source and destination, each with two bytes before it; then two times. */
static int read_text(const char *body, size_t len, struct text *t)
{
    const unsigned char *at = (const unsigned char *)body, *end = at + len;
    char *const addresses[] = {NULL, t->from, t->to};
    for (int field = 0; field < 5; field++) {
        at += field == 1 || field == 2 ? 2
              : field == 3             ? 3
                                       : 0; /* types; class, protocol, priority */
        if (at >= end || memchr(at, 0, (size_t)(end - at)) == NULL)
            return 0;
        if (field == 1 || field == 2)
            snprintf(addresses[field], ADDRESS_BYTES, "%s", (const char *)at);
        at += strlen((const char *)at) + 1;
    }
    if (end - at < 5 || end - at - 5 < at[4])
        return 0;
    t->wants_receipt = (at[0] & 3) != 0;
    t->coding = at[2];
    t->len = at[4];
    t->bytes = at + 5;
    return 1;
}

/* "submit TO CODING HEX" on standard output: what would go to a telephone. */
static void print_text(const struct text *t)
{
    printf("submit %s %d ", t->to, t->coding);
    for (int i = 0; i < t->len; i++)
        printf("%02x", t->bytes[i]);
    putchar('\n');
    fflush(stdout);
}

/* --- receipts ------------------------------------------------------------------------------- */

static void note_receipt(struct link *l, const struct text *t, const char *id, const char *mode)
{
    if (!t->wants_receipt || l->n_waiting == RECEIPTS_MAX || is_mode(mode, "nodlr"))
        return;
    struct receipt *r = &l->waiting[l->n_waiting++];
    *r = (struct receipt){.is_delivered = !is_mode(mode, "faildlr"),
                          .due_ms = now_ms() + (is_mode(mode, "slow") ? SLOW_MS : OK_MS)};
    snprintf(r->id, sizeof r->id, "%s", id);
    memcpy(r->from, t->from, sizeof r->from);
    memcpy(r->to, t->to, sizeof r->to);
}

static size_t put(char *out, size_t at, const char *s)
{
    memcpy(out + at, s, strlen(s) + 1);
    return at + strlen(s) + 1;
}

/* deliver_sm: from the telephone to the sender, with the words that every operator's system uses.
 */
static int send_receipt(int fd, struct link *l, const struct receipt *r)
{
    char words[200], out[512] = {0};
    int n = snprintf(words, sizeof words,
                     "id:%s sub:001 dlvrd:%03d submit date:2601010000 done date:2601010001 "
                     "stat:%s err:000 text:",
                     r->id, r->is_delivered, r->is_delivered ? "DELIVRD" : "UNDELIV");
    size_t at = HEADER_BYTES + 1; /* no service */
    at = put(out, at + 2, r->to);
    at = put(out, at + 2, r->from);
    out[at] = 4; /* a receipt */
    at += 5;     /* with protocol, priority, no times */
    at += 4;     /* receipt, replace, coding, text of its own */
    out[at++] = (char)n;
    memcpy(out + at, words, (size_t)n);
    at += (size_t)n;
    uint32_t head[4] = {htonl((uint32_t)at), htonl(DELIVER), 0, htonl(++l->number)};
    memcpy(out, head, HEADER_BYTES);
    return send(fd, out, at, MSG_NOSIGNAL) > 0;
}

/* Sends what is due; how long until the next, -1: there is none. */
static int receipts_step(int fd, struct link *l)
{
    int64_t now = now_ms(), next = -1;
    for (int i = 0; i < l->n_waiting;) {
        struct receipt *r = &l->waiting[i];
        if (r->due_ms <= now) {
            if (!send_receipt(fd, l, r))
                return -1;
            *r = l->waiting[--l->n_waiting];
            continue;
        }
        if (next < 0 || r->due_ms - now < next)
            next = r->due_ms - now;
        i++;
    }
    return (int)next;
}

/* One request answered; false ends the link. */
static int serve_one(int fd, const char *mode, struct link *l)
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
        struct text t;
        if (is_mode(mode, "mute"))
            return 1;
        if (is_mode(mode, "throttle"))
            return answer(fd, &p, 0x58, NULL);
        snprintf(id, sizeof id, "%08x", ++l->count);
        if (read_text(body, p.len - HEADER_BYTES, &t)) {
            print_text(&t);
            note_receipt(l, &t, id, mode);
        }
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
    struct link link = {.number = 0};
    for (;;) {
        int fd = accept(ear, NULL, NULL);
        if (fd < 0)
            continue;
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        while (poll(&poller, 1, receipts_step(fd, &link)) >= 0)
            if (poller.revents != 0 && !serve_one(fd, argv[3], &link))
                break;
        close(fd);
    }
}
