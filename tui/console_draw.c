/* console_draw.c - the frame round every screen, and the picture as a whole.
 *
 *     title      trucban  SITE   live   50 servers 231 checks       l1-duty l1   13:42 +07
 *     tabs       1 Board  2 Servers  6 Alerts 3!  9 Journal
 *     banners    what makes the picture below untrue; at most as many as there is room for
 *     screen
 *     message    the newest line of the console's log, or the prompt
 *     key bar    from the command rows
 * Drawing never changes what the console knows, but for the rows that update() prepares. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/command.h"
#include "tui/console_private.h"
#include "tui/rows_marks.h"
#include "widgets/keybar.h"
#include "widgets/wrap.h"

#define KEYBAR_MAX   16
#define TAB_NAME_MAX 30
#define TAB_NAME_MIN 3  /* less than that says nothing */
#define ROOMY_LINES  14 /* from here on the message has a line of its own */

/* A packed sentence in the operator's words; frees it. */
static const char *words_of(const struct console *c, char *packed, char *out, size_t max)
{
    struct buf b = BUF_INIT(max - 1);
    console_say(c, &b, packed);
    snprintf(out, max, "%s", buf_text(&b));
    buf_release(&b);
    free(packed);
    return out;
}

/* --- banners --------------------------------------------------------------------------------- */

#define PARTS 9 /* of the title */

static size_t banners_room(int lines)
{
    size_t room = (size_t)(lines / 8);
    return room < BANNERS_MAX ? room : BANNERS_MAX;
}

static void banner_draw(struct surface *s, int line, const struct banner *b)
{
    struct area row = {line, 0, 1, s->cols};
    int cols = text_cols(b->text);
    surface_fill(s, row, ' ', b->role, 0);
    surface_put(s, row, 0, cols + 2 < s->cols ? (s->cols - cols) / 2 : 1, s->cols - 2, b->text,
                b->role, 0);
}

/* --- title ----------------------------------------------------------------------------------- */

struct part {
    char text[160];
    enum role role;
    int weight; /* the lightest goes first; 0: not there */
    bool is_right;
};

static void part_set(struct part *p, const char *text, enum role role, int weight, bool is_right)
{
    snprintf(p->text, sizeof p->text, "%s", text);
    p->role = role;
    p->weight = *text ? weight : 0;
    p->is_right = is_right;
}

static void part_status(const struct console *c, struct part *p)
{
    char text[160], t[WHEN_TEXT_MAX];
    int64_t age = console_beat_age_ms(c);
    if (c->phase != LINK_IS_LIVE)
        part_set(p, c->has_picture ? _("no connection") : _("connecting"), ROLE_STATE_CRITICAL, 9,
                 false);
    else if (age < 5000)
        part_set(p, _("live"), ROLE_TITLE, 9, false);
    else {
        snprintf(t, sizeof t, "%lld", (long long)(age / 5000 * 5));
        words_of(c, SAY(N_("beat {0} s old"), t), text, sizeof text);
        part_set(p, text, pulse_of(age) > PULSE_FRESH ? ROLE_STATE_WARNING : ROLE_TITLE, 9, false);
    }
}

static void part_counts(const struct console *c, struct part *p)
{
    char text[160], n_targets[24], n_checks[24];
    size_t servers = 0;
    if (!c->has_picture)
        return;
    for (size_t i = 0; i < c->fleet->n_targets; i++)
        servers += c->fleet->targets[i]->kind == TARGET_SERVER;
    snprintf(n_targets, sizeof n_targets, "%zu", servers ? servers : c->fleet->n_targets);
    snprintf(n_checks, sizeof n_checks, "%zu", c->fleet->n_checks);
    words_of(c,
             servers ? SAY(N_("{0} servers {1} checks"), n_targets, n_checks)
                     : SAY(N_("{0} targets {1} checks"), n_targets, n_checks),
             text, sizeof text);
    part_set(p, text, ROLE_TITLE, 1, false);
}

/* What is muted is never forgotten; red where that is more than half of what is CRITICAL. */
static void part_mutes(const struct console *c, struct part *p)
{
    char text[CELL_TEXT_MAX * 2];
    struct mute_counts m = mutes_of(c->fleet);
    part_set(p, mutes_words(c, &m, text), mutes_are_many(&m) ? ROLE_BANNER : ROLE_TITLE, 7, false);
}

static void part_user(const struct console *c, struct part *p)
{
    char text[160];
    bool is_viewer = c->opts.is_read_only || c->hello.duty == DUTY_VIEWER;
    if (!c->hello.login[0])
        snprintf(text, sizeof text, "%s", "");
    else if (c->is_locked)
        snprintf(text, sizeof text, "%s (%s)", c->hello.login, _("locked"));
    else
        snprintf(text, sizeof text, "%s (%s)", c->hello.login,
                 is_viewer ? _("View only") : c->hello.role);
    part_set(p, text, ROLE_TITLE, c->is_locked || c->opts.is_read_only ? 6 : 2, true);
}

/* All times are the engine's: whoever compares them with a watch has to know why they differ. */
static void part_skew(const struct console *c, struct part *p)
{
    char text[160], span[WHEN_TEXT_MAX], signed_span[WHEN_TEXT_MAX + 2];
    if (c->skew_ms == 0)
        return;
    snprintf(signed_span, sizeof signed_span, "%c%s", c->skew_ms < 0 ? '-' : '+',
             skew_span(c->skew_ms, span));
    words_of(c, SAY(N_("own clock {0}"), signed_span), text, sizeof text);
    part_set(p, text, ROLE_STATE_WARNING, 8, true);
}

static int parts_cols(const struct part *p, size_t n)
{
    int cols = 0;
    for (size_t i = 0; i < n; i++)
        if (p[i].weight)
            cols += text_cols(p[i].text) + 2;
    return cols;
}

static void parts_drop(struct part *p, size_t n, int cols)
{
    while (parts_cols(p, n) > cols) {
        struct part *least = NULL;
        for (size_t i = 0; i < n; i++)
            if (p[i].weight && (!least || p[i].weight < least->weight))
                least = &p[i];
        if (!least || least->weight >= 9)
            return;
        least->weight = 0;
    }
}

static void title_draw(const struct console *c, struct surface *s)
{
    struct part p[PARTS] = {{{0}, 0, 0, false}};
    char text[160], a[WHEN_TEXT_MAX], b[WHEN_TEXT_MAX];
    part_set(&p[0], "trucban", ROLE_TITLE, 4, false);
    part_set(&p[1],
             console_words(c, &c->fleet->site_name, c->fleet->site_id ? c->fleet->site_id : ""),
             ROLE_TITLE, 3, false);
    part_status(c, &p[2]);
    if (c->is_frozen) {
        words_of(c, SAY(N_("FROZEN {0}"), when_hms(c->frozen_at_ms, a)), text, sizeof text);
        part_set(&p[3], text, ROLE_STATE_WARNING, 9, false);
    }
    part_counts(c, &p[4]);
    part_user(c, &p[5]);
    part_mutes(c, &p[7]);
    part_skew(c, &p[8]);
    snprintf(text, sizeof text, s->cols < 60 ? "%s" : "%s %s", when_hm(c->now_wall, a),
             when_offset(c->now_wall, b));
    part_set(&p[6], text, ROLE_TITLE, 9, true);
    parts_drop(p, PARTS, s->cols - 1);
    struct area row = {0, 0, 1, s->cols};
    bool is_red = p[7].weight && p[7].role == ROLE_BANNER;
    surface_fill(s, row, ' ', is_red ? ROLE_BANNER : ROLE_TITLE, 0);
    for (size_t i = 0; is_red && i < PARTS; i++)
        p[i].role = ROLE_BANNER;
    int left = 1, right = s->cols - 1;
    for (size_t i = 0; i < PARTS; i++)
        if (p[i].weight && !p[i].is_right)
            left += surface_put(s, row, 0, left, s->cols - left, p[i].text, p[i].role, 0) + 2;
    for (size_t i = PARTS; i > 0; i--)
        if (p[i - 1].weight && p[i - 1].is_right) {
            right -= text_cols(p[i - 1].text);
            surface_put(s, row, 0, right, s->cols - right, p[i - 1].text, p[i - 1].role, 0);
            right -= 2;
        }
}

/* --- tabs ------------------------------------------------------------------------------------ */

/* name_cols: of the name at most; 0: the number alone. */
static const char *tab_text(const struct console *c, size_t i, int name_cols, char out[96])
{
    size_t open = 0;
    char count[24] = "";
    const char *name = _(screens[i]->title);
    int len = name_cols > 0 ? (int)text_fit(name, name_cols, NULL) : 0;
    while (len > 0 && name[len - 1] == ' ')
        len--;
    if (strcmp(screens[i]->name, "alerts") == 0) {
        fleet_count_open(c->fleet, &open);
        if (open > 0)
            snprintf(count, sizeof count, " %zu!", open);
    }
    snprintf(out, 96, " %d%s%.*s%s ", screens[i]->digit, len ? " " : "", len < 60 ? len : 60, name,
             count);
    return out;
}

static int tabs_cols(const struct console *c, int name_cols)
{
    char text[96];
    int all = 0;
    for (size_t i = 0; i < c->n_tabs; i++)
        all += text_cols(tab_text(c, i, i == c->tab ? TAB_NAME_MAX : name_cols, text));
    return all;
}

/* Where there is no room for all names, those of the others are cut alike. */
static void tabs_draw(const struct console *c, struct surface *s)
{
    struct area row = {1, 0, 1, s->cols};
    char text[96];
    int name_cols = TAB_NAME_MAX, col = 0;
    while (name_cols > 0 && tabs_cols(c, name_cols) > s->cols)
        name_cols--;
    if (name_cols < TAB_NAME_MIN)
        name_cols = 0;
    for (size_t i = 0; i < c->n_tabs; i++) {
        bool is_current = i == c->tab;
        tab_text(c, i, is_current ? TAB_NAME_MAX : name_cols, text);
        col += surface_put(s, row, 0, col, s->cols - col, text,
                           is_current ? ROLE_TAB_CURRENT : ROLE_TAB, 0);
    }
}

/* --- foot ------------------------------------------------------------------------------------ */

static void message_draw(const struct console *c, struct surface *s, int line)
{
    struct area row = {line, 0, 1, s->cols};
    surface_fill(s, row, ' ', ROLE_NORMAL, 0);
    const char *message = console_message(c);
    if (message)
        surface_put(s, row, 0, 1, s->cols - 2, message,
                    c->message_is_error ? ROLE_ERROR : ROLE_NORMAL, 0);
}

/* One command of the key bar, if it has words and a key. */
static size_t key_item(const struct console *c, const char *name, struct keybar_item *out,
                       char key[KEY_NAME_MAX])
{
    const struct command *k = command_find(name);
    if (!k || !k->short_help || !*keymap_key_of(c->keys, name, key))
        return 0;
    *out = (struct keybar_item){key, _(k->short_help),
                                .is_off = c->hello.login[0] && !command_is_permitted(c, k)};
    return 1;
}

static void keys_draw(const struct console *c, struct surface *s, int line)
{
    /* The order of importance; words and keys come from the rows and the key table. */
    static const char *const all[] = {"ack",     "detail", "filter", "help", "note",
                                      "unack",   "mark",   "sort",   "view", "next-unacked",
                                      "command", "quit",   NULL};
    struct keybar_item items[KEYBAR_MAX];
    char keys[KEYBAR_MAX][KEY_NAME_MAX];
    size_t n = 0;
    const struct view *top = console_top(c);
    const char *hint = top->ops && top->ops->hint ? top->ops->hint(c, top->self) : NULL;
    const char *const *shown = top->ops && top->ops->bar ? top->ops->bar : all;
    struct area row = {line, 0, 1, s->cols};
    surface_fill(s, row, ' ', ROLE_NORMAL, 0);
    if (top->ops && top->ops->is_dialog) {
        surface_put(s, row, 0, 1, s->cols - 2, hint, ROLE_FAINT, 0);
        return;
    }
    if (c->depth > 0)
        n += key_item(c, "back", &items[n], keys[n]);
    for (size_t i = 0; shown[i] && n < KEYBAR_MAX; i++)
        n += key_item(c, shown[i], &items[n], keys[n]);
    keybar_draw(s, row, 0, items, n, hint);
}

/* --- the whole ------------------------------------------------------------------------------- */

struct area console_layout(const struct console *c, int lines, int cols)
{
    struct banner b[BANNERS_MAX];
    size_t n = console_banners(c, b), room = banners_room(lines);
    int head = 2 + (int)(n < room ? n : room), foot = lines >= ROOMY_LINES ? 2 : 1;
    return (struct area){head, 0, lines - head - foot, cols};
}

static void draw_too_small(const struct console *c, struct surface *s)
{
    struct area a = surface_whole(s);
    enum state worst = console_is_old(c) ? STATE_STALE : fleet_worst(c->fleet);
    char symbol[4] = {state_rows[worst].symbol, ' ', '\0', '\0'};
    enum role role = role_of_state(worst);
    surface_put(s, a, 0, 0, a.cols, symbol, role, 0);
    surface_put(s, a, 0, 2, a.cols - 2, _(state_rows[worst].word), role, 0);
    wrap_draw(s, a, 1, 0, a.cols, a.lines - 1, _("Screen too small: at least 40x10 is needed."),
              ROLE_NORMAL, 0);
}

static void draw_waiting(const struct console *c, struct surface *s, struct area a)
{
    char text[ERR_MAX + 64];
    if (c->phase == LINK_IS_LOST && c->link)
        snprintf(text, sizeof text, "%s: %s", _("The engine does not answer"), link_error(c->link));
    else
        snprintf(text, sizeof text, "%s", _("Waiting for the first picture from the engine."));
    wrap_draw(s, a, 1, 2, a.cols - 4, a.lines - 2, text, ROLE_NORMAL, 0);
}

static void draw_view(struct console *c, const struct view *v, struct surface *s, struct area a)
{
    if (v->ops->update)
        v->ops->update(c, v->self, a);
    v->ops->draw(c, v->self, s, a);
}

/* The screen that is on top, dimmed where it is old, and the dialogs over it. */
static void draw_screen(struct console *c, struct surface *s, struct area a)
{
    size_t base = c->depth;
    while (base > 0 && c->stack[base - 1].ops->is_dialog)
        base--;
    console_top(c); /* opens the tab if nobody has yet */
    const struct view *v = base > 0 ? &c->stack[base - 1] : &c->tabs[c->tab];
    if (!v->ops && c->n_tabs > 0) {
        c->tabs[c->tab] = (struct view){screens[c->tab], screens[c->tab]->open(c, NULL)};
        v = &c->tabs[c->tab];
    }
    if (!c->has_picture && base == 0)
        draw_waiting(c, s, a);
    else if (v->ops)
        draw_view(c, v, s, a);
    if (console_is_cut_off(c) || console_is_silent(c)) {
        surface_recolour(s, a, ROLE_STATE_OK, ROLE_FAINT); /* nothing that is old is green */
        surface_flag(s, a, CELL_DIM);
    }
    for (size_t i = base; i < c->depth; i++)
        draw_view(c, &c->stack[i], s, a);
}

static void draw_head(const struct console *c, struct surface *s, struct area a)
{
    struct banner b[BANNERS_MAX];
    size_t n = console_banners(c, b);
    title_draw(c, s);
    tabs_draw(c, s);
    for (size_t i = 0; i < n && (int)i + 2 < a.line; i++)
        banner_draw(s, 2 + (int)i, &b[i]);
}

static void draw_all(struct console *c, bool is_key)
{
    struct surface *s = c->picture;
    if (s->lines < CONSOLE_MIN_LINES || s->cols < CONSOLE_MIN_COLS) {
        surface_clear(s);
        draw_too_small(c, s);
        return;
    }
    struct area a = console_layout(c, s->lines, s->cols);
    bool keeps_screen = c->is_frozen && !is_key;
    if (!keeps_screen)
        surface_clear(s);
    surface_fill(s, (struct area){0, 0, a.line, a.cols}, ' ', ROLE_NORMAL, 0);
    draw_head(c, s, a);
    int last = s->lines - 1;
    if (last - 1 >= a.line + a.lines)
        message_draw(c, s, last - 1);
    if (last - 1 < a.line + a.lines && console_message(c))
        message_draw(c, s, last);
    else
        keys_draw(c, s, last);
    if (!keeps_screen) /* dialogs may draw on the foot: last */
        draw_screen(c, s, a);
}

void console_draw(struct console *c, bool is_key)
{
    int lines, cols;
    c->term->ops->size(c->term, &lines, &cols);
    if (lines != c->picture->lines || cols != c->picture->cols) {
        surface_resize(c->picture, lines, cols);
        is_key = true; /* a frozen picture of another size is no picture */
    }
    draw_all(c, is_key);
    announcer_step(c);
    bool is_shown = c->term->ops->present(c->term, c->picture, &c->theme);
    c->drawn_ms = c->now_mono;
    c->is_dirty = !is_shown; /* a skipped frame is still owed */
    c->is_dirty_now = false;
}
