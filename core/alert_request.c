/* What operators ask about alerts; see alert.h. */
#include "core/alert.h"

#include <stdio.h>
#include <string.h>

#include "core/alert_event.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/policy.h"
#include "core/say.h"

#define ID_TEXT_MAX 24

const struct request_row request_rows[REQUEST_KIND_COUNT] = {
    [REQUEST_ACK] = {"ack", EVENT_ALERT_ACKNOWLEDGED, true},
    [REQUEST_UNACK] = {"unack", EVENT_ALERT_UNACKNOWLEDGED, false},
    [REQUEST_EXTEND] = {"extend", EVENT_ALERT_EXTENDED, false},
    [REQUEST_TAKE] = {"take", EVENT_ALERT_TAKEN, false},
    [REQUEST_ESCALATE] = {"escalate", EVENT_ALERT_ESCALATED, true},
    [REQUEST_NOTE] = {"note", EVENT_ALERT_NOTED, true},
};

/* --- what operators ask ------------------------------------------------------------------ */

static const char *id_text(uint64_t id, char out[ID_TEXT_MAX])
{
    snprintf(out, ID_TEXT_MAX, "%llu", (unsigned long long)id);
    return out;
}

static size_t count_characters(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += *s != ' ' && *s != '\n' && ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static char *refuse_text(const struct request *q)
{
    const char *text = q->text != NULL ? q->text : "";
    if (strlen(text) > ALERT_COMMENT_MAX)
        return SAY(N_("the text is longer than {0} bytes"), "2000");
    if (request_rows[q->kind].needs_text && count_characters(text) < ALERT_COMMENT_MIN)
        return SAY(N_("a comment of at least {0} characters is needed"), "3");
    return NULL;
}

static bool is_same_key(const char *a, const char *b)
{
    return a != NULL && b != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

/* True if the very same request is in force already: its first answer was lost. */
static bool is_done(const struct alert *a, const struct request *q)
{
    switch (q->kind) {
    case REQUEST_ACK:
    case REQUEST_EXTEND:
    case REQUEST_TAKE:
        return a->ack.by != NULL && is_same_key(a->ack.key, q->key);
    case REQUEST_UNACK:
        return a->ack.by == NULL && is_same_key(a->unack_key, q->key);
    case REQUEST_ESCALATE:
        return is_same_key(a->escalate_key, q->key);
    case REQUEST_NOTE:
        for (size_t i = 0; i < a->n_notes; i++)
            if (is_same_key(a->notes[i].key, q->key))
                return true;
        return false;
    default:
        return false;
    }
}

/* --- why not ----------------------------------------------------------------------------- */

static char *refuse_absent(const struct fleet *f, uint64_t id)
{
    char number[ID_TEXT_MAX];
    if (id != 0 && id < f->next_alert)
        return SAY(N_("alert {0} was resolved long ago: only the journal has it"),
                   id_text(id, number));
    return SAY(N_("there is no alert {0}"), id_text(id, number));
}

/* The operator saw one outage; if the check has another by now, that one is named. */
static char *refuse_resolved(const struct fleet *f, const struct alert *a)
{
    char at[WHEN_TEXT_MAX], number[ID_TEXT_MAX];
    const struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    when_rfc3339(a->resolved_at_ms, at);
    if (c != NULL && c->alert != 0 && c->alert != a->id)
        return SAY(N_("resolved at {0}; now #{1}"), at, id_text(c->alert, number));
    return SAY(N_("resolved at {0}"), at);
}

static char *refuse_changed(const struct alert *a)
{
    char number[ID_TEXT_MAX], version[ID_TEXT_MAX];
    return SAY(N_("alert {0} has changed since: now version {1}"), id_text(a->id, number),
               id_text((uint64_t)a->version, version));
}

static char *refuse_until(int64_t until_ms, int64_t now_ms)
{
    char at[WHEN_TEXT_MAX];
    if (until_ms <= now_ms)
        return SAY(N_("the end {0} is not in the future"), when_rfc3339(until_ms, at));
    if (until_ms > now_ms + ALERT_ACK_MAX_MS)
        return SAY(N_("an acknowledgement lasts at most {0}"), "24h");
    return NULL;
}

/* Somebody has it already, for all that this operator answers for. */
static char *refuse_acked(const struct fleet *f, const struct alert *a, const struct request *q)
{
    char at[WHEN_TEXT_MAX];
    if (a->ack.by == NULL)
        return NULL;
    if (q->role_level > a->ack.level && !clock_is_taken(f, a, q->role_level))
        return NULL;
    return SAY(N_("already acknowledged by {0} at {1}"), a->ack.by, when_rfc3339(a->ack.at_ms, at));
}

static char *refuse_take(const struct alert *a, const struct request *q)
{
    if (a->ack.by == NULL)
        return SAY(N_("nobody has acknowledged this alert; acknowledge it yourself"));
    if (strcmp(a->ack.by, q->actor->login) == 0)
        return SAY(N_("you have this alert already"));
    return NULL;
}

static int level_wanted(const struct alert *a, const struct request *q)
{
    return q->level != 0 ? q->level : a->level + 1;
}

/* Only up, except for who is at the top. */
static char *refuse_level(const struct alert *a, const struct request *q)
{
    char now[ID_TEXT_MAX];
    int level = level_wanted(a, q);
    id_text((uint64_t)a->level, now);
    if (q->level == 0 && a->level == POLICY_LEVELS)
        return SAY(N_("it is at level {0} already, the highest"), now);
    if (level < 1 || level > POLICY_LEVELS)
        return SAY(N_("the levels are 1, 2 and 3"));
    if (level == a->level)
        return SAY(N_("it is at level {0} already"), now);
    if (level < a->level && q->role_level < POLICY_LEVELS)
        return SAY(N_("it is at level {0}; only level 3 may hand an alert down"), now);
    return NULL;
}

/* By kind, before what is the same for all: who was first is said before what has changed, since
 * the first one is what has changed. */
static char *refuse_kind(const struct fleet *f, const struct alert *a, const struct request *q)
{
    switch (q->kind) {
    case REQUEST_ACK:
        return refuse_acked(f, a, q);
    case REQUEST_UNACK:
    case REQUEST_EXTEND:
        return a->ack.by == NULL ? SAY(N_("nobody has acknowledged this alert")) : NULL;
    case REQUEST_TAKE:
        return refuse_take(a, q);
    case REQUEST_ESCALATE:
        return refuse_level(a, q);
    default:
        return NULL;
    }
}

static bool is_old(const struct alert *a, const struct request *q)
{
    return (q->version != 0 && q->version != a->version) || (q->seen != 0 && a->seq > q->seen);
}

static char *refuse(const struct fleet *f, const struct alert *a, const struct request *q,
                    int64_t until_ms, int64_t now_ms)
{
    if (q->kind == REQUEST_NOTE)
        return refuse_text(q);
    if (a->phase != ALERT_FIRING)
        return refuse_resolved(f, a);
    char *why = refuse_kind(f, a, q);
    if (why == NULL && is_old(a, q))
        why = refuse_changed(a);
    if (why == NULL)
        why = refuse_text(q);
    if (why == NULL && until_ms != 0)
        why = refuse_until(until_ms, now_ms);
    return why;
}

/* --- the decision ------------------------------------------------------------------------ */

static int64_t default_until_ms(const struct request *q, int64_t now_ms)
{
    if (q->shift_end_ms <= now_ms)
        return now_ms + ALERT_ACK_DEFAULT_MS;
    int64_t least_ms = now_ms + ALERT_ACK_LEAST_MS; /* a shift that is about to end hands it over */
    return q->shift_end_ms > least_ms ? q->shift_end_ms : least_ms;
}

/* The end that the acknowledgement gets; 0: this kind has none. */
static int64_t until_of(const struct alert *a, const struct request *q, int64_t now_ms)
{
    bool has_end = q->kind == REQUEST_ACK || q->kind == REQUEST_EXTEND || q->kind == REQUEST_TAKE;
    if (!has_end)
        return 0;
    if (q->until_ms != 0)
        return q->until_ms;
    if (q->kind == REQUEST_TAKE && a->ack.until_ms > now_ms)
        return a->ack.until_ms;
    return default_until_ms(q, now_ms);
}

/* Handed down, it is not at once due to go up again. */
static void set_escalated(const struct fleet *f, const struct alert *a, const struct request *q,
                          struct event *out)
{
    const struct policy *p = a->policy != NULL ? a->policy : policy_of(f, a);
    out->level = level_wanted(a, q);
    int64_t from_ms = p->to_ms[out->level - 1];
    if (out->level < a->level && out->clock_ms > from_ms)
        out->clock_ms = from_ms > 0 ? from_ms : 0;
}

static struct event granted(const struct fleet *f, const struct alert *a, const struct request *q,
                            int64_t until_ms, struct moment now)
{
    struct event e = alert_event(request_rows[q->kind].event, f, a, now);
    mem_set(&e.actor.login, q->actor->login);
    mem_set(&e.actor.from, q->actor->from);
    e.actor.uid = q->actor->uid;
    e.text = mem_strdup(q->text != NULL ? q->text : "");
    e.until_ms = until_ms;
    e.key = mem_strdup(q->key);
    if (q->kind == REQUEST_ESCALATE)
        set_escalated(f, a, q, &e);
    else
        e.level = q->role_level;
    if (q->kind == REQUEST_TAKE)
        e.what = mem_strdup(a->ack.by);
    return e;
}

bool alert_decide(const struct fleet *f, const struct request *q, struct moment now,
                  struct event *out, char **refusal)
{
    const struct alert *a = fleet_alert(f, q->alert);
    *refusal = NULL;
    *out = (struct event){.kind = EVENT_KIND_COUNT, .alert = q->alert};
    if (a == NULL) {
        *refusal = refuse_absent(f, q->alert);
        return false;
    }
    out->version = a->version;
    out->level = a->level;
    if (is_done(a, q))
        return true;
    int64_t until_ms = until_of(a, q, now.wall_ms);
    *refusal = refuse(f, a, q, until_ms, now.wall_ms);
    if (*refusal != NULL)
        return false;
    *out = granted(f, a, q, until_ms, now);
    return true;
}
