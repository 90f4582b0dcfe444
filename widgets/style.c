/* style.c - the names that theme files give the roles. */
#include "widgets/style.h"

const char *const role_names[ROLE_COUNT] = {
    [ROLE_NORMAL] = "normal",
    [ROLE_TITLE] = "title",
    [ROLE_TAB] = "tab",
    [ROLE_TAB_CURRENT] = "tab.current",
    [ROLE_BORDER] = "border",
    [ROLE_HEADING] = "heading",
    [ROLE_FAINT] = "faint",
    [ROLE_KEY] = "key",
    [ROLE_INPUT] = "input",
    [ROLE_BANNER] = "banner",
    [ROLE_SAMPLE] = "sample",
    [ROLE_TREND] = "trend",
    [ROLE_ERROR] = "error",
    [ROLE_MATCH] = "match",
    [ROLE_STATE_OK] = "state.ok",
    [ROLE_STATE_WARNING] = "state.warning",
    [ROLE_STATE_CRITICAL] = "state.critical",
    [ROLE_STATE_UNKNOWN] = "state.unknown",
    [ROLE_STATE_PENDING] = "state.pending",
    [ROLE_STATE_STALE] = "state.stale",
    [ROLE_TAG] = "tag",
    [ROLE_PRIORITY_1] = "priority.1",
    [ROLE_PRIORITY_2] = "priority.2",
    [ROLE_PRIORITY_3] = "priority.3",
    [ROLE_PRIORITY_4] = "priority.4",
    [ROLE_ROW_SELECTED] = "row.selected",
    [ROLE_ROW_MARKED] = "row.marked",
};

enum role role_of_state(enum state s)
{
    static const enum role roles[STATE_COUNT] = {
        [STATE_OK] = ROLE_STATE_OK,
        [STATE_WARNING] = ROLE_STATE_WARNING,
        [STATE_CRITICAL] = ROLE_STATE_CRITICAL,
        [STATE_UNKNOWN] = ROLE_STATE_UNKNOWN,
        [STATE_PENDING] = ROLE_STATE_PENDING,
        [STATE_STALE] = ROLE_STATE_STALE,
    };
    return (unsigned)s < STATE_COUNT ? roles[s] : ROLE_STATE_UNKNOWN;
}

enum role role_of_priority(enum priority p)
{
    switch (p) {
    case PRIORITY_P1:
        return ROLE_PRIORITY_1;
    case PRIORITY_P2:
        return ROLE_PRIORITY_2;
    case PRIORITY_P3:
        return ROLE_PRIORITY_3;
    case PRIORITY_P4:
        return ROLE_PRIORITY_4;
    case PRIORITY_NONE:
        break;
    }
    return ROLE_FAINT;
}
