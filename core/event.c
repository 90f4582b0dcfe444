#include "core/event.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

/* What every event about an alert says. */
#define EF_OF_ALERT (EF_ALERT | EF_VERSION | EF_CHECK)

const struct event_row event_rows[EVENT_KIND_COUNT] = {
    [EVENT_ENGINE_STARTED] = {"engine.started", EF_WHAT, N_("engine started, version {what}")},
    [EVENT_ENGINE_STOPPED] = {"engine.stopped", 0, N_("engine stopped")},
    [EVENT_CONFIG_LOADED] = {"config.loaded", EF_WHAT, N_("site file loaded, {what}")},
    [EVENT_CHECK_CHANGED] = {"check.changed", EF_STATE | EF_OLD_STATE | EF_TEXT | EF_SINCE,
                             N_("{old_state} -> {state}: {text}")},
    [EVENT_ALERT_OPENED] = {"alert.opened",
                            EF_OF_ALERT | EF_STATE | EF_PRIORITY | EF_TEXT | EF_SINCE,
                            N_("alert {alert} opened, {state}: {text}")},
    [EVENT_ALERT_CHANGED] = {"alert.changed",
                             EF_OF_ALERT | EF_STATE | EF_OLD_STATE | EF_PRIORITY | EF_TEXT,
                             N_("alert {alert} {old_state} -> {state}: {text}")},
    [EVENT_ALERT_RESOLVED] = {"alert.resolved", EF_OF_ALERT | EF_TEXT,
                              N_("alert {alert} resolved: {text}")},
    [EVENT_ALERT_ACKNOWLEDGED] =
        {"alert.acknowledged", EF_OF_ALERT | EF_STATE | EF_TEXT | EF_UNTIL | EF_KEY,
         N_("alert {alert} acknowledged by {actor} until {until}: {text}")},
    [EVENT_ALERT_UNACKNOWLEDGED] = {"alert.unacknowledged", EF_OF_ALERT | EF_TEXT | EF_KEY,
                                    N_("alert {alert}: acknowledgement taken back by {actor}")},
    [EVENT_ALERT_ACK_EXPIRED] = {"alert.ack_expired", EF_OF_ALERT,
                                 N_("alert {alert}: acknowledgement has run out")},
    [EVENT_ALERT_NOTED] = {"alert.noted", EF_OF_ALERT | EF_TEXT | EF_KEY,
                           N_("alert {alert}, note by {actor}: {text}")},
    [EVENT_REQUEST_REFUSED] = {"request.refused", EF_ALERT | EF_WHAT | EF_TEXT | EF_KEY,
                               N_("{what} by {actor} refused: {text}")},
};

bool event_kind_parse(const char *name, enum event_kind *out)
{
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        if (strcmp(name, event_rows[k].name) == 0) {
            *out = (enum event_kind)k;
            return true;
        }
    }
    return false;
}

void event_release(struct event *e)
{
    free(e->subject);
    free(e->actor.login);
    free(e->actor.from);
    free(e->text);
    free(e->key);
    free(e->check);
    free(e->what);
    *e = (struct event){0};
}

void event_copy(struct event *to, const struct event *from)
{
    *to = *from;
    to->subject = mem_strdup(from->subject);
    to->actor.login = mem_strdup(from->actor.login);
    to->actor.from = mem_strdup(from->actor.from);
    to->text = mem_strdup(from->text);
    to->key = mem_strdup(from->key);
    to->check = mem_strdup(from->check);
    to->what = mem_strdup(from->what);
}
