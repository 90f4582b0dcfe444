#include "core/alert.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"

#define ENGINE_LOGIN "trucban"
#define ENGINE_UID   (-1)
#define ID_TEXT_MAX  24

const struct request_row request_rows[REQUEST_KIND_COUNT] = {
    [REQUEST_ACK] = {"ack", EVENT_ALERT_ACKNOWLEDGED, true},
    [REQUEST_UNACK] = {"unack", EVENT_ALERT_UNACKNOWLEDGED, false},
    [REQUEST_EXTEND] = {"extend", EVENT_ALERT_EXTENDED, false},
    [REQUEST_TAKE] = {"take", EVENT_ALERT_TAKEN, false},
    [REQUEST_ESCALATE] = {"escalate", EVENT_ALERT_ESCALATED, true},
    [REQUEST_NOTE] = {"note", EVENT_ALERT_NOTED, true},
};

/* --- what the engine decides by itself --------------------------------------------------- */

static struct event event_by_engine(enum event_kind kind, int64_t now_ms)
{
    return (struct event){
        .kind = kind,
        .at_ms = now_ms,
        .actor = {.login = mem_strdup(ENGINE_LOGIN), .uid = ENGINE_UID, .from = mem_strdup("")},
    };
}

static void set_alert(struct event *e, uint64_t id, int64_t version, const char *check)
{
    char subject[ID_TEXT_MAX + 8];
    snprintf(subject, sizeof subject, "alert/%llu", (unsigned long long)id);
    mem_set(&e->subject, subject);
    mem_set(&e->check, check);
    e->alert = id;
    e->version = version;
}

static struct event event_of_alert(enum event_kind kind, const struct alert *a, int64_t now_ms)
{
    struct event e = event_by_engine(kind, now_ms);
    set_alert(&e, a->id, a->version + 1, a->check);
    return e;
}

/* Only what counts for the whole has its full priority. */
static enum priority priority_now(const struct check *c)
{
    return priority_of(c->priority, c->live.hard_state, !target_counts(c->target));
}

static struct event check_changed(const struct check *c, int64_t now_ms)
{
    struct event e = event_by_engine(EVENT_CHECK_CHANGED, now_ms);
    e.subject = mem_strdup(c->id);
    e.state = c->live.hard_state;
    e.old_state = c->saved_state;
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    e.since_ms = c->since_ms;
    return e;
}

static struct event alert_opened(const struct check *c, int64_t now_ms, uint64_t id)
{
    struct event e = event_by_engine(EVENT_ALERT_OPENED, now_ms);
    set_alert(&e, id, 1, c->id);
    e.state = c->live.hard_state;
    e.priority = priority_now(c);
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    e.since_ms = c->fault_ms != 0 ? c->fault_ms : c->since_ms;
    e.episode = c->live.episode;
    return e;
}

static struct event alert_changed(const struct alert *a, const struct check *c, int64_t now_ms)
{
    struct event e = event_of_alert(EVENT_ALERT_CHANGED, a, now_ms);
    e.state = c->live.hard_state;
    e.old_state = a->state;
    e.priority = priority_now(c);
    e.text = mem_strdup(c->summary != NULL ? c->summary : "");
    return e;
}

static struct event alert_resolved(const struct alert *a, const char *text, int64_t now_ms)
{
    struct event e = event_of_alert(EVENT_ALERT_RESOLVED, a, now_ms);
    e.text = mem_strdup(text);
    return e;
}

/* Before its first result since a start a check may not know whose fault it was. */
static bool may_be_own_fault(const struct check *c)
{
    return c->live.hard_state == STATE_UNKNOWN && c->summary != NULL &&
           (c->is_self || !rule_has_result(&c->live));
}

bool alert_is_told(const struct fleet *f, const struct check *c)
{
    for (size_t i = 0; may_be_own_fault(c) && i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        if (a->phase == ALERT_FIRING && a->summary != NULL && strcmp(a->summary, c->summary) == 0)
            return true;
    }
    return false;
}

bool alert_tells(const struct event *opened, const struct check *c)
{
    return opened->kind == EVENT_ALERT_OPENED && may_be_own_fault(c) &&
           strcmp(opened->text, c->summary) == 0;
}

size_t alert_reconcile(const struct fleet *f, const struct check *c, int64_t now_ms, bool settled,
                       uint64_t next_id, struct event out[ALERT_EVENTS_MAX])
{
    size_t n = 0;
    const struct alert *a = fleet_open_alert_of(f, c);
    enum state hard = c->live.hard_state;
    bool is_problem = rule_is_problem(hard) && !c->target->is_disabled;
    if (hard != c->saved_state && hard != STATE_PENDING)
        out[n++] = check_changed(c, now_ms);
    if (a != NULL && (!is_problem || a->episode != c->live.episode)) {
        out[n++] = alert_resolved(a, c->summary != NULL ? c->summary : "", now_ms);
        a = NULL;
    } else if (a != NULL && a->state != hard) {
        out[n++] = alert_changed(a, c, now_ms);
    }
    if (a == NULL && is_problem && settled && !alert_is_told(f, c))
        out[n++] = alert_opened(c, now_ms, next_id);
    return n;
}

bool alert_expire(const struct fleet *f, const struct alert *a, int64_t now_ms, struct event *out)
{
    (void)f;
    if (a->phase != ALERT_FIRING || a->ack.by == NULL || a->ack.until_ms > now_ms)
        return false;
    *out = event_of_alert(EVENT_ALERT_ACK_EXPIRED, a, now_ms);
    return true;
}

bool alert_orphan(const struct fleet *f, const struct alert *a, int64_t now_ms, struct event *out)
{
    if (a->phase != ALERT_FIRING || (a->check != NULL && fleet_check(f, a->check) != NULL))
        return false;
    *out = alert_resolved(a, N_("the check is no longer in the site file"), now_ms);
    return true;
}

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
        return a->ack.by != NULL && is_same_key(a->ack.key, q->key);
    case REQUEST_UNACK:
        return a->ack.by == NULL && is_same_key(a->unack_key, q->key);
    case REQUEST_NOTE:
        for (size_t i = 0; i < a->n_notes; i++)
            if (is_same_key(a->notes[i].key, q->key))
                return true;
        return false;
    default:
        return false;
    }
}

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

/* Why the request cannot be, or NULL.  Who was first is said before what has changed: the first one
 * is what has changed. */
static char *refuse(const struct fleet *f, const struct alert *a, const struct request *q,
                    int64_t until_ms, int64_t now_ms)
{
    char at[WHEN_TEXT_MAX];
    bool is_acked = a->ack.by != NULL;
    if (q->kind == REQUEST_NOTE)
        return refuse_text(q);
    if (a->phase != ALERT_FIRING)
        return refuse_resolved(f, a);
    if (q->kind == REQUEST_ACK && is_acked)
        return SAY(N_("already acknowledged by {0} at {1}"), a->ack.by,
                   when_rfc3339(a->ack.at_ms, at));
    if (q->kind == REQUEST_UNACK && !is_acked)
        return SAY(N_("nobody has acknowledged this alert"));
    if (q->version != 0 && q->version != a->version)
        return refuse_changed(a);
    char *why = refuse_text(q);
    if (why == NULL && q->kind == REQUEST_ACK)
        why = refuse_until(until_ms, now_ms);
    return why;
}

bool alert_decide(const struct fleet *f, const struct request *q, int64_t now_ms, struct event *out,
                  char **refusal)
{
    const struct alert *a = fleet_alert(f, q->alert);
    int64_t until_ms = q->until_ms != 0 ? q->until_ms : now_ms + ALERT_ACK_DEFAULT_MS;
    *refusal = NULL;
    *out = (struct event){.kind = EVENT_KIND_COUNT, .alert = q->alert};
    if (a == NULL) {
        *refusal = refuse_absent(f, q->alert);
        return false;
    }
    out->version = a->version;
    if (is_done(a, q))
        return true;
    *refusal = refuse(f, a, q, until_ms, now_ms);
    if (*refusal != NULL)
        return false;
    *out = (struct event){
        .kind = request_rows[q->kind].event,
        .at_ms = now_ms,
        .actor = {.login = mem_strdup(q->actor->login),
                  .uid = q->actor->uid,
                  .from = mem_strdup(q->actor->from)},
        .state = a->state,
        .text = mem_strdup(q->text != NULL ? q->text : ""),
        .until_ms = q->kind == REQUEST_ACK ? until_ms : 0,
        .key = mem_strdup(q->key),
    };
    set_alert(out, a->id, a->version + 1, a->check);
    return true;
}

/* --- order ------------------------------------------------------------------------------- */

static int rank_priority(const struct alert *a)
{
    return a->priority == PRIORITY_NONE ? PRIORITY_P4 + 1 : (int)a->priority;
}

int alert_compare(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    if (x->phase != y->phase)
        return x->phase == ALERT_FIRING ? -1 : 1;
    if ((x->ack.by == NULL) != (y->ack.by == NULL))
        return x->ack.by == NULL ? -1 : 1;
    if (rank_priority(x) != rank_priority(y))
        return rank_priority(x) - rank_priority(y);
    if (x->opened_at_ms != y->opened_at_ms)
        return x->opened_at_ms < y->opened_at_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}
