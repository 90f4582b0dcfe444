/* rows_detail.c - see rows_detail.h. */
#include "tui/rows_detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/promotion.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_database_doc.h"
#include "tui/rows_marks.h"
#include "tui/rows_targets.h"
#include "tui/rows_trends.h"

#define EVENTS_SHOWN 30
#define BEHIND_SHOWN 10

static void pair_packed(const struct console *c, struct doc *d, const char *label,
                        const char *packed, enum role role)
{
    struct buf words = BUF_INIT(TEXT_MAX_STORED);

    if (packed)
        console_say(c, &words, packed);
    doc_pair(d, label, buf_text(&words), role);
    buf_release(&words);
}

/* "14:02:11 (4m)" */
static const char *moment(const struct console *c, int64_t at_ms, char out[96])
{
    char at[WHEN_TEXT_MAX], age[40];

    snprintf(out, 96, "%s (%s)", event_time(c, at_ms, at), console_age(c, at_ms, age));
    return out;
}

static void fill_state(const struct console *c, struct doc *d, const struct check *k)
{
    enum state s = console_shown(c, k);
    char state[CELL_TEXT_MAX], attempt[24], of[24], line[256], age[WHEN_TEXT_MAX], moments[96];
    char seen[CELL_TEXT_MAX], why[TARGET_WHY_MAX];

    cells_state(s, state);
    snprintf(attempt, sizeof attempt, "%d", k->live.attempt);
    snprintf(of, sizeof of, "%d", k->rule.attempts);
    if (check_is_soft(k) && s != STATE_STALE)
        cells_say(c, SAY(N_("{0}, not confirmed yet: attempt {1} of {2}"), state, attempt, of),
                  line, sizeof line);
    else if (s != check_shown(k) && s != STATE_STALE)
        cells_say(c, SAY(N_("{0} (seen: {1})"), state, cells_state(check_shown(k), seen)), line,
                  sizeof line);
    else
        snprintf(line, sizeof line, "%s", state);
    doc_pair(d, _("Present state"), line, role_of_state(s));
    doc_pair(d, _("Marks"), k->alert ? "" : target_why(c, k, why), ROLE_TAG);
    pair_packed(c, d, _("Output"), k->summary, ROLE_NORMAL);
    if (k->is_self)
        doc_pair(d, _("Whose fault"), _("trucban's own: the check could not be made"),
                 ROLE_STATE_UNKNOWN);
    if (k->since_ms)
        doc_pair(d, _("Since"), moment(c, k->since_ms, moments), ROLE_NORMAL);
    if (k->at_ms == 0) {
        doc_text(d, 0, _("Waiting for the first check."), ROLE_FAINT);
        return;
    }
    when_age(console_now_mono(c) - k->seen_ms, age);
    doc_pair(d, _("Last result"), cells_say(c, SAY(N_("{0} ago"), age), line, sizeof line),
             s == STATE_STALE ? ROLE_STATE_STALE : ROLE_NORMAL);
}

static void fill_figures(const struct console *c, struct doc *d, const struct check *k)
{
    char text[CELL_TEXT_MAX], every[WHEN_TEXT_MAX], timeout[WHEN_TEXT_MAX], line[256];

    doc_heading(d, _("Figures"));
    doc_pair(d, _("Latency"), cells_latency(c, k, text), ROLE_NORMAL);
    if (k->trend.bucket)
        doc_trend(d, _("Last 20 min"), &k->trend);
    for (size_t i = 0; i < k->n_metrics; i++)
        doc_pair(d, k->metrics[i].name, cells_metric(console_lang(c), &k->metrics[i], 3, text),
                 ROLE_NORMAL);
    if (!k->rule.interval_ms)
        return;
    cells_say(c,
              SAY(N_("{0}, every {1}, timeout {2}"), k->probe ? k->probe : "?",
                  when_duration(k->rule.interval_ms, every),
                  when_duration(k->rule.timeout_ms, timeout)),
              line, sizeof line);
    doc_pair(d, _("Probe"), line, ROLE_FAINT);
}

static void fill_ack(const struct console *c, struct doc *d, const struct alert *a)
{
    char line[512], at[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];

    if (!a->ack.by) {
        if (a->phase == ALERT_FIRING)
            doc_pair(d, _("Owner"), _("nobody"), role_of_priority(a->priority));
        return;
    }
    cells_say(c,
              SAY(N_("{0}, since {1}, until {2}"), a->ack.by, event_time(c, a->ack.at_ms, at),
                  event_time(c, a->ack.until_ms, until)),
              line, sizeof line);
    doc_pair(d, _("Owner"), line, ROLE_NORMAL);
    doc_pair(d, _("Comment"), a->ack.comment, ROLE_NORMAL);
}

/* "core-sw1/ping #2001: no answer", and Enter opens it. */
static void link_alert(const struct console *c, struct doc *d, const char *label,
                       const struct alert *a)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    char link[40];

    snprintf(link, sizeof link, "alert/%" PRIu64, a->id);
    buf_addf(&words, "%c %s #%" PRIu64 "  ", state_rows[a->state].symbol, a->check, a->id);
    console_say(c, &words, cells_alert_sentence(c, a));
    doc_link(d, label, buf_text(&words), ROLE_NORMAL, link);
    buf_release(&words);
}

static bool is_behind(const struct alert *a, const struct alert *cause)
{
    return a->phase == ALERT_FIRING && a->cause == cause->id && (a->marks & MARK_PARENT);
}

/* How many, and the first of them; the last line shows the others. */
static void fill_behind(const struct console *c, struct doc *d, const struct alert *a, size_t most)
{
    const struct fleet *f = console_fleet(c);
    size_t all = 0, shown = 0;
    char n[24], line[128];

    for (size_t i = 0; i < f->n_alerts; i++)
        all += is_behind(f->alerts[i], a);
    if (all == 0)
        return;
    snprintf(n, sizeof n, "%zu", all);
    doc_pair(d, _("Behind it"), cells_say(c, SAY(N_("{0} alerts"), n), line, sizeof line),
             ROLE_NORMAL);
    for (size_t i = 0; i < f->n_alerts && shown < most; i++)
        if (is_behind(f->alerts[i], a)) {
            link_alert(c, d, NULL, f->alerts[i]);
            shown++;
        }
    snprintf(n, sizeof n, "%zu", all - shown);
    if (all > shown)
        doc_link(d, NULL, cells_say(c, SAY(N_("{0} more"), n), line, sizeof line), ROLE_FAINT,
                 DETAIL_LINK_MORE);
}

/* Why nobody is told, and what it stands behind. */
static void fill_marks(const struct console *c, struct doc *d, const struct alert *a)
{
    const struct alert *cause = a->cause ? fleet_alert(console_fleet(c), a->cause) : NULL;
    char words[MARKS_TEXT_MAX], line[32];

    doc_pair(d, _("Marks"), marks_words(c, a, words), ROLE_TAG);
    snprintf(line, sizeof line, "#%" PRIu64, a->cause);
    if (cause)
        link_alert(c, d, _("Stands behind"), cause);
    else if (a->cause)
        doc_pair(d, _("Stands behind"), line, ROLE_NORMAL);
}

/* "17:42:00, in 4h00: then nobody has it, and it is told anew" */
static void fill_ack_end(const struct console *c, struct doc *d, const struct alert *a)
{
    char at[WHEN_TEXT_MAX], left[WHEN_TEXT_MAX], line[256];
    int64_t left_ms = a->ack.until_ms - console_now_wall(c);

    if (a->phase != ALERT_FIRING || !a->ack.by || console_is_old(c))
        return;
    doc_pair(d, _("Acknowledged until"),
             cells_say(c,
                       SAY(N_("{0}, in {1}: then nobody has it, and it is told anew"),
                           event_time(c, a->ack.until_ms, at),
                           when_age(left_ms > 0 ? left_ms : 0, left)),
                       line, sizeof line),
             ROLE_NORMAL);
}

/* What comes next. */
static void fill_clock(const struct console *c, struct doc *d, const struct alert *a)
{
    char next[CELL_TEXT_MAX];
    enum role role = marks_is_pressing(c, a) ? role_of_priority(a->priority) : ROLE_NORMAL;

    doc_pair(d, _("Next"), marks_next(c, a, false, next), role);
    doc_pair(d, NULL, marks_later(c, a, next), ROLE_NORMAL);
    fill_ack_end(c, d, a);
    doc_pair(d, _("Take within"), marks_take(c, a, next), role);
    doc_pair(d, _("Told again"), marks_repeat(c, a, next), ROLE_NORMAL);
}

static void fill_told(const struct console *c, struct doc *d, const struct alert *a)
{
    const struct fleet *f = console_fleet(c);
    char at[WHEN_TEXT_MAX], n[24], line[256];

    for (size_t i = 0; i < a->n_told; i++) {
        const struct told *t = &a->told[i];

        snprintf(n, sizeof n, "%u", (unsigned)t->count);
        cells_say(c,
                  SAY(t->is_sending ? N_("{0}: {1} (notices: {2}), being sent")
                                    : N_("{0}: {1} (notices: {2})"),
                      t->receiver < f->n_receivers ? f->receivers[t->receiver] : "?",
                      event_time(c, t->at_ms, at), n),
                  line, sizeof line);
        doc_pair(d, i == 0 ? _("Told") : NULL, line, ROLE_NORMAL);
    }
}

static void fill_alert(const struct console *c, struct doc *d, const struct alert *a, size_t most)
{
    char title[64], line[96], level[CELL_TEXT_MAX], text[CELL_TEXT_MAX * 2];

    snprintf(title, sizeof title, "%s #%" PRIu64, _("Alert"), a->id);
    doc_heading(d, title);
    snprintf(text, sizeof text, "%s · %s", priority_name(a->priority),
             cells_level(c, a->level, level));
    doc_pair(d, _("Priority, level"), text, role_of_priority(a->priority));
    fill_marks(c, d, a);
    fill_ack(c, d, a);
    fill_clock(c, d, a);
    doc_pair(d, _("Raised at"), moment(c, a->opened_at_ms, line), ROLE_NORMAL);
    if (a->since_ms && a->since_ms < a->opened_at_ms)
        doc_pair(d, _("First seen"), moment(c, a->since_ms, line), ROLE_NORMAL);
    if (a->phase == ALERT_RESOLVED)
        doc_pair(d, _("Resolved"), moment(c, a->resolved_at_ms, line), ROLE_STATE_OK);
    pair_packed(c, d, _("Cause"), a->summary, ROLE_NORMAL);
    fill_told(c, d, a);
    fill_behind(c, d, a, most);
    for (size_t i = 0; i < a->n_notes; i++) {
        struct buf note = BUF_INIT(TEXT_MAX_STORED);
        char at[WHEN_TEXT_MAX];

        buf_addf(&note, "%s %s: ", event_time(c, a->notes[i].at_ms, at),
                 a->notes[i].by ? a->notes[i].by : "?");
        console_say(c, &note, a->notes[i].text ? a->notes[i].text : "");
        doc_pair(d, i == 0 ? _("Notes") : NULL, buf_text(&note), ROLE_NORMAL);
        buf_release(&note);
    }
}

static void fill_journal(const struct console *c, struct doc *d, const struct journal_feed *j)
{
    if (j->n == 0)
        return;
    doc_heading(d, _("Journal"));
    for (size_t i = 0; i < j->n && i < EVENTS_SHOWN; i++) {
        const struct event *e = &j->v[j->n - 1 - i];
        struct buf words = BUF_INIT(TEXT_MAX_STORED);
        char at[40];

        event_words(c, &words, e);
        doc_pair(d, event_time(c, e->at_ms, at), buf_text(&words), ROLE_NORMAL);
        buf_release(&words);
    }
}

static void join(struct buf *out, const char *words)
{
    if (out->len)
        buf_adds(out, ", ");
    buf_adds(out, words);
}

static void fill_lists(struct doc *d, const struct target *t)
{
    struct buf list = BUF_INIT(1024);

    for (size_t i = 0; i < t->n_parents; i++)
        join(&list, t->parents[i]);
    doc_pair(d, _("Depends on"), buf_text(&list), ROLE_NORMAL);
    buf_clear(&list);
    for (size_t i = 0; i < t->n_labels; i++) {
        join(&list, t->labels[i].key);
        buf_addc(&list, '=');
        buf_adds(&list, t->labels[i].value);
    }
    doc_pair(d, _("Labels"), buf_text(&list), ROLE_NORMAL);
    buf_clear(&list);
    for (size_t i = 0; i < t->n_tags; i++)
        join(&list, t->tags[i]);
    doc_pair(d, _("Tags"), buf_text(&list), ROLE_NORMAL);
    buf_release(&list);
}

/* What somebody made of it stands here for as long as the site file says otherwise. */
static void fill_env(const struct console *c, struct doc *d, const struct target *t)
{
    const struct promotion *p = t->promoted;
    char at[WHEN_TEXT_MAX], line[512];

    doc_pair(d, _("Environment"),
             t->is_test ? _("T TEST: citizens are not affected, nobody is called") : "", ROLE_TAG);
    if (!p)
        return;
    when_rfc3339(p->at_ms, at);
    doc_pair(d, _("Promotion"),
             cells_say(c,
                       SAY(p->is_test ? N_("back to test since {0}, said {1}: {2}")
                                      : N_("production since {0}, said {1}: {2}"),
                           at, p->by ? p->by : "?", p->text ? p->text : ""),
                       line, sizeof line),
             ROLE_NORMAL);
}

static void fill_target(const struct console *c, struct doc *d, const struct target *t)
{
    static const char *const links[LINK_COUNT] = {
        [LINK_DONE] = NULL,
        [LINK_TESTING] = N_("under test"),
        [LINK_NONE] = N_("not connected yet"),
    };

    doc_heading(d, _("Target"));
    doc_pair(d, _("Name"), cells_name(c, t), ROLE_NORMAL);
    doc_pair(d, _("Kind"), cells_kind(t->kind), ROLE_NORMAL);
    doc_pair(d, _("Role"), target_label(t, "role") ? cells_role(t) : "", ROLE_NORMAL);
    doc_pair(d, _("Group"), cells_group(c, t), ROLE_NORMAL);
    doc_pair(d, _("Address"), t->address, ROLE_NORMAL);
    fill_env(c, d, t);
    if (links[t->link])
        doc_pair(d, _("Connection"), _(links[t->link]), ROLE_TAG);
    if (t->is_disabled)
        doc_pair(d, _("Watched"), _("no: switched off in the site file"), ROLE_TAG);
    fill_lists(d, t);
    doc_pair(d, _("Owner"), t->org, ROLE_NORMAL);
    doc_pair(d, _("Runbook"), t->runbook, ROLE_NORMAL);
}

void detail_fill(const struct console *c, struct doc *d, const struct detail_subject *s)
{
    bool is_database = s->target && s->target->kind == TARGET_DATABASE;
    char line[256];

    if (s->check)
        fill_state(c, d, s->check);
    else if (s->target && s->target->kind == TARGET_DATABASE && s->target->link == LINK_NONE)
        doc_text(d, 0, _("This database is not connected yet, so no sync figures."), ROLE_FAINT);
    else if (s->target)
        doc_text(d, 0, _("This target has no checks."), ROLE_FAINT);
    else if (s->alert)
        doc_pair(d, _("Check"), s->alert->check, ROLE_NORMAL);
    else
        doc_text(
            d, 0,
            cells_say(c,
                      SAY(N_("Nothing is known of \"{0}\": it is not in the site file."), s->about),
                      line, sizeof line),
            ROLE_FAINT);
    if (s->alert)
        fill_alert(c, d, s->alert, s->has_all ? SIZE_MAX : BEHIND_SHOWN);
    if (s->check)
        fill_figures(c, d, s->check);
    if (is_database)
        database_doc(c, d, s->target);
    if (s->check && !is_database)
        trends_facts(d, s->check);
    if (s->target)
        trends_fill(c, d, s->target);
    if (s->check && s->feed)
        fill_journal(c, d, s->feed);
    if (s->target)
        fill_target(c, d, s->target);
}
