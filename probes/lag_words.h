/* lag_words.h - what kinds that look at replication share: figures as words, and a result that is
 * raised by one judgement after the other.  A figure that is not known is NAN, in words "?". */
#ifndef PROBES_LAG_WORDS_H
#define PROBES_LAG_WORDS_H

#include "core/result.h"
#include "core/when.h"
#include "engine/probe.h"

#define LAG_TEXT_MAX WHEN_TEXT_MAX

double lag_not_below_0(double v);                          /* NAN stays */
const char *lag_bytes(double b, char out[LAG_TEXT_MAX]);   /* "4.1 MiB" */
const char *lag_seconds(double s, char out[LAG_TEXT_MAX]); /* "0.3 s", "7m" */
/* A value at or beyond a limit is that state; NAN is none. */
enum state lag_beyond(double value, double warning, double critical);

/* Takes the packed sentence if it is worse than what r says so far, else frees it. */
void lag_raise(struct result *r, enum state state, char *packed);
/* UNKNOWN: the role has no right to see that view. */
void lag_no_right(struct result *r, const char *role, const char *view);
/* Raises r to the worst of its rows that no check of its own takes: what one of those tells need
 * not be told twice. */
void lag_sum_rows(struct result *r, const struct probe_fed *fed, size_t n_fed);

#endif
