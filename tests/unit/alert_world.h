/* alert_world.h - one check, its alerts, a journal in memory and clocks set by hand: for tests of
 * core/alert.h.  After cmocka.h. */
#ifndef TESTS_UNIT_ALERT_WORLD_H
#define TESTS_UNIT_ALERT_WORLD_H

#include <stdlib.h>

#include "core/alert.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"

#define NOON 1772719200000LL /* 2026-03-05T14:00:00Z */
#define MONO 1000000LL

struct world {
    struct fleet *f;
    struct check *c;
    int64_t s; /* seconds since noon */
    uint64_t seq;
    bool never_flaps;  /* incidents one after the other, as if they were days apart */
    struct event *log; /* all that was committed */
    size_t n_log, cap_log;
};

static inline struct check *add_check(struct fleet *f)
{
    struct check *c = fleet_add_check(f, fleet_add_target(f, "srv"), "http");
    c->rule = (struct rule_config){.interval_ms = 30000,
                                   .retry_ms = 10000,
                                   .timeout_ms = 5000,
                                   .attempts = 1,
                                   .ok_confirm = 1};
    c->priority = PRIORITY_P2;
    return c;
}

static inline void begin(struct world *w)
{
    *w = (struct world){.f = fleet_new()};
    w->c = add_check(w->f);
}

static inline void end(struct world *w)
{
    for (size_t i = 0; i < w->n_log; i++)
        event_release(&w->log[i]);
    free(w->log);
    fleet_free(w->f);
}

static inline struct moment now(const struct world *w)
{
    return (struct moment){NOON + w->s * 1000, MONO + w->s * 1000};
}

static inline void see(struct world *w, enum state s)
{
    struct result r = {.latency_ms = -1, .at_ms = now(w).wall_ms};
    w->s += 10;
    r.at_ms = now(w).wall_ms;
    r.started_mono_ms = MONO + w->s * 1000;
    result_say(&r, s, SAY("seen {0}", state_rows[s].name));
    if (w->never_flaps)
        w->c->flap = (struct flap){0};
    fleet_apply_result(w->f, w->c, &r, MONO + w->s * 1000);
    result_release(&r);
}

/* The journal has it: takes the event over. */
static inline void commit(struct world *w, struct event *e)
{
    e->seq = ++w->seq;
    fleet_fold(w->f, e);
    MEM_ROOM(w->log, w->n_log, w->cap_log);
    w->log[w->n_log++] = *e;
}

static inline size_t reconcile(struct world *w)
{
    struct event e[ALERT_EVENTS_MAX];
    size_t n = alert_reconcile(w->f, w->c, now(w), true, w->f->next_alert, e);
    for (size_t i = 0; i < n; i++)
        commit(w, &e[i]);
    return n;
}

static inline void check_kinds(struct world *w, size_t n, const enum event_kind *kinds)
{
    size_t from = w->n_log;
    assert_int_equal(reconcile(w), n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(w->log[from + i].kind, kinds[i]);
    assert_int_equal(reconcile(w), 0); /* settled */
}
#define CHECK_KINDS(w, ...)                                                                        \
    check_kinds((w), sizeof((enum event_kind[]){__VA_ARGS__}) / sizeof(enum event_kind),           \
                (enum event_kind[]){__VA_ARGS__})

static const struct actor lan = {(char *)"lan", 1001, (char *)"10.0.0.7"};
static const struct actor minh = {(char *)"minh", 1002, (char *)""};

static inline struct request ask(enum request_kind kind, uint64_t id, const char *text)
{
    return (struct request){.kind = kind, .alert = id, .text = text, .actor = &lan};
}

static inline void check_granted(struct world *w, const struct request *q)
{
    struct event e;
    char *refusal;
    if (!alert_decide(w->f, q, now(w), &e, &refusal))
        fail_msg("refused: %s", refusal);
    assert_int_equal(e.kind, request_rows[q->kind].event);
    commit(w, &e);
}

static inline void check_refused(struct world *w, const struct request *q, const char *words)
{
    struct event e;
    char *refusal;
    struct buf b = BUF_INIT(0);
    assert_false(alert_decide(w->f, q, now(w), &e, &refusal));
    assert_non_null(refusal);
    say_text(&b, refusal, NULL);
    assert_string_equal(buf_text(&b), words);
    buf_release(&b);
    free(refusal);
}

#endif
