/* Who has been told of an alert: the fold of notices.
 *
 *   sending ─ knows what the alert is at this moment, not certainly ─┬─ sent ── certainly
 *                                                                   └─ failed ─ as before
 *
 * A notice is put in words after its `sending` was folded, so what it says is what is noted here.
 */
#include "core/fleet_notice.h"

#include <string.h>

#include "core/ids.h"
#include "core/mem.h"

#define TOUCHED_AT_ONCE 200 /* of more alerts consoles hear with the answer */

struct told *alert_told(struct alert *a, uint8_t receiver)
{
    for (size_t i = 0; i < a->n_told; i++)
        if (a->told[i].receiver == receiver)
            return &a->told[i];
    return NULL;
}

struct told *alert_add_told(struct alert *a, uint8_t receiver)
{
    struct told *t = alert_told(a, receiver);
    if (t != NULL)
        return t;
    a->told = mem_grow(a->told, a->n_told + 1, sizeof *a->told);
    a->told[a->n_told] = (struct told){.receiver = receiver};
    return &a->told[a->n_told++];
}

bool alert_owes_recovery(const struct alert *a)
{
    if (a->phase != ALERT_RESOLVED)
        return false;
    for (size_t i = 0; i < a->n_told; i++)
        if (a->told[i].page > 0 || a->told[i].is_sending)
            return true;
    return false;
}

static void fold_sending(const struct alert *a, struct told *t)
{
    if (!t->is_sending) { /* else the one before is not known to have arrived */
        t->page_before = t->page;
        t->state_before = t->state;
        t->level_before = t->level;
        t->knew_flap = t->knows_flap;
    }
    t->is_sending = true;
    t->page = a->phase == ALERT_RESOLVED ? TOLD_OVER : a->page;
    t->state = (uint8_t)a->state;
    t->level = (uint8_t)a->level;
    t->knows_flap = a->phase == ALERT_FIRING && (a->marks & MARK_FLAP) != 0;
}

static void fold_failed(struct told *t)
{
    if (!t->is_sending)
        return;
    t->is_sending = false;
    t->page = t->page_before;
    t->state = t->state_before;
    t->level = t->level_before;
    t->knows_flap = t->knew_flap;
}

static void fold_sent(struct told *t, int64_t at_ms)
{
    t->is_sending = false;
    t->at_ms = at_ms;
    if (t->count < UINT16_MAX)
        t->count++;
}

static void fold_one(struct fleet *f, struct alert *a, uint8_t receiver, const struct event *e,
                     bool is_shown)
{
    struct told *t =
        e->kind == EVENT_NOTICE_SENDING ? alert_add_told(a, receiver) : alert_told(a, receiver);
    if (t == NULL)
        return;
    if (e->kind == EVENT_NOTICE_SENDING)
        fold_sending(a, t);
    else if (e->kind == EVENT_NOTICE_SENT)
        fold_sent(t, e->at_ms);
    else
        fold_failed(t);
    if (is_shown)
        fleet_touch_alert(f, a);
}

void fleet_fold_notice(struct fleet *f, const struct event *e)
{
    const char *slash = e->subject != NULL ? strchr(e->subject, '/') : NULL;
    struct ids ids = {0};
    struct err err;
    if (slash == NULL || e->alerts == NULL || !ids_read(e->alerts, &ids, &err)) {
        ids_release(&ids); /* a test, or words of another version */
        return;
    }
    uint8_t receiver = fleet_receiver(f, slash + 1);
    bool is_shown = e->kind != EVENT_NOTICE_SENDING || ids.n <= TOUCHED_AT_ONCE;
    for (size_t i = 0; i < ids.n; i++) {
        struct alert *a = fleet_alert(f, ids.v[i]);
        if (a != NULL)
            fold_one(f, a, receiver, e, is_shown);
    }
    ids_release(&ids);
}
