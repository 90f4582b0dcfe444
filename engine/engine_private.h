/* engine_private.h - what engine.c (life), engine_request.c (what clients ask) and engine_reload.c
 * (another site file) and engine_notify.c (the service manager) share. */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H

#include "core/map.h"
#include "engine/decide.h"
#include "engine/engine.h"
#include "engine/failover.h"
#include "engine/history.h"
#include "engine/hub.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/notifier.h"
#include "engine/notify_sd.h"
#include "engine/periods.h"
#include "engine/probe.h"
#include "engine/proofs.h"
#include "engine/receiver.h"
#include "engine/scheduler.h"

#define ENGINE_RATE_SECONDS 10

struct engine_textfile;

struct engine {
    const struct engine_options *options;
    struct site *site;
    struct fleet *fleet; /* the site's */
    char *state_dir, *socket, *store_path;
    char *own_zone; /* TZ as it was at the start; NULL: not set */
    int lock;       /* descriptor */
    struct loop *loop;
    struct probe_env env;
    bool has_env;
    struct journal *journal;
    struct decide *decide;
    struct failover *failover;
    struct receivers *receivers;
    struct notifier *notifier;
    struct notify_test *tests; /* under way */
    struct periods *periods;
    struct proofs *proofs;
    struct history *history;
    struct hub *hub;
    struct scheduler *scheduler;
    struct map
        submit_keys; /* check id (the check's) -> key of its newest submitted result (owned) */
    struct loop_timer *second, *checkpoint, *stop, *linger, *reload, *retire;
    struct site *next_site; /* read, waits for its moment; NULL: none */
    struct {                /* the site before, while what it asked still runs */
        struct site *site;
        struct scheduler *scheduler;
    } retired;
    int64_t started_at_ms;
    int64_t n_results[ENGINE_RATE_SECONDS]; /* ring: results of each of the last seconds */
    unsigned int seconds;
    int64_t stop_by_mono_ms;
    int64_t clock_gap_ms; /* wall clock minus monotonic, a second ago; 0: not looked at yet */
    bool has_history_error;
    struct notify_sd notify;
    struct engine_textfile *textfile; /* NULL: none was written yet */
    char *status;                     /* as the service manager was told */
    uint64_t answers_told;            /* journal_answers at the last sign of life */
    bool is_ready;                    /* and it was told so */
    struct promoting *promoting;      /* the act that is being written; NULL: none */
    bool has_config_error;            /* the last site file was not taken */
    bool has_terminal;                /* it was started in one */
    bool is_stopping, is_last_checkpoint_sent, is_checkpointing;
};

/* --- engine.c --- */
/* One line of the log; packed. */
void engine_log(const char *part, const char *packed);
/* A fact of the engine's own for the journal; what and packed may be NULL. */
void engine_record(struct engine *e, enum event_kind kind, const char *what, const char *packed);
void engine_beat(struct engine *e);
void engine_result(void *arg, struct check *c, const struct result *r); /* scheduler_result_fn */
void engine_stop(void *arg);
void engine_zone(struct engine *e); /* libc's zone: the site's, else our own */

/* --- engine_reach.c --- */
/* Its state moved: who stands behind it? */
void engine_reach_moved(struct engine *e, const struct check *c);
/* It just turned SOFT: is it itself, or what it stands behind? */
void engine_reach_doubt(struct engine *e, const struct check *c);
/* All of them, where nobody has said yet (another site file). */
void engine_reach_all(struct engine *e);

/* --- engine_reload.c --- */
void engine_reload_open(struct engine *e);
void engine_reload_step(void *arg); /* is it the new one's moment? */
void engine_reload_release(struct engine *e);

/* --- engine_notify.c */
void engine_notify_open(struct engine *e);
void engine_notify_ready(struct engine *e);
void engine_notify_reloading(struct engine *e);
void engine_notify_reloaded(struct engine *e); /* another site file, or the one before */
void engine_notify_second(struct engine *e);   /* a round is done: status, sign of life */

/* --- engine_textfile.c --- */
void engine_textfile_second(struct engine *e);
void engine_textfile_close(struct engine *e); /* before the loop ends */

/* --- engine_receivers.c --- */
void engine_receivers_open(struct engine *e);
void engine_receivers_close(struct engine *e);
void engine_notify_test(struct engine *e, struct hub_request *q);

/* --- engine_promote.c --- */
void engine_promote(struct engine *e, struct hub_request *q);
/* Acts that the site file has caught up with are over: after a start, and another site file. */
void engine_promote_settle(struct engine *e);

/* --- engine_request.c: hub_calls.request and .refused */
void engine_request(void *arg, struct hub_request *q);
void engine_refused(void *arg, const struct hub_request *q, const char *packed);

#endif
