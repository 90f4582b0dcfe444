/* proofs.h - synthetic messages on their way: journalled before they leave, never two for one key.
 *
 * A kind of probe that proves a way (probe_type.deadline) begins one with proof_begin and is
 * called:
 *
 *   proof_begin ─ journal: proof.sending ─> send(key) ─ proof_sent ─> look(key) … ─ done(result)
 *                                             └─ surely not taken: 1 s, 5 s later the same key
 * again
 *
 * A receipt comes by proof_seen (the kind looked for it itself) or by `trucban submit CHECK STATE
 * TEXT --key KEY`.  The result is made here: OK, late, lost, refused; shares of a window.  After a
 * crash, a restart or a cancelled run the next run takes over what is still under way and sends
 * nothing.  No journal, no message.  At most `cap` messages in 24 hours, over restarts. */
#ifndef ENGINE_PROOFS_H
#define ENGINE_PROOFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/proof.h"
#include "core/result.h"
#include "engine/probe.h"

struct decide; /* engine/decide.h */

/* --- for the kinds of probes ---------------------------------------------------------------- */

enum proof_answer {
    PROOF_TAKEN,
    PROOF_NOT_TAKEN,  /* surely: refused connection, "too many", its own words; tried again */
    PROOF_IS_REFUSED, /* surely, and the same would be refused again */
    PROOF_SELF,       /* our own fault: nothing has left, and that says nothing of the way */
    PROOF_MAY_BE      /* no answer, half an answer: it may have left, so never again */
};
struct proof_want { /* copied */
    const char *check;
    const char *to;                          /* masked: whom it goes to, for the journal */
    int64_t deadline_ms, late_ms, window_ms; /* late: WARNING from here on; window: of the shares */
    int64_t look_ms;                         /* how often it is looked for; 0: never */
    int64_t cap;                             /* messages in 24 hours */
};
/* All come from the loop, never from inside a proof_* call; none after proof_cancel.  `done` is the
 * last, exactly once: the run is gone, and whatever send and look still have under way is to be
 * ended.  *r may be added to (figures, facts) before it is handed on; it is borrowed. */
struct proof_calls {
    void (*send)(void *arg, const char *key); /* then exactly one proof_sent, unless done came */
    void (*look)(void *arg, const char *key); /* then proof_seen or proof_not_seen, likewise */
    void (*done)(void *arg, struct result *r);
};
struct proof_run;
struct proof_run *proof_begin(const struct probe_env *env, const struct proof_want *w,
                              const struct proof_calls *calls, void *arg);
/* say: packed, taken; why not (NULL with PROOF_TAKEN). */
void proof_sent(struct proof_run *r, enum proof_answer a, char *say);
/* why: packed, taken; NULL: it is not there.  Else it could not be looked for: if that is so until
 * the deadline, nothing is known of it. */
void proof_not_seen(struct proof_run *r, char *why);
/* It has arrived (say: NULL, or what is told of it), or its receipt says that it never will (say:
 * why).  delay_ms < 0: now is when. */
void proof_seen(struct proof_run *r, bool is_delivered, int64_t delay_ms, char *say);
void proof_cancel(struct proof_run *r); /* what has left is taken over by the next run */

/* --- for the engine ------------------------------------------------------------------------- */

struct proofs;
/* All outlive it. */
struct proofs *proofs_new(struct loop *l, struct fleet *f, struct decide *d);
/* No further message leaves, nothing more is written. */
void proofs_stop(struct proofs *p);
/* After decide_free, and after all runs have been cancelled; NULL is fine. */
void proofs_free(struct proofs *p);
void proofs_second(struct proofs *p); /* what could not be written is tried again */

/* A receipt from outside.  Exactly one answer, perhaps from inside; say is packed and borrowed. */
typedef void proofs_answer_fn(void *arg, bool is_ok, const char *say);
void proofs_submit(struct proofs *p, const char *check, const char *key, bool is_delivered,
                   const char *text, proofs_answer_fn *fn, void *arg);

#endif
