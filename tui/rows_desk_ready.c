/* rows_desk_ready.c - what the board's upper panels say beside servers and components: may it be
 * switched, what blocks it, how far the standbys are behind, are people calling. */
#include <stdio.h>
#include <string.h>

#include "core/failover.h"
#include "core/text.h"
#include "tui/rows_desk.h"
#include "tui/rows_failover.h"

#define PAIRS_SHOWN 4

static bool is_judged(const struct fog *g)
{
    return g->driver && g->judged_at_ms != 0;
}

/* YES takes all groups that can be switched; one that has not been judged yet leaves it open. */
const char *desk_ready(const struct console *c, bool is_short, char out[CELL_TEXT_MAX])
{
    const struct fleet *f = console_fleet(c);
    size_t n_judged = 0, n_ready = 0, n = 0;
    const char *word;

    out[0] = '\0';
    for (size_t i = 0; i < f->n_fogs; i++) {
        n += f->fogs[i]->driver != NULL;
        n_judged += is_judged(f->fogs[i]);
        n_ready += is_judged(f->fogs[i]) && f->fogs[i]->is_ready;
    }
    if (n_judged == 0)
        return out;
    word = console_is_old(c) ? "?" : n_ready < n_judged ? _("NO") : n_judged < n ? "?" : _("YES");
    return cells_say(
        c, is_short ? SAY(N_("switch: {0}"), word) : SAY(N_("ready to switch: {0}"), word), out,
        CELL_TEXT_MAX);
}

/* The first reason that blocks a group; NULL: none does. */
static const struct finding *blocking(const struct fog *g)
{
    for (size_t i = 0; is_judged(g) && i < g->reasons.n; i++)
        if (g->reasons.v[i].kind == FINDING_FAIL)
            return &g->reasons.v[i];
    return NULL;
}

static const struct fog *first_blocked(const struct fleet *f, size_t *n)
{
    const struct fog *first = NULL;

    *n = 0;
    for (size_t i = 0; i < f->n_fogs; i++)
        if (blocking(f->fogs[i])) {
            first = first ? first : f->fogs[i];
            (*n)++;
        }
    return first;
}

static bool is_pair(const struct check *k)
{
    return k->probe && strcmp(k->probe, "replication") == 0;
}

static bool has_pairs(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_checks; i++)
        if (is_pair(f->checks[i]))
            return true;
    return false;
}

int desk_halves_lines(const struct console *c)
{
    size_t n;

    return has_pairs(console_fleet(c)) + (first_blocked(console_fleet(c), &n) != NULL);
}

/* "db-portal 0.3 s 0 B   db-payment 12 s 4.1 MB": the worst first. */
static void draw_pairs(const struct console *c, const struct desk *d, struct surface *s,
                       struct area a, int line)
{
    const struct database_list *l = &d->databases;
    int col = 0;

    for (size_t i = 0; i < l->n; i++) {
        char lag[CELL_TEXT_MAX], bytes[CELL_TEXT_MAX], text[CELL_TEXT_MAX * 3];
        const struct check *k = l->v[i].pair;
        enum state state;

        if (!k || !is_pair(k))
            continue;
        state = console_shown(c, k);
        snprintf(text, sizeof text, "%c %.60s %s %s", state_rows[state].symbol, k->target->id,
                 figures_text(c, &l->lags, k->target, 0, lag),
                 figures_text(c, &l->lags, k->target, 1, bytes));
        if (col > 0 && col + text_cols(text) > a.cols)
            return;
        col += surface_put(s, a, line, col, a.cols - col, text,
                           state == STATE_OK ? ROLE_NORMAL : role_of_state(state), 0) +
               3;
    }
}

static void draw_blocked(const struct console *c, struct surface *s, struct area a, int line)
{
    size_t n;
    const struct fog *g = first_blocked(console_fleet(c), &n);
    struct buf why = BUF_INIT(TEXT_MAX_LISTED);
    char text[TEXT_MAX_LISTED];

    if (!g)
        return;
    buf_addf(&why, "%s: ", g->id);
    console_say(c, &why, blocking(g)->say);
    cells_say(c, SAY(N_("blocked by: {0}"), buf_text(&why)), text, sizeof text);
    surface_put(s, a, line, 0, a.cols, text, ROLE_ERROR, 0);
    buf_release(&why);
}

void desk_halves_draw(const struct console *c, const struct desk *d, struct surface *s,
                      struct area a)
{
    int line = 0;

    if (has_pairs(console_fleet(c)))
        draw_pairs(c, d, s, a, line++);
    draw_blocked(c, s, a, line);
}

static const struct target *first_hotline(const struct console *c)
{
    const struct fleet *f = console_fleet(c);

    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_HOTLINE && !f->targets[i]->is_disabled)
            return f->targets[i];
    return NULL;
}

int desk_hotline_lines(const struct console *c)
{
    return first_hotline(c) != NULL;
}

void desk_hotline_draw(const struct console *c, const struct desk *d, struct surface *s,
                       struct area a)
{
    const struct target *t = first_hotline(c);
    char bar[CELL_TEXT_MAX * 2], waiting[CELL_TEXT_MAX], text[CELL_TEXT_MAX];
    struct target_mark mark;
    int col;

    if (!t)
        return;
    mark = target_mark(c, t);
    surface_putc(s, a, 0, 0, (unsigned char)mark.symbol, mark.role, 0);
    col = 2 + surface_put(s, a, 0, 2, a.cols - 2, _("Hotline"), ROLE_NORMAL, 0) + 1;
    if (channel_hotline_bar(&d->channels, t, a.cols - col, bar))
        col += surface_put(s, a, 0, col, a.cols - col, bar, ROLE_NORMAL, 0) + 2;
    if (*figures_text(c, &d->channels.hotlines, t, HOTLINE_WAITING, waiting))
        surface_put(s, a, 0, col, a.cols - col,
                    cells_say(c, SAY(N_("waiting {0}"), waiting), text, sizeof text), ROLE_NORMAL,
                    0);
}
