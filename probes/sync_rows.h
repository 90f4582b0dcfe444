/* sync_rows.h - what one line about a database means: connected or not, how fresh, lost or late.
 *
 * The source says what is; the site file says what is expected.  "Not connected yet" is a fact of
 * the plan and never alarms; what is connected by the site file, or has once been by the source's
 * own word, and is no more, is lost.  That it once was is kept in the check's fact `was`, as long
 * as the engine lives.  What is connected and fresh but used by nobody is a notice of its own. */
#ifndef PROBES_SYNC_ROWS_H
#define PROBES_SYNC_ROWS_H

#include <stdint.h>

#include "core/result.h"
#include "core/say.h"
#include "engine/probe.h"

enum sync_mode { SYNC_REALTIME, SYNC_HOURLY, SYNC_DAILY, SYNC_MODE_COUNT };
extern const char *const sync_mode_names[SYNC_MODE_COUNT + 1]; /* NULL-ended, as choices are */

struct sync_limits { /* ages from which a synchronisation is late, in ms */
    int64_t warning[SYNC_MODE_COUNT], critical[SYNC_MODE_COUNT];
    int mode;       /* where a row says none */
    int no_traffic; /* enum state */
};

struct sync_row { /* texts as they came; NULL: absent or null */
    const char *id, *link, *last_sync_at, *mode, *owner, *blocker;
    const char *fields_published, *guide_published; /* "yes" or "no" */
    double traffic;                                 /* uses within a day; NAN: not told */
    const char *odd;       /* a field that is not what it should be; what it is */
    const char *odd_type;  /* what it is */
    const char *odd_msgid; /* and what it should be */
};
#define SYNC_ODD_TEXT   N_("{0} is {1}, expected text")
#define SYNC_ODD_FLAG   N_("{0} is {1}, expected true or false")
#define SYNC_ODD_NUMBER N_("{0} is {1}, expected a number from 0")

struct sync_tally {
    size_t rows, done, late, lost, odd, idle;
};

#define SYNC_SKEW_MS 60000 /* a source's clock may be this much before ours */

/* Two clocks: times in the list are by the source's.  Beyond SYNC_SKEW_MS ages are counted by that,
 * so that they are right; beyond SYNC_CLOCK_MS it is no clock, and they are counted by ours. */
#define SYNC_CLOCK_MS 86400000
int64_t sync_now(int64_t ours_ms, int64_t source_ms); /* source_ms 0: it did not say */

/* fed: the check that takes the row, NULL: nobody does.  Fills `out` (facts link, mode, owner,
 * blocker, last_sync_at, fields_published, guide_published, was; metrics age_s, traffic_day) and
 * counts. */
void sync_row_judge(const struct sync_row *row, const struct probe_fed *fed,
                    const struct sync_limits *limits, int64_t now_ms, struct result *out,
                    struct sync_tally *tally);

#endif
