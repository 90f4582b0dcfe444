#include "probes/slot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/text.h"
#include "probes/lag_words.h"

static void fill(const struct slot *s, struct result *r)
{
    result_fact(r, "slot", s->name);
    result_fact(r, "link", s->is_active ? "active" : "inactive");
    result_fact(r, "type", s->type);
    result_fact(r, "wal_status", s->invalid != NULL ? "lost" : s->wal_status);
    result_fact(r, "database", s->database);
    result_metric(r, "held_bytes", lag_not_below_0(s->held_b), "B");
    result_metric(r, "lag_bytes", lag_not_below_0(s->behind_b), "B");
    result_metric(r, "safe_bytes", s->safe_b, "B");
    result_metric(r, "inactive_s", s->inactive_s, "s");
}

static bool is_status(const struct slot *s, const char *word)
{
    return s->wal_status != NULL && strcmp(s->wal_status, word) == 0;
}

static bool is_lost(const struct slot *s)
{
    return s->invalid != NULL || is_status(s, "lost");
}

static void judge_unread(const struct slot *s, const char *name, enum state state, struct result *r)
{
    char held[LAG_TEXT_MAX], safe[LAG_TEXT_MAX];
    lag_bytes(s->held_b, held);
    if (isnan(s->safe_b))
        result_say(r, state,
                   SAY(N_("slot {0} has no reader and holds {1} of WAL without a limit: it fills "
                          "the disk until it is read or dropped"),
                       name, held));
    else
        result_say(r, state,
                   SAY(N_("slot {0} has no reader and holds {1} of WAL; {2} more and it is lost"),
                       name, held, lag_bytes(lag_not_below_0(s->safe_b), safe)));
}

static void judge_read(const struct slot *s, const struct slot_limits *l, const char *name,
                       struct result *r)
{
    char held[LAG_TEXT_MAX], limit[LAG_TEXT_MAX], behind[LAG_TEXT_MAX];
    enum state beyond = lag_beyond(s->held_b, l->held_warning_b, l->held_critical_b);
    lag_bytes(s->held_b, held);
    if (beyond != STATE_OK)
        result_say(
            r, beyond,
            SAY(N_("slot {0} holds {1} of WAL, limit {2}; its reader is {3} behind"), name, held,
                lag_bytes(beyond == STATE_CRITICAL ? l->held_critical_b : l->held_warning_b, limit),
                lag_bytes(lag_not_below_0(s->behind_b), behind)));
    else if (is_status(s, "extended"))
        result_say(r, STATE_WARNING,
                   SAY(N_("slot {0} holds {1} of WAL, more than max_wal_size; its reader is {2} "
                          "behind"),
                       name, held, lag_bytes(lag_not_below_0(s->behind_b), behind)));
    else
        result_say(r, STATE_OK, SAY(N_("slot {0} is read; it holds {1} of WAL"), name, held));
}

void slot_judge(const struct slot *s, const struct slot_limits *l, struct result *r)
{
    char held[LAG_TEXT_MAX];
    char *name = text_cleaned(s->name, strlen(s->name), TEXT_MAX_NAME, 0);
    fill(s, r);
    if (is_lost(s))
        result_say(r, STATE_CRITICAL,
                   SAY(N_("slot {0} is lost: WAL that its reader needs is gone; the reader must be "
                          "set up anew and the slot dropped"),
                       name));
    else if (is_status(s, "unreserved"))
        result_say(r, STATE_CRITICAL,
                   SAY(N_("slot {0} holds {1} of WAL, more than allowed: the next checkpoint "
                          "removes it, and its reader is lost"),
                       name, lag_bytes(s->held_b, held)));
    else if (isnan(s->held_b))
        result_say(r, STATE_OK, SAY(N_("slot {0} was never read and holds nothing"), name));
    else if (s->is_active || s->is_temporary || s->is_synced)
        judge_read(s, l, name, r);
    else
        judge_unread(s, name, s->held_b >= l->held_critical_b ? STATE_CRITICAL : STATE_WARNING, r);
    free(name);
}
