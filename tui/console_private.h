/* console_private.h - what the files console*.c, command*.c, dialog_*.c and cmdline.c share;
 * screens see console.h alone.
 *
 *   console.c        state: views on the stack, services, requests and their answers
 *   console_draw.c   state -> picture: title, tabs, banner, screen, message line, key bar
 *   console_banners.c  what makes the picture untrue
 *   console_keys.c   key -> command or editing
 *   console_loop.c   descriptors and deadlines -> the three above */
#ifndef TUI_CONSOLE_PRIVATE_H
#define TUI_CONSOLE_PRIVATE_H

#include "core/pulse.h"
#include "core/when.h"
#include "tui/announcer.h"
#include "tui/console.h"
#include "tui/input.h"
#include "tui/keymap.h"
#include "tui/message.h"
#include "tui/theme.h"

#define CONSOLE_STACK_MAX   12
#define CONSOLE_TABS_MAX    9
#define CONSOLE_FRAME_MS    50    /* data are drawn at most this often */
#define CONSOLE_READ_MS     10000 /* a message this old is gone with the next key */
#define CONSOLE_SHOWN_MS    60000 /* and this old without one, unless it is an error */
#define CONSOLE_MIN_LINES   10
#define CONSOLE_MIN_COLS    40
#define CONSOLE_TYPED_MS    1500 /* keys that follow each other sooner are one text */
#define CONSOLE_HISTORY_MAX 50
#define CONSOLE_HELD_MAX    16 /* keys typed ahead of an answer */

struct console_opts {
    const char *socket_path; /* NULL: no link (tests) */
    const char *lang;        /* --lang, NULL: the site's */
    const char *theme;       /* NULL: dark, or mono without colours */
    const char *theme_folder;
    const char *keys_file; /* the user's, NULL: none */
    enum announcer_mode notify;
    const char *notify_program; /* trucban-notify, NULL: none */
    bool is_read_only;
    bool is_private; /* our own engine: monitoring ends with the last console */
    int64_t (*wall_ms)(void *arg), (*mono_ms)(void *arg); /* NULL: the real clocks */
    void *clock_arg;
};

struct view { /* an open screen */
    const struct screen_ops *ops;
    void *self;
};
struct waiting { /* a request that has no answer yet */
    uint64_t id;
    console_answer_fn *answered;
    void *arg;
    char verb[16];
    struct waiting *next;
};

struct console {
    struct term *term;
    struct fleet *fleet;
    struct link *link;
    struct console_opts opts;
    struct input *input;
    struct keymap *keys;
    struct theme theme;
    char lang[8];

    /* Of this turn.  Wall is the engine's clock: times, ages and deadlines here are its own. */
    int64_t now_wall, now_mono, own_wall;
    int64_t skew_ms; /* ours less the engine's, as it is shown; 0: none worth telling */
    struct surface *picture;
    struct view tabs[CONSOLE_TABS_MAX];
    size_t n_tabs, tab;
    struct view stack[CONSOLE_STACK_MAX]; /* above the tab */
    size_t depth;

    struct message_log log;
    char *message; /* on the message line, NULL: none */
    bool message_is_error;
    int64_t message_ms; /* mono, when it came */
    struct waiting *waiting;
    char *history[CONSOLE_HISTORY_MAX]; /* command lines, oldest first */
    size_t n_history;

    /* Copied from the link each turn; tests set them by hand. */
    enum link_phase phase;
    struct link_hello hello;
    struct link_beat beat;
    int64_t lost_mono_ms;  /* when the link was lost, 0: it is not */
    bool has_engine_ended; /* and that is why it is lost */
    bool has_picture;
    uint64_t (*send)(struct console *c, const char *verb, const char *const *pairs, size_t n_pairs);

    const char *pasted;
    size_t pasted_len;
    uint32_t held[CONSOLE_HELD_MAX]; /* typed while a form awaits its answer: for what is below */
    size_t n_held;
    bool is_refused;    /* an error was said; console_keys.c clears it before a command runs */
    int64_t refused_ms; /* mono: last letter of a text whose form did not open, 0: none */
    struct announcer announcer;
    bool is_dirty;     /* something changed that may show */
    bool is_dirty_now; /* by a key: draw at once */
    bool is_frozen, is_locked, is_done, is_suspending;
    bool is_flushing; /* a question has opened: what was typed before it does not answer it */
    char lock_code[8];
    int64_t frozen_at_ms; /* wall */
    int64_t drawn_ms;     /* mono, last frame */
    int exit_status;
};

/* --- console.c --- */
struct console *console_new(struct term *term, struct fleet *fleet,
                            const struct console_opts *opts);
void console_free(struct console *c); /* also the terminal and the link; not the fleet */
struct view *console_top(const struct console *c);
/* Pushes a dialog or another screen that is not in screens[]; self is closed by the ops. */
void console_push(struct console *c, const struct screen_ops *ops, void *self);
void console_pop(struct console *c);
void console_clock(struct console *c);        /* takes the time of this turn */
void console_link_take(struct console *c);    /* phase, hello, beat from the link */
void console_picture_came(struct console *c); /* a snapshot ended: language, time zone */
void console_answer(struct console *c, const struct link_answer *a);
/* What the message line says, NULL: nothing, or it has been there long enough (`@` keeps it). */
const char *console_message(const struct console *c);
void console_error(struct console *c, const char *text); /* like console_log, in the error role */
int64_t console_beat_age_ms(const struct console *c);    /* -1: no beat yet */
const char *skew_span(int64_t ms, char out[WHEN_TEXT_MAX]); /* of skew_ms: "5m", whole seconds */
bool console_set_theme(struct console *c, const char *name, struct err *e);

/* --- console_draw.c --- */
struct area console_layout(const struct console *c, int lines, int cols); /* of the screen itself */
void console_draw(struct console *c, bool is_key); /* into c->picture, and to the terminal */

/* --- console_banners.c --- */
#define BANNERS_MAX 4
struct banner {
    char text[256];
    enum role role;
};
/* Those that are due, the worst first; returns how many. */
size_t console_banners(const struct console *c, struct banner b[BANNERS_MAX]);
bool console_is_cut_off(const struct console *c); /* what is shown came before the link was lost */
bool console_is_silent(const struct console *c);

/* --- console_keys.c --- */
void console_key(struct console *c, const struct key_event *e);
/* Keeps a key until the dialog on top has closed by itself; whoever stays open drops them. */
void console_hold(struct console *c, uint32_t key);
void console_drop_held(struct console *c);
/* Gives them to what is on top now, each with the picture of the one before drawn. What opens a
 * dialog is the last: nothing typed before a question was seen answers it. */
void console_take_held(struct console *c);

/* --- console_loop.c --- */
int console_main(
    struct console *c); /* until quit or the terminal is gone; returns the exit status */

/* --- dialogs --- */
void dialog_ack_open(struct console *c, const uint64_t *alerts, size_t n, const char *comment);
void dialog_note_open(struct console *c, uint64_t alert, const char *text);
void dialog_ack_behind_open(struct console *c, const uint64_t *alerts, size_t n,
                            const char *comment);
void dialog_extend_open(struct console *c, const uint64_t *alerts, size_t n);
void dialog_take_open(struct console *c, const uint64_t *alerts, size_t n);
void dialog_escalate_open(struct console *c, const uint64_t *alerts, size_t n, const char *comment);
/* match NULL: it is typed first. */
void dialog_silence_open(struct console *c, const char *match);
void dialog_maintenance_open(struct console *c, const char *match);
void dialog_period_open(struct console *c, uint64_t period, bool is_approval);
void dialog_unack_open(struct console *c, const uint64_t *alerts, size_t n);
/* A question that y (or c, có) answers with yes, anything else with no. */
void dialog_confirm_open(struct console *c, const char *question, void (*yes)(struct console *c));
void dialog_unlock_open(struct console *c);
/* The line at the foot: ':' commands, '/' filter. */
void cmdline_open(struct console *c, char kind, const char *text);

/* --- complete.c --- */
/* Completes the last word of a command line; several: their common part, and all of them in `list`.
 */
bool complete(const struct console *c, const char *line, struct buf *out, struct buf *list);

#endif
