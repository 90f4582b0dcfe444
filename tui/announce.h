/* announce.h - what the person at the console is to hear of now: a bell, a notice on the desktop.
 *
 * Told are P1 and P2 that fire, that nobody has taken, and whose notices are not held back: once
 * each, again when their page has risen (worse, escalated, an acknowledgement that ended), and as
 * their policy repeats.  What is open when the first picture comes is one bell and no notice; what
 * was told before a lost connection is not told again.
 * A storm is a bell a second and a notice every five, with the count.  Pure: the clock is passed
 * in, effects are announcer.h's.  Costs one walk along the alerts each time the fleet has changed.
 */
#ifndef TUI_ANNOUNCE_H
#define TUI_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"

#define ANNOUNCE_BELL_MS   1000
#define ANNOUNCE_NOTICE_MS 5000

struct announced { /* an open alert that was told */
    uint64_t id;
    int page;        /* as it was told */
    int64_t at_ms;   /* mono */
    bool is_waiting; /* for a notice on the desktop */
};
struct announce { /* {0} begins */
    struct announced *v;
    size_t n, cap; /* by id, ascending as fleet.alerts */
    bool has_begun, wants_bell, has_rung, has_noticed;
    uint64_t version;                      /* of the fleet that was looked at */
    int64_t bell_ms, notice_ms, repeat_ms; /* mono: last bell, last notice, next repeat (0: none) */
};

struct announcement {
    size_t n; /* alerts that it is about */
    const struct alert *worst;
};

void announce_release(struct announce *a);
/* Takes the news: a whole picture only. */
void announce_look(struct announce *a, const struct fleet *f, int64_t now_mono_ms);
/* True: ring now; then it has been. */
bool announce_bell(struct announce *a, int64_t now_mono_ms);
/* True: a notice is due, and it has been given.  What was resolved or taken meanwhile is left out.
 */
bool announce_notice(struct announce *a, const struct fleet *f, int64_t now_mono_ms,
                     struct announcement *out);

#endif
