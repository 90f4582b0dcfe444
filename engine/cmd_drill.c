/* `trucban drill [SCENARIO]`: a simulated site and an engine of its own on it, as two children.
 *
 * When the engine's socket answers, one line of JSON on standard output says where it is:
 *   {"schema":"trucban/drill/1","socket":"…","state":"…","port":18080,"sim":PID,"engine":PID}
 * Everything ends, and a state folder that was made here goes, on SIGTERM, SIGINT or SIGHUP, or
 * when standard input is a pipe and its other end (the console) closes it.  No loop: two children,
 * a signalfd and poll are all there is. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/jval.h"
#include "engine/paths.h"
#include "engine/sim_paths.h"

enum {
    START_MS = 20000,
    ASK_MS = 50,
    TERM_MS = 5000,
    LOG_TAIL = 2048,
    ARGS_MAX = 16,
    RESTART_MS = 500
};

struct drill {
    char *sites, *site, *scenario, *state, *socket;
    bool is_temp;    /* the state folder is ours to remove */
    bool is_stopped; /* a signal or the closed pipe said so */
    int signals;     /* signalfd; SIGCHLD and what ends us */
    sigset_t before;
    pid_t sim, engine; /* 0: not running */
    int engine_status; /* of waitpid, once it has ended */
    uint16_t port;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static char *joined(const char *dir, const char *name)
{
    struct buf path = BUF_INIT(0);
    buf_addf(&path, "%s/%s", dir, name);
    return buf_take(&path);
}

/* --- children ------------------------------------------------------------------------------- */

/* In the child: a group of its own (Ctrl-C is for us), ended with us, words into a file. */
static _Noreturn void child_run(const struct drill *d, pid_t parent, char *const argv[], int out,
                                const char *log)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int words = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &d->before, NULL);
    if (getppid() == parent && null >= 0 && words >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(out >= 0 ? out : words, STDOUT_FILENO) >= 0 && dup2(words, STDERR_FILENO) >= 0) {
        execv("/proc/self/exe", argv);
        dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
    }
    _exit(127);
}

static bool child_begin(struct drill *d, const char *name, const char *const args[], int out,
                        pid_t *pid, struct err *e)
{
    char *argv[ARGS_MAX + 3] = {NULL};
    struct buf log = BUF_INIT(0);
    size_t n = 0;
    argv[n++] = mem_strdup("trucban-engine");
    argv[n++] = mem_strdup(name);
    for (size_t i = 0; args[i] != NULL && i < ARGS_MAX; i++)
        argv[n++] = mem_strdup(args[i]);
    buf_addf(&log, "%s/%s.log", d->state, name);
    fflush(NULL);
    pid_t self = getpid();
    *pid = fork();
    if (*pid == 0)
        child_run(d, self, argv, out, buf_text(&log));
    int why = errno;
    for (size_t i = 0; i < n; i++)
        free(argv[i]);
    buf_release(&log);
    if (*pid > 0)
        return true;
    *pid = 0;
    return err_set(e, "cannot start %s: %s", name, strerror(why));
}

/* Collects children that ended; true if one of ours did. */
static bool reap(struct drill *d)
{
    bool is_one_gone = false;
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        is_one_gone = is_one_gone || pid == d->sim || pid == d->engine;
        if (pid == d->sim)
            d->sim = 0;
        if (pid == d->engine) {
            d->engine = 0;
            d->engine_status = status;
        }
    }
    return is_one_gone;
}

/* Waits for up to wait_ms; false when it is time to end (is_stopped) or a child has. */
static bool wait_on(struct drill *d, int fd, int wait_ms)
{
    struct signalfd_siginfo info;
    struct pollfd fds[] = {{.fd = d->signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    poll(fds, 2, wait_ms);
    while (read(d->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD)
            d->is_stopped = true;
    return !reap(d) && !d->is_stopped;
}

/* What a child that failed has said, for whoever started the drill. */
static void show_log(const struct drill *d, const char *name)
{
    char tail[LOG_TAIL + 1];
    struct buf path = BUF_INIT(0);
    buf_addf(&path, "%s/%s.log", d->state, name);
    int fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
    off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    ssize_t n = fd >= 0 ? pread(fd, tail, LOG_TAIL, end > LOG_TAIL ? end - LOG_TAIL : 0) : 0;
    if (n > 0)
        fprintf(stderr, "%.*s", (int)n, tail);
    if (fd >= 0)
        close(fd);
    buf_release(&path);
}

static int child_failed(const struct drill *d, const char *name)
{
    if (d->is_stopped)
        return 0;
    show_log(d, name);
    return cmd_fail(NULL, EXIT_UNAVAILABLE, "drill",
                    "the drill's \"%s\" ended or did not start in time", name);
}

/* --- starting ------------------------------------------------------------------------------- */

/* The simulator's first line: {"port":N,"servers":N}. */
static bool read_port(struct drill *d, int fd)
{
    struct buf line = BUF_INIT(256);
    char chunk[128];
    for (int64_t until = now_ms() + START_MS; now_ms() < until;) {
        bool is_going = wait_on(d, fd, ASK_MS);
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n > 0)
            buf_add(&line, chunk, (size_t)n);
        if (!is_going || n == 0 || (line.len > 0 && memchr(line.bytes, '\n', line.len) != NULL))
            break;
    }
    struct jval *j = jval_parse(buf_text(&line), line.len, NULL);
    d->port = (uint16_t)jval_get_int(j, "port", 0);
    jval_free(j);
    buf_release(&line);
    return d->port != 0;
}

static int start_sim(struct drill *d)
{
    const char *const args[] = {"--site", d->site, "--scenario", d->scenario,
                                "--port", "auto",  NULL};
    int pipes[2];
    struct err e;
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0)
        return cmd_fail(NULL, EXIT_SOFTWARE, "drill", "cannot make a pipe: %s", strerror(errno));
    bool is_begun = child_begin(d, "sim", args, pipes[1], &d->sim, &e);
    close(pipes[1]);
    bool is_ready = is_begun && read_port(d, pipes[0]);
    close(pipes[0]);
    if (!is_begun)
        return cmd_fail(NULL, EXIT_SOFTWARE, "drill", "%s", e.text);
    return is_ready ? 0 : child_failed(d, "sim");
}

static bool socket_answers(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(to.sun_path, path, strlen(path) + 1); /* paths_check_socket has measured it */
    bool is_there = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0)
        close(fd);
    return is_there;
}

static int start_engine(struct drill *d)
{
    char set[32];
    snprintf(set, sizeof set, "port=%u", d->port);
    struct buf secrets = BUF_INIT(0);
    buf_addf(&secrets, "secrets=%s/secrets", d->state);
    const char *const args[] = {"--site", d->site, "--socket", d->socket, "--state",
                                d->state, "--set", set,        "--set",   buf_text(&secrets),
                                NULL};
    struct err e;
    bool is_begun = child_begin(d, "engine", args, -1, &d->engine, &e);
    buf_release(&secrets);
    if (!is_begun)
        return cmd_fail(NULL, EXIT_SOFTWARE, "drill", "%s", e.text);
    for (int64_t until = now_ms() + START_MS; now_ms() < until;) {
        if (socket_answers(d->socket))
            return 0;
        if (!wait_on(d, -1, ASK_MS))
            break;
    }
    return child_failed(d, d->sim != 0 ? "engine" : "sim");
}

static void say_ready(const struct drill *d)
{
    struct buf line = BUF_INIT(0);
    struct jval *o = jval_object();
    jval_set_str(o, "schema", "trucban/drill/1");
    jval_set_str(o, "socket", d->socket);
    jval_set_str(o, "state", d->state);
    jval_set_int(o, "port", d->port);
    jval_set_int(o, "sim", d->sim);
    jval_set_int(o, "engine", d->engine);
    jval_dump(&line, o, 0);
    puts(buf_text(&line));
    fflush(stdout);
    jval_free(o);
    buf_release(&line);
}

/* --- the life of a drill -------------------------------------------------------------------- */

/* Standard input counts only where somebody holds the other end: a pipe or a socket. */
static int watched_input(void)
{
    struct stat st;
    if (fstat(STDIN_FILENO, &st) != 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
        return -1;
    int flags = fcntl(STDIN_FILENO, F_GETFL);
    fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK);
    return STDIN_FILENO;
}

static bool input_closed(int fd)
{
    char dropped[256];
    ssize_t n = fd >= 0 ? read(fd, dropped, sizeof dropped) : 1;
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* An engine that was killed comes back, as a service would: that, too, is worth a drill.  One that
 * ended by its own decision does not. */
static bool has_crashed(const struct drill *d)
{
    return !d->is_stopped && d->sim != 0 && d->engine == 0 && WIFSIGNALED(d->engine_status);
}

static int stay(struct drill *d)
{
    int input = watched_input();
    for (;;) {
        while (wait_on(d, input, -1))
            if (input_closed(input))
                return 0;
        if (!has_crashed(d))
            return child_failed(d, d->sim != 0 ? "engine" : "sim");
        wait_on(d, -1, RESTART_MS);
        int status = d->is_stopped ? 0 : start_engine(d);
        if (status != 0 || d->is_stopped)
            return status;
    }
}

static void end_children(struct drill *d)
{
    bool is_killed = false;
    int64_t until = now_ms() + TERM_MS;
    if (d->engine > 0)
        kill(d->engine, SIGTERM);
    if (d->sim > 0)
        kill(d->sim, SIGTERM);
    while (d->engine > 0 || d->sim > 0) {
        wait_on(d, -1, ASK_MS);
        if (now_ms() < until || is_killed)
            continue;
        is_killed = true;
        if (d->engine > 0)
            kill(d->engine, SIGKILL);
        if (d->sim > 0)
            kill(d->sim, SIGKILL);
    }
}

static int prepare(struct drill *d, const struct cmd_options *o)
{
    struct err e;
    d->sites = sim_sites_dir(&e);
    if (d->sites != NULL)
        d->scenario = sim_scenario_path(d->sites, o->n_args > 0 ? o->args[0] : "first-minute", &e);
    if (d->scenario == NULL)
        return cmd_fail(NULL, d->sites != NULL ? EXIT_USAGE : EXIT_UNAVAILABLE, "drill", "%s",
                        e.text);
    d->site = joined(d->sites, "drill/site.json");
    d->is_temp = o->state == NULL;
    d->state = d->is_temp ? sim_temp_dir(&e) : mem_strdup(o->state);
    if (d->state == NULL || (!d->is_temp && !paths_make_dir(d->state, &e)))
        return cmd_fail(NULL, EXIT_CANTCREATE, "drill", "%s", e.text);
    if (!sim_copy_secrets(d->sites, d->state, &e))
        return cmd_fail(NULL, EXIT_CANTCREATE, "drill", "%s", e.text);
    d->socket = o->socket != NULL ? mem_strdup(o->socket) : joined(d->state, "drill.sock");
    if (!paths_check_socket(d->socket, &e))
        return cmd_fail(NULL, EXIT_CANTCREATE, "drill", "%s", e.text);
    if (socket_answers(d->socket))
        return cmd_fail(NULL, EXIT_CANTCREATE, "drill", "an engine is listening on \"%s\" already",
                        d->socket);
    return 0;
}

static bool watch_signals(struct drill *d)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &d->before);
    signal(SIGPIPE, SIG_IGN);
    d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->signals >= 0;
}

static int run(const struct cmd_options *o)
{
    struct drill d = {.signals = -1};
    int status = prepare(&d, o);
    if (status == 0 && !watch_signals(&d))
        status =
            cmd_fail(NULL, EXIT_SOFTWARE, "drill", "cannot watch signals: %s", strerror(errno));
    if (status == 0)
        status = start_sim(&d);
    if (status == 0 && !d.is_stopped)
        status = start_engine(&d);
    if (status == 0 && !d.is_stopped) {
        say_ready(&d);
        status = stay(&d);
    }
    end_children(&d);
    if (d.is_temp && d.state != NULL)
        sim_remove_dir(d.state);
    if (d.signals >= 0)
        close(d.signals);
    free(d.sites);
    free(d.site);
    free(d.scenario);
    free(d.state);
    free(d.socket);
    return status;
}

int cmd_drill(int argc, char **argv)
{
    return cmd_carry_out(cmd_find("drill"), argc, argv, run);
}
