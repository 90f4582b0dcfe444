#include "core/state.h"

#include <strings.h>

#include "core/say.h"

const struct state_row state_rows[STATE_COUNT] = {
    [STATE_OK] = {"OK", '+', N_("OK"), "state.ok", 0, 0},
    [STATE_WARNING] = {"WARNING", '!', N_("WARNING"), "state.warning", 4, 1},
    [STATE_CRITICAL] = {"CRITICAL", 'X', N_("CRITICAL"), "state.critical", 5, 2},
    [STATE_UNKNOWN] = {"UNKNOWN", '?', N_("UNKNOWN"), "state.unknown", 3, 3},
    [STATE_PENDING] = {"PENDING", '.', N_("PENDING"), "state.pending", 1, 3},
    [STATE_STALE] = {"STALE", '~', N_("STALE"), "state.stale", 2, 3},
};

bool state_parse(const char *name, enum state *out)
{
    if (name[0] >= '0' && name[0] <= '3' && name[1] == '\0') {
        *out = (enum state)(name[0] - '0');
        return true;
    }
    for (int s = 0; s < STATE_COUNT; s++) {
        if (strcasecmp(name, state_rows[s].name) == 0) {
            *out = (enum state)s;
            return true;
        }
    }
    return false;
}

enum state state_worse(enum state a, enum state b)
{
    return state_rows[b].badness > state_rows[a].badness ? b : a;
}

static const char *const priority_names[] = {
    [PRIORITY_NONE] = "-", [PRIORITY_P1] = "P1", [PRIORITY_P2] = "P2",
    [PRIORITY_P3] = "P3",  [PRIORITY_P4] = "P4",
};

const char *priority_name(enum priority p)
{
    return p <= PRIORITY_P4 ? priority_names[p] : "-";
}

bool priority_parse(const char *name, enum priority *out)
{
    for (int p = PRIORITY_NONE; p <= PRIORITY_P4; p++) {
        if (strcasecmp(name, priority_names[p]) == 0) {
            *out = (enum priority)p;
            return true;
        }
    }
    return false;
}

enum priority priority_of(enum priority configured, enum state s, bool is_test)
{
    if (configured == PRIORITY_NONE)
        return PRIORITY_NONE;
    if (is_test)
        return PRIORITY_P4;
    if (s == STATE_WARNING || s == STATE_UNKNOWN)
        return configured < PRIORITY_P4 ? configured + 1 : PRIORITY_P4;
    return configured;
}
