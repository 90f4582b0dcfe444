/* slot.h - what one replication slot means to the server that keeps WAL for it.
 *
 * A slot keeps WAL until its reader has it.  One without a reader keeps all of it: without
 * max_slot_wal_keep_size until the disk is full, with it until the slot is lost and its reader has
 * to be set up anew.  Pure. */
#ifndef PROBES_SLOT_H
#define PROBES_SLOT_H

#include <stdbool.h>

#include "core/result.h"

/* Figures that were not said are NAN, texts NULL. */
struct slot {
    const char *name, *type, *database; /* "physical" or "logical" */
    const char *wal_status;             /* reserved, extended, unreserved, lost */
    const char *invalid;                /* why it can never be read again (16 and later) */
    bool is_active, is_temporary;
    bool is_synced;    /* a copy of the primary's, on a standby: nobody reads it (17 and later) */
    double held_b;     /* from the oldest WAL that it keeps to the end */
    double behind_b;   /* from what its reader has confirmed to the end */
    double safe_b;     /* what may still be written before it is lost; NAN: no limit */
    double inactive_s; /* since its reader has gone (17 and later) */
};
struct slot_limits {
    double held_warning_b, held_critical_b;
};

/* Fills state, sentence, metrics (held_bytes, lag_bytes, safe_bytes, inactive_s) and facts (slot,
 * link, type, wal_status, database). */
void slot_judge(const struct slot *s, const struct slot_limits *l, struct result *r);

#endif
