/* console_loop.c - one poll: the terminal, the engine's socket, signals, the next deadline.
 *
 * Signals come through a descriptor (signalfd): a resize and a continue are events like any other.
 * A key is drawn at once; data at most every CONSOLE_FRAME_MS; without either the picture is drawn
 * once a second, which writes only what a clock or an age has changed: nothing, mostly. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui/console_private.h"

#define TICK_MS  1000
#define FIRST_MS 200 /* an engine that answers sooner is drawn first; else that we wait for it */

enum { AT_TERM, AT_LINK, AT_SIGNAL, AT_ANNOUNCER, AT_COUNT };

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGCONT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return b < 0 || (a >= 0 && a < b) ? a : b;
}

static int wait_ms(const struct console *c)
{
    int64_t wait = c->drawn_ms + TICK_MS - c->now_mono;
    if (c->is_dirty)
        wait = sooner(wait, c->drawn_ms + CONSOLE_FRAME_MS - c->now_mono);
    wait = sooner(wait, input_wait_ms(c->input, c->now_mono));
    if (c->link)
        wait = sooner(wait, link_wait_ms(c->link, c->now_mono));
    return wait < 0 ? 0 : (int)(wait < TICK_MS ? wait : TICK_MS);
}

/* Throws away what was typed before a question was seen. */
static void flush_typed(struct console *c)
{
    char bytes[512];
    while (c->term->ops->read(c->term, bytes, sizeof bytes) > 0)
        ;
    input_reset(c->input);
    c->is_flushing = false;
}

static void read_keys(struct console *c)
{
    char bytes[512];
    struct key_event e;
    int n = c->term->ops->read(c->term, bytes, sizeof bytes);
    if (n < 0) {
        c->is_done = true; /* the line is down: nobody is there to ask */
        return;
    }
    for (int i = 0; i < n && !c->is_done; i++) {
        if (input_byte(c->input, (unsigned char)bytes[i], c->now_mono, &e))
            console_key(c, &e);
        if (c->is_flushing) {
            flush_typed(c);
            return;
        }
    }
}

static void read_signals(struct console *c, int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCONT)
            c->term->ops->resume(c->term);
        else
            c->term->ops->redraw(c->term); /* terminals move text about when they are resized */
        c->is_dirty = c->is_dirty_now = true;
    }
}

static void step_link(struct console *c, short revents)
{
    uint64_t version = c->fleet->version, beat = c->beat.seq;
    link_step(c->link, revents, c->now_mono);
    console_link_take(c);
    if (c->fleet->version != version)
        c->is_dirty = true;
    /* A beat alone shows nowhere unless it ends a silence: the tick draws that. */
    if (c->beat.seq != beat && c->now_mono - c->drawn_ms >= TICK_MS)
        c->is_dirty = true;
    fleet_clean(c->fleet);
}

static void draw_if_due(struct console *c)
{
    bool is_due = c->is_dirty_now || c->now_mono - c->drawn_ms >= TICK_MS ||
                  (c->is_dirty && c->now_mono - c->drawn_ms >= CONSOLE_FRAME_MS);
    if (is_due && !c->is_done)
        console_draw(c, c->is_dirty_now);
}

static void turn(struct console *c, struct pollfd p[AT_COUNT], int signals)
{
    struct key_event e;
    if (p[AT_SIGNAL].revents)
        read_signals(c, signals);
    if (p[AT_TERM].revents & POLLOUT)
        c->term->ops->flush(c->term);
    if (p[AT_TERM].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
        read_keys(c);
    if ((p[AT_TERM].revents & (POLLHUP | POLLERR | POLLNVAL)) && !(p[AT_TERM].revents & POLLIN))
        c->is_done = true;
    if (input_idle(c->input, c->now_mono, &e))
        console_key(c, &e);
    if (c->is_dirty_now && !c->is_suspending)
        draw_if_due(c); /* a key does not wait for data */
    if (c->link)
        step_link(c, p[AT_LINK].fd >= 0 ? p[AT_LINK].revents : 0);
    if (p[AT_ANNOUNCER].revents)
        announcer_read(c);
    console_take_held(c);
    if (c->is_flushing) /* an answer opened a question */
        flush_typed(c);
    if (c->is_suspending) {
        c->is_suspending = false;
        c->term->ops->suspend(c->term);
        console_clock(c);
        c->is_dirty_now = true;
    }
    draw_if_due(c);
}

int console_main(struct console *c)
{
    int signals = open_signals();
    c->input = input_new(c->term->keys);
    c->drawn_ms = c->now_mono - TICK_MS + (c->link ? FIRST_MS : 0);
    c->is_dirty = false;
    while (!c->is_done) {
        bool has_rest = c->term->ops->wants_write(c->term);
        struct pollfd p[AT_COUNT] = {
            [AT_TERM] = {.fd = c->term->ops->fd(c->term),
                         .events = (short)(POLLIN | (has_rest ? POLLOUT : 0))},
            [AT_LINK] = {.fd = c->link ? link_fd(c->link) : -1,
                         .events = c->link ? link_poll_events(c->link) : 0},
            [AT_SIGNAL] = {.fd = signals, .events = POLLIN},
            [AT_ANNOUNCER] = {.fd = announcer_fd(&c->announcer), .events = POLLIN},
        };
        if (poll(p, AT_COUNT, wait_ms(c)) < 0 && errno != EINTR)
            break;
        console_clock(c);
        turn(c, p, signals);
    }
    if (signals >= 0)
        close(signals);
    return c->exit_status;
}
