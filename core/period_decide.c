#include "core/period_decide.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/day.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "core/recur.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

#define ENGINE_LOGIN "trucban"
#define NUMBER_MAX   24

static const char *number(uint64_t n, char out[NUMBER_MAX])
{
    snprintf(out, NUMBER_MAX, "%" PRIu64, n);
    return out;
}

/* --- why not: words and times ------------------------------------------------------------- */

static size_t count_characters(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += *s != ' ' && *s != '\n' && ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static char *refuse_text(const struct period_request *q)
{
    const char *text = q->text != NULL ? q->text : "";
    if (strlen(text) > ALERT_COMMENT_MAX)
        return SAY(N_("the text is longer than {0} bytes"), "2000");
    if (q->act == PERIOD_CREATE && count_characters(text) < ALERT_COMMENT_MIN)
        return SAY(N_("a comment of at least {0} characters is needed"), "3");
    return NULL;
}

static int64_t longest_ms(const struct period_request *q)
{
    return q->every != NULL ? PERIOD_RECUR_MAX_MS : PERIOD_LONG_MAX_MS;
}

static char *refuse_length(const struct period_request *q, int64_t long_ms)
{
    if (long_ms <= longest_ms(q))
        return NULL;
    if (q->every != NULL)
        return SAY(N_("a recurring one needs an end within {0}"), "400d");
    if (q->kind == PERIOD_SILENCE)
        return SAY(N_("a silence lasts at most {0}"), "30d");
    return SAY(N_("at most {0} in one piece; longer ones must be recurring"), "30d");
}

static char *refuse_times(const struct period_request *q, int64_t from_ms, int64_t until_ms,
                          int64_t now_ms)
{
    char from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];
    when_rfc3339(from_ms, from);
    when_rfc3339(until_ms, until);
    if (q->until_ms == 0 && q->for_ms == 0)
        return SAY(N_("say when it ends"));
    if (from_ms < now_ms - PERIOD_EARLY_MS)
        return SAY(N_("the start {0} is in the past"), from);
    if (from_ms > now_ms + PERIOD_RECUR_MAX_MS)
        return SAY(N_("the start {0} is more than {1} ahead"), from, "400d");
    if (until_ms <= from_ms)
        return SAY(N_("the end {0} is not after the start {1}"), until, from);
    if (until_ms <= now_ms)
        return SAY(N_("the end {0} is not in the future"), until);
    return refuse_length(q, until_ms - from_ms);
}

static char *refuse_windows(const struct period_request *q, int64_t from_ms, int64_t until_ms)
{
    struct recur r;
    char *refusal = NULL, until[WHEN_TEXT_MAX];
    if (q->every == NULL || !recur_parse(q->every, &r, &refusal))
        return refusal;
    if (recur_is_on(&r, from_ms) || recur_next(&r, from_ms) < until_ms)
        return NULL;
    return SAY(N_("none of the windows \"{0}\" begins before the end {1}"), q->every,
               when_rfc3339(until_ms, until));
}

/* --- why not: what is meant --------------------------------------------------------------- */

static char *refuse_alert(const struct fleet *f, uint64_t id)
{
    const struct alert *a = fleet_alert(f, id);
    char text[NUMBER_MAX], next[NUMBER_MAX], at[WHEN_TEXT_MAX];
    if (a == NULL && id < f->next_alert)
        return SAY(N_("alert {0} was resolved long ago: only the journal has it"),
                   number(id, text));
    if (a == NULL)
        return SAY(N_("there is no alert {0}"), number(id, text));
    if (a->phase == ALERT_FIRING)
        return NULL;
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    when_rfc3339(a->resolved_at_ms, at);
    if (c != NULL && c->alert != 0 && c->alert != id)
        return SAY(N_("resolved at {0}; now #{1}"), at, number(c->alert, next));
    return SAY(N_("resolved at {0}"), at);
}

static char *refuse_match(const struct fleet *f, const struct period_request *q, bool *is_wide)
{
    char n[NUMBER_MAX], all[NUMBER_MAX], *refusal = NULL;
    struct matcher *m = matcher_parse(q->match, &refusal);
    if (m == NULL)
        return refusal;
    struct matcher_count count = matcher_count(m, f);
    matcher_free(m);
    *is_wide = matcher_is_too_wide(&count);
    if (q->kind != PERIOD_SILENCE)
        return NULL;
    if (count.checks == 0)
        return SAY(N_("no check matches \"{0}\" now"), q->match);
    if (*is_wide)
        return SAY(N_("this matches {0} of {1} checks, more than {2} %: too many for a silence; "
                      "plan a maintenance, which a second person approves"),
                   number(count.checks, n), number(count.all, all), "30");
    return NULL;
}

static char *refuse_subject(const struct fleet *f, const struct period_request *q, bool *is_wide)
{
    *is_wide = false;
    if ((q->match != NULL) == (q->alert != 0))
        return SAY(N_("say which checks, or which alert"));
    return q->alert != 0 ? refuse_alert(f, q->alert) : refuse_match(f, q, is_wide);
}

static char *refuse_role(const struct period_request *q, int64_t long_ms)
{
    if (q->kind != PERIOD_SILENCE || long_ms <= PERIOD_SILENCE_SHORT_MS ||
        duty_may(q->role, DUTY_SILENCE))
        return NULL;
    return SAY(N_("a silence of more than {0} needs role {1} (you are {2})"), "4h",
               duty_rows[duty_least(DUTY_SILENCE)].name, duty_rows[q->role].name);
}

static char *refuse_crowd(const struct fleet *f)
{
    size_t open = 0;
    for (size_t i = 0; i < f->n_periods; i++)
        open += f->periods[i]->state != PERIOD_ENDED;
    return open < PERIOD_OPEN_MAX ? NULL
                                  : SAY(N_("there are {0} of them already: end some"), "500");
}

/* --- deciding ----------------------------------------------------------------------------- */

static struct event period_event(enum event_kind kind, enum period_kind what, uint64_t id,
                                 const char *text, int64_t now_ms)
{
    char subject[NUMBER_MAX + 8], n[NUMBER_MAX];
    snprintf(subject, sizeof subject, "period/%s", number(id, n));
    return (struct event){.kind = kind,
                          .at_ms = now_ms,
                          .subject = mem_strdup(subject),
                          .period = id,
                          .what = mem_strdup(period_kind_words[what]),
                          .text = mem_strdup(text != NULL ? text : N_("no comment"))};
}

static void set_actor(struct event *e, const struct period_request *q)
{
    e->actor =
        (struct actor){mem_strdup(q->actor->login), q->actor->uid, mem_strdup(q->actor->from)};
    e->key = mem_strdup(q->key);
}

static const struct period *same_key(const struct fleet *f, const struct period_request *q)
{
    for (size_t i = f->n_periods; q->key != NULL && i > 0; i--) {
        const struct period *p = f->periods[i - 1];
        if (p->key != NULL && strcmp(p->key, q->key) == 0 && p->by != NULL &&
            strcmp(p->by, q->actor->login) == 0)
            return p;
    }
    return NULL;
}

static bool needs_second(const struct period_request *q, int64_t long_ms, bool is_wide)
{
    return (q->kind == PERIOD_SILENCE && long_ms > PERIOD_SILENCE_MAX_MS) ||
           (q->kind == PERIOD_MAINTENANCE && is_wide);
}

static bool decide_create(const struct fleet *f, const struct period_request *q, int64_t now_ms,
                          struct event *out, char **refusal)
{
    const struct period *stands = same_key(f, q);
    int64_t from_ms = q->from_ms != 0 ? q->from_ms : now_ms;
    int64_t until_ms = q->until_ms != 0 ? q->until_ms : from_ms + q->for_ms;
    bool is_wide = false;
    if (stands != NULL) {
        out->period = stands->id;
        return true;
    }
    *refusal = refuse_text(q);
    if (*refusal == NULL)
        *refusal = refuse_times(q, from_ms, until_ms, now_ms);
    if (*refusal == NULL)
        *refusal = refuse_windows(q, from_ms, until_ms);
    if (*refusal == NULL)
        *refusal = refuse_role(q, until_ms - from_ms);
    if (*refusal == NULL)
        *refusal = refuse_subject(f, q, &is_wide);
    if (*refusal == NULL)
        *refusal = refuse_crowd(f);
    if (*refusal != NULL)
        return false;
    uint64_t id = f->next_period != 0 ? f->next_period : 1;
    *out = period_event(EVENT_PERIOD_CREATED, q->kind, id, q->text, now_ms);
    set_actor(out, q);
    out->until_ms = until_ms;
    struct period *p = out->period_def = mem_alloc(sizeof *p);
    bool has_second = needs_second(q, until_ms - from_ms, is_wide);
    *p = (struct period){.id = id,
                         .kind = q->kind,
                         .state = has_second ? PERIOD_PROPOSED : PERIOD_STANDING,
                         .match = mem_strdup(q->match),
                         .alert = q->alert,
                         .from_ms = from_ms,
                         .until_ms = until_ms,
                         .every = mem_strdup(q->every),
                         .by = mem_strdup(q->actor->login),
                         .comment = mem_strdup(q->text),
                         .key = mem_strdup(q->key),
                         .at_ms = now_ms};
    return true;
}

/* True: done already by the same person, or *refusal says why it cannot be. */
static bool is_over(const struct period *p, const struct period_request *q, char **refusal)
{
    char n[NUMBER_MAX], at[WHEN_TEXT_MAX];
    if (p->state != PERIOD_ENDED)
        return false;
    when_rfc3339(p->ended_at_ms, at);
    bool is_own = p->ended_by != NULL && strcmp(p->ended_by, q->actor->login) == 0;
    if (q->act == PERIOD_END && is_own)
        return true;
    if (p->ended_by == NULL || strcmp(p->ended_by, ENGINE_LOGIN) == 0)
        *refusal = SAY(N_("number {0} came to its end at {1}; only a new one can begin"),
                       number(p->id, n), at);
    else
        *refusal = SAY(N_("number {0} was ended by {1} at {2}; only a new one can begin"),
                       number(p->id, n), p->ended_by, at);
    return true;
}

static char *refuse_approval(const struct period *p, const struct period_request *q, int64_t now_ms)
{
    char n[NUMBER_MAX], until[WHEN_TEXT_MAX];
    if (p->state == PERIOD_STANDING)
        return SAY(N_("number {0} waits for no approval"), number(p->id, n));
    if (p->by != NULL && strcmp(p->by, q->actor->login) == 0)
        return SAY(N_("you asked for number {0} yourself: another person must approve it"),
                   number(p->id, n));
    if (p->until_ms <= now_ms)
        return SAY(N_("the end {0} is not in the future"), when_rfc3339(p->until_ms, until));
    return NULL;
}

/* Ends one, or approves one. */
static bool decide_standing(const struct fleet *f, const struct period_request *q, int64_t now_ms,
                            struct event *out, char **refusal)
{
    const struct period *p = fleet_period(f, q->period);
    bool is_end = q->act == PERIOD_END;
    char n[NUMBER_MAX];
    if (p == NULL) {
        *refusal = q->period != 0 && q->period < f->next_period
                       ? SAY(N_("number {0} ended long ago: only the journal has it"),
                             number(q->period, n))
                       : SAY(N_("there is no silence or maintenance {0}"), number(q->period, n));
        return false;
    }
    *refusal = refuse_text(q);
    if (*refusal != NULL)
        return false;
    if (is_over(p, q, refusal))
        return *refusal == NULL;
    if (!is_end && p->approved_by != NULL && strcmp(p->approved_by, q->actor->login) == 0)
        return true;
    *refusal = is_end ? NULL : refuse_approval(p, q, now_ms);
    if (*refusal != NULL)
        return false;
    *out = period_event(is_end ? EVENT_PERIOD_ENDED : EVENT_PERIOD_APPROVED, p->kind, p->id,
                        q->text, now_ms);
    set_actor(out, q);
    return true;
}

bool period_decide(const struct fleet *f, const struct period_request *q, int64_t now_ms,
                   struct event *out, char **refusal)
{
    *refusal = NULL;
    *out = (struct event){.kind = EVENT_KIND_COUNT, .period = q->period};
    return q->act == PERIOD_CREATE ? decide_create(f, q, now_ms, out, refusal)
                                   : decide_standing(f, q, now_ms, out, refusal);
}

bool period_expire(const struct fleet *f, const struct period *p, int64_t now_ms, struct event *out)
{
    const struct alert *a = p->alert != 0 ? fleet_alert(f, p->alert) : NULL;
    char n[NUMBER_MAX], *text;
    if (p->state == PERIOD_ENDED)
        return false;
    if (p->alert != 0 && (a == NULL || a->phase != ALERT_FIRING))
        text = SAY(N_("alert {0} is resolved"), number(p->alert, n));
    else if (p->until_ms <= now_ms)
        text = SAY(p->state == PERIOD_PROPOSED ? N_("its end came before anybody approved it")
                                               : N_("its time is over"));
    else
        return false;
    *out = period_event(EVENT_PERIOD_ENDED, p->kind, p->id, NULL, now_ms);
    mem_set(&out->text, text);
    free(text);
    out->actor = (struct actor){mem_strdup(ENGINE_LOGIN), -1, mem_strdup("")};
    return true;
}
