/* proofs_private.h - what proofs.c (events in their order, receipts) and proof_run.c (one message
 * from its intent to its end) share. */
#ifndef ENGINE_PROOFS_PRIVATE_H
#define ENGINE_PROOFS_PRIVATE_H

#include "core/event.h"
#include "core/fleet.h"
#include "engine/loop.h"
#include "engine/proofs.h"

enum entry_kind {
    ENTRY_INTENT,   /* nothing leaves before it is written; not written: nothing leaves */
    ENTRY_NOTE,     /* it was taken */
    ENTRY_GIVEN_UP, /* what was found under way is over; then its run begins another */
    ENTRY_END
};
struct entry { /* one event that waits to be written, or is being written */
    enum entry_kind kind;
    struct event event;
    struct proof_run *run; /* NULL: none, or gone */
    proofs_answer_fn *fn;  /* who brought the receipt; NULL: nobody, or answered */
    void *arg;
};
struct proofs {
    struct loop *loop;
    struct fleet *fleet;
    struct decide *decide;
    struct entry *entries; /* in their order; the first is being written */
    size_t n, cap;
    struct proof_run *runs;
    int64_t started_ms; /* wall: what is older was begun by an engine before us */
    char *error;        /* packed: why the last write failed; NULL: it did not */
    bool is_writing, is_stopped;
};

enum run_stage { STAGE_INTENDING, STAGE_SENDING, STAGE_PAUSING, STAGE_WAITING, STAGE_ENDING };
struct proof_run {
    struct proofs *all; /* NULL: there is no engine */
    struct loop *loop;
    struct proof_want want;
    char *check, *to;
    struct proof_calls calls;
    void *arg;
    enum run_stage stage;
    char key[PROOF_KEY_LEN + 1];
    int tries;
    int64_t begun_ms; /* monotonic: the intent */
    bool is_cut;      /* taken over: that nothing comes says nothing of the way */
    bool is_unsure;   /* may or may not have left */
    bool is_looking;
    char *why;   /* packed: the last answer to send that was not TAKEN */
    char *blind; /* packed: why it could not be looked for the last time; NULL: it could */
    struct loop_timer *deadline, *pause, *look;
    struct result result; /* as it will be told */
    struct proof_run *next;
};

/* --- proofs.c */
struct event proofs_event(const struct proofs *p, enum event_kind kind, const char *check,
                          const char *key);
struct entry *proofs_write(struct proofs *p, enum entry_kind kind, struct event *taken,
                           struct proof_run *run);
/* An event about this check that is not written yet. */
bool proofs_has_unwritten(const struct proofs *p, const char *check);

/* --- proof_run.c */
void proof_run_intended(struct proof_run *r, const char *error);
void proof_run_anew(struct proof_run *r); /* what it found is over */
/* Its end is written, or (error) could not be yet. */
void proof_run_ended(struct proof_run *r);
/* phase: ARRIVED, UNDELIVERED …; state and say (taken) are its result.  The entry, for who is to be
 * answered. */
struct entry *proof_run_end(struct proof_run *r, enum proof_phase phase, enum state state,
                            char *say, int64_t delay_ms);
struct entry *proof_run_arrive(struct proof_run *r, bool is_delivered, int64_t delay_ms, char *say);

#endif
