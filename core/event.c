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
    [EVENT_CONFIG_LOADED] = {"config.loaded", EF_WHAT | EF_TEXT,
                             N_("site file loaded: {text}, {what}")},
    [EVENT_ENGINE_CLOCK_MOVED] = {"engine.clock_moved", EF_WHAT,
                                  N_("the clock of this machine has moved by {what}")},
    [EVENT_CONFIG_REFUSED] = {"config.refused", EF_TEXT,
                              N_("site file not taken, the one before stays: {text}")},
    [EVENT_CHECK_CHANGED] = {"check.changed", EF_STATE | EF_OLD_STATE | EF_TEXT | EF_SINCE,
                             N_("{old_state} -> {state}: {text}")},
    [EVENT_CHECK_FLAP_STARTED] = {"check.flap_started", EF_STATE | EF_TEXT,
                                  N_("flapping: {text} of the last 20 changes, weighted")},
    [EVENT_CHECK_FLAP_ENDED] = {"check.flap_ended", EF_STATE | EF_TEXT,
                                N_("steady again: {text} of the last 20 changes, weighted")},
    [EVENT_ALERT_OPENED] = {"alert.opened",
                            EF_OF_ALERT | EF_STATE | EF_PRIORITY | EF_TEXT | EF_SINCE | EF_LEVEL |
                                EF_MARKS,
                            N_("alert {alert} opened, {state}: {text}")},
    [EVENT_ALERT_CHANGED] = {"alert.changed",
                             EF_OF_ALERT | EF_STATE | EF_OLD_STATE | EF_PRIORITY | EF_TEXT |
                                 EF_CLOCK,
                             N_("alert {alert} {old_state} -> {state}: {text}")},
    [EVENT_ALERT_RESOLVED] = {"alert.resolved", EF_OF_ALERT | EF_TEXT,
                              N_("alert {alert} resolved: {text}")},
    [EVENT_ALERT_ACKNOWLEDGED] =
        {"alert.acknowledged",
         EF_OF_ALERT | EF_STATE | EF_TEXT | EF_UNTIL | EF_KEY | EF_LEVEL | EF_CLOCK,
         N_("alert {alert} acknowledged by {actor} until {until}: {text}")},
    [EVENT_ALERT_UNACKNOWLEDGED] = {"alert.unacknowledged",
                                    EF_OF_ALERT | EF_TEXT | EF_KEY | EF_CLOCK,
                                    N_("alert {alert}: acknowledgement taken back by {actor}")},
    [EVENT_ALERT_ACK_EXPIRED] = {"alert.ack_expired", EF_OF_ALERT | EF_LEVEL | EF_CLOCK,
                                 N_("alert {alert}: acknowledgement has run out")},
    [EVENT_ALERT_EXTENDED] = {"alert.extended", EF_OF_ALERT | EF_UNTIL | EF_TEXT | EF_KEY,
                              N_("alert {alert}: acknowledged until {until} now, said {actor}")},
    [EVENT_ALERT_TAKEN] = {"alert.taken",
                           EF_OF_ALERT | EF_UNTIL | EF_TEXT | EF_KEY | EF_LEVEL | EF_WHAT |
                               EF_CLOCK,
                           N_("alert {alert} taken over from {what} by {actor}: {text}")},
    [EVENT_ALERT_ESCALATED] = {"alert.escalated",
                               EF_OF_ALERT | EF_LEVEL | EF_TEXT | EF_KEY | EF_CLOCK,
                               N_("alert {alert} now at level {level}: {text}")},
    [EVENT_ALERT_MARKED] = {"alert.marked", EF_OF_ALERT | EF_MARKS | EF_CLOCK,
                            N_("alert {alert}: notices held back by: {marks}")},
    [EVENT_ALERT_NOTED] = {"alert.noted", EF_OF_ALERT | EF_TEXT | EF_KEY,
                           N_("alert {alert}, note by {actor}: {text}")},
    [EVENT_PERIOD_CREATED] = {"period.created",
                              EF_PERIOD | EF_PERIOD_DEF | EF_WHAT | EF_UNTIL | EF_TEXT | EF_KEY,
                              N_("{what} {period} by {actor} until {until}: {text}")},
    [EVENT_PERIOD_APPROVED] = {"period.approved", EF_PERIOD | EF_WHAT | EF_TEXT | EF_KEY,
                               N_("{what} {period} approved by {actor}: {text}")},
    [EVENT_PERIOD_ENDED] = {"period.ended", EF_PERIOD | EF_WHAT | EF_TEXT | EF_KEY,
                            N_("{what} {period} ended by {actor}: {text}")},
    [EVENT_NOTICE_SENDING] = {"notice.sending", EF_WHAT | EF_ALERTS | EF_TEXT | EF_KEY,
                              N_("notice ({what}) on its way: {text}")},
    [EVENT_NOTICE_SENT] = {"notice.sent", EF_WHAT | EF_ALERTS | EF_KEY,
                           N_("notice ({what}) delivered")},
    [EVENT_NOTICE_FAILED] = {"notice.failed", EF_WHAT | EF_ALERTS | EF_TEXT | EF_KEY,
                             N_("notice ({what}) not delivered: {text}")},
    [EVENT_NOTICE_TESTED] = {"notice.tested", EF_WHAT | EF_TEXT | EF_KEY,
                             N_("test notice to {what} by {actor}: {text}")},
    [EVENT_PROOF_SENDING] = {"proof.sending", EF_KEY | EF_UNTIL | EF_WHAT,
                             N_("proof on its way to {what}, due by {until}")},
    [EVENT_PROOF_SENT] = {"proof.sent", EF_KEY, N_("proof taken for delivery")},
    [EVENT_PROOF_ARRIVED] = {"proof.arrived", EF_KEY | EF_DELAY | EF_TEXT, N_("proof: {text}")},
    [EVENT_PROOF_ENDED] = {"proof.ended", EF_KEY | EF_WHAT | EF_TEXT, N_("proof ended: {text}")},
    [EVENT_TARGET_PROMOTED] = {"target.promoted", EF_WHAT | EF_WAS | EF_TEXT | EF_KEY,
                               N_("is {what} now, said {actor}: {text}")},
    [EVENT_TARGET_SETTLED] = {"target.settled", EF_WHAT,
                              N_("the site file says {what}, too: it decides again")},
    [EVENT_REQUEST_REFUSED] = {"request.refused", EF_ALERT | EF_WHAT | EF_TEXT | EF_KEY,
                               N_("{what} by {actor} refused: {text}")},
    [EVENT_FAILOVER_CONFIRMED] = {"failover.confirmed", EF_RUN | EF_RUN_PLAN | EF_RUN_STATE,
                                  N_("run {run}: {from} -> {to} confirmed by {actor}")},
    [EVENT_FAILOVER_STARTED] = {"failover.started", EF_RUN | EF_RUN_STATE | EF_RUN_EPOCH,
                                N_("run {run} started")},
    [EVENT_FAILOVER_RESUMED] = {"failover.resumed", EF_RUN | EF_RUN_EPOCH,
                                N_("run {run}: looked at again after a restart")},
    [EVENT_FAILOVER_STEP_INTENDED] = {"failover.step_intended",
                                      EF_RUN | EF_RUN_STEP | EF_RUN_REQUEST | EF_RUN_EPOCH,
                                      N_("run {run}, step {step}: going to send")},
    [EVENT_FAILOVER_STEP_SENT] = {"failover.step_sent", EF_RUN | EF_RUN_STEP | EF_RUN_EPOCH,
                                  N_("run {run}, step {step}: being sent")},
    [EVENT_FAILOVER_STEP_FINISHED] = {"failover.step_finished",
                                      EF_RUN | EF_RUN_STEP | EF_RUN_REPLY | EF_RUN_EPOCH | EF_TEXT,
                                      N_("run {run}, step {step}: {text}")},
    [EVENT_FAILOVER_VERIFYING] = {"failover.verifying", EF_RUN | EF_RUN_STATE | EF_RUN_EPOCH,
                                  N_("run {run}: looking whether it is so")},
    [EVENT_FAILOVER_ENDED] = {"failover.ended", EF_RUN | EF_RUN_STATE | EF_RUN_EPOCH | EF_TEXT,
                              N_("run {run} ended: {text}")},
    [EVENT_FAILOVER_RESOLVED] = {"failover.resolved", EF_RUN | EF_RUN_STATE | EF_WHAT | EF_TEXT,
                                 N_("run {run}: \"{what}\" said by {actor}: {text}")},
    [EVENT_FAILOVER_CLOSED] = {"failover.closed", EF_RUN | EF_RUN_STATE | EF_TEXT,
                               N_("run {run} closed by {actor}: {text}")},
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
    free(e->was);
    free(e->alerts);
    period_free(e->period_def);
    event_run_free(e->run);
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
    to->was = mem_strdup(from->was);
    to->alerts = mem_strdup(from->alerts);
    to->period_def = period_copy(from->period_def);
    to->run = event_run_copy(from->run);
}
