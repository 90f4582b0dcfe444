/* sync_rows.h - what one line about a database means: connected or not, how fresh, lost or late.
 *
 * The source says what is; the site file says what is expected.  "Not connected yet" is a fact of
 * the plan and never alarms; what is connected by the site file, or has once been by the source's
 * own word, and is no more, is lost.  That it once was is kept in the check's fact `was`, as long
 * as the engine lives. */
#ifndef PROBES_SYNC_ROWS_H
#define PROBES_SYNC_ROWS_H

#include <stdint.h>

#include "core/result.h"
#include "engine/probe.h"

enum sync_mode { SYNC_REALTIME, SYNC_HOURLY, SYNC_DAILY, SYNC_MODE_COUNT };
extern const char *const sync_mode_names[SYNC_MODE_COUNT + 1]; /* NULL-ended, as choices are */

struct sync_limits { /* ages from which a synchronisation is late, in ms */
    int64_t warning[SYNC_MODE_COUNT], critical[SYNC_MODE_COUNT];
    int mode; /* where a row says none */
};

struct sync_row { /* texts as they came; NULL: absent or null */
    const char *id, *link, *last_sync_at, *mode, *owner, *blocker;
    const char *odd; /* name of a field that is no text, and what it is */
    const char *odd_type;
};

struct sync_tally {
    size_t rows, done, late, lost, odd;
};

#define SYNC_SKEW_MS 60000 /* a source's clock may be this much before ours */

/* fed: the check that takes the row, NULL: nobody does.  Fills `out` (facts link, mode, owner,
 * blocker, last_sync_at, was; metric age_s) and counts. */
void sync_row_judge(const struct sync_row *row, const struct probe_fed *fed,
                    const struct sync_limits *limits, int64_t now_ms, struct result *out,
                    struct sync_tally *tally);

#endif
