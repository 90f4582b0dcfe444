/* notifier.h - notices on their way: journalled before they leave, handed to a sender, and what
 * became of them journalled again.
 *
 *   outbox ─ take ─> journal: notice.sending ─> words ─> sender ─> journal: notice.sent | .failed
 *
 * Found `sending` after a crash it is sent again, marked "possible repeat"; what is known to have
 * been sent is not.  While the store is down notices go on, marked likewise (a decision fails
 * closed, a notice fails open), and are written down when it is back.
 * One notice to a receiver is under way at a time.  The always-firing ones are not journalled. */
#ifndef ENGINE_NOTIFIER_H
#define ENGINE_NOTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fleet.h"
#include "core/notice.h"
#include "core/receiver.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/loop.h"

#define NOTIFIER_LATE_MAX 1000 /* notices that wait for the store to be written down */

struct notifier;
struct notifier_want { /* all outlive it */
    struct loop *loop;
    struct fleet *fleet;
    struct decide *decide;
    struct journal *journal;
    notice_send_fn *send;
    notice_tried_fn *tried; /* may be NULL */
    void *senders;
};
struct notifier *notifier_new(const struct notifier_want *w, const struct receiver *receivers,
                              size_t n);
/* No further notice begins; what is under way may still be answered. */
void notifier_stop(struct notifier *n);
bool notifier_is_busy(const struct notifier *n); /* one is under way */
/* After decide_free and after the senders are gone; NULL is fine. */
void notifier_free(struct notifier *n);

void notifier_kick(struct notifier *n); /* events have been folded */
void notifier_second(struct notifier *n);
/* Another site file: the receivers as they are now; the old ones may go. */
void notifier_renew(struct notifier *n, const struct receiver *receivers, size_t n_receivers);

#endif
