/* outbox_lab.h - an outbox on virtual time: alerts that open and change, a sender, what was sent.
 */
#ifndef TESTS_OUTBOX_LAB_H
#define TESTS_OUTBOX_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap.h"
#include "core/due.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "core/outbox.h"
#include "core/say.h"

#define NOON     1772719200000LL
#define START_MS 1000000
#define MINUTE   60000

struct sent {
    int64_t at_ms;
    enum notice_what what;
    size_t n;
    enum priority worst;
    bool is_possible_repeat;
    char key[NOTICE_KEY_LEN + 1];
};

struct world {
    struct fleet *fleet;
    struct receiver r;
    struct outbox *box;
    struct moment now;
    struct sent sent[400];
    size_t n_sent;
    int takes_ms; /* how long a sender needs */
    bool is_down; /* every try fails */
    struct notice_answer failure;
    size_t n_tries;
    struct notice under_way;
    int64_t answer_ms; /* 0: none under way */
    uint64_t seq;
};

static inline struct check *check_of(struct world *w, const char *target, enum priority p)
{
    struct check *c = fleet_add_check(w->fleet, fleet_add_target(w->fleet, target), "http");
    mem_set(&c->probe, "http");
    c->priority = p;
    return c;
}

static inline void world_init(struct world *w)
{
    *w = (struct world){.now = {NOON, START_MS}};
    w->fleet = fleet_new();
    mem_set(&w->fleet->site_id, "site");
    w->r = (struct receiver){.id = (char *)"duty",
                             .levels = RECEIVER_LEVEL(1),
                             .priorities = RECEIVER_PRIORITY(PRIORITY_P1) |
                                           RECEIVER_PRIORITY(PRIORITY_P2) |
                                           RECEIVER_PRIORITY(PRIORITY_P3),
                             .group_ms = -1,
                             .wants_recoveries = true};
    w->failure = (struct notice_answer){.is_transient = true, .say = "refused"};
}

static inline void world_free(struct world *w)
{
    notice_release(&w->under_way);
    outbox_free(w->box);
    fleet_free(w->fleet);
}

static inline void fold(struct world *w, struct event *e)
{
    e->seq = ++w->seq;
    e->at_ms = w->now.wall_ms;
    fleet_fold(w->fleet, e);
    free(e->alerts);
}

static inline uint64_t open_alert(struct world *w, struct check *c, enum state s, int level)
{
    struct event e = {.kind = EVENT_ALERT_OPENED,
                      .alert = w->fleet->next_alert,
                      .version = 1,
                      .check = c->id,
                      .state = s,
                      .priority = priority_of(c->priority, s, false),
                      .level = level,
                      .text = (char *)"connection refused"};
    fold(w, &e);
    return e.alert;
}

static inline void about(struct world *w, enum event_kind kind, uint64_t id, struct event with)
{
    const struct alert *a = fleet_alert(w->fleet, id);
    with.kind = kind;
    with.alert = id;
    with.version = a->version + 1;
    with.check = a->check;
    if (with.actor.login == NULL)
        with.actor.login = (char *)"an";
    fold(w, &with);
}

static inline void journal(struct world *w, enum event_kind kind, const struct notice *n)
{
    struct buf ids = BUF_INIT(0);
    ids_write(&n->alerts, &ids);
    struct event e = {.kind = kind, .subject = (char *)"receiver/duty", .alerts = buf_take(&ids)};
    fold(w, &e);
}

static inline void answer(struct world *w)
{
    struct notice *n = &w->under_way;
    const struct notice_answer ok = {.is_ok = true}, *a = w->is_down ? &w->failure : &ok;
    w->answer_ms = 0;
    if (notice_rows[n->what].has_alerts)
        journal(w, w->is_down ? EVENT_NOTICE_FAILED : EVENT_NOTICE_SENT, n);
    for (size_t i = 0; i < n->alerts.n && !w->is_down; i++) {
        struct told *t = alert_told(fleet_alert(w->fleet, n->alerts.v[i]), 0);
        t->mono_ms = w->now.mono_ms;
    }
    outbox_done(w->box, w->fleet, w->now, n, a);
    notice_release(n);
}

static inline void note(struct world *w, const struct notice *n)
{
    assert_true(w->n_sent < sizeof w->sent / sizeof w->sent[0]);
    struct sent *s = &w->sent[w->n_sent++];
    *s = (struct sent){.at_ms = w->now.mono_ms - START_MS,
                       .what = n->what,
                       .n = n->alerts.n,
                       .worst = PRIORITY_NONE,
                       .is_possible_repeat = n->is_possible_repeat};
    memcpy(s->key, n->key, sizeof s->key);
    for (size_t i = 0; i < n->alerts.n; i++) {
        enum priority p = fleet_alert(w->fleet, n->alerts.v[i])->priority;
        if (s->worst == PRIORITY_NONE || p < s->worst)
            s->worst = p;
    }
}

/* One moment of the engine: the answer that has come, what changed, what is next. */
static inline void step(struct world *w)
{
    if (w->box == NULL)
        w->box = outbox_new(&w->r);
    if (w->answer_ms != 0 && w->now.mono_ms >= w->answer_ms)
        answer(w);
    outbox_look(w->box, w->fleet, w->now);
    while (w->answer_ms == 0 && outbox_take(w->box, w->fleet, w->now, &w->under_way)) {
        w->n_tries++;
        if (!w->is_down)
            note(w, &w->under_way);
        if (notice_rows[w->under_way.what].has_alerts)
            journal(w, EVENT_NOTICE_SENDING, &w->under_way);
        w->answer_ms = w->now.mono_ms + w->takes_ms;
        if (w->takes_ms == 0)
            answer(w);
        outbox_look(w->box, w->fleet, w->now);
    }
}

/* Only when the outbox says that time calls, or after at most a second. */
static inline void run(struct world *w, int64_t for_ms)
{
    int64_t end_ms = w->now.mono_ms + for_ms;
    step(w);
    while (w->now.mono_ms < end_ms) {
        int64_t next_ms = outbox_next_ms(w->box, w->now);
        if (w->answer_ms != 0 && w->answer_ms < next_ms)
            next_ms = w->answer_ms;
        if (next_ms <= w->now.mono_ms)
            next_ms = w->now.mono_ms + 10;
        if (next_ms > end_ms)
            next_ms = end_ms;
        w->now.wall_ms += next_ms - w->now.mono_ms;
        w->now.mono_ms = next_ms;
        step(w);
    }
}

/* "what n@seconds" of all that was sent. */
static inline void assert_sent(const struct world *w, const char *wanted)
{
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < w->n_sent; i++)
        buf_addf(&b, "%s%s %zu@%" PRId64 "%s", i > 0 ? ", " : "", notice_rows[w->sent[i].what].name,
                 w->sent[i].n, w->sent[i].at_ms / 1000, w->sent[i].is_possible_repeat ? "!" : "");
    assert_string_equal(buf_text(&b), wanted);
    buf_release(&b);
}

#endif
