/* rows_channels.c - see rows_channels.h. */
#include "tui/rows_channels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "tui/rows_cells.h"
#include "tui/rows_targets.h"
#include "tui/rows_codes.h"

#define BAR_LINES_MAX 20 /* more lines than this share the cells */

static const struct figure_kind channel_kinds[CHANNEL_FIGURES] = {
    [CHANNEL_DELIVERED] =
        {N_("Delivered"), {"delivered_pct", "delivered"}, NULL, FIGURE_METRIC, 3, 7, 90},
    [CHANNEL_ACCEPTED] = {N_("Accepted"),
                          {"accepted_pct", "accepted", "submitted_pct"},
                          NULL,
                          FIGURE_METRIC,
                          3,
                          7,
                          80},
    [CHANNEL_DELAY] = {N_("Delay"),
                       {"delay_s", "delay_ms", "delay", "end_to_end_s", "mean_delay_s"},
                       NULL,
                       FIGURE_METRIC,
                       2,
                       7,
                       75},
    [CHANNEL_QUEUE] =
        {N_("Queue"), {"queue", "queued", "queue_len"}, NULL, FIGURE_METRIC, 3, 6, 85},
    [CHANNEL_OLDEST] =
        {N_("Oldest"), {"oldest_s", "queue_oldest_s"}, NULL, FIGURE_METRIC, 2, 7, 50},
    [CHANNEL_BOUNCE] =
        {N_("Bounced"), {"bounce_pct", "bounced_pct"}, NULL, FIGURE_METRIC, 2, 7, 45},
    [CHANNEL_QUOTA] =
        {N_("Quota"), {"quota_left_pct", "quota_left", "quota"}, NULL, FIGURE_METRIC, 2, 7, 60},
    [CHANNEL_EXPIRY] = {N_("Brand"),
                        {"brand_days_left", "brand_days", "registration_days_left"},
                        NULL,
                        FIGURE_DAYS,
                        0,
                        6,
                        40},
    [CHANNEL_CERT] = {N_("Cert"), {"days_left", "cert_days_left"}, NULL, FIGURE_DAYS, 0, 6, 35},
    [CHANNEL_PROOF] =
        {N_("Proven"), {"proof_age_s", "proof_age"}, "last_proof_at", FIGURE_AGE, 0, 6, 70},
    [CHANNEL_LINKS] = {N_("Links"), {"links_online"}, NULL, FIGURE_METRIC, 3, 5, 83},
    [CHANNEL_LINKS_ALL] = {N_("Links"), {"links"}, NULL, FIGURE_METRIC, 3, 5, 1},
};
static const struct figure_kind hotline_kinds[HOTLINE_FIGURES] = {
    [HOTLINE_BUSY] = {N_("Busy"), {"lines_busy", "busy"}, NULL, FIGURE_METRIC, 3, 5, 90},
    [HOTLINE_TOTAL] = {N_("Lines"), {"lines_total", "lines"}, NULL, FIGURE_METRIC, 3, 5, 30},
    [HOTLINE_WAITING] =
        {N_("Waiting"), {"calls_waiting", "waiting"}, NULL, FIGURE_METRIC, 3, 7, 80},
    [HOTLINE_ABANDONED] =
        {N_("Abandoned"), {"abandoned_pct", "abandoned"}, NULL, FIGURE_METRIC, 2, 9, 70},
    [HOTLINE_WAIT] = {N_("Wait"), {"wait_s", "wait_ms"}, NULL, FIGURE_METRIC, 2, 6, 60},
};

enum { PART_CHANNELS, PART_HOTLINES, PARTS };
enum { COL_SYMBOL, COL_WORD, COL_NAME, COL_TAG, COL_BAR, COL_FIGURE, COL_SAY = 90 };

size_t channels_count(const struct fleet *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        n += f->targets[i]->kind == TARGET_CHANNEL || f->targets[i]->kind == TARGET_HOTLINE;
    return n;
}

void channel_list_init(struct channel_list *l)
{
    *l = (struct channel_list){.channels = {.kinds = channel_kinds, .n_kinds = CHANNEL_FIGURES},
                               .hotlines = {.kinds = hotline_kinds, .n_kinds = HOTLINE_FIGURES}};
}

void channel_list_release(struct channel_list *l)
{
    parts_release(&l->parts);
    figures_release(&l->channels);
    figures_release(&l->hotlines);
}

static bool matches(const struct console *c, const struct channel_list *l, const struct target *t)
{
    return target_matches(c, &l->parts.filter, t);
}

/* A single line of a hotline: its whole stands for it, unless something is wrong with it alone. */
static bool is_line(const struct fleet *f, const struct target *t)
{
    for (size_t i = 0; t->kind == TARGET_HOTLINE && i < t->n_parents; i++) {
        const struct target *whole = fleet_target(f, t->parents[i]);

        if (whole && whole->kind == TARGET_HOTLINE)
            return target_is_calm(t) || t->state == STATE_PENDING || t->is_disabled;
    }
    return false;
}

/* Those of a kind in the site's order: few, and everybody knows where they stand. */
static void fill_part(struct console *c, struct channel_list *l, enum target_kind kind, size_t part,
                      const char *title, struct figures *figures)
{
    const struct fleet *f = console_fleet(c);
    const struct target **shown = mem_alloc((f->n_targets + 1) * sizeof *shown);
    size_t n = 0;

    parts_heading(&l->parts, part, title);
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];

        if (t->kind == kind && !is_line(f, t) &&
            parts_add(&l->parts, target_key(t), t, matches(c, l, t)))
            shown[n++] = t;
    }
    figures_update(c, figures, shown, n);
    free(shown);
}

void channel_list_fill(struct console *c, struct channel_list *l)
{
    parts_begin(&l->parts);
    fill_part(c, l, TARGET_CHANNEL, PART_CHANNELS, _("Messages"), &l->channels);
    fill_part(c, l, TARGET_HOTLINE, PART_HOTLINES, _("Hotline"), &l->hotlines);
}

bool channel_hotline_bar(const struct channel_list *l, const struct target *t, int cols,
                         char out[CELL_TEXT_MAX * 2])
{
    const struct figure *busy = figures_of(&l->hotlines, t, HOTLINE_BUSY);
    const struct figure *total = figures_of(&l->hotlines, t, HOTLINE_TOTAL);
    char count[32];
    int cells, taken;
    size_t len = 0;

    out[0] = '\0';
    if (!busy || !total || total->value < 1 || total->value > 1e6 || busy->value < 0)
        return false;
    snprintf(count, sizeof count, "%.0f/%.0f", busy->value, total->value);
    cells = total->value > BAR_LINES_MAX ? BAR_LINES_MAX : (int)total->value;
    if (cells > cols - (int)strlen(count) - 1)
        cells = cols - (int)strlen(count) - 1;
    taken = (int)ceil(busy->value / total->value * cells - 1e-9);
    for (int i = 0; i < cells && len + 8 < CELL_TEXT_MAX * 2 - sizeof count; i++)
        len += (size_t)snprintf(out + len, 8, "%s", i < taken ? "■" : "□");
    snprintf(out + len, sizeof count + 1, "%s%s", cells > 0 ? " " : "", count);
    return true;
}

/* --- picture --------------------------------------------------------------------------------- */

struct channel_table {
    const struct console *c;
    const struct channel_list *l;
    struct column columns[PARTS][TABLE_COLUMNS_MAX];
    int ids[PARTS][TABLE_COLUMNS_MAX];
    size_t n[PARTS];
    int bar_cols;
};

/* What is wrong; where nothing has a column, what is seen at all. */
static void put_say(const struct channel_table *ct, const struct target *t, struct table_cell *out)
{
    const struct console *c = ct->c;
    bool has_figures = figures_has_any(&ct->l->channels, t) || figures_has_any(&ct->l->hotlines, t);
    const struct check *k = cells_worst_check(c, t);
    char tags[CELL_TEXT_MAX * 2];
    struct buf words = BUF_INIT(400);

    if (k)
        target_say(c, &words, k, NULL);
    if (words.len == 0 && k && !has_figures && k->at_ms && k->summary)
        console_say(c, &words, k->summary);
    else if (!k || !k->at_ms)
        buf_adds(&words, k ? _("Waiting for the first check.") : "");
    codes_tags(t, tags);
    snprintf(out->room, sizeof out->room, "%s%s%s", tags, *tags && words.len ? "; " : "",
             buf_text(&words));
    buf_release(&words);
}

/* "2/3" */
static void put_links(const struct channel_table *ct, const struct target *t,
                      struct table_cell *out)
{
    char online[CELL_TEXT_MAX], all[CELL_TEXT_MAX];

    figures_text(ct->c, &ct->l->channels, t, CHANNEL_LINKS, online);
    figures_text(ct->c, &ct->l->channels, t, CHANNEL_LINKS_ALL, all);
    snprintf(out->room, sizeof out->room, "%s%s%s", online, *online && *all ? "/" : "",
             *online ? all + (*all == '~') : "");
    if (*online == '~')
        out->role = ROLE_STATE_STALE;
}

static void put_cell(struct channel_table *ct, size_t part, const struct target *t, size_t column,
                     struct table_cell *out)
{
    const struct figures *figures = part == PART_CHANNELS ? &ct->l->channels : &ct->l->hotlines;
    struct target_mark mark = target_mark(ct->c, t);
    int id = ct->ids[part][column];
    char bar[CELL_TEXT_MAX * 2];

    if (id == COL_SYMBOL) {
        out->room[0] = mark.symbol;
        out->room[1] = '\0';
        out->role = mark.role;
    } else if (id == COL_WORD) {
        out->text = mark.word;
        out->role = mark.role;
    } else if (id == COL_NAME)
        out->text = cells_name(ct->c, t);
    else if (id == COL_TAG) {
        target_put_tag(ct->c, t, out->room);
        out->role = ROLE_TAG;
    } else if (id == COL_BAR) {
        if (channel_hotline_bar(ct->l, t, ct->bar_cols, bar))
            snprintf(out->room, sizeof out->room, "%s", bar);
    } else if (part == PART_CHANNELS && id == COL_FIGURE + CHANNEL_LINKS)
        put_links(ct, t, out);
    else if (id == COL_SAY)
        put_say(ct, t, out);
    else
        figures_cell(ct->c, figures, t, (size_t)(id - COL_FIGURE), out);
}

static void channel_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_CHANNELS, item, column, out);
}

static void hotline_cell(void *arg, const void *item, size_t column, struct table_cell *out)
{
    put_cell(arg, PART_HOTLINES, item, column, out);
}

static int channel_flags(void *arg, const void *item)
{
    return target_flags(((struct channel_table *)arg)->c, item);
}

static void add_column(struct channel_table *ct, size_t part, int id, struct column column)
{
    ct->columns[part][ct->n[part]] = column;
    ct->ids[part][ct->n[part]++] = id;
}

static int name_cols(const struct channel_table *ct, int most)
{
    int cols = 8;

    for (size_t i = 0; i < ct->l->parts.rows.n; i++) {
        int has = text_cols(cells_name(ct->c, ct->l->parts.rows.v[i].item));
        cols = has > cols ? has : cols;
    }
    return cols < most ? cols : most;
}

/* Room for the longest bar with its count; one cell a line as long as there are not too many. */
static int bar_cols(const struct channel_list *l)
{
    int most = text_cols(_("Busy"));

    for (size_t i = 0; i < l->parts.rows.n; i++) {
        char bar[CELL_TEXT_MAX * 2];
        const struct target *t = l->parts.rows.v[i].item;

        if (t->kind == TARGET_HOTLINE && channel_hotline_bar(l, t, 40, bar))
            most = text_cols(bar) > most ? text_cols(bar) : most;
    }
    return most;
}

static bool has_tags(const struct channel_table *ct)
{
    for (size_t i = 0; i < ct->l->parts.rows.n; i++)
        if (target_sign(ct->l->parts.rows.v[i].item, console_is_old(ct->c)).tag)
            return true;
    return false;
}

static void lay_part(struct channel_table *ct, size_t part, struct figures figures, int cols)
{
    int name = name_cols(ct, cols < 100 ? 20 : 32);

    add_column(ct, part, COL_SYMBOL, (struct column){"", 1, 1, 99, ALIGN_LEFT});
    add_column(ct, part, COL_WORD, (struct column){"", 8, 8, cols < 60 ? 20 : 92, ALIGN_LEFT});
    add_column(ct, part, COL_NAME, (struct column){"", name, name, 98, ALIGN_LEFT});
    add_column(ct, part, COL_TAG, (struct column){"", 1, 1, has_tags(ct) ? 88 : 30, ALIGN_LEFT});
    if (part == PART_HOTLINES && figures.has[HOTLINE_BUSY] && figures.has[HOTLINE_TOTAL]) {
        figures.has[HOTLINE_BUSY] = figures.has[HOTLINE_TOTAL] = false; /* the bar says both */
        ct->bar_cols = bar_cols(ct->l);
        add_column(ct, part, COL_BAR,
                   (struct column){_("Busy"), ct->bar_cols, ct->bar_cols, 95, ALIGN_LEFT});
    }
    if (part == PART_CHANNELS)
        figures.has[CHANNEL_LINKS_ALL] = false; /* stands behind those online */
    ct->n[part] += figures_columns(&figures, ct->columns[part] + ct->n[part],
                                   ct->ids[part] + ct->n[part], COL_FIGURE);
    add_column(ct, part, COL_SAY, (struct column){_("What"), 12, 0, 65, ALIGN_LEFT});
}

void channel_list_draw(const struct console *c, const struct channel_list *l, struct surface *s,
                       struct area a)
{
    struct channel_table ct = {.c = c, .l = l};

    if (l->parts.rows.n == 0) {
        surface_put(s, a, 0, 0, a.cols,
                    filter_is_empty(&l->parts.filter)
                        ? _("The site file has no channels and no hotline.")
                        : _("Nothing matches the filter."),
                    ROLE_FAINT, 0);
        return;
    }
    lay_part(&ct, PART_CHANNELS, l->channels, a.cols);
    lay_part(&ct, PART_HOTLINES, l->hotlines, a.cols);
    const struct part_kind kinds[PARTS] = {
        [PART_CHANNELS] = {ct.columns[PART_CHANNELS], ct.n[PART_CHANNELS], 4, channel_cell,
                           channel_flags},
        [PART_HOTLINES] = {ct.columns[PART_HOTLINES], ct.n[PART_HOTLINES], 4, hotline_cell,
                           channel_flags},
    };
    parts_draw(s, a, &l->parts, kinds, &ct);
}
