#include "probes/commit_wait.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/say.h"
#include "core/text.h"
#include "probes/lag_words.h"

int commit_standbys_needed(const char *names)
{
    const char *at = names != NULL ? names + strspn(names, " \t\n") : "";
    char *end;
    if (*at == '\0')
        return 0;
    if (strncasecmp(at, "first ", 6) == 0)
        at += 6;
    else if (strncasecmp(at, "any ", 4) == 0)
        at += 4;
    long n = strtol(at, &end, 10);
    end += strspn(end, " ");
    return end != at && *end == '(' && n > 0 && n < 1000 ? (int)n : 1;
}

/* Do commits wait at all where a session does not say so itself? */
static bool is_waited_for(const struct commit_wait *w)
{
    return w->commit == NULL || (strcmp(w->commit, "off") != 0 && strcmp(w->commit, "local") != 0);
}

static char *cleaned(const char *text)
{
    return text_cleaned(text, strlen(text), TEXT_MAX_NAME, 0);
}

static void fill(const struct commit_wait *w, int needed, struct result *r)
{
    result_fact(r, "role", w->is_standby ? "standby" : "primary");
    if (w->is_standby || !w->can_see)
        return;
    result_fact(r, "synchronous_standby_names", needed > 0 ? w->names : "none");
    result_fact(r, "synchronous_commit", w->commit);
    result_fact(r, "standbys", w->standbys != NULL ? w->standbys : "none");
    result_metric(r, "needed", needed, "");
    result_metric(r, "in_sync", w->in_sync, "");
    result_metric(r, "waiting", w->waiting, "");
    result_metric(r, "wait_s", w->waiting > 0 ? lag_not_below_0(w->longest_s) : 0, "s");
}

/* Too few standbys are there. */
static void judge_missing(const struct commit_wait *w, const char *there, const char *needed,
                          struct result *r)
{
    char waiting[24], span[LAG_TEXT_MAX];
    snprintf(waiting, sizeof waiting, "%.0f", w->waiting);
    if (w->waiting > 0)
        result_say(r, STATE_CRITICAL,
                   SAY(N_("commits hang: {0} of {1} synchronous standbys are there; {2} sessions "
                          "wait, the longest for {3}: bring a standby back, or take it out of "
                          "synchronous_standby_names"),
                       there, needed, waiting, lag_seconds(w->longest_s, span)));
    else if (is_waited_for(w))
        result_say(r, STATE_CRITICAL,
                   SAY(N_("the next commit hangs: {0} of {1} synchronous standbys are there; bring "
                          "a standby back, or take it out of synchronous_standby_names"),
                       there, needed));
    else
        result_say(r, STATE_WARNING,
                   SAY(N_("{0} of {1} synchronous standbys are there: commits that ask for one "
                          "will hang"),
                       there, needed));
}

static void judge_waiting(const struct commit_wait *w, const struct commit_limits *l,
                          const char *there, const char *needed, struct result *r)
{
    char waiting[24], span[LAG_TEXT_MAX];
    enum state late =
        w->waiting > 0 ? lag_beyond(w->longest_s, l->wait_warning, l->wait_critical) : STATE_OK;
    snprintf(waiting, sizeof waiting, "%.0f", w->waiting);
    lag_seconds(w->longest_s, span);
    if (late != STATE_OK) {
        char *names = cleaned(w->standbys != NULL ? w->standbys : "?");
        result_say(r, late,
                   SAY(N_("commits hang although {0} is connected: {1} sessions wait for it, the "
                          "longest for {2}: it stands still; stop it or take it out of "
                          "synchronous_standby_names"),
                       names, waiting, span));
        free(names);
    } else if (w->waiting > 0) {
        result_say(r, STATE_OK,
                   SAY(N_("{0} of {1} synchronous standbys are there; {2} sessions wait, the "
                          "longest for {3}"),
                       there, needed, waiting, span));
    } else {
        result_say(
            r, STATE_OK,
            SAY(N_("{0} of {1} synchronous standbys are there; no commit waits"), there, needed));
    }
}

void commit_wait_judge(const struct commit_wait *w, const struct commit_limits *l, struct result *r)
{
    int needed = commit_standbys_needed(w->names);
    char there[24], wanted[24];
    fill(w, needed, r);
    snprintf(there, sizeof there, "%.0f", w->in_sync);
    snprintf(wanted, sizeof wanted, "%d", needed);
    if (w->is_standby)
        result_say(r, STATE_OK, SAY(N_("it is a standby: no commits here")));
    else if (!w->can_see)
        lag_no_right(r, w->role, "pg_stat_activity");
    else if (needed == 0)
        result_say(r, STATE_OK, SAY(N_("no synchronous standby is asked for")));
    else if (w->in_sync < needed)
        judge_missing(w, there, wanted, r);
    else
        judge_waiting(w, l, there, wanted, r);
}
