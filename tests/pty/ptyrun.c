/* ptyrun - plays a script against a program on a real terminal model and says what differs.
 *
 *     ptyrun [SCRIPT]          (without: the script is read from standard input, line by line)
 *
 * Exit: 0 the script held, 1 it did not (line, reason and screen are printed), 2 the script is
 * wrong. */
#include "tests/pty/ptyrun.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void run_dump(struct run *r, int fd)
{
    char row[8192];
    int lines, cols;
    if (!r->screen)
        return;
    screen_size(r->screen, &lines, &cols);
    do { /* empty rows at the foot say nothing */
        screen_row(r->screen, --lines, row, sizeof row);
    } while (row[0] == 0 && lines > 0);
    for (int i = 0; i <= lines; i++) {
        screen_row(r->screen, i, row, sizeof row);
        dprintf(fd, "%s\n", row);
    }
}

void run_fail(struct run *r, const char *fmt, ...)
{
    va_list ap;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", r->script, r->line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    if (r->is_spawned) {
        fprintf(stderr, "---- screen ----\n");
        run_dump(r, 2);
        fprintf(stderr, "----------------\n");
        pty_close(&r->pty);
    }
    exit(1);
}

/* Takes what the program wrote; false once there is nothing more now. */
static bool run_take(struct run *r)
{
    char bytes[65536], reply[256];
    ssize_t n = read(r->pty.master, bytes, sizeof bytes);
    if (n <= 0)
        return false;
    r->last_byte_us = pty_now_us();
    if (r->first_byte_us == 0)
        r->first_byte_us = r->last_byte_us;
    if (r->raw_fd >= 0 && write(r->raw_fd, bytes, (size_t)n) < 0)
        run_fail(r, "cannot write the copy of the output: %s", strerror(errno));
    screen_feed(r->screen, bytes, (size_t)n);
    size_t k = screen_reply(r->screen, reply, sizeof reply);
    if (k > 0 && write(r->pty.master, reply, k) < 0)
        return false;
    return true;
}

void run_pump(struct run *r, int64_t ms, bool is_until_any)
{
    int64_t until = pty_now_ms() + ms;
    for (;;) {
        int64_t left = until - pty_now_ms();
        bool reads = r->is_spawned && r->pty.master >= 0 && !r->is_not_reading;
        struct pollfd p[2] = {{.fd = r->is_spawned ? r->pty.shell_fd : -1, .events = POLLIN},
                              {.fd = reads ? r->pty.master : -1, .events = POLLIN}};
        int got = poll(p, 2, left > 0 ? (int)left : 0);
        if (got < 0 && errno != EINTR)
            run_fail(r, "poll: %s", strerror(errno));
        bool any = false;
        while (reads && p[1].revents && run_take(r))
            any = true;
        if (got > 0 && p[0].revents) {
            pty_hear(&r->pty);
            any = true;
        }
        if ((any && is_until_any) || left <= 0)
            return;
    }
}

/* --- one line of the script ------------------------------------------------------------------ */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char unescape(const char **p)
{
    static const char from[] = "enrtab0", to[] = "\033\n\r\t\a\b";
    char c = *(*p)++;
    if (c == 'x' && hex((*p)[0]) >= 0 && hex((*p)[1]) >= 0) {
        c = (char)(hex((*p)[0]) * 16 + hex((*p)[1]));
        *p += 2;
        return c;
    }
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

/* Cuts a line into words: blanks part them, "…" and '…' hold them together, \ escapes except
 * between single quotes.  Works in place. */
static int line_cut(struct run *r, char *line, char **w)
{
    int n = 0;
    const char *p = line;
    char *out = line;
    for (;;) {
        p += strspn(p, " \t");
        if (*p == 0 || *p == '#')
            break;
        if (n == WORDS_MAX - 1)
            run_fail(r, "too many words");
        w[n++] = out;
        char quote = 0;
        while (*p && (quote || !strchr(" \t", *p))) {
            char c = *p++;
            if (quote ? c == quote : c == '"' || c == '\'')
                quote = quote ? 0 : c;
            else if (c == '\\' && quote != '\'' && *p)
                *out++ = unescape(&p);
            else
                *out++ = c;
        }
        bool is_end = *p == 0;
        if (!is_end)
            p++;
        *out++ = 0;
        if (is_end)
            break;
    }
    w[n] = NULL;
    return n;
}

static void line_run(struct run *r, char *line)
{
    char *w[WORDS_MAX];
    int n = line_cut(r, line, w);
    if (n == 0)
        return;
    for (const struct verb *v = verbs; v->name; v++) {
        if (strcmp(v->name, w[0]) != 0)
            continue;
        if (n - 1 < v->least) {
            fprintf(stderr, "%s:%d: usage: %s %s\n", r->script, r->line, v->name, v->args);
            exit(2);
        }
        v->run(r, n - 1, w + 1);
        return;
    }
    fprintf(stderr, "%s:%d: no such word '%s' (see ptyrun --help)\n", r->script, r->line, w[0]);
    exit(2);
}

/* Reads the next line while the terminal goes on working; false at the end. */
static bool line_read(struct run *r, int fd, char *line, size_t max)
{
    size_t n = 0;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        while (poll(&p, 1, r->is_spawned ? 0 : -1) == 0)
            run_pump(r, 5, true);
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got <= 0) {
            line[n] = 0;
            return n > 0;
        }
        if (c == '\n') {
            line[n] = 0;
            return true;
        }
        if (n + 1 < max)
            line[n++] = c;
    }
}

static void help(void)
{
    printf("ptyrun [SCRIPT]: lines of\n");
    for (const struct verb *v = verbs; v->name; v++)
        printf("  %-14s %-22s %s\n", v->name, v->args, v->help);
    printf("Texts: \"…\" with \\e \\n \\r \\t \\a \\b \\0 \\xHH.  Deadlines in seconds, times "
           "$PTY_SLACK.\n");
}

int main(int argc, char **argv)
{
    static char line[262144];
    struct run r = {.raw_fd = -1, .slack = 1, .opts = {.lines = 24, .cols = 80}};
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        help();
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    if (getenv("PTY_SLACK"))
        r.slack = atof(getenv("PTY_SLACK"));
    bool is_file = argc > 1 && strcmp(argv[1], "-") != 0;
    r.script = is_file ? argv[1] : "script";
    int fd = is_file ? open(argv[1], O_RDONLY | O_CLOEXEC) : 0;
    if (fd < 0) {
        fprintf(stderr, "ptyrun: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    setenv("TERM", "xterm-256color", 0);
    while (line_read(&r, fd, line, sizeof line)) {
        r.line++;
        line_run(&r, line);
    }
    if (r.is_spawned)
        pty_close(&r.pty);
    screen_free(r.screen);
    return 0;
}
