/* The fold: how each kind of event changes the picture. */
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/fleet_notice.h"
#include "core/fleet_period.h"
#include "core/fleet_run.h"
#include "core/mem.h"
#include "core/promotion.h"
#include "core/proof.h"

static void ack_clear(struct ack *a)
{
    free(a->by);
    free(a->comment);
    free(a->key);
    *a = (struct ack){0};
}

/* Something is to be told anew to whoever the level reaches. */
static void turn_page(struct alert *a)
{
    a->page++;
}

static void fold_clock(struct alert *a, const struct event *e)
{
    if ((event_rows[e->kind].fields & EF_CLOCK) == 0)
        return;
    a->counted_ms = e->clock_ms;
    a->counted_at_ms = e->at_ms;
    a->counted_mono_ms = 0; /* whoever folds anchors it on its own clock */
}

static void fold_flapping(struct fleet *f, const struct event *e, bool is_flapping)
{
    struct check *c = fleet_check(f, e->subject);
    if (c == NULL)
        return;
    c->live.is_flapping = is_flapping;
    struct alert *a = fleet_open_alert_of(f, c);
    if (a != NULL && is_flapping)
        a->episode = c->live.episode; /* the OK that began it may just have ended the one before */
    else if (a != NULL && a->ack.by == NULL)
        turn_page(a); /* a steady problem again that nobody has taken */
    if (a != NULL)
        fleet_touch_alert(f, a);
    fleet_touch_check(f, c);
}

/* On a restart the journal knows more than the check; later the check is ahead of the journal. */
static void fold_check_changed(struct fleet *f, const struct event *e)
{
    struct check *c = fleet_check(f, e->subject);
    if (c == NULL)
        return;
    c->saved_state = e->state;
    if (!rule_has_result(&c->live) && c->live.hard_state != e->state) {
        if (rule_is_problem(c->live.hard_state) && e->state == STATE_OK && !c->live.is_flapping)
            c->live.episode++;
        rule_restore(&c->live, e->state);
        c->since_ms = e->since_ms;
        c->fault_ms = rule_is_problem(e->state) ? e->since_ms : 0;
        check_say(c, e->text);
    }
    fleet_touch_check(f, c);
}

static void fold_opened(struct fleet *f, struct alert *a, const struct event *e)
{
    struct check *c = e->check != NULL ? fleet_check(f, e->check) : NULL;
    a->phase = ALERT_FIRING;
    a->state = e->state;
    a->priority = e->priority;
    a->opened_at_ms = e->at_ms;
    a->since_ms = e->since_ms;
    a->level = e->level > 0 ? e->level : 1;
    a->marks = e->marks;
    a->cause = e->cause;
    a->counted_at_ms = e->at_ms;
    mem_set(&a->check, e->check);
    mem_set(&a->summary, e->text);
    turn_page(a);
    if (c == NULL)
        return;
    a->episode = e->episode != 0 ? e->episode : c->live.episode;
    c->alert = a->id;
    fleet_touch_check(f, c);
}

/* A worse state is news to whoever acknowledged the old one; a better one is not.  So is the same
 * state that weighs more. */
static void fold_changed(struct alert *a, const struct event *e)
{
    bool weighs_more =
        a->state == e->state && e->priority != PRIORITY_NONE && e->priority < a->priority;
    if (state_worse(a->state, e->state) != a->state || weighs_more) {
        ack_clear(&a->ack);
        turn_page(a);
    }
    a->state = e->state;
    a->priority = e->priority;
    mem_set(&a->summary, e->text);
}

static void fold_resolved(struct fleet *f, struct alert *a, const struct event *e)
{
    a->phase = ALERT_RESOLVED;
    a->resolved_at_ms = e->at_ms;
    mem_set(&a->summary, e->text);
    ack_clear(&a->ack);
    struct check *c = a->check != NULL ? fleet_check(f, a->check) : NULL;
    if (c != NULL && c->alert == a->id) {
        c->alert = 0;
        fleet_touch_check(f, c);
    }
}

static void fold_acknowledged(struct alert *a, const struct event *e)
{
    ack_clear(&a->ack);
    a->ack = (struct ack){
        .by = mem_strdup(e->actor.login != NULL ? e->actor.login : "?"),
        .level = e->level,
        .at_ms = e->at_ms,
        .until_ms = e->until_ms,
        .comment = mem_strdup(e->text),
        .at_state = e->state,
        .key = mem_strdup(e->key),
    };
}

/* Another end, which whoever folds anchors on its own clock. */
static void set_until(struct alert *a, const struct event *e)
{
    a->ack.until_ms = e->until_ms;
    a->ack.until_mono_ms = 0;
}

static void fold_taken(struct alert *a, const struct event *e)
{
    mem_set(&a->ack.by, e->actor.login != NULL ? e->actor.login : "?");
    mem_set(&a->ack.key, e->key);
    if (e->text != NULL && e->text[0] != '\0')
        mem_set(&a->ack.comment, e->text);
    a->ack.level = e->level;
    a->ack.at_ms = e->at_ms;
    a->ack.is_narrow = false;
    set_until(a, e);
}

static void fold_extended(struct alert *a, const struct event *e)
{
    set_until(a, e);
    mem_set(&a->ack.key, e->key);
}

static void fold_escalated(struct alert *a, const struct event *e)
{
    bool is_by_hand = e->actor.uid >= 0;
    if (e->level > a->level || is_by_hand)
        turn_page(a);
    a->ack.is_narrow = a->ack.is_narrow || (is_by_hand && a->ack.by != NULL);
    a->level = e->level;
    mem_set(&a->escalate_key, e->key);
}

static void fold_noted(struct alert *a, const struct event *e)
{
    if (a->n_notes == ALERT_NOTES_KEPT) {
        free(a->notes[0].by);
        free(a->notes[0].text);
        free(a->notes[0].key);
        a->n_notes--;
        memmove(a->notes, a->notes + 1, a->n_notes * sizeof *a->notes);
    }
    a->notes = mem_grow(a->notes, a->n_notes + 1, sizeof *a->notes);
    a->notes[a->n_notes++] = (struct note){
        .by = mem_strdup(e->actor.login != NULL ? e->actor.login : "?"),
        .text = mem_strdup(e->text),
        .at_ms = e->at_ms,
        .key = mem_strdup(e->key),
    };
}

static void fold_alert(struct fleet *f, const struct event *e)
{
    struct alert *a =
        e->kind == EVENT_ALERT_OPENED ? fleet_add_alert(f, e->alert) : fleet_alert(f, e->alert);
    if (a == NULL)
        return; /* resolved so long ago that the picture has let go of it */
    switch (e->kind) {
    case EVENT_ALERT_OPENED:
        fold_opened(f, a, e);
        break;
    case EVENT_ALERT_CHANGED:
        fold_changed(a, e);
        break;
    case EVENT_ALERT_RESOLVED:
        fold_resolved(f, a, e);
        break;
    case EVENT_ALERT_ACKNOWLEDGED:
        fold_acknowledged(a, e);
        break;
    case EVENT_ALERT_UNACKNOWLEDGED:
        ack_clear(&a->ack);
        mem_set(&a->unack_key, e->key);
        turn_page(a);
        break;
    case EVENT_ALERT_ACK_EXPIRED:
        ack_clear(&a->ack);
        a->level = e->level > 0 ? e->level : a->level;
        turn_page(a);
        break;
    case EVENT_ALERT_EXTENDED:
        fold_extended(a, e);
        break;
    case EVENT_ALERT_TAKEN:
        fold_taken(a, e);
        break;
    case EVENT_ALERT_ESCALATED:
        fold_escalated(a, e);
        break;
    case EVENT_ALERT_MARKED:
        a->marks = e->marks;
        a->cause = e->cause;
        break;
    case EVENT_ALERT_NOTED:
        fold_noted(a, e);
        break;
    default:
        return;
    }
    if (a->version != e->version)
        a->seq = e->seq;
    a->version = e->version;
    fold_clock(a, e);
    fleet_touch_alert(f, a);
}

void fleet_fold(struct fleet *f, const struct event *e)
{
    f->version++;
    if (e->seq > f->seq)
        f->seq = e->seq;
    if (e->kind == EVENT_CHECK_CHANGED)
        fold_check_changed(f, e);
    else if (e->kind == EVENT_CHECK_FLAP_STARTED || e->kind == EVENT_CHECK_FLAP_ENDED)
        fold_flapping(f, e, e->kind == EVENT_CHECK_FLAP_STARTED);
    else if ((event_rows[e->kind].fields & EF_VERSION) != 0)
        fold_alert(f, e);
    else if ((event_rows[e->kind].fields & EF_PERIOD) != 0)
        fleet_fold_period(f, e);
    else if (e->kind >= EVENT_NOTICE_SENDING && e->kind <= EVENT_NOTICE_FAILED)
        fleet_fold_notice(f, e);
    else if (e->kind >= EVENT_PROOF_SENDING && e->kind <= EVENT_PROOF_ENDED)
        fleet_fold_proof(f, e);
    else if (e->kind == EVENT_TARGET_PROMOTED || e->kind == EVENT_TARGET_SETTLED)
        fleet_fold_promotion(f, e);
    else if ((event_rows[e->kind].fields & EF_RUN) != 0)
        fleet_fold_run(f, e);
}
