/* killer ROUNDS FOLDER - ST1: the journal's process gets SIGKILL, at random and at every failpoint;
 * whatever it had said to be saved must be there, the chain whole, the file well.
 *
 * A child appends batches and writes "N\n" into a pipe for each event once the journal has called
 * it durable.  The parent kills it, reads what was said, and looks into the file. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/checkpoint.h"
#include "engine/journal.h"
#include "engine/loop.h"

static const char *const points[] = {
    NULL, /* anywhere */
    "journal.append",
    "store.inserted",
    "store.before_commit",
    "store.after_commit",
    NULL,
    "store.made",
    "store.checkpoint",
};
#define N_POINTS (sizeof points / sizeof points[0])

struct writer {
    struct loop *loop;
    struct journal *journal;
    struct fleet *fleet;
    int out, batches;
};

static void write_more(struct writer *w);

static void written(void *arg, const struct event *events, size_t n, const char *error)
{
    struct writer *w = arg;
    char line[40];
    if (error) {
        dprintf(w->out, "error\n");
        exit(3);
    }
    for (size_t i = 0; i < n; i++)
        fleet_fold(w->fleet, &events[i]);
    int len = snprintf(line, sizeof line, "%llu\n", (unsigned long long)events[n - 1].seq);
    if (write(w->out, line, (size_t)len) != len)
        exit(3);
    if (++w->batches % 5 == 0)
        journal_checkpoint(w->journal, checkpoint_write(w->fleet), NULL, NULL);
    write_more(w);
}

static void write_more(struct writer *w)
{
    size_t n = 1 + (size_t)(w->batches % 3);
    struct event *batch = mem_alloc(n * sizeof *batch);
    for (size_t i = 0; i < n; i++) {
        uint64_t id = w->fleet->next_alert + i;
        char subject[40];
        snprintf(subject, sizeof subject, "alert/%llu", (unsigned long long)id);
        batch[i] = (struct event){.kind = EVENT_ALERT_OPENED,
                                  .at_ms = loop_wall_ms(w->loop),
                                  .subject = mem_strdup(subject),
                                  .actor = {mem_strdup("trucban"), -1, mem_strdup("")},
                                  .alert = id,
                                  .version = 1,
                                  .state = STATE_CRITICAL,
                                  .text = mem_strdup("connection refused"),
                                  .check = mem_strdup("web-01/http")};
    }
    journal_append(w->journal, batch, n, written, w);
}

static _Noreturn void child(const char *path, int out)
{
    struct writer w = {.out = out};
    char *say = NULL;
    w.loop = loop_new(NULL);
    w.fleet = fleet_new();
    w.journal = journal_new(w.loop, &store_sqlite, path, NULL, NULL, &say);
    if (!w.journal) {
        dprintf(out, "error %s\n", say);
        exit(3);
    }
    journal_load(w.journal, w.fleet);
    write_more(&w);
    loop_run(w.loop);
    exit(3);
}

static bool count_event(void *arg, struct event *e)
{
    *(uint64_t *)arg = e->seq;
    return true;
}

/* The last number in the file, or -1 with the reason printed. */
static long long look(const char *path)
{
    struct store_error e = {0};
    if (access(path, F_OK) != 0)
        return 0; /* killed before it was made */
    void *s = store_sqlite.open(path, &e);
    struct chain at, head;
    uint64_t last = 0;
    chain_init(&at);
    bool is_good = s && store_sqlite.follow(s, &at, 0, count_event, &last, &e) &&
                   store_sqlite.head(s, &head, &e) && store_sqlite.inspect(s, &e);
    if (s)
        store_sqlite.close(s);
    if (is_good && head.seq == last)
        return (long long)last;
    printf("corrupt: %s\n", e.detail);
    return -1;
}

static void nap_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

/* Kills one child; the last number that it had said is saved, or -1. */
static long long kill_one(const char *path, const char *flag, const char *point, long after_ms)
{
    char fp[500], said[65536];
    int pipes[2], status;
    size_t len = 0;
    ssize_t n;
    unlink(flag);
    snprintf(fp, sizeof fp, "%s:kill9@%s", point ? point : "none", flag);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return -1;
    fcntl(pipes[1], F_SETPIPE_SZ, 65536);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        setenv("FP", fp, 1);
        child(path, pipes[1]);
    }
    close(pipes[1]);
    nap_ms(after_ms);
    int fd = open(flag, O_CREAT | O_WRONLY, 0600); /* from here on the failpoint kills */
    if (fd >= 0)
        close(fd);
    if (point)
        nap_ms(15);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    while (len < sizeof said - 1 && (n = read(pipes[0], said + len, sizeof said - 1 - len)) > 0)
        len += (size_t)n;
    close(pipes[0]);
    said[len] = '\0';
    if (strstr(said, "error")) {
        printf("%s", strstr(said, "error"));
        return -1;
    }
    while (len > 0 && said[len - 1] != '\n') /* a number cut in the middle was not said */
        said[--len] = '\0';
    if (len == 0)
        return 0;
    char *last = said + len - 1;
    while (last > said && last[-1] != '\n')
        last--;
    return strtoll(last, NULL, 10);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 50, lost = 0, corrupt = 0;
    const char *folder = argc > 2 ? argv[2] : "/tmp";
    char path[300], flag[300];
    long long saved = 0, in_all = 0;
    uint32_t random = (uint32_t)time(NULL);
    snprintf(path, sizeof path, "%s/kill.db", folder);
    snprintf(flag, sizeof flag, "%s/kill.flag", folder);
    for (int i = 0; i < rounds; i++) {
        if (i % 25 == 0) { /* a young file now and then */
            unlink(path);
            saved = 0;
        }
        random = random * 1664525u + 1013904223u;
        long long said = kill_one(path, flag, points[(size_t)i % N_POINTS], (random >> 16) % 25);
        long long is = said < 0 ? -1 : look(path);
        in_all += said > saved ? said - saved : 0;
        if (is < 0)
            corrupt++;
        else if (is < said || is < saved)
            lost++;
        saved = is > 0 ? is : 0;
    }
    printf("%d rounds, %lld events said to be saved, %d lost, %d corrupt\n", rounds, in_all, lost,
           corrupt);
    return lost || corrupt || in_all == 0;
}
