/* console.h - the console's own state, and what screens and commands may do with it.
 *
 * One turn: bytes -> input -> key -> keymap -> command row -> (needs? risk? confirm) -> request;
 * engine's lines -> mirror (fleet) -> rows -> widgets -> surface -> terminal.  The clock is passed
 * in
 * (`now_*`), so a headless test replays keys and deltas into pictures.
 * Drawing never changes state; commands never draw. */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fleet.h"
#include "engine/link.h"
#include "tui/term.h"
#include "widgets/surface.h"

struct console;

/* What an act is about: ids, never rows.  Strings are borrowed from the fleet; zero/NULL if none.
 */
struct selection {
    const char *target, *check;
    uint64_t alert;
    const char *fog, *run; /* failover group, run (and then its group) */
    uint64_t period;       /* silence, maintenance, assessment */
};

/* A screen is a const table at the foot of its file screen_NAME.c; the stack holds instances. */
struct screen_ops {
    const char *name;  /* "alerts": also the command that opens it */
    const char *title; /* msgid, for the tab line */
    int digit; /* 1-9: key and place in the tab line; 0: not a tab (detail, help, dialogs) */
    void *(*open)(struct console *c, const char *arg); /* arg: id of what it is about, or NULL */
    void (*close)(void *self);
    void (*draw)(const struct console *c, const void *self, struct surface *s, struct area a);
    /* Prepares rows from the mirror (filter, sort) before each draw; the only place that may keep
     * what it computes. */
    void (*update)(struct console *c, void *self, struct area a);
    /* A motion or screen-local command by name ("down", "page-down", "filter", "sort", "mark" …);
     * false: not mine. */
    bool (*command)(struct console *c, void *self, const char *name, const char *arg);
    struct selection (*selected)(const struct console *c, const void *self);
    /* Marked alerts for bulk acts; returns how many were written. May be NULL. */
    size_t (*marked)(const struct console *c, const void *self, uint64_t *ids, size_t max);
    /* Dialogs: text and editing keys come here first; true: taken. May be NULL. */
    bool (*key)(struct console *c, void *self, uint32_t key);
    const char *(*hint)(const struct console *c,
                        const void *self); /* extra words for the key bar */
    const char *const
        *bar;       /* commands for the key bar, most important first, NULL-ended; NULL: all */
    bool is_dialog; /* drawn over the screen below it */
};
extern const struct screen_ops *const screens[]; /* NULL-ended, tabs in order first */

/* --- services for screens and commands (console.c) --- */
struct fleet *console_fleet(const struct console *c);
int64_t console_now_wall(const struct console *c);
int64_t console_now_mono(const struct console *c);
const char *console_lang(const struct console *c); /* "vi" or "en" */
const char *console_words(const struct console *c, const struct words *w, const char *fallback);
bool console_is_old(const struct console *c); /* link lost or engine silent: all is stale */
/* Of a check, of a target: never OK where it is not known to be (core/sign.h). */
enum state console_shown(const struct console *c, const struct check *k);
enum state console_target_state(const struct console *c, const struct target *t);
/* Age text of a wall or own-monotonic instant, in calm steps. */
const char *console_age(const struct console *c, int64_t since_wall_ms, char out[40]);

void console_open(struct console *c, const char *screen,
                  const char *arg);   /* pushes, or goes to the tab */
void console_back(struct console *c); /* pops; at the bottom: nothing */
void console_quit(struct console *c);
/* A line in the console's own log and on the message line (already translated). */
void console_log(struct console *c, const char *text);
/* Runs a command line ("ack", "filter web", "open detail srv-a-web-01") as if typed after `:`. */
void console_run(struct console *c, const char *line);
/* Sends a request; its answer becomes a log line (say_text with gettext), and `answered` (may be
 * NULL) is told.  Arguments as link_request. */
typedef void console_answer_fn(struct console *c, void *arg, const struct link_answer *a);
uint64_t console_request(struct console *c, console_answer_fn *answered, void *arg,
                         const char *verb, const char *const *pairs, size_t n_pairs);
struct selection console_selected(const struct console *c);
/* The text of a K_PASTE, raw bytes, while key() handles it. */
const char *console_pasted(const struct console *c, size_t *len);
/* The key table, for help: tui/keymap.h. */
struct keymap;
const struct keymap *console_keymap(const struct console *c);
const char *console_gettext(const char *msgid); /* say_translate_fn on gettext */
void console_say(const struct console *c, struct buf *out,
                 const char *packed); /* times made local */

#define _(s) console_gettext(s)
#ifndef N_
#define N_(s) s
#endif

#endif
