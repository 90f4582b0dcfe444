/* rows_checks.c - see rows_checks.h. */
#include "tui/rows_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_targets.h"
#include "tui/rows_codes.h"
#include "widgets/wrap.h"

#define CHECKS_MAX 32

static bool has_more(const struct check *k)
{
    return k->n_facts > 0 || k->n_metrics > 0;
}

int checks_lines(const struct target *t)
{
    int lines = 1;

    for (size_t i = 0; i < t->n_checks; i++)
        lines += has_more(t->checks[i]) ? 2 : 1;
    return lines + (t->n_checks == 0);
}

static void join(struct buf *b, const char *name, const char *value)
{
    if (b->len > 0)
        buf_adds(b, " · ");
    buf_adds(b, name);
    buf_addc(b, ' ');
    buf_adds(b, value);
}

/* "link streaming · replay running · lag_s 0.3 s": what has no column of its own is still said. */
static int draw_more(const struct console *c, struct surface *s, struct area a, int line, int col,
                     const struct check *k, int most)
{
    struct buf b = BUF_INIT(TEXT_MAX_LISTED);
    char figure[CELL_TEXT_MAX], at[WHEN_TEXT_MAX];
    int64_t ms;
    int used;

    for (size_t i = 0; i < k->n_facts; i++) {
        const char *value = k->facts[i].value;
        join(&b, k->facts[i].key, when_parse_rfc3339(value, &ms) ? when_date_hm(ms, at) : value);
    }
    for (size_t i = 0; i < k->n_metrics; i++)
        join(&b, k->metrics[i].name, cells_metric(console_lang(c), &k->metrics[i], 3, figure));
    used = wrap_draw(s, a, line, col, a.cols - col, most, buf_text(&b), ROLE_FAINT, 0);
    buf_release(&b);
    return used;
}

static void draw_check(const struct console *c, struct surface *s, struct area a, int line,
                       const struct check *k, int name_cols)
{
    struct target_mark mark = target_check_mark(c, k);
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    char cell[CELL_TEXT_MAX], age[40] = "";
    int col = 12 + name_cols, right = 0;

    snprintf(cell, sizeof cell, "%c %s", mark.symbol, mark.word);
    surface_put(s, a, line, 0, 10, cell, mark.role, 0);
    surface_put(s, a, line, 11, name_cols, k->name, ROLE_NORMAL, 0);
    if (k->at_ms && console_shown(c, k) != STATE_OK) {
        right = text_cols(console_age(c, k->since_ms, age)) + 1;
        surface_put_right(s, a, line, 0, a.cols, age, ROLE_FAINT, 0);
    }
    target_say(c, &words, k, NULL);
    if (words.len == 0 && k->summary && *k->summary)
        console_say(c, &words, k->summary);
    else if (words.len == 0)
        buf_adds(&words, k->at_ms ? "" : _("Waiting for the first check."));
    surface_put(s, a, line, col, a.cols - col - right, buf_text(&words), ROLE_NORMAL, 0);
    buf_release(&words);
}

static int compare_badness(const void *x, const void *y)
{
    const struct check *a = *(const struct check *const *)x, *b = *(const struct check *const *)y;
    int order = state_rows[check_sign(b, false).state].badness -
                state_rows[check_sign(a, false).state].badness;

    return order ? order : strcmp(a->id, b->id);
}

static void draw_title(const struct console *c, struct surface *s, struct area a,
                       const struct target *t)
{
    struct target_mark mark = target_mark(c, t);
    char tag[2], tags[CELL_TEXT_MAX * 2], title[400];
    const char *name = cells_name(c, t);
    int col;

    snprintf(title, sizeof title, "%c %.120s%s%.120s", mark.symbol, t->id,
             strcmp(name, t->id) ? " · " : "", strcmp(name, t->id) ? name : "");
    col = surface_put(s, a, 0, 0, a.cols, title, ROLE_HEADING, CELL_BOLD) + 2;
    target_put_tag(c, t, tag);
    if (*tag)
        col += surface_put(s, a, 0, col, a.cols - col, tag, ROLE_TAG, 0) + 1;
    surface_put(s, a, 0, col, a.cols - col, codes_tags(t, tags), ROLE_TAG, 0);
}

/* What those behind it need at least. */
static int lines_after(const struct check *const v[], size_t n, size_t at)
{
    int lines = 0;

    for (size_t i = at + 1; i < n; i++)
        lines += has_more(v[i]) ? 2 : 1;
    return lines;
}

void checks_draw(const struct console *c, struct surface *s, struct area a, const struct target *t)
{
    const struct check *v[CHECKS_MAX];
    bool is_roomy = t && checks_lines(t) <= a.lines;
    int name_cols = 4, line = 1;
    size_t n = 0;

    if (!t || a.lines <= 0)
        return;
    draw_title(c, s, a, t);
    if (t->is_disabled) {
        surface_put(s, a, line, 0, a.cols, _("switched off"), ROLE_FAINT, 0);
        return;
    }
    for (; n < t->n_checks && n < CHECKS_MAX; n++) {
        int cols = text_cols(t->checks[n]->name);

        v[n] = t->checks[n];
        name_cols = cols > name_cols ? cols : name_cols;
    }
    name_cols = name_cols > a.cols / 4 ? a.cols / 4 : name_cols;
    if (n == 0)
        surface_put(s, a, line, 0, a.cols,
                    t->link == LINK_NONE && t->kind == TARGET_DATABASE
                        ? _("This database is not connected yet, so no sync figures.")
                        : _("This target has no checks."),
                    ROLE_FAINT, 0);
    else
        qsort(v, n, sizeof *v, compare_badness);
    for (size_t i = 0; i < n && line < a.lines; i++) {
        draw_check(c, s, a, line++, v[i], name_cols);
        if (is_roomy && has_more(v[i])) {
            int left = a.lines - line - lines_after(v, n, i);
            line += draw_more(c, s, a, line, 12 + name_cols, v[i], left > 1 ? left : 1);
        }
    }
}
