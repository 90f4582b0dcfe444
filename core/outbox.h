/* outbox.h - one receiver's way out: of all that is due, what is sent next, and when.
 *
 *   alerts that changed ─ look ─> groups (what is about the same place and kind) ─ take ─> notice
 *                                   wait for others to join; then at most one a minute each
 *
 * The most urgent group goes first.  Caps of the receiver hold the others back; what they hold back
 * for long is told in one summary with its count.  One notice is under way at a time.  After a
 * failure the next try waits, 5 s at first, 5 min at last; what is due then is worked out anew, so
 * a receiver that is down has no queue that grows.
 *
 * Pure: time and fleet are passed in.  look costs a glance at each alert and work only for those
 * that changed. */
#ifndef CORE_OUTBOX_H
#define CORE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/notice.h"
#include "core/when.h"

#define OUTBOX_GROUP_GAP_MS    60000 /* between two notices of one group */
#define OUTBOX_RETRY_FIRST_MS  5000
#define OUTBOX_RETRY_MAX_MS    300000
#define OUTBOX_CAP             30 /* of a receiver that names none: then it is told in a summary */
#define OUTBOX_CAP_MS          60000
#define OUTBOX_SUMMARY_WAIT_MS 60000 /* at most, after the cap was reached */

struct outbox;

struct outbox *outbox_new(const struct receiver *r); /* borrowed, until outbox_renew */
void outbox_free(struct outbox *o);
/* Another site file: the same receiver as it is now; everything is looked at anew. */
void outbox_renew(struct outbox *o, const struct receiver *r);

void outbox_look(struct outbox *o, const struct fleet *f, struct moment now);
/* Fills in `out` (not its words) and counts it as under way, until outbox_done.  False: nothing is
 * to be sent now. */
bool outbox_take(struct outbox *o, const struct fleet *f, struct moment now, struct notice *out);
void outbox_done(struct outbox *o, const struct fleet *f, struct moment now, const struct notice *n,
                 const struct notice_answer *a);
/* Monotonic: when time alone calls for another look or take; INT64_MAX: never. */
int64_t outbox_next_ms(const struct outbox *o, struct moment now);

#endif
