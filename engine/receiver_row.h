/* receiver_row.h - a receiver's own row among the channels: target "notify-ID" with the check
 * "delivery", which every try to hand a notice over brings up to date.
 *
 * It never grows old: that nothing was to be told is no fault.  Only a receiver with a watchdog has
 * something to be told all the time, and is stale without it. */
#ifndef ENGINE_RECEIVER_ROW_H
#define ENGINE_RECEIVER_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "engine/receiver.h"
#include "engine/spec.h"

#define RECEIVER_ROW_HEAD "notify-"
#define RECEIVER_ID_MAX   64

void receiver_row_id(const struct receiver *r, char out[TEXT_MAX_NAME + 1]);
/* Label of a row: the other receivers that are told when this one fails; "watchdog": whoever misses
 * its watchdog alone; "none": nobody, it would have to tell of itself. */
#define RECEIVER_ROW_OTHERS "others"
#define RECEIVER_ROW_NONE   "none"

/* The row into a fleet that is being made; its spec is the caller's. */
struct check_spec *receiver_row_add(struct fleet *f, const struct receiver *r);
/* Once all rows are there: who is told when one of them fails. */
void receiver_rows_connect(struct fleet *f, const struct receiver *v, size_t n);
/* Of a receiver's row; NULL: there is none. */
struct check *receiver_row_check(const struct fleet *f, const struct receiver *r);

/* What became of tries, by day. */
struct receiver_tally {
    int64_t day; /* of the local calendar */
    int delivered, failed;
    bool is_final;                /* the last one was refused for good */
    char id[RECEIVER_ID_MAX + 1]; /* the receiver's */
    int64_t last_ms;              /* wall time of the last that was taken; 0: none */
};
/* The result of a try; say NULL: it was taken.  Fills r, which the caller releases. */
void receiver_row_result(struct receiver_tally *t, const char *say, int64_t now_ms,
                         struct result *r);

#endif
