/* verbs.c - what a line of a ptyrun script can say. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/pty/ptyrun.h"

#define WAIT_S 5.0

static double seconds(struct run *r, int n, char **w, int at, double otherwise)
{
    return (n > at ? atof(w[at]) : otherwise) * r->slack;
}

static void need_program(struct run *r)
{
    if (!r->is_spawned)
        run_fail(r, "nothing has been spawned yet");
}

/* --- setting up ------------------------------------------------------------------------------ */

static void parse_size(struct run *r, const char *text, int *lines, int *cols)
{
    if (sscanf(text, "%dx%d", cols, lines) != 2)
        run_fail(r, "size '%s', expected COLSxROWS", text);
}

static void do_size(struct run *r, int n, char **w)
{
    (void)n;
    parse_size(r, w[0], &r->opts.lines, &r->opts.cols);
}

static void do_env(struct run *r, int n, char **w)
{
    (void)n;
    char *eq = strchr(w[0], '=');
    if (!eq)
        run_fail(r, "'%s', expected NAME=VALUE", w[0]);
    *eq = 0;
    setenv(w[0], eq + 1, 1);
}

static void do_unset(struct run *r, int n, char **w)
{
    (void)r;
    (void)n;
    unsetenv(w[0]);
}

static void do_nohup(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    r->opts.ignores_hup = true;
}

static void do_mark(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    need_program(r);
    run_pump(r, 0, false);
    r->mark_bytes = screen_scan(r->screen)->bytes;
    r->mark_writes = screen_scan(r->screen)->writes;
    r->mark_cpu_s = pty_cpu_s(&r->pty);
    r->mark_ms = pty_now_ms();
}

static void do_spawn(struct run *r, int n, char **w)
{
    char pid[32];
    if (r->is_spawned) { /* another one, on a fresh terminal */
        pty_close(&r->pty);
        screen_free(r->screen);
    }
    r->screen = screen_new(r->opts.lines, r->opts.cols);
    r->first_byte_us = r->last_byte_us = 0;
    r->is_not_reading = false;
    pty_spawn(&r->pty, &r->opts, w);
    r->is_spawned = true;
    snprintf(pid, sizeof pid, "%d", (int)r->pty.child);
    setenv("PTY_PID", pid, 1);
    do_mark(r, n, w);
}

static void do_raw(struct run *r, int n, char **w)
{
    (void)n;
    r->raw_fd = open(w[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (r->raw_fd < 0)
        run_fail(r, "cannot write '%s': %s", w[0], strerror(errno));
}

/* --- typing ---------------------------------------------------------------------------------- */

static void type_bytes(struct run *r, const char *bytes, size_t n)
{
    need_program(r);
    int64_t until = pty_now_ms() + (int64_t)(5000 * r->slack);
    while (n > 0 && r->pty.master >= 0) {
        ssize_t k = write(r->pty.master, bytes, n);
        if (k < 0 && errno != EAGAIN)
            run_fail(r, "cannot type: %s", strerror(errno));
        if (k < 0 && pty_now_ms() > until)
            run_fail(r, "the program takes no more keys");
        if (k <= 0) {
            run_pump(r, 5, false);
            continue;
        }
        bytes += k;
        n -= (size_t)k;
    }
}

static void do_send(struct run *r, int n, char **w)
{
    for (int i = 0; i < n; i++)
        type_bytes(r, w[i], strlen(w[i]));
}

static const struct key_name {
    const char *name, *bytes;
} key_names[] = {{"Enter", "\r"},     {"Esc", "\033"},     {"Tab", "\t"},
                 {"S-Tab", "\033[Z"}, {"Space", " "},      {"Backspace", "\177"},
                 {"Up", "\033OA"},    {"Down", "\033OB"},  {"Right", "\033OC"},
                 {"Left", "\033OD"},  {"Home", "\033OH"},  {"End", "\033OF"},
                 {"PgUp", "\033[5~"}, {"PgDn", "\033[6~"}, {"Delete", "\033[3~"},
                 {"F1", "\033OP"},    {"F5", "\033[15~"},  {NULL, NULL}};

static void key_bytes(struct run *r, const char *name, char out[16])
{
    for (const struct key_name *k = key_names; k->name; k++)
        if (!strcmp(k->name, name)) {
            snprintf(out, 16, "%s", k->bytes);
            return;
        }
    if (!strncmp(name, "C-", 2) && name[2] && !name[3])
        snprintf(out, 16, "%c", name[2] & 31);
    else if (strlen(name) < 5)
        snprintf(out, 16, "%s", name);
    else
        run_fail(r, "no key is called '%s'", name);
}

static void do_key(struct run *r, int n, char **w)
{
    char bytes[16];
    for (int i = 0; i < n; i++) {
        key_bytes(r, w[i], bytes);
        type_bytes(r, bytes, strlen(bytes));
        run_pump(r, 15, false); /* an Esc alone needs a gap behind it */
        if (!strcmp(w[i], "Esc"))
            run_pump(r, 80, false);
    }
}

static void do_paste(struct run *r, int n, char **w)
{
    (void)n;
    need_program(r);
    bool is_bracketed = screen_scan(r->screen)->is_paste;
    if (is_bracketed)
        type_bytes(r, "\033[200~", 6);
    type_bytes(r, w[0], strlen(w[0]));
    if (is_bracketed)
        type_bytes(r, "\033[201~", 6);
}

/* --- looking --------------------------------------------------------------------------------- */

struct sought {
    const char *text;
    regex_t *re; /* NULL: plain text */
    int row;     /* -1: any */
};

static bool screen_shows(struct run *r, const struct sought *q)
{
    char row[8192];
    int lines, cols;
    screen_size(r->screen, &lines, &cols);
    for (int i = 0; i < lines; i++) {
        if (q->row >= 0 && i != q->row)
            continue;
        screen_row(r->screen, i, row, sizeof row);
        if (q->re ? regexec(q->re, row, 0, NULL, 0) == 0 : strstr(row, q->text) != NULL)
            return true;
    }
    return false;
}

static void await(struct run *r, const struct sought *q, double s, bool is_wanted)
{
    need_program(r);
    int64_t until = pty_now_ms() + (int64_t)(s * 1000);
    run_pump(r, 0, false);
    while (screen_shows(r, q) != is_wanted) {
        if (r->pty.is_ended)
            run_fail(r, "\"%s\" %s, and the program has ended (status 0x%x)", q->text,
                     is_wanted ? "not seen" : "still there", (unsigned)r->pty.status);
        if (pty_now_ms() >= until)
            run_fail(r, "\"%s\" %s within %.1f s", q->text, is_wanted ? "not seen" : "not gone", s);
        run_pump(r, 100, true);
    }
}

static void do_wait(struct run *r, int n, char **w)
{
    await(r, &(struct sought){.text = w[0], .row = -1}, seconds(r, n, w, 1, WAIT_S), true);
}

static void do_wait_gone(struct run *r, int n, char **w)
{
    await(r, &(struct sought){.text = w[0], .row = -1}, seconds(r, n, w, 1, WAIT_S), false);
}

static void await_re(struct run *r, const char *pattern, int row, double s)
{
    regex_t re;
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        run_fail(r, "'%s' is no regular expression", pattern);
    await(r, &(struct sought){.text = pattern, .re = &re, .row = row}, s, true);
    regfree(&re);
}

static void do_wait_re(struct run *r, int n, char **w)
{
    await_re(r, w[0], -1, seconds(r, n, w, 1, WAIT_S));
}

/* What only the screen knows: a code that is asked for. */
static void do_send_seen(struct run *r, int n, char **w)
{
    char row[2048], found[256];
    regex_t re;
    regmatch_t m[2];
    int lines, cols;
    (void)n;
    if (regcomp(&re, w[0], REG_EXTENDED) != 0 || re.re_nsub != 1)
        run_fail(r, "'%s' is no regular expression with one group", w[0]);
    run_pump(r, 0, false);
    screen_size(r->screen, &lines, &cols);
    for (int i = 0; i < lines; i++) {
        screen_row(r->screen, i, row, sizeof row);
        if (regexec(&re, row, 2, m, 0) != 0)
            continue;
        snprintf(found, sizeof found, "%.*s", (int)(m[1].rm_eo - m[1].rm_so), row + m[1].rm_so);
        regfree(&re);
        type_bytes(r, found, strlen(found));
        return;
    }
    run_fail(r, "no row matches '%s'", w[0]);
}

static void do_wait_row(struct run *r, int n, char **w)
{
    await_re(r, w[1], atoi(w[0]), seconds(r, n, w, 2, WAIT_S));
}

static void do_expect(struct run *r, int n, char **w)
{
    (void)n;
    await(r, &(struct sought){.text = w[0], .row = -1}, 0, true);
}

static void do_expect_not(struct run *r, int n, char **w)
{
    (void)n;
    await(r, &(struct sought){.text = w[0], .row = -1}, 0, false);
}

static void do_expect_cell(struct run *r, int n, char **w)
{
    char text[64], attrs[8];
    need_program(r);
    run_pump(r, 0, false);
    screen_cell(r->screen, atoi(w[0]), atoi(w[1]), text, sizeof text, attrs);
    if (strcmp(text, w[2]) != 0)
        run_fail(r, "cell %s,%s is '%s', expected '%s'", w[0], w[1], text, w[2]);
    if (n > 3 && strcmp(attrs, w[3]) != 0)
        run_fail(r, "cell %s,%s has attributes '%s', expected '%s'", w[0], w[1], attrs, w[3]);
}

static void do_wait_quiet(struct run *r, int n, char **w)
{
    double quiet_us = atof(w[0]) * 1000, s = seconds(r, n, w, 1, WAIT_S);
    int64_t until = pty_now_ms() + (int64_t)(s * 1000);
    need_program(r);
    for (;;) {
        run_pump(r, 5, false);
        if (pty_now_us() - r->last_byte_us >= quiet_us && r->last_byte_us > 0)
            return;
        if (pty_now_ms() >= until)
            run_fail(r, "never quiet for %s ms within %.1f s", w[0], s);
    }
}

static void do_sleep(struct run *r, int n, char **w)
{
    (void)n;
    run_pump(r, (int64_t)(atof(w[0]) * 1000), false);
}

static void do_dump(struct run *r, int n, char **w)
{
    need_program(r);
    run_pump(r, 0, false);
    int fd = n > 0 ? open(w[0], O_WRONLY | O_CREAT | O_TRUNC, 0600) : 1;
    if (fd < 0)
        run_fail(r, "cannot write '%s': %s", w[0], strerror(errno));
    fflush(stdout);
    run_dump(r, fd);
    if (fd != 1)
        close(fd);
}

/* --- what is done to the terminal ------------------------------------------------------------ */

static void do_resize(struct run *r, int n, char **w)
{
    (void)n;
    int lines, cols;
    need_program(r);
    parse_size(r, w[0], &lines, &cols);
    run_pump(r, 0, false);
    screen_resize(r->screen, lines, cols);
    pty_resize(&r->pty, lines, cols);
}

/* As a window dragged about: the same sequence of sizes each time. */
static void do_resize_storm(struct run *r, int n, char **w)
{
    (void)n;
    need_program(r);
    unsigned seed = 7;
    int times = atoi(w[0]);
    double gap_ms = atof(w[1]) * 1000 / (times > 0 ? times : 1);
    double next = pty_now_us();
    for (int i = 0; i < times; i++) {
        seed = seed * 1103515245u + 12345u;
        int lines = 1 + (int)((seed >> 16) % 80), cols = 1 + (int)((seed >> 8) % 250);
        screen_resize(r->screen, lines, cols);
        pty_resize(&r->pty, lines, cols);
        next += gap_ms * 1000;
        double left = (next - pty_now_us()) / 1000;
        run_pump(r, left > 0 ? (int64_t)left : 0, false);
    }
}

static void do_stop_reading(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    r->is_not_reading = true;
}

static void do_start_reading(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    r->is_not_reading = false;
}

static void do_hangup(struct run *r, int n, char **w)
{
    need_program(r);
    pty_hangup(&r->pty, n > 0 && !strcmp(w[0], "silent"));
    r->mark_ms = pty_now_ms();
}

static int signal_number(struct run *r, const char *name)
{
    static const struct {
        const char *name;
        int number;
    } all[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},  {"TERM", SIGTERM},
               {"KILL", SIGKILL}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT},  {"STOP", SIGSTOP},
               {"CONT", SIGCONT}, {"TSTP", SIGTSTP}, {"WINCH", SIGWINCH}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!strcmp(all[i].name, name))
            return all[i].number;
    run_fail(r, "no signal is called '%s'", name);
}

static void do_signal(struct run *r, int n, char **w)
{
    (void)n;
    need_program(r);
    run_pump(r, 0, false);
    kill(-r->pty.child, signal_number(r, w[0]));
    r->mark_ms = pty_now_ms();
}

static void do_fg(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    need_program(r);
    pty_fg(&r->pty);
}

static void await_end(struct run *r, bool is_stop, double s)
{
    need_program(r);
    int64_t until = pty_now_ms() + (int64_t)(s * 1000);
    while (!(is_stop ? r->pty.is_stopped : r->pty.is_ended)) {
        if (pty_now_ms() >= until || r->pty.is_ended)
            run_fail(r, "the program %s within %.1f s", is_stop ? "did not stop" : "did not end",
                     s);
        run_pump(r, 50, true);
    }
    run_pump(r, 20, false);
}

static void do_expect_stopped(struct run *r, int n, char **w)
{
    await_end(r, true, seconds(r, n, w, 0, WAIT_S));
}

static void do_expect_exit(struct run *r, int n, char **w)
{
    await_end(r, false, seconds(r, n, w, 1, WAIT_S));
    int st = r->pty.status;
    if (n == 0 || !strcmp(w[0], "any"))
        return;
    if (!strncmp(w[0], "SIG", 3)) {
        if (!WIFSIGNALED(st) || WTERMSIG(st) != signal_number(r, w[0] + 3))
            run_fail(r, "ended with status 0x%x, expected %s", (unsigned)st, w[0]);
        return;
    }
    if (!WIFEXITED(st) || WEXITSTATUS(st) != atoi(w[0]))
        run_fail(r, "ended with status 0x%x, expected exit %s", (unsigned)st, w[0]);
}

/* --- measures -------------------------------------------------------------------------------- */

static void compare(struct run *r, const char *what, double is, const char *op, const char *limit)
{
    double want = atof(limit);
    bool holds = op[0] == '<'   ? is < want || (op[1] == '=' && is <= want)
                 : op[0] == '>' ? is > want || (op[1] == '=' && is >= want)
                                : fabs(is - want) < 1e-9;
    if (!holds)
        run_fail(r, "%s: %g, expected %s %s", what, is, op, limit);
}

/* Names of figures that `expect-figure` and `print` know. */
static double figure(struct run *r, const char *name)
{
    need_program(r);
    if (!r->is_not_reading)
        run_pump(r, 0, false);
    const struct scan *c = screen_scan(r->screen);
    double since_s = (double)(pty_now_ms() - r->mark_ms) / 1000;
    if (!strcmp(name, "bytes"))
        return (double)(c->bytes - r->mark_bytes);
    if (!strcmp(name, "bytes-per-s"))
        return (double)(c->bytes - r->mark_bytes) / (since_s > 0 ? since_s : 1);
    if (!strcmp(name, "writes"))
        return (double)(c->writes - r->mark_writes);
    if (!strcmp(name, "cpu-s"))
        return pty_cpu_s(&r->pty) - r->mark_cpu_s;
    if (!strcmp(name, "bells"))
        return c->bells;
    if (!strcmp(name, "ended-after-ms"))
        return (double)(r->pty.ended_at_ms - r->mark_ms);
    if (!strcmp(name, "first-byte-ms"))
        return (r->first_byte_us - r->pty.spawned_at_us) / 1000;
    if (!strcmp(name, "last-byte-ms"))
        return (r->last_byte_us - r->pty.spawned_at_us) / 1000;
    if (!strcmp(name, "wall-ms")) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
    }
    if (!strcmp(name, "pid"))
        return r->pty.child;
    run_fail(r, "no figure is called '%s'", name);
}

static void do_expect_figure(struct run *r, int n, char **w)
{
    (void)n;
    compare(r, w[0], figure(r, w[0]), w[1], w[2]);
}

static void do_print(struct run *r, int n, char **w)
{
    for (int i = 0; i < n; i++)
        printf("%s %.14g\n", w[i], figure(r, w[i]));
    fflush(stdout);
}

static void do_expect_clean(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    need_program(r);
    run_pump(r, 0, false);
    const struct scan *c = screen_scan(r->screen);
    if (c->strings + c->unknown + c->queries + c->controls > 0)
        run_fail(
            r,
            "the terminal was sent %u strings (OSC, DCS, …), %u queries, %u unknown sequences, "
            "%u controls; the first: %s",
            c->strings, c->queries, c->unknown, c->controls, c->first_odd);
}

static void do_expect_restored(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    struct termios now;
    need_program(r);
    run_pump(r, 20, false);
    const struct scan *c = screen_scan(r->screen);
    if (c->is_alt || c->is_cursor_hidden || c->is_mouse || c->is_paste || c->is_focus)
        run_fail(r, "left behind:%s%s%s%s%s", c->is_alt ? " alternate-screen" : "",
                 c->is_cursor_hidden ? " hidden-cursor" : "", c->is_mouse ? " mouse" : "",
                 c->is_paste ? " bracketed-paste" : "", c->is_focus ? " focus-reports" : "");
    const struct termios *b = &r->pty.before;
    if (tcgetattr(r->pty.master, &now) != 0)
        run_fail(r, "tcgetattr: %s", strerror(errno));
    if (now.c_iflag != b->c_iflag || now.c_oflag != b->c_oflag || now.c_cflag != b->c_cflag ||
        now.c_lflag != b->c_lflag || memcmp(now.c_cc, b->c_cc, sizeof now.c_cc) != 0)
        run_fail(r, "terminal settings: iflag %x lflag %x, before the program iflag %x lflag %x",
                 now.c_iflag, now.c_lflag, b->c_iflag, b->c_lflag);
}

static void do_expect_fullscreen(struct run *r, int n, char **w)
{
    (void)n;
    (void)w;
    need_program(r);
    run_pump(r, 0, false);
    if (!screen_scan(r->screen)->is_alt)
        run_fail(r, "the alternate screen is not on");
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Presses keys in turn; each one's time is from the key to the last byte it caused. */
static void do_latency(struct run *r, int n, char **w)
{
    int times = atoi(w[0]), silent = 0, count = 0;
    int64_t quiet_ms = atoi(w[1]);
    double *ms = calloc((size_t)times + 1, sizeof *ms);
    char bytes[16];
    need_program(r);
    for (int i = 0; ms && i < times; i++) {
        key_bytes(r, w[2 + i % (n - 2)], bytes);
        run_pump(r, 2, false);
        double at = pty_now_us();
        r->last_byte_us = 0;
        type_bytes(r, bytes, strlen(bytes));
        double until = at + 1e6;
        while (pty_now_us() < until) {
            run_pump(r, quiet_ms, true);
            if (r->last_byte_us > 0 && pty_now_us() - r->last_byte_us >= (double)quiet_ms * 1000)
                break;
        }
        if (r->last_byte_us > 0)
            ms[count++] = (r->last_byte_us - at) / 1000;
        else
            silent++;
    }
    if (!ms || count == 0)
        run_fail(r, "no key caused any output");
    qsort(ms, (size_t)count, sizeof *ms, by_value);
    printf("p50 %.2f p99 %.2f max %.2f keys %d silent %d\n", ms[count / 2],
           ms[(int)((count - 1) * 0.99)], ms[count - 1], count, silent);
    fflush(stdout);
    free(ms);
}

/* --- the world outside ----------------------------------------------------------------------- */

/* The terminal goes on working while the command runs. */
static void do_run(struct run *r, int n, char **w)
{
    (void)n;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/bash", "bash", "-c", w[0], (char *)NULL);
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, WNOHANG) == 0)
        run_pump(r, 5, false);
    if (status != 0)
        run_fail(r, "the command failed (status 0x%x): %s", (unsigned)status, w[0]);
}

const struct verb verbs[] = {
    {"size", "COLSxROWS", "of the terminal, before spawn", 1, do_size},
    {"env", "NAME=VALUE", "for the program", 1, do_env},
    {"unset", "NAME", "from the environment", 1, do_unset},
    {"nohup", "", "the program starts with SIGHUP ignored", 0, do_nohup},
    {"raw", "FILE", "keeps a copy of all output", 1, do_raw},
    {"spawn", "CMD ARG…", "runs it on a fresh terminal", 1, do_spawn},
    {"send", "TEXT…", "types it as it is", 1, do_send},
    {"send-seen", "REGEX", "types what its group caught in the first row that matches", 1,
     do_send_seen},
    {"key", "NAME…", "Enter Esc Tab S-Tab Up PgDn C-z … or a character", 1, do_key},
    {"paste", "TEXT", "bracketed if the program asked for it", 1, do_paste},
    {"wait", "TEXT [S]", "until some row shows it (5 s)", 1, do_wait},
    {"wait-re", "REGEX [S]", "until some row matches", 1, do_wait_re},
    {"wait-row", "ROW REGEX [S]", "until that row (from 0) matches", 2, do_wait_row},
    {"wait-gone", "TEXT [S]", "until no row shows it", 1, do_wait_gone},
    {"wait-quiet", "MS [S]", "until nothing was written for MS", 1, do_wait_quiet},
    {"sleep", "S", "lets the program work", 1, do_sleep},
    {"expect", "TEXT", "some row shows it now", 1, do_expect},
    {"expect-not", "TEXT", "no row shows it now", 1, do_expect_not},
    {"expect-cell", "ROW COL CHAR [ATTRS]", "from 0; attributes of b i u r", 3, do_expect_cell},
    {"expect-clean", "", "no escape or control but those of curses", 0, do_expect_clean},
    {"expect-restored", "", "settings and modes as before the program", 0, do_expect_restored},
    {"expect-fullscreen", "", "the alternate screen is on", 0, do_expect_fullscreen},
    {"expect-exit", "[CODE|SIGNAME|any [S]]", "it ends (5 s)", 0, do_expect_exit},
    {"expect-stopped", "[S]", "it is stopped by job control", 0, do_expect_stopped},
    {"expect-figure", "NAME OP N", "bytes bytes-per-s writes cpu-s bells ended-after-ms …", 3,
     do_expect_figure},
    {"print", "NAME…", "figures, one a line", 1, do_print},
    {"mark", "", "figures count from here", 0, do_mark},
    {"latency", "TIMES QUIET_MS KEY…", "key to last byte: p50, p99, max", 3, do_latency},
    {"dump", "[FILE]", "the screen as text", 0, do_dump},
    {"resize", "COLSxROWS", "of the running terminal", 1, do_resize},
    {"resize-storm", "TIMES S", "so many sizes in S seconds", 2, do_resize_storm},
    {"stop-reading", "", "the terminal takes no more output", 0, do_stop_reading},
    {"start-reading", "", "and goes on", 0, do_start_reading},
    {"hangup", "[silent]", "drops the line; silent: no SIGHUP is passed on", 0, do_hangup},
    {"signal", "NAME", "to the program's group", 1, do_signal},
    {"fg", "", "brings a stopped program back", 0, do_fg},
    {"run", "COMMAND", "in bash, must succeed; $PTY_PID is the program", 1, do_run},
    {NULL, NULL, NULL, 0, NULL}};
