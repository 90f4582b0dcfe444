/* term_ncurses.c - the real terminal; the only file that knows curses.
 *
 * ncurses is used as what it is best at: it turns a picture into the fewest bytes for this
 * terminal. It never touches the tty itself.  Its output goes into a file in memory, and this file
 * writes it to a descriptor of our own that never blocks: one write a frame, a frame is skipped
 * while the last one is still on its way (finding F24), a dead line is noticed (F6), and modes are
 * set and restored here alone.
 *
 *     surface --put_row--> stdscr --doupdate--> memfd --take--> pending --flush--> tty
 */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "tui/input.h"
#include "tui/rescue.h"

#define FLAG_SETS        16    /* combinations of cell_flags */
#define RUN_MAX          128   /* columns told to curses at once */
#define DRAIN_KEPT_BYTES 65536 /* of the file in memory, from frame to frame */

struct look { /* a theme's style as curses wants it */
    attr_t attrs;
    int pair;
};
struct real {
    struct term base;
    int tty;
    struct termios modes; /* as we found them */
    FILE *drain_file;     /* ncurses' output, a file in memory */
    SCREEN *screen;
    struct surface *shown; /* what the terminal shows; valid if has_shown */
    bool has_shown, is_gone;
    struct buf pending; /* bytes that the tty has not taken yet */
    struct theme theme; /* that looks[] was made of */
    struct look looks[ROLE_COUNT][FLAG_SETS];
    struct input_keys keys;
    char enter[256], leave[256];
};

/* --- bytes out ------------------------------------------------------------------------------- */

static void real_flush(struct term *t)
{
    struct real *r = (struct real *)t;
    while (r->pending.len > 0) {
        ssize_t n = write(r->tty, r->pending.bytes, r->pending.len);
        if (n > 0)
            buf_drop(&r->pending, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else {
            r->is_gone = n < 0 && errno != EAGAIN;
            if (r->is_gone)
                buf_clear(&r->pending);
            return;
        }
    }
}

static bool real_wants_write(const struct term *t)
{
    return ((const struct real *)t)->pending.len > 0;
}

/* Moves what ncurses wrote into pending; `is_kept` false throws it away. */
static void take_output(struct real *r, bool is_kept)
{
    int fd = fileno(r->drain_file);
    off_t len = lseek(fd, 0, SEEK_CUR), at = 0;
    char part[8192];
    while (is_kept && at < len) {
        size_t want = len - at < (off_t)sizeof part ? (size_t)(len - at) : sizeof part;
        ssize_t n = pread(fd, part, want, at); /* not more: an older frame may stand behind it */
        if (n <= 0)
            break;
        buf_add(&r->pending, part, (size_t)n);
        at += n;
    }
    bool is_large = len > DRAIN_KEPT_BYTES; /* room that the next frame can use again is kept */
    if (len > 0 && (lseek(fd, 0, SEEK_SET) != 0 || (is_large && ftruncate(fd, 0) != 0)))
        r->is_gone = true; /* a file in memory that cannot be emptied: no way to go on drawing */
}

static void put_string(struct real *r, const char *s)
{
    buf_adds(&r->pending, s);
    real_flush(&r->base);
}

/* --- modes ----------------------------------------------------------------------------------- */

static void modes_raw(struct real *r)
{
    struct termios raw = r->modes;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(r->tty, TCSANOW, &raw);
}

static void enter(struct real *r)
{
    modes_raw(r);
    put_string(r, r->enter);
    r->has_shown = false;
}

static void leave(struct real *r)
{
    struct pollfd p = {.fd = r->tty, .events = POLLOUT};
    buf_clear(&r->pending); /* a frame is worth nothing now; the way back is */
    if (poll(&p, 1, 200) > 0)
        put_string(r, r->leave);
    tcsetattr(r->tty, TCSANOW, &r->modes);
}

/* --- terminfo -------------------------------------------------------------------------------- */

/* A capability without its padding ($<5>): nothing that trucban meets is a teletype. */
static void cap_add(char out[256], const char *name)
{
    const char *s = tigetstr(name);
    size_t len = strlen(out);
    if (!s || s == (char *)-1)
        return;
    while (*s && len < 255) {
        if (s[0] == '$' && s[1] == '<') {
            const char *end = strchr(s, '>');
            s = end ? end + 1 : s + 1;
            continue;
        }
        out[len++] = *s++;
    }
    out[len] = '\0';
}

static bool has_cap(const char *name)
{
    const char *s = tigetstr(name);
    return s && s != (char *)-1 && *s;
}

static void add(char out[256], const char *s)
{
    size_t len = strlen(out);
    snprintf(out + len, 256 - len, "%s", s);
}

static void caps_learn(struct real *r)
{
    bool is_modern = has_cap("kmous"); /* these all know bracketed paste, and SGR mouse reports */
    cap_add(r->enter, "smcup");
    cap_add(r->enter, "smkx");
    if (is_modern)
        add(r->enter, "\033[?1000h\033[?1006h\033[?2004h");
    if (is_modern)
        add(r->leave, "\033[?2004l\033[?1006l\033[?1000l");
    cap_add(r->leave, "sgr0");
    cap_add(r->leave, "op");
    cap_add(r->leave, "rmkx");
    cap_add(r->leave, "cnorm");
    if (has_cap("rmcup"))
        cap_add(r->leave, "rmcup");
    else
        add(r->leave, "\r\n");
}

static void keys_learn(struct input_keys *keys)
{
    static const struct {
        const char *cap;
        uint32_t key;
    } rows[] = {
        {"kcuu1", K_UP},     {"kcud1", K_DOWN},   {"kcub1", K_LEFT},     {"kcuf1", K_RIGHT},
        {"khome", K_HOME},   {"kend", K_END},     {"kpp", K_PAGE_UP},    {"knp", K_PAGE_DOWN},
        {"kich1", K_INSERT}, {"kdch1", K_DELETE}, {"kcbt", K_SHIFT_TAB}, {"kf1", K_F1},
        {"kf2", K_F1 + 1},   {"kf3", K_F1 + 2},   {"kf4", K_F1 + 3},     {"kf5", K_F1 + 4},
        {"kf6", K_F1 + 5},   {"kf7", K_F1 + 6},   {"kf8", K_F1 + 7},     {"kf9", K_F1 + 8},
        {"kf10", K_F1 + 9},  {"kf11", K_F1 + 10}, {"kf12", K_F12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *s = tigetstr((char *)rows[i].cap);
        if (!s || s == (char *)-1 || s[0] != '\033' || strlen(s) >= INPUT_SEQ_MAX)
            continue; /* the decoder knows single bytes by itself */
        snprintf(keys->v[keys->n].seq, INPUT_SEQ_MAX, "%s", s);
        keys->v[keys->n++].key = rows[i].key;
    }
}

static enum theme_depth depth_of(void)
{
    const char *no_colour = getenv("NO_COLOR");
    int colours = tigetnum("colors");
    if ((no_colour && *no_colour) || colours < 8)
        return DEPTH_MONO;
    if (colours < 16)
        return DEPTH_8;
    if (colours < 256)
        return DEPTH_16;
    return colours >= 1 << 24 ? DEPTH_DIRECT : DEPTH_256;
}

/* --- picture --------------------------------------------------------------------------------- */

static attr_t attrs_of(int attrs)
{
    return (attrs & ATTR_BOLD ? A_BOLD : 0) | (attrs & ATTR_DIM ? A_DIM : 0) |
           (attrs & ATTR_ITALIC ? A_ITALIC : 0) | (attrs & ATTR_UNDERLINE ? A_UNDERLINE : 0) |
           (attrs & ATTR_REVERSE ? A_REVERSE : 0);
}

static void looks_make(struct real *r, const struct theme *theme)
{
    if (r->has_shown && memcmp(&r->theme, theme, sizeof *theme) == 0)
        return;
    r->theme = *theme;
    r->has_shown = false;
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int flags = 0; flags < FLAG_SETS; flags++) {
            struct style s = theme_style(theme, (enum role)role, flags);
            struct look *l = &r->looks[role][flags];
            bool is_plain = s.fg == COLOUR_DEFAULT && s.bg == COLOUR_DEFAULT;
            l->attrs = attrs_of(s.attrs);
            l->pair = is_plain || r->base.depth == DEPTH_MONO ? 0 : alloc_pair(s.fg, s.bg);
            if (l->pair < 0)
                l->pair = 0;
        }
}

/* curses draws a blank for what the C library does not know (characters younger than it): then a
 * replacement character stands there, since nothing that was said may look like nothing. */
static bool is_known(uint32_t ch)
{
    return ch < 0x7F || wcwidth((wchar_t)ch) >= 0;
}

static bool cell_make(const struct real *r, const struct cell *c, cchar_t *out)
{
    const struct look *l = &r->looks[c->role < ROLE_COUNT ? c->role : 0][c->flags % FLAG_SETS];
    wchar_t text[4] = {(wchar_t)c->ch, (wchar_t)c->mark[0], (wchar_t)c->mark[1], 0};
    int pair = l->pair;
    if (c->ch == ' ')
        text[1] = 0; /* a mark needs a letter to stand on */
    if (!is_known(c->ch))
        text[0] = 0xFFFD;
    if (!is_known(c->mark[0]) || !is_known(c->mark[1]))
        text[1] = 0;
    return setcchar(out, text, l->attrs, 0, &pair) == OK;
}

static void put_cell(const struct real *r, const struct cell *c, int line, int col)
{
    cchar_t cell;
    if (cell_make(r, c, &cell))
        mvadd_wch(line, col, &cell);
}

/* One column, here and in every C library: Latin, Vietnamese, frames and bars. */
static bool is_simple(const struct cell *c)
{
    uint32_t ch = c->ch;
    return !c->mark[0] && ((ch >= ' ' && ch < 0x7F) || (ch > 0xA0 && ch < 0x300 && ch != 0xAD) ||
                           (ch >= 0x1EA0 && ch < 0x1F00) || (ch >= 0x2500 && ch < 0x2590));
}

/* From col on, what is simple, in one call (one for each cell costs three times as much); returns
 * the column behind it. */
static int put_run(const struct real *r, const struct cell *row, int line, int col, int end)
{
    cchar_t run[RUN_MAX];
    int n = 0;
    for (; n < RUN_MAX && col + n < end && is_simple(&row[col + n]); n++) {
        const struct cell *c = &row[col + n];
        if (n > 0 && memcmp(c, c - 1, sizeof *c) == 0)
            run[n] = run[n - 1];
        else if (!cell_make(r, c, &run[n]))
            break;
    }
    if (n > 0)
        mvadd_wchnstr(line, col, run, n);
    return col + n;
}

/* Tells curses the columns between the first and the last one that differ, the whole row where
 * nothing is known to be shown. */
static void put_row(struct real *r, const struct surface *s, int line)
{
    const struct cell *row = &s->cells[(size_t)line * (size_t)s->cols];
    size_t bytes = (size_t)s->cols * sizeof *row;
    struct cell *old = &r->shown->cells[(size_t)line * (size_t)s->cols];
    int first = 0, end = s->cols;
    if (r->has_shown && memcmp(old, row, bytes) == 0)
        return;
    while (r->has_shown && memcmp(&old[first], &row[first], sizeof *row) == 0)
        first++;
    while (r->has_shown && memcmp(&old[end - 1], &row[end - 1], sizeof *row) == 0)
        end--;
    if (first > 0 && row[first].ch == 0)
        first--; /* a right half is drawn by its left one */
    memcpy(old, row, bytes);
    /* Runs first: one that begins on the right half of what was wide would blank its left half. */
    for (int col = first; col < end;) {
        int next = put_run(r, row, line, col, end);
        col = next > col ? next : col + 1;
    }
    for (int col = first; col < end; col++)
        if (row[col].ch && !is_simple(&row[col]))
            put_cell(r, &row[col], line, col);
        else if (!row[col].ch && col > 0 && !is_known(row[col - 1].ch))
            mvaddch(line, col, ' '); /* its replacement is one column wide */
}

static void fit_size(struct real *r, const struct surface *s)
{
    if (r->shown->lines != s->lines || r->shown->cols != s->cols) {
        surface_resize(r->shown, s->lines, s->cols);
        r->has_shown = false;
    }
    if (getmaxy(stdscr) != s->lines || getmaxx(stdscr) != s->cols)
        resize_term(s->lines, s->cols);
}

static bool real_present(struct term *t, const struct surface *s, const struct theme *theme)
{
    struct real *r = (struct real *)t;
    real_flush(t);
    int queued = 0;
    if (r->pending.len > 0)
        return false;
    if (ioctl(r->tty, TIOCOUTQ, &queued) == 0 && queued > 16384)
        return false; /* the line is far behind: a newer picture is worth more than this one */
    fit_size(r, s);
    looks_make(r, theme);
    if (!r->has_shown)
        clearok(curscr, TRUE);
    for (int line = 0; line < s->lines; line++)
        put_row(r, s, line);
    r->has_shown = true;
    bool has_cursor = s->cursor_line >= 0 && s->cursor_line < s->lines && s->cursor_col < s->cols;
    curs_set(has_cursor ? 1 : 0);
    leaveok(stdscr, has_cursor ? FALSE : TRUE);
    if (has_cursor)
        move(s->cursor_line, s->cursor_col);
    wnoutrefresh(stdscr);
    doupdate();
    take_output(r, true);
    real_flush(t);
    return true;
}

static void real_size(struct term *t, int *lines, int *cols)
{
    struct real *r = (struct real *)t;
    struct winsize w;
    *lines = r->shown->lines;
    *cols = r->shown->cols;
    if (ioctl(r->tty, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0) {
        *lines = w.ws_row < 1000 ? w.ws_row : 1000;
        *cols = w.ws_col < 1000 ? w.ws_col : 1000;
    }
}

/* --- the rest of the driver ------------------------------------------------------------------ */

static int real_fd(struct term *t)
{
    return ((struct real *)t)->tty;
}

static int real_read(struct term *t, char *bytes, size_t max)
{
    struct real *r = (struct real *)t;
    if (r->is_gone)
        return -1;
    ssize_t n = read(r->tty, bytes, max);
    if (n > 0)
        return (int)n;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return -1; /* end of file or EIO: the line is down */
}

static void real_bell(struct term *t)
{
    if (!real_wants_write(t))
        put_string((struct real *)t, "\a");
}

static void real_redraw(struct term *t)
{
    ((struct real *)t)->has_shown = false;
}

static void real_resume(struct term *t)
{
    enter((struct real *)t);
}

static void real_suspend(struct term *t)
{
    struct real *r = (struct real *)t;
    leave(r);
    kill(0, SIGTSTP); /* the whole job, so that the shell takes over also under `make run` */
    enter(r);
}

static void real_copy(struct term *t, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct real *r = (struct real *)t;
    size_t len = strlen(text);
    buf_adds(&r->pending, "\033]52;c;");
    for (size_t i = 0; i < len; i += 3) {
        uint32_t b[3] = {(unsigned char)text[i], i + 1 < len ? (unsigned char)text[i + 1] : 0,
                         i + 2 < len ? (unsigned char)text[i + 2] : 0};
        uint32_t v = b[0] << 16 | b[1] << 8 | b[2];
        buf_addc(&r->pending, digits[v >> 18]);
        buf_addc(&r->pending, digits[v >> 12 & 63]);
        buf_addc(&r->pending, i + 1 < len ? digits[v >> 6 & 63] : '=');
        buf_addc(&r->pending, i + 2 < len ? digits[v & 63] : '=');
    }
    put_string(r, "\a");
}

/* Who shows OSC 9 or 777 as a notice, by what the environment says; the rest keeps quiet about
 * them, or writes them on the screen. */
static const struct notifier {
    const char *variable, *head; /* its value begins so */
    bool is_777;
} notifiers[] = {
    {"TERM", "foot", true},
    {"TERM", "rxvt-unicode", true},
    {"TERM", "xterm-ghostty", false},
    {"TERM", "xterm-kitty", false},
    {"TERM", "wezterm", false},
    {"TERM_PROGRAM", "WezTerm", false},
    {"TERM_PROGRAM", "ghostty", false},
    {"TERM_PROGRAM", "iTerm", false},
    {"LC_TERMINAL", "iTerm", false}, /* comes along over SSH */
};

static bool is_in_tmux(void)
{
    const char *tmux = getenv("TMUX");
    return tmux && *tmux;
}

/* Inside tmux it is the outer terminal that would show it, and nobody knows that one. */
static const struct notifier *notifier_find(void)
{
    for (size_t i = 0; !is_in_tmux() && i < sizeof notifiers / sizeof *notifiers; i++) {
        const char *value = getenv(notifiers[i].variable);
        if (value && strncmp(value, notifiers[i].head, strlen(notifiers[i].head)) == 0)
            return &notifiers[i];
    }
    return NULL;
}

/* No byte that could end the string or begin another; `;` separates in OSC 777. */
static void add_plain(struct buf *out, const struct term *t, const char *text)
{
    struct buf plain = BUF_INIT(0);
    if (t->is_utf8)
        buf_adds(&plain, text);
    else
        text_ascii(&plain, text);
    for (const char *s = buf_text(&plain); *s; s++)
        buf_addc(out, (unsigned char)*s < 0x20 || *s == 0x7F ? ' ' : *s == ';' ? ',' : *s);
    buf_release(&plain);
}

/* In tmux it is handed on to the outer terminal, if `allow-passthrough` is on. */
static void real_notify(struct term *t, const char *title, const char *body)
{
    struct real *r = (struct real *)t;
    const struct notifier *n = notifier_find();
    bool is_777 = n && n->is_777;
    if (real_wants_write(t))
        return;
    buf_adds(&r->pending, is_in_tmux() ? "\033Ptmux;\033" : "");
    buf_adds(&r->pending, is_777 ? "\033]777;notify;" : "\033]9;");
    add_plain(&r->pending, t, title);
    buf_adds(&r->pending, is_777 ? ";" : ": ");
    add_plain(&r->pending, t, body);
    put_string(r, is_in_tmux() ? "\a\033\\" : "\a");
}

static void real_free(struct real *r)
{
    if (r->screen)
        delscreen(r->screen);
    if (r->drain_file)
        fclose(r->drain_file);
    surface_free(r->shown);
    buf_release(&r->pending);
    if (r->tty >= 0)
        close(r->tty);
    free(r);
}

static void real_close(struct term *t)
{
    struct real *r = (struct real *)t;
    rescue_disarm();
    if (!r->is_gone)
        leave(r);
    real_free(r);
}

static const struct term_ops real_ops = {
    .name = "ncurses",
    .size = real_size,
    .present = real_present,
    .fd = real_fd,
    .read = real_read,
    .bell = real_bell,
    .suspend = real_suspend,
    .redraw = real_redraw,
    .resume = real_resume,
    .wants_write = real_wants_write,
    .flush = real_flush,
    .copy = real_copy,
    .notify = real_notify,
    .close = real_close,
};

/* --- opening --------------------------------------------------------------------------------- */

static bool check_environment(struct err *e)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(e, "standard input and output are not a terminal");
    if (!name || !*name)
        return err_set(e, "TERM is not set: name your terminal's type, for example "
                          "TERM=xterm-256color trucban");
    return true;
}

static bool check_screen(const SCREEN *screen, struct err *e)
{
    const char *name = getenv("TERM");
    if (!screen)
        return err_set(e,
                       "unknown terminal type TERM='%.64s': install its description "
                       "(package ncurses-term) or set TERM, for example to xterm-256color",
                       name);
    if (!has_cap("cup") || !has_cap("clear"))
        return err_set(e,
                       "terminal type TERM='%.64s' cannot place text on the screen: set TERM, for "
                       "example to xterm-256color, or use `trucban status`",
                       name);
    return true;
}

/* A description of our own, so that O_NONBLOCK is not set on the shell's. */
static int open_tty(struct err *e)
{
    char path[256] = "/dev/tty";
    int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    if (ttyname_r(STDIN_FILENO, path, sizeof path) != 0)
        snprintf(path, sizeof path, "/dev/tty");
    int fd = open(path, flags);
    if (fd < 0)
        fd = open("/dev/tty", flags);
    if (fd < 0)
        err_set(e, "cannot open the terminal '%s': %s", path, strerror(errno));
    return fd;
}

/* newterm installs handlers that would fight with ours: they are put back at once. */
static SCREEN *screen_new(FILE *out)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction old[4];
    for (int i = 0; i < 4; i++)
        sigaction(caught[i], NULL, &old[i]);
    unsetenv("LINES"); /* the tty says how large it is; curses gets to know from us */
    unsetenv("COLUMNS");
    SCREEN *screen = newterm(NULL, out, stdin);
    for (int i = 0; i < 4; i++)
        sigaction(caught[i], &old[i], NULL);
    return screen;
}

static void screen_prepare(struct real *r)
{
    int lines, cols;
    nonl();
    typeahead(-1); /* a frame is whole, whatever is typed meanwhile; and two polls less */
    r->base.depth = depth_of();
    r->base.is_notifier = notifier_find() != NULL;
    r->base.has_colour = r->base.depth != DEPTH_MONO;
    if (r->base.has_colour) {
        start_color();
        use_default_colors();
    }
    caps_learn(r);
    keys_learn(&r->keys);
    r->base.keys = &r->keys;
    real_size(&r->base, &lines, &cols);
    surface_resize(r->shown, lines, cols);
    resize_term(lines, cols);
    refresh(); /* what curses says at first (clearing, alternate screen) is ours to say */
    take_output(r, false);
}

static bool real_open(struct real *r, struct err *e)
{
    if (!check_environment(e) || (r->tty = open_tty(e)) < 0)
        return false;
    int drain = memfd_create("trucban-screen", MFD_CLOEXEC);
    r->drain_file = drain >= 0 ? fdopen(drain, "r+") : NULL;
    if (!r->drain_file || tcgetattr(r->tty, &r->modes) != 0)
        return err_set(e, "cannot set up the terminal: %s", strerror(errno));
    r->screen = screen_new(r->drain_file);
    return check_screen(r->screen, e);
}

struct term *term_ncurses_open(struct err *e)
{
    struct real *r = mem_alloc(sizeof *r);
    r->base.ops = &real_ops;
    r->base.is_utf8 = strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
    r->tty = -1;
    r->pending = (struct buf)BUF_INIT(0);
    r->shown = surface_new(24, 80);
    if (!real_open(r, e)) {
        real_free(r);
        return NULL;
    }
    screen_prepare(r);
    rescue_arm(r->tty, &r->modes, r->leave);
    enter(r);
    return &r->base;
}

/* <term.h> would call our own words its own (`lines`, struct term). */
extern int setupterm(const char *type, int fd, int *error);

int term_ncurses_colours(const char *type)
{
    int error;
    if (setupterm(type, STDOUT_FILENO, &error) != OK)
        return -1;
    int n = tigetnum("colors");
    return n > 0 ? n : 0;
}

bool term_ncurses_size(int *lines, int *cols)
{
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0)
        return false;
    *lines = w.ws_row;
    *cols = w.ws_col;
    return true;
}
