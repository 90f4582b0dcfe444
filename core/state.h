/* state.h - the states of a check, the priorities of an alert: one table row each.
 *
 * OK, WARNING, CRITICAL, UNKNOWN are the monitoring plugins' four (their numbers are the exit codes
 * 0-3).  PENDING: no result yet.  STALE is never a result: it is how an old one is shown. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>

enum state {
    STATE_OK = 0,
    STATE_WARNING = 1,
    STATE_CRITICAL = 2,
    STATE_UNKNOWN = 3,
    STATE_PENDING = 4,
    STATE_STALE = 5,
    STATE_COUNT
};

struct state_row {
    const char *name;  /* in JSON and on the command line: "OK", "CRITICAL" … */
    char symbol;       /* + ! X ? . ~ */
    const char *word;  /* msgid of the short word on the screen, at most 8 columns */
    const char *style; /* theme role: "state.ok" … */
    int badness;       /* OK 0 < PENDING < STALE < UNKNOWN < WARNING < CRITICAL */
    int exit_code;     /* of `probe` and `status`: 0-3; PENDING and STALE are 3 */
};

extern const struct state_row state_rows[STATE_COUNT];

bool state_parse(const char *name, enum state *out); /* also "0".."3", any case */
enum state state_worse(enum state a, enum state b);

enum priority { PRIORITY_NONE = 0, PRIORITY_P1, PRIORITY_P2, PRIORITY_P3, PRIORITY_P4 };
const char *priority_name(enum priority p); /* "P1" … "P4", "-" */
bool priority_parse(const char *name, enum priority *out);
/* A check's priority is what CRITICAL means; WARNING and UNKNOWN count one lower; test is P4. */
enum priority priority_of(enum priority configured, enum state s, bool is_test);

#endif
