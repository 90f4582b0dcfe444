/* chain.h - what makes the journal tamper-evident: each event's hash covers the one before.
 *
 * hash = SHA-256(prev as hex + newline + the event without its hash as JSON, keys sorted, compact).
 * The JSON text that was hashed is what the store keeps, so that it can be verified byte by byte,
 * whatever fields later versions add. */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/event.h"
#include "engine/hash.h"

#define CHAIN_START "0000000000000000000000000000000000000000000000000000000000000000"

struct chain { /* the head: what the next event is linked to */
    uint64_t seq;
    char hash[HASH_HEX];
};

void chain_init(struct chain *c);
/* Gives e its number, prev and hash, moves the head to it and leaves its text in *json. */
void chain_seal(struct chain *c, struct event *e, struct buf *json);
/* Is this stored record the next one after the head?  Fills *e (the caller releases it, also on
 * failure) and moves the head.  On failure e says which record and what is wrong with it. */
bool chain_follow(struct chain *c, uint64_t seq, const char *json, const char *hash,
                  struct event *out, struct err *e);

#endif
