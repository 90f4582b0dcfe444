/* subscriber.h - what one subscription of logical replication means, as its subscriber tells it.
 *
 * Its worker ends by each error and is started again some seconds later: between two tries it is
 * there, but has received nothing, and the table states still say "ready".  So worker, what it
 * received, the counts of errors and their growth since the look before are judged together.  A
 * subscription that is switched off by an operator is no fault of the link, but its slot goes on
 * holding WAL at the publisher (kind slots).  Pure. */
#ifndef PROBES_SUBSCRIBER_H
#define PROBES_SUBSCRIBER_H

#include <stdbool.h>

#include "core/result.h"
#include "engine/pgconn.h"

/* A row for each subscription of the database; columns as below. */
extern const struct pg_text subscriber_sql[];

/* Figures that were not said are NAN, texts NULL. */
struct subscription {
    const char *name, *slot;
    const char *unready;  /* the first tables that are not in step, with their states */
    bool is_enabled;      /* else somebody has switched it off */
    bool disables_itself; /* on an error (15 and later) */
    bool has_worker;
    double received_b;      /* position in the publisher's WAL; NAN with a worker: nothing yet */
    double known_b;         /* as far as the publisher said it had got when it was last idle */
    double message_age_s;   /* since the publisher's last message */
    double idle_age_s;      /* since it last said that it had sent everything */
    double apply_errors;    /* counted since ever (15 and later) */
    double sync_errors;     /* of first copies */
    double apply_before;    /* at the look before; NAN: not known */
    double sync_before;     /* the same */
    double tables, waiting; /* in it, and not in step */
};
struct subscription_limits { /* seconds */
    double lag_warning, lag_critical, silence_warning, silence_critical;
    enum state switched_off;
};

/* Fills state, sentence, metrics (lag_s, last_msg_age_s, apply_errors, sync_errors, tables,
 * tables_waiting) and facts (subscription, link, replay, slot, waiting). */
void subscription_judge(const struct subscription *s, const struct subscription_limits *l,
                        struct result *r);

#endif
