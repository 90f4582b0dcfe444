#include "core/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

const struct notice_row notice_rows[NOTICE_WHAT_COUNT] = {
    [NOTICE_PROBLEM] = {N_("problem"), false, true},
    [NOTICE_WORSE] = {N_("worse"), false, true},
    [NOTICE_ESCALATED] = {N_("escalated"), false, true},
    [NOTICE_AGAIN] = {N_("again"), false, true},
    [NOTICE_FLAP_START] = {N_("flap-start"), false, true},
    [NOTICE_FLAP_END] = {N_("flap-end"), false, true},
    [NOTICE_REPEAT] = {N_("repeat"), false, true},
    [NOTICE_RECOVERY] = {N_("recovery"), true, true},
    [NOTICE_SUMMARY] = {N_("summary"), false, true},
    [NOTICE_WATCHDOG] = {N_("watchdog"), false, false},
    [NOTICE_TEST] = {N_("test"), false, false},
};

/* {0} priority, {1} check of the worst, {2} how many more. */
static const struct {
    const char *one, *many;
} titles[NOTICE_WHAT_COUNT] = {
    [NOTICE_PROBLEM] = {N_("{0} problem: {1}"), N_("{0} problem: {1} and {2} more")},
    [NOTICE_WORSE] = {N_("{0} worse: {1}"), N_("{0} worse: {1} and {2} more")},
    [NOTICE_ESCALATED] = {N_("{0} escalated: {1}"), N_("{0} escalated: {1} and {2} more")},
    [NOTICE_AGAIN] = {N_("{0} nobody has it any more: {1}"),
                      N_("{0} nobody has them any more: {1} and {2} more")},
    [NOTICE_FLAP_START] = {N_("{0} flapping: {1}"), N_("{0} flapping: {1} and {2} more")},
    [NOTICE_FLAP_END] = {N_("{0} steady again, still a problem: {1}"),
                         N_("{0} steady again, still a problem: {1} and {2} more")},
    [NOTICE_REPEAT] = {N_("{0} still not acknowledged: {1}"),
                       N_("{0} still not acknowledged: {1} and {2} more")},
    [NOTICE_RECOVERY] = {N_("{0} recovered: {1}"), N_("{0} recovered: {1} and {2} more")},
    [NOTICE_SUMMARY] = {N_("{0} summary: {1}"), N_("{0} summary: {1} and {2} more")},
    [NOTICE_WATCHDOG] = {N_("watchdog: the engine of {1} is alive, beat {2}"), NULL},
    [NOTICE_TEST] = {N_("test of the way to {0} from {1}: nothing has happened"), NULL},
};

bool notice_what_parse(const char *name, enum notice_what *out)
{
    for (int w = 0; w < NOTICE_WHAT_COUNT; w++) {
        if (strcmp(name, notice_rows[w].name) == 0) {
            *out = (enum notice_what)w;
            return true;
        }
    }
    return false;
}

static void drop_words(struct notice *n)
{
    for (size_t i = 0; i < n->n_lines; i++) {
        free(n->lines[i].head);
        free(n->lines[i].say);
    }
    free(n->lines);
    free(n->title);
    free(n->tail);
    free(n->remark);
    n->lines = NULL;
    n->title = n->tail = n->remark = NULL;
    n->n_lines = n->n_others = 0;
}

void notice_release(struct notice *n)
{
    drop_words(n);
    ids_release(&n->alerts);
    *n = (struct notice){0};
}

/* Firing before over, then by priority, then the oldest. */
static int by_urgency(const void *x, const void *y)
{
    const struct alert *a = *(const struct alert *const *)x;
    const struct alert *b = *(const struct alert *const *)y;
    if (a->phase != b->phase)
        return a->phase == ALERT_FIRING ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static const char *head_of(const struct alert *a)
{
    if (a->phase == ALERT_RESOLVED)
        return N_("RECOVERED {0} ({1})");
    if ((a->marks & MARK_FLAP) != 0)
        return N_("FLAPPING {0} ({1}, level {2})");
    if (a->state == STATE_CRITICAL)
        return N_("CRITICAL {0} ({1}, level {2})");
    return a->state == STATE_WARNING ? N_("WARNING {0} ({1}, level {2})")
                                     : N_("UNKNOWN {0} ({1}, level {2})");
}

static struct notice_line line_of(const struct alert *a)
{
    char level[12];
    snprintf(level, sizeof level, "%d", a->level);
    return (struct notice_line){
        .alert = a->id,
        .head = SAY(head_of(a), a->check, priority_name(a->priority), level),
        .say = mem_strdup(a->summary),
    };
}

static char *tail_of(const struct alert *const *alerts, size_t n, size_t from)
{
    enum { OVER = PRIORITY_P4 + 1 };
    size_t counts[OVER + 1] = {0};
    char text[6][24];
    if (n <= from)
        return NULL;
    for (size_t i = from; i < n; i++)
        counts[alerts[i]->phase == ALERT_RESOLVED ? OVER : alerts[i]->priority]++;
    snprintf(text[0], sizeof text[0], "%zu", n - from);
    for (int p = PRIORITY_P1; p <= PRIORITY_P3; p++)
        snprintf(text[p], sizeof text[p], "%zu", counts[p]);
    snprintf(text[4], sizeof text[4], "%zu", counts[PRIORITY_NONE] + counts[PRIORITY_P4]);
    snprintf(text[5], sizeof text[5], "%zu", counts[OVER]);
    return SAY(N_("{0} more: {1} P1, {2} P2, {3} P3, {4} lower, {5} recovered"), text[0], text[1],
               text[2], text[3], text[4], text[5]);
}

static char *title_of(const struct notice *n, const struct fleet *f,
                      const struct alert *const *alerts, size_t n_alerts)
{
    char number[24];
    bool has_alerts = n_alerts > 0;
    snprintf(number, sizeof number, "%" PRIu64, has_alerts ? n_alerts - 1 : n->number);
    return SAY(n_alerts > 1 ? titles[n->what].many : titles[n->what].one,
               has_alerts ? priority_name(alerts[0]->priority) : n->to->id,
               has_alerts ? alerts[0]->check : f->site_id, number);
}

void notice_words(struct notice *n, const struct fleet *f)
{
    const struct alert **alerts = mem_alloc((n->alerts.n + 1) * sizeof *alerts);
    size_t n_alerts = 0;
    drop_words(n);
    for (size_t i = 0; i < n->alerts.n; i++) {
        const struct alert *a = fleet_alert(f, n->alerts.v[i]);
        if (a != NULL)
            alerts[n_alerts++] = a;
    }
    if (n_alerts > 1)
        qsort(alerts, n_alerts, sizeof *alerts, by_urgency);
    n->n_lines = n_alerts < NOTICE_LINES_MAX ? n_alerts : NOTICE_LINES_MAX;
    n->n_others = n_alerts - n->n_lines;
    n->lines = mem_alloc((n->n_lines + 1) * sizeof *n->lines);
    for (size_t i = 0; i < n->n_lines; i++)
        n->lines[i] = line_of(alerts[i]);
    n->title = title_of(n, f, alerts, n_alerts);
    n->tail = tail_of(alerts, n_alerts, n->n_lines);
    if (n->is_possible_repeat)
        n->remark = mem_strdup(N_("possible repeat: this may have been sent before"));
    free(alerts);
}
