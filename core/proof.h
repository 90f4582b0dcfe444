/* proof.h - one synthetic message that leaves by the real way and must be seen to arrive.
 *
 *   proof.sending ─ it leaves ─> proof.sent ─ receipt ─> proof.arrived
 *      │    │                        └─ none by its deadline ─> proof.ended: lost
 *      │    └─ surely not taken, PROOF_TRIES times ─> proof.ended: refused
 *      └─ cut off here: nobody knows whether it left.  It waits for its receipt like any other, and
 *         is never sent again; without one it is `unknown`, which says nothing of the way.
 *
 * The journal has the intent before anything leaves, so one key stands for at most one message.
 * What is pure stands here: the log of a day (a fold of these events), what a receipt means, when
 * to try again, shares.  engine/proofs.h does it. */
#ifndef CORE_PROOF_H
#define CORE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

#define PROOF_KEY_LEN 12 /* of 32 letters and digits that no telephone spoils: 60 bits */
#define PROOF_DAY_MS  (24 * 3600 * 1000LL)
#define PROOF_CAP_MAX 6000 /* messages of one check in a day */
#define PROOF_TRIES   3    /* of one message, where each before was surely not taken */

struct fleet;
struct event;

enum proof_phase {
    PROOF_SENDING, /* the intent is durable; more is not known */
    PROOF_SENT,    /* taken by whoever carries it */
    PROOF_ARRIVED,
    PROOF_REFUSED,     /* surely not taken */
    PROOF_UNDELIVERED, /* its receipt says so */
    PROOF_LOST,        /* no receipt by its deadline */
    PROOF_UNKNOWN,     /* likewise, but we were cut off or away: says nothing of the way */
    PROOF_PHASE_COUNT
};
extern const char *const proof_phase_names[PROOF_PHASE_COUNT]; /* also event.what of proof.ended */
bool proof_phase_parse(const char *name, enum proof_phase *out); /* name may be NULL */
bool proof_is_over(enum proof_phase p);

struct proof {
    char key[PROOF_KEY_LEN + 1];
    enum proof_phase phase;
    bool was_taken;
    int64_t at_ms, until_ms; /* wall: the intent, its deadline */
    int64_t delay_ms;        /* ARRIVED */
};
struct proof_log { /* of one check, oldest first: a day, at most PROOF_CAP_MAX */
    char *check;
    struct proof *v;
    size_t n, cap;
};
void proof_log_free(struct proof_log *l); /* NULL is fine */
/* NULL: none yet.  Kept by id, whatever becomes of the check. */
struct proof_log *proof_log_of(const struct fleet *f, const char *check);
struct proof_log *proof_log_add(struct fleet *f, const char *check); /* the same, made */
void proof_log_put(struct proof_log *l, const struct proof *p);      /* the newest; makes room */
struct proof *proof_find(const struct proof_log *l, const char *key);
struct proof *proof_open(const struct proof_log *l); /* the one that is under way; NULL: none */
size_t proof_count(const struct proof_log *l, int64_t now_ms); /* messages of the last day */
/* A byte of chance for each character. */
void proof_key(const unsigned char random[PROOF_KEY_LEN], char key[PROOF_KEY_LEN + 1]);

/* proof.sending, .sent, .arrived, .ended; their subject is the check. */
void fleet_fold_proof(struct fleet *f, const struct event *e);

/* Milliseconds until the same message is tried again after so many tries; -1: no more. */
int64_t proof_wait_ms(int tries);
/* Of one that arrived: OK within late_ms (0: always), else WARNING. */
enum state proof_judge(int64_t delay_ms, int64_t late_ms);

struct proof_shares { /* of those that are over, `unknown` ones left out */
    size_t n, accepted, arrived;
    double mean_ms; /* of those that arrived */
};
struct proof_shares proof_shares_of(const struct proof_log *l, int64_t since_ms);

/* --- receipts ------------------------------------------------------------------------------- */

enum receipt_what {
    RECEIPT_COUNTS,
    RECEIPT_NO_KEY,
    RECEIPT_NEVER_SENT,  /* no message of the last day has this key */
    RECEIPT_OTHER_CHECK, /* but one of another check */
    RECEIPT_AGAIN,       /* says what is known already: nothing changes */
    RECEIPT_CONTRADICTS, /* says the contrary of an earlier one */
    RECEIPT_LATE,        /* after the deadline */
    RECEIPT_REFUSED      /* of a message that was not taken at all */
};
/* *p: the message that is meant; *owner: whose it is.  Either may be NULL after. */
enum receipt_what proof_receipt(const struct fleet *f, const char *check, const char *key,
                                bool is_delivered, int64_t now_ms, const struct proof **p,
                                const char **owner);
/* Why it does not count (or that it did), packed; the caller frees. */
char *proof_receipt_say(enum receipt_what w, const char *check, const char *key, const char *owner);

#endif
