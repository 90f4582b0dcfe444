/* netrelay.c IF1 IF2 CONTROL: a cable between two interfaces that can be cut, lossy and slow, by
 * address.
 *
 * Every frame that comes from one is written to the other.  CONTROL is a named pipe; its lines are
 * (ADDRESS may be `*`, the last line that names an address counts, before that of `*`):
 *   cut ADDRESS            nothing passes, either way, ARP included: the cable is out
 *   oneway ADDRESS         what goes to it arrives, its answers are lost
 *   loss ADDRESS PERCENT   of the packets that go to it; who has the address is always heard
 *   delay ADDRESS MS       each way
 *   heal ADDRESS           as at the start
 * It first waits for both interfaces to appear in its network (`ip link set IF netns PID`), says
 * `ready`, and runs until it is killed.  `netrelay plain IF` switches off what a card would do for
 * the kernel (checksums, segmentation): frames that are passed on by hand need both done. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"

#define FRAME_MAX  65536
#define RULES_MAX  256
#define QUEUED_MAX 65536

struct rule {
    uint32_t address; /* network order; 0: everybody */
    int is_cut, is_oneway, loss, delay_ms;
};
struct frame { /* on its way, oldest first: all delays of one direction and address are alike */
    struct frame *next;
    int64_t due_ms;
    int to;
    size_t len;
    unsigned char bytes[];
};
struct relay {
    int fd[2];
    struct rule rules[RULES_MAX];
    size_t n_rules, n_queued;
    struct frame *queue;
    char line[256];
    size_t line_len;
};

static void fail(const char *what)
{
    fprintf(stderr, "netrelay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- interfaces ------------------------------------------------------------------------------ */

static void plain(const char *name)
{
    static const uint32_t off[] = {ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO,
                                   ETHTOOL_SGRO};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        struct ethtool_value v = {.cmd = off[i], .data = 0};
        struct ifreq want = {0};
        snprintf(want.ifr_name, sizeof want.ifr_name, "%s", name);
        want.ifr_data = (void *)&v;
        ioctl(fd, SIOCETHTOOL, &want); /* some are not there on some kernels */
    }
    close(fd);
}

static int attach(const char *name)
{
    unsigned int index = 0;
    while ((index = if_nametoindex(name)) == 0)
        usleep(5000);
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    struct sockaddr_ll a = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)index};
    struct packet_mreq all = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};
    int room = 8 << 20;
    if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&a, sizeof a) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0)
        fail(name);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    plain(name);
    return fd;
}

/* --- rules ----------------------------------------------------------------------------------- */

static struct rule *rule_of(struct relay *r, uint32_t address, int is_new)
{
    for (size_t i = 0; i < r->n_rules; i++)
        if (r->rules[i].address == address)
            return &r->rules[i];
    if (!is_new || r->n_rules == RULES_MAX)
        return NULL;
    r->rules[r->n_rules] = (struct rule){.address = address};
    return &r->rules[r->n_rules++];
}

static void obey(struct relay *r, const char *line)
{
    char verb[16], name[64];
    int value = 0;
    struct in_addr address = {0};
    if (sscanf(line, "%15s %63s %d", verb, name, &value) < 2 ||
        (strcmp(name, "*") != 0 && inet_pton(AF_INET, name, &address) != 1))
        return;
    struct rule *rule = rule_of(r, address.s_addr, 1);
    if (rule == NULL)
        return;
    *rule = (struct rule){.address = address.s_addr};
    rule->is_cut = strcmp(verb, "cut") == 0;
    rule->is_oneway = strcmp(verb, "oneway") == 0;
    rule->loss = strcmp(verb, "loss") == 0 ? value : 0;
    rule->delay_ms = strcmp(verb, "delay") == 0 ? value : 0;
}

static void take_orders(struct relay *r, int fd)
{
    char c;
    while (read(fd, &c, 1) == 1) {
        if (c != '\n') {
            if (r->line_len + 1 < sizeof r->line)
                r->line[r->line_len++] = c;
            continue;
        }
        r->line[r->line_len] = '\0';
        r->line_len = 0;
        obey(r, r->line);
    }
}

static int is_ip(const unsigned char *frame, size_t len)
{
    return len >= 34 && (frame[12] << 8 | frame[13]) == ETH_P_IP;
}

/* The rule of a frame; *is_to: it goes to the address that the rule names. */
static const struct rule *rule_for(struct relay *r, const unsigned char *frame, size_t len,
                                   int *is_to)
{
    size_t from = 0, to = 0;
    uint32_t a = 0;
    uint16_t kind = len >= 14 ? (uint16_t)(frame[12] << 8 | frame[13]) : 0;
    if (kind == ETH_P_IP && len >= 34)
        from = 26, to = 30;
    else if (kind == ETH_P_ARP && len >= 42)
        from = 28, to = 38;
    else
        return NULL;
    for (int side = 0; side < 2; side++) {
        memcpy(&a, frame + (side ? from : to), sizeof a);
        const struct rule *rule = a != 0 ? rule_of(r, a, 0) : NULL;
        *is_to = !side;
        if (rule != NULL)
            return rule;
    }
    return rule_of(r, 0, 0);
}

/* --- frames ---------------------------------------------------------------------------------- */

static void pass_later(struct relay *r, int to, const unsigned char *bytes, size_t len, int ms)
{
    struct frame **at = &r->queue, *f;
    if (r->n_queued == QUEUED_MAX)
        return;
    f = mem_alloc(sizeof *f + len);
    *f = (struct frame){.due_ms = now_ms() + ms, .to = to, .len = len};
    memcpy(f->bytes, bytes, len);
    while (*at != NULL && (*at)->due_ms <= f->due_ms)
        at = &(*at)->next;
    f->next = *at;
    *at = f;
    r->n_queued++;
}

static void take_frames(struct relay *r, int side)
{
    static unsigned char bytes[FRAME_MAX];
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    ssize_t n;
    while ((n = recvfrom(r->fd[side], bytes, sizeof bytes, 0, (struct sockaddr *)(void *)&from,
                         &size)) > 0) {
        int is_to = side == 0;
        size = sizeof from;
        if (from.sll_pkttype == PACKET_OUTGOING)
            continue; /* our own */
        const struct rule *rule = rule_for(r, bytes, (size_t)n, &is_to);
        if (rule != NULL && rule->address == 0)
            is_to = side == 0;
        if (rule != NULL &&
            (rule->is_cut || (rule->is_oneway && !is_to) ||
             (rule->loss > 0 && is_to && is_ip(bytes, (size_t)n) && random() % 100 < rule->loss)))
            continue;
        if (rule != NULL && rule->delay_ms > 0)
            pass_later(r, !side, bytes, (size_t)n, rule->delay_ms);
        else if (send(r->fd[!side], bytes, (size_t)n, 0) < 0 && errno == ENXIO)
            exit(0);
    }
}

static int pass_due(struct relay *r)
{
    while (r->queue != NULL) {
        struct frame *f = r->queue;
        int64_t left = f->due_ms - now_ms();
        if (left > 0)
            return (int)left;
        r->queue = f->next;
        r->n_queued--;
        if (send(r->fd[f->to], f->bytes, f->len, 0) < 0 && errno == ENXIO)
            exit(0);
        free(f);
    }
    return -1;
}

int main(int argc, char **argv)
{
    static struct relay r;
    if (argc == 3 && strcmp(argv[1], "plain") == 0) {
        plain(argv[2]);
        return 0;
    }
    if (argc != 4) {
        fputs("netrelay IF1 IF2 CONTROL | netrelay plain IF\n", stderr);
        return 64;
    }
    int orders = open(argv[3], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (orders < 0)
        fail(argv[3]);
    r.fd[0] = attach(argv[1]);
    r.fd[1] = attach(argv[2]);
    srandom(20261124);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd v[3] = {{r.fd[0], POLLIN, 0}, {r.fd[1], POLLIN, 0}, {orders, POLLIN, 0}};
        poll(v, 3, pass_due(&r));
        take_frames(&r, 0);
        take_frames(&r, 1);
        take_orders(&r, orders);
    }
}
