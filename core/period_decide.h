/* period_decide.h - what operators ask about silences, maintenance and assessments, decided.
 *
 * As core/alert.h: a question in, one event or a refusal out; nothing here changes the fleet.  Who
 * asks has them decided one after the other, each on what the one before has made durable.
 *
 *   silence      4 h: anybody who may; longer: right DUTY_SILENCE; longer than 24 h: a second
 *                person approves; of one alert, or of at most MATCHER_SHARE_MAX % of the checks
 *   maintenance  30 days, or recurring with an end within 400; of more than that share: a second
 *                person approves
 *   assessment   the same times; hides nothing, so there is nothing to approve */
#ifndef CORE_PERIOD_DECIDE_H
#define CORE_PERIOD_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/duty.h"
#include "core/event.h"
#include "core/fleet.h"

#define PERIOD_EARLY_MS      60000 /* a start may lie so far in the past: clocks, slow hands */
#define PERIOD_ANNOUNCE_DAYS 7     /* working days before a planned stop that it is announced */

enum period_act { PERIOD_CREATE, PERIOD_END, PERIOD_APPROVE };
struct period_request { /* strings borrowed, already cleaned */
    enum period_act act;
    enum period_kind kind;
    const char *match;              /* NULL: of an alert */
    uint64_t alert;                 /* 0: of a matcher */
    int64_t from_ms, until_ms;      /* 0: now; for_ms after the start */
    int64_t for_ms;                 /* 0: not given */
    const char *every, *text, *key; /* NULL: none */
    uint64_t period;                /* to end, to approve */
    enum duty_role role;
    const struct actor *actor;
};

/* True and one event, or false and *refusal (packed, the caller frees).  What is in force already
 * (the same key; ended or approved by the same person) is a success with nothing to write: true,
 * and out->kind is EVENT_KIND_COUNT; out->period says which. */
bool period_decide(const struct fleet *f, const struct period_request *q, int64_t now_ms,
                   struct event *out, char **refusal);
/* period.ended by the engine: its time is over, or its alert is; false if neither. */
bool period_expire(const struct fleet *f, const struct period *p, int64_t now_ms,
                   struct event *out);
/* What to tell who asked, once it is in force; packed, the caller frees. */
char *period_say(const struct fleet *f, enum period_act act, const struct period *p,
                 int64_t now_ms);

#endif
