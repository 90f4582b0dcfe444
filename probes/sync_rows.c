/* sync_rows.c - see sync_rows.h. */
#include "probes/sync_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"

const char *const sync_mode_names[SYNC_MODE_COUNT + 1] = {"realtime", "hourly", "daily", NULL};

static int index_of(const char *word, const char *const names[], int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

static void say_odd(struct result *out, struct sync_tally *tally, char *packed)
{
    tally->odd++;
    result_say(out, STATE_UNKNOWN, packed);
}

/* A word from outside that is none of ours. */
static void say_odd_word(struct result *out, struct sync_tally *tally, const char *msgid,
                         const char *word)
{
    char *clean = text_cleaned(word, strlen(word), 64, 0);
    say_odd(out, tally, SAY(msgid, clean));
    free(clean);
}

static bool was_linked(const struct probe_fed *fed)
{
    return fed != NULL && fact_value(fed->check->facts, fed->check->n_facts, "was") != NULL;
}

static bool is_expected(const struct probe_fed *fed)
{
    return (fed != NULL && fed->check->target->link == LINK_DONE) || was_linked(fed);
}

static void judge_unlinked(const struct sync_row *row, enum link_state link,
                           const struct probe_fed *fed, struct result *out,
                           struct sync_tally *tally)
{
    if (is_expected(fed)) {
        tally->lost++;
        if (row->last_sync_at != NULL) {
            char *at = text_cleaned(row->last_sync_at, strlen(row->last_sync_at), 64, 0);
            result_say(out, STATE_CRITICAL,
                       SAY(N_("connection lost: the source says {0}; last synchronised {1}"),
                           link_names[link], at));
            free(at);
        } else {
            result_say(out, STATE_CRITICAL,
                       SAY(N_("connection lost: the source says {0}"), link_names[link]));
        }
    } else if (row->blocker != NULL) {
        char *why = text_cleaned(row->blocker, strlen(row->blocker), TEXT_MAX_NAME, 0);
        result_say(out, STATE_OK, SAY(N_("not connected yet: {0}"), why));
        free(why);
    } else {
        result_say(out, STATE_OK, SAY(N_("not connected yet")));
    }
}

/* The age in words that do not change with each second. */
static const char *age_text(int64_t age_ms, char out[WHEN_TEXT_MAX])
{
    int64_t step = age_ms < WHEN_MINUTE_MS ? WHEN_SECOND_MS : WHEN_MINUTE_MS;
    return when_duration(age_ms - age_ms % step, out);
}

int64_t sync_now(int64_t ours_ms, int64_t source_ms)
{
    int64_t ahead = source_ms - ours_ms, apart = ahead < 0 ? -ahead : ahead;
    return source_ms != 0 && apart > SYNC_SKEW_MS && apart <= SYNC_CLOCK_MS ? source_ms : ours_ms;
}

static void judge_age(int64_t age_ms, int mode, double traffic, const struct sync_limits *limits,
                      const struct probe_fed *fed, struct result *out, struct sync_tally *tally)
{
    char age[WHEN_TEXT_MAX], limit[WHEN_TEXT_MAX];
    bool is_critical = age_ms >= limits->critical[mode];
    age_text(age_ms, age);
    if (is_critical || age_ms >= limits->warning[mode]) {
        tally->late++;
        when_duration(is_critical ? limits->critical[mode] : limits->warning[mode], limit);
        if (is_critical)
            result_say(out, STATE_CRITICAL,
                       SAY(N_("synchronised {0} ago, critical from {1}"), age, limit));
        else
            result_say(out, STATE_WARNING,
                       SAY(N_("synchronised {0} ago, warning from {1}"), age, limit));
    } else if (traffic <= 0) {
        tally->idle++;
        result_say(
            out, (enum state)limits->no_traffic,
            SAY(N_("connected and synchronised {0} ago, but nobody has used it for a day"), age));
    } else if (fed != NULL && fed->check->target->link != LINK_DONE) {
        result_say(out, STATE_OK,
                   SAY(N_("synchronised {0} ago; the site file says: not connected"), age));
    } else {
        result_say(out, STATE_OK, SAY(N_("synchronised {0} ago"), age));
    }
}

static void judge_linked(const struct sync_row *row, int mode, const struct sync_limits *limits,
                         const struct probe_fed *fed, int64_t now_ms, struct result *out,
                         struct sync_tally *tally)
{
    int64_t at_ms;
    char ahead[WHEN_TEXT_MAX];
    tally->done++;
    result_fact(out, "was", "done");
    if (row->last_sync_at == NULL) {
        result_say(out, STATE_WARNING, SAY(N_("connected, but never synchronised yet")));
    } else if (!when_parse_rfc3339(row->last_sync_at, &at_ms)) {
        say_odd_word(out, tally,
                     N_("last_sync_at is \"{0}\", expected a time with its zone such as "
                        "2026-03-05T14:02:11+07:00"),
                     row->last_sync_at);
    } else if (at_ms > now_ms + SYNC_SKEW_MS) {
        say_odd(out, tally,
                SAY(N_("last_sync_at is {0} in the future: is a clock wrong?"),
                    age_text(at_ms - now_ms, ahead)));
    } else {
        int64_t age_ms = at_ms < now_ms ? now_ms - at_ms : 0;
        result_metric(out, "age_s", (double)age_ms / WHEN_SECOND_MS, "s");
        judge_age(age_ms, mode, row->traffic, limits, fed, out, tally);
    }
}

void sync_row_judge(const struct sync_row *row, const struct probe_fed *fed,
                    const struct sync_limits *limits, int64_t now_ms, struct result *out,
                    struct sync_tally *tally)
{
    int link = row->link != NULL ? index_of(row->link, link_names, LINK_COUNT)
               : fed != NULL     ? (int)fed->check->target->link
                                 : LINK_DONE;
    int mode =
        row->mode != NULL ? index_of(row->mode, sync_mode_names, SYNC_MODE_COUNT) : limits->mode;
    tally->rows++;
    if (was_linked(fed))
        result_fact(out, "was", "done");
    result_fact(out, "mode", mode >= 0 ? sync_mode_names[mode] : row->mode);
    result_fact(out, "owner", row->owner);
    result_fact(out, "blocker", row->blocker);
    result_fact(out, "last_sync_at", row->last_sync_at);
    result_fact(out, "fields_published", row->fields_published);
    result_fact(out, "guide_published", row->guide_published);
    result_metric(out, "traffic_day", row->traffic, "");
    if (row->odd != NULL) {
        say_odd(out, tally, SAY(row->odd_msgid, row->odd, row->odd_type));
        return;
    }
    if (link < 0) {
        say_odd_word(out, tally, N_("link is \"{0}\", expected none, testing or done"), row->link);
        return;
    }
    result_fact(out, "link", link_names[link]);
    if (link != LINK_DONE)
        judge_unlinked(row, (enum link_state)link, fed, out, tally);
    else if (mode < 0)
        say_odd_word(out, tally, N_("mode is \"{0}\", expected realtime, hourly or daily"),
                     row->mode);
    else
        judge_linked(row, mode, limits, fed, now_ms, out, tally);
}
