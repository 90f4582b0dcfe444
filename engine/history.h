/* history.h - measurements over time, in a file of their own: SITE-history.db.
 *
 * Per check and minute: how many results, how many OK, the latency's least, mean and greatest;
 * kept 35 days, the same per hour 400 days.  Written every 10 s in one transaction by a thread of
 * its own, so that it never delays a decision.  History is no truth: what was not written when the
 * process died (at most the present minute) is lost, and a fault here stops nothing. */
#ifndef ENGINE_HISTORY_H
#define ENGINE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/fleet.h"

#define HISTORY_MINUTE_DAYS 35
#define HISTORY_HOUR_DAYS   400
#define HISTORY_ROWS_MAX    20000 /* of one query */

struct loop;
struct history;

/* Never fails for the file's sake: then history_error says why nothing is kept.  Takes an
 * unusable file for what it is and leaves it alone. */
struct history *history_new(struct loop *l, const char *path, struct err *e);
/* Writes what waits, the unfinished minute too; false if it took longer than wait_ms. */
bool history_free(struct history *h, int64_t wait_ms);
const char *history_error(const struct history *h); /* packed; NULL if all is well */

/* latency_ms < 0: none. */
void history_add(struct history *h, const struct check *c, int64_t at_ms, enum state s,
                 double latency_ms);
void history_flush(struct history *h); /* now, all that waits */

struct history_row {
    int64_t at_ms; /* start of the minute or hour */
    int64_t n, n_ok, n_latency;
    double min_ms, mean_ms, max_ms; /* < 0: no latency */
};
typedef void history_rows_fn(void *arg, const struct history_row *rows, size_t n,
                             const char *error);
/* Rows of one check in [from, to), oldest first; per hour or per minute. */
void history_query(struct history *h, const char *check, bool per_hour, int64_t from_ms,
                   int64_t to_ms, history_rows_fn *done, void *arg);

#endif
