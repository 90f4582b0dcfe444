#include "probes/subscriber.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/text.h"
#include "probes/lag_words.h"

/* --- the statement --- */

/* Nobody but a superuser may read subconninfo, so columns are named.  A row without a name: there
 * is none.  Before 15 there are no counts of errors, and nobody may read a subscription's oid: the
 * view is matched by name, and where another database has one of that name, by the tables of this
 * one. */
#define SUBSCRIPTIONS_SQL(own, match, id, errors)                                                  \
    "SELECT pg_is_in_recovery() AS is_standby, s.subname AS name, s.subslotname AS slot,"          \
    " s.subenabled AS is_enabled, " own ", w.pid IS NOT NULL AS has_worker,"                       \
    " pg_wal_lsn_diff(w.received_lsn, '0/0') AS received,"                                         \
    " pg_wal_lsn_diff(w.latest_end_lsn, '0/0') AS known,"                                          \
    " extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) AS message_age,"             \
    " extract(epoch FROM clock_timestamp() - w.latest_end_time) AS idle_age,"                      \
    " t.tables, t.waiting, t.unready"                                                              \
    " FROM (SELECT oid FROM pg_database WHERE datname = current_database()) AS d"                  \
    " LEFT JOIN pg_subscription AS s ON s.subdbid = d.oid"                                         \
    " LEFT JOIN pg_stat_subscription AS w ON " match " AND w.relid IS NULL"                        \
    " AND to_jsonb(w) ->> 'leader_pid' IS NULL"                                                    \
    " " errors " LEFT JOIN LATERAL (SELECT count(*) AS tables,"                                    \
    "  count(*) FILTER (WHERE srsubstate <> 'r') AS waiting,"                                      \
    "  array_to_string((array_agg(srrelid::regclass::text || ' ' || srsubstate::text"              \
    "   ORDER BY srrelid::regclass::text) FILTER (WHERE srsubstate <> 'r'))[1:3], ', ')"           \
    "   AS unready"                                                                                \
    "  FROM pg_subscription_rel WHERE srsubid = " id ") AS t ON true"                              \
    " ORDER BY s.subname LIMIT 1000"

const struct pg_text subscriber_sql[] = {
    {150000,
     SUBSCRIPTIONS_SQL("s.subdisableonerr AS disables_itself,"
                       " e.apply_error_count AS apply_errors, e.sync_error_count AS sync_errors",
                       "w.subid = s.oid", "s.oid",
                       "LEFT JOIN pg_stat_subscription_stats AS e ON e.subid = s.oid")},
    {0, SUBSCRIPTIONS_SQL("false AS disables_itself, NULL AS apply_errors, NULL AS sync_errors",
                          "w.subname = s.subname AND (w.subid IN (SELECT srsubid FROM"
                          " pg_subscription_rel) OR 1 = (SELECT count(DISTINCT o.subid) FROM"
                          " pg_stat_subscription AS o WHERE o.subname = s.subname))",
                          "w.subid", "")},
};

/* --- what it means --- */

/* Since the look before; a count that was reset has not grown. */
static double grown(double now, double before)
{
    return isnan(now) || isnan(before) ? 0 : lag_not_below_0(now - before);
}

static double errors_of(const struct subscription *s)
{
    return (isnan(s->apply_errors) ? 0 : s->apply_errors) +
           (isnan(s->sync_errors) ? 0 : s->sync_errors);
}

/* Nothing came since the publisher was last idle: 0, however long ago that was. */
static double seconds_behind(const struct subscription *s)
{
    if (!s->has_worker || isnan(s->received_b) || isnan(s->known_b))
        return NAN;
    return s->received_b <= s->known_b ? 0 : lag_not_below_0(s->idle_age_s);
}

static const char *link_word(const struct subscription *s)
{
    return !s->is_enabled         ? "disabled"
           : !s->has_worker       ? "stopped"
           : isnan(s->received_b) ? "starting"
                                  : "streaming";
}

static void fill(const struct subscription *s, struct result *r)
{
    bool is_copying = s->waiting > 0;
    result_fact(r, "subscription", s->name);
    result_fact(r, "link", link_word(s));
    result_fact(r, "replay",
                !s->is_enabled || !s->has_worker ? "stopped"
                : is_copying                     ? "copying"
                                                 : "running");
    result_fact(r, "slot", s->slot != NULL ? s->slot : "none");
    if (is_copying)
        result_fact(r, "waiting", s->unready);
    result_metric(r, "lag_s", seconds_behind(s), "s");
    result_metric(r, "last_msg_age_s", lag_not_below_0(s->message_age_s), "s");
    result_metric(r, "apply_errors", s->apply_errors, "c");
    result_metric(r, "sync_errors", s->sync_errors, "c");
    result_metric(r, "tables", s->tables, "");
    result_metric(r, "tables_waiting", s->waiting, "");
}

static void judge_off(const struct subscription *s, const struct subscription_limits *l,
                      const char *name, struct result *r)
{
    if (s->disables_itself && errors_of(s) > 0)
        result_say(r, STATE_CRITICAL,
                   SAY(N_("subscription {0} has switched itself off after an error; the reason is "
                          "in the subscriber's log, and its slot goes on holding WAL"),
                       name));
    else if (s->slot != NULL)
        result_say(r, l->switched_off,
                   SAY(N_("subscription {0} is switched off; its slot at the publisher goes on "
                          "holding WAL"),
                       name));
    else
        result_say(r, l->switched_off, SAY(N_("subscription {0} is switched off"), name));
}

static void judge_stopped(const struct subscription *s, const char *name, struct result *r)
{
    char errors[24];
    snprintf(errors, sizeof errors, "%.0f", errors_of(s));
    if (errors_of(s) > 0 && (!s->has_worker || grown(s->apply_errors, s->apply_before) > 0))
        result_say(r, STATE_CRITICAL,
                   SAY(N_("subscription {0} stands still: its worker ends by an error each time "
                          "({1} so far); the reason is in the subscriber's log"),
                       name, errors));
    else if (!s->has_worker)
        result_say(r, STATE_CRITICAL,
                   SAY(N_("subscription {0} stands still: it has no worker; the reason is in the "
                          "subscriber's log"),
                       name));
    else
        result_say(
            r, STATE_CRITICAL,
            SAY(N_("subscription {0} receives nothing: its worker waits for the publisher"), name));
}

static void judge_tables(const struct subscription *s, const char *name, struct result *r)
{
    char waiting[24], tables[24], errors[24];
    char *which = text_cleaned(s->unready != NULL ? s->unready : "?",
                               s->unready != NULL ? strlen(s->unready) : 1, TEXT_MAX_NAME, 0);
    snprintf(waiting, sizeof waiting, "%.0f", s->waiting);
    snprintf(tables, sizeof tables, "%.0f", s->tables);
    snprintf(errors, sizeof errors, "%.0f", grown(s->sync_errors, s->sync_before));
    if (s->waiting > 0 && grown(s->sync_errors, s->sync_before) > 0)
        lag_raise(r, STATE_CRITICAL,
                  SAY(N_("subscription {0}: the first copy of a table fails ({1} new errors); not "
                         "in step: {2}"),
                      name, errors, which));
    else if (s->waiting > 0)
        lag_raise(r, STATE_WARNING,
                  SAY(N_("subscription {0}: {1} of {2} tables are not in step yet: {3}"), name,
                      waiting, tables, which));
    free(which);
}

static void judge_running(const struct subscription *s, const struct subscription_limits *l,
                          const char *name, struct result *r)
{
    char span[LAG_TEXT_MAX], errors[24];
    double behind = seconds_behind(s), errors_new = grown(s->apply_errors, s->apply_before);
    enum state silence = lag_beyond(s->message_age_s, l->silence_warning, l->silence_critical);
    enum state late = lag_beyond(behind, l->lag_warning, l->lag_critical);
    if (silence != STATE_OK)
        lag_raise(r, silence,
                  SAY(N_("subscription {0} has taken nothing from its publisher for {1}: the link "
                         "or the apply stands still"),
                      name, lag_seconds(s->message_age_s, span)));
    if (late != STATE_OK)
        lag_raise(r, late,
                  SAY(N_("subscription {0} is behind: not level with its publisher for {1}"), name,
                      lag_seconds(behind, span)));
    judge_tables(s, name, r);
    snprintf(errors, sizeof errors, "%.0f", errors_new);
    if (errors_new > 0)
        lag_raise(r, STATE_WARNING,
                  SAY(N_("subscription {0}: {1} new errors since the look before; its worker runs "
                         "again"),
                      name, errors));
    if (r->summary == NULL)
        result_say(r, STATE_OK,
                   SAY(N_("subscription {0} receives and applies; {1} behind"), name,
                       lag_seconds(behind, span)));
}

void subscription_judge(const struct subscription *s, const struct subscription_limits *l,
                        struct result *r)
{
    char *name = text_cleaned(s->name, strlen(s->name), TEXT_MAX_NAME, 0);
    fill(s, r);
    if (!s->is_enabled)
        judge_off(s, l, name, r);
    else if (!s->has_worker || isnan(s->received_b))
        judge_stopped(s, name, r);
    else
        judge_running(s, l, name, r);
    free(name);
}
