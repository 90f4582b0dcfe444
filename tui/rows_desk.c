/* rows_desk.c - see rows_desk.h; what stands in others' panels: rows_desk_ready.c. */
#include "tui/rows_desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tui/rows_codes.h"
#include "tui/rows_integration_table.h"
#include "tui/rows_targets.h"

#define PANEL_LINES_MAX 7
#define STRIP_LABEL_MAX 14

void desk_init(struct desk *d)
{
    integration_list_init(&d->integration);
    channel_list_init(&d->channels);
    database_list_init(&d->databases);
}

void desk_release(struct desk *d)
{
    integration_list_release(&d->integration);
    channel_list_release(&d->channels);
    database_list_release(&d->databases);
}

void desk_update(struct console *c, struct desk *d)
{
    integration_list_fill(c, &d->integration);
    parts_settle(&d->integration.parts, 2);
    channel_list_fill(c, &d->channels);
    parts_settle(&d->channels.parts, 2);
    database_list_fill(c, &d->databases);
    parts_settle(&d->databases.parts, 2);
}

/* --- what there is --------------------------------------------------------------------------- */

static bool is_channel(const struct target *t)
{
    return t->kind == TARGET_CHANNEL && !t->is_disabled;
}

static bool is_live_endpoint(const struct endpoint_row *r)
{
    return !r->is_test && !r->t->is_disabled;
}

static size_t count_live(const struct desk *d)
{
    size_t n = 0;

    for (size_t i = 0; i < d->integration.n; i++)
        n += is_live_endpoint(&d->integration.v[i]);
    return n;
}

static bool is_test_row(const struct endpoint_row *r)
{
    return r->is_test && r->has_flows && !r->t->is_disabled;
}

static int channel_lines(const struct console *c, const struct desk *d)
{
    const struct fleet *f = console_fleet(c);
    int lines = 0;

    for (size_t i = 0; i < f->n_targets; i++)
        if (is_channel(f->targets[i]))
            lines += figures_of(&d->channels.channels, f->targets[i], CHANNEL_PROOF) ||
                             figures_of(&d->channels.channels, f->targets[i], CHANNEL_DELAY) ||
                             figures_of(&d->channels.channels, f->targets[i], CHANNEL_QUEUE)
                         ? 2
                         : 1;
    return lines;
}

static bool has_databases(const struct console *c)
{
    const struct fleet *f = console_fleet(c);

    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_DATABASE)
            return true;
    return false;
}

static size_t count_urgent(const struct console *c)
{
    return databases_of(c, DATABASE_LOST) + databases_of(c, DATABASE_LATE) +
           databases_of(c, DATABASE_UNKNOWN);
}

int desk_lines(const struct console *c, const struct desk *d, enum desk_panel panel)
{
    int lines = 0;

    if (panel == DESK_INTEGRATION)
        lines = (int)count_live(d);
    else if (panel == DESK_TEST) {
        for (size_t i = 0; i < d->integration.n; i++)
            lines += is_test_row(&d->integration.v[i]);
        lines += lines > 0;
    } else if (panel == DESK_CHANNELS)
        lines = channel_lines(c, d);
    else if (has_databases(c))
        lines = database_totals_lines(console_fleet(c)) + 1 + (int)count_urgent(c);
    return lines < PANEL_LINES_MAX ? lines : PANEL_LINES_MAX;
}

/* --- pieces ---------------------------------------------------------------------------------- */

static const char *latency_of(const struct console *c, const struct target *t,
                              char out[CELL_TEXT_MAX])
{
    const struct check *k = cells_speed_check(t);

    out[0] = '\0';
    return k ? cells_latency(c, k, out) : out;
}

/* "National databases (Plan 02)" is "National databases" where the panel is small. */
static const char *short_name(const char *name, char out[CELL_TEXT_MAX])
{
    const char *paren = strstr(name, " (");
    size_t len = paren && paren != name ? (size_t)(paren - name) : strlen(name);

    snprintf(out, CELL_TEXT_MAX, "%.*s", (int)(len < CELL_TEXT_MAX ? len : CELL_TEXT_MAX - 1),
             name);
    return out;
}

/* The states that want to be seen first, then the rest, each in the site's order. */
static bool is_of_pass(enum state s, int pass)
{
    bool is_bad = s != STATE_OK && s != STATE_PENDING;

    return is_bad == (pass == 0);
}

/* "94.1 % 8 s q 120", as far as it is known. */
static const char *channel_words(const struct console *c, const struct desk *d,
                                 const struct target *t, bool has_share,
                                 char out[CELL_TEXT_MAX * 2])
{
    char part[CELL_TEXT_MAX], queue[CELL_TEXT_MAX];
    size_t len;

    snprintf(out, CELL_TEXT_MAX * 2, "%s",
             has_share ? figures_text(c, &d->channels.channels, t, CHANNEL_DELIVERED, part) : "");
    len = strlen(out);
    if (*figures_text(c, &d->channels.channels, t, CHANNEL_DELAY, part))
        snprintf(out + len, CELL_TEXT_MAX * 2 - len, "%s%s", len ? " " : "", part);
    len = strlen(out);
    if (*figures_text(c, &d->channels.channels, t, CHANNEL_QUEUE, part)) {
        cells_say(c, SAY(N_("q {0}"), part), queue, sizeof queue);
        snprintf(out + len, CELL_TEXT_MAX * 2 - len, "%s%s", len ? " " : "", queue);
    }
    return out;
}

static int put_mark(struct surface *s, struct area a, int line, int col, struct target_mark mark,
                    const char *name, int cols)
{
    surface_putc(s, a, line, col, (unsigned char)mark.symbol, mark.role, 0);
    return 2 + surface_put(s, a, line, col + 2, cols - 2, name, ROLE_NORMAL, 0);
}

/* How fast it is while it is well, else how much of it succeeds. */
static const char *endpoint_figure(const struct console *c, const struct desk *d,
                                   const struct target *t, char out[CELL_TEXT_MAX])
{
    if (t->state != STATE_OK &&
        *figures_text(c, &d->integration.figures, t, INTEGRATION_SUCCESS, out))
        return out;
    return latency_of(c, t, out);
}

/* The organisation's short name where not all whole ones fit. */
static const char *test_name(const struct console *c, const struct target *t, bool is_short)
{
    const struct org *org = t->org ? about_org(&console_fleet(c)->about, t->org) : NULL;

    return is_short && org && org->abbr ? org->abbr : cells_name(c, t);
}

static bool fit_all(const struct console *c, const struct desk *d, int cols)
{
    for (size_t i = 0; i < d->integration.n; i++)
        if (is_test_row(&d->integration.v[i]) &&
            text_cols(cells_name(c, d->integration.v[i].t)) > cols)
            return false;
    return true;
}

/* --- panels ---------------------------------------------------------------------------------- */

static void draw_integration(const struct console *c, const struct desk *d, struct surface *s,
                             struct area a)
{
    int line = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < d->integration.n && line < a.lines; i++) {
            const struct endpoint_row *r = &d->integration.v[i];
            char text[CELL_TEXT_MAX];
            int right = a.cols >= 36 ? 16 : 8;

            const struct target *t = integration_judged(r);
            if (!is_live_endpoint(r) || !is_of_pass(target_sign(t, false).state, pass))
                continue;
            put_mark(s, a, line, 0, integration_mark(c, t), cells_name(c, r->t), a.cols - right);
            if (right > 8)
                surface_put_right(s, a, line, a.cols - 15, 7, latency_of(c, t, text), ROLE_NORMAL,
                                  0);
            surface_put_right(s, a, line, a.cols - 7, 7,
                              right > 8 ? figures_text(c, &d->integration.figures, r->t,
                                                       INTEGRATION_SUCCESS, text)
                                        : endpoint_figure(c, d, r->t, text),
                              ROLE_NORMAL, 0);
            line++;
        }
}

static void draw_test(const struct console *c, const struct desk *d, struct surface *s,
                      struct area a)
{
    const struct integration_list *l = &d->integration;
    int cell = 4, name = a.cols - (int)l->n_flows * cell, line = 1;
    bool is_short = !fit_all(c, d, name - 1);

    for (size_t k = 0; k < l->n_flows; k++) {
        const char *title = codes_word(CODE_FLOW, l->flows[k]);
        char head[16];
        int used;

        snprintf(head, sizeof head, "%.*s", (int)text_fit(title, 3, &used), title);
        surface_put(s, a, 0, name + (int)k * cell, 3, head, ROLE_FAINT, 0);
    }
    for (size_t i = 0; i < l->n && line < a.lines; i++) {
        const struct endpoint_row *r = &l->v[i];

        if (!is_test_row(r))
            continue;
        surface_put(s, a, line, 0, name - 1, test_name(c, r->t, is_short), ROLE_NORMAL, 0);
        for (size_t k = 0; k < l->n_flows; k++)
            if (r->flows[k]) {
                struct target_mark mark = integration_mark(c, r->flows[k]);
                surface_putc(s, a, line, name + (int)k * cell + 1, (unsigned char)mark.symbol,
                             mark.role, 0);
            }
        line++;
    }
}

static void draw_channels(const struct console *c, const struct desk *d, struct surface *s,
                          struct area a)
{
    const struct fleet *f = console_fleet(c);
    int line = 0;

    for (size_t i = 0; i < f->n_targets && line < a.lines; i++) {
        const struct target *t = f->targets[i];
        char words[CELL_TEXT_MAX * 2], age[CELL_TEXT_MAX];
        int used;

        if (!is_channel(t))
            continue;
        figures_text(c, &d->channels.channels, t, CHANNEL_DELIVERED, age);
        put_mark(s, a, line, 0, target_mark(c, t), cells_name(c, t), a.cols - 8);
        surface_put_right(s, a, line++, a.cols - 7, 7, age, ROLE_NORMAL, 0);
        if (line >= a.lines)
            break;
        used = surface_put(s, a, line, 2, a.cols - 2, channel_words(c, d, t, false, words),
                           ROLE_FAINT, 0);
        if (*figures_text(c, &d->channels.channels, t, CHANNEL_PROOF, age))
            used += surface_put(s, a, line, used ? used + 4 : 2, a.cols - used - 4,
                                cells_say(c, SAY(N_("proven {0}"), age), words, sizeof words),
                                ROLE_FAINT, 0);
        line += used > 0;
    }
}

static int draw_total(const struct console *c, struct surface *s, struct area a, int line, int col,
                      int cols, const struct total *t)
{
    size_t done = 0, all = fleet_count_total(console_fleet(c), t, &done);
    size_t missing, seen = database_total_seen(c, t, &missing);
    bool differs =
        (int64_t)all != t->total || (int64_t)done != t->done || missing > 0 || seen > done;
    char count[64], name[CELL_TEXT_MAX];
    int used;

    snprintf(count, sizeof count, "%" PRId64 "/%" PRId64 "%s", t->done, t->total,
             differs ? " !" : "");
    short_name(console_words(c, &t->name, t->id), name);
    used = surface_put(s, a, line, col, cols - text_cols(count) - 1, name, ROLE_NORMAL, 0);
    return used + 1 +
           surface_put(s, a, line, col + used + 1, cols - used - 1, count,
                       differs ? ROLE_STATE_WARNING : ROLE_STATE_OK, 0);
}

static const char *late_words(const struct console *c, char out[CELL_TEXT_MAX])
{
    char late[24], lost[24];

    snprintf(late, sizeof late, "%zu",
             databases_of(c, DATABASE_LATE) + databases_of(c, DATABASE_UNKNOWN));
    snprintf(lost, sizeof lost, "%zu", databases_of(c, DATABASE_LOST));
    return cells_say(c, SAY(N_("late {0}  dropped {1}"), late, lost), out, CELL_TEXT_MAX);
}

static void draw_databases(const struct console *c, const struct desk *d, struct surface *s,
                           struct area a)
{
    const struct about *about = &console_fleet(c)->about;
    const struct database_list *l = &d->databases;
    char words[CELL_TEXT_MAX];
    int line = 0;

    for (size_t i = 0; i < about->n_totals && line < a.lines; i++)
        draw_total(c, s, a, line++, 0, a.cols, &about->totals[i]);
    surface_put(s, a, line++, 0, a.cols, late_words(c, words),
                count_urgent(c) > 0 ? ROLE_STATE_WARNING : ROLE_FAINT, 0);
    for (size_t i = 0; i < l->n && line < a.lines; i++) {
        const struct target *t = l->v[i].t;
        int used;

        if (l->v[i].pair || l->v[i].status > DATABASE_UNKNOWN)
            continue;
        used = put_mark(s, a, line, 0, target_mark(c, t), t->id, a.cols - 6) + 1;
        surface_put(s, a, line, used, a.cols - used, figures_text(c, &l->figures, t, 0, words),
                    ROLE_FAINT, 0);
        line++;
    }
}

static const char *panel_title(const struct console *c, const struct desk *d, enum desk_panel panel,
                               char out[CELL_TEXT_MAX])
{
    char n[24];

    if (panel == DESK_TEST)
        return _("Test (never pages)");
    if (panel == DESK_CHANNELS)
        return _("Channels");
    if (panel == DESK_DATABASES)
        return _("Databases");
    snprintf(n, sizeof n, "%zu", count_live(d));
    return cells_say(c, SAY(N_("Integration: {0} live"), n), out, CELL_TEXT_MAX);
}

void desk_draw(const struct console *c, const struct desk *d, enum desk_panel panel,
               struct surface *s, struct area a, enum frame frame)
{
    const struct about *about = &console_fleet(c)->about;
    char title[CELL_TEXT_MAX], day[CELL_TEXT_MAX] = "";
    struct area inside;

    if (panel == DESK_DATABASES && about->n_totals > 0)
        database_day(about->totals[0].as_of, day);
    inside = cells_frame(s, a, frame, panel_title(c, d, panel, title), day);
    if (panel == DESK_INTEGRATION)
        draw_integration(c, d, s, inside);
    else if (panel == DESK_TEST)
        draw_test(c, d, s, inside);
    else if (panel == DESK_CHANNELS)
        draw_channels(c, d, s, inside);
    else
        draw_databases(c, d, s, inside);
}

/* --- the strip ------------------------------------------------------------------------------- */

int desk_strip_lines(const struct console *c, const struct desk *d)
{
    return (count_live(d) > 0) + (channel_lines(c, d) > 0) + has_databases(c);
}

static void strip_integration(const struct console *c, const struct desk *d, struct surface *s,
                              struct area a, int line, int col)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < d->integration.n; i++) {
            const struct endpoint_row *r = &d->integration.v[i];
            char text[CELL_TEXT_MAX];
            const char *figure;
            int name;

            if (!is_live_endpoint(r) ||
                !is_of_pass(target_sign(integration_judged(r), false).state, pass))
                continue;
            figure = endpoint_figure(c, d, r->t, text);
            name = text_cols(cells_name(c, r->t));
            name = name > 16 ? 16 : name;
            if (col + name + 3 + text_cols(figure) > a.cols)
                return;
            col += put_mark(s, a, line, col, integration_mark(c, integration_judged(r)),
                            cells_name(c, r->t), name + 2) +
                   1;
            col += surface_put(s, a, line, col, a.cols - col, figure, ROLE_FAINT, 0) + 2;
        }
}

static void strip_channels(const struct console *c, const struct desk *d, struct surface *s,
                           struct area a, int line, int col)
{
    const struct fleet *f = console_fleet(c);

    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *t = f->targets[i];
        char words[CELL_TEXT_MAX * 2];
        int name;

        if (!is_channel(t))
            continue;
        name = text_cols(cells_name(c, t));
        name = name > 16 ? 16 : name;
        if (col + name + 3 > a.cols)
            return;
        col += put_mark(s, a, line, col, target_mark(c, t), cells_name(c, t), name + 2) + 1;
        col += surface_put(s, a, line, col, a.cols - col, channel_words(c, d, t, true, words),
                           ROLE_FAINT, 0) +
               2;
    }
}

static void strip_databases(const struct console *c, struct surface *s, struct area a, int line,
                            int col)
{
    const struct about *about = &console_fleet(c)->about;
    char words[CELL_TEXT_MAX];
    int late = text_cols(late_words(c, words));

    for (size_t i = 0; i < about->n_totals && col + late + 12 < a.cols; i++) {
        int cols = a.cols - col - late - 2;
        col += draw_total(c, s, a, line, col, cols < 28 ? cols : 28, &about->totals[i]) + 2;
    }
    surface_put(s, a, line, col, a.cols - col, late_words(c, words),
                count_urgent(c) > 0 ? ROLE_STATE_WARNING : ROLE_FAINT, 0);
}

void desk_strip_draw(const struct console *c, const struct desk *d, struct surface *s,
                     struct area a, enum frame frame)
{
    const char *labels[] = {_("Integration"), _("Channels"), _("Databases")};
    struct area in = cells_frame(s, a, frame, _("Around the servers"), NULL);
    int label = 0, line = 0;

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        label = text_cols(labels[i]) > label ? text_cols(labels[i]) : label;
    label = label > STRIP_LABEL_MAX ? STRIP_LABEL_MAX : label;
    if (count_live(d) > 0) {
        surface_put(s, in, line, 0, label, labels[0], ROLE_HEADING, 0);
        strip_integration(c, d, s, in, line++, label + 1);
    }
    if (channel_lines(c, d) > 0) {
        surface_put(s, in, line, 0, label, labels[1], ROLE_HEADING, 0);
        strip_channels(c, d, s, in, line++, label + 1);
    }
    if (has_databases(c)) {
        surface_put(s, in, line, 0, label, labels[2], ROLE_HEADING, 0);
        strip_databases(c, s, in, line, label + 1);
    }
}
