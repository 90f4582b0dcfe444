/* What is told to who asked for a silence, maintenance or assessment, once it is in force. */
#include <inttypes.h>
#include <stdio.h>

#include "core/day.h"
#include "core/matcher.h"
#include "core/period_decide.h"
#include "core/say.h"
#include "core/when.h"

#define NUMBER_MAX 24

struct facts { /* the arguments of all sentences: {0} … {4} */
    char id[NUMBER_MAX], from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX], checks[NUMBER_MAX],
        alerts[NUMBER_MAX];
};

/* Whole working days between the two: Monday to Friday, neither first nor last day counted. */
static int working_days(int64_t now_ms, int64_t then_ms)
{
    int n = 0;
    int64_t last = day_of(then_ms, NULL);
    for (int64_t day = day_of(now_ms, NULL) + 1; day < last && n <= PERIOD_ANNOUNCE_DAYS; day++)
        n += day_weekday(day) < 5;
    return n;
}

static const char *template_proposed(const struct period *p)
{
    return p->kind == PERIOD_SILENCE
               ? N_("silence {0} until {2} is proposed only: another person must approve it "
                    "({3} checks)")
               : N_("maintenance {0} from {1} until {2} is proposed only: another person must "
                    "approve it ({3} checks)");
}

static const char *template_created(const struct period *p, size_t checks, int64_t now_ms)
{
    bool is_soon = working_days(now_ms, p->from_ms) < PERIOD_ANNOUNCE_DAYS;
    if (p->state == PERIOD_PROPOSED)
        return template_proposed(p);
    if (p->kind == PERIOD_SILENCE)
        return p->alert != 0 ? N_("silence {0} of one alert, until {2} or until it is resolved")
                             : N_("silence {0} until {2}: {3} checks, {4} open alerts");
    if (p->kind == PERIOD_ASSESSMENT)
        return N_("assessment {0} from {1} until {2}: alerts of {3} checks are labelled, none is "
                  "hidden");
    if (checks == 0)
        return N_("maintenance {0} from {1} until {2}: no check matches it now");
    if (is_soon)
        return N_("maintenance {0} from {1} until {2}: {3} checks; less than 7 working days ahead: "
                  "has it been announced?");
    return N_("maintenance {0} from {1} until {2}: {3} checks");
}

static const char *template_of(enum period_act act, const struct period *p, size_t checks,
                               int64_t now_ms)
{
    static const char *const ended[PERIOD_KIND_COUNT] = {
        [PERIOD_SILENCE] = N_("silence {0} has ended"),
        [PERIOD_MAINTENANCE] = N_("maintenance {0} has ended"),
        [PERIOD_ASSESSMENT] = N_("assessment {0} has ended"),
    };
    static const char *const approved[PERIOD_KIND_COUNT] = {
        [PERIOD_SILENCE] = N_("silence {0} holds until {2}: {3} checks, {4} open alerts"),
        [PERIOD_MAINTENANCE] = N_("maintenance {0} holds from {1} until {2}: {3} checks"),
        [PERIOD_ASSESSMENT] = N_("assessment {0} holds from {1} until {2}"),
    };
    if (act == PERIOD_END)
        return ended[p->kind];
    return act == PERIOD_APPROVE ? approved[p->kind] : template_created(p, checks, now_ms);
}

char *period_say(const struct fleet *f, enum period_act act, const struct period *p, int64_t now_ms)
{
    struct facts a;
    struct matcher_count n = {0};
    if (p->matcher != NULL)
        n = matcher_count(p->matcher, f);
    snprintf(a.id, sizeof a.id, "%" PRIu64, p->id);
    when_rfc3339(p->from_ms, a.from);
    when_rfc3339(p->until_ms, a.until);
    snprintf(a.checks, sizeof a.checks, "%zu", n.checks);
    snprintf(a.alerts, sizeof a.alerts, "%zu", n.alerts);
    return SAY(template_of(act, p, n.checks, now_ms), a.id, a.from, a.until, a.checks, a.alerts);
}
