/* rows_signs.c - the sign of a target or a check, its tag, and the words for both. */
#include <stdio.h>
#include <string.h>

#include "core/matcher.h"
#include "core/reach.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_marks.h"
#include "tui/rows_marks.h"
#include "tui/rows_targets.h"

static struct target_mark mark_of(const struct sign *sign)
{
    enum role role = sign->kind == SIGN_STATE      ? role_of_state(sign->state)
                     : sign->kind == SIGN_FLAPPING ? ROLE_STATE_WARNING
                                                   : ROLE_TAG;

    return (struct target_mark){sign->symbol, _(sign->word), role};
}

struct target_mark target_mark(const struct console *c, const struct target *t)
{
    struct sign sign = target_sign(t, console_is_old(c));

    return mark_of(&sign);
}

struct target_mark target_check_mark(const struct console *c, const struct check *k)
{
    struct sign sign = check_sign(k, console_is_old(c));

    return mark_of(&sign);
}

void target_put_tag(const struct console *c, const struct target *t, char out[2])
{
    out[0] = target_sign(t, console_is_old(c)).tag;
    out[1] = '\0';
}

int target_flags(const struct console *c, const struct target *t)
{
    struct sign sign = target_sign(t, console_is_old(c));

    return sign.is_aside && sign.kind != SIGN_MAINTENANCE ? CELL_DIM : 0; /* M says it already */
}

bool target_is_calm(const struct target *t)
{
    struct sign sign = target_sign(t, false);

    return sign.kind == SIGN_STATE && sign.state == STATE_OK;
}

/* --- words ----------------------------------------------------------------------------------- */

/* When the maintenance that covers a check ends, the last of several; 0: it comes again, or another
 * says so. */
static int64_t maintenance_until(const struct fleet *f, const struct check *k)
{
    int64_t until = 0;

    for (size_t i = 0; i < f->n_periods; i++) {
        const struct period *p = f->periods[i];

        if (p->kind != PERIOD_MAINTENANCE || !p->is_on || !p->matcher ||
            !matcher_has(p->matcher, k))
            continue;
        if (p->every)
            return 0;
        until = p->until_ms > until ? p->until_ms : until;
    }
    return until;
}

static void add(struct buf *out, const char *words)
{
    buf_adds(out, out->len > 0 ? ", " : "");
    buf_adds(out, words);
}

static void add_maintenance(const struct console *c, struct buf *out, const struct check *k)
{
    int64_t until = maintenance_until(console_fleet(c), k);
    char at[WHEN_TEXT_MAX], today[WHEN_TEXT_MAX], words[TARGET_WHY_MAX];
    bool is_today;

    if (until == 0) {
        add(out, _("MAINTENANCE"));
        return;
    }
    when_date_hm(console_now_wall(c), today);
    when_date_hm(until, at);
    is_today = strncmp(at, today, 5) == 0;
    add(out, cells_say(c, SAY(N_("MAINTENANCE until {0}"), is_today ? when_hm(until, at) : at),
                       words, sizeof words));
}

static void add_behind(const struct console *c, struct buf *out, const struct check *k)
{
    const struct alert *a = k->alert ? fleet_alert(console_fleet(c), k->alert) : NULL;
    const struct check *down = NULL;
    char words[TARGET_WHY_MAX], known[MARKS_TEXT_MAX];
    const char *cause = a ? marks_cause(c, a, known) : NULL;

    if (!cause)
        reach_of(console_fleet(c), k, &down);
    cause = cause ? cause : down ? down->target->id : _("what it depends on");
    add(out, cells_say(c, SAY(N_("behind {0}"), cause), words, sizeof words));
}

const char *target_why(const struct console *c, const struct check *k, char out[TARGET_WHY_MAX])
{
    struct buf words = BUF_INIT(TARGET_WHY_MAX - 1);

    if (k->periods & 1U << PERIOD_MAINTENANCE && !console_is_old(c))
        add_maintenance(c, &words, k);
    if (k->is_unreachable && !console_is_old(c))
        add_behind(c, &words, k);
    if (k->live.is_flapping && !console_is_old(c))
        add(&words, _("flapping"));
    snprintf(out, TARGET_WHY_MAX, "%s", buf_text(&words));
    buf_release(&words);
    return out;
}

void target_say(const struct console *c, struct buf *out, const struct check *k, const char *name)
{
    bool has_trouble = check_shown(k) != STATE_OK && k->summary && *k->summary;
    char why[TARGET_WHY_MAX];

    if (*target_why(c, k, why))
        buf_addf(out, "%s%s", why, has_trouble ? " · " : "");
    if (has_trouble && name)
        buf_addf(out, "%.128s: ", name);
    if (has_trouble)
        console_say(c, out, k->summary);
}
