/* replica.h - what a standby and its primary say of each other, and what that comes to.
 *
 * No single figure tells: a standby that lost its primary has replayed all that it received ("lag
 * 0"), one that stands still shows the small lag of before, and on an idle primary the age of the
 * last transaction grows though nothing is behind.  So link, replay, bytes, seconds and how long
 * each side has been silent are judged together.  Pure. */
#ifndef PROBES_REPLICA_H
#define PROBES_REPLICA_H

#include <stdbool.h>

#include "core/result.h"

/* Figures that were not said are NAN, texts NULL. */
struct replica_standby {
    bool is_primary;               /* it is not in recovery */
    bool is_linked;                /* pg_stat_wal_receiver has a row */
    bool is_paused;                /* replay is */
    const char *status;            /* of the receiver; NULL while linked: the role may not see it */
    const char *timeline;          /* that it receives */
    double received_b, replayed_b; /* positions in the WAL */
    double known_b;                /* as far as the primary's WAL goes, by its own last word */
    double replay_age_s;           /* since the commit of the last transaction replayed */
    double message_age_s;          /* since the primary's last message */
};
struct replica_primary {
    bool is_standby;                /* it is in recovery itself */
    bool has_sender;                /* pg_stat_replication has a row for this standby */
    const char *state, *sync_state; /* of the sender; NULL with has_sender: may not see it */
    double written_b;               /* position in the WAL */
    double reply_age_s;             /* since the standby's last word */
};
struct replica_limits { /* seconds */
    double lag_warning, lag_critical, silence_warning, silence_critical;
};
struct replica_view {
    struct replica_standby standby;
    struct replica_primary primary;
    bool has_primary;                        /* it was asked and has answered */
    const char *primary_failure;             /* packed; it was asked in vain */
    const char *standby_role, *primary_role; /* whom we logged in as */
};

/* Fills state, sentence, metrics (lag_bytes, lag_s, last_msg_age_s, reply_age_s) and facts (role,
 * link, replay, timeline, sender, sync_state).  A figure that is not known is left out. */
void replica_judge(const struct replica_view *v, const struct replica_limits *l, struct result *r);

#endif
