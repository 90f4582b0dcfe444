/* console.c - the console's state and the services that screens and commands call. */
#include "tui/console_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/far_clock.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/sign.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/command.h"
#include "tui/lang.h"
#include "tui/lines.h"

/* --- clocks ---------------------------------------------------------------------------------- */

static int64_t clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void console_clock(struct console *c)
{
    const struct console_opts *o = &c->opts;
    c->own_wall = o->wall_ms ? o->wall_ms(o->clock_arg) : clock_ms(CLOCK_REALTIME);
    c->now_mono = o->mono_ms ? o->mono_ms(o->clock_arg) : clock_ms(CLOCK_MONOTONIC);
    c->now_wall = c->link ? link_wall_ms(c->link, c->now_mono, c->own_wall) : c->own_wall;
}

/* --- life ------------------------------------------------------------------------------------ */

static void link_changed(void *arg)
{
    struct console *c = arg;
    console_link_take(c);
    c->is_dirty = true;
}

static void link_answered(void *arg, const struct link_answer *a)
{
    console_answer(arg, a);
}

static void link_told(void *arg, const char *packed)
{
    struct console *c = arg;
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &words, packed);
    console_log(c, buf_text(&words));
    buf_release(&words);
}

/* The banner may have no room for all of it: the log has. */
static void take_beat(struct console *c, const struct link_beat *b)
{
    bool is_news = b->config_error[0] && strcmp(b->config_error, c->beat.config_error) != 0;
    c->beat = *b;
    if (is_news)
        link_told(c, b->config_error);
}

static uint64_t send_by_link(struct console *c, const char *verb, const char *const *p, size_t n)
{
    return c->link ? link_request_pairs(c->link, verb, p, 2 * n) : 0;
}

static bool is_command(const char *name)
{
    if (command_find(name))
        return true;
    for (size_t i = 0; screens[i]; i++)
        if (strcmp(screens[i]->name, name) == 0)
            return true;
    return false;
}

static void load_keys(struct console *c)
{
    struct err e;
    c->keys = keymap_new();
    char *text = c->opts.keys_file ? lines_read(c->opts.keys_file, &e) : NULL;
    if (text && !keymap_parse(c->keys, c->opts.keys_file, text, is_command, &e))
        console_error(c, e.text);
    free(text);
}

struct console *console_new(struct term *term, struct fleet *fleet, const struct console_opts *opts)
{
    struct console *c = mem_alloc(sizeof *c);
    struct link_calls calls = {
        .changed = link_changed, .answered = link_answered, .told = link_told};
    struct err e;
    c->term = term;
    c->fleet = fleet;
    c->opts = *opts;
    c->send = send_by_link;
    console_clock(c);
    if (opts->lang)
        lang_set(opts->lang);
    snprintf(c->lang, sizeof c->lang, "%s", lang_spoken());
    c->picture = surface_new(24, 80);
    c->picture->is_ascii = !term->is_utf8;
    load_keys(c);
    theme_builtin(&c->theme);
    const char *wanted = opts->theme ? opts->theme : term->depth == DEPTH_MONO ? "mono" : "dark";
    if (!console_set_theme(c, wanted, &e))
        console_error(c, e.text);
    while (screens[c->n_tabs] && screens[c->n_tabs]->digit)
        c->n_tabs++;
    c->phase = LINK_IS_CONNECTING;
    if (opts->socket_path)
        c->link = link_new(opts->socket_path, fleet, &calls, c);
    c->is_dirty = true;
    return c;
}

/* Whoever still waits is told that no answer will come: what they keep for it is freed by them. */
static void answer_all_lost(struct console *c)
{
    struct link_answer lost = {.say = N_("the console is ending"), .code = "lost"};
    while (c->waiting) {
        lost.id = c->waiting->id;
        console_answer(c, &lost);
    }
}

void console_free(struct console *c)
{
    answer_all_lost(c);
    while (c->depth > 0)
        console_pop(c);
    for (size_t i = 0; i < CONSOLE_TABS_MAX; i++)
        if (c->tabs[i].ops)
            c->tabs[i].ops->close(c->tabs[i].self);
    answer_all_lost(c); /* what closing may have asked */
    if (c->link)
        link_free(c->link);
    announcer_release(&c->announcer);
    c->term->ops->close(c->term);
    for (size_t i = 0; i < c->n_history; i++)
        free(c->history[i]);
    message_release(&c->log);
    keymap_free(c->keys);
    input_free(c->input);
    surface_free(c->picture);
    free(c->message);
    free(c);
}

bool console_set_theme(struct console *c, const char *name, struct err *e)
{
    bool is_ok = theme_load(&c->theme, c->opts.theme_folder ? c->opts.theme_folder : "themes", name,
                            c->term->depth, e);
    c->is_dirty = true;
    return is_ok;
}

/* --- what is open ---------------------------------------------------------------------------- */

struct view *console_top(const struct console *c)
{
    struct console *m = (struct console *)c; /* the view is the caller's to change, not c */
    if (c->depth > 0)
        return &m->stack[c->depth - 1];
    struct view *tab = &m->tabs[c->tab];
    if (!tab->ops && c->n_tabs > 0)
        *tab = (struct view){screens[c->tab], screens[c->tab]->open(m, NULL)};
    return tab;
}

void console_push(struct console *c, const struct screen_ops *ops, void *self)
{
    if (c->depth == CONSOLE_STACK_MAX) { /* the one at the bottom has been left long ago */
        c->stack[0].ops->close(c->stack[0].self);
        memmove(c->stack, c->stack + 1, (CONSOLE_STACK_MAX - 1) * sizeof *c->stack);
        c->depth--;
    }
    c->stack[c->depth++] = (struct view){ops, self};
    c->is_dirty = true;
}

void console_pop(struct console *c)
{
    if (c->depth == 0)
        return;
    struct view v = c->stack[--c->depth];
    c->is_dirty = true;
    v.ops->close(v.self);
}

void console_open(struct console *c, const char *screen, const char *arg)
{
    size_t i = 0;
    while (screens[i] && strcmp(screens[i]->name, screen) != 0)
        i++;
    if (!screens[i]) {
        struct buf b = BUF_INIT(512);
        char *packed = SAY(N_("there is no screen '{0}'"), screen);
        say_text(&b, packed, console_gettext);
        console_error(c, buf_text(&b));
        free(packed);
        buf_release(&b);
        return;
    }
    c->is_dirty = true;
    if (!screens[i]->digit) {
        console_push(c, screens[i], screens[i]->open(c, arg));
        return;
    }
    while (c->depth > 0)
        console_pop(c);
    c->tab = i;
}

void console_back(struct console *c)
{
    console_pop(c);
}

void console_quit(struct console *c)
{
    c->is_done = true;
}

/* --- what screens ask ------------------------------------------------------------------------ */

struct fleet *console_fleet(const struct console *c)
{
    return c->fleet;
}

int64_t console_now_wall(const struct console *c)
{
    return c->now_wall;
}

int64_t console_now_mono(const struct console *c)
{
    return c->now_mono;
}

const char *console_lang(const struct console *c)
{
    return c->lang;
}

const char *console_words(const struct console *c, const struct words *w, const char *fallback)
{
    return words_in(w, c->lang, fallback);
}

const struct keymap *console_keymap(const struct console *c)
{
    return c->keys;
}

const char *console_pasted(const struct console *c, size_t *len)
{
    *len = c->pasted_len;
    return c->pasted;
}

int64_t console_beat_age_ms(const struct console *c)
{
    if (c->beat.changed_mono_ms == 0)
        return -1;
    int64_t age = c->now_mono - c->beat.changed_mono_ms;
    return age > 0 ? age : 0;
}

bool console_is_old(const struct console *c)
{
    return c->phase != LINK_IS_LIVE || pulse_of(console_beat_age_ms(c)) == PULSE_RED;
}

enum state console_shown(const struct console *c, const struct check *k)
{
    return check_sign(k, console_is_old(c)).state;
}

enum state console_target_state(const struct console *c, const struct target *t)
{
    return target_sign(t, console_is_old(c)).state;
}

const char *console_age(const struct console *c, int64_t since_wall_ms, char out[40])
{
    return when_age(c->now_wall > since_wall_ms ? c->now_wall - since_wall_ms : 0, out);
}

struct selection console_selected(const struct console *c)
{
    /* A dialog is about what was selected below it. */
    for (size_t i = c->depth; i > 0; i--)
        if (!c->stack[i - 1].ops->is_dialog)
            return c->stack[i - 1].ops->selected
                       ? c->stack[i - 1].ops->selected(c, c->stack[i - 1].self)
                       : (struct selection){0};
    const struct view *tab = &c->tabs[c->tab];
    return tab->ops && tab->ops->selected ? tab->ops->selected(c, tab->self)
                                          : (struct selection){0};
}

/* --- the log --------------------------------------------------------------------------------- */

static void put_message(struct console *c, const char *text, bool is_error)
{
    char *clean = text_cleaned(text, strlen(text), TEXT_MAX_LISTED, 0);
    message_add(&c->log, c->now_wall, clean);
    free(c->message);
    c->message = clean;
    c->message_is_error = is_error;
    c->message_ms = c->now_mono;
    c->is_dirty = true;
}

void console_log(struct console *c, const char *text)
{
    put_message(c, text, false);
}

void console_error(struct console *c, const char *text)
{
    c->is_refused = true;
    put_message(c, text, true);
}

const char *console_message(const struct console *c)
{
    bool is_over = !c->message_is_error && c->now_mono - c->message_ms >= CONSOLE_SHOWN_MS;
    return is_over ? NULL : c->message;
}

size_t console_log_count(const struct console *c)
{
    return c->log.n;
}

const struct log_line *console_log_line(const struct console *c, size_t i)
{
    return message_at(&c->log, i);
}

/* --- words ----------------------------------------------------------------------------------- */

const char *console_gettext(const char *msgid)
{
    return lang_get(msgid);
}

/* Every argument that is a time by its form is shown as local time; those of today without date. */
void console_say(const struct console *c, struct buf *out, const char *packed)
{
    const char *part[12];
    size_t len[12], n = say_parts(packed, part, len, 12);
    char today[WHEN_TEXT_MAX], day[WHEN_TEXT_MAX];
    struct buf local = BUF_INIT(TEXT_MAX_STORED);
    buf_add(&local, part[0], len[0]);
    when_date_hm(c->now_wall, today);
    for (size_t i = 1; i < n; i++) {
        char *arg = mem_strndup(part[i], len[i]), text[WHEN_TEXT_MAX];
        int64_t at;
        buf_addc(&local, SAY_SEP);
        if (when_parse_rfc3339(arg, &at)) {
            when_date_hm(at, day);
            bool is_today = strncmp(day, today, 5) == 0;
            buf_adds(&local, is_today ? when_hms(at, text) : day);
        } else
            buf_adds(&local, arg);
        free(arg);
    }
    say_text(out, buf_text(&local), console_gettext);
    buf_release(&local);
}

/* --- requests -------------------------------------------------------------------------------- */

uint64_t console_request(struct console *c, console_answer_fn *answered, void *arg,
                         const char *verb, const char *const *pairs, size_t n_pairs)
{
    struct waiting *w = mem_alloc(sizeof *w);
    w->id = c->send(c, verb, pairs, n_pairs);
    w->answered = answered;
    w->arg = arg;
    snprintf(w->verb, sizeof w->verb, "%s", verb);
    w->next = c->waiting;
    c->waiting = w;
    uint64_t id = w->id;
    if (id == 0) { /* no link at all */
        struct link_answer lost = {.say = N_("no connection to the engine"), .code = "lost"};
        console_answer(c, &lost);
    }
    return id;
}

void console_answer(struct console *c, const struct link_answer *a)
{
    struct waiting **at = &c->waiting;
    while (*at && (*at)->id != a->id)
        at = &(*at)->next;
    struct waiting *w = *at;
    if (!w)
        return;
    *at = w->next;
    c->is_dirty = true;
    if (w->answered)
        w->answered(c, w->arg, a);
    else {
        struct buf words = BUF_INIT(TEXT_MAX_LISTED);
        console_say(c, &words, a->say);
        if (a->is_ok)
            console_log(c, buf_text(&words));
        else
            console_error(c, buf_text(&words));
        buf_release(&words);
    }
    free(w);
}

/* --- the link -------------------------------------------------------------------------------- */

static void say_reconnected(struct console *c)
{
    char seconds[24];
    int64_t gone = (c->now_mono - c->lost_mono_ms + 500) / 1000;
    snprintf(seconds, sizeof seconds, "%lld", (long long)gone);
    char *packed = SAY(N_("Reconnected after {0} s."), seconds);
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    console_say(c, &words, packed);
    console_log(c, buf_text(&words));
    buf_release(&words);
    free(packed);
}

void console_picture_came(struct console *c)
{
    const struct fleet *f = c->fleet;
    if (!c->has_picture)
        c->is_dirty_now = true; /* the first picture waits for nothing */
    c->has_picture = true;
    if (!c->opts.lang && f->language && strcmp(f->language, c->lang) != 0 && lang_set(f->language))
        snprintf(c->lang, sizeof c->lang, "%s", f->language);
    if (f->timezone && *f->timezone) {
        setenv("TZ", f->timezone, 1); /* the site's clock is the one on the wall of its duty room */
        tzset();
    }
}

const char *skew_span(int64_t ms, char out[WHEN_TEXT_MAX])
{
    int64_t s = ((ms < 0 ? -ms : ms) + WHEN_SECOND_MS / 2) / WHEN_SECOND_MS;
    return when_duration(s * WHEN_SECOND_MS, out);
}

/* Where the two clocks differ people are told once; what is shown after that is calm. */
static void skew_take(struct console *c)
{
    char span[WHEN_TEXT_MAX];
    int64_t off_ms = c->own_wall - c->now_wall, moved_ms = off_ms - c->skew_ms;
    bool was_told = c->skew_ms != 0;
    bool is_told = off_ms > FAR_SKEW_MS || off_ms < -FAR_SKEW_MS;
    if (was_told == is_told && moved_ms < FAR_SKEW_MS && moved_ms > -FAR_SKEW_MS)
        return;
    if (!is_told && !was_told)
        return;
    c->skew_ms = is_told ? off_ms : 0;
    c->is_dirty = true;
    skew_span(off_ms, span);
    char *packed =
        !is_told ? SAY(N_("The clock of this machine is right again."))
        : off_ms > 0
            ? SAY(N_("The clock of this machine is {0} ahead: times here are the engine's."), span)
            : SAY(N_("The clock of this machine is {0} behind: times here are the engine's."),
                  span);
    link_told(c, packed);
    free(packed);
}

void console_link_take(struct console *c)
{
    c->now_wall = link_wall_ms(c->link, c->now_mono, c->own_wall);
    skew_take(c);
    enum link_phase phase = link_phase(c->link);
    if (phase == LINK_IS_LIVE && link_has_picture(c->link))
        console_picture_came(c);
    if (phase == LINK_IS_LIVE && c->lost_mono_ms) {
        say_reconnected(c);
        c->lost_mono_ms = 0;
    }
    if (phase != LINK_IS_LIVE && c->phase == LINK_IS_LIVE) {
        c->lost_mono_ms = c->now_mono;
        console_error(c, link_error(c->link));
    }
    if (phase != c->phase)
        c->is_dirty = true;
    c->phase = phase;
    c->has_engine_ended = link_engine_has_ended(c->link);
    c->hello = *link_hello(c->link);
    take_beat(c, link_beat(c->link));
}
