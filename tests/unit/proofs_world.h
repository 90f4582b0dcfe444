/* proofs_world.h - for tests of synthetic messages: a journal, who writes into it, and a kind of
 * probe that does as it is told. */
#ifndef TESTS_PROOFS_WORLD_H
#define TESTS_PROOFS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "engine/proofs.h"
#include "tests/unit/scratch.h"

#define CHECK "svc-sms/proof"

struct world {
    struct scratch tmp;
    char path[300], flag[300], fp[700];
    struct loop *loop;
    struct loop_timer *limit, *poll, *soon;
    struct journal *journal;
    struct fleet *fleet;
    struct decide *decide;
    struct proofs *proofs;
    struct proof_run *run;
    bool (*is_there)(struct world *);
    struct proof_want want;
    enum proof_answer answers[8]; /* of each try, in turn */
    bool is_silent;               /* none at all */
    char keys[16][PROOF_KEY_LEN + 1];
    size_t n_sent, n_looks;
    bool was_durable;
    bool is_seen, is_blind; /* the next look */
    struct result result;
    size_t n_done;
    char said[400];
    bool is_ok;
    size_t n_answers;
    size_t n_events[EVENT_KIND_COUNT];
    bool is_queried;
};

static inline void too_late(void *arg)
{
    (void)arg;
    fprintf(stderr, "what was waited for did not come within 30 s\n");
    abort();
}

static inline void poll_world(void *arg)
{
    struct world *w = arg;
    if (w->is_there(w))
        loop_stop(w->loop);
}

static inline void wait_until(struct world *w, bool (*is_there)(struct world *))
{
    w->is_there = is_there;
    loop_timer_set(w->limit, 30000, 0);
    loop_timer_set(w->poll, 5, 5);
    loop_run(w->loop);
    loop_timer_stop(w->poll);
    loop_timer_stop(w->limit);
}

static inline void answer(void *arg)
{
    struct world *w = arg;
    enum proof_answer a = w->answers[w->n_sent - 1];
    proof_sent(w->run, a, a == PROOF_TAKEN ? NULL : SAY("the gateway says {0}", "no"));
}

static inline void send(void *arg, const char *key)
{
    struct world *w = arg;
    assert_true(w->n_sent < 8);
    const struct proof *p = proof_find(proof_log_of(w->fleet, CHECK), key);
    w->was_durable = p != NULL && journal_seq(w->journal) >= w->fleet->seq;
    snprintf(w->keys[w->n_sent++], sizeof w->keys[0], "%s", key);
    if (!w->is_silent)
        loop_timer_set(w->soon, 1, 0);
}

static inline void look(void *arg, const char *key)
{
    struct world *w = arg;
    w->n_looks++;
    snprintf(w->keys[15], sizeof w->keys[0], "%s", key);
    if (w->is_seen)
        proof_seen(w->run, true, -1, NULL);
    else
        proof_not_seen(w->run, w->is_blind ? SAY("HTTP {0}", "502") : NULL);
}

static inline void done(void *arg, struct result *r)
{
    struct world *w = arg;
    w->run = NULL;
    w->n_done++;
    result_release(&w->result);
    w->result = *r;
    *r = (struct result){0};
    loop_timer_stop(w->soon);
}

static inline void begin(struct world *w)
{
    static const struct proof_calls calls = {send, look, done};
    const struct probe_env env = {.loop = w->loop, .proofs = w->proofs, .fleet = w->fleet};
    w->n_done = w->n_sent = 0;
    w->run = proof_begin(&env, &w->want, &calls, w);
}

static inline void folded(void *arg)
{
    (void)arg;
}

static inline void found(void *arg, const struct event *events, size_t n)
{
    struct world *w = arg;
    decide_found(w->decide, events, n);
}

static inline void start(struct world *w)
{
    struct journal_calls calls = {found, NULL};
    char *say = NULL;
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "demo");
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    assert_non_null(w->journal);
    journal_load(w->journal, w->fleet);
    w->decide = decide_new(w->loop, w->fleet, w->journal, folded, w);
    w->proofs = proofs_new(w->loop, w->fleet, w->decide);
}

static inline void stop(struct world *w)
{
    loop_timer_stop(w->soon);
    proof_cancel(w->run);
    w->run = NULL;
    proofs_stop(w->proofs);
    assert_true(journal_free(w->journal, 5000));
    decide_free(w->decide);
    proofs_free(w->proofs);
    fleet_free(w->fleet);
}

static inline void pause_ms(long ms)
{
    nanosleep(&(struct timespec){0, ms * 1000000}, NULL);
}

static inline void restart(struct world *w)
{
    stop(w);
    pause_ms(3); /* what was begun before is older than the start */
    start(w);
}

static inline int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t.db", w->path);
    scratch_path(&w->tmp, "flag", w->flag);
    w->want = (struct proof_want){.check = CHECK,
                                  .to = "…678",
                                  .deadline_ms = 20000,
                                  .late_ms = 10000,
                                  .window_ms = PROOF_DAY_MS,
                                  .cap = 100};
    w->loop = loop_new(NULL);
    w->limit = loop_timer_new(w->loop, too_late, NULL);
    w->poll = loop_timer_new(w->loop, poll_world, w);
    w->soon = loop_timer_new(w->loop, answer, w);
    start(w);
    *state = w;
    return 0;
}

static inline int teardown(void **state)
{
    struct world *w = *state;
    unsetenv("FP");
    stop(w);
    result_release(&w->result);
    loop_timer_free(w->limit);
    loop_timer_free(w->poll);
    loop_timer_free(w->soon);
    loop_free(w->loop);
    scratch_remove(&w->tmp);
    free(w);
    return 0;
}

static inline void answered(void *arg, bool is_ok, const char *say)
{
    struct world *w = arg;
    struct buf words = BUF_INIT(sizeof w->said - 1);
    say_text(&words, say, NULL);
    snprintf(w->said, sizeof w->said, "%s", buf_text(&words));
    buf_release(&words);
    w->is_ok = is_ok;
    w->n_answers++;
}

static inline void submit(struct world *w, const char *check, const char *key, bool is_delivered)
{
    w->n_answers = 0;
    proofs_submit(w->proofs, check, key, is_delivered, "from the operator", answered, w);
}

static inline bool is_answered(struct world *w)
{
    return w->n_answers > 0;
}

static inline bool is_done(struct world *w)
{
    return w->n_done > 0;
}

static inline bool has_sent(struct world *w)
{
    return w->n_sent > 0;
}

static inline enum proof_phase phase(struct world *w, const char *key)
{
    const struct proof *p = proof_find(proof_log_of(w->fleet, CHECK), key);
    assert_non_null(p);
    return p->phase;
}

static inline bool is_taken(struct world *w)
{
    return w->n_sent > 0 && phase(w, w->keys[w->n_sent - 1]) == PROOF_SENT;
}

static inline bool has_looked(struct world *w)
{
    return w->n_looks > 2;
}

static inline void counted(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    assert_null(error);
    memset(w->n_events, 0, sizeof w->n_events);
    for (size_t i = 0; i < n; i++)
        w->n_events[events[i].kind]++;
    w->is_queried = true;
}

static inline bool is_queried(struct world *w)
{
    return w->is_queried;
}

static inline void assert_events(struct world *w, size_t sending, size_t sent, size_t arrived,
                                 size_t ended)
{
    w->is_queried = false;
    journal_query(w->journal, &(struct store_filter){0}, counted, w);
    wait_until(w, is_queried);
    assert_int_equal(w->n_events[EVENT_PROOF_SENDING], sending);
    assert_int_equal(w->n_events[EVENT_PROOF_SENT], sent);
    assert_int_equal(w->n_events[EVENT_PROOF_ARRIVED], arrived);
    assert_int_equal(w->n_events[EVENT_PROOF_ENDED], ended);
}

static inline void assert_said(struct world *w, const char *words)
{
    struct buf b = BUF_INIT(1000);
    say_text(&b, w->result.summary, NULL);
    if (strstr(buf_text(&b), words) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", words, buf_text(&b));
    buf_release(&b);
}

static inline double metric(const struct world *w, const char *name)
{
    double v = -1;
    const char *unit;
    return result_value(&w->result, name, &v, &unit) ? v : -1;
}

#endif
