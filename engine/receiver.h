/* receiver.h - a way out: what every kind of receiver is (core/receiver.h), and those of a site.
 *
 * A kind is a const table at the foot of its file (notify_*.c).  `send` begins one try to hand one
 * notice over; after it exactly one answer follows, never from inside send, and never after cancel.
 * A kind ends by its own limit, retries nothing and decides nothing: whether the same notice is
 * tried again is the notifier's to say.  What it says of a failure names what and why; the receiver
 * and its peer are named by whoever shows it. */
#ifndef ENGINE_RECEIVER_H
#define ENGINE_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/notice.h"
#include "core/option.h"
#include "core/say.h"
#include "engine/jval.h"
#include "engine/probe.h"

struct receiver_job { /* borrowed until send returns, but env and config, which last */
    const struct probe_env *env;
    const void *config;
    const struct notice *notice;
    const struct fleet *fleet;
    say_translate_fn *translate; /* NULL: English */
    int64_t timeout_ms;
};

struct receiver_type {
    const char *name;
    const char *summary; /* msgid, one line for the manual */
    const struct option *options;
    size_t config_size;
    /* Once, after loading; as in struct probe_type.  release may be NULL. */
    bool (*configure)(void *config, struct err *e);
    void (*release)(void *config);
    void *(*send)(const struct receiver_job *job, notice_answer_fn *fn, void *arg);
    void (*cancel)(void *run);
    /* What it leads to, for the screen: no secret.  Appends. */
    void (*whereto)(const void *config, struct buf *out);
    int cap; /* where the site file says none: notices within cap_ms; 0: no limit */
    int64_t cap_ms;
    bool is_collector;
};
/* All kinds, sorted by name, NULL-ended. */
extern const struct receiver_type *const receiver_types[];
extern const struct receiver_type notify_alertmanager, notify_command, notify_mail, notify_sms,
    notify_webhook;
const struct receiver_type *receiver_type_find(const char *name);

/* What a receiver's `config` points to.  Counted: tries under way outlive their site file. */
struct receiver_spec {
    const struct receiver_type *type;
    void *config; /* type->config_size bytes */
    int64_t timeout_ms;
    struct words name;
    char *match;  /* as it is written; NULL: every check */
    char *absent; /* packed: which of its secrets is not there, so it cannot send; NULL: none */
    int uses;
};
struct receiver_spec *receiver_spec_new(const struct receiver_type *type); /* uses 1 */
void receiver_spec_drop(struct receiver_spec *s);
const struct receiver_spec *receiver_spec_of(const struct receiver *r);
void receivers_release(struct receiver *v, size_t n); /* what they own, and v */
/* A receiver as `site show` and `notify list` have it, without what its kind alone knows. */
struct jval *receiver_json(const struct receiver *r);
struct jval *receivers_json(const struct receiver *v, size_t n);
bool receiver_is_same(const struct receiver *a, const struct receiver *b);

/* --- sending, for the notifier ---------------------------------------------------------------- */

struct receivers; /* tries under way, and what became of the others */
/* What a receiver's own row is told; the result is borrowed. */
typedef void receivers_row_fn(void *arg, struct check *c, const struct result *r);
struct receivers_want {
    const struct probe_env *env; /* with its fleet */
    say_translate_fn *translate; /* NULL: English */
    receivers_row_fn *row;       /* NULL: nothing */
    void *arg;
};
struct receivers *receivers_new(const struct receivers_want *w);
/* Rows that have seen nothing yet are told so: after a start, after another site file. */
void receivers_begin(struct receivers *all, const struct receiver *v, size_t n);
void receivers_free(struct receivers *all); /* cancels what is under way */
/* notice_send_fn; `senders` is the struct receivers. */
void receivers_send(void *senders, const struct notice *n, const struct fleet *f,
                    notice_answer_fn *fn, void *arg);
/* notice_tried_fn; `senders` likewise. */
void receivers_tried(void *senders, const struct receiver *r, const char *say);

#endif
