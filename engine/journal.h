/* journal.h - the one record of what operators know or decide, and the thread that writes it.
 *
 * An event takes effect only after journal_append has said that it is durable.  All calls are made
 * on the loop's thread and return at once; the store's blocking work is done by a thread of its
 * own, appends before everything else.
 *
 * When the store fails, every append is refused at once with the reason, and once a second the file
 * is closed, opened and tried anew.  A re-opened file is trusted only after commits of its own.  If
 * it then turns out to hold a batch whose commit had been reported as failed, these events are
 * handed to `found`: what the file says is the truth.  A damaged, newer or exchanged file is never
 * written again by this process. */
#ifndef ENGINE_JOURNAL_H
#define ENGINE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/fleet.h"
#include "engine/store.h"

#define JOURNAL_PAGE_MAX 10000 /* events of one query */

struct loop;
struct journal;

struct journal_calls {                                              /* any may be NULL */
    void (*found)(void *arg, const struct event *events, size_t n); /* see above: fold them */
    void (*changed)(void *arg);                                     /* journal_error is another */
};

/* Opens the store and starts the thread.  NULL if the file cannot even be read: *say is then a
 * packed sentence (the caller frees). */
struct journal *journal_new(struct loop *l, const struct store_ops *ops, const char *path,
                            const struct journal_calls *calls, void *arg, char **say);
/* Ends within wait_ms, or leaves a thread behind that hangs in the kernel (false). */
bool journal_free(struct journal *j, int64_t wait_ms);

/* Start: last checkpoint, then every later event, each verified, folded as it is read.  Blocks.
 * What is damaged ends the folding; then journal_error says so and nothing will be written. The
 * events before the checkpoint are verified in the background. */
void journal_load(struct journal *j, struct fleet *f);

/* Packed sentence while decisions cannot be saved, else NULL; borrowed until it changes. */
const char *journal_error(const struct journal *j);
const char *journal_fault(const struct journal *j); /* its kind for programs, "full"; else NULL */
uint64_t journal_seq(const struct journal *j);      /* of the last durable event */

/* events and their array are the journal's from here on; done borrows them, with seq, prev and hash
 * filled.  error: NULL: durable; else packed, and nothing of the batch is stored.  One batch at a
 * time: it is refused if events have come to light that its maker did not know of. */
typedef void journal_append_fn(void *arg, const struct event *events, size_t n, const char *error);
void journal_append(struct journal *j, struct event *events, size_t n, journal_append_fn *done,
                    void *arg);

/* Oldest first, borrowed.  limit 0 or beyond JOURNAL_PAGE_MAX is JOURNAL_PAGE_MAX. */
typedef void journal_query_fn(void *arg, const struct event *events, size_t n, const char *error);
void journal_query(struct journal *j, const struct store_filter *f, journal_query_fn *done,
                   void *arg);

/* Follows the chain after record `from` (0: from the first) up to the present head, in steps
 * between which others are served. */
struct journal_verdict {
    bool is_whole, is_damaged; /* neither: it could not be read to the end */
    uint64_t records;          /* followed */
    struct chain head;         /* of what was followed */
    const char *error;         /* packed; names the first bad record */
};
typedef void journal_verify_fn(void *arg, const struct journal_verdict *v);
void journal_verify(struct journal *j, uint64_t from, journal_verify_fn *done, void *arg);

/* Takes json: the picture after the event journal_seq says now.  done may be NULL. */
typedef void journal_saved_fn(void *arg, const char *error);
void journal_checkpoint(struct journal *j, char *json, journal_saved_fn *done, void *arg);
/* Events that a start would have to fold: those after the last checkpoint, loaded or asked for. */
uint64_t journal_uncovered(const struct journal *j);
/* Once a second: every JOURNAL_BEAT_S a committed row that says "alive"; and where a write has been
 * under way for JOURNAL_HANG_MS, journal_error says that the disk does not answer. */
#define JOURNAL_BEAT_S  5
#define JOURNAL_HANG_MS 3000
void journal_beat(struct journal *j);
void journal_set_beat(struct journal *j, unsigned int every_s); /* instead of JOURNAL_BEAT_S */
/* How many writes (batches, heartbeats, attempts) the store has answered, with success or not. */
uint64_t journal_answers(const struct journal *j);

#endif
