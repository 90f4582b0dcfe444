/* console_banners.c - what makes the picture below untrue, in words: a row each, the worst first.
 *
 *     the engine has ended     its process is gone: nobody watches
 *     no connection            our own line to it is cut: it may well go on without us
 *     engine silent            connected, but no beat for PULSE_RED_MS: it hangs
 *     disk silent              it lives, but its store does not answer
 *     journal not writable     it lives, but its store refuses
 *     no results               it lives and polls, but nothing that it saw arrives
 * No two of them look alike, and under none of the first three a state is shown as known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/when.h"
#include "tui/console_private.h"

/* At least, and until the check that comes soonest is too old by its rule. */
#define NO_RESULT_MS 20000

/* --- when ------------------------------------------------------------------------------------ */

bool console_is_cut_off(const struct console *c)
{
    return c->has_picture && c->phase != LINK_IS_LIVE;
}

bool console_is_silent(const struct console *c)
{
    return c->phase == LINK_IS_LIVE && pulse_of(console_beat_age_ms(c)) == PULSE_RED;
}

static bool has_ended(const struct console *c)
{
    return console_is_cut_off(c) && c->has_engine_ended;
}

static bool is_cut(const struct console *c)
{
    return console_is_cut_off(c) && !c->has_engine_ended;
}

static bool is_beating(const struct console *c)
{
    return c->phase == LINK_IS_LIVE && c->beat.at_ms;
}

static bool is_disk_silent(const struct console *c)
{
    return is_beating(c) && !c->beat.is_journal_ok && c->beat.is_disk_silent;
}

static bool is_journal_shut(const struct console *c)
{
    return is_beating(c) && !c->beat.is_journal_ok && !c->beat.is_disk_silent;
}

static bool is_site_refused(const struct console *c)
{
    return c->phase == LINK_IS_LIVE && c->beat.config_error[0];
}

static bool is_history_shut(const struct console *c)
{
    return is_beating(c) && c->beat.history_error[0];
}

/* An engine that beats and polls, but nothing arrives. */
static bool is_without_results(const struct console *c)
{
    int64_t newest = -1, soonest = INT64_MAX;
    if (c->phase != LINK_IS_LIVE || c->beat.results_10s > 0)
        return false;
    for (size_t i = 0; i < c->fleet->n_checks; i++) {
        const struct check *k = c->fleet->checks[i];
        int64_t within = 2 * k->rule.interval_ms + k->rule.timeout_ms;
        if (k->target->is_disabled || (k->probe && strcmp(k->probe, "passive") == 0))
            continue;
        if (k->rule.interval_ms > 0 && within < soonest)
            soonest = within;
        if (k->at_ms && k->seen_ms > newest)
            newest = k->seen_ms;
    }
    int64_t limit = soonest == INT64_MAX || soonest < NO_RESULT_MS ? NO_RESULT_MS : soonest;
    return newest >= 0 && c->now_mono - newest > limit;
}

static bool is_sample(const struct console *c)
{
    return c->fleet->is_sample;
}

/* --- in which words: packed ------------------------------------------------------------------ */

static const char *lost_at(const struct console *c, char out[WHEN_TEXT_MAX])
{
    return when_hms(c->now_wall - (c->now_mono - c->lost_mono_ms), out);
}

/* What the beat says in a packed sentence, as one word of ours. */
static char *say_why(const struct console *c, const char *head, const char *packed)
{
    struct buf why = BUF_INIT(200);
    console_say(c, &why, packed);
    char *say = SAY(head, buf_text(&why));
    buf_release(&why);
    return say;
}

static char *say_ended(const struct console *c)
{
    char t[WHEN_TEXT_MAX];
    return SAY(N_("THE ENGINE HAS ENDED AT {0}, NOTHING IS WATCHED - WHAT YOU SEE IS OLD"),
               lost_at(c, t));
}

static char *say_cut(const struct console *c)
{
    char t[WHEN_TEXT_MAX];
    return SAY(N_("NO CONNECTION TO THE ENGINE SINCE {0} - WHAT YOU SEE IS OLD"), lost_at(c, t));
}

static char *say_silent(const struct console *c)
{
    char t[WHEN_TEXT_MAX];
    int64_t s = console_beat_age_ms(c) / 5000 * 5; /* in calm steps */
    snprintf(t, sizeof t, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    return SAY(N_("ENGINE SILENT {0} - WHAT YOU SEE IS OLD"), t);
}

static char *say_disk(const struct console *c)
{
    (void)c;
    return SAY(N_("THE JOURNAL'S DISK DOES NOT ANSWER, NOTHING CAN BE SAVED"));
}

static char *say_journal(const struct console *c)
{
    return say_why(c, N_("JOURNAL NOT WRITABLE, NOTHING CAN BE SAVED: {0}"), c->beat.journal_error);
}

static char *say_site(const struct console *c)
{
    return say_why(c, N_("SITE FILE NOT TAKEN, THE ONE BEFORE STAYS: {0}"), c->beat.config_error);
}

static char *say_results(const struct console *c)
{
    (void)c;
    return SAY(N_("THE ENGINE POLLS BUT NO RESULTS COME IN - WHAT YOU SEE IS GETTING OLD"));
}

static char *say_history(const struct console *c)
{
    return say_why(c, N_("MEASUREMENTS ARE NOT KEPT, TRENDS WILL HAVE A GAP: {0}"),
                   c->beat.history_error);
}

static char *say_sample(const struct console *c)
{
    (void)c;
    return SAY(N_("SAMPLE DATA: inventory not confirmed by the unit."));
}

/* --- the rows -------------------------------------------------------------------------------- */

static const struct banner_row {
    bool (*is_on)(const struct console *c);
    char *(*say)(const struct console *c);
    enum role role;
} banner_rows[] = {
    {has_ended, say_ended, ROLE_BANNER},          {is_cut, say_cut, ROLE_BANNER},
    {console_is_silent, say_silent, ROLE_BANNER}, {is_disk_silent, say_disk, ROLE_BANNER},
    {is_journal_shut, say_journal, ROLE_BANNER},  {is_without_results, say_results, ROLE_BANNER},
    {is_site_refused, say_site, ROLE_BANNER},     {is_history_shut, say_history, ROLE_BANNER},
    {is_sample, say_sample, ROLE_SAMPLE},
};

size_t console_banners(const struct console *c, struct banner b[BANNERS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof banner_rows / sizeof *banner_rows && n < BANNERS_MAX; i++) {
        const struct banner_row *row = &banner_rows[i];
        if (!row->is_on(c))
            continue;
        struct buf words = BUF_INIT(sizeof b->text - 1);
        char *packed = row->say(c);
        console_say(c, &words, packed);
        snprintf(b[n].text, sizeof b->text, "%s", buf_text(&words));
        b[n++].role = row->role;
        buf_release(&words);
        free(packed);
    }
    return n;
}
