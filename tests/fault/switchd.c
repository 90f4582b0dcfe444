/* switchd DIR IP PORT NODE,NODE,…  [BACKEND SERVER,SERVER,…]: what a failover acts on, played.
 *
 * A Patroni cluster, its nodes at PORT, PORT+1, … (GET /patroni, /cluster, /config; POST
 * /switchover), and behind PORT+100 the runtime socket of a HAProxy with one backend.  What really
 * happened is appended to DIR/log, one effect a line, so that a test can count.  DIR/set is read
 * again before every answer:
 *   NODE nofailover|paused|lag|timeline|down|frozen|stopped VALUE     SERVER up|admin VALUE
 *   cluster pause|sync|split|leader|unlocked VALUE (sync, leader, split: a node's name)
 *   reply ok|other|lost|rst|status-unknown|failed|refused|hang        deny 1     mute 1
 * lost: nothing happens and the connection is reset; rst: it happens, and is reset all the same. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MANY    16
#define TEXT    16384
#define BACKEND 100 /* ports above the first node's */

struct node {
    char name[64];
    int fd;
};
struct server {
    char name[64];
    int admin; /* 0 ready, 8 drain, 1 maint */
};
static struct {
    const char *dir, *ip, *backend;
    int port, n_nodes, n_servers, leader, timeline, haproxy;
    struct node nodes[MANY];
    struct server servers[MANY];
    char set[TEXT];
    long lsn;
} w = {.timeline = 7, .lsn = 83886176, .haproxy = -1};

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...)
{
    char path[512];
    snprintf(path, sizeof path, "%s/log", w.dir);
    FILE *f = fopen(path, "a");
    if (f == NULL)
        return;
    va_list ap;
    va_start(ap, fmt);
    vfprintf(f, fmt, ap);
    va_end(ap);
    fputc('\n', f);
    fclose(f);
}

static void read_set(void)
{
    char path[512];
    snprintf(path, sizeof path, "%s/set", w.dir);
    FILE *f = fopen(path, "r");
    size_t n = f != NULL ? fread(w.set + 1, 1, sizeof w.set - 2, f) : 0;
    if (f != NULL)
        fclose(f);
    w.set[0] = '\n';
    w.set[n + 1] = '\0';
}

/* The value of "WHO WHAT VALUE", or of "WHO VALUE" where what is ""; fallback if it is not set. */
static const char *setting(const char *who, const char *what, const char *fallback)
{
    static char value[128];
    char key[160];
    snprintf(key, sizeof key, "\n%s%s%s ", who, *what != '\0' ? " " : "", what);
    const char *at = strstr(w.set, key);
    if (at == NULL)
        return fallback;
    at += strlen(key);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
    return value;
}

static long number(const char *who, const char *what, long fallback)
{
    const char *s = setting(who, what, NULL);
    return s != NULL ? strtol(s, NULL, 10) : fallback;
}

static int is_reply(const char *word)
{
    return strcmp(setting("reply", "", "ok"), word) == 0;
}

static int node_named(const char *name)
{
    for (int i = 0; i < w.n_nodes; i++)
        if (strcmp(w.nodes[i].name, name) == 0)
            return i;
    return -1;
}

/* --- Patroni ------------------------------------------------------------------------------- */

static void put(char *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(char *out, const char *fmt, ...)
{
    size_t n = strlen(out);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out + n, TEXT - n, fmt, ap);
    va_end(ap);
}

static int leads(int i)
{
    const char *split = setting("cluster", "split", "");
    return i == w.leader || strcmp(split, w.nodes[i].name) == 0;
}

static void node_json(char *out, int i)
{
    const char *name = w.nodes[i].name;
    int is_sync = strcmp(setting("cluster", "sync", ""), name) == 0;
    long lag = number(name, "lag", 0), seen = (long)time(NULL);
    if (number("cluster", "unlocked", 0) != 0)
        seen -= 1000;
    put(out,
        "{\"state\": \"%s\", \"role\": \"%s\", \"server_version\": 150020, \"timeline\": %ld, ",
        number(name, "stopped", 0) != 0 ? "stopped" : "running", leads(i) ? "master" : "replica",
        number(name, "timeline", w.timeline));
    if (leads(i))
        put(out, "\"xlog\": {\"location\": %ld}, ", w.lsn);
    else
        put(out,
            "\"xlog\": {\"received_location\": %ld, \"replayed_location\": %ld, \"paused\": %s}, ",
            w.lsn, w.lsn - lag, number(name, "paused", 0) != 0 ? "true" : "false");
    if (is_sync)
        put(out, "\"sync_standby\": true, ");
    if (number(name, "nofailover", 0) != 0)
        put(out, "\"tags\": {\"nofailover\": true}, ");
    if (number("cluster", "pause", 0) != 0)
        put(out, "\"pause\": true, ");
    put(out,
        "\"dcs_last_seen\": %ld, \"database_system_identifier\": \"7711423698514664374\", "
        "\"patroni\": {\"version\": \"3.0.2\", \"scope\": \"lab\"}}",
        seen);
}

static void cluster_json(char *out)
{
    int listed = node_named(setting("cluster", "leader", w.nodes[w.leader].name));
    put(out, "{\"members\": [");
    for (int i = 0; i < w.n_nodes; i++) {
        const char *name = w.nodes[i].name;
        int is_sync = strcmp(setting("cluster", "sync", ""), name) == 0;
        put(out,
            "%s{\"name\": \"%s\", \"role\": \"%s\", \"state\": \"running\", \"api_url\": "
            "\"http://%s:%d/patroni\", \"host\": \"%s\", \"port\": 5432, \"timeline\": %ld",
            i > 0 ? ", " : "", name,
            i == listed ? "leader"
            : is_sync   ? "sync_standby"
                        : "replica",
            w.ip, w.port + i, w.ip, number(name, "timeline", w.timeline));
        if (i != listed)
            put(out, ", \"lag\": %ld", number(name, "lag", 0));
        if (number(name, "nofailover", 0) != 0)
            put(out, ", \"tags\": {\"nofailover\": true}");
        put(out, "}");
    }
    put(out, "]%s}", number("cluster", "pause", 0) != 0 ? ", \"pause\": true" : "");
}

static void answer(int fd, int status, const char *type, const char *body)
{
    char head[256];
    int n = snprintf(head, sizeof head, "HTTP/1.0 %d X\r\nContent-Type: %s\r\n\r\n", status, type);
    if (write(fd, head, (size_t)n) < 0 || write(fd, body, strlen(body)) < 0)
        return;
}

static void reset(int fd)
{
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static void value_of(const char *json, const char *key, char out[64])
{
    char quoted[80];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    out[0] = '\0';
    if (at == NULL)
        return;
    at += strlen(quoted);
    at += strspn(at, " \"");
    snprintf(out, 64, "%.*s", (int)strcspn(at, "\""), at);
}

static void move_to(int i)
{
    w.leader = i;
    w.timeline++;
    note("leader %s", w.nodes[i].name);
}

static void switchover(int fd, const char *body)
{
    char leader[64], candidate[64], text[256];
    value_of(body, "leader", leader);
    value_of(body, "candidate", candidate);
    note("POST %s %s", leader, candidate);
    int to = node_named(candidate), other = (to + 1) % w.n_nodes;
    if (other == w.leader)
        other = (other + 1) % w.n_nodes;
    if (node_named(leader) != w.leader)
        answer(fd, 412, "text/html", "leader name does not match");
    else if (to < 0 || is_reply("refused"))
        answer(fd, 412, "text/html", "candidate does not exists");
    else if (is_reply("failed"))
        answer(fd, 503, "text/html", "Switchover failed");
    else if (is_reply("lost"))
        reset(fd);
    else if (is_reply("other")) {
        snprintf(text, sizeof text, "Switched over to \"%s\" instead of \"%s\"",
                 w.nodes[other].name, candidate);
        move_to(other);
        answer(fd, 200, "text/html", text);
    } else {
        move_to(to);
        snprintf(text, sizeof text, "Successfully switched over to \"%s\"", candidate);
        if (is_reply("rst"))
            reset(fd);
        else if (is_reply("status-unknown"))
            answer(fd, 503, "text/html", "Switchover status unknown");
        else
            answer(fd, 200, "text/html", text);
    }
}

static size_t read_all(int fd, char *in)
{
    size_t n = 0;
    in[0] = '\0';
    for (;;) {
        ssize_t got = read(fd, in + n, TEXT - n - 1);
        if (got <= 0)
            break;
        n += (size_t)got;
        in[n] = '\0';
        const char *end = strstr(in, "\r\n\r\n"), *len = strcasestr(in, "content-length:");
        if (end != NULL &&
            (len == NULL || strlen(end + 4) >= strtoul(len + strlen("content-length:"), NULL, 10)))
            break;
    }
    return n;
}

/* True: the connection stays open for ever. */
static int serve_node(int i, int fd)
{
    static char in[TEXT], out[TEXT];
    out[0] = '\0';
    if (number(w.nodes[i].name, "frozen", 0) != 0)
        return 1;
    if (number(w.nodes[i].name, "down", 0) != 0) {
        reset(fd);
        return 0;
    }
    read_all(fd, in);
    if (strncmp(in, "POST /switchover ", 17) == 0) {
        if (is_reply("hang")) {
            note("POST hangs");
            return 1;
        }
        switchover(fd, strstr(in, "\r\n\r\n") != NULL ? strstr(in, "\r\n\r\n") : "");
        return 0;
    }
    if (strncmp(in, "GET /cluster ", 13) == 0)
        cluster_json(out);
    else if (strncmp(in, "GET /config ", 12) == 0)
        put(out, "{\"ttl\": 20, \"loop_wait\": 2, \"retry_timeout\": 3, \"synchronous_mode\": %s}",
            *setting("cluster", "sync", "") != '\0' ? "true" : "false");
    else
        node_json(out, i);
    answer(fd, 200, "application/json", out);
    return 0;
}

/* --- HAProxy ------------------------------------------------------------------------------- */

static void show_state(char *out)
{
    put(out, "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "
             "srv_uweight\n");
    for (int i = 0; i < w.n_servers; i++) {
        const struct server *s = &w.servers[i];
        put(out, "3 %s %d %s 127.0.0.1 %d %ld 100\n", w.backend, i + 1, s->name,
            number(s->name, "up", 1) != 0 && s->admin != 1 ? 2 : 0,
            number(s->name, "admin", s->admin));
    }
}

static void set_server(char *out, const char *name, const char *state)
{
    if (number("deny", "", 0) != 0) {
        put(out, "Permission denied\n");
        return;
    }
    for (int i = 0; i < w.n_servers; i++)
        if (strcmp(w.servers[i].name, name) == 0) {
            w.servers[i].admin = strcmp(state, "ready") == 0   ? 0
                                 : strcmp(state, "drain") == 0 ? 8
                                                               : 1;
            note("set %s %s", name, state);
            return;
        }
    put(out, "No such server.\n");
}

static int serve_haproxy(int fd)
{
    static char in[TEXT], out[TEXT];
    char backend[64] = "", name[64] = "", state[64] = "";
    ssize_t n = read(fd, in, sizeof in - 1);
    in[n > 0 ? n : 0] = '\0';
    out[0] = '\0';
    if (sscanf(in, "set server %63[^/]/%63[^ ] state %63s", backend, name, state) == 3) {
        set_server(out, name, state);
        if (number("mute", "", 0) != 0) {
            reset(fd);
            return 0;
        }
    } else if (strncmp(in, "show servers state", 18) == 0) {
        show_state(out);
    } else {
        put(out, "# pxname,svname,status,check_status\n");
        for (int i = 0; i < w.n_servers; i++)
            put(out, "%s,%s,%s,L7OK\n", w.backend, w.servers[i].name,
                w.servers[i].admin == 8   ? "DRAIN"
                : w.servers[i].admin == 1 ? "MAINT"
                                          : "UP");
    }
    put(out, "\n");
    if (write(fd, out, strlen(out)) < 0)
        perror("switchd");
    return 0;
}

/* --- all ----------------------------------------------------------------------------------- */

static int listen_at(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (inet_pton(AF_INET, w.ip, &at.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0) {
        fprintf(stderr, "switchd: %s:%d: %s\n", w.ip, port, strerror(errno));
        exit(1);
    }
    return fd;
}

static void serve(int listener, int i)
{
    struct timeval limit = {2, 0};
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    read_set();
    if (!(i < w.n_nodes ? serve_node(i, fd) : serve_haproxy(fd)))
        close(fd);
}

static void take_names(char *list, int is_node)
{
    char *rest = NULL;
    for (char *s = strtok_r(list, ",", &rest); s != NULL; s = strtok_r(NULL, ",", &rest)) {
        if (is_node && w.n_nodes < MANY)
            snprintf(w.nodes[w.n_nodes++].name, sizeof w.nodes[0].name, "%s", s);
        else if (!is_node && w.n_servers < MANY)
            snprintf(w.servers[w.n_servers++].name, sizeof w.servers[0].name, "%s", s);
    }
}

int main(int argc, char **argv)
{
    struct pollfd fds[MANY + 1];
    if (argc < 5) {
        fprintf(stderr, "usage: switchd DIR IP PORT NODES [BACKEND SERVERS]\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    w.dir = argv[1];
    w.ip = argv[2];
    w.port = (int)strtol(argv[3], NULL, 10);
    take_names(argv[4], 1);
    if (argc > 6) {
        w.backend = argv[5];
        take_names(argv[6], 0);
    }
    for (int i = 0; i < w.n_nodes; i++)
        fds[i] = (struct pollfd){listen_at(w.port + i), POLLIN, 0};
    int n = w.n_nodes;
    if (w.backend != NULL)
        fds[n++] = (struct pollfd){listen_at(w.port + BACKEND), POLLIN, 0};
    note("ready");
    for (;;) {
        if (poll(fds, (nfds_t)n, -1) <= 0)
            continue;
        for (int i = 0; i < n; i++)
            if (fds[i].revents & POLLIN)
                serve(fds[i].fd, i);
    }
}
