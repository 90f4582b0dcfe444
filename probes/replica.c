#include "probes/replica.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "probes/lag_words.h"

struct lag {
    double bytes, seconds;
    char bytes_text[LAG_TEXT_MAX], seconds_text[LAG_TEXT_MAX];
};

/* --- figures --- */

/* Does the standby itself know how far the primary is? Not without a link, not if the link has been
 * silent, not if the role may not see it. */
static bool is_informed(const struct replica_standby *s, const struct replica_limits *l)
{
    return s->is_linked && s->status != NULL && !(s->message_age_s >= l->silence_warning);
}

/* From what is applied to where the primary is, or to what the standby knows of that. */
static double bytes_behind(const struct replica_view *v, const struct replica_limits *l)
{
    const struct replica_standby *s = &v->standby;
    double end = NAN;
    if (v->has_primary && !v->primary.is_standby)
        end = v->primary.written_b;
    if (is_informed(s, l)) /* fmax takes the one that is a number */
        end = fmax(end, fmax(s->known_b, s->received_b));
    return lag_not_below_0(end - s->replayed_b);
}

/* Nothing received waits: 0, whatever the age of the last transaction (an idle primary has none).
 */
static double seconds_behind(const struct replica_standby *s, const struct replica_limits *l)
{
    if (!is_informed(s, l))
        return NAN;
    return s->received_b <= s->replayed_b ? 0 : lag_not_below_0(s->replay_age_s);
}

static const char *link_word(const struct replica_standby *s)
{
    return !s->is_linked ? "disconnected" : s->status != NULL ? s->status : "?";
}

static void add_facts(const struct replica_view *v, struct result *r)
{
    const struct replica_standby *s = &v->standby;
    result_fact(r, "role", s->is_primary ? "primary" : "standby");
    if (!s->is_primary) {
        result_fact(r, "link", link_word(s));
        result_fact(r, "replay", s->is_paused ? "paused" : "running");
        result_fact(r, "timeline", s->timeline);
    }
    if (v->has_primary) {
        result_fact(r, "sender", v->primary.has_sender ? v->primary.state : "none");
        result_fact(r, "sync_state", v->primary.sync_state);
    }
}

static void add_metrics(const struct replica_view *v, const struct replica_limits *l,
                        struct result *r, struct lag *lag)
{
    lag->bytes = bytes_behind(v, l);
    lag->seconds = seconds_behind(&v->standby, l);
    result_metric(r, "lag_bytes", lag->bytes, "B");
    result_metric(r, "lag_s", lag->seconds, "s");
    result_metric(r, "last_msg_age_s", lag_not_below_0(v->standby.message_age_s), "s");
    if (v->has_primary)
        result_metric(r, "reply_age_s", lag_not_below_0(v->primary.reply_age_s), "s");
}

/* --- judgements: each raises the result if it is worse than what was said before --- */

static void judge_link(const struct replica_standby *s, const struct replica_limits *l,
                       const struct lag *lag, struct result *r)
{
    char span[LAG_TEXT_MAX];
    if (!s->is_linked) {
        lag_raise(r, STATE_CRITICAL,
                  SAY(N_("disconnected from its primary; last transaction {0} ago, {1} behind"),
                      lag_seconds(s->replay_age_s, span), lag->bytes_text));
        return;
    }
    if (s->status != NULL && strcmp(s->status, "streaming") != 0) {
        char *clean = text_cleaned(s->status, strlen(s->status), TEXT_MAX_NAME, 0);
        lag_raise(r, STATE_WARNING,
                  SAY(N_("the receiver is {0}; {1} and {2} behind"), clean, lag->bytes_text,
                      lag->seconds_text));
        free(clean);
    }
    enum state silence = lag_beyond(s->message_age_s, l->silence_warning, l->silence_critical);
    if (silence != STATE_OK)
        lag_raise(r, silence,
                  SAY(N_("nothing from the primary for {0}: what is behind is not known"),
                      lag_seconds(s->message_age_s, span)));
}

static void judge_replay(const struct replica_standby *s, const struct replica_limits *l,
                         const struct lag *lag, struct result *r)
{
    enum state late = lag_beyond(lag->seconds, l->lag_warning, l->lag_critical);
    if (s->is_paused)
        lag_raise(
            r, late == STATE_CRITICAL ? late : STATE_WARNING,
            SAY(N_("replay is paused; {0} and {1} behind"), lag->bytes_text, lag->seconds_text));
    else if (late != STATE_OK)
        lag_raise(r, late,
                  SAY(N_("{0} and {1} behind; link {2}, replay running"), lag->bytes_text,
                      lag->seconds_text, link_word(s)));
}

static void judge_primary(const struct replica_view *v, const struct replica_limits *l,
                          struct result *r)
{
    const struct replica_primary *p = &v->primary;
    char span[LAG_TEXT_MAX];
    if (p->is_standby) {
        lag_raise(r, STATE_CRITICAL, mem_strdup(N_("what is given as its primary is a standby")));
    } else if (!p->has_sender) {
        lag_raise(r, STATE_CRITICAL, mem_strdup(N_("the primary sends nothing to this standby")));
    } else if (p->state == NULL) {
        lag_no_right(r, v->primary_role, "pg_stat_replication");
    } else {
        enum state silence = lag_beyond(p->reply_age_s, l->silence_warning, l->silence_critical);
        if (strcmp(p->state, "streaming") != 0) {
            char *clean = text_cleaned(p->state, strlen(p->state), TEXT_MAX_NAME, 0);
            lag_raise(r, STATE_WARNING, SAY(N_("the primary's sender is in state {0}"), clean));
            free(clean);
        }
        if (silence != STATE_OK)
            lag_raise(r, silence,
                      SAY(N_("the primary has not heard from this standby for {0}"),
                          lag_seconds(p->reply_age_s, span)));
    }
}

static void judge_standby(const struct replica_view *v, const struct replica_limits *l,
                          const struct lag *lag, struct result *r)
{
    const struct replica_standby *s = &v->standby;
    if (s->is_linked && s->status == NULL)
        lag_no_right(r, v->standby_role, "pg_stat_wal_receiver");
    judge_link(s, l, lag, r);
    judge_replay(s, l, lag, r);
    if (v->has_primary)
        judge_primary(v, l, r);
    else if (v->primary_failure != NULL)
        lag_raise(
            r, STATE_WARNING,
            SAY(N_("its primary cannot be asked; by the standby {0} and {1} behind, link {2}"),
                lag->bytes_text, lag->seconds_text, link_word(s)));
}

void replica_judge(const struct replica_view *v, const struct replica_limits *l, struct result *r)
{
    struct lag lag;
    char bytes[LAG_TEXT_MAX], span[LAG_TEXT_MAX];
    add_facts(v, r);
    if (v->standby.is_primary) {
        bool is_two = v->has_primary && !v->primary.is_standby;
        result_say(r, STATE_CRITICAL,
                   mem_strdup(is_two ? N_("both are primaries: it follows nobody")
                                     : N_("it is a primary, expected a standby")));
        return;
    }
    add_metrics(v, l, r, &lag);
    snprintf(lag.bytes_text, sizeof lag.bytes_text, "%s", lag_bytes(lag.bytes, bytes));
    snprintf(lag.seconds_text, sizeof lag.seconds_text, "%s", lag_seconds(lag.seconds, span));
    judge_standby(v, l, &lag, r);
    if (r->summary == NULL)
        result_say(r, STATE_OK,
                   SAY(N_("{0}; {1} and {2} behind"), link_word(&v->standby), lag.bytes_text,
                       lag.seconds_text));
}
