/* rows_marks.c - see rows_marks.h. */
#include "tui/rows_marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/when.h"

/* In the order in which they are said; `parent` has its own sentence. */
static const struct {
    enum alert_mark mark;
    const char *word;
} words[] = {
    {MARK_MAINTENANCE, N_("MAINTENANCE")}, {MARK_SILENCE, N_("silenced")},
    {MARK_PARENT, N_("behind {0}")},       {MARK_FLAP, N_("flapping")},
    {MARK_SETTLE, N_("settling")},         {MARK_BLIND, N_("we are blind")},
    {MARK_ASSESSMENT, N_("assessment")},
};

const char *marks_cause(const struct console *c, const struct alert *a, char out[MARKS_TEXT_MAX])
{
    const struct alert *cause = a->cause ? fleet_alert(console_fleet(c), a->cause) : NULL;
    const struct check *k = cause ? fleet_check(console_fleet(c), cause->check) : NULL;

    if (a->cause == 0)
        return NULL;
    if (k || cause)
        snprintf(out, MARKS_TEXT_MAX, "%s", k ? k->target->id : cause->check);
    else
        snprintf(out, MARKS_TEXT_MAX, "#%" PRIu64, a->cause);
    return out;
}

const char *marks_words(const struct console *c, const struct alert *a, char out[MARKS_TEXT_MAX])
{
    struct buf all = BUF_INIT(MARKS_TEXT_MAX - 1);
    char cause[MARKS_TEXT_MAX], behind[MARKS_TEXT_MAX];

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((a->marks & words[i].mark) == 0)
            continue;
        if (all.len > 0)
            buf_adds(&all, ", ");
        if (words[i].mark != MARK_PARENT)
            buf_adds(&all, _(words[i].word));
        else
            buf_adds(&all,
                     cells_say(c,
                               SAY(words[i].word,
                                   marks_cause(c, a, cause) ? cause : _("what it depends on")),
                               behind, sizeof behind));
    }
    snprintf(out, MARKS_TEXT_MAX, "%s", buf_text(&all));
    buf_release(&all);
    return out;
}

/* --- the clock ------------------------------------------------------------------------------- */

/* "9 min", in the last minute "45 s", from two hours on "3 h": rounded up, so that what is said to
 * be left is left at most. */
static const char *left_words(const struct console *c, int64_t ms, bool is_short,
                              char out[CELL_TEXT_MAX])
{
    int64_t unit = ms <= WHEN_MINUTE_MS         ? WHEN_SECOND_MS
                   : ms <= 120 * WHEN_MINUTE_MS ? WHEN_MINUTE_MS
                                                : 60 * WHEN_MINUTE_MS;
    static const char *const whole[] = {N_("{0} s"), N_("{0} min"), N_("{0} h")};
    const char *const brief[] = {"s", "m", "h"};
    size_t i = unit == WHEN_SECOND_MS ? 0 : unit == WHEN_MINUTE_MS ? 1 : 2;
    char n[24];

    snprintf(n, sizeof n, "%" PRId64, (ms + unit - 1) / unit);
    if (!is_short)
        return cells_say(c, SAY(whole[i], n), out, CELL_TEXT_MAX);
    snprintf(out, CELL_TEXT_MAX, "%s%s", n, brief[i]);
    return out;
}

static bool is_clocked(const struct console *c, const struct alert *a)
{
    return a->phase == ALERT_FIRING && !console_is_old(c);
}

const char *marks_next(const struct console *c, const struct alert *a, bool is_short,
                       char out[CELL_TEXT_MAX])
{
    struct clock_next next = clock_next(console_fleet(c), a, console_now_mono(c));
    char left[CELL_TEXT_MAX], level[CELL_TEXT_MAX];

    out[0] = '\0';
    if (!is_clocked(c, a))
        return out;
    if (!next.runs || next.level == 0) {
        bool is_paused = (a->marks & MARKS_PAUSE) != 0 && (next.level != 0 || next.has_ack);
        snprintf(out, CELL_TEXT_MAX, "%s", is_paused ? _("paused") : "-");
        return out;
    }
    cells_level(c, next.level, level);
    if (next.level_ms <= 0)
        return is_short ? cells_say(c, SAY(N_("{0} now"), level), out, CELL_TEXT_MAX)
                        : cells_say(c, SAY(N_("to {0}: overdue"), level), out, CELL_TEXT_MAX);
    left_words(c, next.level_ms, is_short, left);
    if (is_short)
        snprintf(out, CELL_TEXT_MAX, "%.20s %.20s", level, left);
    else
        cells_say(c, SAY(N_("to {0} in {1}"), level, left), out, CELL_TEXT_MAX);
    return out;
}

const char *marks_later(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX])
{
    struct clock_next next = clock_next(console_fleet(c), a, console_now_mono(c));
    char left[CELL_TEXT_MAX], level[CELL_TEXT_MAX];

    out[0] = '\0';
    if (!is_clocked(c, a) || !next.runs || next.later == 0 || next.later_ms <= 0)
        return out;
    cells_level(c, next.later, level);
    left_words(c, next.later_ms, false, left);
    return cells_say(c, SAY(N_("to {0} in {1}"), level, left), out, CELL_TEXT_MAX);
}

const char *marks_repeat(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX])
{
    struct clock_next next = clock_next(console_fleet(c), a, console_now_mono(c));
    char every[CELL_TEXT_MAX];

    out[0] = '\0';
    if (!is_clocked(c, a) || !next.runs || next.repeat_ms <= 0)
        return out;
    left_words(c, next.repeat_ms, false, every);
    return cells_say(c, SAY(N_("every {0}, to whoever has been told"), every), out, CELL_TEXT_MAX);
}

const char *marks_take(const struct console *c, const struct alert *a, char out[CELL_TEXT_MAX])
{
    struct clock_next next = clock_next(console_fleet(c), a, console_now_mono(c));
    char left[CELL_TEXT_MAX];

    out[0] = '\0';
    if (!is_clocked(c, a) || !next.has_ack || !next.runs)
        return out;
    if (next.ack_ms <= 0)
        snprintf(out, CELL_TEXT_MAX, "%s", _("overdue"));
    else
        cells_say(c, SAY(N_("{0} left"), left_words(c, next.ack_ms, false, left)), out,
                  CELL_TEXT_MAX);
    return out;
}

bool marks_is_pressing(const struct console *c, const struct alert *a)
{
    struct clock_next next = clock_next(console_fleet(c), a, console_now_mono(c));

    return is_clocked(c, a) && next.runs &&
           ((next.level != 0 && next.level_ms <= WHEN_MINUTE_MS) ||
            (next.has_ack && next.ack_ms <= 0));
}

/* --- the whole ------------------------------------------------------------------------------- */

#define MARKS_MUTE (MARK_MAINTENANCE | MARK_SILENCE)

static unsigned int mutes_of_periods(const struct check *k)
{
    return (k->periods & 1U << PERIOD_MAINTENANCE ? MARK_MAINTENANCE : 0) |
           (k->periods & 1U << PERIOD_SILENCE ? MARK_SILENCE : 0);
}

static bool is_critical(const struct check *k)
{
    return k->live.hard_state == STATE_CRITICAL && target_counts(k->target);
}

/* Mutes by periods are counted over the checks, and what an alert alone has (a silence of it, a
 * mark not taken away yet) over the few alerts that have such: ten thousand are not looked up. */
struct mute_counts mutes_of(const struct fleet *f)
{
    struct mute_counts m = {0};

    for (size_t i = 0; i < f->n_checks; i++) {
        const struct check *k = f->checks[i];
        unsigned int mutes = k->periods ? mutes_of_periods(k) : 0;

        m.silenced += (mutes & MARK_SILENCE) != 0;
        m.maintained += (mutes & MARK_MAINTENANCE) != 0;
        m.critical += is_critical(k);
        m.critical_muted += mutes && is_critical(k);
    }
    for (size_t i = 0; i < f->n_alerts; i++) {
        const struct alert *a = f->alerts[i];
        const struct check *k;
        unsigned int more;

        if (a->phase != ALERT_FIRING || !(a->marks & MARKS_MUTE) ||
            !(k = fleet_check(f, a->check)) || k->alert != a->id)
            continue;
        more = a->marks & MARKS_MUTE & ~mutes_of_periods(k);
        m.silenced += (more & MARK_SILENCE) != 0;
        m.maintained += (more & MARK_MAINTENANCE) != 0;
        m.critical_muted += more && !mutes_of_periods(k) && is_critical(k);
    }
    return m;
}

bool mutes_are_many(const struct mute_counts *m)
{
    return m->critical_muted * 2 > m->critical;
}

const char *mutes_words(const struct console *c, const struct mute_counts *m,
                        char out[CELL_TEXT_MAX * 2])
{
    char silenced[24], maintained[24], part[CELL_TEXT_MAX];
    size_t len;

    out[0] = '\0';
    if (m->silenced > 0) {
        snprintf(silenced, sizeof silenced, "%zu", m->silenced);
        cells_say(c, SAY(N_("silenced {0}"), silenced), out, CELL_TEXT_MAX);
    }
    if (m->maintained == 0)
        return out;
    snprintf(maintained, sizeof maintained, "%zu", m->maintained);
    cells_say(c, SAY(N_("maintenance {0}"), maintained), part, sizeof part);
    len = strlen(out);
    snprintf(out + len, CELL_TEXT_MAX * 2 - len, "%s%s", len ? " · " : "", part);
    return out;
}
