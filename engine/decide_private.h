/* decide_private.h - what decide.c (batches, facts) and decide_ask.c (requests) share. */
#ifndef ENGINE_DECIDE_PRIVATE_H
#define ENGINE_DECIDE_PRIVATE_H

#include "core/map.h"
#include "engine/decide.h"
#include "engine/loop.h"

struct words;         /* of a request, shared by all alerts that it is about */
struct ask {          /* one request about one alert that waits, or is being written */
    struct request q; /* strings of words */
    struct wording *words;
    decide_answer_fn *fn;
    void *arg;
    struct ask *next;
    bool is_of_many; /* counts for its request as a whole */
};

struct wish { /* events that are one transaction */
    struct event *events;
    size_t n;
    decide_written_fn *fn;
    void *arg;
    struct wish *next;
};

struct batch {
    struct event *events;
    struct ask **asks; /* of each event; NULL: the engine's own */
    size_t n, cap;
    struct check **checks; /* to be asked again if the write fails */
    size_t n_checks, cap_checks;
    uint64_t next_alert;
    struct wish *wish; /* then the batch is this alone */
};

struct decide {
    struct loop *loop;
    struct fleet *fleet;
    struct journal *journal;
    decide_folded_fn *folded;
    void *arg;
    struct check **dirty; /* each once: dirty_by_id has it */
    size_t n_dirty, cap_dirty;
    struct map dirty_by_id;
    struct check **held; /* problems found before their time to settle was over */
    size_t n_held, cap_held;
    struct wish *wishes, **last_wish;
    struct event *records; /* plain facts that wait */
    size_t n_records, cap_records;
    struct ask *first, **last;
    size_t n_asks, n_of_many; /* that wait: single ones; those of requests about many alerts */
    struct batch *in_flight;
    struct loop_timer *soon, *retry, *settle, *expiry;
    int64_t started_mono_ms;
    bool is_soon, is_ending;
    bool looks_for_orphans;   /* another site file, or a start: alerts may be without their check */
    int64_t refusals_from_ms; /* of the present second */
    int refusals, refusals_lost;
};

/* --- decide.c */
void decide_soon(struct decide *d);
struct moment decide_now_is(const struct decide *d);
void batch_add(struct batch *b, struct decide *d, const struct event *e, struct ask *a);
bool batch_has_room(const struct batch *b);

/* --- decide_ask.c */
void ask_grant(struct ask *a, const struct event *e);
void ask_refuse(struct ask *a, const char *code, const char *say);
void asks_refuse_all(struct decide *d, const char *code, const char *say);
void asks_refuse_flood(struct decide *d);
void asks_take(struct decide *d, struct batch *b);

#endif
