/* style.h - the roles that a theme gives colours to, one table row each (style.c). */
#ifndef WIDGETS_STYLE_H
#define WIDGETS_STYLE_H

#include "core/state.h"

enum role {
    ROLE_NORMAL,
    ROLE_TITLE,
    ROLE_TAB,
    ROLE_TAB_CURRENT,
    ROLE_BORDER,
    ROLE_HEADING,
    ROLE_FAINT,
    ROLE_KEY,
    ROLE_INPUT,
    ROLE_BANNER,
    ROLE_SAMPLE,
    ROLE_TREND,
    ROLE_ERROR,
    ROLE_MATCH,
    ROLE_STATE_OK,
    ROLE_STATE_WARNING,
    ROLE_STATE_CRITICAL,
    ROLE_STATE_UNKNOWN,
    ROLE_STATE_PENDING,
    ROLE_STATE_STALE,
    ROLE_TAG,
    ROLE_PRIORITY_1,
    ROLE_PRIORITY_2,
    ROLE_PRIORITY_3,
    ROLE_PRIORITY_4,
    ROLE_ROW_SELECTED,
    ROLE_ROW_MARKED,
    ROLE_COUNT
};
extern const char *const role_names[ROLE_COUNT]; /* "normal", "state.critical", "row.selected" … */

enum role role_of_state(enum state s);       /* ROLE_STATE_OK … */
enum role role_of_priority(enum priority p); /* ROLE_PRIORITY_1 … */

#endif
