/* store.h - where events, checkpoints and the heartbeat are kept: what every store must do.
 *
 * All calls block and come from one thread at a time (the journal's worker).  Events are only ever
 * appended.  A store that is damaged, newer or foreign is refused, never repaired: the error names
 * the file and the fix. */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "engine/chain.h"

enum store_fault {
    STORE_FINE,
    STORE_FULL,     /* disk full, or a size limit */
    STORE_IO,       /* the disk says no */
    STORE_SILENT,   /* the disk does not answer */
    STORE_BUSY,     /* another program holds the file locked */
    STORE_READONLY, /* the file or its folder may not be written */
    STORE_NO_FILE,  /* cannot be opened or made */
    STORE_CORRUPT,  /* damaged, cut short, or a broken chain */
    STORE_NEWER,    /* written by a newer version */
    STORE_FOREIGN,  /* a database, but not ours */
    STORE_CONFLICT, /* the group of a failover has another run; nothing is wrong with the store */
    STORE_CHANGED,  /* not the file that was open before */
    STORE_OTHER,
    STORE_FAULT_COUNT
};

struct store_error {
    enum store_fault fault;
    char file[256];
    char detail[256]; /* cleaned; the cause in the library's words, or the bad record */
};
/* Always false, so that `return store_fail(…)` reads as it should. */
bool store_fail(struct store_error *e, enum store_fault fault, const char *file,
                const char *detail);
/* A packed sentence (say.h): what, which file, why, and what to do.  The caller frees. */
char *store_error_say(const struct store_error *e);
const char *store_fault_name(enum store_fault f); /* "full", "silent" …: for programs */
/* True if trying again later, with nothing done to the engine, may succeed. */
bool store_fault_passes(enum store_fault f);

/* Which events; zero means "any". */
struct store_filter {
    int64_t since_ms, until_ms; /* from, and before */
    const char *subject;        /* also as the event's check; a target covers its checks */
    const char *kind;
    uint64_t before_seq, after_seq;
    size_t limit; /* the newest that many; with after_seq the oldest */
};
/* The event is the store's: take what it owns by zeroing it.  False ends the reading (no error). */
typedef bool store_event_fn(void *arg, struct event *e);

struct store_checkpoint {
    struct chain head; /* the last event that the picture covers */
    char *json;        /* owned */
};

struct store_ops {
    const char *name;
    /* Opens, or makes a new one.  If it may be read but not written, returns it all the same, with
     * e->fault set; NULL if it cannot even be read. */
    void *(*open)(const char *path, struct store_error *e);
    void (*close)(void *store);
    /* The newest event's number and hash (CHAIN_START before the first). */
    bool (*head)(void *store, struct chain *out, struct store_error *e);
    /* All n in one transaction, sealed (number, prev, hash filled in) from *head on, which moves.
     * On failure nothing is stored, as far as can be known: close, open and ask head again.  But
     * after STORE_CONFLICT nothing is stored for certain, and all goes on. */
    bool (*append)(void *store, struct chain *head, struct event *events, size_t n,
                   struct store_error *e);
    /* Reads the events after *head in order, each verified, and moves *head; at most n (0: all). */
    bool (*follow)(void *store, struct chain *head, size_t n, store_event_fn *each, void *arg,
                   struct store_error *e);
    /* Those that match: newest first, with after_seq oldest first. */
    bool (*query)(void *store, const struct store_filter *f, store_event_fn *each, void *arg,
                  struct store_error *e);
    /* The newest checkpoint that is whole; out->json NULL if there is none. */
    bool (*load)(void *store, struct store_checkpoint *out, struct store_error *e);
    bool (*save)(void *store, const struct store_checkpoint *cp, int64_t at_ms,
                 struct store_error *e);                             /* keeps the last two */
    bool (*beat)(void *store, int64_t at_ms, struct store_error *e); /* one committed row: alive */
    /* After trouble: commits of its own that show that there is room and that the disk keeps it. */
    bool (*prove)(void *store, struct store_error *e);
    /* Looks through the pages of a file of moderate size. */
    bool (*inspect)(void *store, struct store_error *e);
};

extern const struct store_ops store_sqlite;

#endif
