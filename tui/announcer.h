/* announcer.h - makes heard what announce.h says is to be told: a bell, and a notice on the desktop
 * (through trucban-notify) or of the terminal's own.
 *
 * Nothing here waits: trucban-notify is written to and read from without blocking, and while it has
 * not answered nothing more is given to it, so that what comes meanwhile is one notice with a
 * count. It is not used in --read-only, where no program is started by what the environment says.
 */
#ifndef TUI_ANNOUNCER_H
#define TUI_ANNOUNCER_H

#include "core/buf.h"
#include "tui/announce.h"
#include "tui/launch.h"

enum announcer_mode {                 /* the bell is in all but NONE */
                      ANNOUNCER_AUTO, /* the desktop where there is one, else a likely terminal */
                      ANNOUNCER_BELL,
                      ANNOUNCER_OSC,
                      ANNOUNCER_DESKTOP,
                      ANNOUNCER_NONE,
                      ANNOUNCER_MODE_COUNT
};
bool announcer_parse(const char *name, enum announcer_mode *out);

struct announcer { /* {0} begins */
    struct announce news;
    struct launched helper;
    bool has_helper, is_busy; /* it has not answered yet */
    bool has_failed;          /* that has been said */
    char *title, *body;       /* of the notice under way */
    struct buf answer;
};

struct console;
void announcer_step(struct console *c);      /* with each picture that is drawn */
int announcer_fd(const struct announcer *a); /* to be polled for reading, -1: nothing */
void announcer_read(struct console *c);      /* it is readable */
void announcer_release(struct announcer *a);

#endif
