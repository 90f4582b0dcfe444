/* command.h - one row for each thing an operator can do (commands.c).
 *
 * Keys are bound to names in tui/default.keys, a user file compiled in.  Help screen, key bar,
 * completion and manual are printed from the rows. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include "tui/console.h"

enum command_needs { /* what must hold; the first unmet one is said in its sentence */
                     NEED_NOTHING = 0,
                     NEED_LIVE = 1 << 0,   /* engine connected */
                     NEED_ACT = 1 << 1,    /* role that may act, not --read-only */
                     NEED_TARGET = 1 << 2, /* something selected */
                     NEED_ALERT = 1 << 3   /* an open alert selected (or marked) */
};
/* In place of NEED_ACT, which is NEED_RIGHT(DUTY_ACK): another right of the operator's role. */
#define NEED_RIGHT(right) (NEED_ACT | (int)(right) << 8)
enum command_risk { RISK_NONE, RISK_UNDOABLE, RISK_DISRUPTIVE, RISK_DESTRUCTIVE };

struct command {
    const char *name, *args; /* "ack", "[COMMENT]" */
    const char *help;        /* msgid */
    const char *short_help;  /* msgid for the key bar, NULL: not shown there */
    const char *group;       /* msgid of the help section */
    int needs;
    enum command_risk risk;
    void (*run)(struct console *c, const char *arg); /* NULL: handed to the screen's command() */
};
extern const struct command commands[]; /* sorted by name, name NULL ends */
const struct command *command_find(const char *name);
/* By the operator's role and --read-only alone. */
bool command_is_permitted(const struct console *c, const struct command *k);
/* Why it may not run now: a packed sentence that the caller frees; NULL: it may. */
char *command_unmet(const struct console *c, const struct command *k);

#endif
