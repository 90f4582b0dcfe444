/* sign.h - what stands for a check or a target where one sign has to do: a cell, a row, a title.
 *
 * The first of these that holds:
 *
 *   - OFF, NOT CONN   facts of the site: nobody looks, or it is not connected yet
 *   M MAINT           all of it is in maintenance, or what is bad about it is
 *   T TEST            a fact of the site, too: its connection is under test
 *   ~ STALE           all of the picture is old
 *   X ! ? ~ .         its state; OK behind something that is down cannot be known: UNKNOWN
 *   F FLAPPING        well for the moment, and it will not last
 *   + OK
 *
 * What the sign does not say is the tag beside it: M, ^ (stands behind something that is down), F,
 * = (standby), T.  A bad state is never made to look better: it keeps its sign behind a cause, too,
 * and is drawn dimmed (is_aside). Pure. */
#ifndef CORE_SIGN_H
#define CORE_SIGN_H

#include <stdbool.h>

#include "core/state.h"

struct check;
struct target;

enum sign_kind {
    SIGN_STATE,
    SIGN_OFF,
    SIGN_NOT_CONNECTED,
    SIGN_MAINTENANCE,
    SIGN_TEST,
    SIGN_FLAPPING,
    SIGN_KIND_COUNT
};

struct sign {
    enum sign_kind kind;
    enum state state; /* what it counts as: OK only where it is known to be */
    char symbol;
    const char *word; /* msgid, at most 8 columns */
    char tag;         /* '\0': none */
    bool is_aside;    /* nobody has to act on it */
};

/* is_old: all of the picture is. */
struct sign check_sign(const struct check *c, bool is_old);
struct sign target_sign(const struct target *t, bool is_old);

#endif
